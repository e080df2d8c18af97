"""A relay that says what a test tells it to, true or not, on a real socket.

Each connection is played by the next act of the script; the last act plays for all that come later.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from support.ports import LOOPBACK

if TYPE_CHECKING:
    from websockets.http11 import Request, Response

EPOCH = "abcdefgh"
STAMP = "2026-02-17T12:00:00.000Z"


def cursor(seq: int, epoch: str = EPOCH) -> str:
    """Write a position."""
    return f"{epoch}-{seq}"


def envelope(kind: str, data: Mapping[str, Any], **extra: Any) -> dict[str, Any]:
    """Write a message as a relay does."""
    return {"id": "m1", "type": kind, "timestamp": STAMP, "data": dict(data), **extra}


def event(seq: int, kind: str = "chat.public", **fields: Any) -> dict[str, Any]:
    """Write an event; a line of room chat unless told otherwise."""
    named = fields or {"author": "alice", "author_type": "human", "content": f"line {seq}"}
    return {"seq": seq, "event_id": cursor(seq), "type": kind, "timestamp": "2026-02-17T12:00:00Z", **named}


def activity(after: int, *events: Mapping[str, Any], to: int | None = None, **extra: Any) -> dict[str, Any]:
    """Write a frame of events that follows `after`; it ends at the last event unless `to` says otherwise."""
    end = to if to is not None else max((item["seq"] for item in events), default=after)
    data = {
        "room_id": "room",
        "timestamp": STAMP,
        "events": list(events),
        "after": cursor(after),
        "cursor": cursor(end),
    }
    return envelope("spectator.activity", data, **extra)


def batch(after: int, *events: Mapping[str, Any], to: int | None = None) -> dict[str, Any]:
    """Write a batch of events that follows `after`; it ends at the last event unless `to` says otherwise."""
    end = to if to is not None else events[-1]["seq"]
    data = {
        "room_id": "room",
        "batch_id": f"{EPOCH}-{after}-{end}",
        "events": list(events),
        "compression": "gzip",
        "timestamp_range": {"start": events[0]["timestamp"], "end": events[-1]["timestamp"]},
        "after": cursor(after),
        "cursor": cursor(end),
    }
    return envelope("spectator.batch", data, metadata={"compression": "gzip"})


def mode_changed(ref: str, **delivery: Any) -> dict[str, Any]:
    """Write the answer to a `spectator.subscribe`."""
    return envelope("spectator.notice", {"kind": "mode_changed", "ref": ref, "delivery": delivery})


def quality_changed(interval_ms: int, reason: str = "activity") -> dict[str, Any]:
    """Write the notice that a live stream is put together now, or no longer."""
    quality = "merged" if interval_ms else "realtime"
    data = {"kind": "quality_changed", "quality": quality, "interval_ms": interval_ms, "reason": reason}
    return envelope("spectator.notice", data)


def welcome(at: int = 0, *, as_of: int | None = None, **data: Any) -> dict[str, Any]:
    """Write a welcome whose stream goes on from `at`."""
    state = {
        "as_of": cursor(at if as_of is None else as_of),
        "members": [],
        "agents": [],
        "tasks": [],
        **data.pop("state", {}),
    }
    return envelope(
        "spectator.welcome",
        {
            "room_info": {"id": "room", "name": "Room", "state": "active", "features": ["chat"]},
            "current_state": state,
            "spectator": {
                "id": "s1",
                "state": "anonymous",
                "display_name": "Anonymous Viewer",
                "resume_token": "seat1",
            },
            "cursor": cursor(at),
            "recovery": {"requested": False, "recovered": False, "missed": 0},
            "limits": {"chat_message_length": 500},
            **data,
        },
    )


def resumed(at: int, missed: int = 0, **data: Any) -> dict[str, Any]:
    """Write a welcome that takes a viewer up where it was."""
    return welcome(at, recovery={"requested": True, "recovered": True, "missed": missed}, **data)


def error(code: str, *, permanent: bool = False, **data: Any) -> dict[str, Any]:
    """Write an error about the connection, or with `ref` about a message."""
    fields = {"code": code, "message": f"This is {code}.", "retry_after": 0, "permanent": permanent, **data}
    return envelope("spectator.error", fields)


@dataclass
class Visit:
    """One viewer's connection, seen from the relay."""

    connection: ServerConnection
    asked: dict[str, str]
    headers: Mapping[str, str]

    async def say(self, *messages: Mapping[str, Any] | str | bytes) -> None:
        """Send messages; what is no mapping goes out as it is."""
        for message in messages:
            await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        """Read the viewer's next message."""
        heard: dict[str, Any] = json.loads(await self.connection.recv())
        return heard

    async def stay(self) -> None:
        """Wait until the viewer leaves."""
        await self.connection.wait_closed()


Act = Callable[[Visit], Awaitable[None]]


@dataclass
class FakeRelay:
    """What happened, and where it listens."""

    script: list[Act]
    refusals: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"ws://{LOOPBACK}:{self.port}"

    async def _refuse(self, connection: ServerConnection, _: Request) -> Response | None:
        if not self.refusals:
            return None
        status, headers = self.refusals.pop(0)
        response = connection.respond(HTTPStatus(status), "not now\n")
        response.headers.update(headers)
        return response

    async def _play(self, connection: ServerConnection) -> None:
        act = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        try:
            assert connection.request is not None
            asked = dict(parse_qsl(urlsplit(connection.request.path).query))
            visit = Visit(connection, asked, connection.request.headers)
            self.visits.append(visit)
            await act(visit)
        except ConnectionClosed:
            pass  # the viewer left in the middle of the act, as viewers do


@asynccontextmanager
async def fake_relay(
    *script: Act, refusals: list[tuple[int, Mapping[str, str]]] | None = None, ssl: Any = None
) -> AsyncIterator[FakeRelay]:
    """Run a relay that plays a script; `refusals` are HTTP answers given before the first act."""
    relay = FakeRelay(list(script), list(refusals or []))
    async with serve(
        relay._play,
        LOOPBACK,
        0,
        process_request=relay._refuse,
        ssl=ssl,
        ping_interval=None,
        close_timeout=0.2,
    ) as server:
        relay.port = server.sockets[0].getsockname()[1]
        yield relay


def says(*messages: Mapping[str, Any] | str | bytes) -> Act:
    """Write an act: say this, then wait until the viewer leaves."""

    async def act(visit: Visit) -> None:
        await visit.say(*messages)
        await visit.stay()

    return act


def drops(*messages: Mapping[str, Any] | str | bytes, code: int = 0) -> Act:
    """Write an act: say this, then close with a code, or cut the line without a word."""

    async def act(visit: Visit) -> None:
        await visit.say(*messages)
        if code:
            await visit.connection.close(code)
        else:
            await asyncio.sleep(0)
            visit.connection.transport.abort()

    return act
