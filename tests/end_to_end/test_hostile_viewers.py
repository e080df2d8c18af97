"""What no honest viewer sends at the door: it is refused or ignored, and costs nobody else a thing.

The shared relay's own fixture fails the run if any of it left an error in the relay's log.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from support.clients import Viewer, chat_event, events_of, watching
from support.crowds import READY
from support.tokens import viewer_token

if TYPE_CHECKING:
    from support.relay_process import RelayProcess
    from support.rooms import Room

SURROGATE = '"\\ud800"'
"""Half a character: JSON can say it, UTF-8 cannot."""


async def code_of(url: str) -> str:
    """Connect to an address as it is written; return the refusal's code, or the state of who is welcomed."""
    async with connect(url, proxy=None) as connection:
        data = (await Viewer(connection).next())["data"]
        return str(data["code"] if "code" in data else data["spectator"]["state"])


@pytest.mark.parametrize(
    "message",
    [
        f'{{"id":{SURROGATE},"type":"spectator.chat_message","data":{{"message":"hello"}}}}',
        f'{{"id":{SURROGATE},"type":"nonsense"}}',
        f'{{"id":"a","type":{SURROGATE}}}',
        f'{{"type":"spectator.chat_message","data":{{"message":"hello","reply_to":{SURROGATE}}}}}',
        f'{{"type":"spectator.chat_message","data":{{"message":{SURROGATE}}}}}',
        f'{{"type":"spectator.connect","data":{{"display_name":{SURROGATE}}}}}',
        f'{{"type":"spectator.connect","data":{{"auth_token":{SURROGATE}}}}}',
        f'{{"type":"spectator.connect","data":{{"types":{SURROGATE}}}}}',
    ],
)
async def test_half_a_character_in_a_message_harms_nobody_elses_stream(room: Room, message: str) -> None:
    async with (
        room.watch(options=READY) as witness,
        room.watch(options={"types": "git,chat"}) as other,
        room.watch(options=READY) as sender,
    ):
        viewers = [witness, other]
        cursors = [(await viewer.welcome())["cursor"] for viewer in viewers]
        await sender.welcome()
        await sender.connection.send(message)
        # Whatever it was, it is answered: by an error, by its own message, by a welcome.
        await sender.until(lambda envelope: envelope["type"] != "spectator.presence", timeout_s=2)
        await asyncio.to_thread(room.publish, chat_event("as if nothing had happened"))
        for viewer, cursor in zip(viewers, cursors, strict=True):
            await viewer.events(1)
            ordered = [envelope["data"] for envelope in viewer.seen[1:] if "after" in envelope["data"]]
            assert [data["after"] for data in ordered] == [cursor, *(data["cursor"] for data in ordered[:-1])]


@pytest.mark.parametrize(
    "room_id",
    [
        "%00",
        "%ff",
        "%0a",
        "..%2f..",
        "%2e%2e",
        "room%2f",
        "room%3fauth=x",
        "%F0%9F%98%80",
        "a" * 65,
        "a" * 5000,
    ],
)
async def test_what_cannot_be_a_rooms_id_is_a_room_that_does_not_exist(
    relay: RelayProcess, room_id: str
) -> None:
    assert await code_of(f"{relay.ws_url}/spectate/{room_id}") == "ROOM_NOT_FOUND"


async def test_an_id_is_the_same_however_it_is_written_over_socket_and_http(room: Room) -> None:
    written = "".join(f"%{ord(sign):02x}" for sign in room.id)
    assert await code_of(f"{room.url.replace('http', 'ws', 1)}/spectate/{written}") == "anonymous"
    assert room.public.call("GET", f"/rooms/{written}")["id"] == room.id


@pytest.mark.parametrize(
    "path", ["/spectate/", "/spectate/{}/", "/spectate/{}/more", "//spectate/{}", "/rooms/{}"]
)
async def test_a_socket_elsewhere_is_not_found(room: Room, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await code_of(room.url.replace("http", "ws", 1) + path.format(room.id))
    assert refused.value.response.status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("auth={good}&auth=bad", {"registered", "AUTH_INVALID"}),
        ("auth=bad&auth={good}", {"registered", "AUTH_INVALID"}),
        ("auth=%00%ff", {"AUTH_INVALID"}),
        ("types=chat;auth=bad", {"INVALID_MESSAGE"}),
        ("types=" + "chat," * 1000 + "chat", {"anonymous"}),
        ("history=" + "9" * 5000, {"INVALID_MESSAGE"}),
        ("history=%D9%A3", {"INVALID_MESSAGE"}),
        ("since=" + "9" * 5000 + "d", {"INVALID_MESSAGE"}),
        ("since=1e400s", {"INVALID_MESSAGE"}),
        ("since=0001-01-01T00:00:00Z", {"anonymous"}),
        ("since=9999-12-31T23:59:59Z", {"anonymous"}),
        ("cursor=aaaaaaaa-999999999999999999999", {"anonymous"}),
        ("name=%ED%A0%80%00%1b[31m", {"anonymous"}),
        ("&&&===&%", {"anonymous"}),
    ],
)
async def test_a_strange_query_is_answered_one_way_or_another(
    room: Room, query: str, expected: set[str]
) -> None:
    good = viewer_token(room.operator, "Ada").text
    async with asyncio.timeout(2):
        address = f"{room.url.replace('http', 'ws', 1)}/spectate/{room.id}?{query.format(good=good)}"
        assert await code_of(address) in expected


