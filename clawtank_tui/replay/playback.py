"""A tape being played: the player's decisions, put on a screen or printed as they fall due.

One loop, which waits for the next moment or for the viewer's next wish. What a reducer or a widget takes for
now is the recording's own time, so that ages and notes are what they were.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from clawtank_tui.link.session import ConnectionChanged, LinkEvent, Received
from clawtank_tui.state.model import Connection, Phase

if TYPE_CHECKING:
    from clawtank_tui.replay.player import Player, Progress
    from clawtank_tui.replay.tape import Tape
    from relay.clock import Clock

_SLICE = 200
"""Moments shown in one turn of the loop: a long way must not hold up the keys."""
_LEAST_TICK_S = 0.2


class RecordedTime:
    """The calendar of the recording over the passing of real time."""

    def __init__(self, clock: Clock, now_ms: int) -> None:
        """Stand at a time; `clock` says how real time passes."""
        self.ms = now_ms
        self._clock = clock

    def now_ms(self) -> int:
        """Return the recording's present, milliseconds since the Unix epoch."""
        return self.ms

    def monotonic_s(self) -> float:
        """Return real seconds."""
        return self._clock.monotonic_s()


class Playback:
    """Plays a tape to whoever takes what a line would deliver.

    Attributes:
        time: The recording's present.
        on_afresh: Called before a picture begins, the first one included: forget what was delivered.
        on_moved: Called after each change of the position, the speed or the picture.
    """

    def __init__(
        self, tape: Tape, player: Player, deliver: Callable[[LinkEvent], None], time: RecordedTime
    ) -> None:
        """Put a tape into a player."""
        self.time = time
        self.on_afresh: Callable[[], None] = _ignore
        self.on_moved: Callable[[], None] = _ignore
        self._tape = tape
        self._player = player
        self._deliver = deliver
        self._asked = asyncio.Event()

    @property
    def progress(self) -> Progress:
        """Where the player stands now."""
        return self._player.progress

    def ask(self, wish: Callable[[Player], None]) -> None:
        """Let the player do something, now."""
        wish(self._player)
        self._asked.set()

    async def play_once(self) -> None:
        """Play to the end."""
        self._begin()
        while True:
            await self._catch_up()
            wait_s = self._player.due_in_s()
            if wait_s is None:
                return
            await asyncio.sleep(wait_s)

    async def play_on(self) -> None:
        """Play, and stay at the viewer's service until cancelled."""
        self._begin()
        while True:
            self._asked.clear()
            await self._catch_up()
            self.on_moved()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._tick_s()):
                    await self._asked.wait()

    def _begin(self) -> None:
        self.time.ms = self._tape.start_ms
        self.on_afresh()
        self._deliver(ConnectionChanged(Connection(Phase.REPLAY)))
        self._deliver(Received(self._tape.welcome))

    async def _catch_up(self) -> None:
        passage = self._player.advance()
        if passage.afresh:
            self._begin()
        for count, moment in enumerate(self._tape.moments[passage.start : passage.end], start=1):
            self.time.ms = moment.at_ms
            self._deliver(Received(moment.envelope))
            if count % _SLICE == 0:
                await asyncio.sleep(0)
        self.time.ms = self._tape.start_ms + round(self._player.progress.position_s * 1000)

    def _tick_s(self) -> float | None:
        """Return when to look again: at the next moment, or when the position shows another second."""
        wait_s = self._player.due_in_s()
        if wait_s is None:
            return None
        progress = self._player.progress
        second_s = (int(progress.position_s) + 1 - progress.position_s) / progress.speed
        return min(wait_s, max(second_s, _LEAST_TICK_S))


def _ignore() -> None:
    """Nobody minds."""
