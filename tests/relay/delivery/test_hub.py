"""Locks: who is written what and when, how much work that is, and what a viewer that stops reading costs."""

import asyncio
import gc
import weakref
from itertools import pairwise

import pytest

from relay.delivery.coding import Coding
from relay.delivery.frames import Origin, Variant
from relay.delivery.reading import STALL_S
from relay.delivery.tail import PAGE, TAIL
from relay.delivery.writer import HIGH
from relay.protocol.events import EVENT_TYPES
from relay.protocol.messages import CHAT
from relay.storage.contract import Kind
from support.delivery import (
    ALL_VISIBLE,
    EVERYTHING,
    FakeTransport,
    RoomOfViewers,
    in_a_room,
    position_of,
    settle,
)
from support.wire import LARGEST

GIT = Variant(frozenset({"git.commit"}), chat=False)
QUIET = Variant(EVENT_TYPES, chat=False)


# -- live ------------------------------------------------------------------------------------------


@in_a_room
async def test_what_is_committed_in_one_turn_is_one_write(room: RoomOfViewers):
    viewer = room.join()
    room.push("git.commit")
    room.push("chat.public", "task.created")
    assert viewer.written == []
    await settle(1)
    assert len(viewer.written) == 1
    assert viewer.seqs() == [1, 2, 3]


@in_a_room
async def test_an_idle_room_delivers_in_the_turn_of_the_commit(room: RoomOfViewers):
    viewer = room.join()
    room.push("git.commit")
    await asyncio.sleep(0)
    assert viewer.seqs() == [1]


@in_a_room
async def test_commits_in_every_turn_put_nothing_off(room: RoomOfViewers):
    viewer = room.join()
    loop, turns = asyncio.get_running_loop(), 20

    def commit() -> None:
        nonlocal turns
        turns -= 1
        if turns:
            loop.call_soon(commit)  # before the flush of this one is
        room.push("git.commit")

    commit()
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(viewer.seqs()) >= 8
    await settle()
    assert len(viewer.seqs()) == 20


@in_a_room
async def test_viewers_of_a_variant_share_the_bytes_and_the_work(room: RoomOfViewers):
    plain = [room.join() for _ in range(20)]
    deflated = [room.join(coding=Coding.ALONE) for _ in range(20)]
    git = [room.join(GIT) for _ in range(20)]
    room.push("git.commit", "chat.public", size=200)
    await settle(1)
    assert room.encoder.calls == 2  # once for each variant, not for each of the 60 viewers or the 2 codings
    for group in (plain, deflated, git):
        assert all(viewer.written[0] is group[0].written[0] for viewer in group)
    assert plain[0].seqs() == deflated[0].seqs() == [1, 2]
    assert git[0].seqs() == [1]
    assert len(deflated[0].written[0]) < len(plain[0].written[0])


@in_a_room
async def test_a_variant_nobody_is_left_of_costs_nothing(room: RoomOfViewers):
    room.hub.leave(room.join(GIT).subscriber)
    room.join()
    room.push("git.commit")
    await settle(1)
    assert room.encoder.calls == 1


@in_a_room
async def test_a_variant_nobody_is_left_of_is_forgotten(room: RoomOfViewers):
    """There are thousands of choices of types: whoever goes through them must not leave a stream for each."""
    viewer = room.join()
    for name in sorted(EVENT_TYPES):
        room.hub.change_variant(viewer.subscriber, Variant(frozenset({name}), chat=False))
    room.hub.keep_alive(60)
    assert len(room.hub._streams) == 1


@in_a_room
async def test_nothing_is_written_to_who_left(room: RoomOfViewers):
    viewer = room.join()
    room.push("git.commit")
    room.hub.leave(viewer.subscriber)
    await settle(1)
    assert viewer.written == []


@in_a_room
async def test_a_newcomer_begins_where_its_variant_stands(room: RoomOfViewers):
    first = room.join(GIT)
    room.push("git.commit", "chat.public")
    await settle(1)
    assert room.hub.peek(GIT) == 1
    assert room.hub.peek(QUIET) == 2
    second = room.join(GIT)
    room.push("git.commit")
    await settle(1)
    assert first.seen[-1]["data"]["after"] == second.seen[0]["data"]["after"] == "abcdefgh-1"


@in_a_room
async def test_what_the_host_hides_is_not_written_and_comes_with_no_trace(room: RoomOfViewers):
    viewer = room.join()
    room.change_visible({"chat.public"})
    room.push("git.commit")
    room.say()
    room.push("chat.public")
    await settle(1)
    assert viewer.seqs() == [1, 4]


