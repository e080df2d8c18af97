"""The replay screen: the watch screen of a recording, with a player's keys and a player's line.

What it cannot do is left out with its keys: nobody listens to what is written, and there is no line to retry.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from clawtank_tui.screens.watch import WatchScreen
from clawtank_tui.widgets.player_line import PlayerLine

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from clawtank_tui.replay.playback import Playback
    from clawtank_tui.replay.player import Player
    from clawtank_tui.state.feed import Feed
    from clawtank_tui.state.model import ViewState

SHORT_S, LONG_S = 10, 60
"""Seconds of the recording that the arrows move by, alone and with Shift."""
_OF_A_LINE = frozenset({"write", "reply", "moderate", "retry", "switch"})
_WATCHING = {
    binding.action: binding
    for binding in WatchScreen.BINDINGS
    if isinstance(binding, Binding) and binding.action.partition("(")[0] not in _OF_A_LINE
}


class ReplayScreen(WatchScreen, inherit_bindings=False):
    """A room as it was."""

    TALKS = False
    BINDINGS: ClassVar = [
        _WATCHING["help"],
        Binding("space", "play_or_pause", "pause", key_display="Space", tooltip="pause, and play on"),
        Binding("left", f"seek(-{SHORT_S})", "back", key_display="←", tooltip=f"{SHORT_S} s back"),
        Binding("right", f"seek({SHORT_S})", "ahead", key_display="→", tooltip=f"{SHORT_S} s ahead"),
        Binding(
            "shift+left", f"seek(-{LONG_S})", show=False, key_display="Shift+←", tooltip=f"{LONG_S} s back"
        ),
        Binding(
            "shift+right", f"seek({LONG_S})", show=False, key_display="Shift+→", tooltip=f"{LONG_S} s ahead"
        ),
        Binding("full_stop", "step(1)", "step", key_display=".", tooltip="pause, and one event more"),
        Binding("comma", "step(-1)", show=False, key_display=",", tooltip="pause, and one event less"),
        Binding("plus,equals_sign", "faster", "faster", key_display="+", tooltip="twice as fast"),
        Binding("minus", "slower", show=False, key_display="-", tooltip="half as fast"),
        Binding("0", "restart", show=False, tooltip="to the beginning of the recording"),
        Binding("e", "finish", show=False, tooltip="to the end of the recording"),
        *(binding for action, binding in _WATCHING.items() if action != "help"),
    ]

    def __init__(
        self, feed: Feed, view: Callable[[], ViewState], playback: Playback, tz: tzinfo | None = None
    ) -> None:
        """Prepare the panes and the player's line.

        Args:
            feed: The rows, appended to by their owner.
            view: Returns the state as it is now.
            playback: What plays.
            tz: The zone times of day are shown in; the system's when None.
        """
        super().__init__(feed, view, playback.time, tz)
        self._playback = playback
        self._player_line = PlayerLine()

    def compose(self) -> ComposeResult:
        """Lay out the watch screen with the player's line above the last."""
        for widget in super().compose():
            if widget is self._status:
                yield self._player_line
            yield widget

    def show_view(self) -> None:
        """Show the state and the position as they are now."""
        super().show_view()
        self._player_line.show(self._playback.progress)

    def _ask(self, wish: Callable[[Player], None]) -> None:
        """Pass a wish on, and follow where it leads."""
        self._playback.ask(wish)
        self._feed.go_end()

    def action_play_or_pause(self) -> None:
        """Pause, or play on."""
        self._playback.ask(lambda player: player.toggle())

    def action_faster(self) -> None:
        """Take the next higher speed."""
        self._playback.ask(lambda player: player.faster())

    def action_slower(self) -> None:
        """Take the next lower speed."""
        self._playback.ask(lambda player: player.slower())

    def action_seek(self, seconds: float) -> None:
        """Go ahead in the recording, or back when negative."""
        self._ask(lambda player: player.seek_by(seconds))

    def action_step(self, moments: int) -> None:
        """Pause, and show so many events more, or fewer when negative."""
        self._ask(lambda player: player.step(moments))

    def action_restart(self) -> None:
        """Go to the beginning of the recording."""
        self._ask(lambda player: player.seek(0.0))

    def action_finish(self) -> None:
        """Go to the end of the recording."""
        self._ask(lambda player: player.seek_to_end())
