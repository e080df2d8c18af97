"""Who a viewer is: anonymous, registered or verified, proved by a signed token or not claimed at all.

Spec: Authentication. A token that is wrong, expired or revoked is refused and never quietly made anonymous
(AUTH-7). Anonymous viewers keep their id by a *resume token*: self-contained, signed by this relay, a
fresh one with every welcome. Ids shown to others are keyed by room, so that they cannot be joined across
rooms and are no credential (CHAT-14).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

from relay.audience.keyring import UNTIMED
from relay.protocol.envelope import encode_json
from relay.protocol.errors import Code, Refused
from relay.protocol.text import one_line
from relay.screen.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from relay.audience.keyring import KeyRing
    from relay.clock import Clock

RESUME_S = 24 * 3600
"""How long a resume token is good for."""
NAME_LENGTH = 40
_ISSUER = "clawtank-relay"
_VIEWER = "clawtank-viewer"
_RESUME = "clawtank-resume"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who watches.

    Attributes:
        subject: Who it is, relay-wide; nobody else ever sees it.
        state: anonymous, registered or verified.
        name: The account's name; empty for anonymous viewers.
        token_id: Id of the token that proved it, so that revoking it ends the connection; may be empty.
        expires_s: When that token ends, seconds since the Unix epoch; 0 for never.
        resumed: It came back with a resume token of this room.
        since_ms: Since when the room has known it, as it can show; 0 if it cannot.
        moderates: It may moderate the room.
    """

    subject: str
    state: str
    name: str = ""
    token_id: str = ""
    expires_s: int = 0
    resumed: bool = False
    since_ms: int = 0
    moderates: bool = False


NOBODY = Viewer("", "anonymous")
"""Whoever shows nothing, where nobody has to be told apart."""


class Identities:
    """Mints and reads tokens, and derives the ids that rooms see."""

    def __init__(self, secret: bytes, keys: KeyRing, revoked: Callable[[str], bool], clock: Clock) -> None:
        """Derive one key per use from the relay's secret.

        Args:
            secret: 32 random bytes that belong to the data directory.
            keys: What the operator configured for tokens of other issuers.
            revoked: Says whether a token id was revoked.
            clock: For expiry.
        """
        self._viewer_key = _derive(secret, "viewer")
        self._resume_key = _derive(secret, "resume")
        self._id_key = _derive(secret, "id")
        self._keys = keys
        self._revoked = revoked
        self._clock = clock

    def anonymous(self) -> Viewer:
        """Return a viewer nobody knows: 128 random bits."""
        return Viewer("a:" + secrets.token_urlsafe(16), "anonymous")

    def spectator_id(self, room_id: str, viewer: Viewer) -> str:
        """Return the id that this room sees: the same at each visit, unrelated in any other room."""
        digest = hmac.digest(
            self._id_key, f"{room_id}\0{viewer.subject}".encode(errors="surrogatepass"), "sha256"
        )
        prefix = "mod" if viewer.moderates else "anon" if viewer.state == "anonymous" else "user"
        return f"{prefix}_{base64.b32encode(digest[:10]).decode().lower()}"

    def keyed(self, room_id: str, what: str) -> str:
        """Return a keyed digest that is stored in place of something that must not be."""
        return hmac.digest(self._id_key, f"{room_id}\1{what}".encode(errors="surrogatepass"), "sha256")[
            :16
        ].hex()

    def mint_viewer(self, name: str, *, verified: bool, token_id: str, lifetime_s: int) -> str:
        """Return a viewer token of this relay's own."""
        now_s = self._clock.now_ms() // 1000
        claims = {
            "iss": _ISSUER,
            "aud": _VIEWER,
            "sub": token_id,
            "name": name,
            "verified": verified,
            "jti": token_id,
            "iat": now_s,
            "exp": now_s + lifetime_s,
        }
        return jwt.encode(claims, self._viewer_key, "HS256")

    def mint_resume(self, room_id: str, viewer: Viewer, display_name: str) -> str:
        """Return the token with which this viewer keeps id and seat."""
        now_s = self._clock.now_ms() // 1000
        claims = {
            "aud": _RESUME,
            "room": room_id,
            "sub": viewer.subject,
            "st": viewer.state,
            "name": viewer.name or display_name,
            "jti": viewer.token_id,
            "tx": viewer.expires_s,
            "fs": viewer.since_ms,
            **({"mod": True} if viewer.moderates else {}),
            "exp": now_s + RESUME_S,
        }
        return _signed(claims, self._resume_key)

    def read(self, token: str, room_id: str) -> Viewer | Refused:
        """Read a viewer token (ours, or one of the configured issuer) or a resume token of this room."""
        if not token.isascii():
            return Refused(Code.AUTH_INVALID)
        try:
            claims = self._claims(token)
            leeway_s = 0 if claims.get("aud") in (_RESUME, _VIEWER) else self._keys.leeway_s
            problem = _time_problem(claims, self._clock.now_ms() / 1000, leeway_s)
        except jwt.PyJWTError:
            return Refused(Code.AUTH_INVALID)
        if problem:
            return Refused(Code.AUTH_INVALID, problem)
        if claims.get("aud") == _RESUME:
            return self._resumed(claims, room_id)
        token_id = str(claims.get("jti") or "")
        if token_id and self._revoked(token_id):
            return Refused(Code.AUTH_INVALID, "The token was revoked. Ask for a new one.")
        subject, name = claims.get("sub"), claims.get("name") or claims.get("preferred_username")
        if not isinstance(subject, str) or not subject:
            return Refused(Code.AUTH_INVALID, "The token names no subject (sub). Ask for a new one.")
        return Viewer(
            subject=f"u:{claims.get('iss', '')}:{subject}",
            state="verified" if claims.get("verified") is True else "registered",
            name=clean_name(name if isinstance(name, str) else "") or "viewer",
            token_id=token_id,
            expires_s=int(claims["exp"]) + leeway_s,
        )

    def _resumed(self, claims: dict[str, Any], room_id: str) -> Viewer | Refused:
        if claims["room"] != room_id:
            return Refused(Code.AUTH_INVALID, "The resume token belongs to another room. Connect without it.")
        expires_s, now_s = int(claims["tx"]), self._clock.now_ms() // 1000
        if expires_s and expires_s <= now_s:
            return Refused(Code.AUTH_INVALID, "The token has expired. Ask for a new one.")
        if claims["jti"] and self._revoked(claims["jti"]):
            return Refused(Code.AUTH_INVALID, "The token was revoked. Ask for a new one.")
        return Viewer(
            claims["sub"],
            claims["st"],
            claims["name"],
            claims["jti"],
            expires_s,
            resumed=True,
            since_ms=claims.get("fs", 0),
            moderates=claims.get("mod", False),
        )

    def _claims(self, token: str) -> dict[str, Any]:
        """Verify a token with the one key its header and audience point to.

        Raises:
            jwt.PyJWTError: If no key verifies it, or a claim does not hold.
        """
        unverified = jwt.decode(token, options={"verify_signature": False})
        audience = unverified.get("aud")
        if audience == _RESUME:
            return jwt.decode(token, self._resume_key, ["HS256"], audience=_RESUME, options=UNTIMED)
        if audience == _VIEWER and unverified.get("iss") == _ISSUER:
            return jwt.decode(
                token, self._viewer_key, ["HS256"], audience=_VIEWER, issuer=_ISSUER, options=UNTIMED
            )
        return self._keys.decode(token)


