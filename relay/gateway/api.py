"""The HTTP calls: who may make them is judged here, what they do is done by `relay.service`.

Every refusal is the error table's code as JSON, with the status of its row. A private room answers like none,
everywhere, to whoever has no token for it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from relay.audience.identity import clean_name
from relay.gateway import hooks
from relay.gateway.addresses import client_address, is_loopback, rate_key
from relay.gateway.openapi import openapi
from relay.protocol.cursor import parse_cursor
from relay.protocol.envelope import BadMessage, decode_object
from relay.protocol.errors import ERRORS, Code, Refused
from relay.protocol.events import EVENT_TYPES, UnknownType, parse_types
from relay.protocol.times import parse_instant, parse_since
from relay.rooms.admission import ViewerState, may_watch
from relay.rooms.settings import BadSettings, Preset, Visibility, patch_settings, preset_settings
from relay.service.hook_secrets import hook_secret
from relay.service.tokens import Scope, Token
from relay.sources.lines import split_items
from relay.storage.contract import Kind, StorageError

if TYPE_CHECKING:
    from relay.service.live_room import LiveRoom
    from relay.service.relay import Relay

PAGE = 100
MAX_PAGE = 1000
_PAGES_READ = 20
"""Pages of the log one call reads at most, however little of them it may show."""
TOKEN_LIFE_S = 90 * 24 * 3600
_log = logging.getLogger("relay.gateway")
Handler = Callable[[Request], Awaitable[Response]]


class Denied(Exception):
    """Ends a call with a refusal; `status` overrides the table's."""

    def __init__(self, refused: Refused, status: int | None = None) -> None:
        """Keep the refusal."""
        super().__init__(refused.code)
        self.refused = refused
        self.status = status or ERRORS[refused.code].status


