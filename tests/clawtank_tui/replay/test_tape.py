"""Locks: a tape holds each event once, in a frame of its own, at a time that never falls."""

from __future__ import annotations

from typing import Any

from clawtank_tui.link.session import ConnectionChanged, Received
from clawtank_tui.replay.tape import Tape, TapeRecorder
from clawtank_tui.state.model import Connection, Phase
from relay.protocol.times import parse_instant
from support.watch_story import activity, chat, event, said, welcome

EPOCH = "abcd2345"


def at(time: str) -> int:
    read = parse_instant(f"2026-02-17T{time}Z")
    assert read is not None
    return read


def milestone(seq: int, time: str) -> dict[str, Any]:
    return event(seq, time, "milestone.reached", title=f"number {seq}")


def recorded(*received: Received, start_ms: int | None = None) -> Tape:
    recorder = TapeRecorder()
    recorder.deliver(welcome())
    for message in received:
        recorder.deliver(message)
    return recorder.tape("room_abc123", start_ms)


def notice(seq: int) -> Received:
    data = {
        "kind": "room_state",
        "state": "completed",
        "after": f"{EPOCH}-{seq - 1}",
        "cursor": f"{EPOCH}-{seq}",
    }
    return Received({"id": "n", "type": "spectator.notice", "data": data})


def test_a_frame_of_several_events_becomes_frames_of_one_that_follow_each_other() -> None:
    frame = activity(milestone(3, "12:00:00"), milestone(5, "12:00:07"), after=1)
    frame.envelope["data"]["cursor"] = "E-9"
    tape = recorded(frame, activity(milestone(10, "12:01:00"), after=9))

    told = [moment.envelope["data"] for moment in tape.moments]
    assert [[item["seq"] for item in data["events"]] for data in told] == [[3], [5], [10]]
    assert [(data["after"], data["cursor"]) for data in told] == [
        ("E-1", "E-3"),
        ("E-3", "E-9"),
        ("E-9", "E-10"),
    ]
    assert tape.times_s == (0, 7, 60)
    assert tape.start_ms == at("12:00:00")


def test_a_batch_is_kept_as_the_frames_it_stands_for() -> None:
    events = [milestone(3, "12:00:00"), milestone(5, "12:00:07")]
    data = {"room_id": "room_abc123", "batch_id": "E-1-9", "events": events, "after": "E-1", "cursor": "E-9"}
    tape = recorded(Received({"id": "r", "type": "spectator.batch", "data": data}))

    frame = activity(*events, after=1)
    frame.envelope["data"]["cursor"] = "E-9"
    assert tape == recorded(frame)


def test_two_frames_made_of_one_have_ids_of_their_own() -> None:
    tape = recorded(activity(milestone(1, "12:00:00"), milestone(2, "12:00:07"), after=0))
    first, second = (moment.envelope["id"] for moment in tape.moments)
    assert first == "r"
    assert second != first


def test_a_time_that_falls_behind_waits_for_its_turn() -> None:
    events = (milestone(1, "12:00:05"), milestone(2, "12:00:00"), milestone(3, "12:00:06"))
    assert recorded(activity(*events, after=0), start_ms=at("11:59:00")).times_s == (65, 65, 66)


def test_what_the_room_became_is_told_in_its_place() -> None:
    tape = recorded(activity(milestone(1, "12:00:05"), after=0), notice(2))
    assert [moment.envelope["type"] for moment in tape.moments] == ["spectator.activity", "spectator.notice"]
    assert tape.times_s == (0, 0)


def test_what_is_about_this_line_or_its_viewer_is_not_on_the_tape() -> None:
    recorder = TapeRecorder()
    recorder.deliver(ConnectionChanged(Connection(Phase.LIVE, latency_ms=3)))
    recorder.deliver(welcome())
    for kind in ("spectator.presence", "spectator.keepalive"):
        recorder.deliver(
            Received({"id": "p", "type": kind, "data": {"total_spectators": 1, "cursor": "E-0"}})
        )
    said_by_others = chat(1, said(9, "12:00:00", "ken", "hello"))
    said_by_others.envelope["data"]["cursor"] = f"{EPOCH}-1"
    recorder.deliver(said_by_others)
    tape = recorder.tape("room_abc123", 0)

    assert (tape.moments, recorder.seq, recorder.ended) == ((), 1, None)
    assert tape.welcome["data"]["current_state"]["presence"] == {}
    assert tape.welcome["data"]["room_info"]["name"] == "todo-cli"


def test_a_line_that_ended_for_good_is_noticed() -> None:
    recorder = TapeRecorder()
    over = Connection(Phase.ENDED, "There is no such room.")
    recorder.deliver(ConnectionChanged(over))
    assert recorder.ended == over
