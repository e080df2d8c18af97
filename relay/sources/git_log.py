"""What `git log -z --numstat` prints, read into events. Pure.

Spec: Filtered Event Examples, `git.commit`; checklist EVENT-7. The message's body is dropped here already,
and an e-mail address is never asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relay.screen.fields import MAX_FILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LOG_ARGUMENTS = (
    "log",
    "-z",
    "--ignore-missing",  # before --stdin, whose lines are read on the spot
    "--stdin",
    "--reverse",
    "--numstat",
    "--find-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-notes",
    "--no-show-signature",
    "--format=%x01%H%x00%P%x00%cI%x00%aN%x00%B%x00",
)
"""Hash, parents, committer date, author's name by the mailmap, message."""

_HEADER = 5
NO_MESSAGE = "(no message)"
NO_NAME = "someone"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as spectators may know it.

    Attributes:
        sha: The full hash, for recognising a repeat; the screen abbreviates it.
        parents: Hashes of its parents: none of a first commit, several of a merge.
        at: The committer's date, ISO 8601 with an offset.
        files: Names of changed files, the first `MAX_FILES`; None for a merge, whose changes are those of the
            commits it brought.
    """

    sha: str
    parents: tuple[str, ...]
    at: str
    author: str
    subject: str
    files: tuple[str, ...] | None
    additions: int
    deletions: int


def parse_log(printed: str) -> list[Commit]:
    """Read the output of a log with `LOG_ARGUMENTS`, in its order.

    A commit is five fields, each ended by NUL, then entries of `added TAB deleted TAB name NUL`; a rename
    has an empty name and two more fields, the old name and the new one. The entries end where a field
    starts with 0x01. No entry does, and all other fields are taken by count: no text can pass for structure.
    """
    fields = iter(printed.split("\0"))
    commits: list[Commit] = []
    field = next(fields, None)
    while field is not None:
        if not field.startswith("\x01"):
            field = next(fields, None)
            continue
        header = [field[1:], *(next(fields, "") for _ in range(_HEADER - 1))]
        files: list[str] = []
        additions = deletions = 0
        field = next(fields, None)
        while field is not None and not field.startswith("\x01"):
            added, tab, rest = field.lstrip("\n").partition("\t")
            if tab:
                deleted, _, name = rest.partition("\t")
                additions += _lines(added)
                deletions += _lines(deleted)
                files.append(name or _renamed(fields))
            field = next(fields, None)
        sha, parents, at, author, message = header
        commits.append(
            Commit(
                sha=sha,
                parents=tuple(parents.split()),
                at=at,
                author=author.strip() or NO_NAME,
                subject=message.strip().partition("\n")[0].strip() or NO_MESSAGE,
                files=None if " " in parents else tuple(files[:MAX_FILES]),
                additions=additions,
                deletions=deletions,
            )
        )
    return commits


def parents_first(commits: Iterable[Commit]) -> list[Commit]:
    """Return the commits with none before its parents, and otherwise in the order they have.

    Git orders by date, which counts seconds: a program's commits may share one.
    """
    commit_of = {commit.sha: commit for commit in commits}
    ordered: dict[str, Commit] = {}
    for commit in commit_of.values():
        waiting = [commit]
        while waiting:
            parents = [
                commit_of[sha] for sha in waiting[-1].parents if sha in commit_of and sha not in ordered
            ]
            if parents:
                waiting += parents
            else:
                last = waiting.pop()
                ordered.setdefault(last.sha, last)
    return list(ordered.values())


def to_event(commit: Commit, branch: str | None) -> dict[str, Any]:
    """Return the commit as a `git.commit` in the flat shape; a merge is one without files and counts."""
    event: dict[str, Any] = {
        "id": f"git:{commit.sha}",
        "type": "git.commit",
        "timestamp": commit.at,
        "sha": commit.sha,
        "message": commit.subject,
        "author": commit.author,
    }
    if branch:
        event["branch"] = branch
    if commit.files is not None:
        event |= {
            "files_changed": list(commit.files),
            "additions": commit.additions,
            "deletions": commit.deletions,
        }
    return event


def _renamed(fields: Iterator[str]) -> str:
    next(fields, "")
    return next(fields, "")


def _lines(count: str) -> int:
    """Read a count of lines; a binary file has `-`."""
    return int(count) if count.isdecimal() else 0
