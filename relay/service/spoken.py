"""A chat message on its way: how it comes in, what becomes of it, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from relay.delivery.stream import Subscriber
    from relay.protocol.errors import Refused


class Connection(Protocol):
    """A connection that messages come from, as the chat sees it.

    Attributes:
        author_id: This room's id for whoever holds it.
    """

    author_id: str

    def is_of(self, subscriber: object) -> bool:
        """Say whether it is the one with this subscriber."""

    def refuse(self, refused: Refused, ref: str) -> None:
        """Tell what became of a message that was held."""


class Moderator(Protocol):
    """Somebody who is told at once what is held and what is decided."""

    def held(self, message: Mapping[str, Any]) -> None:
        """Take note of a message that waits."""

    def decided(self, decision: Mapping[str, Any]) -> None:
        """Take note that one waits no longer."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as it comes in.

    Attributes:
        data: The `data` of the envelope, not looked at yet.
        ref: The id its author sent it under.
        address: What its rate is counted by, besides the author.
        subscriber: The author's stream, which alone gets the copy that says `ref`.
    """

    data: Mapping[str, Any]
    ref: str
    address: str
    subscriber: Subscriber


@dataclass(frozen=True, slots=True)
class Shown:
    """The message has, or will have, its place in the sequence: the author's own copy says so."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The message is held.

    Attributes:
        reason: A sentence for its author.
        again: It was held already.
    """

    reason: str
    again: bool = False
