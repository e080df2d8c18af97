"""Lines whose bytes are counted: viewers of a room on a working day, while others come and go.

The relay runs on the loop of its viewers, over real sockets. On a `WoundTraffic` loop an hour takes seconds;
on any other it takes an hour, and the bytes are the same.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from relay.config import Config, Limits
from support.crowds import READY
from support.ports import LOOPBACK
from support.relay_process import UNLIMITED
from support.workday import Workday
from support.wound_loop import LoopClock
from support.wound_relay import served

ROOM = "workday"
_REGULARS = 5
"""Viewers who stay all day, next to those who come and go."""
_COMES_S, _STAYS_S = 20.0, 300.0
"""Between two who come, and how long one stays, on average: each changes what presence says."""
_LAST_BATCH_S = 31.0


@dataclass(frozen=True)
class Wish:
    """How one watches: the query of its connection, and whether it offers to decompress."""

    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    deflate: bool = True


class _Counting(ClientConnection):
    """Counts what the network brings, before anybody looks at it."""

    received = 0

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        super().data_received(data)


class Line:
    """One viewer, reading.

    Attributes:
        events: The room's events that it was sent, in order.
        messages: All it was sent after the welcome, decompressed.
        kinds: How many messages of each type, the welcome not among them.
        welcome: What it was told first.
        welcome_bytes: Bytes until then, the handshake's answer among them.
        seconds: How long it was watched after that; set when the day is over.
    """

    def __init__(self, connection: _Counting) -> None:
        self._connection = connection
        self.events: list[dict[str, Any]] = []
        self.messages: list[bytes] = []
        self.kinds: dict[str, int] = {}
        self.welcome: dict[str, Any] = {}
        self.welcome_bytes = 0
        self.seconds = 0.0

    async def read(self) -> None:
        """Read until the connection is closed."""
        try:
            self.welcome = json.loads(await self._connection.recv())["data"]
            self.welcome_bytes = self._connection.received
            while True:
                message = await self._connection.recv(decode=False)
                envelope = json.loads(message)
                self.messages.append(message)
                self.kinds[envelope["type"]] = self.kinds.get(envelope["type"], 0) + 1
                self.events += envelope["data"].get("events", [])
        except ConnectionClosed:
            pass

    def vanish(self) -> None:
        """Cut the connection."""
        self._connection.transport.abort()

    @property
    def bytes(self) -> int:
        """Bytes after the welcome: frames with their headers, keepalives, presence, pings."""
        return self._connection.received - self.welcome_bytes

    @property
    def hourly(self) -> float:
        """Bytes of an hour like this, its welcome among them."""
        return self.bytes * 3600 / self.seconds + self.welcome_bytes


@dataclass(frozen=True)
class Day:
    """What was published, and what came over each line."""

    published: int
    lines: Mapping[str, Line]


async def watch_workday(
    data: Path, wishes: Mapping[str, Wish], *, per_minute: float, minutes: float, seed: int = 7
) -> Day:
    """Publish a working day at a pace, and watch it as wished.

    Args:
        data: A directory for the relay.
        wishes: Who watches, by name.
        per_minute: Events, on average.
        minutes: How long.
        seed: Which day.
    """
    clock = LoopClock()
    config = Config(host=LOOPBACK, port=0, data=data, limits=Limits(**UNLIMITED))
    lines: dict[str, Line] = {}
    async with (
        served(config, [ROOM], clock) as url,
        asyncio.TaskGroup() as tasks,
        _ending(clock),
        _publisher(url, data) as publisher,
    ):
        regulars = [tasks.create_task(_visit(url, None)) for _ in range(_REGULARS)]
        for name, wish in wishes.items():
            lines[name] = Line(await _connected(url, wish))
            regulars.append(tasks.create_task(lines[name].read()))
        await clock.pass_s(2.0)  # everybody is welcomed, and presence has said so
        passing = tasks.create_task(_come_and_go(url, random.Random(seed)))
        began_s = clock.monotonic_s()
        published = await _publish(publisher, clock, Workday(seed), per_minute, minutes)
        await clock.pass_s(_LAST_BATCH_S)
        for line in lines.values():
            line.seconds = clock.monotonic_s() - began_s
        for task in (*regulars, passing):
            task.cancel()
        for line in lines.values():
            line.vanish()
        await clock.pass_s(_LAST_BATCH_S)  # no batch is under way when the relay stops
    return Day(published, lines)


@asynccontextmanager
async def _ending(clock: LoopClock) -> AsyncIterator[None]:
    """Whatever happens: the relay needs a little time to stop, and it has to pass."""
    try:
        yield
    finally:
        clock.unwind()


async def _publish(
    publisher: httpx.AsyncClient, clock: LoopClock, day: Workday, per_minute: float, minutes: float
) -> int:
    until_s = clock.monotonic_s() + minutes * 60
    due_s = clock.monotonic_s()
    published = 0
    while (due_s := due_s + day.pause_s(per_minute)) < until_s:
        await clock.pass_s(max(due_s - clock.monotonic_s(), 0))
        answer = await publisher.post(f"/rooms/{ROOM}/events", json=day.event())
        assert answer.json()["accepted"] == 1, answer.text
        published += 1
    await clock.pass_s(max(until_s - clock.monotonic_s(), 0))
    return published


async def _come_and_go(url: str, draw: random.Random) -> None:
    async with asyncio.TaskGroup() as visits:
        while True:
            await asyncio.sleep(draw.expovariate(1 / _COMES_S))
            visits.create_task(_visit(url, draw.expovariate(1 / _STAYS_S)))


async def _visit(url: str, seconds: float | None) -> None:
    line = Line(await _connected(url, Wish()))
    try:
        async with asyncio.timeout(seconds):
            await line.read()
    except TimeoutError:
        pass
    finally:
        line.vanish()


async def _connected(url: str, wish: Wish) -> _Counting:
    connection = await connect(
        f"{url.replace('http', 'ws', 1)}/spectate/{ROOM}?{urlencode({**READY, **wish.query})}",
        compression="deflate" if wish.deflate else None,
        create_connection=_Counting,
        ping_interval=None,  # as a browser: what would be counted else is an answer to us
        open_timeout=None,
        proxy=None,
    )
    assert isinstance(connection, _Counting)
    return connection


@asynccontextmanager
async def _publisher(url: str, data: Path) -> AsyncIterator[httpx.AsyncClient]:
    token = (data / "operator.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=None, trust_env=False) as http:
        yield http
