"""The calls that anyone may make: the directory, a room, its history, and the relay about itself."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from relay.gateway.access import Access, Denied, bad, bearer, refusal
from relay.gateway.addresses import is_loopback
from relay.gateway.openapi import openapi
from relay.gateway.query import position, whole
from relay.protocol.envelope import encode_json
from relay.protocol.errors import Code, Refused
from relay.protocol.events import EVENT_TYPES, UnknownType, parse_types
from relay.protocol.times import parse_instant, parse_since
from relay.service import figures
from relay.storage.contract import Kind, Record

if TYPE_CHECKING:
    from starlette.requests import Request

    from relay.gateway.answers import Answers
    from relay.gateway.turns import Turns
    from relay.service.live_room import LiveRoom
    from relay.service.relay import Relay

PAGE = 100
MAX_PAGE = 1000
_PAGES_READ = 20
"""Pages of the log one call reads at most, however little of them it may show."""


_PRIVACY = {
    "kept": {
        "events": "What the room shows its spectators, until the operator removes it.",
        "spectator_chat": "In memory only; on the relay's disk where the room's logging is on.",
        "held_messages": "In memory only, and shown to moderators, until one of them decides.",
        "bans_and_mutes": "Id, name, reason, times and digests of addresses, until they end or are lifted.",
        "viewer_counts": "Totals and peaks, of nobody in particular.",
    },
    "not_kept": {
        "addresses": "Used in memory for rate limits, to tell a country and to enforce bans, never written.",
        "countries": "Looked up when a connection opens, forgotten when it closes.",
        "client_info": "Checked and forgotten.",
        "identities": "Ids are keyed per room; nothing links a viewer across rooms.",
    },
    "copies": "Caches on the way may hold what everybody may see, for as long as each answer says.",
    "where": "Each room's welcome and GET /rooms/{id} say whether it logs its spectators' chat.",
}


class PublicCalls:
    """What spectators and operators read."""

    def __init__(self, relay: Relay, access: Access, answers: Answers, turns: Turns) -> None:
        """Bind the house, who judges callers, who answers them, and whose turn it is."""
        self._relay = relay
        self._access = access
        self._answers = answers
        self._turns = turns
        self._lifetimes = relay.config.cdn.caching
        self.routes = [
            Route("/rooms", self._rooms, methods=["GET"]),
            Route("/rooms/{room_id}", self._room, methods=["GET"]),
            Route("/rooms/{room_id}/events", self._events, methods=["GET"]),
            Route("/privacy", self._privacy, methods=["GET"]),
            Route("/openapi.json", self._openapi, methods=["GET"]),
            Route("/healthz", self._healthz, methods=["GET"]),
            Route("/readyz", self._readyz, methods=["GET"]),
            Route("/metrics", self._metrics, methods=["GET"]),
            Route("/spectate/{room_id}", self._not_a_socket, methods=["GET"]),
            Route("/rooms/{room_id}/host", self._not_a_socket, methods=["GET"]),
        ]

    async def _rooms(self, request: Request) -> Response:
        if "all" in request.query_params:
            self._access.operator(request)
            everything = [
                {**room.listing(), "visibility": room.visibility.value} for room in self._relay.rooms()
            ]
            return JSONResponse({"rooms": everything})
        listed: dict[str, Any] = {"rooms": [room.listing() for room in self._relay.directory()]}
        regions = self._relay.config.told_regions
        if regions:
            listed["regions"] = [{"name": region.name, "url": region.url} for region in regions]
        return await self._answers.cacheable(request, encode_json(listed), self._lifetimes.room_metadata)

    async def _room(self, request: Request) -> Response:
        room = self._access.watchable(request)
        body = encode_json({**room.info(), "presence": room.audience.presence()})
        return await self._answers.cacheable(request, body, self._lifetimes.room_metadata, room=room)

    async def _events(self, request: Request) -> Response:
        """Page through the log as a spectator may see it (VALID-16: the same checks as the socket's)."""
        self._access.afford()
        room = self._access.watchable(request)
        query = request.query_params
        types = EVENT_TYPES
        if "types" in query:
            try:
                types = parse_types(query["types"])
            except UnknownType as error:
                raise bad(f"{error}.") from None
        limit = whole(query.get("limit", str(PAGE)), "limit", 1, MAX_PAGE)
        after, until_ms = await self._window(room, query.get("after"), query.get("since"), query.get("until"))
        async with self._turns.one(self._access.address(request)):
            body = await self._page(room, after, until_ms, types, limit)
            # What the host changed while the log was read holds for this answer too.
            self._access.watchable(request)
            return await self._answers.fresh(request, body)

    async def _page(
        self, room: LiveRoom, after: int, until_ms: int | None, types: frozenset[str], limit: int
    ) -> bytes:
        last = after
        found: list[Record] = []
        ended = False
        for _ in range(_PAGES_READ):
            if ended or len(found) == limit:
                break
            records = await self._relay.read_log(room, last)
            shown = types & room.disclosure.types
            for record in records:
                if len(found) == limit:
                    break
                last = record.seq
                if record.kind is Kind.EVENT and record.type in shown:
                    if until_ms is not None and record.at_ms > until_ms:
                        continue
                    found.append(record)
            ended = not records
        worded = await room.worded(found)
        return b'{"room_id":"%s","events":[%s],"after":"%s","cursor":"%s","more":%s}' % (
            room.id.encode(),
            b",".join(map(room.encoder.event, worded)),
            room.encoder.cursor(after).encode(),
            room.encoder.cursor(last).encode(),
            b"false" if ended else b"true",
        )

    async def _window(
        self, room: LiveRoom, after: str | None, since: str | None, until: str | None
    ) -> tuple[int, int | None]:
        until_ms = None
        if until is not None:
            until_ms = parse_instant(until)
            if until_ms is None:
                raise bad("until: must be an ISO 8601 time.")
        if after is not None:
            return position(room, after), until_ms
        if since is not None:
            since_ms = parse_since(since, self._relay.clock.now_ms())
            if since_ms is None:
                raise bad("since: must be a duration such as 30m or 2h, or an ISO 8601 time.")
            return (await room.locate("", since_ms, 0, EVENT_TYPES)).after or 0, until_ms
        return 0, until_ms

    async def _privacy(self, request: Request) -> Response:
        return await self._static(request, encode_json(_PRIVACY))

    async def _openapi(self, request: Request) -> Response:
        return await self._static(request, _described())

    async def _static(self, request: Request, body: bytes) -> Response:
        lifetime_s = self._lifetimes.static_content
        return await self._answers.cacheable(request, body, lifetime_s, again=True)

    async def _not_a_socket(self, request: Request) -> Response:
        message = "This address is a WebSocket. Watch a room with: clawtank watch ROOM"
        return JSONResponse(
            Refused(Code.INVALID_MESSAGE, message).data(),
            426,
            {"Upgrade": "websocket", "Connection": "Upgrade"},
        )

    async def _healthz(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _readyz(self, request: Request) -> Response:
        refused = self._relay.gate.not_ready()
        if refused is not None:
            return refusal(refused)  # the answer to a question, and no error that anybody made
        return JSONResponse({"status": "ready", "rooms": len(self._relay.rooms())})

    async def _metrics(self, request: Request) -> Response:
        peer = request.client.host if request.client else ""
        direct = (
            is_loopback(peer)
            and "x-forwarded-for" not in request.headers
            and "forwarded" not in request.headers
        )
        if not direct and not self._relay.tokens.is_operator(bearer(request)):
            raise Denied(
                Refused(Code.ACCESS_DENIED, "The figures are for the operator. Send the operator token."), 401
            )
        return Response(figures.render(self._relay), media_type="text/plain; version=0.0.4")


@functools.cache
def _described() -> bytes:
    return encode_json(openapi())
