"""What viewers report: taken once, seen by moderators only, enough of it hides, and it ends with a word."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack

import pytest

from support.clients import Api, Closed, watching
from support.crowds import READY

PACE = {"rateLimit": {"messagesPerMinute": 600, "burstLimit": 100}}


async def say(viewer, text, ref="m1"):
    await viewer.chat(text, message_id=ref)
    return (await viewer.until(lambda m: m["data"].get("ref") == ref))["data"]


async def report(viewer, message_id, reason="", ref="r1"):
    """Report a message; return the notice or error that answers."""
    await viewer.send("spectator.report", {"message_id": message_id, "reason": reason}, ref)
    return (await viewer.until(lambda m: m["data"].get("ref") == ref))["data"]


async def reports(room):
    path = f"{room.path}/moderation/reports"
    return (await asyncio.to_thread(room.public.call, "GET", path, token=room.host_token))["reports"]


async def moderate(room, action, message_id):
    return await asyncio.to_thread(room.moderate, action, message_id)


async def members(stack, relay, room, count):
    """Let registered viewers in: each has a voice of its own, though all come from one address."""
    viewers = []
    with Api(relay.url, relay.operator_token) as api:
        for number in range(count):
            token = api.call("POST", "/tokens", json={"scope": "viewer", "name": f"Ada{number}"})["token"]
            viewer = await stack.enter_async_context(room.watch(options=READY, token=token))
            await viewer.welcome()
            viewers.append(viewer)
    return viewers


@pytest.mark.spec("MOD-8")
async def test_anyone_watching_can_report_once_and_moderators_alone_see_it(make_room):
    room = make_room(settings={"spectatorChat": PACE})
    async with (
        room.watch(options=READY) as author,
        room.watch(options=READY) as viewer,
        room.inside(room.host_token) as host,
    ):
        for one in (author, viewer, host):
            await one.welcome()
        rude = await say(author, "you are all fools")
        await viewer.until(lambda m: m["data"].get("message") == "you are all fools")
        taken = await report(viewer, rude["message_id"], "insults", "r1")
        assert (taken["kind"], taken["message_id"]) == ("report_received", rude["message_id"])
        told = await host.expect("moderation.reported")
        assert (told["message"], told["count"], told["reasons"]) == ("you are all fools", 1, ["insults"])
        assert (await report(viewer, rude["message_id"], "again", "r2"))["kind"] == "report_received"
        (listed,) = await reports(room)
        assert (listed["count"], listed["reasons"], listed["hidden"]) == (1, ["insults"], False)
        reporter = viewer.seen[0]["data"]["spectator"]["id"]
        assert reporter not in str(listed) + str(told)
        before = len(author.seen)
        await say(author, "what a nice day", "m2")
        heard = {m["type"] for m in author.seen[before:]}
        assert heard <= {"spectator.chat_message", "spectator.presence"}, "the author is told nothing"
        async with room.inside(room.host_token) as late:
            assert (await late.welcome())["reports"] == [listed]


@pytest.mark.spec("MOD-9")
async def test_reports_of_nothing_are_refused_and_reporting_has_a_rate(serve):
    relay = serve(rooms=["room", "other"], limits={"reports_per_minute": 6})
    with Api(relay.url, relay.operator_token) as api:
        api.call("PATCH", "/rooms/room/settings", json={"spectatorChat": PACE})
    async with (
        watching(relay.url, "room", options=READY) as viewer,
        watching(relay.url, "other", options=READY) as stranger,
    ):
        await viewer.welcome()
        await stranger.welcome()
        own = await say(viewer, "my own words")
        foreign = await say(stranger, "elsewhere")
        answers = [
            await report(viewer, message_id, ref=f"r{number}")
            for number, message_id in enumerate(["made-up", foreign["message_id"], own["message_id"]])
        ]
        assert [answer["code"] for answer in answers] == ["INVALID_MESSAGE"] * 3
        assert "yours" in answers[2]["message"]
        wrong = await report(viewer, own["message_id"], "x" * 201, ref="long")
        assert (wrong["code"], wrong["message"].split(":")[0]) == ("INVALID_MESSAGE", "reason")
        late = []
        with contextlib.suppress(Closed):  # nobody goes on and on
            for number in range(96):
                late.append(await report(viewer, "made-up", ref=f"s{number}"))  # noqa: PERF401
    refused = [answer for answer in late if answer["code"] == "RATE_LIMITED"]
    assert (len(late) - len(refused), len(refused) > 10) == (2, True)
    assert all(answer["retry_after"] > 0 for answer in refused)
    with Api(relay.url, relay.operator_token) as api:
        assert api.call("GET", "/rooms/room/moderation/reports") == {"reports": []}


async def test_enough_voices_hide_a_message_until_a_moderator_has_looked(relay, make_room):
    room = make_room(settings={"spectatorChat": PACE})
    async with AsyncExitStack() as stack:
        author, *voices = await members(stack, relay, room, 4)
        doubtful = await say(author, "doubtful words")
        start = author.seen[0]["data"]["cursor"]
        for number, voice in enumerate(voices):
            await voice.until(lambda m: m["data"].get("message") == "doubtful words")
            await report(voice, doubtful["message_id"], "spam", f"r{number}")
        # The last of them was told before its report was answered.
        await author.expect("spectator.chat_removed")
        for viewer in (author, *voices[2:]):
            removed = next(m["data"] for m in viewer.seen if m["type"] == "spectator.chat_removed")
            assert (removed["message_id"], removed["reason"]) == (doubtful["message_id"], "reported")
        async with room.watch(options={"cursor": start}) as resumed:
            await resumed.welcome()
            await resumed.expect("spectator.chat_removed")
            assert not [m for m in resumed.seen if m["type"] == "spectator.chat_message"]
        (held,) = await asyncio.to_thread(room.held)
        assert (held["rule"], held["message"]) == ("reported", "doubtful words")
        (listed,) = await reports(room)
        assert (listed["count"], listed["hidden"]) == (3, True)
        await moderate(room, "approve", held["message_id"])
        shown = await voices[0].expect("spectator.chat_message")
        assert (shown["message"], shown["spectator_id"]) == ("doubtful words", doubtful["spectator_id"])
        for voice in voices:
            settled = await voice.until(lambda m: m["data"].get("kind") == "report_settled")
            assert settled["data"]["outcome"] == "kept"
        assert await reports(room) == []
        for number, voice in enumerate(voices):
            await report(voice, shown["message_id"], "spam", f"s{number}")
        (listed,) = await reports(room)
        assert (listed["count"], listed["hidden"]) == (3, False), "what a moderator let stand stays"
        assert await asyncio.to_thread(room.held) == []


async def test_who_reported_learns_that_a_message_went_and_one_address_is_one_voice(make_room):
    room = make_room(settings={"spectatorChat": PACE})
    async with AsyncExitStack() as stack:
        author, *windows = [await stack.enter_async_context(room.watch(options=READY)) for _ in range(5)]
        for viewer in (author, *windows):
            await viewer.welcome()
        rude = await say(author, "you are all fools")
        for number, window in enumerate(windows):
            await window.until(lambda m: m["data"].get("message") == "you are all fools")
            await report(window, rude["message_id"], "", f"r{number}")
        (listed,) = await reports(room)
        assert (listed["count"], listed["hidden"]) == (4, False), "four windows, one address: one voice"
        await moderate(room, "delete", rude["message_id"])
        for window in windows:
            settled = await window.until(lambda m: m["data"].get("kind") == "report_settled")
            assert (settled["data"]["outcome"], settled["data"]["message_id"]) == (
                "removed",
                rude["message_id"],
            )


async def test_a_restart_forgets_reports_and_never_shows_what_was_hidden(serve):
    relay = serve(rooms=["room"], limits={"reports_per_minute": 0})
    with Api(relay.url, relay.operator_token) as api:
        moderation = {"moderation": {"reportsToHide": 1}}
        api.call("PATCH", "/rooms/room/settings", json={"logInteractions": True, "spectatorChat": moderation})
        async with watching(relay.url, "room", options=READY) as author:
            start = (await author.welcome())["cursor"]
            doubtful = await say(author, "doubtful words")
            async with watching(relay.url, "room", options=READY) as voice:
                await voice.welcome()
                await report(voice, doubtful["message_id"])
            await author.expect("spectator.chat_removed")
    relay.stop()
    again = serve()
    with Api(again.url, again.operator_token) as api:
        assert api.call("GET", "/rooms/room/moderation/reports") == {"reports": []}
    async with watching(again.url, "room", options={"cursor": start}) as resumed:
        assert (await resumed.welcome())["current_state"]["spectator_chat"] == []
        await resumed.expect("spectator.chat_removed")
        assert not [m for m in resumed.seen if m["type"] == "spectator.chat_message"]
