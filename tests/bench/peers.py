"""Who is measured: how each server is started, where its viewers go, how an event is published to it."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.clients import Api
from support.relay_process import UNLIMITED, Output, RelayProcess

ROOM = "bench"
LISTENING = re.compile(r"listening on http://127\.0\.0\.1:([0-9]+)")
NO_LIMITS = dict(UNLIMITED) | {"events_per_minute": 0}


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        pid: The process whose CPU time and memory count.
        port: Its loopback port.
        path: Where its viewers connect.
        publish: Hands it one event and returns when it has taken it.
    """

    pid: int
    port: int
    path: str
    publish: Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Peer:
    """A kind of server.

    Attributes:
        name: As the table shows it.
        start: Runs it for the length of a `with`.
        deflate: Whether the viewers offer permessage-deflate.
        greeted: Whether it sends each viewer a first message.
        needs: The distribution it needs besides ours; a peer that lacks it is skipped.
    """

    name: str
    start: Callable[[], Any]
    deflate: bool = False
    greeted: bool = False
    needs: str = ""

    @property
    def installed(self) -> bool:
        """Whether it can be measured here."""
        return not self.needs or importlib.util.find_spec(self.needs) is not None


@contextmanager
def relay() -> Iterator[Server]:
    """Run our relay with a room of its own; publish over HTTP, one event a request, as a program does."""
    with tempfile.TemporaryDirectory() as directory:
        process = RelayProcess.start(Path(directory) / "data", limits=NO_LIMITS)
        try:
            with Api(process.url, process.operator_token) as operator:
                token = operator.create_room(ROOM, settings={"maxSpectators": 100_000})["publish_token"]
            with Api(process.url, token) as publisher:

                def publish(event: dict[str, Any]) -> None:
                    answer = publisher.call("POST", f"/rooms/{ROOM}/events", json=event)
                    assert answer["accepted"] == 1, answer

                yield Server(process.pid, process.port, f"/spectate/{ROOM}", publish)
        except BaseException:
            print(process.stderr, file=sys.stderr)
            raise
        finally:
            process.stop()


def broadcast(*, deflate: bool) -> Callable[[], Any]:
    """Run `websockets.broadcast`; each event comes ready in an envelope as large as ours."""

    @contextmanager
    def start() -> Iterator[Server]:
        from websockets.sync.client import connect

        command = [sys.executable, "-m", "bench.broadcast_server", *(["--deflate"] if deflate else [])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            listening = Output(process.stdout).search(LISTENING, 20)
            assert listening, "the peer did not start"
            port = int(listening[1])
            try:
                with connect(f"ws://127.0.0.1:{port}/publish", compression=None, proxy=None) as publisher:
                    yield Server(
                        process.pid,
                        port,
                        "/watch",
                        lambda event: publisher.send(json.dumps(_envelope(event))),
                    )
            finally:
                process.kill()

    return start


def _envelope(event: dict[str, Any]) -> dict[str, Any]:
    position = "abcdefgh-123456"
    return {
        "id": "0123456789-abc",
        "type": "spectator.activity",
        "timestamp": "2026-02-17T21:03:00.000Z",
        "data": {
            "room_id": ROOM,
            "timestamp": "2026-02-17T21:03:00.000Z",
            "events": [{"seq": 123456, "event_id": position, "timestamp": "2026-02-17T21:03:00Z"} | event],
            "after": position,
            "cursor": position,
        },
    }


RELAY = Peer("clawtank-relay", relay, greeted=True)
REFERENCE = Peer("websockets.broadcast", broadcast(deflate=False), needs="websockets")
PEERS = (
    RELAY,
    Peer("clawtank-relay, deflate", relay, deflate=True, greeted=True),
    REFERENCE,
    Peer("websockets.broadcast, deflate", broadcast(deflate=True), deflate=True, needs="websockets"),
)
