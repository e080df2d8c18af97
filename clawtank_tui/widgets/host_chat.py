"""The spectators' chat as a host reads it: with a cursor, to answer, delete or sanction what is under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from clawtank_tui.state.deeds import Target
from clawtank_tui.state.desk_words import logged
from clawtank_tui.state.model import Me
from clawtank_tui.state.names import clashing, label
from clawtank_tui.state.notices import start_of
from clawtank_tui.state.piles import alike
from clawtank_tui.widgets.chat_message import Look, paint_message
from clawtank_tui.widgets.palette import STYLES
from clawtank_tui.widgets.pick_pane import PickPane

if TYPE_CHECKING:
    from clawtank_tui.state.desk import Desk
    from clawtank_tui.state.talk import ChatMessage
    from clawtank_tui.widgets.cells import Line


@dataclass(frozen=True, slots=True)
class Said:
    """A row: a message of the chat.

    Attributes:
        name: What its author is called here.
        quote: What it replies to, in a few words.
        mine: It was written at this desk.
    """

    message: ChatMessage
    name: str
    quote: str = ""
    mine: bool = False
    busy: bool = False
    failed: str = ""

    @property
    def targets(self) -> tuple[Target, ...]:
        """Return what a decision about it is about."""
        message = self.message
        return (Target(message.message_id, message.spectator_id, message.name, True),)


class HostChatPane(PickPane[Said]):
    """What viewers and those inside say; it follows until the reader moves the cursor."""

    TITLE = "CHAT"
    LEAD = "┬─"
    FOLLOWS = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._desk: Desk | None = None

    def show(self, desk: Desk, now_s: float) -> None:
        """Show a desk."""
        self._desk = desk
        same = clashing(desk.chat)
        quotes = {one.message_id: f"{label(one, same)} «{start_of(one.text)}»" for one in desk.chat}
        rows = {
            message.message_id: Said(
                message,
                label(message, same),
                quotes.get(message.reply_to, "an earlier message") if message.reply_to else "",
                bool(message.spectator_id) and message.spectator_id == desk.insider.author_id,
                desk.busy(message.message_id),
                desk.failed.get(message.message_id, ""),
            )
            for message in desk.chat
        }
        if not self._items.keys() <= rows.keys():
            _paint.cache_clear()  # what was taken away is not kept painted either
        self.hold(rows, now_s)

    def like(self, trait: str) -> list[str]:
        """Return the keys of rows that share a trait with the one under the cursor.

        Args:
            trait: `spectator_id` for the author, `pile` for a text that is alike; others mean nothing here.
        """
        found = self.under_cursor()
        if found is None:
            return []
        one = found[1].message
        if trait == "spectator_id":
            return [key for key, row in self._items.items() if row.message.spectator_id == one.spectator_id]
        if trait == "pile":
            return [key for key, row in self._items.items() if alike(row.message.text, one.text)]
        return []

    def ghost_words(self, key: str) -> str:
        """Say who removed it."""
        entry = self._desk and self._desk.decided.get(key)
        return f"{logged(entry)}." if entry else "Removed."

    def empty_text(self) -> str:
        """Say why it is quiet."""
        closed = self._desk is not None and "chat" not in self._desk.room.features
        return "The chat is closed." if closed else "Nobody has said anything yet."

    def paint_item(self, key: str, item: Said, width: int) -> Sequence[Line]:
        """Paint one message, wrapped."""
        return _paint(item, width)


@lru_cache(maxsize=1024)
def _paint(row: Said, width: int) -> tuple[Line, ...]:
    me = Me(row.message.spectator_id) if row.mine else Me()
    look = Look(width, "you" if row.mine else row.name, row.quote, answers_me=False, me=me)
    lines = list(paint_message(row.message, look))
    if row.busy:
        lines = [[(text, STYLES["faint"]) for text, _ in line] for line in lines]
    if row.failed:
        lines.append([(f"! {row.failed}"[:width].ljust(width), STYLES["bad"])])
    return tuple(lines)
