"""The envelope of every message the relay sends, and what it makes of the ones it is sent."""

import asyncio
import json
import re
import ssl
from datetime import UTC, datetime

import pytest
from websockets.asyncio.client import connect

from support.certificates import certificate
from support.clients import Api, chat_event, watching
from support.operating import operate
from support.relay_process import UNLIMITED, RelayProcess

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MILESTONE = {"type": "milestone.reached", "title": "halfway"}
WRONG_CLOCK = "2031-01-01T00:00:00Z"
DOCUMENTED = {
    "spectator.welcome",
    "spectator.activity",
    "spectator.batch",
    "spectator.chat_message",
    "spectator.chat_removed",
    "spectator.presence",
    "spectator.reactions",
    "spectator.poll",
    "spectator.decision",
    "spectator.explain",
    "spectator.notice",
    "spectator.keepalive",
    "spectator.error",
}
SENT_TODAY = {
    f"spectator.{name}"
    for name in ("welcome", "activity", "chat_message", "presence", "notice", "keepalive", "error")
}


def state_change(state):
    return {"type": "room.state_changed", "data": {"state": state}}


async def live_a_session(relay):
    """Use a room in every way there is; return all that two viewers of it were sent."""
    with Api(relay.url, relay.operator_token) as operator:

        async def publish(*events):
            await asyncio.to_thread(operator.publish, "room", relay.operator_token, *events)

        async with watching(relay.url, "room") as viewer, watching(relay.url, "room") as other:
            await viewer.welcome()
            await other.welcome()
            commit = {"type": "git.commit", "sha": "a1b2c3d", "message": "fix", "author": "alice"}
            await publish({**chat_event("hi"), "timestamp": WRONG_CLOCK}, commit)
            await viewer.events(2)
            await publish(MILESTONE)
            await other.chat("a question", message_id="mine")
            question = await viewer.expect("spectator.chat_message")
            await viewer.chat("an answer", reply_to=question["message_id"])
            await viewer.send("task.created", {"title": "spectators only watch"})
            await viewer.expect("spectator.error")
            await asyncio.to_thread(operator.call, "PATCH", "/rooms/room/settings", json={"maxSpectators": 5})
            await publish(state_change("paused"))
            await viewer.expect("spectator.keepalive")
            await asyncio.to_thread(relay.stop)
            await viewer.closed()
            await other.closed()
        return [*viewer.seen, *other.seen]


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    limits = {**UNLIMITED, "keepalive_s": 1}
    relay = RelayProcess.start(tmp_path_factory.mktemp("session") / "data", rooms=["room"], limits=limits)
    try:
        return asyncio.run(live_a_session(relay))
    finally:
        if relay.running:
            relay.kill()


@pytest.mark.spec("WIRE-1")
async def test_an_address_with_the_token_in_it_is_all_that_a_foreign_client_needs(serve, tmp_path):
    files = certificate(tmp_path)
    relay = serve("--tls-cert", str(files.certificate), "--tls-key", str(files.key), rooms=["room"])
    token = operate("token", "viewer", "--name", "Marta", data=relay.data).stdout.strip()

    address = f"wss://localhost:{relay.port}/spectate/room?auth={token}"
    trust = ssl.create_default_context(cafile=str(files.certificate))
    async with connect(address, ssl=trust, proxy=None) as connection:
        welcome = json.loads(await connection.recv())

    assert welcome["type"] == "spectator.welcome"
    assert welcome["data"]["spectator"]["state"] == "registered"
    assert welcome["data"]["spectator"]["display_name"] == "Marta"


@pytest.mark.spec("WIRE-1")
async def test_no_message_is_larger_than_foreign_clients_take_by_default(room):
    # 1 MiB for `websockets`: one body of events becomes more, and so does a page of a replay.
    small = [{"type": "member.joined", "name": f"{number:05}"} for number in range(12_000)]
    large = [chat_event("ü" * 4000) for _ in range(120)]
    async with room.watch() as viewer:
        start = (await viewer.welcome())["cursor"]
        for events in (small, large, large):
            await asyncio.to_thread(room.publish, *events)
        live = await viewer.events(12_240)
    async with room.watch(options={"cursor": start}) as viewer:
        await viewer.welcome()
        assert await viewer.events(12_240) == live


