"""The peer of ingest: Starlette and uvicorn, which read a body, decode it and say how many events it holds.

No screening, no log, nothing durable. Prints `listening on …` like the relay.
"""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request


async def events(request: Request) -> JSONResponse:
    """Take one event or an array of them."""
    body = json.loads(await request.body())
    return JSONResponse({"accepted": len(body) if isinstance(body, list) else 1})


def main() -> None:
    """Serve on a free port until killed."""
    # With its protocol named: asyncio turns Nagle's algorithm off only on sockets that say they are TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    app = Starlette(routes=[Route("/rooms/{room_id}/events", events, methods=["POST"])])
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    main()
