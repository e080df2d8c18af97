"""The player's line: where in the recording it stands, how fast it goes, and how far there is to go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clawtank_tui.widgets.cells import Line, Piece, fit, width_of
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES

if TYPE_CHECKING:
    from clawtank_tui.replay.player import Progress

_SHORTEST_BAR = 8


class PlayerLine(LinePane):
    """State, position and length, bar, speed, and events shown, on one line."""

    def __init__(self) -> None:
        super().__init__()
        self._progress: Progress | None = None

    def show(self, progress: Progress) -> None:
        """Show where the player stands."""
        self._progress = progress
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the one line; the bar takes what is left, or goes where too little is."""
        if self._progress is None:
            return
        progress = self._progress
        left: list[Piece] = [
            *_state(progress),
            (f"{clock_face(progress.position_s, progress.length_s)} ", STYLES["bright"]),
            (f"/ {clock_face(progress.length_s)}  ", STYLES["quiet"]),
        ]
        right: list[Piece] = [
            (f"  {progress.speed:g}× ", STYLES["accent"]),
            (f" event {progress.shown:,} of {progress.total:,} ", STYLES["quiet"]),
        ]
        room = width - width_of(left) - width_of(right)
        yield fit([*left, *_bar(progress, room), *right], width)


def clock_face(seconds: float, like_s: float = 0.0) -> str:
    """Return whole seconds as `2:05` or `1:02:05`; with hours too if `like_s` has them."""
    minutes, second = divmod(int(seconds), 60)
    if max(seconds, like_s) < 3600:
        return f"{minutes}:{second:02}"
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}"


def _state(progress: Progress) -> list[Piece]:
    if progress.over:
        return [(" ✔ the end ", STYLES["accent"])]
    if not progress.playing:
        return [(" ● paused ", STYLES["warn"])]
    return [(" ▶ playing ", STYLES["good"])]


def _bar(progress: Progress, cells: int) -> list[Piece]:
    if cells < _SHORTEST_BAR:
        return []
    share = progress.position_s / progress.length_s if progress.length_s else 1.0
    done = min(int(share * cells), cells)
    return [("═" * done, STYLES["accent"]), ("─" * (cells - done), STYLES["rule"])]
