"""What a room's log adds up to: who is there, what they do, which tasks are where.

Derived from the log alone: rebuilt from it on start, moved on by each committed event. Bounded whatever is
published. It holds what the log holds; what a host hides is left out when a snapshot is taken.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, TypeVar

from relay.protocol.tasks import state_after
from relay.protocol.times import format_instant
from relay.rooms.statuses import Statuses

MAX_NAMED = 2000
"""Members, agents and unfinished tasks kept of each; the oldest go first."""
MAX_DONE = 50
RECENT_CHAT = 50


_Entry = TypeVar("_Entry")


@dataclass(frozen=True, slots=True)
class _Task:
    """A task as the events of tasks tell it, and as it stands now, moved by what agents do about it.

    Where agents' activity is hidden, so is what it says of the task: a newcomer is told what those who
    watched could see.
    """

    told: dict[str, Any]
    now: dict[str, Any]


class RoomState:
    """Members, agents, tasks and recent public chat. Spec: Connection Flow, `current_state`.

    Attributes:
        said: What the agents in it said of themselves last.
    """

    def __init__(self) -> None:
        """Start with an empty room."""
        self.said = Statuses()
        self._members: dict[str, dict[str, Any]] = {}
        self._agents: dict[str, dict[str, Any]] = {}
        self._tasks: dict[str, _Task] = {}
        self._done: deque[str] = deque()
        self._chat: deque[tuple[int, dict[str, Any]]] = deque(maxlen=RECENT_CHAT)

    def participants(self, types: frozenset[str]) -> set[str]:
        """Return the names of those present, or who spoke lately, as far as these types show them."""
        names: set[str] = set()
        if "member.joined" in types:
            names |= self._members.keys()
        if "agent.status_change" in types:
            names |= self._agents.keys()
        if "chat.public" in types:
            names |= {event["author"] for _, event in self._chat}
        return names

    def statuses(self) -> dict[str, str]:
        """Return the status of each agent present, by its name."""
        return {name: agent["status"] for name, agent in self._agents.items() if "status" in agent}

    def apply(self, seq: int, at_ms: int, event: dict[str, Any]) -> None:
        """Move the state on by one event of the log."""
        since = format_instant(at_ms)
        self.said.apply(event)
        match event["type"]:
            case "chat.public":
                self._chat.append((seq, event))
            case "member.joined":
                _put(
                    self._members,
                    event["name"],
                    _present(name=event["name"], role=event.get("role"), since=since),
                )
            case "member.left":
                self._members.pop(event["name"], None)
            case "agent.joined":
                self._agents.pop(event["agent_name"], None)
                self._agent(event, since, status="idle")
            case "agent.left":
                self._agents.pop(event["agent_name"], None)
            case "agent.status_change":
                self._status(event, since)
            case "agent.claimed_task":
                self._agent(event, since)
                self._task(
                    event["task_id"],
                    since,
                    state="claimed",
                    title=event.get("title"),
                    holder=event["agent_name"],
                )
            case "task.created":
                task_id = event["task_id"]
                self._tasks.pop(task_id, None)
                task = _present(
                    task_id=task_id,
                    title=event["title"],
                    state="open",
                    creator=event["creator"],
                    priority=event.get("priority"),
                    since=since,
                )
                _put(self._tasks, task_id, _Task(task, task))
            case "task.completed":
                task_id = event["task_id"]
                self._task(
                    task_id, since, state="done", title=event.get("title"), holder=event.get("agent_name")
                )
                self._done.append(task_id)
                while len(self._done) > MAX_DONE:
                    oldest = self._done.popleft()
                    kept = self._tasks.get(oldest)
                    if kept and kept.now["state"] == "done" and oldest not in self._done:
                        del self._tasks[oldest]
            case _:
                pass

    def snapshot(self, types: frozenset[str], epoch: str) -> dict[str, Any]:
        """Return the parts of `current_state` that a viewer of these types may see."""
        works = "agent.status_change" in types
        # Of whom a claim is all that was heard, nothing was heard where claims are hidden.
        claims = "agent.claimed_task" in types
        agents = [agent for agent in self._agents.values() if claims or "status" in agent]
        return {
            "members": list(self._members.values()) if "member.joined" in types else [],
            "agents": agents if works else [],
            "tasks": [task.now if works else task.told for task in self._tasks.values()]
            if "task.created" in types
            else [],
            "recent_chat": [{"seq": seq, "event_id": f"{epoch}-{seq}", **event} for seq, event in self._chat]
            if "chat.public" in types
            else [],
        }

    def _agent(self, event: dict[str, Any], since: str, **changes: Any) -> dict[str, Any]:
        name = event["agent_name"]
        known = self._agents.get(name, {"agent_name": name, "since": since})
        owner = event.get("agent_owner", known.get("agent_owner"))
        agent = {**known, **_present(agent_owner=owner, **changes)}
        forgotten = _put(self._agents, name, agent)
        if forgotten is not None:
            self.said.forget(forgotten)
        return agent

    def _status(self, event: dict[str, Any], since: str) -> None:
        agent, status = self._agent(event, since), event["status"]
        if agent.get("status") != status:
            agent["since"] = since
        agent["status"] = status
        for key in ("task_id", "progress"):
            agent.pop(key, None)
            if key in event and status != "idle":
                agent[key] = event[key]
        task = self._tasks.get(event.get("task_id", ""))
        if task is None or (state := state_after(task.now["state"], status)) == task.now["state"]:
            return
        holder = {} if state == "open" else {"agent_name": event["agent_name"]}
        now = {**_without(task.now, "agent_name"), **holder, "state": state, "since": since}
        self._tasks[event["task_id"]] = _Task(task.told, now)

    def _task(self, task_id: str, since: str, *, state: str, title: str | None, holder: str | None) -> None:
        known = self._tasks.get(task_id, _Task({"task_id": task_id}, {"task_id": task_id}))
        moved = {**_present(title=title, agent_name=holder), "state": state, "since": since}
        _put(self._tasks, task_id, _Task({**known.told, **moved}, {**known.now, **moved}))


def _present(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def _without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != key}


def _put(named: dict[str, _Entry], key: str, value: _Entry) -> str | None:
    """Enter one; return the key of the one that had to go for it."""
    named[key] = value
    if len(named) <= MAX_NAMED:
        return None
    oldest = next(iter(named))
    del named[oldest]
    return oldest
