"""Judge a spectator's message before it gets a place in the sequence.

Spec: Spectator Chat System. What a viewer claims about itself (name, id, time) is ignored: all of it is the
relay's (CHAT-9).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from relay.protocol.envelope import encode_json
from relay.protocol.errors import Code, Refused
from relay.protocol.times import format_ms
from relay.rooms.admission import ViewerState
from relay.rooms.rates import TokenBuckets
from relay.screen.clean import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relay.rooms.settings import SpectatorChatSettings


class AuthorType(StrEnum):
    """On which side of the glass an author is."""

    SPECTATOR = "spectator"
    PARTICIPANT = "participant"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Author:
    """Who says something, as everybody sees it.

    Attributes:
        id: This room's id for them.
        name: What they are called.
        state: How well the relay knows them.
        type: On which side of the glass they are.
    """

    id: str
    name: str
    state: ViewerState
    type: AuthorType = AuthorType.SPECTATOR


@dataclass(frozen=True, slots=True)
class Message:
    """What is said; `reply_to` is the id of the message it answers, or None."""

    author: Author
    text: str
    reply_to: str | None = None


_SHARE = {ViewerState.ANONYMOUS: 0.5, ViewerState.REGISTERED: 1.0, ViewerState.VERIFIED: 2.0}
"""How much of the room's rate each state gets (AUTH-3, AUTH-6)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast somebody may write."""

    per_minute: int
    burst: int


def pace(settings: SpectatorChatSettings, state: ViewerState) -> Pace:
    """Return a viewer's pace in a room."""
    share = _SHARE[state]
    rate = settings.rateLimit
    return Pace(max(1, int(rate.messagesPerMinute * share)), max(1, int(rate.burstLimit * share)))


def may_write(settings: SpectatorChatSettings, room_state: str, state: ViewerState) -> Refused | None:
    """Judge whether somebody may write at all."""
    if not settings.enabled or room_state == "completed":
        return Refused(Code.CHAT_DISABLED)
    if not settings.moderation.allowAnonymous and state is ViewerState.ANONYMOUS:
        return Refused(Code.REGISTRATION_REQUIRED)
    return None


def read_message(data: Mapping[str, Any], settings: SpectatorChatSettings) -> str | Refused:
    """Return the text of a message, redacted and safe, or why it is refused. Length counts characters."""
    text = data.get("message")
    if not isinstance(text, str):
        return Refused(Code.INVALID_MESSAGE, "message: must be text.")
    text = text.strip()
    limit = settings.moderation.maxMessageLength
    if len(text) > limit:
        return Refused(
            Code.MESSAGE_TOO_LARGE,
            f"The message has {len(text)} characters; this room takes {limit}. Shorten it.",
        )
    text = clean(text, limit, multiline=True).strip()
    if not text:
        return Refused(Code.INVALID_MESSAGE, "message: must not be empty.")
    return text


class Rates:
    """Who wrote how much. The count follows person and address: reconnecting does not refill it (MOD-4)."""

    def __init__(self, per_minute: int, burst: int) -> None:
        """Set the relay's own ceiling for one address; 0 means none."""
        self._ceiling = Pace(per_minute, burst)
        self._people = TokenBuckets()
        self._addresses = TokenBuckets()

    def take(self, person: str, address: str, allowed: Pace, now_s: float) -> Refused | None:
        """Count a message, or say how long to wait."""
        wait_ms = self._people.take(person, now_s, per_minute=allowed.per_minute, burst=allowed.burst)
        if not wait_ms:
            ceiling = self._ceiling
            wait_ms = self._addresses.take(
                address, now_s, per_minute=ceiling.per_minute, burst=ceiling.burst or ceiling.per_minute
            )
            if wait_ms:
                self._people.give_back(person)
        if not wait_ms:
            return None
        seconds = -(-wait_ms // 1000)
        return Refused(
            Code.RATE_LIMITED, f"You write faster than this room takes. Wait {seconds} s.", wait_ms
        )


def encode_message(room_id: str, message: Message, now_ms: int) -> bytes:
    """Return the `data` of a `spectator.chat_message`, without `message_id`: that is its position."""
    author = message.author
    return encode_json(
        {
            "room_id": room_id,
            "spectator_id": author.id,
            "display_name": author.name,
            "author_type": author.type.value,
            "author_state": author.state.value,
            "message": message.text,
            "timestamp": format_ms(now_ms),
            "reply_to": message.reply_to,
        }
    )
