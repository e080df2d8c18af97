"""The relay of this machine, found by its data directory: where it listens, and the operator's token.

The directory and its files (`relay.json`, `operator.token`) are the relay's; the client only reads them, so
that `clawtank host` needs no flags where `clawtank-relay serve` runs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

_MAX_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class LocalRelay:
    """A relay that serves a data directory of this machine.

    Attributes:
        url: Where it listens.
        token: The operator's.
        certificate: Its own TLS certificate; None without TLS.
    """

    url: str
    token: str = field(repr=False)
    certificate: Path | None = None


def default_directory() -> Path:
    """Return where a relay of this user keeps its data unless told otherwise."""
    from platformdirs import user_data_path

    return user_data_path("clawtank", appauthor=False)


def find(directory: Path) -> LocalRelay | None:
    """Return the relay that serves a directory; None if none does, or it is not this user's to read."""
    try:
        token = _read(directory / "operator.token").strip()
        told = json.loads(_read(directory / "relay.json"))
        url, certificate = told["url"], told["certificate"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not token or not isinstance(url, str) or not isinstance(certificate, str):
        return None
    return LocalRelay(url, token, Path(certificate) if certificate else None)


def _read(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(_MAX_FILE)
