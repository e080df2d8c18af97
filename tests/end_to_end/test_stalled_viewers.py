"""Viewers that stop reading: what they cost is bounded, and nobody else notices."""

import asyncio
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest
from websockets.asyncio.client import connect

from support.clients import Api, Viewer, chat_event, watching
from support.ports import LOOPBACK
from support.relay_process import UNLIMITED, RelayProcess
from support.rooms import Room

STALLED = 20
MB = 1024 * 1024


async def stop_reading(stay: AsyncExitStack, relay: RelayProcess, room: str) -> None:
    """Come in, read the welcome, and nothing more."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, (LOOPBACK, relay.port))
    address = f"ws://{LOOPBACK}/spectate/{room}?frequency=realtime"
    options = {
        "sock": narrow,
        "compression": None,
        "max_queue": 1,
        "ping_interval": None,
        "close_timeout": 0.1,
    }
    connection = await stay.enter_async_context(connect(address, **options))
    await Viewer(connection).welcome()
    connection.transport.pause_reading()


@pytest.mark.spec("SCALE-9")
async def test_who_stops_reading_costs_little_and_slows_nobody(tmp_path: Path):
    relay = RelayProcess.start(tmp_path / "data", limits=UNLIMITED | {"events_per_minute": 0})
    try:
        with Api(relay.url, relay.operator_token) as operator, Api(relay.url) as public:
            room = Room.create(relay.url, "room", operator=operator, public=public)
            async with AsyncExitStack() as stay:
                for _ in range(STALLED):
                    await stop_reading(stay, relay, room.id)
                healthy = await stay.enter_async_context(
                    watching(relay.url, room.id, options={"history": "1"})
                )
                await healthy.welcome()
                words = [chat_event(f"{number} " + "words " * 600) for number in range(100)]
                await asyncio.to_thread(room.publish, *words)
                await healthy.events(100)
                before = psutil.Process(relay.pid).memory_info().rss
                for batch in range(1, 12):
                    await asyncio.to_thread(room.publish, *words)
                    await healthy.events(100 * (batch + 1))
                seen = [event["seq"] for envelope in healthy.seen[1:] for event in events(envelope)]
                assert seen == list(range(1, 1201))
                assert not [m for m in healthy.seen if m["data"].get("kind") == "quality_changed"]
                grown = psutil.Process(relay.pid).memory_info().rss - before
                # Four megabytes for each would be eighty; the log's tail in memory is a few.
                assert grown < 20 * MB, f"{grown / MB:.0f} MB"
    finally:
        relay.stop()


def events(envelope):
    return envelope["data"]["events"] if envelope["type"] == "spectator.activity" else []
