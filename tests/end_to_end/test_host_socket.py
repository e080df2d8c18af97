"""The inner door: what participants, moderators and hosts get of the spectators, and what they may do."""

from __future__ import annotations

import asyncio
import uuid

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from relay.protocol.errors import ERRORS, Code
from support.clients import Closed, standing_inside
from support.crowds import READY
from support.wound_relay import wound_relay

WORDS = {"isolated": [], "visible": ["read_chat"], "interactive": ["read_chat", "answer"]}


def chat_with(integration, **moderation):
    return {"spectatorChat": {"integration": integration, "moderation": moderation}}


def said(viewer):
    return [m["data"]["message"] for m in viewer.seen if m["type"] == "spectator.chat_message"]


async def tokens(room):
    """Return a token for each that may come in, by scope."""
    made = {
        scope: await asyncio.to_thread(room.token, scope, name)
        for scope, name in (("participate", "Paul"), ("moderate", "Maria"), ("host", "Hanna"))
    }
    return made


async def settled(insider, viewer, room):
    """Wait until everything that was under way has reached an insider: a notice comes behind it."""
    name = uuid.uuid4().hex
    await asyncio.to_thread(room.set, name=name)
    for line in (insider, viewer):
        await line.until(lambda m: m["data"].get("kind") == "settings_changed")


@pytest.mark.spec("INTEG-1", "CHAT-3")
async def test_isolated_participants_see_nothing_and_moderators_what_they_judge(make_room):
    room = make_room(settings=chat_with("isolated", requireApproval=True))
    token = await tokens(room)
    async with (
        room.inside(token["participate"]) as paul,
        room.inside(token["moderate"]) as maria,
        room.watch(options=READY) as viewer,
    ):
        assert (await paul.welcome())["insider"]["capabilities"] == []
        welcome = await maria.welcome()
        assert (welcome["insider"]["capabilities"], welcome["held"]) == (["read_chat", "moderate"], [])
        await viewer.welcome()
        await viewer.chat("is anybody there?")
        held = await maria.expect("moderation.held")
        assert held["message"] == "is anybody there?"
        await maria.send("moderation.act", {"action": "approve", "message_id": held["message_id"]}, "a1")
        decided = await maria.expect("moderation.decided")
        assert (decided["action"], decided["message_id"], decided["ref"]) == (
            "approve",
            held["message_id"],
            "a1",
        )
        assert (await viewer.expect("spectator.chat_message"))["message_id"] == decided["shown_as"]
        await settled(paul, viewer, room)
        assert said(paul) == []
        assert {m["type"] for m in paul.seen} <= {
            "spectator.welcome",
            "spectator.presence",
            "spectator.notice",
            "spectator.keepalive",
        }
        await paul.chat("I want to answer", message_id="p1")
        error = await paul.expect("spectator.error")
        assert (error["code"], error["ref"]) == ("FEATURE_DISABLED", "p1")
    async with room.inside(token["participate"]) as paul:
        assert (await paul.welcome())["current_state"]["spectator_chat"] == []
    async with room.inside(token["host"]) as hanna:
        state = (await hanna.welcome())["current_state"]
    assert [message["message"] for message in state["spectator_chat"]] == ["is anybody there?"]
    assert said(maria) == ["is anybody there?"]


@pytest.mark.spec("INTEG-2")
async def test_visible_participants_read_and_are_refused_an_answer(make_room):
    room = make_room(settings=chat_with("visible"))
    token = await tokens(room)
    async with room.inside(token["participate"]) as paul, room.watch(options=READY) as viewer:
        assert (await paul.welcome())["insider"]["capabilities"] == ["read_chat"]
        await viewer.welcome()
        await viewer.chat("what is Click?")
        question = await paul.expect("spectator.chat_message")
        assert question["message"] == "what is Click?"
        await paul.send(
            "spectator.chat_message", {"message": "a library", "reply_to": question["message_id"]}, "p1"
        )
        error = await paul.expect("spectator.error")
        assert (error["code"], error["ref"]) == ("FEATURE_DISABLED", "p1")
        assert "visible" in error["message"]
        await settled(paul, viewer, room)
    assert said(viewer) == ["what is Click?"]