class Api:
    """The HTTP application of one relay."""

    def __init__(self, relay: Relay, default_preset: Preset) -> None:
        """Bind the house.

        Args:
            relay: The house.
            default_preset: What a room gets that is created without a preset.
        """
        self._relay = relay
        self._default_preset = default_preset
        self.app = Starlette(
            routes=[
                Route("/rooms", self._rooms, methods=["GET"]),
                Route("/rooms", self._create_room, methods=["POST"]),
                Route("/rooms/{room_id}", self._room, methods=["GET"]),
                Route("/rooms/{room_id}", self._close_room, methods=["DELETE"]),
                Route("/rooms/{room_id}/events", self._events, methods=["GET"]),
                Route("/rooms/{room_id}/events", self._publish, methods=["POST"]),
                Route("/rooms/{room_id}/hooks", self._hook_secret, methods=["GET"]),
                Route("/rooms/{room_id}/hooks/{source}", self._hook, methods=["POST"]),
                Route("/rooms/{room_id}/settings", self._settings, methods=["GET"]),
                Route("/rooms/{room_id}/settings", self._change_settings, methods=["PATCH"]),
                Route("/rooms/{room_id}/tokens", self._room_tokens, methods=["GET"]),
                Route("/rooms/{room_id}/tokens", self._create_room_token, methods=["POST"]),
                Route("/rooms/{room_id}/tokens/{token_id}", self._revoke_room_token, methods=["DELETE"]),
                Route("/tokens", self._tokens, methods=["GET"]),
                Route("/tokens", self._create_viewer_token, methods=["POST"]),
                Route("/tokens/{token_id}", self._revoke_token, methods=["DELETE"]),
                Route("/privacy", self._privacy, methods=["GET"]),
                Route("/openapi.json", self._openapi, methods=["GET"]),
                Route("/healthz", self._healthz, methods=["GET"]),
                Route("/readyz", self._readyz, methods=["GET"]),
                Route("/metrics", self._metrics, methods=["GET"]),
                Route("/spectate/{room_id}", self._not_a_socket, methods=["GET"]),
            ],
            exception_handlers={
                Denied: self._denied,
                HTTPException: self._no_route,
                StorageError: self._storage_failed,
                ClientDisconnect: self._gone,
                Exception: self._failed,
            },
        )

    # -- for anyone --------------------------------------------------------------------------------

    async def _rooms(self, request: Request) -> Response:
        if "all" in request.query_params:
            self._operator(request)
            listed = [{**room.listing(), "visibility": room.visibility.value} for room in self._relay.rooms()]
            return JSONResponse({"rooms": listed})
        return JSONResponse({"rooms": [room.listing() for room in self._relay.directory()]})

    async def _room(self, request: Request) -> Response:
        room = self._watchable(request)
        return JSONResponse({**room.info(), "presence": room.audience.presence()})

    async def _events(self, request: Request) -> Response:
        """Page through the log as a spectator may see it (VALID-16: the same checks as the socket's)."""
        room = self._watchable(request)
        query = request.query_params
        types = EVENT_TYPES
        if "types" in query:
            try:
                types = parse_types(query["types"])
            except UnknownType as error:
                raise _bad(f"{error}.") from None
        limit = _whole(query.get("limit", str(PAGE)), "limit", 1, MAX_PAGE)
        position, until_ms = await self._window(
            room, query.get("after"), query.get("since"), query.get("until")
        )
        shown, last = types & room.visible_types, position
        found: list[bytes] = []
        ended = False
        for _ in range(_PAGES_READ):
            if ended or len(found) == limit:
                break
            records = await self._relay.read_log(room, last)
            for record in records:
                if len(found) == limit:
                    break
                last = record.seq
                if record.kind is Kind.EVENT and record.type in shown:
                    if until_ms is not None and record.at_ms > until_ms:
                        continue
                    found.append(room.encoder.event(record))
            ended = not records
        more = b"true" if not ended else b"false"
        body = b'{"room_id":"%s","events":[%s],"after":"%s","cursor":"%s","more":%s}' % (
            room.id.encode(),
            b",".join(found),
            room.encoder.cursor(position).encode(),
            room.encoder.cursor(last).encode(),
            more,
        )
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    async def _window(
        self, room: LiveRoom, after: str | None, since: str | None, until: str | None
    ) -> tuple[int, int | None]:
        until_ms = None
        if until is not None:
            until_ms = parse_instant(until)
            if until_ms is None:
                raise _bad("until: must be an ISO 8601 time.")
        if after is not None:
            cursor = parse_cursor(after)
            if cursor is None or cursor.epoch != room.epoch or cursor.seq > room.head:
                raise _bad("after: is not a cursor of this room. Leave it out to start at the beginning.")
            return cursor.seq, until_ms
        if since is not None:
            since_ms = parse_since(since, self._relay.clock.now_ms())
            if since_ms is None:
                raise _bad("since: must be a duration such as 30m or 2h, or an ISO 8601 time.")
            return (await room.locate("", since_ms, 0, EVENT_TYPES)).after or 0, until_ms
        return 0, until_ms

    async def _privacy(self, request: Request) -> Response:
        return JSONResponse(
            {
                "kept": {
                    "events": "What the room shows its spectators, until the operator removes it.",
                    "spectator_chat": "In memory only; on the relay's disk where the room's logging is on.",
                    "viewer_counts": "Totals and peaks, of nobody in particular.",
                },
                "not_kept": {
                    "addresses": "Used in memory for rate limits, never written.",
                    "client_info": "Checked and forgotten.",
                    "identities": "Ids are keyed per room; nothing links a viewer across rooms.",
                },
                "where": "Each room's welcome and GET /rooms/{id} say whether it logs its spectators' chat.",
            }
        )

    async def _openapi(self, request: Request) -> Response:
        return JSONResponse(openapi(), headers={"Cache-Control": "max-age=3600"})

    async def _not_a_socket(self, request: Request) -> Response:
        message = "This address is a WebSocket. Watch it with: clawtank watch ROOM"
        return JSONResponse(
            Refused(Code.INVALID_MESSAGE, message).data(),
            426,
            {"Upgrade": "websocket", "Connection": "Upgrade"},
        )

    async def _healthz(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _readyz(self, request: Request) -> Response:
        if self._relay.draining:
            raise Denied(Refused(Code.DRAINING))
        return JSONResponse({"status": "ready", "rooms": len(self._relay.rooms())})

    async def _metrics(self, request: Request) -> Response:
        peer = request.client.host if request.client else ""
        direct = (
            is_loopback(peer)
            and "x-forwarded-for" not in request.headers
            and "forwarded" not in request.headers
        )
        if not direct and not self._relay.tokens.is_operator(_bearer(request)):
            raise Denied(
                Refused(Code.ACCESS_DENIED, "The figures are for the operator. Send the operator token."), 401
            )
        return Response(self._relay.figures(), media_type="text/plain; version=0.0.4")

    # -- for publishers ----------------------------------------------------------------------------

    async def _publish(self, request: Request) -> Response:
        room = self._authorised(request, Scope.PUBLISH)
        items = split_items(await request.body())
        report = await self._relay.publish(room, items)
        if isinstance(report, Refused):
            raise Denied(report)
        nothing = report.rejected and not (report.accepted or report.duplicates or report.hidden)
        return JSONResponse(report.data(), 422 if nothing else 200)

    async def _hook(self, request: Request) -> Response:
        """Take what a forge or a coding agent says of itself, from whoever knows the room's hook secret."""
        room_id, source = request.path_params["room_id"], request.path_params["source"]
        if source not in hooks.SOURCES:
            raise HTTPException(404)
        body = await request.body()
        # The secret of a room that does not exist is compared, too, so that time tells nothing.
        signed = hooks.is_signed(source, request.headers, body, hook_secret(self._relay.identities, room_id))
        room = self._relay.room(room_id) if signed else None
        if room is None:
            room = self._authorised(request, Scope.PUBLISH, hooks.token_of(source, request.headers))
        try:
            events = hooks.read(source, request.headers, request.query_params, body)
        except BadMessage as error:
            raise _bad(f"The body cannot be read: {error}.") from None
        report = await self._relay.publish(room, hooks.without_repeats(events, room.view.statuses()))
        if isinstance(report, Refused):
            raise Denied(report)
        return JSONResponse(report.data())

    # -- for hosts and the operator ----------------------------------------------------------------

    async def _create_room(self, request: Request) -> Response:
        self._operator(request)
        wish = await _body(request)
        room_id, name = wish.pop("id", None), wish.pop("name", "")
        if not isinstance(room_id, str):
            raise _bad("id: must be text: 1 to 64 letters, digits, _ or -.")
        if not isinstance(name, str):
            raise _bad("name: must be text.")
        try:
            visibility = Visibility(wish.pop("visibility", Visibility.PUBLIC))
        except ValueError:
            raise _bad("visibility: must be public or private.") from None
        patch = wish.pop("settings", {})
        if not isinstance(patch, dict):
            raise _bad("settings: must be an object.")
        if "preset" in wish:
            patch = {"preset": wish.pop("preset"), **patch}
        if wish:
            raise _bad(f"{next(iter(wish))[:80]}: is not a field of a room.")
        try:
            settings = patch_settings(preset_settings(self._default_preset), patch)
        except BadSettings as error:
            raise _bad(f"{error}.") from None
        room = await self._relay.create_room(room_id, name, visibility, settings)
        if isinstance(room, Refused):
            raise Denied(room, 409 if self._relay.room(room_id) else None)
        _, host = await self._relay.tokens.create(Scope.HOST, room.id, "made with the room")
        _, publish = await self._relay.tokens.create(Scope.PUBLISH, room.id, "made with the room")
        return JSONResponse(
            {
                "id": room.id,
                "name": room.name,
                "visibility": room.visibility.value,
                "settings": room.settings.model_dump(mode="json"),
                "host_token": host,
                "publish_token": publish,
            },
            201,
        )

    async def _close_room(self, request: Request) -> Response:
        room = self._authorised(request, Scope.HOST)
        await self._relay.change_state(room, "closed")
        return Response(status_code=204)

    async def _settings(self, request: Request) -> Response:
        return JSONResponse(_all_settings(self._authorised(request, Scope.HOST)))

    async def _change_settings(self, request: Request) -> Response:
        room = self._authorised(request, Scope.HOST)
        refused = await self._relay.change_room(room, await _body(request))
        if refused is not None:
            raise Denied(refused)
        return JSONResponse(_all_settings(room))

    async def _hook_secret(self, request: Request) -> Response:
        room = self._authorised(request, Scope.HOST)
        secret = hook_secret(self._relay.identities, room.id)
        return JSONResponse({"secret": secret, "sources": hooks.SOURCES})

    async def _room_tokens(self, request: Request) -> Response:
        room = self._authorised(request, Scope.HOST)
        return JSONResponse({"tokens": [token.public() for token in self._relay.tokens.list(room.id)]})

    async def _create_room_token(self, request: Request) -> Response:
        room = self._authorised(request, Scope.HOST)
        wish = await _body(request)
        scope, name = wish.get("scope"), wish.get("name", "")
        if scope not in (Scope.PUBLISH, Scope.HOST):
            raise _bad("scope: must be publish or host.")
        if not isinstance(name, str):
            raise _bad("name: must be text.")
        token, text = await self._relay.tokens.create(Scope(scope), room.id, clean_name(name))
        return JSONResponse({**token.public(), "token": text}, 201)

    async def _revoke_room_token(self, request: Request) -> Response:
        room = self._authorised(request, Scope.HOST)
        return await self._revoke(request, room.id)

    async def _tokens(self, request: Request) -> Response:
        self._operator(request)
        return JSONResponse({"tokens": [token.public() for token in self._relay.tokens.list()]})

    async def _create_viewer_token(self, request: Request) -> Response:
        self._operator(request)
        wish = await _body(request)
        name, verified = wish.get("name"), wish.get("verified", False)
        if not isinstance(name, str) or not clean_name(name):
            raise _bad("name: must be text that is not empty.")
        if not isinstance(verified, bool):
            raise _bad("verified: must be true or false.")
        lifetime_s = wish.get("lifetime_s", TOKEN_LIFE_S)
        if (
            isinstance(lifetime_s, bool)
            or not isinstance(lifetime_s, int)
            or not 0 < lifetime_s <= 10 * 365 * 86_400
        ):
            raise _bad("lifetime_s: must be a whole number of seconds, at most ten years.")
        token = await self._relay.tokens.register_viewer(clean_name(name))
        text = self._relay.identities.mint_viewer(
            clean_name(name), verified=verified, token_id=token.id, lifetime_s=lifetime_s
        )
        return JSONResponse({**token.public(), "token": text}, 201)

    async def _revoke_token(self, request: Request) -> Response:
        self._operator(request)
        return await self._revoke(request, None)

    async def _revoke(self, request: Request, room_id: str | None) -> Response:
        revoked = await self._relay.tokens.revoke(request.path_params["token_id"], room_id)
        if revoked is None:
            raise Denied(
                Refused(Code.INVALID_MESSAGE, "No token has this id. List them to see which there are."), 404
            )
        if revoked.scope is Scope.VIEWER:
            self._relay.reconsider_all()
        return JSONResponse(revoked.public())

    # -- who is asking -----------------------------------------------------------------------------

    def _operator(self, request: Request) -> None:
        if not self._relay.tokens.is_operator(_bearer(request)):
            raise Denied(
                Refused(Code.AUTH_INVALID, "This is for the operator. Send the operator token."), 401
            )

    def _authorised(self, request: Request, scope: Scope, presented: str = "") -> LiveRoom:
        """Return the room if the token is good for it; to everyone else a private room is none.

        Args:
            request: The call.
            scope: What the token has to be for.
            presented: A token that came in another place than the `Authorization` header.
        """
        room = self._relay.room(request.path_params["room_id"])
        presented = presented or _bearer(request)
        if self._relay.tokens.is_operator(presented):
            if room is None:
                raise Denied(Refused(Code.ROOM_NOT_FOUND))
            return room
        grant = self._relay.tokens.grant(presented) if presented else None
        if room is not None and _grants(grant, room.id, scope):
            return room
        if isinstance(self._relay.watchable(request.path_params["room_id"]), Refused):
            raise Denied(Refused(Code.ROOM_NOT_FOUND))
        if grant is not None:
            raise Denied(
                Refused(Code.AUTH_INVALID, f"This token is not for that. Send a {scope} token of this room."),
                403,
            )
        raise Denied(Refused(Code.AUTH_INVALID, f"Send a {scope} token of this room as a bearer token."), 401)

    def _watchable(self, request: Request) -> LiveRoom:
        """Return a room that the asker may watch; the same checks as at the socket (VALID-16)."""
        room_id = request.path_params["room_id"]
        room = self._relay.watchable(room_id)
        if isinstance(room, Refused):
            raise Denied(room)
        state, token = ViewerState.ANONYMOUS, _bearer(request)
        if token and not self._relay.tokens.is_operator(token) and self._relay.tokens.grant(token) is None:
            state = self._viewer_state(request, token, room_id)
        elif token:
            return room
        refused = may_watch(room, state, banned=False)
        if refused is not None:
            raise Denied(refused, 403)
        return room

    def _viewer_state(self, request: Request, token: str, room_id: str) -> ViewerState:
        relay = self._relay
        peer = request.client.host if request.client else ""
        forwarded = request.headers.getlist("x-forwarded-for")
        address = rate_key(client_address(peer, forwarded, relay.config.trusted_proxies))
        viewer = relay.entrance.identify(token, room_id, address)
        if isinstance(viewer, Refused):
            raise Denied(viewer)
        return ViewerState(viewer.state)

    # -- refusals ----------------------------------------------------------------------------------

    async def _denied(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Denied)
        data = error.refused.data()
        self._relay.metrics.errors.labels(error.refused.code.value).inc()
        headers = {"Cache-Control": "no-store"}
        if data["retry_after"]:
            headers["Retry-After"] = str(-(-int(str(data["retry_after"])) // 1000))
        if error.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(data, error.status, headers)

    async def _no_route(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message = "There is nothing at this address. GET /openapi.json lists what there is."
        if error.status_code == 405:
            message = "This address does not take that method. GET /openapi.json lists what it takes."
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


def _grants(grant: Token | None, room_id: str, scope: Scope) -> bool:
    return grant is not None and grant.room == room_id and grant.scope is scope


def _all_settings(room: LiveRoom) -> dict[str, Any]:
    return {"visibility": room.visibility.value, "name": room.name, **room.settings.model_dump(mode="json")}


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _body(request: Request) -> dict[str, Any]:
    try:
        return decode_object(await request.body())
    except BadMessage as error:
        raise _bad(f"The body cannot be read: {error}.") from None


def _whole(text: str, name: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not low <= int(text) <= high:
        raise _bad(f"{name}: must be a whole number from {low} to {high}.")
    return int(text)


def _bad(message: str) -> Denied:
    return Denied(Refused(Code.INVALID_MESSAGE, message))