@in_a_room
async def test_what_was_committed_before_a_change_of_settings_still_goes_out(room: RoomOfViewers):
    viewer = room.join()
    room.push("git.commit")
    room.change_visible({CHAT})
    await settle(1)
    assert viewer.seqs() == [1, 2]


@in_a_room
async def test_each_flush_is_told_with_its_records_and_how_many_took_them(room: RoomOfViewers):
    room.join(), room.join(coding=Coding.ALONE)
    room.push("git.commit")
    room.clock.advance(1)
    await settle(1)
    assert room.meter.flushes == [([1], 2)]


# -- chat ------------------------------------------------------------------------------------------


def by(author: FakeTransport, ref: str = "c1") -> Origin:
    return Origin(weakref.ref(author.subscriber), ref)


@pytest.mark.parametrize("coding", Coding)
def test_only_the_author_is_told_which_of_its_messages_it_is(coding: Coding):
    @in_a_room
    async def scenario(room: RoomOfViewers):
        author, other = room.join(coding=coding), room.join(coding=coding)
        room.push("git.commit")
        room.say(origin=by(author))
        room.push("git.commit")
        room.say(origin=by(author, "c2"))
        await settle(1)
        assert author.seqs() == other.seqs() == [1, 2, 3, 4]
        assert [data.get("ref") for data in author.of_type(CHAT)] == ["c1", "c2"]
        assert not any("ref" in data for data in other.of_type(CHAT))

    scenario()


@in_a_room
async def test_two_windows_of_one_viewer_have_each_its_own_messages(room: RoomOfViewers):
    left, right = room.join(), room.join()
    room.say(origin=by(left, "a"))
    room.say(origin=by(right, "b"))
    await settle(1)
    assert [data.get("ref") for data in left.of_type(CHAT)] == ["a", None]
    assert [data.get("ref") for data in right.of_type(CHAT)] == [None, "b"]


@in_a_room
async def test_a_busy_chat_is_encoded_once_however_many_wrote_it(room: RoomOfViewers):
    authors = [room.join() for _ in range(20)]
    for number, author in enumerate(authors):
        room.say(origin=by(author, f"c{number}"))
    await settle(1)
    assert room.encoder.calls == 1
    for number, author in enumerate(authors):
        assert [data["ref"] for data in author.of_type(CHAT) if "ref" in data] == [f"c{number}"]
        assert author.seqs() == list(range(1, 21))


@in_a_room
async def test_an_author_who_catches_up_is_told_too(room: RoomOfViewers):
    room.push("git.commit")
    await settle(1)
    author = room.resume(0)
    room.say(origin=by(author))
    await settle()
    assert author.seqs() == [1, 2]
    assert author.of_type(CHAT)[0]["ref"] == "c1"


@in_a_room
async def test_an_author_who_does_not_follow_the_chat_gets_no_copy(room: RoomOfViewers):
    author = room.join(QUIET)
    room.say(origin=by(author))
    room.push("git.commit")
    await settle(1)
    assert author.seqs() == [2]


@in_a_room
async def test_who_left_is_not_kept_by_what_it_said(room: RoomOfViewers):
    author = room.join()
    gone = weakref.ref(author.subscriber)
    room.say(origin=by(author))
    await settle(1)
    room.hub.leave(author.subscriber)
    del author
    gc.collect()
    assert gone() is None
    assert len(room.log.records) == 1


# -- catching up -----------------------------------------------------------------------------------


@in_a_room
async def test_a_short_absence_is_read_from_memory(room: RoomOfViewers):
    room.push(*["git.commit"] * TAIL)
    viewer = room.resume(0)
    await settle()
    assert viewer.seqs() == list(range(1, TAIL + 1))
    assert room.log.reads == []
    assert viewer.subscriber.live


@in_a_room
async def test_a_long_absence_is_read_from_disk_as_far_as_memory_begins(room: RoomOfViewers):
    room.push(*["git.commit"] * (TAIL + PAGE + 50))
    viewer = room.resume(0)
    await settle()
    assert viewer.seqs() == list(range(1, room.log.head + 1))
    assert [after for after, _, _ in room.log.reads] == [0, PAGE]


@in_a_room
async def test_chat_that_no_disk_keeps_is_replayed_as_long_as_memory_has_it(room: RoomOfViewers):
    room.push("git.commit")
    for _ in range(TAIL):
        room.say(durable=False)
    viewer = room.resume(0)  # its first page is on disk, all the chat is in memory
    await settle()
    assert room.hub.tail_start == 1
    assert len(viewer.of_type(CHAT)) == TAIL


