"""How a spectator comes in, what it is told first, and that it can do nothing but watch and chat."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from support.certificates import certificate
from support.clients import Api, Viewer, chat_event, events_of
from support.crowds import READY, crowd, first_messages, watch_command
from support.tokens import viewer_token

if TYPE_CHECKING:
    from support.relay_process import RelayProcess
    from support.rooms import Room


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
    # 100 of the row's 200 viewers come while events are published; half of them are waited for.
    async with AsyncExitStack() as stack:
        viewers: list[Viewer] = []

        async def join(options: dict[str, str]) -> None:
            viewers.append(await stack.enter_async_context(room.watch(options=options)))

        for number in range(25):
            publishing = asyncio.to_thread(room.publish, chat_event(f"number {number}"))
            await asyncio.gather(publishing, *(join(options) for options in (READY, {}, READY, {})))
        await asyncio.to_thread(room.publish, chat_event("the last word"))
        for viewer in viewers:
            await viewer.until(lambda envelope: "the last word" in str(envelope["data"]))
            kinds = [envelope["type"] for envelope in viewer.seen]
            assert (kinds[0], kinds.count("spectator.welcome")) == ("spectator.welcome", 1)


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


@pytest.mark.spec("CONN-18")
async def test_fifty_viewers_see_the_same_events_in_the_same_order(room: Room) -> None:
    async with crowd(room, 50) as viewers:
        await first_messages(viewers)
        async with numbered_events(room) as published:
            await viewers[0].events(40)
        streams = await asyncio.gather(*(viewer.events(len(published)) for viewer in viewers))
    assert [event["content"] for event in streams[0]] == published
    assert all(stream == streams[0] for stream in streams)
