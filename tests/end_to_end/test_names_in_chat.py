"""Under which names viewers are read: chosen ones are marked, and none passes for somebody else's."""

from __future__ import annotations

import asyncio

import pytest

from support.clients import Api, chat_event
from support.crowds import READY

PACE = {"spectatorChat": {"rateLimit": {"messagesPerMinute": 600, "burstLimit": 100}}}


async def say(viewer, text, ref="m1"):
    await viewer.chat(text, message_id=ref)
    return (await viewer.until(lambda m: m["data"].get("ref") == ref))["data"]


def member(relay, name):
    with Api(relay.url, relay.operator_token) as api:
        return api.call("POST", "/tokens", json={"scope": "viewer", "name": name})["token"]


@pytest.mark.spec("CHAT-6")
async def test_the_nameless_the_self_named_and_the_registered_can_be_told_apart(relay, make_room):
    room = make_room(settings=PACE)
    async with (
        room.watch(options=READY) as nameless,
        room.watch(options={**READY, "name": " Z\u200boe  "}) as guest,
        room.watch(options=READY, token=member(relay, "Ada")) as known,
    ):
        told = []
        for number, viewer in enumerate((nameless, guest, known)):
            await viewer.welcome()
            own = await say(viewer, f"hello, {'abc'[number] * 3}")
            told.append((own["display_name"], own["author_state"]))
    assert told == [("Anonymous Viewer", "anonymous"), ("Zoe", "anonymous"), ("Ada", "registered")]


@pytest.mark.spec("CHAT-7")
@pytest.mark.parametrize(
    "name",
    [
        "alice",
        "ALICE",
        "al1ce",
        "аlice",
        "a\u200blice",
        "a.l.i.c.e",
        "host",
        "H0ST",
        "Moderator",
        "Ada",
        "Аda",
    ],
)
async def test_no_name_passes_for_a_participant_for_who_is_in_charge_or_for_an_account(
    relay, make_room, name
):
    room = make_room(settings=PACE)
    await asyncio.to_thread(room.publish, chat_event("hi", author="alice"))
    async with (
        room.watch(options=READY, token=member(relay, "Ada")) as ada,
        room.watch(options={**READY, "name": name}) as guest,
    ):
        await ada.welcome()
        await guest.welcome()
        shown = (await say(guest, "look at this"))["display_name"]
        assert shown.endswith(" (viewer)")
        assert (await ada.expect("spectator.chat_message"))["display_name"] == shown


async def test_a_change_to_such_a_name_is_refused_and_another_one_is_told(make_room):
    room = make_room(settings=PACE)
    async with room.watch(options={**READY, "name": "Zoe"}) as guest:
        await guest.welcome()
        await guest.send("spectator.connect", {"display_name": "M0derator"}, "n1")
        refused = await guest.expect("spectator.error")
        assert (refused["code"], refused["ref"]) == ("INVALID_MESSAGE", "n1")
        assert refused["message"].startswith("display_name: ")
        assert (await say(guest, "still me"))["display_name"] == "Zoe"
        await guest.send("spectator.connect", {"display_name": "Zoë the second"}, "n2")
        changed = await guest.expect("spectator.notice")
        assert (changed["kind"], changed["ref"], changed["display_name"]) == (
            "mode_changed",
            "n2",
            "Zoë the second",
        )
        assert (await say(guest, "now as that", "m2"))["display_name"] == "Zoë the second"
