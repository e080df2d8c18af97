"""Locks: whichever call reads a room's log waits for its turn, and no address keeps another from its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from relay.audience.regions import Regions
from relay.config import Config
from relay.gateway.api import Api
from relay.gateway.turns import AT_ONCE
from relay.rooms.settings import Preset, RoomSettings, Visibility
from relay.service.live_room import LiveRoom
from relay.service.relay import Relay
from relay.storage.sqlite import SqliteStorage
from support.clients import WAIT_S, chat_event
from support.clock import ManualClock
from support.delivery import settle

if TYPE_CHECKING:
    from relay.storage.contract import Record, Span


class SlowDisk(SqliteStorage):
    """A storage whose reads wait until they are let through.

    Attributes:
        held: Whether they wait.
        asked: What those that had to wait were for: the position after which to read, or `spans`.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, ManualClock())
        self.held = False
        self.asked: list[Any] = []
        self._reads: list[asyncio.Future[None]] = []
        self._let = 0
        self._came = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many reads wait."""
        return len(self._reads) - self._let

    async def until(self, count: int) -> None:
        """Wait until so many reads wait, or more."""
        while self.waiting < count:
            self._came.clear()
            await self._came.wait()

    def let_one(self) -> None:
        """Let the read through that waits longest."""
        self._reads[self._let].set_result(None)
        self._let += 1

    def let_all(self) -> None:
        """Let every read through, from now on too."""
        self.held = False
        while self.waiting:
            self.let_one()

    async def read(self, *where: Any, **more: Any) -> list[Record]:
        await self._wait(where[1])
        return await super().read(*where, **more)

    async def spans(self, *where: Any, **more: Any) -> list[Span]:
        await self._wait("spans")
        return await super().spans(*where, **more)

    async def _wait(self, what: Any) -> None:
        if self.held:
            self.asked.append(what)
            self._reads.append(asyncio.get_running_loop().create_future())
            self._came.set()
            await self._reads[-1]


@dataclass
class Opened:
    """A relay without sockets, the disk under it, and its room's cursor and epoch."""

    app: Any
    disk: SlowDisk
    room: LiveRoom

    async def get(self, path: str, address: str) -> httpx.Response:
        """Make a call from an address."""
        transport = httpx.ASGITransport(self.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://relay", timeout=WAIT_S) as http:
            return await http.get(f"/rooms/room/{path}")


@asynccontextmanager
async def opened(data: Path) -> AsyncIterator[Opened]:
    disk = SlowDisk(data)
    try:
        async with asyncio.TaskGroup() as tasks:
            relay = Relay(
                Config(data=data),
                disk,
                ManualClock(),
                Regions(),
                secret=bytes(32),
                operator_token="operator",
                spawn=tasks.create_task,
            )
            await relay.start()
            room = await relay.create_room("room", "room", Visibility.PUBLIC, RoomSettings())
            assert isinstance(room, LiveRoom)
            await relay.publish(room, [chat_event(str(number)) for number in range(10)])
            yield Opened(Api(relay, Preset.OPEN).app, disk, room)
    finally:
        await disk.aclose()


async def test_every_call_that_reads_the_log_takes_a_turn(tmp_path: Path):
    async with opened(tmp_path) as it, asyncio.TaskGroup() as calls:
        it.disk.held = True
        paths = ["events", "batches", *(f"batches/{it.room.epoch}-0-{last}" for last in range(1, 9))]
        hungry = [calls.create_task(it.get(path, "203.0.113.1")) for path in paths]
        await settle()
        assert it.disk.asked == [0, "spans"]
        assert it.disk.waiting == AT_ONCE
        other = calls.create_task(it.get(f"batches/{it.room.epoch}-9-10", "203.0.113.2"))
        await settle()
        async with asyncio.timeout(WAIT_S):
            while 9 not in it.disk.asked:
                it.disk.let_one()
                await it.disk.until(AT_ONCE)
                assert it.disk.waiting == AT_ONCE, "who is done makes room for one, never for two"
        assert sum(call.done() for call in hungry) == 2, "whoever asks once waits for no crowd"
        it.disk.let_all()
    assert {call.result().status_code for call in (*hungry, other)} == {200}


async def test_what_was_made_already_waits_for_nobody(tmp_path: Path):
    async with opened(tmp_path) as it, asyncio.TaskGroup() as calls:
        batch = f"batches/{it.room.epoch}-0-10"
        made = (await it.get(batch, "203.0.113.1")).content
        it.disk.held = True
        hungry = [calls.create_task(it.get("events", "203.0.113.1")) for _ in range(AT_ONCE)]
        await settle()
        assert it.disk.waiting == AT_ONCE
        async with asyncio.timeout(WAIT_S):
            assert (await it.get(batch, "203.0.113.2")).content == made
        assert not any(call.done() for call in hungry)
        it.disk.let_all()
