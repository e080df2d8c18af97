"""Transcripts: what each viewer has been written at each moment, where time decides it.

Batches and their windows, thin lines, viewers who are served alone, and realtime that is merged. The clock is
wound; a line says who was sent what: positions for events, `chat 4`, `presence 2`, `keepalive`.
"""

import asyncio
import weakref
from collections.abc import Callable

import pytest

from relay.delivery import hub as hub_module
from relay.delivery.frames import Origin, Variant
from relay.delivery.hub import LOW_PRESENCE_S
from relay.delivery.tail import TAIL
from relay.delivery.windows import grid_of
from relay.protocol.events import EVENT_TYPES
from relay.storage.contract import Kind, Record
from support.clock import LoopClock
from support.delivery import EVERYTHING, FakeTransport, RoomOfViewers, Scenario, position_of, seqs_of, settle
from support.delivery import in_a_room as in_a_timed_room

MINUTE = Variant(EVENT_TYPES, chat=True, interval_s=60)
LOW = Variant(EVENT_TYPES, chat=True, interval_s=60, low=True)
GIT_MINUTE = Variant(frozenset({"git.commit"}), chat=False, interval_s=60)


def in_a_room(scenario: Scenario) -> Callable[[], None]:
    """Make a test of a scenario that begins just after a window of a minute has."""

    async def begun(room: RoomOfViewers) -> None:
        await asyncio.sleep(_to_window_end_s(room) + 1)
        await scenario(room)

    begun.__name__ = scenario.__name__
    return in_a_timed_room(begun, LoopClock)


def _to_window_end_s(room: RoomOfViewers) -> float:
    now_ms = room.clock.now_ms()
    return (grid_of(room.encoder.room_id, 60_000).ends_ms(now_ms) - now_ms) / 1000


async def window_ends(room: RoomOfViewers) -> None:
    await asyncio.sleep(_to_window_end_s(room) + 0.5)


def lines(viewer: FakeTransport) -> list[str]:
    """Return what a viewer was written since this was last asked."""
    told = []
    for envelope in viewer.seen:
        kind, data = envelope["type"].removeprefix("spectator."), envelope["data"]
        if kind in ("activity", "batch"):
            told.append(f"{kind} {' '.join(map(str, seqs_of(envelope)))}")
        elif kind == "presence":
            told.append(f"presence {data['n']}")
        elif kind == "notice" and data["kind"] == "quality_changed":
            told.append(f"quality {data['quality']} {data['interval_ms']}")
        elif kind == "keepalive":
            told.append(kind)
        else:
            told.append(f"{'chat' if kind == 'chat_message' else data['kind']} {position_of(data['cursor'])}")
    viewer.seen.clear()
    return told


def presence(room: RoomOfViewers, number: int) -> None:
    room.hub.broadcast("spectator.presence", b'{"n":%d}' % number)


# -- batches ---------------------------------------------------------------------------------------------


@in_a_room
async def test_a_window_ends_once_for_all_and_says_nothing_if_nothing_was(room: RoomOfViewers):
    live, batched, git = room.join(), room.join(MINUTE), room.join(GIT_MINUTE)
    room.push("chat.public")
    await asyncio.sleep(5)
    room.push("git.commit")
    await asyncio.sleep(5)
    assert lines(live) == ["activity 1", "activity 2"]
    assert lines(batched) == lines(git) == []
    await window_ends(room)
    assert lines(batched) == ["batch 1 2"]
    assert lines(git) == ["batch 2"]
    await window_ends(room)
    room.push("chat.public")
    await window_ends(room)
    assert lines(batched) == ["batch 3"]
    assert lines(git) == []


@in_a_room
async def test_whoever_comes_in_the_middle_shares_the_whole_batch(room: RoomOfViewers):
    first = room.join(MINUTE)
    room.push("chat.public")
    await asyncio.sleep(5)
    second = room.join(MINUTE)
    room.push("chat.public")
    await window_ends(room)
    assert lines(first) == lines(second) == ["batch 1 2"]
    assert first.written == second.written


