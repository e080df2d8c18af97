"""One event of ClawTank's own, and careful reads of it: a part that is not what it should be is not there.

Names come from three places, in this order: the event, the room's table under an id that the event has, and a
word for somebody unknown. Of people and agents only the display name is ever read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relay.sources.names import Kind, Names

Fields = dict[str, Any]

SOMEONE = "someone"
"""Who did it, when the event does not say and nobody joined under this id."""
SOME_AGENT = "agent"

_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event to map.

    Attributes:
        type: Its own type.
        data: Its `data`, untrusted.
        participant: The room log's `participant_id`, or empty.
        names: The room's table of display names.
    """

    type: str
    data: Mapping[str, Any]
    participant: str
    names: Names


def part_of(data: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return a nested object, or an empty one."""
    for name in path:
        inner = data.get(name)
        if not isinstance(inner, Mapping):
            return _NOTHING
        data = inner
    return data


def display_name(value: Any) -> str:
    """Return a display name: of an object only its `display_name`, never its name, handle or address."""
    if isinstance(value, Mapping):
        value = value.get("display_name")
    return value if isinstance(value, str) else ""


def first_text(data: Mapping[str, Any], *fields: str) -> str:
    """Return the first of these fields that is a text with something in it."""
    for field in fields:
        value = data.get(field)
        if isinstance(value, str) and value:
            return value
    return ""


def known_name(event: Incoming, kind: Kind, id: str) -> str:
    """Return what the room's table knows under an id; empty for nothing, and for no id."""
    return (event.names.name_of(kind, id) or "") if id else ""


def learn(event: Incoming, kind: Kind, id: str, name: str) -> None:
    """Tell the room's table a name, if there are an id and a name."""
    if id and name:
        event.names.learn(kind, id, name)


def named_agent_id(event: Incoming) -> str:
    """Return the id of the agent an event is about, if it says so itself."""
    agent = part_of(event.data, "agent")
    return first_text(event.data, "agent_id") or first_text(agent, "agent_id", "id")


def agent_id_of(event: Incoming) -> str:
    """Return the id of the agent an event is about, or of whoever it is from."""
    return named_agent_id(event) or event.participant


def named_agent(event: Incoming) -> str:
    """Return the display name of the agent an event is about, if it says so itself."""
    return display_name(event.data.get("agent")) or first_text(event.data, "agent_name")


def agent_of(event: Incoming) -> str:
    """Return the agent an event is about by name, `SOME_AGENT` if nobody knows it."""
    return named_agent(event) or known_name(event, "agent", agent_id_of(event)) or SOME_AGENT


def owner_of(event: Incoming) -> str:
    """Return whose agent it is; empty if nobody knows."""
    data = event.data
    return (
        display_name(part_of(data, "agent").get("owner"))
        or display_name(data.get("owner"))
        or first_text(data, "agent_owner")
        or known_name(event, "owner", agent_id_of(event))
    )


def person_of(event: Incoming, *roles: str) -> str:
    """Return who did it: the first of these parts with a display name, or the participant by its id."""
    for role in roles:
        if name := display_name(event.data.get(role)):
            return name
    by_id = known_name(event, "member", event.participant) or known_name(event, "agent", event.participant)
    return by_id or SOMEONE


def given(**fields: Any) -> Fields:
    """Return the fields that have something in them."""
    return {name: value for name, value in fields.items() if value not in ("", None)}
