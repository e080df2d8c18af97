"""What a viewer writes down of what it was sent: enough to judge, nothing more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chaos.events import Mark, mark_of, milliseconds

CHAT = "spectator.chat_message"
NOTICE = "spectator.notice"
EVENTS = ("spectator.activity", "spectator.batch")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a viewer asked to get.

    Attributes:
        types: Event types.
        low: Whether statuses may be thinned out.
    """

    types: frozenset[str]
    low: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """Something that has a place in the room's sequence: an event, a chat message, a change of settings."""

    seq: int
    type: str
    mark: Mark | None = None
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Welcomed:
    """A connection began.

    Attributes:
        asked: The cursor it asked to go on from; empty for none.
        recovered: What the relay said of that.
        cursor: Where the relay said it goes on.
        wish: What it asked for with the connection.
        sent_ms: The relay's clock.
        at_ms: When it was read.
    """

    asked: str
    recovered: bool
    cursor: str
    wish: Wish
    sent_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A frame with a place in the order; a keepalive has no items."""

    after: str
    cursor: str
    sent_ms: int
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A `spectator.subscribe` went out."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class Chosen:
    """It was answered."""

    wish: Wish
    at_ms: int


Entry = Welcomed | Sent | Asked | Chosen


def position(cursor: str) -> tuple[str, int]:
    """Return the log's lifetime and the place in it that a cursor names."""
    epoch, _, seq = cursor.rpartition("-")
    return epoch, int(seq)


def read_sent(envelope: Mapping[str, Any]) -> Sent | None:
    """Return what an envelope says of the order; None if it says nothing."""
    data, kind = envelope["data"], envelope["type"]
    if "after" not in data:
        return None
    items: tuple[Item, ...] = ()
    if kind in EVENTS:
        items = tuple(map(read_event, data["events"]))
    elif kind in (CHAT, NOTICE):
        items = (Item(position(data["cursor"])[1], kind),)
    return Sent(data["after"], data["cursor"], milliseconds(envelope["timestamp"]), items)


def read_event(event: Mapping[str, Any]) -> Item:
    """Return an event's place, and what it is recognised by."""
    return Item(event["seq"], event["type"], mark_of(event), event.get("agent_name", ""))


class Garbled(Exception):
    """A message is no envelope: it was framed or inflated wrong, or made wrong."""


def decode(text: str) -> dict[str, Any]:
    """Return an envelope.

    Raises:
        Garbled: If the text is none.
    """
    try:
        envelope = json.loads(text)
    except ValueError:
        envelope = None
    if not isinstance(envelope, dict) or not {"id", "type", "timestamp", "data"} <= envelope.keys():
        raise Garbled(f"no envelope: {text[:60]!r}")
    return envelope
