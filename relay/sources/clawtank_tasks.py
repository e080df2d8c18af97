"""Tasks and what agents do about them, from the wire format and the room log: pure.

Spectators have no event for each step of a task. A step is told as the status of the agent that holds it, and
`relay.protocol.tasks` reads the task's place back from that.
"""

from __future__ import annotations

from relay.protocol.events import AGENT_STATUSES
from relay.sources.clawtank_fields import (
    SOME_AGENT,
    Fields,
    Incoming,
    agent_of,
    first_text,
    given,
    known_name,
    learn,
    named_agent,
    named_agent_id,
    owner_of,
    part_of,
    person_of,
)

_STATUS_OF_STEP = {
    "in_progress": "executing",
    "working": "executing",
    "review": "waiting_approval",
    "failed": "error",
}
"""A task's step as the status of the agent that holds it."""
_DONE = frozenset({"merged", "completed", "done"})
"""Steps that become `task.completed`."""


def task_created(event: Incoming) -> Fields:
    """Map a new task."""
    data = event.data
    return given(
        type="task.created",
        task_id=data.get("task_id"),
        title=data.get("title"),
        creator=person_of(event, "creator", "created_by"),
        priority=data.get("priority"),
    )


def task_claimed(event: Incoming) -> Fields:
    """Map a claim that was accepted."""
    data = event.data
    return given(
        type="agent.claimed_task",
        agent_name=_claimant(event),
        agent_owner=owner_of(event),
        task_id=data.get("task_id"),
        title=data.get("title"),
    )


def task_completed(event: Incoming) -> Fields:
    """Map a task that is done; what was delivered, and where, is never read (FEED-11)."""
    data = event.data
    name = _worker(event)
    return given(
        type="task.completed",
        task_id=data.get("task_id"),
        title=data.get("title"),
        agent_name="" if name == SOME_AGENT else name,
    )


def task_status(event: Incoming) -> Fields | None:
    """Map a task's new step; a word that is neither a step nor a status is left for the screen to refuse."""
    data = event.data
    step = first_text(data, "new_status", "to", "status")
    if step in _DONE:
        return task_completed(event)
    if step in AGENT_STATUSES:
        return _status(agent_of(event), step, event)
    if step == "claimed":
        return _status(_claimant(event), "thinking", event)
    if step in ("open", "rejected"):
        return _let_go(event, step)
    return _status(_worker(event), _STATUS_OF_STEP.get(step, step), event)


def _let_go(event: Incoming, step: str) -> Fields | None:
    """Tell that a task is open again; one that was never anybody's has been open all along."""
    if step == "open" and not (_holder(event) or named_agent(event) or named_agent_id(event)):
        return None
    name, task_id = _worker(event), event.data.get("task_id")
    if isinstance(task_id, str):
        event.names.learn("holder", task_id, "")
    return {**_status(name, "idle", event), **given(task_id=task_id)}


def agent_status(event: Incoming) -> Fields:
    """Map `agent.thinking` and its kin: the type is the status, of `data` only the task passes."""
    return _status(agent_of(event), event.type.removeprefix("agent."), event)


def _status(name: str, status: str, event: Incoming) -> Fields:
    """Tell a status and what it is about. Idle is about nothing: with a task it would let go of that."""
    fields = {"type": "agent.status_change", "agent_name": name, "status": status}
    if status == "idle":
        return fields
    progress = part_of(event.data, "progress").get("percentage")
    return fields | given(task_id=event.data.get("task_id"), progress=progress)


def _worker(event: Incoming) -> str:
    """Return the agent whose task an event is about: the one it names, or else the one that claimed it.

    Not the participant first: that may be who reviews it, merges it or takes it away.
    """
    holder = "" if named_agent(event) or named_agent_id(event) else _holder(event)
    return holder or agent_of(event)


def _claimant(event: Incoming) -> str:
    """Return who claimed a task, and remember it: later steps name the task alone."""
    name = agent_of(event)
    if name == SOME_AGENT:
        name = _worker(event)
    learn(event, "holder", first_text(event.data, "task_id"), name)
    return name


def _holder(event: Incoming) -> str:
    return known_name(event, "holder", first_text(event.data, "task_id"))
