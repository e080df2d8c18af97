"""`clawtank demo`: a relay of its own, a story to watch, and the ordinary screen.

Everything goes the way it goes in real life: the story's events are published and screened, its spectators
are real connections, and the screen is an ordinary viewer. Only the relay sits in a thread of this process,
over a temporary directory that goes with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clawtank_tui.link.session import LinkEvent, Received
from clawtank_tui.link.target import Target, parse_relay
from relay.clock import SystemClock

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from relay.service.relay import Relay

ROOM = "demo"
GUIDE = "ClawTank"
"""Who says, at the end, how to go on."""
_HOW_ON = (
    "That was the story. Now watch your own: run “clawtank-relay serve --room room_abc123 --git .” in a "
    "repository, and “clawtank watch room_abc123” beside it. “clawtank demo --git PATH” plays a history."
)
_EARLY_S = 6.0
"""Seconds a story's spectator watches before it first says something."""
_HISTORY = 200
_PLAY_S = 20.0
"""Seconds in which a repository's history is played; few commits take less."""
_SLOWEST_S = 0.4
_START_S = 30.0


def run(git: Path | None, mode: str) -> int:
    """Play the bundled story, or a repository, until the viewer has seen enough.

    Args:
        git: A repository to play and then follow; None plays the story.
        mode: `tui`, `plain` or `json`.

    Returns:
        The exit code.
    """
    # The relay's log would be painted over the screen; what can go wrong here is told by the screen itself.
    logging.basicConfig(handlers=[logging.NullHandler()])
    try:
        source = _Story() if git is None else _Repository(git)
    except CannotPlay as problem:
        sys.stderr.write(f"clawtank: {problem}\n")
        return 1
    try:
        with _embedded_relay(source.feed) as url:
            source.url = url
            target = Target(ROOM, parse_relay(url))
            if mode == "tui":
                from clawtank_tui.app import run_watch

                return run_watch(target, mouse=True)
            from clawtank_tui.plain import run_plain

            return run_plain(target, as_json=mode == "json", enough=source.is_over)
    except CannotPlay as problem:
        sys.stderr.write(f"clawtank: {problem}\n")
        return 1


class CannotPlay(Exception):
    """The demo cannot start; the sentence says why and what to do."""


# -- what is played ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cue:
    """One line of the story: an event, or what a spectator says, so many seconds after its start."""

    at_s: float
    event: dict[str, Any] | None = None
    spectator: str = ""
    message: str = ""


def read_story() -> list[Cue]:
    """Return the bundled story, in order."""
    cues = []
    for line in files("clawtank_tui").joinpath("story.jsonl").read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        at_s = fields.pop("t")
        if "spectator" in fields:
            cues.append(Cue(at_s, spectator=fields["spectator"], message=fields["message"]))
        else:
            cues.append(Cue(at_s, event=fields))
    return cues


class _Story:
    """The bundled session, with its spectators."""

    url = ""

    async def feed(self, relay: Relay) -> None:
        cues = read_story()
        async with asyncio.TaskGroup() as tasks:
            for name in dict.fromkeys(cue.spectator for cue in cues if cue.spectator):
                lines = [cue for cue in cues if cue.spectator == name]
                tasks.create_task(self._spectate(name, lines))
            began_s = asyncio.get_running_loop().time()
            for cue in cues:
                if cue.event is not None:
                    await _until(began_s + cue.at_s)
                    await _publish(relay, [cue.event])
            await _until(began_s + cues[-1].at_s + 4)
        guide = {"type": "chat.public", "author": GUIDE, "author_type": "agent", "content": _HOW_ON}
        await _publish(relay, [guide])

    async def _spectate(self, name: str, cues: Sequence[Cue]) -> None:
        """Watch like anybody else, and say one's lines."""
        from websockets.asyncio.client import connect

        began_s = asyncio.get_running_loop().time()
        await _until(began_s + max(0.0, cues[0].at_s - _EARLY_S))
        url = parse_relay(self.url).spectate_url(ROOM)
        async with connect(f"{url}?name={name}", proxy=None) as socket, asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(_read_all(socket))
            for cue in cues:
                await _until(began_s + cue.at_s)
                said = {"type": "spectator.chat_message", "data": {"message": cue.message}}
                await socket.send(json.dumps(said))
            await _until(began_s + cues[-1].at_s + _EARLY_S)
            reading.cancel()

    def is_over(self, event: LinkEvent) -> bool:
        """Say whether this is the guide's last word."""
        if not isinstance(event, Received):
            return False
        events = event.envelope.get("data", {}).get("events", [])
        return any(isinstance(item, dict) and item.get("author") == GUIDE for item in events)


