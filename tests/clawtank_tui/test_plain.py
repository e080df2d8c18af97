"""Lines for people and envelopes for programs: each event once, nothing a terminal could obey."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.link.session import ConnectionChanged, Received
from clawtank_tui.plain import JsonLines, Notes, SentenceLines, escape, json_line
from clawtank_tui.state.model import Connection, Phase
from clawtank_tui.state.names import tag
from support.clock import ManualClock
from support.fake_relay import activity, cursor, envelope, error, event, welcome


class Printing:
    """A printer on streams that can be read."""

    def __init__(self, encoding="utf-8"):
        self.clock = ManualClock()
        self.raw = io.BytesIO()
        self.err = io.StringIO()
        self.out = io.TextIOWrapper(self.raw, encoding=encoding, errors="replace")
        self.notes = Notes(self.err, self.clock)
        self.printer = SentenceLines("room", self.out, self.notes, clock=self.clock)

    def hear(self, *messages):
        for message in messages:
            self.printer.deliver(Received(message))
        return self.lines

    @property
    def lines(self):
        return self.raw.getvalue().decode(self.out.encoding).splitlines()

    @property
    def errors(self):
        return self.err.getvalue().splitlines()


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def chat(message_id, position, text, **data):
    fields = {"message_id": message_id, "spectator_id": "v", "display_name": "Ada", "message": text}
    place = {"timestamp": "2026-02-17T12:00:00Z", "after": cursor(position - 1), "cursor": cursor(position)}
    return envelope("spectator.chat_message", {**fields, **place, **data})


def presence(total, peak=9):
    return envelope("spectator.presence", {"total_spectators": total, "recent_peak": peak})


def test_an_event_is_a_line_with_its_time_and_no_icon():
    printing = Printing()

    commit = event(2, "git.commit", sha="a1b2c3d", message="feat: x", author="bob")
    assert printing.hear(welcome(), activity(0, event(1), commit)) == [
        "12:00:00 0 watching, peak 0",
        "12:00:00 alice: line 1",
        "12:00:00 commit  a1b2c3d feat: x — bob",
    ]


def test_an_event_of_another_day_carries_its_date():
    printing = Printing()
    printing.clock.step_calendar(86_400)

    assert printing.hear(welcome(), activity(0, event(1)))[-1] == "2026-02-17 12:00:00 alice: line 1"


def test_spectator_chat_is_told_apart_from_the_rooms_and_names_what_it_answers():
    printing = Printing()
    lines = printing.hear(welcome(), chat("m1", 1, "why?"), chat("m2", 2, "because\nof it", reply_to="m1"))

    assert lines[1:] == [
        "12:00:00 chat  Ada (guest): why?",
        "12:00:00 chat  ↳ Ada «why?» Ada (guest): because of it",
    ]


def test_what_is_removed_is_said_without_saying_it_again():
    printing = Printing()
    rude = chat("m1", 1, "rude words", spectator_id="v1", display_name="Bob")
    printing.hear(welcome(), rude, *[chat(f"m{n}", n, "spam", spectator_id="v2") for n in (2, 3)])
    place = {"after": cursor(3), "cursor": cursor(4)}
    printing.hear(
        envelope("spectator.chat_removed", {"message_id": "m1", "reason": "reported", **place}),
        envelope("spectator.chat_removed", {"spectator_id": "v2", "reason": "deleted"}),
        envelope("spectator.chat_removed", {"message_id": "m9", "reason": "x\x1b[2J"}),
        chat("m5", 5, "why?", reply_to="m1"),
    )

    assert printing.lines[4:] == [
        "12:00:00 chat  a message of Bob (guest) was removed because viewers reported it",
        "12:00:00 chat  2 messages of Ada (guest) were removed by a moderator",
        "12:00:00 chat  a message was removed",
        "12:00:00 chat  ↳ a removed message Ada (guest): why?",
    ]


def test_two_viewers_of_one_name_are_told_apart_and_an_action_reads_as_one():
    printing = Printing()
    printing.hear(
        welcome(), chat("m1", 1, "hi", spectator_id="v1"), chat("m2", 2, "/me waves", spectator_id="v2")
    )

    assert printing.lines[1:] == [
        "12:00:00 chat  Ada (guest): hi",
        f"12:00:00 chat  * Ada·{tag('v2')} (guest) waves",
    ]


def test_what_this_viewer_alone_is_told_is_printed():
    printing = Printing()
    mute = {"until": "2026-02-17T12:10:00Z", "reason": "spam"}
    printing.hear(
        welcome(),
        envelope("spectator.notice", {"kind": "warning", "reason": "be kind"}),
        envelope("spectator.notice", {"kind": "mode_changed", "capabilities": [], "muted": mute}),
        error("MESSAGE_REJECTED", ref="c1"),
        error("MESSAGE_REJECTED", ref="c1"),
    )

    assert printing.lines[1:] == [
        "12:00:00 A moderator warns you: be kind.",
        "12:00:00 A moderator muted you for 10 min: spam.",
    ]
    assert printing.errors == ["12:00:00 This is MESSAGE_REJECTED."]


def test_how_many_watch_is_said_on_change_and_not_too_often():
    printing = Printing()
    printing.hear(welcome(), *[presence(total) for total in (1, 2, 3)])
    assert len(printing.lines) == 1

    printing.clock.advance(10)
    printing.hear(presence(3), presence(3))
    printing.clock.advance(60)
    printing.hear(presence(3, peak=12))

    assert printing.lines == ["12:00:00 0 watching, peak 0", "12:00:10 3 watching, peak 9"]


def test_what_happens_to_the_line_goes_to_standard_error_once():
    printing = Printing()
    down = Connection(Phase.WAITING, "The line broke.", retry_at_s=2.0, attempt=1)
    for connection in (
        Connection(Phase.LIVE),
        down,
        Connection(Phase.CONNECTING),
        Connection(Phase.LIVE),
        Connection(Phase.LIVE, latency_ms=4),
        Connection(Phase.ENDED, "This is BANNED."),
    ):
        printing.printer.deliver(ConnectionChanged(connection))

    assert printing.lines == []
    assert printing.errors == [
        "12:00:00 The line broke. Try 1 in 2.0 s.",
        "12:00:00 The line is back.",
        "clawtank: This is BANNED.",
    ]


def test_a_gap_is_a_line_of_its_own():
    printing = Printing()
    recovery = {"requested": True, "recovered": False, "missed": 0}
    lines = printing.hear(welcome(3), welcome(recovery=recovery, cursor="zzzzzzzz-1"))

    assert "may be missing" in lines[-1]


def test_a_refused_message_is_told_on_standard_error():
    printing = Printing()
    printing.hear(welcome(), error("RATE_LIMITED", ref="c1"))

    assert printing.errors == ["12:00:00 This is RATE_LIMITED."]


def test_a_terminal_without_our_signs_gets_ascii():
    printing = Printing(encoding="ascii")

    commit = event(1, "git.commit", sha="a1b2c3d", message="fält", author="bob")
    assert printing.hear(welcome(), activity(0, commit))[-1] == "12:00:00 commit  a1b2c3d f?lt - bob"


HOSTILE = "\x1b]52;c;AA\x07 \x9b2J \u202e\u2066 \u2028 [red]x[/red] \ud800 \U000e0041 \x7f"


def test_no_line_holds_what_a_terminal_could_obey():
    printing = Printing()
    printing.hear(
        welcome(),
        activity(0, event(1, author=HOSTILE, content=HOSTILE)),
        chat("m", 2, HOSTILE, display_name=HOSTILE),
    )

    assert len(printing.lines) == 3
    assert all(line.isprintable() for line in printing.lines)
    assert "[red]x[/red]" in printing.lines[1]


def test_json_is_the_envelope_as_it_came_on_one_line():
    out, notes = io.StringIO(), Notes(io.StringIO(), ManualClock())
    printer = JsonLines(out, notes)
    messages = [
        welcome(),
        activity(0, event(1, content="naïve 👩‍💻 日本語")),
        activity(1, event(2, content=HOSTILE, author="a\nb")),
    ]
    for message in messages:
        printer.deliver(Received(message))

    lines = out.getvalue().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == messages
    assert "naïve 👩‍💻 日本語" in lines[1]
    assert r"\u202e" in lines[2]
    assert all(line.replace("\u200d", "").isprintable() for line in lines)


def test_a_number_json_does_not_know_is_left_out_with_a_word():
    out, err = io.StringIO(), io.StringIO()
    printer = JsonLines(out, Notes(err, ManualClock()))
    printer.deliver(Received(activity(0, event(1, content="x", progress=float("inf")))))

    assert out.getvalue() == ""
    assert "left out" in err.getvalue()


@given(st.dictionaries(st.text(), st.text(), max_size=4))
def test_escaping_changes_the_writing_and_not_the_meaning(envelope_of_text):
    line = json_line(envelope_of_text)

    assert json.loads(line) == envelope_of_text
    line.encode()
    assert escape(line) == line
