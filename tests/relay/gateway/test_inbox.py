"""Locks: viewers' messages have a slice of each turn of the loop, in fair rounds; who waits is not read."""

import asyncio
import logging

import pytest

from relay.gateway.inbox import SLICE_S, Inbox

EACH_S = SLICE_S / 4
"""What a message takes here: four fit into a slice."""


class Desk:
    """The inbox, a clock that only work moves, and what was dealt with, turn by turn."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.inbox = Inbox(lambda: self.now_s)
        self.turns: list[str] = [""]

    async def turn(self) -> None:
        """Let a turn of the loop pass."""
        self.turns.append("")
        await asyncio.sleep(0)


class Sending:
    """A connection with so many messages to deal with."""

    def __init__(self, desk: Desk, name: str, messages: int, *, broken: bool = False) -> None:
        self.name, self.messages, self.broken = name, messages, broken
        self.desk = desk
        self.reads, self.cut = True, False

    def deal(self) -> bool:
        if self.broken:
            raise RuntimeError("broken")
        self.messages -= 1
        self.desk.now_s += EACH_S
        self.desk.turns[-1] += self.name
        return self.messages > 0

    def hold(self) -> None:
        self.reads = False

    def read_on(self) -> None:
        self.reads = True

    def abort(self) -> None:
        self.cut = True


async def test_what_fits_into_the_slice_is_dealt_with_as_it_is_read():
    desk = Desk()
    one, other = Sending(desk, "a", 2), Sending(desk, "b", 1)
    desk.inbox.offer(one)
    desk.inbox.offer(other)
    assert desk.turns == ["aab"]
    assert one.reads
    assert other.reads


async def test_the_rest_waits_for_later_turns_unread_and_takes_turns_with_others():
    desk = Desk()
    flood, guest = Sending(desk, "f", 10), Sending(desk, "g", 2)
    desk.inbox.offer(flood)
    desk.inbox.offer(guest)
    assert desk.turns == ["ffff"]
    assert not flood.reads
    assert not guest.reads
    await desk.turn()
    assert desk.turns[-1] == "fgfg"
    assert guest.reads
    await desk.turn()
    assert desk.turns == ["ffff", "fgfg", "ffff"]
    assert flood.reads


async def test_a_later_turn_has_a_slice_of_its_own():
    desk = Desk()
    desk.inbox.offer(Sending(desk, "a", 4))
    await desk.turn()
    desk.inbox.offer(Sending(desk, "b", 4))
    assert desk.turns == ["aaaa", "bbbb"]


async def test_a_fault_in_one_connections_message_ends_that_connection_alone(
    caplog: pytest.LogCaptureFixture,
):
    desk = Desk()
    desk.inbox.offer(Sending(desk, "a", 4))
    broken, sound = Sending(desk, "x", 1, broken=True), Sending(desk, "s", 1)
    desk.inbox.offer(broken)
    desk.inbox.offer(sound)
    with caplog.at_level(logging.ERROR):
        await desk.turn()
    assert broken.cut
    assert sound.reads
    assert desk.turns[-1] == "s"
    assert "could not be dealt with" in caplog.text
