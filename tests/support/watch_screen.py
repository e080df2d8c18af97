"""The watch screen in a test: its sizes, its text, and what no text of others may do to it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from rich.cells import set_cell_size

from clawtank_tui.link.session import Received
from clawtank_tui.screens.watch import WatchScreen
from support.watch_story import FakeLine, FixedClock, app, watched, welcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from clawtank_tui.app import WatchedRoom
    from clawtank_tui.screens.watch_app import WatchApp
    from clawtank_tui.widgets.chat_field import ChatField

WIDE, NARROW = (120, 40), (80, 24)


def shown(watch: WatchApp) -> str:
    """Return the whole screen as text."""
    lines = watch.screen._compositor.render_strips(watch.size)
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)


def screen(watch: WatchApp) -> WatchScreen:
    base = watch.screen_stack[0]
    assert isinstance(base, WatchScreen)
    return base


def noticed(**data: object) -> Received:
    return Received({"id": "r", "type": "spectator.notice", "data": data})


HOSTILE = (
    "[/]", "[bold red]x[/bold red]", "[@click=app.exit]x[/]", "%s{0}$(x)`", "", " ",
    "\x1b[31mred\x1b[0m", "\x1b]52;c;aGk=\x07", "\x9b2J", "\t\r\n", "\u2028\u0085",
    "\u202egnirts", "a\u200bb", "\ud800", "e" + "\u0301" * 40, "ก็็็็็็็็็็็็็็",
    "漢字" * 60, "ﷺ" * 9, "👨\u200d👩\u200d👧" * 20, "❤️" * 30, "🇩🇪",
)  # fmt: skip


def check_columns(watch: WatchApp) -> None:
    lines = watch.screen._compositor.render_strips(watch.size)
    assert {line.cell_length for line in lines} == {watch.size.width}
    assert all(segment.text.isprintable() for line in lines for segment in line)
    if watch.size == WIDE:
        assert {set_cell_size(line.text, 78)[-1:] for line in lines[2:-1]} <= {"│", "├"}


def field(watch: WatchApp) -> ChatField:
    return screen(watch)._talk._line.field


class Chatting:
    """The screen, a line that notes what it is asked, and a relay that says what a test tells it to."""

    def __init__(
        self, room: WatchedRoom, line: FakeLine, watch: WatchApp, pilot: Pilot[Any], clock: FixedClock
    ) -> None:
        self.room, self.line, self.watch, self.pilot, self.clock = room, line, watch, pilot, clock

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def enter(self, line: str) -> None:
        """Go to the line, write on it, and press Enter."""
        await self.press("c")
        field(self.watch).put(line)
        await self.press("enter")

    async def hear(self, *messages: dict[str, Any] | Received) -> None:
        for message in messages:
            self.room.deliver(message if isinstance(message, Received) else Received(message))
        await self.pilot.pause(0.1)

    async def pass_time(self, seconds: float) -> None:
        self.clock.ms += int(seconds * 1000)
        screen(self.watch)._talk._tick()
        await self.pilot.pause()

    @property
    def text(self) -> str:
        return shown(self.watch)

    @property
    def aside(self) -> str:
        """The text right of the activity on a wide screen."""
        return "\n".join(row[78:] for row in self.text.split("\n"))

    @property
    def keys(self) -> str:
        return self.text.split("\n")[-1]

    @property
    def asked(self) -> list[tuple[str, dict[str, Any]]]:
        return [(kind, data) for _, kind, data in self.line.sent]


@asynccontextmanager
async def chatting(size: tuple[int, int] = WIDE, **spectator: object) -> AsyncIterator[Chatting]:
    clock = FixedClock()
    room, line = watched(clock), FakeLine()
    if spectator:
        room.deliver(welcome(**spectator))
    watch = app(room, line, clock)
    async with watch.run_test(size=size) as pilot:
        await pilot.pause()
        yield Chatting(room, line, watch, pilot, clock)
