"""Time, passed in: nothing else in the product asks the system what time it is."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Two readings: what the calendar says, and how much time has passed."""

    def now_ms(self) -> int:
        """Return milliseconds since the Unix epoch, UTC."""

    def monotonic_s(self) -> float:
        """Return seconds that never run backwards; only differences mean anything."""


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Return milliseconds since the Unix epoch, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Return the system's monotonic seconds."""
        return time.monotonic()
