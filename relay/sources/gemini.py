"""Gemini CLI's hooks, mapped to what spectators may see: pure.

Read of a payload: the hook's name, the session's id (for digests), why it starts or ends, the tool's name,
the kind of a notification, and the entries of its to-do list. Never a prompt, an answer, an argument, a path,
or what goes to the model and comes back.
"""

from __future__ import annotations

from relay.sources.coding_agents import Session, entries_of, hook_events, text

TYPE_CHECKING = False  # importing it costs
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from relay.sources.coding_agents import Event

NAME = "Gemini CLI"
_STATUS_OF_HOOK = {
    "BeforeAgent": "thinking",
    "BeforeTool": "executing",
    "AfterTool": "executing",
    "AfterAgent": "idle",
}


def to_events(payload: Mapping[str, Any], agent: str = "", owner: str = "") -> list[Event]:
    """Map one hook's JSON; what has nothing for spectators is an empty list.

    Args:
        payload: What Gemini CLI hands to a hook, untrusted.
        agent: The name to show; the tool's own without one.
        owner: Whose agent it is; may be empty.
    """
    session = Session(agent or NAME, owner, text(payload, "session_id"))
    hook = text(payload, "hook_event_name")
    if hook == "Notification":
        asks = text(payload, "notification_type") == "ToolPermission"
        return [session.status("waiting_approval")] if asks else []
    if hook == "AfterTool" and text(payload, "tool_name") == "write_todos":
        return session.todo(entries_of(payload.get("tool_input"), "todos", "description"))
    if hook in ("SessionStart", "SessionEnd"):
        return hook_events(session, payload)
    word = _STATUS_OF_HOOK.get(hook)
    return [session.status(word)] if word else []
