"""What befalls a connection: drawn from a seed, before it happens, so that a run can be had again.

Pure. The proxy acts it out.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from enum import StrEnum


class End(StrEnum):
    """How a line breaks."""

    CUT = "cut"
    """Both sides are reset."""
    VIEWER_HANGS = "viewer hangs"
    """The relay's side is reset; the viewer's stays open and says nothing any more."""
    RELAY_HANGS = "relay hangs"
    """The viewer's side is reset; the relay's stays open, and nobody reads from it."""


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing gets through for `seconds` once `at` bytes did."""

    at: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What befalls one connection, counted in bytes towards the viewer.

    Attributes:
        dial_s: Seconds before the relay is dialled.
        piece: The most bytes that are passed on at once.
        rate: Bytes a second; 0 for as fast as they come.
        slow_s: Seconds for which that holds.
        stall: A pause in the middle, if any.
        end: How it ends.
        end_at: After how many bytes; 0 for never.
    """

    dial_s: float = 0.0
    piece: int = 65536
    rate: int = 0
    slow_s: float = 0.0
    stall: Stall | None = None
    end: End = End.CUT
    end_at: int = 0


KIND = Fate()
"""Nothing happens."""


def fate(seed: int, viewer: int, attempt: int, *, patience_s: float) -> Fate:
    """Return what befalls a viewer's nth connection.

    Args:
        seed: Of the run.
        viewer: Its number.
        attempt: Which of its connections.
        patience_s: The longest stall.
    """
    chance = random.Random(f"{seed}/{viewer}/{attempt}")
    drawn = chance.random()
    stall = Stall(_bytes(chance, 400, 60_000), chance.uniform(0.2, patience_s)) if drawn < 0.15 else None
    is_slow = 0.15 <= drawn < 0.30
    endless = chance.random() < 0.1
    return Fate(
        dial_s=chance.uniform(0.1, 2.0) if chance.random() < 0.1 else 0.0,
        piece=chance.choice((5, 64, 1400)) if chance.random() < 0.3 else 65536,
        rate=_bytes(chance, 300, 8_000) if is_slow else 0,
        slow_s=chance.uniform(1.0, patience_s) if is_slow else 0.0,
        stall=stall,
        end=chance.choices(list(End), (8, 1, 1))[0],
        end_at=0 if endless else _bytes(chance, 1, 150_000),
    )


def _bytes(chance: random.Random, least: int, most: int) -> int:
    """Draw a size; small and large ones are equally likely by order of magnitude."""
    return round(math.exp(chance.uniform(math.log(least), math.log(most))))
