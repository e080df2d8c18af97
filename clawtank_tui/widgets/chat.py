"""The spectator chat: what viewers say to each other, apart from the room's own conversation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.style import Style

from clawtank_tui.state.model import ChatMessage, Phase, ViewState
from clawtank_tui.widgets.cells import Line, Piece, fit, wrap
from clawtank_tui.widgets.list_pane import ListPane
from clawtank_tui.widgets.palette import STYLES, name_style

INDENT = 2


def why_silent(view: ViewState) -> str:
    """Say in one sentence why this viewer cannot write; empty if they can, or nobody knows yet."""
    if view.connection.phase is not Phase.LIVE and not view.me.spectator_id:
        return ""
    if "chat" not in view.room.features:
        return "This room has no spectator chat."
    if "chat" not in view.me.capabilities:
        return "Only registered viewers may write here: watch with --token."
    return ""


def waiting(view: ViewState) -> str:
    """Say that messages of this viewer's wait for a moderator; empty if none do."""
    count = len(view.held)
    if not count:
        return ""
    return "Held: a moderator will look." if count == 1 else f"{count} held: a moderator will look."


class ChatPane(ListPane):
    """Messages, oldest above; it follows, and a reader who scrolled up is not moved."""

    TITLE = "SPECTATOR CHAT"
    FOLLOWS = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._messages: tuple[ChatMessage, ...] = ()
        self._me = ""
        self._silent = ""
        self._paint_message = lru_cache(maxsize=512)(paint_message)

    def show(self, view: ViewState) -> None:
        """Show a state."""
        shown = (view.chat, view.me.spectator_id, why_silent(view))
        if shown == (self._messages, self._me, self._silent):
            return
        before = self._messages
        self._messages, self._me, self._silent = shown
        if before is not view.chat:
            kept = {message.message_id for message in view.chat}
            gone = {index for index, message in enumerate(before) if message.message_id not in kept}
            self.viewport.drop(gone)
            self.viewport.hold(len(view.chat))
        self.repaint()

    def brief(self) -> str:
        """Return the newest message on one line."""
        if not self._messages:
            return ""
        message = self._messages[-1]
        return f"{message.name}: {message.text}".replace("\n", " ")

    def empty_text(self) -> str:
        """Say why it is quiet."""
        return self._silent or "Nobody has said anything yet."

    def item_lines(self, item: int, width: int) -> Sequence[Line]:
        """Paint one message, wrapped."""
        message = self._messages[item]
        mine = bool(self._me) and message.spectator_id == self._me
        return self._paint_message(message, self._answered(message), mine, width)

    def _answered(self, message: ChatMessage) -> str:
        if not message.reply_to:
            return ""
        return next(
            (m.name for m in self._messages if m.message_id == message.reply_to), "an earlier message"
        )


def paint_message(message: ChatMessage, answered: str, mine: bool, width: int) -> tuple[Line, ...]:
    """Paint a message: who, to whom, what; later lines are indented."""
    pieces: list[Piece] = [("you" if mine else message.name, _author_style(message, mine))]
    if message.author_type != "spectator":
        pieces.append((f" ({message.author_type})", STYLES["accent"]))
    elif message.author_state == "verified":
        pieces.append((" ✔", STYLES["good"]))
    if answered:
        pieces.append((f" ↳ {answered}", STYLES["faint"]))
    pieces += [(": ", STYLES["faint"]), (message.text, STYLES["text"])]
    first, *more = wrap(pieces, width, INDENT)
    indent = (" " * INDENT, STYLES["text"])
    return (fit(first, width), *(fit([indent, *line], width) for line in more))


def _author_style(message: ChatMessage, mine: bool) -> Style:
    if mine:
        return STYLES["bright"]
    style = name_style(message.name)
    return style if message.author_state != "anonymous" else style + Style(bold=False)
