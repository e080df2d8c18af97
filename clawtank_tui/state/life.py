"""Tasks, agents and members as events move them.

What the relay does with the same events for the welcome of a newcomer: whoever stays must see what whoever
comes is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

from clawtank_tui.state import intake
from clawtank_tui.state.model import Agent, Member, Row, Task, ViewState
from relay.protocol.tasks import TASK_STATES, state_after

ENTRIES_KEPT = 1000
"""Tasks, agents and members kept, each: a bound for a relay that invents them."""
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
            return replace(state, tasks=_put(_without(state.tasks, task_id), task_id, _created(row)))
        case "agent.claimed_task" if task_id and agent:
            return _moved(_seen(state, row), row, "claimed", agent)
        case "task.completed" if task_id:
            return _moved(state, row, "done", agent)
        case "agent.status_change" if agent:
            return _status(state, row)
        case "agent.joined" if agent:
            joined = Agent(agent, row.at_ms, fields.get("agent_owner", ""), status="idle")
            return replace(state, agents=_put(_without(state.agents, agent), agent, joined))
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


def _moved(state: ViewState, row: Row, to: str, holder: str) -> ViewState:
    """Move the task an event names, or as much of it as the event tells; nobody new leaves its holder."""
    task_id, title = row.fields["task_id"], row.fields.get("title", "")
    known = state.tasks.get(task_id) or Task(task_id, task_id, to, row.at_ms)
    task = replace(
        known, state=to, since_ms=row.at_ms, title=title or known.title, holder=holder or known.holder
    )
    return replace(state, tasks=_put(state.tasks, task_id, task))


def _seen(state: ViewState, row: Row) -> ViewState:
    """Note the agent of an event, whether or not it was ever announced."""
    name = row.fields["agent_name"]
    known = state.agents.get(name) or Agent(name, row.at_ms)
    agent = replace(known, owner=row.fields.get("agent_owner", known.owner))
    return replace(state, agents=_put(state.agents, name, agent))


def _status(state: ViewState, row: Row) -> ViewState:
    fields = row.fields
    name, status, task_id = fields["agent_name"], fields.get("status", ""), fields.get("task_id", "")
    known = state.agents.get(name) or Agent(name, row.at_ms)
    agent = replace(
        known,
        status=status,
        since_ms=known.since_ms if known.status == status else row.at_ms,
        task_id="" if status == "idle" else task_id,
        progress=None if status == "idle" else fields.get("progress"),
    )
    state = replace(state, agents=_put(state.agents, name, agent))
    task = state.tasks.get(task_id)
    if task is None or (step := state_after(task.state, status)) == task.state:
        return state
    moved = replace(task, state=step, since_ms=row.at_ms, holder="" if step == "open" else name)
    return replace(state, tasks=_put(state.tasks, task_id, moved))


def _put(entries: Mapping[str, _Entry], name: str, entry: _Entry) -> Mapping[str, _Entry]:
    return MappingProxyType({**entries, name: entry})


def _without(entries: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if name not in entries:
        return entries
    return MappingProxyType({other: entry for other, entry in entries.items() if other != name})


def bounded(state: ViewState) -> ViewState:
    """Forget the oldest entries where there are more than are kept."""
    if max(len(state.tasks), len(state.agents), len(state.members)) <= ENTRIES_KEPT:
        return state
    return replace(
        state,
        tasks=MappingProxyType(dict(list(state.tasks.items())[-ENTRIES_KEPT:])),
        agents=MappingProxyType(dict(list(state.agents.items())[-ENTRIES_KEPT:])),
        members=MappingProxyType(dict(list(state.members.items())[-ENTRIES_KEPT:])),
    )
