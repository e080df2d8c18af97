"""The connection machine: what to open, what to believe, when to try again. It never touches a socket.

    connecting ─ welcome ─► live ─ line lost ─► waiting ─ retry_at_s ─► connecting …
         └──────────────────┴──── refused for good ────► ended

The caller opens what `open` says, feeds `receive`, and tells `lost` why a line ended; it waits until
`connection.retry_at_s` in between. Credentials, cursor and schedule live here and nowhere else.
Spec: WebSocket Protocol, Error Handling, Reconnection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, TypeGuard
from urllib.parse import urlencode

from clawtank_tui.link.backoff import MAX_HINT_S, backoff, wait_s_of
from clawtank_tui.link.expiry import RelayClock
from clawtank_tui.link.outcome import Fault, Heard, Opening
from clawtank_tui.link.position import Place, StreamPosition
from clawtank_tui.link.target import BadTarget, RelayAddress, Target, parse_relay
from clawtank_tui.link.wishes import Wishes
from clawtank_tui.state.model import Connection, Phase
from relay.protocol import messages
from relay.protocol.envelope import BadMessage, decode_object, encode_json
from relay.protocol.errors import CODE_BY_CLOSE, ERRORS, Code
from relay.protocol.text import safe_text

STABLE_S = 30.0
"""A line that was live this long was good: the next failure starts the schedule anew."""
_HINT_SPREAD = 0.1
_SHORTEST_WAIT_S = 0.1
_MAX_TOKEN = 8192
_MAX_CURSOR = 64
_MAX_REASON = 300
_MAX_NAME = 100


class Machine:
    """The decisions of one viewer's line, from the first try to the end.

    Attributes:
        connection: How the line is, for people.
        KNOWN: The types of message that are handed on; what else a relay sends is for newer clients.
    """

    # Who holds a moderate token is told what became of what they decided.
    KNOWN: ClassVar[frozenset[str]] = messages.RELAY_MESSAGES | {messages.DECIDED}

    def __init__(self, target: Target, random: Callable[[], float], *, stable_s: float = STABLE_S) -> None:
        """Start disconnected.

        Args:
            target: What to watch.
            random: Returns a number in [0, 1); spreads the returns of many viewers.
            stable_s: How long a line must have been live to count as good.
        """
        self.connection = Connection()
        self._target = target
        self._random = random
        self._stable_s = stable_s
        self._schedule = backoff(random)
        self._position = StreamPosition()
        self._home = target.relay
        self._address = self._tried = target.relay
        self._resume_token = ""
        self._welcomed = False
        self._asked_to_resume = False
        self._live_since_s: float | None = None
        self._attempt = 0
        self._reason = ""
        self._hint_s: float | None = None
        self._relay_clock = RelayClock()
        self._name = target.name
        self._wishes = Wishes(target.choice)

    def open(self) -> Opening:
        """Begin a try."""
        self.connection = replace(self.connection, phase=Phase.CONNECTING)
        self._reason, self._hint_s, self._relay_clock = "", None, RelayClock()
        self._tried = self._address
        self._asked_to_resume = bool(self._position.cursor)
        self._wishes.forget_answers()
        return Opening(self._address, self._url(self._address), self._bearer())

    def _url(self, address: RelayAddress) -> str:
        return f"{address.spectate_url(self._target.room_id)}?{urlencode(self._options())}"

    def _bearer(self) -> str:
        if not self._address.may_carry_token(insecure=self._target.insecure):
            return ""
        if self._resume_token:
            return self._resume_token
        # The user's own token is for the relay the user named, not for one a relay named.
        return self._target.token if self._address == self._home else ""

    def _options(self) -> dict[str, str | int]:
        """Return what to ask for, for the query.

        Not for a first `spectator.connect`: on a line with a long round trip it would come after the relay
        has given up waiting for it, and welcomed a viewer who asked for nothing.
        """
        target = self._target
        options: dict[str, str | int] = {}
        if self._name:
            options["name"] = self._name
        if target.types:
            options["types"] = target.types
        options |= self._wishes.wanted.options()
        if cursor := self._position.cursor or target.cursor:
            options["cursor"] = cursor
        elif target.since:
            options["since"] = target.since
        else:
            options["history"] = target.history
        return options

    def receive(self, payload: str | bytes, now_s: float) -> Heard:
        """Judge one message; `now_s` is monotonic."""
        try:
            envelope = decode_object(payload)
        except BadMessage:
            return Heard()
        kind, data = envelope.get("type"), envelope.get("data")
        if not isinstance(kind, str) or kind not in self.KNOWN or not isinstance(data, dict):
            return Heard()
        if kind == messages.WELCOME:
            return self._welcome(envelope, data, now_s)
        # An expired message still moves the cursor: its place in the order was taken.
        expired = self._relay_clock.has_expired(envelope, now_s)
        floor = 0
        after, cursor = data.get("after"), data.get("cursor")
        if _is_cursor(after) and _is_cursor(cursor):
            place, floor = self._position.follow(after, cursor)
            if place is Place.BREAK:
                self._reason = "The stream had a hole: asking the relay again for what is missing."
                return Heard(hang_up=True)
            if place is Place.REPEAT or (
                kind != messages.KEEPALIVE and self._position.is_repeat(cursor, floor)
            ):
                return Heard()
        if expired:
            return Heard()
        self._wishes.hear(kind, data)
        if kind in (messages.ACTIVITY, messages.BATCH):
            return self._events(envelope, data, floor)
        if kind == messages.ERROR:
            return self._error(envelope, data, now_s)
        if kind == messages.NOTICE and data.get("kind") == "reconnect":
            return self._reconnect(envelope, data, now_s)
        if kind == messages.NOTICE and isinstance(name := data.get("display_name"), str):
            self._name = safe_text(name, _MAX_NAME).strip()  # should the seat be lost, the name is not
        return Heard(envelope)

    def _welcome(self, envelope: dict[str, Any], data: dict[str, Any], now_s: float) -> Heard:
        self._relay_clock.has_expired(envelope, now_s)  # a welcome never expires, but it sets the clock
        recovery = data.get("recovery")
        recovered = self._asked_to_resume and isinstance(recovery, dict) and recovery.get("recovered") is True
        cursor = data.get("cursor")
        if _is_cursor(cursor) and self._position.resume(cursor, recovered=recovered) is Place.BREAK:
            self._reason = "The relay resumed too late in the stream: asking it again."
            return Heard(hang_up=True)
        spectator = data.get("spectator")
        if isinstance(spectator, dict):
            # Taken out: what is printed, recorded or shown must not carry a credential.
            spectator = dict(spectator)
            token = spectator.pop("resume_token", None)
            if (
                isinstance(token, str)
                and 0 < len(token) <= _MAX_TOKEN
                and token.isascii()
                and token.isprintable()
            ):
                self._resume_token = token
            envelope = {**envelope, "data": {**data, "spectator": spectator}}
        self._welcomed = True
        self._asked_to_resume = False
        if self._live_since_s is None:
            self._live_since_s = now_s
        self.connection = Connection(phase=Phase.LIVE, latency_ms=self.connection.latency_ms)
        return Heard(envelope, welcomed=True)

    def _events(self, envelope: dict[str, Any], data: dict[str, Any], floor: int) -> Heard:
        events = data.get("events")
        cursor = data.get("cursor")
        if not isinstance(events, list):
            return Heard()
        fresh = self._position.fresh_events(events, cursor if isinstance(cursor, str) else "", floor)
        if not fresh:
            return Heard()
        if len(fresh) != len(events):
            envelope = {**envelope, "data": {**data, "events": fresh}}
        return Heard(envelope)

    def _error(self, envelope: dict[str, Any], data: dict[str, Any], now_s: float) -> Heard:
        if isinstance(data.get("ref"), str):
            return Heard(envelope)  # about a message of ours; the line goes on
        self._reason = _sentence(data.get("message")) or "The relay ended the line without saying why."
        permanent = data.get("permanent") is True
        if permanent and data.get("code") == Code.AUTH_INVALID and self._resume_token:
            # The seat is gone, the viewer is not: go on with the user's own token, or as nobody.
            self._resume_token = ""
            return Heard(envelope, hang_up=True)
        if permanent:
            self._end(self._reason)
            return Heard(envelope, hang_up=True)
        self._take_hint(data.get("retry_after"), now_s)
        return Heard(envelope)

    def _reconnect(self, envelope: dict[str, Any], data: dict[str, Any], now_s: float) -> Heard:
        self._reason = "The relay asked its viewers to come back in a moment."
        self._take_hint(data.get("after_ms"), now_s, zero_counts=True)
        url = data.get("url")
        if isinstance(url, str):
            try:
                elsewhere = parse_relay(url[:2000])
            except BadTarget:
                elsewhere = self._address
            # Never from an encrypted line to an open one, whoever asks.
            if elsewhere.secure or not self._home.secure:
                self._address = elsewhere
        return Heard(envelope, hang_up=True)

    def _take_hint(self, wait_ms: object, now_s: float, *, zero_counts: bool = False) -> None:
        wait_s = wait_s_of(wait_ms, per_second=1000)
        if wait_s is not None and (wait_s > 0 or zero_counts):
            self._hint_s = now_s + wait_s

    def measured(self, latency_ms: int) -> None:
        """Note the round trip of a ping."""
        self.connection = replace(self.connection, latency_ms=latency_ms)

    def lost(self, fault: Fault, now_s: float) -> None:
        """Decide what follows the end of a line or of a try: wait or give up; read `connection` for it."""
        if self.connection.phase is Phase.ENDED:
            return
        coded = CODE_BY_CLOSE.get(fault.close_code)
        row = ERRORS[coded] if coded else None
        reason = self._reason or (row.message if row else fault.sentence)
        refused = row is not None and row.permanent and not self._reason
        if fault.fatal or refused or (fault.fatal_at_first and not self._welcomed):
            self._end(reason)
            return
        if self._live_since_s is not None and now_s - self._live_since_s >= self._stable_s:
            self._schedule, self._attempt = backoff(self._random), 0
        self._attempt += 1
        wait_s = next(self._schedule)
        hint_s = self._hint_left(fault, now_s)
        if hint_s is not None:
            # Never less than was asked; a little more, so that not all who were asked return at once.
            wait_s = max(hint_s * (1 + _HINT_SPREAD * self._random()), _SHORTEST_WAIT_S)
        elif row is not None and row.retry_after_ms:
            wait_s = max(wait_s, row.retry_after_ms / 1000)
        if self._live_since_s is None and self._address == self._tried:
            self._address = self._home  # if we were sent elsewhere, we were not taken in there
        since_s = self.connection.since_s or now_s
        self._live_since_s = None
        self.connection = Connection(Phase.WAITING, reason, now_s + wait_s, self._attempt, since_s=since_s)

    def _hint_left(self, fault: Fault, now_s: float) -> float | None:
        if self._hint_s is not None:
            return min(max(self._hint_s - now_s, 0.0), MAX_HINT_S)
        return None if fault.retry_after_s is None else min(fault.retry_after_s, MAX_HINT_S)

    def _end(self, reason: str) -> None:
        self.connection = replace(self.connection, phase=Phase.ENDED, reason=reason, retry_at_s=0.0)

    def switch(self) -> str:
        """Choose the next way to be told, on this line and on those that follow it.

        Returns:
            The envelope that asks for it.
        """
        message_id, choice = self._wishes.ask_for(self._wishes.wanted.next())
        data = choice.subscription()
        return encode_json({"id": message_id, "type": messages.SUBSCRIBE, "data": data}).decode()


def _is_cursor(value: object) -> TypeGuard[str]:
    return (
        isinstance(value, str) and 0 < len(value) <= _MAX_CURSOR and value.isascii() and value.isprintable()
    )


def _sentence(value: object) -> str:
    return safe_text(value, _MAX_REASON).strip() if isinstance(value, str) else ""
