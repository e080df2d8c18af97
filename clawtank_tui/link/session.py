"""The socket under the machine: opens, listens, pings, waits, and hands on what was heard.

One loop and no tasks of its own: whoever runs a `Session` owns it and ends it by cancelling.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random as system_random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from clawtank_tui import __version__
from clawtank_tui.link.machine import Machine
from clawtank_tui.link.problems import fault_of, silent
from clawtank_tui.link.trust import trust
from clawtank_tui.state.model import Connection, Phase
from relay.clock import Clock, SystemClock
from relay.protocol.envelope import encode_json
from relay.protocol.messages import KEEPALIVE_S, SUBPROTOCOL

if TYPE_CHECKING:
    from clawtank_tui.link.outcome import Fault, Opening
    from clawtank_tui.link.target import Target

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
OPEN_TIMEOUT_S = 10.0
PING_S = KEEPALIVE_S / 3
"""How often a line is pinged; a second interval of silence ends it, well within twice the keepalive."""
_CLOSE_TIMEOUT_S = 1.0
_SHOWN_CHANGE_MS = 20
"""A round trip is reported again when it moved this far and by half: an idle screen stays untouched."""

# `websockets` logs what it sends at debug level, the Authorization header among it.
_QUIET = logging.getLogger("clawtank.link")
_QUIET.addHandler(logging.NullHandler())
_QUIET.setLevel(logging.CRITICAL)
_QUIET.propagate = False


@dataclass(frozen=True, slots=True)
class Received:
    """A message of the relay to show: an envelope that is new, unexpired and in its place.

    Attributes:
        envelope: As received, without repeated events and without the resume token; its text is not yet safe.
    """

    envelope: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The line's state, each time it changes."""

    connection: Connection


LinkEvent = Received | ConnectionChanged


class NotSent(Exception):
    """A message could not leave; the text is a sentence for the viewer."""


