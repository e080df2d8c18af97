"""Who is let in: the five checks of the protocol and the limits around them, each with its own refusal.

What is refused over the socket is refused over HTTP, and a private room cannot be told from none.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.clients import Api, Viewer, chat_event, watching
from support.crowds import READY, crowd, first_messages, refusal
from support.operating import operate
from support.relay_process import UNLIMITED, RelayProcess
from support.tokens import viewer_token
from support.wound_relay import WoundRelay, wound_relay

if TYPE_CHECKING:
    from support.rooms import Room

FULL = {"maxSpectators": 0}
CLOSED = {"enabled": False}
REGISTERED_ONLY = {"requireRegistration": True}


async def outcome(connection: Any) -> str:
    """Say what becomes of a connection: `welcomed`, or the code of its refusal."""
    async with connection as viewer:
        envelope = await viewer.next()
        return "welcomed" if envelope["type"] == "spectator.welcome" else str(envelope["data"]["code"])


async def eventually(wanted: Callable[[], Awaitable[bool]], timeout_s: float = 5.0) -> None:
    """Try again until it holds: for what the relay does in its own time."""
    async with asyncio.timeout(timeout_s):
        while True:
            if await wanted():
                return
            await asyncio.sleep(0.05)


@pytest.mark.spec("VALID-1")
async def test_a_room_that_does_not_exist_is_refused_for_good(relay: RelayProcess) -> None:
    async with watching(relay.url, "no_such_room") as viewer:
        error, code = await refusal(viewer)
    assert (error["code"], error["permanent"], code) == ("ROOM_NOT_FOUND", True, 4404)
    assert error["message"]


@pytest.mark.spec("VALID-2")
async def test_a_room_can_be_watched_while_it_lives_and_read_when_it_is_completed(room: Room) -> None:
    room.publish(chat_event("from the beginning"))
    for state, watchable in {
        "created": False,
        "lobby": True,
        "active": True,
        "paused": True,
        "completed": True,
    }.items():
        room.publish({"type": "room.state_changed", "data": {"new_state": state}})
        assert await outcome(room.watch(options=READY)) == ("welcomed" if watchable else "ROOM_NOT_FOUND")
        answer = room.public.answer("GET", f"{room.path}/events")
        assert answer.status_code == (200 if watchable else 404)
        assert not watchable or room.public.call("GET", room.path)["state"] == state

    # Completed: read-only history.
    async with room.watch(options=READY | {"history": "10"}) as viewer:
        welcome = await viewer.welcome()
        assert welcome["room_info"]["state"] == "completed"
        assert welcome["spectator"]["capabilities"] == []
        assert [event["content"] for event in await viewer.events(1)] == ["from the beginning"]
        await viewer.chat("too late")
        assert (await viewer.expect("spectator.error"))["code"] == "CHAT_DISABLED"

        room.operator.call("DELETE", room.path)
        assert (await viewer.expect("spectator.error"))["code"] == "ROOM_NOT_FOUND"
    assert await outcome(room.watch(options=READY)) == "ROOM_NOT_FOUND"
    assert room.public.answer("GET", f"{room.path}/events").status_code == 404


@pytest.mark.spec("VALID-3")
async def test_a_private_room_is_open_to_no_spectator_by_any_way(make_room: Callable[..., Room]) -> None:
    room = make_room(visibility="private")
    room.publish(chat_event("among ourselves"))
    for token in (None, viewer_token(room.operator, "Ada", verified=True).text):
        assert await outcome(room.watch(token=token, options=READY)) == "ROOM_NOT_FOUND"
        for path in ("", "/events", "/batches"):
            assert room.public.answer("GET", room.path + path, token=token).status_code == 404
    assert room.id not in room.public.answer("GET", "/rooms").text


def calls_that_name(room: str) -> list[tuple[str, str, bytes]]:
    """Return every HTTP call with a room's id in it: method, path, body."""
    return [
        ("GET", f"/rooms/{room}", b""),
        ("DELETE", f"/rooms/{room}", b""),
        ("GET", f"/rooms/{room}/events", b""),
        ("GET", f"/rooms/{room}/events?after=nonsense", b""),
        ("GET", f"/rooms/{room}/events?limit=nonsense", b""),
        ("POST", f"/rooms/{room}/events", json.dumps(chat_event("hello")).encode()),
        ("POST", f"/rooms/{room}/events", b"{broken"),
        ("GET", f"/rooms/{room}/settings", b""),
        ("PATCH", f"/rooms/{room}/settings", b"{}"),
        ("GET", f"/rooms/{room}/tokens", b""),
        ("POST", f"/rooms/{room}/tokens", b'{"scope":"host"}'),
        ("DELETE", f"/rooms/{room}/tokens/abc", b""),
        ("PUT", f"/rooms/{room}/events", b""),
        ("GET", f"/rooms/{room}/batches", b""),
        ("GET", f"/spectate/{room}", b""),
    ]


