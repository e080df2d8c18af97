"""Rows as sentences: who did what, in parts that widgets colour and `--plain` joins.

A part says what it is (an actor, a number), never how it looks. People and agents can be told apart
without colour: an agent is always called one. Everything here is text that is safe already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from clawtank_tui.state.model import Row, RowKind
from relay.protocol.text import one_line


class Role(StrEnum):
    """What a part of a sentence is."""

    TIME = "time"
    ICON = "icon"
    ACTOR = "actor"
    AGENT = "agent"
    VERB = "verb"
    OBJECT = "object"
    NUMBER = "number"
    TEXT = "text"
    DIM = "dim"
    MILESTONE = "milestone"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence, spaces included."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs a terminal can show."""

    icons: Mapping[str, str]
    dot: str
    dash: str
    minus: str
    open: str
    close: str
    reply: str


UNICODE = Signs(
    {
        "chat.public": "“",
        "task.created": "＋",
        "task.completed": "✔",
        "agent.claimed_task": "◐",
        "agent.status_change": "▶",
        "agent.joined": "→",
        "agent.left": "←",
        "git.commit": "⎇",
        "git.pr_opened": "⇡",
        "git.pr_merged": "⇣",
        "member.joined": "→",
        "member.left": "←",
        "milestone.reached": "★",
        RowKind.GAP: "⋯",
        RowKind.NOTE: "·",
    },
    " · ",
    " — ",
    "−",
    "«",
    "»",
    "↳ ",
)
ASCII = Signs(
    {
        "chat.public": '"',
        "task.created": "+",
        "task.completed": "v",
        "agent.claimed_task": "@",
        "agent.status_change": ">",
        "agent.joined": ">",
        "agent.left": "<",
        "git.commit": "#",
        "git.pr_opened": "^",
        "git.pr_merged": "&",
        "member.joined": ">",
        "member.left": "<",
        "milestone.reached": "*",
        RowKind.GAP: "!",
        RowKind.NOTE: "-",
    },
    " | ",
    " - ",
    "-",
    '"',
    '"',
    "> ",
)

_STATUS = {
    "idle": "is idle",
    "thinking": "is thinking",
    "executing": "is working",
    "testing": "is testing",
    "committing": "is committing",
    "waiting_approval": "waits for approval",
    "error": "ran into an error",
}


def sentence(row: Row, signs: Signs = UNICODE) -> tuple[Span, ...]:
    """Say a row in one line: an icon, then who did what."""
    icon = Span(signs.icons.get(row.type or row.kind, " ") + " ", Role.ICON)
    if row.kind is not RowKind.EVENT:
        role = Role.GAP if row.kind is RowKind.GAP else Role.DIM
        return icon, Span(row.fields.get("text", ""), role)
    return icon, *_event(row.type, row.fields, signs)


def _event(kind: str, fields: Mapping[str, Any], signs: Signs) -> tuple[Span, ...]:
    match kind:
        case "chat.public":
            return *_author(fields), _said(one_line(fields.get("content", "")))
        case "task.created":
            tail = _joined(signs.dot, [_priority(fields)])
            return _verb("task  "), _title(fields), *tail, *_by(_person(fields.get("creator"), ""), signs)
        case "task.completed":
            done_by = (_agent(fields),) if "agent_name" in fields else ()
            return _verb("done  "), _title(fields), *_by(done_by, signs)
        case "agent.claimed_task":
            return _agent(fields), _verb(" claimed "), _quoted(fields, signs)
        case "agent.status_change":
            return _agent(fields), *_status(fields, signs)
        case "agent.joined":
            return _agent(fields), _verb(" joined")
        case "agent.left":
            return _agent(fields), _verb(" left")
        case "git.commit":
            return _commit(fields, signs)
        case "git.pr_opened" | "git.pr_merged":
            done = "opened" if kind == "git.pr_opened" else "merged"
            number = Span(f"#{fields['number']} " if "number" in fields else "", Role.NUMBER)
            by = _by(_person(fields.get("author"), ""), signs)
            return _verb(f"pull request {done}  "), number, _title(fields), *by
        case "member.joined":
            role = f" as {fields['role']}" if "role" in fields else ""
            return *_person(fields.get("name"), "someone"), _verb(f" joined{role}")
        case "member.left":
            return *_person(fields.get("name"), "someone"), _verb(" left")
        case "milestone.reached":
            return _verb("milestone  "), Span(fields.get("title", "reached"), Role.MILESTONE)
        case _:
            return (Span(kind, Role.DIM),)


