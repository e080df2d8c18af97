"""Messages that wait for a moderator: bounded, in memory, seen by moderators only.

A held message has no place in the room's sequence until it is approved: whoever watches, resumes or replays
cannot tell that it exists. It is not written to disk either, where rejected words would outlive their
rejection; a restart of the relay drops what nobody has decided.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relay.protocol.errors import Code, Refused
from relay.protocol.times import format_ms

if TYPE_CHECKING:
    from relay.chat.channel import Message

MAX_HELD = 500
"""Messages of one room that may wait."""
MAX_HELD_BY_ONE = 5
_KEYS_KEPT = 2000
"""Publishers' keys remembered, so that a repeat of what was rejected does not wait again."""
_FULL_WAIT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits.

    Attributes:
        id: Names it to moderators; it becomes no viewer's `message_id`.
        message: What was said, and by whom.
        at_ms: When it was said.
        rule: What held it: a rule of the filter, `approval`, `shield` or `reported`.
        detail: What the rule saw.
        origin: Where it came from, in this process; None if it was published.
        dedup: The publisher's key, if it was published with one; an approved one is shown once.
    """

    id: str
    message: Message
    at_ms: int
    rule: str
    origin: Any = None
    dedup: bytes | None = None
    detail: str = ""

    def public(self) -> dict[str, Any]:
        """Return what a moderator sees."""
        message = self.message
        return {
            "message_id": self.id,
            "spectator_id": message.author.id,
            "display_name": message.author.name,
            "author_state": message.author.state,
            "message": message.text,
            "timestamp": format_ms(self.at_ms),
            **({"reply_to": message.reply_to} if message.reply_to else {}),
            "rule": self.rule,
            **({"detail": self.detail} if self.detail else {}),
        }


class ReviewQueue:
    """The waiting messages of one room, oldest first."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._by_author: Counter[str] = Counter()
        self._keys: OrderedDict[bytes, None] = OrderedDict()

    def __iter__(self) -> Iterator[Held]:
        """Go through what waits now."""
        return iter(list(self._held.values()))

    def room_for(self, author_id: str) -> Refused | None:
        """Say whether one more of an author's messages can wait."""
        if self._by_author[author_id] >= MAX_HELD_BY_ONE:
            why = f"{MAX_HELD_BY_ONE} of your messages wait for a moderator. Wait until one is decided."
            return Refused(Code.RATE_LIMITED, why, _FULL_WAIT_MS)
        if len(self._held) >= MAX_HELD:
            why = "Too many messages wait for the moderators of this room. Try again in a minute."
            return Refused(Code.RATE_LIMITED, why, _FULL_WAIT_MS)
        return None

    def add(self, held: Held) -> None:
        """Let a message wait."""
        self._held[held.id] = held
        self._by_author[held.message.author.id] += 1
        if held.dedup is not None:
            self._keys[held.dedup] = None
            if len(self._keys) > _KEYS_KEPT:
                self._keys.popitem(last=False)

    def get(self, held_id: str) -> Held | None:
        """Return a message that waits."""
        return self._held.get(held_id)

    def take(self, held_id: str) -> Held | None:
        """Take a message out, to decide on it; None if it does not wait (any more)."""
        held = self._held.pop(held_id, None)
        if held is not None:
            self._by_author[held.message.author.id] -= 1
            if not self._by_author[held.message.author.id]:
                del self._by_author[held.message.author.id]
        return held

    def put_back(self, held: Held) -> None:
        """Let a message wait again, in front: the decision on it could not be carried out."""
        self.add(held)
        self._held.move_to_end(held.id, last=False)

    def has(self, dedup: bytes) -> bool:
        """Say whether a published message of this key waits, or has been decided."""
        return dedup in self._keys
