"""What a viewer may say of itself when it comes: `spectator.connect`, field by field."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from support.clients import Api, chat_event, watching
from support.crowds import READY, refusal
from support.tokens import viewer_token

if TYPE_CHECKING:
    from support.relay_process import RelayProcess
    from support.rooms import Room

EXAMPLE = {
    "spectator_id": "anon_viewer_xyz",
    "auth_token": None,
    "client_info": {
        "user_agent": "Mozilla/5.0...",
        "referrer": "https://clawtank.com/discover",
        "capabilities": ["reactions", "chat"],
    },
}
"""The protocol's own `spectator.connect`, but for its room."""


@pytest.mark.spec("CONN-7")
async def test_the_protocols_own_connect_is_answered_by_one_welcome(room: Room) -> None:
    async with room.watch(connect_data={"room_id": room.id, **EXAMPLE}) as viewer:
        welcome = await viewer.welcome()
        assert welcome["room_info"]["id"] == room.id
        assert welcome["spectator"]["state"] == "anonymous"
        assert welcome["spectator"]["id"] != EXAMPLE["spectator_id"]
        assert "chat" in welcome["spectator"]["capabilities"]
        room.publish(chat_event("hello"))
        await viewer.events(1)
        # The first presence comes with the relay's next second, after the wait for a silent viewer is over.
        await viewer.expect("spectator.presence")
        assert [envelope["type"] for envelope in viewer.seen].count("spectator.welcome") == 1


@pytest.mark.spec("CONN-8")
async def test_a_connect_that_names_another_room_is_refused(make_room: Callable[..., Room]) -> None:
    here, elsewhere = make_room(), make_room(name="Elsewhere")
    elsewhere.publish(chat_event("a word from elsewhere"))
    async with here.watch(connect_data={"room_id": elsewhere.id}) as viewer:
        error, code = await refusal(viewer)
    assert error["code"] == "INVALID_MESSAGE"
    assert "room_id" in error["message"]
    assert code == 4400
    assert "lsewhere" not in json.dumps(viewer.seen)


@pytest.mark.spec("CONN-9")
async def test_a_claimed_id_is_not_believed_and_a_missing_one_is_made(room: Room) -> None:
    async with room.watch(connect_data={}) as first:
        own = (await first.welcome())["spectator"]["id"]
        async with (
            room.watch(connect_data={"spectator_id": own}) as thief,
            room.watch(connect_data={"spectator_id": None}) as other,
        ):
            ids = {
                own,
                (await thief.welcome())["spectator"]["id"],
                (await other.welcome())["spectator"]["id"],
            }
    assert len(ids) == 3
    assert all(ids)


@pytest.mark.spec("CONN-10")
async def test_the_token_in_the_connect_says_who_comes(room: Room) -> None:
    tokens = {
        "anonymous": None,
        "registered": viewer_token(room.operator, "Ada").text,
        "verified": viewer_token(room.operator, "Grace", verified=True).text,
    }
    for state, token in tokens.items():
        async with room.watch(connect_data={"auth_token": token}) as viewer:
            assert (await viewer.welcome())["spectator"]["state"] == state
    async with room.watch(connect_data={}) as viewer:
        assert (await viewer.welcome())["spectator"]["state"] == "anonymous"


