"""What `GET /openapi.json` says of the calls of moderators."""

from __future__ import annotations

from typing import Any

from relay.chat.acts import MAX_SECONDS
from relay.chat.entries import HIDE, IMPORT
from relay.chat.sanctions import SanctionKind
from relay.gateway.describing import CURSOR, ROOM, TEXT, WHOLE, array, call, fields, listed, ref
from relay.protocol.moderation import MAX_TARGETS, Action

_FLAG = {"type": "boolean"}
_TIME = {"type": "string", "format": "date-time"}
_TIME_OR_NEVER = {**_TIME, "type": ["string", "null"]}
_IDS = {**array(TEXT), "maxItems": MAX_TARGETS}
_WHOM = {"message_id": TEXT, "spectator_id": TEXT}


def paths() -> dict[str, Any]:
    """Return the calls by their paths."""
    who = "moderate"
    return {
        "/rooms/{room_id}/moderation": {
            "parameters": [ROOM],
            "post": call(
                "Act as a moderator, upon one message or viewer, a list of either, or the room",
                {"anyOf": [ref("ModerationAct"), ref("ModerationActs")]},
                who=who,
                body=ref("NewModerationAct"),
                fails=(400, 401, 403, 404, 500),
            ),
        },
        "/rooms/{room_id}/moderation/queue": _list("Read what waits for a moderator", listed("held", "Held")),
        "/rooms/{room_id}/moderation/reports": _list(
            "Read what viewers reported", listed("reports", "ReportedMessage")
        ),
        "/rooms/{room_id}/moderation/log": {
            "parameters": [ROOM],
            "get": call(
                "Read what was done, newest first",
                fields(acts=array(ref("ModerationAct")), more=_FLAG),
                who=who,
                query={"before": WHOLE, "limit": {**WHOLE, "minimum": 1, "maximum": 200}},
                fails=(400, 401, 403, 404),
            ),
        },
        "/rooms/{room_id}/moderation/bans": {
            **_list("Read who is banned or muted", ref("Sanctions")),
            "post": call(
                "Bring in bans and mutes that were read from this room",
                fields(imported=WHOLE, known=WHOLE),
                who=who,
                body=ref("Sanctions"),
                fails=(400, 401, 403, 404, 500),
            ),
        },
    }


def schemas() -> dict[str, Any]:
    """Return the shapes that the calls take and answer with, by name."""
    held = ("message_id", "spectator_id", "display_name", "author_state", "message", "rule")
    message = ("message_id", "spectator_id", "display_name", "author_type", "author_state", "message")
    return {
        "NewModerationAct": {
            "type": "object",
            "required": ["action"],
            "properties": {
                "action": {"enum": list(Action)},
                **_WHOM,
                "message_ids": _IDS,
                "spectator_ids": _IDS,
                "seconds": {**WHOLE, "minimum": 0, "maximum": MAX_SECONDS, "description": "0 is for good"},
                "reason": TEXT,
                "entry": {**TEXT, "description": "For undo: a line of the log by its id"},
            },
        },
        "ModerationAct": _some(
            fields(id=TEXT, at=_TIME, by=TEXT, action={"enum": [*Action, HIDE, IMPORT]}, undoable=_FLAG),
            **_WHOM,
            display_name=TEXT,
            seconds=WHOLE,
            until=_TIME_OR_NEVER,
            reason=TEXT,
            rule=TEXT,
            shown_as=CURSOR,
            undoes=TEXT,
            undone=_FLAG,
        ),
        "ModerationActs": fields(
            acts=array(ref("ModerationAct")),
            failed=array({"allOf": [ref("Error"), {"type": "object", "properties": _WHOM}]}),
        ),
        "Held": _some(
            fields(**dict.fromkeys(held, TEXT), timestamp=_TIME),
            reply_to=TEXT,
            detail={**TEXT, "description": "What the rule saw"},
        ),
        "ReportedMessage": fields(
            **dict.fromkeys(message, TEXT),
            timestamp=_TIME,
            count={**WHOLE, "description": "How many viewers"},
            reasons=array(TEXT),
            hidden=_FLAG,
            first_at=_TIME,
            last_at=_TIME,
        ),
        "Sanctions": fields(bans=array(ref("Sanction")), mutes=array(ref("Sanction"))),
        "Sanction": _some(
            fields(
                kind={"enum": list(SanctionKind)},
                spectator_id=TEXT,
                display_name=TEXT,
                by=TEXT,
                reason=TEXT,
                made_at=_TIME,
                until=_TIME_OR_NEVER,
                addresses={**array(TEXT), "description": "Keyed digests; no address is kept"},
                addresses_until=_TIME_OR_NEVER,
            ),
            also={**array(TEXT), "description": "Other ids of the same viewer"},
        ),
    }


def _some(shape: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """Return an object's shape with fields that it may have besides."""
    return {**shape, "properties": {**shape["properties"], **optional}}


def _list(summary: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {"parameters": [ROOM], "get": call(summary, answer, who="moderate", fails=(401, 403, 404))}
