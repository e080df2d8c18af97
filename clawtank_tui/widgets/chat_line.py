"""The line one writes on: prompt, text, and at its end what there is to know while writing.

The text is the writer's own: it stays when they leave the line, when sending failed, and whatever others
say meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.message import Message

from clawtank_tui.state.standing import lasting
from clawtank_tui.widgets.cells import Line, fit, width_of
from clawtank_tui.widgets.chat_field import ChatField
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widgets import Input

NEAR = 60
"""Characters left from which on the count is shown."""
_COUNTDOWN = len("again in 99 s")
"""Cells of a countdown: so many from its beginning to its end, that nothing else moves."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What stands at the line's end.

    Attributes:
        length: Characters of the message as it is now.
        limit: Characters it may have.
        wait_s: Seconds until another one may be sent; 0: now.
        slow_s: Seconds the room wants between two; 0: no matter.
    """

    length: int = 0
    limit: int = 500
    wait_s: int = 0
    slow_s: int = 0

    def parts(self) -> Line:
        """Return it in pieces, the count first; empty while there is nothing to know."""
        parts: Line = []
        if self.limit - self.length < NEAR:
            look = "bad" if self.length > self.limit else "faint"
            parts.append((f"{self.length}/{self.limit}", STYLES[look]))
        pace = ""
        if self.wait_s:
            pace = f"again in {lasting(self.wait_s)}".rjust(_COUNTDOWN)
        elif self.slow_s:
            pace = f"slow {lasting(self.slow_s)}"
        if pace:
            parts.append(((" " if parts else "") + pace, STYLES["warn" if self.wait_s else "faint"]))
        return parts


class LineEnd(LinePane):
    """The line's end, as wide as it has to be."""

    def __init__(self) -> None:
        super().__init__()
        self._ending = Ending()
        self._cells = 0

    def show(self, ending: Ending) -> None:
        """Show an ending; nothing else is painted for it while its width stays."""
        if ending == self._ending:
            return
        self._ending = ending
        cells = width_of(ending.parts())
        self.display = bool(cells)
        if cells and cells != self._cells:
            self._cells = cells
            self.styles.width = cells + 2
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint it between two blanks."""
        yield fit([(" ", STYLES["text"]), *self._ending.parts()], width)


class Prompt(LinePane):
    """What stands before the text."""

    def __init__(self) -> None:
        super().__init__()
        self.framed = True
        self.writing = False

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the sign, bright while one writes."""
        look = "key" if self.writing else "faint"
        yield fit([("│ " if self.framed else " ", STYLES["rule"]), ("› ", STYLES[look])], width)


class ChatLine(Horizontal):
    """Prompt, field and end on one line."""

    class Edited(Message):
        """The text changed."""

    def __init__(self, enter: Callable[[str], bool]) -> None:
        """Prepare; `enter` as for the field."""
        super().__init__()
        self._prompt = Prompt()
        self.field = ChatField(enter)
        self._end = LineEnd()
        self._end.display = False

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield self._prompt
        yield self.field
        yield self._end

    def show(self, idle: str, *, framed: bool) -> None:
        """Show the line, with or without the frame's rule; `idle` stands where nothing is written."""
        self._prompt.framed = framed
        self._prompt.writing = self.field.has_focus
        if self.field.placeholder != idle:
            self.field.placeholder = idle
        self._prompt.repaint()

    def show_end(self, ending: Ending) -> None:
        """Show what there is to know while writing."""
        self._end.show(ending)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say that the text changed."""
        event.stop()
        self.post_message(self.Edited())
