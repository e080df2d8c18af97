"""One room's viewers: live ones share frames, the others read the log after their cursor.

A viewer is always in one of two places. *Live*: it is in its variant's set, and every flush writes it the
variant's bytes. *Reading*: it holds a cursor, and a task of its own reads the log (from memory, or from
disk) and writes as fast as the viewer drains; when it has reached the last flush it goes live in the same
turn of the loop, so that the seam neither drops nor repeats nor reorders. A live viewer whose transport holds
more than `HIGH` bytes becomes a reading one. It costs no queue, only its cursor; if it drains nothing for
`STALL_S`, it is hopeless and closed resumably.

Frames say where they start and end (`after`, `cursor`). What lies between two frames of a filtered viewer
was not for it; where the next frame's `after` would not equal the last one's cursor, a keepalive moves it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence, Set
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from relay.delivery.coding import private_frame
from relay.delivery.stream import Stream, Subscriber
from relay.storage.contract import Kind, Record, StorageError

if TYPE_CHECKING:
    from relay.clock import Clock
    from relay.delivery.frames import Encoder, Variant
    from relay.rooms.disclosure import Disclosure

HIGH = 64 * 1024
"""Bytes that may wait in a viewer's transport before it is skipped."""
WRITE = 64 * 1024
"""Bytes of records written at once, and so of one message: any client must be able to take it, and a viewer
is looked at between two of them."""
TAIL = 1000
"""Latest records kept in memory, so that a short absence costs no disk read."""
PAGE = 200
"""Records read and written at a time while catching up."""
STALL_S = 30.0
"""How long a viewer may drain nothing before it is closed."""

_log = logging.getLogger("relay.delivery")

ReadLog = Callable[[int, int, int], Awaitable[list[Record]]]
"""`(after, limit, until)` → records."""


class Meter(Protocol):
    """Who counts what goes out."""

    def sent(self, size: int, viewers: int) -> None:
        """Count one write of `size` bytes to each of `viewers`."""

    def flushed(self, records: Sequence[Record], viewers: int) -> None:
        """Observe how long records took that were just written to so many viewers in real time."""


_NOBODY: Set[Subscriber] = frozenset()


