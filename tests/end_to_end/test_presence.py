"""How many watch: counted as people, told at once, and in moderation."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.clients import Api, Viewer, watching
from support.crowds import READY, crowd, first_messages
from support.relay_process import RelayProcess
from support.tokens import viewer_token
from support.wound_relay import wound_relay

if TYPE_CHECKING:
    from support.rooms import Room


async def shown(viewer: Viewer, **expected: int) -> dict[str, Any]:
    """Read on until a viewer is shown these figures; return the whole presence."""
    envelope = await viewer.until(
        lambda envelope: (
            envelope["type"] == "spectator.presence"
            and all(envelope["data"][name] == value for name, value in expected.items())
        )
    )
    data: dict[str, Any] = envelope["data"]
    return data


@pytest.mark.spec("PRES-1")
async def test_everybody_is_told_how_many_watch(room: Room) -> None:
    async with crowd(room, 7) as viewers:
        await first_messages(viewers)
        for viewer in viewers:
            presence = await shown(viewer, total_spectators=7)
            assert presence["room_id"] == room.id
        async with room.watch(options=READY) as late:
            assert (await late.welcome())["current_state"]["presence"]["total_spectators"] == 8
    assert room.presence()["total_spectators"] == 0


@pytest.mark.spec("PRES-2")
async def test_the_total_is_the_anonymous_and_the_registered_and_the_verified_are_registered(
    room: Room,
) -> None:
    registered = viewer_token(room.operator, "Ada").text
    verified = viewer_token(room.operator, "Grace", verified=True).text
    async with (
        room.watch(options=READY) as viewer,
        room.watch(options=READY) as another,
        room.watch(token=registered, options=READY) as ada,
        room.watch(token=verified, options=READY) as grace,
    ):
        await first_messages([viewer, another, ada, grace])
        presence = await shown(viewer, total_spectators=4)
        assert (presence["anonymous_count"], presence["registered_count"]) == (2, 2)
    for envelope in viewer.seen:
        if envelope["type"] == "spectator.presence":
            data = envelope["data"]
            assert data["anonymous_count"] + data["registered_count"] == data["total_spectators"]


@pytest.mark.spec("PRES-3")
async def test_the_recent_peak_is_the_highest_total_of_the_last_day(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data") as relay:

        async def presence() -> tuple[int, int]:
            found = (await relay.http.get("/rooms/room")).json()["presence"]
            return found["total_spectators"], found["recent_peak"]

        stay = [await relay.enter("room") for _ in range(5)]
        go = [await relay.enter("room") for _ in range(15)]
        assert await presence() == (20, 20)
        for viewer in go:
            await viewer.connection.close()
        assert await presence() == (5, 20)
        relay.clock.advance(23 * 3600)
        assert await presence() == (5, 20)
        for viewer in stay:
            # Heard from: a day of silence would have ended them.
            await viewer.connection.ping()
        relay.clock.advance(2 * 3600)
        assert await presence() == (5, 5)


@pytest.mark.spec("PRES-4")
async def test_the_join_rate_counts_a_minutes_joins_and_no_resumes(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data") as relay:

        async def join_rate() -> int:
            rate: int = (await relay.http.get("/rooms/room")).json()["presence"]["join_rate"]
            return rate

        seat = None
        for _ in range(12):
            async with watching(relay.url, "room", options=READY) as viewer:
                seat = (await viewer.welcome())["spectator"]["resume_token"]
            relay.clock.advance(4)
        assert await join_rate() == 12
        async with watching(relay.url, "room", token=seat, options=READY) as viewer:
            await viewer.welcome()
            assert await join_rate() == 12
        relay.clock.advance(60)
        assert await join_rate() == 0


# PRES-5 proper is about the host's socket as well, which comes later.
async def test_a_join_and_a_leave_are_shown_within_two_seconds(room: Room) -> None:
    async with room.watch(options=READY) as witness:
        await witness.welcome()
        await shown(witness, total_spectators=1)
        async with asyncio.timeout(2), room.watch(options=READY) as viewer:
            await viewer.welcome()
            await shown(witness, total_spectators=2)
        async with asyncio.timeout(2):
            await shown(witness, total_spectators=1)


@pytest.mark.spec("PRES-6")
async def test_a_busy_door_costs_a_viewer_at_most_one_update_a_second(room: Room) -> None:
    # The door stays busy for three updates instead of ten seconds.
    loop = asyncio.get_running_loop()
    arrivals_s: list[float] = []
    joins = 0

    async def churn() -> None:
        nonlocal joins
        while len(arrivals_s) < 4:
            async with room.watch(options=READY) as viewer:
                await viewer.welcome()
            joins += 1

    async with room.watch(options=READY) as witness, asyncio.TaskGroup() as tasks:
        await witness.welcome()
        for _ in range(4):
            tasks.create_task(churn())
        while len(arrivals_s) < 4:
            await witness.expect("spectator.presence")
            arrivals_s.append(loop.time())
    assert joins > 100, "too little happened to prove anything"
    gaps_s = [later - earlier for earlier, later in itertools.pairwise(arrivals_s)]
    assert min(gaps_s) > 0.8


@pytest.mark.spec("PRES-7")
@pytest.mark.parametrize("end", [RelayProcess.stop, RelayProcess.kill], ids=["stopped", "killed"])
async def test_the_peak_survives_a_restart(
    serve: Callable[..., RelayProcess], end: Callable[[RelayProcess], object]
) -> None:
    relay = serve(rooms=["room"])
    async with watching(relay.url, "room", options=READY) as witness:
        await witness.welcome()
        others = [watching(relay.url, "room", options=READY) for _ in range(5)]
        for other in others:
            await (await other.__aenter__()).welcome()
        await shown(witness, recent_peak=6)
        for other in others:
            await other.__aexit__(None, None, None)
        await shown(witness, total_spectators=1)
    # The peak was told a second or more ago: by now it is kept.
    end(relay)
    again = serve(rooms=["room"])
    with Api(again.url) as public:
        [listing] = public.call("GET", "/rooms")["rooms"]
        assert (listing["spectators"], listing["peak"]) == (0, 6)
        assert public.call("GET", "/rooms/room")["presence"]["recent_peak"] == 6


@pytest.mark.spec("PRES-10")
async def test_leaving_crashing_and_the_networks_death_lower_the_count(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data") as relay:

        async def total() -> int:
            found: int = (await relay.http.get("/rooms/room")).json()["presence"]["total_spectators"]
            return found

        leaver, crasher, silent = [await relay.enter("room") for _ in range(3)]
        witness = await relay.enter("room")
        assert await total() == 4
        await leaver.connection.close()
        relay.clock.advance(1)
        await shown(witness, total_spectators=3)
        crasher.vanish()
        relay.clock.advance(1)
        await shown(witness, total_spectators=2)

        # From now on this one hears nothing and says nothing, and its line stays up.
        silent.connection.transport.pause_reading()
        relay.clock.advance(46)
        await witness.connection.ping()
        # The relay looks for the dead every five seconds.
        await shown(witness, total_spectators=1)
        assert await total() == 1
        silent.vanish()


@pytest.mark.spec("PRES-11")
async def test_two_windows_of_one_account_are_one_viewer(room: Room) -> None:
    token = viewer_token(room.operator, "Ada").text
    async with room.watch(token=token, options=READY) as first:
        await first.welcome()
        async with room.watch(token=token, options=READY) as second:
            await second.welcome()
            await shown(first, total_spectators=1, registered_count=1)
            assert room.presence()["total_spectators"] == 1
        assert room.presence() | {"recent_peak": 1} == room.presence()
        assert room.presence()["total_spectators"] == 1
    assert room.presence()["total_spectators"] == 0
