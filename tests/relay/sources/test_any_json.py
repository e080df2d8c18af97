"""Locks: whatever JSON a source sends, no mapper fails, and nothing it does not name goes any further.

Good payloads of every source are spoiled in two ways: values are replaced by others, and every object gets
fields of the future, whose texts hold a marker.
"""

import copy
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.protocol.envelope import encode_json
from relay.protocol.events import EVENT_TYPES
from relay.screen.models import FIELDS_OF
from relay.screen.screen import Hidden, Rejected, Visible, screen
from relay.sources import claude_code, codex, gemini, github, gitlab
from relay.sources.clawtank import MAPPERS
from relay.sources.session_replay import read_recording
from relay.sources.shapes import Mapped, StateChange, to_room_event

MARK = "marker77aa"
AT = "2026-02-17T21:03:00Z"
SHA = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"

PERSON = {"display_name": "alice"}
AGENT = {"display_name": "Claude", "id": "a_1", "owner": PERSON}
TASK = {"task_id": "t_1", "agent_id": "a_1"}
CLAWTANK: Mapping[str, dict[str, Any]] = {
    "chat.human_message": {"author": PERSON, "content": {"text": "hi"}, "visibility": "public"},
    "chat.agent_message": {
        "agent": AGENT,
        "content": {"text": "hi", "message_type": "text"},
        "visibility": "public",
        "thread_info": {"reply_to": "m_1"},
    },
    "chat.message": {"author_type": "agent", "agent": AGENT, "content": "hi", "visibility": "public"},
    "task.created": {**TASK, "title": "Scaffold", "creator": PERSON, "priority": "high"},
    "task.claim_accepted": {**TASK, "title": "Scaffold"},
    "task.claimed": {**TASK, "owner": PERSON},
    "task.status": {**TASK, "status": "in_progress", "progress": {"percentage": 40}},
    "task.status_changed": {**TASK, "new_status": "rejected"},
    "task.completed": {**TASK},
    "git.commit": {
        "commit_info": {"short_sha": "a1b2c3d", "message": "x", "branch": "b", "author": {"name": "A"}},
        "changes": {"files_added": ["a"], "files_modified": [{"path": "b"}], "stats": {"additions": 1}},
        "task_id": "t_1",
    },
    "git.pr_opened": {"pull_request": {"number": 7, "title": "x", "author": PERSON}},
    "git.pr_merged": {"pull_request": {"number": 7, "title": "x"}, "merge_info": {"merged_by": PERSON}},
    "room.agent_joined": {"agent": AGENT},
    "room.agent_left": {"agent": AGENT},
    "participant.agent_connected": {"agent": AGENT},
    "participant.joined": {"participant_type": "human", "participant": PERSON, "role": "host"},
    "participant.left": {"participant": PERSON},
    **{f"agent.{word}": {**TASK} for word in ("thinking", "executing", "error", "idle")},
}
PUSH = {
    "ref": "refs/heads/main",
    "commits": [
        {"id": SHA, "timestamp": AT, "message": "x", "author": {"name": "A"}, "added": ["a"], "modified": []}
    ],
}
PULL = {
    "action": "closed",
    "pull_request": {
        "number": 7,
        "title": "x",
        "merged": True,
        "merged_at": AT,
        "created_at": AT,
        "user": {"login": "bob"},
        "merged_by": {"login": "alice"},
    },
}
GITHUB = (
    ("push", PUSH),
    ("pull_request", PULL),
    ("pull_request", {**PULL, "action": "opened"}),
    ("issues", {"action": "opened", "issue": {"number": 1, "title": "x", "user": {"login": "bob"}}}),
    ("issues", {"action": "closed", "issue": {"number": 1, "title": "x", "state_reason": "completed"}}),
    ("release", {"action": "published", "release": {"id": 1, "name": "0.1", "published_at": AT}}),
)
GITLAB = (
    {"object_kind": "push", **PUSH},
    *(
        {
            "object_kind": kind,
            "user": {"name": "Alice"},
            "object_attributes": {"action": action, "title": "x", "iid": 7, "confidential": False},
        }
        for kind, action in (
            ("merge_request", "open"),
            ("merge_request", "merge"),
            ("issue", "open"),
            ("issue", "close"),
        )
    ),
    {"object_kind": "release", "action": "create", "name": "0.1"},
)
HOOK = {"session_id": "s", "tool_name": "Bash", "source": "startup"}
TODOS = {"todos": [{"content": "x", "description": "x", "status": "in_progress"}]}
AGENTS = (
    *(
        (claude_code.to_events, {**HOOK, "hook_event_name": name})
        for name in ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop", "SessionEnd")
    ),
    (
        claude_code.to_events,
        {**HOOK, "hook_event_name": "PostToolUse", "tool_name": "TodoWrite", "tool_input": TODOS},
    ),
    (
        claude_code.to_events,
        {
            **HOOK,
            "hook_event_name": "PostToolUse",
            "tool_name": "TaskCreate",
            "tool_input": {"subject": "x"},
            "tool_response": {"task": {"id": "1"}},
        },
    ),
    (
        claude_code.to_events,
        {**HOOK, "hook_event_name": "TaskCompleted", "task_id": "1", "task_subject": "x"},
    ),
    (
        claude_code.to_events,
        {**HOOK, "hook_event_name": "Notification", "notification_type": "idle_prompt"},
    ),
    (codex.to_events, {"type": "thread.started", "thread_id": "s"}),
    (codex.to_events, {"type": "agent-turn-complete", "thread_id": "s"}),
    (codex.to_events, {"type": "item.started", "item": {"type": "command_execution"}}),
    (
        codex.to_events,
        {"type": "item.updated", "item": {"type": "todo_list", "items": [{"text": "x", "completed": True}]}},
    ),
    (gemini.to_events, {**HOOK, "hook_event_name": "BeforeTool"}),
    (gemini.to_events, {**HOOK, "hook_event_name": "Notification", "notification_type": "ToolPermission"}),
    (
        gemini.to_events,
        {**HOOK, "hook_event_name": "AfterTool", "tool_name": "write_todos", "tool_input": TODOS},
    ),
)
REPLAY = [
    {"t": 0, "type": "human.message", "from": "alice", "text": "hi"},
    {"t": 1, "type": "agent.joined", "data": {"agent_id": "a_1", "name": "Claude", "owner": "alice"}},
    {"t": 2, "type": "agent.message", "from": "a_1", "text": "hi"},
    {"t": 3, "type": "task.created", "from": "alice", "data": {"task_id": "t_1", "title": "x"}},
    {"t": 4, "type": "task.claim_accepted", "data": TASK},
    {"t": 5, "type": "agent.status", "data": {**TASK, "status": "executing"}},
    {
        "t": 6,
        "type": "git.commit",
        "data": {"commit_sha": SHA, "message": "x", "files_changed": ["a"], "stats": {"insertions": 1}},
    },
    {"t": 7, "type": "git.merge", "data": {"from_branch": "a", "to_branch": "b", "merge_commit": SHA}},
    {"t": 8, "type": "task.completed", "data": TASK},
]

