"""`/openapi.json` is true: every call it describes is made, and what it does not describe is not there."""

import asyncio

import pytest

from support.clients import chat_event
from support.crowds import READY

OPEN = ({"type": "object"}, *({"$ref": f"#/components/schemas/{name}"} for name in ("EventPage", "Batch")))
"""Answers that hold events: an event has the fields of its type, which are described together."""


@pytest.fixture(scope="module")
def description(relay, public):
    return public.call("GET", "/openapi.json")


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
        "null": type(None),
    }
    kind = schema.get("type")
    allowed = kind if isinstance(kind, list) else [kind] if kind else []
    if allowed and not any(
        isinstance(value, kinds[one]) and (one == "boolean" or not isinstance(value, bool)) for one in allowed
    ):
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
    if "anyOf" in schema:
        return min((undescribed(value, part, schemas, where) for part in schema["anyOf"]), key=len)
    if "allOf" in schema:
        parts = [undescribed(value, part, schemas, where) for part in schema["allOf"]]
        return [name for name in parts[0] if all(name in part for part in parts)]
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
            known_open = schema in OPEN
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
    batches = f"{in_room}/batches"
    epoch = public.call("GET", f"{room.path}/batches")["after"].partition("-")[0]
    call(200, "GET", batches, f"{room.path}/batches", params={"after": f"{epoch}-1", "limit": "5"})
    call(400, "GET", batches, f"{room.path}/batches", params={"after": "nowhere"})
    call(404, "GET", batches, "/rooms/no-such-room/batches")
    call(200, "GET", batches + "/{batch_id}", f"{room.path}/batches/{epoch}-0-2")
    call(404, "GET", batches + "/{batch_id}", f"{room.path}/batches/{epoch}-2-0")
    settings = f"{in_room}/settings"
    call(200, "GET", settings, f"{room.path}/settings", token=host)
    call(403, "GET", settings, f"{room.path}/settings", token=publisher)
    call(200, "PATCH", settings, f"{room.path}/settings", json={"maxSpectators": 3}, token=host)
    call(400, "PATCH", settings, f"{room.path}/settings", json={"maxSpectators": -1}, token=host)
    hooks = f"{in_room}/hooks"
    call(200, "GET", hooks, f"{room.path}/hooks", token=host)
    call(403, "GET", hooks, f"{room.path}/hooks", token=publisher)
    stop = {"hook_event_name": "Stop"}
    call(200, "POST", hooks + "/{source}", f"{room.path}/hooks/codex?agent=x", json=stop, token=publisher)
    call(400, "POST", hooks + "/{source}", f"{room.path}/hooks/gitlab", json=[], token=publisher)
    call(401, "POST", hooks + "/{source}", f"{room.path}/hooks/github", json={})
    moderation = f"{in_room}/moderation"
    call(200, "GET", f"{moderation}/queue", f"{room.path}/moderation/queue", token=host)
    call(403, "GET", f"{moderation}/queue", f"{room.path}/moderation/queue", token=publisher)
    call(200, "GET", f"{moderation}/reports", f"{room.path}/moderation/reports", token=host)
    unknown = {"action": "approve", "message_id": "x"}
    call(400, "POST", moderation, f"{room.path}/moderation", json=unknown, token=host)
    call(401, "POST", moderation, f"{room.path}/moderation", json=unknown)
    banned = {"action": "ban", "spectator_ids": ["anon_a", "somebody"], "reason": "spam"}
    call(200, "POST", moderation, f"{room.path}/moderation", json=banned, token=host)
    muted = {"action": "mute", "spectator_id": "anon_b"}
    call(200, "POST", moderation, f"{room.path}/moderation", json=muted, token=host)
    bans = public.call("GET", f"{room.path}/moderation/bans", token=host)
    call(200, "GET", f"{moderation}/bans", f"{room.path}/moderation/bans", token=host)
    call(200, "POST", f"{moderation}/bans", f"{room.path}/moderation/bans", json=bans, token=host)
    call(400, "POST", f"{moderation}/bans", f"{room.path}/moderation/bans", json={"bans": 7}, token=host)
    call(200, "GET", f"{moderation}/log", f"{room.path}/moderation/log?limit=2&before=9", token=host)
    call(400, "GET", f"{moderation}/log", f"{room.path}/moderation/log?limit=0", token=host)
    tokens = f"{in_room}/tokens"
    call(200, "GET", tokens, f"{room.path}/tokens", token=host)
    call(201, "POST", tokens, f"{room.path}/tokens", json={"scope": "host", "name": "x"}, token=host)
    # This relay knows no countries, and says so.
    for countries in (["DE"], []):
        call(
            200,
            "PATCH",
            settings,
            f"{room.path}/settings",
            json={"restrictGeographic": countries},
            token=host,
        )
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
    call(426, "GET", f"{in_room}/host", f"{room.path}/host")

    described = {
        (method.upper(), path)
        for path, item in description["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert set(made) == described, "every call that is described was made"


async def test_what_moderators_read_is_as_it_is_described(make_room, description):
    room = make_room(settings={"spectatorChat": {"moderation": {"reportsToHide": 1}}})
    async with room.watch(options=READY) as author, room.watch(options=READY) as reader:
        await author.welcome()
        await reader.welcome()
        await author.chat("look at this")
        said = await reader.expect("spectator.chat_message")
        await reader.chat("what is it?", reply_to=said["message_id"])
        await reader.send("spectator.report", {"message_id": said["message_id"], "reason": "rude"})
        await reader.until(lambda m: m["data"].get("kind") == "report_received")
    schemas = description["components"]["schemas"]
    acts = f"{room.path}/moderation"

    def read(name):
        described = description["paths"][f"/rooms/{{room_id}}/moderation/{name}"]["get"]["responses"]["200"]
        answer = room.public.call("GET", f"{acts}/{name}", token=room.host_token)
        schema = described["content"]["application/json"]["schema"]
        assert problems(answer, schema, schemas) + undescribed(answer, schema, schemas) == []
        return answer

    (held,) = (await asyncio.to_thread(read, "queue"))["held"]
    assert held["rule"] == "reported"
    (report,) = (await asyncio.to_thread(read, "reports"))["reports"]
    assert report["hidden"]
    for action in ("approve", "mute", "undo"):
        body = {"entry": "3"} if action == "undo" else {"message_id": held["message_id"]}
        if action == "mute":
            body = {"spectator_id": held["spectator_id"], "seconds": 0}
        line = await asyncio.to_thread(
            room.public.call, "POST", acts, token=room.host_token, json={"action": action, **body}
        )
        assert problems(line, schemas["ModerationAct"], schemas) == []
        assert undescribed(line, schemas["ModerationAct"], schemas) == []
    logged = (await asyncio.to_thread(read, "log"))["acts"]
    assert [line["action"] for line in logged] == ["undo", "mute", "approve", "hide"]


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
        "/rooms/room/batches/x/events",
        "/rooms/room/export",
        "/spectators/me",
        "/static",
    ):
        answer = public.answer("GET", path)
        assert answer.status_code == 404
        assert "/openapi.json" in answer.json()["message"]
