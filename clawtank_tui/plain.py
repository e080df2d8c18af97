"""Watching without a screen: one line per event, or one JSON envelope per line.

Lines are sentences for people, screen readers and `grep`; envelopes are for programs. Both go to standard
output as they happen; what happens to the line goes to standard error.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Protocol

from clawtank_tui.link.session import ConnectionChanged, LinkEvent, Received, Session
from clawtank_tui.state import intake
from clawtank_tui.state.chat import taken_away
from clawtank_tui.state.chat_lines import chat_sentence, removal_sentence
from clawtank_tui.state.lines import ASCII, UNICODE, clock_time, joined, sentence
from clawtank_tui.state.model import Connection, Phase, RoomInfo, ViewState
from clawtank_tui.state.names import clashing
from clawtank_tui.state.reducer import reduce
from relay.clock import Clock, SystemClock
from relay.protocol import messages

if TYPE_CHECKING:
    from datetime import tzinfo
    from typing import TextIO

    from clawtank_tui.link.target import Target
    from clawtank_tui.state.talk import Talk

PRESENCE_S = 10.0
"""Between two lines about how many watch: a busy door must not drown what happens in the room."""

# Control, bidi and other format characters, separators and lone surrogates; not the joiners that emoji and
# many scripts are written with.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


class Printer(Protocol):
    """What turns events of the line into output."""

    def deliver(self, event: LinkEvent) -> None:
        """Print what one event of the line has to say."""


class JsonLines:
    """Envelopes, one per line, each as it came."""

    def __init__(self, out: TextIO, notes: Notes) -> None:
        """Print to `out`, and what happens to the line to `notes`."""
        self._out = out
        self._notes = notes

    def deliver(self, event: LinkEvent) -> None:
        """Print an envelope, or note a change of the line."""
        if isinstance(event, ConnectionChanged):
            self._notes.connection(event.connection)
            return
        try:
            line = json_line(event.envelope)
        except ValueError:
            self._notes.say("A message with numbers that JSON does not know was left out.")
            return
        print_line(self._out, line)


class SentenceLines:
    """Events as sentences, with the time in front."""

    def __init__(
        self,
        room_id: str,
        out: TextIO,
        notes: Notes,
        *,
        clock: Clock,
        zone: tzinfo | None = None,
        audience: bool = True,
    ) -> None:
        """Print to `out`, and what happens to the line to `notes`.

        Args:
            room_id: The room that is watched.
            out: For the sentences.
            notes: For the line's state.
            clock: For what carries no time of its own, and for the day that needs no date.
            zone: Where the reader is; the system's zone when None.
            audience: Whether to tell how many watch.
        """
        self._out = out
        self._notes = notes
        self._clock = clock
        self._zone = zone
        self._audience = audience
        self._state = ViewState(RoomInfo(room_id))
        self._told_total = -1
        self._told_at_s = -math.inf
        self._signs = UNICODE if _can_show(out, "·—−«»↳…") else ASCII

    def deliver(self, event: LinkEvent) -> None:
        """Print what is new, or note a change of the line."""
        if isinstance(event, ConnectionChanged):
            self._notes.connection(event.connection)
            self._state = replace(self._state, connection=event.connection)
            return
        self._message(event)

    def _message(self, event: Received) -> None:
        now_ms = self._clock.now_ms()
        step = reduce(self._state, event.envelope, now_ms)
        before, self._state = self._state.talk, step.state
        for row in step.rows:
            self._line(row.at_ms, joined(sentence(row, self._signs)))
        match event.envelope.get("type"):
            case messages.CHAT:
                self._chat(event.envelope, now_ms)
            case messages.CHAT_REMOVED:
                self._removed(event.envelope, before, now_ms)
            case _:
                pass
        refusal = self._state.talk.refusal
        if refusal is not None and refusal != before.refusal:
            self._notes.say(refusal.reason)
        if self._audience:
            self._presence(now_ms)

    def _chat(self, envelope: dict[str, Any], now_ms: int) -> None:
        message = intake.chat_message(envelope.get("data"), now_ms)
        if message is not None:
            talk = self._state.talk
            words = chat_sentence(
                message,
                talk.find(message.reply_to),
                self._signs,
                alike=clashing(talk.messages),
                gone=message.reply_to in talk.removed,
            )
            self._line(message.at_ms, "chat  " + joined(words))

    def _removed(self, envelope: dict[str, Any], before: Talk, now_ms: int) -> None:
        data = intake.obj(envelope.get("data"))
        _, gone = taken_away(before, data)
        reason = intake.text(data.get("reason"), intake.WORD)
        self._line(now_ms, "chat  " + removal_sentence(gone, reason, clashing(before.messages)))

    def _presence(self, now_ms: int) -> None:
        total, now_s = self._state.presence.total, self._clock.monotonic_s()
        if not self._state.cursor or total == self._told_total or now_s - self._told_at_s < PRESENCE_S:
            return
        self._told_total, self._told_at_s = total, now_s
        self._line(now_ms, f"{total} watching, peak {self._state.presence.recent_peak}")

    def _line(self, at_ms: int, words: str) -> None:
        print_line(self._out, f"{clock_time(at_ms, self._zone, self._clock.now_ms())} {words}")


class Notes:
    """What happens to the line, on standard error, each thing once."""

    def __init__(self, err: TextIO, clock: Clock, zone: tzinfo | None = None) -> None:
        """Print to `err`, with times of `zone` (the system's when None)."""
        self._err = err
        self._clock = clock
        self._zone = zone
        self._down = False

    def connection(self, connection: Connection) -> None:
        """Say that the line broke, when it is tried again, that it is back, or why it ended."""
        match connection.phase:
            case Phase.WAITING:
                self._down = True
                wait_s = max(connection.retry_at_s - self._clock.monotonic_s(), 0.0)
                self.say(f"{connection.reason} Try {connection.attempt} in {wait_s:.1f} s.")
            case Phase.LIVE if self._down:
                self._down = False
                self.say("The line is back.")
            case Phase.ENDED:
                print_line(self._err, f"clawtank: {connection.reason}")
            case Phase.LIVE | Phase.CONNECTING | Phase.REPLAY:
                pass

    def say(self, words: str) -> None:
        """Print one sentence with the time in front."""
        print_line(self._err, f"{clock_time(self._clock.now_ms(), self._zone)} {words}")


def json_line(envelope: dict[str, Any]) -> str:
    r"""Return an envelope as one line of JSON in which control and bidi characters are `\uXXXX`.

    Raises:
        ValueError: If it holds a number JSON has no form for.
    """
    return escape(json.dumps(envelope, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def escape(encoded: str) -> str:
    r"""Write what a terminal could obey, or not show, as `\uXXXX`; the JSON means the same."""
    return _UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], encoded)


class _Enough(Exception):
    """Whoever started us has seen what they waited for."""


def run_plain(target: Target, *, as_json: bool, enough: Callable[[LinkEvent], bool] | None = None) -> int:
    """Watch a room on standard output until it ends.

    Args:
        target: What to watch.
        as_json: Envelopes instead of sentences.
        enough: Says, after each event of the line, whether to end here; None goes on for ever.

    Returns:
        The exit code: 0 if whoever reads the output had enough, 1 if the relay refused for good, 130 after
        Ctrl-C.
    """
    clock = SystemClock()
    printer = printer_for(target.room_id, clock, as_json=as_json)

    def deliver(event: LinkEvent) -> None:
        printer.deliver(event)
        if enough is not None and enough(event):
            raise _Enough

    return print_all(Session(target, clock=clock).run(deliver), otherwise=1)


def printer_for(room_id: str, clock: Clock, *, as_json: bool, audience: bool = True) -> Printer:
    """Return what prints to standard output.

    Args:
        room_id: The room that is watched.
        clock: The reader's own time.
        as_json: Envelopes instead of sentences.
        audience: Whether sentences tell how many watch.
    """
    out = tolerant(sys.stdout, as_json=as_json)
    notes = Notes(sys.stderr, clock)
    if as_json:
        return JsonLines(out, notes)
    return SentenceLines(room_id, out, notes, clock=clock, audience=audience)


def tolerant(out: TextIO, *, as_json: bool) -> TextIO:
    """Return a stream that takes any text: JSON in UTF-8, sentences with a mark for what it cannot show."""
    if isinstance(out, TextIOWrapper):
        out.reconfigure(encoding="utf-8" if as_json else None, errors=None if as_json else "replace")
    return out


def print_all(work: Coroutine[Any, Any, object], *, otherwise: int) -> int:
    """Run what prints, until it ends or whoever reads goes away.

    Returns:
        The exit code: 0 if the reader had enough, 130 after Ctrl-C, else `otherwise`.
    """
    try:
        asyncio.run(work)
    except _Enough:
        return 0
    except BrokenPipeError:
        close_quietly()
        return 0
    except KeyboardInterrupt:
        return 130
    return otherwise


def close_quietly() -> None:
    """Turn standard output to nowhere, so that the interpreter's last flush into a closed pipe is silent."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_line(stream: TextIO, line: str) -> None:
    """Print a line, at once."""
    stream.write(line + "\n")
    stream.flush()


def _can_show(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
