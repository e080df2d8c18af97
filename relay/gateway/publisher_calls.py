"""The calls that feed a room: published events, and the hooks of forges and coding agents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from relay.gateway import hooks
from relay.gateway.access import Access, Denied, bad, bearer
from relay.gateway.http import ARRIVED
from relay.protocol.envelope import BadMessage
from relay.protocol.errors import Code, Refused
from relay.service.hook_secrets import hook_secret
from relay.service.intake import UNPROVEN
from relay.service.tokens import Scope
from relay.sources.lines import split_items

if TYPE_CHECKING:
    from starlette.requests import Request

    from relay.service.relay import Relay


class PublisherCalls:
    """What publishers send."""

    def __init__(self, relay: Relay, access: Access) -> None:
        """Bind the house, and who judges callers."""
        self._relay = relay
        self._access = access
        self.routes = [
            Route("/rooms/{room_id}/events", self._publish, methods=["POST"]),
            Route("/rooms/{room_id}/hooks/{source}", self._hook, methods=["POST"]),
        ]

    async def _publish(self, request: Request) -> Response:
        room = self._access.authorised(request, Scope.PUBLISH)
        with self._taken_in(request, room.id):
            items = split_items(await request.body())
            report = await self._relay.publish(room, items, request.scope.get(ARRIVED))
        if isinstance(report, Refused):
            raise Denied(report)
        nothing = report.rejected and not (report.accepted or report.duplicates or report.hidden)
        return JSONResponse(report.data(), 422 if nothing else 200)

    async def _hook(self, request: Request) -> Response:
        """Take what a forge or a coding agent says of itself, from whoever knows the room's hook secret."""
        room_id, source = request.path_params["room_id"], request.path_params["source"]
        if source not in hooks.SOURCES:
            raise HTTPException(404)
        with self._taken_in(request, UNPROVEN):
            return await self._read_hook(request, room_id, source)

    async def _read_hook(self, request: Request, room_id: str, source: str) -> Response:
        body = await request.body()
        # The secret of a room that does not exist is compared, too, so that time tells nothing.
        signed = hooks.is_signed(source, request.headers, body, hook_secret(self._relay.identities, room_id))
        room = self._relay.room(room_id) if signed else None
        if room is None:
            presented = hooks.token_of(source, request.headers)
            try:
                room = self._access.authorised(request, Scope.PUBLISH, presented)
            except Denied as denied:
                # A forge shows its user this answer: it names what that user can set.
                advice = "" if bearer(request) else hooks.SECRET_IN.get(source, "")
                if not advice or denied.refused.code is not Code.AUTH_INVALID:
                    raise
                raise Denied(Refused(Code.AUTH_INVALID, advice), denied.status) from None
        try:
            events = hooks.read(source, request.headers, request.query_params, body)
        except BadMessage as error:
            raise bad(f"The body cannot be read: {error}.") from None
        events = hooks.without_repeats(events, room.view.statuses())
        report = await self._relay.publish(room, events, request.scope.get(ARRIVED))
        if isinstance(report, Refused):
            raise Denied(report)
        return JSONResponse(report.data())

    @contextmanager
    def _taken_in(self, request: Request, account: str) -> Iterator[None]:
        """Charge an account for a body that is about to be read, until its events are committed.

        Raises:
            Denied: If there is no room for it; nothing of it was read.
        """
        announced = request.headers.get("content-length", "")
        size = int(announced) if announced.isdecimal() else self._relay.config.limits.body_bytes
        full = self._relay.intake.take(account, size)
        if full is not None:
            self._relay.metrics.shed.labels("publish").inc()
            raise Denied(full)
        try:
            yield
        finally:
            self._relay.intake.give_back(account, size)
