"""ClawTank's own events, wire format and room log, mapped to the spectator's: pure, type by type.

Each mapper takes the few parts that a spectator may see out of `data` and leaves the rest where it is:
ids of people, e-mail addresses, descriptions, reasoning, notes, diffs, paths. None means hidden. A type that
is not in `MAPPERS` has nothing for spectators.

The room log's `data` is not pinned down; its mappers look where the wire format has the same thing, then for
plain fields, and take names from the room's table when an event has only an id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relay.protocol.events import AGENT_STATUSES

if TYPE_CHECKING:
    from relay.sources.names import Kind, Names

Fields = dict[str, Any]

SOMEONE = "someone"
"""Who did it, when the event does not say and nobody joined under this id."""
SOME_AGENT = "agent"

_NOTHING: Mapping[str, Any] = {}
_SPOKEN = (
    *("text", "message", "chat", "markdown", "comment", "greeting", "announcement", "acknowledgement"),
    *("question", "clarification", "answer", "response", "reply", "explanation", "suggestion", "proposal"),
    *("update", "status_update", "progress_update"),
)
"""Kinds of agent message that are said to the room. Any other may be reasoning or tool output: hidden."""

_STATUS_OF_STEP = {
    "in_progress": "executing",
    "working": "executing",
    "review": "waiting_approval",
    "failed": "error",
}
"""A task's step as the status of the agent that holds it; `relay.protocol.tasks` reads it back."""
_DONE = frozenset({"merged", "completed", "done"})
"""Steps that become `task.completed`."""

_FILES = ("files_added", "files_modified", "files_deleted", "files_removed", "files_renamed")


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


