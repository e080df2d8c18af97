"""What a viewer sends that is no message: answered, borne for a while, and never anybody else's trouble."""

import asyncio
import json
import random
import time
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from support.clients import chat_event
from support.ports import LOOPBACK

DEEP = '{"type":"spectator.chat_message","data":' + '{"message":' * 1000 + '"x"' + "}" * 1001
FAULTS = {
    "broken JSON": '{"type": "spectator.chat_message", "data": {',
    "no JSON at all": "hello?",
    "empty": "",
    "an array": "[]",
    "a number": "7",
    "NaN": '{"type": "spectator.chat_message", "data": {"message": NaN}}',
    "no type": '{"data": {"message": "hi"}}',
    "a type of the wrong kind": '{"type": 7, "data": {}}',
    "an unknown type": '{"type": "spectator.shout", "data": {}}',
    "data of the wrong kind": '{"type": "spectator.chat_message", "data": "hi"}',
    "nested deeply": DEEP,
    "nested beyond any parser": "[" * 16000,
    "binary": b'{"type": "spectator.chat_message", "data": {"message": "hi"}}',
    "another type's field": '{"type": "spectator.connect", "data": {"types": 7}}',
}


@pytest.mark.spec("WIRE-11")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_malformed_message_is_answered_and_costs_nothing_else(room, fault):
    async with room.watch() as viewer:
        await viewer.welcome()
        await viewer.connection.send(fault)
        error = await viewer.expect("spectator.error")
        assert error["code"] == "INVALID_MESSAGE"
        await viewer.chat("still here")
        assert (await viewer.expect("spectator.chat_message"))["message"] == "still here"


@pytest.mark.spec("WIRE-11")
async def test_a_message_that_is_too_large_is_answered_and_a_huge_one_ends_the_connection(room):
    async with room.watch() as viewer:
        limit = (await viewer.welcome())["limits"]["message_bytes"]
        await viewer.chat("x" * limit)
        assert (await viewer.expect("spectator.error"))["code"] == "MESSAGE_TOO_LARGE"
        await viewer.chat("still here")
        await viewer.expect("spectator.chat_message")
        await viewer.chat("x" * 1_000_000)
        assert (await viewer.expect("spectator.error"))["code"] == "MESSAGE_TOO_LARGE"
        assert await viewer.closed() in (1009, 4413)


@pytest.mark.spec("WIRE-11")
async def test_text_that_is_no_utf8_is_answered_and_ends_the_connection_as_the_rfc_asks(room):
    async with room.watch() as viewer:
        await viewer.welcome()
        await viewer.connection.send(b'{"type": "\xff\xfe"}', text=True)
        assert (await viewer.expect("spectator.error"))["code"] == "INVALID_MESSAGE"
        assert await viewer.closed() == 1007


@pytest.mark.spec("WIRE-11")
async def test_repeated_abuse_is_closed_with_a_code_that_says_so(room):
    async with room.watch() as viewer:
        await viewer.welcome()
        for _ in range(200):
            try:
                await viewer.connection.send("{")
            except ConnectionClosed:
                break
        assert await viewer.closed() == 4429
    errors = [message["data"] for message in viewer.seen if message["type"] == "spectator.error"]
    assert {error["code"] for error in errors[:-1]} == {"INVALID_MESSAGE"}
    assert errors[-1]["code"] == "RATE_LIMITED"
    assert len(errors) < 50, "an abuser is not answered for ever"


def noise(chance):
    """Return a frame's content that somebody careless, clever or broken might send."""
    message = {
        "id": chance.choice(["", "x", "y" * 200, "\ud83d", 7, None]),
        "type": chance.choice(
            ["spectator.connect", "spectator.chat_message", "spectator.subscribe", 3, None]
        ),
        "data": chance.choice(
            [
                {},
                None,
                [],
                "text",
                {"message": chance.choice([None, 5, "", " ", "\u202e", "\ud83d", {"a": []}, "x" * 5000])},
                {
                    "types": chance.choice(["weather", [], {}, 1, ",", "chat,,"]),
                    "cursor": chance.choice([1, "x"]),
                },
                {"client_info": chance.choice([7, {"capabilities": {}}, {"user_agent": ["x"]}])},
                {
                    "auth_token": chance.choice(["", "e30.e30.", 5]),
                    "history": chance.choice([-1, 10**9, "1"]),
                },
                {"display_name": chance.choice(["\x1b]52;c;x\x07", "\u200b" * 99, {}]), "room_id": 9},
            ]
        ),
    }
    text = json.dumps(message)
    if chance.random() < 0.5:
        cut = chance.randrange(len(text))
        text = (
            text[:cut]
            + chance.choice(["", "\x00", "{", '"', "\\u", "]]", "é"])
            + text[cut + chance.randrange(4) :]
        )
    return text if chance.random() < 0.95 else text.encode()


