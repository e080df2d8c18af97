"""What viewers report to the moderators: grouped by message, weighed by who reports.

Spec: Moderation Features (MOD-8, MOD-9). Seen by moderators only; the author is told of nothing, and nobody
is told who reported. Reports live in memory, like the messages they are about.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from relay.protocol.times import format_ms

MAX_REPORTS = 500
"""Reported messages of one room that may wait; the one reported longest ago falls out."""
MAX_REASONS = 20
"""Different reasons kept of one message."""
GROUNDLESS = 3
"""Reports that moderators found groundless after which a reporter no longer helps to hide messages."""
_REPORTERS_KEPT = 5000
_LOOKED_AT_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports.

    Attributes:
        id: This room's id for them.
        weighs_as: What their voice is counted by: an account, or the address of whoever has none.
    """

    id: str
    weighs_as: str


@dataclass(slots=True)
class Report:
    """One message, and what is said of it.

    Attributes:
        message: What moderators see of it: id, author, text, time.
        reporters: Who reported it, by their ids.
        reasons: How often each reason was given, in order of appearance.
        hidden: Nobody sees the message until a moderator has looked.
    """

    message: dict[str, Any]
    first_ms: int
    last_ms: int
    reporters: dict[str, Reporter] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    hidden: bool = False

    def __iter__(self) -> Iterator[str]:
        """Go through the ids of those who reported it."""
        return iter(list(self.reporters))

    @property
    def message_id(self) -> str:
        """The message's id."""
        return str(self.message["message_id"])

    @property
    def author_id(self) -> str:
        """Who wrote it."""
        return str(self.message["spectator_id"])

    @property
    def author_name(self) -> str:
        """What they are called."""
        return str(self.message["display_name"])

    def public(self) -> dict[str, Any]:
        """Return what moderators see: how many, and not who."""
        return {
            **self.message,
            "count": len(self.reporters),
            "reasons": [reason for reason, _ in self.reasons.most_common()],
            "hidden": self.hidden,
            "first_at": format_ms(self.first_ms),
            "last_at": format_ms(self.last_ms),
        }


class Reports:
    """The reports of one room, the message reported first in front."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: OrderedDict[str, Report] = OrderedDict()
        self._groundless: OrderedDict[str, int] = OrderedDict()
        self._looked_at: OrderedDict[str, None] = OrderedDict()

    def __iter__(self) -> Iterator[Report]:
        """Go through what is open now."""
        return iter(list(self._open.values()))

    def get(self, message_id: str) -> Report | None:
        """Return what is reported of a message."""
        return self._open.get(message_id)

    def add(self, message: dict[str, Any], reporter: Reporter, reason: str, now_ms: int) -> Report | None:
        """Take a report; None if this viewer reported the message already.

        Args:
            message: What moderators are to see of it.
            reporter: Who reports.
            reason: Why; may be empty.
            now_ms: When.
        """
        report = self._open.get(message["message_id"])
        if report is None:
            report = self._open[message["message_id"]] = Report(message, now_ms, now_ms)
            if len(self._open) > MAX_REPORTS:
                self._open.popitem(last=False)
        elif reporter.id in report.reporters:
            return None
        report.reporters[reporter.id] = reporter
        report.last_ms = now_ms
        if reason and (reason in report.reasons or len(report.reasons) < MAX_REASONS):
            report.reasons[reason] += 1
        return report

    def is_to_be_hidden(self, report: Report, threshold: int) -> bool:
        """Say whether enough different viewers ask for it; 0 never is enough.

        A voice counts once, whatever the number of its windows and names; one whose reports were groundless
        too often does not count, and what a moderator has let stand stays.
        """
        if not threshold or report.hidden or report.message_id in self._looked_at:
            return False
        voices = {reporter.weighs_as for reporter in report.reporters.values()}
        return sum(self._groundless.get(voice, 0) < GROUNDLESS for voice in voices) >= threshold

    def settle(self, message_id: str, *, kept: bool) -> Report | None:
        """Close what is reported of a message: it stands, or it is gone; return what was reported."""
        if kept:
            _note(self._looked_at, message_id, None, _LOOKED_AT_KEPT)
        report = self._open.pop(message_id, None)
        if report is not None:
            for voice in {reporter.weighs_as for reporter in report.reporters.values()}:
                if kept:
                    _note(self._groundless, voice, self._groundless.get(voice, 0) + 1, _REPORTERS_KEPT)
                else:
                    self._groundless.pop(voice, None)
        return report


def _note(kept: OrderedDict[str, Any], key: str, value: Any, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
