"""Claude Code's hooks, mapped to what spectators may see: pure.

Read of a payload: the hook's name, the session's id (for digests), why it starts or ends, the tool's name,
the kind of a notification, and the titles and steps of tasks from the task tools. Nothing else.
"""

from __future__ import annotations

from relay.sources.coding_agents import Session, entries_of, hook_events, text

TYPE_CHECKING = False  # importing it costs
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from relay.sources.coding_agents import Event

NAME = "Claude Code"
_ASKING_TOOLS = ("AskUserQuestion", "ExitPlanMode")
_STATUS_OF_NOTIFICATION = {
    "permission_prompt": "waiting_approval",
    "elicitation_dialog": "waiting_approval",
    "idle_prompt": "idle",
}


def to_events(payload: Mapping[str, Any], agent: str = "", owner: str = "") -> list[Event]:
    """Map one hook's JSON; what has nothing for spectators is an empty list.

    Args:
        payload: What Claude Code hands to a hook, untrusted.
        agent: The name to show; the tool's own without one.
        owner: Whose agent it is; may be empty.
    """
    session = Session(agent or NAME, owner, text(payload, "session_id"))
    hook, tool = text(payload, "hook_event_name"), text(payload, "tool_name")
    if hook == "Notification":
        word = _STATUS_OF_NOTIFICATION.get(text(payload, "notification_type"))
        return [session.status(word)] if word else []
    if hook in ("TaskCreated", "TaskCompleted"):
        return _task_hook(session, hook, payload)
    if hook == "PreToolUse" and tool in _ASKING_TOOLS:
        return [session.status("waiting_approval")]
    if hook == "PostToolUse" and tool in ("TodoWrite", "TaskCreate", "TaskUpdate"):
        return _task_tool(session, tool, payload)
    return hook_events(session, payload)


def _task_hook(session: Session, hook: str, payload: Mapping[str, Any]) -> list[Event]:
    task, title = text(payload, "task_id"), text(payload, "task_subject")
    if not task or not title.strip():
        return []
    return [session.created(task, title) if hook == "TaskCreated" else session.completed(task, title)]


def _task_tool(session: Session, tool: str, payload: Mapping[str, Any]) -> list[Event]:
    given = payload.get("tool_input")
    if tool == "TodoWrite":
        return session.todo(entries_of(given, "todos", "content"))
    if tool == "TaskCreate":
        answer = payload.get("tool_response")
        made = answer.get("task") if isinstance(answer, dict) else None
        task, title = text(made, "id"), text(given, "subject")
        return [session.created(task, title)] if task and title.strip() else []
    task, title, step = text(given, "taskId"), text(given, "subject").strip(), text(given, "status")
    if not task:
        return []
    if step == "in_progress":
        return [session.claimed(task, title)]
    return [session.completed(task, title)] if step == "completed" else []