@pytest.mark.spec("WIRE-11")
async def test_noise_from_many_harms_neither_the_relay_nor_those_who_watch(room, operator):
    # 2,000 of the row's 10,000 frames; each connection is closed when it has gone too far.
    chance = random.Random(20260217)
    sent = 0

    async def pester(frames):
        async with room.watch(compression=chance.choice([None, "deflate"])) as viewer:

            async def send():
                with suppress(ConnectionClosed):
                    for frame in frames:
                        await viewer.connection.send(frame)
                    await viewer.connection.close()

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(send())
                await viewer.closed()
        answers = {answer["type"].partition(".")[0] for answer in viewer.seen}
        assert answers <= {"spectator"}

    async with room.watch() as bystander:
        await bystander.welcome()
        number = 0
        while sent < 2000:
            crowd = [[noise(chance) for _ in range(chance.randrange(5, 40))] for _ in range(10)]
            sent += sum(map(len, crowd))
            async with asyncio.TaskGroup() as pesterers:
                for frames in crowd:
                    pesterers.create_task(pester(frames))
                pesterers.create_task(asyncio.to_thread(room.publish, chat_event(str(number))))
            number += 1
        events = await bystander.events(number)
    assert [event["content"] for event in events] == [str(n) for n in range(number)]
    assert operator.answer("GET", "/healthz").status_code == 200
    assert len(room.history()) == number, "nothing that a viewer sent became an event of the room"


@pytest.mark.spec("WIRE-11")
async def test_bytes_that_are_no_frames_end_that_connection_only(relay, room):
    chance = random.Random(6455)
    upgrade = (
        f"GET /spectate/{room.id} HTTP/1.1\r\nHost: {LOOPBACK}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    async with room.watch() as bystander:
        await bystander.welcome()
        for _ in range(60):
            reader, writer = await asyncio.open_connection(LOOPBACK, relay.port)
            writer.write(upgrade.encode() + chance.randbytes(chance.randrange(2, 4000)))
            writer.write_eof()
            try:
                async with asyncio.timeout(10):
                    answer = await reader.read()
                assert answer.startswith(b"HTTP/1.1 101")
            except ConnectionResetError:
                pass
            finally:
                writer.close()
        await asyncio.to_thread(room.publish, chat_event("fine"))
        assert (await bystander.events(1))[0]["content"] == "fine"


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        ("GET /spectate/{room} HTTP/1.1", {"Sec-WebSocket-Version": "12"}, 400),
        ("GET /spectate/{room} HTTP/1.1", {"Sec-WebSocket-Key": "short"}, 400),
        ("GET /spectate/{room} HTTP/1.1", {"Sec-WebSocket-Key": ""}, 400),
        ("POST /spectate/{room} HTTP/1.1", {}, 405),
        ("GET /spectate/ HTTP/1.1", {}, 404),
        ("GET /spectate/{room}/more HTTP/1.1", {}, 404),
        ("GET /elsewhere/{room} HTTP/1.1", {}, 404),
    ],
)
async def test_an_upgrade_that_is_none_is_refused_with_a_status(relay, room, request_line, headers, status):
    named = {
        "Host": LOOPBACK,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version": "13",
    } | headers
    reader, writer = await asyncio.open_connection(LOOPBACK, relay.port)
    lines = [
        request_line.format(room=room.id),
        *(f"{name}: {value}" for name, value in named.items() if value),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    async with asyncio.timeout(10):
        answer = (await reader.readline()).decode()
    writer.close()
    assert answer.split()[1] == str(status)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "spectator.connect", "data": {}},
        {"type": "spectator.connect", "data": {"types": "git"}},
        {"type": "spectator.chat_message", "data": {"message": "hi"}},
    ],
    ids=["connect", "types", "chat"],
)
async def test_a_relay_stays_fast_beside_a_viewer_that_sends_as_fast_as_it_can(room, message):
    room.publish(*(chat_event(f"{number} some words" * 200) for number in range(60)))  # a state of 150 KB

    async def flood(viewer):
        with suppress(ConnectionClosed):
            while True:
                await viewer.connection.send(json.dumps(message))

    async with room.watch() as bystander, asyncio.TaskGroup() as tasks:
        await bystander.welcome()
        async with room.watch() as flooder:
            flooding = tasks.create_task(flood(flooder))
            waits_s = []
            for number in range(5):
                began_s = time.perf_counter()
                await asyncio.to_thread(room.publish, chat_event(str(number)))
                await bystander.events(number + 1)
                waits_s.append(time.perf_counter() - began_s)
            flooding.cancel()
            flooder.vanish()
    assert max(waits_s) < 2, "at rest it takes milliseconds"