@in_a_room
async def test_who_resumes_is_given_what_the_others_have_had_and_the_rest_with_them(room: RoomOfViewers):
    room.join(MINUTE)
    room.push("chat.public", "chat.public")
    await window_ends(room)
    room.push("chat.public")
    await settle()
    late = room.resume(1, MINUTE)
    await settle()
    assert lines(late) == ["batch 2"]
    await window_ends(room)
    assert lines(late) == ["batch 3"]


@in_a_room
async def test_who_knows_already_what_is_still_pending_is_not_told_again(room: RoomOfViewers):
    other = room.join()
    room.push("chat.public", "chat.public")
    informed = room.resume(2)
    room.push("chat.public")
    await settle()
    assert lines(other) == ["activity 1 2", "activity 3"]
    assert lines(informed) == ["activity 3"]


@in_a_room
async def test_what_is_committed_while_a_batch_is_read_comes_with_the_next(room: RoomOfViewers):
    viewer = room.join(MINUTE)
    for _ in range(TAIL + 500):
        room.push("chat.public")
    read = room.hub._tail._read

    async def slowly(after: int, limit: int, until: int) -> list[Record]:
        if room.log.head == TAIL + 500:
            room.push("chat.public")
            await settle()
        return await read(after, limit, until)

    room.hub._tail._read = slowly
    await window_ends(room)
    assert viewer.seqs() == list(range(1, TAIL + 501))
    await window_ends(room)
    assert viewer.seqs() == list(range(1, TAIL + 502))


@in_a_room
async def test_who_has_seen_more_than_the_batched_waits_for_them(room: RoomOfViewers):
    room.join(MINUTE)
    ahead = room.join()
    room.push("chat.public")
    await settle()
    room.hub.change_variant(ahead.subscriber, MINUTE)
    room.push("chat.public")
    await asyncio.sleep(5)
    assert lines(ahead) == ["activity 1"]
    await window_ends(room)
    await asyncio.sleep(1.5)
    assert lines(ahead) == ["batch 2"]
    room.push("chat.public")
    await window_ends(room)
    assert lines(ahead) == ["batch 3"]
    assert ahead.subscriber.live


@in_a_room
async def test_who_turns_to_realtime_is_given_the_open_batch_at_once(room: RoomOfViewers):
    viewer = room.join(MINUTE)
    room.push("chat.public", "git.commit")
    await settle()
    room.hub.change_variant(viewer.subscriber, EVERYTHING)
    await settle()
    assert lines(viewer) == ["activity 1 2"]
    room.push("chat.public")
    await settle()
    assert lines(viewer) == ["activity 3"]


@in_a_room
async def test_what_has_a_place_of_its_own_keeps_it_between_two_batches(room: RoomOfViewers):
    viewer = room.join(MINUTE)
    room.push("chat.public")
    room.say()
    room.push("chat.public")
    room.hub.push([room.log.add(Kind.STATE)])
    await window_ends(room)
    assert lines(viewer) == ["batch 1", "chat 2", "batch 3", "room_state 4"]


@in_a_room
async def test_a_batch_is_what_may_be_seen_when_its_window_ends(room: RoomOfViewers):
    viewer = room.join(MINUTE)
    room.push("chat.public", "git.commit")
    room.say()
    room.push("chat.public")
    room.change_visible({"chat.public"})
    await window_ends(room)
    assert lines(viewer) == ["batch 1 4", "settings_changed 5"]


@in_a_room
async def test_an_author_reads_its_words_at_once_and_everything_before_them(room: RoomOfViewers):
    author, other = room.join(MINUTE), room.join(MINUTE)
    room.push("chat.public")
    room.say(origin=Origin(weakref.ref(author.subscriber), "mine"))
    await settle()
    assert author.seen[-1]["data"]["ref"] == "mine"
    assert lines(author) == ["batch 1", "chat 2"]
    assert lines(other) == []
    room.push("chat.public")
    room.say(origin=Origin(weakref.ref(author.subscriber), "more"))
    await settle()
    assert lines(author) == ["batch 3", "chat 4"]
    room.push("chat.public")
    await window_ends(room)
    assert lines(other) == ["batch 1", "chat 2", "batch 3", "chat 4", "batch 5"]
    await asyncio.sleep(1.5)
    assert lines(author) == ["batch 5"]


