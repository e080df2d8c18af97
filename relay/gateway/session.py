"""What happens on a spectator's socket, from the handshake to the end; no socket in here.

```
WAITING ──(options, 250 ms, or a connect)──► admitted ──► WATCHING ──► CLOSED
   └──(a refusal that a token could cure waits 5 s for one)──► refused ──► CLOSED
```
Admission is decided synchronously, from memory, and takes the seat in the same turn, so that simultaneous
joins cannot overbook a room. Only a replay waits (for the log) before its welcome.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from relay.chat.channel import display_name, may_write
from relay.delivery.frames import Variant, deflated_frame, ws_frame
from relay.delivery.hub import Subscriber
from relay.gateway.options import BadOption, Options, from_connect, from_query
from relay.gateway.patience import FAULT_COST, FRAME_COST, MESSAGE_COST, WELCOME_COST, Patience
from relay.gateway.welcome import delivery, viewer_limits, welcome
from relay.protocol import messages
from relay.protocol.envelope import BadMessage, decode_object, encode_envelope, encode_json
from relay.protocol.errors import ERRORS, Code, Refused
from relay.rooms.admission import ViewerState, curable_by_token, may_watch
from relay.service.live_room import LiveRoom, Where
from relay.storage.contract import StorageError

if TYPE_CHECKING:
    from relay.audience.identity import Viewer
    from relay.gateway.callers import Caller
    from relay.service.relay import Relay

CONNECT_WAIT_S = 0.25
"""How long a silent newcomer is waited for before it is welcomed as anonymous (CONN-14)."""
CURE_WAIT_S = 5.0
"""How long a newcomer has to present a token that would cure its refusal."""
_HIGH = {"priority": "high"}
_log = logging.getLogger("relay.gateway")


class Line(Protocol):
    """The socket, as the session sees it.

    Attributes:
        deflate: Whether permessage-deflate was negotiated.
        write: Hands frames to the transport.
        buffered: Returns the bytes that wait in the transport.
    """

    deflate: bool
    write: Callable[[bytes], None]
    buffered: Callable[[], int]

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake."""

    def fail(self, code: int, reason: str) -> None:
        """Close, and read nothing more of what the peer sends."""


class _Phase(Enum):
    WAITING = auto()
    ENTERING = auto()
    WATCHING = auto()
    CLOSED = auto()


