"""The sockets: a small protocol class on websockets' Sans-I/O `ServerProtocol`. No task per connection.

Spectators come to `/spectate/{room_id}`, the people inside a room to `/rooms/{room_id}/host`.

`relay.gateway.http` builds one for each upgrade request and hands it the request it has read. It calls
`set_protocol` only after that, so a `pause_writing` in between is lost: the welcome goes out in a later turn,
and the transport's own buffer size is trusted, not a flag.

Frames to the viewer are prepared by `relay.delivery` and written to the transport as they are; the Sans-I/O
object frames only its own pongs and closes. permessage-deflate is negotiated so that no connection holds a
window of ours: what we send is compressed in one that its viewers share, what they send each by itself.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import PayloadTooBig
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import Event, Protocol, State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from relay.audience.metrics import PRIVATE
from relay.delivery.coding import Coding
from relay.delivery.writer import HIGH
from relay.gateway.callers import identify_caller
from relay.gateway.deflate import DeflateFactory, coding_of
from relay.gateway.host_session import HostSession
from relay.gateway.inbox import Inbox
from relay.gateway.session import Session
from relay.protocol.envelope import encode_json
from relay.protocol.errors import ERRORS, Code, Refused, retry_after
from relay.protocol.messages import SUBPROTOCOL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from relay.gateway.peer import Peer
    from relay.service.relay import Relay

PING_S = 20.0
"""Seconds without a byte from the viewer after which it is pinged."""
DEAD_S = 45.0
"""Seconds without a byte after which it is gone."""
_CLOSE_S = 3.0
"""Seconds the peer has to finish the closing handshake."""
_LAST_WORD_S = 1.0
"""Seconds a peer that is read no more has to take the reason."""
_FLOOD = 512 * 1024
"""Bytes in the transport at which a peer that makes us answer without reading is cut off."""
_HUGE = 128 * 1024
_NOT_SENT: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", None)
_SUBPROTOCOL = Subprotocol(SUBPROTOCOL)
_DEFLATE = DeflateFactory()
_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
_QUIET = logging.getLogger("websockets.server")
"""The library's own, which `relay.logs` keeps quiet: it would write headers, and tokens with them."""


class _Upgraded(ServerProtocol):
    """A server's side of a connection whose request was read already."""

    def parse(self) -> Generator[None]:
        """Expect frames: the library's own begins with the request."""
        return Protocol.parse(self)


class OpenSockets:
    """The spectator sockets of a relay.

    Attributes:
        inbox: What was read from them.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Start with none. `now_s` is monotonic."""
        self.inbox = Inbox(now_s)
        self._sockets: set[SpectatorSocket] = set()

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._sockets)

    def __iter__(self) -> Iterator[SpectatorSocket]:
        """Go through those open now; they may close meanwhile."""
        return iter(list(self._sockets))

    def add(self, opened: SpectatorSocket) -> None:
        """Note one."""
        self._sockets.add(opened)

    def discard(self, closed: SpectatorSocket) -> None:
        """Forget one."""
        self._sockets.discard(closed)


