"""What the hub needs around it, without sockets or disk: a log in memory, viewers that stall, a meter."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any

from relay.delivery import writer as writer_module
from relay.delivery.coding import Coding
from relay.delivery.frames import Encoded, Encoder, Variant
from relay.delivery.hub import Hub
from relay.delivery.stream import Subscriber
from relay.protocol.envelope import MessageIds
from relay.protocol.events import EVENT_TYPES
from relay.protocol.messages import CHAT
from relay.rooms.disclosure import Disclosure
from relay.storage.contract import REMOVED, Erasure, Kind, Record, StorageFailed
from support.clock import NOON_MS, ManualClock
from support.wire import WireReader
from support.wound_loop import run_wound

EPOCH = "abcdefgh"
ROOM = "room"
EVERYTHING = Variant(EVENT_TYPES, chat=True)
ALL_VISIBLE = EVENT_TYPES | {CHAT}


def position_of(cursor: str) -> int:
    """Return the number in a cursor of this log."""
    epoch, _, number = cursor.partition("-")
    assert epoch == EPOCH, cursor
    return int(number)


def told_today(variant: Variant, whole: bool) -> dict[str, Any]:
    """Stand for what a room says of its settings."""
    return {"visible": sorted(variant.types), **({"current_state": {}} if whole else {})}


class MeterReading:
    """A `Meter` that adds up."""

    def __init__(self) -> None:
        self.bytes = 0
        self.flushes: list[tuple[list[int], int]] = []

    def sent(self, size: int, viewers: int, labels: tuple[str, str] = ("", "")) -> None:
        """Count bytes."""
        self.bytes += size * viewers

    def flushed(self, records: Sequence[Record], viewers: int) -> None:
        """Note a flush."""
        self.flushes.append(([record.seq for record in records], viewers))


class CountingEncoder(Encoder):
    """Counts how often records are encoded, and how many."""

    def __init__(self) -> None:
        super().__init__(ROOM, EPOCH, MessageIds("id"), told_today)
        self.calls = 0

    def payloads(self, *arguments: Any, **named: Any) -> Encoded:
        """Count, and encode."""
        self.calls += 1
        return super().payloads(*arguments, **named)


class FakeTransport:
    """The sending half of a connection, with asyncio's marks: paused over `HIGH`, resumed under a quarter.

    Attributes:
        stalled: Nothing drains by itself.
        waiting: Bytes not drained yet.
        seen: Every envelope that was written, in order.
        written: Each write.
        given_up: How often delivery gave the viewer up.
    """

    def __init__(self, *, coding: Coding = Coding.PLAIN, stalled: bool = False) -> None:
        self.stalled = stalled
        self.waiting = 0
        self.seen: list[dict[str, Any]] = []
        self.written: list[bytes] = []
        self.given_up = 0
        self.on_envelope: Callable[[dict[str, Any]], None] = self.seen.append
        self.on_give_up: Callable[[], object] = lambda: None
        self._reader = WireReader(coding)
        self.subscriber = Subscriber(self._write, lambda: self.waiting, coding, self._give_up, EVERYTHING)

    def _write(self, data: bytes) -> None:
        self.written.append(data)
        if self.stalled:
            self.waiting += len(data)
            if self.waiting > writer_module.HIGH:
                self.subscriber.pause()
        for envelope in self._reader.feed(data):
            self.on_envelope(envelope)

    def drain(self, size: int | None = None) -> None:
        """Let bytes go to the network; all of them unless told how many."""
        self.waiting -= self.waiting if size is None else min(size, self.waiting)
        if self.subscriber.paused and self.waiting <= writer_module.HIGH // 4:
            self.subscriber.resume()

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """Return the data of the envelopes of a type."""
        return [envelope["data"] for envelope in self.seen if envelope["type"] == kind]

    def seqs(self) -> list[int]:
        """Return the positions of everything ordered that was written, keepalives apart."""
        return [seq for envelope in self.seen for seq in seqs_of(envelope)]

    def _give_up(self) -> None:
        self.given_up += 1
        self.on_give_up()


def seqs_of(envelope: dict[str, Any]) -> list[int]:
    """Return the positions of what an envelope carries: none for what is unordered."""
    data = envelope["data"]
    if envelope["type"] in ("spectator.activity", "spectator.batch"):
        return [event["seq"] for event in data["events"]]
    carries = "cursor" in data and envelope["type"] != "spectator.keepalive"
    return [position_of(data["cursor"])] if carries else []


class LogInMemory:
    """A room's committed records; what was not durable is read back without its body.

    Attributes:
        turns: How many turns of the loop a read takes.
        broken: Reads fail.
        reads: `(after, limit, until)` of each read.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.turns = 1
        self.broken = False
        self.reads: list[tuple[int, int, int]] = []
        self.erased: set[int] = set()
        self._volatile: set[int] = set()

    @property
    def head(self) -> int:
        """The last position."""
        return len(self.records)

    def add(
        self, kind: Kind, type: str = "", *, durable: bool = True, origin: Any = None, size: int = 0
    ) -> Record:
        """Commit one record."""
        seq = self.head + 1
        if not durable:
            self._volatile.add(seq)
        record = Record(seq, kind, type, NOON_MS, NOON_MS, _body(kind, type, "x" * size), origin)
        self.records.append(record)
        return record

    def remove(self, seq: int) -> Record:
        """Commit the removal of a chat message, and erase it."""
        self.erased.add(seq)
        record = replace(self.add(Kind.REMOVAL), erases=Erasure((seq,)))
        self.records[-1] = record
        return record

    def is_durable(self, seq: int) -> bool:
        """Say whether a record's body is kept."""
        return seq not in self._volatile

    async def read(self, after: int, limit: int, until: int) -> list[Record]:
        """Read as `EventLog.read` does."""
        self.reads.append((after, limit, until))
        for _ in range(self.turns):
            await asyncio.sleep(0)
        if self.broken:
            raise StorageFailed("the disk is gone")
        return [self._kept(record) for record in self.records[after:until][:limit]]

    def _kept(self, record: Record) -> Record:
        gone = record.seq in self.erased
        body = record.body if self.is_durable(record.seq) and not gone else b""
        kind = REMOVED if gone else record.type
        return Record(record.seq, record.kind, kind, record.at_ms, record.logged_ms, body)