@pytest.mark.spec("CONN-11")
async def test_what_a_client_says_about_itself_is_bounded_and_reaches_nobody(
    serve: Callable[..., RelayProcess],
) -> None:
    # A relay of its own: everything it writes, on disk and to its log, is searched.
    relay = serve(rooms=["room"], env={"CLAWTANK_RELAY_LOG_LEVEL": "debug"})
    marker = "marker-7f3a9c"
    info = {
        "user_agent": f"{marker}/1.0",
        "referrer": f"https://{marker}.example/from",
        "capabilities": ["chat"],
    }
    with Api(relay.url) as public:
        async with watching(relay.url, "room", options=READY) as witness:
            await witness.welcome()
            async with watching(
                relay.url, "room", connect_data={"client_info": {"user_agent": marker + "x" * 65_536}}
            ) as viewer:
                error = await viewer.expect("spectator.error")
                assert error["code"] == "MESSAGE_TOO_LARGE"
            async with watching(relay.url, "room", connect_data={"client_info": info}) as viewer:
                await viewer.welcome()
                await viewer.chat("hello")
                await witness.expect("spectator.chat_message")
                async with watching(relay.url, "room", options=READY) as late:
                    await late.welcome()
                outlets = [
                    public.answer("GET", path).text
                    for path in ("/rooms", "/rooms/room", "/rooms/room/events", "/metrics", "/openapi.json")
                ]
                seen = [witness.seen, late.seen, viewer.seen]
    relay.stop()
    written = [file.read_bytes().decode(errors="replace") for file in relay.data.rglob("*") if file.is_file()]
    for where in (*outlets, *map(json.dumps, seen), relay.stderr, relay.stdout, *written):
        assert marker not in where


# CONN-13 proper is about reactions as well, which come with the interactive features.
async def test_a_viewer_gets_the_chat_only_if_it_lists_it_and_unknown_names_are_ignored(room: Room) -> None:
    async with (
        room.watch(connect_data={"client_info": {"capabilities": ["chat", "telepathy"]}}) as chatter,
        room.watch(connect_data={"client_info": {"capabilities": []}}) as silent,
        room.watch(connect_data={"client_info": {}}) as default,
    ):
        granted = [
            (await viewer.welcome())["spectator"]["capabilities"] for viewer in (chatter, silent, default)
        ]
        assert granted == [["chat"], [], ["chat"]]
        await chatter.chat("hello")
        for viewer in (chatter, default):
            assert (await viewer.expect("spectator.chat_message"))["message"] == "hello"
        room.publish(chat_event("room chat is no spectator chat"))
        await silent.events(1)
        assert "spectator.chat_message" not in {envelope["type"] for envelope in silent.seen}


@pytest.mark.spec("CONN-17")
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"client_info": 7}, "client_info"),
        ({"client_info": {"capabilities": "chat"}}, "client_info.capabilities"),
        ({"client_info": {"user_agent": 7}}, "client_info.user_agent"),
        ({"client_info": {"referrer": []}}, "client_info.referrer"),
        ({"auth_token": {}}, "auth_token"),
        ({"resume_token": 7}, "resume_token"),
        ({"room_id": 7}, "room_id"),
        ({"spectator_id": 7}, "spectator_id"),
        ({"display_name": ["x"]}, "display_name"),
        ({"cursor": 7}, "cursor"),
        ({"since": 7}, "since"),
        ({"since": "yesterday-ish"}, "since"),
        ({"history": "all"}, "history"),
        ({"history": -1}, "history"),
        ({"history": True}, "history"),
        ({"types": 7}, "types"),
        ({"types": "chat,nonsense"}, "types"),
        ({"types": ""}, "types"),
    ],
)
async def test_a_wrong_type_of_a_known_field_is_refused_by_name(
    room: Room, data: dict[str, object], field: str
) -> None:
    async with room.watch(connect_data=data) as viewer:
        error, _ = await refusal(viewer)
    assert error["code"] == "INVALID_MESSAGE"
    assert field in error["message"]


@pytest.mark.spec("CONN-17")
async def test_an_unknown_field_changes_nothing(room: Room) -> None:
    extra = {"favourite_colour": {"deep": [1, 2, {}]}, "client_info": {"screen": 7, "capabilities": ["chat"]}}
    async with room.watch(connect_data=extra) as viewer:
        welcome = await viewer.welcome()
        assert welcome["spectator"]["capabilities"] == ["chat"]
        await viewer.connection.send(
            json.dumps({"type": "spectator.chat_message", "data": {"message": "hello", "bold": True}, "x": 1})
        )
        assert (await viewer.expect("spectator.chat_message"))["message"] == "hello"