class SpectatorSocket(asyncio.Protocol):
    """One connection to `/spectate/{room_id}` or `/rooms/{room_id}/host`."""

    __slots__ = (
        "_binary",
        "_closing",
        "_deaf",
        "_found",
        "_parts",
        "_protocol",
        "_relay",
        "_session",
        "_sockets",
        "_transport",
        "buffered",
        "coding",
        "heard_s",
        "write",
    )

    def __init__(self, relay: Relay, sockets: OpenSockets) -> None:
        """Bind the house, and the list of open sockets to be in."""
        self._relay = relay
        self._sockets = sockets
        # Room beyond the limit: a message that is too large is answered by name, one that is huge is cut off.
        size = relay.config.limits.message_bytes
        room = max(2 * size, _HUGE) if size else None
        self._protocol = _Upgraded(
            extensions=[_DEFLATE],
            subprotocols=[_SUBPROTOCOL],
            select_subprotocol=_select,
            max_size=room,
            logger=_QUIET,
        )
        self._session: Peer | None = None
        self._parts = b""
        self._binary = False
        self._closing = self._deaf = False
        self._found: deque[Event] = deque()
        self.coding = Coding.PLAIN
        self.heard_s = relay.clock.monotonic_s()

    # -- asyncio.Protocol --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport over from the HTTP protocol."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        # The transport's own methods: a frame goes to a thousand viewers, and so does every call saved.
        # Nothing is written after a close frame, because the session ends before one goes out.
        self.write: Callable[[bytes], None] = transport.write
        self.buffered: Callable[[], int] = transport.get_write_buffer_size
        # Whoever is skipped above this mark must be called when it has drained below it, with TLS too.
        transport.set_write_buffer_limits(high=HIGH)
        # What the kernel would hold for a reader that has stopped, megabytes of it, is held back: lag shows
        # when it begins, and costs this machine no more than the mark above.
        sock = transport.get_extra_info("socket")
        if _NOT_SENT is not None and sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, _NOT_SENT, HIGH)
        self._sockets.add(self)

    def upgrade(self, method: str, path: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Answer the request that asked for this socket: once, before any data.

        Args:
            method: The request's.
            path: With the query, as sent.
            headers: As sent; each is a legal field of HTTP.
        """
        named = Headers()
        for name, value in headers:
            named[name.decode("latin-1")] = value.decode("latin-1")
        self._handshake(Request(path.decode("latin-1"), named, method))
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Feed the parser; act on what it finds."""
        self.heard_s = self._relay.clock.monotonic_s()
        self._protocol.receive_data(data)
        self._found.extend(self._protocol.events_received())
        self._sockets.inbox.offer(self)

    def eof_received(self) -> None:
        """Note that the peer sends no more."""
        self._protocol.receive_eof()
        self._found.extend(self._protocol.events_received())
        while self.deal():
            pass

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._found.clear()
        self._sockets.discard(self)
        self._end_session()

    def pause_writing(self) -> None:
        """Note that the transport has no room."""
        if self._session is not None:
            self._session.pause()

    def resume_writing(self) -> None:
        """Note that the transport has room again."""
        if self._session is not None:
            self._session.resume()

    # -- Line: `write`, `buffered` and `coding` are attributes --------------------------------------

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake; cut the line if it takes too long."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
        self._flush()

    def fail(self, code: int, reason: str) -> None:
        """Close, and read nothing more of what the peer sends."""
        if self._protocol.state is State.OPEN:
            self._protocol.fail(code, reason)
        self._transport.pause_reading()
        self._found.clear()
        self._closing = self._deaf = True
        self._flush()
        asyncio.get_running_loop().call_later(_LAST_WORD_S, self._transport.abort)

    # -- upkeep ------------------------------------------------------------------------------------

    def check(self, now_s: float) -> None:
        """Ping a silent peer; drop a dead one."""
        silent_s = now_s - self.heard_s
        if silent_s > DEAD_S:
            self._transport.abort()
        elif silent_s > PING_S and self._protocol.state is State.OPEN:
            self._protocol.send_ping(b"")
            self._flush()

    def drain(self, after_ms: int, url: str) -> None:
        """Tell the viewer to come back, here or elsewhere, and close."""
        if self._session is not None:
            self._session.drain(after_ms, url)
        else:
            self._transport.close()

    def abort(self) -> None:
        """Cut the line."""
        self._transport.abort()

    def shutdown(self) -> None:
        """Called by uvicorn when it stops; by then everybody has been drained."""
        self._transport.close()

    # -- what the parser found ---------------------------------------------------------------------

    def deal(self) -> bool:
        """Deal with one frame that was read; say whether there is another."""
        event = self._found.popleft() if self._found else None
        if isinstance(event, Frame) and self._session is not None:
            if event.opcode in _DATA:
                self._data(event, self._session)
            else:
                self._session.control_frame()
        if not self._found:
            self._settle()
        return bool(self._found)

    def hold(self) -> None:
        """Read no more for now."""
        self._transport.pause_reading()

    def read_on(self) -> None:
        """Read again, unless nothing more is wanted from this peer."""
        if not self._deaf:
            self._transport.resume_reading()

    def _settle(self) -> None:
        """Draw the consequences, when all that was read is dealt with."""
        if isinstance(self._protocol.parser_exc, PayloadTooBig) and not self._closing and self._session:
            # The parser has queued its close frame; the reason goes out before it.
            self._session.fault(Refused(Code.MESSAGE_TOO_LARGE))
        if self._protocol.state in (State.CLOSING, State.CLOSED):
            self._end_session()
        self._flush()
        if self._transport.get_write_buffer_size() > _FLOOD:
            self._transport.abort()

    def _handshake(self, request: Request) -> None:
        relay, protocol = self._relay, self._protocol
        target = urlsplit(request.path)
        match target.path.lstrip("/").split("/"):
            case ["spectate", room_id] if room_id:
                kind: type[Peer] = Session
            case ["rooms", room_id, "host"] if room_id:
                kind = HostSession
            case _:
                why = "Sockets are at /spectate/ROOM and /rooms/ROOM/host.\n"
                protocol.send_response(protocol.reject(404, why))
                return
        if kind is HostSession and not _is_same_origin(request):
            # A page of another site must not use what its visitor's browser may know of this relay.
            protocol.send_response(protocol.reject(403, "This socket is not for pages of other sites.\n"))
            return
        shed = relay.gate.newcomer()
        if shed is not None:
            relay.metrics.failed(shed.code)
            protocol.send_response(_turned_away(protocol, shed))
            return
        credentials = request.headers.get_all("Authorization")
        if len(credentials) > 1:
            protocol.send_response(protocol.reject(400, "Send one Authorization header, not several.\n"))
            return
        response = protocol.accept(request)
        protocol.send_response(response if response.status_code == 101 else _refused(protocol, response))
        if protocol.state is not State.OPEN:
            return
        self.coding = coding_of(protocol.extensions)
        peer = self._transport.get_extra_info("peername")
        caller = identify_caller(
            peer[0] if peer else "", request.headers.get_all, relay.config.trusted_proxies, relay.regions
        )
        session = self._session = kind(relay, self, unquote(room_id), caller)
        scheme, _, bearer = "".join(credentials).partition(" ")
        bearer = bearer.strip() if scheme.lower() == "bearer" else ""
        # In a later turn: uvicorn has not made this object the transport's protocol yet.
        # Closed over, not passed: asyncio logs the arguments of a callback that fails, and these hold tokens.
        asyncio.get_running_loop().call_soon(lambda: session.open(target.query, bearer))

    def _data(self, frame: Frame, session: Peer) -> None:
        if frame.opcode is not Opcode.CONT:
            self._binary = frame.opcode is Opcode.BINARY
            self._parts = b""
        self._parts += frame.data
        if not frame.fin:
            session.control_frame()
            return
        message, self._parts = self._parts, b""
        limit = self._relay.config.limits.message_bytes
        if self._binary:
            session.fault(Refused(Code.INVALID_MESSAGE, "Binary messages are not understood. Send text."))
        elif limit and len(message) > limit:
            why = f"The message has {len(message)} bytes; {limit} are allowed. Shorten it."
            session.fault(Refused(Code.MESSAGE_TOO_LARGE, why))
        elif not _is_utf8(message):
            session.fault(Refused(Code.INVALID_MESSAGE, "The message is not valid UTF-8. Send it as UTF-8."))
            self._protocol.fail(1007, "invalid UTF-8")
        else:
            session.receive(message)

    def _end_session(self) -> None:
        if self._session is not None:
            self._session.lost(clean=self._protocol.close_rcvd is not None)
            self._session = None

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
                self._relay.metrics.sent(len(data), 1, PRIVATE)
            elif self._transport.can_write_eof():
                self._transport.write_eof()
            else:
                self._transport.close()
        if self._protocol.close_expected() and not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_later(_CLOSE_S, self._transport.abort)


def _select(protocol: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    # A client that offers other names only is served without one, as RFC 6455 allows.
    return _SUBPROTOCOL if _SUBPROTOCOL in offered else None


def _is_same_origin(request: Request) -> bool:
    """Say whether a request comes from no page at all, or from one of this relay's own."""
    origins, hosts = request.headers.get_all("Origin"), request.headers.get_all("Host")
    return not origins or (
        len(origins) == len(hosts) == 1 and urlsplit(origins[0]).netloc.lower() == hosts[0].lower()
    )


def _turned_away(protocol: ServerProtocol, refused: Refused) -> Response:
    """Word a refusal before the upgrade as every HTTP error is worded."""
    data = refused.data()
    response = protocol.reject(ERRORS[refused.code].status, encode_json(data).decode())
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "application/json"
    response.headers["Retry-After"] = retry_after(data)
    return response


def _refused(protocol: ServerProtocol, refusal: Response) -> Response:
    """Word the library's refusal of a handshake ourselves: its own words repeat what it could not read."""
    why = "This is no handshake of WebSocket version 13 (RFC 6455). Use a WebSocket client.\n"
    response = protocol.reject(refusal.status_code, why)
    for name in {"Allow", "Upgrade"} & set(refusal.headers):
        response.headers[name] = refusal.headers[name]
    return response


def _is_utf8(message: bytes) -> bool:
    try:
        message.decode()
    except UnicodeDecodeError:
        return False
    return True
