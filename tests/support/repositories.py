"""Repositories made by real git, and a follower of one whose looks the test decides."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from relay.clock import SystemClock
from relay.sources.git import GitFollower

PATIENCE_S = 20
PERSON = {"NAME": "Alice Döe", "EMAIL": "alice@secret.example"}


class Repo:
    """A repository made by real git, with a person and a calendar of its own.

    Attributes:
        step: Minutes between two commands; with 0, all are in the same second.
    """

    def __init__(self, path: Path, *options: str) -> None:
        self.path = path
        self.step = 1
        self._minute = 0
        path.mkdir(exist_ok=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, stdin: str = "") -> str:
        self._minute += self.step
        when = f"2026-02-17T{self._minute // 60 % 24:02}:{self._minute % 60:02}:00+02:00"
        environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_EDITOR": "true",
            **{
                f"GIT_{who}_{what}": value
                for who in ("AUTHOR", "COMMITTER")
                for what, value in PERSON.items()
            },
            "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_DATE": when,
        }
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            input=stdin,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str, *files: str) -> str:
        for name in files:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(f"{message}\n")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


class Ticker:
    """Time between two looks, given by the test: `looked` returns when the follower has seen all there is."""

    def __init__(self) -> None:
        self._waiting = asyncio.Event()
        self._go = asyncio.Event()

    async def __call__(self) -> None:
        self._waiting.set()
        await self._go.wait()
        self._go.clear()

    async def looked(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self._waiting.wait()
            self._waiting.clear()
            self._go.set()
            await self._waiting.wait()


class Follow:
    """A running follower: `new()` looks once and returns what it told."""

    def __init__(self, ticker: Ticker, told: list[dict[str, Any]]) -> None:
        self._ticker = ticker
        self._told = told

    async def new(self) -> list[dict[str, Any]]:
        await self._ticker.looked()
        told = list(self._told)
        self._told.clear()
        return told

    async def subjects(self) -> list[str]:
        return [event["message"] for event in await self.new()]


@asynccontextmanager
async def following(path: Path, history: int = 50) -> AsyncIterator[Follow]:
    told: list[dict[str, Any]] = []
    ticker = Ticker()

    async def publish(events: list[dict[str, Any]]) -> None:
        assert events
        told.extend(events)

    follower = GitFollower(path, SystemClock(), history=history, tick=ticker)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(follower.run(publish))
        yield Follow(ticker, told)
        task.cancel()
