"""The relay on a test's own event loop, over real sockets, with a clock to wind.

For rules that count in minutes. Only what the relay reads from its clock is wound; its upkeep still comes
around once a second (peers: every five) of real time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from relay.clock import Clock, SystemClock
from relay.config import Config, Limits
from relay.server import RoomWish, serve
from support.clients import WAIT_S, Viewer, watching
from support.clock import ManualClock
from support.crowds import READY
from support.ports import LOOPBACK
from support.relay_process import UNLIMITED


@dataclass(frozen=True)
class WoundRelay:
    """A relay in this process.

    Attributes:
        url: `http://HOST:PORT`.
        clock: Its clock, which started at the time of day and stands still since.
        http: Calls to it.
        operator: The `Authorization` header of its operator.
        stay: Closes what `enter` opened.
    """

    url: str
    clock: ManualClock
    http: httpx.AsyncClient
    operator: Mapping[str, str]
    stay: AsyncExitStack

    async def call(self, method: str, path: str, **arguments: Any) -> Any:
        """Make a call as the operator that must succeed; return its JSON."""
        answer = await self.http.request(method, path, headers=dict(self.operator), **arguments)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def enter(self, room: str, **arguments: Any) -> Viewer:
        """Come into a room and stay until the relay stops; return the viewer, welcomed."""
        viewer = await self.stay.enter_async_context(watching(self.url, room, options=READY, **arguments))
        await viewer.welcome()
        return viewer


@asynccontextmanager
async def wound_relay(
    data: Path,
    *,
    rooms: Sequence[str] = ("room",),
    limits: Mapping[str, int] = UNLIMITED,
    trusted_proxies: Sequence[str] = (),
) -> AsyncIterator[WoundRelay]:
    """Serve open rooms as long as the block lasts; `limits` that are not named keep their defaults."""
    clock = ManualClock(SystemClock().now_ms())
    config = Config(
        host=LOOPBACK,
        port=0,
        data=data,
        limits=Limits(**limits),
        trusted_proxies=tuple(trusted_proxies),  # pydantic reads networks from text
    )
    async with served(config, rooms, clock) as url:
        token = (data / "operator.token").read_text().strip()
        async with (
            httpx.AsyncClient(base_url=url, timeout=WAIT_S, trust_env=False) as http,
            AsyncExitStack() as stay,
        ):
            yield WoundRelay(url, clock, http, {"Authorization": f"Bearer {token}"}, stay)


@asynccontextmanager
async def served(config: Config, rooms: Sequence[str], clock: Clock) -> AsyncIterator[str]:
    """Serve open rooms on the running loop as long as the block lasts; yield the relay's address."""
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as tasks:
            wishes = [RoomWish(room) for room in rooms]
            tasks.create_task(serve(config, wishes, ready=listening.set_result, stop=stop, clock=clock))
            try:
                async with asyncio.timeout(WAIT_S):
                    url = await listening
                yield url
            finally:
                stop.set()
    except BaseExceptionGroup as group:
        # A test fails for its own reason, not for a group of one.
        raise group.exceptions[0] if len(group.exceptions) == 1 else group from None
