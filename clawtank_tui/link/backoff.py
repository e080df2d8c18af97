"""How long to wait before the next try: our own schedule, and what a relay asked for."""

from __future__ import annotations

from collections.abc import Callable, Generator

FIRST_S = 1.0
CAP_S = 30.0
MAX_HINT_S = 3600.0
"""The longest wait a relay can impose; more would be a way to switch its viewers off."""
_FACTOR = 2.0
_JITTER = 0.4
"""The share of a wait that chance may take away. Below 1 - 1/_FACTOR, so that waits grow until the cap."""


def backoff(
    random: Callable[[], float], *, first_s: float = FIRST_S, cap_s: float = CAP_S
) -> Generator[float, None, None]:
    """Yield waits in seconds without end: doubling up to a cap, each shortened by chance.

    A thousand viewers that lost one relay must not return in one moment, hence the jitter; it only ever
    shortens, so the cap is one.

    Args:
        random: Returns a number in [0, 1).
        first_s: The longest first wait.
        cap_s: The longest wait.
    """
    wait_s = min(first_s, cap_s)
    while True:
        yield wait_s * (1 - _JITTER * random())
        wait_s = min(wait_s * _FACTOR, cap_s)


def wait_s_of(value: object, *, per_second: int) -> float | None:
    """Read a wait out of JSON in seconds, bounded; None if it is no number, or negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        return None
    # Bounded before the division: a relay may send an integer that no float holds.
    return min(value, MAX_HINT_S * per_second) / per_second


def retry_after_s(value: object) -> float | None:
    """Read a wait in seconds, as an HTTP `Retry-After` header gives it; None if it is none."""
    if isinstance(value, str) and value.isascii() and value.strip().isdecimal() and len(value) <= 9:
        return wait_s_of(int(value), per_second=1) or None
    return None
