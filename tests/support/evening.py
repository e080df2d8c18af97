"""One evening in a room, watched and recorded at every outlet, in parts: one for each row of the checklist.

A part has a marker of its own in all that must not be seen, and ends with words that must: they show that
each outlet was recorded, and that a search there finds them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from support.clients import Api, chat_event
from support.operating import offer
from support.outlets import Outlets, Watched
from support.relay_process import UNLIMITED, RelayProcess
from support.rooms import Room

ROOM = "evening"
_LAST = "goodnight4c2e"
_NUMBERS = count(1)
Event = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a part happens.

    Attributes:
        directory: An empty directory of the test's own.
    """

    relay: RelayProcess
    room: Room
    directory: Path


Part = Callable[[Place, str], list[Event]]
"""What happens in a part, given its marker: events that it returns are published in one array."""


@dataclass
class Evening:
    """What was published in each part, what was answered, and what left.

    Attributes:
        shown: The room's events of each part, without its last words.
        settings: The room's, as its host reads them at the end.
    """

    outlets: Outlets
    published: dict[str, list[Event]] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    shown: dict[str, list[Event]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def kept(self, row: str) -> list[Event]:
        """Check that nothing private of a part is anywhere and its last words are; return what was shown."""
        assert self.outlets.holding(mark(row)) == set()
        assert self.outlets.holding(_last_words(row)) >= Watched.SHOWING
        return self.shown[row]

    def hidden(self, row: str) -> None:
        """Check that a whole part was hidden, and not counted as anything else."""
        report = self.reports[row]
        assert report["hidden"] == len(self.published[row])
        assert (report["accepted"], report["duplicates"], report["rejected"]) == (0, 0, [])
        assert self.kept(row) == []


@contextmanager
def spent(directory: Path, parts: Mapping[str, Part]) -> Iterator[Evening]:
    """Let every part happen in a new relay, which runs until its outlets are recorded."""
    relay = RelayProcess.start(
        directory / "data",
        limits={**UNLIMITED, "auth_failures_per_address": 0},
        env={"CLAWTANK_RELAY_LOG_LEVEL": "debug"},
    )
    try:
        with Api(relay.url, relay.operator_token) as operator, Api(relay.url) as public:
            room = Room.create(relay.url, ROOM, operator=operator, public=public)
            yield _spend(Place(relay, room, directory), parts)
    finally:
        relay.stop()


def _spend(place: Place, parts: Mapping[str, Part]) -> Evening:
    room = place.room
    with Watched(place.relay, ROOM, visible=_LAST) as watched:
        evening = Evening(watched.outlets)
        told = 0
        for row, part in parts.items():
            evening.published[row] = part(place, mark(row))
            evening.reports[row] = offer(room, *evening.published[row])
            watched.outlets.add("answers", json.dumps(evening.reports[row]))
            room.publish(chat_event(_last_words(row)))
            watched.until_shown(_last_words(row))
            history = room.history()
            evening.shown[row] = history[told:-1]
            told = len(history)
        evening.settings = room.public.call("GET", f"{room.path}/settings", token=room.host_token)
        for path in ("/moderation/log", "/analytics", "/settings", "/tokens", "/hooks"):
            watched.outlets.add("refusals", room.public.answer("GET", f"{room.path}{path}").text)
        room.publish(chat_event(_LAST))
    return evening


def mark(row: str) -> str:
    """Return the marker of a row's part."""
    return f"{row.lower().replace('-', '')}private7f3a"


def _last_words(row: str) -> str:
    return f"{row.lower().replace('-', '')}public"


def wire(kind: str, **data: Any) -> Event:
    """Return a wire-format envelope."""
    return {
        "id": f"msg_{next(_NUMBERS)}",
        "type": kind,
        "timestamp": "2026-02-17T21:03:00.000Z",
        "data": data,
    }


def logged(kind: str, **data: Any) -> Event:
    """Return a room-log event."""
    return {
        "id": f"log_{next(_NUMBERS)}",
        "type": kind,
        "room_id": ROOM,
        "participant_id": "p1",
        "data": data,
    }


def said(content: str, **fields: Any) -> Event:
    """Return a chat message, and whatever else is put beside it."""
    return {**chat_event(content), **fields}


def of_types(m: str, *kinds: str) -> list[Event]:
    """Return an event of each type, with the marker in fields that visible types have."""
    return [{"type": kind, "content": m, "title": m, "author": m, "data": {"text": m}} for kind in kinds]
