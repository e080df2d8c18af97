"""The text field of the chat: it does not blink, completes names, and remembers what was sent.

Textual hands a key that means something the long way, up to the app, and a letter to the field at once; over
a slow line, where keys come in lots, Enter would send what was typed behind it. Here each key is done when
it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from clawtank_tui.state.completion import Completion, complete
from clawtank_tui.widgets.one_line_field import OneLineField
from clawtank_tui.widgets.typed_lines import TypedLines

if TYPE_CHECKING:
    from textual.events import Key


class ChatField(OneLineField):
    """A text field that takes a paste of several lines as one.

    Attributes:
        names: What Tab completes to, the most likely first.
        commands: Names of commands, without the slash.
    """

    BINDINGS: ClassVar = [
        Binding("enter", "submit", "send", key_display="Enter", tooltip="send what you wrote"),
        Binding("tab", "complete", "complete", key_display="Tab", tooltip="complete a name or a command"),
        Binding("up", "typed(1)", show=False, key_display="↑", tooltip="what you sent before"),
        Binding("down", "typed(-1)", show=False, key_display="↓", tooltip="what you sent before"),
        Binding(
            "escape",
            "screen.leave_chat",
            "leave, text kept",
            key_display="Esc",
            tooltip="drop the answer; leave the line, text kept",
        ),
    ]

    def __init__(self, enter: Callable[[str], bool]) -> None:
        """Start empty.

        Args:
            enter: Called with a text at Enter; says whether it is done with, or stays to be changed.
        """
        super().__init__()
        self._enter = enter
        self.names: Sequence[str] = ()
        self.commands: Sequence[str] = ()
        self._typed = TypedLines()
        self._completion: Completion | None = None
        self._choice = 0
        self._completed = ""

    def put(self, text: str) -> None:
        """Write a text, with the cursor behind it."""
        self.value = text
        self.cursor_position = len(text)

    async def on_key(self, event: Key) -> None:
        """Do at once what a key means here; what it means elsewhere, the screen does."""
        if not event.is_printable and await self.take_key(event):
            event.stop()
            event.prevent_default()

    async def action_submit(self) -> None:
        """Hand the text on; what is done with is kept to be brought back, and the line is free."""
        text = self.value.strip()
        if text and self._enter(text):
            self._typed.add(text)
            self.clear()

    def action_typed(self, back: int) -> None:
        """Show what was sent before, or come back from there."""
        self.put(self._typed.go(back, self.value))

    def action_complete(self) -> None:
        """Complete the word before the cursor; again: to the next that fits."""
        if self._completion is None or self.value != self._completed:
            self._completion = complete(self.value, self.cursor_position, self.names, self.commands)
            self._choice = 0
        else:
            self._choice += 1
        found = self._completion
        if found is None:
            return
        # `end` is where the word ended that was typed; what Tab wrote last stands there now.
        text = found.texts[self._choice % len(found.texts)]
        end = self.cursor_position if self._choice else found.end
        rest = self.value[end:].removeprefix(" ")
        self.value = self.value[: found.start] + text + rest
        self.cursor_position = found.start + len(text)
        self._completed = self.value
