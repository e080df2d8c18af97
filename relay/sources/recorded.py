"""Recorded events, whatever kind of file holds them, made ready to be published with their times: pure.

A file is one of these, told apart by what is in it:

1. a ClawTank session-replay file (`relay.sources.session_replay`),
2. one JSON object with `events`: what `GET /rooms/{id}/events` answers,
3. a JSON array of events,
4. JSON Lines of events; an activity envelope of `clawtank watch --json` stands for the events in it.

Events of 2 to 4 may have any shape a relay takes (`relay.sources.shapes`). They keep their own times; one
without a time comes a second after the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from relay.protocol import messages
from relay.protocol.envelope import BadMessage, decode_object
from relay.protocol.times import format_ms, parse_instant
from relay.sources.lines import BadItem, Item, LineSplitter, split_items
from relay.sources.session_replay import Recording, recording_in

MAX_EVENTS = 100_000
"""Events of one file; with the size of a file, what bounds the memory that reading it takes."""
PUBLISH = "or feed a relay with it (clawtank-relay publish ROOM FILE)"
"""What else can be done with a file that is too much to play."""
_KINDS = "name a ClawTank session-replay file, JSON Lines of events, or a JSON array of them"
_BOM = b"\xef\xbb\xbf"
_CHUNK = 64 * 1024
_PACE_MS = 1000


class NotRecorded(ValueError):
    """A file that cannot be played; the text says why and what to do, as a sentence after the file's name."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event to publish.

    Attributes:
        where: Its place in the file, for people: `line 7`, `event 7`, `at 12.5 s`.
        event: As it is to be published, with its time.
    """

    where: str
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a file holds, in its order.

    Attributes:
        events: What there is to publish.
        start_ms: When it begins; None if it begins with the first event that is visible.
        hidden: Events that are certainly not for spectators and were left out already.
        unreadable: What could not be read, each with its place and the reason; never a part of it.
    """

    events: tuple[RecordedEvent, ...]
    start_ms: int | None
    hidden: int = 0
    unreadable: tuple[str, ...] = ()


def read_recorded(content: bytes, now_ms: int) -> Recorded:
    """Read a file.

    Args:
        content: All of it.
        now_ms: When a recording begins that has no time of its own.

    Raises:
        NotRecorded: If there is nothing in it that could be an event, or more than `MAX_EVENTS`.
    """
    body = content.removeprefix(_BOM).strip()
    if not body:
        raise NotRecorded(f"is empty: {_KINDS}")
    if body.startswith(b"{"):
        try:
            document = decode_object(body)
        except BadMessage:
            document = {}  # not one object: lines of them, perhaps
        if session := recording_in(document):
            return _of_session(session, now_ms)
        if "type" in document:
            return _of_items([(1, document)], "event", now_ms)
        if isinstance(document.get("events"), list):
            return _of_items(_in_page(document["events"]), "event", now_ms)
    if body.startswith(b"["):
        return _of_items(enumerate(split_items(body), start=1), "event", now_ms)
    return _of_items(_lines(body), "line", now_ms)


def _of_session(session: Recording, now_ms: int) -> Recorded:
    if len(session.moments) > MAX_EVENTS:
        raise _too_many()
    events = tuple(
        RecordedEvent(
            f"at {moment.at_s:g} s",
            {**moment.event, "timestamp": format_ms(now_ms + round(moment.at_s * 1000))},
        )
        for moment in session.moments
    )
    return Recorded(events, now_ms, session.hidden)


def _of_items(items: Iterable[tuple[int, Item]], unit: str, now_ms: int) -> Recorded:
    found: list[RecordedEvent] = []
    unreadable: list[str] = []
    for number, item in items:
        where = f"{unit} {number}"
        if isinstance(item, BadItem):
            unreadable.append(f"{where}: {item.message}")
        else:
            found += (RecordedEvent(where, event) for event in _unpacked(item))
        if len(found) + len(unreadable) > MAX_EVENTS:
            raise _too_many()
    if not found:
        raise NotRecorded(
            f"is no recording ({unreadable[0]}): {_KINDS}" if unreadable else f"is empty: {_KINDS}"
        )
    return Recorded(tuple(_timed(found, now_ms)), None, unreadable=tuple(unreadable))


def _in_page(events: list[Any]) -> Iterator[tuple[int, Item]]:
    for number, event in enumerate(events, start=1):
        yield number, event if isinstance(event, dict) else BadItem(number, "it is not a JSON object")


def _lines(body: bytes) -> Iterator[tuple[int, Item]]:
    splitter = LineSplitter()
    for start in range(0, len(body), _CHUNK):
        for line in splitter.feed(body[start : start + _CHUNK]):
            yield line.number, line.item
    for line in splitter.close():
        yield line.number, line.item


def _unpacked(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events in an activity envelope; of anything else, itself."""
    data = item.get("data")
    if item.get("type") == messages.ACTIVITY and isinstance(data, Mapping):
        events = data.get("events")
        return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    return [item]


def _timed(events: list[RecordedEvent], now_ms: int) -> Iterator[RecordedEvent]:
    own = (_own_ms(recorded.event) for recorded in events)
    at_ms = next((time for time in own if time is not None), now_ms) - _PACE_MS
    for recorded in events:
        at_ms = at_ms + _PACE_MS if (time := _own_ms(recorded.event)) is None else time
        if recorded.event.get("timestamp") is None:
            yield RecordedEvent(recorded.where, {**recorded.event, "timestamp": format_ms(at_ms)})
        else:
            yield recorded  # its own time; if that is none, the relay says so


def _own_ms(event: Mapping[str, Any]) -> int | None:
    timestamp = event.get("timestamp")
    return parse_instant(timestamp) if isinstance(timestamp, str) else None


def _too_many() -> NotRecorded:
    return NotRecorded(f"holds more than {MAX_EVENTS:,} events: split it, {PUBLISH}")
