"""Room ids, as they may stand in a path."""

from __future__ import annotations

import re

_ROOM_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_room_id(text: str) -> bool:
    """Say whether a text is a room id: 1 to 64 letters, digits, `_` or `-`."""
    return _ROOM_ID.fullmatch(text) is not None
