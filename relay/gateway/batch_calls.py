"""The calls that caches answer most of: which closed batches a room has, and one of them.

The same checks as for history (VALID-16), made again after the log was read: what the host changed meanwhile
holds for this answer too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from relay.delivery.batches import BatchName, parse_batch_name
from relay.gateway.access import Access, Denied
from relay.gateway.query import position, whole
from relay.protocol.envelope import encode_json
from relay.protocol.errors import Code, Refused
from relay.protocol.times import format_instant

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from relay.gateway.answers import Answers
    from relay.gateway.turns import Turns
    from relay.service.live_room import LiveRoom
    from relay.service.relay import Relay

_PAGE = 100
_MAX_PAGE = 500
_GROWS_S = 10
"""Seconds that caches may keep the end of the list. A window closes every 30: whoever polls is told of it
within a third of that, and however many poll, the relay is asked six times a minute."""
_NO_BATCH = "No batch has this name, or nothing in it is shown. GET /rooms/{id}/batches lists them."


class BatchCalls:
    """Batches over HTTP. Spec: Event Batching, CDN Integration."""

    def __init__(self, relay: Relay, access: Access, answers: Answers, turns: Turns) -> None:
        """Bind the house, who judges callers, who answers them, and whose turn it is."""
        self._relay = relay
        self._access = access
        self._answers = answers
        self._turns = turns
        self._lifetime_s = relay.config.cdn.caching.event_batches
        self.routes = [
            Route("/rooms/{room_id}/batches", self._list, methods=["GET"]),
            Route("/rooms/{room_id}/batches/{batch_id}", self._batch, methods=["GET"]),
        ]

    async def _list(self, request: Request) -> Response:
        self._access.afford()
        room = self._access.watchable(request)
        query = request.query_params
        limit = whole(query.get("limit", str(_PAGE)), "limit", 1, _MAX_PAGE)
        after = position(room, query["after"]) if "after" in query else 0
        self._access.afford()
        async with self._turns.one(self._access.address(request)):
            page = await self._relay.batches.listed(room, after, limit)
        self._access.watchable(request)
        body = encode_json(
            {
                "room_id": room.id,
                "batches": [
                    {
                        "batch_id": str(BatchName(room.epoch, window.after, window.last)),
                        "count": window.count,
                        "timestamp_range": {
                            "start": format_instant(window.from_ms),
                            "end": format_instant(window.to_ms),
                        },
                    }
                    for window in page.windows
                ],
                "after": room.encoder.cursor(after),
                "cursor": room.encoder.cursor(page.cursor),
                "more": page.more,
            }
        )
        lifetime_s = self._lifetime_s if page.more else min(_GROWS_S, self._lifetime_s)
        return await self._answers.cacheable(request, body, lifetime_s, room=room)

    async def _batch(self, request: Request) -> Response:
        room = self._access.watchable(request)
        name = parse_batch_name(request.path_params["batch_id"])
        if name is None:
            raise _no_batch()
        body = self._relay.batches.kept(room, name)
        if body is not None:
            return await self._answer(request, room, body)
        self._access.afford()
        async with self._turns.one(self._access.address(request)):
            body = await self._relay.batches.body(room, name)
            self._access.watchable(request)
            if body is None:
                raise _no_batch()
            return await self._answer(request, room, body)

    async def _answer(self, request: Request, room: LiveRoom, body: bytes) -> Response:
        return await self._answers.cacheable(request, body, self._lifetime_s, room=room, again=True)


def _no_batch() -> Denied:
    return Denied(Refused(Code.INVALID_MESSAGE, _NO_BATCH), 404)
