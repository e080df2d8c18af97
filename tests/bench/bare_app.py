"""The peer of the watch screen: the least a Textual app can be, with the same word on the screen."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import Static


class BareApp(App[None]):
    """One line of text."""

    def compose(self) -> ComposeResult:
        """Show the word given on the command line."""
        yield Static(sys.argv[1])


if __name__ == "__main__":
    BareApp().run()
