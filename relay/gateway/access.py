"""Who is asking: what a token opens, and what is refused to everyone else.

A private room answers like none, everywhere, to whoever has no token for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from relay.audience.identity import NOBODY, Viewer
from relay.gateway.callers import identify_caller
from relay.protocol.envelope import BadMessage, decode_object
from relay.protocol.errors import ERRORS, Code, Refused, retry_after
from relay.rooms.admission import ViewerState, may_watch

if TYPE_CHECKING:
    from starlette.requests import Request

    from relay.gateway.callers import Caller
    from relay.service.live_room import LiveRoom
    from relay.service.relay import Relay
    from relay.service.tokens import Scope, Token


_NO_ROOM = "No room has this name here. Check the spelling, or list them with: clawtank-relay room list"
"""For the operator alone, who may know of private rooms."""


class Denied(Exception):
    """Ends a call with a refusal; `status` overrides the table's."""

    def __init__(self, refused: Refused, status: int | None = None) -> None:
        """Keep the refusal."""
        super().__init__(refused.code)
        self.refused = refused
        self.status = status or ERRORS[refused.code].status


class Access:
    """Judges callers of one relay."""

    def __init__(self, relay: Relay) -> None:
        """Bind the house."""
        self._relay = relay

    def operator(self, request: Request) -> None:
        """Let the operator through.

        Raises:
            Denied: If it is somebody else.
        """
        if not self._relay.tokens.is_operator(bearer(request)):
            raise Denied(
                Refused(Code.AUTH_INVALID, "This is for the operator. Send the operator token."), 401
            )

    def authorised(self, request: Request, scope: Scope, presented: str = "") -> LiveRoom:
        """Return the room if the token is good for it; to everyone else a private room is none.

        Args:
            request: The call.
            scope: What the token has to be for.
            presented: A token that came in another place than the `Authorization` header.
        """
        room = self._relay.room(request.path_params["room_id"])
        presented = presented or bearer(request)
        if self._relay.tokens.is_operator(presented):
            if room is None:
                raise Denied(Refused(Code.ROOM_NOT_FOUND, _NO_ROOM))
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

    def afford(self) -> None:
        """Let a call through that reads the log, unless the relay has too much to do.

        Raises:
            Denied: If it has; the refusal says when to try again.
        """
        refused = self._relay.gate.costly_call()
        if refused is not None:
            raise Denied(refused)

    def watchable(self, request: Request) -> LiveRoom:
        """Return a room that the asker may watch; the same checks as at the socket (VALID-16)."""
        room_id = request.path_params["room_id"]
        room = self._relay.watchable(room_id)
        if isinstance(room, Refused):
            raise Denied(room)
        viewer, token, caller = NOBODY, bearer(request), self._caller(request)
        if token:
            grant = self._relay.tokens.grant(token)
            if self._relay.tokens.is_operator(token) or (grant is not None and grant.room == room.id):
                return room
            # A token of another room says nothing about its bearer here.
            viewer = viewer if grant is not None else self._viewer(token, room_id, caller.address)
        banned = self._relay.entrance.banned(room, viewer, caller.address)
        refused = may_watch(room, ViewerState(viewer.state), country=caller.country, banned=banned)
        if refused is not None:
            raise Denied(refused, 403)
        return room

    def address(self, request: Request) -> str:
        """Return what the caller's rates and turns are counted by; never kept."""
        return self._caller(request).address

    def _caller(self, request: Request) -> Caller:
        peer = request.client.host if request.client else ""
        relay = self._relay
        return identify_caller(peer, request.headers.getlist, relay.config.trusted_proxies, relay.regions)

    def _viewer(self, token: str, room_id: str, address: str) -> Viewer:
        viewer = self._relay.entrance.identify(token, room_id, address)
        if isinstance(viewer, Refused):
            raise Denied(viewer)
        return viewer


def _grants(grant: Token | None, room_id: str, scope: Scope) -> bool:
    return grant is not None and grant.room == room_id and grant.scope.opens(scope)


def refusal(refused: Refused, status: int | None = None) -> Response:
    """Return the answer to a call that is refused; `status` overrides the table's."""
    data, status = refused.data(), status or ERRORS[refused.code].status
    headers = {"Cache-Control": "no-store"}
    if data["retry_after"]:
        headers["Retry-After"] = retry_after(data)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(data, status, headers)


def bearer(request: Request) -> str:
    """Return the token of the `Authorization` header, or an empty text."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def json_body(request: Request) -> dict[str, Any]:
    """Return the JSON object of the body.

    Raises:
        Denied: If it is none, or has text that is none: no answer and no document could repeat it.
    """
    try:
        body = decode_object(await request.body())
        json.dumps(body, ensure_ascii=False).encode()
    except BadMessage as error:
        raise bad(f"The body cannot be read: {error}.") from None
    except UnicodeEncodeError:
        raise bad("The body cannot be read: it has half a surrogate pair.") from None
    return body


def bad(message: str) -> Denied:
    """Return the refusal of a call that is not well formed; the message names the field and the reason."""
    return Denied(Refused(Code.INVALID_MESSAGE, message))
