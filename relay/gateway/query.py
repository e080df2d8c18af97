"""What stands in the query of a call: each option read, or refused by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relay.gateway.access import bad
from relay.protocol.cursor import parse_cursor

if TYPE_CHECKING:
    from relay.service.live_room import LiveRoom


def whole(text: str, name: str, low: int, high: int) -> int:
    """Return a whole number within bounds.

    Raises:
        Denied: If it is none.
    """
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not low <= int(text) <= high:
        raise bad(f"{name}: must be a whole number from {low} to {high}.")
    return int(text)


def position(room: LiveRoom, after: str) -> int:
    """Return the position in a room's log that the option `after` names.

    Raises:
        Denied: If it names none.
    """
    cursor = parse_cursor(after)
    if cursor is None or cursor.epoch != room.epoch or cursor.seq > room.head:
        raise bad("after: is not a cursor of this room. Leave it out to start at the beginning.")
    return cursor.seq
