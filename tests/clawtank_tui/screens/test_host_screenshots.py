"""What the console looks like: any change of it is seen, and wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from clawtank_tui.link.session import ConnectionChanged
from clawtank_tui.state.model import Connection, Phase
from support import host_story
from support.golden import check
from support.host_story import app, hosted, raided
from support.watch_story import FixedClock

if TYPE_CHECKING:
    from clawtank_tui.host import HostRoom

SIZES = pytest.mark.parametrize(("size", "suffix"), [((120, 40), "120x40"), ((80, 24), "80x24")])
TITLE = "clawtank host room_abc123"


async def shoot(
    name: str, size: tuple[int, int], room: HostRoom, clock: FixedClock, *keys: str, **how: Any
) -> None:
    host = app(room, clock=clock)
    async with host.run_test(size=size) as pilot:
        clock.s += 1
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await pilot.pause()
        check(name, host.export_screenshot(title=TITLE), **how)


@SIZES
async def test_a_calm_evening(size: tuple[int, int], suffix: str) -> None:
    clock = FixedClock()
    await shoot(f"host-calm-{suffix}", size, hosted(clock), clock)


@SIZES
async def test_a_raid_marked_and_a_question_open(size: tuple[int, int], suffix: str) -> None:
    clock = FixedClock()
    keys = ("down", "down", "space", "b")
    await shoot(f"host-raid-{suffix}", size, raided(clock), clock, *keys, png=True)


@SIZES
async def test_reports(size: tuple[int, int], suffix: str) -> None:
    clock = FixedClock()
    await shoot(f"host-reports-{suffix}", size, raided(clock, 4), clock, "tab", "space")


@SIZES
async def test_sanctions(size: tuple[int, int], suffix: str) -> None:
    clock = FixedClock()
    await shoot(f"host-sanctions-{suffix}", size, hosted(clock), clock, "tab", "tab", "tab", "down")


@SIZES
async def test_settings(size: tuple[int, int], suffix: str) -> None:
    clock = FixedClock()
    await shoot(f"host-settings-{suffix}", size, hosted(clock), clock, "shift+tab", "down", "down")


@SIZES
async def test_the_log(size: tuple[int, int], suffix: str) -> None:
    clock = FixedClock()
    await shoot(f"host-log-{suffix}", size, hosted(clock), clock, "shift+tab", "shift+tab", "up")


@SIZES
async def test_the_shield_is_up_and_the_chat_slow(size: tuple[int, int], suffix: str) -> None:
    clock = FixedClock()
    room = raided(clock, 12)
    rules = {**host_story.RULES, "shielded": True, "approval": True, "slow_s": 30}
    room.deliver(host_story.tell("spectator.notice", kind="settings_changed", chat=rules))
    await shoot(f"host-shield-{suffix}", size, room, clock)


@SIZES
async def test_the_line_is_down_and_what_was_there_stays(size: tuple[int, int], suffix: str) -> None:
    clock = FixedClock()
    room = raided(clock, 12)
    reason = "The relay at 127.0.0.1:8787 closed the line."
    room.deliver(ConnectionChanged(Connection(Phase.WAITING, reason, clock.s + 8, 2)))
    await shoot(f"host-reconnecting-{suffix}", size, room, clock)


async def test_a_message_amid_the_chat() -> None:
    clock = FixedClock()
    await shoot("host-context-120x40", (120, 40), hosted(clock), clock, "down", "enter")


async def test_the_help_page() -> None:
    clock = FixedClock()
    await shoot("host-help-120x40", (120, 40), hosted(clock), clock, "question_mark")
