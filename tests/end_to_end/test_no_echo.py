"""What a relay cannot read, it repeats to nobody: not in its answers, not in its log, not in its figures."""

import json
import socket
from itertools import product
from typing import Any

import pytest

from support.clients import Api, Closed, watching
from support.evening import wire
from support.outlets import Outlets
from support.relay_process import UNLIMITED, RelayProcess

ROOM = "room"
M = "echo7f3a9cprivate"
BODIES = (
    M.encode(),
    json.dumps(M).encode(),
    json.dumps([M]).encode(),
    json.dumps([[M], {"type": [M]}, {"type": "chat.public", "author": {M: M}}]).encode(),
    b'{"name": "%s' % M.encode(),
    b'{"name": "%s\xff"}' % M.encode(),
    b'{"name": {"x": "%s\\ud800"}}' % M.encode(),
    b'{"name": NaN, "id": ["%s"]}' % M.encode(),
    b'{"id": 1%s, "name": ["%s"]}' % (b"0" * 6000, M.encode()),
    b'{"a":' * 3000 + b'"%s"' % M.encode() + b"}" * 3000,
    b"\x00" + M.encode(),
    M.encode() * 20_000,
)
ADDRESSES = (
    ("POST", "/rooms"),
    ("PATCH", f"/rooms/{ROOM}/settings"),
    ("POST", f"/rooms/{ROOM}/events"),
    ("POST", f"/rooms/{ROOM}/tokens"),
    ("POST", "/tokens"),
    *(
        ("POST", f"/rooms/{ROOM}/hooks/{source}")
        for source in ("github", "gitlab", "claude-code", "codex", "gemini")
    ),
)
WRONG: tuple[Any, ...] = (M, [M], {"enabled": M}, {"moderation": {"maxMessageLength": M}}, {"publicChat": M})
SETTINGS = (
    "preset",
    "enabled",
    "requireRegistration",
    "maxSpectators",
    "visibleEvents",
    "spectatorChat",
    "logInteractions",
    "anonymizeParticipants",
    "hideProjectDetails",
    "visibility",
)
CREDENTIALS = (
    M,
    f"Bearer {M}",
    f"Bearer {M}.{M}.{M}",
    f"Bearer eyJhbGciOiJub25lIn0.{M}.",
    f"Bearer ctp_{M}_{M}",
)
HANDSHAKES = (
    "Sec-WebSocket-Key: {m}\r\nSec-WebSocket-Version: 13",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: {m}",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Extensions: {m}; =",
)
MESSAGES = (
    M,
    json.dumps(M),
    json.dumps({"type": M}),
    json.dumps({"type": [M]}),
    json.dumps({"type": "spectator.chat_message", "data": M}),
    json.dumps({"type": "spectator.chat_message", "data": {"message": [M]}}),
    json.dumps({"type": "spectator.chat_message", "data": {"message": "x", "reply_to": M}}),
    json.dumps({"type": "spectator.chat_message", "data": {"message": M * 100}}),
    json.dumps({"type": "spectator.connect", "data": {"auth_token": M}}),
    json.dumps({"type": "spectator.connect", "data": {"types": [M], "cursor": [M]}}),
)


@pytest.fixture
def relay(serve) -> RelayProcess:
    limits = {**UNLIMITED, "auth_failures_per_address": 0}
    started: RelayProcess = serve(rooms=[ROOM], limits=limits, env={"CLAWTANK_RELAY_LOG_LEVEL": "debug"})
    return started


def ask(outlets: Outlets, api: Api, method: str, path: str, **arguments: Any) -> None:
    answer = api.answer(method, path, **arguments)
    assert answer.status_code < 500, (method, path, arguments)
    outlets.add("answers", f"{answer.status_code} {dict(answer.headers)}\n")
    outlets.add("answers", answer.content)


def over(relay: RelayProcess, outlets: Outlets) -> None:
    """Stop the relay and search for the marker in what it said."""
    with Api(relay.url) as public:
        ask(outlets, public, "GET", "/metrics")
        ask(outlets, public, "GET", "/rooms")
    assert relay.stop() == 0
    outlets.add("log", relay.stderr)
    outlets.add("printed", relay.stdout)
    outlets.add_directory("data", relay.data)
    assert outlets.holding("clawtank_errors") == {"answers"}, "the search finds what is there"
    assert outlets.holding(M) == set()
    assert '"level": "error"' not in relay.stderr


def test_a_body_that_cannot_be_read_is_not_repeated(relay):
    outlets = Outlets()
    signed = {"X-GitHub-Event": M, "X-GitHub-Delivery": M, "X-Hub-Signature-256": M, "X-Gitlab-Token": M}
    form = {**signed, "Content-Type": f"application/x-www-form-urlencoded; charset={M}"}
    with Api(relay.url, relay.operator_token) as operator, Api(relay.url) as public:
        for (method, path), body in product(ADDRESSES, BODIES):
            ask(outlets, operator, method, path, content=body)
            ask(outlets, operator, method, path, content=body, headers=form)
            ask(outlets, public, method, path, content=body, headers=signed)
    over(relay, outlets)


