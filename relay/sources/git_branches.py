"""Which branch each commit was made on: git does not keep it, its shape and its merges tell. Pure.

A commit belongs to the branch whose line it is on: the chain of first parents from its tip. What a merge
brought has a line of its own, and the merge says whose: by a branch that still points there, else by its
subject as git and the forges write it. Without either it is told as part of the branch that it came to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from relay.sources.git_log import Commit

_MERGED = re.compile(r"Merge (?:remote-tracking )?branch(?:es)? ('.*)")
_REQUESTED = re.compile(r"Merge pull request #[0-9]+ from [^\s/]+/(\S+)")
_QUOTED = re.compile(r"'([^']+)'")
_END = re.compile(r"' (?:into|of) ")


def made_on(
    commits: Sequence[Commit], tips: Iterable[str], branch_of: Mapping[str, str]
) -> dict[str, str | None]:
    """Return the branch of each commit by its hash; None for one that only a detached HEAD has.

    Args:
        commits: Parents first.
        tips: Where the commits were reached from; of two that share commits the first one has them.
        branch_of: Names of branches by the hash of their tip.
    """
    parents = {commit.sha: commit.parents for commit in commits}
    found: dict[str, str | None] = {tip: branch_of.get(tip) for tip in tips}

    def follow(sha: str, branch: str | None) -> None:
        while sha in parents and sha not in found:
            found[sha] = branch
            sha = next(iter(parents[sha]), "")

    for tip, branch in list(found.items()):
        follow(next(iter(parents.get(tip, ())), ""), branch)
    # The newest first: a branch that was merged has its name before the merges on it are looked at.
    for commit in reversed(commits):
        brought, names = commit.parents[1:], merged_branches(commit.subject)
        if len(names) == len(brought) + 1:
            names = names[1:]  # git merged several, and the first one by moving the branch forward
        if len(names) != len(brought):
            names = [""] * len(brought)
        for parent, name in zip(brought, names, strict=True):
            follow(parent, branch_of.get(parent) or name or found.get(commit.sha))
    return found


def merged_branches(subject: str) -> list[str]:
    """Return the branches that a merge's subject names, in the order of its parents."""
    if requested := _REQUESTED.match(subject):
        return [requested[1]]
    merged = _MERGED.match(subject)
    if merged is None:
        return []
    named = _END.split(merged[1], maxsplit=1)[0] + "'"
    names = _QUOTED.findall(named)
    # A branch of a remote is known here by its own name.
    return [name.partition("/")[2] or name for name in names] if "remote-tracking" in subject else names
