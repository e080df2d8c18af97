"""What moderators do, as it is asked for: read and checked, not carried out.

One request names one act, upon one message, one viewer, or a list of either; a list is as many acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relay.protocol.errors import Code, Refused
from relay.protocol.moderation import MAX_TARGETS, UPON_MESSAGES, UPON_VIEWERS, Action
from relay.screen.clean import clean

MAX_REASON = 200
MAX_SECONDS = 10 * 365 * 86_400
MUTE_S, SLOW_S = 600, 30
"""How long somebody is muted, and how slow the chat becomes, unless it is said."""


_TIMED = {Action.MUTE: MUTE_S, Action.BAN: 0, Action.SLOW: SLOW_S}
"""Seconds unless they are said; 0 is for good, or off."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act.

    Attributes:
        action: What is to be done.
        message_id: Upon which message, or upon the author of which.
        spectator_id: Upon which viewer.
        seconds: For how long, or how slow; 0 is for good, or off.
        reason: What the viewer concerned is told, and the log keeps.
        entry: The line of the log to undo.
    """

    action: Action
    message_id: str = ""
    spectator_id: str = ""
    seconds: int = 0
    reason: str = ""
    entry: str = ""

    @property
    def target(self) -> dict[str, str]:
        """What it is upon, as a request names it; nothing where it is upon the whole room."""
        if self.message_id:
            return {"message_id": self.message_id}
        return {"spectator_id": self.spectator_id} if self.spectator_id else {}


def read_acts(data: Mapping[str, Any]) -> list[Act] | Refused:
    """Read what is asked for; nothing of it is done if any of it is wrong."""
    asked = data.get("action")
    if asked not in list(Action):
        return _wrong(f"action: must be one of {', '.join(Action)}.")
    action = Action(asked)
    reason, seconds, entry = data.get("reason", ""), data.get("seconds"), data.get("entry", "")
    if not isinstance(reason, str):
        return _wrong("reason: must be text.")
    if seconds is not None and (type(seconds) is not int or not 0 <= seconds <= MAX_SECONDS):
        return _wrong(f"seconds: must be a whole number from 0 to {MAX_SECONDS}; 0 is for good.")
    if action is Action.SLOW and seconds is not None and seconds > 3600:
        return _wrong("seconds: must be a whole number from 0 to 3600; 0 turns slow mode off.")
    if not isinstance(entry, str) or (entry == "") == (action is Action.UNDO):
        return _wrong("entry: undo, and only undo, names a line of the moderation log by its id.")
    targets = _targets(action, data)
    if isinstance(targets, Refused):
        return targets
    during = _TIMED.get(action, 0) if seconds is None else seconds
    shown = clean(reason, MAX_REASON).strip()
    return [Act(action, message, viewer, during, shown, entry) for message, viewer in targets]


def _targets(action: Action, data: Mapping[str, Any]) -> list[tuple[str, str]] | Refused:
    """Return (message_id, spectator_id) of each target; one of nothing for what has none."""
    messages = _listed(data, "message_id", "message_ids")
    if isinstance(messages, Refused):
        return messages
    viewers = _listed(data, "spectator_id", "spectator_ids")
    if isinstance(viewers, Refused):
        return viewers
    if action not in UPON_MESSAGES | UPON_VIEWERS:
        return (
            _wrong(f"{action}: is for the whole room; name no message and no viewer.")
            if (messages or viewers)
            else [("", "")]
        )
    if action in UPON_MESSAGES and (viewers or not messages):
        return _wrong(f"message_id: {action} needs a message, as queue, reports or chat name it.")
    if bool(messages) == bool(viewers):
        return _wrong(f"spectator_id: {action} needs a viewer, or message_id: one of their messages.")
    if len(messages) + len(viewers) > MAX_TARGETS:
        return _wrong(f"message_ids, spectator_ids: {MAX_TARGETS} at once at most.")
    return [(message, "") for message in messages] + [("", viewer) for viewer in viewers]


def _listed(data: Mapping[str, Any], one: str, many: str) -> list[str] | Refused:
    single, several = data.get(one), data.get(many, [])
    if single is not None and not isinstance(single, str):
        return _wrong(f"{one}: must be text.")
    if not isinstance(several, list) or not all(isinstance(name, str) for name in several):
        return _wrong(f"{many}: must be a list of texts.")
    return list(dict.fromkeys([*([single] if single else []), *several]))


def _wrong(why: str) -> Refused:
    return Refused(Code.INVALID_MESSAGE, why)
