"""The spectators' chat as one viewer sees it: what was said, what holds, and what became of what they wrote.

Frozen, a part of the view state. What moves it is `chat`; whether one may write now is `standing`.
Spec: Spectator Chat System.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from relay.protocol import messages

NOBODY: Mapping[str, str] = MappingProxyType({})


class Fate(StrEnum):
    """What became of a message; all but one's own are shown."""

    SHOWN = "shown"
    SENDING = "sending"
    HELD = "held"
    UNSURE = "unsure"
    """The line broke before the relay said anything of it."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A message of the spectator chat.

    Attributes:
        message_id: The relay's; of one's own that is not shown yet, one that no relay gives.
        fate: Whether everybody has it.
        heard: It was said while this viewer was here, and is no history that a welcome brought.
    """

    message_id: str
    spectator_id: str
    name: str
    text: str
    at_ms: int
    author_type: str = "spectator"
    author_state: str = "anonymous"
    reply_to: str = ""
    fate: Fate = Fate.SHOWN
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the whole chat of a room (`room_info.chat`).

    Attributes:
        slow_s: Seconds between two messages of one author; 0: no slow mode.
        locked: Nobody writes for now.
        approval: Every message waits for a moderator.
        anonymous: Viewers without a token may write.
        watch_s: Seconds one has to have watched before one writes.
        shielded: The shield is up: everything is held, and newcomers read only.
    """

    slow_s: int = 0
    locked: bool = False
    approval: bool = False
    anonymous: bool = True
    watch_s: int = 0
    shielded: bool = False


@dataclass(frozen=True, slots=True)
class Mute:
    """This viewer may watch and not write; `until_ms` is by their own clock, None: until it is lifted."""

    until_ms: int | None = None
    reason: str = ""


class Ask(StrEnum):
    """What a viewer asks of the relay in the chat."""

    CHAT = "chat"
    NAME = "name"
    REPORT = "report"
    ACT = "act"


MESSAGE_OF: Mapping[Ask, str] = {
    Ask.CHAT: messages.CHAT,
    Ask.NAME: messages.CONNECT,
    Ask.REPORT: messages.REPORT,
    Ask.ACT: messages.MODERATE,
}
"""The type of the message that asks it."""


@dataclass(frozen=True, slots=True)
class Request:
    """Something to ask of the relay.

    Attributes:
        data: Of the message, as it goes out.
        line: What was typed, to be given back if it is refused; empty when a key asked.
        answering: The id of the message that was being answered while it was typed; empty for none.
    """

    kind: Ask
    data: Mapping[str, Any]
    line: str = ""
    answering: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request without its answer yet; the answer names `ref`."""

    ref: str
    request: Request


@dataclass(frozen=True, slots=True)
class Refusal:
    """The last request that was not granted.

    Attributes:
        reason: A sentence.
        request: What was asked; None if nobody here knows.
        until_ms: From when on it would be granted, so that the sentence is no longer true; 0: it stays true.
        others: Others of this viewer's were under way, so that it has to be said which one it is about.
    """

    reason: str
    request: Request | None = None
    until_ms: int = 0
    others: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """What the relay or a moderator tells this viewer alone; `grave` when it is a warning."""

    text: str
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """The chat.

    Attributes:
        messages: The latest, oldest first, bounded; one's own that are under way stand where they were sent.
        rules: What holds for everybody.
        mute: Why this viewer may not write, if they are muted.
        read_only: This viewer came while the shield was up.
        max_length: Characters of the longest message the room takes.
        removed: Ids of messages that were taken away lately: what answers them says so.
        ignored: Whom this viewer does not want to read: author ids to the names they had. Local.
        asked: Requests without an answer, oldest first.
        refusal: The last request that was not granted, until something else is.
        word: What was told to this viewer alone last.
        said_ms: When this viewer last said something that was taken; 0: never.
        wait_until_ms: Before that the relay takes no message of this viewer's; 0: it does.
        undoable: The log entry of this viewer's last act that can be taken back; empty for none.
    """

    messages: tuple[ChatMessage, ...] = ()
    rules: Rules = Rules()
    mute: Mute | None = None
    read_only: bool = False
    max_length: int = 500
    removed: tuple[str, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=lambda: NOBODY)
    asked: tuple[Asked, ...] = ()
    refusal: Refusal | None = None
    word: Word | None = None
    said_ms: int = 0
    wait_until_ms: int = 0
    undoable: str = ""

    @property
    def held(self) -> int:
        """How many of one's own wait for a moderator."""
        return sum(message.fate is Fate.HELD for message in self.messages)

    def find(self, message_id: str) -> ChatMessage | None:
        """Return a message that everybody has, by its id."""
        return next((said for said in self.messages if said.message_id == message_id), None)


SILENCE = Talk()
"""Before the relay said anything of it."""
