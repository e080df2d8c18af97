"""Locks: all three ways in which Codex tells of itself become the same few events; all else stays behind."""

from typing import Any

import pytest

from relay.screen.screen import Visible, screen
from relay.sources.codex import to_events

LEAK = "LEAK-c0de"


def hook(name: str, **fields: Any) -> dict[str, Any]:
    return {"session_id": LEAK, "turn_id": LEAK, "transcript_path": LEAK, "cwd": LEAK, "model": LEAK} | {
        "hook_event_name": name,
        **fields,
    }


def item(kind: str, what: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "thread_id": LEAK, "item": {"id": LEAK, "type": what, "status": LEAK, **fields}}


def seen(payload: dict[str, Any]) -> list[dict[str, Any]]:
    events = to_events(payload)
    assert all(isinstance(screen(event, 0), Visible) for event in events)
    assert LEAK not in str(events)
    return events


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (hook("UserPromptSubmit", prompt=LEAK), "thinking"),
        (hook("PreToolUse", tool_name="Bash", tool_input={"command": LEAK}), "executing"),
        (hook("PostToolUse", tool_name="Bash", tool_response=LEAK), "executing"),
        (hook("PermissionRequest", tool_name="Bash", tool_input={"command": LEAK}), "waiting_approval"),
        (hook("Stop", last_assistant_message=LEAK), "idle"),
        ({"type": "agent-turn-complete", "thread-id": LEAK, "last-assistant-message": LEAK}, "idle"),
        ({"type": "turn.started"}, "thinking"),
        ({"type": "turn.completed", "usage": {"input_tokens": 1}}, "idle"),
        ({"type": "turn.failed", "error": {"message": LEAK}}, "error"),
        ({"type": "error", "message": LEAK}, "error"),
        (item("item.started", "command_execution", command=LEAK), "executing"),
        (item("item.started", "file_change", changes=[{"path": LEAK}]), "executing"),
        (item("item.started", "mcp_tool_call", server=LEAK, arguments=LEAK), "executing"),
    ],
)
def test_status(payload, word):
    assert seen(payload) == [{"type": "agent.status_change", "agent_name": "Codex", "status": word}]


@pytest.mark.parametrize("payload", [hook("SessionStart", source="startup"), {"type": "thread.started"}])
def test_a_session_starts(payload):
    assert seen(payload) == [{"type": "agent.joined", "agent_name": "Codex"}]


@pytest.mark.parametrize(
    "payload",
    [
        item("item.completed", "agent_message", text=LEAK),
        item("item.completed", "reasoning", text=LEAK),
        item("item.completed", "command_execution", command=LEAK, aggregated_output=LEAK),
        item("item.started", "item_of_the_future", text=LEAK),
        {"type": "item.started", "item": LEAK},
        {"type": "event.of.the.future", "text": LEAK},
        {"type": "approval-requested"},
        hook("PreCompact"),
        {},
    ],
)
def test_what_it_says_thinks_and_gets_is_hidden(payload):
    assert seen(payload) == []


def test_its_to_do_list_becomes_tasks():
    entries = [{"text": "Write it", "completed": True}, {"text": "Test it", "completed": False}, LEAK]
    told = [
        (event["type"], event["title"]) for event in seen(item("item.updated", "todo_list", items=entries))
    ]
    assert told == [("task.created", "Write it"), ("task.completed", "Write it"), ("task.created", "Test it")]
