"""The first two lines of the console: who watches, and what holds in the chat, the shield before all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from clawtank_tui.state.desk import ChatRules
from clawtank_tui.state.desk_words import what_holds
from clawtank_tui.widgets.cells import Line, Piece, apart, fit, width_of
from clawtank_tui.widgets.header import HeaderLine
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES
from relay.protocol.moderation import Action

if TYPE_CHECKING:
    from clawtank_tui.state.desk import Desk


MANY_JOIN = 20
"""Newcomers a minute from which on the rate is worth a look."""


class HostHeader(HeaderLine):
    """Room on the left; connection and viewers, each kind counted, on the right."""

    def show_desk(self, desk: Desk, now_s: float) -> None:
        """Show a desk at a monotonic time."""
        self._room, self._connection, self._presence = desk.room, desk.connection, desk.presence
        self._now_s = now_s
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the one line; the room's name gives way before a number does."""
        if self._room is None:
            return
        presence = self._presence
        long = f" ({presence.anonymous} guests, {presence.registered} registered)"
        for kinds in (long, f" ({presence.anonymous} + {presence.registered})", ""):
            right = [*self._link(), *self._counts(kinds)]
            if width_of(right) + len(self._room.room_id) + 3 <= width:
                break
        yield fit(apart(self._room_name(self._room), right, width), width)

    def _counts(self, kinds: str) -> list[Piece]:
        presence = self._presence
        many = presence.join_rate >= MANY_JOIN
        return [
            ("   ", STYLES["text"]),
            (str(presence.total), STYLES["bright"]),
            (" watching", STYLES["quiet"]),
            (kinds, STYLES["faint"]),
            (f" · +{presence.join_rate:g}/min", STYLES["warn" if many else "faint"]),
            (f" · peak {presence.recent_peak} ", STYLES["faint"]),
        ]


class RulesLine(LinePane):
    """What holds for everybody in the chat, and who sits here; a raised shield fills the line."""

    def __init__(self) -> None:
        super().__init__()
        self._rules = ChatRules()
        self._chat_closed = False
        self._raising = ""
        self._who = ""

    def show(self, desk: Desk) -> None:
        """Show a desk."""
        self._rules, self._chat_closed = desk.rules, _is_closed(desk)
        self._who = f"you are {desk.insider.name}, {desk.insider.role}" if desk.insider.role else ""
        under_way = {deed.action for deed in desk.deeds}
        self._raising = (
            "raising the shield…"
            if Action.SHIELD in under_way
            else "taking the shield down…"
            if Action.UNSHIELD in under_way
            else ""
        )
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the one line."""
        rules = self._rules
        if rules.shielded:
            style, key = STYLES["banner"], STYLES["banner.key"]
            left: list[Piece] = [(" SHIELD UP ", key)]
            left.append((self._raising or "everything is held, newcomers only read · ", style))
            if not self._raising:
                left += [("S", key), (" takes it down", style)]
            # That everything waits for approval is what the shield means.
            holds = what_holds(replace(rules, approval=False))
            right = [(f"{words} ", key) for words, odd in holds if odd]
            if width_of(left) + width_of(right) >= width:
                right = []
            yield fit(apart(left, right, width, style), width, style)
            return
        pieces: list[Piece] = [(" shield down, ", STYLES["quiet"]), ("S", STYLES["key"])]
        pieces.append((" raises it ", STYLES["quiet"]))
        if self._raising:
            pieces = [(f" {self._raising} ", STYLES["warn"])]
        for words, odd in (("chat CLOSED", True),) if self._chat_closed else what_holds(rules):
            pieces += [("· ", STYLES["faint"]), (f"{words} ", STYLES["warn" if odd else "quiet"])]
        who: list[Piece] = [(f"{self._who} ", STYLES["faint"])] if self._who else []
        yield fit(apart(pieces, who, width) if width_of(pieces) + width_of(who) < width else pieces, width)


def _is_closed(desk: Desk) -> bool:
    """Say whether there is no chat; before the welcome nobody knows."""
    return bool(desk.insider.role) and "chat" not in desk.room.features
