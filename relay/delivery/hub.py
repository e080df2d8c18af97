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
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from relay.delivery.frames import Encoder, Variant, deflated_frame, ws_frame
from relay.storage.contract import Kind, Record, StorageError

if TYPE_CHECKING:
    from relay.clock import Clock

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

    def flushed(self, logged_ms: int, viewers: int) -> None:
        """Observe the time from commit to write of one record."""


@dataclass(slots=True, eq=False)
class Subscriber:
    """A viewer, as delivery sees it.

    Attributes:
        write: Hand bytes to the transport; never blocks, never raises.
        buffered: Bytes that wait in the transport.
        deflate: Whether permessage-deflate was negotiated.
        give_up: Close a hopeless viewer resumably.
        variant: Its choice.
        cursor: Position of the last ordered frame it was sent; kept up only while reading.
        live: Whether it is in its variant's set.
        attached: Whether it is still there at all.
        replay: Kinds of record wanted up to `replay_until`; None for all.
        latest: How many unordered broadcasts there had been when it stopped being live.
        drained: Set by the transport when it can take more; only while waiting for that.
    """

    write: Callable[[bytes], None]
    buffered: Callable[[], int]
    deflate: bool
    give_up: Callable[[], None]
    variant: Variant
    cursor: int = 0
    live: bool = False
    attached: bool = False
    replay: frozenset[Kind] | None = None
    replay_until: int = 0
    latest: int = 0
    drained: asyncio.Event | None = None


@dataclass(slots=True)
class _Stream:
    """One variant's live viewers, by coding, and where its frames have come to."""

    cursor: int
    heard_s: float
    plain: set[Subscriber] = field(default_factory=set)
    deflated: set[Subscriber] = field(default_factory=set)

    def members(self, deflate: bool) -> set[Subscriber]:
        return self.deflated if deflate else self.plain


