"""Viewers by Python's `websockets`: told what to watch, and writing lines, as `node.mjs` is and does."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory


async def watch(task: dict[str, Any], kind: dict[str, Any]) -> None:
    """Watch, and break off now and then."""
    cursor = token = ""

    def write(**fields: object) -> None:
        print(
            json.dumps({"client": kind["name"], "at_ms": time.time_ns() // 1_000_000, **fields}), flush=True
        )

    while True:
        query = kind["query"] | ({"cursor": cursor} if cursor else {})
        deflate = kind["deflate"]
        how: dict[str, Any] = {"compression": None} if deflate is False else {"compression": "deflate"}
        if isinstance(deflate, dict):
            how = {"compression": None, "extensions": [ClientPerMessageDeflateFactory(**deflate)]}
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        write(asked=cursor)
        try:
            async with connect(
                f"{task['url']}?{urlencode(query)}", additional_headers=headers, proxy=None, **how
            ) as socket:
                try:
                    async with asyncio.timeout(random.uniform(*task["stay_s"])):
                        async for message in socket:
                            if not isinstance(message, str):
                                write(failed="a binary message")
                                continue
                            write(message=message)
                            data = json.loads(message)["data"]
                            cursor = data.get("cursor", cursor)
                            token = data.get("spectator", {}).get("resume_token", token)
                except TimeoutError:
                    if random.random() < 0.5:
                        socket.transport.abort()
                else:
                    write(failed=f"closed with {socket.close_code}")
        except (OSError, ConnectionClosed, WebSocketException) as error:
            write(failed=repr(error))
        await asyncio.sleep(random.uniform(0, 2))


async def main() -> None:
    """Watch for as long as somebody wants to know."""
    task = json.loads(await asyncio.to_thread(sys.stdin.readline))
    async with asyncio.TaskGroup() as tasks:
        for kind in task["kinds"]:
            tasks.create_task(watch(task, kind))


if __name__ == "__main__":
    asyncio.run(main())
