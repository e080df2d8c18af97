"""ClawTank session-replay files, mapped to what spectators may see: pure.

One JSON object: `meta`, and `events` of `{t, type, from?, text?, data?}`, where `t` counts seconds from the
start. Most types are the wire format's and map like it; the few that are this file's own are mapped here. An
event of any other type is hidden.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relay.protocol.envelope import BadMessage, decode_object
from relay.protocol.events import AGENT_STATUSES
from relay.sources.clawtank import MAPPERS, SOME_AGENT, SOMEONE, Incoming
from relay.sources.visibility import is_withheld

if TYPE_CHECKING:
    from relay.sources.names import Kind

MAX_BYTES = 32 * 1024 * 1024
"""Size of a file that may be one."""
_LONGEST_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Moment:
    """One visible event of a session.

    Attributes:
        at_s: Seconds from the start of the session; never less than the moment's before.
        event: In the flat shape, without a time.
    """

    at_s: float
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recording:
    """What a session-replay file shows, in order.

    Attributes:
        moments: The visible events.
        hidden: How many others there are.
    """

    moments: tuple[Moment, ...]
    hidden: int


def may_be_recording(head: bytes) -> bool:
    """Say by its first bytes whether a file may be a session-replay file; JSON Lines of events never are."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"{") and (b'"meta"' in start or b'"events"' in start)


def read_recording(content: bytes) -> Recording | None:
    """Read a file; None if it is something else, such as JSON Lines."""
    try:
        document = decode_object(content.removeprefix(b"\xef\xbb\xbf"))
    except BadMessage:
        return None
    events = document.get("events")
    if not isinstance(events, list) or not isinstance(document.get("meta"), dict):
        return None
    names = _FileNames()
    moments: list[Moment] = []
    at_s = 0.0
    for item in events:
        if not isinstance(item, Mapping):
            continue
        at_s = max(at_s, _seconds(item.get("t")))
        if event := _map(item, names):
            moments.append(Moment(at_s, event))
    return Recording(tuple(moments), len(events) - len(moments))


class _FileNames:
    """The names that one file teaches."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}

    def learn(self, kind: Kind, id: str, name: str, /) -> None:
        self._names[kind, id] = name

    def name_of(self, kind: Kind, id: str, /) -> str | None:
        return self._names.get((kind, id))


def _map(item: Mapping[str, Any], names: _FileNames) -> dict[str, Any] | None:
    kind, data = item.get("type"), item.get("data")
    if not isinstance(kind, str) or is_withheld(item):
        return None
    details = data if isinstance(data, Mapping) else {}
    match kind:
        case "human.message" | "agent.message":
            return _message(item, "agent" if kind == "agent.message" else "human", names)
        case "agent.joined":
            return _joined(details, names)
        case "agent.status":
            return _status(details, names)
        case "git.merge":
            return _merge(details, names)
        case "task.created":
            details = {"creator": item.get("from"), **details}
        case _:
            pass
    mapper = MAPPERS.get(kind)
    return mapper(Incoming(kind, details, "", names)) if mapper else None


def _message(item: Mapping[str, Any], author_type: str, names: _FileNames) -> dict[str, Any] | None:
    who, said = _text(item, "from"), _text(item, "text")
    if not said:
        return None
    unnamed = SOME_AGENT if author_type == "agent" else SOMEONE
    author = (names.name_of("agent", who) if author_type == "agent" else None) or who or unnamed
    return {"type": "chat.public", "author": author, "author_type": author_type, "content": said}


def _joined(data: Mapping[str, Any], names: _FileNames) -> dict[str, Any] | None:
    name, owner, agent_id = _text(data, "name"), _text(data, "owner"), _text(data, "agent_id")
    if not name:
        return None
    if agent_id:
        names.learn("agent", agent_id, name)
        names.learn("owner", agent_id, owner)
    return {"type": "agent.joined", "agent_name": name, **({"agent_owner": owner} if owner else {})}


def _status(data: Mapping[str, Any], names: _FileNames) -> dict[str, Any] | None:
    """Map a status as the wire's task status: its words are those, or one of the seven; others are hidden."""
    event = MAPPERS["task.status"](Incoming("task.status", data, "", names))
    known = event is not None and event.get("status") in AGENT_STATUSES
    return event if known or (event and event["type"] == "task.completed") else None


def _merge(data: Mapping[str, Any], names: _FileNames) -> dict[str, Any] | None:
    """Map a merge as what it is: a commit of two parents on the branch it went to."""
    sha, source, target = (_text(data, name) for name in ("merge_commit", "from_branch", "to_branch"))
    if not sha or not target:
        return None
    author = names.name_of("agent", _text(data, "agent_id")) or SOMEONE
    message = f"Merge {source} into {target}" if source else f"Merge into {target}"
    return {"type": "git.commit", "sha": sha, "message": message, "branch": target, "author": author}


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) and value.strip() else ""


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0.0
    return min(max(float(value), 0.0), _LONGEST_S)
