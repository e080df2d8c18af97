"""Locks: what becomes of each item; one costs its neighbours nothing, and no report repeats what was sent."""

import asyncio
import json
from typing import Any

import pytest

from relay.audience.metrics import Metrics
from relay.protocol.errors import Code, Refused
from relay.screen.screen import digest
from relay.service.publishing import Batch, prepare
from relay.service.spoken import Waits
from relay.sources.lines import BadItem
from relay.sources.shapes import SpectatorSaid
from relay.storage.contract import Draft, Kind
from support.clock import NOON_MS, ManualClock

MARK = "hunter2marker"


class NamesInMemory:
    """A room's table of names."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], str] = {}

    def learn(self, kind: str, id: str, name: str, /) -> None:
        self.known[kind, id] = name

    def name_of(self, kind: str, id: str, /) -> str | None:
        return self.known.get((kind, id))


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(ManualClock())


async def prepared(metrics: Metrics, *items: Any) -> Batch:
    return await prepare(items, NamesInMemory(), ManualClock(), metrics, str.encode, None, bring_in)


def bring_in(said: SpectatorSaid, at_ms: int, dedup: bytes | None) -> Draft | Waits | Refused | None:
    """Judge as a room does: by a word in the text."""
    match said.text:
        case "held":
            return Waits("wait", again=dedup == digest("again").encode())
        case "full":
            return Refused(Code.RATE_LIMITED, "Too many wait.")
        case "closed":
            return None
        case text:
            return Draft(Kind.CHAT, "", at_ms, text.encode(), dedup)


def commit(**fields: Any) -> dict[str, Any]:
    return {"type": "git.commit", "sha": "a1b2c3d", "message": "feat: x", "author": "alice", **fields}


def counted(metrics: Metrics) -> dict[tuple[str, str], float]:
    return {
        (sample.labels["type"], sample.labels["outcome"]): sample.value
        for metric in metrics.registry.collect()
        for sample in metric.samples
        if sample.name == "clawtank_events_total"
    }


async def test_a_visible_event_becomes_a_draft(metrics: Metrics):
    batch = await prepared(metrics, commit(id="e1", timestamp="2026-02-17T13:00:00+02:00"))
    (draft,) = batch.drafts
    assert (draft.kind, draft.type, draft.at_ms) == (Kind.EVENT, "git.commit", NOON_MS - 3_600_000)
    assert json.loads(draft.body)["timestamp"] == "2026-02-17T11:00:00Z"
    assert draft.dedup is not None
    assert draft.durable


async def test_an_event_without_a_time_gets_the_relays_and_one_without_an_id_is_never_a_repeat(
    metrics: Metrics,
):
    (draft,) = (await prepared(metrics, commit())).drafts
    assert draft.at_ms == NOON_MS
    assert draft.dedup is None


async def test_each_item_is_judged_for_itself_and_named_by_its_place(metrics: Metrics):
    batch = await prepared(
        metrics,
        commit(),
        BadItem(1, "it is not valid JSON"),
        {"type": "agent.reasoning", "text": MARK},
        {"type": "git.commit"},
        7,
        {"text": MARK},
        commit(message="fix: y"),
    )
    assert [json.loads(draft.body)["message"] for draft in batch.drafts] == ["feat: x", "fix: y"]
    assert batch.hidden == 1
    assert [problem["index"] for problem in batch.rejected] == [1, 3, 4, 5]
    assert {problem["code"] for problem in batch.rejected} == {"INVALID_MESSAGE"}
    assert batch.rejected[0]["message"] == "it is not valid JSON"


async def test_a_change_of_state_is_a_record_and_no_event(metrics: Metrics):
    (draft,) = (
        await prepared(metrics, {"type": "room.state_changed", "data": {"new_state": "paused"}})
    ).drafts
    assert (draft.kind, draft.type, draft.dedup) == (Kind.STATE, "", None)
    assert json.loads(draft.body) == {"kind": "room_state", "state": "paused"}


async def test_no_report_repeats_what_was_sent(metrics: Metrics):
    bad = [{"type": MARK * 2}, commit(sha=MARK), commit(id=[MARK]), commit(timestamp=MARK), [MARK]]
    batch = await prepared(metrics, *bad)
    batch.count([], metrics)
    assert MARK not in json.dumps(batch.report("abcdefgh", 0).data())
    assert MARK.encode() not in metrics.render()


async def test_outcomes_are_counted_by_type_where_the_type_is_public(metrics: Metrics):
    batch = await prepared(
        metrics, commit(id="a"), commit(id="a"), {"type": "x.private"}, {"type": "git.commit"}
    )
    batch.count([1, None], metrics)
    assert counted(metrics) == {
        ("git.commit", "accepted"): 1,
        ("git.commit", "duplicate"): 1,
        ("", "hidden"): 1,
        ("", "rejected"): 1,
    }
    assert batch.report("abcdefgh", 9).data() == {
        "accepted": 1,
        "duplicates": 1,
        "hidden": 1,
        "rejected": batch.rejected,
        "cursor": "abcdefgh-9",
    }


async def test_a_full_body_leaves_turns_to_the_viewers(metrics: Metrics):
    turns = 0

    async def viewer() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async with asyncio.TaskGroup() as tasks:
        other = tasks.create_task(viewer())
        batch = await prepared(metrics, *[commit()] * 1000)
        other.cancel()
    assert len(batch.drafts) == 1000
    assert turns >= 10


async def test_nothing_is_a_report_of_nothing(metrics: Metrics):
    batch = await prepared(metrics)
    batch.count([], metrics)
    assert batch.report("abcdefgh", 0).data() == {
        "accepted": 0,
        "duplicates": 0,
        "hidden": 0,
        "rejected": [],
        "cursor": "abcdefgh-0",
    }


async def test_spectators_messages_are_shown_held_refused_or_hidden_each_for_itself(metrics: Metrics):
    def said(text: str, id: str) -> dict[str, Any]:
        return {"id": id, "type": "chat.spectator_message", "data": {"message": text}}

    batch = await prepared(
        metrics,
        said("hello", "a"),
        said("held", "b"),
        said("held", "again"),
        said("full", "c"),
        said("closed", "d"),
        commit(),
        {**said("hello", "e"), "timestamp": "yesterday"},
        {**said("hello", "f"), "timestamp": 7},
    )
    assert [draft.kind for draft in batch.drafts] == [Kind.CHAT, Kind.EVENT]
    assert batch.drafts[0].dedup == digest("a").encode()
    batch.count([1, 2], metrics)
    report = batch.report("abcdefgh", 2)
    assert (report.accepted, report.duplicates, report.hidden) == (3, 1, 1)
    assert [(problem["index"], problem["code"]) for problem in report.rejected] == [
        (3, "RATE_LIMITED"),
        (6, "INVALID_MESSAGE"),
        (7, "INVALID_MESSAGE"),
    ]