@pytest.mark.spec("VALID-4")
def test_over_http_a_private_room_answers_as_none_does(make_room: Callable[..., Room], public: Api) -> None:
    private, other = make_room(visibility="private"), make_room()
    missing = "room_" + "0" * (len(private.id) - 5)
    tokens = [
        None,
        "garbage",
        viewer_token(private.operator, "Ada").text,
        other.host_token,
        other.publish_token,
        # A room's own publish token opens its publishing, not its view.
    ]

    def answer(call: tuple[str, str, bytes], token: str | None) -> tuple[object, ...]:
        method, path, body = call
        response = public.answer(method, path, token=token, content=body)
        headers = {name: value for name, value in response.headers.items() if name != "date"}
        return response.status_code, headers, response.text

    for token in tokens:
        for there, nowhere in zip(calls_that_name(private.id), calls_that_name(missing), strict=True):
            status, headers, text = answer(there, token)
            assert (status, headers, str(text).replace(private.id, missing)) == answer(nowhere, token), there


@pytest.mark.spec("VALID-4")
async def test_over_the_socket_a_private_room_answers_as_none_does_also_in_time(
    make_room: Callable[..., Room],
) -> None:
    private = make_room(visibility="private", settings=FULL | REGISTERED_ONLY)
    missing = "room_" + "0" * (len(private.id) - 5)
    ways: list[dict[str, Any]] = [
        {},
        {"options": READY},
        {"options": {"types": "nonsense"}},
        {"token": "garbage"},
        {"token": viewer_token(private.operator, "Ada").text},
        {"token": private.host_token},
    ]

    async def refused(room: str, way: dict[str, Any]) -> tuple[str, float]:
        began_s = time.perf_counter()
        async with watching(private.url, room, **way) as viewer:
            error, code = await refusal(viewer)
        return json.dumps([error, code]).replace(room, "ROOM"), time.perf_counter() - began_s

    # 120 refusals of each instead of 500, in turns, so that a busy machine is as slow for both.
    took_s: dict[str, list[float]] = {private.id: [], missing: []}
    answers = set()
    for _ in range(20):
        for way in ways:
            for room, times in took_s.items():
                answer, seconds = await refused(room, way)
                answers.add(answer)
                times.append(seconds)
    assert len(answers) == 1
    there, nowhere = (statistics.quantiles(times, n=20) for times in took_s.values())
    # The middle of each lies well inside the other.
    assert nowhere[2] < there[9] < nowhere[16]
    assert there[2] < nowhere[9] < there[16]


@pytest.mark.spec("VALID-5")
async def test_the_host_can_close_the_room_to_spectators(relay: RelayProcess, room: Room) -> None:
    assert operate("room", "set", room.id, "enabled=false", data=relay.data).returncode == 0
    async with room.watch(options=READY) as viewer:
        error, code = await refusal(viewer)
    assert (error["code"], error["permanent"], code) == ("ACCESS_DENIED", True, 4403)
    assert room.id not in room.public.answer("GET", "/rooms").text

    assert operate("room", "set", room.id, "enabled=true", data=relay.data).returncode == 0
    assert await outcome(room.watch(options=READY)) == "welcomed"


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
    room = make_room(settings=FULL)
    for token in (None, viewer_token(room.operator, "Ada", verified=True).text):
        async with room.watch(token=token, options=READY) as viewer:
            error, code = await refusal(viewer)
        assert (error["code"], error["permanent"], code) == ("CAPACITY_EXCEEDED", False, 4409)


@pytest.mark.spec("VALID-11")
async def test_where_registration_is_required_a_token_opens_the_door(make_room: Callable[..., Room]) -> None:
    room = make_room(settings=REGISTERED_ONLY)
    token = viewer_token(room.operator, "Ada").text
    async with room.watch() as anonymous, room.watch(options=READY) as late, room.watch() as guesser:
        # A token that comes within five seconds is in time.
        await late.send("spectator.connect", {"auth_token": token})
        assert (await late.welcome())["spectator"]["state"] == "registered"
        # Who says so itself gets the refusal at once: there is nothing to wait for.
        await guesser.send("spectator.connect", {"auth_token": "guess"})
        assert (await refusal(guesser))[0]["code"] == "AUTH_INVALID"

        error, code = await refusal(anonymous)
        assert (error["code"], error["permanent"], code) == ("REGISTRATION_REQUIRED", True, 4401)
    assert await outcome(room.watch(token=token, options=READY)) == "welcomed"


