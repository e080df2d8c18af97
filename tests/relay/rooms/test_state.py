"""Locks: what a log adds up to, in bounded memory, and that a snapshot shows nothing a viewer may not see."""

from typing import Any

import pytest

from relay.protocol.events import EVENT_TYPES
from relay.rooms import state as state_module
from relay.rooms.state import RECENT_CHAT, RoomState
from support.clock import NOON_MS

EPOCH = "abcdefgh"


class Told:
    """A room's state, told events a minute apart from noon on."""

    def __init__(self) -> None:
        self.state = RoomState()
        self.seq = 0

    def __call__(self, kind: str, **fields: Any) -> "Told":
        self.seq += 1
        body = {"type": kind, "timestamp": "2026-02-17T12:00:00Z", **fields}
        self.state.apply(self.seq, NOON_MS + 60_000 * (self.seq - 1), body)
        return self

    def part(self, name: str) -> list[dict[str, Any]]:
        return list(self.state.snapshot(EVENT_TYPES, EPOCH)[name])


@pytest.fixture
def told() -> Told:
    return Told()


def minute(number: int) -> str:
    return f"2026-02-17T12:{number:02}:00Z"


# -- people and agents -----------------------------------------------------------------------------


def test_members_come_and_go(told: Told):
    told("member.joined", name="alice", role="host")("member.joined", name="bob")("member.left", name="alice")
    assert told.part("members") == [{"name": "bob", "since": minute(1)}]
    told("member.left", name="nobody")
    assert told.state.participants(EVENT_TYPES) == {"bob"}


def test_an_agent_is_idle_when_it_joins_and_gone_when_it_leaves(told: Told):
    told("agent.joined", agent_name="Claude", agent_owner="alice")
    expected = {"agent_name": "Claude", "agent_owner": "alice", "status": "idle", "since": minute(0)}
    assert told.part("agents") == [expected]
    assert told.state.participants(EVENT_TYPES) == {"Claude"}
    told("agent.left", agent_name="Claude")("agent.left", agent_name="Claude")
    assert told.part("agents") == []


def test_since_says_how_long_an_agent_has_been_in_its_status(told: Told):
    told("agent.joined", agent_name="C")
    told("agent.status_change", agent_name="C", status="testing", task_id="t", progress=10)
    told("agent.status_change", agent_name="C", status="testing", task_id="t", progress=60)
    (agent,) = told.part("agents")
    assert (agent["status"], agent["progress"], agent["since"]) == ("testing", 60, minute(1))
    told("agent.status_change", agent_name="C", status="error")
    (agent,) = told.part("agents")
    assert agent == {"agent_name": "C", "status": "error", "since": minute(3)}


def test_an_agent_that_joins_again_starts_anew(told: Told):
    told("agent.joined", agent_name="C")
    told("agent.status_change", agent_name="C", status="error", task_id="t")
    told("agent.joined", agent_name="C")
    assert told.part("agents") == [{"agent_name": "C", "status": "idle", "since": minute(2)}]


def test_an_agent_nobody_announced_is_known_by_what_it_does(told: Told):
    told("agent.status_change", agent_name="C", status="thinking")
    assert told.part("agents") == [{"agent_name": "C", "status": "thinking", "since": minute(0)}]


# -- tasks -----------------------------------------------------------------------------------------


def task(told: Told, task_id: str = "t") -> dict[str, Any]:
    return next(task for task in told.part("tasks") if task["task_id"] == task_id)


def test_a_task_lives_from_open_to_done(told: Told):
    told("task.created", task_id="t", title="CLI", creator="alice", priority="high")
    created = {"task_id": "t", "title": "CLI", "state": "open", "creator": "alice", "priority": "high"}
    assert task(told) == {**created, "since": minute(0)}
    told("agent.claimed_task", agent_name="C", agent_owner="alice", task_id="t")
    assert task(told) == {**created, "agent_name": "C", "state": "claimed", "since": minute(1)}
    told("agent.status_change", agent_name="C", status="executing", task_id="t")
    assert task(told)["state"] == "in_progress"
    told("agent.status_change", agent_name="C", status="testing", task_id="t")
    assert task(told)["since"] == minute(2)
    told("agent.status_change", agent_name="C", status="waiting_approval", task_id="t")
    assert (task(told)["state"], task(told)["since"]) == ("review", minute(4))
    told("task.completed", task_id="t", agent_name="C")
    assert task(told) == {**created, "agent_name": "C", "state": "done", "since": minute(5)}


def test_a_rejected_task_is_open_again_and_nobodys(told: Told):
    told("task.created", task_id="t", title="CLI", creator="alice")
    told("agent.claimed_task", agent_name="C", task_id="t")
    told("agent.status_change", agent_name="C", status="waiting_approval", task_id="t", progress=90)
    told("agent.status_change", agent_name="C", status="idle", task_id="t", progress=90)
    assert task(told) == {
        "task_id": "t",
        "title": "CLI",
        "state": "open",
        "creator": "alice",
        "since": minute(3),
    }
    assert told.part("agents") == [{"agent_name": "C", "status": "idle", "since": minute(3)}]
    told("agent.status_change", agent_name="D", status="executing", task_id="t")
    assert (task(told)["state"], task(told)["agent_name"]) == ("in_progress", "D")


def test_a_status_about_no_task_or_an_unknown_one_moves_none(told: Told):
    told("task.created", task_id="t", title="CLI", creator="a")
    told("agent.claimed_task", agent_name="C", task_id="t")
    told("agent.status_change", agent_name="C", status="idle")
    told("agent.status_change", agent_name="C", status="executing", task_id="other")
    told("agent.status_change", agent_name="C", status="error", task_id="t")
    assert [entry["state"] for entry in told.part("tasks")] == ["claimed"]