async def test_two_tokens_in_the_head_are_refused_and_not_chosen_from(room: Room) -> None:
    good = viewer_token(room.operator, "Ada").text
    headers = [("Authorization", f"Bearer {good}"), ("Authorization", "Bearer bad")]
    address = f"{room.url.replace('http', 'ws', 1)}/spectate/{room.id}"
    with pytest.raises(InvalidStatus) as refused:
        await connect(address, additional_headers=headers, proxy=None)
    assert refused.value.response.status_code == 400


async def test_a_seat_belongs_to_its_room_and_to_one_viewer(room: Room) -> None:
    async with room.watch(options=READY) as first, room.watch(options=READY) as second:
        mine = (await first.welcome())["spectator"]
        await second.welcome()
        # Whoever shows a seat's token is its viewer, also late: no account comes of it, and no second viewer.
        await second.send("spectator.connect", {"resume_token": mine["resume_token"]})
        again = (await second.expect("spectator.welcome"))["spectator"]
        assert (again["id"], again["state"]) == (mine["id"], "anonymous")
        assert room.presence()["total_spectators"] == 1


async def test_a_late_upgrade_is_no_way_around_the_limit_per_viewer(room: Room) -> None:
    token = viewer_token(room.operator, "Ada").text
    async with room.watch(token=token, options=READY) as viewer:
        limit = (await viewer.welcome())["limits"]["connections_per_viewer"]
    outcomes = []
    connections: list[Any] = [watching(room.url, room.id, options=READY) for _ in range(limit + 2)]
    viewers = [await connection.__aenter__() for connection in connections]
    try:
        for viewer in viewers:
            await viewer.welcome()
            await viewer.send("spectator.connect", {"auth_token": token})
            answer = await viewer.until(lambda envelope: envelope["type"] != "spectator.presence")
            outcomes.append(answer["data"].get("code", "welcomed"))
        assert outcomes == ["welcomed"] * limit + ["RATE_LIMITED"] * 2
    finally:
        for connection in connections:
            await connection.__aexit__(None, None, None)


async def test_nobody_can_become_somebody_else_once_named(room: Room) -> None:
    ada, grace = (viewer_token(room.operator, name).text for name in ("Ada", "Grace"))
    async with room.watch(token=ada, options=READY) as viewer:
        await viewer.welcome()
        await viewer.send("spectator.connect", {"auth_token": grace}, "again")
        error = await viewer.expect("spectator.error")
        assert (error["code"], error["ref"]) == ("INVALID_MESSAGE", "again")
        await viewer.chat("still me")
        assert (await viewer.expect("spectator.chat_message"))["display_name"] == "Ada"
        # A bad token ends it, late as well as at the door.
        await viewer.send("spectator.connect", {"auth_token": "bad"})
        assert (await viewer.expect("spectator.error"))["code"] == "AUTH_INVALID"
        assert await viewer.closed() == 4402


async def test_a_flood_of_connections_that_die_at_once_leaves_nothing_behind(room: Room) -> None:
    head = (
        f"GET /spectate/{room.id}?types=chat HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()
    host, port = room.url.removeprefix("http://").split(":")

    async def knock_and_run() -> None:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(head)
        await writer.drain()
        writer.transport.abort()

    async with room.watch(options=READY) as witness:
        await witness.welcome()
        for _ in range(6):
            await asyncio.gather(*(knock_and_run() for _ in range(50)))
        await asyncio.to_thread(room.publish, chat_event("still here"))
        assert events_of([await witness.until(lambda envelope: envelope["type"] == "spectator.activity")])
        await witness.until(
            lambda envelope: (
                envelope["type"] == "spectator.presence" and envelope["data"]["total_spectators"] == 1
            )
        )
        async with room.watch(options=READY) as newcomer:
            await newcomer.welcome()
