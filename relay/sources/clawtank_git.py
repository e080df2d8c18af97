"""Commits and pull requests, from the wire format and the room log: pure.

Read are short hashes, messages, branches, display names, names of files and counts; never an address, a diff,
a description or the contents of a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relay.sources.clawtank_fields import (
    SOME_AGENT,
    Fields,
    Incoming,
    agent_of,
    display_name,
    first_text,
    given,
    part_of,
    person_of,
)

_FILES = ("files_added", "files_modified", "files_deleted", "files_removed", "files_renamed")


def git_commit(event: Incoming) -> Fields:
    """Map a commit; the screen cuts the hash and takes the message's first line."""
    data = event.data
    commit = part_of(data, "commit_info") or data
    changes = part_of(data, "changes")
    stats = part_of(changes, "stats") or part_of(data, "stats") or data
    return given(
        type="git.commit",
        sha=commit.get("short_sha") or commit.get("sha") or commit.get("commit_sha"),
        message=commit.get("message"),
        branch=commit.get("branch"),
        author=_committer(event, commit),
        files_changed=_files(changes, data),
        additions=stats.get("additions", stats.get("insertions")),
        deletions=stats.get("deletions"),
        task_id=data.get("task_id"),
    )


def _committer(event: Incoming, commit: Mapping[str, Any]) -> str:
    author = commit.get("author")
    if isinstance(author, Mapping):
        named = first_text(author, "display_name", "name")
    else:
        named = display_name(author)
    if named:
        return named
    agent = agent_of(event)
    return agent if agent != SOME_AGENT else person_of(event, "author")


def _files(changes: Mapping[str, Any], data: Mapping[str, Any]) -> Any:
    """Gather the names of the changed files, or their number if that is all that is told."""
    parts = [changes[name] for name in _FILES if name in changes]
    total = changes.get("files_changed", data.get("files_changed"))
    lists = [part for part in (*parts, total) if isinstance(part, list)]
    names = dict.fromkeys(name for part in lists for entry in part if (name := _file_name(entry)))
    if names or isinstance(total, list):
        return list(names)
    if total is not None or not parts:
        return total
    return sum(part for part in parts if isinstance(part, int))


def _file_name(entry: Any) -> str:
    """Return the name of a changed file; a renamed one has the new one."""
    if isinstance(entry, Mapping):
        return first_text(entry, "path", "filename", "new_path", "to")
    return entry if isinstance(entry, str) else ""


def pull_request(event: Incoming) -> Fields:
    """Map a pull request that was opened, or merged: then by who merged it, if that is told."""
    data = event.data
    request = part_of(data, "pull_request") or data
    merged_by = part_of(data, "merge_info").get("merged_by") if event.type == "git.pr_merged" else None
    return given(
        type=event.type,
        number=request.get("number"),
        title=request.get("title"),
        author=display_name(merged_by)
        or display_name(request.get("author"))
        or person_of(event, "author", "opened_by", "merged_by"),
    )
