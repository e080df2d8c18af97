"""Running git, one process at a time, with nothing of the caller's surroundings able to change what it does.

A repository's own configuration is somebody else's input: pagers, external diffs, text conversions,
signature checks and lazy fetching would each run a program of its choice, so all of them are off.

    SourceError             following is impossible; the message ends with the next step
    └── SourceLost          it was possible, and is no longer
    GitFailed               one command failed; another try may succeed
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relay.screen.clean import clean_first_line

if TYPE_CHECKING:
    from pathlib import Path

_PROBLEM_LENGTH = 300
_SETTINGS = (
    "--no-pager",
    "--no-optional-locks",
    *("-c", "core.quotepath=off"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "log.showSignature=false"),
    *("-c", "log.showRoot=true"),
    *("-c", "i18n.logOutputEncoding=UTF-8"),
)


class SourceError(Exception):
    """The repository cannot be followed; the message says why and what to do."""


class SourceLost(SourceError):
    """The repository was followed, and has gone."""


class GitFailed(Exception):
    """A git command ended with an error; the message is its first line."""


@dataclass(frozen=True, slots=True)
class Repository:
    """Where a repository keeps its refs.

    Attributes:
        name: The directory's name, for people.
        git_dir: Where HEAD is; a linked worktree has one of its own.
        common_dir: Where the branches are.
    """

    name: str
    git_dir: Path
    common_dir: Path


def open_repository(path: Path) -> Repository:
    """Find the repository at a path or above it: a working tree, a linked one, or a bare repository.

    Raises:
        SourceError: If there is none, if git is not installed, or if git refuses to read it.
    """
    if not path.is_dir():
        raise SourceError(f"There is no directory {path}. Give the path of a git repository.")
    question = ["git", "-C", str(path), "rev-parse", "--absolute-git-dir", "--git-common-dir"]
    try:
        answer = subprocess.run(question, capture_output=True, env=_environment(), check=False)
    except FileNotFoundError:
        raise _no_git() from None
    problem = answer.stderr.decode("utf-8", "replace").strip()
    if "dubious ownership" in problem:
        raise SourceError(
            f"git does not read {path}, because it belongs to another user. If you trust it, run:"
            f" git config --global --add safe.directory {path.resolve()}"
        )
    if answer.returncode:
        raise SourceError(f"{path} is not a git repository. Give the path of one, or run: git init {path}")
    git_dir, common_dir = (path / line for line in os.fsdecode(answer.stdout).splitlines())
    top = path.resolve()
    return Repository(top.name or str(top), git_dir.resolve(), common_dir.resolve())


class Git:
    """Asks questions about one repository."""

    def __init__(self, repository: Repository) -> None:
        """Prepare the command; nothing runs yet."""
        self._repository = repository
        where = str(repository.git_dir)
        self._command = ("git", "-C", where, f"--git-dir={where}", *_SETTINGS)
        self._environment = _environment()

    async def ask(self, *arguments: str, stdin: str = "") -> str:
        """Run one command to its end and return what it printed; the process never outlives the call.

        Raises:
            GitFailed: If the command ends with an error.
            SourceError: If git is gone.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                *arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment,
            )
        except FileNotFoundError:
            raise _no_git() from None
        try:
            printed, problems = await process.communicate(stdin.encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            first = self._without_paths(problems.decode("utf-8", "replace"))
            raise GitFailed(first or f"git {arguments[0]} ended with {process.returncode}")
        # Names and messages in other encodings are shown as far as they can be read.
        return printed.decode("utf-8", "replace")

    def _without_paths(self, problem: str) -> str:
        """Return the first line of a complaint of git, for the log, which does not say where things lie."""
        for where in (self._repository.git_dir, self._repository.common_dir):
            problem = problem.replace(str(where), self._repository.name)
        return clean_first_line(problem, _PROBLEM_LENGTH)


def _no_git() -> SourceError:
    return SourceError("git is not installed, or not on the PATH. Install git, then try again.")


def _environment() -> dict[str, str]:
    """Return our environment without git's variables: a hook's GIT_DIR must not choose the repository."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
    }
