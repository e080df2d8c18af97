"""Locks: a status is a repeat only if saying it again would change nothing, for its agent or its task."""

from typing import Any

import pytest

from relay.rooms import state as state_module
from relay.rooms.state import RoomState
from relay.rooms.statuses import Statuses


def status(agent: str, word: str, **fields: Any) -> dict[str, Any]:
    return {"type": "agent.status_change", "agent_name": agent, "status": word, **fields}


TESTING = status("Claude", "testing", task_id="t1", progress=40)


@pytest.fixture
def statuses() -> Statuses:
    return Statuses()


def test_what_was_said_last_is_a_repeat_whatever_time_it_bears(statuses: Statuses):
    assert not statuses.is_repeat(TESTING)
    statuses.apply({**TESTING, "timestamp": "2026-02-17T12:00:00Z"})
    assert statuses.is_repeat({**TESTING, "timestamp": "2026-02-17T12:05:00Z"})
    statuses.apply(TESTING)
    assert statuses.is_repeat(TESTING)


@pytest.mark.parametrize(
    "change", [{"status": "error"}, {"task_id": "t2"}, {"progress": 41}, {"agent_name": "Claude 2"}]
)
@pytest.mark.parametrize("word", ["testing", "idle"])
def test_any_field_that_differs_is_news(statuses: Statuses, change: dict[str, Any], word: str):
    statuses.apply({**TESTING, "status": word})
    assert not statuses.is_repeat({**TESTING, "status": word, **change})


@pytest.mark.parametrize("left_out", ["task_id", "progress"])
def test_a_field_that_is_not_there_differs_from_one_that_is(statuses: Statuses, left_out: str):
    fewer = {name: value for name, value in TESTING.items() if name != left_out}
    statuses.apply(TESTING)
    assert not statuses.is_repeat(fewer)
    statuses.apply(fewer)
    assert not statuses.is_repeat(TESTING)


@pytest.mark.parametrize("kind", ["agent.joined", "agent.left"])
def test_who_came_or_went_says_everything_anew(statuses: Statuses, kind: str):
    statuses.apply(TESTING)
    statuses.apply({"type": kind, "agent_name": "Codex"})
    assert statuses.is_repeat(TESTING)
    statuses.apply({"type": kind, "agent_name": "Claude"})
    assert not statuses.is_repeat(TESTING)


@pytest.mark.parametrize(
    "about_it",
    [
        {"type": "agent.claimed_task", "agent_name": "Claude", "task_id": "t1"},
        {"type": "task.created", "task_id": "t1", "title": "T", "creator": "ada"},
        {"type": "task.completed", "task_id": "t1"},
        status("Codex", "idle", task_id="t1"),
    ],
)
def test_whatever_happens_to_the_task_makes_it_news(statuses: Statuses, about_it: dict[str, Any]):
    statuses.apply(TESTING)
    statuses.apply({**about_it, "task_id": "another"})
    assert statuses.is_repeat(TESTING)
    statuses.apply(about_it)
    assert not statuses.is_repeat(TESTING)
    statuses.apply(TESTING)
    assert statuses.is_repeat(TESTING)


def test_who_moved_on_leaves_the_task_to_others(statuses: Statuses):
    statuses.apply(TESTING)
    statuses.apply(status("Codex", "testing", task_id="t1"))
    statuses.apply(status("Claude", "thinking"))
    assert statuses.is_repeat(status("Codex", "testing", task_id="t1"))


def test_a_copy_goes_on_by_itself(statuses: Statuses):
    statuses.apply(TESTING)
    copy = statuses.copy()
    copy.apply(status("Claude", "idle"))
    assert statuses.is_repeat(TESTING)
    assert copy.is_repeat(status("Claude", "idle"))


def test_what_the_rooms_state_forgets_is_news_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(state_module, "MAX_NAMED", 2)
    state = RoomState()
    for seq, agent in enumerate(("first", "second", "third"), start=1):
        state.apply(seq, 0, status(agent, "testing", task_id=agent))
    repeats = [state.said.is_repeat(status(a, "testing", task_id=a)) for a in ("first", "second", "third")]
    assert repeats == [False, True, True]
