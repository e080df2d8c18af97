"""The figures of the spec's `SpectatorMetrics`, each held against what is seen from outside the relay."""

import asyncio
import socket
import sqlite3
from contextlib import asynccontextmanager, closing, suppress
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from support.clients import Api, chat_event, standing_inside, watching
from support.crowds import READY, crowd, first_messages
from support.operating import figures, read_figures
from support.ports import LOOPBACK
from support.relay_process import UNLIMITED
from support.tokens import viewer_token
from support.wound_relay import wound_relay


async def figures_of(relay):
    """Return the figures of a relay in this process."""
    return read_figures((await relay.http.get("/metrics")).text)


async def publish(relay, *events):
    await relay.call("POST", "/rooms/room/events", json=list(events))


def sent_bytes(figures):
    return sum(value for name, value in figures.items() if name.startswith("clawtank_sent_bytes_total"))


def grown(before, after, name):
    return after.get(name, 0) - before.get(name, 0)


class Tap:
    """A line to the relay through which every byte is counted that comes out of it."""

    def __init__(self) -> None:
        self.bytes = 0

    @classmethod
    @asynccontextmanager
    async def on(cls, url):
        """Yield the tap and the address to connect to instead."""
        tap, target = cls(), urlsplit(url)

        async def pass_on(reader, writer):
            inner_reader, inner_writer = await asyncio.open_connection(target.hostname, target.port)

            async def copy(source, sink, counts):
                while data := await source.read(65536):
                    tap.bytes += len(data) * counts
                    sink.write(data)
                sink.close()

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(copy(reader, inner_writer, 0))
                tasks.create_task(copy(inner_reader, writer, 1))

        server = await asyncio.start_server(pass_on, LOOPBACK, 0)
        async with server:
            yield tap, f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"


@pytest.mark.spec("PERF-2")
def test_the_time_of_each_type_is_a_histogram_of_its_own(room, public):
    merged = {"type": "git.pr_merged", "number": 7, "title": "x", "author": "alice"}
    before = figures(public)
    room.publish(chat_event("one"), chat_event("two"), merged)
    after = figures(public)

    def of(what, kind):
        return grown(before, after, f'clawtank_event_processing_seconds_{what}{{type="{kind}"}}')

    assert (of("count", "chat.public"), of("count", "git.pr_merged")) == (2, 1)
    assert 0 < of("sum", "git.pr_merged") < 10
    assert 0 < of("sum", "chat.public") < 10


@pytest.mark.spec("PERF-3")
@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_the_bytes_counted_are_the_bytes_on_the_wire(serve, compression):
    relay = serve(rooms=["room"])
    async with Tap.on(relay.url) as (tap, address):
        with Api(relay.url, relay.operator_token) as api:
            how = {"options": READY, "compression": compression}
            async with watching(address, "room", **how) as one, watching(address, "room", **how) as two:
                for number in range(100):
                    await asyncio.to_thread(
                        api.publish, "room", relay.operator_token, chat_event(f"number {number} " * 9)
                    )
                for viewer in (one, two):
                    await viewer.chat("hello")
                    await viewer.chat("")
                    await viewer.expect("spectator.error")
                    await viewer.events(100)
            counted = await asyncio.to_thread(figures, api)
    assert tap.bytes > 10_000
    assert sent_bytes(counted) == pytest.approx(tap.bytes, rel=0.05)
    labels = 'frequency="realtime"' if compression is None else 'frequency="private"'
    assert any(labels in name for name in counted), counted


async def test_handshakes_and_farewells_are_bytes_too(serve):
    relay = serve(rooms=["room"])
    async with Tap.on(relay.url) as (tap, address):
        for _ in range(5):
            async with watching(address, "room", options=READY) as viewer:
                await viewer.welcome()
    with Api(relay.url) as api:
        assert sent_bytes(figures(api)) == pytest.approx(tap.bytes, rel=0.01)


PROVOKED = {
    "ROOM_NOT_FOUND": ("no-such-room", {}),
    "ACCESS_DENIED": ("closed", {"enabled": False}),
    "CAPACITY_EXCEEDED": ("full", {"maxSpectators": 0}),
    "REGION_RESTRICTED": ("local", {"restrictGeographic": ["DE"]}),
    "AUTH_INVALID": ("open", {}),
}
ANSWERED = {
    "INVALID_MESSAGE": ({}, ""),
    "MESSAGE_TOO_LARGE": ({}, "x" * 501),
    "CHAT_DISABLED": ({"enabled": False}, "hi"),
    "REGISTRATION_REQUIRED": ({"moderation": {"allowAnonymous": False}}, "hi"),
    "MESSAGE_REJECTED": ({}, "https://a.example https://b.example https://c.example https://d.example"),
    "RATE_LIMITED": ({"rateLimit": {"burstLimit": 1}}, "hi"),
}


