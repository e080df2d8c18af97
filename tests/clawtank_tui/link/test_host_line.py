"""An insider's line against relays that say what a test tells them, over real loopback sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from clawtank_tui.link.host import HostMachine, HostSession
from clawtank_tui.link.session import LinkEvent, NotSent, Received
from clawtank_tui.link.target import Target, parse_relay
from clawtank_tui.state.model import Phase
from support.fake_relay import FakeRelay, cursor, drops, envelope, error, fake_relay, says

WAIT_S = 20
WELCOME = envelope(
    "spectator.welcome", {"room_info": {}, "insider": {"role": "host"}, "cursor": cursor(7), "held": []}
)
HELD = envelope("moderation.held", {"message_id": "h1", "message": "hello"})


class Hosting:
    """A running session and what it delivered."""

    def __init__(self, session: HostSession) -> None:
        self.session = session
        self.events: list[LinkEvent] = []
        self._news = asyncio.Event()

    def deliver(self, event: LinkEvent) -> None:
        self.events.append(event)
        if self.session.connection.phase is Phase.WAITING:
            self.session.retry_now()
        self._news.set()

    @property
    def kinds(self) -> list[str]:
        return [event.envelope["type"] for event in self.events if isinstance(event, Received)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def hosting(relay: FakeRelay) -> AsyncIterator[Hosting]:
    made = Hosting(HostSession(Target("room", parse_relay(relay.url), token="ctm_mine")))
    async with asyncio.TaskGroup() as tasks:
        line = tasks.create_task(made.session.run(made.deliver))
        yield made
        line.cancel()


async def test_the_token_travels_in_the_header_alone_and_no_option_is_asked_for() -> None:
    async with fake_relay(says(WELCOME)) as relay, hosting(relay) as made:
        await made.until(lambda: made.session.connection.phase is Phase.LIVE)
        [visit] = relay.visits
        assert visit.connection.request is not None
        assert visit.connection.request.path == "/rooms/room/host"
        assert visit.headers["Authorization"] == "Bearer ctm_mine"


async def test_what_moderators_are_told_is_delivered_and_each_welcome_starts_anew() -> None:
    async with fake_relay(drops(WELCOME, HELD), says(WELCOME, HELD)) as relay, hosting(relay) as made:
        await made.until(lambda: len(made.kinds) == 4)
        assert made.kinds == ["spectator.welcome", "moderation.held"] * 2
        assert [visit.asked for visit in relay.visits] == [{}, {}]


async def test_an_act_is_known_by_its_id_before_any_answer_can_come() -> None:
    async with fake_relay(says(WELCOME)) as relay, hosting(relay) as made:
        await made.until(lambda: made.session.connection.phase is Phase.LIVE)
        noted: list[str] = []
        await made.session.send_act({"action": "lock"}, noted.append)
        async with asyncio.timeout(WAIT_S):
            sent = await relay.visits[0].hear()
        assert sent == {"id": noted[0], "type": "moderation.act", "data": {"action": "lock"}}


async def test_without_a_line_an_act_is_refused_and_never_noted() -> None:
    session = HostSession(Target("room", parse_relay("ws://127.0.0.1:9"), token="t"))
    noted: list[str] = []
    with pytest.raises(NotSent, match="no line to the relay"):
        await session.send_act({"action": "lock"}, noted.append)
    assert noted == []


async def test_a_token_that_opens_nothing_ends_it_with_the_relays_sentence() -> None:
    refused = error("AUTH_INVALID", message="Send a moderate or host token.", permanent=True)
    async with fake_relay(drops(refused, code=4402)) as relay:
        made = Hosting(HostSession(Target("room", parse_relay(relay.url), token="ctm_mine")))
        async with asyncio.timeout(WAIT_S):
            ended = await made.session.run(made.deliver)
    assert (ended.phase, ended.reason) == (Phase.ENDED, "Send a moderate or host token.")


def test_the_token_stays_with_the_relay_that_was_named_wherever_another_points() -> None:
    machine = HostMachine(Target("room", parse_relay("wss://home.example"), token="t"), lambda: 0.0)
    machine.open()
    notice = envelope("spectator.notice", {"kind": "reconnect", "after_ms": 0, "url": "wss://else.example"})
    assert machine.receive(json.dumps(notice), 1.0).hang_up
    opening = machine.open()
    assert (opening.url, opening.bearer) == ("wss://home.example/rooms/room/host", "t")