@pytest.mark.spec("VALID-14")
async def test_existence_and_visibility_are_judged_before_anything_else(
    make_room: Callable[..., Room],
) -> None:
    # Region locks come later; what there is of rules already is all against the viewer here.
    room = make_room(visibility="private", settings=FULL | CLOSED | REGISTERED_ONLY)
    token = viewer_token(room.operator, "Ada").text
    ways: list[dict[str, Any]] = [
        {},
        {"token": token},
        {"token": "garbage"},
        {"options": {"types": "nonsense"}},
    ]
    for way in ways:
        assert await outcome(room.watch(**way)) == "ROOM_NOT_FOUND"


@pytest.mark.spec("VALID-15")
@pytest.mark.parametrize(
    ("settings", "way", "expected"),
    [
        (CLOSED, {"options": READY}, "ACCESS_DENIED"),
        (FULL, {"options": READY}, "CAPACITY_EXCEEDED"),
        ({}, {"token": "garbage", "options": READY}, "AUTH_INVALID"),
        ({}, {"connect_data": {"client_info": 7}}, "INVALID_MESSAGE"),
        ({}, {"options": {"types": "nonsense"}}, "INVALID_MESSAGE"),
    ],
)
async def test_who_is_refused_hears_one_error_and_is_not_counted(
    make_room: Callable[..., Room], settings: dict[str, object], way: dict[str, Any], expected: str
) -> None:
    room = make_room()
    room.publish(chat_event("nothing of this"))
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
    if settings:
        room.set(**settings)

    def counted() -> tuple[object, ...]:
        figures = room.public.answer("GET", "/metrics").text.splitlines()
        of_this_room = [line for line in figures if f'room="{room.id}"' in line]
        listing = [line for line in room.public.call("GET", "/rooms")["rooms"] if line["id"] == room.id]
        return room.presence() if settings != CLOSED else None, listing, of_this_room

    before = counted()
    async with room.watch(**way) as viewer:
        error, _ = await refusal(viewer)
    assert error["code"] == expected
    assert counted() == before


# VALID-16 proper is about batches, country lists and bans as well, which come later.
@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"visibility": "private"}, 404, "ROOM_NOT_FOUND"),
        ({"settings": CLOSED}, 403, "ACCESS_DENIED"),
        ({"settings": REGISTERED_ONLY}, 403, "REGISTRATION_REQUIRED"),
    ],
)
def test_history_over_http_is_guarded_as_the_socket_is(
    make_room: Callable[..., Room], wish: dict[str, Any], status: int, code: str
) -> None:
    room = make_room(**wish)
    room.publish(chat_event("for the entitled"))
    for path in (room.path, f"{room.path}/events", f"{room.path}/events?since=1h"):
        answer = room.public.answer("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert "entitled" not in answer.text


def test_history_over_http_is_open_to_a_token_where_registration_is_required(
    make_room: Callable[..., Room],
) -> None:
    room = make_room(settings=REGISTERED_ONLY)
    room.publish(chat_event("for the registered"))
    token = viewer_token(room.operator, "Ada").text
    page = room.public.call("GET", f"{room.path}/events", token=token)
    assert [event["content"] for event in page["events"]] == ["for the registered"]


# VALID-17 proper is about the country list as well, which comes later.
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (CLOSED, "ACCESS_DENIED"),
        (REGISTERED_ONLY, "REGISTRATION_REQUIRED"),
        ({"visibility": "private"}, "ROOM_NOT_FOUND"),
        (FULL, None),
    ],
)
async def test_a_rule_that_becomes_stricter_reaches_those_inside_within_two_seconds(
    room: Room, change: dict[str, object], code: str | None
) -> None:
    token = viewer_token(room.operator, "Ada").text
    async with room.watch(options=READY) as anonymous, room.watch(token=token, options=READY) as registered:
        await anonymous.welcome()
        await registered.welcome()
        room.set(**change)
        leaves = {"REGISTRATION_REQUIRED": [anonymous], None: []}.get(code, [anonymous, registered])
        for viewer in leaves:
            assert (await viewer.expect("spectator.error", timeout_s=2))["code"] == code
            assert 4400 <= await viewer.closed(timeout_s=2) < 4500
        for viewer in {anonymous, registered} - set(leaves):
            room.publish(chat_event("you may stay"))
            await viewer.events(1)


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
