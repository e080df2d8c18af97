"""What an operator and their machines see: the API's description, probes, figures, the log."""

import asyncio
import json
import re
import socket
import sqlite3

import pytest

from support.clients import Api, chat_event, watching
from support.operating import operate
from support.ports import LOOPBACK
from support.relay_process import UNLIMITED

MARK = "mark7f3a9c"


@pytest.fixture(scope="module")
def description(relay, public):
    return public.call("GET", "/openapi.json")


# -- the description -------------------------------------------------------------------------------


def problems(value, schema, schemas, where="answer"):
    """Hold a value against a schema, as far as our description uses the language; return what is wrong."""
    if "$ref" in schema:
        return problems(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, where)
    if "allOf" in schema:
        return [found for part in schema["allOf"] for found in problems(value, part, schemas, where)]
    if "anyOf" in schema or "oneOf" in schema:
        tried = [problems(value, part, schemas, where) for part in schema.get("anyOf", schema.get("oneOf"))]
        return [] if any(not found for found in tried) else tried[0]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is {value!r}, not one of {schema['enum']}"]
    if "const" in schema and value != schema["const"]:
        return [f"{where} is not {schema['const']!r}"]
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
    }
    kind = schema.get("type")
    if kind and (not isinstance(value, kinds[kind]) or (kind != "boolean" and isinstance(value, bool))):
        return [f"{where} is a {type(value).__name__}, not a {kind}"]
    found = []
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, item in value.items():
            if name in schema["properties"]:
                found += problems(item, schema["properties"][name], schemas, f"{where}.{name}")
            elif schema.get("additionalProperties", True) is False:
                found.append(f"{where}.{name} is not described")
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            found += problems(item, schema["items"], schemas, f"{where}[{number}]")
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{where} is {value}, out of bounds")
    return found


def undescribed(value, schema, schemas, where="answer"):
    """Return the fields of an answer that its schema does not name: what a reader of it would not know of."""
    if "$ref" in schema:
        return undescribed(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, where)
    if isinstance(value, list):
        return [
            found for item in value for found in undescribed(item, schema.get("items", {}), schemas, where)
        ]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    found = [f"{where}.{name}" for name in value if name not in schema["properties"]]
    for name, inner in schema["properties"].items():
        if name in value:
            found += undescribed(value[name], inner, schemas, f"{where}.{name}")
    return found