@in_a_room
async def test_what_is_committed_during_a_replay_follows_it_once(room: RoomOfViewers):
    room.push(*["git.commit"] * (TAIL + 2 * PAGE))
    room.log.turns = 3
    viewer = room.resume(0)
    for _ in range(200):  # a commit in every single turn must not keep it from going live
        room.push("git.commit")
        await asyncio.sleep(0)
    assert viewer.subscriber.live
    assert viewer.seqs() == list(range(1, room.log.head + 1))


@in_a_room
async def test_a_history_leaves_out_what_only_a_resume_needs(room: RoomOfViewers):
    room.push("git.commit")
    room.change_visible(ALL_VISIBLE)
    room.push("git.commit")
    viewer = room.resume(0, kinds=frozenset({Kind.EVENT}))
    room.change_visible(ALL_VISIBLE)
    await settle()
    assert viewer.seqs() == [1, 3, 4]


@in_a_room
async def test_a_viewer_that_arrives_behind_its_variant_is_moved_up(room: RoomOfViewers):
    first = room.join()
    room.push("git.commit")
    room.change_visible(ALL_VISIBLE)
    await settle(1)
    second = room.resume(0, kinds=frozenset({Kind.EVENT}))
    await settle()
    assert second.seqs() == [1]
    assert second.of_type("spectator.keepalive") == [{"after": "abcdefgh-1", "cursor": "abcdefgh-2"}]
    room.push("git.commit")
    await settle(1)
    assert first.written[-1] is second.written[-1]


@in_a_room
async def test_a_resume_ahead_of_its_variant_moves_the_others_up_and_never_back(room: RoomOfViewers):
    first = room.join(GIT)
    room.push("chat.public", "chat.public")
    await settle(1)
    second = room.resume(2, GIT)
    await settle()
    assert second.seen == []
    assert [envelope["type"] for envelope in first.seen] == ["spectator.keepalive"]
    assert first.seen[0]["data"] == {"after": "abcdefgh-0", "cursor": "abcdefgh-2"}
    room.push("git.commit")
    await settle(1)
    assert first.written[-1] is second.written[-1]


@in_a_room
async def test_moving_the_others_up_is_paid_once_for_each_position(room: RoomOfViewers):
    first = room.join(GIT)
    room.push("chat.public")
    await settle(1)
    for _ in range(50):
        room.resume(1, GIT)
    await settle()
    assert len(first.written) == 1


@in_a_room
async def test_a_log_that_cannot_be_read_ends_the_replay_resumably(room: RoomOfViewers):
    room.push(*["git.commit"] * (TAIL + 1))
    room.log.broken = True
    viewer = room.resume(0)
    await settle()
    assert viewer.given_up == 1
    assert viewer.written == []


@in_a_room
async def test_a_replay_leaves_turns_to_the_others(room: RoomOfViewers):
    viewer = room.join()
    room.push(*["git.commit"] * TAIL)
    await settle(1)
    reader = room.resume(0)
    await settle(2)
    room.push("git.commit")
    await settle(1)
    assert viewer.seqs()[-1] == TAIL + 1
    assert not reader.subscriber.live
    await settle()
    assert reader.seqs() == list(range(1, TAIL + 2))


# -- slow viewers ----------------------------------------------------------------------------------


