"""A message amid what was said around it, whole, with the keys that decide on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.screen import ModalScreen

from clawtank_tui.state.desk import Held
from clawtank_tui.state.desk_words import messages, why_held
from clawtank_tui.widgets.cells import Line, Piece, fit, wrap
from clawtank_tui.widgets.chat import paint_message
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES, name_style

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from clawtank_tui.state.desk import Desk, Report
    from clawtank_tui.state.model import ChatMessage

INDENT = 2


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

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the page in its frame."""
        rule = STYLES["rule"]
        inner = max(width - 4, 2)
        middle = self._middle(inner)
        room = max(height - 2 - len(middle), 0)
        after = _chat(self._after, inner)
        below = min(len(after), room // 2)
        before = _chat(self._before, inner)
        above = min(len(before), room - below)
        below = min(len(after), room - above)
        title = " CONTEXT "
        across = "─" * (width - 2)
        top = [("╭─", rule), (title, STYLES["title.active"]), (across[len(title) + 1 :] + "╮", rule)]
        yield fit(top, width)
        shown = [*before[len(before) - above :], *middle, *after[:below]]
        for line in shown[: height - 2]:
            yield fit([("│ ", rule), *fit(line, inner), (" │", rule)], width)
        for _ in range(height - 2 - len(shown)):
            yield fit([("│ ", rule), *fit([], inner), (" │", rule)], width)
        yield fit([(f"╰{across}╯", rule)], width)

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
        *(
            Binding(key, f"dismiss('{action}')", action)
            for key, action in (
                ("a", "approve"),
                ("r", "reject"),
                ("d", "delete"),
                ("w", "warn"),
                ("m", "mute"),
                ("b", "ban"),
            )
        ),
    ]

    def __init__(self, desk: Desk, message: Held | Report) -> None:
        super().__init__()
        self._page = ContextPage(desk, message)

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield self._page


def _chat(said: Sequence[ChatMessage], width: int) -> list[Line]:
    return [line for message in said for line in paint_message(message, "", False, width)]
