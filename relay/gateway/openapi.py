"""What `GET /openapi.json` says. A test holds it against the routes that exist."""

from __future__ import annotations

from typing import Any

from relay import __version__
from relay.gateway.hooks import SOURCES
from relay.protocol.errors import Code
from relay.protocol.events import EVENT_TYPES
from relay.rooms.settings import RoomSettings, Visibility
from relay.service.tokens import ROOM_SCOPES

_ROOM = {
    "name": "room_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
}
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
_TEXT = {"type": "string"}
_COUNTS = {"type": "object", "additionalProperties": {"type": "integer"}}
_WHOLE = {"type": "integer"}
_CURSOR = {"type": "string", "description": "EPOCH-SEQ, opaque to clients"}


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
                "get": _call("List public rooms, busiest first", _directory(), query={"all": _TEXT}),
                "post": _call(
                    "Create a room",
                    _ref("CreatedRoom"),
                    status="201",
                    who="operator",
                    body=_ref("NewRoom"),
                    fails=(400, 401, 409),
                ),
            },
            "/rooms/{room_id}": {
                "parameters": [_ROOM],
                "get": _call("Describe a room", _ref("RoomInfo"), who="viewer?", fails=(401, 403, 404, 429)),
                "delete": _call("Close a room", None, status="204", who="host", fails=(401, 403, 404)),
            },
            "/rooms/{room_id}/events": {
                "parameters": [_ROOM],
                "get": _call(
                    "Page through the room's events",
                    _ref("EventPage"),
                    who="viewer?",
                    query={"after": _CURSOR, "since": _TEXT, "until": _TEXT, "types": _TEXT, "limit": _WHOLE},
                    fails=(400, 401, 403, 404, 429, 503),
                ),
                "post": _call(
                    "Publish events: one object, an array, or JSON Lines",
                    _ref("Report"),
                    who="publish",
                    body={"oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]},
                    fails=(401, 403, 404, 408, 413, 429, 500),
                    also={"422": "Report"},
                ),
            },
            "/rooms/{room_id}/batches": {
                "parameters": [_ROOM],
                "get": _call(
                    "List the room's closed batches of events",
                    _ref("BatchList"),
                    who="viewer?",
                    query={"after": _CURSOR, "limit": _WHOLE},
                    fails=(400, 401, 403, 404, 429, 503),
                ),
            },
            "/rooms/{room_id}/batches/{batch_id}": {
                "parameters": [_ROOM, _BATCH_ID],
                "get": _call(
                    "Read a batch of events", _ref("Batch"), who="viewer?", fails=(401, 403, 404, 429, 503)
                ),
            },
            "/rooms/{room_id}/hooks": {
                "parameters": [_ROOM],
                "get": _call(
                    "Read the secret for webhooks",
                    _object(secret=_TEXT, sources={"type": "array", "items": _TEXT}),
                    who="host",
                    fails=(401, 403, 404),
                ),
            },
            "/rooms/{room_id}/hooks/{source}": {
                "parameters": [_ROOM, _SOURCE],
                "post": _call(
                    "Deliver a forge's webhook (signed, or with a token) or a coding agent's hook",
                    _ref("Report"),
                    who="publish?",
                    body={"type": "object"},
                    query={"agent": _TEXT, "owner": _TEXT},
                    fails=(400, 401, 403, 404, 408, 413, 429, 500),
                ),
            },
            "/rooms/{room_id}/moderation": {
                "parameters": [_ROOM],
                "post": _call(
                    "Approve or reject a held message",
                    _ref("Decision"),
                    who="moderate",
                    body={
                        "type": "object",
                        "required": ["action", "message_id"],
                        "properties": {
                            "action": {"enum": ["approve", "reject"]},
                            "message_id": _TEXT,
                            "reason": _TEXT,
                        },
                    },
                    fails=(400, 401, 403, 404, 500),
                ),
            },
            "/rooms/{room_id}/moderation/queue": {
                "parameters": [_ROOM],
                "get": _call(
                    "Read what waits for a moderator",
                    _list("held", "Held"),
                    who="moderate",
                    fails=(401, 403, 404),
                ),
            },
            "/rooms/{room_id}/settings": {
                "parameters": [_ROOM],
                "get": _call("Read every setting", _ref("Settings"), who="host", fails=(401, 403, 404)),
                "patch": _call(
                    "Change settings, whole or not at all; or only say what that would have done",
                    {"anyOf": [_ref("ChangedSettings"), _ref("Rehearsal")]},
                    who="host",
                    body={"type": "object"},
                    query={"dry_run": {"type": "boolean"}},
                    fails=(400, 401, 403, 404),
                ),
            },
            "/rooms/{room_id}/tokens": {
                "parameters": [_ROOM],
                "get": _call(
                    "List the room's tokens", _list("tokens", "Token"), who="host", fails=(401, 403, 404)
                ),
                "post": _call(
                    "Make a token; it is shown once",
                    _ref("NewToken"),
                    status="201",
                    who="host",
                    body={
                        "type": "object",
                        "required": ["scope"],
                        "properties": {"scope": {"enum": list(ROOM_SCOPES)}, "name": _TEXT},
                    },
                    fails=(400, 401, 403, 404),
                ),
            },
            "/rooms/{room_id}/tokens/{token_id}": {
                "parameters": [_ROOM, _TOKEN_ID],
                "delete": _call(
                    "Revoke a token of the room", _ref("Token"), who="host", fails=(401, 403, 404)
                ),
            },
            "/tokens": {
                "get": _call("List all tokens", _list("tokens", "Token"), who="operator", fails=(401,)),
                "post": _call(
                    "Make a viewer token",
                    _ref("NewToken"),
                    status="201",
                    who="operator",
                    body={
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": _TEXT, "verified": {"type": "boolean"}, "lifetime_s": _WHOLE},
                    },
                    fails=(400, 401),
                ),
            },
            "/tokens/{token_id}": {
                "parameters": [_TOKEN_ID],
                "delete": _call("Revoke any token", _ref("Token"), who="operator", fails=(401, 404)),
            },
            "/privacy": {"get": _call("What is kept, and why", {"type": "object"})},
            "/openapi.json": {"get": _call("This description", {"type": "object"})},
            "/healthz": {"get": _call("Is it alive?", {"type": "object"})},
            "/readyz": {"get": _call("Does it take newcomers?", {"type": "object"}, fails=(503,))},
            "/metrics": {
                "get": {
                    **_call("Prometheus figures; loopback or operator", None, who="operator", fails=(401,)),
                    "responses": {"200": {"description": "Prometheus text", "content": {"text/plain": {}}}},
                }
            },
            "/rooms/{room_id}/host": {
                "parameters": [_ROOM],
                "get": {
                    "summary": "The socket of the people inside a room (WebSocket upgrade)",
                    "security": [{"participate": []}, {"moderate": []}],
                    "responses": {
                        "101": {"description": "Upgraded"},
                        "426": _failure("Not an upgrade request"),
                    },
                },
            },
            "/spectate/{room_id}": {
                "parameters": [_ROOM],
                "get": {
                    "summary": "The spectator socket (WebSocket upgrade)",
                    "responses": {
                        "101": {"description": "Upgraded"},
                        "426": _failure("Not an upgrade request"),
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
    presence = dict.fromkeys(counts, _WHOLE)
    event = {
        "type": "object",
        "required": ["seq", "event_id", "type", "timestamp"],
        "properties": {
            "seq": _WHOLE,
            "event_id": _TEXT,
            "type": {"enum": sorted(EVENT_TYPES)},
            "timestamp": _TEXT,
        },
    }
    held = ("message_id", "spectator_id", "display_name", "author_state", "message", "timestamp", "rule")
    room = {"id": _TEXT, "name": _TEXT, "state": _TEXT, "features": {"type": "array", "items": _TEXT}}
    token = {
        "id": _TEXT,
        "scope": _TEXT,
        "room": _TEXT,
        "name": _TEXT,
        "created": _TEXT,
        "revoked": {"type": "boolean"},
    }
    settings["properties"] |= {"visibility": {"enum": [value.value for value in Visibility]}, "name": _TEXT}
    warnings = {"warnings": {"type": "array", "items": _TEXT, "description": "What will not do as it seems"}}
    created = _object(
        id=_TEXT,
        name=_TEXT,
        visibility=_TEXT,
        settings=_ref("Settings"),
        host_token=_TEXT,
        publish_token=_TEXT,
    )
    return {
        **parts,
        "Rehearsal": _object(
            dry_run={"type": "boolean"},
            since=_TEXT,
            events=_WHOLE,
            hidden=_COUNTS,
            shown=_COUNTS,
            reworded=_COUNTS,
            examples={
                "type": "array",
                "items": _object(event_id=_TEXT, before={"type": "object"}, after={"type": "object"}),
            },
            chat=_object(
                judged=_WHOLE,
                held=_WHOLE,
                refused=_WHOLE,
                rules=_COUNTS,
                examples={
                    "type": "array",
                    "items": _object(message_id=_TEXT, message=_TEXT, rule=_TEXT, detail=_TEXT, action=_TEXT),
                },
            ),
        ),
        "Settings": settings,
        "ChangedSettings": {**settings, "properties": {**settings["properties"], **warnings}},
        "Error": _object(
            code={"enum": [code.value for code in Code]},
            message=_TEXT,
            retry_after=_WHOLE,
            permanent={"type": "boolean"},
        ),
        "Room": _object(**room, spectators=_WHOLE, peak=_WHOLE),
        "RoomInfo": _object(
            **room,
            retention={"type": "object"},
            logging={"type": "boolean"},
            policy=_TEXT,
            presence=_object(room_id=_TEXT, **presence),
        ),
        "NewRoom": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": _TEXT,
                "name": _TEXT,
                "visibility": {"enum": [value.value for value in Visibility]},
                "preset": _TEXT,
                "settings": {"type": "object"},
            },
        },
        "CreatedRoom": {**created, "properties": {**created["properties"], **warnings}},
        "Event": event,
        "EventPage": _object(
            room_id=_TEXT,
            events={"type": "array", "items": _ref("Event")},
            after=_CURSOR,
            cursor=_CURSOR,
            more={"type": "boolean"},
        ),
        "BatchList": _object(
            room_id=_TEXT,
            batches={
                "type": "array",
                "items": _object(batch_id=_TEXT, count=_WHOLE, timestamp_range=_ref("TimestampRange")),
            },
            after=_CURSOR,
            cursor=_CURSOR,
            more={"type": "boolean"},
        ),
        "Batch": _object(
            room_id=_TEXT,
            batch_id=_TEXT,
            compression={"enum": ["gzip", "brotli"]},
            timestamp_range=_ref("TimestampRange"),
            events={"type": "array", "items": _ref("Event")},
            after=_CURSOR,
            cursor=_CURSOR,
        ),
        "TimestampRange": _object(start=_TEXT, end=_TEXT),
        "Report": _object(
            accepted=_WHOLE,
            duplicates=_WHOLE,
            hidden=_WHOLE,
            rejected={"type": "array", "items": _object(index=_WHOLE, code=_TEXT, message=_TEXT)},
            cursor=_CURSOR,
        ),
        "Held": {
            "type": "object",
            "required": list(held),
            "properties": {**dict.fromkeys(held, _TEXT), "reply_to": _TEXT},
        },
        "Decision": {
            "type": "object",
            "required": ["action", "message_id"],
            "properties": {"action": _TEXT, "message_id": _TEXT, "shown_as": _CURSOR},
        },
        "Token": {"type": "object", "required": ["id", "scope", "created", "revoked"], "properties": token},
        "NewToken": {
            "type": "object",
            "required": ["id", "scope", "created", "revoked", "token"],
            "properties": {**token, "token": _TEXT},
        },
    }


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _directory() -> dict[str, Any]:
    rooms = _list("rooms", "Room")
    regions = {"type": "array", "items": _object(name=_TEXT, url=_TEXT)}
    return {**rooms, "properties": {**rooms["properties"], "regions": regions}}


def _list(key: str, name: str) -> dict[str, Any]:
    return _object(**{key: {"type": "array", "items": _ref(name)}})


def _call(
    summary: str,
    answer: dict[str, Any] | None,
    *,
    status: str = "200",
    who: str = "",
    body: dict[str, Any] | None = None,
    query: dict[str, Any] | None = None,
    fails: tuple[int, ...] = (),
    also: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Describe one call; `who` with a `?` may also be nobody."""
    content = {"content": {"application/json": {"schema": answer}}} if answer else {}
    call: dict[str, Any] = {"summary": summary, "responses": {status: {"description": "Done", **content}}}
    for failed in fails:
        call["responses"][str(failed)] = _failure("Refused; the body says why")
    for other, schema in (also or {}).items():
        content = {"content": {"application/json": {"schema": _ref(schema)}}}
        call["responses"][other] = {"description": "Nothing of it was accepted", **content}
    if who:
        call["security"] = [{who.rstrip("?"): []}, *([{}] if who.endswith("?") else [])]
    if body:
        call["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if query:
        call["parameters"] = [
            {"name": name, "in": "query", "schema": schema} for name, schema in query.items()
        ]
    return call


def _failure(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _ref("Error")}}}