def fill(room: RoomOfViewers, count: int = 4) -> None:
    """Commit more than the mark allows, a write at a time."""
    for _ in range(count):
        room.push("chat.public", size=HIGH // 2)
        room.hub.flush()


@in_a_room
async def test_a_viewer_that_stops_reading_holds_no_more_than_the_mark_and_one_write(room: RoomOfViewers):
    slow, quick = room.join(stalled=True), room.join()
    fill(room, 200)
    await settle()
    assert slow.waiting <= 2 * HIGH
    assert len(quick.seqs()) == 200
    slow.drain()
    slow.stalled = False
    await settle(300)
    assert slow.seqs() == quick.seqs()
    assert slow.subscriber.live
    room.hub.leave(slow.subscriber)


@in_a_room
async def test_no_single_write_is_much_larger_than_the_mark(room: RoomOfViewers):
    """One publish of 1 MiB, and a replay of it, come in pieces that a slow line can take one by one."""
    slow = room.join(stalled=True)
    room.push(*["chat.public"] * 250, size=4000)
    await settle()
    reader = room.resume(0, stalled=True)
    await settle()
    for viewer in (slow, reader):
        assert viewer.waiting <= 4 * HIGH
        viewer.stalled = False
        viewer.drain()
    await settle(300)
    for viewer in (slow, reader):
        assert viewer.seqs() == list(range(1, 251))
        assert max(map(len, viewer.written)) < LARGEST // 2


@in_a_room
async def test_a_viewer_that_drains_nothing_is_given_up(room: RoomOfViewers):
    viewer = room.join(stalled=True)
    fill(room)
    await asyncio.sleep(STALL_S - 1)
    assert not viewer.given_up
    await asyncio.sleep(2)
    assert viewer.given_up == 1


@in_a_room
async def test_a_viewer_that_drains_slowly_is_not_given_up(room: RoomOfViewers):
    viewer = room.join(stalled=True)
    fill(room)
    for _ in range(10):
        await asyncio.sleep(STALL_S - 1)
        viewer.drain(4096)
    assert not viewer.given_up
    viewer.stalled = False
    viewer.drain()
    await settle()
    assert viewer.subscriber.live
    assert viewer.seqs() == [1, 2, 3, 4]


@in_a_room
async def test_a_lagging_viewer_that_leaves_ends_its_wait(room: RoomOfViewers):
    viewer = room.join(stalled=True)
    fill(room)
    await settle()
    room.hub.leave(viewer.subscriber)
    await settle()
    assert len(asyncio.all_tasks()) == 1
    assert not viewer.given_up


# -- unordered, keepalive, another choice ----------------------------------------------------------


@in_a_room
async def test_a_viewer_that_lagged_gets_the_latest_presence_and_no_older_one(room: RoomOfViewers):
    viewer = room.join(stalled=True)
    fill(room)
    for number in range(3):
        room.hub.broadcast("spectator.presence", b'{"n":%d}' % number)
    viewer.stalled = False
    viewer.drain()
    await settle()
    assert viewer.of_type("spectator.presence") == [{"n": 2}]


@in_a_room
async def test_a_viewer_over_the_mark_that_drains_by_itself_gets_the_presence_it_missed(room: RoomOfViewers):
    viewer = room.join(stalled=True)
    fill(room, 3)  # over the mark, and no flush has noticed
    room.hub.broadcast("spectator.presence", b'{"n":1}')
    viewer.drain()
    await settle()
    assert viewer.of_type("spectator.presence") == [{"n": 1}]


@in_a_room
async def test_a_keepalive_comes_after_silence_only(room: RoomOfViewers):
    viewer, other = room.join(GIT), room.join()
    room.clock.advance(59)
    room.push("chat.public")
    await settle(1)
    room.clock.advance(2)
    room.hub.keep_alive(60)
    assert viewer.of_type("spectator.keepalive") == [{"after": "abcdefgh-0", "cursor": "abcdefgh-1"}]
    assert other.of_type("spectator.keepalive") == []
    room.clock.advance(59)
    room.hub.keep_alive(60)
    assert len(viewer.of_type("spectator.keepalive")) == 1
    assert other.of_type("spectator.keepalive") == [{"after": "abcdefgh-1", "cursor": "abcdefgh-1"}]


@in_a_room
async def test_the_first_of_a_variant_is_not_late_for_the_silence_before_it(room: RoomOfViewers):
    room.hub.leave(room.join().subscriber)
    room.clock.advance(100)
    viewer = room.join()
    room.hub.keep_alive(60)
    assert viewer.seen == []


@in_a_room
async def test_a_change_of_choice_misses_and_repeats_nothing(room: RoomOfViewers):
    viewer = room.join()
    room.join(GIT)
    room.push("chat.public", "git.commit", "chat.public")
    room.hub.change_variant(viewer.subscriber, GIT)  # what is pending was asked for under the old choice
    room.push("chat.public", "git.commit")
    await settle(1)
    room.hub.change_variant(viewer.subscriber, EVERYTHING)
    room.push("chat.public")
    await settle(1)
    assert viewer.seqs() == [1, 2, 3, 5, 6]
    chain = [(position_of(e["data"]["after"]), position_of(e["data"]["cursor"])) for e in viewer.seen]
    assert chain[0][0] == 0
    assert all(before[1] == behind[0] for before, behind in pairwise(chain))
    assert room.hub.stands_at(viewer.subscriber) == 6


@in_a_room
async def test_the_same_choice_again_costs_nothing(room: RoomOfViewers):
    viewer = room.join()
    room.hub.change_variant(viewer.subscriber, EVERYTHING)
    assert viewer.written == []