def clean_name(name: str) -> str:
    """Return a display name that is one clean line of at most `NAME_LENGTH` characters; may be empty.

    Everybody reads it: where a sign-in gives a person's e-mail address for a name, the address stays private.
    """
    return " ".join(one_line(clean(name, NAME_LENGTH)).split())


def _time_problem(claims: dict[str, Any], now_s: float, leeway_s: int) -> str:
    """Judge a token's times by our own clock; return what is wrong, or nothing."""
    times = {name: claims.get(name) for name in ("exp", "nbf", "iat")}
    if any(isinstance(at, bool) or not isinstance(at, int | float | None) for at in times.values()):
        return "The token's times cannot be read. Ask for a new one."
    expires_s = times["exp"]
    if expires_s is None or not math.isfinite(expires_s):
        return "The token does not say when it expires. Ask for one that does."
    if expires_s <= now_s - leeway_s:
        return "The token has expired. Ask for a new one."
    if any(at is not None and at > now_s + leeway_s for at in (times["nbf"], times["iat"])):
        return "The token is not valid yet. Check the clocks of this relay and of whoever made it."
    return ""


def _signed(claims: Mapping[str, Any], key: bytes) -> str:
    """Return a JSON Web Token, RFC 7519, as `jwt.encode` makes it with HS256.

    By hand: the library judges header and key anew for each token, and every welcome brings one.
    """
    said = _HEAD + b"." + _base64url(encode_json(claims))
    return (said + b"." + _base64url(hmac.digest(key, said, "sha256"))).decode()


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


_HEAD = _base64url(b'{"alg":"HS256","typ":"JWT"}')


def _derive(secret: bytes, use: str) -> bytes:
    return hmac.digest(secret, f"clawtank/{use}".encode(), hashlib.sha256)