def _commit(fields: Mapping[str, Any], signs: Signs) -> tuple[Span, ...]:
    changed = []
    if "additions" in fields or "deletions" in fields:
        changed.append(f"+{fields.get('additions', 0)} {signs.minus}{fields.get('deletions', 0)}")
    if (files := fields.get("files_changed")) is not None:
        count = files if isinstance(files, int) else len(files)
        changed.append(f"{count} file" + ("" if count == 1 else "s"))
    # A merge has no changes of its own, and a subject as git and the forges write it.
    merge = not changed and fields.get("message", "").startswith("Merge ")
    return (
        _verb("merge  " if merge else "commit  "),
        Span(fields.get("sha", "") + " ", Role.NUMBER),
        Span(fields.get("message", ""), Role.OBJECT),
        *_joined(signs.dot, [*changed, fields.get("branch", "")]),
        *_by(_person(fields.get("author"), ""), signs),
    )


def _status(fields: Mapping[str, Any], signs: Signs) -> tuple[Span, ...]:
    status = fields.get("status", "")
    if status == "idle" and "task_id" in fields:
        return _verb(" no longer works on "), _quoted(fields, signs)
    spans = [_verb(" " + _STATUS.get(status, f"is {status}" if status else "changed status"))]
    if "task_id" in fields:
        spans += [Span(": ", Role.DIM), _quoted(fields, signs)]
    if "progress" in fields:
        spans += [Span(signs.dot, Role.DIM), Span(f"{fields['progress']} %", Role.NUMBER)]
    return tuple(spans)


def _author(fields: Mapping[str, Any]) -> tuple[Span, ...]:
    name = fields.get("author", "someone")
    if fields.get("author_type") == "agent":
        return Span(f"{name} (agent)", Role.AGENT), Span(": ", Role.DIM)
    return Span(name, Role.ACTOR), Span(": ", Role.DIM)


def _agent(fields: Mapping[str, Any]) -> Span:
    owner = f" of {fields['agent_owner']}" if "agent_owner" in fields else ""
    return Span(f"{fields.get('agent_name', 'An agent')} (agent{owner})", Role.AGENT)


def _person(name: str | None, otherwise: str) -> tuple[Span, ...]:
    shown = name or otherwise
    return (Span(shown, Role.ACTOR),) if shown else ()


def _by(who: tuple[Span, ...], signs: Signs) -> tuple[Span, ...]:
    return (Span(signs.dash, Role.DIM), *who) if who else ()


def _joined(dot: str, parts: Iterable[str]) -> tuple[Span, ...]:
    return tuple(Span(dot + part, Role.DIM) for part in parts if part)


def _priority(fields: Mapping[str, Any]) -> str:
    return f"{fields['priority']} priority" if "priority" in fields else ""


def _title(fields: Mapping[str, Any]) -> Span:
    return Span(fields.get("title") or fields.get("task_id") or "without a title", Role.OBJECT)


def _quoted(fields: Mapping[str, Any], signs: Signs) -> Span:
    title = _title(fields)
    return Span(signs.open + title.text + signs.close, title.role)


def _verb(text: str) -> Span:
    return Span(text, Role.VERB)


def _said(text: str) -> Span:
    return Span(text, Role.TEXT)


def joined(spans: Iterable[Span], *, icons: bool = False) -> str:
    """Join a sentence's parts; without icons unless asked, because a screen reader reads them aloud."""
    return "".join(span.text for span in spans if icons or span.role is not Role.ICON)


def clock_time(at_ms: int, zone: tzinfo | None, today_ms: int | None = None) -> str:
    """Return the time of day, with the date in front when it is not the day of `today_ms`.

    Args:
        at_ms: When.
        zone: Where; the system's own zone when None.
        today_ms: An instant of the day that needs no date, or None for no dates.
    """
    at = _local(at_ms, zone)
    other_day = today_ms is not None and _local(today_ms, zone).date() != at.date()
    return f"{at:%Y-%m-%d %H:%M:%S}" if other_day else f"{at:%H:%M:%S}"


def age(ms: int) -> str:
    """Return how long something lasts, in whole minutes at the finest: what is shown moves once a minute."""
    minutes = max(ms, 0) // 60_000
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes}m"
    return f"{minutes // 60}h" if minutes < 48 * 60 else f"{minutes // 1440}d"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FURTHEST_MS = 250_000_000_000_000
"""About the year 9890: a zone's offset must not lead beyond what `datetime` holds."""


def _local(at_ms: int, zone: tzinfo | None) -> datetime:
    return (_EPOCH + timedelta(milliseconds=min(max(at_ms, 0), _FURTHEST_MS))).astimezone(zone)
