"""An event loop whose time is wound, not waited for: a sleep of an hour takes no time at all."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


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
