"""How fine-grained realtime delivery is, by what is going on. Pure: whoever asks brings the time.

At rest each event goes out at once. In a busy room, or on a busy relay, events that are a moment apart share
a frame: nothing is lost, and each viewer is told. It goes up within seconds and down only after a while, so
that nothing flaps.

Spec: Adaptive Quality; graceful degradation under extreme load.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Level(NamedTuple):
    """One grade of realtime delivery.

    Attributes:
        quality: Its word on the wire.
        interval_ms: How long an event may wait for others.
    """

    quality: str
    interval_ms: int


LEVELS = (
    Level("realtime", 0),
    Level("merged", 65),
    Level("merged", 250),
    Level("merged", 1000),
    Level("batched", 5000),
)

BUSY = 10.0
"""Events per second at which a room's frames are merged: more than that nobody reads one by one."""
_CALM = 0.5
"""By how much it has to be quieter again before quality rises."""
WRITES = 40_000.0
"""Writes per second that the whole relay's fan-out may take: about a third of a core."""
LATE_S = 0.2
"""A loop this far behind is overloaded, if it is fan-out that keeps it busy."""
_PUNCTUAL_S = 0.03
_FAN_OUT = 2000.0
_WORTH = WRITES / 4
"""Writes per second that thinning out further must have to take from: where they are fewer, something else
keeps the loop busy (a chat that is flooded), and later events would be all that came of it."""
_LAGGING = 0.25
_FEW = 10
_SECONDS = 10
_BURST = 40
"""Events of one second that count: one push of two hundred commits is no busy room."""


class Activity:
    """How busy a room is: its events per second, over the last ten."""

    def __init__(self) -> None:
        """Start quiet."""
        self._seconds: deque[int] = deque(maxlen=_SECONDS)
        self._frames: deque[int] = deque(maxlen=_SECONDS)

    def second(self, events: int, commits: int) -> None:
        """Note the second that has passed: its events, and in how many commits they came."""
        self._seconds.append(min(events, _BURST))
        self._frames.append(commits)

    @property
    def events_s(self) -> float:
        """Events per second, bursts cut."""
        return sum(self._seconds) / _SECONDS

    @property
    def frames_s(self) -> float:
        """Frames per second that realtime delivery would take."""
        return sum(self._frames) / _SECONDS


@dataclass(slots=True)
class Ladder:
    """A level that rises soon and falls late.

    Attributes:
        level: Where it stands.
        up_s: Seconds for which more must be wanted before it rises.
        down_s: Seconds for which less must be wanted before it falls, to the most that was wanted meanwhile.
    """

    level: int = 0
    up_s: float = 2.0
    down_s: float = 10.0
    _above_s: float | None = field(default=None, repr=False)
    _below_s: float | None = field(default=None, repr=False)
    _highest: int = field(default=0, repr=False)

    def step(self, wanted: int, enough: int, now_s: float) -> int:
        """Move, and return the level.

        Args:
            wanted: What today's load asks for.
            enough: What it would ask for if it were somewhat more, so that a fall is not followed by a rise.
            now_s: Monotonic.
        """
        if wanted > self.level:
            self._below_s = None
            self._above_s = now_s if self._above_s is None else self._above_s
            if now_s - self._above_s >= self.up_s:
                self.level, self._above_s = wanted, None
        elif enough < self.level:
            self._above_s = None
            if self._below_s is None:
                self._below_s, self._highest = now_s, enough
            self._highest = max(self._highest, enough)
            if now_s - self._below_s >= self.down_s:
                self.level, self._below_s = self._highest, None
        else:
            self._above_s = self._below_s = None
        return self.level


@dataclass(frozen=True, slots=True)
class Load:
    """What one room asks of the relay.

    Attributes:
        events_s: Its events per second.
        frames_s: Frames per second in realtime.
        viewers: Its realtime viewers.
        lagging: Those who cannot keep up.
    """

    events_s: float
    frames_s: float
    viewers: int
    lagging: int

    def writes_s(self, level: int) -> float:
        """Return the writes per second that its fan-out takes at a level."""
        interval_ms = LEVELS[level].interval_ms
        return self.viewers * (min(self.frames_s, 1000 / interval_ms) if interval_ms else self.frames_s)


def wanted_by_room(load: Load) -> tuple[int, int]:
    """Return what a room's own load asks for, and what it would ask for if it were somewhat more.

    Where many cannot keep up, fewer and longer frames are easier on their lines. It goes no further for them:
    who stops reading must not slow those who read on, however many there are of them.
    """
    behind = load.lagging >= _FEW and load.lagging > load.viewers * _LAGGING
    wanted = int(load.events_s >= BUSY or behind)
    enough = int(load.events_s >= BUSY * _CALM or load.lagging >= _FEW)
    return wanted, max(wanted, enough)


def wanted_by_relay(loads: Iterable[Load], lag_s: float, level: int) -> tuple[int, int]:
    """Return what all rooms' fan-out together asks for, and what it would ask for if it were somewhat more.

    Args:
        loads: Of every room.
        lag_s: How late the event loop runs.
        level: Where the relay stands now.
    """
    loads = list(loads)
    wanted = _within(WRITES, loads)
    enough = _within(WRITES * _CALM, loads)
    if sum(load.writes_s(0) for load in loads) >= _FAN_OUT:
        if lag_s >= LATE_S and sum(load.writes_s(level) for load in loads) >= _WORTH:
            wanted = max(wanted, min(level + 1, len(LEVELS) - 1))
        elif lag_s > _PUNCTUAL_S:
            enough = max(enough, level)
    return wanted, max(wanted, enough)


def _within(writes: float, loads: list[Load]) -> int:
    for level in range(len(LEVELS)):
        if sum(load.writes_s(level) for load in loads) <= writes:
            return level
    return len(LEVELS) - 1
