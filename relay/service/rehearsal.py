"""What a change of settings would have done to a room's last day, without doing it.

A host who writes a word or flips a switch sees which events spectators would have missed, which they would
have read otherwise, and how, before anybody is affected; and which of the viewers' own messages the chat's
filter would have caught.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relay.protocol.events import EVENT_TYPES
from relay.protocol.times import format_ms
from relay.service.chat_rehearsal import MAX_MESSAGES, ChatRehearsal, rehearse_chat
from relay.storage.contract import Kind, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relay.rooms.disclosure import Disclosure
    from relay.rooms.settings import SpectatorChatSettings
    from relay.service.live_room import LiveRoom
    from relay.storage.contract import EventLog

DAY_MS = 24 * 3_600_000
MAX_EVENTS = 20_000
"""Events looked at; of a busier day, the latest ones."""
MAX_RECORDS = 50_000
"""How far back messages are looked for, however much happened between them."""
MAX_EXAMPLES = 20
_PAGE = 200
_UNTYPED = frozenset({""})
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
        chat: What would have become of what viewers said.
    """

    since_ms: int
    events: int = 0
    hidden: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    reworded: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)
    chat: ChatRehearsal = field(default_factory=ChatRehearsal)

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


async def rehearse(
    room: LiveRoom, then: Disclosure, chat: SpectatorChatSettings, log: EventLog, now_ms: int
) -> Rehearsal:
    """Compare what a room discloses, and what its chat lets pass, with what it would, over its last day.

    Args:
        room: The room.
        then: What it would disclose.
        chat: The settings its chat would have.
        log: Where its events are.
        now_ms: The end of the day.
    """
    rehearsal = Rehearsal(now_ms - DAY_MS)
    said: deque[Record] = deque(maxlen=MAX_MESSAGES)
    until = room.head
    since = await log.seek(room.id, rehearsal.since_ms)
    after_event = max(since, await log.tail(room.id, EVENT_TYPES, MAX_EVENTS))
    # What is no event has no type: chat, and little else.
    after_said = max(since, await log.tail(room.id, _UNTYPED, MAX_MESSAGES), until - MAX_RECORDS)
    position = min(after_event, after_said)
    while records := await log.read(room.id, position, _PAGE, until=until):
        position = records[-1].seq
        said.extend(record for record in records if record.kind is Kind.CHAT)
        events = [
            (room.encoder.cursor(record.seq), record)
            for record in records
            if record.kind is Kind.EVENT and record.seq > after_event
        ]
        for start in range(0, len(events), _SLICE):
            rehearsal.judge(events[start : start + _SLICE], room.disclosure, then)
            # A turn for the room: its viewers do not wait for this.
            await asyncio.sleep(0)
    rehearsal.chat = await rehearse_chat(room, chat, said)
    return rehearsal