@pytest.mark.spec("PERF-4")
async def test_each_error_is_counted_once_under_its_code(serve):
    relay = serve(limits={**UNLIMITED, "connections": 1})
    with Api(relay.url, relay.operator_token) as api:

        async def errors():
            counted = await asyncio.to_thread(figures, api)
            # Whoever left a moment ago may still be there: the only seat has to be free again.
            while sum(v for name, v in counted.items() if name.startswith("clawtank_open_connections")):
                counted = await asyncio.to_thread(figures, api)
            return {name: v for name, v in counted.items() if name.startswith("clawtank_errors_total")}

        async def provoke(code):
            if code in PROVOKED:
                room, settings = PROVOKED[code]
                if room != "no-such-room":
                    api.create_room(room, preset="open", settings=settings)
                token = "forged" if code == "AUTH_INVALID" else None
                async with watching(relay.url, room, token=token) as viewer:
                    with suppress(ConnectionClosed):  # refused before it could say so
                        # No token this time either: it is waited for no longer.
                        await viewer.send("spectator.connect", {})
                    await viewer.closed()
            elif code in ANSWERED:
                settings, message = ANSWERED[code]
                room = code.lower()
                api.create_room(room, preset="open", settings={"spectatorChat": settings})
                async with watching(relay.url, room, options=READY) as viewer:
                    await viewer.welcome()
                    if code == "RATE_LIMITED":
                        await viewer.chat("the first is free")
                        await viewer.expect("spectator.chat_message")
                    await viewer.chat(message)
                    assert (await viewer.expect("spectator.error"))["code"] == code
            elif code == "FEATURE_DISABLED":
                api.create_room(
                    "quiet", preset="open", settings={"spectatorChat": {"integration": "isolated"}}
                )
                made = api.call("POST", "/rooms/quiet/tokens", json={"scope": "participate", "name": "Paul"})
                async with standing_inside(relay.url, "quiet", made["token"]) as paul:
                    await paul.welcome()
                    await paul.chat("may I?")
                    assert (await paul.expect("spectator.error"))["code"] == code
            else:
                assert code == "OVERLOADED"
                async with watching(relay.url, "open", options=READY) as viewer:
                    await viewer.welcome()
                    with pytest.raises(InvalidStatus):
                        async with watching(relay.url, "open"):
                            pass

        for code in (*PROVOKED, *ANSWERED, "FEATURE_DISABLED", "OVERLOADED"):
            before = await errors()
            await provoke(code)
            after = await errors()
            changed = {name: grown(before, after, name) for name in after}
            counted = {name: by for name, by in changed.items() if by}
            assert counted == {f'clawtank_errors_total{{code="{code}"}}': 1}
        before = await errors()
        assert api.answer("GET", "/nowhere").status_code == 404
        assert api.answer("POST", "/rooms", content=b"x" * 1_100_000).status_code == 413
        assert api.answer("POST", "/rooms/open/events", token="forged").status_code == 401
        after = await errors()
        for code in ("INVALID_MESSAGE", "MESSAGE_TOO_LARGE", "AUTH_INVALID"):
            assert grown(before, after, f'clawtank_errors_total{{code="{code}"}}') == 1


@pytest.mark.spec("PERF-5")
async def test_the_active_spectators_are_those_who_watch(room, public, operator):
    active = f'clawtank_active_spectators{{room="{room.id}"}}'
    ada = viewer_token(operator, "Ada").text

    async def until(count):
        async with asyncio.timeout(10):
            while (await asyncio.to_thread(figures, public)).get(active) != count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async with crowd(room, 5) as viewers:
        await first_messages(viewers)
        async with room.watch(token=ada) as one, room.watch(token=ada) as two:
            await first_messages([one, two])
            assert (await asyncio.to_thread(figures, public))[active] == 6, "two windows are one viewer"
        await until(5)
        viewers[0].vanish()
        await until(4)
    await until(0)


@pytest.mark.spec("PERF-6")
async def test_ten_events_a_second_for_a_minute_are_reported_as_ten(tmp_path):
    async with wound_relay(tmp_path / "data") as relay:
        for second in range(60):
            relay.clock.advance(1)
            await publish(relay, *(chat_event(f"{second} {number}") for number in range(10)))
        assert (await figures_of(relay))["clawtank_events_per_second"] == pytest.approx(10, abs=1)
        relay.clock.advance(3600)
        assert (await figures_of(relay))["clawtank_events_per_second"] < 1


