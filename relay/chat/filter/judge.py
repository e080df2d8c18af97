"""The rules of one room in their order, cheap ones first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from relay.chat.filter import floods
from relay.chat.filter.instructions import instructions
from relay.chat.filter.keywords import Keywords
from relay.chat.filter.promotion import promotion
from relay.chat.filter.readings import Readings, read
from relay.chat.filter.remarks import WINDOW_S, Remark
from relay.chat.filter.repeats import repeats
from relay.chat.filter.verdict import ALLOWED, Action, Verdict, hold, refuse
from relay.protocol.text import safe_text
from relay.rooms.settings import Integration

if TYPE_CHECKING:
    from relay.rooms.settings import SpectatorChatSettings

SANCTION_S = 300
"""How long the relay mutes somebody who goes on and on."""
_REFUSALS, _REFUSED_WITHIN_S = 5, 60.0


class Filter:
    """What the settings of a room make of the rules. It remembers nothing, and allows all if it is off.

    Args:
        settings: The room's; whoever changes them makes a new filter.
    """

    def __init__(self, settings: SpectatorChatSettings) -> None:
        self.settings = settings
        self._on = settings.moderation.autoFilter
        self._keywords = Keywords(settings.moderation.keywords) if self._on else None
        self._read_by_agents = settings.integration is Integration.INTERACTIVE

    def judge(
        self, text: str, said: Remark, recent: Iterable[Remark], refusals: Iterable[Remark] = ()
    ) -> Verdict:
        """Judge a message.

        Args:
            text: What it says.
            said: Its remark.
            recent: Remarks of messages that were not refused, in any order.
            refusals: Remarks of messages whose verdict was a `flood`, in any order.
        """
        if not self._on:
            return ALLOWED
        since_s = said.at_s - WINDOW_S
        lately = [earlier for earlier in recent if earlier.at_s >= since_s]
        refused = [
            earlier for earlier in refusals if earlier.author == said.author and earlier.at_s >= since_s
        ]
        for verdict in self._verdicts(text, said, lately, refused):
            if verdict is not ALLOWED:
                return _escalated(verdict, said, refused) if verdict.flood else verdict
        return ALLOWED

    def _verdicts(
        self, text: str, said: Remark, lately: Sequence[Remark], refused: Sequence[Remark]
    ) -> Iterator[Verdict]:
        yield floods.links(said, lately)
        yield floods.mentions(said, lately)
        yield floods.wall(text)
        yield floods.shouting(text)
        yield repeats(said, lately, refused)
        readings = read(text)
        yield self._worded(readings)
        yield promotion(readings)
        if self._read_by_agents:
            yield instructions(readings)

    def judge_words(self, text: str) -> Verdict:
        """Judge a text that is no message, such as the reason of a report, by the host's keywords alone."""
        return self._worded(read(text)) if self._on else ALLOWED

    def _worded(self, readings: Readings) -> Verdict:
        found = self._keywords.find(readings) if self._keywords is not None else None
        if found is None:
            return ALLOWED
        if found.disguised:
            return hold("keyword", f"{found.word} as {found.seen}")
        reason = f"The host does not want “{safe_text(found.seen, 40)}” here. Say it in other words."
        return refuse("keyword", reason, found.word)


def _escalated(verdict: Verdict, said: Remark, refused: Sequence[Remark]) -> Verdict:
    """Return the verdict on an author who is refused again and again."""
    again = 1 + sum(said.at_s - other.at_s <= _REFUSED_WITHIN_S for other in refused)
    if again < _REFUSALS:
        return verdict
    return Verdict(
        Action.SANCTION,
        "flood",
        f"You went on after {again - 1} refusals. You may write again in {SANCTION_S // 60} minutes.",
        f"{again} refused within a minute; the last by {verdict.rule}: {verdict.detail}",
        SANCTION_S,
    )
