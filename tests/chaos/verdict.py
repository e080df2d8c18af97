"""What viewers are held against, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos.events import Mark
    from chaos.journal import Item

SPECTATOR_CHAT = "spectator chat"


@dataclass(frozen=True, slots=True)
class Switched:
    """The host showed or hid a category, or the spectators' chat.

    Attributes:
        category: Of events, or `SPECTATOR_CHAT`.
        shown: To which side.
        began_ms: When the call was first made.
        ended_ms: When it was answered.
    """

    category: str
    shown: bool
    began_ms: int
    ended_ms: int


@dataclass(frozen=True, slots=True)
class Truth:
    """What the viewers are held against.

    Attributes:
        log: Every event, as the relay's log tells it at the end, in order.
        sent_ms: When each was first sent by its publisher, and by that which were acknowledged.
        repeats: Statuses that say nothing new: the log may do without them.
        end: The place that every viewer is to have come to.
        switches: What the host did, in order.
    """

    log: Sequence[Item]
    sent_ms: Mapping[Mark, int]
    end: int
    switches: Sequence[Switched] = ()
    repeats: Set[Mark] = frozenset()


@dataclass(slots=True)
class Verdict:
    """Counts of what went wrong, and of what went well.

    Attributes:
        lost: Entitled to, never sent.
        repeated: Sent twice, under one number or two.
        reordered: Sent after something later.
        gaps: Frames that do not follow the one before, with nothing said.
        unrecovered: Resumes that were answered with `recovered: false`: nothing here is ever too old.
        altered: Sent under a number that the log has for something else.
        unasked: Of a type the viewer did not ask for.
        shown: Hidden by the host at the time.
        delivered: Events, chat messages and notices that viewers were sent.
        resumed: Connections that went on from a cursor.
        examples: A sentence for some of the breaches.
    """

    lost: int = 0
    repeated: int = 0
    reordered: int = 0
    gaps: int = 0
    unrecovered: int = 0
    altered: int = 0
    unasked: int = 0
    shown: int = 0
    delivered: int = 0
    resumed: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def breaches(self) -> int:
        """How much went wrong."""
        counts = (getattr(self, one.name) for one in fields(self) if one.name not in _GOOD)
        return sum(counts)

    def add(self, other: Verdict) -> None:
        """Add another viewer's."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def note(self, kind: str, sentence: str) -> None:
        """Count a breach, and keep the first of each kind's sentences."""
        setattr(self, kind, getattr(self, kind) + 1)
        if getattr(self, kind) <= _EXAMPLES:
            self.examples.append(f"{kind}: {sentence}")


_GOOD = ("delivered", "resumed", "examples")
_EXAMPLES = 5
