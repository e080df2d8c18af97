"""How many watch a room. Spec: Spectator Count and Presence.

Seats and presence differ on purpose: a cut connection lowers the count at once and keeps its seat until the
ping deadline, so that its owner can come back to a full room.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relay.clock import Clock

PEAK_MS = 24 * 3600 * 1000
"""`recent_peak` is the highest total of this window (PRES-3)."""
JOIN_RATE_S = 60.0
"""`join_rate` counts the joins of this window; resumes do not count (PRES-4)."""
SEAT_S = 45.0
"""How long a cut connection keeps its seat: the ping deadline."""


@dataclass(slots=True)
class _Seat:
    connections: int = 0
    state: str = "anonymous"
    until_s: float = 0.0


@dataclass(slots=True)
class PeakWindow:
    """The highest value of a window in time: `(until_ms, value)`, values falling, oldest first."""

    spans: deque[tuple[int, int]] = field(default_factory=deque)
    highest_ever: int = 0

    def ended(self, value: int, now_ms: int) -> None:
        """Note that the total was `value` until now."""
        self.highest_ever = max(self.highest_ever, value)
        while self.spans and self.spans[-1][1] <= value:
            self.spans.pop()
        self.spans.append((now_ms, value))

    def highest(self, current: int, now_ms: int) -> int:
        """Return the window's peak."""
        while self.spans and self.spans[0][0] < now_ms - PEAK_MS:
            self.spans.popleft()
        return max(current, self.spans[0][1] if self.spans else 0)


class Audience:
    """The seats of one room.

    Attributes:
        somebody: Set while anybody watches.
    """

    def __init__(self, room_id: str, clock: Clock, saved: dict[str, Any] | None = None) -> None:
        """Start empty; `saved` is what `peaks` returned before a restart."""
        self._room_id = room_id
        self._clock = clock
        self._seats: dict[str, _Seat] = {}
        self._watching = 0
        self._registered = 0
        self._joins: deque[float] = deque(maxlen=100_000)
        self.somebody = asyncio.Event()
        self._peaks = PeakWindow()
        if saved:
            self._peaks.spans.extend((int(at), int(value)) for at, value in saved["spans"])
            self._peaks.highest_ever = int(saved["highest_ever"])

    @property
    def seats_taken(self) -> int:
        """Seats in use or held."""
        return len(self._seats)

    @property
    def watching(self) -> int:
        """Viewers connected now; two windows of one viewer count once (PRES-11)."""
        return self._watching

    @property
    def highest_ever(self) -> int:
        """The highest total ever."""
        return max(self._peaks.highest_ever, self._watching)

    def seated(self, spectator_id: str) -> bool:
        """Say whether a viewer holds a seat."""
        return spectator_id in self._seats

    def connections(self, spectator_id: str) -> int:
        """Return how many connections a viewer has open."""
        seat = self._seats.get(spectator_id)
        return seat.connections if seat else 0

    def enter(self, spectator_id: str, state: str, *, resumed: bool) -> None:
        """Take or retake a seat."""
        seat = self._seats.setdefault(spectator_id, _Seat(state=state))
        if not seat.connections:
            self._change(+1, state)
            if not resumed:
                self._joins.append(self._clock.monotonic_s())
        elif seat.state != state:
            self._change(-1, seat.state)
            self._change(+1, state)
        seat.connections += 1
        seat.state = state

    def leave(self, spectator_id: str, *, clean: bool) -> None:
        """Give a seat up; a cut connection holds it for `SEAT_S`."""
        seat = self._seats[spectator_id]
        seat.connections -= 1
        if seat.connections:
            return
        self._change(-1, seat.state)
        if clean:
            del self._seats[spectator_id]
        else:
            seat.until_s = self._clock.monotonic_s() + SEAT_S

    def sweep(self) -> None:
        """Free the seats whose owners did not come back."""
        now_s = self._clock.monotonic_s()
        for spectator_id in [k for k, s in self._seats.items() if not s.connections and s.until_s <= now_s]:
            del self._seats[spectator_id]

    def presence(self) -> dict[str, Any]:
        """Return `SpectatorPresence`."""
        oldest = self._clock.monotonic_s() - JOIN_RATE_S
        while self._joins and self._joins[0] <= oldest:
            self._joins.popleft()
        return {
            "room_id": self._room_id,
            "total_spectators": self._watching,
            "anonymous_count": self._watching - self._registered,
            "registered_count": self._registered,
            "recent_peak": self._peaks.highest(self._watching, self._clock.now_ms()),
            "join_rate": len(self._joins),
        }

    def peaks(self) -> dict[str, Any]:
        """Return what must survive a restart: totals and times, nothing of anybody."""
        saved = PeakWindow(deque(self._peaks.spans), self._peaks.highest_ever)
        saved.ended(self._watching, self._clock.now_ms())
        return {"spans": list(saved.spans), "highest_ever": saved.highest_ever}

    def _change(self, by: int, state: str) -> None:
        self._peaks.ended(self._watching, self._clock.now_ms())
        self._watching += by
        if self._watching:
            self.somebody.set()
        else:
            self.somebody.clear()
        if state != "anonymous":
            self._registered += by
