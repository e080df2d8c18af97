"""Whatever goes wrong is said in a clear sentence, and nothing but what was wrong is lost."""

import asyncio
import json
import random
import resource
import shutil
import socket
import sqlite3

import pytest

from support.clients import Api, chat_event, watching
from support.operating import is_for_people, operate, post
from support.ports import LOOPBACK, busy_port
from support.relay_process import UNLIMITED, RelayProcess, serve_command

TEN_MB = 10 * 1024 * 1024
GOOD = json.dumps(chat_event("good")).encode()
BAD_LINES = {
    "broken JSON": (b'{"type": "chat.public", "author": ', "JSON"),
    "no object": (b'["chat.public"]', "object"),
    "no type": (b'{"author": "alice", "content": "hi"}', "type"),
    "a wrong field": (
        b'{"type": "git.commit", "sha": 7, "message": "fix", "author": "alice"}',
        "sha must be a commit hash",
    ),
    "a missing field": (b'{"type": "task.created", "task_id": "T-1", "creator": "alice"}', "title"),
    "a wrong time": (b'{"type": "milestone.reached", "title": "x", "timestamp": "yesterday"}', "timestamp"),
    "invalid UTF-8": (b'{"type": "milestone.reached", "title": "\xff\xfe"}', "UTF-8"),
    "10 MB": (b'{"type": "milestone.reached", "title": "' + b"x" * TEN_MB + b'"}', "longer"),
    "nested beyond any parser": (b"[" * 100_000, "nested"),
}


def contents(room):
    return [event["content"] for event in room.history()]


@pytest.mark.parametrize("stdin", [False, True], ids=["file", "stdin"])
def test_a_bad_line_is_named_and_costs_its_neighbours_nothing(relay, room, tmp_path, stdin):
    lines = b"\n".join(part for line, _ in BAD_LINES.values() for part in (GOOD, line)) + b"\n" + GOOD
    file = tmp_path / "events.jsonl"
    file.write_bytes(lines)

    source, text = ("-", lines) if stdin else (str(file), b"")
    done = operate("publish", room.id, source, data=relay.data, stdin=text)

    assert done.returncode == 1
    *refused, summary = done.stderr.splitlines()
    for number, (line, (_, reason)) in enumerate(zip(refused, BAD_LINES.values(), strict=True)):
        assert line.startswith(f"line {2 * number + 2}: "), "in the order of the file"
        assert reason in line
        assert is_for_people(line)
    number = len(BAD_LINES)
    assert summary == f"{number + 1} accepted, 0 there already, 0 hidden, {number} refused."
    assert contents(room) == ["good"] * (number + 1)


