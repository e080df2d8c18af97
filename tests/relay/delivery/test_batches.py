"""Locks: a batch's name says what is in it, one name for each; thinning takes nothing that tells more."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.delivery.batches import BatchName, parse_batch_name, thinned
from relay.delivery.frames import Encoder, Variant
from relay.protocol.envelope import MessageIds
from relay.protocol.events import EVENT_TYPES
from relay.protocol.messages import BATCH
from relay.protocol.tasks import state_after
from relay.protocol.times import parse_instant
from relay.rooms.state import RoomState
from relay.storage.contract import Kind, Record
from support.clock import NOON_MS
from support.delivery import ALL_VISIBLE, EPOCH, ROOM, LogInMemory, told_today

NAMES = st.builds(
    lambda after, more, types, low: BatchName(EPOCH, after, after + more, frozenset(types), low),
    st.integers(0, 10**9),
    st.integers(1, 1000),
    st.sets(st.sampled_from(sorted(EVENT_TYPES)), min_size=1),
    st.booleans(),
)


@given(NAMES)
def test_a_name_is_read_as_it_is_written(name: BatchName):
    assert parse_batch_name(str(name)) == name


@pytest.mark.parametrize(
    ("types", "low", "expected"),
    [
        (EVENT_TYPES, False, "abcdefgh-100-130"),
        (EVENT_TYPES, True, "abcdefgh-100-130~low"),
        (frozenset({"chat.public", "git.commit"}), False, "abcdefgh-100-130~chat~git.commit"),
        (
            frozenset({"git.commit", "git.pr_opened", "git.pr_merged"}),
            True,
            "abcdefgh-100-130~git~low",
        ),
    ],
)
def test_names(types: frozenset[str], low: bool, expected: str):
    assert str(BatchName("abcdefgh", 100, 130, types, low)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abcdefgh",
        "abcdefgh-100",
        "abcdefgh-0100-130",
        "abcdefgh-130-100",
        "abcdefgh-100-100",
        "abcdefgh-100-130~",
        "abcdefgh-100-130~nothing",
        "abcdefgh-100-130~git~chat",
        "abcdefgh-100-130~git~git",
        "abcdefgh-100-130~git.commit~git.pr_merged~git.pr_opened",
        "abcdefgh-100-130~agent~chat~git~member~task",
        "abcdefgh-100-130~low~git",
        "abcdefgh-100-130~low~low",
        "ABCDEFGH-100-130",
        "abcdefgh-100-13\u0660",
        "abcdefgh-100-130\n",
    ],
)
def test_what_is_written_otherwise_is_no_name(text: str):
    assert parse_batch_name(text) is None


# -- thinning ------------------------------------------------------------------------------------------


def said(*told: tuple[str, dict[str, Any]]) -> list[Record]:
    """Return events in order: `(type, fields)`."""
    return [
        Record(seq, Kind.EVENT, kind, NOON_MS + seq, NOON_MS, json.dumps({"type": kind, **fields}).encode())
        for seq, (kind, fields) in enumerate(told, 1)
    ]


def status(agent: str, word: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "agent.status_change", {"agent_name": agent, "status": word, **more}


def commit(author: str) -> tuple[str, dict[str, Any]]:
    return "git.commit", {"sha": "a1b2c3d", "message": "fix", "author": author}


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        ([status("Ada", "thinking"), status("Ada", "testing")], [2]),
        ([status("Ada", "thinking"), status("Bob", "thinking"), status("Ada", "testing")], [2, 3]),
        ([status("Ada", "thinking"), commit("Bob"), status("Ada", "testing")], [2, 3]),
        # What the agent did was done in the status it had then.
        ([status("Ada", "committing"), commit("Ada"), status("Ada", "testing")], [1, 2, 3]),
        ([status("Ada", "executing", task_id="T-1"), status("Ada", "idle", task_id="T-1")], [2]),
        ([status("Ada", "executing", task_id="T-1"), status("Ada", "idle", task_id="T-2")], [1, 2]),
        ([status("Ada", "executing", task_id="T-1"), status("Ada", "idle")], [1, 2]),
        # An agent in trouble still has its task: the status before says how far it was.
        ([status("Ada", "executing", task_id="T-1"), status("Ada", "error", task_id="T-1")], [1, 2]),
        (
            [
                status("Ada", "executing", task_id="T-1"),
                ("task.completed", {"task_id": "T-1"}),
                status("Ada", "idle", task_id="T-1"),
            ],
            [1, 2, 3],
        ),
        (
            [status("Ada", "thinking"), ("agent.left", {"agent_name": "Ada"}), status("Ada", "idle")],
            [1, 2, 3],
        ),
    ],
)
def test_a_status_gives_way_to_a_later_one_that_tells_all_it_told(
    events: list[tuple[str, dict[str, Any]]], kept: list[int]
):
    assert [event.seq for event in thinned(said(*events))] == kept


def test_of_a_commits_files_the_number_is_told():
    kind, fields = commit("Ada")
    (event,) = thinned(said((kind, {**fields, "files_changed": ["a.py", "b.py"], "additions": 3})))
    assert json.loads(event.body) == {"type": kind, **fields, "files_changed": 2, "additions": 3}


AGENT = st.sampled_from(["Ada", "Bob"])
TASK = st.sampled_from(["T-1", "T-2"])
WORDS = st.sampled_from(["idle", "thinking", "executing", "testing", "waiting_approval", "error"])
HAPPENINGS = st.one_of(
    st.builds(status, AGENT, WORDS),
    st.builds(lambda agent, word, task: status(agent, word, task_id=task), AGENT, WORDS, TASK),
    st.builds(commit, AGENT),
    st.builds(lambda task: ("task.created", {"task_id": task, "title": "x", "creator": "Eve"}), TASK),
    st.builds(lambda task: ("task.completed", {"task_id": task}), TASK),
    st.builds(
        lambda agent, task: ("agent.claimed_task", {"agent_name": agent, "task_id": task}), AGENT, TASK
    ),
    st.builds(lambda agent: ("agent.joined", {"agent_name": agent}), AGENT),
    st.builds(lambda agent: ("agent.left", {"agent_name": agent}), AGENT),
)


@given(st.lists(HAPPENINGS, max_size=25))
def test_thinning_keeps_the_order_everything_else_and_what_it_adds_up_to(
    told: list[tuple[str, dict[str, Any]]],
):
    events = said(*told)

    def adds_up_to(records: list[Record]) -> dict[str, Any]:
        state = RoomState()
        for record in records:
            state.apply(record.seq, 0, json.loads(record.body))
        snapshot = state.snapshot(EVENT_TYPES, EPOCH)
        # Who is listed first is who came first, or was first heard of.
        return {**snapshot, "agents": sorted(snapshot["agents"], key=lambda agent: agent["agent_name"])}

    kept = thinned(events)
    assert [event.seq for event in kept] == sorted({event.seq for event in kept})
    assert [e for e in kept if e.type != "agent.status_change"] == [
        e for e in events if e.type != "agent.status_change"
    ]
    assert adds_up_to(kept) == adds_up_to(events)
    assert thinned(kept) == kept


def test_the_states_that_settle_are_those_that_do():
    from relay.protocol.events import AGENT_STATUSES
    from relay.protocol.tasks import TASK_STATES, settles

    for word in AGENT_STATUSES:
        after = {state_after(state, word) for state in TASK_STATES if state != "done"}
        assert settles(word) == (len(after) == 1), word


# -- the message ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "variant", [Variant(EVENT_TYPES, True, 30), Variant(EVENT_TYPES, True, 30, low=True)]
)
def test_a_batch_has_the_fields_of_the_specification(variant: Variant):
    log = LogInMemory()
    for _ in range(3):
        log.add(Kind.EVENT, "git.commit")
    encoder = Encoder(ROOM, EPOCH, MessageIds("id"), told_today, "brotli")
    (payload,), cursor, _ = encoder.payloads(log.records, variant, ALL_VISIBLE, 0, NOON_MS)
    envelope = json.loads(payload)
    data = envelope["data"]
    assert envelope["type"] == BATCH
    assert cursor == 3
    assert set(data) == {
        "room_id", "batch_id", "events", "compression", "timestamp_range", "after", "cursor",
    }  # fmt: skip
    assert data["batch_id"] == str(BatchName(EPOCH, 0, 3, EVENT_TYPES, variant.low))
    assert data["compression"] == "brotli"
    times = [parse_instant(event["timestamp"]) for event in data["events"]]
    assert all(parse_instant(data["timestamp_range"]["start"]) <= at for at in times if at)
    assert all(parse_instant(data["timestamp_range"]["end"]) >= at for at in times if at)


def test_a_batch_is_named_after_its_own_stretch_not_after_what_was_filtered_out_long_before():
    log = LogInMemory()
    for kind in ("chat.public", "chat.public", "git.commit"):
        log.add(Kind.EVENT, kind)
    encoder = Encoder(ROOM, EPOCH, MessageIds("id"), told_today)
    variant = Variant(frozenset({"git.commit"}), False, 30)
    (payload,), _, _ = encoder.payloads(log.records[1:], variant, ALL_VISIBLE, 0, NOON_MS)
    data = json.loads(payload)["data"]
    assert data["after"] == f"{EPOCH}-0"
    assert data["batch_id"] == f"{EPOCH}-1-3~git.commit"
