"""What of a recording is due: pure, moved by a clock and by what the viewer asks.

The player knows when each moment is, and how many of them are shown. `advance` answers which to show now; if
the viewer went back, the picture begins again from the first moment up to there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relay.clock import Clock

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""The steps of faster and slower."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Moments to show now, by index.

    Attributes:
        start: The first.
        end: The one after the last.
        afresh: Forget what is shown; the passage begins with the first moment of all.
    """

    start: int
    end: int
    afresh: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a player stands.

    Attributes:
        position_s: Seconds of the recording from its start.
        length_s: Seconds of the whole recording.
        speed: Seconds of the recording in one second.
        playing: Not paused; at the end it may be both playing and over.
        shown: Moments shown.
        total: Moments there are.
    """

    position_s: float
    length_s: float
    speed: float
    playing: bool
    shown: int
    total: int

    @property
    def over(self) -> bool:
        """Whether everything is shown."""
        return self.shown == self.total and self.position_s >= self.length_s


class Player:
    """A position in a recording that moves with time."""

    def __init__(self, times_s: Sequence[float], clock: Clock, speed: float = 1.0) -> None:
        """Start to play at the beginning.

        Args:
            times_s: When each moment is, in seconds from the start; never falling.
            clock: Its monotonic time moves the position.
            speed: Seconds of the recording in one second.
        """
        self._times_s = times_s
        self._length_s = times_s[-1] if times_s else 0.0
        self._clock = clock
        self._speed = speed
        self._playing = True
        self._base_s = 0.0
        self._since_s = clock.monotonic_s()
        self._wanted = 0
        self._shown = 0

    @property
    def progress(self) -> Progress:
        """Where it stands now."""
        return Progress(
            self._position_s(), self._length_s, self._speed, self._playing, self._shown, len(self._times_s)
        )

    def advance(self) -> Passage:
        """Return what became due; it counts as shown from here on."""
        self._settle()
        afresh = self._wanted < self._shown
        passage = Passage(0 if afresh else self._shown, self._wanted, afresh)
        self._shown = self._wanted
        return passage

    def due_in_s(self) -> float | None:
        """Return the seconds until something becomes due; None if nothing will by itself."""
        if self._wanted != self._shown:
            return 0.0
        position_s = self._position_s()
        if not self._playing or (position_s >= self._length_s and self._wanted == len(self._times_s)):
            return None
        next_s = self._times_s[self._wanted] if self._wanted < len(self._times_s) else self._length_s
        return max(next_s - position_s, 0.0) / self._speed

    def toggle(self) -> None:
        """Pause, or go on; at the end, begin again."""
        if self.progress.over:
            self.seek(0.0)
            self._playing = True
            return
        self._settle()
        self._playing = not self._playing

    def set_speed(self, speed: float) -> None:
        """Play at another speed from here on."""
        self._settle()
        self._speed = speed

    def faster(self) -> None:
        """Take the next higher of `SPEEDS`."""
        self.set_speed(next((speed for speed in SPEEDS if speed > self._speed), SPEEDS[-1]))

    def slower(self) -> None:
        """Take the next lower of `SPEEDS`."""
        self.set_speed(next((speed for speed in reversed(SPEEDS) if speed < self._speed), SPEEDS[0]))

    def step(self, moments: int) -> None:
        """Pause, and show so many moments more, or fewer when negative."""
        self._settle()
        self._playing = False
        self._wanted = min(max(self._wanted + moments, 0), len(self._times_s))
        if moments > 0 and self._wanted:
            self._base_s = max(self._base_s, self._times_s[self._wanted - 1])
        elif moments < 0:
            self._base_s = self._times_s[self._wanted - 1] if self._wanted else 0.0

    def seek(self, position_s: float) -> None:
        """Go to a position, and play on from there if it was playing."""
        self._base_s = min(max(position_s, 0.0), self._length_s)
        self._since_s = self._clock.monotonic_s()
        self._wanted = bisect_right(self._times_s, self._base_s)

    def seek_by(self, seconds: float) -> None:
        """Go ahead, or back when negative."""
        self.seek(self._position_s() + seconds)

    def seek_to_end(self) -> None:
        """Show everything."""
        self.seek(self._length_s)

    def _position_s(self) -> float:
        if not self._playing:
            return self._base_s
        elapsed_s = self._clock.monotonic_s() - self._since_s
        return min(self._base_s + elapsed_s * self._speed, self._length_s)

    def _settle(self) -> None:
        """Move the position, and what is wanted with it, to now."""
        self._base_s = self._position_s()
        self._since_s = self._clock.monotonic_s()
        if self._playing:
            self._wanted = max(self._wanted, bisect_right(self._times_s, self._base_s))
