"""Locks: each kind of file is told by what is in it, and every event of it gets a time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from relay.protocol.times import format_ms
from relay.sources import recorded
from relay.sources.recorded import NotRecorded, Recorded, read_recorded

NOW_MS = 1_771_329_600_000  # 2026-02-17T12:00:00Z
AT = "2026-02-16T09:00:00.000Z"


def said(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "chat.public", "author": "alice", "author_type": "human", "content": words, **more}


def lines(*events: Any) -> bytes:
    return b"\n".join(json.dumps(event).encode() for event in events)


def times(found: Recorded) -> list[str]:
    return [entry.event["timestamp"] for entry in found.events]


def places(found: Recorded) -> list[str]:
    return [entry.where for entry in found.events]


def words(found: Recorded) -> list[str]:
    return [entry.event["content"] for entry in found.events]


FIRST, SECOND = said("one", timestamp=AT), said("two", timestamp=AT)
ENVELOPE = {"id": "r-1", "type": "spectator.activity", "data": {"events": [FIRST, SECOND], "cursor": "E-2"}}


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (lines(FIRST, SECOND), ["line 1", "line 2"]),
        (b"\xef\xbb\xbf" + lines(FIRST) + b"\n\n" + lines(SECOND) + b"\r\n", ["line 1", "line 3"]),
        (json.dumps([FIRST, SECOND], indent=1).encode(), ["event 1", "event 2"]),
        (
            json.dumps({"room_id": "r", "events": [FIRST, SECOND], "more": False}).encode(),
            ["event 1", "event 2"],
        ),
        (lines(ENVELOPE), ["event 1", "event 1"]),
    ],
    ids=["lines", "lines with a mark, blanks and carriage returns", "array", "page", "envelope"],
)
def test_every_kind_of_file_gives_its_events_in_order(content: bytes, where: list[str]) -> None:
    found = read_recorded(content, NOW_MS)

    assert (words(found), places(found), times(found)) == (["one", "two"], where, [AT, AT])
    assert (found.start_ms, found.hidden, found.unreadable) == (None, 0, ())


def test_what_watch_json_prints_is_a_recording() -> None:
    keepalive = {"id": "r-2", "type": "spectator.keepalive", "timestamp": AT, "data": {"cursor": "E-2"}}
    found = read_recorded(lines(keepalive, ENVELOPE), NOW_MS)

    assert [entry.event.get("content") for entry in found.events] == [None, "one", "two"]
    assert places(found) == ["line 1", "line 2", "line 2"]


def test_one_event_over_several_lines_is_one_event() -> None:
    assert words(read_recorded(json.dumps(FIRST, indent=2).encode(), NOW_MS)) == ["one"]


def test_the_seconds_of_a_session_become_timestamps_from_now_on() -> None:
    session = {
        "meta": {"room": "todo"},
        "events": [
            {"t": 0, "type": "room.created", "data": {}},
            {"t": 2.5, "type": "human.message", "from": "alice", "text": "one"},
            {"t": 65, "type": "human.message", "from": "alice", "text": "two"},
        ],
    }
    found = read_recorded(json.dumps(session).encode(), NOW_MS)

    assert words(found) == ["one", "two"]
    assert times(found) == [format_ms(NOW_MS + 2500), format_ms(NOW_MS + 65_000)]
    assert (found.start_ms, found.hidden, places(found)[0]) == (NOW_MS, 1, "at 2.5 s")


def test_an_event_without_a_time_comes_a_second_after_the_one_before() -> None:
    found = read_recorded(lines(said("a"), FIRST, said("b"), said("c", timestamp=None)), NOW_MS)
    assert times(found) == [AT, AT, "2026-02-16T09:00:01.000Z", "2026-02-16T09:00:02.000Z"]

    found = read_recorded(lines(said("a"), said("b")), NOW_MS)
    assert times(found) == [format_ms(NOW_MS), format_ms(NOW_MS + 1000)]


def test_a_time_that_is_none_is_left_for_the_relay_to_refuse() -> None:
    found = read_recorded(lines(FIRST, said("b", timestamp="yesterday"), said("c")), NOW_MS)
    assert times(found) == [AT, "yesterday", "2026-02-16T09:00:02.000Z"]


def test_one_bad_line_costs_nothing_but_itself() -> None:
    found = read_recorded(lines(FIRST) + b'\n{"type":\n[1]\n' + lines(SECOND), NOW_MS)

    assert words(found) == ["one", "two"]
    assert found.unreadable == ("line 2: it is not valid JSON", "line 3: it is not a JSON object")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty: name"),
        (b" \n\xef\xbb\xbf"[1:2], "is empty: name"),
        (b"[]", "is empty: name"),
        (b"\x7fELF\x02\x01\x01\x00\xff\xfe", "is no recording (line 1: it is not valid UTF-8): name"),
        (b"Dear diary,\n", "is no recording (line 1: it is not valid JSON): name"),
        (b"[1, 2", "is no recording (event 1: the array is not valid JSON in UTF-8): name"),
    ],
)
def test_what_is_no_recording_is_told_with_the_next_step(content: bytes, why: str) -> None:
    with pytest.raises(NotRecorded) as refused:
        read_recorded(content, NOW_MS)
    assert str(refused.value).startswith(why)


@pytest.mark.parametrize("line", [b"{}", b"nonsense"])
def test_more_events_than_can_be_played_are_refused(monkeypatch: pytest.MonkeyPatch, line: bytes) -> None:
    monkeypatch.setattr(recorded, "MAX_EVENTS", 3)
    many = b"\n".join([lines(FIRST)] + [line] * 3)
    with pytest.raises(NotRecorded, match="holds more than 3 events: split it"):
        read_recorded(many, NOW_MS)
