"""The banner while the line is down: why, when the next try is, and how not to wait for it."""

from __future__ import annotations

from collections.abc import Iterator

from clawtank_tui.state.model import Connection, Phase
from clawtank_tui.widgets.cells import Line, Piece, apart, fit
from clawtank_tui.widgets.header import seconds_left
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES


def needs_banner(connection: Connection) -> bool:
    """Say whether there is something to explain: the line is down, or not up again after it was."""
    return connection.phase is Phase.WAITING or (
        connection.phase is Phase.CONNECTING and connection.attempt > 0
    )


class Banner(LinePane):
    """One loud line, there only while it is needed."""

    def __init__(self, key: str = "r") -> None:
        """Start out of sight.

        Args:
            key: What ends the wait.
        """
        super().__init__()
        self._key = key
        self._connection = Connection()
        self._now_s = 0.0

    def show(self, connection: Connection, now_s: float) -> None:
        """Show why the line is down, at a monotonic time; disappear while it is not."""
        self._connection, self._now_s = connection, now_s
        self.display = needs_banner(connection)
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the one line; the reason is what gives way when it is narrow."""
        style, key = STYLES["banner"], STYLES["banner.key"]
        reason = self._connection.reason.rstrip(".") or "Connecting again"
        right: list[Piece] = [("trying now ", style)]
        if self._connection.phase is Phase.WAITING:
            left_s = seconds_left(self._connection, self._now_s)
            right = [(f"next try in {left_s} s   ", style), (self._key, key), (" try now ", style)]
        yield fit(apart([(" ◌ ", key), (reason, style)], right, width, style), width)
