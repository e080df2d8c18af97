"""Score public rows kept outside the project: what redaction spoils, terminals get and webhooks tell.

    PYTHONPATH=tests python -m bench.corpora [DIRECTORY]

The directory (or the environment variable `CLAWTANK_CORPORA`) holds `benign_commits.jsonl`, lines that must
stay as they are; `hostile_blns.jsonl`, strings of which no control character may reach a terminal; and
`github_payloads/`, webhooks with what each becomes and what it must not tell. Rows are read and never copied.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from bench.table import markdown
from relay.screen.clean import clean
from relay.screen.redact import redact
from relay.screen.screen import Visible, screen
from relay.sources.github import to_events

MAX_BENIGN_CHANGED = 2
_LIMIT = 8000
_NEVER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""C0 but for tab and line feed, DEL, C1, and what turns the direction of writing."""
_NOW_MS = 1_767_225_600_000
_NOW = "2026-01-01T00:00:00Z"
Score = tuple[str, int, int, list[str]]
"""What was scored, how many are as they must be, of how many, and what is wrong with the others."""
_TYPES = {
    "git.commit": "git.commit",
    "git.pr_opened": "git.pr_opened",
    "git.pr_merged": "git.pr_merged",
    "task.created": "task.created",
    "milestone.release_published": "milestone.reached",
}
"""The events that the rows name, of those a spectator can see at all; every other one is hidden."""


def main() -> int:
    """Print the scores; return 1 if one is below its bound."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("directory", nargs="?", type=Path, default=os.environ.get("CLAWTANK_CORPORA"))
    directory = parser.parse_args().directory
    if directory is None or not Path(directory).is_dir():
        print(f"no corpora at {directory}: nothing scored; name their directory or set CLAWTANK_CORPORA")
        return 0
    scores = [
        _benign(Path(directory) / "benign_commits.jsonl"),
        _hostile(Path(directory) / "hostile_blns.jsonl"),
        _webhooks(Path(directory) / "github_payloads"),
    ]
    rows: list[list[str | float | None]] = [[name, f"{good}/{total}"] for name, good, total, _ in scores]
    print(markdown(["corpus", "as it must be"], rows))
    for name, _, _, bad in scores:
        for one in bad:
            print(f"{name}: {one}")
    bounds = (MAX_BENIGN_CHANGED, 0, 0)
    return int(any(len(bad) > bound for (_, _, _, bad), bound in zip(scores, bounds, strict=True)))


def _benign(path: Path) -> Score:
    rows = _rows(path)
    changed = [
        f"{row['id']} becomes {redact(row['text'])!r}" for row in rows if redact(row["text"]) != row["text"]
    ]
    return "benign lines unchanged", len(rows) - len(changed), len(rows), changed


def _hostile(path: Path) -> Score:
    rows = _rows(path)
    shown = {row["id"]: clean(row["text"], _LIMIT, multiline=True) for row in rows}
    bad = [f"{id} shows {_NEVER.findall(text)}" for id, text in shown.items() if _NEVER.search(text)]
    return "hostile strings harmless", len(rows) - len(bad), len(rows), bad


def _webhooks(directory: Path) -> Score:
    paths = sorted(directory.glob("*.json"))
    bad = [
        f"{path.stem}: {fault}" for path in paths if (fault := _fault(json.loads(path.read_text("utf-8"))))
    ]
    return "webhooks mapped, nothing told", len(paths) - len(bad), len(paths), bad


def _fault(row: dict[str, Any]) -> str:
    """Say what is wrong with the events of a webhook; nothing if they are as expected."""
    events = to_events(row["headers"]["X-GitHub-Event"], "1", row["payload"])
    screened = [screen({"timestamp": _NOW, **event}, _NOW_MS) for event in events]
    visible = [one for one in screened if isinstance(one, Visible)]
    expected = re.split(r"[;(]", row["expect"])[0]
    wanted = {type for name, type in _TYPES.items() if name in expected}
    if (types := {one.type for one in visible}) != wanted:
        return f"became {sorted(types)}, expected {row['expect']}"
    told = [secret for secret in row["must_not_leak"] if any(secret.encode() in one.body for one in visible)]
    return f"tells {len(told)} of what must not leak" if told else ""


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main())
