"""What the webhooks of GitHub and GitLab have in common: defensive reads, and commits.

A field that is not what it should be counts as absent: forges add and change fields, and a delivery with
nothing to show is no error.
"""

from __future__ import annotations

from typing import Any

from relay.sources.git_log import NO_MESSAGE, NO_NAME

Event = dict[str, Any]

_BRANCH = "refs/heads/"
MOST_COMMITS = 500
"""Commits of one push that are shown; of a larger one only the last."""


def part(payload: Any, name: str) -> dict[str, Any]:
    """Return a nested object, or an empty one."""
    value = payload.get(name) if isinstance(payload, dict) else None
    return value if isinstance(value, dict) else {}


def text(payload: Any, name: str) -> str:
    """Return a text that is not blank, or an empty one."""
    value = payload.get(name) if isinstance(payload, dict) else None
    return value if isinstance(value, str) and value.strip() else ""


def number(payload: Any, name: str) -> int:
    """Return a positive whole number, or 0."""
    value = payload.get(name) if isinstance(payload, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def event(kind: str, id: str, at: str = "", **fields: Any) -> Event:
    """Return an event in the flat shape; without an id every repeat counts, without a time it is now."""
    return {"type": kind, **({"id": id} if id else {}), **({"timestamp": at} if at else {}), **fields}


def commits(payload: Any, forge: str) -> list[Event]:
    """Return a push's commits, oldest first as both forges list them; a push to a tag shows nothing.

    A commit's event id is made of its hash, so that one pushed to two branches is told once.
    """
    ref = text(payload, "ref")
    listed = payload.get("commits")
    if not ref.startswith(_BRANCH) or not isinstance(listed, list):
        return []
    told = (_commit(commit, ref.removeprefix(_BRANCH), forge) for commit in listed[-MOST_COMMITS:])
    return [commit for commit in told if commit]


def _commit(commit: Any, branch: str, forge: str) -> Event | None:
    sha = text(commit, "id")
    if not sha:
        return None
    lists = (commit.get(name) for name in ("added", "modified", "removed"))
    files = [name for names in lists if isinstance(names, list) for name in names if isinstance(name, str)]
    return event(
        "git.commit",
        f"{forge}:{sha}",
        text(commit, "timestamp"),
        sha=sha,
        message=text(commit, "message").strip() or NO_MESSAGE,
        branch=branch,
        author=text(part(commit, "author"), "name") or NO_NAME,
        files_changed=files,
    )
