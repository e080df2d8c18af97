"""Clients that know nothing of ours: a plain WebSocket viewer and a plain HTTP caller.

They share no code with the product's own client, so that a mistake made on both ends is still seen.
Everything waits with a deadline, never for a fixed time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

WAIT_S = 10.0
"""How long anything may take before a test calls it lost."""

Envelope = dict[str, Any]


class Closed(Exception):
    """The relay closed the connection.

    Attributes:
        code: The close code it gave; 1006 when it gave none.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Viewer:
    """One spectator connection. Every envelope read stays in `seen`, in order of arrival."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.seen: list[Envelope] = []

    async def next(self, timeout_s: float = WAIT_S) -> Envelope:
        """Read one envelope.

        Raises:
            Closed: If the relay closes first.
            TimeoutError: If nothing comes in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                text = await self.connection.recv()
        except ConnectionClosed:
            raise Closed(self.connection.close_code or 1006) from None
        assert isinstance(text, str), "the relay sends text frames only"
        envelope: Envelope = json.loads(text)
        self.seen.append(envelope)
        return envelope

    async def until(self, wanted: Callable[[Envelope], bool], timeout_s: float = WAIT_S) -> Envelope:
        """Read on to the first envelope that fits; those before it are in `seen`."""
        async with asyncio.timeout(timeout_s):
            while True:
                envelope = await self.next(timeout_s)
                if wanted(envelope):
                    return envelope

    async def expect(self, kind: str, timeout_s: float = WAIT_S) -> dict[str, Any]:
        """Read on to the next message of a type and return its data."""
        envelope = await self.until(lambda envelope: envelope["type"] == kind, timeout_s)
        data: dict[str, Any] = envelope["data"]
        return data

    async def welcome(self) -> dict[str, Any]:
        """Read the first message, which must be the welcome, and return its data."""
        envelope = await self.next()
        assert envelope["type"] == "spectator.welcome", envelope
        data: dict[str, Any] = envelope["data"]
        return data

    async def events(self, count: int, timeout_s: float = WAIT_S) -> list[dict[str, Any]]:
        """Read on until `count` events of the room are seen since the connection's start; return them all."""
        async with asyncio.timeout(timeout_s):
            while len(events_of(self.seen)) < count:
                await self.next(timeout_s)
        return events_of(self.seen)

    async def closed(self, timeout_s: float = WAIT_S) -> int:
        """Read to the end and return the close code."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    await self.next(timeout_s)
        except Closed as end:
            return end.code

    async def send(self, kind: str, data: Mapping[str, Any], message_id: str | None = None) -> None:
        """Send an envelope, with an id only if given."""
        envelope: Envelope = {"type": kind, "data": dict(data)}
        if message_id is not None:
            envelope["id"] = message_id
        await self.connection.send(json.dumps(envelope))

    async def chat(self, message: str, *, reply_to: str | None = None, message_id: str | None = None) -> None:
        """Send a chat message."""
        data = {"message": message} | ({"reply_to": reply_to} if reply_to else {})
        await self.send("spectator.chat_message", data, message_id)

    def vanish(self) -> None:
        """Drop the connection without a closing handshake, as a crash does."""
        self.connection.transport.abort()


@asynccontextmanager
async def watching(
    url: str,
    room: str,
    *,
    token: str | None = None,
    options: Mapping[str, str] | None = None,
    connect_data: Mapping[str, Any] | None = None,
    compression: str | None = "deflate",
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[Viewer]:
    """Open a spectator connection; the welcome, or the refusal, is still to be read.

    Args:
        url: The relay's `http://` or `ws://` address.
        room: The room id.
        token: Sent as `Authorization: Bearer`.
        options: The query.
        connect_data: The data of a first `spectator.connect`; None sends none.
        compression: None offers no permessage-deflate.
        headers: More request headers.
    """
    where = f"/spectate/{room}" + (f"?{urlencode(options)}" if options else "")
    async with _connected(url, where, token, headers, compression=compression) as viewer:
        if connect_data is not None:
            await viewer.send("spectator.connect", connect_data)
        yield viewer


@asynccontextmanager
async def standing_inside(
    url: str, room: str, token: str | None, *, query: str = "", headers: Mapping[str, str] | None = None
) -> AsyncIterator[Viewer]:
    """Open the host socket, as somebody inside the room; the welcome, or the refusal, is still to be read."""
    async with _connected(url, f"/rooms/{room}/host{query}", token, headers) as insider:
        yield insider


@asynccontextmanager
async def _connected(
    url: str,
    where: str,
    token: str | None,
    headers: Mapping[str, str] | None,
    *,
    compression: str | None = "deflate",
) -> AsyncIterator[Viewer]:
    address = url.replace("http", "ws", 1) + where
    more = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    async with connect(address, compression=compression, additional_headers=more, proxy=None) as connection:
        yield Viewer(connection)


def events_of(envelopes: Iterable[Envelope]) -> list[dict[str, Any]]:
    """Return the room's events in some envelopes, in order."""
    return [
        event
        for envelope in envelopes
        if envelope["type"] in ("spectator.activity", "spectator.batch")
        for event in envelope["data"]["events"]
    ]


class Api:
    """The relay's HTTP calls, one connection pool for all of them. Safe to call from several threads.

    Blocking: a coroutine that must go on meanwhile calls it through `asyncio.to_thread`.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=WAIT_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.http.close()

    def answer(self, method: str, path: str, *, token: str | None = None, **arguments: Any) -> httpx.Response:
        """Make a call and return the answer, whatever its status."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.request(method, path, headers=headers | arguments.pop("headers", {}), **arguments)

    def call(self, method: str, path: str, *, token: str | None = None, **arguments: Any) -> Any:
        """Make a call that must succeed and return its JSON."""
        response = self.answer(method, path, token=token, **arguments)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def create_room(self, room: str, **settings: Any) -> dict[str, Any]:
        """Create a room as the operator; the answer has `host_token` and `publish_token`."""
        answer: dict[str, Any] = self.call("POST", "/rooms", json={"id": room, **settings})
        return answer

    def publish(self, room: str, token: str, *events: Mapping[str, Any]) -> dict[str, Any]:
        """Publish events in one array, all of which must be taken; return the answer."""
        answer: dict[str, Any] = self.call("POST", f"/rooms/{room}/events", token=token, json=list(events))
        assert answer["rejected"] == [], answer
        return answer

    def history(self, room: str, **query: Any) -> list[dict[str, Any]]:
        """Return a room's events, page after page, as `GET /rooms/{id}/events` gives them."""
        events: list[dict[str, Any]] = []
        while True:
            page = self.call("GET", f"/rooms/{room}/events", params=query)
            if not page["events"]:
                return events
            events += page["events"]
            query["after"] = page["cursor"]


def chat_event(content: str, *, author: str = "alice", author_type: str = "human") -> dict[str, Any]:
    """Return a `chat.public` event to publish."""
    return {"type": "chat.public", "author": author, "author_type": author_type, "content": content}
