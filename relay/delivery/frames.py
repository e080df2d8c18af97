"""Records into messages: encoded once, the same for every viewer of a variant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from relay.protocol import messages
from relay.protocol.envelope import MessageIds, encode_envelope, encode_json
from relay.protocol.times import format_ms
from relay.storage.contract import Kind, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_HIGH = {"priority": "high"}


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
    """

    types: frozenset[str]
    chat: bool


class Encoder:
    """Envelopes of one room's log."""

    def __init__(
        self, room_id: str, epoch: str, ids: MessageIds, today: Callable[[Variant, bool], dict[str, Any]]
    ) -> None:
        """Bind the room.

        Args:
            room_id: The room.
            epoch: The lifetime of its log.
            ids: Shared by the whole relay.
            today: What a viewer of a variant is told when settings have changed, and whether with the state.
                It is asked for when the notice is sent, so that one which is replayed later tells nothing
                that no longer holds.
        """
        self._room = room_id
        self._epoch = epoch
        self._ids = ids
        self._today = today

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
        reader: object = None,
    ) -> tuple[list[bytes], int]:
        """Encode what a variant may see of consecutive records.

        Neighbouring events share one `spectator.activity`; everything else is a message of its own.
        Of several changes of settings the last alone brings the state: it may be long, and whoever comes back
        to a room that was changed often must not be sent it as often.

        Args:
            records: In order, directly after one another, worded as they may be read today.
            variant: The viewer's choice.
            visible: The types that the host discloses today, `spectator.chat_message` among them.
            after: Cursor position of the frame before.
            now_ms: The relay's clock.
            reader: Who alone gets this, if it is not for all: it is told which chat messages are its own.

        Returns:
            The messages, and the cursor position after them (`after` if there are none).
        """
        out: list[bytes] = []
        events: list[Record] = []
        records = list(records)
        changed = max((record.seq for record in records if record.kind is Kind.SETTINGS), default=0)
        shown = variant.types & visible
        chat = variant.chat and messages.CHAT in visible
        for record in records:
            if record.kind is Kind.EVENT:
                if record.type in shown:
                    events.append(record)
                continue
            if record.kind is Kind.CHAT and not chat:
                continue
            if not record.body:
                continue  # a chat message of a room that keeps none on disk
            if events:
                out.append(self._activity(events, after, now_ms))
                after = events[-1].seq
                events = []
            own = record.origin is not None and reader is not None and record.origin.author() is reader
            ref = record.origin.ref if own else ""
            out.append(self._single(record, variant, after, now_ms, ref, whole=record.seq == changed))
            after = record.seq
        if events:
            out.append(self._activity(events, after, now_ms))
            after = events[-1].seq
        return out, after

    def _activity(self, events: list[Record], after: int, now_ms: int) -> bytes:
        head = f'{{"room_id":"{self._room}","timestamp":"{format_ms(now_ms)}","events":['
        tail = f'],"after":"{self.cursor(after)}","cursor":"{self.cursor(events[-1].seq)}"}}'
        data = head.encode() + b",".join(map(self.event, events)) + tail.encode()
        urgent = any(record.type == "milestone.reached" for record in events)
        return encode_envelope(self._ids.next(), messages.ACTIVITY, now_ms, data, _HIGH if urgent else None)

    def chat(self, record: Record, ref: str = "") -> bytes:
        """Return a chat message's data, still open at its end; its id is its position in the sequence."""
        own = b',"ref":' + encode_json(ref) if ref else b""
        return b'{"message_id":"%s",%s%s' % (self.cursor(record.seq).encode(), record.body[1:-1], own)

    def _single(
        self, record: Record, variant: Variant, after: int, now_ms: int, ref: str, *, whole: bool
    ) -> bytes:
        is_chat = record.kind is Kind.CHAT
        kind = messages.CHAT if is_chat else messages.NOTICE
        head = self.chat(record, ref) if is_chat else record.body[:-1]
        if record.kind is Kind.SETTINGS:
            head += b"," + encode_json(self._today(variant, whole))[1:-1]
        tail = f',"after":"{self.cursor(after)}","cursor":"{self.cursor(record.seq)}"}}'
        return encode_envelope(self._ids.next(), kind, now_ms, head + tail.encode())
