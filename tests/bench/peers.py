"""Who is measured: our relay with and without compression, and what a user would take instead.

Every server is started afresh, takes events through `publish` and sends them to whoever comes to `path`.
All frames are as large as ours: the peers are handed each event in an envelope like the relay's.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from bench import others
from relay.protocol.times import format_ms
from support.clients import Api
from support.relay_process import UNLIMITED, RelayProcess
from support.tokens import viewer_token

ROOM = "bench"
NO_LIMITS = dict(UNLIMITED) | {"events_per_minute": 0}


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        pid: The process whose CPU time and memory count, its children's with it.
        port: Its loopback port.
        path: Where its viewers connect.
        publish: Hands it events and returns when it has taken them.
        tokens: Of viewers that are registered with it, as many as were asked for.
    """

    pid: int
    port: int
    path: str
    publish: Callable[[Sequence[dict[str, Any]]], None]
    tokens: Sequence[str] = ()


@dataclass(frozen=True)
class Peer:
    """A kind of server.

    Attributes:
        name: As the table shows it.
        start: Runs it for the length of a `with`.
        deflate: Whether the viewers offer permessage-deflate.
        greeted: Whether it sends each viewer a first message.
        hello: What each viewer says first.
        lacks: Says what has to be installed for it; empty if nothing.
        adapts: Whether it delivers otherwise after some seconds of load: it is brought there first.
    """

    name: str
    start: Callable[[], AbstractContextManager[Server]]
    deflate: bool = False
    greeted: bool = False
    hello: str = ""
    lacks: Callable[[], str] = str
    adapts: bool = False


@contextmanager
def relay(
    rooms: Sequence[str] = (ROOM,), more_limits: Mapping[str, int] | None = None, registered: int = 0
) -> Iterator[Server]:
    """Run our relay with rooms of its own; publish to the first over HTTP, as a program does.

    Args:
        rooms: Their ids.
        more_limits: The relay's limits that are not as the others are: unlimited.
        registered: How many viewer tokens to make.
    """
    with tempfile.TemporaryDirectory() as directory:
        process = RelayProcess.start(Path(directory) / "data", limits=NO_LIMITS | dict(more_limits or {}))
        try:
            with Api(process.url, process.operator_token) as operator:
                tokens = [
                    operator.create_room(room, settings={"maxSpectators": 100_000})["publish_token"]
                    for room in rooms
                ]
                viewers = [viewer_token(operator, f"viewer-{number}").text for number in range(registered)]
            with Api(process.url, tokens[0]) as publisher:

                def publish(events: Sequence[dict[str, Any]]) -> None:
                    answer = publisher.call("POST", f"/rooms/{rooms[0]}/events", json=list(events))
                    assert answer["accepted"] == len(events), answer

                yield Server(process.pid, process.port, f"/spectate/{rooms[0]}", publish, viewers)
        except BaseException:
            print(process.stderr, file=sys.stderr)
            raise
        finally:
            process.stop()


def other(run: Callable[[], AbstractContextManager[others.Running]]) -> Callable[[], Any]:
    """Run a server of others; each event comes ready in an envelope like ours."""

    @contextmanager
    def start() -> Iterator[Server]:
        with run() as running:
            numbers = count(123_456)

            def publish(events: Sequence[dict[str, Any]]) -> None:
                for event in events:
                    envelope = _envelope(event, next(numbers))
                    running.publish(json.dumps(envelope, separators=(",", ":")).encode())

            yield Server(running.pid, running.port, running.path, publish)

    return start


def _envelope(event: dict[str, Any], number: int) -> dict[str, Any]:
    # Ids, positions and times move on as ours do: what never changes would cost a compressor nothing.
    position, now = f"abcdefgh-{number}", format_ms(round(time.time() * 1000))
    return {
        "id": f"0123456789-{number:x}",
        "type": "spectator.activity",
        "timestamp": now,
        "data": {
            "room_id": ROOM,
            "timestamp": now,
            "events": [{"seq": number, "event_id": position, "timestamp": now} | event],
            "after": f"abcdefgh-{number - 1}",
            "cursor": position,
        },
    }


def _no_websockets() -> str:
    return "" if find_spec("websockets") else "pip install websockets"


RELAY = Peer("clawtank-relay", relay, greeted=True, adapts=True)
RELAY_DEFLATE = Peer("clawtank-relay, deflate", relay, deflate=True, greeted=True, adapts=True)
BROADCAST = Peer("websockets.broadcast", other(others.broadcast()), lacks=_no_websockets)
BROADCAST_DEFLATE = Peer(
    "websockets.broadcast, deflate",
    other(others.broadcast("--deflate")),
    deflate=True,
    lacks=_no_websockets,
)
FLOOR = Peer("send() loop in C", other(others.floor), lacks=others.no_compiler)
NCHAN = Peer("nginx + nchan", other(others.nchan), lacks=others.no_nchan)
NODE_WS = Peer("node ws", other(others.node("ws")), lacks=others.no_node("ws"))
NODE_WS_DEFLATE = Peer(
    "node ws, deflate",
    other(others.node("ws", "deflate")),
    deflate=True,
    lacks=others.no_node("ws"),
)
SOCKET_IO = Peer(
    "socket.io", other(others.node("socket.io")), hello="40", lacks=others.no_node("socket.io", "ws")
)
NATS = Peer("NATS websockets", other(others.nats), hello=others.NATS_HELLO, lacks=others.no_nats)
PEERS = (
    RELAY,
    RELAY_DEFLATE,
    FLOOR,
    NCHAN,
    BROADCAST,
    BROADCAST_DEFLATE,
    NODE_WS,
    NODE_WS_DEFLATE,
    SOCKET_IO,
    NATS,
)
