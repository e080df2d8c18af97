"""The calls of hosts and of the operator: rooms, their settings, and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from relay.audience.identity import clean_name
from relay.gateway import hooks
from relay.gateway.access import Access, Denied, bad, json_body
from relay.protocol.errors import Code, Refused
from relay.rooms.settings import BadSettings, Preset, Visibility, patch_settings, preset_settings
from relay.service.hook_secrets import hook_secret
from relay.service.tokens import MADE_WITH_ROOM, ROOM_SCOPES, Scope

if TYPE_CHECKING:
    from starlette.requests import Request

    from relay.service.live_room import LiveRoom
    from relay.service.relay import Relay

TOKEN_LIFE_S = 90 * 24 * 3600


class HostCalls:
    """What hosts and the operator do."""

    def __init__(self, relay: Relay, access: Access, default_preset: Preset) -> None:
        """Bind the house, and who judges callers.

        Args:
            relay: The house.
            access: Who judges callers.
            default_preset: What a room gets that is created without a preset.
        """
        self._relay = relay
        self._access = access
        self._default_preset = default_preset
        self.routes = [
            Route("/rooms", self._create_room, methods=["POST"]),
            Route("/rooms/{room_id}", self._close_room, methods=["DELETE"]),
            Route("/rooms/{room_id}/hooks", self._hook_secret, methods=["GET"]),
            Route("/rooms/{room_id}/settings", self._settings, methods=["GET"]),
            Route("/rooms/{room_id}/settings", self._change_settings, methods=["PATCH"]),
            Route("/rooms/{room_id}/tokens", self._room_tokens, methods=["GET"]),
            Route("/rooms/{room_id}/tokens", self._create_room_token, methods=["POST"]),
            Route("/rooms/{room_id}/tokens/{token_id}", self._revoke_room_token, methods=["DELETE"]),
            Route("/tokens", self._tokens, methods=["GET"]),
            Route("/tokens", self._create_viewer_token, methods=["POST"]),
            Route("/tokens/{token_id}", self._revoke_token, methods=["DELETE"]),
        ]

    async def _create_room(self, request: Request) -> Response:
        self._access.operator(request)
        wish = await json_body(request)
        room_id, name = wish.pop("id", None), wish.pop("name", "")
        if not isinstance(room_id, str):
            raise bad("id: must be text: 1 to 64 letters, digits, _ or -.")
        if not isinstance(name, str):
            raise bad("name: must be text.")
        try:
            visibility = Visibility(wish.pop("visibility", Visibility.PUBLIC))
        except ValueError:
            raise bad("visibility: must be public or private.") from None
        patch = wish.pop("settings", {})
        if not isinstance(patch, dict):
            raise bad("settings: must be an object.")
        if "preset" in wish:
            patch = {"preset": wish.pop("preset"), **patch}
        if wish:
            raise bad(f"{next(iter(wish))[:80]}: is not a field of a room.")
        try:
            settings = patch_settings(preset_settings(self._default_preset), patch)
        except BadSettings as error:
            raise bad(f"{error}.") from None
        room = await self._relay.create_room(room_id, name, visibility, settings)
        if isinstance(room, Refused):
            raise Denied(room, 409 if self._relay.room(room_id) else None)
        _, host = await self._relay.tokens.create(Scope.HOST, room.id, MADE_WITH_ROOM)
        _, publish = await self._relay.tokens.create(Scope.PUBLISH, room.id, MADE_WITH_ROOM)
        return JSONResponse(
            {
                "id": room.id,
                "name": room.name,
                "visibility": room.visibility.value,
                "settings": room.settings.model_dump(mode="json"),
                **self._warnings(room),
                "host_token": host,
                "publish_token": publish,
            },
            201,
        )

    async def _close_room(self, request: Request) -> Response:
        room = self._access.authorised(request, Scope.HOST)
        await self._relay.changes.change_state(room, "closed")
        return Response(status_code=204)

    async def _settings(self, request: Request) -> Response:
        return JSONResponse(_all_settings(self._access.authorised(request, Scope.HOST)))

    async def _change_settings(self, request: Request) -> Response:
        room = self._access.authorised(request, Scope.HOST)
        dry_run = request.query_params.get("dry_run", "false")
        if dry_run not in ("true", "false"):
            raise bad("dry_run: must be true or false.")
        if dry_run == "true":
            rehearsal = await self._relay.changes.rehearse(room, await json_body(request))
            if isinstance(rehearsal, Refused):
                raise Denied(rehearsal)
            return JSONResponse(rehearsal.data())
        refused = await self._relay.changes.change(room, await json_body(request))
        if refused is not None:
            raise Denied(refused)
        return JSONResponse({**_all_settings(room), **self._warnings(room)})

    def _warnings(self, room: LiveRoom) -> dict[str, list[str]]:
        warnings = self._relay.changes.warnings(room)
        return {"warnings": warnings} if warnings else {}

    async def _hook_secret(self, request: Request) -> Response:
        room = self._access.authorised(request, Scope.HOST)
        secret = hook_secret(self._relay.identities, room.id)
        return JSONResponse({"secret": secret, "sources": hooks.SOURCES})

    async def _room_tokens(self, request: Request) -> Response:
        room = self._access.authorised(request, Scope.HOST)
        return JSONResponse({"tokens": [token.public() for token in self._relay.tokens.list(room.id)]})

    async def _create_room_token(self, request: Request) -> Response:
        room = self._access.authorised(request, Scope.HOST)
        wish = await json_body(request)
        scope, name = wish.get("scope"), wish.get("name", "")
        if scope not in ROOM_SCOPES:
            raise bad(f"scope: must be one of {', '.join(ROOM_SCOPES)}.")
        if not isinstance(name, str):
            raise bad("name: must be text.")
        token, text = await self._relay.tokens.create(Scope(scope), room.id, clean_name(name))
        return JSONResponse({**token.public(), "token": text}, 201)

    async def _revoke_room_token(self, request: Request) -> Response:
        room = self._access.authorised(request, Scope.HOST)
        return await self._revoke(request, room.id)

    async def _tokens(self, request: Request) -> Response:
        self._access.operator(request)
        return JSONResponse({"tokens": [token.public() for token in self._relay.tokens.list()]})

    async def _create_viewer_token(self, request: Request) -> Response:
        self._access.operator(request)
        wish = await json_body(request)
        name, verified = wish.get("name"), wish.get("verified", False)
        if not isinstance(name, str) or not clean_name(name):
            raise bad("name: must be text that is not empty.")
        if not isinstance(verified, bool):
            raise bad("verified: must be true or false.")
        lifetime_s = wish.get("lifetime_s", TOKEN_LIFE_S)
        if (
            isinstance(lifetime_s, bool)
            or not isinstance(lifetime_s, int)
            or not 0 < lifetime_s <= 10 * 365 * 86_400
        ):
            raise bad("lifetime_s: must be a whole number of seconds, at most ten years.")
        token = await self._relay.tokens.register_viewer(clean_name(name))
        text = self._relay.identities.mint_viewer(
            clean_name(name), verified=verified, token_id=token.id, lifetime_s=lifetime_s
        )
        return JSONResponse({**token.public(), "token": text}, 201)

    async def _revoke_token(self, request: Request) -> Response:
        self._access.operator(request)
        return await self._revoke(request, None)

    async def _revoke(self, request: Request, room_id: str | None) -> Response:
        revoked = await self._relay.tokens.revoke(request.path_params["token_id"], room_id)
        if revoked is None:
            raise Denied(
                Refused(
                    Code.INVALID_MESSAGE, "No token has this id. List them with: clawtank-relay token list"
                ),
                404,
            )
        if revoked.scope is not Scope.PUBLISH:
            self._relay.reconsider_all()
        return JSONResponse(revoked.public())


def _all_settings(room: LiveRoom) -> dict[str, Any]:
    return {"visibility": room.visibility.value, "name": room.name, **room.settings.model_dump(mode="json")}
