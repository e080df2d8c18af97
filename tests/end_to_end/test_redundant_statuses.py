"""OPT-1 over the wire: what an agent is doing already is not sent again, and any change is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support.clients import Api, chat_event
from support.crowds import READY


def status(word: str, agent: str = "Claude", **fields: Any) -> dict[str, Any]:
    return {"type": "agent.status_change", "agent_name": agent, "status": word, **fields}


def told(events: list[dict[str, Any]]) -> list[str]:
    return [event.get("status", event["type"]) for event in events]


@pytest.mark.spec("OPT-1")
async def test_of_twenty_alike_one_arrives_and_every_change_does(room):
    testing = status("testing", task_id="t1", progress=40)
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        reports = [room.publish(testing) for _ in range(20)]
        in_one = room.publish(*[{**testing, "id": str(number)} for number in range(20)])
        changes = [
            {**testing, "progress": 41},
            {**testing, "progress": 41, "task_id": "t2"},
            status("testing"),
            status("testing", "Codex"),
            status("error"),
            testing,
        ]
        for change in changes:
            assert room.publish(change, change)["duplicates"] == 1
        room.publish(chat_event("the end"))
        events = await viewer.events(len(changes) + 2)

    assert [(report["accepted"], report["duplicates"]) for report in reports] == [(1, 0)] + [(0, 1)] * 19
    assert (in_one["accepted"], in_one["duplicates"]) == (0, 20)
    arrived = [{name: event[name] for name in testing if name in event} for event in events[:-1]]
    assert arrived == [testing, *changes]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1)), "the left out have no place"
    assert room.history() == events


@pytest.mark.spec("OPT-1")
def test_a_status_is_news_again_for_an_agent_that_was_away_and_for_a_task_that_moved(room):
    testing = status("testing", task_id="t1")
    claimed = {"type": "agent.claimed_task", "agent_name": "Claude", "task_id": "t1"}
    left = {"type": "agent.left", "agent_name": "Claude"}
    joined = {"type": "agent.joined", "agent_name": "Claude"}
    for between in (claimed, left, joined):
        room.publish(testing, testing, between, testing)
    expected = [
        "testing",
        "agent.claimed_task",
        "testing",
        "agent.left",
        "testing",
        "agent.joined",
        "testing",
    ]
    assert told(room.history()) == expected


@pytest.mark.spec("OPT-1")
def test_what_is_hidden_today_and_what_was_logged_before_a_restart_count_alike(serve):
    hidden, shown = ({"visibleEvents": {"agentStatus": switch}} for switch in (False, True))
    relay = serve()
    with Api(relay.url, relay.operator_token) as operator:
        token = operator.create_room("room", settings=hidden)["publish_token"]
        assert operator.publish("room", token, status("testing"))["accepted"] == 1
        assert operator.publish("room", token, status("testing"))["duplicates"] == 1
    relay.stop()

    relay = serve()
    with Api(relay.url, relay.operator_token) as operator:
        assert operator.publish("room", token, status("testing"))["duplicates"] == 1
        assert operator.publish("room", token, status("error"))["accepted"] == 1
        assert operator.history("room") == []
        operator.call("PATCH", "/rooms/room/settings", json=shown)
        assert told(operator.history("room")) == ["testing", "error"]


@pytest.mark.spec("OPT-1")
def test_publishers_who_say_the_same_at_the_same_time_are_heard_once(room):
    words = ("testing", "error", "thinking", "executing")

    def publish(number: int) -> int:
        return int(room.publish(status(words[number // 8], f"Agent {number % 2}"))["accepted"])

    for start in range(0, 32, 8):
        with ThreadPoolExecutor(8) as publishers:
            assert sum(publishers.map(publish, range(start, start + 8))) == 2
    assert told(room.history()) == [word for word in words for _ in range(2)]


@pytest.mark.spec("OPT-1")
def test_a_publish_that_is_sent_once_more_brings_no_old_status_back(room):
    told_at_once = [{**status(word), "id": f"{n}"} for n, word in enumerate(["testing", "testing", "idle"])]
    reports = [room.publish(*told_at_once) for _ in range(2)]
    assert [(report["accepted"], report["duplicates"]) for report in reports] == [(2, 1), (0, 3)]
    assert told(room.history()) == ["testing", "idle"]
