"""How much and how fast viewers write: the host's numbers, at once, whoever comes back how often."""

from __future__ import annotations

import asyncio

import pytest

from support.clients import Api
from support.crowds import READY


async def fate(viewer, text, ref):
    """Say something; return `shown`, or the code and the data of what came instead."""
    await viewer.chat(text, message_id=ref)
    data = (await viewer.until(lambda m: m["data"].get("ref") == ref))["data"]
    return data.get("code", "shown"), data


def limited(per_minute, burst, **moderation):
    return {
        "spectatorChat": {
            "rateLimit": {"messagesPerMinute": per_minute, "burstLimit": burst},
            "moderation": moderation,
        }
    }


def member(relay, name="Ada"):
    with Api(relay.url, relay.operator_token) as api:
        return api.call("POST", "/tokens", json={"scope": "viewer", "name": name})["token"]


WORDS = ["apples", "rivers", "candles", "winter", "harbour", "lanterns", "orchards", "thunder"]


@pytest.mark.spec("MOD-2", "MOD-3")
async def test_a_burst_passes_then_the_rate_and_waiting_as_told_suffices(relay, make_room):
    room = make_room(settings=limited(600, 3))
    async with room.watch(options=READY, token=member(relay)) as viewer:
        await viewer.welcome()
        fates = [await fate(viewer, word, f"m{n}") for n, word in enumerate(WORDS[:4])]
        assert [code for code, _ in fates[:3]] == ["shown"] * 3
        code, refused = fates[3]
        assert code == "RATE_LIMITED"
        assert 0 < refused["retry_after"] <= 101
        passed, surplus = 0, 0
        for number in range(20):
            code, data = await fate(
                viewer, f"{WORDS[number % 8]} and {number} more {WORDS[-number % 7]}", f"n{number}"
            )
            passed, surplus = passed + (code == "shown"), surplus + (code == "RATE_LIMITED")
            if code == "RATE_LIMITED":
                await asyncio.sleep(data["retry_after"] / 1000)
                code, _ = await fate(viewer, f"once more with {WORDS[number % 8]} {number}", f"o{number}")
                assert code == "shown", "waiting as long as told is enough"
        assert surplus > 0


@pytest.mark.spec("MOD-4")
@pytest.mark.parametrize("known", [False, True], ids=["anonymous", "registered"])
async def test_reconnecting_refills_nothing(relay, make_room, known):
    room = make_room(settings=limited(2, 4))
    token = member(relay) if known else None
    async with room.watch(options=READY, token=token) as viewer:
        burst = (await viewer.welcome())["limits"]["chat_burst"]
        codes = [(await fate(viewer, WORDS[number], f"m{number}"))[0] for number in range(burst + 1)]
    assert codes == ["shown"] * burst + ["RATE_LIMITED"]
    for _ in range(2):
        async with room.watch(options=READY, token=token) as again:
            await again.welcome()
            assert (await fate(again, "here I am again", "m9"))[0] == "RATE_LIMITED"


@pytest.mark.spec("INTEG-9")
async def test_length_is_counted_in_characters_and_told(make_room):
    room = make_room(settings=limited(600, 100, maxMessageLength=10))
    async with room.watch(options=READY) as viewer:
        assert (await viewer.welcome())["limits"]["chat_message_length"] == 10
        assert (await fate(viewer, "🦀" * 10, "m1"))[0] == "shown"
        code, refused = await fate(viewer, "🦀" * 11, "m2")
        assert code == "MESSAGE_TOO_LARGE"
        assert "11" in refused["message"]
        assert "10" in refused["message"]
        await asyncio.to_thread(room.set, spectatorChat={"moderation": {"maxMessageLength": 11}})
        notice = await viewer.until(lambda m: m["data"].get("kind") == "settings_changed")
        assert notice["data"]["limits"]["chat_message_length"] == 11
        assert (await fate(viewer, "🐢" * 11, "m3"))[0] == "shown"


