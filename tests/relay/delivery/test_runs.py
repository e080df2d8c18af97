"""Locks: a window that viewers share: who is in it, who is not yet, and that nothing comes between.

Every viewer reads with websockets' own inflater: a frame too many or too few in a window is an error there.
"""

import asyncio
import json

import pytest

from relay.delivery import writer as writer_module
from relay.delivery.coding import Coding, Run, deflated_frame, ws_frame
from relay.delivery.frames import Origin, Variant
from relay.delivery.stream import RUN
from support.delivery import EVERYTHING, RoomOfViewers, in_a_room, settle
from support.wire import WireReader
from support.wound_loop import run_wound

COMPRESSED = 0xC1
GIT = Variant(frozenset({"git.commit"}), chat=False)


async def happen(room: RoomOfViewers, count: int) -> None:
    """Let events happen one after another, each a write of its own."""
    for _ in range(count):
        room.push("git.commit", size=200)
        await settle(2)


def payload(number: int) -> bytes:
    return json.dumps({"n": number, "content": "the same words again and again " * 5}).encode()


def test_a_run_reads_back_and_shrinks_what_repeats():
    run, reader = Run(), WireReader(Coding.SHARED)
    frames = [run.frame(payload(number)) for number in range(200)]
    assert [reader.feed(frame)[0]["n"] for frame in frames] == list(range(200))
    assert run.frames == 200
    alone = sum(len(deflated_frame(payload(number))) for number in range(200))
    assert sum(map(len, frames)) < alone / 3


def test_a_viewer_of_a_run_can_be_written_plain_frames_between():
    run, reader = Run(), WireReader(Coding.SHARED)
    for number in range(5):
        assert reader.feed(run.frame(payload(number)) + ws_frame(payload(99))) == [
            json.loads(payload(number)),
            json.loads(payload(99)),
        ]


@in_a_room
async def test_viewers_of_a_run_share_its_bytes(room: RoomOfViewers):
    viewers = [room.join(coding=Coding.SHARED) for _ in range(5)]
    await happen(room, 3)
    assert all(one.written[2] is viewers[0].written[2] for one in viewers)
    assert [one.seqs() for one in viewers] == [[1, 2, 3]] * 5
    assert len(viewers[0].written[2]) < len(viewers[0].written[0]) / 2


@in_a_room
async def test_who_comes_later_reads_frames_that_stand_alone_until_the_next_run(room: RoomOfViewers):
    early = room.join(coding=Coding.SHARED)
    await happen(room, 5)
    late = room.join(coding=Coding.SHARED)
    await happen(room, RUN + 5)
    assert early.subscriber.in_run
    assert late.subscriber.in_run
    assert late.seqs() == list(range(6, RUN + 11))
    # The first frames were its own; since the run that began for it, both are written the same.
    assert late.written[0] is not early.written[5]
    assert late.written[-1] is early.written[-1]
    waited = [len(frame) for frame in late.written[: RUN - 5]]
    assert min(waited) > len(late.written[-1])


@in_a_room
async def test_a_run_nobody_waits_for_goes_on(room: RoomOfViewers):
    viewer = room.join(coding=Coding.SHARED)
    await happen(room, 3 * RUN)
    sizes = [len(frame) for frame in viewer.written]
    assert max(sizes[1:]) < sizes[0] / 2


@in_a_room
async def test_a_run_everybody_has_left_is_not_waited_for(room: RoomOfViewers):
    first = room.join(coding=Coding.SHARED)
    await happen(room, 2)
    second = room.join(coding=Coding.SHARED)
    room.hub.leave(first.subscriber)
    await happen(room, 2)
    assert second.subscriber.in_run
    assert second.seqs() == [3, 4]


@in_a_room
async def test_an_author_reads_its_own_copy_and_finds_back(room: RoomOfViewers):
    author, other = room.join(coding=Coding.SHARED), room.join(coding=Coding.SHARED)
    await happen(room, 2)
    for number in range(RUN):
        room.say(origin=Origin(lambda: author.subscriber, f"m{number}"))
        await settle(2)
    assert not author.subscriber.in_run
    await happen(room, 2)
    assert author.subscriber.in_run
    assert author.seqs() == other.seqs()
    own = author.of_type("spectator.chat_message")
    assert [message["ref"] for message in own] == [f"m{number}" for number in range(RUN)]
    assert not any("ref" in message for message in other.of_type("spectator.chat_message"))


def test_who_lags_leaves_the_run_and_comes_back_to_the_next(monkeypatch: pytest.MonkeyPatch):
    # What repeats shrinks so much that the usual mark would take very long to reach.
    monkeypatch.setattr(writer_module, "HIGH", 300)

    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            room = RoomOfViewers(tasks)
            healthy, slow = room.join(coding=Coding.SHARED), room.join(coding=Coding.SHARED)
            await happen(room, 2)
            slow.stalled = True
            await happen(room, 40)
            assert not slow.subscriber.in_run
            slow.stalled = False
            slow.drain()
            await settle()
            await happen(room, RUN)
            assert slow.subscriber.in_run
            assert slow.seqs() == healthy.seqs() == list(range(1, RUN + 43))

    run_wound(run())


@in_a_room
async def test_presence_keepalives_and_changes_of_choice_keep_the_window_whole(room: RoomOfViewers):
    viewers = [room.join(coding=Coding.SHARED) for _ in range(3)]
    git_only = [room.join(GIT, coding=Coding.SHARED) for _ in range(2)]
    for number in range(3 * RUN):
        room.hub.broadcast("spectator.presence", b'{"total":%d}' % number)
        room.push("chat.public" if number % 3 else "git.commit")
        await settle(2)
        room.clock.advance(61)
        room.hub.keep_alive(60)
        room.hub.change_variant(viewers[0].subscriber, GIT if number % 2 else EVERYTHING)
    git = [number + 1 for number in range(3 * RUN) if not number % 3]
    assert [viewer.seqs() for viewer in (*viewers[1:], *git_only)] == [list(range(1, 3 * RUN + 1))] * 2 + [
        git
    ] * 2


@pytest.mark.parametrize("coding", [Coding.PLAIN, Coding.ALONE])
def test_who_cannot_share_never_does(coding: Coding):
    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            room = RoomOfViewers(tasks)
            sharing, other = room.join(coding=Coding.SHARED), room.join(coding=coding)
            await happen(room, 2 * RUN)
            assert sharing.subscriber.in_run
            assert not other.subscriber.in_run
            assert other.seqs() == sharing.seqs()
            assert (other.written[-1][0] == COMPRESSED) == (coding is Coding.ALONE)

    run_wound(run())
