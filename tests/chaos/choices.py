"""The ways in which a viewer of the storm asks to be delivered to."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from chaos.events import types_of
from chaos.journal import Wish

_CHOICES = (
    "chat,task,git,agent,member",
    "chat,task,git,agent,member",
    "chat",
    "task,git",
    "agent",
    "git.commit,milestone.reached,member",
    "chat,agent.status_change",
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a viewer asks for, in the words of the protocol."""

    types: str
    interval_s: int = 0
    low: bool = False

    def fields(self) -> dict[str, Any]:
        """Return it as fields of a message."""
        pace = {"frequency": "batched", "interval_s": self.interval_s} if self.interval_s else {}
        return {"types": self.types, **(pace or {"frequency": "realtime"}), "low_bandwidth": self.low}

    def wish(self) -> Wish:
        """Return what that entitles to."""
        return Wish(types_of(frozenset(self.types.split(","))), self.low)


EVERYTHING = Delivery(_CHOICES[0])


def choose(chance: random.Random) -> Delivery:
    """Draw one."""
    interval_s = chance.choice((0, 0, 0, 1, 2, 5))
    return Delivery(chance.choice(_CHOICES), interval_s, low=bool(interval_s) and chance.random() < 0.3)
