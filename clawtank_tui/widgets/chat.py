"""The spectator chat's messages: what viewers say to each other, apart from the room's own conversation.

It follows, and a reader who scrolled up is not moved. The arrows select a message, for a key to act on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from clawtank_tui.state.chat_lines import ACTION
from clawtank_tui.state.mentions import calls
from clawtank_tui.state.model import Me
from clawtank_tui.state.names import clashing, label
from clawtank_tui.state.notices import start_of
from clawtank_tui.state.standing import lasting
from clawtank_tui.state.talk import SILENCE, ChatMessage, Fate, Talk
from clawtank_tui.widgets.chat_message import Look, paint_message
from clawtank_tui.widgets.list_pane import ListPane
from clawtank_tui.widgets.palette import STYLES

if TYPE_CHECKING:
    from clawtank_tui.widgets.cells import Line, Piece

_QUOTED = 60
"""Characters of a message that an answer to it repeats, where there is room."""


class ChatPane(ListPane):
    """Messages, oldest above."""

    TITLE = "SPECTATOR CHAT"
    FOLLOWS = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._in_sight = True
        self._talk, self._me, self._empty = SILENCE, Me(), ""
        self._messages: tuple[ChatMessage, ...] = ()
        self._by_id: dict[str, ChatMessage] = {}
        self._alike: frozenset[str] = frozenset()
        self._selected = ""
        self._unread: dict[str, bool] = {}
        self._painted = lru_cache(maxsize=512)(paint_message)

    def show(self, talk: Talk, me: Me, empty_text: str) -> None:
        """Show a chat as a viewer sees it; `empty_text` stands where nothing is said."""
        if (talk, me, empty_text) == (self._talk, self._me, self._empty):
            self._read()
            return
        if talk.removed != self._talk.removed:
            self._painted.cache_clear()  # what was removed is kept nowhere
        self._talk, self._me, self._empty = talk, me, empty_text
        before = self._messages
        self._messages = tuple(one for one in talk.messages if one.spectator_id not in talk.ignored)
        self._by_id = {one.message_id: one for one in talk.messages}
        self._alike = clashing(talk.messages)
        gone = _gone(before, self._messages)
        self.viewport.drop(gone)
        self.viewport.hold(len(self._messages))
        for message in self._messages[len(before) - len(gone) :]:
            if message.heard and message.spectator_id != me.spectator_id:
                self._unread[message.message_id] = calls(message, me, self._by_id.get(message.reply_to))
        self._read()
        self.repaint()

    # -- what was not read yet -------------------------------------------------------------------------

    def be_in_sight(self, in_sight: bool) -> None:
        """Take note whether the pane is on the screen: what comes while it is not, is unread."""
        self._in_sight = in_sight
        self._read()

    def _read(self) -> None:
        """Forget what is unread no longer: it was in sight, or is gone."""
        if self._in_sight and not self.viewport.paused:
            self._unread.clear()
        elif self._unread:
            seen = self.viewport.seen if self._in_sight else 0
            later = {message.message_id for message in self._messages[seen:]}
            self._unread = {one: call for one, call in self._unread.items() if one in later}

    def news(self) -> str:
        """Count what is unread, and how much of it calls this viewer."""
        if not self._unread:
            return ""
        count, called = len(self._unread), sum(self._unread.values())
        mention = "" if not called else " · 1 mention" if called == 1 else f" · {called} mentions"
        return f"{count} new{mention}"

    def move(self, lines: int) -> None:
        """Scroll by lines; what comes into sight is read."""
        super().move(lines)
        self._read()

    def go_end(self) -> None:
        """Go to the end, follow, and select nothing."""
        self._selected = ""
        super().go_end()
        self._read()

    # -- the selected message --------------------------------------------------------------------------

    @property
    def selected(self) -> ChatMessage | None:
        """The message that keys act on, while it is there."""
        message = self._by_id.get(self._selected)
        return message if message in self._messages else None

    def step(self, lines: int) -> None:
        """Select the message above or below; from none, the lowest in sight. Below the last: follow again."""
        items = [i for i, message in enumerate(self._messages) if message.fate is Fate.SHOWN]
        seen = {place.item for place in self.viewport.visible()}
        at = next((i for i in items if self._messages[i].message_id == self._selected), None)
        if at is None and lines > 0:
            self.move(lines)
            return
        if at is None or at not in seen:
            there = [i for i in items if i in seen]
            wanted = (there[-1] if lines < 0 else there[0]) if there else -1
        else:
            position = items.index(at) + (1 if lines > 0 else -1)
            if position >= len(items):
                self.go_end()
                return
            wanted = items[max(position, 0)]
        if wanted >= 0:
            self._selected = self._messages[wanted].message_id
            self.viewport.show_item(wanted)
            self._read()
            self.repaint()

    def select_none(self) -> None:
        """Select nothing; what is being read stays where it is."""
        self._selected = ""
        self.repaint()

    # -- painting --------------------------------------------------------------------------------------

    def title_detail(self) -> str:
        """Say what holds for everybody, and how many messages this viewer hides from themselves."""
        rules, hidden = self._talk.rules, len(self._talk.messages) - len(self._messages)
        parts = (
            "locked" if rules.locked else "",
            "shield up" if rules.shielded else "approval on" if rules.approval else "",
            f"slow {lasting(rules.slow_s)}" if rules.slow_s else "",
            f"{hidden} hidden" if hidden else "",
        )
        return " · ".join(part for part in parts if part)

    def brief(self) -> str:
        """Return what is unread, and the newest message, on one line."""
        if not self._messages:
            return ""
        message = self._messages[-1]
        newest = f"{self.name_of(message)}: {start_of(message.text, _QUOTED)}"
        if message.text.startswith(ACTION):
            newest = f"* {self.name_of(message)} {start_of(message.text.removeprefix(ACTION), _QUOTED)}"
        return "  ".join(part for part in (self.news(), newest) if part)

    def empty_text(self) -> str:
        """Say why it is quiet."""
        return self._empty or "Nobody has said anything yet."

    def item_lines(self, item: int, width: int) -> Sequence[Line]:
        """Paint one message, wrapped."""
        message = self._messages[item]
        answered = self._by_id.get(message.reply_to)
        look = Look(
            width,
            self.name_of(message),
            self.quote_of(message.reply_to),
            bool(answered and self._me.spectator_id and answered.spectator_id == self._me.spectator_id),
            self._me,
            message.message_id == self._selected,
        )
        return self._painted(message, look)

    def quote_of(self, message_id: str) -> str:
        """Return a message in the few words that an answer to it repeats; empty for no message."""
        if not message_id:
            return ""
        message = self._by_id.get(message_id)
        if message is None:
            return "a removed message" if message_id in self._talk.removed else "an earlier message"
        if message.spectator_id in self._talk.ignored:
            return "a message you hide"
        return f"{self.name_of(message)} «{start_of(message.text, _QUOTED)}»"

    def edge_of(self, item: int) -> Piece:
        """Point at the selected message."""
        sign, style = super().edge_of(item)
        if 0 <= item < len(self._messages) and self._messages[item].message_id == self._selected:
            return sign[:-1] + "▸", STYLES["key"]
        return sign, style

    def name_of(self, message: ChatMessage) -> str:
        """Return what an author is called here."""
        mine = bool(self._me.spectator_id) and message.spectator_id == self._me.spectator_id
        return "you" if mine else label(message, self._alike)


def _gone(before: Sequence[ChatMessage], now: Sequence[ChatMessage]) -> set[int]:
    """Return which of the earlier messages have to go for the rest to be the present ones' beginning."""
    stay, gone = 0, set()
    for index, message in enumerate(before):
        if stay < len(now) and now[stay].message_id == message.message_id:
            stay += 1
        else:
            gone.add(index)
    return gone
