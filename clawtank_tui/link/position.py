"""Where the stream stands: what follows, what repeats, and where it breaks.

Every ordered message names the position before it (`after`) and behind it (`cursor`). The chain must
close: a message that does not begin where the last one ended is either a repeat, which is dropped, or
a hole, which is never papered over: the line is given up and resumed at the last good cursor.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from relay.protocol.cursor import Cursor, parse_cursor


class Place(Enum):
    """How an ordered message joins what was seen before it."""

    NEXT = "next"
    REPEAT = "repeat"
    BREAK = "break"


class StreamPosition:
    """The cursor to resume at, and the newest position whose content was handed on.

    The two differ only after a relay resumed further back than it was asked to: then the stream runs
    through known ground first.
    """

    def __init__(self) -> None:
        """Start before the first welcome."""
        self.cursor = ""
        self._seen: Cursor | None = None

    def resume(self, cursor: str, *, recovered: bool) -> Place:
        """Take the position a welcome names.

        A relay that says it recovered and yet goes on beyond our cursor has left a hole.
        """
        if recovered and self.cursor not in ("", cursor):
            here, there = parse_cursor(self.cursor), parse_cursor(cursor)
            if here is None or there is None or here.epoch != there.epoch or there.seq > here.seq:
                return Place.BREAK
        self.cursor = cursor
        return Place.NEXT

    def follow(self, after: str, cursor: str) -> tuple[Place, int]:
        """Take an ordered message's position; the cursor moves unless the chain breaks.

        Returns:
            How it joins, and the `seq` up to which its content is known already.
        """
        start, end = parse_cursor(after), parse_cursor(cursor)
        if self.cursor not in ("", after):
            here = parse_cursor(self.cursor)
            if here is None or start is None or end is None or not here.epoch == start.epoch == end.epoch:
                return Place.BREAK, 0
            if start.seq > here.seq:
                return Place.BREAK, 0
            if end.seq <= here.seq:
                return Place.REPEAT, 0
        if end is None:
            self.cursor = cursor
            return Place.NEXT, 0
        floor = start.seq if start is not None and start.epoch == end.epoch else 0
        if end.seq < floor:
            return Place.BREAK, 0  # it would lead back, and then everything would repeat
        self.cursor = cursor
        if self._seen is not None and self._seen.epoch == end.epoch:
            floor = max(floor, self._seen.seq)
        self._seen = Cursor(end.epoch, max(floor, end.seq))
        return Place.NEXT, floor

    def is_repeat(self, cursor: str, floor: int) -> bool:
        """Say whether a message that ends at `cursor` was handed on before, given what `follow` returned."""
        end = parse_cursor(cursor)
        return end is not None and end.seq <= floor

    def fresh_events(self, events: list[Any], cursor: str, floor: int) -> list[Any]:
        """Leave out events that were seen, or that lie outside their frame; the rest keeps its order.

        The frame's own cursor bounds them, so that one invented number cannot hide what comes later.
        """
        end = parse_cursor(cursor)
        fresh = []
        for event in events:
            seq = event.get("seq") if isinstance(event, dict) else None
            if not isinstance(seq, int) or isinstance(seq, bool) or seq <= floor or (end and seq > end.seq):
                continue
            floor = seq
            fresh.append(event)
        return fresh
