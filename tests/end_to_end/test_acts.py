"""What moderators do about what was said: deleting, warning, slowing, locking, shielding, and taking back."""

from __future__ import annotations

import asyncio

import pytest

from support.clients import Api, watching
from support.crowds import READY, crowd, first_messages

PACE = {"rateLimit": {"messagesPerMinute": 600, "burstLimit": 100}}


async def say(viewer, text, ref):
    """Say something and return its own copy, or what came instead."""
    await viewer.chat(text, message_id=ref)
    return (await viewer.until(lambda m: m["data"].get("ref") == ref))["data"]


async def act(room, action, **body):
    return await asyncio.to_thread(
        room.public.call,
        "POST",
        f"{room.path}/moderation",
        token=room.host_token,
        json={"action": action, **body},
    )


async def lists(room, name, **query):
    return await asyncio.to_thread(
        room.public.call, "GET", f"{room.path}/moderation/{name}", token=room.host_token, params=query
    )


def said_in(viewer):
    return [m["data"]["message"] for m in viewer.seen if m["type"] == "spectator.chat_message"]


@pytest.mark.spec("MOD-7", "CHAT-11")
@pytest.mark.parametrize("kept", [True, False], ids=["kept on disk", "in memory"])
async def test_a_deleted_message_disappears_everywhere_at_once(make_room, kept):
    room = make_room(settings={"spectatorChat": PACE, "logInteractions": kept})
    async with room.watch(options=READY) as author, room.watch(options=READY) as other:
        start = (await author.welcome())["cursor"]
        await other.welcome()
        first = await say(author, "a first word", "m1")
        doomed = await say(author, "the doomed word", "m2")
        line = await act(room, "delete", message_id=doomed["message_id"], reason="off topic")
        assert (line["action"], line["message_id"], line["reason"]) == (
            "delete",
            doomed["message_id"],
            "off topic",
        )
        assert line["spectator_id"] == doomed["spectator_id"]
        for viewer in (author, other):
            removed = await viewer.expect("spectator.chat_removed", timeout_s=1)
            assert (removed["message_id"], removed["reason"]) == (doomed["message_id"], "deleted")
            assert "spectator_id" not in removed
        async with room.watch(options=READY) as newcomer:
            state = (await newcomer.welcome())["current_state"]
            assert [m["message_id"] for m in state["spectator_chat"]] == [first["message_id"]]
        async with room.watch(options={"cursor": start}) as resumed:
            await resumed.welcome()
            await resumed.expect("spectator.chat_removed")
            assert said_in(resumed) == ["a first word"]
        refused = await say(other, "what was that?", "m3")
        assert "code" not in refused
        await other.chat("and that?", reply_to=doomed["message_id"], message_id="m4")
        assert (await other.expect("spectator.error"))["code"] == "INVALID_MESSAGE"
    again = room.public.answer(
        "POST",
        f"{room.path}/moderation",
        token=room.host_token,
        json={"action": "delete", "message_id": doomed["message_id"]},
    )
    assert (again.status_code, again.json()["code"]) == (400, "INVALID_MESSAGE")


async def test_a_batched_viewer_is_not_left_with_a_deleted_message_until_its_batch_ends(make_room):
    room = make_room(settings={"spectatorChat": PACE})
    async with (
        room.watch(options={"frequency": "batched", "interval_s": "1"}) as patient,
        room.watch(options={"frequency": "batched", "interval_s": "300"}) as thin,
        room.watch(options=READY) as author,
    ):
        for viewer in (patient, thin, author):
            await viewer.welcome()
        doomed = await say(author, "the doomed word", "m1")
        await patient.expect("spectator.chat_message")
        await act(room, "delete", message_id=doomed["message_id"])
        assert (await patient.expect("spectator.chat_removed"))["message_id"] == doomed["message_id"]
        await thin.expect("spectator.chat_removed")
        assert said_in(thin) == [], "it was gone before it came"


