"""The entrance of everything a relay sends to those who moderate; as `intake`, and with its readers."""

from __future__ import annotations

from typing import Any

from clawtank_tui.state import intake
from clawtank_tui.state.desk import ChatRules, Entry, Held, Insider, Report, Sanction
from relay.protocol.times import parse_instant

REASON = 200
_REASONS = 5
_LONGEST_S = 10**10


def held(value: object, now_ms: int) -> Held | None:
    """Read a message that waits; None without an id."""
    raw = intake.obj(value)
    message_id = intake.key(raw.get("message_id"))
    if not message_id:
        return None
    return Held(
        message_id,
        intake.key(raw.get("spectator_id")),
        _name(raw),
        _said(raw),
        intake.instant(raw.get("timestamp"), now_ms),
        intake.text(raw.get("author_state"), intake.WORD) or "anonymous",
        intake.key(raw.get("reply_to")),
        intake.text(raw.get("rule"), intake.WORD),
        intake.text(raw.get("detail"), REASON),
        intake.number(raw.get("reports")) or 0,
    )


def report(value: object, now_ms: int) -> Report | None:
    """Read the reports on a message; None without an id."""
    raw = intake.obj(value)
    message_id = intake.key(raw.get("message_id"))
    if not message_id:
        return None
    reasons = (intake.text(reason, REASON) for reason in intake.items(raw.get("reasons"), _REASONS))
    return Report(
        message_id,
        intake.key(raw.get("spectator_id")),
        _name(raw),
        _said(raw),
        intake.instant(raw.get("timestamp"), now_ms),
        max(intake.number(raw.get("count")) or 0, 1),
        tuple(reason for reason in reasons if reason),
        raw.get("hidden") is True,
        intake.instant(raw.get("last_at"), now_ms),
    )


def sanction(value: object, now_ms: int) -> Sanction | None:
    """Read a ban or a mute; None for what is neither."""
    raw = intake.obj(value)
    kind = raw.get("kind")
    if kind not in ("ban", "mute"):
        return None
    until = raw.get("until")
    return Sanction(
        kind,
        intake.key(raw.get("spectator_id")),
        _name(raw),
        intake.text(raw.get("by"), intake.NAME),
        intake.text(raw.get("reason"), REASON),
        intake.instant(raw.get("made_at"), now_ms),
        parse_instant(until) if isinstance(until, str) else None,
        len(intake.items(raw.get("addresses"), 1000)),
    )


def entry(value: object, now_ms: int) -> Entry | None:
    """Read a line of the moderation log; None without an id or an action."""
    raw = intake.obj(value)
    entry_id, action = intake.key(raw.get("id")), intake.text(raw.get("action"), intake.WORD)
    if not entry_id or not action:
        return None
    return Entry(
        entry_id,
        intake.instant(raw.get("at"), now_ms),
        intake.text(raw.get("by"), intake.NAME) or "somebody",
        action,
        intake.key(raw.get("message_id")),
        intake.key(raw.get("spectator_id")),
        intake.text(raw.get("display_name"), intake.NAME),
        intake.number(raw.get("seconds"), _LONGEST_S),
        intake.text(raw.get("reason"), REASON),
        intake.text(raw.get("rule"), intake.WORD),
        intake.key(raw.get("undoes")),
        raw.get("undone") is True,
        raw.get("undoable") is True,
    )


def rules(value: object, before: ChatRules) -> ChatRules:
    """Read what holds in the chat; what is not told stays."""
    raw = intake.obj(value)

    def flag(name: str, otherwise: bool) -> bool:
        given = raw.get(name)
        return given if isinstance(given, bool) else otherwise

    def seconds(name: str, otherwise: int) -> int:
        given = intake.number(raw.get(name), _LONGEST_S)
        return otherwise if given is None else given

    return ChatRules(
        seconds("slow_s", before.slow_s),
        flag("locked", before.locked),
        flag("approval", before.approval),
        flag("anonymous", before.anonymous),
        seconds("watch_s", before.watch_s),
        flag("shielded", before.shielded),
    )


def insider(value: object) -> Insider:
    """Read who one is inside the room."""
    raw = intake.obj(value)
    return Insider(
        intake.key(raw.get("id")),
        intake.text(raw.get("role"), intake.WORD),
        intake.text(raw.get("display_name"), intake.NAME),
        intake.words(raw.get("capabilities")),
    )


def _name(raw: Any) -> str:
    return intake.text(raw.get("display_name"), intake.NAME) or "Anonymous Viewer"


def _said(raw: Any) -> str:
    return intake.text(raw.get("message"), intake.CHAT, multiline=True)
