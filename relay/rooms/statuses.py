"""What each agent said of itself last, for as long as saying it again would change nothing.

Spec: Optimisations, redundant status updates (OPT-1). A status is more than a word for an agent: it moves the
task it names. So what an agent said is forgotten when the agent comes or goes, and what was said of a task no
longer counts when anything else happens to the task. Whatever is not known here is not redundant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

STATUS = "agent.status_change"
_NOTHING: Mapping[str, Any] = {}


class Said(NamedTuple):
    """All that a status shows besides its time and its agent."""

    status: str
    task_id: str | None
    progress: int | None


class Statuses:
    """The latest statuses of one room's agents; one for each agent, a task's last speaker for each task."""

    def __init__(self, said: Mapping[str, Said] = _NOTHING, speakers: Mapping[str, str] = _NOTHING) -> None:
        """Start with nothing said, unless told."""
        self._said = dict(said)
        self._speakers = dict(speakers)

    def copy(self) -> Statuses:
        """Return one that goes on from here by itself."""
        return Statuses(self._said, self._speakers)

    def is_repeat(self, event: Mapping[str, Any]) -> bool:
        """Say whether a status says what its agent said last, and nothing has come between that matters."""
        agent, said = event["agent_name"], _said(event)
        if self._said.get(agent) != said:
            return False
        return said.task_id is None or self._speakers.get(said.task_id) == agent

    def apply(self, event: Mapping[str, Any]) -> None:
        """Take an event of any type."""
        match event["type"]:
            case "agent.status_change":
                agent, said = event["agent_name"], _said(event)
                self.forget(agent)
                self._said[agent] = said
                if said.task_id is not None:
                    self._speakers[said.task_id] = agent
            case "agent.joined" | "agent.left":
                self.forget(event["agent_name"])
            case "agent.claimed_task" | "task.created" | "task.completed":
                self._speakers.pop(event["task_id"], None)
            case _:
                pass

    def forget(self, agent: str) -> None:
        """Forget what an agent said."""
        said = self._said.pop(agent, None)
        if said is not None and said.task_id is not None and self._speakers.get(said.task_id) == agent:
            del self._speakers[said.task_id]


def _said(event: Mapping[str, Any]) -> Said:
    return Said(event["status"], event.get("task_id"), event.get("progress"))
