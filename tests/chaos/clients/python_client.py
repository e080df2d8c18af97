"""Viewers by Python's `websockets`: told what to watch, and writing lines, as `node.mjs` is and does."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory


async def err(socket: ClientConnection, task: dict[str, Any]) -> None:
    """Ask now and then for what is answered to this viewer alone, between frames that it shares."""
    while True:
        await asyncio.sleep(task["mistake_every_s"])
        await socket.send(json.dumps(task["mistake"]))


class Watcher:
    """One viewer."""

    def __init__(self, task: dict[str, Any], kind: dict[str, Any]) -> None:
        """Bind what it is told."""
        self._task = task
        self._kind = kind
        self._cursor = self._token = ""

    def _write(self, **fields: object) -> None:
        line = {"client": self._kind["name"], "at_ms": time.time_ns() // 1_000_000, **fields}
        print(json.dumps(line), flush=True)

    async def watch(self) -> None:
        """Watch, and break off now and then."""
        while True:
            try:
                await self._connection()
            except (OSError, ConnectionClosed, WebSocketException) as error:
                self._write(failed=repr(error))
            await asyncio.sleep(random.uniform(0, 2))

    async def _connection(self) -> None:
        query = self._kind["query"] | ({"cursor": self._cursor} if self._cursor else {})
        deflate = self._kind["deflate"]
        how: dict[str, Any] = {"compression": None if deflate is False else "deflate"}
        if isinstance(deflate, dict):
            how = {"compression": None, "extensions": [ClientPerMessageDeflateFactory(**deflate)]}
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        self._write(asked=self._cursor)
        address = f"{self._task['url']}?{urlencode(query)}"
        async with connect(address, additional_headers=headers, proxy=None, **how) as socket:
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(*self._task["stay_s"])):
                    await self._read(socket)
            if random.random() < 0.5:
                socket.transport.abort()

    async def _read(self, socket: ClientConnection) -> None:
        mistakes = asyncio.ensure_future(err(socket, self._task))
        try:
            while True:
                message = await socket.recv()
                self._write(**{"message" if isinstance(message, str) else "failed": str(message)})
                data = json.loads(message)["data"]
                self._cursor = data.get("cursor", self._cursor)
                self._token = data.get("spectator", {}).get("resume_token", self._token)
        except (ValueError, KeyError):
            return  # no envelope: it was written down, that is enough to be judged
        finally:
            mistakes.cancel()


async def main() -> None:
    """Watch for as long as somebody wants to know."""
    task = json.loads(await asyncio.to_thread(sys.stdin.readline))
    async with asyncio.TaskGroup() as tasks:
        for kind in task["kinds"]:
            tasks.create_task(Watcher(task, kind).watch())


if __name__ == "__main__":
    asyncio.run(main())
