"""Requests that never end, are too large, or are none: each is answered and let go."""

import asyncio

import pytest

from support.clients import Api
from support.ports import LOOPBACK
from support.relay_process import UNLIMITED, RelayProcess

POST = b"POST /rooms/room/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\n"


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    limits = {**UNLIMITED, "request_s": 1, "header_bytes": 4096}
    relay = RelayProcess.start(tmp_path_factory.mktemp("impatient") / "data", rooms=["room"], limits=limits)
    yield relay
    assert relay.stop() == 0
    assert '"level": "error"' not in relay.stderr


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (b"", 408),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", 408),
        (POST + b"Content-Length: 100\r\n\r\n[", 408),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[", 408),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 5000, 431),
        (b"GET /" + b"x" * 5000, 431),
        (POST + b"Content-Length: 99999999\r\n\r\n", 413),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"hello\r\n\r\n", 400),
    ],
)
async def test_a_request_that_never_ends_or_is_none_is_answered_and_let_go(impatient, start, status):
    reader, writer = await asyncio.open_connection(LOOPBACK, impatient.port)
    writer.write(start.replace(b"TOKEN", impatient.operator_token.encode()))
    async with asyncio.timeout(8):
        answer = await reader.read()
    writer.close()
    assert answer.split()[1] == str(status).encode()
    with Api(impatient.url) as api:
        assert api.answer("GET", "/healthz").status_code == 200
