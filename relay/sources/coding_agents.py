"""What spectators may know of a coding agent's session: that it is there, its status in one word, its tasks.

The hooks of Claude Code, Codex and Gemini CLI tell much more: prompts, commands, file contents, outputs,
paths, transcripts. Nothing of that has a place here; events are made only by the methods of `Session`.

An agent's own hook command loads this module each time the agent does something. So it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing it costs
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    Event = dict[str, Any]

MOST_TASKS = 100
"""Entries of one to-do list that are looked at."""

_STATUS_OF_HOOK = {
    "UserPromptSubmit": "thinking",
    "PreToolUse": "executing",
    # Between two tools the agent thinks for a moment; a feed that says so after each one says nothing more.
    "PostToolUse": "executing",
    "PostToolUseFailure": "executing",
    "PermissionRequest": "waiting_approval",
    "SubagentStop": "thinking",
    "Stop": "idle",
    "StopFailure": "error",
}
_STILL_THERE = ("clear", "compact")
"""Why a session starts or ends although the agent neither comes nor goes."""


class Session:
    """One session of an agent, and the events that can be told of it."""

    def __init__(self, agent: str, owner: str, session: str) -> None:
        """Bind a session.

        Args:
            agent: The name that spectators read.
            owner: Whose agent it is; may be empty.
            session: The tool's id of the session. It goes into digests only.
        """
        self._agent = agent
        self._owner = owner
        self._session = session

    def joined(self) -> Event:
        """Tell that the agent is here."""
        return {"type": "agent.joined", **self._name()}

    def left(self) -> Event:
        """Tell that the agent has gone."""
        return {"type": "agent.left", **self._name()}

    def status(self, word: str) -> Event:
        """Tell what the agent does: one of the seven words."""
        return {"type": "agent.status_change", "agent_name": self._agent, "status": word}

    def created(self, task: str, title: str) -> Event:
        """Tell of a task. Telling it twice is harmless: its event id is the same."""
        return self._of_task("task.created", task, title=title, creator=self._agent)

    def claimed(self, task: str, title: str = "") -> Event:
        """Tell that the agent works on a task now."""
        return self._of_task("agent.claimed_task", task, title=title, **self._name())

    def completed(self, task: str, title: str = "") -> Event:
        """Tell that a task is done."""
        return self._of_task("task.completed", task, title=title, agent_name=self._agent)

    def todo(self, entries: Iterable[tuple[str, str]]) -> list[Event]:
        """Tell of a whole to-do list, which tools write anew each time: what was told before is a repeat.

        Args:
            entries: Title and step (`in_progress`, `completed`, anything else) of each. The title is all the
                identity an entry has.
        """
        told: list[Event] = []
        for title, step in entries:
            told.append(self.created(title, title))
            if step == "in_progress":
                told.append(self.claimed(title, title))
            elif step == "completed":
                told.append(self.completed(title, title))
        return told

    def _name(self) -> dict[str, str]:
        return {"agent_name": self._agent, **({"agent_owner": self._owner} if self._owner else {})}

    def _of_task(self, kind: str, task: str, *, title: str, **fields: str) -> Event:
        import hashlib

        # Tools count their tasks from 1 in every session: only the two together name one.
        named = f"{self._session}\0{task}".encode(errors="surrogatepass")
        task_id = "task-" + hashlib.blake2b(named, digest_size=6).hexdigest()
        event = {"id": f"{task_id}:{kind}", "type": kind, "task_id": task_id, **fields}
        return {**event, "title": title} if title else event


def hook_events(session: Session, payload: Mapping[str, Any]) -> list[Event]:
    """Map what hooks of the Claude Code kind have in common; an unknown hook shows nothing."""
    hook = text(payload, "hook_event_name")
    if hook == "SessionStart":
        return [] if text(payload, "source") in _STILL_THERE else [session.joined()]
    if hook == "SessionEnd":
        return [] if text(payload, "reason") in _STILL_THERE else [session.left()]
    word = _STATUS_OF_HOOK.get(hook)
    return [session.status(word)] if word else []


def text(payload: Any, name: str) -> str:
    """Return a text field of something that may be no object at all; empty if there is none."""
    value = payload.get(name) if isinstance(payload, dict) else None
    return value if isinstance(value, str) else ""


def entries_of(payload: Any, name: str, title: str) -> list[tuple[str, str]]:
    """Return title and status of the entries of a to-do list, those without a title left out."""
    listed = payload.get(name) if isinstance(payload, dict) else None
    if not isinstance(listed, list):
        return []
    entries = [(text(entry, title), text(entry, "status")) for entry in listed[:MOST_TASKS]]
    return [entry for entry in entries if entry[0].strip()]
