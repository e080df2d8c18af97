"""What a relay says about the chat: envelopes for transcripts of the reducer, and for the screen."""

from __future__ import annotations

from typing import Any

from support.fake_relay import cursor, envelope

OPEN = {"slow_s": 0, "locked": False, "approval": False, "anonymous": True, "watch_s": 0, "shielded": False}
"""`room_info.chat` of a room where everybody may write."""


def said(number: int, name: str = "ken", text: str = "", **data: Any) -> dict[str, Any]:
    """Write the `number`th ordered message: something that is said, by a guest unless told otherwise."""
    fields = {
        "message_id": f"m{number}",
        "spectator_id": f"s-{name}",
        "display_name": name,
        "author_type": "spectator",
        "author_state": "anonymous",
        "message": text or f"words {number}",
        "timestamp": "2026-02-17T12:00:00Z",
        "reply_to": None,
        "after": cursor(number - 1),
        "cursor": cursor(number),
    }
    return envelope("spectator.chat_message", {**fields, **data})


def removed(number: int, reason: str = "deleted", **what: str) -> dict[str, Any]:
    """Write the `number`th ordered message: something is taken away."""
    place = {"after": cursor(number - 1), "cursor": cursor(number)}
    return envelope("spectator.chat_removed", {"room_id": "room", "reason": reason, **what, **place})


def notice(kind: str, **data: Any) -> dict[str, Any]:
    """Write a notice to one viewer."""
    return envelope("spectator.notice", {"kind": kind, **data})


def refusal(ref: str, code: str, message: str, retry_after: int = 0) -> dict[str, Any]:
    """Write why a request is not granted; `retry_after` in milliseconds."""
    data = {"code": code, "message": message, "retry_after": retry_after, "permanent": False, "ref": ref}
    return envelope("spectator.error", data)


def settings_changed(number: int, **rules: Any) -> dict[str, Any]:
    """Write the `number`th ordered message: the chat's rules are others, `OPEN` but for these."""
    place = {"after": cursor(number - 1), "cursor": cursor(number)}
    return notice("settings_changed", features=["chat"], chat={**OPEN, **rules}, **place)


def decided(ref: str, action: str, **line: Any) -> dict[str, Any]:
    """Write the line of the moderation log that an act became."""
    entry = {"id": "17", "at": "2026-02-17T12:00:00Z", "by": "maria", "undoable": False, **line}
    return envelope("moderation.decided", {**entry, "action": action, "ref": ref})