@in_a_room
async def test_a_window_longer_than_memory_is_read_from_disk(room: RoomOfViewers):
    viewer = room.join(MINUTE)
    for _ in range(TAIL + 500):
        room.push("chat.public")
    await window_ends(room)
    assert viewer.seqs() == list(range(1, TAIL + 501))
    assert room.log.reads


@in_a_room
async def test_who_comes_while_a_window_is_read_for_one_that_leaves_is_not_told_what_was_before(
    room: RoomOfViewers,
):
    leaving = room.join(MINUTE)
    for _ in range(TAIL + 500):
        room.push("chat.public")
    room.log.turns = 5
    while not room.log.reads:
        await asyncio.sleep(0.1)
        if room.log.reads:
            break
        await asyncio.sleep(max(0.0, _to_window_end_s(room)))
        for _ in range(3):
            await asyncio.sleep(0)
    room.hub.leave(leaving.subscriber)
    start = room.hub.peek(MINUTE)
    coming = room.join(MINUTE)
    room.push("chat.public")
    await window_ends(room)
    assert start == TAIL + 500
    assert coming.seqs() == [TAIL + 501]


@in_a_room
async def test_a_batch_that_cannot_be_read_ends_its_viewers_resumably(room: RoomOfViewers):
    viewer = room.join(MINUTE)
    for _ in range(TAIL + 500):
        room.push("chat.public")
    room.log.broken = True
    await window_ends(room)
    assert viewer.given_up == 1
    assert viewer.seqs() == []


@in_a_room
async def test_a_silent_stream_is_kept_alive_within_its_window(room: RoomOfViewers):
    viewer = room.join(Variant(EVENT_TYPES, chat=True, interval_s=300))
    room.push("chat.public")
    await asyncio.sleep(61)
    room.hub.keep_alive(60)
    assert lines(viewer) in (["keepalive"], ["batch 1", "keepalive"], ["batch 1"])
    assert room.hub.stands_at(viewer.subscriber) in (0, 1)


# -- thin lines ------------------------------------------------------------------------------------------


@in_a_room
async def test_presence_comes_with_a_batch_and_rarely_on_a_thin_line(room: RoomOfViewers):
    live, batched, low = room.join(), room.join(MINUTE), room.join(LOW)
    for number in (1, 2, 3):
        presence(room, number)
    assert lines(live) == ["presence 1", "presence 2", "presence 3"]
    await window_ends(room)
    assert lines(batched) == ["presence 3"]
    told: list[str] = []
    minutes = 12
    for number in range(minutes):
        presence(room, 10 + number)
        room.hub.keep_alive(1000)
        await window_ends(room)
        told += lines(low)
    assert told[-1].startswith("presence")
    assert 0 < len(told) <= minutes * 60 / LOW_PRESENCE_S + 1


@in_a_room
async def test_a_thin_line_is_told_an_agents_last_status(room: RoomOfViewers):
    low, full = room.join(LOW), room.join(MINUTE)
    room.push("agent.status_change", "chat.public", "agent.status_change", "agent.status_change")
    await window_ends(room)
    assert lines(full) == ["batch 1 2 3 4"]
    assert lines(low) == ["batch 2 4"]


# -- odd choices -----------------------------------------------------------------------------------------


def odd_choices(interval_s: int = 0) -> list[Variant]:
    names = sorted(EVENT_TYPES)
    return [Variant(EVENT_TYPES - {one, other}, False, interval_s) for one in names for other in names]


