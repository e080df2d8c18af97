"""The calls of moderators: what waits for them, what they decide, and what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from relay.chat.acts import read_acts
from relay.gateway.access import Access, Denied, bad, bearer, json_body
from relay.gateway.query import whole
from relay.protocol.errors import Refused
from relay.service.insiders import OPERATOR, identify
from relay.service.tokens import Scope

if TYPE_CHECKING:
    from starlette.requests import Request

    from relay.service.live_room import LiveRoom
    from relay.service.relay import Relay

_PAGE, _LONGEST_PAGE = 50, 200


class ModerationCalls:
    """What moderators and hosts do about the spectator chat."""

    def __init__(self, relay: Relay, access: Access) -> None:
        """Bind the house, and who judges callers."""
        self._relay = relay
        self._access = access
        self.routes = [
            Route("/rooms/{room_id}/moderation", self._act, methods=["POST"]),
            Route("/rooms/{room_id}/moderation/queue", self._queue, methods=["GET"]),
            Route("/rooms/{room_id}/moderation/reports", self._reports, methods=["GET"]),
            Route("/rooms/{room_id}/moderation/log", self._log, methods=["GET"]),
            Route("/rooms/{room_id}/moderation/bans", self._bans, methods=["GET"]),
            Route("/rooms/{room_id}/moderation/bans", self._bring_bans, methods=["POST"]),
        ]

    async def _queue(self, request: Request) -> Response:
        return JSONResponse({"held": self._room(request).desk.waiting()})

    async def _reports(self, request: Request) -> Response:
        return JSONResponse({"reports": self._room(request).desk.reported()})

    async def _log(self, request: Request) -> Response:
        room = self._room(request)
        asked = request.query_params
        before = whole(asked["before"], "before", 1, 999_999_999) if "before" in asked else None
        limit = whole(asked.get("limit", str(_PAGE)), "limit", 1, _LONGEST_PAGE)
        acts, more = await self._relay.moderation.page(room, before, limit)
        return JSONResponse({"acts": acts, "more": more})

    async def _act(self, request: Request) -> Response:
        room = self._room(request)
        body = await json_body(request)
        acts = read_acts(body)
        if isinstance(acts, Refused):
            raise Denied(acts)
        outcomes = await self._relay.moderation.carry_out(room, acts, self._signature(request, room))
        if "message_ids" not in body and "spectator_ids" not in body:
            (outcome,) = outcomes
            if isinstance(outcome, Refused):
                raise Denied(outcome)
            return JSONResponse(outcome)
        failed: list[dict[str, Any]] = []
        for act, outcome in zip(acts, outcomes, strict=True):
            if isinstance(outcome, Refused):
                failed.append({**act.target, **outcome.data()})
        done = [outcome for outcome in outcomes if not isinstance(outcome, Refused)]
        return JSONResponse({"acts": done, "failed": failed})

    async def _bans(self, request: Request) -> Response:
        imposed = self._relay.moderation.sanctions(self._room(request))
        of_kind = {kind: [one for one in imposed if one["kind"] == kind] for kind in ("ban", "mute")}
        return JSONResponse({"bans": of_kind["ban"], "mutes": of_kind["mute"]})

    async def _bring_bans(self, request: Request) -> Response:
        room = self._room(request)
        body = await json_body(request)
        documents: list[Any] = []
        for name in ("bans", "mutes"):
            listed = body.get(name, [])
            if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
                raise bad(f"{name}: must be a list, as GET answers it.")
            documents += listed
        brought = await self._relay.moderation.bring(room, documents, self._signature(request, room))
        if isinstance(brought, Refused):
            raise Denied(brought)
        imported, known = brought
        return JSONResponse({"imported": imported, "known": known})

    def _room(self, request: Request) -> LiveRoom:
        return self._access.authorised(request, Scope.MODERATE)

    def _signature(self, request: Request, room: LiveRoom) -> str:
        """Return who is calling, as the log will say."""
        insider = identify(self._relay.tokens, bearer(request), room.id)
        return insider.signature if insider is not None else OPERATOR
