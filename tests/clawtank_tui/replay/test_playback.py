"""Locks: a tape is played in its own time, and what a reader is told of time is the recording's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clawtank_tui.link.session import LinkEvent, Received
from clawtank_tui.replay.playback import Playback, RecordedTime
from clawtank_tui.replay.player import Player
from clawtank_tui.replay.run import player_of
from clawtank_tui.replay.tape import Moment, Tape
from support.clock import NOON_MS
from support.wound_loop import run_wound

TIMES_S = (0.0, 3.0, 3.0, 7205.5)
TAPE = Tape(
    "room",
    {"id": "w", "type": "spectator.welcome", "data": {}},
    NOON_MS,
    tuple(
        Moment(NOON_MS + round(at_s * 1000), {"id": str(number), "type": "spectator.activity", "data": {}})
        for number, at_s in enumerate(TIMES_S)
    ),
)


class LoopClock:
    """The running loop's time, which `run_wound` winds."""

    def now_ms(self) -> int:
        raise AssertionError("a tape is played by its own calendar")

    def monotonic_s(self) -> float:
        return asyncio.get_running_loop().time()


def play(speed: float | None) -> list[tuple[str, float, float]]:
    """Play the tape; return each message's id with when it came and what time it was in the recording."""
    heard: list[tuple[str, float, float]] = []

    async def to_the_end() -> None:
        clock = LoopClock()
        time = RecordedTime(clock, 0)
        began_s = clock.monotonic_s()

        def deliver(event: LinkEvent) -> None:
            if isinstance(event, Received):
                came_s = clock.monotonic_s() - began_s
                heard.append((event.envelope["id"], came_s, (time.now_ms() - NOON_MS) / 1000))

        await Playback(TAPE, player_of(TAPE, speed, clock), deliver, time).play_once()

    run_wound(to_the_end())
    return heard


@pytest.mark.parametrize("speed", [0.25, 1, 64])
def test_a_tape_takes_as_long_as_it_did_or_as_much_less_as_was_asked(speed: float) -> None:
    heard = play(speed)

    assert [message for message, _, _ in heard] == ["w", "0", "1", "2", "3"]
    assert [came for _, came, _ in heard] == pytest.approx([at_s / speed for at_s in (0, *TIMES_S)])
    assert [recorded for _, _, recorded in heard] == [0, *TIMES_S]


def test_all_at_once_takes_no_time_and_keeps_the_order() -> None:
    assert play(None) == [("w", 0, 0), *((str(number), 0, at_s) for number, at_s in enumerate(TIMES_S))]


def test_a_wish_is_heard_at_once_even_while_nothing_is_due() -> None:
    told: list[Any] = []

    async def skip_the_silence() -> None:
        clock = LoopClock()
        player = Player(TAPE.times_s, clock)
        playback = Playback(TAPE, player, told.append, RecordedTime(clock, 0))
        playback.on_afresh = told.clear
        async with asyncio.TaskGroup() as tasks:
            playing = tasks.create_task(playback.play_on())
            await asyncio.sleep(4)
            playback.ask(lambda player: player.toggle())
            await asyncio.sleep(3600)
            playback.ask(lambda player: player.step(1))
            await asyncio.sleep(0.1)
            assert len(told) == 2 + len(TIMES_S)
            playback.ask(lambda player: player.step(-3))
            await asyncio.sleep(0.1)
            playing.cancel()

    run_wound(skip_the_silence())
    assert [event.envelope["id"] for event in told if isinstance(event, Received)] == ["w", "0"]
