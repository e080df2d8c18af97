"""Hosting without a screen: what is printed for what happens."""

from __future__ import annotations

import io
import json
from datetime import UTC

from clawtank_tui.host_plain import HostLines
from clawtank_tui.link.session import ConnectionChanged, Received
from clawtank_tui.plain import JsonLines, Notes
from clawtank_tui.state.model import Connection, Phase
from support import host_story
from support.host_story import held, line, tell, welcome
from support.watch_story import FixedClock, said


def printed(*events: Received | ConnectionChanged) -> tuple[list[str], list[str]]:
    """Return what goes to standard output and to standard error."""
    out, err, clock = io.StringIO(), io.StringIO(), FixedClock()
    lines = HostLines("room", out, Notes(err, clock, UTC), clock=clock, zone=UTC)
    for event in events:
        lines.deliver(event)
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def test_what_waits_and_is_reported_is_told_on_arrival_with_the_ids_a_shell_needs() -> None:
    out, _ = printed(welcome(reports=host_story.REPORTS[:1]))
    assert out == [
        "21:31:40 held  newcomer (anonymous): is this the repository? git.example/todo  [links; h1]",
        "21:34:05 held  marta (registered): you should kill the child process first  [keywords: kill; h2]",
        "21:36:10 reported  raider_1: FREE COINS at coins.example/a1 !!!  "
        "[4 times, hidden: spam; it is a scam, I lost money there; m4]",
        "21:36:20 128 watching, +4/min",
    ]


def test_what_happens_is_told_once_as_it_happens() -> None:
    out, _ = printed(
        welcome(held=[]),
        tell("moderation.held", **held(7, "ann", "hello\nthere", "approval")),
        tell("moderation.decided", **line(9, "reject", by="maria", display_name="ann", reason="no")),
        tell("spectator.chat_message", **said(8, "21:36:30", "ken", "calm again")),
        tell("spectator.presence", total_spectators=128),
        tell("spectator.presence", total_spectators=3, join_rate=1.5),
    )
    assert out[1:] == [
        "21:36:07 held  ann (anonymous): hello there  [everything waits for approval; h7]",
        "21:33:00 log   maria rejected a message of ann (no)  [9]",
        "21:36:30 chat  ken (guest): calm again  [m8]",
        "21:36:20 3 watching, +1.5/min",
    ]


def test_what_happens_to_the_line_goes_to_standard_error() -> None:
    down = Connection(Phase.WAITING, "The line broke.", 1003.0, 1)
    out, err = printed(ConnectionChanged(down), ConnectionChanged(Connection(Phase.LIVE)))
    assert out == []
    assert err == ["21:36:20 The line broke. Try 1 in 3.0 s.", "21:36:20 The line is back."]


def test_no_control_character_reaches_the_terminal() -> None:
    evil = "\x1b]52;c;x\x07\u202eevil"
    message = held(1, evil, evil, evil, detail=evil)
    out, _ = printed(welcome(held=[message]), tell("moderation.decided", **line(9, "ban", by=evil)))
    assert "evil" in out[0]
    assert not any(char in "".join(out) for char in "\x1b\x07\u202e")


def test_json_is_the_envelopes_as_they_came() -> None:
    out, clock = io.StringIO(), FixedClock()
    event = tell("moderation.held", **held(1, "ann", "\x1bhello", "links"))
    JsonLines(out, Notes(io.StringIO(), clock)).deliver(event)
    assert "\x1b" not in out.getvalue()
    assert json.loads(out.getvalue()) == event.envelope
