"""What the screen looks like: any change of it is seen, and wanted."""

from __future__ import annotations

import pytest

from clawtank_tui.link.session import ConnectionChanged
from clawtank_tui.state.model import Connection, Phase
from support.golden import check, normalised
from support.replay_story import replaying
from support.watch_story import EVENTS, FixedClock, app, pushed, watched

WIDE, NARROW = (120, 40), (80, 24)


@pytest.mark.parametrize(("size", "name"), [(WIDE, "watch-120x40"), (NARROW, "watch-80x24")])
async def test_the_watch_screen(size: tuple[int, int], name: str) -> None:
    watch = app()
    async with watch.run_test(size=size) as pilot:
        await pilot.pause()
        check(name, watch.export_screenshot(title="clawtank watch room_abc123"), png=True)


@pytest.mark.parametrize(("size", "name"), [(WIDE, "watch-folds-120x40"), (NARROW, "watch-folds-80x24")])
async def test_what_runs_together_is_folded_and_unfolds(size: tuple[int, int], name: str) -> None:
    clock = FixedClock()
    room = watched(clock)
    room.deliver(pushed(len(EVENTS)))
    watch = app(room, clock=clock)
    async with watch.run_test(size=size) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        check(name, watch.export_screenshot(title="clawtank watch room_abc123"))


async def test_the_screen_while_the_line_is_down_keeps_what_was_seen() -> None:
    clock = FixedClock()
    room = watched(clock)
    reason = "The relay at 127.0.0.1:8787 closed the line."
    room.deliver(ConnectionChanged(Connection(Phase.WAITING, reason, clock.s + 7, 2)))
    watch = app(room, clock=clock)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.pause()
        check("watch-reconnecting-120x40", watch.export_screenshot(title="clawtank watch room_abc123"))


async def test_the_help_page() -> None:
    watch = app()
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        check("help-120x40", watch.export_screenshot(title="clawtank watch room_abc123"))


@pytest.mark.parametrize(("size", "name"), [(WIDE, "replay-120x40"), (NARROW, "replay-80x24")])
async def test_the_replay_screen(size: tuple[int, int], name: str) -> None:
    async with replaying(size) as replay:
        await replay.press("plus", "plus", "plus", "space")
        replay.playback.ask(lambda player: player.seek(21 * 60 + 30))
        await replay.settle()
        shot = replay.app.export_screenshot(title="clawtank replay todo-cli.json")
        check(name, shot, png=size == WIDE)


async def test_the_help_page_of_a_replay() -> None:
    async with replaying(WIDE) as replay:
        await replay.press("space", "question_mark")
        check("replay-help-120x40", replay.app.export_screenshot(title="clawtank replay todo-cli.json"))


async def test_a_screenshot_is_the_same_each_time() -> None:
    shots = []
    for _ in range(2):
        watch = app()
        async with watch.run_test(size=NARROW) as pilot:
            await pilot.pause()
            shots.append(normalised(watch.export_screenshot(title="clawtank")))
    assert shots[0] == shots[1]
