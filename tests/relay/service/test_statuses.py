"""Locks: what says nothing new is left out, and nothing that does ever is, whatever the log knows already.

Over a real log, against a judge that keeps no state: it reads the log backwards.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.protocol.envelope import encode_json
from relay.rooms.state import RoomState
from relay.service.statuses import has_statuses, mark_repeats
from relay.storage.contract import Draft, Kind, Record, StorageFailed
from relay.storage.sqlite import SqliteStorage
from support.clock import NOON_MS, ManualClock

Event = dict[str, Any]


def status(word: str, agent: str = "Claude", **fields: Any) -> Event:
    return {"type": "agent.status_change", "agent_name": agent, "status": word, **fields}


def draft(event: Event, key: str = "") -> Draft:
    return Draft(Kind.EVENT, event["type"], NOON_MS, encode_json(event), key.encode() or None)


class Room:
    """A room's log and its state, published to as the relay does."""

    def __init__(self, directory: Path) -> None:
        self.log = SqliteStorage(directory, ManualClock())
        self.state = RoomState()
        self.logged: list[Event] = []
        self.log.listen(self._committed)

    def _committed(self, room_id: str, records: Sequence[Record]) -> None:
        for record in records:
            event = json.loads(record.body)
            self.state.apply(record.seq, record.at_ms, event)
            self.logged.append(event)

    async def publish(self, *drafts: Draft) -> list[bool]:
        """Publish drafts; return which were logged."""
        answer = await self.log.append("room", mark_repeats(drafts, self.state.said))
        return [seq is not None for seq in answer.seqs]


@pytest.fixture
async def room(tmp_path: Path) -> Any:
    opened = Room(tmp_path)
    await opened.log.open_room("room")
    yield opened
    await opened.log.aclose()


def test_only_statuses_have_to_be_judged():
    assert has_statuses([draft(status("idle"))])
    assert not has_statuses([draft({"type": "agent.joined", "agent_name": "Claude"})])


async def test_of_twenty_alike_one_is_logged_in_one_publish_or_in_many(room: Room):
    assert await room.publish(*[draft(status("testing"), str(n)) for n in range(20)]) == [True] + [False] * 19
    for number in range(20, 30):
        assert await room.publish(draft(status("testing"), str(number))) == [False]
        assert await room.publish(draft(status("testing"))) == [False]
    assert await room.publish(draft(status("error")), draft(status("testing"))) == [True, True]


async def test_a_duplicate_makes_nothing_else_redundant(room: Room):
    await room.publish(draft(status("testing"), "one"), draft(status("idle"), "two"))
    again = [draft(status("testing"), "one"), draft(status("testing"), "three"), draft(status("testing"))]
    assert await room.publish(*again) == [False, True, False]
    assert [event["status"] for event in room.logged] == ["testing", "idle", "testing"]


async def test_what_is_logged_stays_in_the_order_it_was_told(room: Room):
    await room.publish(draft(status("testing"), "one"), draft(status("idle"), "two"))
    left = {"type": "agent.left", "agent_name": "Claude"}
    again = [draft(status("testing"), "one"), draft(status("testing"), "three"), draft(left)]
    assert await room.publish(*again) == [False, True, True]
    assert room.logged[-1] == left


async def test_a_publish_that_is_repeated_whole_brings_back_nothing_that_was_left_out(room: Room):
    told = [draft(status("testing"), "a"), draft(status("testing"), "b"), draft(status("idle"), "c")]
    assert await room.publish(*told) == [True, False, True]
    assert await room.publish(*told) == [False, False, False]
    assert room.logged[-1]["status"] == "idle"


async def test_a_publish_that_failed_leaves_nothing_behind(room: Room):
    await room.publish(draft(status("idle")))
    broken = replace(draft(status("error"), "x"), at_ms=1 << 70)  # no column holds it
    with pytest.raises(StorageFailed):
        await room.publish(draft(status("testing"), "one"), draft(status("testing"), "two"), broken)
    assert await room.publish(draft(status("testing"), "one"), draft(status("testing"), "two")) == [
        True,
        False,
    ]


def is_news(logged: Sequence[Event], event: Event) -> bool:
    """Judge from the log alone."""

    def shown(one: Event) -> tuple[Any, ...]:
        return one["status"], one.get("task_id"), one.get("progress")

    if event["type"] != "agent.status_change":
        return True
    for past in reversed(logged):
        if past.get("agent_name") == event["agent_name"] and past["type"] != "agent.claimed_task":
            return past["type"] != event["type"] or shown(past) != shown(event)
        if "task_id" in event and past.get("task_id") == event["task_id"]:
            return True
    return True


AGENTS, TASKS = st.sampled_from(["A", "B"]), st.sampled_from(["t1", "t2"])
EVENTS = st.one_of(
    st.fixed_dictionaries(
        {"agent_name": AGENTS, "status": st.sampled_from(["idle", "testing"])}, optional={"task_id": TASKS}
    ).map(lambda fields: {"type": "agent.status_change", **fields}),
    st.builds(
        lambda kind, agent: {"type": kind, "agent_name": agent},
        st.sampled_from(["agent.joined", "agent.left"]),
        AGENTS,
    ),
    st.builds(
        lambda agent, task: {"type": "agent.claimed_task", "agent_name": agent, "task_id": task},
        AGENTS,
        TASKS,
    ),
    TASKS.map(lambda task: {"type": "task.created", "task_id": task, "title": "T", "creator": "ada"}),
)
Publish = list[tuple[Event, str]]


def publishes(keys: st.SearchStrategy[str]) -> st.SearchStrategy[list[Publish]]:
    return st.lists(st.lists(st.tuples(EVENTS, keys), max_size=6), max_size=6)


def play(directory: Path, calls: list[Publish], judge: Callable[[Room, Publish, list[bool]], None]) -> None:
    async def run() -> None:
        room = Room(directory)
        await room.log.open_room("room")
        for call in calls:
            judge(room, call, await room.publish(*(draft(event, key) for event, key in call)))
        await room.log.aclose()

    asyncio.run(run())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(calls=publishes(st.just("")))
def test_exactly_the_news_is_logged(tmp_path_factory: pytest.TempPathFactory, calls: list[Publish]):
    expected: list[Event] = []

    def judge(room: Room, call: Publish, outcomes: list[bool]) -> None:
        for (event, _), logged in zip(call, outcomes, strict=True):
            assert logged == is_news(expected, event)
            expected.extend([event] if logged else [])

    play(tmp_path_factory.mktemp("log"), calls, judge)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(calls=publishes(st.sampled_from(["", "1", "2", "3", "4", "5"])))
def test_no_news_is_lost_and_no_id_is_taken_twice(
    tmp_path_factory: pytest.TempPathFactory, calls: list[Publish]
):
    logged: list[Event] = []
    seen: set[str] = set()

    def judge(room: Room, call: Publish, outcomes: list[bool]) -> None:
        for (event, key), taken in zip(call, outcomes, strict=True):
            if key in seen:
                assert not taken
            elif not taken:
                assert not is_news(logged, event)
            logged.extend([event] if taken else [])
            seen.update([key] if key else [])
        assert room.logged == logged

    play(tmp_path_factory.mktemp("log"), calls, judge)
