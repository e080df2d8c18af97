"""Locks: frames are compressed only for viewers that can inflate them, whatever window they ask for."""

import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from support.relay_process import UNLIMITED
from support.wound_relay import WoundRelay, wound_relay

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
            await viewer.send(json.dumps({"type": "spectator.chat_message", "data": {"message": "x" * 400}}))
            while (message := json.loads(await viewer.recv()))["type"] != "spectator.chat_message":
                pass
            assert message["data"]["message"] == "x" * 400
