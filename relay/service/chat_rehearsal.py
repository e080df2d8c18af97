"""What the chat's filter would have made of what was said in a room, had other settings been in force.

Only of what was shown: what was held or refused is kept nowhere. Each message is judged as of its own time,
next to what was said before it and would have passed.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relay.chat.channel import AuthorType
from relay.chat.filter import RECENT_KEPT, Action, Filter, Remark, remark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relay.rooms.settings import SpectatorChatSettings
    from relay.service.live_room import LiveRoom
    from relay.storage.contract import Record

MAX_MESSAGES = 2_000
"""Messages looked at; of more, the latest ones."""
MAX_EXAMPLES = 20
_SLICE = 10
"""Messages judged in one turn of the loop."""


@dataclass(slots=True)
class ChatRehearsal:
    """What would have become of the messages of a time.

    Attributes:
        judged: How many there were; only those of viewers are judged.
        held: How many would have been held.
        refused: How many would have been refused, their authors sanctioned or not.
        rules: How many each rule would have caught.
        examples: The latest of those.
    """

    judged: int = 0
    held: int = 0
    refused: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    examples: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MAX_EXAMPLES))
    _recent: deque[Remark] = field(default_factory=lambda: deque(maxlen=RECENT_KEPT))
    _refusals: deque[Remark] = field(default_factory=lambda: deque(maxlen=RECENT_KEPT))

    def data(self) -> dict[str, Any]:
        """Return the JSON body."""
        return {
            "judged": self.judged,
            "held": self.held,
            "refused": self.refused,
            "rules": dict(self.rules),
            "examples": list(self.examples),
        }

    def judge(self, filter: Filter, message_id: str, author: str, text: str, at_ms: int) -> None:
        """Count what a filter makes of a message."""
        said = remark(author, text, at_ms / 1000)
        verdict = filter.judge(text, said, self._recent, self._refusals)
        self.judged += 1
        if verdict.action in (Action.ALLOW, Action.HOLD):
            self._recent.append(said)
        elif verdict.flood:
            self._refusals.append(said)
        if verdict.action is Action.ALLOW:
            return
        self.held += verdict.action is Action.HOLD
        self.refused += verdict.action is not Action.HOLD
        self.rules[verdict.rule] += 1
        self.examples.append(
            {
                "message_id": message_id,
                "message": text,
                "rule": verdict.rule,
                "detail": verdict.detail,
                "action": verdict.action.value,
            }
        )


async def rehearse_chat(
    room: LiveRoom, settings: SpectatorChatSettings, said: Iterable[Record]
) -> ChatRehearsal:
    """Judge messages of a room by the filter of other settings.

    Args:
        room: Where they were said; what its log does not keep it may remember.
        settings: The chat's, as they would be.
        said: The messages, oldest first.
    """
    rehearsal, filter = ChatRehearsal(), Filter(settings)
    for record in said:
        message_id = room.encoder.cursor(record.seq)
        kept = record if record.body else room.chat_message(message_id)
        message = json.loads(kept.body) if kept is not None else None
        if message is None or message["author_type"] != AuthorType.SPECTATOR:
            continue
        rehearsal.judge(filter, message_id, message["spectator_id"], message["message"], record.at_ms)
        if rehearsal.judged % _SLICE == 0:
            # A turn for the room: its viewers do not wait for this.
            await asyncio.sleep(0)
    return rehearsal