class Hub:
    """Delivery of one room."""

    def __init__(
        self,
        encoder: Encoder,
        head: int,
        read: ReadLog,
        disclosure: Callable[[], Disclosure],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        clock: Clock,
        meter: Meter,
    ) -> None:
        """Start with no viewers at position `head`.

        Args:
            encoder: The room's envelopes.
            head: The log's last position.
            read: Reads the log.
            disclosure: What the host discloses today.
            spawn: Runs a coroutine in the owner's task group.
            clock: For timestamps and the measure of silence.
            meter: Counts what goes out.
        """
        self._encoder = encoder
        self._read = read
        self._disclosure = disclosure
        self._spawn = spawn
        self._clock = clock
        self._meter = meter
        self._streams: dict[Variant, Stream] = {}
        self._tail: deque[Record] = deque(maxlen=TAIL)
        self._tail_start = head
        self._pending: list[Record] = []
        self._flushed = head
        self._broadcasts = 0
        self._latest = b""

    @property
    def streams(self) -> int:
        """How many streams are encoded for somebody."""
        return sum(not stream.is_empty() for stream in self._streams.values())

    @property
    def tail_start(self) -> int:
        """Everything after this position is in memory, bodies that are not durable too."""
        return self._tail_start

    def peek(self, variant: Variant) -> int:
        """Return the cursor position of a variant's last frame: where a newcomer that goes live begins."""
        stream = self._streams.get(variant)
        return self._flushed if stream is None or stream.is_empty() else stream.cursor

    def stands_at(self, subscriber: Subscriber) -> int:
        """Return the cursor position of the last ordered frame a viewer was sent."""
        return self._streams[subscriber.variant].cursor if subscriber.live else subscriber.cursor

    # -- records come in ---------------------------------------------------------------------------

    def push(self, records: Sequence[Record]) -> None:
        """Take committed records; they go out at the end of this turn of the loop, together."""
        if not self._pending:
            asyncio.get_running_loop().call_soon(self.flush)
        self._pending += records
        # Positions have no holes, so the tail's start moves by what falls out of it.
        self._tail_start += max(0, len(self._tail) + len(records) - TAIL)
        self._tail.extend(records)

    def flush(self) -> None:
        """Write what is pending to every live viewer. Does nothing if nothing is."""
        pending, self._pending = self._pending, []
        while pending:
            count = _fitting(pending)
            self._fan_out(pending[:count])
            pending = pending[count:]

    def _fan_out(self, records: Sequence[Record]) -> None:
        """Write records to the live viewers of every variant, encoded once for each."""
        self._flushed = records[-1].seq
        now_ms, disclosure = self._clock.now_ms(), self._disclosure()
        records, visible = disclosure.records(records), disclosure.types
        written = 0
        for variant, stream in self._streams.items():
            if stream.is_empty():
                continue
            after = stream.cursor
            payloads, stream.cursor = self._encoder.payloads(records, variant, visible, after, now_ms)
            if not payloads:
                continue
            stream.heard_s = self._clock.monotonic_s()
            authors = _authors(records, variant)
            for author in authors:
                # Its own copy says which of its messages it is; nobody else's may (CHAT-9, CHAT-10).
                own, _ = self._encoder.payloads(records, variant, visible, after, now_ms, author)
                stream.leave_run(author)
                written += self._write_to(stream, {author}, _private(author, own), after)
            written += self._write(stream, payloads, after, authors)
        self._meter.flushed(records, written)

    def _write(
        self, stream: Stream, payloads: Sequence[bytes], after: int, but: Set[Subscriber] = _NOBODY
    ) -> int:
        """Write messages to a stream's live viewers; return how many took them.

        Whoever is over the mark is skipped and becomes a reading viewer that stands at `after`.
        """
        written = 0
        for members, data in stream.groups(payloads, but):
            written += self._write_to(stream, members, data, after)
        return written

    def _write_to(self, stream: Stream, members: Set[Subscriber], data: bytes, after: int) -> int:
        slow = []
        for subscriber in members:
            if subscriber.buffered() > HIGH:
                slow.append(subscriber)
            else:
                subscriber.write(data)
        written = len(members) - len(slow)
        self._meter.sent(len(data), written)
        for subscriber in slow:
            stream.discard(subscriber)
            self._read_from(subscriber, after)
        return written

    # -- viewers come and go -----------------------------------------------------------------------

    def join_live(self, subscriber: Subscriber) -> None:
        """Make a newcomer live from here on; its welcome, with `peek` as its cursor, was just written."""
        subscriber.attached = True
        self._add(self._stream(subscriber.variant, self._flushed), subscriber)

    def join_reading(self, subscriber: Subscriber, after: int, kinds: frozenset[Kind] | None = None) -> None:
        """Let a newcomer catch up from a position, then go live.

        Args:
            subscriber: The viewer; its welcome, with `after` as its cursor, was written already.
            after: The position it has seen.
            kinds: Up to the present flush, only these kinds of record; None for all.
        """
        self.flush()
        subscriber.attached = True
        subscriber.replay = kinds
        subscriber.replay_until = self._flushed
        self._read_from(subscriber, after)

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a viewer."""
        subscriber.attached = False
        self._drop(subscriber)
        if subscriber.drained is not None:
            subscriber.drained.set()

    def change_variant(self, subscriber: Subscriber, variant: Variant) -> None:
        """Move a viewer to another variant in place, without missing or repeating anything."""
        if subscriber.variant == variant:
            return
        if not subscriber.live:
            subscriber.variant = variant
            return
        self.flush()
        subscriber.cursor = self._streams[subscriber.variant].cursor
        subscriber.latest = self._broadcasts
        self._drop(subscriber)
        subscriber.variant = variant
        self._go_live(subscriber)

    def broadcast(self, kind: str, data: bytes) -> None:
        """Write an unordered message to every live viewer; whoever lags gets the latest when back."""
        self._latest = self._encoder.unordered(kind, data, self._clock.now_ms())
        # Whoever is skipped from here on is noted to know the broadcasts before this one only.
        for stream in self._streams.values():
            self._write(stream, [self._latest], stream.cursor)
        self._broadcasts += 1

    def keep_alive(self, silence_s: float) -> None:
        """Write a keepalive to variants that have been silent for so long; drop empty ones."""
        self.flush()
        now_s = self._clock.monotonic_s()
        for variant, stream in list(self._streams.items()):
            if stream.is_empty():
                del self._streams[variant]
            elif now_s - stream.heard_s >= silence_s:
                self._move_up(stream, self._flushed)

    def _stream(self, variant: Variant, cursor: int) -> Stream:
        """Return a variant's stream; one without viewers stands wherever its first one does."""
        stream = self._streams.get(variant)
        if stream is None:
            stream = self._streams[variant] = Stream(cursor, self._clock.monotonic_s())
        elif stream.is_empty():
            stream.cursor, stream.heard_s = cursor, self._clock.monotonic_s()
        return stream

    def _add(self, stream: Stream, subscriber: Subscriber) -> None:
        subscriber.live = True
        stream.add(subscriber)

    def _drop(self, subscriber: Subscriber) -> None:
        subscriber.live = False
        stream = self._streams.get(subscriber.variant)
        if stream is not None:
            stream.discard(subscriber)

    def _move_up(self, stream: Stream, cursor: int) -> None:
        """Tell a variant's live viewers that the cursor moved with nothing for them."""
        payload = self._encoder.keepalive(stream.cursor, cursor, self._clock.now_ms())
        after, stream.cursor, stream.heard_s = stream.cursor, cursor, self._clock.monotonic_s()
        self._write(stream, [payload], after)

    # -- reading viewers ---------------------------------------------------------------------------

    def _read_from(self, subscriber: Subscriber, after: int) -> None:
        subscriber.live = False
        subscriber.cursor = after
        subscriber.latest = self._broadcasts
        self._spawn(self._catch_up(subscriber))

    async def _catch_up(self, subscriber: Subscriber) -> None:
        """Write a viewer what it missed, page by page, until it stands where the live ones do.

        What is committed meanwhile is left pending: it reaches the viewer as a live one. Flushing here
        instead would keep it one record behind a busy room for ever, and a thousand of them with it.
        """
        position = subscriber.cursor
        while subscriber.attached:
            if subscriber.buffered() > HIGH:
                if not await self._drains(subscriber):
                    return
                continue
            if position >= self._flushed:
                self._go_live(subscriber)
                return
            try:
                records = await self._after(position)
            except StorageError:
                _log.exception("a viewer cannot catch up: the log cannot be read")
                records = []
            if not records:
                subscriber.give_up()
            if not records or not subscriber.attached:
                return
            records = records[: _fitting(records)]
            position = records[-1].seq
            wanted = [record for record in records if _replayed(record, subscriber)]
            disclosure = self._disclosure()
            payloads, subscriber.cursor = self._encoder.payloads(
                disclosure.records(wanted),
                subscriber.variant,
                disclosure.types,
                subscriber.cursor,
                self._clock.now_ms(),
                subscriber,
            )
            self._send(subscriber, payloads)
            if position < self._flushed:
                # A turn for the others: a long catch-up must not hold up the room.
                await asyncio.sleep(0)

    async def _after(self, position: int) -> list[Record]:
        """Return the next page after a position: from memory, or from disk as far as memory does not reach.

        Memory also has the bodies that the disk does not keep. Where it begins moves on while the disk is
        read, so that is looked at afterwards.
        """
        if position >= self._tail_start:
            return self._from_memory(position)
        page = await self._read(position, PAGE, self._flushed)
        page = [record for record in page if record.seq <= self._tail_start]
        reached = page[-1].seq if page else position
        return page + self._from_memory(reached) if reached >= self._tail_start else page

    def _from_memory(self, position: int) -> list[Record]:
        start = position - self._tail_start
        stop = min(start + PAGE, self._flushed - self._tail_start)
        return list(islice(self._tail, start, stop))

    def _go_live(self, subscriber: Subscriber) -> None:
        """Add a viewer that has read up to the last flush to its variant's live ones.

        Nothing between its cursor and the stream's was for either of them, so whichever is behind is moved
        up: a cursor never goes back.
        """
        stream = self._stream(subscriber.variant, subscriber.cursor)
        if stream.cursor > subscriber.cursor:
            payload = self._encoder.keepalive(subscriber.cursor, stream.cursor, self._clock.now_ms())
            self._send(subscriber, [payload])
        elif stream.cursor < subscriber.cursor:
            self._move_up(stream, subscriber.cursor)
        if subscriber.latest != self._broadcasts:
            self._send(subscriber, [self._latest])
        self._add(stream, subscriber)

    async def _drains(self, subscriber: Subscriber) -> bool:
        """Wait until the transport has room; False if the viewer left, or was given up."""
        subscriber.drained = asyncio.Event()
        try:
            while True:
                before = subscriber.buffered()
                try:
                    async with asyncio.timeout(STALL_S):
                        await subscriber.drained.wait()
                except TimeoutError:
                    if subscriber.buffered() < before:
                        continue
                    subscriber.give_up()
                    return False
                return subscriber.attached
        finally:
            subscriber.drained = None

    def _send(self, subscriber: Subscriber, payloads: Sequence[bytes]) -> None:
        if payloads:
            data = _private(subscriber, payloads)
            subscriber.write(data)
            self._meter.sent(len(data), 1)


def _private(subscriber: Subscriber, payloads: Sequence[bytes]) -> bytes:
    """Return messages as one viewer alone can take them."""
    return b"".join(private_frame(one, subscriber.coding, in_run=subscriber.in_run) for one in payloads)


def _authors(records: Sequence[Record], variant: Variant) -> set[Subscriber]:
    """Return the live viewers of a variant who wrote any of these records."""
    found = {record.origin.author() for record in records if record.origin}
    return {author for author in found if author and author.live and author.variant == variant}


def _fitting(records: Sequence[Record]) -> int:
    """Return how many of the first records make one write of `WRITE` bytes or little more; at least one."""
    size = 0
    for count, record in enumerate(records, 1):
        size += len(record.body)
        if size >= WRITE:
            return count
    return len(records)


def _replayed(record: Record, subscriber: Subscriber) -> bool:
    return (
        subscriber.replay is None or record.seq > subscriber.replay_until or record.kind in subscriber.replay
    )