def _part(data: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return a nested object, or an empty one."""
    for name in path:
        inner = data.get(name)
        if not isinstance(inner, Mapping):
            return _NOTHING
        data = inner
    return data


def _display(value: Any) -> str:
    """Return a display name: of an object only its `display_name`, never its name, handle or address."""
    if isinstance(value, Mapping):
        value = value.get("display_name")
    return value if isinstance(value, str) else ""


def _first_text(data: Mapping[str, Any], *fields: str) -> str:
    for field in fields:
        value = data.get(field)
        if isinstance(value, str) and value:
            return value
    return ""


def _known(event: Incoming, kind: Kind, id: str) -> str:
    return (event.names.name_of(kind, id) or "") if id else ""


def _learn(event: Incoming, kind: Kind, id: str, name: str) -> None:
    if id and name:
        event.names.learn(kind, id, name)


def _given_agent_id(event: Incoming) -> str:
    """Return the id of the agent an event is about, if it says so itself."""
    agent = _part(event.data, "agent")
    return _first_text(event.data, "agent_id") or _first_text(agent, "agent_id", "id")


def _agent_id(event: Incoming) -> str:
    return _given_agent_id(event) or event.participant


def _given_agent(event: Incoming) -> str:
    return _display(event.data.get("agent")) or _first_text(event.data, "agent_name")


def _agent_name(event: Incoming) -> str:
    return _given_agent(event) or _known(event, "agent", _agent_id(event)) or SOME_AGENT


def _worker(event: Incoming) -> str:
    """Return the agent whose task an event is about: the one it names, or else the one that claimed it.

    Not the participant first: that may be who reviews it, merges it or takes it away.
    """
    holder = "" if _given_agent(event) or _given_agent_id(event) else _holder(event)
    return holder or _agent_name(event)


def _claimant(event: Incoming) -> str:
    """Return who claimed a task, and remember it: later steps name the task alone."""
    name = _agent_name(event)
    if name == SOME_AGENT:
        name = _worker(event)
    _learn(event, "holder", _first_text(event.data, "task_id"), name)
    return name


def _holder(event: Incoming) -> str:
    return _known(event, "holder", _first_text(event.data, "task_id"))


def _owner(event: Incoming) -> str:
    data = event.data
    return (
        _display(_part(data, "agent").get("owner"))
        or _display(data.get("owner"))
        or _first_text(data, "agent_owner")
        or _known(event, "owner", _agent_id(event))
    )


def _person(event: Incoming, *roles: str) -> str:
    """Return who did it: the first of these parts with a display name, or the participant by its id."""
    for role in roles:
        if name := _display(event.data.get(role)):
            return name
    by_id = _known(event, "member", event.participant) or _known(event, "agent", event.participant)
    return by_id or SOMEONE


def _given(**fields: Any) -> Fields:
    """Return the fields that have something in them."""
    return {name: value for name, value in fields.items() if value not in ("", None)}


def _chat(event: Incoming) -> Fields | None:
    data = event.data
    # Only what says that it is public may pass (HIDE-1); silence about it is not enough.
    if data.get("visibility") != "public":
        return None
    content = data.get("content", data.get("text"))
    details = _part(data, "content")
    by_agent = _is_by_agent(event)
    if by_agent and details.get("message_type", "text") not in _SPOKEN:
        return None
    return _given(
        type="chat.public",
        author=_agent_name(event) if by_agent else _person(event, "author", "user"),
        author_type="agent" if by_agent else "human",
        content=details.get("text") if details else content,
        reply_to=_part(data, "thread_info").get("reply_to") or data.get("reply_to"),
    )


def _is_by_agent(event: Incoming) -> bool:
    if event.type != "chat.message":
        return event.type == "chat.agent_message"
    data = event.data
    return (
        "agent" in data
        or data.get("author_type") == "agent"
        or bool(_known(event, "agent", event.participant))
    )


def _task_created(event: Incoming) -> Fields:
    data = event.data
    return _given(
        type="task.created",
        task_id=data.get("task_id"),
        title=data.get("title"),
        creator=_person(event, "creator", "created_by"),
        priority=data.get("priority"),
    )


def _task_claimed(event: Incoming) -> Fields:
    data = event.data
    return _given(
        type="agent.claimed_task",
        agent_name=_claimant(event),
        agent_owner=_owner(event),
        task_id=data.get("task_id"),
        title=data.get("title"),
    )


def _task_completed(event: Incoming) -> Fields:
    data = event.data
    name = _worker(event)
    return _given(
        type="task.completed",
        task_id=data.get("task_id"),
        title=data.get("title"),
        agent_name="" if name == SOME_AGENT else name,
    )


def _task_status(event: Incoming) -> Fields | None:
    """Map a task's new step; a word that is neither a step nor a status is left for the screen to refuse."""
    data = event.data
    step = _first_text(data, "new_status", "to", "status")
    if step in _DONE:
        return _task_completed(event)
    if step in AGENT_STATUSES:
        return _status(_agent_name(event), step, event)
    if step == "claimed":
        return _status(_claimant(event), "thinking", event)
    if step in ("open", "rejected"):
        return _let_go(event, step)
    return _status(_worker(event), _STATUS_OF_STEP.get(step, step), event)


def _let_go(event: Incoming, step: str) -> Fields | None:
    """Tell that a task is open again; one that was never anybody's has been open all along."""
    name, task_id = _worker(event), event.data.get("task_id")
    if step == "open" and name == SOME_AGENT and not _holder(event):
        return None
    if isinstance(task_id, str):
        event.names.learn("holder", task_id, "")
    return {**_status(name, "idle", event), **_given(task_id=task_id)}


def _agent_status(event: Incoming) -> Fields:
    """Map `agent.thinking` and its kin: the type is the status, of `data` only the task passes."""
    return _status(_agent_name(event), event.type.removeprefix("agent."), event)


def _status(name: str, status: str, event: Incoming) -> Fields:
    """Tell a status and what it is about. Idle is about nothing: with a task it would let go of that."""
    fields = {"type": "agent.status_change", "agent_name": name, "status": status}
    if status == "idle":
        return fields
    progress = _part(event.data, "progress").get("percentage")
    return fields | _given(task_id=event.data.get("task_id"), progress=progress)


def _agent_came_or_went(event: Incoming) -> Fields:
    joined = event.type in ("room.agent_joined", "participant.agent_connected")
    name = _agent_name(event)
    if name == SOME_AGENT:
        name = _first_text(event.data, "display_name", "name") or name
    owner = _owner(event)
    agent_id = _agent_id(event)
    if joined and name != SOME_AGENT:
        _learn(event, "agent", agent_id, name)
        _learn(event, "owner", agent_id, owner)
    return _given(type="agent.joined" if joined else "agent.left", agent_name=name, agent_owner=owner)


def _participant_came_or_went(event: Incoming) -> Fields | None:
    data = event.data
    role = _first_text(data, "participant_type", "type", "role")
    if role == "spectator":
        return None  # who watches is the relay's own to count
    if role == "agent" or "agent" in data or _known(event, "agent", event.participant):
        kind = "room.agent_joined" if event.type == "participant.joined" else "room.agent_left"
        return _agent_came_or_went(Incoming(kind, data, event.participant, event.names))
    joined = event.type == "participant.joined"
    name = _person(event, "participant", "user", "member")
    if name == SOMEONE:
        name = _first_text(data, "display_name", "name") or name
    if joined and name != SOMEONE:
        _learn(event, "member", event.participant, name)
    return _given(type="member.joined" if joined else "member.left", name=name, role=data.get("role"))


def _git_commit(event: Incoming) -> Fields:
    data = event.data
    commit = _part(data, "commit_info") or data
    changes = _part(data, "changes")
    stats = _part(changes, "stats") or _part(data, "stats") or data
    return _given(
        type="git.commit",
        sha=commit.get("short_sha") or commit.get("sha") or commit.get("commit_sha"),
        message=commit.get("message"),
        branch=commit.get("branch"),
        author=_committer(event, commit),
        files_changed=_files(changes, data),
        additions=stats.get("additions", stats.get("insertions")),
        deletions=stats.get("deletions"),
        task_id=data.get("task_id"),
    )


def _committer(event: Incoming, commit: Mapping[str, Any]) -> str:
    author = commit.get("author")
    named = _first_text(author, "display_name", "name") if isinstance(author, Mapping) else _display(author)
    if named:
        return named
    agent = _agent_name(event)
    return agent if agent != SOME_AGENT else _person(event, "author")


def _files(changes: Mapping[str, Any], data: Mapping[str, Any]) -> Any:
    """Gather the names of the changed files, or their number if that is all that is told."""
    parts = [changes[name] for name in _FILES if name in changes]
    total = changes.get("files_changed", data.get("files_changed"))
    lists = [part for part in (*parts, total) if isinstance(part, list)]
    names = dict.fromkeys(name for part in lists for entry in part if (name := _file_name(entry)))
    if names or isinstance(total, list):
        return list(names)
    if total is not None or not parts:
        return total
    return sum(part for part in parts if isinstance(part, int))


def _file_name(entry: Any) -> str:
    """Return the name of a changed file; a renamed one has the new one."""
    if isinstance(entry, Mapping):
        return _first_text(entry, "path", "filename", "new_path", "to")
    return entry if isinstance(entry, str) else ""


def _pull_request(event: Incoming) -> Fields:
    data = event.data
    request = _part(data, "pull_request") or data
    merger = _display(_part(data, "merge_info").get("merged_by")) if event.type == "git.pr_merged" else ""
    return _given(
        type=event.type,
        number=request.get("number"),
        title=request.get("title"),
        author=merger
        or _display(request.get("author"))
        or _person(event, "author", "opened_by", "merged_by"),
    )


MAPPERS: Mapping[str, Callable[[Incoming], Fields | None]] = {
    "chat.human_message": _chat,
    "chat.agent_message": _chat,
    "chat.message": _chat,
    "task.created": _task_created,
    "task.claim_accepted": _task_claimed,
    "task.claimed": _task_claimed,
    "task.status": _task_status,
    "task.status_changed": _task_status,
    "task.completed": _task_completed,
    "git.commit": _git_commit,
    "git.pr_opened": _pull_request,
    "git.pr_merged": _pull_request,
    "room.agent_joined": _agent_came_or_went,
    "room.agent_left": _agent_came_or_went,
    "participant.agent_connected": _agent_came_or_went,
    "participant.joined": _participant_came_or_went,
    "participant.left": _participant_came_or_went,
    "agent.thinking": _agent_status,
    "agent.executing": _agent_status,
    "agent.error": _agent_status,
    "agent.idle": _agent_status,
}
"""Every type with something for spectators; `task.claim`, `git.branch_created` and the rest have nothing."""