def test_a_done_task_is_not_begun_again_by_a_late_status(told: Told):
    told("task.created", task_id="t", title="CLI", creator="a")("task.completed", task_id="t")
    told("agent.status_change", agent_name="C", status="testing", task_id="t")
    assert task(told)["state"] == "done"


def test_a_task_seen_in_the_middle_of_its_life_is_still_a_task(told: Told):
    told("agent.claimed_task", agent_name="C", task_id="t", title="CLI")
    assert task(told) == {
        "task_id": "t",
        "title": "CLI",
        "agent_name": "C",
        "state": "claimed",
        "since": minute(0),
    }


def test_a_task_created_again_is_a_new_one(told: Told):
    told("task.created", task_id="t", title="old", creator="a")(
        "agent.claimed_task", agent_name="C", task_id="t"
    )
    told("task.created", task_id="t", title="new", creator="b")
    assert task(told) == {"task_id": "t", "title": "new", "creator": "b", "state": "open", "since": minute(2)}


def test_where_agents_are_hidden_a_task_is_where_its_own_events_left_it(told: Told):
    told("task.created", task_id="t", title="CLI", creator="a")
    told("agent.claimed_task", agent_name="C", task_id="t")
    claimed = task(told)
    told("agent.status_change", agent_name="D", status="waiting_approval", task_id="t")
    assert (task(told)["state"], task(told)["agent_name"]) == ("review", "D")
    types = EVENT_TYPES - {"agent.status_change"}
    assert told.state.snapshot(types, EPOCH)["tasks"] == [claimed]
    told("task.completed", task_id="t")
    assert told.state.snapshot(types, EPOCH)["tasks"][0]["agent_name"] == "C"
    assert task(told)["agent_name"] == "D"


def test_where_claims_are_hidden_they_tell_of_no_agent(told: Told):
    told("agent.claimed_task", agent_name="C", task_id="t")
    types = EVENT_TYPES - {"agent.claimed_task"}
    assert told.state.snapshot(types, EPOCH)["agents"] == []
    told("agent.status_change", agent_name="C", status="testing")
    assert [agent["agent_name"] for agent in told.state.snapshot(types, EPOCH)["agents"]] == ["C"]


# -- chat ------------------------------------------------------------------------------------------


def test_recent_chat_is_the_events_as_in_the_stream_newest_last(told: Told):
    for number in range(RECENT_CHAT + 5):
        told("chat.public", author="a", author_type="human", content=str(number))
    chat = told.part("recent_chat")
    assert [event["content"] for event in chat] == [str(n) for n in range(5, RECENT_CHAT + 5)]
    assert chat[-1]["seq"] == RECENT_CHAT + 5
    assert chat[-1]["event_id"] == f"{EPOCH}-{RECENT_CHAT + 5}"


# -- bounds and privacy ----------------------------------------------------------------------------


def test_commits_and_milestones_do_not_change_the_room(told: Told):
    told("git.commit", sha="a1b2c3d", message="feat: x", author="a", task_id="t")
    told("milestone.reached", title="v1")
    assert not any(told.state.snapshot(EVENT_TYPES, EPOCH).values())


def test_whatever_is_published_the_state_is_bounded(told: Told, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(state_module, "MAX_NAMED", 20)
    monkeypatch.setattr(state_module, "MAX_DONE", 5)
    for number in range(100):
        told("member.joined", name=f"m{number}")
        told("agent.joined", agent_name=f"a{number}")
        told("task.created", task_id=f"t{number}", title="x", creator="a")
        if number % 2:
            told("task.completed", task_id=f"t{number}")
    assert [member["name"] for member in told.part("members")] == [f"m{n}" for n in range(80, 100)]
    assert len(told.part("agents")) == 20
    tasks = told.part("tasks")
    assert len(tasks) <= 20
    assert sum(task["state"] == "done" for task in tasks) <= 5


def test_old_done_tasks_go_first_and_reopened_ones_stay(told: Told, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(state_module, "MAX_DONE", 2)
    for name in "abc":
        told("task.created", task_id=name, title=name, creator="x")("task.completed", task_id=name)
    assert [task["task_id"] for task in told.part("tasks")] == ["b", "c"]
    told("task.created", task_id="b", title="again", creator="x")
    for name in "de":
        told("task.created", task_id=name, title=name, creator="x")("task.completed", task_id=name)
    assert {task["task_id"]: task["state"] for task in told.part("tasks")} == {
        "b": "open",
        "d": "done",
        "e": "done",
    }


HIDES = {
    "members": {"member.joined", "member.left"},
    "agents": {"agent.status_change", "agent.joined", "agent.left", "agent.claimed_task"},
    "tasks": {"task.created", "task.completed", "agent.claimed_task"},
    "recent_chat": {"chat.public"},
}


@pytest.mark.parametrize(("part", "types"), HIDES.items())
def test_what_a_viewer_may_not_see_is_in_no_part_of_the_snapshot(told: Told, part: str, types: set[str]):
    told("member.joined", name="alice")("agent.joined", agent_name="C")
    told("task.created", task_id="t", title="CLI", creator="alice")
    told("chat.public", author="alice", author_type="human", content="hi")
    assert told.part(part) != []
    assert told.state.snapshot(EVENT_TYPES - types, EPOCH)[part] == []