class RoomOfViewers:
    """A hub with its log, its clock and its tasks."""

    def __init__(self, tasks: asyncio.TaskGroup, log: LogInMemory | None = None, clock: Any = None) -> None:
        self.log = log or LogInMemory()
        self.visible: frozenset[str] = ALL_VISIBLE
        self.clock = clock or ManualClock()
        self.meter = MeterReading()
        self.encoder = CountingEncoder()
        self.hub = Hub(
            self.encoder,
            self.log.head,
            self.log.read,
            lambda: Disclosure(self.visible),
            self._spawn(tasks),
            self.clock,
            self.meter,
        )

    def push(self, *types: str, size: int = 0) -> None:
        """Commit events and hand them over."""
        self.hub.push([self.log.add(Kind.EVENT, type, size=size) for type in types])

    def say(self, *, origin: Any = None, durable: bool = True) -> None:
        """Commit a chat message and hand it over."""
        self.hub.push([self.log.add(Kind.CHAT, durable=durable, origin=origin)])

    def remove(self, seq: int) -> None:
        """Commit the removal of a chat message and hand it over."""
        self.hub.push([self.log.remove(seq)])

    def change_visible(self, visible: Iterable[str]) -> None:
        """Change the host's settings as a room does: what is pending first, then the notice."""
        self.hub.flush()
        self.visible = frozenset(visible)
        self.hub.push([self.log.add(Kind.SETTINGS)])

    def join(
        self, variant: Variant = EVERYTHING, *, coding: Coding = Coding.PLAIN, stalled: bool = False
    ) -> FakeTransport:
        """Let a viewer in, live from now on."""
        viewer = FakeTransport(coding=coding, stalled=stalled)
        viewer.subscriber.variant = variant
        self.hub.flush()
        self.hub.join_live(viewer.subscriber)
        return viewer

    def resume(
        self,
        after: int,
        variant: Variant = EVERYTHING,
        kinds: frozenset[Kind] | None = None,
        *,
        coding: Coding = Coding.PLAIN,
        stalled: bool = False,
    ) -> FakeTransport:
        """Let a viewer in that has seen the log up to a position."""
        viewer = FakeTransport(coding=coding, stalled=stalled)
        viewer.subscriber.variant = variant
        self.hub.join_reading(viewer.subscriber, after, kinds)
        return viewer

    @staticmethod
    def _spawn(tasks: asyncio.TaskGroup) -> Callable[[Coroutine[Any, Any, None]], object]:
        return tasks.create_task


Scenario = Callable[[RoomOfViewers], Coroutine[Any, Any, None]]


def in_a_room(scenario: Scenario, clock: Callable[[], Any] = ManualClock) -> Callable[[], None]:
    """Make a test of a scenario with a room, on a loop whose time is wound; `clock` makes the room's."""

    def test() -> None:
        async def run() -> None:
            async with asyncio.TaskGroup() as tasks:
                await scenario(RoomOfViewers(tasks, clock=clock()))

        run_wound(run())

    test.__name__ = scenario.__name__
    test.__doc__ = scenario.__doc__
    return test


async def settle(turns: int = 60) -> None:
    """Let everything that is ready run."""
    for _ in range(turns):
        await asyncio.sleep(0)


def _body(kind: Kind, type: str, filler: str) -> bytes:
    match kind:
        case Kind.EVENT:
            body: dict[str, Any] = {"type": type, "timestamp": "2026-02-17T12:00:00Z", "content": filler}
            if type == "agent.status_change":
                body |= {"agent_name": "Ada", "status": "testing"}
        case Kind.CHAT:
            body = {"room_id": ROOM, "message": f"hello{filler}"}
        case Kind.SETTINGS:
            body = {"kind": "settings_changed"}
        case Kind.STATE:
            body = {"kind": "room_state", "state": "paused"}
        case Kind.REMOVAL | Kind.ACT:
            body = {"room_id": ROOM, "reason": "deleted"}
    return json.dumps(body, separators=(",", ":")).encode()
