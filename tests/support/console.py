"""The host's console against a real relay: the product's own app and line, on a screen in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clawtank_tui.host import HostRoom
from clawtank_tui.link.host import HostSession
from clawtank_tui.link.host_calls import HostCalls
from clawtank_tui.link.target import Target, parse_relay
from clawtank_tui.screens.host_app import HostApp
from relay.clock import SystemClock
from support.host_story import shown

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from clawtank_tui.state.desk import Desk
    from support.rooms import Room

WAIT_S = 20.0
LOOK_S = 0.02


@dataclass
class Console:
    """A running console."""

    app: HostApp
    pilot: Pilot[int]
    room: HostRoom

    @property
    def desk(self) -> Desk:
        """What it knows."""
        return self.room.desk

    @property
    def text(self) -> str:
        """The whole screen as text."""
        return shown(self.app)

    async def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def sees(self, wanted: str | Callable[[str], bool], timeout_s: float = WAIT_S) -> None:
        """Wait until a text is on the screen, or the screen's text satisfies a condition."""
        satisfied = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        try:
            async with asyncio.timeout(timeout_s):
                while not satisfied(self.text):
                    await self.pilot.pause(LOOK_S)
        except TimeoutError:
            raise AssertionError(f"not on the screen: {wanted!r}\n{self.text}") from None

    async def looked_at(self) -> None:
        """Let the row that came under the cursor by itself be seen long enough for a key to mean it."""
        screen = self.app.screen_stack[0]
        clock = SystemClock()
        await self.sees(lambda _: not screen._pane.picks.unseen(clock.monotonic_s()))  # type: ignore[attr-defined]


@asynccontextmanager
async def console(room: Room, token: str, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Console]:
    """Open the console of a room, live."""
    clock = SystemClock()
    target = Target(room.id, parse_relay(room.url), token=token)
    desk, session = HostRoom(room.id, clock), HostSession(target, clock=clock)
    app = HostApp(desk, session, HostCalls(target), clock=clock)
    async with app.run_test(size=size) as pilot, asyncio.TaskGroup() as tasks:
        line = tasks.create_task(session.run(desk.deliver))
        made = Console(app, pilot, desk)
        await made.sees("● live")
        yield made
        line.cancel()
