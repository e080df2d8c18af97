"""What becomes of a viewer's message besides being shown: the automatic filter, the approval, the queue."""

from __future__ import annotations

import asyncio

import pytest

from support.clients import Api, watching
from support.crowds import READY, crowd, first_messages
from support.small_talk import small_talk

APPROVAL = {"spectatorChat": {"moderation": {"requireApproval": True}}}
PACE = {"rateLimit": {"messagesPerMinute": 600, "burstLimit": 100}}
SPAM = {
    "a repeat": ["look at this wonderful thing"] * 2,
    "a repeat in other clothes": ["look at this wonderful thing", "LOOK at this, wonderful thing!!!"],
    "near repeats": [
        "look at this wonderful thing",
        "look at this wonderfull thing",
        "look at these wonderful things",
    ],
    "a link flood": ["https://a.example https://b.example http://c.example www.d.example"],
    "shouting": ["LOOK AT THIS WONDERFUL THING EVERYBODY"],
    "a mention flood": ["hey @ada @grace @linus @guido @barbara @alan look"],
}


def said(viewer):
    return [m["data"]["message"] for m in viewer.seen if m["type"] == "spectator.chat_message"]


async def fate(viewer, text, ref):
    """Say something and return what became of it: shown, held, or an error's code."""
    await viewer.chat(text, message_id=ref)
    answer = await viewer.until(lambda m: m["data"].get("ref") == ref)
    data = answer["data"]
    if answer["type"] == "spectator.notice":
        assert data["kind"] == "message_held"
        return "held", data
    return data.get("code", "shown"), data


async def nothing_more(viewer, other):
    """Make sure that a viewer has got all it will: read on to somebody else's next message."""
    marker = f"marker {len(viewer.seen)} {len(other.seen)}"
    await other.chat(marker)
    await viewer.until(lambda m: m["data"].get("message") == marker)


@pytest.mark.spec("INTEG-7")
async def test_a_held_message_is_seen_by_nobody_until_it_is_approved_and_then_once(make_room):
    room = make_room(settings=APPROVAL)
    async with room.watch(options=READY) as author, room.watch(options=READY) as other:
        await author.welcome()
        before = (await other.welcome())["cursor"]
        assert (await fate(author, "let me in", "m1"))[0] == "held"
        (held,) = await asyncio.to_thread(room.held)
        assert (held["message"], held["rule"]) == ("let me in", "approval")

        await asyncio.to_thread(room.set, name="still quiet")
        await other.expect("spectator.notice")
        async with room.watch(options={"cursor": before}) as resumed, room.watch(options=READY) as newcomer:
            assert (await resumed.welcome())["recovery"]["missed"] == 1, "the change of name, nothing else"
            assert (await newcomer.welcome())["current_state"]["spectator_chat"] == []
        assert said(other) == []

        decision = await asyncio.to_thread(room.moderate, "approve", held["message_id"])
        shown = await other.expect("spectator.chat_message")
        own = await author.expect("spectator.chat_message")
        assert own == {**shown, "ref": "m1"}
        assert (shown["message"], shown["message_id"]) == ("let me in", decision["shown_as"])
        assert await asyncio.to_thread(room.held) == []
        async with room.watch(options={"cursor": before}) as resumed:
            await resumed.welcome()
            assert (await resumed.expect("spectator.chat_message"))["message"] == "let me in"


@pytest.mark.spec("INTEG-7")
async def test_a_rejected_message_is_seen_by_nobody_ever_and_its_author_is_told(make_room):
    room = make_room(settings=APPROVAL)
    async with room.watch(options=READY) as author, room.watch(options=READY) as other:
        await author.welcome()
        before = (await other.welcome())["cursor"]
        await fate(author, "buy my book", "m1")
        (held,) = await asyncio.to_thread(room.held)
        await asyncio.to_thread(room.moderate, "reject", held["message_id"], reason="no advertising")
        error = await author.expect("spectator.error")
        assert (error["code"], error["ref"]) == ("MESSAGE_REJECTED", "m1")
        assert "no advertising" in error["message"]
        await asyncio.to_thread(room.set, spectatorChat={"moderation": {"requireApproval": False}})
        await nothing_more(other, author)
        async with room.watch(options={"cursor": before}) as resumed:
            await resumed.welcome()
            await resumed.expect("spectator.chat_message")
    assert not any("buy my book" in text for viewer in (author, other, resumed) for text in said(viewer))