@pytest.mark.spec("INTEG-3", "CHAT-3")
async def test_interactive_participants_answer_and_viewers_see_who_and_to_what(make_room):
    room = make_room(settings=chat_with("interactive", requireApproval=False))
    token = await tokens(room)
    async with (
        room.inside(token["participate"]) as paul,
        room.inside(token["host"]) as hanna,
        room.watch(options=READY) as viewer,
        room.watch(options=READY) as other,
    ):
        for line in (paul, hanna, viewer, other):
            await line.welcome()
        await viewer.chat("what is Click?")
        question = (await paul.expect("spectator.chat_message"))["message_id"]
        await asyncio.to_thread(room.set, **chat_with("interactive", requireApproval=True))
        for line, name, kind in ((paul, "Paul", "participant"), (hanna, "Hanna", "host")):
            # Nothing that is claimed counts, and whom the host chose waits for nobody.
            forged = {"display_name": "root", "author_type": "spectator", "spectator_id": "x"}
            data = {"message": f"{name} knows", "reply_to": question, **forged}
            await line.send("spectator.chat_message", data, "i1")
            own = (await line.until(lambda m: m["data"].get("ref") == "i1"))["data"]
            for reader in (viewer, other):
                answer = (await reader.until(lambda m: m["data"].get("reply_to")))["data"]
                assert answer == {key: value for key, value in own.items() if key != "ref"}
                assert (answer["display_name"], answer["author_type"]) == (name, kind)
                assert (answer["message"], answer["reply_to"]) == (f"{name} knows", question)
                assert answer["spectator_id"].startswith(f"{kind}_")


@pytest.mark.spec("INTEG-5")
async def test_the_level_is_the_hosts_choice_and_takes_effect_at_once(make_room):
    room = make_room(settings={"spectatorChat": {"rateLimit": {"messagesPerMinute": 600, "burstLimit": 100}}})
    token = await tokens(room)
    settings = f"{room.path}/settings"
    assert room.public.call("GET", settings, token=room.host_token)["spectatorChat"]["integration"] == (
        "interactive"
    )
    for other in (None, token["participate"], token["moderate"], room.publish_token):
        answer = room.public.answer("PATCH", settings, token=other, json=chat_with("visible"))
        assert answer.status_code in (401, 403)
    for wrong in ("open", "", 1, None, True, ["visible"]):
        answer = room.public.answer("PATCH", settings, token=room.host_token, json=chat_with(wrong))
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("spectatorChat.integration: ")
    async with room.inside(token["participate"]) as paul, room.watch(options=READY) as viewer:
        await paul.welcome()
        await viewer.welcome()
        levels = ("isolated", "visible", "isolated", "interactive", "isolated")
        for number, level in enumerate(levels):
            changed = await asyncio.to_thread(room.set, **chat_with(level))
            assert changed["spectatorChat"]["integration"] == level
            told = await paul.until(lambda m: m["data"].get("kind") == "mode_changed")
            assert told["data"]["capabilities"] == WORDS[level]
            text = f"{number} under {level}"
            await viewer.chat(text)
            await viewer.until(lambda m, text=text: m["data"].get("message") == text)
        await settled(paul, viewer, room)
    assert said(paul) == ["1 under visible", "3 under interactive"]


async def test_an_answer_from_inside_obeys_the_hosts_other_settings(make_room):
    room = make_room(settings={"anonymizeParticipants": True, "hiddenWords": ["falcon"]})
    room.publish({"type": "member.joined", "name": "Paul"})
    token = await tokens(room)
    async with room.inside(token["participate"]) as paul, room.watch(options=READY) as viewer:
        await paul.welcome()
        await viewer.welcome()
        await paul.chat("Paul here: project falcon is late")
        answer = await viewer.expect("spectator.chat_message")
        await viewer.chat("what is falcon?")
        question = await paul.until(lambda m: "what is" in m["data"].get("message", ""))
    assert answer["author_type"] == "participant"
    assert "Paul" not in str(answer)
    assert "falcon" not in str((answer, question))


