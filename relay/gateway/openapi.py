"""What `GET /openapi.json` says. A test holds it against the routes that exist."""

from __future__ import annotations

from typing import Any

from relay import __version__
from relay.gateway import openapi_moderation as moderation
from relay.gateway.describing import CURSOR, ROOM, TEXT, WHOLE, call, failure, fields, listed, ref
from relay.gateway.hooks import SOURCES
from relay.protocol.errors import Code
from relay.protocol.events import EVENT_TYPES
from relay.rooms.settings import RoomSettings, Visibility
from relay.service.tokens import ROOM_SCOPES

_TOKEN_ID = {"name": "token_id", "in": "path", "required": True, "schema": {"type": "string"}}
_SOURCE = {"name": "source", "in": "path", "required": True, "schema": {"enum": list(SOURCES)}}
_BATCH_ID = {
    "name": "batch_id",
    "in": "path",
    "required": True,
    "schema": {
        "type": "string",
        "description": "EPOCH-AFTER-LAST, and what is in it if that is not everything",
    },
}
_FLAG = {"type": "boolean"}
_COUNTS = {"type": "object", "additionalProperties": {"type": "integer"}}


def openapi() -> dict[str, Any]:
    """Return the description of the HTTP API."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ClawTank relay",
            "version": __version__,
            "description": "Rooms, events, settings. The streams are WebSockets.",
        },
        "components": {"schemas": _schemas(), "securitySchemes": _SECURITY},
        "paths": {
            "/rooms": {
                "get": call("List public rooms, busiest first", _directory(), query={"all": TEXT}),
                "post": call(
                    "Create a room",
                    ref("CreatedRoom"),
                    status="201",
                    who="operator",
                    body=ref("NewRoom"),
                    fails=(400, 401, 409),
                ),
            },
            "/rooms/{room_id}": {
                "parameters": [ROOM],
                "get": call("Describe a room", ref("RoomInfo"), who="viewer?", fails=(401, 403, 404, 429)),
                "delete": call("Close a room", None, status="204", who="host", fails=(401, 403, 404)),
            },
            "/rooms/{room_id}/events": {
                "parameters": [ROOM],
                "get": call(
                    "Page through the room's events",
                    ref("EventPage"),
                    who="viewer?",
                    query={"after": CURSOR, "since": TEXT, "until": TEXT, "types": TEXT, "limit": WHOLE},
                    fails=(400, 401, 403, 404, 429, 503),
                ),
                "post": call(
                    "Publish events: one object, an array, or JSON Lines",
                    ref("Report"),
                    who="publish",
                    body={"oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]},
                    fails=(401, 403, 404, 408, 413, 429, 500),
                    also={"422": "Report"},
                ),
            },
            "/rooms/{room_id}/batches": {
                "parameters": [ROOM],
                "get": call(
                    "List the room's closed batches of events",
                    ref("BatchList"),
                    who="viewer?",
                    query={"after": CURSOR, "limit": WHOLE},
                    fails=(400, 401, 403, 404, 429, 503),
                ),
            },
            "/rooms/{room_id}/batches/{batch_id}": {
                "parameters": [ROOM, _BATCH_ID],
                "get": call(
                    "Read a batch of events", ref("Batch"), who="viewer?", fails=(401, 403, 404, 429, 503)
                ),
            },
            "/rooms/{room_id}/hooks": {
                "parameters": [ROOM],
                "get": call(
                    "Read the secret for webhooks",
                    fields(secret=TEXT, sources={"type": "array", "items": TEXT}),
                    who="host",
                    fails=(401, 403, 404),
                ),
            },
            "/rooms/{room_id}/hooks/{source}": {
                "parameters": [ROOM, _SOURCE],
                "post": call(
                    "Deliver a forge's webhook (signed, or with a token) or a coding agent's hook",
                    ref("Report"),
                    who="publish?",
                    body={"type": "object"},
                    query={"agent": TEXT, "owner": TEXT},
                    fails=(400, 401, 403, 404, 408, 413, 429, 500),
                ),
            },
            **moderation.paths(),
            "/rooms/{room_id}/settings": {
                "parameters": [ROOM],
                "get": call("Read every setting", ref("Settings"), who="host", fails=(401, 403, 404)),
                "patch": call(
                    "Change settings, whole or not at all; or only say what that would have done",
                    {"anyOf": [ref("ChangedSettings"), ref("Rehearsal")]},
                    who="host",
                    body={"type": "object"},
                    query={"dry_run": _FLAG},
                    fails=(400, 401, 403, 404),
                ),
            },
            "/rooms/{room_id}/tokens": {
                "parameters": [ROOM],
                "get": call(
                    "List the room's tokens", listed("tokens", "Token"), who="host", fails=(401, 403, 404)
                ),
                "post": call(
                    "Make a token; it is shown once",
                    ref("NewToken"),
                    status="201",
                    who="host",
                    body={
                        "type": "object",
                        "required": ["scope"],
                        "properties": {"scope": {"enum": list(ROOM_SCOPES)}, "name": TEXT},
                    },
                    fails=(400, 401, 403, 404),
                ),
            },
            "/rooms/{room_id}/tokens/{token_id}": {
                "parameters": [ROOM, _TOKEN_ID],
                "delete": call("Revoke a token of the room", ref("Token"), who="host", fails=(401, 403, 404)),
            },
            "/tokens": {
                "get": call("List all tokens", listed("tokens", "Token"), who="operator", fails=(401,)),
                "post": call(
                    "Make a viewer token",
                    ref("NewToken"),
                    status="201",
                    who="operator",
                    body={
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": TEXT, "verified": _FLAG, "lifetime_s": WHOLE},
                    },
                    fails=(400, 401),
                ),
            },
            "/tokens/{token_id}": {
                "parameters": [_TOKEN_ID],
                "delete": call("Revoke any token", ref("Token"), who="operator", fails=(401, 404)),
            },
            "/privacy": {"get": call("What is kept, and why", {"type": "object"})},
            "/openapi.json": {"get": call("This description", {"type": "object"})},
            "/healthz": {"get": call("Is it alive?", {"type": "object"})},
            "/readyz": {"get": call("Does it take newcomers?", {"type": "object"}, fails=(503,))},
            "/metrics": {
                "get": {
                    **call("Prometheus figures; loopback or operator", None, who="operator", fails=(401,)),
                    "responses": {"200": {"description": "Prometheus text", "content": {"text/plain": {}}}},
                }
            },
            "/rooms/{room_id}/host": {
                "parameters": [ROOM],
                "get": {
                    "summary": "The socket of the people inside a room (WebSocket upgrade)",
                    "security": [{"participate": []}, {"moderate": []}],
                    "responses": {
                        "101": {"description": "Upgraded"},
                        "426": failure("Not an upgrade request"),
                    },
                },
            },
            "/spectate/{room_id}": {
                "parameters": [ROOM],
                "get": {
                    "summary": "The spectator socket (WebSocket upgrade)",
                    "responses": {
                        "101": {"description": "Upgraded"},
                        "426": failure("Not an upgrade request"),
                    },
                },
            },
        },
    }


_SECURITY = {
    "operator": {"type": "http", "scheme": "bearer", "description": "The token in DATA/operator.token"},
    "host": {
        "type": "http",
        "scheme": "bearer",
        "description": "A host token of the room, or the operator's",
    },
    "moderate": {
        "type": "http",
        "scheme": "bearer",
        "description": "A moderate or host token of the room, or the operator's",
    },
    "participate": {
        "type": "http",
        "scheme": "bearer",
        "description": "A participate token of the room",
    },
    "publish": {
        "type": "http",
        "scheme": "bearer",
        "description": "A publish token of the room, or the operator's",
    },
    "viewer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A viewer token, where the room asks for one",
    },
}


def _schemas() -> dict[str, Any]:
    settings = RoomSettings.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = settings.pop("$defs", {})
    counts = ("total_spectators", "anonymous_count", "registered_count", "recent_peak", "join_rate")
    presence = dict.fromkeys(counts, WHOLE)
    event = {
        "type": "object",
        "required": ["seq", "event_id", "type", "timestamp"],
        "properties": {
            "seq": WHOLE,
            "event_id": TEXT,
            "type": {"enum": sorted(EVENT_TYPES)},
            "timestamp": TEXT,
        },
    }
    room = {"id": TEXT, "name": TEXT, "state": TEXT, "features": {"type": "array", "items": TEXT}}
    token = {
        "id": TEXT,
        "scope": TEXT,
        "room": TEXT,
        "name": TEXT,
        "created": TEXT,
        "revoked": _FLAG,
    }
    settings["properties"] |= {"visibility": {"enum": [value.value for value in Visibility]}, "name": TEXT}
    warnings = {"warnings": {"type": "array", "items": TEXT, "description": "What will not do as it seems"}}
    created = fields(
        id=TEXT,
        name=TEXT,
        visibility=TEXT,
        settings=ref("Settings"),
        host_token=TEXT,
        publish_token=TEXT,
    )
    return {
        **parts,
        "Rehearsal": fields(
            dry_run=_FLAG,
            since=TEXT,
            events=WHOLE,
            hidden=_COUNTS,
            shown=_COUNTS,
            reworded=_COUNTS,
            examples={
                "type": "array",
                "items": fields(event_id=TEXT, before={"type": "object"}, after={"type": "object"}),
            },
        ),
        "Settings": settings,
        "ChangedSettings": {**settings, "properties": {**settings["properties"], **warnings}},
        "Error": fields(
            code={"enum": [code.value for code in Code]},
            message=TEXT,
            retry_after=WHOLE,
            permanent=_FLAG,
        ),
        "Room": fields(**room, spectators=WHOLE, peak=WHOLE),
        "RoomInfo": fields(
            **room,
            retention={"type": "object"},
            logging=_FLAG,
            policy=TEXT,
            chat=fields(
                slow_s=WHOLE,
                watch_s=WHOLE,
                **dict.fromkeys(("locked", "approval", "anonymous", "shielded"), _FLAG),
            ),
            presence=fields(room_id=TEXT, **presence),
        ),
        "NewRoom": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": TEXT,
                "name": TEXT,
                "visibility": {"enum": [value.value for value in Visibility]},
                "preset": TEXT,
                "settings": {"type": "object"},
            },
        },
        "CreatedRoom": {**created, "properties": {**created["properties"], **warnings}},
        "Event": event,
        "EventPage": fields(
            room_id=TEXT,
            events={"type": "array", "items": ref("Event")},
            after=CURSOR,
            cursor=CURSOR,
            more=_FLAG,
        ),
        "BatchList": fields(
            room_id=TEXT,
            batches={
                "type": "array",
                "items": fields(batch_id=TEXT, count=WHOLE, timestamp_range=ref("TimestampRange")),
            },
            after=CURSOR,
            cursor=CURSOR,
            more=_FLAG,
        ),
        "Batch": fields(
            room_id=TEXT,
            batch_id=TEXT,
            compression={"enum": ["gzip", "brotli"]},
            timestamp_range=ref("TimestampRange"),
            events={"type": "array", "items": ref("Event")},
            after=CURSOR,
            cursor=CURSOR,
        ),
        "TimestampRange": fields(start=TEXT, end=TEXT),
        "Report": fields(
            accepted=WHOLE,
            duplicates=WHOLE,
            hidden=WHOLE,
            rejected={"type": "array", "items": fields(index=WHOLE, code=TEXT, message=TEXT)},
            cursor=CURSOR,
        ),
        **moderation.schemas(),
        "Token": {"type": "object", "required": ["id", "scope", "created", "revoked"], "properties": token},
        "NewToken": {
            "type": "object",
            "required": ["id", "scope", "created", "revoked", "token"],
            "properties": {**token, "token": TEXT},
        },
    }


def _directory() -> dict[str, Any]:
    rooms = listed("rooms", "Room")
    regions = {"type": "array", "items": fields(name=TEXT, url=TEXT)}
    return {**rooms, "properties": {**rooms["properties"], "regions": regions}}
