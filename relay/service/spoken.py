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

    def tell(self, kind: str, **fields: Any) -> None:
        """Send a notice of a kind."""

    def reconsider(self) -> None:
        """Check again what it may do, and whether it may stay."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as it comes in.

    Attributes:
        data: The `data` of the envelope, not looked at yet.
        ref: The id its author sent it under.
        address: What its rate is counted by, besides the author.
        subscriber: The author's stream, which alone gets the copy that says `ref`.
        known_since_ms: Since when the room has known the author.
        neighbours: Connections that are open from the address, this one among them.
        silenced: Why this author alone may not write now.
    """

    data: Mapping[str, Any]
    ref: str
    address: str
    subscriber: Subscriber
    known_since_ms: int = 0
    neighbours: int = 1
    silenced: Refused | None = None


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
