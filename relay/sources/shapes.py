"""The three shapes an event may arrive in, told apart and brought into the spectator's flat one.

1. The spec's own: `{type, timestamp?, id?, …fields}`, as in its "Filtered Event Examples".
2. A ClawTank wire-format envelope: `{id, type, timestamp, data, metadata?}`.
3. A room-log event: `{id, type, room_id, participant_id, timestamp, data}`.

The result is still untrusted: it holds only fields the mapper chose, but it is the screen that checks,
cleans and builds. What is no spectator's business ends here as `Hidden`; so does every type nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relay.protocol.events import EVENT_TYPES, ROOM_STATES
from relay.protocol.times import parse_instant
from relay.screen.models import FIELDS_OF
from relay.screen.screen import Hidden, Rejected, digest
from relay.sources.clawtank import MAPPERS, Incoming
from relay.sources.names import Names
from relay.sources.visibility import is_withheld

__all__ = ["Hidden", "Mapped", "Names", "Rejected", "Result", "SpectatorSaid", "StateChange", "to_room_event"]

SPECTATOR_MESSAGE = "chat.spectator_message"
_PASSED = ("approved", "allowed", "passed", "clean", "visible", "published")
"""What a room server calls a message that its own moderation lets through."""
_PUBLISHED_STATES = tuple(state for state in ROOM_STATES if state != "closed")
"""Closing a room is its host's to do, not a publisher's to report."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """An event in the flat shape, for the screen."""

    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StateChange:
    """The room moved on: created, lobby, active, paused or completed. Not an event of the feed.

    Attributes:
        state: Where it is now.
        publisher_id: A digest of the event's own `id`, as an event of the feed has: a repeat must not take
            the room back to where it has been.
    """

    state: str
    publisher_id: str | None = None


@dataclass(frozen=True, slots=True)
class SpectatorSaid:
    """A message of the spectators' own channel, as a room server has it. Not an event of the feed.

    Attributes:
        author_id: A digest of the room server's id of its author; None without one.
        name: What its author is called; may be empty.
        text: What it says.
        publisher_id: A digest of the message's own `id`; None without one.
        at_ms: When it was said, milliseconds since the Unix epoch; None for now.
    """

    author_id: str | None
    name: str
    text: str
    publisher_id: str | None
    at_ms: int | None


# What is refused or hidden by its shape is no different from what the screen refuses or hides.
Result = Mapped | SpectatorSaid | StateChange | Hidden | Rejected


def to_room_event(item: Any, names: Names) -> Result:
    """Recognise the shape of one published item and map it.

    Args:
        item: One decoded item of a body or file; anything at all.
        names: The room's table of display names: joins fill it, later events are named from it.
    """
    if not isinstance(item, Mapping):
        return Rejected("it is not a JSON object")
    kind = item.get("type")
    if not isinstance(kind, str) or not kind:
        return Rejected("type: must be text" if "type" in item else "type: is missing")
    if is_withheld(item):
        return Hidden()
    data = item.get("data")
    if kind == "room.state_changed":
        return _state_change(item, data if isinstance(data, Mapping) else item)
    if kind == SPECTATOR_MESSAGE:
        return _spectator_message(item, data if isinstance(data, Mapping) else item)
    if not isinstance(data, Mapping) or _is_flat(kind, item):
        return Mapped(item) if kind in EVENT_TYPES else Hidden()
    participant = item.get("participant_id")
    incoming = Incoming(kind, data, participant if isinstance(participant, str) else "", names)
    fields = MAPPERS.get(kind, _spectator_fields)(incoming)
    if fields is None:
        return Hidden()
    return Mapped({**fields, "id": item.get("id"), "timestamp": item.get("timestamp")})


def _spectator_fields(event: Incoming) -> Mapping[str, Any] | None:
    """Take the spectator's own type out of an envelope; None for every type that has no mapper."""
    if event.type not in EVENT_TYPES:
        return None
    named = FIELDS_OF[event.type]
    return {"type": event.type, **{name: event.data[name] for name in named if name in event.data}}


def _is_flat(kind: str, item: Mapping[str, Any]) -> bool:
    """Say whether an event carries its type's own fields itself: a `data` beside them is a stray field."""
    return any(name in item for name in FIELDS_OF.get(kind, ()))


def _spectator_message(item: Mapping[str, Any], data: Mapping[str, Any]) -> SpectatorSaid | Hidden | Rejected:
    """Take author and text out of a spectator's message, and of its moderation only whether it passed."""
    judged = data.get("moderation")
    judged = judged.get("status") if isinstance(judged, Mapping) else judged
    if judged is not None and judged not in _PASSED:
        return Hidden()
    publisher_id = item.get("id")
    if publisher_id is not None and (not isinstance(publisher_id, str) or not publisher_id):
        return Rejected(f"{SPECTATOR_MESSAGE}: id must be text that is not empty")
    who = next((data[role] for role in ("spectator", "author", "user") if role in data), data)
    who = who if isinstance(who, Mapping) else {}
    text = data.get("message", data.get("content", data.get("text")))
    if isinstance(text, Mapping):
        text = text.get("text")
    if not isinstance(text, str):
        return Rejected(f"{SPECTATOR_MESSAGE}: message must be text")
    timestamp = item.get("timestamp")
    at_ms = parse_instant(timestamp) if isinstance(timestamp, str) else None
    if timestamp is not None and (at_ms is None or at_ms < 0):
        return Rejected(f"{SPECTATOR_MESSAGE}: timestamp must be a time from 1970 on, as ISO 8601 text")
    author_id = next((who[key] for key in ("spectator_id", "id", "user_id") if key in who), "")
    given = (author_id or data.get("spectator_id"), who.get("display_name"))
    author_id, name = (value if isinstance(value, str) else "" for value in given)
    keys = [digest(id) if id else None for id in (author_id, publisher_id)]
    return SpectatorSaid(keys[0], name, text, keys[1], at_ms)


def _state_change(item: Mapping[str, Any], data: Mapping[str, Any]) -> StateChange | Rejected:
    publisher_id = item.get("id")
    if publisher_id is not None and (not isinstance(publisher_id, str) or not publisher_id):
        return Rejected("room.state_changed: id must be text that is not empty")
    for field in ("new_state", "to_state", "state", "to"):
        if field in data:
            state = data[field]
            if isinstance(state, str) and state in _PUBLISHED_STATES:
                return StateChange(state, digest(publisher_id) if publisher_id else None)
            return Rejected(f"room.state_changed: {field} must be one of {', '.join(_PUBLISHED_STATES)}")
    return Rejected("room.state_changed: state is missing")
