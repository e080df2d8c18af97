"""From whatever a publisher sent to drafts for the log, and the report it gets back.

One bad item never costs its neighbours. Hidden items are counted and leave no other trace.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relay.protocol.cursor import Cursor
from relay.protocol.envelope import encode_json
from relay.protocol.errors import Refused
from relay.screen.screen import Hidden, Rejected, Visible, screen
from relay.service.spoken import Waits
from relay.sources.lines import BadItem
from relay.sources.shapes import (
    Mapped,
    Names,
    SpectatorSaid,
    StateChange,
    to_room_event,
)
from relay.storage.contract import Draft, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relay.audience.metrics import Metrics
    from relay.clock import Clock

BringIn = Callable[[SpectatorSaid, int, bytes | None], Draft | Waits | Refused | None]
"""`(message, when, the log's key)` → a draft; or it is held, refused, or hidden."""
_SLICE = 50
"""Items screened in one turn of the loop: a full body must not hold up the viewers."""


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to a publish."""

    accepted: int
    duplicates: int
    hidden: int
    rejected: list[dict[str, Any]]
    cursor: str

    def data(self) -> dict[str, Any]:
        """Return the JSON body."""
        return {
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "hidden": self.hidden,
            "rejected": self.rejected,
            "cursor": self.cursor,
        }


@dataclass(slots=True)
class Batch:
    """What became of the items."""

    drafts: list[Draft] = field(default_factory=list)
    hidden: int = 0
    duplicates: int = 0
    held: int = 0
    held_again: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)

    def reject(self, index: int, code: str, message: str) -> None:
        """Note a refusal."""
        self.rejected.append({"index": index, "code": code, "message": message})

    def count(self, seqs: Sequence[int | None], metrics: Metrics) -> None:
        """Count the outcomes; `seqs` says which drafts the log took and which it knew already."""
        self.duplicates = sum(seq is None for seq in seqs) + self.held_again
        outcomes = Counter(
            (draft.type, "duplicate" if seq is None else "accepted")
            for draft, seq in zip(self.drafts, seqs, strict=True)
            if draft.type
        )
        for (kind, outcome), number in outcomes.items():
            metrics.events.labels(kind, outcome).inc(number)
        # What is hidden or rejected is counted without its type: a type may itself be private.
        for outcome, number in (("hidden", self.hidden), ("rejected", len(self.rejected))):
            if number:
                metrics.events.labels("", outcome).inc(number)

    def report(self, epoch: str, head: int) -> Report:
        """Return what the publisher is told."""
        accepted = len(self.drafts) + self.held + self.held_again - self.duplicates
        return Report(accepted, self.duplicates, self.hidden, self.rejected, str(Cursor(epoch, head)))


async def prepare(
    items: Sequence[Any],
    names: Names,
    clock: Clock,
    metrics: Metrics,
    dedup: Callable[[str], bytes],
    keepable: Callable[[bytes], bytes] | None,
    bring_in: BringIn,
) -> Batch:
    """Map and screen items.

    Args:
        items: Decoded JSON values, or `BadItem` where one could not be decoded.
        names: What earlier events taught about ids.
        clock: Stamps events that carry no time.
        metrics: Takes the time each event cost.
        dedup: Turns a publisher's event id into the log's key.
        keepable: Makes of an event's body what the room's host lets be kept; None to keep it whole.
        bring_in: Judges a message for the spectators' chat.
    """
    batch = Batch()
    for index, item in enumerate(items):
        if index and index % _SLICE == 0:
            await asyncio.sleep(0)
        began_s = clock.monotonic_s()
        draft = _draft(index, item, batch, names, clock.now_ms(), dedup, keepable, bring_in)
        if draft is not None:
            batch.drafts.append(draft)
            if draft.type:
                metrics.processed(draft.type, clock.monotonic_s() - began_s)
    return batch


def _draft(
    index: int,
    item: Any,
    batch: Batch,
    names: Names,
    now_ms: int,
    dedup: Callable[[str], bytes],
    keepable: Callable[[bytes], bytes] | None,
    bring_in: BringIn,
) -> Draft | None:
    if isinstance(item, BadItem):
        batch.reject(index, "INVALID_MESSAGE", item.message)
        return None
    event = to_room_event(item, names)
    if isinstance(event, StateChange):
        body = encode_json({"kind": "room_state", "state": event.state})
        key = dedup(event.publisher_id) if event.publisher_id else None
        return Draft(Kind.STATE, "", now_ms, body, key)
    if isinstance(event, SpectatorSaid):
        return _chat(index, event, batch, now_ms, dedup, bring_in)
    result = screen(event.event, now_ms) if isinstance(event, Mapped) else event
    if isinstance(result, Visible):
        key = dedup(result.publisher_id) if result.publisher_id else None
        body = keepable(result.body) if keepable else result.body
        return Draft(Kind.EVENT, result.type, result.at_ms, body, key)
    if isinstance(result, Hidden):
        batch.hidden += 1
    elif isinstance(result, Rejected):
        batch.reject(index, result.code, result.message)
    return None


def _chat(
    index: int,
    said: SpectatorSaid,
    batch: Batch,
    now_ms: int,
    dedup: Callable[[str], bytes],
    bring_in: BringIn,
) -> Draft | None:
    at_ms = now_ms if said.at_ms is None else said.at_ms
    match bring_in(said, at_ms, dedup(said.publisher_id) if said.publisher_id else None):
        case Draft() as draft:
            return draft
        case Waits(again=again):
            batch.held_again += again
            batch.held += not again
        case Refused(code, message):
            batch.reject(index, code, message)
        case None:
            batch.hidden += 1
    return None
