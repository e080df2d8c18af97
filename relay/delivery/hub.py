"""One room's viewers: those of one variant share frames, whoever cannot reads the log after its cursor.

A viewer is always in one of two places. *Live*: it is in its variant's stream, and is written the stream's
bytes, in realtime with every flush, batched whenever a window ends. *Reading* (`reading`): it holds a cursor
and reads the log (from memory, or from disk), and when it has reached what its stream has reached it goes
live in the same turn of the loop, so that the seam neither drops nor repeats nor reorders. A live viewer
whose transport has no room becomes a reading one. It costs no queue, only its cursor; if it
drains nothing for `STALL_S`, it is hopeless and closed resumably.

Frames say where they start and end (`after`, `cursor`). What lies between two frames of a filtered viewer
was not for it; where the next frame's `after` would not equal the last one's cursor, a keepalive moves it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from relay.delivery.frames import own_copies
from relay.delivery.quality import LEVELS, Activity, Load
from relay.delivery.reading import Readers, fitting
from relay.delivery.stream import Reading, Stream, Subscriber
from relay.delivery.tail import ReadLog, Tail, erased
from relay.delivery.windows import grid_of
from relay.delivery.writer import Meter, Writer
from relay.protocol import messages
from relay.protocol.envelope import encode_json
from relay.protocol.events import EVENT_TYPES
from relay.storage.contract import Kind, Record, StorageError

if TYPE_CHECKING:
    from relay.clock import Clock
    from relay.delivery.frames import Encoder, Variant
    from relay.rooms.disclosure import Disclosure

STREAMS = 32
"""Streams of unusual choices that a room keeps; who chooses yet another is served alone from the log."""
LOW_PRESENCE_S = 120.0
"""Seconds between two presences on a thin line."""
_AT_ONCE = frozenset({Kind.SETTINGS, Kind.STATE, Kind.REMOVAL})

_log = logging.getLogger("relay.delivery")


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
        self._disclosure = disclosure
        self._spawn = spawn
        self._clock = clock
        self._meter = meter
        self._writer = Writer(meter)
        self._tail = Tail(head, read)
        self._readers = Readers(self, self._tail, encoder, self._writer, disclosure, spawn, clock)
        self._streams: dict[Variant, Stream] = {}
        self._pending: list[Record] = []
        self._flushing: asyncio.Handle | None = None
        self._flushes_soon = False
        self._flushed = head
        self._flushed_s = clock.monotonic_s()
        self._level = 0
        self._reason = ""
        self._activity = Activity()
        self._broadcasts = 0
        self._latest = b""
        self._events = self._commits = 0

    @property
    def streams(self) -> int:
        """How many streams are encoded for somebody."""
        return sum(bool(stream) for stream in self._streams.values())

    @property
    def tail_start(self) -> int:
        """Everything after this position is in memory, bodies that are not durable too."""
        return self._tail.start

    @property
    def level(self) -> int:
        """The grade of realtime delivery, an index of `LEVELS`."""
        return self._level

    def peek(self, variant: Variant) -> int:
        """Return the cursor position of a variant's last frame: where a newcomer that goes live begins."""
        stream = self._streams.get(variant)
        return stream.cursor if stream else self._flushed

    def stands_at(self, subscriber: Subscriber) -> int:
        """Return the cursor position of the last ordered frame a viewer was sent."""
        reading = subscriber.reading
        return self._streams[subscriber.variant].cursor if reading is None else reading.cursor

    # -- records come in ---------------------------------------------------------------------------

    def push(self, records: Sequence[Record]) -> None:
        """Take committed records; they go out at the end of this turn, or of the level's interval."""
        self._pending += records
        self._tail.extend(records)
        for record in records:
            if record.erases is not None:
                self._pending = erased(self._pending, record.erases)
                self._tail.erase(record.erases)
        self._events += len(records)
        self._commits += 1
        if self._flushes_soon:
            return
        interval_s = LEVELS[self._level].interval_ms / 1000
        wait_s = self._flushed_s + interval_s - self._clock.monotonic_s() if interval_s else 0.0
        if wait_s <= 0 or any(record.kind in _AT_ONCE for record in records):
            self._cancel_flush()
            self._flushing = asyncio.get_running_loop().call_soon(self.flush)
            self._flushes_soon = True
        elif self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(wait_s, self.flush)

    def flush(self) -> None:
        """Write what is pending to every live viewer in realtime. Does nothing if nothing is."""
        self._cancel_flush()
        pending, self._pending = self._pending, []
        if pending:
            self._flushed_s = self._clock.monotonic_s()
        while pending:
            count = fitting(pending)
            self._fan_out(pending[:count])
            pending = pending[count:]

    def _cancel_flush(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
            self._flushes_soon = False

    def _fan_out(self, records: Sequence[Record]) -> None:
        self._flushed = records[-1].seq
        disclosure = self._disclosure()
        worded = disclosure.records(records)
        batched = LEVELS[self._level].quality == "batched"
        # What was said and goes is taken away from everybody now, whatever they chose to wait for.
        removed = any(record.kind is Kind.REMOVAL for record in records)
        if removed:
            self._readers.hurry(self._flushed)
        written = 0
        for stream in list(self._streams.values()):
            if stream.variant.interval_s:
                if removed and stream.variant.chat:
                    stream.urgent = self._flushed
                    stream.stop()
                self._open_window(stream)
            elif stream:
                written += self._deliver(stream, worded, disclosure, batched=batched)
        self._meter.flushed(records, written)
        for author in _by_author(records):
            if author.variant.interval_s:
                self._hurry(author, self._flushed)

    def _deliver(
        self, stream: Stream, records: Sequence[Record], disclosure: Disclosure, *, batched: bool
    ) -> int:
        """Write records to a stream's viewers, encoded once for all; return how many took them.

        Args:
            stream: Stands directly before the records.
            records: As they may be read today.
            disclosure: What it is that may be read.
            batched: Whether they go out as a batch.
        """
        now_ms, after, position = self._clock.now_ms(), stream.cursor, stream.reached
        encoded = self._encoder.payloads(
            records, stream.variant, disclosure.types, after, now_ms, batched=batched
        )
        stream.cursor, stream.reached = encoded.cursor, records[-1].seq
        if not encoded.payloads:
            return 0
        stream.heard_s = self._clock.monotonic_s()
        own = {
            author: own_copies(encoded, said)
            for author, said in _by_author(records).items()
            if author.live and author.variant == stream.variant
        }
        told, slow = self._writer.to_authors(stream, encoded.payloads, own)
        took, lag = self._writer.to_stream(stream, encoded.payloads, own.keys())
        for subscriber in slow + lag:
            self._read_from(stream, subscriber, after, position)
        return told + took

    def _hurry(self, author: Subscriber, position: int) -> None:
        """Show a batched viewer its own words now, and what comes before them: it waits for an answer."""
        if author.live:
            stream = self._streams[author.variant]
            self._read_from(stream, author, stream.cursor, stream.reached, urgent=position)
        elif author.reading is not None:
            author.reading.urgent = position
            if self._readers.is_aside(author):
                self._readers.start(author)

    # -- batches -----------------------------------------------------------------------------------

    def _open_window(self, stream: Stream) -> None:
        """Let a batched stream's window end in time, or at once, now that there is something in it."""
        if stream and stream.window is None and not stream.closing:
            hurried = stream.urgent > stream.reached
            wait_ms = 0 if hurried else self._window_ends_ms(stream.variant) - self._clock.now_ms()
            stream.window = asyncio.get_running_loop().call_later(
                wait_ms / 1000, lambda: self._spawn(self._close_window(stream))
            )

    def _window_ends_ms(self, variant: Variant) -> int:
        return grid_of(self._encoder.room_id, variant.interval_s * 1000).ends_ms(self._clock.now_ms())

    async def _close_window(self, stream: Stream) -> None:
        """Write a batched stream what has come since its last batch."""
        stream.window, stream.closing = None, True
        try:
            await self._catch_up(stream)
        except StorageError:
            _log.exception("a batch cannot be read; each of its viewers tries by itself")
            for subscriber in stream:
                self._read_from(stream, subscriber, stream.cursor, stream.reached)
        finally:
            stream.closing = False
        if stream.latest != self._broadcasts and self._presence_is_due(stream):
            self._repeat_latest(stream)
        if stream.reached < self._flushed:
            self._open_window(stream)

    async def _catch_up(self, stream: Stream) -> None:
        goal = self._flushed
        while stream and stream.reached < goal:
            position = stream.reached
            records = await self._tail.after(position, goal)
            if stream.reached != position:
                continue  # its last viewer left meanwhile, and another one came
            if not records:
                raise StorageError(f"nothing after position {position}")
            records = records[: fitting(records)]
            disclosure = self._disclosure()
            self._deliver(stream, disclosure.records(records), disclosure, batched=True)
            await asyncio.sleep(0)

    # -- viewers come and go -----------------------------------------------------------------------

    def join_live(self, subscriber: Subscriber) -> None:
        """Make a newcomer live from here on; its welcome, with `peek` as its cursor, was just written."""
        subscriber.attached = True
        stream = self._stand(subscriber.variant, self._flushed, self._flushed)
        if stream is not None:
            stream.add(subscriber)
        else:
            subscriber.reading = self._stood_at(self._flushed, self._flushed)
            self._readers.stand_aside(subscriber)

    def join_reading(self, subscriber: Subscriber, after: int, kinds: frozenset[Kind] | None = None) -> None:
        """Let a newcomer catch up from a position, then go live.

        Args:
            subscriber: The viewer; its welcome, with `after` as its cursor, was written already.
            after: The position it has seen.
            kinds: Up to the present end of the log, only these kinds of record; None for all.
        """
        if after > self._flushed:
            self.flush()  # it learned elsewhere of what is pending here
        subscriber.attached = True
        reading = subscriber.reading = self._stood_at(after, after)
        reading.replay, reading.replay_until = kinds, self._tail.end
        self._readers.start(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a viewer."""
        if subscriber.live:
            self._streams[subscriber.variant].discard(subscriber)
        subscriber.attached = False
        self._readers.leave(subscriber)

    def change_variant(self, subscriber: Subscriber, variant: Variant) -> None:
        """Move a viewer to another variant in place, without missing or repeating anything.

        What was there already was asked for under the old choice, what comes after under the new one; of a
        batch that has not ended, all is under the new one.
        """
        if subscriber.variant == variant:
            return
        self.flush()
        if subscriber.live:
            stream = self._streams[subscriber.variant]
            stream.discard(subscriber)
            subscriber.reading = self._stood_at(stream.cursor, stream.reached)
            subscriber.reading.latest = stream.latest
        elif not self._readers.is_aside(subscriber):
            subscriber.variant = variant  # it reads on, and goes live where the new one is
            return
        self._readers.leave(subscriber)
        subscriber.variant = variant
        assert subscriber.reading is not None
        if subscriber.reading.position < self.goal(subscriber) or not self.settle(subscriber):
            self._readers.start(subscriber)

    def broadcast(self, kind: str, data: bytes) -> None:
        """Write an unordered message to every live viewer; whoever lags gets the latest when back.

        A batched viewer gets it with its next batch.
        """
        self._latest = self._encoder.unordered(kind, data, self._clock.now_ms())
        self._broadcasts += 1
        for stream in list(self._streams.values()):
            if stream.variant.interval_s == 0:
                self._repeat_latest(stream)
            elif self._presence_is_due(stream):
                self._open_window(stream)

    def keep_alive(self, silence_s: float) -> None:
        """Write a keepalive to variants that have been silent for so long; drop empty ones."""
        now_s = self._clock.monotonic_s()
        for stream in list(self._streams.values()):
            if not stream:
                self._drop(stream)
                continue
            if now_s - stream.heard_s >= silence_s:
                self._move_up(stream, stream.reached)
            if stream.latest != self._broadcasts and self._presence_is_due(stream):
                self._open_window(stream)
        self._readers.keep_alive(silence_s)

    def _presence_is_due(self, stream: Stream) -> bool:
        return not stream.variant.low or self._clock.monotonic_s() - stream.latest_s >= LOW_PRESENCE_S

    def _repeat_latest(self, stream: Stream) -> None:
        # Whoever is skipped here is noted to know what the stream knew before.
        self._write(stream, [self._latest], stream.cursor)
        stream.latest, stream.latest_s = self._broadcasts, self._clock.monotonic_s()

    def _move_up(self, stream: Stream, cursor: int) -> None:
        """Tell a variant's live viewers that the cursor moved with nothing for them."""
        payload = self._encoder.keepalive(stream.cursor, cursor, self._clock.now_ms())
        after, stream.cursor, stream.heard_s = stream.cursor, cursor, self._clock.monotonic_s()
        self._write(stream, [payload], after)

    def _write(self, stream: Stream, payloads: Sequence[bytes], after: int) -> None:
        _, slow = self._writer.to_stream(stream, payloads)
        for subscriber in slow:
            self._read_from(stream, subscriber, after, stream.reached)

    # -- where a viewer is -------------------------------------------------------------------------

    def _stand(self, variant: Variant, cursor: int, reached: int) -> Stream | None:
        """Return a variant's stream; one without viewers stands where its first one does.

        None if the room has as many as it may have, and this is not one that anybody may want.
        """
        stream = self._streams.get(variant)
        if stream is None:
            if not _is_usual(variant) and not self._has_room():
                return None
            stream = self._streams[variant] = Stream(variant, cursor, reached, self._clock.monotonic_s())
            stream.latest = self._broadcasts
        elif not stream:
            stream.cursor, stream.reached = cursor, reached
            stream.heard_s, stream.latest = self._clock.monotonic_s(), self._broadcasts
        return stream

    def _has_room(self) -> bool:
        unusual = [stream for stream in self._streams.values() if not _is_usual(stream.variant)]
        if len(unusual) < STREAMS:
            return True
        empty = [stream for stream in unusual if not stream]
        for stream in empty:
            self._drop(stream)
        return bool(empty)

    def _drop(self, stream: Stream) -> None:
        stream.stop()
        del self._streams[stream.variant]

    def _stood_at(self, cursor: int, position: int) -> Reading:
        return Reading(cursor, position, self._broadcasts, self._level, self._clock.monotonic_s())

    def _read_from(
        self, stream: Stream, subscriber: Subscriber, cursor: int, position: int, *, urgent: int = 0
    ) -> None:
        stream.discard(subscriber)
        reading = subscriber.reading = self._stood_at(cursor, position)
        reading.latest, reading.urgent = stream.latest, urgent
        self._readers.start(subscriber)

    def goal(self, subscriber: Subscriber) -> int:
        """Return the position up to which a reading viewer is to be served now."""
        variant, reading = subscriber.variant, subscriber.reading
        assert reading is not None
        if not variant.interval_s:
            return self._flushed
        stream = self._streams.get(variant)
        if stream:
            return max(stream.reached, reading.urgent)
        return (
            self._flushed if self._clock.now_ms() >= reading.due_ms else max(reading.position, reading.urgent)
        )

    def settle(self, subscriber: Subscriber) -> bool:
        """Take a viewer that has read up to its goal into its variant's stream, if it can enter there.

        Nothing between its cursor and the stream's was for either of them, so whichever is behind is moved
        up: a cursor never goes back.
        """
        reading = subscriber.reading
        assert reading is not None
        stream = self._stand(subscriber.variant, reading.cursor, reading.position)
        if stream is None:
            self._serve_alone(subscriber)
            return False
        if stream.reached != reading.position:
            return False
        if stream.cursor > reading.cursor:
            self._readers.move_up(subscriber, stream.cursor)
        elif stream.cursor < reading.cursor:
            self._move_up(stream, reading.cursor)
        self._bring_up_to_date(subscriber)
        stream.add(subscriber)
        if stream.variant.interval_s and stream.reached < self._flushed:
            self._open_window(stream)
        return True

    def _serve_alone(self, subscriber: Subscriber) -> None:
        reading = subscriber.reading
        assert reading is not None
        if subscriber.variant.interval_s:
            if self._clock.now_ms() < reading.due_ms:
                return  # presence, too, comes with a batch
            reading.due_ms = self._window_ends_ms(subscriber.variant)
        self._bring_up_to_date(subscriber)

    def _bring_up_to_date(self, subscriber: Subscriber) -> None:
        """Tell a reading viewer of the latest broadcasts that passed it by."""
        reading = subscriber.reading
        assert reading is not None
        if reading.latest != self._broadcasts:
            reading.latest = self._broadcasts
            self._writer.to_one(subscriber, [self._latest])
        if reading.level != self._level and not subscriber.variant.interval_s:
            reading.level = self._level
            self._writer.to_one(subscriber, [self._quality_notice(self._level, self._reason)])

    # -- quality -----------------------------------------------------------------------------------

    def load(self) -> Load:
        """Return what the room asks for; called every second."""
        self._activity.second(self._events, self._commits)
        self._events = self._commits = 0
        viewers = sum(len(stream) for stream in self._streams.values() if not stream.variant.interval_s)
        return Load(self._activity.events_s, self._activity.frames_s, viewers, self._readers.lagging)

    def set_level(self, level: int, reason: str) -> None:
        """Deliver realtime at another grade from here on, and tell its viewers why."""
        if level == self._level:
            return
        notice = self._quality_notice(level, reason)
        for stream in list(self._streams.values()):
            if stream and not stream.variant.interval_s:
                self._write(stream, [notice], stream.cursor)
        self._level, self._reason = level, reason

    def _quality_notice(self, level: int, reason: str) -> bytes:
        told = {"kind": "quality_changed", **LEVELS[level]._asdict(), "reason": reason}
        return self._encoder.unordered(messages.NOTICE, encode_json(told), self._clock.now_ms())


def _is_usual(variant: Variant) -> bool:
    """Say whether a variant is what anybody may want: everything, or chat alone, as it comes by default."""
    return variant.types in (EVENT_TYPES, frozenset()) and variant.interval_s in (0, messages.BATCH_S)


def _by_author(records: Sequence[Record]) -> dict[Subscriber, list[Record]]:
    """Return what the viewers wrote who are still there."""
    found: defaultdict[Subscriber, list[Record]] = defaultdict(list)
    for record in records:
        author = record.origin.author() if record.origin else None
        if isinstance(author, Subscriber) and author.attached:
            found[author].append(record)
    return found