async def test_an_author_who_came_back_is_told_on_the_new_connection(make_room):
    room = make_room(settings=APPROVAL)
    async with room.watch(options=READY) as author:
        seat = (await author.welcome())["spectator"]["resume_token"]
        await fate(author, "hello", "m1")
    (held,) = await asyncio.to_thread(room.held)
    async with room.watch(options=READY, token=seat) as back:
        await back.welcome()
        await asyncio.to_thread(room.moderate, "reject", held["message_id"])
        error = await back.expect("spectator.error")
    assert (error["code"], error["ref"]) == ("MESSAGE_REJECTED", "m1")


@pytest.mark.spec("CHAT-10")
async def test_the_sender_learns_the_fate_of_each_message_and_newcomers_see_what_was_shown(make_room):
    room = make_room(settings={"spectatorChat": PACE})
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        fates = [
            (await fate(viewer, "shown to all of you", "m1"))[0],
            (await fate(viewer, "shown to all of you", "m2"))[0],
        ]
        await asyncio.to_thread(room.set, **APPROVAL)
        fates.append((await fate(viewer, "waiting for you", "m3"))[0])
    assert fates == ["shown", "MESSAGE_REJECTED", "held"]
    async with room.watch(options=READY) as newcomer:
        state = (await newcomer.welcome())["current_state"]
    assert [message["message"] for message in state["spectator_chat"]] == ["shown to all of you"]


@pytest.mark.spec("MOD-1", "INTEG-6")
@pytest.mark.parametrize("kind", SPAM)
async def test_spam_is_caught_with_the_filter_and_passes_without(make_room, kind):
    texts = SPAM[kind]
    room = make_room(settings={"spectatorChat": PACE})
    async with room.watch(options=READY) as spammer:
        await spammer.welcome()
        fates = [await fate(spammer, text, f"m{number}") for number, text in enumerate(texts)]
        code, data = fates[-1]
        assert code == "MESSAGE_REJECTED"
        assert data["message"].endswith("."), "it says what is wrong, and what to do"
        assert [code for code, _ in fates[:-1]] == ["shown"] * len(fates[:-1])
        await asyncio.to_thread(room.set, spectatorChat={"moderation": {"autoFilter": False}})
        again = [await fate(spammer, text, f"n{number}") for number, text in enumerate(texts)]
        assert [code for code, _ in again] == ["shown"] * len(texts)
        await asyncio.to_thread(
            room.set, spectatorChat={"rateLimit": {"messagesPerMinute": 1, "burstLimit": 1}}
        )
        late = [(await fate(spammer, f"text {number}", f"o{number}"))[0] for number in range(2)]
        assert late[-1] == "RATE_LIMITED", "without the filter the rates still hold"


@pytest.mark.spec("MOD-1")
async def test_two_hundred_ordinary_messages_pass(make_room):
    room = make_room(settings={"spectatorChat": PACE})
    lines = small_talk()[:200]
    assert len(lines) == 200
    caught = []
    async with crowd(room, 4) as viewers:
        await first_messages(viewers)
        for number, line in enumerate(lines):
            code, _ = await fate(viewers[number % len(viewers)], line, f"m{number}")
            if code != "shown":
                caught.append((line, code))
    assert caught == []


@pytest.mark.spec("MOD-1")
async def test_a_crowd_that_says_the_same_is_held_for_a_moderator(make_room):
    room = make_room()
    fates = []
    async with crowd(room, 5) as viewers:
        await first_messages(viewers)
        for number, viewer in enumerate(viewers):
            fates.append((await fate(viewer, "the great build is green at last", f"m{number}"))[0])
    assert fates == ["shown", "shown", "shown", "held", "held"]
    assert {held["rule"] for held in await asyncio.to_thread(room.held)} == {"crowd"}


