"""Viewers that are in no stream: they read the log by themselves, each from where it stands.

Whoever resumes, lags or changes its choice reads until it stands where its variant's stream does, and goes
live there. Three stand aside, up to date and in no stream: a batched viewer that is ahead of its stream (its
own words were shown to it at once), until the next batch; one whose variant has no stream, because the room
has too many, for as long as that is so; and whoever has just read, for an instant. All of them are served by
one task, one after the other, so that a thousand odd choices cost a room no more than it can spare.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from relay.delivery.frames import own_copies
from relay.storage.contract import Record, StorageError

if TYPE_CHECKING:
    from relay.clock import Clock
    from relay.delivery.frames import Encoder
    from relay.delivery.stream import Subscriber
    from relay.delivery.tail import Tail
    from relay.delivery.writer import Writer
    from relay.rooms.disclosure import Disclosure

WRITE = 64 * 1024
"""Bytes of records written at once, and so of one message: any client must be able to take it, and a viewer
is looked at between two of them."""
STALL_S = 30.0
"""How long a viewer may drain nothing before it is closed."""
ASIDE_S = 1.0
"""Seconds between two rounds through those who stand aside."""

_log = logging.getLogger("relay.delivery")


class Streams(Protocol):
    """Where readers go."""

    def goal(self, subscriber: Subscriber) -> int:
        """Return the position up to which a viewer is to be served now."""

    def settle(self, subscriber: Subscriber) -> bool:
        """Take a viewer that has come to its goal into its stream, if it can enter there."""


class Readers:
    """The reading viewers of one room."""

    def __init__(
        self,
        streams: Streams,
        tail: Tail,
        encoder: Encoder,
        writer: Writer,
        disclosure: Callable[[], Disclosure],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        clock: Clock,
    ) -> None:
        """Start with none."""
        self._streams = streams
        self._tail = tail
        self._encoder = encoder
        self._writer = writer
        self._disclosure = disclosure
        self._spawn = spawn
        self._clock = clock
        self._aside: dict[Subscriber, None] = {}
        self._attending = False
        self.lagging = 0

    def start(self, subscriber: Subscriber) -> None:
        """Let a viewer read from where its `reading` says."""
        self._aside.pop(subscriber, None)
        self._spawn(self._read(subscriber))

    def is_aside(self, subscriber: Subscriber) -> bool:
        """Say whether a viewer is up to date and waits; if it reads, it comes to its goal by itself."""
        return subscriber in self._aside

    def stand_aside(self, subscriber: Subscriber) -> None:
        """Let a viewer wait until there is something for it."""
        self._aside[subscriber] = None
        if not self._attending:
            self._attending = True
            self._spawn(self._attend())

    def hurry(self, position: int) -> None:
        """Let those who stand aside and follow the chat be served up to a position at the next round."""
        for subscriber in self._aside:
            if subscriber.reading is not None and subscriber.variant.chat:
                subscriber.reading.urgent = position

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a viewer."""
        self._aside.pop(subscriber, None)
        subscriber.wake()

    def keep_alive(self, silence_s: float) -> None:
        """Write a keepalive to those who stand aside and have heard nothing for so long."""
        now_s = self._clock.monotonic_s()
        for subscriber in self._aside:
            reading = subscriber.reading
            if reading is not None and not subscriber.paused and now_s - reading.heard_s >= silence_s:
                self.move_up(subscriber, reading.position)

    def move_up(self, subscriber: Subscriber, cursor: int) -> None:
        """Tell a viewer that its cursor moved with nothing for it."""
        reading = subscriber.reading
        assert reading is not None
        payload = self._encoder.keepalive(reading.cursor, cursor, self._clock.now_ms())
        reading.cursor, reading.heard_s = cursor, self._clock.monotonic_s()
        self._writer.to_one(subscriber, [payload])

    async def _read(self, subscriber: Subscriber) -> None:
        """Write a viewer what it missed, page by page, until it stands where it can go live.

        What is committed meanwhile is left pending: it reaches the viewer as a live one. Flushing here
        instead would keep it one record behind a busy room for ever, and a thousand of them with it.
        """
        while subscriber.attached:
            if subscriber.paused:
                if not await self._drains(subscriber):
                    return
            elif await self._advance(subscriber):
                self._settle(subscriber)
                return

    async def _attend(self) -> None:
        """Serve those who stand aside, in rounds that leave others at least as much time as they take."""
        pause_s = ASIDE_S
        try:
            while self._aside:
                await asyncio.sleep(pause_s)
                began_s = self._clock.monotonic_s()
                for subscriber in list(self._aside):
                    if subscriber in self._aside:
                        await self._attend_to(subscriber)
                pause_s = max(ASIDE_S, self._clock.monotonic_s() - began_s)
        finally:
            self._attending = False

    async def _attend_to(self, subscriber: Subscriber) -> None:
        reading = subscriber.reading
        assert reading is not None
        if reading.position < self._streams.goal(subscriber):
            del self._aside[subscriber]
            await self._serve(subscriber)
            await asyncio.sleep(0)
        elif self._streams.settle(subscriber):
            del self._aside[subscriber]

    async def _serve(self, subscriber: Subscriber) -> None:
        while subscriber.attached:
            if subscriber.paused:
                self.start(subscriber)  # in a task of its own: the others do not wait for it
                return
            if await self._advance(subscriber):
                self._settle(subscriber)
                return

    async def _advance(self, subscriber: Subscriber) -> bool:
        """Write one page; say whether the viewer stood at its goal. One that cannot be served is closed."""
        reading = subscriber.reading
        assert reading is not None
        goal = self._streams.goal(subscriber)
        if reading.position >= goal:
            return True
        try:
            records = await self._tail.after(reading.position, goal)
        except StorageError:
            _log.exception("a viewer cannot catch up: the log cannot be read")
            records = []
        if not subscriber.attached:
            return False
        if not records:
            self._give_up(subscriber)
            return False
        records = records[: fitting(records)]
        wanted = [record for record in records if _is_replayed(record, subscriber)]
        reading.position = records[-1].seq
        disclosure = self._disclosure()
        encoded = self._encoder.payloads(
            disclosure.records(wanted),
            subscriber.variant,
            disclosure.types,
            reading.cursor,
            self._clock.now_ms(),
        )
        reading.cursor = encoded.cursor
        own = own_copies(
            encoded, [one for one in wanted if one.origin is not None and one.origin.author() is subscriber]
        )
        if encoded.payloads:
            reading.heard_s = self._clock.monotonic_s()
            each = enumerate(encoded.payloads)
            self._writer.to_one(subscriber, [own.get(place, payload) for place, payload in each])
        if reading.position < goal:
            # A turn for the others: a long catch-up must not hold up the room.
            await asyncio.sleep(0)
        return False

    def _give_up(self, subscriber: Subscriber) -> None:
        subscriber.attached = False
        subscriber.give_up()

    def _settle(self, subscriber: Subscriber) -> None:
        if subscriber.attached and not self._streams.settle(subscriber):
            self.stand_aside(subscriber)

    async def _drains(self, subscriber: Subscriber) -> bool:
        """Wait until the transport has room; False if the viewer left, or was given up."""
        reading = subscriber.reading
        assert reading is not None
        reading.drained = asyncio.Event()
        self.lagging += 1
        try:
            while True:
                before = subscriber.buffered()
                try:
                    async with asyncio.timeout(STALL_S):
                        await reading.drained.wait()
                except TimeoutError:
                    if subscriber.buffered() < before:
                        continue
                    self._give_up(subscriber)
                    return False
                return subscriber.attached
        finally:
            reading.drained = None
            self.lagging -= 1


def fitting(records: Sequence[Record]) -> int:
    """Return how many of the first records make one write of `WRITE` bytes or little more; at least one."""
    size = 0
    for count, record in enumerate(records, 1):
        size += len(record.body)
        if size >= WRITE:
            return count
    return len(records)


def _is_replayed(record: Record, subscriber: Subscriber) -> bool:
    reading = subscriber.reading
    return (
        reading is None
        or reading.replay is None
        or record.seq > reading.replay_until
        or record.kind in reading.replay
    )
