"""Locks: the port's guards, over real sockets: sizes and times of a request, each answered with its status.

Raw bytes, because no HTTP library sends half a request.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from relay.gateway.http import GuardedHttp
from support.clients import watching
from support.relay_process import UNLIMITED
from support.wound_relay import WoundRelay, wound_relay

HEAD = 16 * 1024
BODY = 1024 * 1024
PUBLISH = "POST /rooms/room/events"


@dataclass
class Line:
    """A connection to the port."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes | str) -> None:
        """Send bytes; a relay that closed meanwhile is no error here."""
        self.writer.write(data.encode() if isinstance(data, str) else data)
        with suppress(ConnectionError):
            await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Read one answer: status, headers, body."""
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            status, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            return (
                int(status.split()[1]),
                headers,
                await self.reader.readexactly(int(headers["content-length"])),
            )

    async def closed(self) -> bytes:
        """Wait until the relay has closed; return what else it sent."""
        async with asyncio.timeout(10):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""


@asynccontextmanager
async def line(relay: WoundRelay) -> AsyncIterator[Line]:
    target = urlsplit(relay.url)
    reader, writer = await asyncio.open_connection(target.hostname, target.port)
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def relay_with(data: Path, **limits: Any) -> AsyncIterator[WoundRelay]:
    async with wound_relay(data, limits={**UNLIMITED, **limits}) as relay:
        yield relay


def request(call: str, *headers: str, relay: WoundRelay | None = None) -> str:
    """Return the head of a request, the operator's if a relay is given."""
    lines = [f"{call} HTTP/1.1", "Host: relay", *headers]
    if relay:
        lines.append(f"Authorization: {relay.operator['Authorization']}")
    return "\r\n".join([*lines, "", ""])


def event(size: int) -> bytes:
    """Return one event to publish, of so many bytes."""
    head, tail = b'{"type":"chat.public","author":"a","author_type":"human","content":"', b'"}'
    return head + b"x" * (size - len(head) - len(tail)) + tail


# -- sizes -----------------------------------------------------------------------------------------


async def test_sizes(tmp_path: Path):
    async with relay_with(tmp_path) as relay:
        await _a_head_at_the_limit_passes_and_one_over_it_is_431(relay)
        await _a_body_at_the_limit_passes_and_one_over_it_is_413(relay)
        await _a_head_cut_anywhere_is_no_larger_for_it(relay)
        await _the_relay_lives_on(relay)


