"""`SpectatorChatSettings`, field by field, each with the effect that viewers see; presets; other servers."""

from __future__ import annotations

import asyncio

import pytest

from support.crowds import READY
from support.tokens import viewer_token

CHAT_FIELDS = {"enabled", "integration", "moderation", "rateLimit"}
MODERATION_FIELDS = {
    "autoFilter",
    "requireApproval",
    "allowAnonymous",
    "maxMessageLength",
    "keywords",
    "slowSeconds",
    "locked",
    "watchSeconds",
    "reportsToHide",
}
RATE_FIELDS = {"messagesPerMinute", "burstLimit"}


def settings_of(room):
    return room.public.call("GET", f"{room.path}/settings", token=room.host_token)


async def fate(viewer, text, ref):
    """Say something and return what became of it: shown, held, or an error's code."""
    await viewer.chat(text, message_id=ref)
    answer = await viewer.until(lambda m: m["data"].get("ref") == ref)
    return "held" if answer["type"] == "spectator.notice" else answer["data"].get("code", "shown")


@pytest.mark.spec("PRIV-9")
@pytest.mark.parametrize(
    "patch",
    [
        {"enabled": False},
        {"integration": "visible"},
        {"moderation": {"autoFilter": False}},
        {"moderation": {"requireApproval": True}},
        {"moderation": {"allowAnonymous": False}},
        {"moderation": {"maxMessageLength": 77}},
        {"rateLimit": {"messagesPerMinute": 7}},
        {"rateLimit": {"burstLimit": 7}},
    ],
    ids=str,
)
def test_one_nested_key_changes_and_the_others_keep_their_values(room, patch):
    before = settings_of(room)["spectatorChat"]
    assert set(before) == CHAT_FIELDS
    assert set(before["moderation"]) == MODERATION_FIELDS
    assert set(before["rateLimit"]) == RATE_FIELDS
    room.set(spectatorChat=patch)
    ((key, value),) = patch.items()
    expected = {**before, key: {**before[key], **value} if isinstance(value, dict) else value}
    assert expected != before
    assert settings_of(room)["spectatorChat"] == expected


SPEC = {
    "enabled",
    "requireRegistration",
    "maxSpectators",
    *(f"visibleEvents.{name}" for name in ("publicChat", "taskActivity", "gitOperations", "agentStatus")),
    "visibleEvents.memberActivity",
    *(f"spectatorChat.{name}" for name in ("enabled", "integration")),
    *(f"spectatorChat.moderation.{name}" for name in MODERATION_FIELDS),
    *(f"spectatorChat.rateLimit.{name}" for name in RATE_FIELDS),
    "anonymizeParticipants",
    "hideProjectDetails",
    "restrictGeographic",
}
"""Every field of the specification's `SpectatorPrivacySettings`."""


@pytest.mark.spec("PRIV-13")
def test_settings_are_whole_and_the_hosts_alone(room, make_room, operator):
    settings = settings_of(room)
    for name in SPEC:
        value = settings
        for part in name.split("."):
            assert part in value, f"{name} is missing"
            value = value[part]
    strangers = (
        None,
        room.publish_token,
        room.token("participate"),
        room.token("moderate"),
        make_room().host_token,
        viewer_token(operator, "Ada").text,
    )
    for token in strangers:
        for method in ("GET", "PATCH"):
            answer = room.public.answer(method, f"{room.path}/settings", token=token, json={"enabled": False})
            assert answer.status_code in (401, 403)
            assert "maxSpectators" not in answer.text
    assert settings_of(room) == settings


@pytest.mark.spec("INTEG-4")
async def test_a_closed_chat_is_told_refused_and_opens_again(room):
    async with room.watch(options=READY) as viewer:
        assert (await viewer.welcome())["spectator"]["capabilities"] == ["chat"]
        for enabled, features, outcome in ((False, [], "CHAT_DISABLED"), (True, ["chat"], "shown")):
            await asyncio.to_thread(room.set, spectatorChat={"enabled": enabled})
            assert (await viewer.expect("spectator.notice"))["features"] == features
            assert await fate(viewer, f"hello {enabled}", f"m{enabled}") == outcome
            async with room.watch(options=READY) as newcomer:
                welcome = await newcomer.welcome()
            assert welcome["spectator"]["capabilities"] == welcome["room_info"]["features"] == features


@pytest.mark.spec("INTEG-8")
async def test_only_registered_viewers_write_where_the_host_wants_that_and_all_read(room, operator):
    await asyncio.to_thread(room.set, spectatorChat={"moderation": {"allowAnonymous": False}})
    token = viewer_token(operator, "Ada").text
    async with room.watch(options=READY) as anonymous, room.watch(options=READY, token=token) as ada:
        assert (await anonymous.welcome())["spectator"]["capabilities"] == []
        assert (await ada.welcome())["spectator"]["capabilities"] == ["chat"]
        assert await fate(anonymous, "me too", "m1") == "REGISTRATION_REQUIRED"
        assert await fate(ada, "welcome, all", "m1") == "shown"
        assert (await anonymous.expect("spectator.chat_message"))["message"] == "welcome, all"


@pytest.mark.spec("PRESET-1")
async def test_open_shows_every_class_and_everybody_writes_and_is_answered(make_room):
    room = make_room(preset="open")
    settings = settings_of(room)
    assert settings["preset"] == "open"
    assert set(settings["visibleEvents"].values()) == {True}
    chat = settings["spectatorChat"]
    assert (chat["enabled"], chat["integration"]) == (True, "interactive")
    moderation = chat["moderation"]
    assert (moderation["autoFilter"], moderation["requireApproval"]) == (True, False)
    assert (moderation["allowAnonymous"], moderation["locked"]) == (True, False)
    async with room.watch(options=READY) as viewer, room.inside(room.host_token) as host:
        await viewer.welcome()
        await host.welcome()
        await asyncio.to_thread(room.publish, *EVENTS.values())
        assert {event["type"] for event in await viewer.events(len(EVENTS))} == set(EVENTS)
        assert await fate(viewer, "what is it building?", "m1") == "shown"
        question = (await host.expect("spectator.chat_message"))["message_id"]
        await host.chat("a parser", reply_to=question)
        assert (await viewer.expect("spectator.chat_message"))["author_type"] == "host"