class _Repository:
    """A real repository: its history quickly, then what is committed from now on."""

    url = ""

    def __init__(self, path: Path) -> None:
        from relay.sources.git import GitFollower, SourceError

        try:
            self._follower = GitFollower(path, SystemClock(), history=_HISTORY)
        except SourceError as problem:
            raise CannotPlay(str(problem)) from problem

    async def feed(self, relay: Relay) -> None:
        played = False

        async def publish(events: list[dict[str, Any]]) -> None:
            nonlocal played
            pause_s = 0.0 if played else min(_SLOWEST_S, _PLAY_S / max(1, len(events)))
            for event in events:
                await _publish(relay, [event])
                await asyncio.sleep(pause_s)
            played = True

        await self._follower.run(publish)

    def is_over(self, event: LinkEvent) -> bool:
        """Say no: a repository is followed until the viewer leaves."""
        return False


async def _publish(relay: Relay, events: list[dict[str, Any]]) -> None:
    room = relay.room(ROOM)
    if room is not None:
        await relay.publish(room, events)


async def _read_all(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


async def _until(at_s: float) -> None:
    await asyncio.sleep(max(0.0, at_s - asyncio.get_running_loop().time()))


# -- the relay in its thread -------------------------------------------------------------------------


@contextlib.contextmanager
def _embedded_relay(feed: Callable[[Relay], Awaitable[None]]) -> Iterator[str]:
    """Run a relay on a free port of this machine while the context lasts; yields its address."""
    with tempfile.TemporaryDirectory(prefix="clawtank-demo-", ignore_cleanup_errors=True) as directory:
        thread = _RelayThread(Path(directory), feed)
        thread.start()
        try:
            yield thread.wait_until_ready()
        finally:
            thread.stop()


class _RelayThread:
    """A relay with an event loop of its own, so that neither it nor the screen waits for the other."""

    def __init__(self, directory: Path, feed: Callable[[Relay], Awaitable[None]]) -> None:
        self._thread = threading.Thread(target=self._run, name="demo-relay", daemon=True)
        self._directory = directory
        self._feed = feed
        self._ready = threading.Event()
        self._url = ""
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
        from relay.server import RoomWish, serve

        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        # Everybody here is this machine: limits per address would only get in the story's way.
        limits = Limits(connections_per_address_per_minute=0, joins_per_room_per_minute=0)
        config = Config(port=0, data=self._directory, limits=limits)
        await serve(
            config,
            [RoomWish(ROOM, "open")],
            ready=self._tell,
            feeds=[self._feed_when_watched],
            stop=self._stop,
        )

    async def _feed_when_watched(self, relay: Relay) -> None:
        """Begin when the viewer is there, so that nothing of the story is missed."""
        room = relay.room(ROOM)
        assert room is not None
        await room.audience.somebody.wait()
        await self._feed(relay)

    def _tell(self, url: str) -> None:
        self._url = url
        self._ready.set()

    def wait_until_ready(self) -> str:
        """Return the relay's address.

        Raises:
            CannotPlay: If it did not start.
        """
        self._ready.wait(_START_S)
        if not self._url:
            raise CannotPlay(f"The demo's relay cannot run: {self._problem}. Check the temporary directory.")
        return self._url

    def stop(self) -> None:
        """Take the relay down and wait for it."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # it has just ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
