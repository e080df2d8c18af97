"""Many viewers at once, and `clawtank watch` as one of them."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from support.clients import WAIT_S, Viewer
from support.relay_process import Output, relay_environment

if TYPE_CHECKING:
    from support.rooms import Room

READY = {"types": "chat,task,git,agent,member"}
"""Everything, said in the query: the relay then welcomes at once instead of waiting for a first message."""


@asynccontextmanager
async def crowd(room: Room, count: int, **arguments: Any) -> AsyncIterator[list[Viewer]]:
    """Open viewers of a room at the same time; their first messages are still to be read."""
    async with AsyncExitStack() as stack:
        arguments.setdefault("options", READY)
        yield await asyncio.gather(
            *(stack.enter_async_context(room.watch(**arguments)) for _ in range(count))
        )


async def first_messages(viewers: list[Viewer]) -> list[dict[str, Any]]:
    """Read the next message of each."""
    return await asyncio.gather(*(viewer.next() for viewer in viewers))


async def refusal(viewer: Viewer) -> tuple[dict[str, Any], int]:
    """Read a connection that must be refused, by one error and nothing else; its data, and the close code."""
    code = await viewer.closed()
    assert [envelope["type"] for envelope in viewer.seen] == ["spectator.error"], viewer.seen
    data: dict[str, Any] = viewer.seen[0]["data"]
    return data, code


async def outcome(connection: AbstractAsyncContextManager[Viewer]) -> str:
    """Say what becomes of a connection: `welcomed`, or the code of its refusal."""
    async with connection as viewer:
        envelope = await viewer.next()
        return "welcomed" if envelope["type"] == "spectator.welcome" else str(envelope["data"]["code"])


class WatchCommand:
    """A running `clawtank watch` whose output is no terminal."""

    def __init__(self, *words: str, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from clawtank_tui.cli import main; main()", "watch", *words],
            env=relay_environment({}) | dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.out, self.err = Output(self._process.stdout), Output(self._process.stderr)

    def line(self, pattern: str) -> str:
        """Wait for a line of its output that holds the pattern, and return what matched."""
        found = self.out.search(re.compile(pattern), WAIT_S)
        assert found, f"{pattern!r} never came\n{self.out.text()}\n{self.err.text()}"
        return found[0]

    def envelope(self, kind: str) -> dict[str, Any]:
        """Wait for a message of a type, where it runs with `--json`; return its data."""
        self.line(f'"type":"{kind}"')
        envelopes = map(json.loads, self.out.text().splitlines())
        data: dict[str, Any] = next(envelope["data"] for envelope in envelopes if envelope["type"] == kind)
        return data

    def wait(self) -> int:
        """Wait for it to end by itself; return its exit status."""
        status = self._process.wait(WAIT_S)
        self.out.join()
        self.err.join()
        return status

    def interrupt(self) -> int:
        """Press Ctrl-C, if it still runs; return its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self.wait()

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self.wait()


@contextmanager
def watch_command(*words: str, env: Mapping[str, str] = MappingProxyType({})) -> Iterator[WatchCommand]:
    """Run `clawtank watch` as long as the block lasts."""
    command = WatchCommand(*words, env=env)
    try:
        yield command
    finally:
        command.kill()