STRAYS = (
    *("email", "body", "detail", "notes", "diff", "patch", "prompt", "reasoning", "formatted_html"),
    *("edit_history", "command", "file_path", "old_string", "stdout", "transcript_path", "cwd", "handle"),
    *("avatar_url", "html_url", "deliverables", "file_contents", "files_encoded", "field_of_the_future"),
)
JUNK = (
    None,
    True,
    False,
    0,
    -1,
    7,
    2**70,
    0.5,
    1e300,
    "",
    "text",
    "public",
    [],
    {},
    [[]],
    [None],
    {"a": 1},
)


class Table:
    """Names in memory."""

    def __init__(self) -> None:
        self.names = {("agent", "a_1"): "Claude"}

    def learn(self, kind: str, id: str, name: str, /) -> None:
        self.names[kind, id] = name

    def name_of(self, kind: str, id: str, /) -> str | None:
        return self.names.get((kind, id))


def secret(rng: random.Random, depth: int = 2) -> Any:
    """Return something that holds the marker."""
    choice = rng.randrange(1, 4) if depth else 1
    if choice == 2:
        return [secret(rng, depth - 1)]
    if choice == 3:
        # Even under a name that would be read elsewhere.
        return {
            rng.choice(("display_name", "name", "title", "text", "path", *STRAYS)): secret(rng, depth - 1)
        }
    return f"{MARK} {rng.random()}"


def spoiled(value: Any, rng: random.Random, harm: float) -> Any:
    """Return a payload with strays in every object, and some values that are something else."""
    if rng.random() < harm:
        return copy.deepcopy(rng.choice(JUNK))
    if isinstance(value, list):
        return [spoiled(item, rng, harm) for item in value]
    if not isinstance(value, dict):
        return value
    fields = [(name, spoiled(item, rng, harm)) for name, item in value.items() if rng.random() >= harm / 2]
    fields += [(name, secret(rng)) for name in rng.sample(STRAYS, rng.randrange(4, 12))]
    rng.shuffle(fields)
    return dict(fields)


