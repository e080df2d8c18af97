"""A message amid what was said around it, whole, with the keys that decide on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.screen import ModalScreen

from clawtank_tui.state.desk import Held
from clawtank_tui.state.desk_words import messages, why_held
from clawtank_tui.state.model import Me
from clawtank_tui.state.names import clashing, label
from clawtank_tui.widgets.cells import Line, Piece, fit, width_of, wrap
from clawtank_tui.widgets.chat_message import Look, paint_message
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES, name_style

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Size

    from clawtank_tui.state.desk import Desk, Report
    from clawtank_tui.state.talk import ChatMessage

TALLEST = 30
"""Rows of the page at most, its frame among them."""
_FRAME = 4
"""Cells of it beside a row."""
DECISIONS = (
    ("a", "approve"),
    ("r", "reject"),
    ("d", "delete"),
    ("m", "mute"),
    ("b", "ban"),
    ("w", "warn"),
)
"""The keys that decide on the message, with what they do."""


class ContextPage(LinePane):
    """The message in the middle, what was said before it above, what came after it below."""

    def __init__(self, desk: Desk, message: Held | Report) -> None:
        super().__init__()
        self._message = message
        others = [said for said in desk.chat if said.message_id != message.message_id]
        self._before = [said for said in others if said.at_ms <= message.at_ms]
        self._after = [said for said in others if said.at_ms > message.at_ms]
        waiting = sum(one.spectator_id == message.spectator_id for one in desk.held.values())
        shown = sum(one.spectator_id == message.spectator_id for one in desk.chat)
        self._author = f"{messages(shown)} of theirs in the chat, {waiting} waiting"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many rows the page would like; Textual asks for it."""
        inner = max(width - _FRAME, 2)
        rows = sum(map(len, (_chat(self._before, inner), self._middle(inner), _chat(self._after, inner))))
        return min(rows + 2, TALLEST)

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the page in its frame, as much of what was before and after as there is room for."""
        rule = STYLES["rule"]
        inner = max(width - _FRAME, 2)
        before, middle, after = _chat(self._before, inner), self._middle(inner), _chat(self._after, inner)
        room = max(height - 2 - len(middle), 0)
        above = min(len(before), max(room - len(after), (room + 1) // 2))
        below = min(len(after), room - above)
        title = " CONTEXT "
        across = "─" * (width - 2)
        top = [("╭─", rule), (title, STYLES["title.active"]), (across[len(title) + 1 :] + "╮", rule)]
        yield fit(top, width)
        shown = [*before[len(before) - above :], *middle, *after[:below]]
        for line in shown[: height - 2]:
            yield fit([("│ ", rule), *fit(line, inner), (" │", rule)], width)
        bottom: list[Piece] = [("╰─ ", rule)]
        for key, does in (*DECISIONS, ("Esc", "close")):
            bottom += [(key, STYLES["key"]), (f" {does}  ", STYLES["quiet"])]
        rest = "─" * max(width - width_of(bottom) - 1, 0)
        yield fit([*bottom, (rest + "╯", rule)], width)

    def _middle(self, width: int) -> list[Line]:
        message = self._message
        head: list[Piece] = [(message.name, name_style(message.name)), (f"  {self._author}", STYLES["faint"])]
        lines: list[Line] = [[("─" * width, STYLES["rule"])], head]
        if isinstance(message, Held):
            lines += wrap([(f"Held: {why_held(message)}.", STYLES["warn"])], width)
        else:
            reasons = f": {' · '.join(message.reasons)}" if message.reasons else ""
            lines += wrap([(f"Reported {message.count} times{reasons}", STYLES["warn"])], width)
        lines += wrap([(message.text, STYLES["bright"])], width)
        return [*lines, [("─" * width, STYLES["rule"])]]


class ContextScreen(ModalScreen[str]):
    """The page over the console; it ends with the name of the decision that was taken, or without one."""

    BINDINGS: ClassVar = [
        Binding("escape,enter,q", "dismiss('')", "close", key_display="Esc"),
        *(Binding(key, f"dismiss('{action}')", action) for key, action in DECISIONS),
    ]

    def __init__(self, desk: Desk, message: Held | Report) -> None:
        super().__init__()
        self._page = ContextPage(desk, message)

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield self._page


def _chat(said: Sequence[ChatMessage], width: int) -> list[Line]:
    same = clashing(said)
    looks = (Look(width, label(message, same), quote="", answers_me=False, me=Me()) for message in said)
    return [line for message, look in zip(said, looks, strict=True) for line in paint_message(message, look)]
