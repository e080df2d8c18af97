"""What an operator does from a shell, and what publishers send that no client of ours would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.relay_process import relay_environment

if TYPE_CHECKING:
    import httpx

    from support.clients import Api
    from support.rooms import Room

COMMAND_S = 30.0
"""How long a command may take before a test calls it hung."""


def command(*words: str) -> list[str]:
    """Return the words that run `clawtank-relay` with this interpreter."""
    return [sys.executable, "-m", "relay.cli", *words]


def command_environment(data: Path | None = None) -> dict[str, str]:
    """Return an environment in which the commands find one relay, or none; a warning is an error there."""
    where = {"CLAWTANK_RELAY_DATA": str(data)} if data else {}
    return relay_environment({}) | where | {"PYTHONWARNINGS": "error"}


def operate(
    *words: str, data: Path | None = None, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `clawtank-relay` to its end, over a data directory if one is given."""
    done = subprocess.run(
        command(*words),
        input=stdin,
        capture_output=True,
        env=command_environment(data) | dict(env or {}),
        timeout=COMMAND_S,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def figures(api: Api, **how: Any) -> dict[str, float]:
    """Return what `GET /metrics` answers as `name{labels}` → value."""
    return read_figures(api.answer("GET", "/metrics", **how).text)


def read_figures(text: str) -> dict[str, float]:
    """Return figures in Prometheus' text form as `name{labels}` → value."""
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line and not line.startswith("#")
    }


def is_for_people(text: str) -> bool:
    """Say whether what a command complained is a sentence or a few, with nothing of Python in them."""
    lines = text.strip().splitlines()
    return 0 < len(lines) <= 3 and not any(
        word in text for word in ("Traceback", 'File "', "Error:", "Errno")
    )


def post(room: Room, body: bytes, *, token: str | None = None) -> httpx.Response:
    """Post a body to a room's events as it is."""
    return room.public.answer("POST", f"{room.path}/events", token=token or room.publish_token, content=body)


def offer(room: Room, *events: Any) -> dict[str, Any]:
    """Publish events in one array, whatever becomes of each; return the report."""
    report: dict[str, Any] = post(room, json.dumps(list(events)).encode()).json()
    return report
