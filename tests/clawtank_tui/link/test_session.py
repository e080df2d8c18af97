"""The socket session against relays that drop, refuse, stall and lie, over real loopback sockets."""

import asyncio
import contextlib
import random
import ssl
from itertools import pairwise

import pytest

from clawtank_tui.link.session import ConnectionChanged, NotSent, Received, Session
from clawtank_tui.link.target import Target, parse_relay
from clawtank_tui.state.model import Phase
from relay.clock import SystemClock
from support.certificates import certificate
from support.fake_relay import (
    activity,
    batch,
    drops,
    envelope,
    error,
    event,
    fake_relay,
    mode_changed,
    resumed,
    says,
    welcome,
)
from support.ports import LOOPBACK, busy_port, free_port

WAIT_S = 20


class Watching:
    """A running session, and everything it delivered."""

    def __init__(self, session):
        self.session = session
        self.events = []
        self.waits = []
        self.impatient = False
        self._changed = asyncio.Condition()
        self._news = asyncio.Event()

    def deliver(self, delivered):
        self.events.append(delivered)
        if isinstance(delivered, ConnectionChanged) and delivered.connection.phase is Phase.WAITING:
            self.waits.append(delivered.connection.retry_at_s - SystemClock().monotonic_s())
            if self.impatient:
                self.session.retry_now()
        self._news.set()

    @property
    def seqs(self):
        return [
            item["seq"]
            for received in self.events
            if isinstance(received, Received)
            for item in received.envelope["data"].get("events", [])
        ]

    @property
    def modes(self):
        return [
            received.envelope["data"]["delivery"]["frequency"]
            for received in self.events
            if isinstance(received, Received) and received.envelope["data"].get("kind") == "mode_changed"
        ]

    @property
    def phases(self):
        return [change.connection.phase for change in self.events if isinstance(change, ConnectionChanged)]

    @property
    def phase(self):
        return self.session.connection.phase

    async def until(self, condition):
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self._news.clear()
                await self._news.wait()


def target(url, **options):
    return Target("room", parse_relay(url), **options)


@contextlib.asynccontextmanager
async def watching(url, *, impatient=True, ping_s=20.0, **options):
    """Watch until the block ends; waits between tries are recorded, then skipped if impatient."""
    watch = Watching(Session(target(url, **options), random=random.Random(7).random, ping_s=ping_s))
    watch.impatient = impatient
    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch.session.run(watch.deliver))
        yield watch
        task.cancel()


async def ended(url, **options):
    """Run a session to its own end and return the reason."""
    async with asyncio.timeout(WAIT_S):
        connection = await Session(target(url, **options)).run(lambda _: None)
    assert connection.phase is Phase.ENDED
    return connection.reason


@pytest.mark.spec("RECOV-1")
async def test_eight_drops_meet_growing_unequal_capped_waits():
    async with (
        fake_relay(*[drops(welcome()) for _ in range(8)], says(resumed(0))) as relay,
        watching(relay.url) as watch,
    ):
        await watch.until(lambda: len(watch.waits) == 8 and watch.phase is Phase.LIVE)

    assert all(0 < wait <= 30 for wait in watch.waits)
    assert all(later > 1.1 * earlier for earlier, later in pairwise(watch.waits[:5]))
    assert len({round(wait, 3) for wait in watch.waits[5:]}) == 3
    assert len(relay.visits) == 9


@pytest.mark.spec("RECOV-2")
async def test_a_wait_the_relay_names_goes_before_our_own():
    script = [
        drops(error("CAPACITY_EXCEEDED", retry_after=41_000), code=4409),
        drops(envelope("spectator.notice", {"kind": "reconnect", "after_ms": 52_000}), code=1012),
        says(welcome()),
    ]
    refusals = [(503, {"Retry-After": "63"})]
    async with fake_relay(*script, refusals=refusals) as relay, watching(relay.url) as watch:
        await watch.until(lambda: watch.phase is Phase.LIVE)

    for wait, named in zip(watch.waits, (63, 41, 52), strict=True):
        assert named - 1 < wait < named * 1.1


