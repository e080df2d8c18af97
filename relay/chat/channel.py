"""Judge a spectator's message before it gets a place in the sequence.

Spec: Spectator Chat System. What a viewer claims about itself (name, id, time) is ignored: all of it is the
relay's (CHAT-9).
"""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from relay.protocol.envelope import encode_json
from relay.protocol.errors import Code, Refused
from relay.protocol.times import format_ms
from relay.rooms.admission import ViewerState
from relay.rooms.rates import MAX_KEYS, TokenBuckets
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
_EMPTY = "message: must not be empty."


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


def closed(settings: SpectatorChatSettings, room_state: str) -> Refused | None:
    """Judge whether there is a chat at all."""
    if not settings.enabled or room_state == "completed":
        return Refused(Code.CHAT_DISABLED)
    return None


def may_write(settings: SpectatorChatSettings, room_state: str, state: ViewerState) -> Refused | None:
    """Judge whether viewers of a state may write."""
    refused = closed(settings, room_state)
    if refused is not None:
        return refused
    if settings.moderation.locked:
        return Refused(Code.CHAT_DISABLED, "A moderator has locked the chat for now. You can go on watching.")
    if not settings.moderation.allowAnonymous and state is ViewerState.ANONYMOUS:
        return Refused(Code.REGISTRATION_REQUIRED)
    return None


def check_message(data: Mapping[str, Any], settings: SpectatorChatSettings) -> str | Refused:
    """Return the text of a message as it came, or why it is refused. Length counts characters."""
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
    return text or Refused(Code.INVALID_MESSAGE, _EMPTY)


def read_message(data: Mapping[str, Any], settings: SpectatorChatSettings) -> str | Refused:
    """Return the text of a message, redacted and safe, or why it is refused."""
    text = check_message(data, settings)
    if isinstance(text, Refused):
        return text
    cleaned = clean(text, settings.moderation.maxMessageLength, multiline=True).strip()
    return cleaned or Refused(Code.INVALID_MESSAGE, _EMPTY)


@dataclass(frozen=True, slots=True)
class Writer:
    """Whose messages are counted together.

    Attributes:
        id: This room's id for them.
        address: Where they write from; never kept.
        anonymous: Nobody knows them: a new connection may be an old acquaintance.
        neighbours: Connections that are open from there, theirs among them.
    """

    id: str
    address: str
    anonymous: bool
    neighbours: int = 1


class Rates:
    """Who wrote how much. The count follows person and address: reconnecting does not refill it (MOD-4).

    Of anonymous viewers, who are somebody new whenever they come, an address may write as much as those can
    who are connected from there.
    """

    def __init__(self, per_minute: int, burst: int) -> None:
        """Set the relay's own ceiling for one address; 0 means none."""
        self._ceiling = Pace(per_minute, burst or per_minute)
        self._people = TokenBuckets()
        self._strangers = TokenBuckets()
        self._addresses = TokenBuckets()

    def take(self, room_id: str, writer: Writer, allowed: Pace, now_s: float) -> Refused | None:
        """Count a message, or say how long to wait."""
        counts = [(self._people, writer.id, allowed), (self._addresses, writer.address, self._ceiling)]
        if writer.anonymous:
            many = max(1, writer.neighbours)
            shared = Pace(allowed.per_minute * many, allowed.burst * many)
            counts.append((self._strangers, f"{room_id} {writer.address}", shared))
        taken: list[tuple[TokenBuckets, str]] = []
        for buckets, key, pace in counts:
            wait_ms = buckets.take(key, now_s, per_minute=pace.per_minute, burst=pace.burst)
            if wait_ms:
                for earlier, its_key in taken:
                    earlier.give_back(its_key)
                why = f"You write faster than this room takes. Wait {_seconds(wait_ms)} s."
                return Refused(Code.RATE_LIMITED, why, wait_ms)
            taken.append((buckets, key))
        return None


class SlowMode:
    """When whom was heard last, for rooms in slow mode; of anonymous viewers also from where."""

    def __init__(self) -> None:
        """Start with nobody heard."""
        self._heard: OrderedDict[str, float] = OrderedDict()

    def wait(self, room_id: str, writer: Writer, slow_s: int, now_s: float) -> Refused | None:
        """Say how long somebody has to wait; None if they need not."""
        latest = max(self._heard.get(key, -math.inf) for key in self._keys(room_id, writer))
        wait_ms = math.ceil((latest + slow_s - now_s) * 1000) if slow_s and latest > -math.inf else 0
        if wait_ms <= 0:
            return None
        why = f"Slow mode: one message in {slow_s} s here. Wait {_seconds(wait_ms)} s."
        return Refused(Code.RATE_LIMITED, why, wait_ms)

    def heard(self, room_id: str, writer: Writer, now_s: float) -> None:
        """Note that somebody was heard."""
        for key in self._keys(room_id, writer):
            self._heard[key] = now_s
            self._heard.move_to_end(key)
        while len(self._heard) > MAX_KEYS:
            self._heard.popitem(last=False)

    @staticmethod
    def _keys(room_id: str, writer: Writer) -> list[str]:
        # Neighbours do not wait for each other as long as each of them is connected.
        alone = writer.anonymous and writer.neighbours <= 1
        return [f"{room_id} {writer.id}", *([f"{room_id} {writer.address}"] if alone else [])]


def watch_first(known_since_ms: int, watch_s: int, now_ms: int) -> Refused | None:
    """Say how long somebody has to watch before they may write; None if they have watched long enough."""
    wait_ms = known_since_ms + watch_s * 1000 - now_ms if watch_s else 0
    if wait_ms <= 0:
        return None
    why = (
        f"This room lets you write once you have watched for {_minutes(watch_s)}. Wait {_seconds(wait_ms)} s."
    )
    return Refused(Code.RATE_LIMITED, why, wait_ms)


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


def encode_removal(room_id: str, reason: str, *, message_id: str = "", spectator_id: str = "") -> bytes:
    """Return the `data` of a `spectator.chat_removed`: of one message, or of all of an author's before it."""
    named = {"message_id": message_id} if message_id else {"spectator_id": spectator_id}
    return encode_json({"room_id": room_id, **named, "reason": reason})


def decode_message(body: bytes) -> Message:
    """Return what `encode_message` encoded."""
    said = json.loads(body)
    author = Author(
        said["spectator_id"],
        said["display_name"],
        ViewerState(said["author_state"]),
        AuthorType(said["author_type"]),
    )
    return Message(author, said["message"], said["reply_to"])


def _seconds(wait_ms: int) -> int:
    return -(-wait_ms // 1000)


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds >= 120 else f"{seconds} s"