async def test_those_inside_take_no_seat_and_are_no_viewers_but_see_how_many_watch(make_room):
    room = make_room(settings={"maxSpectators": 1})
    async with room.inside(room.host_token) as hanna:
        welcome = await hanna.welcome()
        assert welcome["current_state"]["presence"]["total_spectators"] == 0
        assert welcome["insider"] == {
            "id": welcome["insider"]["id"],
            "role": "host",
            "display_name": "Host",
            "capabilities": ["read_chat", "answer", "moderate"],
        }
        async with room.watch(options=READY) as viewer:
            await viewer.welcome()
            await hanna.until(lambda m: m["data"].get("total_spectators") == 1)
        await hanna.until(lambda m: m["data"].get("total_spectators") == 0)
    assert (await asyncio.to_thread(room.presence))["recent_peak"] == 1


async def test_room_activity_is_not_repeated_to_those_who_make_it(room):
    async with room.inside(room.host_token) as hanna, room.watch(options=READY) as viewer:
        await hanna.welcome()
        await viewer.welcome()
        await asyncio.to_thread(room.publish, {"type": "milestone.reached", "title": "It works"})
        await viewer.events(1)
        await viewer.chat("bravo")
        await hanna.expect("spectator.chat_message")
    assert not any(m["type"] == "spectator.activity" for m in hanna.seen)


async def test_an_outsider_is_told_the_same_whatever_room_there_is(make_room):
    room, private, other = make_room(), make_room(visibility="private"), make_room()
    answers = []
    for where in (room.id, private.id, "no-such-room", "no%2Fsuch"):
        for token in (None, "cth_0123456789_x", other.host_token, room.publish_token):
            door = type(room)(room.url, where, room.operator, room.public, "", "")
            async with door.inside(token) as outsider:
                envelope = await outsider.next()
                assert envelope["type"] == "spectator.error"
                answers.append((envelope["data"], await outsider.closed()))
    assert len(answers) == 16
    assert all(answer == answers[0] for answer in answers)
    data, code = answers[0]
    assert (data["code"], code) == ("AUTH_INVALID", ERRORS[Code.AUTH_INVALID].close_code)
    async with private.inside(private.host_token) as hanna:
        assert (await hanna.welcome())["room_info"]["id"] == private.id


async def test_a_token_in_the_query_opens_nothing(room):
    async with room.inside(None, query=f"?auth={room.host_token}") as outsider:
        assert (await outsider.next())["data"]["code"] == "AUTH_INVALID"


async def test_pages_of_other_sites_are_turned_away_before_anything_else(room):
    own = httpx.URL(room.url)
    async with room.inside(room.host_token, headers={"Origin": f"http://{own.host}:{own.port}"}) as hanna:
        await hanna.welcome()
    for origin in ("https://evil.example", "null", f"http://{own.host}"):
        for where in (room.id, "no-such-room"):
            door = type(room)(room.url, where, room.operator, room.public, "", "")
            with pytest.raises(InvalidStatus) as refused:
                async with door.inside(room.host_token, headers={"Origin": origin}):
                    pass
            assert refused.value.response.status_code == 403


async def test_a_revoked_token_and_a_closed_room_end_the_connection(make_room):
    room = make_room()
    token = (await tokens(room))["moderate"]
    (made,) = [
        entry
        for entry in room.public.call("GET", f"{room.path}/tokens", token=room.host_token)["tokens"]
        if entry["scope"] == "moderate"
    ]
    async with room.inside(token) as maria, room.inside(room.host_token) as hanna:
        await maria.welcome()
        await hanna.welcome()
        await asyncio.to_thread(
            room.public.call, "DELETE", f"{room.path}/tokens/{made['id']}", token=room.host_token
        )
        assert (await maria.expect("spectator.error"))["code"] == "AUTH_INVALID"
        with pytest.raises(Closed):
            await maria.next()
        await asyncio.to_thread(room.public.call, "DELETE", room.path, token=room.host_token)
        assert (await hanna.expect("spectator.error"))["code"] == "ROOM_NOT_FOUND"


