"""How far behind the event loop runs: the one figure that says whether this relay has too much to do.

Whatever costs too much here (screening, encoding, writing, a neighbour on the same processor) shows as timers
that come late. A sampler in `relay.server` sleeps and says by how much it overslept; nothing in here waits or
reads a clock. Who thins out reads `lag_s`; who turns newcomers away reads `overloaded`.
"""

from __future__ import annotations

import math

SAMPLE_S = 0.1
"""Seconds the sampler sleeps between two samples."""
BUSY_S = 0.25
"""Lag from which the relay counts as busy: what can come later does."""
OVERLOADED_S = 1.0
"""Lag at which newcomers are turned away, once it has lasted for `SUSTAINED_S`."""
SUSTAINED_S = 2.0
"""A single long turn of the loop is no overload: turning people away would be the worse answer to it."""
RELIEVED_S = 0.25
"""Lag below which newcomers are let in again; far below the other mark, so that the gate does not flutter."""
_CALM_S = 2.0
"""Time constant of the way down, in seconds."""
_MOST_S = 4.0
"""More is not believed of one sample: it was stopped, or the machine was asleep, and is on time again."""


class Load:
    """The event loop's lag, smoothed: fast up, slow down.

    Attributes:
        lag_s: Seconds by which the loop is late.
        overloaded: Whether newcomers are to be turned away.
    """

    def __init__(self) -> None:
        """Start with nothing to do."""
        self.lag_s = 0.0
        self.overloaded = False
        self._above_s: float | None = None

    @property
    def busy(self) -> bool:
        """Whether what can wait should."""
        return self.overloaded or self.lag_s >= BUSY_S

    def observe(self, slept_s: float) -> None:
        """Take a sample: how long a sleep of `SAMPLE_S` lasted, in seconds."""
        late_s = min(max(0.0, slept_s - SAMPLE_S), _MOST_S)
        if late_s >= self.lag_s:
            # Half way, so that one long turn is seen at once and not taken for a state.
            self.lag_s += (late_s - self.lag_s) / 2
        else:
            self.lag_s = late_s + (self.lag_s - late_s) * math.exp(-slept_s / _CALM_S)
        if self.lag_s < OVERLOADED_S:
            self._above_s = None
        else:
            self._above_s = 0.0 if self._above_s is None else self._above_s + slept_s
        if self._above_s is not None and self._above_s >= SUSTAINED_S:
            self.overloaded = True
        elif self.lag_s < RELIEVED_S:
            self.overloaded = False
