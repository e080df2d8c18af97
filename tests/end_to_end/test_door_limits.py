"""How many are let in: seats, and how often an address may knock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.clients import Api, Viewer, chat_event, watching
from support.crowds import READY, crowd, first_messages, outcome, refusal
from support.relay_process import UNLIMITED, RelayProcess
from support.tokens import viewer_token
from support.wound_relay import WoundRelay, wound_relay

if TYPE_CHECKING:
    from support.rooms import Room


async def eventually(wanted: Callable[[], Awaitable[bool]], timeout_s: float = 5.0) -> None:
    """Try again until it holds: for what the relay does in its own time."""
    async with asyncio.timeout(timeout_s):
        while True:
            if await wanted():
                return
            await asyncio.sleep(0.05)


@pytest.mark.spec("VALID-6")
@pytest.mark.parametrize("impatient", [0, 3], ids=["waits", "knocks in between"])
async def test_the_sixth_connection_of_an_address_within_a_minute_waits_as_told(
    tmp_path: Path, impatient: int
) -> None:
    async with wound_relay(tmp_path / "data", limits={}) as relay:
        for _ in range(5):
            assert await outcome(watching(relay.url, "room", options=READY)) == "welcomed"
            relay.clock.advance(2)
        async with watching(relay.url, "room", options=READY) as viewer:
            error, code = await refusal(viewer)
        assert (error["code"], error["permanent"], code) == ("RATE_LIMITED", False, 4429)
        assert 0 < error["retry_after"] <= 60_000
        # Whoever does not wait as told is refused again, and is no worse off for it.
        waited_ms = 0
        for _ in range(impatient):
            relay.clock.advance(5)
            waited_ms += 5000
            assert await outcome(watching(relay.url, "room", options=READY)) == "RATE_LIMITED"
        relay.clock.advance((error["retry_after"] - waited_ms) / 1000)
        assert await outcome(watching(relay.url, "room", options=READY)) == "welcomed"


async def test_an_address_is_what_a_trusted_proxy_says_and_nobody_elses_word(
    serve: Callable[..., RelayProcess],
) -> None:
    limits = {**UNLIMITED, "connections_per_address_per_minute": 1}
    told = serve("--trusted-proxy", "127.0.0.0/8", rooms=["room"], limits=limits)

    async def attempt(url: str, forwarded: str) -> str:
        headers = {"X-Forwarded-For": forwarded}
        return await outcome(watching(url, "room", options=READY, headers=headers))

    assert await attempt(told.url, "192.0.2.1") == "welcomed"
    assert await attempt(told.url, "192.0.2.2") == "welcomed"
    # What a client puts in front of the proxy's own word is not believed.
    assert await attempt(told.url, "203.0.113.9, 192.0.2.1") == "RATE_LIMITED"
    # An IPv6 customer has 2^64 addresses, which are one.
    assert await attempt(told.url, "2001:db8::1") == "welcomed"
    assert await attempt(told.url, "2001:db8::2") == "RATE_LIMITED"
    told.stop()

    untold = serve(rooms=["room"], limits=limits)
    assert await attempt(untold.url, "192.0.2.1") == "welcomed"
    assert await attempt(untold.url, "192.0.2.2") == "RATE_LIMITED"


async def join_from_everywhere(relay: WoundRelay, count: int) -> list[str]:
    """Join from that many addresses, one after another; return what became of each."""
    return [
        await outcome(
            watching(relay.url, "room", options=READY, headers={"X-Forwarded-For": f"192.0.2.{number}"})
        )
        for number in range(1, count + 1)
    ]


@pytest.mark.spec("VALID-7")
async def test_the_hundred_and_first_join_of_a_room_within_a_minute_waits(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data", limits={}, trusted_proxies=["127.0.0.0/8"]) as relay:
        assert await join_from_everywhere(relay, 100) == ["welcomed"] * 100
        headers = {"X-Forwarded-For": "198.51.100.1"}
        async with watching(relay.url, "room", options=READY, headers=headers) as viewer:
            error, code = await refusal(viewer)
        assert (error["code"], error["permanent"], code) == ("RATE_LIMITED", False, 4429)
        relay.clock.advance(error["retry_after"] / 1000)
        assert await outcome(watching(relay.url, "room", options=READY, headers=headers)) == "welcomed"


@pytest.mark.spec("VALID-7")
async def test_the_limit_of_joins_is_the_operators_to_set(tmp_path: Path) -> None:
    limits = {"joins_per_room_per_minute": 2}
    async with wound_relay(tmp_path / "data", limits=limits, trusted_proxies=["127.0.0.0/8"]) as relay:
        assert await join_from_everywhere(relay, 3) == ["welcomed", "welcomed", "RATE_LIMITED"]


@pytest.mark.spec("VALID-8")
async def test_ten_seats_hold_ten_viewers_however_many_come_at_once(make_room: Callable[..., Room]) -> None:
    room = make_room(settings={"maxSpectators": 10})
    async with crowd(room, 50) as viewers:
        firsts = await first_messages(viewers)
        assert [first["type"] for first in firsts].count("spectator.welcome") == 10
        refused = [first["data"] for first in firsts if first["type"] == "spectator.error"]
        assert {(error["code"], error["permanent"]) for error in refused} == {("CAPACITY_EXCEEDED", False)}
        assert len(refused) == 40
        assert all(error["retry_after"] > 0 for error in refused)
        assert room.presence()["total_spectators"] == 10


@pytest.mark.spec("VALID-9")
async def test_the_seat_of_a_viewer_that_leaves_is_free_at_once_and_of_one_that_dies_in_time(
    tmp_path: Path,
) -> None:
    async with wound_relay(tmp_path / "data") as relay:
        await relay.call("PATCH", "/rooms/room/settings", json={"maxSpectators": 1})

        async def newcomer() -> str:
            return await outcome(watching(relay.url, "room", options=READY))

        async with watching(relay.url, "room", options=READY) as viewer:
            await viewer.welcome()
            assert await newcomer() == "CAPACITY_EXCEEDED"
        assert await newcomer() == "welcomed"

        async with watching(relay.url, "room", options=READY) as viewer:
            await viewer.welcome()
            viewer.vanish()

            async def noticed() -> bool:
                presence = (await relay.http.get("/rooms/room")).json()["presence"]
                return bool(presence["total_spectators"] == 0)

            await eventually(noticed)
            # It may come back: the seat is held until the ping deadline.
            relay.clock.advance(44)
            assert await newcomer() == "CAPACITY_EXCEEDED"
            relay.clock.advance(2)

            async def admitted() -> bool:
                return await newcomer() == "welcomed"

            await eventually(admitted)


@pytest.mark.spec("VALID-10")
async def test_no_seats_admit_nobody(make_room: Callable[..., Room]) -> None:
    room = make_room(settings={"maxSpectators": 0})
    for token in (None, viewer_token(room.operator, "Ada", verified=True).text):
        async with room.watch(token=token, options=READY) as viewer:
            error, code = await refusal(viewer)
        assert (error["code"], error["permanent"], code) == ("CAPACITY_EXCEEDED", False, 4409)


@pytest.mark.spec("VALID-18")
async def test_who_resumes_takes_no_second_seat_and_no_turn(tmp_path: Path) -> None:
    # The relay's own limits are in force: eleven connections of an address in half a minute are too many.
    async with wound_relay(tmp_path / "data", limits={}) as relay:
        await relay.call("PATCH", "/rooms/room/settings", json={"maxSpectators": 1})
        seat, spectator_id = None, None
        for _ in range(11):
            async with watching(relay.url, "room", token=seat, options=READY) as viewer:
                welcome = await viewer.welcome()
                spectator_id = spectator_id or welcome["spectator"]["id"]
                assert welcome["spectator"]["id"] == spectator_id
                assert welcome["current_state"]["presence"]["total_spectators"] == 1
                seat = welcome["spectator"]["resume_token"]
                relay.clock.advance(3)
                viewer.vanish()
        assert await outcome(watching(relay.url, "room", options=READY)) == "CAPACITY_EXCEEDED"
        presence = await relay.http.get("/rooms/room")
        assert presence.json()["presence"]["join_rate"] == 1


@pytest.mark.spec("VALID-19")
async def test_connections_at_once_are_bounded_per_viewer_and_per_address(
    serve: Callable[..., RelayProcess],
) -> None:
    limits = {**UNLIMITED, "connections_per_viewer": 2, "connections_per_address": 4}
    relay = serve(rooms=["room", "other"], limits=limits)
    with Api(relay.url, relay.operator_token) as operator:
        host = operator.call("POST", "/rooms/room/tokens", json={"scope": "publish"})["token"]
        token = viewer_token(operator, "Ada").text

        async def stays(viewer: Viewer, count: int) -> None:
            await viewer.events(count)

        def another(room: str = "room", token: str | None = None) -> Any:
            return watching(relay.url, room, token=token, options=READY)

        async with another(token=token) as first, another(token=token) as second:
            stated = (await first.welcome())["limits"]
            assert (stated["connections_per_viewer"], stated["connections_per_address"]) == (2, 4)
            await second.welcome()
            async with another(token=token) as third:
                error, code = await refusal(third)
            assert (error["code"], error["permanent"], code) == ("RATE_LIMITED", False, 4429)
            operator.publish("room", host, chat_event("both of you stay"))
            await stays(first, 1)
            await stays(second, 1)

            # Two more fill the address; rooms are counted together.
            async with another() as stranger, another("other") as elsewhere:
                await stranger.welcome()
                await elsewhere.welcome()
                async with another("other") as fifth:
                    error, _ = await refusal(fifth)
                assert (error["code"], error["permanent"]) == ("RATE_LIMITED", False)
                operator.publish("room", host, chat_event("all of you stay"))
                await stays(first, 2)
                await stays(stranger, 1)
            # Whoever closes makes room.
            assert await outcome(another("other")) == "welcomed"
