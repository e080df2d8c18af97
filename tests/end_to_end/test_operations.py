"""What an operator and their machines see: probes, figures, the log."""

import asyncio
import json
import re
import socket
import sqlite3

import pytest

from support.clients import Api, chat_event, watching
from support.operating import figures, operate
from support.ports import LOOPBACK
from support.relay_process import UNLIMITED

MARK = "mark7f3a9c"


def test_the_probes_answer_anybody(public):
    assert public.call("GET", "/healthz") == {"status": "ok"}
    assert public.call("GET", "/readyz")["status"] == "ready"


@pytest.mark.spec("PERF-1")
async def test_connections_and_errors_are_counted_per_room_and_code_and_name_nobody(relay, room, public):
    active = f'clawtank_active_spectators{{room="{room.id}"}}'
    joined = f'clawtank_connections_total{{room="{room.id}"}}'

    async def until(count):
        async with asyncio.timeout(10):
            # A relay notices a viewer's leaving in its own time.
            while (await asyncio.to_thread(figures, public)).get(active) != count:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async with room.watch() as viewer, room.watch(connect_data={"display_name": MARK}) as other:
        ids = [(await v.welcome())["spectator"]["id"] for v in (viewer, other)]
        await viewer.chat(f"words {MARK}")
        await other.expect("spectator.chat_message")
        await viewer.chat("")
        await viewer.expect("spectator.error")
        await until(2)
    await until(0)
    after = figures(public)
    assert after[joined] == 2
    assert after['clawtank_errors_total{code="INVALID_MESSAGE"}'] >= 1
    text = public.answer("GET", "/metrics").text
    for private in (*ids, MARK, LOOPBACK, relay.operator_token, room.publish_token, room.host_token):
        assert private not in text
    labels = set(re.findall(r"[{,]([a-z]+)=\"", text))
    assert labels <= {"room", "type", "outcome", "code", "what", "frequency", "bandwidth", "le"}


def test_events_are_counted_by_type_and_the_hidden_ones_without_it(room, public):
    room.publish(chat_event("one"))
    before = figures(public)
    room.publish(chat_event("two"), chat_event("three"))
    room.public.call(
        "POST",
        f"{room.path}/events",
        token=room.publish_token,
        json=[{"type": f"secret.{MARK}"}, {"type": "milestone.reached"}, chat_event("four")],
    )
    after = figures(public)

    def grown(name):
        return after.get(name, 0) - before.get(name, 0)

    assert grown('clawtank_events_total{outcome="accepted",type="chat.public"}') == 3
    assert grown('clawtank_events_total{outcome="hidden",type=""}') == 1
    assert grown('clawtank_events_total{outcome="rejected",type=""}') == 1
    assert grown('clawtank_event_processing_seconds_count{type="chat.public"}') == 3
    assert MARK not in public.answer("GET", "/metrics").text


@pytest.mark.spec("PERF-10")
def test_the_figures_are_for_the_operator(serve, relay, public):
    for header in ("X-Forwarded-For", "Forwarded"):
        behind_a_proxy = public.answer("GET", "/metrics", headers={header: "203.0.113.9"})
        assert behind_a_proxy.status_code == 401
        assert "clawtank_" not in behind_a_proxy.text
        with_token = public.answer(
            "GET", "/metrics", headers={header: "203.0.113.9"}, token=relay.operator_token
        )
        assert with_token.status_code == 200

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: asks which address of ours would be used
        except OSError:
            return  # no address but loopback
        outside = probe.getsockname()[0]
    if outside.startswith("127."):
        return
    exposed = serve(host=outside)
    with Api(exposed.url) as api:
        assert api.answer("GET", "/metrics").status_code == 401
        assert api.answer("GET", "/metrics", token="forged").status_code == 401
        assert api.answer("GET", "/metrics", token=exposed.operator_token).status_code == 200
        assert api.answer("GET", "/healthz").status_code == 200


# -- the log ---------------------------------------------------------------------------------------


