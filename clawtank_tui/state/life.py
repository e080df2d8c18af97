"""Tasks, agents and members as events move them.

A task's life is open, claimed, in_progress, review, done; the events show some of the steps, the
welcome's state all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

from clawtank_tui.state import intake
from clawtank_tui.state.model import Agent, Member, Row, Task, ViewState

TASK_STATES = ("open", "claimed", "in_progress", "review", "done")

_Entry = TypeVar("_Entry", Task, Agent, Member)


def task_entry(value: object, now_ms: int) -> Task | None:
    """Read a task of the welcome's state; None without an id or with a state nobody knows."""
    raw = intake.obj(value)
    task_id, state = intake.key(raw.get("task_id")), intake.text(raw.get("state"), intake.WORD)
    if not task_id or state not in TASK_STATES:
        return None
    return Task(
        task_id,
        intake.text(raw.get("title"), intake.TITLE) or task_id,
        state,
        intake.instant(raw.get("since"), now_ms),
        intake.text(raw.get("creator"), intake.NAME),
        intake.text(raw.get("agent_name"), intake.NAME),
        intake.text(raw.get("priority"), intake.WORD),
    )


def agent_entry(value: object, now_ms: int) -> Agent | None:
    """Read an agent of the welcome's state; None without a name."""
    raw = intake.obj(value)
    name = intake.text(raw.get("agent_name"), intake.NAME)
    return (
        Agent(
            name,
            intake.instant(raw.get("since"), now_ms),
            intake.text(raw.get("agent_owner"), intake.NAME),
            intake.text(raw.get("status"), intake.WORD),
            intake.key(raw.get("task_id")),
            intake.number(raw.get("progress"), 100),
        )
        if name
        else None
    )


def member_entry(value: object, now_ms: int) -> Member | None:
    """Read a person of the welcome's state; None without a name."""
    raw = intake.obj(value)
    name = intake.text(raw.get("name"), intake.NAME)
    since_ms = intake.instant(raw.get("since"), now_ms)
    return Member(name, since_ms, intake.text(raw.get("role"), intake.WORD)) if name else None


def follow(state: ViewState, row: Row) -> ViewState:
    """Move tasks, agents and members by one event; an event without the field it needs moves nothing."""
    fields = row.fields
    task_id, agent, member = fields.get("task_id", ""), fields.get("agent_name", ""), fields.get("name", "")
    match row.type:
        case "task.created" if task_id:
            return replace(state, tasks=_put(state.tasks, task_id, _created(row)))
        case "agent.claimed_task" if task_id:
            task = replace(_task(state, row), state="claimed", since_ms=row.at_ms, holder=agent)
            return replace(state, tasks=_put(state.tasks, task_id, task))
        case "task.completed" if task_id:
            known = _task(state, row)
            task = replace(known, state="done", since_ms=row.at_ms, holder=agent or known.holder)
            return replace(state, tasks=_put(state.tasks, task_id, task))
        case "agent.status_change" if agent:
            return _status(state, row)
        case "agent.joined" if agent:
            joined = Agent(agent, row.at_ms, fields.get("agent_owner", ""), status="idle")
            return replace(state, agents=_put(state.agents, agent, joined))
        case "agent.left":
            return replace(state, agents=_without(state.agents, agent))
        case "member.joined" if member:
            person = Member(member, row.at_ms, fields.get("role", ""))
            return replace(state, members=_put(state.members, member, person))
        case "member.left":
            return replace(state, members=_without(state.members, member))
        case _:
            return state


def _created(row: Row) -> Task:
    fields = row.fields
    task_id = fields["task_id"]
    return Task(
        task_id,
        fields.get("title", task_id),
        "open",
        row.at_ms,
        fields.get("creator", ""),
        priority=fields.get("priority", ""),
    )


def _task(state: ViewState, row: Row) -> Task:
    """Return the task an event names, or as much of it as the event tells."""
    task_id = row.fields["task_id"]
    return state.tasks.get(task_id) or Task(task_id, row.fields.get("title", task_id), "open", row.at_ms)


def _status(state: ViewState, row: Row) -> ViewState:
    fields = row.fields
    name, status, task_id = fields["agent_name"], fields.get("status", ""), fields.get("task_id", "")
    known = state.agents.get(name) or Agent(name, row.at_ms)
    since_ms = known.since_ms if known.status == status else row.at_ms
    agent = replace(known, status=status, since_ms=since_ms, task_id=task_id, progress=fields.get("progress"))
    state = replace(state, agents=_put(state.agents, name, agent))
    task = state.tasks.get(task_id)
    # A status on a claimed task is the first sign that the work has begun.
    if task is not None and task.state == "claimed":
        begun = replace(task, state="in_progress", since_ms=row.at_ms)
        state = replace(state, tasks=_put(state.tasks, task_id, begun))
    return state


def _put(entries: Mapping[str, _Entry], name: str, entry: _Entry) -> Mapping[str, _Entry]:
    return MappingProxyType({**entries, name: entry})


def _without(entries: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if name not in entries:
        return entries
    return MappingProxyType({other: entry for other, entry in entries.items() if other != name})
