"""The HTTP side of the port, guarded: deadlines and sizes that uvicorn does not have.

uvicorn leaves half-sent requests open for ever and accepts any head and body. This protocol class bounds
the whole request in time and bytes before anything is parsed or buffered, and answers each breach with its
status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from relay.config import Limits
from relay.protocol.envelope import encode_json
from relay.protocol.errors import Code, Refused

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

ARRIVED = "clawtank.arrived_s"
"""Where a request's scope says when the last byte of it came, in monotonic seconds."""
_ANSWER_S = 60.0
"""Seconds an answer may take to be read before a peer that stopped reading is cut off."""
_REASONS = {
    400: "Bad Request",
    408: "Request Timeout",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
}


class GuardedHttp(HttpToolsProtocol):
    """uvicorn's httptools protocol with deadlines and limits; `guarded_http` binds it to a relay."""

    limits = Limits()
    failed: Callable[[Code], None]
    now_s: Callable[[], float]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start with no request."""
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._head_tail = b""
        self._body_bytes = 0
        self._in_head = True
        self._refused = False
        self._read_s = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the first request its deadline."""
        super().connection_made(transport)
        self._arm(self.limits.request_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the head's bytes before the parser buffers them."""
        if self._refused:
            return
        self._read_s = self.now_s()
        if self._in_head:
            if self._head_bytes == 0:
                self._arm(self.limits.request_s)
            # The end of the head may be split between two reads.
            head_ends = (self._head_tail + data).find(b"\r\n\r\n")
            size = self._head_bytes + (len(data) if head_ends < 0 else head_ends)
            self._head_bytes += len(data)
            self._head_tail = data[-3:]
            if self.limits.header_bytes and size > self.limits.header_bytes:
                self._refuse(431, "The request's head is too large. Send fewer or shorter headers.")
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Refuse a body that says it is too large before any of it is read."""
        if self._refused:
            return
        self._in_head = False
        self._body_bytes = 0
        named = dict(self.headers)
        if self.parser.should_upgrade() and self._should_upgrade():
            busy = self.cycle is not None and not self.cycle.response_complete
            bodied = b"content-length" in named or b"transfer-encoding" in named
            if busy or bodied or self.parser.get_http_version() != "1.1":
                self._refuse(
                    400, "A WebSocket opens with one HTTP/1.1 GET without a body, and nothing before it."
                )
                return
        length = named.get(b"content-length", b"0")
        if self.limits.body_bytes and length.isdigit() and int(length) > self.limits.body_bytes:
            self._refuse(
                413, f"The body is too large: {self.limits.body_bytes} bytes are allowed. Send it in parts."
            )
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count what arrives, whatever was announced."""
        if self._refused:
            return
        self._body_bytes += len(body)
        if self.limits.body_bytes and self._body_bytes > self.limits.body_bytes:
            self._refuse(
                413, f"The body is too large: {self.limits.body_bytes} bytes are allowed. Send it in parts."
            )
            return
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is here: from now on the answer has its deadline."""
        self._in_head = True
        self._head_bytes, self._head_tail = 0, b""
        if self._refused:
            return
        self.scope[ARRIVED] = self._read_s  # type: ignore[literal-required]
        self._arm(_ANSWER_S)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Leave the connection to uvicorn's keep-alive timer, unless the request's body is still to come."""
        if self._in_head:
            self._disarm()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over: from now on it has no HTTP deadline.

        The request goes with it as it was read. uvicorn would write it out again for the socket to parse.
        """
        if self._refused:
            return
        self._disarm()
        self.connections.discard(self)
        socket: Any = self.ws_protocol_class()  # type: ignore[misc]
        socket.connection_made(self.transport)
        socket.upgrade(self.scope["method"], self.url, self.scope["headers"])
        self.transport.set_protocol(socket)

    def _arm(self, seconds: float) -> None:
        self._disarm()
        if seconds:
            self._deadline = self.loop.call_later(seconds, self._late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and not cycle.more_body:
            self.transport.abort()  # the answer is not being read
        elif cycle is not None and cycle.response_complete and not self._in_head:
            self.transport.close()  # answered long ago, and its body is still being dripped
        else:
            self._refuse(408, "The request took too long to arrive. Send it again.")

    def _refuse(self, status: int, message: str) -> None:
        """Answer by hand and close: the parser's state is not to be trusted with the rest."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._disarm()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.abort()
                return
        code = Code.MESSAGE_TOO_LARGE if status in (413, 431) else Code.INVALID_MESSAGE
        self.failed(code)
        body = encode_json(Refused(code, message).data())
        head = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


def guarded_http(
    limits: Limits, failed: Callable[[Code], None], now_s: Callable[[], float]
) -> type[GuardedHttp]:
    """Return the protocol class of one relay.

    Args:
        limits: Its sizes and deadlines.
        failed: Counts an error that is told to a peer.
        now_s: Its clock's monotonic seconds.
    """
    bound = {"limits": limits, "failed": staticmethod(failed), "now_s": staticmethod(now_s)}
    return type("GuardedHttp", (GuardedHttp,), bound)
