"""Clocks for tests: one that stands still until it is wound, one that goes with a wound loop."""

from __future__ import annotations

import asyncio

NOON_MS = 1_771_329_600_000
"""2026-02-17T12:00:00Z: where a manual clock starts unless told otherwise."""


class LoopClock:
    """A `relay.clock.Clock` that reads a wound loop's time, so that timers and timestamps agree."""

    def now_ms(self) -> int:
        return NOON_MS + round(self.monotonic_s() * 1000)

    def monotonic_s(self) -> float:
        return asyncio.get_running_loop().time()


class ManualClock:
    """A `relay.clock.Clock` whose two readings move together, and only when told to."""

    def __init__(self, now_ms: int = NOON_MS) -> None:
        self._now_ms = now_ms
        self._monotonic_ms = 0

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_s(self) -> float:
        return self._monotonic_ms / 1000

    def advance(self, seconds: float) -> None:
        """Let time pass for both readings."""
        if seconds < 0:
            raise ValueError("monotonic time does not run backwards; use step_calendar")
        milliseconds = round(seconds * 1000)
        self._now_ms += milliseconds
        self._monotonic_ms += milliseconds

    def step_calendar(self, seconds: float) -> None:
        """Correct the calendar alone, as a time server does; it may go backwards."""
        self._now_ms += round(seconds * 1000)