class Hub:
    """Delivery of one room."""

    def __init__(
        self,
        encoder: Encoder,
        head: int,
        read: ReadLog,
        visible: Callable[[], frozenset[str]],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        clock: Clock,
        meter: Meter,
    ) -> None:
        """Start with no viewers at position `head`.

        Args:
            encoder: The room's envelopes.
            head: The log's last position.
            read: Reads the log.
            visible: The types that the host shows today.
            spawn: Runs a coroutine in the owner's task group.
            clock: For timestamps and the measure of silence.
            meter: Counts what goes out.
        """
        self._encoder = encoder
        self._read = read
        self._visible = visible
        self._spawn = spawn
        self._clock = clock
        self._meter = meter
        self._streams: dict[Variant, _Stream] = {}
        self._tail: deque[Record] = deque(maxlen=TAIL)
        self._tail_start = head
        self._pending: list[Record] = []
        self._flushed = head
        self._broadcasts = 0
        self._latest = b""

    @property
    def position(self) -> int:
        """The last position that live viewers have been sent."""
        return self._flushed

    def remembers(self, position: int) -> bool:
        """Say whether everything after a position is still in memory."""
        return position >= self._tail_start

    def peek(self, variant: Variant) -> int:
        """Return the cursor position of a variant's last frame: where a newcomer that goes live begins."""
        stream = self._streams.get(variant)
        return stream.cursor if stream and (stream.plain or stream.deflated) else self._flushed

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
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        while pending:
            count = _fitting(pending)
            self._fan_out(pending[:count])
            pending = pending[count:]

    def _fan_out(self, records: Sequence[Record]) -> None:
        self._flushed = records[-1].seq
        now_ms, visible = self._clock.now_ms(), self._visible()
        viewers = 0
        for variant, stream in self._streams.items():
            after = stream.cursor
            payloads, stream.cursor = self._encoder.payloads(records, variant, visible, after, now_ms)
            if not payloads:
                continue
            stream.heard_s = self._clock.monotonic_s()
            authors = self._write_to_authors(stream, records, variant, visible, after, now_ms)
            for deflate in (False, True):
                members = stream.members(deflate)
                if members:
                    frame = deflated_frame if deflate else ws_frame
                    data = b"".join(map(frame, payloads))
                    viewers += self._write_to_all(members, data, after, authors)
        self._meter.flushed(records[0].logged_ms, viewers)

    def _write_to_all(self, members: set[Subscriber], data: bytes, after: int, but: set[Subscriber]) -> int:
        slow: list[Subscriber] = []
        for subscriber in members - but if but else members:
            if subscriber.buffered() > HIGH:
                slow.append(subscriber)
            else:
                subscriber.write(data)
        for subscriber in slow:
            members.discard(subscriber)
            self._read_from(subscriber, after)
        self._meter.sent(len(data), len(members) - len(but & members))
        return len(members)

    def _write_to_authors(
        self,
        stream: _Stream,
        records: Sequence[Record],
        variant: Variant,
        visible: frozenset[str],
        after: int,
        now_ms: int,
    ) -> set[Subscriber]:
        """Give authors of chat messages their own copy, which says which of their messages it is.

        Everyone else's copy must not carry the author's own id for it (checklist CHAT-9, CHAT-10).
        """
        refs = {record.origin[0]: record for record in records if record.origin}
        authors = {author for author in refs if author.live and author in stream.members(author.deflate)}
        for author in authors:
            payloads = self._own_payloads(records, author, variant, visible, after, now_ms)
            if author.buffered() > HIGH:
                stream.members(author.deflate).discard(author)
                self._read_from(author, after)
            else:
                self._send(author, payloads)
        return authors

    def _own_payloads(
        self,
        records: Sequence[Record],
        author: Subscriber,
        variant: Variant,
        visible: frozenset[str],
        after: int,
        now_ms: int,
    ) -> list[bytes]:
        out: list[bytes] = []
        for record in records:
            ref = record.origin[1] if record.origin and record.origin[0] is author else ""
            payloads, after = self._encoder.payloads([record], variant, visible, after, now_ms, ref)
            out += payloads
        return out

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

    def broadcast(self, kind: str, data: bytes) -> None:
        """Write an unordered message to every live viewer; whoever lags gets the latest when back."""
        payload = self._latest = self._encoder.unordered(kind, data, self._clock.now_ms())
        self._broadcasts += 1
        frames = {False: ws_frame(payload), True: deflated_frame(payload)}
        for stream in self._streams.values():
            for deflate, frame in frames.items():
                members = stream.members(deflate)
                for subscriber in members:
                    if subscriber.buffered() <= HIGH:
                        subscriber.write(frame)
                self._meter.sent(len(frame), len(members))

    def keep_alive(self, silence_s: float) -> None:
        """Write a keepalive to variants that have been silent for so long; drop empty ones."""
        self.flush()
        now_s = self._clock.monotonic_s()
        for variant, stream in list(self._streams.items()):
            if not stream.plain and not stream.deflated:
                del self._streams[variant]
            elif now_s - stream.heard_s >= silence_s:
                payload = self._encoder.keepalive(stream.cursor, self._flushed, self._clock.now_ms())
                after, stream.cursor, stream.heard_s = stream.cursor, self._flushed, now_s
                for deflate in (False, True):
                    frame = deflated_frame(payload) if deflate else ws_frame(payload)
                    self._write_to_all(stream.members(deflate), frame, after, set())

    def _stream(self, variant: Variant, cursor: int) -> _Stream:
        stream = self._streams.get(variant)
        if stream is None:
            stream = self._streams[variant] = _Stream(cursor, self._clock.monotonic_s())
        elif not stream.plain and not stream.deflated:
            stream.cursor = cursor
        return stream

    def _add(self, stream: _Stream, subscriber: Subscriber) -> None:
        subscriber.live = True
        stream.members(subscriber.deflate).add(subscriber)

    def _drop(self, subscriber: Subscriber) -> None:
        subscriber.live = False
        stream = self._streams.get(subscriber.variant)
        if stream is not None:
            stream.members(subscriber.deflate).discard(subscriber)

    def _send(self, subscriber: Subscriber, payloads: list[bytes]) -> None:
        frame = deflated_frame if subscriber.deflate else ws_frame
        data = b"".join(map(frame, payloads))
        subscriber.write(data)
        self._meter.sent(len(data), 1)

    # -- reading viewers ---------------------------------------------------------------------------

    def _read_from(self, subscriber: Subscriber, after: int) -> None:
        subscriber.live = False
        subscriber.latest = self._broadcasts
        subscriber.cursor = after
        self._spawn(self._catch_up(subscriber))

    async def _catch_up(self, subscriber: Subscriber) -> None:
        position = subscriber.cursor
        while subscriber.attached:
            if subscriber.buffered() > HIGH:
                if not await self._drains(subscriber):
                    return
                continue
            self.flush()
            if position >= self._flushed:
                self._go_live(subscriber)
                return
            records = self._from_memory(position)
            if records is None:
                try:
                    records = await self._read(position, PAGE, self._flushed)
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
            payloads, subscriber.cursor = self._encoder.payloads(
                wanted, subscriber.variant, self._visible(), subscriber.cursor, self._clock.now_ms()
            )
            if payloads:
                self._send(subscriber, payloads)
            # A turn for the others: a long catch-up must not hold up the room.
            await asyncio.sleep(0)

    def _from_memory(self, position: int) -> list[Record] | None:
        if position < self._tail_start:
            return None
        start = position - self._tail_start
        stop = min(start + PAGE, self._flushed - self._tail_start)
        return list(islice(self._tail, start, stop))

    def _go_live(self, subscriber: Subscriber) -> None:
        stream = self._stream(subscriber.variant, subscriber.cursor)
        if stream.cursor != subscriber.cursor:
            payload = self._encoder.keepalive(subscriber.cursor, stream.cursor, self._clock.now_ms())
            self._send(subscriber, [payload])
        if subscriber.latest != self._broadcasts:
            self._send(subscriber, [self._latest])
        subscriber.replay = None
        self._add(stream, subscriber)

    async def _drains(self, subscriber: Subscriber) -> bool:
        """Wait until the transport has room; False if the viewer left or was given up."""
        subscriber.drained = asyncio.Event()
        try:
            async with asyncio.timeout(STALL_S):
                await subscriber.drained.wait()
        except TimeoutError:
            subscriber.give_up()
            return False
        finally:
            subscriber.drained = None
        return subscriber.attached

    def change_variant(self, subscriber: Subscriber, variant: Variant) -> None:
        """Move a viewer to another variant in place, without missing or repeating anything."""
        if subscriber.variant == variant:
            return
        if not subscriber.live:
            subscriber.variant = variant
            return
        self.flush()
        cursor = self._streams[subscriber.variant].cursor
        self._drop(subscriber)
        subscriber.variant = variant
        subscriber.cursor = cursor
        subscriber.latest = self._broadcasts
        self._go_live(subscriber)


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
