"""Codex, mapped to what spectators may see, in each of the three ways it tells of itself: pure.

1. Hooks (`hooks.json`), whose JSON is nearly Claude Code's.
2. `notify`, called with one JSON argument at the end of a turn.
3. `codex exec --json`, one event per line.

Read of them: types, ids of sessions and threads (for digests), kinds of items, and the entries of its to-do
list. Never a message, reasoning, command, change or output.
"""

from __future__ import annotations

from relay.sources.coding_agents import MOST_TASKS, Session, hook_events, text

TYPE_CHECKING = False  # importing it costs
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from relay.sources.coding_agents import Event

NAME = "Codex"
_STATUS_OF_TURN = {
    "agent-turn-complete": "idle",
    "turn.started": "thinking",
    "turn.completed": "idle",
    "turn.failed": "error",
    "error": "error",
}
_WORK = ("command_execution", "file_change", "mcp_tool_call", "web_search")
"""Kinds of items that are something the agent does, not something it says or thinks."""


def to_events(payload: Mapping[str, Any], agent: str = "", owner: str = "") -> list[Event]:
    """Map one hook's JSON, one notification or one line of `exec --json`.

    Args:
        payload: What Codex handed over, untrusted.
        agent: The name to show; the tool's own without one.
        owner: Whose agent it is; may be empty.
    """
    session = Session(agent or NAME, owner, text(payload, "session_id") or text(payload, "thread_id"))
    kind = text(payload, "type")
    if not kind:
        return hook_events(session, payload)
    if kind == "thread.started":
        return [session.joined()]
    if kind in _STATUS_OF_TURN:
        return [session.status(_STATUS_OF_TURN[kind])]
    if kind.startswith("item."):
        return _item(session, kind, payload.get("item"))
    return []


def _item(session: Session, kind: str, item: Any) -> list[Event]:
    what = text(item, "type")
    if what in _WORK:
        return [session.status("executing")] if kind == "item.started" else []
    listed = item.get("items") if what == "todo_list" else None
    if not isinstance(listed, list):
        return []
    return session.todo(
        (text(entry, "text"), "completed" if entry.get("completed") is True else "")
        for entry in listed[:MOST_TASKS]
        if isinstance(entry, dict) and text(entry, "text").strip()
    )