@pytest.mark.parametrize("interval_s", [0, 60])
def test_whoever_chooses_what_there_is_no_stream_for_is_served_alone_and_exactly(interval_s: int):
    choices = list(dict.fromkeys(odd_choices(interval_s)))

    @in_a_room
    async def run(room: RoomOfViewers) -> None:
        viewers = [room.join(choice) for choice in choices]
        usual = room.join()
        assert room.hub.streams == hub_module.STREAMS + 1
        for _ in range(3):
            room.push(*sorted(EVENT_TYPES))
            await settle()
            assert len(lines(usual)) == 1, "whoever chose what all choose waits for nobody"
            await asyncio.sleep(5)
        await window_ends(room)
        await asyncio.sleep(5)
        types = sorted(EVENT_TYPES) * 3
        for viewer, choice in zip(viewers, choices, strict=True):
            assert viewer.seqs() == [seq for seq, kind in enumerate(types, 1) if kind in choice.types]
            assert not interval_s or len(lines(viewer)) <= 2, "alone, too, it is given batches"
        # Who is alone takes a place that has become free.
        gone = [viewer for viewer in viewers if viewer.subscriber.live]
        assert len(gone) == hub_module.STREAMS
        room.push(*sorted(EVENT_TYPES))
        for viewer in gone:
            room.hub.leave(viewer.subscriber)
        await asyncio.sleep(5)
        rest = [viewer for viewer in viewers if viewer not in gone]
        assert sum(viewer.subscriber.live for viewer in rest) == hub_module.STREAMS
        await window_ends(room)
        await asyncio.sleep(5)
        assert all(room.hub.stands_at(viewer.subscriber) > len(types) for viewer in rest)
        for viewer in rest:
            room.hub.leave(viewer.subscriber)
        await asyncio.sleep(5)

    run()


@in_a_room
async def test_who_is_served_alone_is_told_of_presence_when_the_others_are(room: RoomOfViewers):
    viewers = [room.join(choice) for choice in dict.fromkeys(odd_choices(60))]
    alone = next(viewer for viewer in viewers if not viewer.subscriber.live)
    await window_ends(room)
    await asyncio.sleep(2)
    alone.seen.clear()
    for number in range(20):
        presence(room, number)
        await asyncio.sleep(1)
    assert lines(alone) == []
    await window_ends(room)
    await asyncio.sleep(2)
    assert lines(alone) == ["presence 19"]
    for viewer in viewers:
        room.hub.leave(viewer.subscriber)
    await asyncio.sleep(5)


@in_a_room
async def test_who_is_served_alone_is_kept_alive(room: RoomOfViewers):
    viewers = [room.join(choice) for choice in dict.fromkeys(odd_choices())]
    await asyncio.sleep(61)
    room.hub.keep_alive(60)
    assert all(lines(viewer) == ["keepalive"] for viewer in viewers)
    for viewer in viewers:
        room.hub.leave(viewer.subscriber)


# -- merged ----------------------------------------------------------------------------------------------


@in_a_room
async def test_merged_frames_wait_for_their_interval_but_the_first_does_not_wait(room: RoomOfViewers):
    viewer = room.join()
    await asyncio.sleep(1)
    room.hub.set_level(2, "activity")
    room.push("chat.public")
    await settle()
    assert lines(viewer) == ["quality merged 250", "activity 1"]
    for _ in range(5):
        room.push("chat.public")
        await asyncio.sleep(0.04)
    assert lines(viewer) == []
    await asyncio.sleep(0.1)
    assert lines(viewer) == ["activity 2 3 4 5 6"]


@in_a_room
async def test_what_changes_the_rules_waits_for_no_interval(room: RoomOfViewers):
    viewer = room.join()
    room.hub.set_level(3, "load")
    room.push("chat.public")
    await settle()
    room.push("chat.public")
    room.hub.push([room.log.add(Kind.STATE)])
    await settle()
    assert lines(viewer) == ["quality merged 1000", "activity 1", "activity 2", "room_state 3"]


@in_a_room
async def test_the_last_level_sends_batches_that_can_be_fetched(room: RoomOfViewers):
    viewer = room.join()
    room.hub.set_level(4, "load")
    room.push("chat.public")
    await settle()
    room.push("chat.public", "chat.public")
    await asyncio.sleep(5)
    assert [e["data"].get("batch_id") for e in viewer.seen[1:]] == ["abcdefgh-0-1", "abcdefgh-1-3"]
    room.hub.set_level(0, "load")
    room.push("chat.public")
    await settle()
    assert lines(viewer)[-2:] == ["quality realtime 0", "activity 4"]


@in_a_room
async def test_who_was_behind_when_quality_changed_is_told_when_back(room: RoomOfViewers):
    slow = room.join(stalled=True)
    for _ in range(4):
        room.push("chat.public", size=40_000)
        await settle()
    room.hub.set_level(1, "load")
    assert not any(line.startswith("quality") for line in lines(slow))
    slow.stalled = False
    slow.drain()
    await settle()
    assert lines(slow)[-1] == "quality merged 65"
