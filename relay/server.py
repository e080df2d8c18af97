"""The composition root: puts a relay together, serves it, and takes it down in order.

One `TaskGroup` owns every task. We bind the socket, own the signals and drain the viewers ourselves before
uvicorn is told to stop: left alone it exits on a busy port without a sentence and closes everybody at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn

from relay.audience.keyring import REFRESH_S
from relay.audience.regions import open_regions
from relay.clock import Clock, SystemClock
from relay.gateway.addresses import is_loopback
from relay.gateway.api import Api
from relay.gateway.drain import STEP_S, drain, paces
from relay.gateway.http import guarded_http
from relay.gateway.listener import BACKLOG, allow_files, bind, url_of
from relay.gateway.sockets import OpenSockets, SpectatorSocket
from relay.rooms.settings import Preset, Visibility, preset_settings
from relay.service.load import SAMPLE_S, Load
from relay.service.relay import Relay
from relay.storage.secrets import load_or_make, remove_address, write_address
from relay.storage.sqlite import SqliteStorage

if TYPE_CHECKING:
    from relay.config import Config

_log = logging.getLogger("relay.server")
_CHECK_S = 5.0


@dataclass(frozen=True, slots=True)
class RoomWish:
    """A room to have: `ROOM[:PRESET]`."""

    room_id: str
    preset: str = ""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers; ours come first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


Feed = Callable[[Relay], Awaitable[None]]


async def serve(
    config: Config,
    rooms: Sequence[RoomWish] = (),
    *,
    ready: Callable[[str], None],
    feeds: Sequence[Feed] = (),
    stop: asyncio.Event | None = None,
    clock: Clock | None = None,
) -> int:
    """Serve until told to stop.

    Args:
        config: The configuration.
        rooms: Rooms to create if they are missing.
        ready: Called with the relay's address once it listens.
        feeds: Sources that run as long as the relay does.
        stop: Stops the relay when set; SIGINT and SIGTERM set it too, where the system has them.
        clock: The system's, unless a test winds its own.

    Returns:
        The number of the signal that stopped it; 0 if none did.

    Raises:
        StorageError: If the data directory cannot be used.
        CannotListen: If the address cannot be listened on.
        BadSettings: If a wished preset does not exist.
        BadKeys: If the keys for viewer tokens cannot be used.
        BadDatabase: If the database of countries cannot be used.
    """
    stop = stop or asyncio.Event()
    clock = clock or SystemClock()
    default = Preset.OPEN if _is_local(config.host) else Preset.LIMITED
    wishes = [(wish.room_id, preset_settings(wish.preset or default)) for wish in rooms]
    regions = open_regions(config)
    storage = SqliteStorage(config.data, clock)
    try:
        listener = bind(config.host, config.port)
        try:
            secret, operator = load_or_make(config.data)
            async with asyncio.TaskGroup() as tasks:
                spawn = partial(_spawn, tasks)
                relay = Relay(
                    config,
                    storage,
                    clock,
                    regions,
                    secret=secret,
                    operator_token=operator,
                    spawn=spawn,
                    files=allow_files(),
                )
                await relay.start()
                for room_id, settings in wishes:
                    if relay.room(room_id) is None:
                        await relay.create_room(room_id, room_id, Visibility.PUBLIC, settings)
                return await _run(config, relay, listener, default, ready, feeds, stop, tasks)
        except BaseExceptionGroup as group:
            # One cause, one sentence: callers catch what is documented above.
            raise group.exceptions[0] if len(group.exceptions) == 1 else group from None
        finally:
            listener.close()
            remove_address(config.data)
    finally:
        await storage.aclose()


async def _run(
    config: Config,
    relay: Relay,
    listener: socket.socket,
    default: Preset,
    ready: Callable[[str], None],
    feeds: Sequence[Feed],
    stop: asyncio.Event,
    tasks: asyncio.TaskGroup,
) -> int:
    sockets = relay.gate.sockets = OpenSockets(relay.clock.monotonic_s)

    def socket_class() -> SpectatorSocket:
        return SpectatorSocket(relay, sockets)

    server = _Server(
        uvicorn.Config(
            Api(relay, default).app,
            ws=socket_class,  # type: ignore[arg-type]
            http=guarded_http(config.limits, relay.metrics.failed, relay.clock.monotonic_s),
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,  # it would write query strings, and tokens with them
            proxy_headers=False,  # it would believe any loopback peer
            server_header=False,
            timeout_keep_alive=max(1, round(config.limits.idle_s)),
            timeout_graceful_shutdown=5,
            backlog=BACKLOG,
            ssl_certfile=str(config.tls_cert) if config.tls_cert else None,
            ssl_keyfile=str(config.tls_key) if config.tls_key else None,
        )
    )
    asyncio.get_running_loop().set_exception_handler(_log_loop_fault)
    hurry = asyncio.Event()

    def cut_short() -> None:
        hurry.set()
        server.force_exit = True

    with _signals(stop, cut_short) as received:
        serving = tasks.create_task(server.serve(sockets=[listener]))
        upkeep = [
            tasks.create_task(sample_lag(relay.load)),
            tasks.create_task(_every(1.0, relay.tick)),
            tasks.create_task(_check_peers(sockets, relay)),
        ]
        if relay.keys.url:
            upkeep.append(tasks.create_task(_every(REFRESH_S, relay.keys.fetch)))
        upkeep += [tasks.create_task(_feed(feed, relay)) for feed in feeds]
        secure = config.tls_cert is not None
        url = url_of(listener, secure=secure)
        reachable = url_of(listener, secure=secure, reachable=True)
        write_address(config.data, reachable, str(config.tls_cert or ""))
        ready(url)
        await _first(serving, stop)
        _log.info("stopping: %d viewers are asked to come back", len(sockets))
        for task in upkeep:
            task.cancel()
        # No new ones from here on; publishers are served until uvicorn has finished what they have sent.
        relay.gate.close(STEP_S * len(paces(len(sockets), config.drain_s)))
        await drain(sockets, config.drain_s, config.drain_url, hurry)
        server.should_exit = True
        await serving
        for left in sockets:
            left.abort()
        return received[0] if received else 0


async def sample_lag(load: Load) -> None:
    """Measure without end how much longer a sleep lasts than it should."""
    loop = asyncio.get_running_loop()
    while True:
        began_s = loop.time()
        await asyncio.sleep(SAMPLE_S)
        load.observe(loop.time() - began_s)


async def _check_peers(sockets: OpenSockets, relay: Relay) -> None:
    while True:
        await asyncio.sleep(_CHECK_S)
        now_s = relay.clock.monotonic_s()
        for viewer in sockets:
            viewer.check(now_s)
        relay.reconsider_all()


async def _every(seconds: float, what: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await what()
        except Exception:
            _log.exception("upkeep failed; it is tried again in %g s", seconds)


async def _feed(feed: Feed, relay: Relay) -> None:
    try:
        await feed(relay)
    except Exception:
        _log.exception("a source ended; the relay serves on without it")


def _spawn(tasks: asyncio.TaskGroup, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
    contained = _contain(work)
    try:
        return tasks.create_task(contained)
    except RuntimeError:  # the relay has stopped: what a timer would have begun is nobody's business any more
        contained.close()
        work.close()
        return None


async def _contain(work: Coroutine[Any, Any, None]) -> None:
    """Keep a fault in one viewer's business from taking the relay down: it is logged, loudly."""
    try:
        await work
    except Exception:
        _log.exception("a task failed")


def _log_loop_fault(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log a failed callback by its type and places; asyncio's own handler prints its arguments."""
    fault = context.get("exception")
    kind = (type(fault), fault, fault.__traceback__) if fault else None
    _log.error("a callback failed", exc_info=kind)


async def _first(serving: asyncio.Task[None], stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as tasks:
        stopped = tasks.create_task(stop.wait())
        serving.add_done_callback(lambda _: stop.set())
        await stopped


@contextlib.contextmanager
def _signals(stop: asyncio.Event, cut_short: Callable[[], None]) -> Iterator[list[int]]:
    """Let SIGINT and SIGTERM set `stop`, and a second one `cut_short`; yields the list of those received."""
    loop = asyncio.get_running_loop()
    installed: list[int] = []
    received: list[int] = []

    def note(number: int) -> None:
        if stop.is_set():
            cut_short()
        received.append(number)
        stop.set()

    for number in map(int, (signal.SIGINT, signal.SIGTERM)):
        # Not in a thread, and not on Windows: the embedded relay of a demo is stopped by its owner.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, note, number)
            installed.append(number)
    try:
        yield received
    finally:
        for number in installed:
            loop.remove_signal_handler(number)


def _is_local(host: str) -> bool:
    return host == "localhost" or is_loopback(host)
