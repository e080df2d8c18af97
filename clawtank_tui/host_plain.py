"""Hosting without a screen: a line for each thing a moderator would want to know, or one envelope per line.

Only to be read: `clawtank-relay mod` acts from a shell. The ids it takes stand in the lines.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clawtank_tui.link.host import HostSession
from clawtank_tui.link.session import ConnectionChanged, LinkEvent
from clawtank_tui.plain import JsonLines, Notes, print_all, print_line, tolerant
from clawtank_tui.state import desk_intake, intake
from clawtank_tui.state.chat_lines import chat_sentence
from clawtank_tui.state.desk import Desk
from clawtank_tui.state.desk_news import reduce
from clawtank_tui.state.desk_words import logged, told_held, told_reported
from clawtank_tui.state.lines import clock_time, joined
from clawtank_tui.state.model import RoomInfo
from relay.clock import Clock, SystemClock
from relay.protocol import messages

if TYPE_CHECKING:
    from datetime import tzinfo
    from typing import TextIO

    from clawtank_tui.link.target import Target


class HostLines:
    """What is held, reported, decided and said, as sentences with the time in front."""

    def __init__(
        self, room_id: str, out: TextIO, notes: Notes, *, clock: Clock, zone: tzinfo | None = None
    ) -> None:
        """Print to `out`, and what happens to the line to `notes`; times are of `zone`."""
        self._out = out
        self._notes = notes
        self._clock = clock
        self._zone = zone
        self._desk = Desk(RoomInfo(room_id))

    def deliver(self, event: LinkEvent) -> None:
        """Print what is new, or note a change of the line."""
        if isinstance(event, ConnectionChanged):
            self._notes.connection(event.connection)
            self._desk = replace(self._desk, connection=event.connection)
            return
        before, now_ms = self._desk, self._clock.now_ms()
        self._desk = desk = reduce(before, event.envelope, now_ms)
        at_ms = now_ms + desk.ahead_ms
        kind, data = event.envelope.get("type"), intake.obj(event.envelope.get("data"))
        for message_id, message in desk.held.items():
            if message_id not in before.held:
                print_line(self._out, told_held(message, self._zone, at_ms))
        for message_id, report in desk.reports.items():
            if report != before.reports.get(message_id):
                print_line(self._out, told_reported(report, self._zone, at_ms))
        if kind == messages.DECIDED:
            self._decided(data, at_ms)
        elif kind == messages.CHAT:
            self._chat(data, at_ms)
        if desk.presence.total != before.presence.total:
            self._say(at_ms, f"{desk.presence.total} watching, +{desk.presence.join_rate:g}/min")

    def _decided(self, data: Any, at_ms: int) -> None:
        entry = desk_intake.entry(data, at_ms)
        if entry is not None:
            self._say(entry.at_ms, f"log   {logged(entry)}  [{entry.entry_id}]")

    def _chat(self, data: Any, at_ms: int) -> None:
        message = intake.chat_message(data, at_ms)
        if message is not None:
            words = joined(chat_sentence(message))
            self._say(message.at_ms, f"chat  {words}  [{message.message_id}]")

    def _say(self, at_ms: int, words: str) -> None:
        print_line(self._out, f"{clock_time(at_ms, self._zone, self._clock.now_ms())} {words}")


def run_host_plain(target: Target, *, as_json: bool) -> int:
    """Print what happens around a room's chat until the relay refuses for good; return the exit code."""
    clock = SystemClock()
    out = tolerant(sys.stdout, as_json=as_json)
    notes = Notes(sys.stderr, clock)
    printer = JsonLines(out, notes) if as_json else HostLines(target.room_id, out, notes, clock=clock)
    return print_all(HostSession(target, clock=clock).run(printer.deliver), otherwise=1)
