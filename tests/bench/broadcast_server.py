"""The peer: `websockets.broadcast` as its documentation shows it, and nothing else.

What is sent to `/publish` goes to everyone on any other path. Prints `listening on …` like the relay.
"""

from __future__ import annotations

import argparse
import asyncio

from websockets.asyncio.server import ServerConnection, broadcast, serve

viewers: set[ServerConnection] = set()


async def handle(connection: ServerConnection) -> None:
    """Serve a publisher or a viewer."""
    assert connection.request is not None
    if connection.request.path == "/publish":
        async for message in connection:
            broadcast(viewers, message)
        return
    viewers.add(connection)
    try:
        await connection.wait_closed()
    finally:
        viewers.discard(connection)


async def main(deflate: bool) -> None:
    """Serve on a free port until killed."""
    compression = "deflate" if deflate else None
    async with serve(handle, "127.0.0.1", 0, compression=compression, backlog=1024) as server:
        print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deflate", action="store_true")
    asyncio.run(main(parser.parse_args().deflate))
