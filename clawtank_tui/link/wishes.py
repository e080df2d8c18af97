"""How the viewer wants to be told, and what becomes of it: asked for on every line, dropped if refused.

Spec: `spectator.subscribe`. The relay answers each request by its id, with `mode_changed` or an error, and
may do so after the viewer has changed their mind once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clawtank_tui.state.delivery import SUBSCRIPTION, Choice
from relay.protocol import messages


class Wishes:
    """The viewer's choice, and the requests for it that are not answered yet.

    Attributes:
        wanted: What to ask for when a line opens.
    """

    def __init__(self, choice: Choice) -> None:
        """Begin with what was chosen on the command line."""
        self.wanted = choice
        self._agreed = choice
        self._open: dict[str, Choice] = {}
        self._asked = 0

    def ask_for(self, choice: Choice) -> tuple[str, Choice]:
        """Want something else; returns the id of the request for it, and what it asks for."""
        self._asked += 1
        message_id = f"{SUBSCRIPTION}{self._asked}"
        self._open[message_id] = self.wanted = choice
        return message_id, choice

    def forget_answers(self) -> None:
        """Begin a new line, which is asked for what is wanted as it opens; no answer will come any more."""
        self._open.clear()
        self._agreed = self.wanted

    def hear(self, kind: str, data: Mapping[str, Any]) -> None:
        """Take an answer, if it is one: what was refused is wanted no longer."""
        ref = data.get("ref")
        choice = self._open.pop(ref, None) if isinstance(ref, str) else None
        if choice is None:
            return
        if kind != messages.ERROR:
            self._agreed = choice
        if not self._open:
            self.wanted = self._agreed
