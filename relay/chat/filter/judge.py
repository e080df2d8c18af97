"""The rules of one room in their order, cheap ones first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from relay.chat.filter import floods
from relay.chat.filter.remarks import WINDOW_S, Remark
from relay.chat.filter.repeats import repeats
from relay.chat.filter.verdict import ALLOWED, Action, Verdict

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
        verdict = self._judged(text, said, recent)
        return _escalated(verdict, said, refusals) if verdict.flood else verdict

    def _judged(self, text: str, said: Remark, recent: Iterable[Remark]) -> Verdict:
        lately = [earlier for earlier in recent if said.at_s - earlier.at_s <= WINDOW_S]
        for verdict in self._verdicts(text, said, lately):
            if verdict is not ALLOWED:
                return verdict
        return ALLOWED

    def _verdicts(self, text: str, said: Remark, lately: Sequence[Remark]) -> Iterable[Verdict]:
        yield floods.links(said, lately)
        yield floods.mentions(said, lately)
        yield floods.wall(said)
        yield floods.shouting(text)
        yield repeats(said, lately)


def _escalated(verdict: Verdict, said: Remark, refusals: Iterable[Remark]) -> Verdict:
    """Return the verdict on an author who is refused again and again."""
    again = 1 + sum(
        other.author == said.author and said.at_s - other.at_s <= _REFUSED_WITHIN_S for other in refusals
    )
    if again < _REFUSALS:
        return verdict
    return Verdict(
        Action.SANCTION,
        "flood",
        f"You went on after {again - 1} refusals. You may write again in {SANCTION_S // 60} minutes.",
        f"{again} refused within a minute; the last by {verdict.rule}: {verdict.detail}",
        SANCTION_S,
    )