@pytest.mark.spec("PERF-7")
async def test_the_average_latency_is_what_a_viewer_measures(serve):
    relay = serve(rooms=["room"])
    now_s = asyncio.get_running_loop().time
    measured = []
    with (
        Api(relay.url, relay.operator_token) as api,
        closing(sqlite3.connect(relay.data / "relay.db")) as disk,
    ):
        async with watching(relay.url, "room", options=READY) as viewer:
            await viewer.welcome()
            for number, stall_s in enumerate((0.5, 1.0, 0.75), 1):
                # A disk that takes its time makes the latency longer than anything outside the relay takes.
                disk.execute("BEGIN IMMEDIATE")
                asyncio.get_running_loop().call_later(stall_s, disk.rollback)
                began_s = now_s()
                publishing = asyncio.to_thread(
                    api.publish, "room", relay.operator_token, chat_event(str(number))
                )
                await asyncio.gather(publishing, viewer.events(number))
                measured.append(now_s() - began_s)
        counted = figures(api)
    average_s = sum(measured) / len(measured)
    assert average_s > 0.7
    assert counted["clawtank_average_latency_seconds"] == pytest.approx(average_s, rel=0.2)
    assert counted["clawtank_delivery_latency_seconds_count"] == len(measured)


@pytest.mark.spec("PERF-8")
async def test_error_rate_and_bandwidth_move_as_provoked_in_the_units_they_state(tmp_path):
    async with wound_relay(tmp_path / "data") as relay:
        text = (await relay.http.get("/metrics")).text
        assert "# HELP clawtank_error_rate Errors told each second" in text
        assert "# HELP clawtank_bandwidth_bytes_per_second Bytes handed to the network each second" in text
        before = await figures_of(relay)
        assert (before["clawtank_error_rate"], before["clawtank_bandwidth_bytes_per_second"]) == (0, 0)

        viewer = await relay.enter("room")
        for _ in range(20):
            relay.clock.advance(1)
            await viewer.chat("")
            await viewer.expect("spectator.error")
        during = await figures_of(relay)
        assert during["clawtank_error_rate"] == pytest.approx(1.0)
        assert during["clawtank_bandwidth_bytes_per_second"] == pytest.approx(sent_bytes(during) / 20)

        rates = [during["clawtank_bandwidth_bytes_per_second"]]
        for _ in range(2):
            await publish(relay, *(chat_event("x" * 3000) for _ in range(20)))
            rates.append((await figures_of(relay))["clawtank_bandwidth_bytes_per_second"])
        assert all(late > early for early, late in pairwise(rates))

        relay.clock.advance(3600)
        after = await figures_of(relay)
        assert after["clawtank_error_rate"] < 0.01
        assert after["clawtank_bandwidth_bytes_per_second"] < rates[0]


async def test_what_is_so_now_is_told_of_connections_streams_and_the_process(serve):
    relay = serve(rooms=["room"])
    with Api(relay.url, relay.operator_token) as api:
        async with (
            watching(relay.url, "room", options=READY) as viewer,
            watching(relay.url, "room", options={"types": "git"}) as narrow,
        ):
            await viewer.welcome()
            await narrow.welcome()
            now = await asyncio.to_thread(figures, api)
    assert now['clawtank_open_connections{bandwidth="full",frequency="realtime"}'] == 2
    assert now["clawtank_live_streams"] == 2
    assert now["clawtank_lagging_connections"] == 0
    assert now["clawtank_intake_bytes"] == now["clawtank_intake_calls"] == 0
    assert 0 <= now["clawtank_event_loop_lag_seconds"] < 5
    assert now["process_resident_memory_bytes"] > 1_000_000
    assert now["process_cpu_seconds_total"] > 0


async def test_a_viewer_that_reads_nothing_is_seen_lagging(tmp_path):
    async with wound_relay(tmp_path / "data") as relay:
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.setblocking(False)
        host, port = relay.url.removeprefix("http://").split(":")
        await asyncio.get_running_loop().sock_connect(narrow, (host, int(port)))
        with closing(narrow):
            head = (
                "GET /spectate/room?types=chat HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            await asyncio.get_running_loop().sock_sendall(narrow, head.encode())
            async with asyncio.timeout(30):
                while not (await figures_of(relay))["clawtank_lagging_connections"]:
                    await publish(relay, *(chat_event("words " * 600) for _ in range(200)))
