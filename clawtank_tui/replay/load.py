"""From a file to a tape: the whole recording goes through a relay of our own, and what a viewer gets is kept.

The relay is there only meanwhile, and with it its temporary directory. What the file holds is published like
anything else, so a viewer of the replay sees what a spectator of the room would have seen.
"""

from __future__ import annotations

import asyncio
import re
import sys
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clawtank_tui.embedded import CannotPlay, embedded_relay
from clawtank_tui.link.session import LinkEvent, Session
from clawtank_tui.link.target import Target, parse_relay
from clawtank_tui.replay.tape import Tape, TapeRecorder
from relay.protocol.text import safe_text

if TYPE_CHECKING:
    from relay.clock import Clock
    from relay.service.relay import Relay
    from relay.sources.recorded import Recorded

STDIN = "-"
_AT_ONCE = 200
"""Events published together."""
_MANY = 2000
"""Events from which on people are told what they wait for."""
_NO_ID = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of a recording is not on its tape.

    Attributes:
        hidden: Events that are not for spectators.
        repeated: Events whose id had been seen before.
        refused: What was wrong with the others, each with its place.
    """

    hidden: int
    repeated: int
    refused: tuple[str, ...]

    def account(self) -> str:
        """Count it, without a full stop; empty if nothing was left out."""
        parts = []
        if self.hidden:
            parts.append(f"{self.hidden:,} hidden, because spectators are never shown such events")
        if self.repeated:
            parts.append(f"{self.repeated:,} repeated")
        if self.refused:
            first = safe_text(self.refused[0], 300)
            parts.append(f"{len(self.refused):,} refused ({'first, ' * (len(self.refused) > 1)}{first})")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A tape, and what is not on it."""

    tape: Tape
    left_out: LeftOut


def load(file: str, clock: Clock) -> Loaded:
    """Read a recording, and have a relay show it.

    Args:
        file: Its path; `-` for standard input.
        clock: A recording without times of its own begins now.

    Raises:
        CannotPlay: If it cannot be read, is no recording, or nothing in it may be shown.
    """
    from relay.screen.clean import clean
    from relay.sources.recorded import NotRecorded, read_recorded

    shown = "Standard input" if file == STDIN else safe_text(file, 200)
    try:
        recorded = read_recorded(_read(file, shown), clock.now_ms())
    except NotRecorded as problem:
        raise CannotPlay(f"{shown} {problem}.") from None
    if len(recorded.events) > _MANY and sys.stderr.isatty():
        sys.stderr.write(f"{shown}: {len(recorded.events):,} events, being read …\n")
    # The file's own name is what the viewer typed; what a file calls itself would have to be screened first.
    path = Path("replay" if file == STDIN else file)
    name, room_id = clean(path.name, 100), _NO_ID.sub("-", clean(path.stem, 64)).strip("-")[:64] or "replay"
    feeding = _Feeding(recorded, room_id)
    with embedded_relay(room_id, name, feeding.feed, chat=False) as url:
        recorder = TapeRecorder()
        asyncio.run(_record(Target(room_id, parse_relay(url)), recorder, feeding))
    tape, left_out = recorder.tape(room_id, recorded.start_ms), feeding.left_out()
    if not tape.moments:
        why = left_out.account() or "it has no events"
        raise CannotPlay(f"{shown} holds nothing that spectators may see: {why}.")
    return Loaded(tape, left_out)


def _read(file: str, shown: str) -> bytes:
    from relay.sources.recorded import PUBLISH
    from relay.sources.session_replay import MAX_BYTES

    try:
        if file == STDIN:
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with open(file, "rb") as stream:
                content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:
        why = (problem.strerror if isinstance(problem, OSError) else None) or "it is no file's name"
        raise CannotPlay(
            f"{shown} cannot be read ({why}): name a recording, or watch a room with “clawtank watch ROOM”."
        ) from None
    if len(content) > MAX_BYTES:
        raise CannotPlay(
            f"{shown} is larger than {MAX_BYTES // 2**20} MiB, too much to play: split it, {PUBLISH}."
        )
    return content


class _Feeding:
    """Publishes a recording in the relay's own thread; its end is awaited in another."""

    def __init__(self, recorded: Recorded, room_id: str) -> None:
        self.watched: Future[None] = Future()
        """Done when somebody was welcomed: what is published from then on is sent to them, all of it."""
        self.head: Future[int] = Future()
        """The last `seq` of the room when all is published."""
        self._recorded = recorded
        self._room_id = room_id
        self._hidden = recorded.hidden
        self._repeated = 0
        self._refused = list(recorded.unreadable)

    def left_out(self) -> LeftOut:
        return LeftOut(self._hidden, self._repeated, tuple(self._refused))

    async def feed(self, relay: Relay) -> None:
        try:
            self.head.set_result(await self._publish(relay))
        except Exception as problem:
            self.head.set_exception(CannotPlay(f"The embedded relay failed ({problem}): try it again."))

    async def _publish(self, relay: Relay) -> int:
        from relay.protocol.errors import Refused

        await asyncio.wrap_future(self.watched)
        room = relay.room(self._room_id)
        assert room is not None
        events = self._recorded.events
        for start in range(0, len(events), _AT_ONCE):
            part = events[start : start + _AT_ONCE]
            report = await relay.publish(room, [recorded.event for recorded in part])
            assert not isinstance(report, Refused), "an embedded relay has no limits"
            self._hidden += report.hidden
            self._repeated += report.duplicates
            self._refused += (f"{part[item['index']].where}: {item['message']}" for item in report.rejected)
        return room.head


async def _record(target: Target, recorder: TapeRecorder, feeding: _Feeding) -> None:
    """Watch the embedded relay until everything that was published has come.

    Raises:
        CannotPlay: If the relay failed.
    """
    arrived = asyncio.Event()

    def deliver(event: LinkEvent) -> None:
        recorder.deliver(event)
        if not feeding.watched.done() and recorder.ended is not None:
            feeding.watched.set_exception(CannotPlay(recorder.ended.reason))
        elif not feeding.watched.done() and recorder.seq >= 0:
            feeding.watched.set_result(None)
        arrived.set()

    session = Session(target)
    try:
        async with asyncio.TaskGroup() as tasks:
            line = tasks.create_task(session.run(deliver))
            head = await asyncio.wrap_future(feeding.head)
            while recorder.seq < head and recorder.ended is None:
                arrived.clear()
                await arrived.wait()
            line.cancel()
    except* CannotPlay as failures:
        raise failures.exceptions[0] from None
    if recorder.ended is not None:
        raise CannotPlay(f"The embedded relay failed ({recorder.ended.reason}): try it again.")
