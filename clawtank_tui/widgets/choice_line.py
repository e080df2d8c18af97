"""The line above the keys: a question that waits for a key, or the last thing worth saying."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clawtank_tui.state.desk import Remark
from clawtank_tui.state.desk_words import excerpt
from clawtank_tui.widgets.cells import Line, Piece, apart, fit, width_of
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES

if TYPE_CHECKING:
    from clawtank_tui.state.choices import Choice

WHY = "y"
"""Asks for a reason, before a decision or in the midst of one."""


class ChoiceLine(LinePane):
    """One line."""

    def __init__(self) -> None:
        super().__init__()
        self._choice: Choice | None = None
        self._remark = Remark()
        self._reason = ""

    def show(self, choice: Choice | None, remark: Remark, reason: str) -> None:
        """Show a choice, or else a remark; and the reason the next decision will give."""
        self._choice, self._remark, self._reason = choice, remark, reason
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the one line."""
        because: list[Piece] = []
        if self._reason:
            because = [(f" because “{excerpt(self._reason)}” ", STYLES["accent"])]
        if self._choice is None:
            look = "bad" if self._remark.bad else "text"
            yield fit(apart([(f" {self._remark.text}", STYLES[look])], because, width), width)
            return
        style, key = STYLES["banner"], STYLES["banner.key"]
        left: list[Piece] = [(f" {self._choice.question} ", style)]
        for offer in self._choice.offers:
            left += [(f" {offer.key}", key), (f" {offer.words} ", style)]
        left += [(f" {WHY}", key), (" why ", style), (" Esc", key), (" no ", style)]
        more = f" {self._choice.besides} "
        if not because and width_of(left) + len(more) < width:
            because = [(more, style)]
        yield fit(apart(left, because, width, style), width, style)
