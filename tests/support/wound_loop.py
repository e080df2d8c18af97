"""Event loops whose time is wound, not waited for: a sleep of an hour takes no time at all."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from support.clock import NOON_MS

_T = TypeVar("_T")
_REAL_S = 0.02


class _Impatient(selectors.DefaultSelector):
    """Turns every wait into a step of the loop's clock."""

    wound_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("everything waits for something that will never happen")
        self.wound_s += max(0.0, timeout)
        found: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        return found


class WoundLoop(asyncio.SelectorEventLoop):
    """For what needs timers and no network: its clock jumps to the next timer when nothing is left to do."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        """Return the wound seconds."""
        return self._impatient.wound_s

    def hold_up(self, seconds: float) -> None:
        """Let time pass within this turn, as work that takes long does."""
        self._impatient.wound_s += seconds


def run_wound(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end on a loop of its own, without waiting for any timer."""
    with asyncio.Runner(loop_factory=WoundLoop) as runner:
        return runner.run(work)


class _Patient(selectors.DefaultSelector):
    """Turns a wait into a step of the loop's clock while it is wound; waits for real when it is not."""

    wound_s = 0.0
    winding = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found: list[tuple[selectors.SelectorKey, int]]
        if not self.winding or timeout is None:
            found = super().select(_REAL_S if timeout is None else min(timeout, _REAL_S))
            return found
        found = super().select(0)
        if not found:
            self.wound_s += max(0.0, timeout)
        return found


class WoundTraffic(asyncio.SelectorEventLoop):
    """For timers and loopback sockets together: hours of traffic in seconds, with its true bytes.

    Time stands still, except in `wind`: then it goes to the next timer whenever no socket has anything to
    read. What another thread does (the relay's commits) cannot be seen by that, so it is waited for outside.
    """

    def __init__(self) -> None:
        self._patient = _Patient()
        super().__init__(self._patient)

    def time(self) -> float:
        """Return the wound seconds."""
        return self._patient.wound_s

    async def wind(self, seconds: float) -> None:
        """Let so much time pass."""
        self._patient.winding = True
        try:
            await asyncio.sleep(seconds)
        finally:
            self._patient.winding = False

    def unwind(self) -> None:
        """Let time pass by itself from here on: for what is only to be ended."""
        self._patient.winding = True


class LoopClock:
    """A `relay.clock.Clock` that goes with the running loop's: both of them wound, or neither."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()

    def now_ms(self) -> int:
        return NOON_MS + round(self.monotonic_s() * 1000)

    def monotonic_s(self) -> float:
        return self._loop.time() - self._began_s

    async def pass_s(self, seconds: float) -> None:
        """Let time pass: wound if the loop can be, waited for if not."""
        if isinstance(self._loop, WoundTraffic):
            await self._loop.wind(seconds)
        else:
            await asyncio.sleep(seconds)

    def unwind(self) -> None:
        """Hold time no longer, because nothing is counted any more."""
        if isinstance(self._loop, WoundTraffic):
            self._loop.unwind()
