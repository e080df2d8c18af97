"""More than the relay can do: newcomers and publishers are told to wait, those who watch notice nothing."""

import asyncio
import json
import signal
import sqlite3
from contextlib import AsyncExitStack, closing
from itertools import pairwise

import psutil
import pytest
from websockets.exceptions import InvalidStatus

from relay.storage import sqlite
from support.clients import Api, chat_event, watching
from support.crowds import READY
from support.operating import figures, is_for_people, read_figures
from support.relay_process import UNLIMITED
from support.wound_relay import wound_relay

MIB = 1024 * 1024


async def sent_away(relay):
    """Come to a relay that takes nobody; return the refusal's headers and body."""
    with pytest.raises(InvalidStatus) as refused:
        async with watching(relay.url, "room", options=READY):
            pass
    response = refused.value.response
    assert response.status_code == 503
    assert response.headers["Content-Type"] == "application/json"
    return response.headers, json.loads(response.body)


async def comes_in(relay):
    """Come to a relay as often as it takes, and leave again."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with watching(relay.url, "room", options=READY) as viewer:
                    await viewer.welcome()
                    return
            except InvalidStatus:
                await asyncio.sleep(0.2)


def is_a_clear_refusal(headers, error, code):
    return (
        (error["code"], error["permanent"]) == (code, False)
        and is_for_people(error["message"])
        and int(headers["Retry-After"]) * 1000 >= error["retry_after"] > 0
    )


@pytest.mark.spec("SCALE-8", "ERR-6")
async def test_a_full_relay_sends_newcomers_away_before_the_upgrade(serve):
    relay = serve(rooms=["room"], limits={**UNLIMITED, "connections": 2})
    with Api(relay.url, relay.operator_token) as api:
        async with watching(relay.url, "room") as first, watching(relay.url, "room") as second:
            await first.welcome()
            await second.welcome()
            assert is_a_clear_refusal(*await sent_away(relay), "OVERLOADED")
            ready = await asyncio.to_thread(api.answer, "GET", "/readyz")
            assert (ready.status_code, ready.json()["code"]) == (503, "OVERLOADED")
            assert "Retry-After" in ready.headers
            assert api.answer("GET", "/healthz").status_code == 200
            api.publish("room", relay.operator_token, chat_event("for those who are here"))
            for viewer in (first, second):
                await viewer.events(1)
        await comes_in(relay)
        counted = figures(api)
    assert counted['clawtank_shed_total{what="connection"}'] >= 1
    assert (
        counted['clawtank_errors_total{code="OVERLOADED"}']
        == counted['clawtank_shed_total{what="connection"}']
    )


@pytest.mark.spec("SCALE-8")
async def test_a_relay_that_is_badly_behind_serves_those_who_watch_and_takes_on_nothing_else(serve):
    relay = serve(rooms=["room"])
    with Api(relay.url, relay.operator_token) as api:

        async def ready():
            return await asyncio.to_thread(api.answer, "GET", "/readyz")

        async with watching(relay.url, "room", options=READY) as viewer:
            await viewer.welcome()
            published = 0
            answer = await ready()
            while answer.status_code == 200:
                assert published < 10, "it should have noticed by now"
                # What a processor that others use does to it: seconds in which it does not run.
                relay.signal(signal.SIGSTOP)
                await asyncio.sleep(2.5)
                relay.signal(signal.SIGCONT)
                await asyncio.to_thread(api.publish, "room", relay.operator_token, chat_event(str(published)))
                published += 1
                answer = await ready()
            assert is_a_clear_refusal(answer.headers, answer.json(), "OVERLOADED")
            assert is_a_clear_refusal(*await sent_away(relay), "OVERLOADED")
            page = await asyncio.to_thread(api.answer, "GET", "/rooms/room/events")
            assert page.status_code == 503
            assert is_a_clear_refusal(page.headers, page.json(), "OVERLOADED")
            assert (await asyncio.to_thread(api.answer, "GET", "/healthz")).status_code == 200
            await asyncio.to_thread(api.publish, "room", relay.operator_token, chat_event("still here"))
            seen = await viewer.events(published + 1)
            assert [event["content"] for event in seen] == [*map(str, range(published)), "still here"]
            counted = await asyncio.to_thread(figures, api)
            assert counted["clawtank_event_loop_lag_seconds"] > 0.25
            await comes_in(relay)
        assert (await ready()).status_code == 200
        assert len(api.history("room")) == published + 1


def events(count, size, name):
    return [{**chat_event("x" * size), "id": f"{name}{number}"} for number in range(count)]


async def test_a_stalled_disk_is_told_to_publishers_before_it_becomes_memory(tmp_path, monkeypatch):
    # However slow the machine is, the relay's writer waits for the disk until it is given back.
    monkeypatch.setattr(sqlite, "_BUSY_MS", 120_000)
    share = 256 * 1024
    limits = {**UNLIMITED, "intake_bytes": 4 * share}
    async with wound_relay(tmp_path / "data", rooms=["room", "other"], limits=limits) as relay:

        async def publish(room, wanted):
            return await relay.http.post(f"/rooms/{room}/events", json=wanted, headers=dict(relay.operator))

        async def first_refusals(publishing, count):
            """Wait until so many have been answered, none of which can have been stored."""
            waiting, answers = set(publishing), []
            while len(answers) < count:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                answers += [task.result() for task in done]
            for answer in answers:
                assert answer.status_code == 429
                assert is_a_clear_refusal(answer.headers, answer.json(), "RATE_LIMITED")

        viewer = await relay.enter("room")
        with closing(sqlite3.connect(tmp_path / "data" / "relay.db")) as disk:
            disk.execute("BEGIN IMMEDIATE")  # the relay's writer waits as long as this lasts
            async with asyncio.TaskGroup() as tasks:
                flood = [tasks.create_task(publish("room", events(16, 3500, f"{n}-"))) for n in range(8)]
                await first_refusals(flood, 4)
                small = [tasks.create_task(publish("room", events(1, 10, f"small{n}-"))) for n in range(8)]
                await first_refusals(small, 4)
                await viewer.chat("and I?", message_id="mine")
                refused = (await viewer.until(lambda m: m["data"].get("ref") == "mine"))["data"]
                assert (refused["code"], refused["permanent"]) == ("OVERLOADED", False)
                assert refused["retry_after"] > 0
                neighbour = tasks.create_task(publish("other", events(16, 3500, "neighbour")))
                held = 0.0
                while held < share:
                    held = read_figures((await relay.http.get("/metrics")).text)["clawtank_intake_bytes"]
                assert held <= 2 * share
                assert not neighbour.done(), "one room's flood is no reason to refuse another's"
                disk.rollback()
        assert neighbour.result().status_code == 200
        statuses = [task.result().status_code for task in (*flood, *small)]
        assert set(statuses) == {200, 429}
        for number in range(8):
            assert (await publish("room", events(16, 3500, f"{number}-"))).status_code == 200
        page = await relay.call("GET", "/rooms/room/events", params={"limit": 1000})
        stored = [event for event in page["events"] if len(event["content"]) == 3500]
        assert len(stored) == 8 * 16, "what was refused was not kept, what was kept is there once"
        now = read_figures((await relay.http.get("/metrics")).text)
        assert now["clawtank_intake_bytes"] == now["clawtank_intake_calls"] == 0
        assert now['clawtank_shed_total{what="publish"}'] == statuses.count(429)


@pytest.mark.parametrize(("call", "proven"), [("events", True), ("hooks/github", False)])
async def test_many_large_bodies_at_once_are_not_held_in_memory(serve, call, proven):
    relay = serve(rooms=["room", "other"])
    memory = psutil.Process(relay.pid).memory_info
    before = memory().rss
    host, port = relay.url.removeprefix("http://").split(":")
    token = f"Authorization: Bearer {relay.operator_token}\r\n" if proven else ""
    head = f"POST /rooms/room/{call} HTTP/1.1\r\nHost: relay\r\n{token}Content-Length: {MIB}\r\n\r\n".encode()
    async with AsyncExitStack() as lines:
        opened = []
        for _ in range(60):
            reader, writer = await asyncio.open_connection(host, int(port))
            lines.callback(writer.transport.abort)
            writer.write(head + b"x" * (MIB - 1))
            opened.append((reader, writer))

        async def status(reader):
            return int((await reader.readline()).split()[1])

        async with asyncio.timeout(8), asyncio.TaskGroup() as tasks:
            # Three are read to their last byte, which never comes; the others are answered at once.
            answers = [tasks.create_task(status(reader)) for reader, _ in opened]
            done = set()
            while len(done) < 57:
                some, _ = await asyncio.wait(set(answers) - done, return_when=asyncio.FIRST_COMPLETED)
                done |= some
            for answer in set(answers) - done:
                answer.cancel()
        assert {answer.result() for answer in done} == {429}
        assert memory().rss - before < 24 * MIB
        with Api(relay.url, relay.operator_token) as api:
            # Whose account is full is refused; strangers fill none but their own.
            for room in ["other"] if proven else ["other", "room"]:
                api.publish(room, relay.operator_token, chat_event("all the same"))


async def test_presence_of_a_room_that_changes_all_the_time_thins_out(serve):
    relay = serve(rooms=["room"])
    async with watching(relay.url, "room", options=READY) as witness:
        await witness.welcome()

        async def churn():
            while True:
                async with watching(relay.url, "room", options=READY) as passer:
                    await passer.welcome()

        async with asyncio.TaskGroup() as tasks:
            churning = tasks.create_task(churn())
            moments = []
            async with asyncio.timeout(30):
                while len(moments) < 8:
                    await witness.expect("spectator.presence", timeout_s=20)
                    moments.append(asyncio.get_running_loop().time())
            churning.cancel()
    gaps = [late - early for early, late in pairwise(moments)]
    assert min(gaps) > 0.5, "one a second at most"
    assert max(gaps) > 3, "and after a few of them one in five"
