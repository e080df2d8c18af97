"""The host's own words: caught however they are written, in messages and in what is told to moderators."""

from __future__ import annotations

import asyncio

import pytest

from support.crowds import READY

WORD = "badger"


def guarded(**moderation):
    return {
        "spectatorChat": {
            "rateLimit": {"messagesPerMinute": 600, "burstLimit": 100},
            "moderation": {"keywords": [WORD, "snake oil"], **moderation},
        }
    }


async def fate(viewer, text, ref):
    """Say something; return `shown`, `held`, or the code of what came instead."""
    await viewer.chat(text, message_id=ref)
    answer = await viewer.until(lambda m: m["data"].get("ref") == ref)
    return "held" if answer["type"] == "spectator.notice" else answer["data"].get("code", "shown")


@pytest.mark.spec("MOD-5")
async def test_a_word_is_caught_in_any_dress_and_a_word_that_holds_it_is_not(make_room):
    room = make_room(settings=guarded())
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        caught = [
            "a badger!",
            "BADGER",
            "b a d g e r",
            "bàdgér",
            "b4dg3r",
            "bаdger",
            "such snake oil this is",
        ]
        for number, text in enumerate(caught):
            assert await fate(viewer, text, f"m{number}") in ("MESSAGE_REJECTED", "held"), text
        for number, text in enumerate(["badgering is rude", "snakes and oil", "a badge, really"]):
            assert await fate(viewer, text, f"n{number}") == "shown", text
        held = await asyncio.to_thread(room.held)
        assert {(one["rule"], WORD in one["detail"]) for one in held} <= {("keyword", True)}
        await asyncio.to_thread(room.set, spectatorChat={"moderation": {"keywords": []}})
        assert await fate(viewer, "a badger, at last", "o1") == "shown"


@pytest.mark.spec("MOD-14")
async def test_the_reason_of_a_report_is_judged_too(make_room):
    room = make_room(settings=guarded())
    async with room.watch(options=READY) as author, room.watch(options=READY) as viewer:
        await author.welcome()
        await viewer.welcome()
        await author.chat("hello everybody")
        said = await viewer.expect("spectator.chat_message")
        for reason, answered in (("such a badger", "spectator.error"), ("rude", "spectator.notice")):
            await viewer.send(
                "spectator.report", {"message_id": said["message_id"], "reason": reason}, reason
            )
            answer = await viewer.until(lambda m, ref=reason: m["data"].get("ref") == ref)
            assert answer["type"] == answered
        path = f"{room.path}/moderation/reports"
        (listed,) = (await asyncio.to_thread(room.public.call, "GET", path, token=room.host_token))["reports"]
        assert listed["reasons"] == ["rude"]


async def test_a_dry_run_says_what_new_words_would_have_stopped(make_room):
    room = make_room(settings=guarded(keywords=[]))
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        for number, text in enumerate(["a badger!", "what a day", "b4dg3r"]):
            assert await fate(viewer, text, f"m{number}") == "shown"
    found = await asyncio.to_thread(
        room.public.call,
        "PATCH",
        f"{room.path}/settings?dry_run=true",
        token=room.host_token,
        json={"spectatorChat": {"moderation": {"keywords": [WORD]}}},
    )
    chat = found["chat"]
    assert (chat["judged"], chat["held"] + chat["refused"], chat["rules"]) == (3, 2, {"keyword": 2})
    assert all(WORD in example["detail"] for example in chat["examples"])


@pytest.mark.parametrize("wrong", [["*"], ["a"], ["x" * 101], "*", 7, [7]])
def test_what_is_no_word_is_refused_by_its_field(make_room, wrong):
    room = make_room()
    patch = {"spectatorChat": {"moderation": {"keywords": wrong}}}
    answer = room.public.answer("PATCH", f"{room.path}/settings", token=room.host_token, json=patch)
    assert answer.status_code == 400
    assert "spectatorChat.moderation.keywords" in answer.json()["message"]


async def test_who_floods_again_and_again_is_muted_by_the_relay(make_room):
    room = make_room(settings=guarded())
    async with room.watch(options=READY) as viewer, room.inside(room.host_token) as host:
        await viewer.welcome()
        await host.welcome()
        for number in range(8):
            await viewer.chat("look at this wonderful thing", message_id=f"m{number}")
            answer = await viewer.until(lambda m, n=number: m["data"].get("ref") == f"m{n}")
            if answer["data"].get("code") == "CHAT_DISABLED":
                break
        line = await host.expect("moderation.decided")
        assert (line["by"], line["action"], line["rule"], line["undoable"]) == (
            "relay",
            "mute",
            "flood",
            True,
        )
        assert any(m["data"].get("muted") for m in viewer.seen)
