"""The operator's keys for viewer tokens of other issuers: a shared secret, or public keys from file or URL.

Keys are held in memory, so that admission stays synchronous; a URL is fetched at start and again from time to
time. Asymmetric keys never verify a symmetric signature: each key names its algorithms.
"""

from __future__ import annotations

import contextlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import PyJWK

if TYPE_CHECKING:
    from pathlib import Path

    from jwt.types import Options

    from relay.config import AuthConfig

UNTIMED: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
"""PyJWT asks the system's clock; ours is passed in, so the times are judged by the caller."""
_RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512", "secp256k1": "ES256K"}
_ASYMMETRIC = frozenset([*_RSA, *_CURVES.values(), "EdDSA"])
_SYMMETRIC = ["HS256", "HS384", "HS512"]
REFRESH_S = 600.0
_log = logging.getLogger("relay.audience")


class BadKeys(ValueError):
    """The configured keys cannot be used; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class _Key:
    kid: str
    key: Any
    algorithms: list[str]


class KeyRing:
    """Verifies tokens of the configured issuer."""

    def __init__(self, config: AuthConfig) -> None:
        """Load what needs no network.

        Raises:
            BadKeys: If the key file cannot be read.
        """
        self._config = config
        self._keys: list[_Key] = []
        if config.secret is not None:
            self._keys.append(_Key("", config.secret.get_secret_value().encode(), _SYMMETRIC))
        if config.keys_file is not None:
            self._keys += _read_file(config.keys_file)
        self._fixed = len(self._keys)

    @property
    def url(self) -> str:
        """Where keys are fetched from; empty if they are not."""
        return self._config.keys_url

    async def fetch(self) -> None:
        """Get the keys at the configured URL; on failure the old ones stay, and the log says so."""
        try:
            async with httpx.AsyncClient(timeout=10, follow_redirects=False) as client:
                answer = await client.get(self.url)
                answer.raise_for_status()
                keys = _parse(answer.text)
        except httpx.HTTPStatusError as error:
            # Its own words repeat the address, which may hold a password.
            status = error.response.status_code
            _log.error("the keys for viewer tokens could not be fetched: answered with %d", status)
            return
        except (httpx.HTTPError, BadKeys) as error:
            _log.error("the keys for viewer tokens could not be fetched: %s", error)
            return
        self._keys[self._fixed :] = keys

    @property
    def leeway_s(self) -> int:
        """Clock skew allowed to the configured issuer, in seconds."""
        return self._config.leeway_s

    def decode(self, token: str) -> dict[str, Any]:
        """Verify signature, issuer and audience; the caller judges the times by its own clock.

        Raises:
            jwt.PyJWTError: If no key verifies it, or a claim does not hold.
        """
        kid = jwt.get_unverified_header(token).get("kid", "")
        failure: jwt.PyJWTError = jwt.InvalidTokenError("no key is configured")
        for key in self._keys:
            if kid and key.kid and kid != key.kid:
                continue
            try:
                return jwt.decode(
                    token,
                    key.key,
                    key.algorithms,
                    audience=self._config.audience or None,
                    issuer=self._config.issuer or None,
                    options={**UNTIMED, "verify_aud": bool(self._config.audience)},
                )
            except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError, jwt.InvalidKeyError) as error:
                failure = error
        raise failure


def _read_file(path: Path) -> list[_Key]:
    try:
        return _parse(path.read_text())
    except OSError as error:
        raise BadKeys(f"auth.keys_file: {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadKeys(f"auth.keys_file: {path} is not text; name a PEM or JSON file") from error
    except BadKeys as error:
        raise BadKeys(f"auth.keys_file: {path}: {error}") from error


def _parse(text: str) -> list[_Key]:
    keys = [_from_pem(text)] if "-----BEGIN" in text else _from_set(text)
    if not keys:
        raise BadKeys("it holds no key that can verify a signature")
    return keys


def _from_pem(text: str) -> _Key:
    try:
        key = load_pem_public_key(text.encode())
    except ValueError as error:
        raise BadKeys("it holds no usable public key in PEM form") from error
    if isinstance(key, RSAPublicKey):
        return _Key("", key, _RSA)
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return _Key("", key, [_CURVES[key.curve.name]])
    if isinstance(key, Ed25519PublicKey | Ed448PublicKey):
        return _Key("", key, ["EdDSA"])
    raise BadKeys("its key is of a kind that verifies no token")


def _from_set(text: str) -> list[_Key]:
    try:
        items = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadKeys("it holds neither a PEM public key nor a JSON Web Key Set") from error
    keys = []
    for item in items if isinstance(items, list) else []:
        # Sets hold keys for other uses too, and of kinds to come: those are passed over (RFC 7517, 5).
        with contextlib.suppress(jwt.PyJWTError, ValueError, TypeError, AttributeError):
            jwk = PyJWK.from_dict(item)
            if jwk.algorithm_name in _ASYMMETRIC and item.get("use", "sig") == "sig":
                keys.append(_Key(jwk.key_id or "", jwk.key, [jwk.algorithm_name]))
    return keys
