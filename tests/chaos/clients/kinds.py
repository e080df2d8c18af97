"""The clients of a run: whose they are, what deflate they ask for, what they want to see and how often."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
ALL = "chat,task,git,agent,member"


@dataclass(frozen=True, slots=True)
class Kind:
    """One client.

    Attributes:
        maker: `browser`, `node` or `python`.
        name: As the table shows it.
        query: What it asks for.
        deflate: What it offers, in the words of its library; None leaves that to it.
    """

    maker: str
    name: str
    query: dict[str, str]
    deflate: dict[str, Any] | bool | None = None

    def data(self) -> dict[str, Any]:
        """Return what the client's program is told."""
        return {"name": self.name, "query": self.query, "deflate": self.deflate}


def _query(types: str = ALL, interval_s: int = 0, *, low: bool = False) -> dict[str, str]:
    query = {"types": types}
    if interval_s:
        query |= {"frequency": "batched", "interval_s": str(interval_s)}
    return query | ({"low_bandwidth": "true"} if low else {})


@dataclass(frozen=True, slots=True)
class Lineup:
    """Who takes part.

    Attributes:
        kinds: The clients.
        skipped: Why others do not.
    """

    kinds: list[Kind] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def lineup() -> Lineup:
    """Return the clients that can run here, and what is missing for the others."""
    found = Lineup()
    if browser():
        found.kinds.extend(_browser())
    else:
        found.skipped.append("browser: there is no Chromium")
    if node() and (node_directory() / "node_modules" / "ws").is_dir():
        found.kinds.extend(_node())
    else:
        found.skipped.append("node: npm install ws, and BENCH_NODE naming that directory")
    if importlib.util.find_spec("websockets"):
        found.kinds.extend(_python())
    else:
        found.skipped.append("python: pip install websockets")
    return found


def browser() -> str | None:
    """Return the browser's program, if there is one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def node() -> str | None:
    """Return node, if it is there."""
    return shutil.which("node")


def node_directory() -> Path:
    """Return the directory whose `node_modules` is looked in."""
    return Path(os.environ.get("BENCH_NODE", "."))


def _browser() -> list[Kind]:
    # A browser's page cannot choose its deflate: it always offers it.
    return [
        Kind("browser", "Chromium", _query()),
        Kind("browser", "Chromium, chat and git", _query("chat,git")),
        Kind("browser", "Chromium, batches of 2 s", _query(interval_s=2)),
        Kind("browser", "Chromium, low bandwidth", _query(interval_s=2, low=True)),
    ]


def _node() -> list[Kind]:
    small = [
        Kind("node", f"ws, window of {bits} bits", _query(), {"serverMaxWindowBits": bits})
        for bits in range(9, 16)
    ]
    return [
        Kind("node", "ws", _query(), True),
        Kind("node", "ws, plain", _query(), False),
        Kind("node", "ws, batches of 1 s", _query(interval_s=1), True),
        Kind("node", "ws, no takeover from us", _query(), {"serverNoContextTakeover": True}),
        Kind("node", "ws, no takeover from it", _query(), {"clientNoContextTakeover": True}),
        Kind("node", "ws, its window 10", _query("task,agent"), {"clientMaxWindowBits": 10}),
        Kind("node", "ws, small, batches of 2 s", _query(interval_s=2), {"serverMaxWindowBits": 9}),
        *small,
    ]


def _python() -> list[Kind]:
    return [
        Kind("python", "websockets", _query()),
        Kind("python", "websockets, plain", _query(), False),
        Kind("python", "websockets, batches of 2 s", _query(interval_s=2)),
        Kind("python", "websockets, low bandwidth", _query(interval_s=2, low=True)),
        Kind("python", "websockets, window of 9 bits", _query(), {"server_max_window_bits": 9}),
        Kind("python", "websockets, window of 12 bits", _query("git,member"), {"server_max_window_bits": 12}),
        Kind("python", "websockets, no takeover", _query(), {"server_no_context_takeover": True}),
        Kind("python", "websockets, both small", _query(), {"client_max_window_bits": 9}),
    ]