class Session:
    """One spectator connection."""

    __slots__ = (
        "_address",
        "_country",
        "_line",
        "_options",
        "_patience",
        "_phase",
        "_refused",
        "_relay",
        "_room",
        "_room_id",
        "_spectator_id",
        "_subscriber",
        "_timer",
        "_viewer",
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
        self._phase = _Phase.WAITING
        self._options = Options()
        self._timer: asyncio.TimerHandle | None = None
        self._refused: Refused | None = None
        self._room: LiveRoom | None = None
        self._viewer: Viewer | None = None
        self._spectator_id = ""
        self._subscriber: Subscriber | None = None
        self._patience = Patience()

    # -- coming in ---------------------------------------------------------------------------------

    def open(self, query: str, bearer: str) -> None:
        """Begin: judge the room, then enter at once or wait a moment for `spectator.connect`."""
        if self._phase is _Phase.CLOSED:
            return  # lost in the turn between the upgrade and here
        found = self._relay.watchable(self._room_id)
        if isinstance(found, Refused):
            self._relay.entrance.knocked_in_vain(self._address)
            self._refuse(found)
            return
        try:
            self._options, given = from_query(query, bearer, self._relay.clock.now_ms())
        except BadOption as error:
            self._refuse(Refused(Code.INVALID_MESSAGE, f"{error}."))
            return
        if given:
            self._enter()
        else:
            self._wait(CONNECT_WAIT_S, self._enter)

    def _enter(self) -> None:
        """Decide; called again when a `spectator.connect` arrives in time."""
        self._cancel_timer()
        found = self._relay.watchable(self._room_id)
        if isinstance(found, Refused):
            self._refuse(found)
            return
        entrance = self._relay.entrance
        viewer = entrance.identify(self._options.token, self._room_id, self._address)
        if isinstance(viewer, Refused):
            self._refuse(viewer)
            return
        again = self._refused is not None
        refused = entrance.admit(found, viewer, self._address, country=self._country, again=again)
        if refused is not None:
            if curable_by_token(refused) and not self._options.token and self._refused is None:
                self._refused = refused
                self._wait(CURE_WAIT_S, lambda: self._refuse(refused))
            else:
                self._refuse(refused)
            return
        self._take_seat(found, viewer)
        options = self._options
        if options.cursor or options.since_ms is not None or options.history:
            self._phase = _Phase.ENTERING
            self._relay.spawn(self._locate_and_begin())
        else:
            self._begin(Where())

    def _take_seat(self, room: LiveRoom, viewer: Viewer) -> None:
        self._room, self._viewer = room, viewer
        self._spectator_id = self._relay.identities.spectator_id(room.id, viewer)
        room.audience.enter(self._spectator_id, viewer.state, resumed=viewer.resumed)
        self._relay.watchers[room.id].add(self)
        self._relay.entrance.came_in(self._address)
        self._relay.metrics.connections.labels(room.id).inc()

    async def _locate_and_begin(self) -> None:
        room, options = self._here()
        try:
            where = await room.locate(options.cursor, options.since_ms, options.history, options.types)
        except StorageError:
            _log.exception("a viewer's place in the log could not be found")
            self._refuse(Refused(Code.INTERNAL))
            return
        if self._phase is _Phase.ENTERING:
            self._begin(where)

    def _begin(self, where: Where) -> None:
        room, options = self._here()
        self._phase = _Phase.WATCHING
        variant = Variant(options.types, options.chat)
        line = self._line
        subscriber = Subscriber(line.write, line.buffered, line.deflate, self._give_up, variant)
        self._subscriber = subscriber
        room.join(subscriber, where, lambda position: self._welcome(where, position))

    def _welcome(self, where: Where, position: int) -> None:
        room, options = self._here()
        viewer = self._known()
        identity = {
            "id": self._spectator_id,
            "state": viewer.state,
            "display_name": self._display_name(),
            "capabilities": self._capabilities(),
            "resume_token": self._relay.identities.mint_resume(room.id, viewer, options.name or viewer.name),
        }
        limits = viewer_limits(self._relay, room, ViewerState(viewer.state))
        self._send(messages.WELCOME, welcome(room, options, where, position, identity, limits))

    def _display_name(self) -> str:
        room, options = self._here()
        viewer = self._known()
        state = ViewerState(viewer.state)
        # A resumed anonymous viewer keeps the name it chose when it came.
        chosen = options.name or (viewer.name if state is ViewerState.ANONYMOUS else "")
        return display_name(chosen, state, viewer.name, room.shown_participants())

    def _capabilities(self) -> list[str]:
        room, options = self._here()
        viewer = self._known()
        chat = may_write(room.settings.spectatorChat, room.state, ViewerState(viewer.state)) is None
        return ["chat"] if options.chat and chat else []

    # -- messages ----------------------------------------------------------------------------------

    def receive(self, text: bytes) -> None:
        """Take one text message."""
        if self._phase is _Phase.CLOSED:
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
        elif kind == messages.CONNECT:
            self._connect(data, ref)
        elif kind == messages.CHAT:
            self._chat(data, ref)
        else:
            known = ", ".join(sorted(messages.VIEWER_MESSAGES))
            self.fault(
                Refused(Code.INVALID_MESSAGE, f"type: spectators only watch. A viewer may send: {known}."),
                ref,
            )

    def control_frame(self) -> None:
        """Count a frame that is no message of its own: a ping, a pong, a part."""
        if self._phase is not _Phase.CLOSED:
            self._bear(FRAME_COST)

    def fault(self, refused: Refused, ref: str = "") -> None:
        """Answer a message that cannot be used."""
        if self._phase is not _Phase.CLOSED and self._bear(FAULT_COST):
            self._answer(refused, ref)

    def _bear(self, cost: float) -> bool:
        """Take what a message costs; a viewer whose account is empty is closed and read no more (WIRE-11)."""
        if self._patience.take(cost, self._now_s()):
            return True
        why = "Too many messages in a short time. Wait, then reconnect."
        refused = Refused(Code.RATE_LIMITED, why, 10_000)
        self._answer(refused)
        self._leave(clean=True)
        self._line.fail(ERRORS[refused.code].close_code, refused.code.value)
        return False

    def _connect(self, data: dict[str, Any], ref: str) -> None:
        try:
            options = from_connect(data, self._options, self._room_id, self._relay.clock.now_ms())
        except BadOption as error:
            refused = Refused(Code.INVALID_MESSAGE, f"{error}.")
            if self._phase is _Phase.WAITING:
                self._refuse(refused, ref)
            else:
                self.fault(refused, ref)
            return
        if self._phase is _Phase.WAITING:
            self._options = options
            self._enter()
        else:
            self._reconnect(options, ref)

    def _reconnect(self, options: Options, ref: str) -> None:
        """Take a late `spectator.connect`: a token upgrades in place, a choice changes what is sent.

        Where the stream stands is not changed: nothing is missed or sent again (CONN-15).
        """
        if self._phase is not _Phase.WATCHING or self._subscriber is None:
            self.fault(Refused(Code.INVALID_MESSAGE, "Wait for the welcome before you connect again."), ref)
            return
        if not self._bear(WELCOME_COST):
            return
        room, _ = self._here()
        viewer = self._known()
        if options.token and options.token != self._options.token:
            presented = self._relay.entrance.identify(options.token, self._room_id, self._address)
            if isinstance(presented, Refused):
                self._refuse(presented, ref)
                return
            refused = self._may_become(room, viewer, presented)
            if refused is not None:
                self.fault(refused, ref)
                return
            viewer = presented
        is_other = viewer.subject != self._known().subject
        if is_other:
            self._become(room, viewer)
        self._options = options
        room.hub.change_variant(self._subscriber, Variant(options.types, options.chat))
        if is_other:
            self._welcome(Where(), room.hub.stands_at(self._subscriber))
        else:
            # One welcome for each identity (CONN-3); a change of choice has a notice of its own.
            answer = {"kind": "mode_changed", "delivery": delivery(options)}
            self._send(messages.NOTICE, {**answer, "ref": ref} if ref else answer)

    def _may_become(self, room: LiveRoom, known: Viewer, presented: Viewer) -> Refused | None:
        if known.state != ViewerState.ANONYMOUS and presented.subject != known.subject:
            why = "auth_token: you are connected as somebody else already. Connect anew."
            return Refused(Code.INVALID_MESSAGE, why)
        entrance = self._relay.entrance
        return entrance.may_become(room, self._spectator_id, presented, country=self._country)

    def _become(self, room: LiveRoom, viewer: Viewer) -> None:
        spectator_id = self._relay.identities.spectator_id(room.id, viewer)
        room.audience.enter(spectator_id, viewer.state, resumed=True)
        room.audience.leave(self._spectator_id, clean=True)
        self._viewer, self._spectator_id = viewer, spectator_id

    def _chat(self, data: dict[str, Any], ref: str) -> None:
        if self._phase is not _Phase.WATCHING or self._subscriber is None:
            self.fault(Refused(Code.INVALID_MESSAGE, "Wait for the welcome before you write."), ref)
            return
        self._relay.spawn(self._say(self._subscriber, data, ref))

    async def _say(self, subscriber: Subscriber, data: dict[str, Any], ref: str) -> None:
        room, _ = self._here()
        refused = await self._relay.say(
            room,
            subscriber,
            self._known(),
            name=self._display_name(),
            address=self._address,
            data=data,
            ref=ref,
        )
        if refused is not None and self._phase is _Phase.WATCHING:
            self._answer(refused, ref)

    # -- going out ---------------------------------------------------------------------------------

    def reconsider(self) -> None:
        """Leave if the rules, or the token, no longer allow to stay (VALID-17, AUTH-7)."""
        if self._room is None or self._viewer is None or self._phase is _Phase.CLOSED:
            return
        found = self._relay.watchable(self._room_id)
        if isinstance(found, Refused):
            self._refuse(found)
            return
        viewer = self._viewer
        if viewer.token_id and self._relay.tokens.revoked(viewer.token_id):
            self._refuse(Refused(Code.AUTH_INVALID, "The token was revoked. Ask for a new one."))
        elif viewer.expires_s and viewer.expires_s * 1000 <= self._relay.clock.now_ms():
            self._refuse(Refused(Code.AUTH_INVALID, "The token has expired. Ask for a new one."))
        else:
            refused = may_watch(found, ViewerState(viewer.state), country=self._country, banned=False)
            if refused is not None:
                self._refuse(refused)

    def drain(self, after_ms: int) -> None:
        """Ask the viewer to come back elsewhere or later, and close."""
        if self._phase is _Phase.WATCHING:
            self._send(messages.NOTICE, {"kind": "reconnect", "after_ms": after_ms})
        self._leave(clean=False)
        self._line.close(1012, "the relay is restarting")

    def lost(self, *, clean: bool) -> None:
        """Note that the socket is gone."""
        self._leave(clean=clean)

    def drained(self) -> None:
        """Note that the transport has room again."""
        if self._subscriber is not None and self._subscriber.drained is not None:
            self._subscriber.drained.set()

    def _give_up(self) -> None:
        self._refuse(Refused(Code.SLOW_CONSUMER))

    def _refuse(self, refused: Refused, ref: str = "") -> None:
        """Say why, once, and close with the code's own close code (ERR-7)."""
        if self._phase is _Phase.CLOSED:
            return
        self._answer(refused, ref)
        self._leave(clean=refused.code is not Code.SLOW_CONSUMER)
        self._line.close(ERRORS[refused.code].close_code, refused.code.value)

    def _leave(self, *, clean: bool) -> None:
        self._cancel_timer()
        if self._phase is _Phase.CLOSED:
            return
        self._phase = _Phase.CLOSED
        if self._room is None:
            return
        if self._subscriber is not None:
            self._room.hub.leave(self._subscriber)
        self._room.audience.leave(self._spectator_id, clean=clean)
        self._relay.watchers[self._room.id].discard(self)
        self._relay.entrance.went_out(self._address)

    # -- small things ------------------------------------------------------------------------------

    def _answer(self, refused: Refused, ref: str = "") -> None:
        self._relay.metrics.errors.labels(refused.code.value).inc()
        self._send(messages.ERROR, {**refused.data(), **({"ref": ref} if ref else {})}, _HIGH)

    def _send(self, kind: str, data: dict[str, Any], metadata: dict[str, str] | None = None) -> None:
        now_ms = self._relay.clock.now_ms()
        payload = encode_envelope(self._relay.ids.next(), kind, now_ms, encode_json(data), metadata)
        frame = (deflated_frame if self._line.deflate else ws_frame)(payload)
        self._line.write(frame)
        self._relay.metrics.sent(len(frame), 1)

    def _wait(self, seconds: float, then: Any) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _now_s(self) -> float:
        return self._relay.clock.monotonic_s()

    def _here(self) -> tuple[LiveRoom, Options]:
        assert self._room is not None
        return self._room, self._options

    def _known(self) -> Viewer:
        assert self._viewer is not None
        return self._viewer
