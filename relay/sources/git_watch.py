"""Noticing that a ref moved, without asking git.

Every way git has of moving a branch ends in a rename or an append: a loose ref is renamed into its directory,
so the directory's time changes; packed refs, reftables and HEAD are files replaced whole; the reflog grows.
So a few `stat` calls see them all, however many branches there are.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relay.sources.git_process import Repository

_Stamp = tuple[int, int, int]


class RefWatch:
    """The stamps of everything that moves when a ref does."""

    def __init__(self, repository: Repository) -> None:
        """Remember where to look; the first look always finds a change."""
        git_dir, common = repository.git_dir, repository.common_dir
        self._head = git_dir / "HEAD"
        self._files = {
            self._head,
            git_dir / "logs" / "HEAD",
            common / "packed-refs",
            git_dir / "reftable" / "tables.list",
            common / "reftable" / "tables.list",
        }
        self._root = common / "refs" / "heads"
        self._folders: dict[Path, tuple[_Stamp | None, list[Path]]] = {}
        self._stamps: dict[Path, _Stamp | None] = {}

    @property
    def exists(self) -> bool:
        """Whether the repository is still there; its HEAD is replaced in one step and never absent."""
        return self._head.exists()

    def changed(self) -> bool:
        """Say whether anything moved since the last look.

        Two moves within one tick of the file system's clock look like one: ask git itself now and then.
        """
        stamps = {path: _stamp(path) for path in self._files}
        waiting = [self._root]
        while waiting:
            folder = waiting.pop()
            stamps[folder] = stamp = _stamp(folder)
            known, inner = self._folders.get(folder, (None, []))
            if stamp != known:
                inner = _subfolders(folder)
                self._folders[folder] = (stamp, inner)
            waiting += inner
        self._folders = {folder: seen for folder, seen in self._folders.items() if folder in stamps}
        before, self._stamps = self._stamps, stamps
        return stamps != before


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
