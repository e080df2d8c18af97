"""Every refusal: its code, its sentence, what it says about trying again, and how the connection ends."""

import asyncio
import re
import socket
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from relay.delivery import reading
from relay.protocol.errors import ERRORS
from support.clients import Api, Viewer, chat_event, watching
from support.ports import LOOPBACK
from support.relay_process import UNLIMITED
from support.wound_relay import wound_relay

README = Path(__file__).parents[2] / "README.md"
CLOSES_WITH = {
    "ROOM_NOT_FOUND": 4404,
    "ACCESS_DENIED": 4403,
    "CAPACITY_EXCEEDED": 4409,
    "REGISTRATION_REQUIRED": 4401,
    "REGION_RESTRICTED": 4451,
    "AUTH_INVALID": 4402,
    "RATE_LIMITED": 4429,
    "INVALID_MESSAGE": 4400,
    "SLOW_CONSUMER": 4408,
}
"""Close codes are public: scripts and proxies' logs know a refusal by them."""
STOP = {
    "ROOM_NOT_FOUND",
    "ACCESS_DENIED",
    "REGISTRATION_REQUIRED",
    "REGION_RESTRICTED",
    "AUTH_INVALID",
    "INVALID_MESSAGE",
}


def is_well_formed(error):
    """Check an error as every client reads it (ERR-1), and its sentence as a person does (ERR-3)."""
    assert set(error) - {"ref"} == {"code", "message", "retry_after", "permanent"}
    assert isinstance(error["permanent"], bool)
    assert type(error["retry_after"]) is int
    assert error["retry_after"] >= 0
    assert not (error["permanent"] and error["retry_after"]), "what is permanent has no time to wait for"
    sentence = error["message"]
    assert re.fullmatch(r"[A-Z0-9].{10,250}\.|.*: \S.*|.* with: \S.*", sentence), sentence
    for internal in (
        "Traceback",
        "Error(",
        "Exception",
        "relay/",
        ".py",
        "/data",
        "None",
        "NoneType",
        "asyncio",
    ):
        assert internal not in sentence
    return True


async def refusal(viewer):
    """Read a refused connection to its end; return the error's data and the close code."""
    close_code = await viewer.closed()
    assert [message["type"] for message in viewer.seen] == ["spectator.error"]
    return viewer.seen[0]["data"], close_code


REFUSALS = {
    "ROOM_NOT_FOUND": {"room": "no-such-room"},
    "ACCESS_DENIED": {"settings": {"enabled": False}},
    "CAPACITY_EXCEEDED": {"settings": {"maxSpectators": 0}},
    "REGION_RESTRICTED": {"settings": {"restrictGeographic": ["DE"]}},
    "AUTH_INVALID": {"how": {"token": "forged"}},
    "INVALID_MESSAGE": {"how": {"connect_data": {"room_id": "another"}}},
    "REGISTRATION_REQUIRED": {"settings": {"requireRegistration": True}, "how": {"connect_data": {}}},
}


@pytest.mark.spec("ERR-1", "ERR-2", "ERR-3", "ERR-6", "ERR-7")
@pytest.mark.parametrize("code", REFUSALS)
async def test_a_refused_connection_is_told_why_once_and_closed_with_the_codes_own_code(
    relay, make_room, code
):
    case = REFUSALS[code]
    room = case.get("room") or make_room(settings=case.get("settings", {})).id
    async with watching(relay.url, room, **case.get("how", {})) as viewer:
        if code == "REGISTRATION_REQUIRED":
            await viewer.send(
                "spectator.connect", {}
            )  # no token this time either: it is waited for no longer
        error, close_code = await refusal(viewer)

    assert is_well_formed(error)
    assert error["code"] == code
    assert close_code == CLOSES_WITH[code]
    assert error["permanent"] == (code in STOP)


@pytest.mark.spec("ERR-1", "ERR-6", "ERR-7")
@pytest.mark.parametrize(
    ("code", "settings", "message"),
    [
        ("INVALID_MESSAGE", {}, {"message": ""}),
        ("MESSAGE_TOO_LARGE", {}, {"message": "x" * 501}),
        ("CHAT_DISABLED", {"spectatorChat": {"enabled": False}}, {"message": "hi"}),
        (
            "REGISTRATION_REQUIRED",
            {"spectatorChat": {"moderation": {"allowAnonymous": False}}},
            {"message": "hi"},
        ),
        ("RATE_LIMITED", {"spectatorChat": {"rateLimit": {"burstLimit": 1}}}, {"message": "hi"}),
    ],
)
async def test_an_error_about_a_message_names_it_and_leaves_the_connection_open(
    make_room, code, settings, message
):
    room = make_room(settings=settings)
    async with room.watch() as viewer:
        await viewer.welcome()
        await viewer.send("spectator.chat_message", message, "first")
        if code == "RATE_LIMITED":
            await viewer.expect("spectator.chat_message")
            await viewer.send("spectator.chat_message", message, "first")
        error = await viewer.expect("spectator.error")
        assert is_well_formed(error)
        assert (error["code"], error["ref"]) == (code, "first")
        await asyncio.to_thread(room.publish, chat_event("it goes on"))
        assert len(await viewer.events(1)) == 1


