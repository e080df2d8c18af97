"""`clawtank-relay publish`: feed a room from a file, standard input or a repository.

JSON Lines are sent as fast as the relay takes them; a session-replay file is played at its own pace.
Each event gets an id if it has none, so that sending it again after a lost connection is harmless.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relay.cli.local import CaFile, Data, RelayUrl, TokenFile, client, fail, sentence_of, unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from relay.sources.lines import Line
    from relay.sources.session_replay import Recording

_AT_ONCE = 200
"""Events of one request."""
_GIVE_UP_S = 120.0
_LONGEST_WAIT_S = 10.0
_SHOWN = 20
_HEAD = 64 * 1024


def publish(
    room: Annotated[str, typer.Argument(metavar="ROOM", help="The room's id.")],
    file: Annotated[
        str,
        typer.Argument(metavar="FILE|-", help="JSON Lines, or a session-replay file; - is standard input."),
    ] = "",
    git: Annotated[Path | None, typer.Option(metavar="PATH", help="Follow this repository instead.")] = None,
    data: Data = None,
    relay: RelayUrl = "",
    token_file: TokenFile = None,
    ca_file: CaFile = None,
) -> None:
    """Feed a room; says what was hidden or refused, and why."""
    from relay.protocol.rooms import is_room_id

    if not is_room_id(room):
        fail(f"{room[:80]}: a room id is 1 to 64 letters, digits, _ or -.", 2)
    if bool(file) == (git is not None):
        fail("Name one source: a file, - for standard input, or --git PATH.", 2)
    tally = Tally()
    try:
        asyncio.run(_run(room, file, git, client(data, relay, token_file, ca_file), tally))
    except GaveUp as error:
        if tally != Tally():
            _summary(tally)
        fail(str(error))
    except KeyboardInterrupt:
        _summary(tally)
        raise typer.Exit(130) from None
    _summary(tally)
    if tally.rejected:
        raise typer.Exit(1)


class GaveUp(Exception):
    """Publishing cannot go on; the sentence says why and what to do next."""


@dataclass(slots=True)
class Tally:
    """What became of everything so far."""

    accepted: int = 0
    duplicates: int = 0
    hidden: int = 0
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)

    def reject(self, where: str, message: str) -> None:
        """Count a refused event; the first few are shown with their place."""
        self.rejected += 1
        if len(self.reasons) < _SHOWN:
            self.reasons.append(f"{where}: {message}")


class Publisher:
    """Sends events to a room, in order, until each was answered."""

    def __init__(self, http: httpx.AsyncClient, room: str, tally: Tally) -> None:
        """Bind a room."""
        self._http = http
        self._path = f"/rooms/{room}/events"
        self._tally = tally
        self._run = secrets.token_hex(8)
        self._count = 0

    async def send(self, events: list[dict[str, Any]]) -> list[tuple[int, str]]:
        """Send events; return which were refused, by their place in the list, and why.

        Raises:
            GaveUp: If the relay refuses for good, or stays away too long.
        """
        from relay.protocol.text import safe_text

        refused: list[tuple[int, str]] = []
        for start in range(0, len(events), _AT_ONCE):
            part = [self._named(event) for event in events[start : start + _AT_ONCE]]
            report = await self._post(part)
            self._tally.accepted += report["accepted"]
            self._tally.duplicates += report["duplicates"]
            self._tally.hidden += report["hidden"]
            refused += [
                (start + item["index"], safe_text(str(item["message"]), 300)) for item in report["rejected"]
            ]
        return refused

    def _named(self, event: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        return event if event.get("id") is not None else {**event, "id": f"{self._run}:{self._count}"}

    async def _post(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        import httpx

        wait_s, waited_s = 0.5, 0.0
        while True:
            try:
                answer = await self._http.post(self._path, json=events)
            except httpx.TransportError as error:
                problem, pause_s = unreachable(error), wait_s
            else:
                if answer.status_code in (200, 422) and "accepted" in answer.text:
                    report: dict[str, Any] = answer.json()
                    return report
                problem, pause_s = sentence_of(answer), _retry_after_s(answer) or wait_s
                if answer.status_code not in (408, 429, 500, 502, 503, 504):
                    raise GaveUp(problem)
            if waited_s >= _GIVE_UP_S:
                raise GaveUp(
                    f"{problem} Gave up after {waited_s:.0f} s; run it again to go on, repeats are harmless."
                )
            _say(f"{problem} Trying again in {pause_s:.0f} s.")
            await asyncio.sleep(pause_s)
            waited_s += pause_s
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)


async def _run(room: str, file: str, git: Path | None, http: httpx.AsyncClient, tally: Tally) -> None:
    async with http:
        publisher = Publisher(http, room, tally)
        if git is not None:
            await _follow(git, publisher, tally)
        else:
            await _feed(file, publisher, tally)


async def _follow(git: Path, publisher: Publisher, tally: Tally) -> None:
    from relay.clock import SystemClock
    from relay.sources.git import GitFollower, SourceError

    try:
        follower = GitFollower(git, SystemClock())
        _say(follower.describe())

        async def send(events: list[dict[str, Any]]) -> None:
            for index, message in await publisher.send(events):
                tally.reject(events[index]["id"], message)

        await follower.run(send)
    except SourceError as error:
        raise GaveUp(str(error)) from error


async def _feed(file: str, publisher: Publisher, tally: Tally) -> None:
    from relay.sources.lines import BadItem

    if file == "-":
        descriptor, size = sys.stdin.fileno(), 0
    else:
        try:
            descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            size = os.fstat(descriptor).st_size
            os.read(descriptor, 0)  # a directory opens, and cannot be read
            recording = _recording(file, descriptor)
        except OSError as error:
            raise GaveUp(f"{file} cannot be read: {error.strerror}. Name another file.") from error
        if recording is not None:
            await _play(recording, publisher, tally)
            return
    with _progress(size) as advance:
        async for lines, consumed in _lines(descriptor):
            good: list[tuple[int, dict[str, Any]]] = []
            problems: list[tuple[int, str]] = []
            for line in lines:
                if isinstance(line.item, BadItem):
                    problems.append((line.number, line.item.message))
                else:
                    good.append((line.number, line.item))
            if good:
                refused = await publisher.send([event for _, event in good])
                problems += [(good[index][0], message) for index, message in refused]
            for number, message in sorted(problems):
                tally.reject(f"line {number}", message)
            advance(consumed)


def _recording(file: str, descriptor: int) -> Recording | None:
    """Return the session that a regular file holds; of any other file nothing is read."""
    from relay.sources.session_replay import MAX_BYTES, may_be_recording, read_recording

    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
        return None
    with open(file, "rb") as stream:
        if not may_be_recording(stream.read(_HEAD)):
            return None
        stream.seek(0)
        return read_recording(stream.read())


async def _play(recording: Recording, publisher: Publisher, tally: Tally) -> None:
    """Send each event at its own time, counted from now."""
    from relay.clock import SystemClock
    from relay.protocol.times import format_ms

    clock = SystemClock()
    began_ms, began_s = clock.now_ms(), clock.monotonic_s()
    length_s = round(recording.moments[-1].at_s) if recording.moments else 0
    minutes, seconds = divmod(length_s, 60)
    _say(f"A session of {len(recording.moments)} events, played over {minutes} min {seconds} s.")
    tally.hidden += recording.hidden
    for moment in recording.moments:
        await asyncio.sleep(max(0.0, began_s + moment.at_s - clock.monotonic_s()))
        event = {**moment.event, "timestamp": format_ms(began_ms + round(moment.at_s * 1000))}
        for _, message in await publisher.send([event]):
            tally.reject(f"at {moment.at_s:g} s", message)


async def _lines(descriptor: int) -> AsyncIterator[tuple[list[Line], int]]:
    from relay.sources.lines import LineSplitter, read_chunks

    splitter = LineSplitter()
    async for chunk in read_chunks(descriptor):
        yield splitter.feed(chunk), len(chunk)
    yield splitter.close(), 0


def _progress(size: int) -> Any:
    """Return a context whose value takes the bytes read; on a terminal it shows a bar."""
    import contextlib

    if not size or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return contextlib.nullcontext(lambda _: None)
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    @contextlib.contextmanager
    def bar() -> Any:
        console = Console(stderr=True)
        with Progress(
            "publishing", BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=console
        ) as progress:
            task = progress.add_task("publishing", total=size)
            yield lambda consumed: progress.advance(task, consumed)

    return bar()


def _retry_after_s(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return min(float(text), 60.0) if text.isdecimal() else 0.0


def _summary(tally: Tally) -> None:
    for reason in tally.reasons:
        _say(reason)
    if tally.rejected > len(tally.reasons):
        _say(f"… and {tally.rejected - len(tally.reasons)} more.")
    _say(
        f"{tally.accepted} accepted, {tally.duplicates} there already, "
        f"{tally.hidden} hidden, {tally.rejected} refused."
    )
    if tally.hidden:
        _say("Hidden: types that spectators are never shown. They were not stored.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
