"""Locks: a session-replay file is told from others, and each of its types is mapped or quietly hidden."""

import json
from typing import Any

import pytest

from relay.screen.screen import Visible, screen
from relay.sources.session_replay import Recording, may_be_recording, read_recording

LEAK = "LEAK-5e55"
META = {"room": LEAK, "description": LEAK, "duration_minutes": 1, "participants": {"humans": ["alice"]}}


def at(t: Any, kind: Any, **fields: Any) -> dict[str, Any]:
    return {"t": t, "type": kind, **fields}


JOINED = at(2, "agent.joined", data={"agent_id": "a1", "name": "Claude", "owner": "alice", "model": LEAK})


def read(*events: Any) -> Recording:
    recording = read_recording(json.dumps({"meta": META, "events": list(events)}).encode())
    assert recording is not None
    for moment in recording.moments:
        result = screen(moment.event, 0)
        assert isinstance(result, Visible), result
        assert LEAK not in result.body.decode()
    return recording


def shown(*events: Any) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in moment.event.items() if value is not None}
        for moment in read(*events).moments
    ]


def test_messages_keep_their_text():
    said = "Let's go 🎉\n`make test`"
    assert shown(JOINED, at(3, "human.message", **{"from": "alice"}, text=said))[1] == {
        "type": "chat.public",
        "author": "alice",
        "author_type": "human",
        "content": said,
    }
    by_agent = shown(JOINED, at(3, "agent.message", **{"from": "a1"}, text="On it"))[1]
    assert (by_agent["author"], by_agent["author_type"]) == ("Claude", "agent")


def test_a_task_walks_through_its_life_under_the_agents_name():
    task = {"task_id": "t1", "agent_id": "a1"}
    events = shown(
        JOINED,
        at(3, "task.created", data={"task_id": "t1", "title": "Write it", "description": LEAK}),
        at(4, "task.claim", data=task),
        at(5, "task.claim_accepted", data={**task, "reason": LEAK}),
        at(6, "agent.status", data={**task, "status": "executing", "detail": LEAK}),
        at(7, "task.completed", data=task),
    )
    assert [event["type"] for event in events] == [
        "agent.joined",
        "task.created",
        "agent.claimed_task",
        "agent.status_change",
        "task.completed",
    ]
    assert [event.get("agent_name") for event in events[2:]] == ["Claude"] * 3
    assert events[2]["agent_owner"] == "alice"


def test_a_commit_and_a_merge():
    commit, merge = shown(
        JOINED,
        at(
            8,
            "git.commit",
            data={
                "task_id": "t1",
                "agent_id": "a1",
                "branch": "feat",
                "commit_sha": "abcdef1",
                "message": "Write it\n\n" + LEAK,
                "files_changed": ["a.py"],
                "stats": {"insertions": 3, "deletions": 1},
            },
        ),
        at(9, "git.merge", data={"from_branch": "feat", "to_branch": "main", "merge_commit": "abcdef2"}),
    )[1:]
    assert (commit["sha"], commit["author"], commit["additions"]) == ("abcdef1", "Claude", 3)
    assert (merge["type"], merge["message"], merge["branch"]) == (
        "git.commit",
        "Merge feat into main",
        "main",
    )


def test_everything_else_is_hidden_and_counted():
    recording = read(
        at(0, "room.created", data={"name": LEAK}),
        at(1, "room.stats", data={}),
        at(1, "room.activity_summary", text=LEAK),
        at(1, "agent.status", data={"agent_id": "a1", "status": "dreaming"}),
        at(1, "type.of.the.future", text=LEAK),
        at(1, 7),
        JOINED,
    )
    assert (len(recording.moments), recording.hidden) == (1, 6)


def test_time_never_runs_backwards():
    said = [at(t, "human.message", **{"from": "a"}, text="x") for t in (0, 5, 3, "x", None, True, -1, 6.5)]
    assert [moment.at_s for moment in read(*said).moments] == [0, 5, 5, 5, 5, 5, 5, 6.5]


@pytest.mark.parametrize(
    "content",
    [
        b'{"type":"chat.public","author":"a"}\n{"type":"chat.public"}\n',
        b'{"type":"chat.public","meta":{},"events":"none"}',
        b'{"events":[]}',
        b'{"meta":{},"events":[',
        b"",
        b"[]",
        b"\xff",
    ],
)
def test_another_file_is_none(content):
    assert read_recording(content) is None


def test_json_lines_are_told_from_a_session_by_their_head():
    assert may_be_recording(b'\xef\xbb\xbf {\n "meta": {}')
    assert not may_be_recording(b'{"type":"chat.public","author":"alice","content":"hi"}\n')
