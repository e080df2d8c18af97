"""Follow a real repository: its last commits at once, then each new one as it is made.

While nothing happens, following costs a handful of `stat` calls: a ref that moves leaves its mark on the
directory it is written to, and then git is asked what is new. Git answers two questions, one process at a
time: where do the refs point, and which commits do these tips have that no tip seen before had. So a branch
without commits says nothing, a rebase shows its new commits once, and history is never walked whole.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relay.sources.git_branches import made_on
from relay.sources.git_log import LOG_ARGUMENTS, parents_first, parse_log, to_event
from relay.sources.git_process import Git, GitFailed, SourceError, SourceLost, open_repository
from relay.sources.git_watch import RefWatch

if TYPE_CHECKING:
    from pathlib import Path

    from relay.clock import Clock

__all__ = ["GitFollower", "SourceError", "SourceLost"]

Publish = Callable[[list[dict[str, Any]]], Awaitable[None]]
"""Takes the events of new commits, oldest first; they count as seen only when it has returned."""

POLL_S = 0.12
FULL_CHECK_S = 5.0
"""Seconds after which git is asked even if no directory changed: some file systems do not say."""
MOST_AT_ONCE = 500
"""New commits told of at once; of a larger arrival only the last."""
_TIPS_REMEMBERED = 4096
_FAILURES_BORNE = 5

_log = logging.getLogger("relay.sources")


async def _poll() -> None:
    await asyncio.sleep(POLL_S)


@dataclass(frozen=True, slots=True)
class _Refs:
    """Where a repository's refs point.

    Attributes:
        head: The commit that is checked out; None before the first one.
        tips: Every commit a branch or a detached HEAD points to; the one that is checked out first if it is a
            branch's, last if not.
        branch_of: The branch at a tip; the one checked out, if several are there.
    """

    head: str | None
    tips: tuple[str, ...]
    branch_of: dict[str, str]


class GitFollower:
    """Follows the local branches of one repository."""

    def __init__(
        self, path: Path, clock: Clock, *, history: int = 50, tick: Callable[[], Awaitable[None]] = _poll
    ) -> None:
        """Find the repository; this asks git once, and waits for the answer.

        Args:
            path: A working tree or a directory in it, a linked worktree, or a bare repository.
            clock: For the seconds between full checks.
            history: How many of the last commits are told at the start; 0 for none.
            tick: Waits until it is time to look again.

        Raises:
            SourceError: If it cannot be followed.
        """
        self._repository = open_repository(path)
        self._git = Git(self._repository)
        self._watch = RefWatch(self._repository)
        self._clock = clock
        self._history = history
        self._tick = tick
        self._seen: dict[str, None] = {}  # tips, in the order they were first seen

    def describe(self) -> str:
        """Return what spectators will see of the repository, for the one who decides to show it."""
        return (
            f"Following the git repository {self._repository.name}. Spectators will see, of its last"
            f" {self._history} commits and of each new one on a local branch: the branch's name, the author's"
            " display name, the first line of the message, and names and line counts of changed files."
            " Never e-mail addresses, the rest of a message, or diffs."
        )

    async def run(self, publish: Publish) -> None:
        """Publish the last commits, then new ones as they come; ends only by cancellation or an error.

        Raises:
            SourceLost: If the repository goes away.
            SourceError: If git keeps failing.
        """
        started = False
        failures = 0
        while True:
            # A look before git is asked: what moves during the asking is then seen at the next look.
            self._watch.changed()
            try:
                await (self._check(publish) if started else self._start(publish))
                started = True
                failures = 0
            except GitFailed as error:
                self._fail_if_lost()
                failures += 1
                _log.warning("git failed in %s: %s", self._repository.name, error)
                if failures >= _FAILURES_BORNE:
                    raise SourceError(
                        f"git keeps failing in {self._repository.name}: {error}."
                        " Repair the repository, then try again."
                    ) from error
            await self._wait(ask_again=failures > 0)

    async def _wait(self, *, ask_again: bool) -> None:
        """Return when there may be something new."""
        deadline = self._clock.monotonic_s() + FULL_CHECK_S
        await self._tick()
        while not (ask_again or self._watch.changed() or self._clock.monotonic_s() >= deadline):
            await self._tick()
        self._fail_if_lost()

    def _fail_if_lost(self) -> None:
        if not self._watch.exists:
            raise SourceLost(
                f"The git repository {self._repository.name} is no longer there."
                " Put it back, or follow another one."
            )

    async def _start(self, publish: Publish) -> None:
        refs = await self._refs()
        # A bare repository's HEAD may name a branch that nobody ever made: then any branch will do.
        starts = (refs.head,) if refs.head else refs.tips
        if starts and self._history:
            await self._publish_log(publish, refs, starts, limits=(f"--max-count={self._history}",))
        self._remember(refs)

    async def _check(self, publish: Publish) -> None:
        refs = await self._refs()
        fresh = [tip for tip in refs.tips if tip not in self._seen]
        if fresh:
            known = [f"^{tip}" for tip in self._seen]
            await self._publish_log(
                publish, refs, fresh, known, ("--topo-order", f"--max-count={MOST_AT_ONCE + 1}")
            )
        self._remember(refs)

    async def _publish_log(
        self,
        publish: Publish,
        refs: _Refs,
        tips: Sequence[str],
        known: Sequence[str] = (),
        limits: tuple[str, ...] = (),
    ) -> None:
        revisions = "".join(f"{revision}\n" for revision in (*tips, *known))
        printed = await self._git.ask(*LOG_ARGUMENTS, *limits, stdin=revisions)
        commits = parents_first(parse_log(printed))
        branches = made_on(commits, tips, refs.branch_of)
        if len(commits) > MOST_AT_ONCE:
            _log.info(
                "more than %d commits arrived at once in %s: telling of the last %d",
                MOST_AT_ONCE,
                self._repository.name,
                MOST_AT_ONCE,
            )
            commits = commits[-MOST_AT_ONCE:]
        if commits:
            await publish([to_event(commit, branches.get(commit.sha)) for commit in commits])

    def _remember(self, refs: _Refs) -> None:
        for tip in refs.tips:
            # Moved to the end: tips that are still in use are the last to be forgotten.
            self._seen.pop(tip, None)
            self._seen[tip] = None
        while len(self._seen) > max(_TIPS_REMEMBERED, len(refs.tips)):
            del self._seen[next(iter(self._seen))]

    async def _refs(self) -> _Refs:
        listed = await self._git.ask(
            "for-each-ref", "--format=%(objectname) %(HEAD) %(refname:strip=2)", "refs/heads"
        )
        head: str | None = None
        branch_of: dict[str, str] = {}
        for line in listed.splitlines():
            sha, rest = line[: line.index(" ")], line[line.index(" ") + 1 :]
            checked_out, branch = rest[0] == "*", rest[2:]
            if checked_out:
                head = sha
            if checked_out or sha not in branch_of:
                branch_of[sha] = branch
        tips = tuple(sorted(branch_of, key=lambda tip: tip != head))
        if head is None:
            head = await self._detached_head()
            # While a rebase runs, HEAD walks over commits that may not stay; its branch gets the final ones.
            if head and head not in branch_of and not self._rebasing():
                tips = (*tips, head)
        return _Refs(head, tips, branch_of)

    async def _detached_head(self) -> str | None:
        try:
            return (await self._git.ask("rev-parse", "--quiet", "--verify", "HEAD^{commit}")).strip()
        except GitFailed:
            return None  # no commit yet

    def _rebasing(self) -> bool:
        git_dir = self._repository.git_dir
        return (git_dir / "rebase-merge").exists() or (git_dir / "rebase-apply").exists()
