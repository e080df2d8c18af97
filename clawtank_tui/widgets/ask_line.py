"""The line on which the console asks for a text: a reason, a filter, words to catch, what to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.containers import Horizontal

from clawtank_tui.widgets.cells import Line, fit
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.one_line_field import OneLineField
from clawtank_tui.widgets.palette import STYLES

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widgets import Input

_LONGEST_LABEL = 40


class AskField(OneLineField):
    """The field; Enter answers, Escape does not."""

    BINDINGS: ClassVar = [
        Binding("enter", "submit", "done", key_display="Enter", tooltip="take what you wrote"),
        Binding("escape", "screen.leave_line", "leave", key_display="Esc", tooltip="leave the line"),
    ]

    def __init__(self, answer: Callable[[str], None]) -> None:
        """Start empty; `answer` is called with the text at Enter."""
        super().__init__()
        self._answer = answer

    async def action_submit(self) -> None:
        """Answer, before the next key is looked at."""
        self._answer(self.value.strip())


class Label(LinePane):
    """What is asked."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def show(self, text: str) -> None:
        """Ask this."""
        self._text = text
        self.styles.width = min(cell_len(text), _LONGEST_LABEL) + 3
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the question."""
        yield fit([(f" {self._text}: ", STYLES["key"])], width)


class AskLine(Horizontal):
    """A question and the text that answers it; out of sight until something is asked."""

    def __init__(self, answer: Callable[[str], None]) -> None:
        """Start out of sight; `answer` is called with what was written, which may be nothing."""
        super().__init__()
        self._label = Label()
        self.field = AskField(answer)
        self.display = False

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield self._label
        yield self.field

    def ask(self, question: str, text: str = "") -> None:
        """Come into sight with a question, and a text to begin with."""
        self._label.show(question)
        self.field.value = text
        self.field.cursor_position = len(text)
        self.display = True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep it here: only the answer is of interest."""
        event.stop()
