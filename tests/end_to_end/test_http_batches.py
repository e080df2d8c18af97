"""Batches over HTTP: what a room's are, that they are its log and nothing else, and who may read them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.clients import chat_event
from support.plain_http import fetch
from support.wound_relay import WoundRelay, wound_relay

if TYPE_CHECKING:
    from support.relay_process import RelayProcess
    from support.rooms import Room

CLOSED_S = 33
"""After so long a window is closed, whenever in it one began to wait."""
JOINED = {"type": "agent.joined", "agent_name": "Claude"}
COMMIT = {"type": "git.commit", "sha": "abcdef1", "message": "feat: it", "author": "bob"}


def status(state: str, **more: Any) -> dict[str, Any]:
    return {"type": "agent.status_change", "agent_name": "Claude", "status": state, **more}


async def publish(relay: WoundRelay, *events: dict[str, Any], room: str = "room") -> None:
    report = await relay.call("POST", f"/rooms/{room}/events", json=list(events))
    assert report["rejected"] == []


async def all_batches(relay: WoundRelay, **query: Any) -> list[dict[str, Any]]:
    """Return what the list holds, page after page."""
    listed: list[dict[str, Any]] = []
    while True:
        page = await relay.call("GET", "/rooms/room/batches", params=query)
        listed += page["batches"]
        if not page["more"]:
            return listed
        query["after"] = page["cursor"]


# -- what they are ---------------------------------------------------------------------------------


@pytest.mark.spec("BATCH-1", "BATCH-3")
async def test_closed_batches_are_the_whole_log_in_order(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data") as relay:
        for number in range(5):
            events = [chat_event(f"{number}.{n}") for n in range(number)]
            late = chat_event("late") | {"timestamp": f"2026-01-0{number + 1}T00:00:00Z"}
            await publish(relay, *events, late)
            relay.clock.advance(CLOSED_S)
        listed = await all_batches(relay)
        assert [entry["count"] for entry in listed] == [1, 2, 3, 4, 5]
        seen: list[dict[str, Any]] = []
        cursors = []
        for entry in listed:
            batch = await relay.call("GET", f"/rooms/room/batches/{entry['batch_id']}")
            assert (batch["room_id"], batch["batch_id"]) == ("room", entry["batch_id"])
            assert len(batch["events"]) == entry["count"]
            assert batch["compression"] in ("gzip", "brotli")
            times = [event["timestamp"] for event in batch["events"]]
            span = batch["timestamp_range"]
            assert span == entry["timestamp_range"]
            assert span["start"] in times
            assert span["end"] in times
            assert span["start"] == next(time for time in times if time.startswith("2026-01-0"))
            assert all(span["start"] <= time <= span["end"] for time in times)
            seen += batch["events"]
            cursors.append((batch["after"], batch["cursor"]))
        assert seen == (await relay.call("GET", "/rooms/room/events"))["events"]
        assert [event["seq"] for event in seen] == list(range(1, 16))
        assert all(one[1] == other[0] for one, other in pairwise(cursors))


async def test_a_batch_is_listed_when_its_window_is_over_or_it_is_full(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data") as relay:
        assert await all_batches(relay) == []
        await publish(relay, chat_event("one"))
        assert await all_batches(relay) == [], "it may still grow"
        relay.clock.advance(CLOSED_S)
        (first,) = await all_batches(relay)
        # A flood is cut by its length, at once.
        await publish(relay, *(chat_event(str(n)) for n in range(1000)))
        listed = await all_batches(relay)
        assert listed[0] == first
        assert [entry["count"] for entry in listed] == [1, 499, 500]
        relay.clock.advance(CLOSED_S)
        assert [entry["count"] for entry in await all_batches(relay)] == [1, 499, 500, 1]
        # Silence is no batch.
        relay.clock.advance(10 * CLOSED_S)
        assert len(await all_batches(relay)) == 4


async def test_the_list_is_read_in_pages_from_any_position(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data") as relay:
        for _ in range(7):
            await publish(relay, chat_event("one"), chat_event("two"), chat_event("three"))
            relay.clock.advance(CLOSED_S)
        whole = await all_batches(relay)
        assert len(whole) == 7
        assert await all_batches(relay, limit=2) == whole
        page = await relay.call("GET", "/rooms/room/batches", params={"limit": 3})
        assert (page["batches"], page["more"]) == (whole[:3], True)
        epoch = page["after"].partition("-")[0]
        assert (page["after"], page["cursor"]) == (f"{epoch}-0", f"{epoch}-9")
        for position in range(22):
            # The batch that a reader's cursor lies in is listed whole, so that nothing is missing.
            rest = await all_batches(relay, after=f"{epoch}-{position}")
            assert rest == whole[position // 3 :], position
        for bad in ("nowhere", f"{epoch}-22", "abcdefgh-3", ""):
            answer = await relay.http.get("/rooms/room/batches", params={"after": bad})
            assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_MESSAGE")
        for limit in ("0", "501", "x", "-1"):
            answer = await relay.http.get("/rooms/room/batches", params={"limit": limit})
            assert answer.status_code == 400
            assert answer.json()["message"].startswith("limit: ")


async def test_a_full_page_may_be_kept_as_long_as_a_batch_and_the_end_of_the_list_for_seconds(
    tmp_path: Path,
) -> None:
    async with wound_relay(tmp_path / "data") as relay:
        for _ in range(2):
            await publish(relay, chat_event("one"))
            relay.clock.advance(CLOSED_S)
        for limit, lifetime_s in ((1, 300), (2, 10)):
            answer = await relay.http.get("/rooms/room/batches", params={"limit": limit})
            assert answer.headers["cache-control"] == f"public, max-age={lifetime_s}"


async def test_a_window_of_which_nothing_is_shown_is_not_listed_and_not_in_the_way(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data") as relay:
        for event in (JOINED, COMMIT, JOINED):
            await publish(relay, event)
            relay.clock.advance(CLOSED_S)
        first, hidden, last = await all_batches(relay)
        await relay.call("PATCH", "/rooms/room/settings", json={"visibleEvents": {"gitOperations": False}})
        assert await all_batches(relay) == [first, last]
        assert await all_batches(relay, limit=1) == [first, last]
        answer = await relay.http.get(f"/rooms/room/batches/{hidden['batch_id']}")
        assert answer.status_code == 404


# -- what they are called --------------------------------------------------------------------------


@pytest.fixture
def told(room: Room) -> tuple[Room, str]:
    """A room with six events of all kinds, and its epoch."""
    room.publish(
        chat_event("one"), JOINED, status("testing", task_id="t1"), status("idle"), COMMIT, chat_event("two")
    )
    return room, room.history()[0]["event_id"].partition("-")[0]


def seqs(room: Room, name: str) -> list[int]:
    return [event["seq"] for event in fetch(room.url, f"{room.path}/batches/{name}").json["events"]]


def test_any_stretch_has_a_name_and_a_filter_is_exact(told: tuple[Room, str]) -> None:
    room, epoch = told
    for name, held in {
        "0-6": [1, 2, 3, 4, 5, 6],
        "2-5": [3, 4, 5],
        "0-6~chat": [1, 6],
        "0-6~chat~git": [1, 5, 6],
        "0-6~agent.joined~chat": [1, 2, 6],
        "1-5~agent": [2, 3, 4],
        "0-6~git.commit": [5],
        "4-6~agent.joined~git": [5],
    }.items():
        assert seqs(room, f"{epoch}-{name}") == held, name
    batch = fetch(room.url, f"{room.path}/batches/{epoch}-0-6~chat").json
    assert (batch["after"], batch["cursor"]) == (f"{epoch}-0", f"{epoch}-6")


def test_a_thinned_one_leaves_out_statuses_that_a_later_one_makes_superfluous(room: Room) -> None:
    room.publish(JOINED, *(status(name) for name in ("testing", "executing", "testing", "idle")), COMMIT)
    epoch = room.history()[0]["event_id"].partition("-")[0]
    assert seqs(room, f"{epoch}-0-6") == [1, 2, 3, 4, 5, 6]
    assert seqs(room, f"{epoch}-0-6~low") == [1, 5, 6]
    assert seqs(room, f"{epoch}-0-6~agent~low") == [1, 5]


def test_one_content_has_one_name_and_what_is_not_there_is_404(told: tuple[Room, str]) -> None:
    room, epoch = told
    for name in (
        f"{epoch}-0-7",  # not yet
        f"{epoch}-6-6",
        f"{epoch}-5-2",
        f"{epoch}-00-6",
        f"{epoch}-0-06",
        f"{epoch}-0-6~git~chat",
        f"{epoch}-0-6~chat~chat",
        f"{epoch}-0-6~chat.public",  # the whole category
        f"{epoch}-0-6~agent~chat~git~member~task",  # everything
        f"{epoch}-0-6~low~chat",
        f"{epoch}-0-6~weather",
        f"{epoch}-0-6~",
        f"{epoch}-0-6~task",  # nothing of it
        f"{epoch.upper()}-0-6",
        "abcdefgh-0-6",  # of another log
        "latest",
        f"{epoch}-0-6%7Echat%2Fgit",
        f"{epoch}-0-9999999999999999999",
    ):
        answer = fetch(room.url, f"{room.path}/batches/{name}")
        assert (answer.status, answer.json["code"], answer.cache) == (404, "INVALID_MESSAGE", {"no-store"}), (
            name
        )


def test_a_batch_spans_a_thousand_positions_at_most(room: Room) -> None:
    room.publish(*(chat_event(str(n)) for n in range(1001)))
    epoch = room.history()[0]["event_id"].partition("-")[0]
    assert len(seqs(room, f"{epoch}-1-1001")) == 1000
    assert fetch(room.url, f"{room.path}/batches/{epoch}-0-1001").status == 404


@pytest.mark.spec("BATCH-2")
def test_the_coding_a_batch_names_is_the_one_it_is_served_in(room: Room) -> None:
    room.publish(*(chat_event(f"number {n}") for n in range(100)))
    epoch = room.history()[0]["event_id"].partition("-")[0]
    path = f"{room.path}/batches/{epoch}-0-100"
    named = fetch(room.url, path).json["compression"]
    plain = fetch(room.url, path)
    assert (plain.coding, named) == ("identity", "gzip")
    for accepted, coding in (
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, br", named),
        ("br, gzip", named),
        ("*", named),
        ("gzip;q=0.1, br;q=0.2", "br"),
        ("identity", "identity"),
        ("identity, gzip;q=0", "identity"),
        ("", "identity"),
    ):
        answer = fetch(room.url, path, headers={"Accept-Encoding": accepted})
        assert answer.coding == coding, accepted
        assert answer.body == plain.raw


@pytest.mark.spec("BATCH-4")
@pytest.mark.parametrize(
    "choice",
    [{}, {"types": "git,agent.joined"}, {"low_bandwidth": "true"}, {"types": "agent", "low_bandwidth": "1"}],
)
async def test_what_came_over_the_socket_can_be_fetched_under_its_name(
    room: Room, choice: dict[str, str]
) -> None:
    options = {"frequency": "batched", "interval_s": "1", **choice}
    async with room.watch(options=options) as viewer:
        await viewer.welcome()
        for number in range(3):
            some = [chat_event(f"{number}.{n}") for n in range(100)]
            room.publish(
                *some[:50], JOINED, status("testing"), status("executing"), COMMIT, *some[50:], JOINED
            )
        last = f"-{room.history(types='agent.joined')[-1]['seq']}"
        batches: list[dict[str, Any]] = []
        while not batches or not batches[-1]["cursor"].endswith(last):
            batches.append(await viewer.expect("spectator.batch"))
    names = [batch["batch_id"] for batch in batches]
    assert len(set(names)) == len(names)
    for batch in batches:
        for _ in range(2):
            answer = fetch(room.url, f"{room.path}/batches/{batch['batch_id']}")
            assert answer.status == 200
            # Where it begins: there it stands alone, on the socket it follows what this viewer was sent.
            assert answer.json | {"after": ""} == batch | {"after": ""}
    epoch = names[0].partition("-")[0]
    for unknown in (f"{epoch}-0-999999", "abcdefgh-0-1", names[0] + "~nothing"):
        assert fetch(room.url, f"{room.path}/batches/{unknown}").status == 404


# -- what is in them, today ------------------------------------------------------------------------


def test_a_name_that_is_learnt_later_is_in_no_batch_that_was_made_before(
    make_room: Callable[..., Room],
) -> None:
    """An anonymised room cannot know a name before somebody bears it; from then on no text shows it."""
    room = make_room(settings={"anonymizeParticipants": True})
    room.publish(chat_event("Wilhelmina will be here soon"))
    epoch = room.history()[0]["event_id"].partition("-")[0]
    path = f"{room.path}/batches/{epoch}-0-1"
    for _ in range(2):
        before = fetch(room.url, path)
        assert b"Wilhelmina" in before.body
    room.publish({"type": "member.joined", "name": "Wilhelmina"})
    after = fetch(room.url, path, headers={"If-None-Match": before.headers["etag"]})
    assert after.status == 200
    assert b"Wilhelmina" not in after.body


def test_a_batch_stays_as_it_is_while_the_room_goes_on(told: tuple[Room, str], relay: RelayProcess) -> None:
    room, epoch = told
    path = f"{room.path}/batches/{epoch}-0-6"
    before = fetch(relay.url, path)
    room.publish(chat_event("more"), COMMIT)
    room.set(maxSpectators=7)
    after = fetch(relay.url, path)
    assert (after.raw, after.headers["etag"]) == (before.raw, before.headers["etag"])