@pytest.mark.spec("ERR-1", "ERR-3")
def test_the_same_errors_answer_http(room, public, make_room):
    closed = make_room(settings={"enabled": False})
    abroad = make_room(settings={"restrictGeographic": ["DE"]})
    members_only = make_room(settings={"requireRegistration": True})
    answers = {
        "ROOM_NOT_FOUND": public.answer("GET", "/rooms/no-such-room"),
        "ACCESS_DENIED": public.answer("GET", closed.path),
        "REGION_RESTRICTED": public.answer("GET", abroad.path),
        "REGISTRATION_REQUIRED": public.answer("GET", f"{members_only.path}/events"),
        "AUTH_INVALID": public.answer("GET", room.path, token="forged"),
        "INVALID_MESSAGE": public.answer("GET", f"{room.path}/events", params={"types": "weather"}),
        "MESSAGE_TOO_LARGE": public.answer(
            "POST", f"{room.path}/events", token=room.publish_token, content=b" " * 1_100_000
        ),
    }
    for code, answer in answers.items():
        assert is_well_formed(answer.json())
        assert answer.json()["code"] == code
        assert 400 <= answer.status_code < 500
    assert "chat" in answers["INVALID_MESSAGE"].json()["message"], (
        "a wrong name is answered with the right ones"
    )


@pytest.mark.spec("ERR-4")
async def test_waiting_as_long_as_told_is_enough_for_a_connection(tmp_path):
    limits = {**UNLIMITED, "connections_per_address_per_minute": 2}
    async with wound_relay(tmp_path / "data", limits=limits) as relay:

        async def arrive():
            async with watching(relay.url, "room", options={"types": "chat"}) as viewer:
                first = await viewer.next()
            return first["data"] if first["type"] == "spectator.error" else None

        assert await arrive() is None
        relay.clock.advance(10)
        assert await arrive() is None
        error = await arrive()
        assert error["code"] == "RATE_LIMITED"
        assert not error["permanent"]
        relay.clock.advance((error["retry_after"] - 10) / 1000)
        assert await arrive() is not None, "and no longer than is needed"
        relay.clock.advance(0.010)
        assert await arrive() is None


@pytest.mark.spec("ERR-4")
async def test_waiting_as_long_as_told_is_enough_for_a_room_a_token_and_a_message(tmp_path):
    limits = {**UNLIMITED, "joins_per_room_per_minute": 2, "auth_failures_per_address": 1}
    async with wound_relay(tmp_path / "data", limits=limits) as relay:

        @asynccontextmanager
        async def arriving(token=None):
            async with watching(relay.url, "room", options={"types": "chat"}, token=token) as viewer:
                await viewer.next()
                yield viewer

        async with arriving() as viewer:
            for number in range(50):
                await viewer.chat(f"message {number}")
                answer = await viewer.until(
                    lambda m: m["type"] in ("spectator.error", "spectator.chat_message")
                )
                if answer["type"] == "spectator.error":
                    break
            assert answer["data"]["code"] == "RATE_LIMITED"
            relay.clock.advance(answer["data"]["retry_after"] / 1000)
            await viewer.chat("after the wait")
            assert (await viewer.expect("spectator.chat_message"))["message"] == "after the wait"

        async with arriving(), arriving() as refused:
            wait_ms = refused.seen[0]["data"]["retry_after"]
            assert refused.seen[0]["data"]["code"] == "RATE_LIMITED"
        relay.clock.advance(wait_ms / 1000)
        async with arriving() as admitted:
            assert admitted.seen[0]["type"] == "spectator.welcome"

        async with arriving(token="forged") as forged:
            assert forged.seen[0]["data"]["code"] == "AUTH_INVALID"
        async with arriving(token="forged") as throttled:
            assert throttled.seen[0]["data"]["code"] == "RATE_LIMITED"
        relay.clock.advance(throttled.seen[0]["data"]["retry_after"] / 1000)
        async with arriving(token="forged") as judged:
            assert judged.seen[0]["data"]["code"] == "AUTH_INVALID"


