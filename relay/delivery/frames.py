"""Records into messages: encoded once, the same for every viewer of a variant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from relay.delivery.batches import BatchName, thinned
from relay.protocol import messages
from relay.protocol.envelope import MessageIds, encode_envelope, encode_json
from relay.protocol.times import format_instant, format_ms
from relay.storage.contract import Kind, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_HIGH = {"priority": "high"}
_WEIGHTY = frozenset(
    {"task.created", "task.completed", "agent.claimed_task", "git.pr_merged", "milestone.reached"}
)
"""What a client that has to leave something out leaves out last: tasks, merges and milestones."""
_ORDERED = {Kind.CHAT: messages.CHAT, Kind.REMOVAL: messages.CHAT_REMOVED}
"""What is a message of its own kind; the rest are notices."""


class Origin(NamedTuple):
    """Where a chat message came from, in this process.

    Attributes:
        author: A weak reference to its author's subscriber: who has left must not be kept by what it said.
        ref: The id the author sent it under.
    """

    author: Callable[[], object]
    ref: str


@dataclass(frozen=True, slots=True)
class Variant:
    """What a viewer chose to get. Viewers of one variant share every byte.

    Attributes:
        types: Event types of interest.
        chat: Whether the spectator chat comes along.
        interval_s: Seconds of each batch; 0 is realtime.
        low: Whether it is for a thin line: statuses and presence are thinned.
    """

    types: frozenset[str]
    chat: bool
    interval_s: int = 0
    low: bool = False

    @property
    def labels(self) -> tuple[str, str]:
        """What the figures call it: frequency and bandwidth."""
        return "batched" if self.interval_s else "realtime", "low" if self.low else "full"


class Encoded(NamedTuple):
    """Consecutive records as messages, the same for every viewer of a variant.

    Attributes:
        payloads: The messages.
        cursor: The position after them; the one before if there are none.
        said: Which of them each chat message is, by its position in the log: its author's copy is another.
    """

    payloads: list[bytes]
    cursor: int
    said: dict[int, int]


def own_copies(encoded: Encoded, said: Iterable[Record]) -> dict[int, bytes]:
    """Return an author's copies of what it said, by their places among the messages.

    They alone say which message of its own each is: nobody else's may (CHAT-9, CHAT-10). Made from what the
    others get, so that a busy chat is not encoded once for each of its authors.
    """
    places = ((encoded.said.get(record.seq), record.origin) for record in said)
    return {
        place: b'%s,"ref":%s}}' % (encoded.payloads[place][:-2], encode_json(origin.ref))
        for place, origin in places
        if place is not None and origin is not None and origin.ref
    }


class Encoder:
    """Envelopes of one room's log."""

    def __init__(
        self,
        room_id: str,
        epoch: str,
        ids: MessageIds,
        today: Callable[[Variant, bool], dict[str, Any]],
        compression: str = "gzip",
    ) -> None:
        """Bind the room.

        Args:
            room_id: The room.
            epoch: The lifetime of its log.
            ids: Shared by the whole relay.
            today: What a viewer of a variant is told when settings have changed, and whether with the state.
                It is asked for when the notice is sent, so that one which is replayed later tells nothing
                that no longer holds.
            compression: The coding that batches are stored and served in over HTTP.
        """
        self.room_id = room_id
        self._epoch = epoch
        self._ids = ids
        self._today = today
        self._compression = compression

    def cursor(self, seq: int) -> str:
        """Return a position's wire form."""
        return f"{self._epoch}-{seq}"

    def event(self, record: Record) -> bytes:
        """Return an event as viewers see it: its position spliced into the stored object."""
        return b'{"seq":%d,"event_id":"%s-%d",%s' % (
            record.seq,
            self._epoch.encode(),
            record.seq,
            record.body[1:],
        )

    def unordered(self, kind: str, data: bytes, now_ms: int) -> bytes:
        """Return a message that has no place in the sequence."""
        return encode_envelope(self._ids.next(), kind, now_ms, data)

    def keepalive(self, after: int, cursor: int, now_ms: int) -> bytes:
        """Return a keepalive that moves a viewer's cursor over what was not for it."""
        data = f'{{"after":"{self.cursor(after)}","cursor":"{self.cursor(cursor)}"}}'
        return encode_envelope(self._ids.next(), messages.KEEPALIVE, now_ms, data.encode())

    def payloads(
        self,
        records: Iterable[Record],
        variant: Variant,
        visible: frozenset[str],
        after: int,
        now_ms: int,
        *,
        batched: bool = False,
    ) -> Encoded:
        """Encode what a variant may see of consecutive records.

        Neighbouring events share one `spectator.activity`, or `spectator.batch`; everything else is a message
        of its own.
        Of several changes of settings the last alone brings the state: it may be long, and whoever comes back
        to a room that was changed often must not be sent it as often.

        Args:
            records: In order, directly after one another, worded as they may be read today.
            variant: The viewer's choice.
            visible: The types that the host discloses today, `spectator.chat_message` among them.
            after: Cursor position of the frame before.
            now_ms: The relay's clock.
            batched: Whether events go out as batches; those of a batched variant always do.
        """
        out: list[bytes] = []
        said: dict[int, int] = {}
        events: list[Record] = []
        records = list(records)
        changed = max((record.seq for record in records if record.kind is Kind.SETTINGS), default=0)
        shown = variant.types & visible
        chat = variant.chat and messages.CHAT in visible
        start = max(after, records[0].seq - 1) if records else after
        batched = batched or variant.interval_s > 0

        def close_group() -> None:
            nonlocal after, events
            if events and batched:
                name = BatchName(self._epoch, max(after, start), events[-1].seq, variant.types, variant.low)
                out.append(self._batch(name, events, after, now_ms))
            elif events:
                out.append(self._activity(events, after, now_ms))
            after = events[-1].seq if events else after
            events = []

        for record in records:
            if record.kind is Kind.EVENT:
                if record.type in shown:
                    events.append(record)
                continue
            if record.kind is Kind.CHAT and not chat:
                continue
            if record.kind is Kind.REMOVAL and not variant.chat:
                continue
            if not record.body:
                continue  # a chat message of a room that keeps none on disk
            close_group()
            if record.kind is Kind.CHAT:
                said[record.seq] = len(out)
            out.append(self._single(record, variant, after, now_ms, whole=record.seq == changed))
            after = record.seq
        close_group()
        return Encoded(out, after, said)

    def _activity(self, events: list[Record], after: int, now_ms: int) -> bytes:
        head = f'{{"room_id":"{self.room_id}","timestamp":"{format_ms(now_ms)}","events":['
        tail = f'],"after":"{self.cursor(after)}","cursor":"{self.cursor(events[-1].seq)}"}}'
        data = head.encode() + b",".join(map(self.event, events)) + tail.encode()
        return encode_envelope(self._ids.next(), messages.ACTIVITY, now_ms, data, _weight(events))

    def _batch(self, name: BatchName, events: list[Record], after: int, now_ms: int) -> bytes:
        data = self.batch(name, events, after)
        return encode_envelope(self._ids.next(), messages.BATCH, now_ms, data, _weight(events))

    def batch(self, name: BatchName, events: Sequence[Record], after: int) -> bytes:
        """Return a batch's data. Spec: `SpectatorEventBatch`.

        Args:
            name: What it is called; a thinned one is thinned here.
            events: Those of its types, worded as they may be read today; at least one.
            after: Cursor position of the frame before; its own start where it stands alone.
        """
        events = thinned(events) if name.low else events
        times = [event.at_ms for event in events]
        head = (
            f'{{"room_id":"{self.room_id}","batch_id":"{name}","compression":"{self._compression}",'
            f'"timestamp_range":{{"start":"{format_instant(min(times))}","end":"{format_instant(max(times))}"}},'
            '"events":['
        )
        tail = f'],"after":"{self.cursor(after)}","cursor":"{self.cursor(name.last)}"}}'
        return head.encode() + b",".join(map(self.event, events)) + tail.encode()

    def chat(self, record: Record) -> bytes:
        """Return a chat message's data, still open at its end; its id is its position in the sequence."""
        return b'{"message_id":"%s",%s' % (self.cursor(record.seq).encode(), record.body[1:-1])

    def _single(self, record: Record, variant: Variant, after: int, now_ms: int, *, whole: bool) -> bytes:
        is_chat = record.kind is Kind.CHAT
        kind = _ORDERED.get(record.kind, messages.NOTICE)
        head = self.chat(record) if is_chat else record.body[:-1]
        if record.kind is Kind.SETTINGS:
            head += b"," + encode_json(self._today(variant, whole))[1:-1]
        tail = f',"after":"{self.cursor(after)}","cursor":"{self.cursor(record.seq)}"}}'
        return encode_envelope(self._ids.next(), kind, now_ms, head + tail.encode())


def _weight(events: Iterable[Record]) -> dict[str, str] | None:
    return _HIGH if any(event.type in _WEIGHTY for event in events) else None
