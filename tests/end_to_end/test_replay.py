"""`clawtank replay` as a viewer uses it: a file goes in, and nothing private comes out at any outlet."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from relay.protocol.times import parse_instant
from support.operating import is_for_people

CLAWTANK = [sys.executable, "-c", "from clawtank_tui.cli import main; main()"]
WAIT_S = 40
MARK = "MARK-4711"
SECRET = (
    "ghp_" + "Zq7Rk2Lm9Xc4Vb8Nj3Hd6Fw1Ts5Gp0Ya4Ue2"
)  # in two parts: no scanner of ours or others stumbles over it


def environment(tmp: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CLAWTANK_")}
    return clean | {"TZ": "UTC", "PYTHONWARNINGS": "error", "TMPDIR": str(tmp)}


def replay(
    tmp_path: Path, *words: str, content: bytes | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """Play content as a file, or whatever the words name, to the end; nothing temporary may be left."""
    tmp = tmp_path / "tmp"
    tmp.mkdir(exist_ok=True)
    if content is not None:
        (tmp_path / "todo.json").write_bytes(content)
        words = (str(tmp_path / "todo.json"), *words)
    done = subprocess.run(
        [*CLAWTANK, "replay", *words],
        input=stdin,
        capture_output=True,
        timeout=WAIT_S,
        env=environment(tmp),
        check=False,
    )
    assert not list(tmp.iterdir())
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def at(t: float, kind: str, **fields: Any) -> dict[str, Any]:
    return {"t": t, "type": kind, **fields}


def session(*events: dict[str, Any]) -> bytes:
    meta = {
        "room": MARK,
        "description": MARK,
        "participants": {"humans": ["alice"], "agents": [{"model": MARK}]},
    }
    return json.dumps({"meta": meta, "events": events}).encode()


JOINED = at(2, "agent.joined", data={"agent_id": "a1", "name": "Claude", "owner": "alice", "model": MARK})
TASK = {"agent_id": "a1", "task_id": "t1"}
EVERY_TYPE = [
    at(0, "room.created", data={"name": MARK}),
    at(1, "human.message", **{"from": "alice"}, text="Let's go 🎉\n`make test`", data={"note": MARK}),
    JOINED,
    at(2.5, "agent.message", **{"from": "a1"}, text="On it"),
    at(3, "task.created", data={"task_id": "t1", "title": "Write it", "description": MARK}),
    at(4, "task.claim", data={**TASK, "reason": MARK}),
    at(4.5, "task.claim_accepted", data={**TASK, "reason": MARK}),
    at(5, "agent.status", data={**TASK, "status": "executing", "detail": MARK}),
    at(6, "agent.status", data={**TASK, "status": MARK}),
    at(
        60,
        "git.commit",
        data={**TASK, "branch": "b", "commit_sha": "a1b2c3d", "message": f"feat: x\n\n{MARK}"},
    ),
    at(
        61,
        "git.merge",
        data={"from_branch": "b", "to_branch": "main", "merge_commit": "b2c3d4e", "who": MARK},
    ),
    at(62, "task.completed", data={**TASK, "deliverables": [MARK]}),
    at(3600, "room.stats", data={"messages": MARK}),
    at(3601, "room.activity_summary", data={"text": MARK}),
    at(3602, "room.hologram", data={"text": MARK}),
]


@pytest.mark.spec("FEED-8")
def test_a_session_of_every_type_is_mapped_or_quietly_hidden_and_keeps_its_times(tmp_path: Path) -> None:
    done = replay(tmp_path, "--json", "--speed", "max", content=session(*EVERY_TYPE))

    assert done.returncode == 0
    welcome, *frames = map(json.loads, done.stdout.splitlines())
    assert welcome["data"]["room_info"]["name"] == "todo.json"
    events = [event for frame in frames for event in frame["data"]["events"]]
    assert [event["type"] for event in events] == [
        "chat.public",
        "agent.joined",
        "chat.public",
        "task.created",
        "agent.claimed_task",
        "agent.status_change",
        "git.commit",
        "git.commit",
        "task.completed",
    ]
    times = [parse_instant(event["timestamp"]) or 0 for event in events]
    assert [at_ms - times[0] for at_ms in times] == [0, 1000, 1500, 2000, 3500, 4000, 59_000, 60_000, 61_000]
    assert [frame["data"]["after"] for frame in frames] == [
        frame["data"]["cursor"] for frame in [welcome, *frames[:-1]]
    ]
    assert len({frame["id"] for frame in frames}) == len(frames)
    assert MARK not in done.stdout + done.stderr
    assert done.stderr == (
        "clawtank: Not played: 6 hidden, because spectators are never shown such events.\n"
    )


@pytest.mark.parametrize("mode", ["--plain", "--json"])
@pytest.mark.parametrize("shape", ["session", "lines", "page", "standard input"])
def test_a_secret_in_a_recording_is_redacted_at_every_outlet(tmp_path: Path, shape: str, mode: str) -> None:
    said = {
        "type": "chat.public",
        "author": "alice",
        "author_type": "human",
        "content": f"use {SECRET}, please",
    }
    made = {"type": "task.created", "task_id": "t", "title": f"Rotate {SECRET}", "creator": SECRET}
    lines = "\n".join(map(json.dumps, (said, made))).encode()
    match shape:
        case "session":
            message = at(0, "human.message", **{"from": SECRET}, text=f"use {SECRET}, please")
            task = at(0, "task.created", data={"task_id": "t", "title": f"Rotate {SECRET}"})
            done = replay(tmp_path, mode, "--speed", "max", content=session(message, task))
        case "page":
            page = json.dumps({"room_id": SECRET, "events": [said, made]}).encode()
            done = replay(tmp_path, mode, "--speed", "max", content=page)
        case "lines":
            done = replay(tmp_path, mode, "--speed", "max", content=lines)
        case _:
            done = replay(tmp_path, "-", mode, "--speed", "max", stdin=lines)

    assert (done.returncode, done.stderr) == (0, "")
    assert "use [KEY], please" in done.stdout
    assert "Rotate [KEY]" in done.stdout
    assert SECRET not in done.stdout


def test_lines_take_their_time(tmp_path: Path) -> None:
    words = [at(t, "human.message", **{"from": "alice"}, text=f"after {t} s") for t in (0, 16, 48)]
    began_s = time.monotonic()
    done = replay(tmp_path, "--speed", "32", content=session(*words))

    assert time.monotonic() - began_s >= 48 / 32, "played, not poured"
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.partition(" ")[2] for line in lines] == [f"alice: after {t} s" for t in (0, 16, 48)]
    seconds = [
        sum(int(part) * 60**place for place, part in enumerate(reversed(line[:8].split(":"))))
        for line in lines
    ]
    assert [(later - earlier) % 86_400 for earlier, later in pairwise(seconds)] == [16, 32]


def test_events_keep_the_date_they_were_recorded_on(tmp_path: Path) -> None:
    events = [
        {"type": "milestone.reached", "title": "It works", "timestamp": "2026-02-17T21:00:00Z"},
        {"type": "room.state_changed", "data": {"state": "completed"}},
    ]
    done = replay(tmp_path, "--speed", "max", content=json.dumps(events).encode())

    assert done.stdout.startswith("2026-02-17 21:00:00 milestone  It works\n")
    assert "The room is now completed." in done.stdout


def test_what_could_not_be_played_is_told_at_the_end(tmp_path: Path) -> None:
    good = {"type": "milestone.reached", "title": "It works", "id": "m1"}
    lines = [good, good, {"type": "room.hologram"}, {"type": "task.created", "task_id": MARK}]
    content = "\n".join([*map(json.dumps, lines), "{"]).encode()
    done = replay(tmp_path, "--speed", "max", content=content)

    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert done.stderr == (
        "clawtank: Not played: 1 hidden, because spectators are never shown such events; 1 repeated; "
        "2 refused (first, line 5: it is not valid JSON).\n"
    )


@pytest.mark.parametrize(
    ("content", "next_step"),
    [
        (b"", "name a ClawTank session-replay file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "name a ClawTank session-replay file"),
        (b'{"type":"room.hologram"}', "1 hidden"),
        (session(), "it has no events"),
        (session(at(0, "room.stats")), "1 hidden"),
        (b'{"type":"chat.public"}', "event 1: chat.public"),
        (b" " * (32 * 1024 * 1024 + 1), "split it"),
    ],
    ids=["empty", "binary", "hidden", "no events", "hidden session", "refused", "too large"],
)
def test_what_cannot_be_played_is_one_sentence_and_code_1(
    tmp_path: Path, content: bytes, next_step: str
) -> None:
    done = replay(tmp_path, content=content)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("clawtank: ")
    assert is_for_people(done.stderr)
    assert next_step in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "next_step"),
    [
        (["no-such-file"], 1, "clawtank watch ROOM"),
        (["."], 1, "name a recording"),
        (["bad\x1bname"], 1, "name a recording"),
        (["x", "--speed", "0"], 2, "0.25 to 64, or max"),
        (["x", "--speed", "65"], 2, "0.25 to 64, or max"),
        (["x", "--speed", "fast"], 2, "0.25 to 64, or max"),
        (["x", "--speed", "nan"], 2, "0.25 to 64, or max"),
    ],
)
def test_bad_usage_is_one_sentence(tmp_path: Path, words: list[str], code: int, next_step: str) -> None:
    done = replay(tmp_path, *words)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("\n") == 1
    assert is_for_people(done.stderr)
    assert "\x1b" not in done.stderr
    assert next_step in done.stderr


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    said = {"type": "chat.public", "author": "alice", "author_type": "human", "content": "x" * 400}
    content = "\n".join([json.dumps(said)] * 400).encode()
    file = tmp_path / "long.jsonl"
    file.write_bytes(content)
    reader, writer = os.pipe()
    with subprocess.Popen(
        [*CLAWTANK, "replay", str(file), "--speed", "max"],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environment(tmp_path),
    ) as process:
        os.close(writer)
        os.close(reader)
        _, err = process.communicate(timeout=WAIT_S)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_ends_the_demo_and_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    process = await asyncio.create_subprocess_exec(
        *CLAWTANK,
        "demo",
        "--plain",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(tmp_path),
    )
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_S):
        assert await process.stdout.readline()
        assert os.listdir(tmp_path), "the relay keeps its log here"
        process.send_signal(number)
        _, err = await process.communicate()
    assert (process.returncode, err) == (code, b"")
    assert not os.listdir(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
async def test_ctrl_c_ends_a_replay_with_130(tmp_path: Path) -> None:
    file = tmp_path / "slow.json"
    file.write_bytes(session(at(0, "human.message", text="first"), at(9999, "human.message", text="last")))
    (tmp := tmp_path / "tmp").mkdir()
    process = await asyncio.create_subprocess_exec(
        *CLAWTANK,
        "replay",
        str(file),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(tmp),
    )
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_S):
        assert (await process.stdout.readline()).endswith(b"someone: first\n")
        assert not list(tmp.iterdir()), "what is played needs no relay any more"
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_on_a_terminal_it_opens_the_screen(tmp_path: Path) -> None:
    from support.terminal import Terminal

    file = tmp_path / "todo.json"
    file.write_bytes(session(*EVERY_TYPE))
    program = "import sys; sys.argv[0] = 'clawtank'; from clawtank_tui.cli import main; main()"
    with Terminal(
        [sys.executable, "-c", program, "replay", str(file)], env={"TMPDIR": str(tmp_path)}
    ) as terminal:
        terminal.wait_for("a recording")
        terminal.send(" ")
        terminal.wait_for("paused")
        terminal.send("e")
        terminal.wait_for(lambda text: "the end 1:02 / 1:02" in text and "completed Write it" in text)
        terminal.wait_quiet(0.6)
        before = terminal.bytes_written
        terminal.wait_quiet(1.5)
        assert terminal.bytes_written == before, "what is over writes nothing"
        terminal.send("q")
        assert terminal.wait_exit() == 0
        after = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :].decode()
    assert "Not played: 6 hidden" in after
    assert MARK.encode() not in terminal.raw
    assert [entry.name for entry in tmp_path.iterdir()] == ["todo.json"]
