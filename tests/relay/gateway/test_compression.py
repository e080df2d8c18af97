"""Locks: frames are compressed only for viewers that can inflate them, whatever window they ask for."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from support.relay_process import UNLIMITED
from support.wound_relay import WoundRelay, wound_relay

PLAIN, COMPRESSED = 0x81, 0xC1
"""First bytes of a text frame: FIN and the opcode, with or without RSV1."""

FACTORIES: dict[str, list[Any] | None] = {
    "none": None,
    "default": [ClientPerMessageDeflateFactory()],
    "window of 9": [ClientPerMessageDeflateFactory(server_max_window_bits=9, client_max_window_bits=True)],
    "window of 14": [ClientPerMessageDeflateFactory(server_max_window_bits=14)],
    "no takeover": [ClientPerMessageDeflateFactory(True, True)],
    "own window of 9": [ClientPerMessageDeflateFactory(client_max_window_bits=9)],
}


async def publish(relay: WoundRelay, content: str) -> None:
    event = {"type": "chat.public", "author": "a", "author_type": "human", "content": content}
    await relay.call("POST", "/rooms/room/events", json=event)


@pytest.mark.parametrize("offer", FACTORIES)
async def test_every_viewer_reads_its_messages_whatever_window_it_asked_for(tmp_path: Path, offer: str):
    # What repeats does so from further back than a small window reaches; a longer text would be cut.
    content = " ".join(f"word{number}" for number in range(200))
    async with wound_relay(tmp_path, limits=UNLIMITED) as relay:
        address = relay.url.replace("http", "ws") + "/spectate/room?types=chat"
        async with connect(address, compression=None, extensions=FACTORIES[offer], proxy=None) as viewer:
            assert json.loads(await viewer.recv())["type"] == "spectator.welcome"
            await publish(relay, content + content)
            await publish(relay, "short")
            contents = []
            while len(contents) < 2:
                message = json.loads(await viewer.recv())
                contents += [event["content"] for event in message["data"].get("events", [])]
            assert contents == [content + content, "short"]
            said = content[:400].strip()
            await viewer.send(json.dumps({"type": "spectator.chat_message", "data": {"message": said}}))
            while (message := json.loads(await viewer.recv()))["type"] != "spectator.chat_message":
                pass
            assert message["data"]["message"] == said


@pytest.mark.parametrize(
    ("offer", "first"),
    [
        ("", PLAIN),
        ("permessage-deflate", COMPRESSED),
        ("permessage-deflate; client_max_window_bits", COMPRESSED),
        ("permessage-deflate; server_max_window_bits=15", COMPRESSED),
        ("permessage-deflate; server_max_window_bits=14", PLAIN),
        ("permessage-deflate; server_max_window_bits=9", PLAIN),
        ("x-unknown", PLAIN),
    ],
)
async def test_frames_that_reach_back_further_than_was_agreed_go_out_plain(
    tmp_path: Path, offer: str, first: int
):
    """zlib inflates them all the same; a client that has no more than the window it asked for does not."""
    async with wound_relay(tmp_path, limits=UNLIMITED) as relay:
        target = urlsplit(relay.url)
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        lines = [
            "GET /spectate/room?types=git HTTP/1.1",
            "Host: relay",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            *([f"Sec-WebSocket-Extensions: {offer}"] if offer else []),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        async with asyncio.timeout(10):
            head = await reader.readuntil(b"\r\n\r\n")
            (opening,) = await reader.readexactly(1)  # of the welcome, which is long enough to be compressed
        writer.transport.abort()
        assert head.startswith(b"HTTP/1.1 101 ")
        assert opening == first
