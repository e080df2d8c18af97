"""Locks: a moderator whose line is full costs no memory, and has the whole queue once it has drained."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from relay.audience.regions import Regions
from relay.chat.channel import Author
from relay.config import Config
from relay.delivery.coding import Coding
from relay.delivery.frames import Variant
from relay.delivery.stream import Subscriber
from relay.delivery.writer import HIGH
from relay.gateway.callers import Caller
from relay.gateway.host_session import HostSession
from relay.protocol.countries import UNKNOWN
from relay.protocol.events import EVENT_TYPES
from relay.rooms.admission import ViewerState
from relay.rooms.settings import RoomSettings, Visibility, patch_settings
from relay.service.live_room import LiveRoom
from relay.service.relay import Relay
from relay.service.spoken import Spoken, Waits
from relay.storage.sqlite import SqliteStorage
from support.clock import ManualClock
from support.wire import WireReader

OPERATOR = "operator-token"


class FakeLine:
    """A line whose transport holds as many bytes as the test says."""

    coding = Coding.PLAIN

    def __init__(self) -> None:
        self.waiting = 0
        self.buffered: Callable[[], int] = lambda: self.waiting
        self.write: Callable[[bytes], None] = self._take
        self.seen: list[dict[str, Any]] = []
        self._reader = WireReader(Coding.PLAIN)

    def _take(self, data: bytes) -> None:
        self.seen += self._reader.feed(data)

    def close(self, code: int, reason: str) -> None:
        raise AssertionError(f"closed: {code} {reason}")

    def fail(self, code: int, reason: str) -> None:
        raise AssertionError(f"failed: {code} {reason}")

    def types(self) -> list[str]:
        return [envelope["type"] for envelope in self.seen]


@asynccontextmanager
async def moderated(data: Path) -> AsyncIterator[tuple[Relay, LiveRoom]]:
    """Open a relay without sockets, and in it a room where everything is held."""
    clock = ManualClock()
    storage = SqliteStorage(data, clock)
    try:
        async with asyncio.TaskGroup() as tasks:
            config = Config(data=data)
            relay = Relay(
                config,
                storage,
                clock,
                Regions(),
                secret=bytes(32),
                operator_token=OPERATOR,
                spawn=tasks.create_task,
            )
            await relay.start()
            held = {"spectatorChat": {"moderation": {"requireApproval": True}}}
            room = await relay.create_room(
                "room", "room", Visibility.PUBLIC, patch_settings(RoomSettings(), held)
            )
            assert isinstance(room, LiveRoom)
            yield relay, room
    finally:
        await storage.aclose()


async def say(relay: Relay, room: LiveRoom, text: str) -> None:
    """Say something as a viewer; it is held."""
    line = FakeLine()
    subscriber = Subscriber(
        line.write, line.buffered, line.coding, lambda: None, Variant(EVENT_TYPES, chat=True)
    )
    author = Author(f"anon_{text}", "Zoe", ViewerState.ANONYMOUS)
    outcome = await relay.chat.say(room, author, Spoken({"message": text}, "m1", f"from {text}", subscriber))
    assert isinstance(outcome, Waits)


async def test_a_full_line_gets_the_queue_when_it_has_drained(tmp_path: Path):
    async with moderated(tmp_path) as (relay, room):
        line = FakeLine()
        session = HostSession(relay, line, room.id, Caller("192.0.2.1", UNKNOWN))
        session.open("", OPERATOR)
        await say(relay, room, "one")
        assert line.types() == ["spectator.welcome", "moderation.held"]
        line.waiting = HIGH + 1
        for text in ("two", "three"):
            await say(relay, room, text)
        assert line.types() == ["spectator.welcome", "moderation.held"], "nothing is written to a full line"
        line.waiting = 0
        await say(relay, room, "four")
        assert len(line.seen) == 2, "no change goes before those that were missed"
        session.resume()
        assert line.types()[2:] == ["moderation.queue"]
        waiting = [message["message"] for message in line.seen[-1]["data"]["held"]]
        assert waiting == ["one", "two", "three", "four"]
        await say(relay, room, "five")
        assert line.types()[3:] == ["moderation.held"]
        session.lost(clean=True)
        await say(relay, room, "six")
        assert len(line.seen) == 4, "who has left is told nothing"
