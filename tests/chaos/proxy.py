"""A TCP proxy between viewers and relay that does to each connection what `faults` has in store for it.

Which connection it is, the viewer says in a header of its request (`X-Connection: VIEWER.ATTEMPT`): so a
fate does not depend on who happens to be accepted first. The line to the relay is short of buffers on
purpose (`_SEGMENT`, `_WINDOW`): a slow viewer is then slow for the relay too, not for the kernel alone.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from chaos.faults import KIND, End, Fate

_LOOPBACK = "127.0.0.1"
_NAMED = re.compile(rb"x-connection: (\d+)\.(\d+)\r\n", re.IGNORECASE)
_SEGMENT = 1400
_WINDOW = 8192
_HANG_S = 8.0
"""How long a half-open side is kept."""
_LINGER_NOT = struct.pack("ii", 1, 0)
_READ = 65536


class Proxy:
    """A listening proxy.

    Attributes:
        counts: How often each thing was done.
        port: Where viewers connect.
    """

    def __init__(
        self, relay_port: int, fate_of: Callable[[int, int], Fate], tasks: asyncio.TaskGroup
    ) -> None:
        """Bind where the relay is, what befalls `(viewer, attempt)`, and the group that lines live in."""
        self.counts: Counter[str] = Counter()
        self.port = 0
        self._relay_port = relay_port
        self._fate_of = fate_of
        self._tasks = tasks
        self._calm = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accepted, _LOOPBACK, 0, limit=_READ, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    def be_kind(self) -> None:
        """Do no more harm: let go of what hangs or waits, and pass on the rest."""
        self._calm.set()

    def close(self) -> None:
        """Stop listening, and end every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._running:
            task.cancel()

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._tasks.create_task(self._serve(reader, writer))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _serve(self, reader: asyncio.StreamReader, viewer: asyncio.StreamWriter) -> None:
        relay: asyncio.StreamWriter | None = None
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            fate = self._fate(head)
            if fate.dial_s:
                self.counts["late"] += 1
                await asyncio.sleep(fate.dial_s)
            from_relay, relay = await self._dial()
            relay.write(head)
            await _Line(fate, self.counts, self._calm, reader, viewer, from_relay, relay).run()
        except* (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # one side went away by itself: so does the other
        finally:
            for side in (viewer, relay):
                if side is not None:
                    _reset(side)

    def _fate(self, head: bytes) -> Fate:
        found = _NAMED.search(head)
        if found is None or self._calm.is_set():
            return KIND
        return self._fate_of(int(found[1]), int(found[2]))

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        near = socket.socket()
        near.setblocking(False)
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW)
        try:
            await asyncio.get_running_loop().sock_connect(near, (_LOOPBACK, self._relay_port))
            return await asyncio.open_connection(sock=near, limit=_READ)
        except BaseException:
            near.close()
            raise


class _Line:
    """One connection, both ways."""

    def __init__(
        self,
        fate: Fate,
        counts: Counter[str],
        calm: asyncio.Event,
        from_viewer: asyncio.StreamReader,
        viewer: asyncio.StreamWriter,
        from_relay: asyncio.StreamReader,
        relay: asyncio.StreamWriter,
    ) -> None:
        self._fate = fate
        self._counts = counts
        self._calm = calm
        self._from_viewer, self._viewer = from_viewer, viewer
        self._from_relay, self._relay = from_relay, relay

    async def run(self) -> None:
        """Pass bytes on until either side ends, or fate does it."""
        async with asyncio.TaskGroup() as ways:
            upward = ways.create_task(self._up())
            await self._down()
            upward.cancel()

    async def _up(self) -> None:
        with suppress(OSError):
            while data := await self._from_viewer.read(_READ):
                self._relay.write(data)
                await self._relay.drain()
        # The viewer left; what the relay still had to say has nobody to read it.
        _reset(self._relay)

    async def _down(self) -> None:
        fate, passed, began_s = self._fate, 0, time.monotonic()
        is_stalled = False
        if fate.rate:
            self._counts["slow"] += 1
        while data := await self._from_relay.read(_READ):
            while data:
                piece = fate.piece
                is_slow = fate.rate and time.monotonic() - began_s < fate.slow_s and not self._calm.is_set()
                if is_slow:
                    piece = min(piece, max(1, fate.rate // 10))
                if fate.end_at:
                    piece = min(piece, fate.end_at - passed)
                now, data = data[:piece], data[piece:]
                self._viewer.write(now)
                await self._viewer.drain()
                passed += len(now)
                if is_slow:
                    await asyncio.sleep(len(now) / fate.rate)
                if fate.stall is not None and passed >= fate.stall.at and not is_stalled:
                    is_stalled = True
                    self._counts["stalled"] += 1
                    await self._pause(fate.stall.seconds)
                if fate.end_at and passed >= fate.end_at:
                    await self._end(fate.end)
                    return

    async def _end(self, how: End) -> None:
        self._counts[how] += 1
        match how:
            case End.CUT:
                return
            case End.VIEWER_HANGS:
                _reset(self._relay)
            case End.RELAY_HANGS:
                _reset(self._viewer)
        await self._pause(_HANG_S)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._calm.wait()


def _reset(side: asyncio.StreamWriter) -> None:
    """Close with a reset instead of a goodbye: what is under way is lost."""
    with suppress(OSError):
        connection = side.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    side.transport.abort()