def clawtank(rng: random.Random, harm: float) -> Iterator[Any]:
    table = Table()
    flat: dict[str, Any] = {
        "author_type": "human",
        "status": "testing",
        "sha": SHA,
        "number": 1,
        "progress": 1,
        "files_changed": 2,
    }
    for kind in rng.sample(sorted(CLAWTANK), 8):
        item = spoiled({"data": CLAWTANK[kind], "participant_id": "a_1", "timestamp": AT}, rng, harm)
        yield to_room_event({**item, "type": kind} if isinstance(item, dict) else item, table)
    for kind in rng.sample(sorted(EVENT_TYPES), 4):
        named = {name: flat.get(name, "text") for name in FIELDS_OF[kind] if not name.endswith("tions")}
        item = spoiled(named, rng, harm)
        yield to_room_event({**item, "type": kind} if isinstance(item, dict) else item, table)
    yield to_room_event(
        spoiled({"type": "room.state_changed", "data": {"state": "paused"}}, rng, harm), table
    )
    assert MARK not in repr(table.names)


def forges(rng: random.Random, harm: float) -> Iterator[Any]:
    kind, payload = rng.choice(GITHUB)
    spoilt = spoiled(payload, rng, harm)
    if isinstance(spoilt, dict):
        yield from map(Mapped, github.to_events(kind, "d", spoilt))
    spoilt = spoiled(rng.choice(GITLAB), rng, harm)
    if isinstance(spoilt, dict):
        yield from map(Mapped, gitlab.to_events("d", spoilt))


def agents(rng: random.Random, harm: float) -> Iterator[Any]:
    for to_events, payload in rng.sample(AGENTS, 6):
        spoilt = spoiled(payload, rng, harm)
        if isinstance(spoilt, dict):
            yield from map(Mapped, to_events(spoilt))


def replays(rng: random.Random, harm: float) -> Iterator[Any]:
    document = {"meta": spoiled({}, rng, 0), "events": [spoiled(item, rng, harm) for item in REPLAY]}
    recording = read_recording(encode_json(document))
    assert recording is not None
    yield from (Mapped(moment.event) for moment in recording.moments)


@pytest.mark.parametrize("source", [clawtank, forges, agents, replays])
@settings(max_examples=400)
@given(seed=st.integers(0, 2**32), harm=st.sampled_from([0, 0.02, 0.1, 0.3]))
def test_what_a_mapper_does_not_name_goes_no_further(
    source: Callable[[random.Random, float], Iterator[Any]], seed: int, harm: float
):
    for result in source(random.Random(seed), harm):
        told = screen(result.event, 0) if isinstance(result, Mapped) else result
        assert isinstance(told, Visible | Hidden | Rejected | StateChange)
        assert MARK not in repr(told)
        if not harm:
            assert isinstance(told, Visible | StateChange), "fields of the future hide nothing"


TEXTS = st.text(max_size=4) | st.sampled_from(
    [*CLAWTANK, *EVENT_TYPES, "room.state_changed", "TodoWrite", "PostToolUse", "todo_list", "push", "issue"]
)
NAMES = st.text(max_size=4) | st.sampled_from(
    [
        *(
            "type",
            "data",
            "id",
            "timestamp",
            "participant_id",
            "events",
            "meta",
            "t",
            "from",
            "text",
            "agent",
        ),
        *("author", "content", "visibility", "commit_info", "changes", "stats", "hook_event_name"),
        *("tool_name", "tool_input", "todos", "item", "items", "object_kind", "object_attributes", "commits"),
    ]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=300)
@given(ANY, st.dictionaries(NAMES, ANY, max_size=6))
def test_no_json_is_an_error(value: Any, payload: dict[str, Any]):
    for item in (value, payload, {"type": "chat.message", "data": payload}):
        result = to_room_event(item, Table())
        if isinstance(result, Mapped):
            screen(result.event, 0)
    kinds = [kind for kind, _ in GITHUB]
    events = [event for kind in kinds for event in github.to_events(kind, "", payload)]
    events += gitlab.to_events("", payload)
    for to_events in (claude_code.to_events, codex.to_events, gemini.to_events):
        events += to_events(payload)
    recording = read_recording(encode_json({"meta": {}, "events": [value, payload]}))
    assert recording is not None
    for event in (*events, *(moment.event for moment in recording.moments)):
        assert isinstance(screen(event, 0), Visible | Hidden | Rejected)


def test_every_mapper_has_a_payload_here():
    assert set(CLAWTANK) == set(MAPPERS)
