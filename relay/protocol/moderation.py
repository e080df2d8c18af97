"""The words of moderation on the wire: what can be done, and upon what. Shared by relay, shell and console.

Spec: Moderation Features (MOD-6).
"""

from __future__ import annotations

from enum import StrEnum

MAX_TARGETS = 200
"""Messages or viewers of one request."""


class Action(StrEnum):
    """Everything a moderator can do."""

    APPROVE = "approve"
    REJECT = "reject"
    DELETE = "delete"
    DELETE_ALL = "delete_all"
    WARN = "warn"
    MUTE = "mute"
    UNMUTE = "unmute"
    BAN = "ban"
    UNBAN = "unban"
    SLOW = "slow"
    LOCK = "lock"
    UNLOCK = "unlock"
    SHIELD = "shield"
    UNSHIELD = "unshield"
    UNDO = "undo"


UPON_MESSAGES = frozenset({Action.APPROVE, Action.REJECT, Action.DELETE})
UPON_VIEWERS = frozenset(
    {Action.DELETE_ALL, Action.WARN, Action.MUTE, Action.UNMUTE, Action.BAN, Action.UNBAN}
)
"""These name a viewer, or one of its messages."""