async def test_everything_of_one_author_goes_shown_and_held(make_room):
    room = make_room(settings={"spectatorChat": PACE})
    async with room.watch(options=READY) as author, room.watch(options=READY) as other:
        await author.welcome()
        await other.welcome()
        texts = ["one thing", "another matter", "a third idea"]
        shown = [await say(author, text, f"m{n}") for n, text in enumerate(texts)]
        await say(other, "my own words", "o1")
        await asyncio.to_thread(room.set, spectatorChat={"moderation": {"requireApproval": True}})
        await say(author, "and a fourth one", "m9")
        await act(room, "delete_all", message_id=shown[0]["message_id"])
        removed = await other.expect("spectator.chat_removed")
        assert removed["spectator_id"] == shown[0]["spectator_id"]
        assert "message_id" not in removed
        assert (await author.expect("spectator.error"))["code"] == "MESSAGE_REJECTED"
        assert (await lists(room, "queue"))["held"] == []
        async with room.watch(options=READY) as newcomer:
            state = (await newcomer.welcome())["current_state"]
            assert [m["message"] for m in state["spectator_chat"]] == ["my own words"]


async def test_a_warning_reaches_its_viewer_alone(make_room):
    room = make_room(settings={"spectatorChat": PACE})
    async with room.watch(options=READY) as author, room.watch(options=READY) as other:
        await author.welcome()
        await other.welcome()
        rude = await say(author, "you are all fools", "m1")
        await act(room, "warn", message_id=rude["message_id"], reason="be kind")
        warning = await author.expect("spectator.notice")
        assert (warning["kind"], warning["reason"], warning["message_id"]) == (
            "warning",
            "be kind",
            rude["message_id"],
        )
        await say(author, "I am sorry", "m2")
        await other.until(lambda m: m["data"].get("message") == "I am sorry")
        assert not any(m["data"].get("kind") == "warning" for m in other.seen)


async def test_slow_mode_is_announced_counted_down_and_follows_who_reconnects(make_room):
    room = make_room(settings={"spectatorChat": PACE})
    async with room.watch(options=READY) as one:
        await one.welcome()
        await act(room, "slow", seconds=30)
        notice = await one.expect("spectator.notice")
        assert (notice["kind"], notice["chat"]["slow_s"]) == ("settings_changed", 30)
        assert "code" not in await say(one, "first", "m1")
        late = await say(one, "second", "m2")
        assert late["code"] == "RATE_LIMITED"
        assert 28_000 < late["retry_after"] <= 30_000
    async with room.watch(options=READY) as again:
        assert (await again.welcome())["room_info"]["chat"]["slow_s"] == 30
        assert (await say(again, "third", "m3"))["code"] == "RATE_LIMITED"
        line = (await lists(room, "log"))["acts"][0]
        assert (line["action"], line["seconds"], line["undoable"]) == ("slow", 30, True)
        await act(room, "undo", entry=line["id"])
        await again.until(lambda m: m["data"].get("kind") == "settings_changed")
        assert "code" not in await say(again, "fourth", "m4")


async def test_neighbours_do_not_wait_for_each_other_in_slow_mode(make_room):
    room = make_room(settings={"spectatorChat": {**PACE, "moderation": {"slowSeconds": 30}}})
    async with crowd(room, 3) as viewers:
        await first_messages(viewers)
        for number, viewer in enumerate(viewers):
            assert "code" not in await say(viewer, f"hello from {'abc'[number] * 3}", f"m{number}")


async def test_a_locked_chat_is_closed_to_viewers_and_says_so(make_room):
    room = make_room(settings={"spectatorChat": PACE})
    async with room.watch(options=READY) as viewer, room.inside(room.host_token) as host:
        assert (await viewer.welcome())["spectator"]["capabilities"] == ["chat"]
        await host.welcome()
        await act(room, "lock")
        notice = await viewer.expect("spectator.notice")
        assert (notice["chat"]["locked"], notice["capabilities"]["anonymous"]) == (True, [])
        refused = await say(viewer, "hello?", "m1")
        assert (refused["code"], "locked" in refused["message"]) == ("CHAT_DISABLED", True)
        await host.chat("one moment please")
        assert (await viewer.expect("spectator.chat_message"))["author_type"] == "host"
        async with room.watch(options=READY) as late:
            assert (await late.welcome())["spectator"]["capabilities"] == []
        await act(room, "unlock")
        assert (await viewer.expect("spectator.notice"))["capabilities"]["anonymous"] == ["chat"]
        assert "code" not in await say(viewer, "hello!", "m2")
    answer = room.public.answer(
        "POST", f"{room.path}/moderation", token=room.host_token, json={"action": "unlock"}
    )
    assert answer.status_code == 400


