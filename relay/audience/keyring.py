"""The operator's keys for viewer tokens of other issuers: a shared secret, or public keys from file or URL.

Keys are held in memory, so that admission stays synchronous; a URL is fetched at start and again from time to
time. Asymmetric keys never verify a symmetric signature: each key names its algorithms.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import PyJWK

if TYPE_CHECKING:
    from pathlib import Path

    from relay.config import AuthConfig

_ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
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
        except (httpx.HTTPError, BadKeys) as error:
            _log.error("the keys for viewer tokens could not be fetched: %s", error)
            return
        self._keys[self._fixed :] = keys

    def decode(self, token: str) -> dict[str, Any]:
        """Verify signature, issuer, audience and times (with the configured clock skew).

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
                    leeway=self._config.leeway_s,
                    options={"verify_aud": bool(self._config.audience), "require": ["exp"]},
                )
            except jwt.InvalidSignatureError as error:
                failure = error
            except jwt.InvalidAlgorithmError as error:
                failure = error
        raise failure


def _read_file(path: Path) -> list[_Key]:
    try:
        text = path.read_text()
    except OSError as error:
        raise BadKeys(f"auth.keys_file: {path} cannot be read: {error.strerror}") from error
    try:
        return _parse(text)
    except BadKeys as error:
        raise BadKeys(f"auth.keys_file: {path}: {error}") from error


def _parse(text: str) -> list[_Key]:
    if "-----BEGIN" in text:
        try:
            key = load_pem_public_key(text.encode())
        except ValueError as error:
            raise BadKeys("it holds no usable public key in PEM form") from error
        return [_Key("", key, _ASYMMETRIC)]
    try:
        items = json.loads(text)["keys"]
        found = [PyJWK.from_dict(item) for item in items]
    except (ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
        raise BadKeys("it holds neither a PEM public key nor a JSON Web Key Set") from error
    return [
        _Key(jwk.key_id or "", jwk.key, [jwk.algorithm_name])
        for jwk in found
        if jwk.algorithm_name in _ASYMMETRIC
    ]
