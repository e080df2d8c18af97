"""How a stopping relay sends its viewers away: a few at a time, each told when and where to come back.

All at once would be a stampede: at the relay that takes them over, or here a moment later. Whoever is not
told yet is served as ever, so that what is committed meanwhile reaches them; the others resume and miss
nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
from collections.abc import Callable, Iterator
from typing import Protocol

STEP_S = 0.1
"""Seconds between two steps."""
LEAST = 20
"""Viewers of a step at least: a small relay is done in one."""
FAREWELL_S = 2.0
"""Seconds that viewers have to finish the closing handshake after the last step."""
_RESTART_MS, _SPREAD_MS = 1000, 3000
_MOVE_MS = 1000


class Leaving(Protocol):
    """A socket, as it is sent away."""

    def drain(self, after_ms: int, url: str) -> None:
        """Tell the viewer when to come back, and where unless that is empty, and close."""


class Leavers(Protocol):
    """The open sockets."""

    def __len__(self) -> int:
        """Return how many are open."""

    def __iter__(self) -> Iterator[Leaving]:
        """Go through those open now."""


def paces(count: int, spread_s: float) -> list[int]:
    """Divide viewers into steps of `STEP_S` that take no longer than `spread_s`, as even as can be."""
    steps = min(max(1, math.floor(spread_s / STEP_S)), math.ceil(count / LEAST))
    return [count * (step + 1) // steps - count * step // steps for step in range(steps)]


async def drain(
    sockets: Leavers,
    spread_s: float,
    url: str,
    hurry: asyncio.Event,
    randomness: Callable[[], float] = random.random,
) -> None:
    """Send everybody away and wait for their farewells, `FAREWELL_S` at most.

    Args:
        sockets: Those who are there; nobody comes any more.
        spread_s: Seconds the steps may take.
        url: Another relay that takes them over; empty if they are to come back here.
        hurry: Once set, the rest goes at once and nobody is waited for.
        randomness: Spreads their coming back.
    """
    leaving = list(sockets)
    steps = paces(len(leaving), spread_s)
    for number, pace in enumerate(steps, 1):
        if url:
            soonest_ms, spread_ms = 0, _MOVE_MS
        else:
            # Until the last one has left there is nobody here to come back to.
            soonest_ms, spread_ms = round((len(steps) - number) * STEP_S * 1000) + _RESTART_MS, _SPREAD_MS
        for viewer in leaving[:pace]:
            viewer.drain(soonest_ms + round(spread_ms * randomness()), url)
        del leaving[:pace]
        if leaving:
            await _pause(STEP_S, hurry)
    for _ in range(round(FAREWELL_S / STEP_S)):
        if not len(sockets):
            return
        await _pause(STEP_S, hurry)


async def _pause(seconds: float, hurry: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await hurry.wait()
