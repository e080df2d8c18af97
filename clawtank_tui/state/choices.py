"""What a key offers before something is done: the same key again for the usual, another for the rest.

Pure, and data: the line that asks and the README are made from it. Nothing that cannot be taken back,
and nothing about more than one, is done by a single key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clawtank_tui.state.deeds import Order
from clawtank_tui.state.desk_words import sentence, whom
from relay.protocol.moderation import Action

if TYPE_CHECKING:
    from clawtank_tui.state.deeds import Target

_HOUR, _DAY = 3600, 86_400


@dataclass(frozen=True, slots=True)
class Offer:
    """What one key of a choice does.

    Attributes:
        seconds: For how long; None where that means nothing, 0 without an end.
    """

    key: str
    words: str
    action: Action
    seconds: int | None = None


OFFERS: Mapping[Action, tuple[Offer, ...]] = {
    Action.APPROVE: (Offer("a", "yes, show them", Action.APPROVE),),
    Action.REJECT: (Offer("r", "yes, reject them", Action.REJECT),),
    Action.DELETE: (
        Offer("d", "delete", Action.DELETE),
        Offer("a", "all that the author said", Action.DELETE_ALL),
    ),
    Action.WARN: (Offer("w", "warn", Action.WARN),),
    Action.MUTE: (
        Offer("m", "10 min", Action.MUTE, 600),
        Offer("1", "an hour", Action.MUTE, _HOUR),
        Offer("2", "a day", Action.MUTE, _DAY),
        Offer("3", "until lifted", Action.MUTE, 0),
    ),
    Action.BAN: (
        Offer("b", "until lifted", Action.BAN, 0),
        Offer("1", "an hour", Action.BAN, _HOUR),
        Offer("2", "a day", Action.BAN, _DAY),
        Offer("3", "a week", Action.BAN, 7 * _DAY),
    ),
}
"""What each key of a decision asks; the first is what the key itself does when it is pressed again."""

_AT_ONCE = frozenset({Action.APPROVE, Action.REJECT})
"""For one message, these are done without asking: both can be put right."""
_ASKS: Mapping[Action, str] = {
    Action.APPROVE: "approve",
    Action.REJECT: "reject",
    Action.DELETE: "delete",
    Action.WARN: "warn",
    Action.MUTE: "mute",
    Action.BAN: "ban",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A question that waits for a key; its targets were fixed when it was asked."""

    action: Action
    targets: tuple[Target, ...]

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Return what can be chosen."""
        return OFFERS[self.action]

    @property
    def question(self) -> str:
        """Say what is about to be done, and to whom or what."""
        about = whom(Order(self.action, self.targets))
        return sentence(f"{_ASKS[self.action]} {about}").rstrip(".") + "?"

    @property
    def besides(self) -> str:
        """Say what else it does, where there is room for that."""
        return "All they said goes." if self.action is Action.BAN else ""

    def taken(self, key: str, reason: str) -> Order | None:
        """Return the order that a key gives; None if it offers nothing."""
        for offer in self.offers:
            if offer.key == key:
                return Order(offer.action, self.targets, offer.seconds, reason)
        return None


def decide(action: Action, targets: tuple[Target, ...], reason: str) -> Order | Choice:
    """Return what a key of a decision leads to: an order at once, or a choice first.

    What is shown already cannot be rejected: rejecting it means to delete it.
    """
    if action is Action.REJECT and any(target.shown for target in targets):
        action = Action.DELETE
    if action in _AT_ONCE and len(targets) == 1:
        return Order(action, targets, reason=reason)
    return Choice(action, targets)