@pytest.mark.spec("WIRE-2")
async def test_message_ids_are_unique_over_rooms_and_restarts(serve):
    # 4,000 of the row's 100,000. Neighbouring events share a frame; with a state change between them each has
    # its own.
    mixed = [
        item
        for number in range(500)
        for item in (chat_event(str(number)), state_change("paused" if number % 2 else "active"))
    ]

    async def collect(relay, api, room):
        async with watching(relay.url, room) as viewer:
            await viewer.welcome()
            await asyncio.to_thread(api.publish, room, relay.operator_token, *mixed)
            await viewer.events(500)
            return [message["id"] for message in viewer.seen]

    ids = []
    for _ in range(2):
        relay = serve(rooms=["one", "two"])
        with Api(relay.url, relay.operator_token) as api:
            for collected in await asyncio.gather(*(collect(relay, api, room) for room in ("one", "two"))):
                ids += collected
        relay.stop()

    assert len(ids) >= 4 * 999
    assert len(set(ids)) == len(ids)
    assert all(0 < len(one) <= 40 for one in ids)


@pytest.mark.spec("WIRE-3", "WIRE-5")
def test_every_message_has_a_documented_type_and_an_object_of_data(session):
    assert {message["type"] for message in session} == SENT_TODAY
    assert SENT_TODAY < DOCUMENTED
    for message in session:
        assert set(message) - {"metadata"} == {"id", "type", "timestamp", "data"}
        assert isinstance(message["data"], dict)


@pytest.mark.spec("WIRE-4")
def test_every_message_carries_the_relays_own_time_whatever_publishers_claim(session):
    now = datetime.now(UTC)
    for message in session:
        assert INSTANT.fullmatch(message["timestamp"])
        assert abs((now - datetime.fromisoformat(message["timestamp"])).total_seconds()) < 300
    events = [e for m in session if m["type"] == "spectator.activity" for e in m["data"]["events"]]
    assert WRONG_CLOCK in {event["timestamp"] for event in events}, "the event keeps its own"
    assert all(m["data"]["timestamp"] == m["timestamp"] for m in session if m["type"] == "spectator.activity")


@pytest.mark.spec("WIRE-6", "WIRE-7")
def test_metadata_says_high_on_errors_and_milestones_and_names_no_coding_without_batches(session):
    for message in session:
        urgent = message["type"] in ("spectator.error", "spectator.chat_removed") or any(
            event["type"] == "milestone.reached" for event in message["data"].get("events", ())
        )
        metadata = message.get("metadata", {})
        assert set(metadata) <= {"priority"}, "`compression` is for batches, and there is none here"
        assert metadata.get("priority", "normal") == ("high" if urgent else "normal")
    assert any("metadata" in message for message in session)


@pytest.mark.spec("WIRE-9")
def test_what_is_optional_is_left_out_and_only_reply_to_is_ever_null(session):
    def nulls(value, path=""):
        if isinstance(value, dict):
            return [found for name, item in value.items() for found in nulls(item, name)]
        if isinstance(value, list):
            return [found for item in value for found in nulls(item, path)]
        return [path] if value is None else []

    assert {name for message in session for name in nulls(message)} == {"reply_to"}


@pytest.mark.spec("WIRE-10")
async def test_the_protocols_own_examples_are_understood_as_they_stand(room):
    connecting = {
        "type": "spectator.connect",
        "data": {
            "room_id": room.id,
            "spectator_id": "anon_viewer_xyz",
            "auth_token": None,
            "client_info": {
                "user_agent": "Mozilla/5.0...",
                "referrer": "https://clawtank.com/discover",
                "capabilities": ["reactions", "chat"],
            },
        },
    }
    chatting = {
        "type": "spectator.chat_message",
        "data": {
            "room_id": room.id,
            "spectator_id": "spectator_xyz",
            "display_name": "Anonymous Viewer",
            "message": "This is really cool! How does the agent know to use Click?",
            "timestamp": "2026-02-17T21:05:00Z",
            "reply_to": None,
        },
    }
    async with room.watch() as viewer:
        await viewer.connection.send(json.dumps(connecting))
        assert (await viewer.welcome())["spectator"]["state"] == "anonymous"
        await viewer.connection.send(json.dumps(chatting))
        said = await viewer.expect("spectator.chat_message")
    assert said["message"] == chatting["data"]["message"]
    assert "spectator.error" not in {message["type"] for message in viewer.seen}


async def test_a_viewer_that_offers_no_compression_gets_the_same_words(room):
    async with room.watch() as one, room.watch(compression=None) as other:
        await one.welcome()
        await other.welcome()
        assert one.connection.response.headers["Sec-WebSocket-Extensions"].startswith("permessage-deflate")
        assert "Sec-WebSocket-Extensions" not in other.connection.response.headers
        await asyncio.to_thread(room.publish, *(chat_event(f"words {n} " * 50) for n in range(50)))
        assert await one.events(50) == await other.events(50)
