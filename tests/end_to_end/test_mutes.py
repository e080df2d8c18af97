"""A muted viewer watches on, is told until when and why, and sheds the mute by no other name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.clients import Viewer, chat_event, watching
from support.crowds import READY
from support.tokens import viewer_token
from support.wound_relay import wound_relay

if TYPE_CHECKING:
    from support.rooms import Room


async def act(room: Room, action: str, spectator_id: str, **more: Any) -> dict[str, Any]:
    """Act as the host upon a viewer; return the line of the log."""
    body = {"action": action, "spectator_id": spectator_id, **more}
    line: dict[str, Any] = await asyncio.to_thread(
        room.public.call, "POST", f"{room.path}/moderation", token=room.host_token, json=body
    )
    return line


async def say(viewer: Viewer, text: str, ref: str) -> dict[str, Any]:
    """Say something; return the own copy, or what came instead."""
    await viewer.chat(text, message_id=ref)
    data: dict[str, Any] = (await viewer.until(lambda m: m["data"].get("ref") == ref))["data"]
    return data


async def mode(viewer: Viewer, timeout_s: float = 1) -> dict[str, Any]:
    """Read on to the next change of what the viewer may do."""
    notice = await viewer.until(lambda m: m["data"].get("kind") == "mode_changed", timeout_s)
    data: dict[str, Any] = notice["data"]
    return data


@pytest.mark.spec("MOD-13")
async def test_a_muted_viewer_watches_on_and_is_told_until_when_and_why(room: Room) -> None:
    async with room.watch(options=READY) as viewer, room.watch(options=READY) as other:
        spectator = (await viewer.welcome())["spectator"]
        assert ("muted" in spectator, spectator["read_only"]) == (False, False)
        await other.welcome()
        line = await act(room, "mute", spectator["id"], seconds=300, reason="calm down")
        told = await mode(viewer)
        assert (told["capabilities"], told["muted"]) == ([], {"until": line["until"], "reason": "calm down"})
        refused = await say(viewer, "but why?", "m1")
        assert refused["code"] == "CHAT_DISABLED"
        assert "calm down" in refused["message"]
        assert 290_000 < refused["retry_after"] <= 300_000
        room.publish(chat_event("life goes on"))
        assert [event["content"] for event in await viewer.events(1)] == ["life goes on"]
        # Nobody else hears of it, and it says so again to who comes back.
        async with room.watch(options=READY, token=spectator["resume_token"]) as again:
            back = (await again.welcome())["spectator"]
            assert (back["muted"], back["capabilities"]) == (told["muted"], [])
            await act(room, "unmute", spectator["id"])
            for window in (viewer, again):
                assert await mode(window) | {"kind": ""} == {
                    "kind": "",
                    "capabilities": ["chat"],
                    "muted": None,
                }
        assert "code" not in await say(viewer, "thank you", "m2")
        await other.until(lambda m: m["data"].get("message") == "thank you")
    assert not any("calm down" in str(envelope) for envelope in other.seen)


async def test_a_mute_is_shed_neither_by_signing_in_nor_by_coming_back_as_who_one_was(
    make_room: Callable[..., Room],
) -> None:
    room = make_room()
    token = viewer_token(room.operator, "Ada").text
    async with room.watch(options=READY) as viewer:
        spectator = (await viewer.welcome())["spectator"]
        await act(room, "mute", spectator["id"])
        await mode(viewer)
        await viewer.send("spectator.connect", {"auth_token": token})
        signed_in = (await viewer.expect("spectator.welcome"))["spectator"]
        assert signed_in["id"] != spectator["id"]
        assert (signed_in["muted"] is not None, signed_in["capabilities"]) == (True, [])
        assert (await say(viewer, "hello as Ada", "m1"))["code"] == "CHAT_DISABLED"
    async with room.watch(options=READY, token=token) as ada:
        assert (await ada.welcome())["spectator"]["muted"] is not None
        await act(room, "unmute", signed_in["id"])
        assert (await mode(ada))["muted"] is None
    async with room.watch(options=READY, token=spectator["resume_token"]) as former:
        assert (await former.welcome())["spectator"].get("muted") is None


async def test_strangers_from_the_same_address_are_mute_with_it_and_who_is_known_is_not(room: Room) -> None:
    token = viewer_token(room.operator, "Ada").text
    async with (
        room.watch(options=READY) as viewer,
        room.watch(options=READY) as neighbour,
        room.watch(options=READY, token=token) as ada,
    ):
        spectator = (await viewer.welcome())["spectator"]
        await neighbour.welcome()
        await ada.welcome()
        await act(room, "mute", spectator["id"])
        assert (await mode(neighbour, timeout_s=2))["muted"] is not None
        assert (await say(neighbour, "what did I do?", "m1"))["code"] == "CHAT_DISABLED"
        assert "code" not in await say(ada, "what happened?", "m2")
        async with room.watch(options=READY) as newcomer:
            assert (await newcomer.welcome())["spectator"]["muted"] is not None


async def test_a_mute_ends_by_itself_and_says_so_and_outlives_a_restart_until_then(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data") as relay:
        viewer = await relay.enter("room")
        spectator = viewer.seen[0]["data"]["spectator"]
        await relay.call(
            "POST", "/rooms/room/moderation", json={"action": "mute", "spectator_id": spectator["id"]}
        )
        assert (await mode(viewer))["muted"] is not None
        relay.clock.advance(599)
        assert (await say(viewer, "still?", "m1"))["code"] == "CHAT_DISABLED"
        relay.clock.advance(1)
        assert "code" not in await say(viewer, "at last", "m2"), "ten minutes, unless it is said"
        assert (await mode(viewer, timeout_s=5))["muted"] is None
        await relay.call(
            "POST",
            "/rooms/room/moderation",
            json={"action": "mute", "spectator_id": spectator["id"], "seconds": 0},
        )
        assert (await mode(viewer))["muted"] == {"until": None, "reason": ""}
    async with wound_relay(tmp_path / "data") as again:
        seat = {"token": spectator["resume_token"], "options": READY}
        async with watching(again.url, "room", **seat) as back:
            assert (await back.welcome())["spectator"]["muted"] == {"until": None, "reason": ""}
            body = {"action": "unmute", "spectator_id": spectator["id"]}
            await again.call("POST", "/rooms/room/moderation", json=body)
            assert (await mode(back))["muted"] is None
