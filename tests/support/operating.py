"""A room of a running relay with the keys to it, and the operator's command line."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from support.clients import Api, Viewer, watching
from support.relay_process import RelayProcess, relay_environment

COMMAND_S = 30.0
"""How long a command may take before a test calls it hung."""


@dataclass(frozen=True)
class Room:
    """One room.

    Attributes:
        api: The relay's calls, made by the operator unless a token says otherwise.
    """

    id: str
    relay: RelayProcess
    api: Api
    host_token: str
    publish_token: str

    def publish(self, *events: Mapping[str, Any]) -> dict[str, Any]:
        """Publish events, all of which must be taken; return the report."""
        return self.api.publish(self.id, self.publish_token, *events)

    def offer(self, *events: Any) -> dict[str, Any]:
        """Publish events in one array, whatever becomes of each; return the report."""
        report: dict[str, Any] = self.post(json.dumps(list(events)).encode()).json()
        return report

    def post(self, body: bytes, *, token: str | None = None) -> httpx.Response:
        """Post a body to the room's events as it is."""
        path = f"/rooms/{self.id}/events"
        return self.api.answer("POST", path, token=token or self.publish_token, content=body)

    def history(self, **query: Any) -> list[dict[str, Any]]:
        """Return the room's events as HTTP gives them."""
        return self.api.history(self.id, **query)

    def set(self, **patch: Any) -> dict[str, Any]:
        """Change settings as the host."""
        settings: dict[str, Any] = self.api.call(
            "PATCH", f"/rooms/{self.id}/settings", token=self.host_token, json=patch
        )
        return settings

    def watch(self, **how: Any) -> AbstractAsyncContextManager[Viewer]:
        """Open a spectator connection; the arguments are those of `watching`."""
        return watching(self.relay.url, self.id, **how)


def open_room(relay: RelayProcess, api: Api, **settings: Any) -> Room:
    """Create a room with a name that no other test uses."""
    made = api.create_room(f"room_{secrets.token_hex(4)}", **settings)
    return Room(made["id"], relay, api, made["host_token"], made["publish_token"])


def operate(
    *words: str,
    data: Path | None = None,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout_s: float = COMMAND_S,
) -> subprocess.CompletedProcess[str]:
    """Run `clawtank-relay` to its end, over a data directory if one is given."""
    environment = relay_environment({}) | ({"CLAWTANK_RELAY_DATA": str(data)} if data else {})
    done = subprocess.run(
        [sys.executable, "-m", "relay.cli", *words],
        input=stdin,
        capture_output=True,
        env=environment | {"PYTHONWARNINGS": "error"} | dict(env or {}),
        timeout=timeout_s,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")
    )


def is_plain_refusal(text: str) -> bool:
    """Say whether what a command wrote is one sentence or few, for people: no trace, no Python."""
    lines = text.strip().splitlines()
    return 0 < len(lines) <= 3 and all(word not in text for word in ("Traceback", 'File "', "Error:"))
