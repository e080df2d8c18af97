"""Locks: the bundled session passes the screen unchanged, moves at once, and never falls silent."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import clawtank_tui
from relay.protocol.events import EVENT_TYPES
from relay.screen.clean import clean
from relay.screen.screen import Visible, screen

STORY = Path(clawtank_tui.__file__).with_name("story.jsonl")
LONGEST_SILENCE_S = 6


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in STORY.read_text(encoding="utf-8").splitlines()]


def test_every_event_is_visible_as_it_is_told():
    for line in lines():
        if "spectator" in line:
            assert set(line) == {"t", "spectator", "message"}
            assert clean(line["message"], 500) == line["message"]
            continue
        event = {name: value for name, value in line.items() if name != "t"}
        result = screen(event, 0)
        assert isinstance(result, Visible), (line, result)
        told = json.loads(result.body)
        del told["timestamp"]
        assert told == event


def test_it_begins_at_once_and_never_falls_silent():
    times = [line["t"] for line in lines()]
    assert times == sorted(times)
    assert times[0] == 0
    assert sum(t <= 2 for t in times) >= 5
    assert max(later - earlier for earlier, later in pairwise(times)) <= LONGEST_SILENCE_S
    assert 150 <= times[-1] <= 210


def test_it_shows_everything_a_room_can_show():
    told = lines()
    assert {line["type"] for line in told if "type" in line} >= EVENT_TYPES - {"member.left"}
    assert len({line["spectator"] for line in told if "spectator" in line}) == 5


def test_every_task_is_created_claimed_and_completed_in_this_order():
    steps: dict[str, list[str]] = {}
    for line in lines():
        if line.get("type") in ("task.created", "agent.claimed_task", "task.completed"):
            steps.setdefault(line["task_id"], []).append(line["type"])
    assert steps
    assert all(taken == ["task.created", "agent.claimed_task", "task.completed"] for taken in steps.values())


def test_agents_act_only_while_they_are_here():
    here: set[str] = set()
    for line in lines():
        if line.get("type") == "agent.joined":
            here.add(line["agent_name"])
        elif "agent_name" in line:
            assert line["agent_name"] in here
        if line.get("type") == "agent.left":
            here.remove(line["agent_name"])