def test_a_refused_setting_is_named_and_its_value_is_not(relay):
    outlets = Outlets()
    with Api(relay.url, relay.operator_token) as operator:
        for name, value in product(SETTINGS, WRONG):
            answer = operator.answer("PATCH", f"/rooms/{ROOM}/settings", json={name: value})
            assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_MESSAGE")
            assert answer.json()["message"].startswith(name), answer.text
            outlets.add("answers", answer.text)
        for words in ({M: M}, [{M: M}], [M * 100], [M, ""], f"{M},*"):
            ask(outlets, operator, "PATCH", f"/rooms/{ROOM}/settings", json={"hiddenWords": words})
        for wish in ({"id": f"{M} x"}, {"id": "r", "visibility": M}, {"id": "r", "preset": M}):
            ask(outlets, operator, "POST", "/rooms", json=wish)
        for wish in ({"scope": M}, {"scope": "publish", "name": [M]}):
            ask(outlets, operator, "POST", f"/rooms/{ROOM}/tokens", json=wish)
        for wish in ({"name": [M]}, {"name": "x", "verified": M}, {"name": "x", "lifetime_s": M}):
            ask(outlets, operator, "POST", "/tokens", json=wish)
        for path in (f"/tokens/{M}", f"/rooms/{ROOM}/tokens/{M}"):
            ask(outlets, operator, "DELETE", path)
    over(relay, outlets)


def test_addresses_queries_and_headers_are_not_repeated(relay):
    outlets = Outlets()
    names = ("types", "limit", "after", "since", "until", "auth", "history", "cursor", M)
    paths = (f"/rooms/{ROOM}/events", f"/rooms/{ROOM}", f"/rooms/{M}", f"/{M}", f"/spectate/{M}", "/metrics")
    with Api(relay.url) as public:
        for name, path, value in product(names, paths, (M, f"{M}-1", f"\x00{M}\n")):
            ask(outlets, public, "GET", path, params={name: value})
        for credential, path in product(CREDENTIALS, (*paths, f"/rooms/{ROOM}/settings")):
            ask(outlets, public, "GET", path, headers={"Authorization": credential})
        for name in ("Cookie", "Referer", "User-Agent", "X-Forwarded-For", "Forwarded", "Origin", "Host"):
            ask(outlets, public, "GET", f"/rooms/{ROOM}", headers={name: M})
        ask(outlets, public, M.upper(), f"/rooms/{ROOM}")
    for line in (f"{M}\r\n\r\n", f"GET /{M} HTTP/9.9\r\n\r\n", f"GET / HTTP/1.1\r\n{M}\r\n\r\n"):
        outlets.add("answers", exchange(relay, line))
    over(relay, outlets)


def test_a_handshake_that_cannot_be_read_is_not_repeated(relay):
    outlets = Outlets()
    for lines in HANDSHAKES:
        asked = f"GET /spectate/{ROOM}?auth={M} HTTP/1.1\r\nHost: x\r\n"
        upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        answer = exchange(relay, f"{asked}{upgrade}{lines.format(m=M)}\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 "), answer
        outlets.add("answers", answer)
    over(relay, outlets)


def exchange(relay: RelayProcess, request: str) -> bytes:
    """Send bytes and return everything until the relay closes."""
    with socket.create_connection(("127.0.0.1", relay.port), timeout=10) as line:
        line.sendall(request.encode())
        answer = b""
        while part := line.recv(65536):
            answer += part
        return answer


async def test_a_message_that_cannot_be_read_is_repeated_to_no_viewer(relay):
    outlets = Outlets()
    async with watching(relay.url, ROOM) as bystander:
        await bystander.welcome()
        for message in MESSAGES:
            async with watching(relay.url, ROOM) as viewer:
                await viewer.welcome()
                await viewer.connection.send(message)
                await viewer.expect("spectator.error")
                outlets.add("sockets", json.dumps(viewer.seen))
        for option in ("auth", "cursor", "since", "history", "types"):
            async with watching(relay.url, ROOM, options={option: M}) as viewer:
                try:
                    await viewer.next()
                except Closed:
                    continue
                finally:
                    outlets.add("sockets", json.dumps(viewer.seen))
        with Api(relay.url, relay.operator_token) as operator:
            operator.publish(ROOM, relay.operator_token, wire("milestone.reached", title="the end"))
        await bystander.events(1)
    outlets.add("sockets", json.dumps(bystander.seen))
    assert outlets.holding("INVALID_MESSAGE") == {"sockets"}
    over(relay, outlets)


async def test_an_address_in_a_viewers_name_is_masked(relay):
    async with watching(relay.url, ROOM, connect_data={"display_name": f"Ada {M}@example.org"}) as viewer:
        assert (await viewer.welcome())["spectator"]["display_name"] == "Ada [EMAIL]"
        await viewer.chat("hello")
        assert (await viewer.expect("spectator.chat_message"))["display_name"].startswith("Ada [EMAIL]")
    assert M not in json.dumps(viewer.seen)