async def test_under_the_shield_everything_waits_and_who_comes_now_only_watches(make_room):
    room = make_room(settings={"spectatorChat": PACE})
    async with room.watch(options=READY) as regular:
        await regular.welcome()
        await act(room, "shield")
        notice = await regular.expect("spectator.notice")
        assert (notice["chat"]["shielded"], notice["chat"]["approval"]) == (True, True)
        await regular.chat("is it over?", message_id="m1")
        held = await regular.expect("spectator.notice")
        assert (held["kind"], held["ref"]) == ("message_held", "m1")
        ((waiting),) = (await lists(room, "queue"))["held"]
        assert waiting["rule"] == "shield"
        async with room.watch(options=READY) as raider:
            spectator = (await raider.welcome())["spectator"]
            assert (spectator["read_only"], spectator["capabilities"]) == (True, [])
            assert (await say(raider, "raid!", "r1"))["code"] == "CHAT_DISABLED"
            await act(room, "unshield")
            await raider.until(lambda m: m["data"].get("kind") == "settings_changed")
            assert "code" not in await say(raider, "just asking", "r2")


async def test_the_shield_and_slow_mode_outlive_a_restart(serve):
    relay = serve(rooms=["room"])
    with Api(relay.url, relay.operator_token) as api:
        for action in ("shield", "slow", "lock"):
            api.call("POST", "/rooms/room/moderation", json={"action": action})
    relay.stop()
    again = serve()
    async with watching(again.url, "room", options=READY) as viewer:
        chat = (await viewer.welcome())["room_info"]["chat"]
    assert (chat["shielded"], chat["slow_s"], chat["locked"]) == (True, 30, True)


async def test_what_was_rejected_can_be_taken_back_to_the_queue(make_room):
    room = make_room(settings={"spectatorChat": {**PACE, "moderation": {"requireApproval": True}}})
    async with room.watch(options=READY) as author:
        await author.welcome()
        await author.chat("let me in", message_id="m1")
        await author.expect("spectator.notice")
        ((held),) = (await lists(room, "queue"))["held"]
        line = await act(room, "reject", message_id=held["message_id"])
        await act(room, "undo", entry=line["id"])
        assert (await lists(room, "queue"))["held"] == [held]
        undone = [entry for entry in (await lists(room, "log"))["acts"] if entry["id"] == line["id"]]
        assert (undone[0]["undone"], undone[0]["undoable"]) == (True, False)
        answer = room.public.answer(
            "POST",
            f"{room.path}/moderation",
            token=room.host_token,
            json={"action": "undo", "entry": line["id"]},
        )
        assert answer.status_code == 400
        await act(room, "approve", message_id=held["message_id"])
        assert (await author.expect("spectator.chat_message"))["message"] == "let me in"


async def test_one_request_decides_many_and_one_that_fails_costs_the_others_nothing(make_room):
    room = make_room(settings={"spectatorChat": {**PACE, "moderation": {"requireApproval": True}}})
    async with room.watch(options=READY) as author, room.inside(room.host_token) as host:
        await author.welcome()
        await host.welcome()
        for number in range(3):
            await author.chat(f"something, {'abc'[number] * 3}", message_id=f"m{number}")
            await author.until(lambda m, n=number: m["data"].get("ref") == f"m{n}")
        waiting = [held["message_id"] for held in (await lists(room, "queue"))["held"]]
        done = await act(room, "approve", message_ids=[*waiting[:2], "nothing"])
        assert [line["message_id"] for line in done["acts"]] == waiting[:2]
        ((failed),) = done["failed"]
        assert (failed["message_id"], failed["code"]) == ("nothing", "INVALID_MESSAGE")
        for _ in range(2):
            assert (await host.expect("moderation.decided"))["action"] == "approve"
        await host.send("moderation.act", {"action": "reject", "message_ids": [waiting[2], "no"]}, "a1")
        answers = [await host.until(lambda m: m["data"].get("ref") == "a1") for _ in range(2)]
        assert {answer["type"] for answer in answers} == {"moderation.decided", "spectator.error"}