@pytest.mark.spec("RECOV-2")
async def test_a_short_wait_is_really_waited_and_no_more():
    script = [drops(error("RATE_LIMITED", retry_after=300), code=4429), says(welcome())]
    started = SystemClock().monotonic_s()
    async with fake_relay(*script) as relay, watching(relay.url, impatient=False) as watch:
        await watch.until(lambda: watch.phase is Phase.LIVE)

    assert SystemClock().monotonic_s() - started >= 0.3


@pytest.mark.spec("ERR-5")
async def test_a_permanent_error_stops_the_client_and_another_does_not():
    async with fake_relay(says(error("BANNED", permanent=True))) as relay:
        assert await ended(relay.url) == "This is BANNED."
        assert len(relay.visits) == 1

    async with (
        fake_relay(drops(error("OVERLOADED"), code=4503), says(welcome())) as relay,
        watching(relay.url) as watch,
    ):
        await watch.until(lambda: watch.phase is Phase.LIVE)


async def test_a_break_is_resumed_at_the_cursor_without_a_gap_or_a_repeat():
    script = [
        drops(welcome(10), activity(10, event(11), event(12))),
        drops(resumed(12), activity(13, event(14))),
        says(resumed(12), activity(11, event(12), event(13)), activity(13, event(14))),
    ]
    async with fake_relay(*script) as relay, watching(relay.url, token="mine") as watch:
        await watch.until(lambda: len(watch.seqs) == 4)

    assert watch.seqs == [11, 12, 13, 14]
    assert [visit.asked.get("cursor") for visit in relay.visits] == [None, "abcdefgh-12", "abcdefgh-12"]
    assert [visit.headers["Authorization"] for visit in relay.visits] == [
        "Bearer mine",
        "Bearer seat1",
        "Bearer seat1",
    ]


@pytest.mark.spec("RECOV-9")
async def test_a_line_that_falls_silent_is_noticed_within_twice_the_keepalive():
    keepalive_s = 3.0

    async def falls_silent(visit):
        await visit.say(welcome())
        visit.connection.transport.pause_reading()
        await visit.stay()

    async with (
        fake_relay(falls_silent, says(resumed(0))) as relay,
        watching(relay.url, ping_s=keepalive_s / 3) as watch,
    ):
        await watch.until(lambda: Phase.LIVE in watch.phases)
        live_at = SystemClock().monotonic_s()
        await watch.until(lambda: Phase.WAITING in watch.phases)
        noticed_s = SystemClock().monotonic_s() - live_at
        await watch.until(lambda: watch.phase is Phase.LIVE)

    assert noticed_s < 2 * keepalive_s
    reasons = [change.connection.reason for change in watch.events if isinstance(change, ConnectionChanged)]
    assert any("has not answered" in reason for reason in reasons)


async def test_latency_is_measured_and_bytes_are_counted():
    async with fake_relay(says(welcome())) as relay, watching(relay.url) as watch:
        await watch.until(lambda: watch.session.connection.latency_ms is not None)

        assert 0 <= watch.session.connection.latency_ms < 5000
        assert 100 < watch.session.bytes_received < 3000
    assert watch.session.bytes_received > 100


async def test_chat_is_sent_with_an_id_and_only_over_a_live_line():
    tried = asyncio.Event()

    async def listens(visit):
        await tried.wait()
        await visit.say(welcome())
        visit.heard = await visit.hear()
        await visit.say(error("MESSAGE_REJECTED", permanent=True, ref=visit.heard["id"]))
        await visit.stay()

    async with fake_relay(listens) as relay, watching(relay.url) as watch:
        with pytest.raises(NotSent):
            await watch.session.send("c0", "spectator.chat_message", {"message": "too early"})
        tried.set()
        await watch.until(lambda: watch.phase is Phase.LIVE)
        await watch.session.send("c1", "spectator.chat_message", {"message": "hello", "reply_to": "m7"})
        await watch.until(
            lambda: any(isinstance(e, Received) and e.envelope["data"].get("ref") for e in watch.events)
        )

        assert relay.visits[0].heard == {
            "id": "c1",
            "type": "spectator.chat_message",
            "data": {"message": "hello", "reply_to": "m7"},
        }
        assert watch.phase is Phase.LIVE


