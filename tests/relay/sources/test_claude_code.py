"""Locks: Claude Code's hooks become presence, a word of status and tasks; the rest of them stays behind."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.events import AGENT_STATUSES
from relay.screen.screen import Visible, screen
from relay.sources.claude_code import to_events

LEAK = "LEAK-c1a0"


def hook(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "session_id": f"session {LEAK}",
        "transcript_path": f"/home/mona/{LEAK}.jsonl",
        "cwd": f"/home/mona/{LEAK}",
        "permission_mode": "default",
        "hook_event_name": name,
        "prompt": LEAK,
        "message": LEAK,
        "last_assistant_message": LEAK,
        **fields,
    }


def tool(name: str, given: Any, answer: Any = LEAK, hook_name: str = "PostToolUse") -> dict[str, Any]:
    return hook(hook_name, tool_name=name, tool_input=given, tool_response=answer, tool_use_id=LEAK)


def seen(payload: dict[str, Any], **named: str) -> list[dict[str, Any]]:
    events = to_events(payload, **named)
    for event in events:
        result = screen(event, 0)
        assert isinstance(result, Visible), result
    assert LEAK not in str(events), "not even in ids, which wait on the disk while the relay is away"
    return events


def status(payload: dict[str, Any]) -> list[str]:
    return [event["status"] for event in seen(payload)]


def test_a_session_starts_and_ends():
    assert seen(hook("SessionStart", source="startup", model=LEAK)) == [
        {"type": "agent.joined", "agent_name": "Claude Code"}
    ]
    named = {"agent": "Atlas", "owner": "alice"}
    assert seen(hook("SessionEnd", reason="exit"), **named) == [
        {"type": "agent.left", "agent_name": "Atlas", "agent_owner": "alice"}
    ]


@pytest.mark.parametrize(
    "payload", [hook("SessionStart", source="compact"), hook("SessionEnd", reason="clear")]
)
def test_an_agent_that_only_clears_its_memory_neither_comes_nor_goes(payload):
    assert seen(payload) == []


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (hook("UserPromptSubmit"), "thinking"),
        (tool("Bash", {"command": LEAK}, hook_name="PreToolUse"), "executing"),
        (tool("mcp__x__y", {"path": LEAK}, hook_name="PreToolUse"), "executing"),
        (tool("AskUserQuestion", {"questions": [LEAK]}, hook_name="PreToolUse"), "waiting_approval"),
        (tool("ExitPlanMode", {"plan": LEAK}, hook_name="PreToolUse"), "waiting_approval"),
        (tool("Read", {"file_path": LEAK}, {"content": LEAK}), "executing"),
        (hook("PermissionRequest", tool_name="Bash", tool_input={"command": LEAK}), "waiting_approval"),
        (hook("Notification", notification_type="permission_prompt"), "waiting_approval"),
        (hook("Notification", notification_type="idle_prompt"), "idle"),
        (hook("SubagentStop", agent_id=LEAK), "thinking"),
        (hook("Stop", stop_hook_active=False), "idle"),
        (hook("StopFailure", error=LEAK), "error"),
    ],
)
def test_status_comes_from_prompts_tools_and_stops(payload, word):
    assert status(payload) == [word]
    assert word in AGENT_STATUSES


@pytest.mark.parametrize(
    "payload",
    [
        hook("PreCompact", trigger="auto"),
        hook("Notification", notification_type="auth_success"),
        hook("Notification"),
        hook("HookOfTheFuture", status="executing"),
        hook(""),
        {},
        {"hook_event_name": ["Stop"]},
    ],
)
def test_what_is_not_known_shows_nothing(payload):
    assert seen(payload) == []


TODOS = [
    {"content": "Read the code", "status": "completed", "activeForm": LEAK},
    {"content": "Write it", "status": "in_progress", "activeForm": LEAK},
    {"content": "Test it", "status": "pending", "activeForm": LEAK},
]


def test_a_to_do_list_becomes_tasks_once():
    events = seen(tool("TodoWrite", {"todos": TODOS}))
    assert [(event["type"], event["title"]) for event in events] == [
        ("task.created", "Read the code"),
        ("task.completed", "Read the code"),
        ("task.created", "Write it"),
        ("agent.claimed_task", "Write it"),
        ("task.created", "Test it"),
    ]
    assert len({event["id"] for event in events}) == len(events)
    done = [{**todo, "status": "completed"} for todo in TODOS]
    later = seen(tool("TodoWrite", {"todos": done}))
    new = [event for event in later if event["id"] not in {event["id"] for event in events}]
    assert [(event["type"], event["title"]) for event in new] == [
        ("task.completed", "Write it"),
        ("task.completed", "Test it"),
    ]


def test_the_task_tools_and_the_task_hooks_tell_the_same_tasks():
    made = tool("TaskCreate", {"subject": "Write it", "description": LEAK}, {"task": {"id": "1", "x": LEAK}})
    (created,) = seen(made)
    told = hook(
        "TaskCreated", task_id="1", task_subject="Write it", task_description=LEAK, teammate_name=LEAK
    )
    assert seen(told) == [created]
    assert (created["type"], created["title"], created["creator"]) == (
        "task.created",
        "Write it",
        "Claude Code",
    )
    (claimed,) = seen(tool("TaskUpdate", {"taskId": "1", "status": "in_progress", "description": LEAK}))
    (completed,) = seen(tool("TaskUpdate", {"taskId": "1", "status": "completed"}))
    assert claimed["task_id"] == completed["task_id"] == created["task_id"]
    assert (claimed["type"], completed["type"]) == ("agent.claimed_task", "task.completed")
    assert seen(tool("TaskUpdate", {"taskId": "1", "status": "deleted"})) == []


def test_tasks_of_two_sessions_are_different_tasks():
    made = hook("TaskCreated", task_id="1", task_subject="Write it")
    assert to_events(made)[0]["task_id"] != to_events({**made, "session_id": "other"})[0]["task_id"]


@given(
    st.dictionaries(
        st.sampled_from(["hook_event_name", "tool_name", "tool_input", "session_id", "source", "todos"]),
        st.sampled_from(["Stop", "PostToolUse", "TodoWrite", "TaskUpdate", "\ud800"])
        | st.lists(st.integers() | st.dictionaries(st.text(), st.text(), max_size=2), max_size=2)
        | st.dictionaries(st.sampled_from(["todos", "taskId", "status"]), st.lists(st.text()) | st.text()),
    )
)
def test_no_payload_is_an_error(payload):
    assert isinstance(to_events(payload), list)
