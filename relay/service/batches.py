"""Batches for HTTP: which ones a room has, and what is in one, as spectators may read it now.

A batch is made from the log each time and worded by the disclosure of that moment, so that nothing which was
hidden since is in it. What was made is kept for as long as that disclosure is in force.

Spec: Event Batching, CDN Integration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relay.delivery.kept import Kept
from relay.delivery.windows import POSITIONS, cell_start, grid_of, windows
from relay.protocol.events import EVENT_TYPES
from relay.storage.contract import Kind

if TYPE_CHECKING:
    from relay.clock import Clock
    from relay.delivery.batches import BatchName
    from relay.delivery.windows import Window
    from relay.rooms.disclosure import Disclosure
    from relay.service.live_room import LiveRoom
    from relay.storage.contract import EventLog

MAX_POSITIONS = 1000
"""Positions of the log that one batch may span."""
_LOOKED_AT = 10 * POSITIONS
"""Records that one page of the list sums up at most, however little of them it may show."""
_KEPT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a room's closed windows.

    Attributes:
        windows: Those with something to show in them, oldest first.
        cursor: The position that the next page goes on from.
        more: Whether there may be another page now.
    """

    windows: list[Window]
    cursor: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Made:
    """A batch as it was made.

    Attributes:
        body: Its JSON.
        disclosure: What was disclosed then.
        head: Where the log stood, if that matters: each event may bring a name that texts must not show.
    """

    body: bytes
    disclosure: Disclosure
    head: int | None


class Batches:
    """The batches of every room."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        """Start with nothing kept."""
        self._log = log
        self._clock = clock
        self._kept: Kept[tuple[str, BatchName], _Made] = Kept(_KEPT_BYTES)

    async def listed(self, room: LiveRoom, after: int, limit: int) -> Listing:
        """Return closed windows that end after a position; the one it lies in is among them, whole."""
        head, grid = room.head, grid_of(room.id)
        start = cell_start(after)
        until = min(head, start + _LOOKED_AT)
        while True:
            disclosure = room.disclosure
            spans = await self._log.spans(room.id, grid, disclosure.types & EVENT_TYPES, start, until)
            if room.disclosure is disclosure:
                break
        now_ms = self._clock.now_ms()
        shown: list[Window] = []
        cursor = after
        for window in windows(spans, grid):
            if window.last <= after:
                continue
            if not window.closed(head, now_ms):
                return Listing(shown, cursor, more=False)
            if len(shown) == limit:
                return Listing(shown, cursor, more=True)
            cursor = window.last
            if window.count:
                shown.append(window)
        return Listing(shown, cursor, more=until < head)

    def kept(self, room: LiveRoom, name: BatchName) -> bytes | None:
        """Return a batch's JSON if it was made already and would be made the same now."""
        made = self._kept.get((room.id, name))
        if made is None or made.disclosure is not room.disclosure or made.head not in (None, room.head):
            return None
        return made.body

    async def body(self, room: LiveRoom, name: BatchName) -> bytes | None:
        """Return a batch's JSON; None if there is none of that name, or nothing of it may be shown."""
        if name.epoch != room.epoch or name.last > room.head or name.last - name.after > MAX_POSITIONS:
            return None
        kept = self.kept(room, name)
        if kept is not None:
            return kept
        records = await self._log.read(room.id, name.after, MAX_POSITIONS, until=name.last)
        head = room.head
        events = await room.worded(
            [record for record in records if record.kind is Kind.EVENT and record.type in name.types]
        )
        if not events:
            return None
        body = room.encoder.batch(name, events, name.after)
        disclosure = room.disclosure
        made = _Made(body, disclosure, head if disclosure.unnamed is not None else None)
        self._kept.put((room.id, name), made, len(body))
        return body
