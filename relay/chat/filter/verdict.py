"""What a rule makes of a message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from relay.protocol.text import safe_text

_DETAIL = 120
_FLOODING = frozenset({"repeat", "near_repeat", "crowd", "wall", "links", "mentions"})


class Action(StrEnum):
    """What becomes of a message, and of its author."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"
    SANCTION = "sanction"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement, and what made it.

    Attributes:
        action: What becomes of the message; a sanction refuses it too.
        rule: The name of the rule that decided; empty when none did.
        reason: A sentence for the author, with the next step; empty when nothing is wrong.
        detail: For the host: what the rule saw, such as the word it found.
        seconds: How long a sanctioned author is muted.
    """

    action: Action
    rule: str = ""
    reason: str = ""
    detail: str = ""
    seconds: int = 0

    @property
    def flood(self) -> bool:
        """Whether the message was refused because there is too much of it; who goes on is sanctioned."""
        return self.action is Action.REFUSE and self.rule in _FLOODING


ALLOWED = Verdict(Action.ALLOW)


def refuse(rule: str, reason: str, detail: str) -> Verdict:
    """Return the verdict on what its author can mend."""
    return Verdict(Action.REFUSE, rule, reason, safe_text(detail, _DETAIL))


def hold(rule: str, detail: str, reason: str = "A moderator will look at it.") -> Verdict:
    """Return the verdict on what only a person can judge."""
    return Verdict(Action.HOLD, rule, reason, safe_text(detail, _DETAIL))
