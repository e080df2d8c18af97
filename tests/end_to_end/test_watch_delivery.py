"""How the client gets its news from a real relay: at once, in batches, thinned, and from one to the other."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from clawtank_tui.link.session import ConnectionChanged, LinkEvent, Received, Session
from clawtank_tui.link.target import Target, parse_relay
from clawtank_tui.state.delivery import Choice
from clawtank_tui.state.model import Phase
from support.clients import chat_event

if TYPE_CHECKING:
    from support.rooms import Room

CLAWTANK = [sys.executable, "-c", "from clawtank_tui.cli import main; main()"]
WAIT_S = 60.0
SWITCHES = 20


class Watcher:
    """The client's own line to a room, and what it delivered."""

    def __init__(self, room: Room, choice: Choice) -> None:
        self.session = Session(Target(room.id, parse_relay(room.url), choice=choice))
        self.envelopes: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    def deliver(self, event: LinkEvent) -> None:
        if isinstance(event, Received):
            self.envelopes.append(event.envelope)
        assert not isinstance(event, ConnectionChanged) or event.connection.phase is not Phase.WAITING
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    @property
    def seqs(self) -> list[int]:
        return [item["seq"] for envelope in self.envelopes for item in envelope["data"].get("events", [])]

    @property
    def deliveries(self) -> list[dict[str, Any]]:
        """What the relay answered to each switch."""
        notices = [data for data in (envelope["data"] for envelope in self.envelopes) if "kind" in data]
        return [data["delivery"] for data in notices if data["kind"] == "mode_changed"]

    @property
    def kinds(self) -> set[str]:
        return {envelope["type"] for envelope in self.envelopes}


@asynccontextmanager
async def watched(room: Room, choice: Choice) -> AsyncIterator[Watcher]:
    watcher = Watcher(room, choice)
    async with asyncio.TaskGroup() as tasks:
        line = tasks.create_task(watcher.session.run(watcher.deliver))
        await watcher.until(lambda: watcher.session.connection.phase is Phase.LIVE)
        yield watcher
        line.cancel()


@asynccontextmanager
async def load(room: Room, events_s: float) -> AsyncIterator[None]:
    """Publish so many events a second while the block runs."""
    over = asyncio.Event()

    async def publish() -> None:
        count = 0
        while not over.is_set():
            count += 1
            await asyncio.to_thread(room.publish, chat_event(f"line {count}"))
            await asyncio.sleep(1 / events_s)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(publish())
        yield
        over.set()


@pytest.mark.spec("ADAPT-4")
async def test_twenty_switches_under_load_lose_and_repeat_nothing(room: Room) -> None:
    async with watched(room, Choice(interval_s=1)) as watcher:
        async with load(room, 20):
            for number in range(SWITCHES):
                await watcher.session.switch()
                await watcher.until(lambda n=number: len(watcher.deliveries) > n)  # type: ignore[misc]
                if number % 2:  # else at once, amid what is held back
                    seen = len(watcher.seqs)
                    await watcher.until(lambda n=seen: len(watcher.seqs) > n)  # type: ignore[misc]
        last = (await asyncio.to_thread(room.history))[-1]["seq"]
        await watcher.until(lambda: watcher.seqs[-1:] == [last])
        published = [event["seq"] for event in await asyncio.to_thread(room.history)]

        assert watcher.seqs == published
        assert len(published) > SWITCHES
        assert {"spectator.activity", "spectator.batch"} <= watcher.kinds
        chosen = [(delivery["frequency"], delivery["low_bandwidth"]) for delivery in watcher.deliveries]
        assert chosen[:3] == [("batched", False), ("batched", True), ("realtime", False)]
        assert len(chosen) == SWITCHES


@pytest.mark.parametrize("options", [["--batched", "--every", "1s"], ["--low-bandwidth", "--every", "1s"]])
async def test_batches_are_printed_whole_and_in_order(room: Room, options: list[str]) -> None:
    watch = await asyncio.create_subprocess_exec(
        *CLAWTANK, "watch", room.id, "--json", "--relay", room.url.replace("http", "ws", 1), *options,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert watch.stdout is not None
    seqs: list[int] = []
    kinds: set[str] = set()
    try:
        async with asyncio.timeout(WAIT_S):
            delivery = json.loads(await watch.stdout.readline())["data"]["delivery"]
            report = await asyncio.to_thread(room.publish, *[chat_event(f"line {n}") for n in range(12)])
            while f"{report['cursor'].partition('-')[0]}-{seqs[-1] if seqs else 0}" != report["cursor"]:
                envelope = json.loads(await watch.stdout.readline())
                if events := envelope["data"].get("events"):
                    kinds.add(envelope["type"])
                    seqs += [event["seq"] for event in events]
    finally:
        watch.kill()
        await watch.wait()

    assert (delivery["frequency"], delivery["interval_s"]) == ("batched", 1)
    assert delivery["low_bandwidth"] == ("--low-bandwidth" in options)
    assert kinds == {"spectator.batch"}
    assert seqs == [event["seq"] for event in await asyncio.to_thread(room.history)]


if sys.platform != "win32":
    from support.terminal import Terminal

    def watching(room: Room, *options: str) -> Terminal:
        relay = room.url.replace("http", "ws", 1)
        return Terminal(
            [*CLAWTANK, "watch", room.id, "--relay", relay, *options], env={"SSH_CONNECTION": None}
        )

    @pytest.mark.spec("ADAPT-4")
    def test_the_key_goes_through_every_delivery_and_the_first_line_says_so(room: Room) -> None:
        with watching(room) as terminal:
            terminal.wait_for("● live")
            for words in ("● every 30 s", "● low bandwidth, every 30 s", "● live"):
                terminal.send("b")
                terminal.wait_for(words)
            room.publish(chat_event("after the round"))
            terminal.wait_for("after the round")
            terminal.send("q")
            assert terminal.wait_exit() == 0

    def test_a_thin_line_is_spared_the_mouse_unless_it_is_asked_for(room: Room) -> None:
        reports = {}
        for options in ((), ("--low-bandwidth",), ("--low-bandwidth", "--mouse")):
            with watching(room, *options) as terminal:
                terminal.wait_for("q quit")
                terminal.send("q")
                terminal.wait_exit()
                reports[options] = b"\x1b[?1000h" in terminal.raw
        assert list(reports.values()) == [True, False, True]

    def test_a_batch_costs_the_terminal_what_is_in_sight_of_it(room: Room) -> None:
        written = []
        for options in ((), ("--low-bandwidth", "--every", "5s")):
            with watching(room, "--since", "0", "--no-mouse", *options) as terminal:
                terminal.wait_for("● ")
                terminal.wait_quiet()
                before = terminal.bytes_written
                for number in range(150):
                    room.publish(chat_event(f"{options[:1]} line {number}"))
                terminal.wait_for("line 149")
                terminal.wait_quiet()
                written.append(terminal.bytes_written - before)
                terminal.send("q")
                terminal.wait_exit()
        assert written[1] < 0.6 * written[0], written
