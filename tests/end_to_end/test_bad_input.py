"""Whatever goes wrong is said in a clear sentence, and nothing but what was wrong is lost."""

import json
import random
import socket

import pytest

from support.clients import chat_event
from support.operating import is_for_people, operate, post
from support.ports import LOOPBACK

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
    assert "No room has this name" in missing.stderr
    assert "accepted" not in missing.stderr, "no count of nothing beside the reason"

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