@pytest.mark.spec("ERR-4")
async def test_waiting_as_long_as_told_is_enough_for_a_publisher(tmp_path):
    async with wound_relay(tmp_path / "data", limits={**UNLIMITED, "events_per_minute": 10}) as relay:

        async def publish(count):
            events = [chat_event(str(number)) for number in range(count)]
            return await relay.http.post("/rooms/room/events", json=events, headers=dict(relay.operator))

        assert (await publish(10)).status_code == 200
        refused = await publish(3)
        assert refused.status_code == 429
        error = refused.json()
        assert is_well_formed(error)
        assert int(refused.headers["Retry-After"]) * 1000 >= error["retry_after"] > 0
        relay.clock.advance(error["retry_after"] / 1000)
        assert (await publish(3)).json()["accepted"] == 3
        relay.clock.advance(60)
        assert (await publish(500)).status_code in (200, 413, 429), "what never fits is not promised a wait"


@pytest.mark.spec("ERR-6", "ERR-7", "SCALE-9")
async def test_a_viewer_that_stops_reading_is_told_so_and_may_resume(tmp_path, monkeypatch):
    # Half a second for the thirty that a viewer has to drain anything.
    monkeypatch.setattr(reading, "STALL_S", 0.5)
    words = [chat_event(f"{number} " + "words " * 600) for number in range(200)]
    async with wound_relay(tmp_path / "data") as relay:
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.setblocking(False)
        port = int(relay.url.rpartition(":")[2])
        await asyncio.get_running_loop().sock_connect(narrow, (LOOPBACK, port))
        address = f"ws://{LOOPBACK}/spectate/room"
        async with connect(
            address, sock=narrow, compression=None, max_queue=1, ping_interval=None
        ) as connection:
            viewer = Viewer(connection)
            await viewer.welcome()
            published = 0
            while "SLOW_CONSUMER" not in (await relay.http.get("/metrics")).text:
                if published < 4000:  # some 14 MB: more than the kernel takes for us
                    await relay.call("POST", "/rooms/room/events", json=words)
                    published += len(words)
                await asyncio.sleep(0.05)
            close_code = await viewer.closed()
        error = viewer.seen[-1]["data"]
        assert is_well_formed(error)
        assert (error["code"], error["permanent"], close_code) == ("SLOW_CONSUMER", False, 4408)
        seen = [m for m in viewer.seen if m["type"] == "spectator.activity"]
        async with watching(relay.url, "room", options={"cursor": seen[-1]["data"]["cursor"]}) as back:
            welcome = await back.welcome()
            assert welcome["recovery"]["recovered"]
            missed = welcome["recovery"]["missed"]
            rest = await back.events(missed)
        before = [event["seq"] for message in seen for event in message["data"]["events"]]
        assert before + [event["seq"] for event in rest] == list(range(1, published + 1))


@pytest.mark.spec("ERR-6", "ERR-7")
async def test_a_relay_that_drains_says_when_to_come_back_and_takes_nobody_new(serve):
    relay = serve(rooms=["room"])
    with Api(relay.url) as public:
        async with watching(relay.url, "room") as viewer:
            await viewer.welcome()
            # A peer that does not answer the closing handshake keeps the relay draining for a while.
            viewer.connection.transport.pause_reading()
            stopping = asyncio.ensure_future(asyncio.to_thread(relay.stop))
            ready = await asyncio.to_thread(public.answer, "GET", "/readyz")
            while ready.status_code == 200:
                ready = await asyncio.to_thread(public.answer, "GET", "/readyz")
            assert (ready.status_code, ready.json()["code"]) == (503, "DRAINING")
            assert is_well_formed(ready.json())
            assert not ready.json()["permanent"]
            assert int(ready.headers["Retry-After"]) >= 1
            with pytest.raises(Exception, match="503"):
                async with watching(relay.url, "room"):
                    pass
            with suppress(RuntimeError):
                viewer.connection.transport.resume_reading()
            assert await viewer.closed() == 1012
            assert await stopping == 0
    notice = viewer.seen[-1]
    assert notice["type"] == "spectator.notice"
    assert notice["data"]["kind"] == "reconnect"
    assert 0 < notice["data"]["after_ms"] <= 10_000


@pytest.mark.spec("ERR-6")
def test_the_readmes_table_is_the_table_of_the_code():
    rows = [line for line in README.read_text().splitlines() if line.startswith("|")]
    told = {match[1]: row for row in rows if (match := re.match(r"\| *`([A-Z]{2}[A-Z_]+)`", row))}

    assert set(told) == {str(code) for code in ERRORS}
    for code, row in ERRORS.items():
        assert str(row.close_code) in told[str(code)]


@pytest.mark.spec("ERR-3")
def test_every_sentence_of_the_table_is_one_for_people():
    for code, row in ERRORS.items():
        assert is_well_formed(
            {
                "code": str(code),
                "message": row.message,
                "retry_after": row.retry_after_ms,
                "permanent": row.permanent,
            }
        )