def test_the_description_holds_against_real_answers(relay, room, operator, public, description):
    """Make every call that is described, well and badly; each answer has a described status and shape."""
    schemas = description["components"]["schemas"]
    room.publish(chat_event("one"), {"type": "git.commit", "sha": "abcdef1", "message": "m", "author": "a"})
    host, publisher = room.host_token, room.publish_token
    token_id = operator.call("POST", "/tokens", json={"name": "x"})["id"]
    room_token = operator.call("POST", f"{room.path}/tokens", json={"scope": "publish"})["id"]
    doomed = f"{room.id}x"
    good = {"type": "milestone.reached", "title": "x"}
    made = []

    def call(status, method, template, path, **how):
        answer = public.answer(method, path, **how)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        made.append((method, template))
        described = description["paths"][template][method.lower()]
        assert str(status) in described["responses"], f"{method} {template} does not describe {status}"
        content = described["responses"][str(status)].get("content", {})
        if not answer.content:
            assert not content
            return
        (media,) = content
        assert answer.headers["content-type"].split(";")[0] == media
        if media == "application/json":
            schema = content[media]["schema"]
            assert problems(answer.json(), schema, schemas) == []
            known_open = schema in ({"type": "object"}, {"$ref": "#/components/schemas/EventPage"})
            assert known_open or undescribed(answer.json(), schema, schemas) == []

    operators = {"token": relay.operator_token}
    in_room = "/rooms/{room_id}"
    call(200, "GET", "/rooms", "/rooms")
    call(
        201,
        "POST",
        "/rooms",
        "/rooms",
        json={"id": doomed, "name": "Doomed", "preset": "limited"},
        **operators,
    )
    call(400, "POST", "/rooms", "/rooms", json={"id": "no/room"}, **operators)
    call(401, "POST", "/rooms", "/rooms", json={"id": "room"})
    call(409, "POST", "/rooms", "/rooms", json={"id": doomed}, **operators)
    call(200, "GET", in_room, room.path)
    call(404, "GET", in_room, "/rooms/no-such-room")
    call(204, "DELETE", in_room, f"/rooms/{doomed}", **operators)
    call(401, "DELETE", in_room, room.path)
    events = f"{in_room}/events"
    call(200, "GET", events, f"{room.path}/events", params={"types": "git", "limit": "5", "since": "1h"})
    call(400, "GET", events, f"{room.path}/events", params={"limit": "0"})
    call(200, "POST", events, f"{room.path}/events", json=[good, {"type": "x"}, {}], token=publisher)
    call(200, "POST", events, f"{room.path}/events", json=good, token=publisher)
    call(422, "POST", events, f"{room.path}/events", json={}, token=publisher)
    call(401, "POST", events, f"{room.path}/events", json=good)
    call(403, "POST", events, f"{room.path}/events", json=good, token=host)
    call(404, "POST", events, "/rooms/no-such-room/events", json=good, token=publisher)
    hooks = f"{in_room}/hooks"
    call(200, "GET", hooks, f"{room.path}/hooks", token=host)
    call(403, "GET", hooks, f"{room.path}/hooks", token=publisher)
    stop = {"hook_event_name": "Stop"}
    call(200, "POST", hooks + "/{source}", f"{room.path}/hooks/codex?agent=x", json=stop, token=publisher)
    call(400, "POST", hooks + "/{source}", f"{room.path}/hooks/gitlab", json=[], token=publisher)
    call(401, "POST", hooks + "/{source}", f"{room.path}/hooks/github", json={})
    settings = f"{in_room}/settings"
    call(200, "GET", settings, f"{room.path}/settings", token=host)
    call(403, "GET", settings, f"{room.path}/settings", token=publisher)
    call(200, "PATCH", settings, f"{room.path}/settings", json={"maxSpectators": 3}, token=host)
    call(400, "PATCH", settings, f"{room.path}/settings", json={"maxSpectators": -1}, token=host)
    tokens = f"{in_room}/tokens"
    call(200, "GET", tokens, f"{room.path}/tokens", token=host)
    call(201, "POST", tokens, f"{room.path}/tokens", json={"scope": "host", "name": "x"}, token=host)
    call(400, "POST", tokens, f"{room.path}/tokens", json={"scope": "rule"}, token=host)
    call(200, "DELETE", tokens + "/{token_id}", f"{room.path}/tokens/{room_token}", token=host)
    call(404, "DELETE", tokens + "/{token_id}", f"{room.path}/tokens/{token_id}", token=host)
    call(200, "GET", "/tokens", "/tokens", **operators)
    call(401, "GET", "/tokens", "/tokens", token=host)
    call(201, "POST", "/tokens", "/tokens", json={"name": "Marta", "verified": True}, **operators)
    call(400, "POST", "/tokens", "/tokens", json={"name": ""}, **operators)
    call(200, "DELETE", "/tokens/{token_id}", f"/tokens/{token_id}", **operators)
    call(404, "DELETE", "/tokens/{token_id}", "/tokens/0123456789", **operators)
    for probe in ("/privacy", "/openapi.json", "/healthz", "/readyz", "/metrics"):
        call(200, "GET", probe, probe)
    call(426, "GET", "/spectate/{room_id}", f"/spectate/{room.id}")

    described = {
        (method.upper(), path)
        for path, item in description["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert set(made) == described, "every call that is described was made"


def test_what_is_not_described_is_not_there(public, description):
    for path, item in description["paths"].items():
        concrete = path.replace("{room_id}", "room").replace("{token_id}", "0123456789")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {name.upper() for name in item}:
            answer = public.answer(method, concrete)
            assert answer.status_code == 405, f"{method} {path}"
            assert answer.json()["code"] == "INVALID_MESSAGE"
            assert set(answer.headers["allow"].split(", ")) - {"HEAD"} <= {name.upper() for name in item}
    for path in (
        "/",
        "/docs",
        "/room",
        "/rooms/room/batches",
        "/rooms/room/export",
        "/spectators/me",
        "/static",
    ):
        answer = public.answer("GET", path)
        assert answer.status_code == 404
        assert "/openapi.json" in answer.json()["message"]


# -- probes and figures ----------------------------------------------------------------------------


def metrics(api, **how):
    """Return the figures as `name{labels}` → value."""
    text = api.answer("GET", "/metrics", **how).text
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line and not line.startswith("#")
    }


def test_the_probes_answer_anybody(public):
    assert public.call("GET", "/healthz") == {"status": "ok"}
    assert public.call("GET", "/readyz")["status"] == "ready"


@pytest.mark.spec("PERF-1")
async def test_connections_and_errors_are_counted_per_room_and_code_and_name_nobody(relay, room, public):
    active = f'clawtank_active_spectators{{room="{room.id}"}}'
    joined = f'clawtank_connections_total{{room="{room.id}"}}'

    async def until(count):
        async with asyncio.timeout(10):
            # The figure is brought up to date once a second.
            while (await asyncio.to_thread(metrics, public)).get(active) != count:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async with room.watch() as viewer, room.watch(connect_data={"display_name": MARK}) as other:
        ids = [(await v.welcome())["spectator"]["id"] for v in (viewer, other)]
        await viewer.chat(f"words {MARK}")
        await other.expect("spectator.chat_message")
        await viewer.chat("")
        await viewer.expect("spectator.error")
        await until(2)
    await until(0)
    after = metrics(public)
    assert after[joined] == 2
    assert after['clawtank_errors_total{code="INVALID_MESSAGE"}'] >= 1
    text = public.answer("GET", "/metrics").text
    for private in (*ids, MARK, LOOPBACK, relay.operator_token, room.publish_token, room.host_token):
        assert private not in text
    labels = set(re.findall(r"[{,]([a-z]+)=\"", text))
    assert labels <= {"room", "type", "outcome", "code", "le"}


def test_events_are_counted_by_type_and_the_hidden_ones_without_it(room, public):
    room.publish(chat_event("one"))
    before = metrics(public)
    room.publish(chat_event("two"), chat_event("three"))
    room.public.call(
        "POST",
        f"{room.path}/events",
        token=room.publish_token,
        json=[{"type": f"secret.{MARK}"}, {"type": "milestone.reached"}, chat_event("four")],
    )
    after = metrics(public)

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