async def test_switching_under_load_loses_and_repeats_nothing_and_outlives_the_line():
    switches = 20

    async def obliges(visit, at=0):
        """Publish all the while; hold events back while batches are wanted, as a relay does."""
        told = at
        await visit.say(resumed(at) if at else welcome())
        for number in range(switches):
            at += 3
            if number % 3 == 0:  # live: at once
                await visit.say(*[activity(seq - 1, event(seq)) for seq in range(told + 1, at + 1)])
                told = at
            wish = await visit.hear()
            at += 2
            # What was held back comes before the answer, and with it a frame that was told already.
            again = max(told - 2, 0)
            await visit.say(batch(again, *[event(seq) for seq in range(again + 1, at + 1)]))
            told = at
            await visit.say(mode_changed(wish["id"], **wish["data"]))
        await visit.say(activity(told, event(told + 1)))
        visit.connection.transport.abort()

    async def stays(visit):
        at = 5 * switches + 1
        await visit.say(resumed(at), batch(at, event(at + 1)))
        await visit.stay()

    async with fake_relay(obliges, stays) as relay, watching(relay.url) as watch:
        await watch.session.switch()  # nobody to ask yet
        for number in range(switches):
            await watch.until(lambda n=number: len(watch.modes) == n and watch.phase is Phase.LIVE)
            await watch.session.switch()
        await watch.until(lambda: len(watch.seqs) == 5 * switches + 2)

    assert watch.seqs == list(range(1, 5 * switches + 3))
    assert watch.modes[-3:] == ["realtime", "batched", "batched"]
    assert relay.visits[1].asked["low_bandwidth"] == "true", "the last of them is asked for again"


async def test_what_deliver_raises_ends_the_session_and_is_no_network_fault():
    def reader_has_gone(_):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await Session(target("ws://127.0.0.1:1")).run(reader_has_gone)


async def test_redirects_are_not_followed():
    async with fake_relay(says(welcome())) as elsewhere:
        refusals = [(302, {"Location": elsewhere.url})]
        async with fake_relay(says(welcome()), refusals=refusals) as relay:
            assert "HTTP 302" in await ended(relay.url, token="mine")
        assert not elsewhere.visits


async def test_a_message_of_any_size_does_not_exhaust_memory():
    async with fake_relay(drops("x" * 5_000_000), says(welcome())) as relay, watching(relay.url) as watch:
        await watch.until(lambda: watch.phase is Phase.LIVE)

    reasons = {change.connection.reason for change in watch.events if isinstance(change, ConnectionChanged)}
    assert any("too large" in reason for reason in reasons)


@pytest.fixture
async def not_http():
    """A server that speaks first, and no HTTP."""

    async def greet(_, writer):
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, LOOPBACK, 0) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.spec("RECOV-7")
async def test_each_kind_of_trouble_has_a_sentence_of_its_own(tmp_path, not_http):
    own = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    async with fake_relay(says(welcome()), ssl=context) as secure:
        sentences = {
            "DNS": await ended("ws://relay.invalid"),
            "refused": await ended(f"ws://{LOOPBACK}:{free_port()}"),
            "untrusted": await ended(f"wss://localhost:{secure.port}"),
            "no TLS": await ended(f"wss://{LOOPBACK}:{not_http}"),
            "not a relay": await ended(f"ws://{LOOPBACK}:{not_http}"),
        }
        async with watching(f"wss://localhost:{secure.port}", ca_file=own.certificate) as watch:
            await watch.until(lambda: Phase.LIVE in watch.phases)

    assert len(set(sentences.values())) == 5
    assert "cannot be found" in sentences["DNS"]
    assert "clawtank-relay serve" in sentences["refused"]
    assert "--ca-file" in sentences["untrusted"]
    assert "does not speak TLS" in sentences["no TLS"]
    assert "not a ClawTank relay" in sentences["not a relay"]
    assert not any("Error" in sentence or "Errno" in sentence for sentence in sentences.values())


async def test_silence_on_opening_ends_in_a_sentence():
    with busy_port() as port:
        connection = await Session(target(f"ws://{LOOPBACK}:{port}"), open_timeout_s=0.3).run(lambda _: None)

    assert connection.phase is Phase.ENDED
    assert "answered in time" in connection.reason


async def test_a_relay_on_this_machine_is_reached_without_the_systems_proxy(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    async with fake_relay(says(welcome())) as relay, watching(relay.url) as watch:
        await watch.until(lambda: Phase.LIVE in watch.phases)
