"""Locks: Gemini CLI's hooks become presence, one word of status and tasks; all else stays behind."""

from typing import Any

import pytest

from relay.screen.screen import Visible, screen
from relay.sources.gemini import to_events

LEAK = "LEAK-6e31"


def hook(name: str, **fields: Any) -> dict[str, Any]:
    base = {"session_id": LEAK, "transcript_path": LEAK, "cwd": LEAK, "timestamp": LEAK, "mcp_context": LEAK}
    return {**base, "hook_event_name": name, **fields}


def seen(payload: dict[str, Any]) -> list[dict[str, Any]]:
    events = to_events(payload)
    assert all(isinstance(screen(event, 0), Visible) for event in events)
    assert LEAK not in str(events)
    return events


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (hook("BeforeAgent", prompt=LEAK), "thinking"),
        (hook("BeforeTool", tool_name="run_shell_command", tool_input={"command": LEAK}), "executing"),
        (hook("AfterTool", tool_name="read_file", tool_response={"llmContent": LEAK}), "executing"),
        (hook("AfterAgent", prompt=LEAK, prompt_response=LEAK), "idle"),
        (
            hook("Notification", notification_type="ToolPermission", details={"path": LEAK}),
            "waiting_approval",
        ),
    ],
)
def test_status(payload, word):
    assert seen(payload) == [{"type": "agent.status_change", "agent_name": "Gemini CLI", "status": word}]


def test_a_session_starts_and_ends():
    assert [event["type"] for event in seen(hook("SessionStart", source="startup"))] == ["agent.joined"]
    assert [event["type"] for event in seen(hook("SessionEnd", reason="exit"))] == ["agent.left"]
    assert seen(hook("SessionEnd", reason="clear")) == []


@pytest.mark.parametrize(
    "name", ["BeforeModel", "AfterModel", "BeforeToolSelection", "PreCompress", "Future", ""]
)
def test_what_is_between_it_and_its_model_is_hidden(name):
    assert seen(hook(name, llm_request={"messages": [LEAK]}, llm_response=LEAK)) == []


def test_its_to_do_list_becomes_tasks():
    todos = [
        {"description": "Write it", "status": "completed"},
        {"description": "Test it", "status": "pending"},
    ]
    events = seen(hook("AfterTool", tool_name="write_todos", tool_input={"todos": todos}, tool_response=LEAK))
    assert [(event["type"], event["title"]) for event in events] == [
        ("task.created", "Write it"),
        ("task.completed", "Write it"),
        ("task.created", "Test it"),
    ]
