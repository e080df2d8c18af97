"""The app around a screen of a room: theme, terminal, one paint per frame, and a quiet end."""

from __future__ import annotations

import asyncio
import os
from abc import abstractmethod
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual.app import App
from textual.binding import Binding
from textual.theme import Theme

from clawtank_tui.screens.terminal import terminal_driver
from clawtank_tui.state.model import Phase
from clawtank_tui.widgets import palette

if TYPE_CHECKING:
    from collections.abc import Callable

    from clawtank_tui.state.model import Connection
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


StyleSheets: TypeAlias = str | PurePath | list[str | PurePath] | None
"""The files of an app's layout, beside the app's own."""


def _nothing() -> None:
    """Nobody waits for the first paint."""


class RoomApp(App[int]):
    """Show one room. Its return value is the exit code: 0 quit, 130 Ctrl-C, 1 refused for good.

    Attributes:
        crash: What ended the app, if anything did that should not have.
        on_first_paint: Called when the screen stands.
    """

    TITLE = "clawtank"
    CSS_PATH: ClassVar[StyleSheets] = "clawtank.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar = [
        Binding("ctrl+c", "leave(130)", show=False, priority=True),
        Binding("ctrl+q", "leave(0)", show=False, priority=True),
    ]

    def __init__(self, clock: Clock) -> None:
        """Prepare; `clock` times the frames."""
        # Textual answers NO_COLOR with shades of grey; with the terminal's own colours it sends none at all.
        super().__init__(
            driver_class=terminal_driver(), ansi_color=True if os.environ.get("NO_COLOR") else None
        )
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = THEME.name
        self.crash: Exception | None = None
        self.on_first_paint: Callable[[], None] = _nothing
        self._clock = clock
        self._due: asyncio.TimerHandle | None = None
        self._painted_s = 0.0

    @property
    @abstractmethod
    def connection(self) -> Connection:
        """The line to the relay; the app leaves when it has ended."""

    @abstractmethod
    def paint(self) -> None:
        """Show everything as it is now."""

    def on_ready(self) -> None:
        """Say that the screen stands."""
        self.call_after_refresh(self.on_first_paint)

    def schedule(self) -> None:
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
        self.paint()
        if self.connection.phase is Phase.ENDED:
            self.exit(1)

    def action_leave(self, code: int) -> None:
        """Leave the room with an exit code."""
        self.exit(code)

    def _handle_exception(self, error: Exception) -> None:
        # Textual would print a traceback with every local variable in it; whoever runs the app tells less.
        self.crash = self.crash or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()