class Session:
    """One viewer's line to one room, kept up until it is refused for good or cancelled."""

    MAX_BYTES: ClassVar[int] = MAX_MESSAGE_BYTES
    """The largest message that is believed."""

    def __init__(
        self,
        target: Target,
        *,
        clock: Clock | None = None,
        random: Callable[[], float] = system_random.random,
        ping_s: float = PING_S,
        open_timeout_s: float = OPEN_TIMEOUT_S,
    ) -> None:
        """Prepare; nothing is opened before `run`.

        Args:
            target: What to watch.
            clock: Monotonic time; the system's when None.
            random: Returns a number in [0, 1), for the waits between tries.
            ping_s: Seconds between pings, and the longest silence after one.
            open_timeout_s: The longest an opening handshake may take, name lookup included.

        Raises:
            OSError: If the file of certificate authorities cannot be read (`ssl.SSLError` if it holds none).
        """
        self._target = target
        self._clock = clock or SystemClock()
        self._ping_s = ping_s
        self._open_timeout_s = open_timeout_s
        self._machine = self._make_machine(target, random)
        self._line: Line | None = None
        self._earlier_bytes = 0
        self._impatient = asyncio.Event()
        self._shown = Connection()
        self._tls = trust(target)

    def _make_machine(self, target: Target, random: Callable[[], float]) -> Machine:
        return Machine(target, random)

    @property
    def connection(self) -> Connection:
        """The line's state now."""
        return self._machine.connection

    @property
    def bytes_received(self) -> int:
        """Bytes that came over the network since `run`, compressed as they were, TLS apart."""
        return self._earlier_bytes + (self._line.bytes_received if self._line else 0)

    async def run(self, deliver: Callable[[LinkEvent], None]) -> Connection:
        """Watch until the relay refuses for good.

        Args:
            deliver: Called in order, in this task; must not block for long. What it raises ends the session.

        Returns:
            The ended connection, with the reason.
        """
        while True:
            opening = self._machine.open()
            self._show(deliver)
            fault = await self._attempt(opening, deliver)
            self._machine.lost(fault, self._clock.monotonic_s())
            self._impatient.clear()
            self._show(deliver)
            if self.connection.phase is Phase.ENDED:
                return self.connection
            await self._wait()

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(self.connection.retry_at_s - self._clock.monotonic_s(), 0.0)):
                await self._impatient.wait()

    def retry_now(self) -> None:
        """End the wait for the next try, if there is one."""
        self._impatient.set()

    async def send(self, message_id: str, kind: str, data: Mapping[str, Any]) -> None:
        """Send a message of the viewer's; the relay's answer will name its id as `ref`.

        Raises:
            NotSent: If there is no line now. The text is still the caller's.
        """
        payload = encode_json({"id": message_id, "type": kind, "data": data}).decode()
        await self._send(self._open_line(), payload)

    def _open_line(self) -> Line:
        if self._line is None or self.connection.phase is not Phase.LIVE:
            raise NotSent("There is no line to the relay right now: send it again when the line is back.")
        return self._line

    async def _send(self, line: Line, payload: str) -> None:
        try:
            await line.send(payload)
        except ConnectionClosed:
            raise NotSent(
                "The line broke before the message left: send it again when the line is back."
            ) from None

    async def switch(self) -> None:
        """Ask for the next way to be told: live, in batches, or in low bandwidth; nothing without a line.

        The relay answers with a `mode_changed`, or with an error that says why not.
        """
        if self._line is not None and self.connection.phase is Phase.LIVE:
            with contextlib.suppress(ConnectionClosed):  # the next line is opened with the same wish
                await self._line.send(self._machine.switch())

    async def _attempt(self, opening: Opening, deliver: Callable[[LinkEvent], None]) -> Fault:
        """Open one line, listen until it ends, and say why it did."""
        try:
            line = await _connection(opening, self._tls, self._open_timeout_s, self.MAX_BYTES)
        except (OSError, WebSocketException, ValueError, EOFError, ImportError) as error:
            return fault_of(error, opening.address)
        self._line = line
        try:
            return await self._listen(line, opening, deliver)
        finally:
            await line.close()
            self._earlier_bytes += line.bytes_received
            self._line = None

    async def _listen(self, line: Line, opening: Opening, deliver: Callable[[LinkEvent], None]) -> Fault:
        heart = _Heartbeat(line, self._ping_s)
        try:
            while True:
                if heart.stopped():
                    line.transport.abort()
                    return silent(opening.address, self._ping_s)
                await heart.beat()
                self._note_latency(heart.take_latency_ms(), deliver)
                try:
                    async with asyncio.timeout_at(heart.wake_at):
                        payload = await line.recv()
                except TimeoutError:
                    continue
                self._hear(line, payload, deliver)
        except ConnectionClosed as error:
            return fault_of(error, opening.address)

    def _hear(self, line: Line, payload: str | bytes, deliver: Callable[[LinkEvent], None]) -> None:
        heard = self._machine.receive(payload, self._clock.monotonic_s())
        if heard.hang_up:
            line.transport.abort()
        if heard.welcomed:
            self._show(deliver)
        if heard.envelope is not None:
            deliver(Received(heard.envelope))

    def _note_latency(self, latency_ms: int | None, deliver: Callable[[LinkEvent], None]) -> None:
        if latency_ms is None or self.connection.phase is not Phase.LIVE:
            return
        shown = self.connection.latency_ms
        if shown is None or abs(latency_ms - shown) >= max(_SHOWN_CHANGE_MS, shown // 2):
            self._machine.measured(latency_ms)
            self._show(deliver)

    def _show(self, deliver: Callable[[LinkEvent], None]) -> None:
        if self.connection != self._shown:
            self._shown = self.connection
            deliver(ConnectionChanged(self.connection))


class Line(ClientConnection):
    """A client connection that counts what it received and knows when it last heard anything."""

    bytes_received = 0
    heard_at = 0.0

    def data_received(self, data: bytes) -> None:
        """Count, then go on as usual."""
        self.bytes_received += len(data)
        self.heard_at = self.loop.time()
        super().data_received(data)


class _Heartbeat:
    """Pings in intervals; a whole interval without a single byte after a ping is death.

    Any byte counts, not the pong alone: behind a long message on a thin line the pong comes late.
    """

    _LOOK_S = 0.5

    def __init__(self, line: Line, interval_s: float) -> None:
        self._line = line
        self._interval_s = interval_s
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time()
        self._sent_at = math.inf
        self._pong: asyncio.Future[float] | None = None

    @property
    def wake_at(self) -> float:
        """Loop time of the next look; soon while a pong is awaited, so that latency shows early."""
        return self._due if self._pong is None else min(self._due, self._loop.time() + self._LOOK_S)

    def stopped(self) -> bool:
        return self._loop.time() >= self._due and self._line.heard_at < self._sent_at < math.inf

    async def beat(self) -> None:
        if self._loop.time() >= self._due:
            self._sent_at = self._loop.time()
            self._due = self._sent_at + self._interval_s
            # A line that has just closed still holds what came before the end: `recv` tells both in order.
            with contextlib.suppress(ConnectionClosed):
                self._pong = cast("asyncio.Future[float]", await self._line.ping())

    def take_latency_ms(self) -> int | None:
        if self._pong is None or not self._pong.done():
            return None
        pong, self._pong = self._pong, None
        return None if pong.cancelled() or pong.exception() else round(pong.result() * 1000)


class _Connect(connect):
    """Opens one line and follows no redirect: a token goes where the user sent it, or nowhere."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def _connection(opening: Opening, tls: ssl.SSLContext | None, timeout_s: float, max_bytes: int) -> Line:
    options: dict[str, Any] = {"ssl": tls} if tls and opening.address.secure else {}
    line = await _Connect(
        opening.url,
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        additional_headers={"Authorization": f"Bearer {opening.bearer}"} if opening.bearer else None,
        user_agent_header=f"clawtank/{__version__}",
        # A proxy between a viewer and a relay on the same machine is always a mistake.
        proxy=None if opening.address.is_loopback else True,
        open_timeout=timeout_s,
        ping_interval=None,  # `_Heartbeat` pings, so that silence and latency are noticed in one place
        close_timeout=_CLOSE_TIMEOUT_S,
        max_size=max_bytes,
        logger=_QUIET,
        create_connection=Line,
        **options,
    )
    assert isinstance(line, Line)
    return line