@pytest.mark.spec("AUTH-10", "HIDE-14")
async def test_neither_log_nor_figures_nor_the_rooms_outlets_hold_a_token_or_what_was_not_to_be_shown(serve):
    relay = serve(rooms=["room"], env={"CLAWTANK_RELAY_LOG_LEVEL": "debug"})
    token = (
        await asyncio.to_thread(operate, "token", "viewer", "--name", "Marta", data=relay.data)
    ).stdout.strip()
    hidden = {"type": "agent.reasoning", "content": f"{MARK} hidden", "id": f"{MARK}-id"}
    refused = {**chat_event(f"{MARK} refused"), "author_type": f"{MARK} robot"}
    secret = f"sk-ant-api03-{MARK}{'A1b2' * 20}"
    with Api(relay.url, relay.operator_token) as api:
        async with watching(relay.url, "room") as bystander:
            start = (await bystander.welcome())["cursor"]
            body = json.dumps([hidden, refused, {"type": f"x.{MARK}"}])
            report = await asyncio.to_thread(api.call, "POST", "/rooms/room/events", content=body)
            assert (report["hidden"], report["cursor"]) == (2, start), "not even a place in the sequence"
            assert MARK not in json.dumps(report)
            async with watching(relay.url, "room", options={"auth": token}) as viewer:
                resume = (await viewer.welcome())["spectator"]["resume_token"]
            async with watching(relay.url, "room", token=token) as viewer:
                await viewer.welcome()
            async with watching(relay.url, "room", connect_data={"auth_token": resume}) as viewer:
                await viewer.welcome()
            for forged in (f"{MARK}.{MARK}.{MARK}", token[:-2] + "xx"):
                async with watching(relay.url, "room", options={"auth": forged}) as viewer:
                    await viewer.closed()
                assert forged not in json.dumps(viewer.seen)
            agent = {"User-Agent": MARK, "Referer": f"https://{MARK}.example"}
            async with watching(relay.url, "room", headers=agent) as viewer:
                await viewer.welcome()
                await viewer.connection.send(f'{{"type": "{MARK}"}}')
                await viewer.expect("spectator.error")
                await viewer.connection.send(f"{MARK} no JSON")
                await viewer.expect("spectator.error")
            await asyncio.to_thread(api.answer, "GET", f"/rooms/{MARK}?auth={token}", token=f"{MARK}-x")
            await asyncio.to_thread(api.answer, "POST", "/rooms/room/events", content=f"{MARK}".encode())
            await asyncio.to_thread(api.publish, "room", relay.operator_token, chat_event(f"key {secret}"))
            (shown,) = await bystander.events(1)
            assert MARK not in shown["content"], "a key in a chat is masked"
            outlets = [api.answer("GET", path).text for path in ("/metrics", "/rooms", "/rooms/room/events")]
            outlets += [json.dumps(bystander.seen)]
    operator = relay.operator_token
    relay.stop()
    for text in (relay.stderr, relay.stdout, *outlets):
        for private in (MARK, token, resume, operator, token.split(".")[2]):
            assert private not in text
    assert LOOPBACK not in relay.stderr.replace(relay.url, ""), "no viewer's address"
    stored = b"".join(file.read_bytes() for file in relay.data.iterdir() if file.name.startswith("relay.db"))
    assert MARK.encode() not in stored
    assert token.encode() not in stored


def test_the_log_is_one_json_object_a_line(serve):
    relay = serve(rooms=["room"])
    relay.stop()
    lines = [json.loads(line) for line in relay.stderr.splitlines()]
    assert lines
    for line in lines:
        assert {"time", "level", "logger", "message"} <= set(line)


def test_the_database_is_whole_after_a_kill(serve):
    relay = serve(rooms=["room"])
    with Api(relay.url, relay.operator_token) as api:
        for number in range(20):
            api.publish("room", relay.operator_token, chat_event(str(number)))
    relay.kill()
    with sqlite3.connect(relay.data / "relay.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_nought_means_no_limit(serve):
    limits = {**UNLIMITED, "events_per_minute": 0, "body_bytes": 0, "message_bytes": 0}
    relay = serve(rooms=["room"], limits=limits)
    with Api(relay.url, relay.operator_token) as api:
        events = [chat_event("x" * 4000) for _ in range(300)]  # 1.2 MB
        report = await asyncio.to_thread(api.call, "POST", "/rooms/room/events", json=events)
        assert report["accepted"] == 300
    async with watching(relay.url, "room") as viewer:
        await viewer.welcome()
        await viewer.chat("x" * 300_000)
        assert "this room takes 500" in (await viewer.expect("spectator.error"))["message"]
        await viewer.chat("the room's own limit is another")
        await viewer.expect("spectator.chat_message")