async def test_participants_moderate_nothing_and_nobody_sends_what_is_not_understood(make_room):
    room = make_room(settings=chat_with("interactive", requireApproval=True))
    token = await tokens(room)
    async with room.inside(token["participate"]) as paul, room.watch(options=READY) as viewer:
        await viewer.welcome()
        assert "held" not in await paul.welcome()
        await viewer.chat("hello")
        await viewer.expect("spectator.notice")
        (held,) = await asyncio.to_thread(room.held)
        decision = {"action": "approve", "message_id": held["message_id"]}
        await paul.send("moderation.act", decision, "p1")
        error = await paul.expect("spectator.error")
        assert (error["code"], error["ref"]) == ("ACCESS_DENIED", "p1")
        await paul.send("spectator.connect", {"auth_token": room.host_token}, "p2")
        assert (await paul.expect("spectator.error"))["code"] == "INVALID_MESSAGE"
        await viewer.send("moderation.act", decision, "v1")
        assert (await viewer.expect("spectator.error"))["code"] == "INVALID_MESSAGE"
        assert await asyncio.to_thread(room.held) == [held]
    assert not any(m["type"].startswith("moderation.") for m in (*paul.seen, *viewer.seen))


async def test_every_moderator_learns_what_is_held_and_decided_wherever_that_was(make_room):
    room = make_room(settings=chat_with("isolated", requireApproval=True))
    token = await tokens(room)
    async with (
        room.inside(token["moderate"]) as maria,
        room.inside(token["host"]) as hanna,
        room.watch(options=READY) as viewer,
    ):
        for line in (maria, hanna, viewer):
            await line.welcome()
        await viewer.chat("one")
        held = await maria.expect("moderation.held")
        assert await hanna.expect("moderation.held") == held
        async with room.inside(token["moderate"]) as late:
            assert (await late.welcome())["held"] == [held]
        await asyncio.to_thread(room.moderate, "reject", held["message_id"])
        for line in (maria, hanna):
            decided = await line.expect("moderation.decided")
            assert (decided["action"], decided["message_id"], decided["spectator_id"], decided["by"]) == (
                "reject",
                held["message_id"],
                held["spectator_id"],
                "Host",
            )


async def test_an_answer_is_bound_by_length_and_rate(make_room):
    room = make_room(settings={"spectatorChat": {"moderation": {"maxMessageLength": 10}}})
    async with room.inside(room.host_token) as hanna:
        limits = (await hanna.welcome())["limits"]
        assert limits["chat_message_length"] == 10
        await hanna.chat("x" * 11, message_id="long")
        assert (await hanna.expect("spectator.error"))["code"] == "MESSAGE_TOO_LARGE"
        for number in range(limits["chat_burst"] + 1):
            await hanna.chat(f"{number}", message_id=f"m{number}")
        assert (await hanna.expect("spectator.error"))["code"] == "RATE_LIMITED"
        for _ in range(100):
            await hanna.send("nonsense", {})
        assert await hanna.closed() == ERRORS[Code.RATE_LIMITED].close_code


async def test_those_inside_hear_a_keepalive_and_are_counted_at_the_door(tmp_path):
    limits = {"connections_per_address_per_minute": 2}
    async with wound_relay(tmp_path, limits=limits) as relay:
        token = relay.operator["Authorization"].removeprefix("Bearer ")
        async with standing_inside(relay.url, "room", token) as hanna:
            await hanna.welcome()
            relay.clock.advance(61)
            await hanna.expect("spectator.keepalive")
            for guess in ("cth_0123456789_a", "cth_0123456789_b", token):
                async with standing_inside(relay.url, "room", guess) as outsider:
                    error = (await outsider.next())["data"]
            assert error["code"] == "RATE_LIMITED", "guesses are counted, and a good token waits too"
            relay.clock.advance(error["retry_after"] / 1000)
            async with standing_inside(relay.url, "room", token) as again:
                await again.welcome()
