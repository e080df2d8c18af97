"""`kill -9` in the middle of everything: what was acknowledged is there once, in order, and viewers go on."""

import asyncio
import json
import random
import threading
from contextlib import suppress

import httpx
import pytest

from support.clients import Api, Closed, chat_event, events_of, watching
from support.operating import command, command_environment

ROOM = "room"


class Publisher(threading.Thread):
    """Publishes numbered events until told to stop, each again and again until it is acknowledged."""

    def __init__(self, batch):
        super().__init__(daemon=True)
        self.acknowledged = 0
        self._batch = batch
        self._relay = None
        self._stopping = False
        self._changed = threading.Condition()

    def serve_from(self, relay):
        """Say which relay to publish to from now on."""
        with self._changed:
            self._relay = relay
            self._changed.notify_all()

    def wait_for(self, number):
        """Wait until that many events are acknowledged."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.acknowledged >= number, 30)

    def stop(self):
        """Stop after the batch in hand."""
        self._stopping = True
        self.join(30)
        assert not self.is_alive()

    def run(self):
        relay = None
        while not self._stopping:
            with self._changed:
                assert self._changed.wait_for(lambda: self._relay is not relay, 30)  # noqa: B023
                relay = self._relay
            with suppress(httpx.TransportError), Api(relay.url, relay.operator_token) as api:
                self._publish_to(api)

    def _publish_to(self, api):
        while not self._stopping:
            numbers = range(self.acknowledged, self.acknowledged + self._batch)
            events = [{**chat_event(str(number)), "id": f"event {number}"} for number in numbers]
            report = api.call("POST", f"/rooms/{ROOM}/events", json=events)
            assert report["accepted"] + report["duplicates"] == len(events)
            with self._changed:
                self.acknowledged += self._batch
                self._changed.notify_all()


async def follow(relay, seen, cursor, began):
    """Read a viewer's stream into `seen` until the relay dies; return the position it has come to."""
    options = {"cursor": cursor} if cursor else {"types": "chat"}
    async with watching(relay.url, ROOM, options=options) as viewer:
        try:
            welcome = await viewer.welcome()
            assert welcome["recovery"]["recovered"]
            cursor = welcome["cursor"]
            began.set()
            while True:
                message = await viewer.next(30)
                cursor = message["data"].get("cursor", cursor)
        except Closed:
            seen += viewer.seen
            return cursor


@pytest.mark.spec("RECOV-8", "RECOV-3")
@pytest.mark.parametrize("batch", [1, 50])
async def test_a_relay_killed_while_it_is_fed_loses_and_repeats_nothing_it_acknowledged(serve, batch):
    chance = random.Random(batch)
    seen, cursor = [], None
    publisher = Publisher(batch)
    publisher.start()
    relay = serve(rooms=[ROOM])
    for _ in range(2):
        began = asyncio.Event()
        reading = asyncio.ensure_future(follow(relay, seen, cursor, began))
        await asyncio.wait([reading, asyncio.ensure_future(began.wait())], return_when="FIRST_COMPLETED")
        assert began.is_set(), reading.exception()
        goal = publisher.acknowledged + batch * chance.randrange(20, 60)
        publisher.serve_from(relay)
        await asyncio.to_thread(publisher.wait_for, goal)
        relay.kill()
        cursor = await reading
        relay = serve(rooms=[ROOM])
    publisher.serve_from(relay)
    # What was committed in the last moment, and not acknowledged, is sent again first.
    await asyncio.to_thread(publisher.wait_for, publisher.acknowledged + batch)
    await asyncio.to_thread(publisher.stop)

    with Api(relay.url) as api:
        kept = [int(event["content"]) for event in api.history(ROOM, limit=1000)]
    assert kept == list(range(publisher.acknowledged)), "every event, once, in order"
    async with watching(relay.url, ROOM, options={"cursor": cursor} if cursor else {}) as viewer:
        await viewer.welcome()
        await viewer.events(publisher.acknowledged - len(events_of(seen)))
        seen += viewer.seen
    assert [int(event["content"]) for event in events_of(seen)] == kept


@pytest.mark.spec("RECOV-8")
async def test_publish_goes_on_where_it_was_when_the_relay_comes_back(serve):
    count = 3000
    relay = serve(rooms=[ROOM])
    process = await asyncio.create_subprocess_exec(
        *command("publish", ROOM, "-"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=command_environment(relay.data),
    )
    assert process.stdin is not None

    async def write(start, stop):
        for number in range(start, stop):
            process.stdin.write(json.dumps(chat_event(str(number))).encode() + b"\n")
            await process.stdin.drain()

    async with watching(relay.url, ROOM) as viewer:
        await viewer.welcome()
        first = asyncio.ensure_future(write(0, count // 2))
        await viewer.events(10)
        await first
    relay.kill()
    rest = asyncio.ensure_future(
        write(count // 2, count)
    )  # more than a pipe holds: the publisher has to wait
    again = serve(rooms=[ROOM], port=relay.port)
    async with asyncio.timeout(30):
        await rest
        process.stdin.close()
        out, err = await process.communicate()

    assert process.returncode == 0, err.decode()
    assert out == b""
    assert f"{count} accepted" in err.decode() or "there already" in err.decode()
    assert "Trying again" in err.decode(), "it says what it is waiting for"
    assert "Traceback" not in err.decode()
    with Api(again.url) as api:
        kept = [int(event["content"]) for event in api.history(ROOM, limit=1000)]
    assert kept == list(range(count))
