"""Who is let in: the checks of the protocol, each with its own refusal.

What is refused over the socket is refused over HTTP, and a private room cannot be told from none.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from support.clients import Api, chat_event, watching
from support.crowds import READY, outcome, refusal
from support.operating import operate
from support.tokens import viewer_token

if TYPE_CHECKING:
    from support.relay_process import RelayProcess
    from support.rooms import Room

FULL = {"maxSpectators": 0}
CLOSED = {"enabled": False}
REGISTERED_ONLY = {"requireRegistration": True}
ABROAD = {"restrictGeographic": ["DE"]}
"""Who comes from this machine comes from no country."""


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
        ("GET", f"/rooms/{room}/moderation/queue", b""),
        ("POST", f"/rooms/{room}/moderation", b'{"action":"approve","message_id":"x"}'),
        ("GET", f"/rooms/{room}/host", b""),
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
    room = make_room(visibility="private", settings=FULL | CLOSED | REGISTERED_ONLY | ABROAD)
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
        (ABROAD, {"options": READY}, "REGION_RESTRICTED"),
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
        shown = settings not in (CLOSED, ABROAD)
        return room.presence() if shown else None, listing, of_this_room

    before = counted()
    async with room.watch(**way) as viewer:
        error, _ = await refusal(viewer)
    assert error["code"] == expected
    assert counted() == before


# Bans over HTTP: `test_bans.py`.
@pytest.mark.spec("VALID-16")
@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"visibility": "private"}, 404, "ROOM_NOT_FOUND"),
        ({"settings": CLOSED}, 403, "ACCESS_DENIED"),
        ({"settings": REGISTERED_ONLY}, 403, "REGISTRATION_REQUIRED"),
        ({"settings": ABROAD}, 403, "REGION_RESTRICTED"),
    ],
)
def test_history_over_http_is_guarded_as_the_socket_is(
    make_room: Callable[..., Room], wish: dict[str, Any], status: int, code: str
) -> None:
    room = make_room(**wish)
    room.publish(chat_event("for the entitled"))
    for path in ("", "/events", "/events?since=1h", "/batches", "/batches/aaaaaaaa-0-1"):
        answer = room.public.answer("GET", room.path + path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert "entitled" not in answer.text


def test_a_host_or_publish_token_of_another_room_says_nothing_about_its_bearer(
    make_room: Callable[..., Room],
) -> None:
    room, other = make_room(settings=REGISTERED_ONLY), make_room()
    room.publish(chat_event("for the entitled"))
    for token in (other.host_token, other.publish_token):
        answer = room.public.answer("GET", f"{room.path}/events", token=token)
        assert (answer.status_code, answer.json()["code"]) == (403, "REGISTRATION_REQUIRED")
    for token in (room.host_token, room.publish_token):
        assert room.public.answer("GET", f"{room.path}/events", token=token).status_code == 200


def test_history_over_http_is_open_to_a_token_where_registration_is_required(
    make_room: Callable[..., Room],
) -> None:
    room = make_room(settings=REGISTERED_ONLY)
    room.publish(chat_event("for the registered"))
    token = viewer_token(room.operator, "Ada").text
    page = room.public.call("GET", f"{room.path}/events", token=token)
    assert [event["content"] for event in page["events"]] == ["for the registered"]
    epoch = page["cursor"].partition("-")[0]
    path = f"{room.path}/batches/{epoch}-0-1"
    assert room.public.call("GET", path, token=token)["events"] == page["events"]
    # Made once, and still for nobody else.
    assert room.public.answer("GET", path).json()["code"] == "REGISTRATION_REQUIRED"


@pytest.mark.spec("VALID-17")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (CLOSED, "ACCESS_DENIED"),
        (REGISTERED_ONLY, "REGISTRATION_REQUIRED"),
        (ABROAD, "REGION_RESTRICTED"),
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
