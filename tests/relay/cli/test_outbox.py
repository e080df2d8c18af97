"""Locks: what an agent's hook cannot send waits in order, within bounds, and goes along later."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count

import pytest

from relay.cli import outbox
from relay.cli.outbox import Address, HookFailed, Outbox

WITHIN_S = 10.0


def event(number):
    return {"id": f"e{number}", "type": "milestone.reached", "title": "x" * 50}


def ids(lines):
    return [json.loads(line)["id"] for line in lines.splitlines()]


@contextmanager
def relay_answering(*statuses):
    """A relay that answers each request with the next status; yields its address and the bodies it got."""
    bodies, left = [], list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(left.pop(0))
            self.end_headers()
            self.wfile.write(b'{"message": "Not so."}')

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Address(f"http://127.0.0.1:{server.server_port}", "t"), bodies
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def box(tmp_path):
    ticks = count(1)
    return Outbox(str(tmp_path / "room"), lambda: next(ticks))


def waiting(tmp_path):
    return [
        event_id for path in sorted((tmp_path / "room").glob("*.jsonl")) for event_id in ids(path.read_text())
    ]


def test_what_waits_goes_first_and_then_waits_no_more(box, tmp_path):
    for number in (1, 2):
        assert box.deliver(None, "room", [event(number)], WITHIN_S) == ""
    assert waiting(tmp_path) == ["e1", "e2"]
    with relay_answering(200) as (address, bodies):
        assert box.deliver(address, "room", [event(3)], WITHIN_S) == ""
    ((path, body),) = bodies
    assert (path, ids(body)) == ("/rooms/room/events", ["e1", "e2", "e3"])
    assert waiting(tmp_path) == []


def test_a_title_is_screened_before_it_touches_the_disk(box, tmp_path):
    key = "ghp_" + "a1B2c3D4e5F6" * 3
    box.deliver(None, "room", [{"id": "e", "type": "task.created", "title": f"Rotate {key}"}], WITHIN_S)
    (kept,) = (tmp_path / "room").glob("*.jsonl")
    assert json.loads(kept.read_text())["title"] == "Rotate [KEY]"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_a_relay_cannot_take_now_waits(box, tmp_path, status):
    with relay_answering(status) as (address, _):
        assert box.deliver(address, "room", [event(1)], WITHIN_S) == ""
    assert waiting(tmp_path) == ["e1"]


@pytest.mark.parametrize("status", [401, 403, 404, 413])
def test_what_a_relay_refuses_for_good_is_let_go_and_said(box, tmp_path, status):
    box.deliver(None, "room", [event(1)], WITHIN_S)
    with relay_answering(status) as (address, _):
        assert box.deliver(address, "room", [event(2)], WITHIN_S) == "Not so."
    assert waiting(tmp_path) == []


def test_the_oldest_go_when_too_many_wait(box, tmp_path, monkeypatch):
    monkeypatch.setattr(outbox, "MOST_KEPT", 3)
    for number in range(5):
        box.deliver(None, "room", [event(number)], WITHIN_S)
    assert waiting(tmp_path) == ["e2", "e3", "e4"]


def test_a_long_queue_goes_in_parts_and_in_order(box, tmp_path, monkeypatch):
    monkeypatch.setattr(outbox, "_AT_ONCE", 250)
    for number in range(3):
        box.deliver(None, "room", [event(number)], WITHIN_S)
    with relay_answering(200, 200, 200) as (address, bodies):
        for number in (3, 4, 5):
            box.deliver(address, "room", [event(number)], WITHIN_S)
    sent = [event_id for _, body in bodies for event_id in ids(body)]
    assert sent + waiting(tmp_path) == [f"e{number}" for number in range(6)]
    assert max(len(body) for _, body in bodies) <= 250 + len(json.dumps(event(0))) + 1


def test_somebody_who_speaks_no_http_is_no_relay(box, tmp_path):
    with relay_answering(200) as (address, _):
        address.port = 1  # nobody listens there
        assert box.deliver(address, "room", [event(1)], WITHIN_S) == ""
    assert waiting(tmp_path) == ["e1"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8787", ("127.0.0.1", 8787, False)),
        ("ws://localhost", ("localhost", 80, False)),
        ("http://[::1]:80/", ("::1", 80, False)),
        ("https://[fe80::1]", ("fe80::1", 443, True)),
        ("wss://relay.example:444/x", ("relay.example", 444, True)),
        ("https://relay.example", ("relay.example", 443, True)),
    ],
)
def test_an_address_is_read(url, expected):
    address = Address(url, "t")
    assert (address.host, address.port, address.secure) == expected


@pytest.mark.parametrize(
    "url",
    ["", "relay.example", "ftp://x", "https://", "https://u:p@x", "http://relay.example", "ws://10.0.0.1:80"],
)
def test_no_address_and_no_token_in_clear(url):
    with pytest.raises(HookFailed):
        Address(url, "t")
