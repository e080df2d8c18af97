"""The calls of moderators: what waits for them, and what they decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from relay.gateway.access import Access, Denied, json_body
from relay.protocol.errors import Refused
from relay.service.tokens import Scope

if TYPE_CHECKING:
    from starlette.requests import Request

    from relay.service.relay import Relay


class ModerationCalls:
    """What moderators and hosts do about the spectator chat."""

    def __init__(self, relay: Relay, access: Access) -> None:
        """Bind the house, and who judges callers."""
        self._relay = relay
        self._access = access
        self.routes = [
            Route("/rooms/{room_id}/moderation", self._act, methods=["POST"]),
            Route("/rooms/{room_id}/moderation/queue", self._queue, methods=["GET"]),
        ]

    async def _queue(self, request: Request) -> Response:
        room = self._access.authorised(request, Scope.MODERATE)
        return JSONResponse({"held": self._relay.chat.held(room)})

    async def _act(self, request: Request) -> Response:
        room = self._access.authorised(request, Scope.MODERATE)
        decision = await self._relay.chat.decide(room, await json_body(request))
        if isinstance(decision, Refused):
            raise Denied(decision)
        return JSONResponse(decision)
