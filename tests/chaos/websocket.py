"""The client's end of a WebSocket, written from the RFCs and from nothing else: bytes in, messages out.

RFC 6455 and permessage-deflate (RFC 7692), strict: whatever a server may not send is a `Violation`, so that
a viewer built on this also judges the relay's framing. No IO, and no line in common with the relay or with
the library it is built on.
"""

from __future__ import annotations

import base64
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TAIL = b"\x00\x00\xff\xff"
_CONT, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_MAX_MESSAGE = 16 * 1024 * 1024
_MAX_HEAD = 16 * 1024

DEFLATE = "permessage-deflate"
OFFERS = (
    "",
    DEFLATE,
    f"{DEFLATE}; client_max_window_bits",
    f"{DEFLATE}; server_no_context_takeover; client_no_context_takeover",
    f"{DEFLATE}; server_max_window_bits=12",
)
"""What viewers offer: no compression, a shared window, the same as browsers say it, none, a small one."""


class Violation(Exception):
    """The server sent what RFC 6455 or RFC 7692 forbids."""


class Refused(Exception):
    """The upgrade was answered with another status than 101.

    Attributes:
        status: The HTTP status.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Closed:
    """The server's close frame; `code` is 1005 if it gave none."""

    code: int


class Client:
    """One connection, from the request on."""

    def __init__(
        self,
        host: str,
        target: str,
        offer: str = DEFLATE,
        headers: Mapping[str, str] | None = None,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Prepare a request.

        Args:
            host: For the `Host` header.
            target: Path and query.
            offer: The value of `Sec-WebSocket-Extensions`; empty for none.
            headers: More request headers.
            entropy: Bytes for the key and for masks.
        """
        self._entropy = entropy
        self._key = base64.b64encode(entropy(16)).decode()
        fields = {
            "Host": host,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": self._key,
            "Sec-WebSocket-Version": "13",
            **({"Sec-WebSocket-Extensions": offer} if offer else {}),
            **(headers or {}),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.request = f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode()
        self._offer = offer
        self._rest = b""
        self._open = False
        self._inflate: Callable[[bytes], bytes] | None = None
        self._parts: list[bytes] | None = None
        self._compressed = False
        self._replies: list[bytes] = []

    @property
    def is_open(self) -> bool:
        """Whether the upgrade was answered."""
        return self._open

    def replies(self) -> bytes:
        """Return what is due to the server: pongs, the answer to its close."""
        due, self._replies = b"".join(self._replies), []
        return due

    def text(self, message: str) -> bytes:
        """Return a text message as bytes to write."""
        return self._masked(_TEXT, message.encode())

    def close(self, code: int = 1000) -> bytes:
        """Return a close frame as bytes to write."""
        return self._masked(_CLOSE, code.to_bytes(2))

    def feed(self, data: bytes) -> Iterator[str | Closed]:
        """Take what arrived; yield the messages that are complete, and the close.

        Raises:
            Refused: If the upgrade was refused.
            Violation: If the server broke a rule.
        """
        self._rest += data
        if not self._open:
            head, found, rest = self._rest.partition(b"\r\n\r\n")
            if not found:
                if len(self._rest) > _MAX_HEAD:
                    raise Violation("an endless answer to the upgrade")
                return
            self._upgraded(head.decode("latin-1"))
            self._rest, self._open = rest, True
        while (frame := self._frame()) is not None:
            first, payload = frame
            message = self._handle(first, payload)
            if message is not None:
                yield message

    # -- the handshake -----------------------------------------------------------------------------

    def _upgraded(self, head: str) -> None:
        status, *lines = head.split("\r\n")
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            if name.lower() in fields and name.lower().startswith("sec-websocket"):
                raise Violation(f"{name} came twice")
            fields[name.lower()] = value.strip()
        words = status.split(" ")
        if len(words) < 2 or not words[1].isdecimal():
            raise Violation(f"no HTTP answer: {status[:80]!r}")
        if words[1] != "101":
            raise Refused(int(words[1]))
        accept = base64.b64encode(hashlib.sha1((self._key + _GUID).encode()).digest()).decode()
        if fields.get("sec-websocket-accept") != accept:
            raise Violation("Sec-WebSocket-Accept does not answer the key")
        self._agree(fields.get("sec-websocket-extensions", ""))

    def _agree(self, answer: str) -> None:
        """Take up what was agreed on; it may not go beyond the offer. RFC 7692, 7.1."""
        if not answer:
            return
        name, *words = (word.strip() for word in answer.split(";"))
        agreed = dict(word.partition("=")[::2] for word in words)
        offered = dict(word.strip().partition("=")[::2] for word in self._offer.split(";")[1:])
        if not self._offer or name != DEFLATE or len(agreed) != len(words):
            raise Violation(f"an extension that was not offered: {answer}")
        if "client_max_window_bits" in agreed and "client_max_window_bits" not in offered:
            raise Violation("client_max_window_bits that was not offered")
        if "server_no_context_takeover" in offered and "server_no_context_takeover" not in agreed:
            raise Violation("server_no_context_takeover was asked for and not agreed to")
        bits = int(agreed.get("server_max_window_bits", "15"))
        if bits > int(offered.get("server_max_window_bits") or "15"):
            raise Violation(f"a window of {bits} bits, more than was offered")
        self._inflate = _inflater(bits, takeover="server_no_context_takeover" not in agreed)

    # -- frames ------------------------------------------------------------------------------------

    def _frame(self) -> tuple[int, bytes] | None:
        """Return the first byte and the payload of the next whole frame. RFC 6455, 5.2."""
        data = self._rest
        if len(data) < 2:
            return None
        if data[1] & 0x80:
            raise Violation("a masked frame from a server")
        size, start = data[1], 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            if len(data) < 2 + wide:
                return None
            size, start = int.from_bytes(data[2 : 2 + wide]), 2 + wide
            if size < (126 if wide == 2 else 65536):
                raise Violation("a length that is longer than it needs to be")
        if size > _MAX_MESSAGE:
            raise Violation(f"a frame of {size} bytes")
        if len(data) < start + size:
            return None
        self._rest = data[start + size :]
        return data[0], data[start : start + size]

    def _handle(self, first: int, payload: bytes) -> str | Closed | None:
        final, compressed, opcode = bool(first & 0x80), bool(first & 0x40), first & 0x0F
        if first & 0x30:
            raise Violation("a reserved bit is set")
        if opcode >= _CLOSE:
            if not final or compressed or len(payload) > 125:
                raise Violation("a control frame that is fragmented, compressed or too long")
            return self._control(opcode, payload)
        if (opcode == _CONT) is (self._parts is None):
            raise Violation("a fragment without a beginning, or a beginning among fragments")
        if opcode not in (_CONT, _TEXT):
            raise Violation(f"opcode {opcode}: the relay sends text")
        if compressed and (opcode == _CONT or self._inflate is None):
            raise Violation("RSV1 where no compression was agreed on, or on a fragment")
        if opcode == _TEXT:
            self._parts, self._compressed = [], compressed
        assert self._parts is not None
        self._parts.append(payload)
        if not final:
            return None
        message, self._parts = b"".join(self._parts), None
        if self._compressed:
            assert self._inflate is not None
            message = self._inflate(message)
        try:
            return message.decode()
        except UnicodeDecodeError:
            raise Violation("a text that is not UTF-8") from None

    def _control(self, opcode: int, payload: bytes) -> Closed | None:
        if opcode == _PING:
            self._replies.append(self._masked(_PONG, payload))
        elif opcode == _CLOSE:
            if len(payload) == 1:
                raise Violation("a close code of one byte")
            self._replies.append(self._masked(_CLOSE, payload[:2]))
            return Closed(int.from_bytes(payload[:2]) if payload else 1005)
        elif opcode != _PONG:
            raise Violation(f"opcode {opcode}")
        return None

    def _masked(self, opcode: int, payload: bytes) -> bytes:
        size, mask = len(payload), self._entropy(4)
        if size < 126:
            head = bytes((0x80 | opcode, 0x80 | size))
        elif size < 65536:
            head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2)
        else:
            head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8)
        return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def _inflater(bits: int, *, takeover: bool) -> Callable[[bytes], bytes]:
    """Return what inflates the messages of one connection, in a window no larger than agreed."""
    window = zlib.decompressobj(-bits)

    def inflate(payload: bytes) -> bytes:
        nonlocal window
        if not takeover:
            window = zlib.decompressobj(-bits)
        try:
            message = window.decompress(payload + _TAIL, _MAX_MESSAGE)
        except zlib.error as error:
            raise Violation(f"deflate: {error}") from None
        if window.eof:
            # A final block ends the stream: the next message begins another. RFC 7692, 7.2.3.5.
            window = zlib.decompressobj(-bits)
        elif window.unconsumed_tail:
            raise Violation("a message that inflates without end")
        return message

    return inflate
