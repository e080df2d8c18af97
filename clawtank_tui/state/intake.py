"""The entrance of everything a relay sent: wrong types are dropped, text is made safe, numbers bounded.

Nothing behind this module looks at raw JSON. A relay may be old, new, broken or hostile; what it sends
can leave a field out of the screen and nothing worse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from clawtank_tui.state.model import Presence, Row, RowKind
from clawtank_tui.state.talk import ChatMessage
from relay.protocol.cursor import parse_cursor
from relay.protocol.text import safe_text
from relay.protocol.times import parse_instant

NAME = 100
TITLE = 200
WORD = 40
COMMIT = 2000
CHAT = 4000
_MAX_FILES = 20
_MAX_NUMBER = 10**15


def obj(value: object) -> Mapping[str, Any]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object, limit: int) -> list[Any]:
    """Return the last `limit` entries of a JSON array, or none for anything else."""
    return value[-limit:] if isinstance(value, list) else []


def text(value: object, limit: int, *, multiline: bool = False) -> str:
    """Return a text made safe and cut; empty for anything else."""
    return safe_text(value, limit, multiline=multiline).strip() if isinstance(value, str) else ""


def key(value: object) -> str:
    """Return an id: only compared and sent back, never shown as it came."""
    return safe_text(value, NAME) if isinstance(value, str) else ""


def number(value: object, highest: int = _MAX_NUMBER) -> int | None:
    """Return a count between 0 and `highest`; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return int(value) if 0 <= value <= highest else None


def rate(value: object) -> float:
    """Return a rate of at least 0; 0 for anything else."""
    whole = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MAX_NUMBER
    return float(value) if whole else 0.0  # type: ignore[arg-type]  # `whole` says it is a number


def instant(value: object, otherwise_ms: int) -> int:
    """Return an ISO instant in milliseconds, or the given one."""
    read = parse_instant(value) if isinstance(value, str) else None
    return otherwise_ms if read is None else read


def seq_of(cursor: object) -> int | None:
    """Return a cursor's `seq`; None if it is no cursor."""
    read = parse_cursor(cursor) if isinstance(cursor, str) else None
    return None if read is None else read.seq


def words(value: object, limit: int = 64) -> frozenset[str]:
    """Return the short names in an array."""
    return frozenset(word for word in (text(item, WORD) for item in items(value, limit)) if word)


def _files(value: object) -> tuple[str, ...] | int | None:
    if isinstance(value, list):
        return tuple(name for name in (text(item, TITLE) for item in value[:_MAX_FILES]) if name)
    return number(value)


def _line(limit: int) -> Callable[[object], str]:
    return lambda value: text(value, limit)


def _many_lines(value: object) -> str:
    return text(value, CHAT, multiline=True)


def _percent(value: object) -> int | None:
    return number(value, 100)


_name, _title, _word = _line(NAME), _line(TITLE), _line(WORD)
_Reader = Callable[[object], Any]
_AGENT: dict[str, _Reader] = {"agent_name": _name, "agent_owner": _name}
_TASK: dict[str, _Reader] = {"task_id": key, "title": _title}
_PULL: dict[str, _Reader] = {"number": number, "title": _title, "author": _name}
_MEMBER: dict[str, _Reader] = {"name": _name, "role": _word}

EVENT_FIELDS: dict[str, dict[str, _Reader]] = {
    "chat.public": {"author": _name, "author_type": _word, "content": _many_lines, "reply_to": key},
    "task.created": {**_TASK, "creator": _name, "priority": _word},
    "task.completed": {**_TASK, "agent_name": _name},
    "agent.claimed_task": {**_AGENT, **_TASK},
    "agent.status_change": {"agent_name": _name, "status": _word, "task_id": key, "progress": _percent},
    "agent.joined": _AGENT,
    "agent.left": _AGENT,
    "git.commit": {
        "sha": _word,
        "message": _line(COMMIT),
        "branch": _title,
        "author": _name,
        "files_changed": _files,
        "additions": number,
        "deletions": number,
        "task_id": key,
    },
    "git.pr_opened": _PULL,
    "git.pr_merged": _PULL,
    "member.joined": _MEMBER,
    "member.left": _MEMBER,
    "milestone.reached": {"title": _title},
}
"""The fields of each visible type, each with what reads it. What is not here is not kept."""


def event_row(event: object, now_ms: int) -> tuple[int, Row] | None:
    """Read one event of an activity frame.

    Returns:
        Its `seq` and its row; None for a type this client does not know, or an event without a place.
    """
    raw = obj(event)
    kind, seq = raw.get("type"), raw.get("seq")
    readers = EVENT_FIELDS.get(kind) if isinstance(kind, str) else None
    if readers is None or not isinstance(kind, str) or not isinstance(seq, int) or isinstance(seq, bool):
        return None
    fields = {}
    for name, read in readers.items():
        value = read(raw.get(name))
        if value not in (None, "", ()):
            fields[name] = value
    at_ms = instant(raw.get("timestamp"), now_ms)
    return seq, Row(at_ms, RowKind.EVENT, kind, key(raw.get("event_id")), MappingProxyType(fields))


def chat_message(value: object, now_ms: int) -> ChatMessage | None:
    """Read a message of the spectator chat; None without an id or a text."""
    raw = obj(value)
    message_id, said = key(raw.get("message_id")), text(raw.get("message"), CHAT, multiline=True)
    if not message_id or not said:
        return None
    return ChatMessage(
        message_id,
        key(raw.get("spectator_id")),
        text(raw.get("display_name"), NAME) or "Anonymous Viewer",
        said,
        instant(raw.get("timestamp"), now_ms),
        text(raw.get("author_type"), WORD) or "spectator",
        text(raw.get("author_state"), WORD) or "anonymous",
        key(raw.get("reply_to")),
    )


def presence(value: object) -> Presence:
    """Read how many watch; what is missing counts as 0."""
    raw = obj(value)
    total = number(raw.get("total_spectators")) or 0
    return Presence(
        total,
        number(raw.get("anonymous_count")) or 0,
        number(raw.get("registered_count")) or 0,
        max(number(raw.get("recent_peak")) or 0, total),
        rate(raw.get("join_rate")),
    )
