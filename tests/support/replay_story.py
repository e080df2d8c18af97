"""The session of `watch_story` as a recording, on a clock that a test winds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from clawtank_tui.replay.run import played_room, replay_app
from clawtank_tui.replay.tape import Tape, TapeRecorder
from support.clock import ManualClock
from support.watch_story import EVENTS, activity, event, welcome

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from clawtank_tui.replay.playback import Playback
    from clawtank_tui.screens.watch_app import WatchApp


def story_tape() -> Tape:
    """Return what a relay would have sent of the session."""
    recorder = TapeRecorder()
    recorder.deliver(welcome())
    events = [event(seq, time, kind, **fields) for seq, (time, kind, fields) in enumerate(EVENTS, start=1)]
    recorder.deliver(activity(*events, after=0))
    return recorder.tape("room_abc123", None)


@dataclass
class Replay:
    """A recording on the screen."""

    app: WatchApp
    pilot: Pilot[int]
    playback: Playback
    clock: ManualClock

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until what they do is painted."""
        await self.pilot.press(*keys)
        await self.settle()

    async def wind(self, seconds: float) -> None:
        """Let real time pass."""
        self.clock.advance(seconds)
        self.playback.ask(lambda _: None)
        await self.settle()

    async def settle(self) -> None:
        """Wait until what is due is delivered and painted."""
        await self.pilot.pause()
        self.app._paint()
        await self.pilot.pause()

    @property
    def text(self) -> str:
        """The whole screen."""
        lines = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)

    @property
    def player_line(self) -> str:
        """The line of the player."""
        return self.text.split("\n")[-2]


@asynccontextmanager
async def replaying(size: tuple[int, int] = (120, 40), tape: Tape | None = None) -> AsyncIterator[Replay]:
    """Play a recording on a screen without a terminal; the session's unless another is given."""
    clock = ManualClock()
    room, playback = played_room(tape or story_tape(), 1.0, clock)
    app = replay_app(room, playback, UTC)
    async with asyncio.TaskGroup() as tasks:
        playing = tasks.create_task(playback.play_on())
        async with app.run_test(size=size) as pilot:
            replay = Replay(app, pilot, playback, clock)
            await replay.settle()
            yield replay
        playing.cancel()
