"""The line one writes on: prompt, text, and how much room is left when that gets scarce.

The text is the writer's own: it stays when they leave the line, when sending failed, and whatever others
say meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from clawtank_tui.widgets.cells import Line, fit
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES
from relay.protocol.text import one_line, safe_text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Paste

NEAR = 60
"""Characters left from which on the count is shown."""


class ChatField(Input):
    """A text field that does not blink, and takes a paste of several lines as one."""

    BINDINGS: ClassVar = [
        Binding("enter", "submit", "send", key_display="Enter", tooltip="send what you wrote"),
        Binding(
            "escape",
            "screen.leave_chat",
            "leave, text kept",
            key_display="Esc",
            tooltip="leave the line, text kept",
        ),
    ]

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False

    def on_paste(self, event: Paste) -> None:
        """Fold a paste into one harmless line; Textual would keep its first, control characters and all."""
        event.prevent_default()
        event.stop()
        text = one_line(safe_text(event.text, len(event.text) + 1, multiline=True))
        self.replace(text, *sorted(self.selection))


class LineEnd(LinePane):
    """How many characters stand against how many may."""

    def __init__(self) -> None:
        super().__init__()
        self._length, self._limit = 0, 0

    def show(self, length: int, limit: int) -> None:
        """Show the count, if the end is near."""
        self._length, self._limit = length, limit
        self.display = limit - length < NEAR
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the count; red beyond the limit."""
        look = "bad" if self._length > self._limit else "faint"
        yield fit([(f"{self._length}/{self._limit}".rjust(width - 1), STYLES[look])], width)


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
    """Prompt, field and count on one line."""

    @dataclass
    class Sent(Message):
        """The writer pressed Enter on a text that can be sent."""

        text: str

    @dataclass
    class Refused(Message):
        """The writer pressed Enter on a text that cannot be sent, and why; no reason: now it could be."""

        reason: str

    def __init__(self) -> None:
        super().__init__()
        self._limit = 500
        self._refused = False
        self._prompt = Prompt()
        self.field = ChatField()
        self._end = LineEnd()
        self._end.display = False

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield self._prompt
        yield self.field
        yield self._end

    def show(self, limit: int, *, framed: bool) -> None:
        """Show the room's limit, with or without the frame's rule."""
        self._limit = limit
        self._prompt.framed = framed
        self._prompt.writing = self.field.has_focus
        self.field.placeholder = "Enter sends, Esc leaves" if self.field.has_focus else "c to write"
        self._prompt.repaint()
        self._end.show(len(self.field.value), limit)

    def write(self, text: str) -> None:
        """Put a text back to be edited; what the writer began meanwhile stays."""
        if not self.field.value:
            self.field.value = text
            self.field.cursor_position = len(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep the count."""
        event.stop()
        self._end.show(len(event.value), self._limit)
        if self._refused and len(event.value.strip()) <= self._limit:
            self._refused = False
            self.post_message(self.Refused(""))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the text on, if it is one."""
        event.stop()
        text = event.value.strip()
        if not text:
            return
        if len(text) > self._limit:
            over = len(text) - self._limit
            self._refused = True
            self.post_message(self.Refused(f"Too long by {over}: {self._limit} characters fit."))
            return
        self.post_message(self.Sent(text))
