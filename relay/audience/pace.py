"""When a room's viewers are told how many they are. Spec: Spectator Count and Presence (PRES-6).

Each change is worth telling while there are few; a room that changes all the time would be told of little
else. A small account decides: the first changes after a quiet time go out as they come, then one in five
seconds. A relay that has much to do starts with the latter.
"""

from __future__ import annotations

EVERY_S = 5.0
"""Seconds between two updates of a room that changes continuously, or of a relay that is busy."""
SOONEST_S = 1.0
"""Seconds between two updates at least."""
_AT_ONCE = 5.0
"""Updates that may follow each other as they come, after a quiet time."""


class Pace:
    """One room's account of updates."""

    __slots__ = ("_left", "_told_s")

    def __init__(self) -> None:
        """Start after a quiet time."""
        self._left = _AT_ONCE
        self._told_s = -EVERY_S

    def tell(self, now_s: float, *, busy: bool) -> bool:
        """Say whether a change may be told now, and count it if so.

        Args:
            now_s: Monotonic seconds.
            busy: Whether the relay has much to do.
        """
        since_s = now_s - self._told_s
        if since_s < (EVERY_S if busy else SOONEST_S):
            return False
        left = min(_AT_ONCE, self._left + since_s / EVERY_S)
        if left < 1:
            return False
        self._left = left - 1
        self._told_s = now_s
        return True