async def _a_head_at_the_limit_passes_and_one_over_it_is_431(relay: WoundRelay) -> None:
    start = request("GET /healthz", "X-Filler: ")
    for size, expected in ((HEAD, 200), (HEAD + 5, 431), (10 * HEAD, 431)):
        head = start.replace("X-Filler: ", "X-Filler: " + "x" * (size - len(start)))
        async with line(relay) as it:
            await it.send(head)
            status, _, body = await it.answer()
            assert status == expected
            if status == 431:
                assert json.loads(body)["code"] == "MESSAGE_TOO_LARGE"
                assert await it.closed() == b""
    async with line(relay) as it:  # one that never ends is answered as soon as it is too long
        await it.send("GET /healthz HTTP/1.1\r\n" + "X-A: b\r\n" * (HEAD // 8))
        assert (await it.answer())[0] == 431


async def _a_body_at_the_limit_passes_and_one_over_it_is_413(relay: WoundRelay) -> None:
    for size, expected in ((BODY, 200), (BODY + 1, 413)):
        async with line(relay) as it:
            await it.send(request(PUBLISH, f"Content-Length: {size}", relay=relay))
            if expected == 200:
                await it.send(event(size))
            status, _, body = await it.answer()  # what says it is too large is not even read
            assert status == expected, body
    async with line(relay) as it:
        await it.send(request(PUBLISH, "Transfer-Encoding: chunked", relay=relay))
        for _ in range(20):
            await it.send(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        status, _, body = await it.answer()
        assert status == 413
        assert json.loads(body)["code"] == "MESSAGE_TOO_LARGE"
        assert await it.closed() == b""
    async with line(relay) as it:
        await it.send(request(PUBLISH, "Transfer-Encoding: chunked", relay=relay))
        body = event(200)
        await it.send(b"64\r\n%b\r\n64\r\n%b\r\n0\r\n\r\n" % (body[:100], body[100:]))
        assert (await it.answer())[0] == 200


async def _a_head_cut_anywhere_is_no_larger_for_it(relay: WoundRelay) -> None:
    body = event(3 * HEAD)
    head = request(PUBLISH, f"Content-Length: {len(body)}", relay=relay).encode()
    for cut in range(len(head) - 4, len(head) + 1):
        async with line(relay) as it:
            await it.send(head[:cut])
            await relay.http.get("/healthz")  # the first part has been read by then
            await it.send(head[cut:] + body)
            assert (await it.answer())[0] == 200, cut


async def _the_relay_lives_on(relay: WoundRelay) -> None:
    for bad in (
        b"\x00\xff\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
    ):
        async with line(relay) as it:
            await it.send(bad)
            assert b" 400 " in await it.closed()
    assert (await relay.http.get("/healthz")).status_code == 200


# -- times -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "GET /heal",
        "GET /healthz HTTP/1.1\r\nHost: relay\r\n",
        request(PUBLISH, "Content-Length: 100") + "x" * 99,
        request(PUBLISH, "Transfer-Encoding: chunked") + "5\r\nab",
    ],
    ids=["nothing", "line", "head", "body", "chunk"],
)
async def test_half_a_request_is_408(tmp_path: Path, sent: str):
    async with relay_with(tmp_path, request_s=0.2) as relay, line(relay) as it:
        if "POST" in sent:
            sent = sent.replace(
                "Host: relay", f"Host: relay\r\nAuthorization: {relay.operator['Authorization']}"
            )
        began = time.monotonic()
        await it.send(sent)
        status, headers, body = await it.answer()
        assert time.monotonic() - began >= 0.15
        assert status == 408
        assert headers["connection"] == "close"
        assert json.loads(body)["code"] == "INVALID_MESSAGE"
        assert await it.closed() == b""


async def test_a_request_that_drips_has_no_more_time_than_one_that_stalls(tmp_path: Path):
    async with relay_with(tmp_path, request_s=0.3) as relay, line(relay) as it:
        answer = asyncio.ensure_future(it.answer())
        head = iter(request("GET /healthz", "X-Filler: " + "x" * 5000))
        while not answer.done():
            await it.send(next(head))
            await asyncio.sleep(0.02)
        assert (await answer)[0] == 408


async def test_an_idle_connection_is_closed_without_a_word(tmp_path: Path):
    async with relay_with(tmp_path, request_s=10, idle_s=1) as relay, line(relay) as it:
        for _ in range(2):
            await it.send(request("GET /healthz"))
            assert (await it.answer())[0] == 200
        began = time.monotonic()
        assert await it.closed() == b""
        assert 0.5 < time.monotonic() - began < 5


async def test_a_second_request_has_a_deadline_of_its_own(tmp_path: Path):
    async with relay_with(tmp_path, request_s=0.3) as relay, line(relay) as it:
        await it.send(request("GET /healthz"))
        assert (await it.answer())[0] == 200
        await it.send("GET /heal")
        assert (await it.answer())[0] == 408


async def test_an_answer_that_came_early_leaves_no_connection_without_a_deadline(tmp_path: Path):
    """Refused before its body came: the rest may not be dripped for ever."""
    async with relay_with(tmp_path, request_s=0.5, idle_s=1) as relay, line(relay) as it:
        await it.send(request(PUBLISH, "Content-Length: 100000"))
        assert (await it.answer())[0] == 401
        await it.send("x")
        assert await it.closed() == b""


async def test_an_early_answer_reaches_who_is_still_sending(tmp_path: Path):
    async with relay_with(tmp_path) as relay, line(relay) as it:
        await it.send(request(PUBLISH, "Content-Length: 500000"))
        for _ in range(50):
            await it.send(b"x" * 10_000)
        assert (await it.answer())[0] == 401


async def test_a_socket_has_none_of_these_deadlines(tmp_path: Path):
    async with (
        relay_with(tmp_path, request_s=0.2, idle_s=1) as relay,
        watching(relay.url, "room", options={"types": "git"}) as viewer,
        line(relay) as slow,
    ):
        await viewer.welcome()
        await slow.send("GET /heal")
        assert (await slow.answer())[0] == 408, "by now the deadline has passed for the viewer too"
        await viewer.chat("hello")
        assert (await viewer.expect("spectator.chat_message"))["message"] == "hello"


async def test_unlimited_is_unlimited(tmp_path: Path):
    async with relay_with(tmp_path, header_bytes=0, body_bytes=0) as relay, line(relay) as it:
        body = b"\n".join([event(BODY)] * 2)
        await it.send(request(PUBLISH, f"Content-Length: {len(body)}", "X: " + "x" * HEAD, relay=relay))
        await it.send(body)
        assert (await it.answer())[0] == 200


def test_the_limits_are_those_of_the_configuration():
    assert (GuardedHttp.limits.header_bytes, GuardedHttp.limits.body_bytes) == (HEAD, BODY)
    assert (GuardedHttp.limits.request_s, GuardedHttp.limits.idle_s) == (10, 30)
