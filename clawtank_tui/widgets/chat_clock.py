"""The clocks of the chat's line: one for countdowns, one for when a closed line opens; else both rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

_LONGEST_S = 3600.0
"""A longer sleep is cut: whoever wakes up looks, and sleeps on."""


class ChatClock:
    """Timers of a widget, which idle screens do not hear."""

    def __init__(self, owner: Widget, on_second: Callable[[], None], on_open: Callable[[], None]) -> None:
        """Start at rest, once the widget is mounted.

        Args:
            owner: Whose timers they are.
            on_second: Called each second of a countdown.
            on_open: Called when the line opens by itself.
        """
        self._owner, self._on_open = owner, on_open
        self._counting = owner.set_interval(1.0, on_second, pause=True)
        self._opening: Timer | None = None

    def attend(self, *, counts: bool, opens_in_s: float | None) -> None:
        """Count seconds or not, and wake up when the line opens; None: nobody knows when."""
        if counts:
            self._counting.resume()
        else:
            self._counting.pause()
        if self._opening is not None:
            self._opening.stop()
            self._opening = None
        if opens_in_s is not None and not counts:
            self._opening = self._owner.set_timer(min(max(opens_in_s, 0.0), _LONGEST_S), self._on_open)
