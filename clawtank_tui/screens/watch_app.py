"""The Textual app around the screens: theme, terminal, one paint per frame, and a quiet end."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from textual.app import App
from textual.binding import Binding
from textual.theme import Theme

from clawtank_tui.link.session import NotSent
from clawtank_tui.screens.terminal import terminal_driver
from clawtank_tui.screens.watch import WatchScreen
from clawtank_tui.state.commands import Heed, Ignore
from clawtank_tui.state.model import Phase
from clawtank_tui.state.talk import MESSAGE_OF, Request
from clawtank_tui.widgets import palette

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from clawtank_tui.app import WatchedRoom
    from clawtank_tui.widgets.talk_box import TalkBox
    from relay.clock import Clock

FRAME_S = 0.05
"""The least time between two paints: what arrives in between is painted together."""

THEME = Theme(
    name="clawtank",
    primary=palette.ACCENT,
    foreground=palette.TEXT,
    background=palette.BACKGROUND,
    surface=palette.BACKGROUND,
    panel=palette.RAISED,
    dark=True,
    variables={"text-faint": palette.FAINT},
)


class Line(Protocol):
    """What the app asks of the line to the relay."""

    async def send(self, message_id: str, kind: str, data: Mapping[str, Any]) -> None:
        """Send a message of the viewer's, or raise `NotSent`."""

    async def switch(self) -> None:
        """Ask to be told in the next way."""

    def retry_now(self) -> None:
        """End the wait for the next try."""


def _nothing() -> None:
    """Nobody waits for the first paint."""


class WatchApp(App[int]):
    """Watch one room. Its return value is the exit code: 0 quit, 130 Ctrl-C, 1 refused for good.

    Attributes:
        crash: What ended the app, if anything did that should not have.
        on_first_paint: Called when the screen stands.
    """

    TITLE = "clawtank"
    CSS_PATH = "clawtank.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar = [
        Binding("ctrl+c", "leave(130)", show=False, priority=True),
        Binding("ctrl+q", "leave(0)", show=False, priority=True),
    ]

    def __init__(
        self,
        room: WatchedRoom,
        line: Line,
        *,
        clock: Clock,
        tz: tzinfo | None = None,
        screen: WatchScreen | None = None,
    ) -> None:
        """Prepare.

        Args:
            room: What is watched; the app paints it whenever it changes.
            line: Where chat messages go.
            clock: For ages, countdowns and frames.
            tz: The zone times of day are shown in; the system's when None.
            screen: What shows the room; the ordinary watch screen when None.
        """
        # Textual answers NO_COLOR with shades of grey; with the terminal's own colours it sends none at all.
        super().__init__(
            driver_class=terminal_driver(), ansi_color=True if os.environ.get("NO_COLOR") else None
        )
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = THEME.name
        self.crash: Exception | None = None
        self.on_first_paint: Callable[[], None] = _nothing
        self._room = room
        self._session = line
        self._clock = clock
        self._watch_screen = screen or WatchScreen(room.feed, lambda: room.view, clock, tz)
        self._due: asyncio.TimerHandle | None = None
        self._painted_s = 0.0

    def get_default_screen(self) -> WatchScreen:
        """Return the watch screen; Textual asks for it."""
        return self._watch_screen

    def on_mount(self) -> None:
        """Paint from now on whatever changes."""
        self._room.on_change = self._schedule
        self._schedule()

    def on_ready(self) -> None:
        """Say that the screen stands."""
        self.call_after_refresh(self.on_first_paint)

    def _schedule(self) -> None:
        """Ask for a paint: at once when the last one is a frame ago, together with others when not."""
        if self._due is None:
            wait_s = max(self._painted_s + FRAME_S - self._clock.monotonic_s(), 0.0)
            self._due = asyncio.get_running_loop().call_later(wait_s, self._frame)

    def _frame(self) -> None:
        self._due = None
        # Through the app's own queue: this may run in the line's task, which knows nothing of widgets.
        self.call_later(self._paint)

    def _paint(self) -> None:
        self._painted_s = self._clock.monotonic_s()
        self._watch_screen.show_view()
        if self._room.view.connection.phase is Phase.ENDED:
            self.exit(1)

    def action_leave(self, code: int) -> None:
        """Leave the room with an exit code."""
        self.exit(code)

    def on_watch_screen_quit(self) -> None:
        """Leave the room."""
        self.exit(0)

    def on_watch_screen_retry_now(self) -> None:
        """Try the line again at once."""
        self._session.retry_now()

    def on_watch_screen_switch(self) -> None:
        """Ask to be told in the next way; what becomes of it, the relay says."""
        self.run_worker(self._session.switch())

    def on_talk_box_wanted(self, event: TalkBox.Wanted) -> None:
        """Ask the relay, or keep to oneself what is one's own; the screen does not wait for it."""
        match event.intent:
            case Ignore(author):
                self._room.ignore(author)
            case Heed(author):
                self._room.heed(author)
            case Request() as request:
                self.run_worker(self._ask(request))

    async def _ask(self, request: Request) -> None:
        ref = self._room.ask(request)
        try:
            await self._session.send(ref, MESSAGE_OF[request.kind], request.data)
        except NotSent as error:
            self._room.unsent(ref, str(error))

    def _handle_exception(self, error: Exception) -> None:
        # Textual would print a traceback with every local variable in it; whoever runs the app tells less.
        self.crash = self.crash or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()
