"""What a change of settings would have done to a room's last day, and to its recent chat, without doing it.

A host who writes a word or flips a switch sees which events spectators would have missed, which they would
have read otherwise, and how, and which messages the filter would have stopped, before anybody is affected.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relay.chat.channel import AuthorType, Message
from relay.chat.filter import RECENT_KEPT, Action, Filter, Remark, Verdict, remark
from relay.protocol.events import EVENT_TYPES
from relay.protocol.times import format_ms
from relay.storage.contract import Kind, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from relay.rooms.disclosure import Disclosure
    from relay.rooms.settings import RoomSettings, SpectatorChatSettings
    from relay.service.live_room import LiveRoom
    from relay.storage.contract import EventLog

DAY_MS = 24 * 3_600_000
MAX_EVENTS = 20_000
"""Events looked at; of a busier day, the latest ones."""
MAX_EXAMPLES = 20
_PAGE = 200
_SLICE = 10
"""Events compared in one turn of the loop: two wordings of a long text take milliseconds."""


@dataclass(slots=True)
class Rehearsal:
    """What would have become of the events of a time.

    Attributes:
        since_ms: Where the time begins.
        events: How many there were, shown or not.
        hidden: How many that are shown would not be, by type.
        shown: How many that are not shown would be, by type.
        reworded: How many would be shown and read otherwise, by type.
        examples: The latest of those, as they are and as they would be.
        chat: What the filter would have made of what was said.
    """

    since_ms: int
    events: int = 0
    hidden: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    reworded: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)
    chat: ChatRehearsal = field(default_factory=lambda: ChatRehearsal())

    def data(self) -> dict[str, Any]:
        """Return the JSON body."""
        return {
            "dry_run": True,
            "since": format_ms(self.since_ms),
            "events": self.events,
            "hidden": dict(self.hidden),
            "shown": dict(self.shown),
            "reworded": dict(self.reworded),
            "examples": self.examples,
            "chat": self.chat.data(),
        }

    def judge(self, events: Iterable[tuple[str, Record]], today: Disclosure, then: Disclosure) -> None:
        """Compare what two disclosures make of events, each with its id."""
        for event_id, record in events:
            self.events += 1
            was, would_be = record.type in today.types, record.type in then.types
            if was and not would_be:
                self.hidden[record.type] += 1
            elif would_be and not was:
                self.shown[record.type] += 1
            elif was:
                stored = json.loads(record.body)
                before, after = today.fields(stored), then.fields(stored)
                if before != after:
                    self.reworded[record.type] += 1
                    self.examples.append({"event_id": event_id, "before": before, "after": after})
                    del self.examples[:-MAX_EXAMPLES]


@dataclass(slots=True)
class ChatRehearsal:
    """What a filter would have made of messages that were shown.

    Attributes:
        judged: How many there were of viewers.
        held: How many would have waited for a moderator.
        refused: How many would have been refused.
        rules: How many each rule would have stopped.
        examples: The latest of those, by their ids, with what the rule saw.
    """

    judged: int = 0
    held: int = 0
    refused: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, str]] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """Return its part of the JSON body."""
        return {
            "judged": self.judged,
            "held": self.held,
            "refused": self.refused,
            "rules": dict(self.rules),
            "examples": self.examples,
        }

    async def judge(self, said: Sequence[tuple[str, Message, int]], settings: SpectatorChatSettings) -> None:
        """Judge messages in their order, each at its own time: its id, the message, and when it was said."""
        judged = Filter(settings)
        recent: deque[Remark] = deque(maxlen=RECENT_KEPT)
        refusals: deque[Remark] = deque(maxlen=RECENT_KEPT)
        for number, (message_id, message, at_ms) in enumerate(said, 1):
            if number % _SLICE == 0:
                await asyncio.sleep(0)
            if message.author.type is not AuthorType.SPECTATOR:
                continue
            self.judged += 1
            remarked = remark(message.author.id, message.text, at_ms / 1000)
            verdict = judged.judge(message.text, remarked, recent, refusals)
            if verdict.action in (Action.ALLOW, Action.HOLD):
                recent.append(remarked)
            elif verdict.flood:
                refusals.append(remarked)
            if verdict.action is not Action.ALLOW:
                self._count(message_id, verdict)

    def _count(self, message_id: str, verdict: Verdict) -> None:
        held = verdict.action is Action.HOLD
        self.held, self.refused = self.held + held, self.refused + (not held)
        self.rules[verdict.rule] += 1
        told = {"action": "hold" if held else "refuse", "rule": verdict.rule, "detail": verdict.detail}
        self.examples.append({"message_id": message_id, **told})
        del self.examples[:-MAX_EXAMPLES]


async def rehearse(
    room: LiveRoom, settings: RoomSettings, then: Disclosure, log: EventLog, now_ms: int
) -> Rehearsal:
    """Compare what a room discloses with what it would, over its last day, and judge its recent chat anew.

    Args:
        room: The room.
        settings: What it would be set to.
        then: What it would disclose.
        log: Where its events are.
        now_ms: The end of the day.
    """
    rehearsal = Rehearsal(now_ms - DAY_MS)
    until = room.head
    position = max(
        await log.seek(room.id, rehearsal.since_ms), await log.tail(room.id, EVENT_TYPES, MAX_EVENTS)
    )
    while records := await log.read(room.id, position, _PAGE, until=until):
        position = records[-1].seq
        events = [
            (room.encoder.cursor(record.seq), record) for record in records if record.kind is Kind.EVENT
        ]
        for start in range(0, len(events), _SLICE):
            rehearsal.judge(events[start : start + _SLICE], room.disclosure, then)
            # A turn for the room: its viewers do not wait for this.
            await asyncio.sleep(0)
    await rehearsal.chat.judge(room.recent_messages(), settings.spectatorChat)
    return rehearsal
