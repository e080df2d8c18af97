"""A busy room is merged and says so; a calm one is live again, with one change back."""

import asyncio
from pathlib import Path

import pytest

from relay.delivery import quality
from support.clients import chat_event, events_of
from support.wound_relay import wound_relay


def changes(viewer):
    """Return what a viewer was told of its quality, in order."""
    notices = [m["data"] for m in viewer.seen if m["type"] == "spectator.notice"]
    return [(n["quality"], n["interval_ms"], n["reason"]) for n in notices if n["kind"] == "quality_changed"]


def told(viewer):
    return viewer.until(lambda m: m["data"].get("kind") == "quality_changed", timeout_s=30)


@pytest.mark.spec("ADAPT-1", "ADAPT-2")
async def test_a_very_active_room_is_merged_by_itself_and_live_again_when_it_calms_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(quality, "_SECONDS", 4)  # of ten: the relay's seconds are real ones
    async with wound_relay(tmp_path / "data") as relay:
        viewer = await relay.enter("room")
        batched = await relay.enter("room", connect_data={"frequency": "batched", "interval_s": 1})
        published = 0
        waiting = asyncio.ensure_future(told(viewer))
        while not waiting.done():
            # More than a thousand a minute, also where the machine is slow.
            said = [chat_event(str(published)), chat_event(str(published + 1))]
            await relay.call("POST", "/rooms/room/events", json=said)
            published += len(said)
            relay.clock.advance(0.02)
            await asyncio.sleep(0.015)
        await waiting
        assert changes(viewer) == [("merged", 65, "activity")]
        newcomer = await relay.enter("room")
        assert newcomer.seen[0]["data"]["delivery"]["quality"] == "merged"
        for _ in range(30):
            await relay.call("POST", "/rooms/room/events", json=[chat_event(str(published))])
            published += 1
        relay.clock.advance(1.0)
        await viewer.events(published, timeout_s=20)
        assert [event["content"] for event in events_of(viewer.seen)] == [str(n) for n in range(published)]
        merged = [
            m for m in viewer.seen if m["type"] == "spectator.activity" and len(m["data"]["events"]) > 1
        ]
        assert merged, "events that are a moment apart share a frame"
        waiting = asyncio.ensure_future(told(viewer))
        while not waiting.done():
            relay.clock.advance(0.3)  # slowly enough for pings to be answered
            await asyncio.sleep(0.1)
        await waiting
        assert changes(viewer) == [("merged", 65, "activity"), ("realtime", 0, "activity")]
        await relay.call("POST", "/rooms/room/events", json=[chat_event("calm")])
        await viewer.events(published + 1)
        assert changes(batched) == [], "who chose batches is not concerned"
