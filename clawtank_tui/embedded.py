"""A relay of one's own: in a thread of this process, over a temporary directory that goes with it.

`clawtank demo` and `clawtank replay` play through it, so that what they show was published, screened and
delivered like anything else. It listens on a free port of this machine, for as long as a context lasts.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relay.service.relay import Relay

_START_S = 30.0
Feed = Callable[["Relay"], Awaitable[None]]


class CannotPlay(Exception):
    """There is nothing to show; the sentence says why and what to do."""


@contextlib.contextmanager
def embedded_relay(room_id: str, name: str, feed: Feed, *, chat: bool = True) -> Iterator[str]:
    """Run a relay with one open room while the context lasts; yields its address.

    Args:
        room_id: The room's id.
        name: What people read.
        feed: Runs in the relay's own loop as long as the relay does, from when the room is there.
        chat: Whether the room has a spectator chat.

    Raises:
        CannotPlay: If it does not start.
    """
    # The relay's log would be painted over the screen; what can go wrong here is told by the screen itself.
    logging.basicConfig(handlers=[logging.NullHandler()])
    with _unwound_by_signals(), _temporary_directory() as directory:
        thread = _RelayThread(Path(directory), room_id, name, feed, chat=chat)
        thread.start()
        try:
            yield thread.wait_until_ready()
        finally:
            thread.stop()


def _temporary_directory() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="clawtank-", ignore_cleanup_errors=True)
    except OSError as problem:
        raise CannotPlay(
            f"No temporary directory can be used ({problem.strerror}): make room in it, or set TMPDIR."
        ) from None


@contextlib.contextmanager
def _unwound_by_signals() -> Iterator[None]:
    """Let a signal that ends the process end its contexts first: else the directory would stay."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [(number, signal.signal(number, leave)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


async def somebody_watches(relay: Relay, room_id: str) -> None:
    """Wait until a viewer is there, so that nothing is missed."""
    room = relay.room(room_id)
    assert room is not None
    await room.audience.somebody.wait()


class _RelayThread:
    """A relay with an event loop of its own, so that neither it nor the screen waits for the other."""

    def __init__(self, directory: Path, room_id: str, name: str, feed: Feed, *, chat: bool) -> None:
        self._thread = threading.Thread(target=self._run, name="embedded-relay", daemon=True)
        self._directory = directory
        self._room_id, self._name, self._chat = room_id, name, chat
        self._feed = feed
        self._ready = threading.Event()
        self._url = ""
        self._listening_at = ""
        self._problem = "it did not start in time"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as problem:
            self._problem = str(problem)
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        from relay.config import Config, Limits
        from relay.server import serve

        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        # Everybody here is this machine: limits per address or minute would only get in the way.
        limits = Limits(
            connections_per_address_per_minute=0, joins_per_room_per_minute=0, events_per_minute=0
        )
        config = Config(port=0, data=self._directory, limits=limits)
        await serve(config, ready=self._note_address, feeds=[self._begin], stop=self._stop)

    def _note_address(self, url: str) -> None:
        self._listening_at = url

    async def _begin(self, relay: Relay) -> None:
        """Make the room, let the viewer in, and feed."""
        from relay.rooms.settings import Visibility, patch_settings, preset_settings

        settings = patch_settings(preset_settings("open"), {"spectatorChat": {"enabled": self._chat}})
        try:
            await relay.create_room(self._room_id, self._name, Visibility.PUBLIC, settings)
            self._url = self._listening_at
        except Exception as problem:
            self._problem = str(problem)
            raise
        finally:
            self._ready.set()
        await self._feed(relay)

    def wait_until_ready(self) -> str:
        """Return the relay's address.

        Raises:
            CannotPlay: If it did not start.
        """
        self._ready.wait(_START_S)
        if not self._url:
            raise CannotPlay(
                f"The embedded relay cannot run ({self._problem}): check the temporary directory."
            )
        return self._url

    def stop(self) -> None:
        """Take the relay down and wait for it."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # it has just ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
