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
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from relay.chat.channel import Author, may_write
from relay.chat.names import display_name, problem_with_name
from relay.chat.reports import Reporter
from relay.delivery.stream import Subscriber
from relay.gateway.options import BadOption, Options, from_connect, from_query, from_subscribe
from relay.gateway.patience import SUBSCRIBE_COST, WELCOME_COST
from relay.gateway.peer import Line, Peer, Phase
from relay.gateway.welcome import delivery, viewer_limits, welcome
from relay.protocol import messages
from relay.protocol.errors import Code, Refused
from relay.rooms.admission import ViewerState, curable_by_token
from relay.service.live_room import LiveRoom, Where
from relay.service.spoken import Shown, Spoken, Waits
from relay.storage.contract import StorageError

if TYPE_CHECKING:
    from relay.audience.identity import Viewer
    from relay.gateway.callers import Caller
    from relay.service.relay import Relay
    from relay.service.sanctioning import Muted

CONNECT_WAIT_S = 0.25
"""How long a silent newcomer is waited for before it is welcomed as anonymous (CONN-14)."""
CURE_WAIT_S = 5.0
"""How long a newcomer has to present a token that would cure its refusal."""
_log = logging.getLogger("relay.gateway")


class Session(Peer):
    """One spectator connection."""

    __slots__ = ("_digest", "_muted_told", "_options", "_refused", "_timer", "_viewer")

    def __init__(self, relay: Relay, line: Line, room_id: str, caller: Caller) -> None:
        """Bind a socket that was just upgraded, as `Peer` says."""
        super().__init__(relay, line, room_id, caller)
        self._options = Options()
        self._timer: asyncio.TimerHandle | None = None
        self._refused: Refused | None = None
        self._viewer: Viewer | None = None
        self._digest = ""
        self._muted_told: Muted | None = None

    # -- coming in ---------------------------------------------------------------------------------

    def open(self, query: str, bearer: str) -> None:
        """Begin: judge the room, then enter at once or wait a moment for `spectator.connect`."""
        if self._phase is Phase.CLOSED:
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
            self._phase = Phase.ENTERING
            self._relay.spawn(self._locate_and_begin())
        else:
            self._begin(Where())

    def _take_seat(self, room: LiveRoom, viewer: Viewer) -> None:
        self._room = room
        self.author_id = self._relay.identities.spectator_id(room.id, viewer)
        self._digest = self._relay.sanctioning.digest(room, self._address)
        self._viewer = self._known_here(room, viewer, self.author_id)
        room.audience.enter(self.author_id, viewer.state, resumed=viewer.resumed)
        self._introduce(room)
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
        if self._phase is Phase.ENTERING:
            self._begin(where)

    def _begin(self, where: Where) -> None:
        room, options = self._here()
        self._phase = Phase.WATCHING
        line = self._line
        subscriber = Subscriber(line.write, line.buffered, line.coding, self._give_up, options.variant)
        self._subscriber = subscriber
        room.join(subscriber, where, lambda position: self._welcome(where, position))

    def _welcome(self, where: Where, position: int) -> None:
        room, options = self._here()
        viewer = self._known()
        self._muted_told = self._muted()
        identity = {
            "id": self.author_id,
            "state": viewer.state,
            "display_name": self._display_name(),
            "capabilities": self._capabilities(),
            **({"muted": _told(self._muted_told)} if self._muted_told else {}),
            "read_only": self._is_read_only(),
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
        shown = display_name(chosen, state, viewer.name, room.shown_participants(), room.registered)
        return room.disclosure.worded(shown)

    def _capabilities(self) -> list[str]:
        room, options = self._here()
        viewer = self._known()
        open_to_it = may_write(room.settings.spectatorChat, room.state, ViewerState(viewer.state)) is None
        writes = options.chat and open_to_it and self._muted() is None and not self._is_read_only()
        return [*(["chat"] if writes else []), *(["moderate"] if viewer.moderates else [])]

    def _known_here(self, room: LiveRoom, viewer: Viewer, spectator_id: str) -> Viewer:
        """Return a viewer with the time since which the room knows it."""
        since_ms = self._relay.sanctioning.came(room, spectator_id, self._digest, viewer.since_ms)
        return replace(viewer, since_ms=since_ms)

    def _muted(self) -> Muted | None:
        room, viewer = self._here()[0], self._known()
        if viewer.moderates:
            return None
        anonymous = viewer.state == ViewerState.ANONYMOUS
        return self._relay.sanctioning.muted(room, self.author_id, self._digest, anonymous=anonymous)

    def _is_read_only(self) -> bool:
        """Say whether it came while the shield is up."""
        room, viewer = self._here()[0], self._known()
        return room.shielded and viewer.since_ms >= room.shielded_ms and not viewer.moderates

    # -- messages ----------------------------------------------------------------------------------

    def _handle(self, kind: str, data: dict[str, Any], ref: str) -> None:
        if kind == messages.CONNECT:
            self._connect(data, ref)
        elif kind == messages.SUBSCRIBE:
            self._subscribe(data, ref)
        elif kind == messages.CHAT:
            self._chat(data, ref)
        elif kind == messages.REPORT:
            self._report(data, ref)
        elif kind == messages.MODERATE and self._viewer is not None and self._viewer.moderates:
            self._moderate(data, ref)
        else:
            known = ", ".join(sorted(messages.VIEWER_MESSAGES))
            why = f"type: spectators only watch. A viewer may send: {known}."
            self.fault(Refused(Code.INVALID_MESSAGE, why), ref)

    def _connect(self, data: dict[str, Any], ref: str) -> None:
        try:
            options = from_connect(data, self._options, self._room_id, self._relay.clock.now_ms())
        except BadOption as error:
            refused = Refused(Code.INVALID_MESSAGE, f"{error}.")
            if self._phase is Phase.WAITING:
                self._refuse(refused, ref)
            else:
                self.fault(refused, ref)
            return
        if self._phase is Phase.WAITING:
            self._options = options
            self._enter()
        else:
            self._reconnect(options, ref, named="display_name" in data)

    def _reconnect(self, options: Options, ref: str, *, named: bool) -> None:
        """Take a late `spectator.connect`: a token upgrades in place, a choice changes what is sent.

        Where the stream stands is not changed: nothing is missed or sent again (CONN-15).
        """
        if self._phase is not Phase.WATCHING or self._subscriber is None:
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
            if refused is not None and refused.code is Code.BANNED:
                self._refuse(refused, ref)  # it has shown who it is
                return
            if refused is not None:
                self.fault(refused, ref)
                return
            viewer = presented
        renames = options.name != self._options.name and viewer.state == ViewerState.ANONYMOUS
        misnamed = self._may_be_called(room, options.name) if renames else None
        if misnamed is not None:
            self.fault(misnamed, ref)
            return
        is_other = viewer.subject != self._known().subject
        if is_other:
            self._become(room, viewer)
        self._options = options
        room.hub.change_variant(self._subscriber, options.variant)
        if is_other:
            self._welcome(Where(), room.hub.stands_at(self._subscriber))
        else:
            # One welcome for each identity (CONN-3); a change of choice has a notice of its own.
            called = {"display_name": self._display_name()} if named else {}
            self._notify("mode_changed", ref, delivery=delivery(room, options), **called)

    def _subscribe(self, data: dict[str, Any], ref: str) -> None:
        """Change what is sent from here on; where the stream stands is not changed (ADAPT-4)."""
        if self._phase is not Phase.WATCHING or self._subscriber is None:
            self.fault(Refused(Code.INVALID_MESSAGE, "Wait for the welcome before you subscribe."), ref)
            return
        try:
            options = from_subscribe(data, self._options)
        except BadOption as error:
            self.fault(Refused(Code.INVALID_MESSAGE, f"{error}."), ref)
            return
        if not self._bear(SUBSCRIBE_COST):
            return
        room, _ = self._here()
        self._options = options
        room.hub.change_variant(self._subscriber, options.variant)
        self._notify("mode_changed", ref, delivery=delivery(room, options))

    def _may_be_called(self, room: LiveRoom, name: str) -> Refused | None:
        """Judge a change of name; a newcomer's, which is not refused, is marked instead (CHAT-7)."""
        wrong = problem_with_name(name, room.shown_participants(), room.registered)
        return Refused(Code.INVALID_MESSAGE, f"display_name: {wrong}") if wrong else None

    def _may_become(self, room: LiveRoom, known: Viewer, presented: Viewer) -> Refused | None:
        if known.state != ViewerState.ANONYMOUS and presented.subject != known.subject:
            why = "auth_token: you are connected as somebody else already. Connect anew."
            return Refused(Code.INVALID_MESSAGE, why)
        entrance = self._relay.entrance
        return entrance.may_become(room, self.author_id, presented, self._address, country=self._country)

    def _become(self, room: LiveRoom, viewer: Viewer) -> None:
        spectator_id = self._relay.identities.spectator_id(room.id, viewer)
        room.audience.enter(spectator_id, viewer.state, resumed=True)
        room.audience.leave(self.author_id, clean=True)
        self._withdraw(room)
        former_id, former_ms = self.author_id, self._known().since_ms
        known = replace(viewer, since_ms=min(viewer.since_ms or former_ms, former_ms))
        self._viewer, self.author_id = self._known_here(room, known, spectator_id), spectator_id
        self._introduce(room)
        self._relay.sanctioning.became(room, former_id, spectator_id)
        self._relay.sanctioning.left(room, former_id)

    def _introduce(self, room: LiveRoom) -> None:
        """Let nobody else go by the name of an account that is here."""
        viewer = self._known()
        if viewer.state != ViewerState.ANONYMOUS:
            room.registered.enter(viewer.name)

    def _withdraw(self, room: LiveRoom) -> None:
        viewer = self._known()
        if viewer.state != ViewerState.ANONYMOUS:
            room.registered.leave(viewer.name)

    def _chat(self, data: dict[str, Any], ref: str) -> None:
        if self._phase is not Phase.WATCHING or self._subscriber is None:
            self.fault(Refused(Code.INVALID_MESSAGE, "Wait for the welcome before you write."), ref)
            return
        room, viewer = self._here()[0], self._known()
        neighbours = self._relay.entrance.connected(self._address)
        silenced = self._relay.sanctioning.silence(self._muted())
        since_ms = 0 if viewer.moderates else viewer.since_ms
        spoken = Spoken(data, ref, self._address, self._subscriber, since_ms, neighbours, silenced)
        refused = self._relay.chat.refuse(room, self.author_id, ViewerState(viewer.state), spoken)
        if refused is not None:
            self._answer(refused, ref)
        else:
            self._relay.spawn(self._say(room, spoken))

    async def _say(self, room: LiveRoom, spoken: Spoken) -> None:
        author = Author(self.author_id, self._display_name(), ViewerState(self._known().state))
        ref = spoken.ref
        outcome = await self._relay.chat.say(room, author, spoken)
        if self._phase is not Phase.WATCHING:
            return
        match outcome:
            case Refused():
                self._answer(outcome, ref)
            case Waits(reason):
                self._notify("message_held", ref, reason=reason)
            case Shown():
                pass  # its own copy of the message says so

    def _report(self, data: dict[str, Any], ref: str) -> None:
        if self._phase is not Phase.WATCHING or self._room is None:
            self.fault(Refused(Code.INVALID_MESSAGE, "Wait for the welcome before you report."), ref)
        else:
            self._relay.spawn(self._take_report(self._room, data, ref))

    async def _take_report(self, room: LiveRoom, data: dict[str, Any], ref: str) -> None:
        anonymous = self._known().state == ViewerState.ANONYMOUS
        reporter = Reporter(self.author_id, self._address if anonymous else self.author_id)
        try:
            outcome = await self._relay.reporting.report(room, reporter, data)
        except StorageError as error:
            _log.error("a reported message could not be hidden: %s", error)
            outcome = Refused(Code.INTERNAL)
        if isinstance(outcome, Refused):
            self.refuse(outcome, ref)
        elif self._phase is Phase.WATCHING:
            self._notify("report_received", ref, message_id=outcome)

    def _moderate(self, data: dict[str, Any], ref: str) -> None:
        if self._phase is not Phase.WATCHING or self._room is None:
            self.fault(Refused(Code.INVALID_MESSAGE, "Wait for the welcome before you moderate."), ref)
        else:
            self._relay.spawn(self._act(self._room, data, ref, self._known().name))

    # -- going out ---------------------------------------------------------------------------------

    def reconsider(self) -> None:
        """Leave if the rules, or the token, no longer allow to stay (VALID-17, AUTH-7)."""
        if self._room is None or self._viewer is None or self._phase is Phase.CLOSED:
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
            refused = self._relay.entrance.may_stay(found, self.author_id, viewer, country=self._country)
            if refused is not None:
                self._refuse(refused)
            elif self._phase is Phase.WATCHING:
                self._tell_muted()

    def _tell_muted(self) -> None:
        """Tell it that it may not write for a while, or may again; room-wide rules everybody is told."""
        muted = self._muted()
        if muted != self._muted_told:
            self._muted_told = muted
            self._notify("mode_changed", capabilities=self._capabilities(), muted=_told(muted))

    def _leave(self, *, clean: bool) -> None:
        self._cancel_timer()
        super()._leave(clean=clean)

    def _left(self, room: LiveRoom, *, clean: bool) -> None:
        room.audience.leave(self.author_id, clean=clean)
        self._relay.sanctioning.left(room, self.author_id)
        self._withdraw(room)

    # -- small things ------------------------------------------------------------------------------

    def _wait(self, seconds: float, then: Any) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _here(self) -> tuple[LiveRoom, Options]:
        assert self._room is not None
        return self._room, self._options

    def _known(self) -> Viewer:
        assert self._viewer is not None
        return self._viewer


def _told(muted: Muted | None) -> dict[str, Any] | None:
    return muted.public() if muted is not None else None