@pytest.mark.spec("PRESET-2")
async def test_limited_shows_basic_activity_and_keeps_the_chat_apart(make_room, operator):
    room = make_room(preset="limited")
    assert settings_of(room)["preset"] == "limited"
    participant = await asyncio.to_thread(room.token, "participate", "Paul")
    token = viewer_token(operator, "Ada").text
    async with (
        room.watch(options=READY) as viewer,
        room.watch(options=READY, token=token) as ada,
        room.inside(participant) as paul,
    ):
        for line in (viewer, ada, paul):
            await line.welcome()
        await asyncio.to_thread(room.publish, *EVENTS.values())
        hidden = {"chat.public", "git.commit"}
        seen = {event["type"] for event in await viewer.events(len(EVENTS) - len(hidden))}
        assert seen == set(EVENTS) - hidden == {event["type"] for event in room.history()}
        assert await fate(viewer, "hello there, everybody", "m1") == "REGISTRATION_REQUIRED"
        assert await fate(ada, "hello there, everybody", "m1") == "shown"
        assert await fate(ada, "hello there, everybody", "m2") == "MESSAGE_REJECTED", "the filter is on"
        await viewer.expect("spectator.chat_message")
        await asyncio.to_thread(room.set, name="later")
        await paul.until(lambda m: m["data"].get("kind") == "settings_changed")
    assert not any(m["type"] == "spectator.chat_message" for m in paul.seen)


EVENTS = {
    event["type"]: event
    for event in (
        {"type": "chat.public", "author": "alice", "author_type": "human", "content": "hi"},
        {"type": "task.created", "task_id": "t1", "title": "a task", "creator": "alice"},
        {"type": "git.commit", "sha": "abcdef1", "message": "feat: x", "author": "alice"},
        {"type": "agent.status_change", "agent_name": "Claude", "status": "testing"},
        {"type": "member.joined", "name": "bob"},
    )
}


def from_server(text, id="msg_1", **more):
    """Return a spectator's message as a room server publishes it."""
    data = {"spectator_id": "s_77", "display_name": "Zoe", "message": text, **more}
    return {"id": id, "type": "chat.spectator_message", "timestamp": "2026-02-17T21:05:00.000Z", "data": data}


@pytest.mark.spec("FEED-7")
async def test_a_room_servers_spectators_join_the_channel_and_not_the_activity(room):
    internals = {
        "moderation": {"status": "approved", "score": "MARK-1", "reviewer": "MARK-2"},
        "ip": "MARK-3",
    }
    text = "is it live? mail me: zoe@example.com"
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        report = await asyncio.to_thread(room.publish, from_server(text, **internals))
        assert (report["accepted"], report["hidden"]) == (1, 0)
        message = await viewer.expect("spectator.chat_message")
        again = await asyncio.to_thread(room.publish, from_server(text, **internals))
        assert (again["accepted"], again["duplicates"]) == (0, 1)
        held_back = from_server("MARK-4", "msg_2", moderation={"status": "rejected"})
        assert (await asyncio.to_thread(room.publish, held_back))["hidden"] == 1
        assert await fate(viewer, "welcome Zoe", "m1") == "shown"
    assert message["message"] == "is it live? mail me: [EMAIL]"
    assert (message["display_name"], message["author_type"], message["author_state"]) == (
        "Zoe",
        "spectator",
        "anonymous",
    )
    assert message["timestamp"] == "2026-02-17T21:05:00.000Z"
    assert "s_77" not in message["spectator_id"]
    assert "MARK" not in str(viewer.seen)
    assert room.history() == []
    said = [m["data"]["message"] for m in viewer.seen if m["type"] == "spectator.chat_message"]
    assert said == [message["message"], "welcome Zoe"]


@pytest.mark.spec("FEED-7")
async def test_a_closed_chat_takes_nothing_from_a_room_server_and_approval_holds_it(make_room):
    room = make_room(settings={"spectatorChat": {"enabled": False}})
    assert room.publish(from_server("hello"))["hidden"] == 1
    room.set(spectatorChat={"enabled": True, "moderation": {"requireApproval": True}})
    first, second = room.publish(from_server("hello")), room.publish(from_server("hello"))
    assert (first["accepted"], second["accepted"], second["duplicates"]) == (1, 0, 1)
    async with room.watch(options=READY) as viewer:
        assert (await viewer.welcome())["current_state"]["spectator_chat"] == []
        (held,) = await asyncio.to_thread(room.held)
        await asyncio.to_thread(room.moderate, "approve", held["message_id"])
        assert (await viewer.expect("spectator.chat_message"))["message"] == "hello"
        await asyncio.to_thread(room.publish, from_server("nonsense", "msg_2"))
        (held,) = await asyncio.to_thread(room.held)
        await asyncio.to_thread(room.moderate, "reject", held["message_id"])
        rejected = await asyncio.to_thread(room.publish, from_server("nonsense", "msg_2"))
        assert (rejected["accepted"], rejected["duplicates"]) == (0, 1)
        third = await asyncio.to_thread(room.publish, from_server("hello"))
        assert (third["accepted"], third["duplicates"]) == (0, 1)
