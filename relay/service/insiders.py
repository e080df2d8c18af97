"""The people inside a room who look out at its spectators: participants, moderators, the host.

Who somebody is, is said by the token the host gave them. They take no seat and are not counted as viewers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relay.chat.channel import Author, AuthorType
from relay.chat.integration import Role
from relay.rooms.admission import ViewerState
from relay.service.tokens import MADE_WITH_ROOM, Scope

if TYPE_CHECKING:
    from relay.audience.identity import Identities
    from relay.service.tokens import Tokens

OPERATOR = "operator"
_ROLES = {Scope.PARTICIPATE: Role.PARTICIPANT, Scope.MODERATE: Role.MODERATOR, Scope.HOST: Role.HOST}


@dataclass(frozen=True, slots=True)
class Insider:
    """Somebody inside a room.

    Attributes:
        role: What they are there for.
        name: What spectators see them as.
        token_id: Of the token they showed; empty for the operator's.
    """

    role: Role
    name: str
    token_id: str = ""

    @property
    def signature(self) -> str:
        """What the moderation log calls them."""
        return self.name if self.token_id else OPERATOR

    def author(self, room_id: str, identities: Identities) -> Author:
        """Return who this is to spectators. A moderator answers as a participant: the host is the host."""
        kind = AuthorType.HOST if self.role is Role.HOST else AuthorType.PARTICIPANT
        key = identities.keyed(room_id, f"insider\0{self.token_id}")
        return Author(f"{kind.value}_{key[:16]}", self.name, ViewerState.REGISTERED, kind)


def identify(tokens: Tokens, presented: str, room_id: str) -> Insider | None:
    """Return who presents a token at a room's inner door; None for a token that does not open it."""
    if tokens.is_operator(presented):
        return Insider(Role.HOST, _title(Role.HOST))
    token = tokens.grant(presented)
    if token is None or token.room != room_id or token.scope not in _ROLES:
        return None
    role = _ROLES[token.scope]
    name = token.name if token.name != MADE_WITH_ROOM else ""
    return Insider(role, name or _title(role), token.id)


def _title(role: Role) -> str:
    return role.value.capitalize()
