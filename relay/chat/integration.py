"""What the people inside a room get of its spectators' chat: the host's integration level.

Spec: Chat Integration Options. Isolated: participants get nothing. Visible: they read. Interactive: they
answer. Moderators and hosts read at any level, because they judge what is said (INTEG-1); they too answer
only where the chat is interactive.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from relay.protocol.errors import Code, Refused
from relay.rooms.settings import Integration

if TYPE_CHECKING:
    from relay.rooms.settings import SpectatorChatSettings


class Role(StrEnum):
    """What somebody inside the room is there for."""

    PARTICIPANT = "participant"
    MODERATOR = "moderator"
    HOST = "host"

    @property
    def moderates(self) -> bool:
        """Whether it sees and decides what is held."""
        return self is not Role.PARTICIPANT


def reads(settings: SpectatorChatSettings, role: Role) -> bool:
    """Say whether somebody of this role is sent what spectators say."""
    return role.moderates or settings.integration is not Integration.ISOLATED


def may_answer(settings: SpectatorChatSettings, room_state: str) -> Refused | None:
    """Judge whether somebody inside the room may write to its spectators."""
    if not settings.enabled or room_state == "completed":
        return Refused(Code.CHAT_DISABLED)
    if settings.integration is not Integration.INTERACTIVE:
        return Refused(
            Code.FEATURE_DISABLED,
            f"The spectator chat is {settings.integration.value} here: it takes no answers."
            " The host can set spectatorChat.integration to interactive.",
        )
    return None