@pytest.mark.parametrize("name", [name for name in BAD_LINES if name != "10 MB"])
def test_a_bad_line_of_a_body_is_named_by_its_index(room, name):
    line, reason = BAD_LINES[name]
    report = post(room, b"\n".join([GOOD, line, GOOD])).json()

    assert report["accepted"] == 2
    (refused,) = report["rejected"]
    assert (refused["index"], refused["code"]) == (1, "INVALID_MESSAGE")
    assert reason in refused["message"]
    assert contents(room) == ["good", "good"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_10_mb_is_refused_before_it_is_read(room, chunked):
    def parts():
        for _ in range(10):
            yield b" " * (TEN_MB // 10)

    body = parts() if chunked else b" " * TEN_MB
    try:
        answer = room.public.answer("POST", f"{room.path}/events", token=room.publish_token, content=body)
    except OSError:  # the relay closed while we were still writing: it does not read on to be polite
        pass
    else:
        assert answer.status_code == 413
        assert answer.json()["code"] == "MESSAGE_TOO_LARGE"
        assert is_for_people(answer.json()["message"])
    post(room, GOOD)
    assert contents(room) == ["good"]


def test_a_body_with_nothing_good_in_it_is_refused_whole(room):
    for body in (b"{", b"[", b"7", b"[7]", b'"text"', b"\xff", b'{"author": "no type"}'):
        answer = post(room, body)
        assert answer.status_code == 422
        assert answer.json()["accepted"] == 0
        assert len(answer.json()["rejected"]) == 1
    assert post(room, b"").status_code in (200, 400, 422)
    assert room.history() == []


def junk(chance, depth=0):
    """Return a JSON value that no publisher should send."""
    leaves = [
        None, True, 0, -1, 2**70, 1e308, "", "x" * 5000, "\ud800", "\x00\x1b[2J", "a\u202eb", "chat.public",
        "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-02-17", "¼", "\u0661",
    ]  # fmt: skip
    if depth > 2 or chance.random() < 0.6:
        return chance.choice(leaves)
    if chance.random() < 0.5:
        return [junk(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {
        chance.choice(["type", "data", "id", "name", "__proto__"]): junk(chance, depth + 1) for _ in range(3)
    }


WHOLE = {
    "chat.public": {"author": "a", "author_type": "human", "content": "c", "reply_to": "r"},
    "task.created": {"task_id": "T", "title": "t", "creator": "c", "priority": "high"},
    "task.completed": {"task_id": "T", "agent_name": "a"},
    "agent.claimed_task": {"agent_name": "a", "agent_owner": "o", "task_id": "T"},
    "agent.status_change": {"agent_name": "a", "status": "idle", "progress": 5},
    "agent.joined": {"agent_name": "a"},
    "git.commit": {"sha": "abcdef1", "message": "m", "author": "a", "files_changed": ["f"], "additions": 1},
    "git.pr_opened": {"number": 1, "title": "t", "author": "a"},
    "member.left": {"name": "n"},
    "milestone.reached": {"title": "t"},
    "chat.human_message": {"content": "c"},
    "task.status": {"task_id": "T", "status": "done"},
    "room.state_changed": {"state": "active"},
    "participant.joined": {"participant_id": "p", "display_name": "d"},
    "agent.thinking": {"agent_id": "a"},
}


def test_junk_is_never_a_fault_of_the_relays_and_never_costs_a_good_event(room):
    chance = random.Random(422)
    for number in range(120):
        items = []
        for _ in range(20):
            kind = chance.choice(list(WHOLE))
            event = {"type": kind, **WHOLE[kind], "timestamp": "2026-02-17T21:03:00Z", "id": f"{number}"}
            for field in chance.sample(list(event), chance.randrange(1, 4)):
                event[field] = junk(chance)
            if chance.random() < 0.4:
                fields = {
                    name: event.pop(name) for name in list(event) if name not in ("type", "timestamp", "id")
                }
                event |= {"data": fields, "participant_id": junk(chance)}
            items.append(event)
        items.append({"type": "milestone.reached", "title": f"good {number}"})
        body = json.dumps(items).encode()
        if number % 4 == 0:  # as JSON Lines, some of them torn
            lines = [json.dumps(item).encode() for item in items]
            lines[0] = lines[0][: chance.randrange(len(lines[0]))] + b"\xff"
            body = b"\n".join(lines)
        answer = post(room, body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["accepted"] >= 1
    good = [event["title"] for event in room.history(types="milestone.reached") if "good" in event["title"]]
    assert good == [f"good {number}" for number in range(120)]


def test_a_room_that_does_not_exist_is_said_so(relay, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_bytes(GOOD)
    missing = operate("publish", "no-such-room", str(file), data=relay.data)
    assert missing.returncode == 1
    assert is_for_people(missing.stderr)
    assert "No public room has this name" in missing.stderr
    assert "0 accepted" in missing.stderr

    impossible = operate("publish", "no/such/room", str(file), data=relay.data)
    assert impossible.returncode == 2
    assert is_for_people(impossible.stderr)


def test_a_forged_token_is_said_so_and_never_shown(relay, room, tmp_path):
    (tmp_path / "token").write_text("ctp_f0rged_t0ken")
    done = operate(
        "publish", room.id, "-", "--relay", relay.url, "--token-file", str(tmp_path / "token"), stdin=GOOD
    )
    assert done.returncode == 1
    assert is_for_people(done.stderr)
    assert "token" in done.stderr
    assert "f0rged" not in done.stderr + relay.stderr
    assert room.history() == []


def test_no_relay_at_the_data_directory_or_the_address_is_said_so(tmp_path):
    nobody = operate("room", "list", data=tmp_path / "nowhere")
    assert nobody.returncode == 1
    assert "clawtank-relay serve" in nobody.stderr
    assert is_for_people(nobody.stderr)

    with socket.create_server((LOOPBACK, 0)) as server:
        url = f"http://{LOOPBACK}:{server.getsockname()[1]}"
    silent = operate("room", "show", "room", "--relay", url)
    assert silent.returncode == 1
    assert is_for_people(silent.stderr)


@pytest.mark.parametrize("file", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_is_said_so(relay, room, tmp_path, file):
    done = operate("publish", room.id, str(tmp_path / file), data=relay.data)
    assert done.returncode in (1, 2)
    assert is_for_people(done.stderr)
    assert file in done.stderr or str(tmp_path) in done.stderr


def refused_to_start(*options, data, **arguments):
    """Run `serve` that must not come up; return what it said."""
    words = serve_command(data, *options, **arguments)[3:]
    done = operate(*words)
    assert done.returncode == 1, done.stderr
    assert is_for_people(done.stderr), done.stderr
    assert done.stdout == ""
    return done.stderr


def test_a_busy_port_is_said_so_and_nothing_of_the_relay_stays_behind(serve, tmp_path):
    with busy_port() as port:
        complaint = refused_to_start(data=tmp_path / "data", port=port)
    assert str(port) in complaint
    assert "--port" in complaint
    assert serve().running, "the same directory starts at once elsewhere"


def test_a_data_directory_of_a_newer_version_is_said_so_and_left_as_it_is(serve):
    relay = serve(rooms=["room"])
    relay.stop()
    database = relay.data / "relay.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 4096")
    connection.close()
    before = database.read_bytes()

    complaint = refused_to_start(data=relay.data)

    assert "newer" in complaint
    assert "Upgrade" in complaint
    assert database.read_bytes() == before


def test_a_second_relay_over_the_same_data_is_refused_and_the_first_serves_on(serve):
    first = serve(rooms=["room"])

    complaint = refused_to_start(data=first.data, rooms=["another"])

    assert "in use by another relay" in complaint
    assert "--data" in complaint
    assert operate("room", "list", data=first.data).stdout.startswith("room "), (
        "commands still find the first"
    )


@pytest.mark.parametrize("kind", ["no database", "a file", "no parent"])
def test_data_that_cannot_be_used_is_said_so(tmp_path, kind):
    data = tmp_path / "data"
    if kind == "no database":
        data.mkdir()
        (data / "relay.db").write_bytes(b"this is no database, " * 500)
    else:
        data.write_text("a file")
    complaint = refused_to_start(data=data / "below" if kind == "no parent" else data)
    assert str(data) in complaint


def test_what_serve_cannot_use_is_bad_usage(tmp_path):
    toml = tmp_path / "relay.toml"
    toml.write_text("[limits]\nconections_per_address = 3\n")
    for words, named in [
        (["--config", str(toml), "--port", "70000"], "conections_per_address"),
        (["--room", "no/room"], "no/room"),
        (["--tls-cert", str(toml)], "--tls-key"),
    ]:
        done = operate("serve", "--data", str(tmp_path / "data"), *words)
        assert done.returncode == 2, (words, done.stderr)
        assert named in done.stderr
        assert is_for_people(done.stderr)
    misspelt = operate(
        "serve", "--data", str(tmp_path / "data"), env={"CLAWTANK_RELAY_LIMITS__CONECTIONS": "3"}
    )
    assert misspelt.returncode == 2
    assert "conections" in misspelt.stderr
    assert not (tmp_path / "data").exists(), "nothing is made before the usage is right"


def test_what_is_no_repository_is_said_so(tmp_path):
    done = operate(
        "serve", "--data", str(tmp_path / "data"), "--port", "0", "--room", "r", "--git", str(tmp_path)
    )
    assert done.returncode == 1
    assert is_for_people(done.stderr)
    assert "git" in done.stderr


def allow(relay, size):
    """Let no file of a running relay grow beyond a size, as a full disk would; None lifts that again."""
    unlimited = resource.RLIM_INFINITY
    resource.prlimit(relay.pid, resource.RLIMIT_FSIZE, (unlimited if size is None else size, unlimited))


@pytest.mark.spec("ERR-6", "RECOV-8")
async def test_a_full_disk_is_an_error_to_publishers_and_no_loss_to_anybody(serve):
    relay = serve(rooms=["room"])
    acknowledged = []
    with Api(relay.url, relay.operator_token) as api:

        async def publish(text):
            event = {**chat_event(text * 100), "id": text}
            answer = await asyncio.to_thread(api.answer, "POST", "/rooms/room/events", json=event)
            if answer.status_code == 200:
                acknowledged.extend([text * 100] * answer.json()["accepted"])
            return answer

        async with watching(relay.url, "room") as viewer:
            await viewer.welcome()
            for number in range(20):
                await publish(f"before {number}")
            allow(relay, max(file.stat().st_size for file in relay.data.iterdir()))
            refused = None
            for number in range(500):
                answer = await publish(f"tight {number}")
                if answer.status_code != 200:
                    refused = f"tight {number}"
                    break
            assert answer.status_code == 500
            error = answer.json()
            assert error["code"] == "INTERNAL"
            assert is_for_people(error["message"])
            assert not error["permanent"]
            assert "relay.db" not in error["message"], "how it is stored is nobody's business"
            assert relay.running
            assert api.answer("GET", "/healthz").status_code == 200

            await viewer.chat("is anything wrong?", message_id="mine")
            told = await viewer.until(lambda m: m["data"].get("ref") == "mine")
            assert told["type"] in ("spectator.error", "spectator.chat_message")
            async with watching(relay.url, "room") as newcomer:
                assert (await newcomer.welcome())["room_info"]["id"] == "room"

            allow(relay, None)
            assert refused is not None
            repeated = await publish(refused)
            assert repeated.json()["accepted"] == 1, (
                "what was refused was not kept, so its repeat is no duplicate"
            )
            await publish("after")
            live = await viewer.events(len(acknowledged))
        assert [event["content"] for event in live] == acknowledged
        assert [event["content"] for event in api.history("room", limit=1000)] == acknowledged
    relay.kill()
    assert '"level": "error"' in relay.stderr, "a failed write is loud"
    assert "tight" not in relay.stderr, "and says nothing of what was to be written"

    again = serve(rooms=["room"])
    with Api(again.url) as api:
        assert [event["content"] for event in api.history("room", limit=1000)] == acknowledged


def test_a_relay_that_finds_no_room_on_the_disk_does_not_start(tmp_path):
    if shutil.which("sh") is None:
        pytest.skip("needs a shell's ulimit")
    import subprocess

    from support.operating import command_environment

    words = serve_command(tmp_path / "data", rooms=["room"])
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *words],
        capture_output=True,
        env=command_environment(),
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert is_for_people(done.stderr.decode()), done.stderr.decode()


POST = b"POST /rooms/room/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\n"


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    limits = {**UNLIMITED, "request_s": 1, "header_bytes": 4096}
    relay = RelayProcess.start(tmp_path_factory.mktemp("impatient") / "data", rooms=["room"], limits=limits)
    yield relay
    assert relay.stop() == 0
    assert '"level": "error"' not in relay.stderr


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (b"", 408),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", 408),
        (POST + b"Content-Length: 100\r\n\r\n[", 408),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[", 408),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 5000, 431),
        (b"GET /" + b"x" * 5000, 431),
        (POST + b"Content-Length: 99999999\r\n\r\n", 413),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"hello\r\n\r\n", 400),
    ],
)
async def test_a_request_that_never_ends_or_is_none_is_answered_and_let_go(impatient, start, status):
    reader, writer = await asyncio.open_connection(LOOPBACK, impatient.port)
    writer.write(start.replace(b"TOKEN", impatient.operator_token.encode()))
    async with asyncio.timeout(8):
        answer = await reader.read()
    writer.close()
    assert answer.split()[1] == str(status).encode()
    with Api(impatient.url) as api:
        assert api.answer("GET", "/healthz").status_code == 200
