"""The HTTP application: every call of this relay, and how each of them is refused.

Who may call is judged in `access`; what a call does is done by `relay.service`. Every refusal is the error
table's code as JSON, with the status of its row.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from relay.gateway.access import Access, Denied, refusal
from relay.gateway.answers import Answers, NoStoreByDefault
from relay.gateway.batch_calls import BatchCalls
from relay.gateway.host_calls import HostCalls
from relay.gateway.moderation_calls import ModerationCalls
from relay.gateway.public_calls import PublicCalls
from relay.gateway.publisher_calls import PublisherCalls
from relay.gateway.turns import Turns
from relay.protocol.errors import Code, Refused
from relay.storage.contract import StorageError

if TYPE_CHECKING:
    from relay.rooms.settings import Preset
    from relay.service.relay import Relay

_log = logging.getLogger("relay.gateway")


class Api:
    """The HTTP application of one relay."""

    def __init__(self, relay: Relay, default_preset: Preset) -> None:
        """Bind the house.

        Args:
            relay: The house.
            default_preset: What a room gets that is created without a preset.
        """
        self._relay = relay
        access, answers, turns = Access(relay), Answers(relay.config.cdn), Turns()
        self.app = Starlette(
            routes=[
                *PublicCalls(relay, access, answers, turns).routes,
                *BatchCalls(relay, access, answers, turns).routes,
                *PublisherCalls(relay, access).routes,
                *ModerationCalls(relay, access).routes,
                *HostCalls(relay, access, default_preset).routes,
            ],
            middleware=[Middleware(NoStoreByDefault)],
            exception_handlers={
                Denied: self._denied,
                HTTPException: self._no_route,
                StorageError: self._storage_failed,
                ClientDisconnect: self._gone,
                Exception: self._failed,
            },
        )

    async def _denied(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Denied)
        self._relay.metrics.failed(error.refused.code)
        return refusal(error.refused, error.status)

    async def _no_route(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message = "There is nothing at this address. GET /openapi.json lists what there is."
        if error.status_code == 405:
            message = "This address does not take that method. GET /openapi.json lists what it takes."
        self._relay.metrics.failed(Code.INVALID_MESSAGE)
        return JSONResponse(Refused(Code.INVALID_MESSAGE, message).data(), error.status_code, error.headers)

    async def _gone(self, request: Request, error: Exception) -> Response:
        # The caller left, or was cut off, before its body was here: nobody reads this.
        return Response(status_code=400)

    async def _storage_failed(self, request: Request, error: Exception) -> Response:
        _log.error("a call failed at the storage: %s", error)
        message = "The relay could not store this; nothing of it was kept. Try again in a moment."
        return await self._denied(request, Denied(Refused(Code.INTERNAL, message)))

    async def _failed(self, request: Request, error: Exception) -> Response:
        # Starlette's outermost handler: it logs nothing itself and re-raises afterwards, which uvicorn logs.
        return await self._denied(request, Denied(Refused(Code.INTERNAL)))
