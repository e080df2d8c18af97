"""The chaos run's WebSocket client, against another implementation and against frames that break a rule."""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request
from websockets.server import ServerProtocol

from chaos.websocket import DEFLATE, OFFERS, Client, Closed, Refused, Violation

SMALL = f"{DEFLATE}; server_max_window_bits=9"


def upgraded(offer, **agreed):
    """A client and a server of the `websockets` library that have shaken hands."""
    server = ServerProtocol(extensions=[ServerPerMessageDeflateFactory(**agreed)])
    client = Client("127.0.0.1", "/spectate/room?types=git", offer, {"X-Connection": "1.2"})
    server.receive_data(client.request)
    (request,) = server.events_received()
    assert isinstance(request, Request)
    assert request.path == "/spectate/room?types=git"
    assert request.headers["X-Connection"] == "1.2"
    server.send_response(server.accept(request))
    assert list(client.feed(b"".join(server.data_to_send()))) == []
    assert client.is_open
    return client, server


def answered(server, client):
    """What the client makes of what the server has to send."""
    return list(client.feed(b"".join(server.data_to_send())))


@pytest.mark.parametrize("offer", [*OFFERS, SMALL])
def test_messages_come_through_whatever_is_offered(offer):
    client, server = upgraded(offer)
    said = [f"message {number} " + "words in a window " * 300 for number in range(5)]
    for text in said:
        server.send_text(text.encode())
    assert answered(server, client) == said
    for text in ("", "short", "x" * 200, "é" * 40_000):
        server.receive_data(client.text(text))
        (frame,) = server.events_received()
        assert frame.data.decode() == text


@settings(max_examples=30)
@given(st.lists(st.text(), max_size=4), st.integers(1, 7))
def test_it_does_not_matter_where_the_bytes_are_cut(texts, size):
    client, server = upgraded(DEFLATE)
    for text in texts:
        server.send_text(text.encode())
    data = b"".join(server.data_to_send())
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert [text for piece in pieces for text in client.feed(piece)] == texts


def test_fragments_pings_and_the_close_are_answered_as_they_should_be():
    client, server = upgraded("")
    server.send_text(b"in ", fin=False)
    server.send_ping(b"there?")
    server.send_continuation(b"two", fin=True)
    server.send_close(4408, "slow")
    assert answered(server, client) == ["in two", Closed(4408)]
    server.receive_data(client.replies())
    pong, close = server.events_received()
    assert (pong.data, close.data[:2]) == (b"there?", (4408).to_bytes(2))
    assert client.replies() == b""


def deflated(text):
    data = zlib.compressobj(wbits=-15)
    return (data.compress(text) + data.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")


def frame(first, payload):
    size = len(payload)
    return bytes((first, size)) + payload if size < 126 else bytes((first, 126)) + size.to_bytes(2) + payload


FAR = deflated(bytes(range(256)) * 4 + bytes(reversed(range(256))) * 4 + bytes(range(256)) * 4)


@pytest.mark.parametrize(
    ("offer", "data"),
    {
        "masked": ("", b"\x81\x81\x00\x00\x00\x00a"),
        "reserved bit": ("", frame(0xA1, b"a")),
        "compressed unasked": ("", frame(0xC1, deflated(b"a"))),
        "binary": ("", frame(0x82, b"a")),
        "unknown opcode": ("", frame(0x83, b"a")),
        "unknown control": ("", frame(0x8B, b"a")),
        "fragment of nothing": ("", frame(0x80, b"a")),
        "beginning among fragments": ("", frame(0x01, b"a") + frame(0x81, b"b")),
        "compressed fragment": (DEFLATE, frame(0x41, deflated(b"a")) + frame(0xC0, b"b")),
        "fragmented ping": ("", frame(0x09, b"a")),
        "long ping": ("", frame(0x89, b"a" * 126)),
        "close code of one byte": ("", frame(0x88, b"a")),
        "length too long for itself": ("", b"\x81\x7e\x00\x01a"),
        "no UTF-8": ("", frame(0x81, b"\xff")),
        "no deflate": (DEFLATE, frame(0xC1, b"\xff\xff\xff")),
        "reaches beyond the window": (SMALL, frame(0xC1, FAR)),
    }.values(),
)
def test_a_frame_that_breaks_a_rule_is_a_violation(offer, data):
    client, _ = upgraded(offer)
    with pytest.raises(Violation):
        list(client.feed(data))


def test_a_window_does_not_go_on_where_none_was_agreed_on():
    client, _ = upgraded(f"{DEFLATE}; server_no_context_takeover", server_no_context_takeover=True)
    shared = zlib.compressobj(wbits=-15)
    first, second = (
        (shared.compress(b"the same words again " * 5) + shared.flush(zlib.Z_SYNC_FLUSH))[:-4] for _ in "ab"
    )
    assert list(client.feed(frame(0xC1, first))) == ["the same words again " * 5]
    with pytest.raises(Violation):
        list(client.feed(frame(0xC1, second)))


def reply(client, *lines):
    """An answer to a client's handshake, right but for what is added."""
    server = ServerProtocol()
    server.receive_data(client.request)
    (request,) = server.events_received()
    head = server.accept(request).serialize().removesuffix(b"\r\n")
    return head + b"".join(line.encode() + b"\r\n" for line in lines) + b"\r\n"


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        ("", DEFLATE),
        (DEFLATE, "x-other"),
        (DEFLATE, f"{DEFLATE}; client_max_window_bits=10"),
        (f"{DEFLATE}; server_no_context_takeover", DEFLATE),
        (SMALL, DEFLATE),
        (SMALL, f"{DEFLATE}; server_max_window_bits=12"),
    ],
)
def test_an_agreement_beyond_the_offer_is_a_violation(offer, answer):
    client = Client("127.0.0.1", "/", offer)
    with pytest.raises(Violation):
        list(client.feed(reply(client, f"Sec-WebSocket-Extensions: {answer}")))


def test_another_key_or_another_status_is_no_upgrade():
    client, other = Client("127.0.0.1", "/"), Client("127.0.0.1", "/")
    with pytest.raises(Violation):
        list(client.feed(reply(other)))
    with pytest.raises(Refused) as refused:
        list(other.feed(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n\r\n"))
    assert refused.value.status == 503
