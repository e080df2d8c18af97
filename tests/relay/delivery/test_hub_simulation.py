"""Locks: whatever happens in whatever order, each viewer gets what it may see, once, in order, unbroken.

A simulation drives a hub: records are committed, time passes, viewers join, stall, drain, change their minds,
leave and come back, the host changes what is visible, the load what is merged. It is judged by a model that
knows nothing of frames, streams or tasks: the log as a list, and for each viewer what it may and what it must
have received.

- *Must*: every record after its start that it was entitled to all the way from commit to receipt, and that
  was still to be had (a chat message no disk keeps may be gone once memory has moved on).
- *May*: what it was entitled to at the moment it was written, and nothing else.
"""

import asyncio
import weakref
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.delivery import hub as hub_module
from relay.delivery import stream as stream_module
from relay.delivery import tail as tail_module
from relay.delivery import writer as writer_module
from relay.delivery.batches import parse_batch_name
from relay.delivery.coding import Coding
from relay.delivery.frames import Origin, Variant
from relay.delivery.quality import LEVELS
from relay.protocol.events import EVENT_TYPES
from relay.protocol.messages import CHAT
from relay.storage.contract import Kind, Record
from support.clock import LoopClock
from support.delivery import (
    ALL_VISIBLE,
    EVERYTHING,
    FakeTransport,
    RoomOfViewers,
    position_of,
    seqs_of,
    settle,
)
from support.wound_loop import run_wound

HIGH, TAIL, PAGE = 900, 12, 4
SEAM = 600
"""Bytes that going live may take beyond the mark: a keepalive, the latest presence, the quality."""
STREAMS = 2
TYPES = ["chat.public", "git.commit", "milestone.reached", "agent.status_change"]
VARIANTS = [
    EVERYTHING,
    Variant(frozenset({"git.commit"}), chat=False),
    Variant(frozenset({"git.commit"}), chat=True),
    Variant(EVENT_TYPES, chat=False),
    Variant(EVENT_TYPES, chat=True, interval_s=30),
    Variant(EVENT_TYPES, chat=True, interval_s=30, low=True),
    Variant(frozenset({"git.commit", "chat.public"}), chat=True, interval_s=2),
]
USUAL = [EVERYTHING, VARIANTS[3], VARIANTS[4], VARIANTS[5]]
"""Those that have a stream in any room."""
VISIBLE = [
    ALL_VISIBLE,
    EVENT_TYPES,
    frozenset({CHAT, "chat.public"}),
    frozenset({"git.commit", "milestone.reached"}),
]
HISTORY = frozenset({Kind.EVENT, Kind.CHAT})


def entitled(record: Record, variant: Variant, visible: frozenset[str]) -> bool:
    """Say whether a viewer of a variant may see a record."""
    if record.kind is Kind.EVENT:
        return record.type in variant.types and record.type in visible
    if record.kind is Kind.CHAT:
        return variant.chat and CHAT in visible
    if record.kind is Kind.REMOVAL:
        return variant.chat  # also where the chat is closed by now: whoever shows it takes it away
    return True


@dataclass(eq=False)
class Watcher:
    """A viewer, and what the model expects of its stream."""

    transport: FakeTransport
    start: int
    variant: Variant
    not_required: set[int] = field(default_factory=set)
    received: list[int] = field(default_factory=list)
    cursors: list[int] = field(default_factory=list)
    presence: int = 0
    presence_due: bool = False
    asking: bool = False
    level_ms: int | None = None

    @property
    def cursor(self) -> int:
        """Where its stream stands, as it knows it."""
        return self.cursors[-1]


