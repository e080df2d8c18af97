"""ClawTank's own events, wire format and room log, mapped to the spectator's: pure, type by type.

Each mapper takes the few parts that a spectator may see out of `data` and leaves the rest where it is:
ids of people, e-mail addresses, descriptions, reasoning, notes, diffs, paths. None means hidden. A type that
is not in `MAPPERS` has nothing for spectators.

The room log's `data` is not pinned down; its mappers look where the wire format has the same thing, then for
plain fields, and take names from the room's table when an event has only an id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from relay.sources.clawtank_fields import (
    SOME_AGENT,
    SOMEONE,
    Fields,
    Incoming,
    agent_id_of,
    agent_of,
    first_text,
    given,
    known_name,
    learn,
    owner_of,
    part_of,
    person_of,
)
from relay.sources.clawtank_git import git_commit, pull_request
from relay.sources.clawtank_tasks import agent_status, task_claimed, task_completed, task_created, task_status

__all__ = ["MAPPERS", "SOMEONE", "SOME_AGENT", "Incoming"]

_SPOKEN = (
    *("text", "message", "chat", "markdown", "comment", "greeting", "announcement", "acknowledgement"),
    *("question", "clarification", "answer", "response", "reply", "explanation", "suggestion", "proposal"),
    *("update", "status_update", "progress_update"),
)
"""Kinds of agent message that are said to the room. Any other may be reasoning or tool output: hidden."""


def _chat(event: Incoming) -> Fields | None:
    data = event.data
    # Only what says that it is public may pass (HIDE-1). The wire format gives no visibility to what agents
    # say: there, and only there, silence about it says nothing, and the kind of message decides.
    said = "public" if event.type == "chat.agent_message" else None
    if data.get("visibility", said) != "public":
        return None
    content = data.get("content", data.get("text"))
    details = part_of(data, "content")
    by_agent = _is_by_agent(event)
    if by_agent and details.get("message_type", "text") not in _SPOKEN:
        return None
    return given(
        type="chat.public",
        author=agent_of(event) if by_agent else person_of(event, "author", "user"),
        author_type="agent" if by_agent else "human",
        content=details.get("text") if details else content,
        reply_to=part_of(data, "thread_info").get("reply_to") or data.get("reply_to"),
    )


def _is_by_agent(event: Incoming) -> bool:
    if event.type != "chat.message":
        return event.type == "chat.agent_message"
    data = event.data
    return (
        "agent" in data
        or data.get("author_type") == "agent"
        or bool(known_name(event, "agent", event.participant))
    )


def _agent_came_or_went(event: Incoming) -> Fields:
    joined = event.type in ("room.agent_joined", "participant.agent_connected")
    name = agent_of(event)
    if name == SOME_AGENT:
        name = first_text(event.data, "display_name", "name") or name
    owner = owner_of(event)
    agent_id = agent_id_of(event)
    if joined and name != SOME_AGENT:
        learn(event, "agent", agent_id, name)
        learn(event, "owner", agent_id, owner)
    return given(type="agent.joined" if joined else "agent.left", agent_name=name, agent_owner=owner)


def _participant_came_or_went(event: Incoming) -> Fields | None:
    data = event.data
    role = first_text(data, "participant_type", "type", "role")
    if role == "spectator":
        return None  # who watches is the relay's own to count
    if role == "agent" or "agent" in data or known_name(event, "agent", event.participant):
        kind = "room.agent_joined" if event.type == "participant.joined" else "room.agent_left"
        return _agent_came_or_went(Incoming(kind, data, event.participant, event.names))
    joined = event.type == "participant.joined"
    name = person_of(event, "participant", "user", "member")
    if name == SOMEONE:
        name = first_text(data, "display_name", "name") or name
    if joined and name != SOMEONE:
        learn(event, "member", event.participant, name)
    return given(type="member.joined" if joined else "member.left", name=name, role=data.get("role"))


MAPPERS: Mapping[str, Callable[[Incoming], Fields | None]] = {
    "chat.human_message": _chat,
    "chat.agent_message": _chat,
    "chat.message": _chat,
    "task.created": task_created,
    "task.claim_accepted": task_claimed,
    "task.claimed": task_claimed,
    "task.status": task_status,
    "task.status_changed": task_status,
    "task.completed": task_completed,
    "git.commit": git_commit,
    "git.pr_opened": pull_request,
    "git.pr_merged": pull_request,
    "room.agent_joined": _agent_came_or_went,
    "room.agent_left": _agent_came_or_went,
    "participant.agent_connected": _agent_came_or_went,
    "participant.joined": _participant_came_or_went,
    "participant.left": _participant_came_or_went,
    "agent.thinking": agent_status,
    "agent.executing": agent_status,
    "agent.error": agent_status,
    "agent.idle": agent_status,
}
"""Every type with something for spectators; `task.claim`, `git.branch_created` and the rest have nothing."""
