"""The moderators' desk of one room: what waits there, and who sits at it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from relay.chat.reports import Reports
from relay.chat.review import ReviewQueue
from relay.protocol import messages

if TYPE_CHECKING:
    from relay.chat.review import Held

_REJECTED_KEPT = 50
"""Rejected messages that can be taken back to the queue."""


class Moderator(Protocol):
    """Somebody who is told at once what waits and what is decided."""

    def pass_on(self, kind: str, data: Mapping[str, Any]) -> None:
        """Send a message of the host socket."""


class Desk:
    """What the moderators of one room share.

    Attributes:
        queue: Messages that wait for a decision.
        reports: What viewers reported.
        rejected: The latest messages that were not let through, for those who change their minds.
    """

    def __init__(self) -> None:
        """Start with nothing to do."""
        self.queue = ReviewQueue()
        self.reports = Reports()
        self.rejected: OrderedDict[str, Held] = OrderedDict()
        self._moderators: set[Moderator] = set()

    def join(self, moderator: Moderator) -> None:
        """Tell a moderator of everything from now on."""
        self._moderators.add(moderator)

    def leave(self, moderator: Moderator) -> None:
        """Tell a moderator nothing more."""
        self._moderators.discard(moderator)

    def tell(self, kind: str, data: Mapping[str, Any], but: Moderator | None = None) -> None:
        """Tell the moderators something, except one who is told otherwise."""
        for moderator in self._moderators - {but}:
            moderator.pass_on(kind, data)

    def hold(self, held: Held) -> None:
        """Let a message wait, and say so."""
        self.queue.add(held)
        self.tell(messages.HELD, held.public())

    def reject(self, held: Held) -> None:
        """Keep a rejected message for a while."""
        self.rejected[held.id] = held
        if len(self.rejected) > _REJECTED_KEPT:
            self.rejected.popitem(last=False)

    def waiting(self) -> list[dict[str, Any]]:
        """Return what waits, oldest first, as moderators see it."""
        return [held.public() for held in self.queue]

    def reported(self) -> list[dict[str, Any]]:
        """Return what is reported, as moderators see it."""
        return [report.public() for report in self.reports]