class Simulation:
    """A room, its viewers and the model."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self.room = RoomOfViewers(tasks, clock=LoopClock())
        self.watchers: list[Watcher] = []
        self.left: list[Watcher] = []
        self.forgotten = 0  # memory holds what is after this position
        self.broadcasts = 0

    # -- what happens ------------------------------------------------------------------------------

    def commit(self, *records: Record) -> None:
        self.room.hub.push(records)
        self.forgotten = max(0, self.room.log.head - TAIL)
        self.excuse()

    def events(self, types: list[str]) -> None:
        self.commit(*(self.room.log.add(Kind.EVENT, type) for type in types))

    def say(self, index: int, durable: bool) -> None:
        author = self.pick(index)
        origin = Origin(weakref.ref(author.transport.subscriber), "ref") if author else None
        self.commit(self.room.log.add(Kind.CHAT, durable=durable, origin=origin))

    def remove(self, position: int) -> None:
        said = [record.seq for record in self.room.log.records if record.kind is Kind.CHAT]
        if said:
            self.commit(self.room.log.remove(said[position % len(said)]))

    def change_state(self) -> None:
        self.commit(self.room.log.add(Kind.STATE))

    def change_visible(self, index: int) -> None:
        self.room.change_visible(VISIBLE[index])
        self.forgotten = max(0, self.room.log.head - TAIL)
        self.excuse()

    def join(self, variant: int, coding: Coding, stalled: bool) -> None:
        transport = FakeTransport(coding=coding, stalled=stalled)
        transport.subscriber.variant = VARIANTS[variant]
        self.room.hub.flush()
        start = self.room.hub.peek(VARIANTS[variant])
        watcher = self.watch(transport, start, VARIANTS[variant])
        # It is live from now on: what is older was never for its variant.
        watcher.not_required |= set(range(start + 1, self.room.log.head + 1))
        self.room.hub.join_live(transport.subscriber)

    def resume(self, after: int, variant: int, coding: Coding, stalled: bool, history: bool) -> None:
        transport = FakeTransport(coding=coding, stalled=stalled)
        transport.subscriber.variant = VARIANTS[variant]
        watcher = self.watch(transport, min(after, self.room.log.head), VARIANTS[variant])
        if history:
            watcher.not_required |= {r.seq for r in self.room.log.records if r.kind not in HISTORY}
        self.excuse()
        self.room.hub.join_reading(transport.subscriber, watcher.start, HISTORY if history else None)

    def come_back(self, index: int, which: int) -> None:
        watcher = self.leave(index)
        if watcher:
            variant = VARIANTS.index(watcher.variant)
            self.resume(
                watcher.cursors[which % len(watcher.cursors)],
                variant,
                watcher.transport.subscriber.coding,
                False,
                False,
            )

    def leave(self, index: int) -> Watcher | None:
        watcher = self.pick(index)
        if watcher:
            self.forget(watcher)
        return watcher

    def forget(self, watcher: Watcher) -> None:
        self.room.hub.leave(watcher.transport.subscriber)
        self.watchers.remove(watcher)
        self.left.append(watcher)

    def give_up(self, watcher: Watcher) -> None:
        assert watcher.transport.stalled, "its line is free"
        self.forget(watcher)

    def stall(self, index: int) -> None:
        watcher = self.pick(index)
        if watcher:
            watcher.transport.stalled = True

    def drain(self, index: int, size: int | None) -> None:
        watcher = self.pick(index)
        if watcher:
            watcher.transport.drain(size)

    def change_variant(self, index: int, variant: int) -> None:
        watcher = self.pick(index)
        if watcher:
            self.room.hub.flush()
            batched = watcher.variant.interval_s > 0
            watcher.variant = VARIANTS[variant]
            watcher.level_ms = None  # the answer tells it
            self.excuse()
            if watcher.transport.subscriber.live and not batched:
                # Its stream up to here was dealt with under the old choice.
                watcher.not_required |= set(range(watcher.cursor + 1, self.room.log.head + 1))
            watcher.asking = True
            self.room.hub.change_variant(watcher.transport.subscriber, VARIANTS[variant])
            watcher.asking = False

    async def keep_alive(self, passed_s: float) -> None:
        await asyncio.sleep(passed_s)
        self.room.hub.keep_alive(60)

    def set_level(self, level: int) -> None:
        self.room.hub.set_level(level, "load")

    async def pass_time(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def broadcast(self) -> None:
        self.broadcasts += 1
        for watcher in self.watchers:
            watcher.presence_due = True
        self.room.hub.broadcast("spectator.presence", b'{"n":%d}' % self.broadcasts)

    # -- the model ---------------------------------------------------------------------------------

    def pick(self, index: int) -> Watcher | None:
        return self.watchers[index % len(self.watchers)] if self.watchers else None

    def watch(self, transport: FakeTransport, start: int, variant: Variant) -> Watcher:
        watcher = Watcher(transport, start, variant, cursors=[start])
        transport.on_envelope = lambda envelope: self.receive(watcher, envelope)
        transport.on_give_up = lambda: self.give_up(watcher)
        self.watchers.append(watcher)
        return watcher

    def excuse(self) -> None:
        """Take what somebody is no longer entitled to, or can no longer be given, off what it must get."""
        for watcher in self.watchers:
            for record in self.room.log.records[watcher.cursor :]:
                lost = record.seq <= self.forgotten and not self.room.log.is_durable(record.seq)
                thinned = watcher.variant.low and record.type == "agent.status_change"
                gone = record.seq in self.room.log.erased
                if lost or gone or thinned or not entitled(record, watcher.variant, self.room.visible):
                    watcher.not_required.add(record.seq)

    def receive(self, watcher: Watcher, envelope: dict[str, Any]) -> None:
        assert watcher in self.watchers, "written to a viewer that left"
        waited = watcher.transport.waiting - len(watcher.transport.written[-1])
        assert watcher.asking or waited <= HIGH + SEAM, "written to a viewer over the mark"
        data = envelope["data"]
        if envelope["type"] == "spectator.presence":
            watcher.presence = data["n"]
            return
        if data.get("kind") == "quality_changed":
            watcher.level_ms = data["interval_ms"]
            return
        after, cursor = position_of(data["after"]), position_of(data["cursor"])
        assert after == watcher.cursor, "the chain is broken"
        assert cursor >= after, "the cursor goes backwards"
        seqs = seqs_of(envelope)
        if envelope["type"] == "spectator.batch":
            name = parse_batch_name(data["batch_id"])
            assert name is not None
            assert name.after < seqs[0] <= seqs[-1] == name.last
            assert (name.types, name.low) == (watcher.variant.types, watcher.variant.low)
        if seqs:
            assert after < seqs[0]
            assert sorted(set(seqs)) == seqs
            assert seqs[-1] == cursor
        for seq in seqs:
            record = self.room.log.records[seq - 1]
            assert seq not in self.room.log.erased, f"{record} was removed"
            assert entitled(record, watcher.variant, self.room.visible), f"{record} is not for this viewer"
            mine = record.origin is not None and record.origin.author() is watcher.transport.subscriber
            assert mine or "ref" not in data, "somebody else's id for its message"
        watcher.received += seqs
        watcher.cursors.append(cursor)

    async def run(self, turns: list[list[tuple[Any, ...]]]) -> None:
        for turn in turns:
            for name, *arguments in turn:
                happening = getattr(self, name)(*arguments)
                if happening is not None and asyncio.iscoroutine(happening):
                    await happening
            await asyncio.sleep(0)
        await self.come_to_rest()
        self.judge()
        for watcher in list(self.watchers):
            self.room.hub.leave(watcher.transport.subscriber)
        await settle()

    async def come_to_rest(self) -> None:
        for _ in range(40):
            for watcher in self.watchers:
                watcher.transport.stalled = False
                watcher.transport.drain()
            await settle(20)
            await self.pass_time(10)
            self.room.hub.keep_alive(60)
        usual = [watcher for watcher in self.watchers if watcher.variant in USUAL]
        assert all(watcher.transport.subscriber.live for watcher in usual), "its line is free"

    def judge(self) -> None:
        head = self.room.log.head
        for watcher in self.watchers:
            assert watcher.received == sorted(set(watcher.received)), "repeated or out of order"
            required = set(range(watcher.start + 1, head + 1)) - watcher.not_required
            missing = required - set(watcher.received)
            assert not missing, f"never received {sorted(missing)}"
            assert self.room.hub.stands_at(watcher.transport.subscriber) == watcher.cursor
            assert not watcher.presence_due or watcher.presence == self.broadcasts, "stale presence"
            now_ms = LEVELS[self.room.hub.level].interval_ms
            assert watcher.variant.interval_s or watcher.level_ms in (None, now_ms), "told of another quality"
        everybody = [*self.watchers, *self.left]
        written = sum(len(data) for watcher in everybody for data in watcher.transport.written)
        assert self.room.meter.bytes == written, "the meter is wrong"


INDEX = st.integers(0, 5)
POSITION = st.integers(0, 40)
VARIANT = st.integers(0, len(VARIANTS) - 1)
FLAG = st.booleans()
CODING = st.sampled_from(Coding)
EVENTS = st.tuples(st.just("events"), st.lists(st.sampled_from(TYPES), min_size=1, max_size=6))
HAPPENINGS = st.one_of(
    EVENTS,
    EVENTS,
    st.tuples(st.just("say"), INDEX, FLAG),
    st.tuples(st.just("remove"), POSITION),
    st.tuples(st.just("change_state")),
    st.tuples(st.just("join"), VARIANT, CODING, FLAG),
    st.tuples(st.just("resume"), POSITION, VARIANT, CODING, FLAG, FLAG),
    st.tuples(st.just("come_back"), INDEX, POSITION),
    st.tuples(st.just("leave"), INDEX),
    st.tuples(st.just("stall"), INDEX),
    st.tuples(st.just("drain"), INDEX, st.none() | st.integers(1, 1000)),
    st.tuples(st.just("change_variant"), INDEX, VARIANT),
    st.tuples(st.just("change_visible"), st.integers(0, len(VISIBLE) - 1)),
    st.tuples(st.just("keep_alive"), st.sampled_from([0.0, 61.0])),
    st.tuples(st.just("broadcast")),
    st.tuples(st.just("set_level"), st.integers(0, len(LEVELS) - 1)),
    st.tuples(st.just("pass_time"), st.sampled_from([0.02, 0.3, 1.5, 40.0])),
)
TURNS = st.lists(st.lists(HAPPENINGS, min_size=1, max_size=5), min_size=10, max_size=40)


@pytest.fixture(autouse=True)
def small_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks so low that a short run crosses each of them often."""
    monkeypatch.setattr(writer_module, "HIGH", HIGH)
    monkeypatch.setattr(tail_module, "TAIL", TAIL)
    monkeypatch.setattr(tail_module, "PAGE", PAGE)
    monkeypatch.setattr(stream_module, "RUN", 3)
    monkeypatch.setattr(hub_module, "STREAMS", STREAMS)


async def simulate(turns: list[list[tuple[Any, ...]]]) -> None:
    async with asyncio.TaskGroup() as tasks:
        await Simulation(tasks).run(turns)


@settings(max_examples=200)
@given(TURNS)
def test_each_viewer_gets_what_it_may_see_once_in_order_in_a_closed_chain(turns: list[list[tuple[Any, ...]]]):
    run_wound(simulate(turns))
