"""`clawtank host` against a real relay, with the keyboard alone: every decision, a raid, and who watches."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from support.console import Console, console
from support.crowds import READY

if TYPE_CHECKING:
    from support.clients import Viewer
    from support.rooms import Room

APPROVED = {"spectatorChat": {"moderation": {"requireApproval": True, "autoFilter": False}}}
RAIDERS = 50
EFFECT_S = 1.0
"""Within this, each decision must have its effect (MOD-6)."""


def named(name: str) -> dict[str, str]:
    return {**READY, "name": name}


async def hears(viewer: Viewer, **wanted: Any) -> dict[str, Any]:
    """Read on until a message has these fields, within the time a decision may take."""
    envelope = await viewer.until(
        lambda envelope: all(envelope["data"].get(key) == value for key, value in wanted.items()), EFFECT_S
    )
    data: dict[str, Any] = envelope["data"]
    return data


async def seen_to_wait(host: Console, text: str) -> None:
    await host.sees(text)
    await host.looked_at()


@pytest.mark.spec("MOD-6")
async def test_every_decision_by_its_keys_has_its_effect_at_once(make_room: Callable[..., Room]) -> None:
    room = make_room(settings=APPROVED)
    async with (
        room.watch(options=named("ann")) as ann,
        room.watch(options=named("ben")) as ben,
        console(room, room.host_token) as host,
    ):
        await ann.welcome()
        await ben.welcome()

        await ann.chat("may I come in?")
        await seen_to_wait(host, "may I come in?")
        await host.press("a")
        await hears(ben, message="may I come in?")

        await ann.chat("buy my course", message_id="m2")
        await seen_to_wait(host, "buy my course")
        await host.press("y", *"no ads", "enter", "r")
        assert "no ads" in (await hears(ann, code="MESSAGE_REJECTED", ref="m2"))["message"]

        await host.press("tab", "tab", "up", "d", "d")
        removed = await hears(ben, reason="deleted")
        assert removed["message_id"]

        await ben.chat("a word of mine")
        await seen_to_wait(host, "a word of mine")
        await host.press("escape", "m", "1")
        await hears(ben, kind="mode_changed")
        await host.press("tab", "tab", "tab")
        await host.sees("1 muted")
        await host.press("u")
        await hears(ben, kind="mode_changed", muted=None)

        await host.press("s")
        assert (await hears(ann, kind="settings_changed"))["chat"]["slow_s"] == 10
        await host.press("L")
        assert (await hears(ann, kind="settings_changed"))["chat"]["locked"] is True
        await host.sees("chat LOCKED")
        await host.press("L", "S")
        await host.sees("SHIELD UP")
        await host.press("S")
        await host.sees("shield down")

        await host.press("escape", "b", "b")
        assert (await hears(ben, code="BANNED"))["permanent"] is True
        await host.press("tab", "tab", "tab")
        await host.sees("1 banned")
        await host.press("u")
        await host.sees(lambda text: "1 banned" not in text)
        await host.sees("Unbanned ")


async def test_a_raid_of_fifty_is_handled_with_the_keyboard_alone(make_room: Callable[..., Room]) -> None:
    room = make_room(settings=APPROVED)
    async with AsyncExitStack() as stack:
        honest = await stack.enter_async_context(room.watch(options=named("marta")))
        await honest.welcome()
        lines = [room.watch(options=named(f"raider {number}")) for number in range(RAIDERS)]
        raiders = [await stack.enter_async_context(line) for line in lines]
        for raider in raiders:
            await raider.welcome()
        host = await stack.enter_async_context(console(room, room.host_token))
        await honest.chat("does it keep the ids stable?")
        await host.sees("does it keep")
        for number, raider in enumerate(raiders):
            await raider.chat(f"free coins for all at coins.example/{number * 7919:x}{'!' * (number % 4)}")
        await host.sees(f"▸ {RAIDERS} alike of {RAIDERS} people")

        await host.press("down", "b", "b")

        await host.sees(f"Banned {RAIDERS} people.")
        await host.sees("QUEUE  1 waiting")
        assert [await raider.closed() for raider in raiders] == [4410] * RAIDERS
        await host.looked_at()
        await host.press("home", "a")
        await honest.until(lambda envelope: envelope["data"].get("message") == "does it keep the ids stable?")
        assert len(host.desk.sanctions) == RAIDERS

        await host.press("u")
        await host.sees("cannot be taken back")


async def test_two_moderators_at_once_never_hit_the_wrong_message(make_room: Callable[..., Room]) -> None:
    room = make_room(settings=APPROVED)
    maria = await asyncio.to_thread(room.token, "moderate", "maria")
    async with (
        room.watch(options=named("ann")) as ann,
        console(room, maria) as other,
        console(room, room.host_token) as host,
    ):
        await ann.welcome()
        for text in ("the first thing", "something quite different"):
            await ann.chat(text)
            await seen_to_wait(host, text)
        await other.looked_at()
        await other.press("r")
        await host.sees("maria rejected a message of ann")
        await host.press("r")
        await host.sees("maria has rejected it meanwhile.")
        assert list(host.desk.held) != []
        await host.press("down", "a")
        await ann.until(lambda envelope: envelope["data"].get("message") == "something quite different")


@pytest.mark.spec("MOD-8")
async def test_what_viewers_report_stands_in_the_reports_pane_once_for_each(room: Room) -> None:
    async with (
        room.watch(options=named("ann")) as author,
        room.watch(options=named("ben")) as reporter,
        console(room, room.host_token) as host,
    ):
        await author.welcome()
        await reporter.welcome()
        await author.chat("I know your address")
        message = await reporter.expect("spectator.chat_message")
        for _ in range(2):
            report = {"message_id": message["message_id"], "reason": "a threat"}
            await reporter.send("spectator.report", report, "r1")
            await reporter.until(lambda envelope: envelope["data"].get("ref") == "r1")
        await host.sees("reported once  still shown")
        await host.sees("a threat")
        await host.press("tab")
        await host.looked_at()
        await host.press("d", "d")
        await reporter.until(lambda envelope: envelope["data"].get("outcome") == "removed")
        await host.sees("Nobody has reported anything.")
        author_heard = [m["data"].get("kind") for m in author.seen if m["type"] == "spectator.notice"]
        assert author_heard == []


async def test_settings_are_changed_from_the_console_and_a_moderator_is_told_why_not(room: Room) -> None:
    maria = await asyncio.to_thread(room.token, "moderate", "maria")
    async with console(room, room.host_token) as host, console(room, maria) as other:
        await host.press("e", *"casino, free coins", "enter")
        await host.press("shift+tab")
        await host.sees("casino, free coins")
        await host.press("down", "down", "down", "down", "space")
        await other.sees("approval ON")
        await other.press("shift+tab")
        await other.sees("The settings are the host's")


if sys.platform != "win32":
    from support.terminal import Terminal

    CLAWTANK = [sys.executable, "-c", "from clawtank_tui.cli import main; main()"]

    @pytest.mark.spec("PRES-5")
    @pytest.mark.parametrize(("cols", "rows"), [(120, 40), (80, 24)])
    def test_the_count_is_live_in_the_console_and_in_the_watchers_first_line(
        room: Room, cols: int, rows: int
    ) -> None:
        relay = room.url.replace("http", "ws", 1)
        env = {"CLAWTANK_TOKEN": room.host_token}
        size = {"cols": cols, "rows": rows}
        with Terminal([*CLAWTANK, "host", room.id, "--relay", relay], env=env, **size) as host:
            host.wait_for("0 watching")
            with Terminal([*CLAWTANK, "watch", room.id, "--relay", relay], **size) as watcher:
                watcher.wait_for("● live")
                host.wait_for("1 watching", 2)
                watcher.wait_for("1 watching", 2)
                with Terminal([*CLAWTANK, "watch", room.id, "--relay", relay], **size) as another:
                    another.wait_for("● live")
                    for terminal in (host, watcher):
                        terminal.wait_for("2 watching", 2)
                    another.send("q")
                    another.wait_exit()
                for terminal in (host, watcher):
                    terminal.wait_for("1 watching", 2)
            host.send("q")
            assert host.wait_exit() == 0

    def test_an_idle_console_writes_nothing(room: Room) -> None:
        relay = room.url.replace("http", "ws", 1)
        env = {"CLAWTANK_TOKEN": room.host_token}
        with Terminal([*CLAWTANK, "host", room.id, "--relay", relay], env=env) as host:
            host.wait_for("0 watching")
            host.wait_quiet(1.0)
            before = host.bytes_written
            host.wait_quiet(2.0)
            assert host.bytes_written == before
