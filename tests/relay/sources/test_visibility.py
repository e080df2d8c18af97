"""Locks: what says of itself, wherever it may, that it is not public, is hidden whatever its type."""

import json
from typing import Any

import pytest

from relay.screen.screen import Hidden
from relay.sources.session_replay import read_recording
from relay.sources.shapes import Mapped, to_room_event
from relay.sources.visibility import is_withheld

DIRECT = {"visibility": "direct"}
TASK = {"task_id": "t1", "title": "Write"}
COMMIT = {"commit_info": {"short_sha": "a1b2c3d", "message": "fine"}}


class NoNames:
    def learn(self, kind: str, id: str, name: str, /) -> None:
        pass

    def name_of(self, kind: str, id: str, /) -> None:
        return None


@pytest.mark.parametrize(
    "item",
    [
        {"type": "task.created", "data": {**TASK, **DIRECT}},
        {"type": "task.created", "data": TASK, **DIRECT},
        {"type": "task.created", "data": TASK, "metadata": DIRECT},
        {"type": "git.commit", "data": {**COMMIT, "metadata": DIRECT}},
        {"type": "chat.human_message", "data": {"content": {"text": "x", **DIRECT}, "visibility": "public"}},
        {"type": "chat.public", "author": "a", "author_type": "human", "content": "x", "data": DIRECT},
        {"type": "room.state_changed", "state": "completed", **DIRECT},
        *(
            {"type": "task.created", "data": {**TASK, "visibility": other}}
            for other in (None, "", "Public", ["public"])
        ),
    ],
)
def test_it_is_hidden(item: dict[str, Any]):
    assert to_room_event(item, NoNames()) == Hidden()


@pytest.mark.parametrize(
    "item",
    [
        {"type": "task.created", "data": TASK},
        {"type": "task.created", "data": {**TASK, "visibility": "public"}, "visibility": "public"},
        # What other things than the event say of themselves says nothing of the event.
        {"type": "task.created", "data": {**TASK, "room": {"visibility": "private"}, "files": [DIRECT]}},
    ],
)
def test_what_says_public_or_nothing_is_not(item: dict[str, Any]):
    assert isinstance(to_room_event(item, NoNames()), Mapped)


def test_moments_of_a_session_are_hidden_alike():
    said = {"t": 0, "type": "human.message", "from": "alice", "text": "fine"}
    events = [
        said,
        {**said, **DIRECT},
        {**said, "data": DIRECT},
        {"t": 0, "type": "task.created", "data": {**TASK, **DIRECT}},
    ]
    recording = read_recording(json.dumps({"meta": {}, "events": events}).encode())
    assert recording is not None
    assert (len(recording.moments), recording.hidden) == (1, 3)


def test_a_part_that_holds_itself_without_end_is_looked_at_to_a_bounded_depth():
    item: dict[str, Any] = DIRECT
    for _ in range(10_000):
        item = {"data": item}
    assert not is_withheld(item)
