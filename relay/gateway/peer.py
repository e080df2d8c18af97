"""What every socket of the relay has in common, whoever is behind it; no socket in here.

A peer's messages cost it patience, are read, and handed on by type; answers, refusals and farewells go out
the same way to all. What a peer is and may do is said by `session` (spectators) and `host_session` (the
people inside a room).
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from relay.audience.metrics import PRIVATE, Labels
from relay.chat.acts import read_acts
from relay.delivery.coding import Coding, private_frame
from relay.gateway.patience import FAULT_COST, FRAME_COST, MESSAGE_COST, Patience
from relay.protocol import messages
from relay.protocol.envelope import BadMessage, decode_object, encode_envelope, encode_json
from relay.protocol.errors import ERRORS, Code, Refused
from relay.storage.contract import StorageError

if TYPE_CHECKING:
    from relay.delivery.stream import Subscriber
    from relay.gateway.callers import Caller
    from relay.service.live_room import LiveRoom
    from relay.service.relay import Relay

_HIGH = {"priority": "high"}
_log = logging.getLogger("relay.gateway")


class Line(Protocol):
    """The socket, as its peer's side sees it.

    Attributes:
        coding: What the connection can take.
        write: Hands frames to the transport.
        buffered: Returns the bytes that wait in the transport.
    """

    coding: Coding
    write: Callable[[bytes], None]
    buffered: Callable[[], int]

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake."""

    def fail(self, code: int, reason: str) -> None:
        """Close, and read nothing more of what the peer sends."""


class Phase(Enum):
    """How far a peer has come."""

    WAITING = auto()
    ENTERING = auto()
    WATCHING = auto()
    CLOSED = auto()