@pytest.mark.spec("INTEG-10")
async def test_the_hosts_numbers_hold_at_once_and_must_be_numbers(relay, make_room):
    room = make_room(settings=limited(600, 100))
    async with room.watch(options=READY, token=member(relay)) as viewer:
        await viewer.welcome()
        for number in range(4):
            assert (await fate(viewer, WORDS[number], f"m{number}"))[0] == "shown"
        await asyncio.to_thread(room.set, **limited(1, 1))
        assert (await fate(viewer, "too much by now", "m5"))[0] == "RATE_LIMITED"
        await asyncio.to_thread(room.set, **limited(600, 100))
        assert (await fate(viewer, "and free again", "m6"))[0] == "shown"
    for name in ("messagesPerMinute", "burstLimit"):
        for wrong in (0, -1, "x"):
            patch = {"spectatorChat": {"rateLimit": {name: wrong}}}
            answer = room.public.answer("PATCH", f"{room.path}/settings", token=room.host_token, json=patch)
            assert answer.status_code == 400
            assert f"spectatorChat.rateLimit.{name}" in answer.json()["message"]


async def test_a_room_may_let_those_write_who_have_watched_for_a_while(make_room):
    room = make_room(settings=limited(600, 100, watchSeconds=3600))
    async with room.watch(options=READY) as viewer:
        assert (await viewer.welcome())["room_info"]["chat"]["watch_s"] == 3600
        code, refused = await fate(viewer, "hello", "m1")
        assert code == "RATE_LIMITED"
        assert 3_590_000 < refused["retry_after"] <= 3_600_001
        await asyncio.to_thread(room.set, spectatorChat={"moderation": {"watchSeconds": 0}})
        assert (await fate(viewer, "hello", "m2"))[0] == "shown"


@pytest.mark.spec("CHAT-13")
async def test_chat_text_goes_through_the_sanitiser(make_room):
    room = make_room(settings=limited(600, 100))
    secret = "ghp_" + "A1b2C3d4E5" * 3 + "f6G7h8"
    async with room.watch(options=READY) as viewer, room.watch(options=READY) as other:
        await viewer.welcome()
        await other.welcome()
        await fate(viewer, f"my key is {secret} and \x1b]0;owned\x07 \x1b[31mred", "m1")
        shown = (await other.expect("spectator.chat_message"))["message"]
    assert secret not in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


@pytest.mark.spec("CHAT-14")
async def test_an_id_in_the_chat_is_no_credential_and_links_nothing(relay, make_room):
    rooms, token = [make_room(), make_room()], member(relay)
    seen = []
    for room in rooms:
        async with room.watch(options=READY, token=token) as viewer:
            await viewer.welcome()
            _, own = await fate(viewer, "it is me", "m1")
            seen.append(own["spectator_id"])
    assert seen[0] != seen[1]
    async with rooms[0].watch(options=READY, token=seen[0]) as impostor:
        assert (await impostor.expect("spectator.error"))["code"] == "AUTH_INVALID"
    async with rooms[0].watch(connect_data={"spectator_id": seen[0], "display_name": "me"}) as impostor:
        spectator = (await impostor.welcome())["spectator"]
    assert (spectator["id"] == seen[0], spectator["state"]) == (False, "anonymous")


@pytest.mark.spec("CHAT-15")
async def test_in_a_completed_room_the_chat_is_closed_and_history_is_there(make_room):
    room = make_room(settings=limited(600, 100))
    async with room.watch(options=READY) as viewer:
        start = (await viewer.welcome())["cursor"]
        await fate(viewer, "goodbye", "m1")
        await asyncio.to_thread(
            room.publish,
            {"type": "room.state_changed", "id": "s1", "data": {"state": "completed"}},
        )
        told = await viewer.until(lambda m: m["data"].get("kind") == "room_state")
        assert told["data"]["state"] == "completed"
        assert (await fate(viewer, "anybody?", "m2"))[0] == "CHAT_DISABLED"
        assert [m["data"]["kind"] for m in viewer.seen if m["type"] == "spectator.notice"].count(
            "room_state"
        ) == 1
        async with room.watch(options={"cursor": start}) as late:
            welcome = await late.welcome()
            assert (welcome["spectator"]["capabilities"], welcome["room_info"]["state"]) == ([], "completed")
            assert (await late.expect("spectator.chat_message"))["message"] == "goodbye"
