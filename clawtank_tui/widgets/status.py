"""The last line: the keys that matter now, made from the bindings, and who this viewer is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clawtank_tui.state.model import Me
from clawtank_tui.widgets.cells import Line, Piece, apart, fit, width_of
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES


class StatusLine(LinePane):
    """Keys on the left, the viewer's own name on the right."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: Sequence[tuple[str, str]] = ()
        self._me = Me()

    def show(self, keys: Sequence[tuple[str, str]], me: Me) -> None:
        """Show keys with what they do, and who watches."""
        self._keys, self._me = keys, me
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the one line."""
        left: list[Piece] = [(" ", STYLES["text"])]
        for key, does in self._keys:
            left += [(key, STYLES["key"]), (f" {does}  ", STYLES["quiet"])]
        right: list[Piece] = []
        if self._me.display_name:
            right = [("you are ", STYLES["faint"]), (f"{self._me.display_name} ", STYLES["quiet"])]
        if width_of(left) + width_of(right) > width:
            right = []  # who one is can be looked up in the chat; a key that is cut off cannot
        yield fit(apart(left, right, width), width)