class Peer(ABC):
    """One connection to one room.

    Attributes:
        author_id: This room's id for whoever is there; empty until it is known.
    """

    __slots__ = (
        "_address",
        "_country",
        "_line",
        "_patience",
        "_phase",
        "_relay",
        "_room",
        "_room_id",
        "_subscriber",
        "author_id",
    )

    def __init__(self, relay: Relay, line: Line, room_id: str, caller: Caller) -> None:
        """Bind a socket that was just upgraded.

        Args:
            relay: The house.
            line: The socket.
            room_id: The room of the path.
            caller: Who is at the other end of the socket.
        """
        self._relay = relay
        self._line = line
        self._room_id = room_id
        self._address, self._country = caller.address, caller.country
        self._phase = Phase.WAITING
        self._room: LiveRoom | None = None
        self._subscriber: Subscriber | None = None
        self._patience = Patience()
        self.author_id = ""

    @abstractmethod
    def open(self, query: str, bearer: str) -> None:
        """Begin, with what the handshake's query and `Authorization` header held."""

    @abstractmethod
    def reconsider(self) -> None:
        """Check again whether it may stay, and as what; leave with the reason if not."""

    @abstractmethod
    def _handle(self, kind: str, data: dict[str, Any], ref: str) -> None:
        """Do what a well-formed message asks for."""

    @abstractmethod
    def _left(self, room: LiveRoom, *, clean: bool) -> None:
        """Note that it is gone; the stream has ended already."""

    # -- for the figures ---------------------------------------------------------------------------

    @property
    def delivery(self) -> Labels:
        """What it chose to be sent."""
        return self._subscriber.variant.labels if self._subscriber is not None else PRIVATE

    @property
    def lagging(self) -> bool:
        """Whether its line is full."""
        return self._subscriber is not None and self._subscriber.paused

    # -- messages ----------------------------------------------------------------------------------

    def receive(self, text: bytes) -> None:
        """Take one text message."""
        if self._phase is Phase.CLOSED:
            return
        self._relay.metrics.messages.inc()
        if not self._bear(MESSAGE_COST):
            return
        try:
            message = decode_object(text)
        except BadMessage as error:
            self.fault(Refused(Code.INVALID_MESSAGE, f"The message cannot be read: {error}."))
            return
        ref = message.get("id")
        ref = ref if isinstance(ref, str) and len(ref) <= 64 and ref.isascii() and ref.isprintable() else ""
        kind, data = message.get("type"), message.get("data", {})
        if not isinstance(kind, str):
            self.fault(Refused(Code.INVALID_MESSAGE, "type: must be text."), ref)
        elif not isinstance(data, dict):
            self.fault(Refused(Code.INVALID_MESSAGE, "data: must be an object."), ref)
        else:
            self._handle(kind, data, ref)

    def control_frame(self) -> None:
        """Count a frame that is no message of its own: a ping, a pong, a part."""
        if self._phase is not Phase.CLOSED:
            self._bear(FRAME_COST)

    def fault(self, refused: Refused, ref: str = "") -> None:
        """Answer a message that cannot be used."""
        if self._phase is not Phase.CLOSED and self._bear(FAULT_COST):
            self._answer(refused, ref)

    def _bear(self, cost: float) -> bool:
        """Take what a message costs; a peer whose account is empty is closed and read no more (WIRE-11)."""
        if self._patience.take(cost, self._now_s()):
            return True
        why = "Too many messages in a short time. Wait, then reconnect."
        refused = Refused(Code.RATE_LIMITED, why, 10_000)
        self._answer(refused)
        self._leave(clean=True)
        self._line.fail(ERRORS[refused.code].close_code, refused.code.value)
        return False

    async def _act(self, room: LiveRoom, data: Mapping[str, Any], ref: str, by: str) -> None:
        """Carry out what a moderator asks for; each act is answered by itself."""
        acts = read_acts(data)
        if isinstance(acts, Refused):
            self.refuse(acts, ref)
            return
        try:
            outcomes = await self._relay.moderation.carry_out(room, acts, by, self)
        except StorageError as error:
            _log.error("an act of moderation could not be stored: %s", error)
            self.refuse(Refused(Code.INTERNAL), ref)
            return
        for act, outcome in zip(acts, outcomes, strict=True):
            if self._phase is not Phase.WATCHING:
                return
            if isinstance(outcome, Refused):
                self._answer(outcome, ref, **act.target)
            else:
                self._send(messages.DECIDED, {**outcome, **_named(ref)})

    # -- going out ---------------------------------------------------------------------------------

    def pass_on(self, kind: str, data: Mapping[str, Any]) -> None:
        """Send a message of those who moderate."""
        if self._phase is Phase.WATCHING:
            self._send(kind, data)

    def is_of(self, subscriber: object) -> bool:
        """Say whether this is the connection with a subscriber."""
        return self._subscriber is not None and self._subscriber is subscriber

    def refuse(self, refused: Refused, ref: str) -> None:
        """Tell what became of a message."""
        if self._phase is Phase.WATCHING:
            self._answer(refused, ref)

    def tell(self, kind: str, **fields: Any) -> None:
        """Send a notice of a kind."""
        if self._phase is Phase.WATCHING:
            self._notify(kind, **fields)

    def drain(self, after_ms: int, url: str) -> None:
        """Ask the peer to come back later, elsewhere if a relay is named, and close."""
        if self._phase is Phase.WATCHING:
            self._notify("reconnect", after_ms=after_ms, **({"url": url} if url else {}))
        self._leave(clean=False)
        self._line.close(1012, "the relay is restarting")

    def lost(self, *, clean: bool) -> None:
        """Note that the socket is gone."""
        self._leave(clean=clean)

    def pause(self) -> None:
        """Note that the transport has no room."""
        if self._subscriber is not None:
            self._subscriber.pause()

    def resume(self) -> None:
        """Note that the transport has room again."""
        if self._subscriber is not None:
            self._subscriber.resume()

    def _give_up(self) -> None:
        self._refuse(Refused(Code.SLOW_CONSUMER))

    def _refuse(self, refused: Refused, ref: str = "") -> None:
        """Say why, once, and close with the code's own close code (ERR-7)."""
        if self._phase is Phase.CLOSED:
            return
        self._answer(refused, ref)
        self._leave(clean=refused.code is not Code.SLOW_CONSUMER)
        self._line.close(ERRORS[refused.code].close_code, refused.code.value)

    def _leave(self, *, clean: bool) -> None:
        if self._phase is Phase.CLOSED:
            return
        self._phase = Phase.CLOSED
        if self._room is None:
            return
        if self._subscriber is not None:
            self._room.hub.leave(self._subscriber)
        self._relay.watchers[self._room.id].discard(self)
        self._relay.entrance.went_out(self._address)
        self._left(self._room, clean=clean)

    # -- small things ------------------------------------------------------------------------------

    def _answer(self, refused: Refused, ref: str = "", **about: str) -> None:
        self._relay.metrics.failed(refused.code)
        self._send(messages.ERROR, {**refused.data(), **about, **_named(ref)}, _HIGH)

    def _notify(self, kind: str, ref: str = "", **fields: Any) -> None:
        self._send(messages.NOTICE, {"kind": kind, **fields, **_named(ref)})

    def _send(self, kind: str, data: Mapping[str, Any], metadata: dict[str, str] | None = None) -> None:
        now_ms = self._relay.clock.now_ms()
        payload = encode_envelope(self._relay.ids.next(), kind, now_ms, encode_json(data), metadata)
        in_run = self._subscriber is not None and self._subscriber.in_run
        frame = private_frame(payload, self._line.coding, in_run=in_run)
        self._line.write(frame)
        self._relay.metrics.sent(len(frame), 1, PRIVATE)

    def _now_s(self) -> float:
        return self._relay.clock.monotonic_s()


def _named(ref: str) -> dict[str, str]:
    return {"ref": ref} if ref else {}