async def test_only_moderators_see_and_decide_what_is_held(make_room):
    room = make_room(settings=APPROVAL)
    async with room.watch(options=READY) as author:
        seat = (await author.welcome())["spectator"]["resume_token"]
        await fate(author, "hello", "m1")
        moderator = await asyncio.to_thread(room.token, "moderate", "Maria")
        participant = await asyncio.to_thread(room.token, "participate", "Paul")
        queue, act = f"{room.path}/moderation/queue", f"{room.path}/moderation"
        for token in (None, seat, participant, room.publish_token):
            body = {"action": "approve", "message_id": "x"}
            for answer in (
                room.public.answer("GET", queue, token=token),
                room.public.answer("POST", act, token=token, json=body),
            ):
                assert answer.status_code in (401, 403)
                assert "hello" not in answer.text
        (held,) = room.public.call("GET", queue, token=moderator)["held"]
        for method, path in (("GET", "/settings"), ("GET", "/tokens"), ("PATCH", "/settings")):
            answer = room.public.answer(method, room.path + path, token=moderator, json={})
            assert answer.status_code == 403, "it moderates and nothing else"
        body = {"action": "approve", "message_id": held["message_id"]}
        assert room.public.answer("POST", act, token=moderator, json=body).status_code == 200
        again = room.public.answer("POST", act, token=moderator, json=body)
        assert (again.status_code, again.json()["code"]) == (400, "INVALID_MESSAGE")
        assert (await author.expect("spectator.chat_message"))["message"] == "hello"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "action"),
        ({"action": "dance", "message_id": "x"}, "action"),
        ({"action": "approve"}, "message_id"),
        ({"action": "approve", "message_id": 7}, "message_id"),
        ({"action": "reject", "message_id": "x", "reason": 7}, "reason"),
    ],
)
def test_a_decision_that_cannot_be_used_is_refused_by_field(room, body, field):
    answer = room.public.answer("POST", f"{room.path}/moderation", token=room.host_token, json=body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"{field}: ")


async def test_one_author_cannot_fill_the_queue(make_room):
    room = make_room(settings={"spectatorChat": {**PACE, "moderation": {"requireApproval": True}}})
    async with room.watch(options=READY) as author, room.watch(options=READY) as other:
        await author.welcome()
        await other.welcome()
        texts = [f"something to say, number {number}" for number in range(6)]
        fates = [(await fate(author, text, f"m{number}"))[0] for number, text in enumerate(texts)]
        assert fates == ["held"] * 5 + ["RATE_LIMITED"]
        assert (await fate(other, "mine", "o"))[0] == "held"
        (first, *_) = await asyncio.to_thread(room.held)
        await asyncio.to_thread(room.moderate, "reject", first["message_id"])
        await author.expect("spectator.error")
        assert (await fate(author, texts[5], "m7"))[0] == "held", "what did not fit was not said"


async def test_nothing_is_approved_into_a_closed_chat(make_room):
    room = make_room(settings=APPROVAL)
    async with room.watch(options=READY) as author:
        await author.welcome()
        await fate(author, "hello", "m1")
        (held,) = await asyncio.to_thread(room.held)
        await asyncio.to_thread(room.set, spectatorChat={"enabled": False})
        body = {"action": "approve", "message_id": held["message_id"]}
        answer = room.public.answer("POST", f"{room.path}/moderation", token=room.host_token, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "CHAT_DISABLED")
        await asyncio.to_thread(room.set, spectatorChat={"enabled": True})
        assert await asyncio.to_thread(room.held) == [held], "it waits as before"


async def test_what_is_held_is_never_written_and_a_restart_forgets_it(serve):
    marker = "held-4f1c-marker"
    relay = serve(rooms=["room"])
    settings = {**APPROVAL, "logInteractions": True}
    with Api(relay.url, relay.operator_token) as api:
        api.call("PATCH", "/rooms/room/settings", json=settings)
        async with watching(relay.url, "room", options=READY) as author:
            await author.welcome()
            await fate(author, marker, "m1")
            (held,) = api.call("GET", "/rooms/room/moderation/queue")["held"]
            api.call(
                "POST", "/rooms/room/moderation", json={"action": "reject", "message_id": held["message_id"]}
            )
            await author.expect("spectator.error")
            await fate(author, f"{marker} again", "m2")
    relay.stop()
    for file in relay.data.iterdir():
        assert marker.encode() not in file.read_bytes(), file.name
    assert marker not in relay.stderr
    again = serve()
    with Api(again.url, again.operator_token) as api:
        assert api.call("GET", "/rooms/room/moderation/queue")["held"] == []
