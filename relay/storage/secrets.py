"""The data directory's own secrets: the relay's key, the operator's token, and where the relay listens.

Files of mode 0600, written whole and then renamed into place, so that a cut never leaves half a secret.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relay.storage.contract import StorageFailed

if TYPE_CHECKING:
    from pathlib import Path

_KEY = "relay.key"
_OPERATOR = "operator.token"
_ADDRESS = "relay.json"


def load_or_make(directory: Path) -> tuple[bytes, str]:
    """Return the relay's key (32 bytes) and the operator's token, making them at the first start.

    Raises:
        StorageFailed: If the directory cannot be read or written.
    """
    try:
        key = _read(directory / _KEY) or _write(directory / _KEY, secrets.token_hex(32))
        operator = _read(directory / _OPERATOR) or _write(
            directory / _OPERATOR, f"cto_{secrets.token_hex(5)}_{secrets.token_urlsafe(32)}"
        )
        return bytes.fromhex(key), operator
    except (OSError, ValueError) as error:
        raise StorageFailed(
            f"The secrets in {directory} cannot be used: {error}. Check its permissions and free space."
        ) from error


@dataclass(frozen=True, slots=True)
class LocalRelay:
    """A relay of this machine.

    Attributes:
        url: Where it listens.
        operator_token: What it takes for everything.
        certificate: Its own TLS certificate, to be trusted by commands on this machine; empty without TLS.
    """

    url: str
    operator_token: str = field(repr=False)
    certificate: str = ""


def write_address(directory: Path, url: str, certificate: str) -> None:
    """Note where the relay listens, so that commands on this machine find it by themselves."""
    _write(directory / _ADDRESS, json.dumps({"url": url, "certificate": certificate}))


def remove_address(directory: Path) -> None:
    """Forget where the relay listened."""
    (directory / _ADDRESS).unlink(missing_ok=True)


def read_local(directory: Path) -> LocalRelay | None:
    """Return the relay that serves a data directory; None if none does."""
    address, operator = _read(directory / _ADDRESS), _read(directory / _OPERATOR)
    if not address or not operator:
        return None
    try:
        found = json.loads(address)
        return LocalRelay(str(found["url"]), operator, str(found["certificate"]))
    except (ValueError, KeyError, TypeError):
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _write(path: Path, text: str) -> str:
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    return text
