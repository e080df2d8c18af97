"""A relay that is told to stop: its viewers leave in steps, come back, and have missed nothing."""

import asyncio
import json
import signal
from contextlib import AsyncExitStack

from support.clients import Api, chat_event, events_of, watching
from support.crowds import READY, watch_command
from support.ports import LOOPBACK

PUBLISH = "POST /rooms/room/events HTTP/1.1\r\nHost: relay\r\n"
CROWD = 70
STEPS = 4
"""A crowd of seventy is sent away in four steps."""


def farewell(viewer):
    """Return the last message of a viewer that was sent away, which must be the notice."""
    notice = viewer.seen[-1]
    assert (notice["type"], notice["data"]["kind"]) == ("spectator.notice", "reconnect")
    return notice["data"]


def cursor_of(viewer):
    """Return where a viewer's stream broke off."""
    return next(m["data"]["cursor"] for m in reversed(viewer.seen) if "cursor" in m["data"])


async def test_a_relay_that_restarts_under_load_loses_nobody_an_event(serve):
    relay = serve(rooms=["room"], env={"CLAWTANK_RELAY_DRAIN_S": "2"})
    accepted = []

    def publish(number):
        with Api(relay.url, relay.operator_token) as api:
            api.publish("room", relay.operator_token, chat_event(str(number)))

    async def keep_publishing():
        """Publish one after the other until the relay takes no more."""
        for number in range(100_000):
            try:
                await asyncio.to_thread(publish, number)
            except Exception:
                return
            accepted.append(str(number))

    with watch_command("room", "--relay", relay.ws_url, "--json", env={}) as ours:
        ours.envelope("spectator.welcome")
        async with AsyncExitStack() as stay:
            viewers = [
                await stay.enter_async_context(watching(relay.url, "room", options=READY))
                for _ in range(CROWD)
            ]
            async with asyncio.TaskGroup() as tasks:
                publishing = tasks.create_task(keep_publishing())
                for viewer in viewers:
                    await viewer.welcome()
                    await viewer.events(1)
                leaving = [tasks.create_task(viewer.closed()) for viewer in viewers]
                stopping = tasks.create_task(asyncio.to_thread(relay.stop))
                ended = await asyncio.gather(*leaving)
                assert await stopping == 0
                await publishing
        assert set(ended) == {1012}
        waits = [farewell(viewer)["after_ms"] for viewer in viewers]
        assert len(set(waits)) > CROWD / 2, "each comes back at a moment of its own"
        assert all("url" not in farewell(viewer) for viewer in viewers)
        last_seen = [len(events_of(viewer.seen)) for viewer in viewers]
        assert len(set(last_seen)) >= STEPS / 2, "who was not sent away yet went on being served"

        again = serve(rooms=["room"], port=relay.port)
        with Api(again.url, again.operator_token) as api:
            api.publish("room", again.operator_token, chat_event("after"))
            log = [event["content"] for event in api.history("room", limit=1000)]
            assert log[: len(accepted)] == accepted, "what was acknowledged is there"
            for viewer in viewers:
                before = [event["content"] for event in events_of(viewer.seen)]
                async with watching(again.url, "room", options={"cursor": cursor_of(viewer)}) as back:
                    assert (await back.welcome())["recovery"]["recovered"]
                    missed = log[log.index(before[-1]) + 1 :]
                    assert [event["content"] for event in await back.events(len(missed))] == missed
        ours.line('"content":"after"')
        told = [json.loads(line) for line in ours.out.text().splitlines()]
        ours_saw = [event["content"] for event in events_of(told)]
        assert ours_saw == log[log.index(ours_saw[0]) :], "our own client resumed by itself, each event once"


async def test_viewers_are_sent_to_the_relay_that_takes_over(serve):
    elsewhere = "wss://b.example/relay"
    relay = serve(rooms=["room"], env={"CLAWTANK_RELAY_DRAIN_URL": elsewhere})
    async with watching(relay.url, "room", options=READY) as viewer:
        await viewer.welcome()
        stopped = asyncio.to_thread(relay.stop)
        (code, status) = await asyncio.gather(viewer.closed(), stopped)
    assert (code, status) == (1012, 0)
    notice = farewell(viewer)
    assert notice["url"] == elsewhere
    assert 0 <= notice["after_ms"] <= 1000


async def test_a_publisher_in_the_middle_of_its_request_is_answered_and_its_events_kept(serve):
    relay = serve(rooms=["room"])
    body = json.dumps(chat_event("half sent")).encode()
    reader, writer = await asyncio.open_connection(LOOPBACK, relay.port)
    head = f"{PUBLISH}Authorization: Bearer {relay.operator_token}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body[:10])
    async with watching(relay.url, "room", options=READY) as viewer:
        await viewer.welcome()
        relay.signal(signal.SIGTERM)
        assert await viewer.closed() == 1012
    writer.write(body[10:])
    async with asyncio.timeout(10):
        assert b"200" in await reader.readline()
        assert b'"accepted":1' in await reader.read()
    writer.close()
    assert await asyncio.to_thread(relay.wait) == 0
    again = serve(rooms=["room"])
    with Api(again.url) as api:
        assert [event["content"] for event in api.history("room")] == ["half sent"]


async def test_a_second_signal_cuts_it_short(serve):
    relay = serve(rooms=["room"])
    async with watching(relay.url, "room", options=READY) as viewer:
        await viewer.welcome()
        # Answers no farewell, and a publisher never sends the rest: both would be waited for.
        viewer.connection.transport.pause_reading()
        _, writer = await asyncio.open_connection(LOOPBACK, relay.port)
        token = relay.operator_token
        writer.write(f"{PUBLISH}Authorization: Bearer {token}\r\nContent-Length: 100\r\n\r\n{{".encode())
        relay.signal(signal.SIGINT)
        assert await asyncio.to_thread(relay.said, "asked to come back")
        relay.signal(signal.SIGTERM)
        began_s = asyncio.get_running_loop().time()
        assert await asyncio.to_thread(relay.wait) == 130
        assert asyncio.get_running_loop().time() - began_s < 4
        writer.close()
        viewer.connection.transport.resume_reading()
        await viewer.closed()
