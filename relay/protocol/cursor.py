"""Positions in a room's one sequence.

A cursor is `EPOCH-SEQ`. The epoch names the log's lifetime: a cursor of another epoch belongs to
a log that no longer exists, and is answered with fresh state instead of a wrong resume. An event's
`event_id` has the same form. Clients treat both as opaque.
"""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple

_CURSOR = re.compile(r"([a-z2-7]{8})-(0|[1-9][0-9]{0,17})")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


class Cursor(NamedTuple):
    """A position: everything up to and including `seq` has been seen. 0 is before the first event."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        """Return the wire form."""
        return f"{self.epoch}-{self.seq}"


def parse_cursor(text: str) -> Cursor | None:
    """Read a cursor; None for anything that is not one."""
    match = _CURSOR.fullmatch(text)
    return Cursor(match[1], int(match[2])) if match else None


def new_epoch() -> str:
    """Return a fresh epoch: 40 random bits in base 32."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(8))
