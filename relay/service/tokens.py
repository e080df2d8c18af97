"""Tokens of rooms, and the operator's: stored hashed, compared in constant time, never logged."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from relay.protocol.times import format_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relay.clock import Clock
    from relay.storage.contract import StateStore

_BUCKET = "tokens"


class Scope(StrEnum):
    """What a token is for."""

    PUBLISH = "publish"
    PARTICIPATE = "participate"
    MODERATE = "moderate"
    HOST = "host"
    VIEWER = "viewer"

    def opens(self, wanted: Scope) -> bool:
        """Say whether a token of this scope is good for a call of another: a host may moderate."""
        return self is wanted or (self is Scope.HOST and wanted is Scope.MODERATE)


ROOM_SCOPES = tuple(scope for scope in Scope if scope is not Scope.VIEWER)
"""What a room's own tokens can be for."""
MADE_WITH_ROOM = "made with the room"
"""The name of the tokens that nobody has given a name."""
_MARKS = {Scope.PUBLISH: "p", Scope.PARTICIPATE: "i", Scope.MODERATE: "m", Scope.HOST: "h", Scope.VIEWER: "v"}
"""The letter by which people tell tokens apart."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept; the secret itself is not.

    Attributes:
        id: Names it in lists; part of the token itself.
        room: The room it is for; empty for viewer tokens, which are good for all.
        name: Whom it was made for.
        digest: SHA-256 of the whole token; empty for viewer tokens, which are signed.
    """

    id: str
    scope: Scope
    room: str
    name: str
    digest: str
    created_ms: int
    revoked: bool = False

    def public(self) -> dict[str, Any]:
        """Return what a list of tokens shows."""
        return {
            "id": self.id,
            "scope": self.scope.value,
            **({"room": self.room} if self.room else {}),
            **({"name": self.name} if self.name else {}),
            "created": format_ms(self.created_ms),
            "revoked": self.revoked,
        }


class Tokens:
    """Every token of a relay, in memory; each change is committed before it is answered."""

    def __init__(self, store: StateStore, clock: Clock, operator: str) -> None:
        """Bind the store; call `load` before use.

        Args:
            store: Where tokens are kept.
            clock: For their dates.
            operator: The operator's token, in clear; it lives in a file of the data directory.
        """
        self._store = store
        self._clock = clock
        self._operator = _digest(operator)
        self._tokens: dict[str, Token] = {}

    async def load(self) -> None:
        """Read what earlier runs made."""
        for key, document in (await self._store.load(_BUCKET)).items():
            self._tokens[key] = _token(document)

    def is_operator(self, presented: str) -> bool:
        """Say whether a presented token is the operator's."""
        return hmac.compare_digest(_digest(presented), self._operator)

    def grant(self, presented: str) -> Token | None:
        """Return the room token that was presented, or None."""
        token = self._tokens.get(presented.split("_")[1] if presented.count("_") >= 2 else "")
        # A digest is compared even for an unknown id, so that time tells nothing.
        known = hmac.compare_digest(_digest(presented), token.digest if token and token.digest else "-" * 64)
        return token if token and known and not token.revoked else None

    def revoked(self, token_id: str) -> bool:
        """Say whether a viewer token was revoked."""
        token = self._tokens.get(token_id)
        return token is not None and token.revoked

    async def create(self, scope: Scope, room: str, name: str) -> tuple[Token, str]:
        """Make a room token; return it and its text, which is never shown again."""
        token_id = self._new_id()
        text = f"ct{_MARKS[scope]}_{token_id}_{secrets.token_urlsafe(24)}"
        token = Token(token_id, scope, room, name, _digest(text), self._clock.now_ms())
        await self._save(token)
        return token, text

    async def register_viewer(self, name: str) -> Token:
        """Note a viewer token, so that it can be listed and revoked."""
        token = Token(self._new_id(), Scope.VIEWER, "", name, "", self._clock.now_ms())
        await self._save(token)
        return token

    async def revoke(self, token_id: str, room: str | None = None) -> Token | None:
        """Revoke a token (of a room, if named); None if there is none of this id."""
        token = self._tokens.get(token_id)
        if token is None or (room is not None and token.room != room):
            return None
        revoked = replace(token, revoked=True)
        await self._save(revoked)
        return revoked

    def list(self, room: str | None = None) -> list[Token]:
        """Return the tokens (of a room, if named), oldest first."""
        chosen = [token for token in self._tokens.values() if room is None or token.room == room]
        return sorted(chosen, key=lambda token: token.created_ms)

    async def _save(self, token: Token) -> None:
        await self._store.put(_BUCKET, token.id, asdict(token))
        self._tokens[token.id] = token

    def _new_id(self) -> str:
        # No underscore: it separates the parts of a token.
        return secrets.token_hex(5)


def _token(document: Mapping[str, Any]) -> Token:
    return Token(**{**document, "scope": Scope(document["scope"])})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
