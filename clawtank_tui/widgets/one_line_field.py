"""A text field of one line that does not blink, and takes a paste of several lines as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from relay.protocol.text import one_line, safe_text

if TYPE_CHECKING:
    from textual.events import Key, Paste


class OneLineField(Input):
    """An input as every line of ours has it."""

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False

    async def take_key(self, event: Key) -> bool:
        """Do now what a key means here; False if it means nothing."""
        if event.is_printable and event.character is not None:
            self.replace(event.character, *sorted(self.selection))
            return True
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                return True
        return False

    def on_paste(self, event: Paste) -> None:
        """Fold a paste into one harmless line; Textual would keep its first, control characters and all."""
        event.prevent_default()
        event.stop()
        text = one_line(safe_text(event.text, len(event.text) + 1, multiline=True))
        self.replace(text, *sorted(self.selection))
