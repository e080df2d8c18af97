"""How a spectator comes in, what it is told first, and that it can do nothing but watch and chat."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from support.certificates import certificate
from support.clients import Api, Viewer, chat_event, events_of, watching
from support.crowds import READY, crowd, first_messages, refusal, watch_command
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


@asynccontextmanager
async def numbered_events(room: Room) -> AsyncIterator[list[str]]:
    """Publish chat lines, one after another, as long as the block lasts; yields those published so far."""
    published: list[str] = []
    enough = threading.Event()

    def publish() -> None:
        while not enough.is_set():
            room.publish(chat_event(f"number {len(published)}"))
            published.append(f"number {len(published)}")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.to_thread(publish))
        try:
            yield published
        finally:
            enough.set()


@pytest.mark.spec("CONN-1")
async def test_a_room_has_one_socket_address_and_says_so_to_plain_http(room: Room, public: Api) -> None:
    async with room.watch() as viewer:
        assert viewer.connection.response is not None
        assert viewer.connection.response.status_code == 101
        await viewer.welcome()

    answer = public.answer("GET", f"/spectate/{room.id}")
    assert 400 <= answer.status_code < 500
    message = answer.json()["message"]
    assert message.strip()
    assert "\n" not in message


@pytest.mark.spec("CONN-2")
async def test_the_token_in_the_query_is_optional(room: Room) -> None:
    async with room.watch() as viewer:
        assert (await viewer.welcome())["spectator"]["state"] == "anonymous"
    async with room.watch(options={"auth": viewer_token(room.operator, "Ada").text}) as viewer:
        assert (await viewer.welcome())["spectator"]["state"] == "registered"


@pytest.mark.spec("CONN-3")
async def test_the_welcome_comes_first_and_once_however_busy_the_room_is(room: Room) -> None:
    # 100 of the row's 200 viewers, half of them with a query and half waited for: a second of joins.
    async with AsyncExitStack() as stack:
        async with numbered_events(room) as published:
            viewers = await stack.enter_async_context(crowd(room, 50))
            viewers += await stack.enter_async_context(crowd(room, 50, options={}))
            assert {first["type"] for first in await first_messages(viewers)} == {"spectator.welcome"}
        assert len(published) > 10, "the room was not busy"
        for viewer in viewers:
            await viewer.until(lambda envelope: published[-1] in str(envelope["data"]))
            assert [envelope["type"] for envelope in viewer.seen].count("spectator.welcome") == 1


@pytest.mark.spec("CONN-4")
async def test_the_welcome_tells_the_room_and_where_it_stands(make_room: Callable[..., Room]) -> None:
    room = make_room(name="Todo lists")
    room.publish(
        {"type": "member.joined", "name": "alice", "role": "host"},
        {"type": "agent.joined", "agent_name": "Claude", "agent_owner": "alice"},
        {"type": "task.created", "task_id": "task_1", "title": "Scaffold", "creator": "alice"},
        {"type": "task.created", "task_id": "task_2", "title": "Write the README", "creator": "alice"},
        {"type": "agent.claimed_task", "agent_name": "Claude", "agent_owner": "alice", "task_id": "task_1"},
        {"type": "agent.status_change", "agent_name": "Claude", "status": "testing", "task_id": "task_1"},
        chat_event("Let's go"),
    )

    async with room.watch(options=READY) as viewer:
        welcome = await viewer.welcome()

    info, state = welcome["room_info"], welcome["current_state"]
    assert (info["id"], info["name"], info["state"]) == (room.id, "Todo lists", "active")
    assert [(member["name"], member["role"]) for member in state["members"]] == [("alice", "host")]
    [agent] = state["agents"]
    assert (agent["agent_name"], agent["agent_owner"], agent["status"]) == ("Claude", "alice", "testing")
    tasks = {task["task_id"]: task for task in state["tasks"]}
    assert tasks["task_1"]["agent_name"] == "Claude"
    assert (tasks["task_2"]["title"], tasks["task_2"]["state"]) == ("Write the README", "open")
    assert [(line["author"], line["content"]) for line in state["recent_chat"]] == [("alice", "Let's go")]
    assert state["presence"]["room_id"] == room.id


@pytest.mark.spec("CONN-5")
async def test_state_and_stream_together_hold_every_event_exactly_once(room: Room) -> None:
    # As many events as recent chat holds, each published while two viewers come in.
    numbers = [f"number {number}" for number in range(50)]
    async with AsyncExitStack() as stack:

        async def join() -> tuple[list[str], Viewer]:
            viewer = await stack.enter_async_context(room.watch(options=READY))
            state = (await viewer.welcome())["current_state"]["recent_chat"]
            return [event["content"] for event in state], viewer

        joined: list[tuple[list[str], Viewer]] = []
        for number in numbers:
            publishing = asyncio.to_thread(room.publish, chat_event(number))
            _, first, second = await asyncio.gather(publishing, join(), join())
            joined += [first, second]
        for state, viewer in joined:
            stream = await viewer.events(50 - len(state))
            assert state + [event["content"] for event in stream] == numbers


@pytest.mark.spec("CONN-6")
@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("chat.public", chat_event("I am alice")),
        ("task.created", {"task_id": "task_9", "title": "Mine", "creator": "alice"}),
        ("spectator.activity", {"events": [chat_event("I am alice")]}),
        ("room.settings_updated", {"settings": {"enabled": False}}),
        ("spectator.notice", {"kind": "room_state", "state": "closed"}),
    ],
)
async def test_nothing_a_viewer_sends_becomes_activity_or_a_setting(
    room: Room, kind: str, data: dict[str, object]
) -> None:
    room.publish(chat_event("before"))
    before = room.history(), room.operator.call("GET", f"/rooms/{room.id}/settings")
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        await viewer.send(kind, data, "mine")
        error = await viewer.expect("spectator.error")
        assert (error["code"], error["ref"]) == ("INVALID_MESSAGE", "mine")
        assert (room.history(), room.operator.call("GET", f"/rooms/{room.id}/settings")) == before
        # The connection is none the worse for it.
        room.publish(chat_event("after"))
        assert [event["content"] for event in await viewer.events(1)] == ["after"]


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


@pytest.mark.spec("CONN-14")
async def test_a_viewer_that_says_nothing_is_welcomed_within_a_second(room: Room) -> None:
    async with room.watch() as viewer:
        began = time.perf_counter()
        welcome = await viewer.welcome()
        assert time.perf_counter() - began < 1
    assert welcome["spectator"]["state"] == "anonymous"


@pytest.mark.spec("CONN-15")
async def test_a_late_token_upgrades_in_place_and_costs_no_event(room: Room) -> None:
    async def until_presence(viewer: Viewer, anonymous: int, registered: int) -> None:
        await viewer.until(
            lambda envelope: (
                envelope["type"] == "spectator.presence"
                and (envelope["data"]["anonymous_count"], envelope["data"]["registered_count"])
                == (anonymous, registered)
            )
        )

    async with room.watch(options=READY) as witness, room.watch(options=READY) as viewer:
        await witness.welcome()
        before = await viewer.welcome()
        await until_presence(witness, 2, 0)
        token = viewer_token(room.operator, "Ada").text
        async with numbered_events(room) as published:
            await viewer.events(20)
            await viewer.send("spectator.connect", {"auth_token": token})
            await viewer.expect("spectator.welcome")
            await viewer.events(len(events_of(viewer.seen)) + 20)
        assert [event["content"] for event in await viewer.events(len(published))] == published

        after = [envelope["data"] for envelope in viewer.seen if envelope["type"] == "spectator.welcome"][1]
        assert (after["spectator"]["state"], after["spectator"]["display_name"]) == ("registered", "Ada")
        assert after["spectator"]["id"] != before["spectator"]["id"]
        ordered = [envelope["data"] for envelope in viewer.seen if envelope["type"] == "spectator.activity"]
        assert [data["after"] for data in ordered] == [
            before["cursor"],
            *(data["cursor"] for data in ordered[:-1]),
        ]
        await until_presence(witness, 1, 1)


@pytest.mark.spec("CONN-16")
def test_the_socket_is_reachable_encrypted(serve: Callable[..., RelayProcess], tmp_path: Path) -> None:
    files = certificate(tmp_path)
    relay = serve("--tls-cert", str(files.certificate), "--tls-key", str(files.key), rooms=["room"])
    url = f"wss://localhost:{relay.port}"
    with watch_command("room", "--relay", url, "--json", "--ca-file", str(files.certificate)) as trusting:
        assert trusting.envelope("spectator.welcome")["room_info"]["id"] == "room"
    with watch_command("room", "--relay", url, "--json") as doubting:
        assert doubting.wait() == 1
        assert doubting.out.text() == ""
        [sentence] = doubting.err.text().splitlines()
        assert "certificate" in sentence
        assert "Traceback" not in sentence
    # And what speaks plain HTTP to the encrypted port gets nothing.
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{relay.port}/healthz", trust_env=False, timeout=5)


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


@pytest.mark.spec("CONN-18")
async def test_fifty_viewers_see_the_same_events_in_the_same_order(room: Room) -> None:
    async with crowd(room, 50) as viewers:
        await first_messages(viewers)
        async with numbered_events(room) as published:
            await viewers[0].events(40)
        streams = await asyncio.gather(*(viewer.events(len(published)) for viewer in viewers))
    assert [event["content"] for event in streams[0]] == published
    assert all(stream == streams[0] for stream in streams)
