"""`clawtank demo`: a relay of its own, a story to watch, and the ordinary screen.

Everything goes the way it goes in real life: the story's events are published and screened, its spectators
are real connections, and the screen is an ordinary viewer. Only the relay is an embedded one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clawtank_tui.embedded import CannotPlay, embedded_relay, somebody_watches
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


def run(git: Path | None, mode: str) -> int:
    """Play the bundled story, or a repository, until the viewer has seen enough.

    Args:
        git: A repository to play and then follow; None plays the story.
        mode: `tui`, `plain` or `json`.

    Returns:
        The exit code.
    """
    try:
        source = _Story() if git is None else _Repository(git)
    except CannotPlay as problem:
        sys.stderr.write(f"clawtank: {problem}\n")
        return 1
    try:
        with embedded_relay(ROOM, ROOM, source.feed) as url:
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
        await somebody_watches(relay, ROOM)
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
        await somebody_watches(relay, ROOM)
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
