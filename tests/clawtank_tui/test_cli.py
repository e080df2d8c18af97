"""`clawtank` as a user runs it: a process, its output, its exit code."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest

from support.fake_relay import activity, batch, drops, error, event, fake_relay, resumed, says, welcome
from support.ports import LOOPBACK, free_port

CLAWTANK = [sys.executable, "-c", "from clawtank_tui.cli import main; main()"]
WAIT_S = 30


def environment(**changes):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CLAWTANK_")}
    return {**clean, "TZ": "UTC", "PYTHONWARNINGS": "error", **changes}


def run(*arguments, **changes):
    """Run a command to its end."""
    return subprocess.run(
        [*CLAWTANK, *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=WAIT_S,
        env=environment(**changes),
        check=False,
    )


class Running:
    """A command in progress."""

    def __init__(self, process):
        self.process = process

    async def line(self):
        async with asyncio.timeout(WAIT_S):
            return (await self.process.stdout.readline()).decode().rstrip("\n")

    async def end(self):
        async with asyncio.timeout(WAIT_S):
            out, err = await self.process.communicate()
        return self.process.returncode, (out or b"").decode(), err.decode()


async def start(*arguments, stdout=asyncio.subprocess.PIPE):
    return Running(
        await asyncio.create_subprocess_exec(
            *CLAWTANK, *arguments, stdout=stdout, stderr=asyncio.subprocess.PIPE, env=environment()
        )
    )


def is_one_sentence(text):
    return text.count("\n") == 1 and text.startswith("clawtank: ") and "Traceback" not in text


@pytest.mark.parametrize(
    "arguments",
    [[], ["watch"], ["rooms"], ["replay"], ["demo"]],
    ids=["clawtank", "watch", "rooms", "replay", "demo"],
)
def test_help_is_on_all_of_it(arguments):
    done = run(*arguments, "--help")

    assert done.returncode == 0
    assert "Usage: clawtank" in done.stdout or "Usage: -c" in done.stdout
    assert done.stderr == ""


def test_help_imports_nothing_heavy():
    code = """
import sys
from clawtank_tui.cli import main
sys.argv = ["clawtank", "--help"]
try:
    main()
finally:
    print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=WAIT_S, check=True
    )

    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "typer" in loaded
    assert loaded.isdisjoint({"textual", "pydantic", "websockets", "httpx", "rich", "asyncio"})


def test_the_version_is_told():
    assert run("--version").stdout == "clawtank 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "next_step"),
    [
        (["watch", "no/room"], "clawtank rooms"),
        (["watch", "room", "--types", "chat,weather"], "Choose from"),
        (["watch", "room", "--since", "yesterday"], "2h"),
        (["watch", "room", "--relay", "relay"], "wss://"),
        (["rooms", "--relay", "ftp://relay"], "wss://"),
        (["watch", "room", "--token-file", "/nonexistent/token"], "--token-file"),
        (["watch", "room", "--ca-file", os.devnull], "PEM"),
        (["watch", "room", "--batched", "--every", "301s"], "1s to 300s"),
        (["watch", "room", "--batched", "--every", "0"], "1s to 300s"),
        (["watch", "room", "--low-bandwidth", "--every", "soon"], "1s to 300s"),
        (["watch", "room", "--every", "30s"], "--batched"),
    ],
)
def test_bad_usage_is_one_sentence_with_the_next_step_and_code_2(arguments, next_step):
    done = run(*arguments)

    assert done.returncode == 2
    assert is_one_sentence(done.stderr)
    assert next_step in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [["watch"], ["watch", "room", "--colour"], ["play", "room"]])
def test_an_unknown_usage_is_code_2(arguments):
    done = run(*arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_token_is_refused_in_the_clear_and_warned_about_on_the_command_line():
    done = run("watch", "room", "--token", "t0ken", "--relay", "ws://relay.example")

    assert done.returncode == 2
    assert "--token-file" in done.stderr
    assert "--insecure" in done.stderr
    assert "t0ken" not in done.stderr
    by_environment = run("watch", "room", "--relay", "ws://relay.example", CLAWTANK_TOKEN="t0ken")
    assert by_environment.returncode == 2
    assert is_one_sentence(by_environment.stderr)


@pytest.mark.parametrize("arguments", [["watch", "room"], ["watch", "room", "--json"], ["rooms"]])
def test_no_relay_at_the_address_is_one_sentence_and_code_1(arguments):
    done = run(*arguments, "--relay", f"ws://{LOOPBACK}:{free_port()}")

    assert done.returncode == 1
    assert is_one_sentence(done.stderr)
    assert "clawtank-relay serve" in done.stderr


async def test_without_a_terminal_watch_prints_lines_as_they_happen():
    async with fake_relay(says(welcome(), activity(0, event(1), event(2)))) as relay:
        watch = await start("watch", "room", "--relay", relay.url)
        lines = [await watch.line() for _ in range(3)]
        watch.process.send_signal(signal.SIGINT)
        code, _, err = await watch.end()

    assert lines[0].endswith("0 watching, peak 0")
    assert [line[-13:] for line in lines[1:]] == ["alice: line 1", "alice: line 2"]
    assert (code, err) == (130, "")


@pytest.mark.spec("WIRE-8", "WIRE-12")
async def test_json_prints_each_envelope_once_and_leaves_out_the_expired_and_unknown():
    expired = activity(1, event(2), metadata={"expires_at": "2026-02-17T11:00:00Z"})
    unknown = {"id": "x", "type": "spectator.hologram", "timestamp": "x", "data": {}, "depth": 3}
    script = [
        drops(welcome(), activity(0, event(1)), expired, unknown, activity(2, {**event(3), "mood": "good"})),
        says(resumed(3), activity(2, event(3), event(4))),
    ]
    async with fake_relay(*script) as relay:
        watch = await start(
            "watch", "room", "--json", "--relay", relay.url, "--since", "2h", "--types", "chat"
        )
        envelopes = [json.loads(await watch.line()) for _ in range(5)]
        watch.process.send_signal(signal.SIGINT)
        code, _, err = await watch.end()

    events = [item["seq"] for message in envelopes for item in message["data"].get("events", [])]
    assert events == [1, 3, 4]
    assert [relay.visits[0].asked[option] for option in ("since", "types")] == ["2h", "chat"]
    assert code == 130
    assert err.splitlines()[-1].endswith("The line is back.")


@pytest.mark.spec("ERR-5")
async def test_a_refusal_for_good_ends_with_its_sentence_and_code_1():
    async with fake_relay(drops(error("ROOM_NOT_FOUND", permanent=True), code=4404)) as relay:
        watch = await start("watch", "room", "--relay", relay.url)
        code, out, err = await watch.end()

    assert (code, out, err) == (1, "", "clawtank: This is ROOM_NOT_FOUND.\n")
    assert len(relay.visits) == 1


@pytest.mark.parametrize("mode", ["--plain", "--json"])
async def test_a_closed_pipe_is_quiet(mode):
    async def chatters(visit):
        await visit.say(welcome())
        for seq in range(1, 10_000):
            await visit.say(activity(seq - 1, event(seq)))
            await asyncio.sleep(0)

    reader, writer = os.pipe()
    async with fake_relay(chatters) as relay:
        watch = await start("watch", "room", mode, "--relay", relay.url, stdout=writer)
        os.close(writer)
        os.close(reader)
        code, _, err = await watch.end()

    assert (code, err) == (0, "")


@pytest.mark.parametrize("mode", ["--plain", "--json"])
@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (["--batched"], {"frequency": "batched", "interval_s": "30"}),
        (["--batched", "--every", "5m"], {"frequency": "batched", "interval_s": "300"}),
        (["--low-bandwidth"], {"low_bandwidth": "true", "interval_s": "30"}),
        (["--batched", "--low-bandwidth", "--every", "1"], {"low_bandwidth": "true", "interval_s": "1"}),
    ],
)
async def test_batches_are_asked_for_and_printed_like_what_comes_at_once(mode, options, asked):
    async with fake_relay(says(welcome(), batch(0, event(1), event(2)), batch(1, event(2)))) as relay:
        watch = await start("watch", "room", mode, *options, "--relay", relay.url)
        lines = [await watch.line() for _ in range(3 if mode == "--plain" else 2)]
        watch.process.send_signal(signal.SIGINT)
        code, out, _ = await watch.end()

    wanted = {name: relay.visits[0].asked.get(name) for name in ("frequency", "interval_s", "low_bandwidth")}
    assert {name: value for name, value in wanted.items() if value} == asked
    if mode == "--plain":
        assert [line[-13:] for line in lines[1:]] == ["alice: line 1", "alice: line 2"]
    else:
        assert [item["seq"] for item in json.loads(lines[1])["data"]["events"]] == [1, 2]
        assert json.loads(lines[1])["data"]["batch_id"] == "abcdefgh-0-2"
    assert (code, out) == (130, "")


async def test_a_token_file_is_used_and_nothing_else_of_it_is_seen(tmp_path):
    file = tmp_path / "token"
    file.write_text("t0ken\n")
    async with fake_relay(says(welcome())) as relay:
        watch = await start(
            "watch", "room", "--json", "--relay", relay.url, "--token-file", str(file), "--name", "A\x1bda"
        )
        line = await watch.line()
        watch.process.send_signal(signal.SIGINT)
        _, out, err = await watch.end()

    assert relay.visits[0].headers["Authorization"] == "Bearer t0ken"
    assert relay.visits[0].asked["name"] == "A\ufffdda"
    assert "t0ken" not in line + out + err


@pytest.fixture
async def directory():
    """A relay's HTTP side with two rooms."""
    rooms = [
        {
            "id": "busy",
            "name": "Busy \x1b[2J",
            "state": "active",
            "spectators": 12,
            "peak": 40,
            "features": ["chat"],
        },
        {"id": "quiet", "name": "Quiet", "state": "lobby", "spectators": 0, "peak": 1, "features": []},
    ]
    body = json.dumps({"rooms": rooms}).encode()

    async def answer(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        assert request.startswith(b"GET /rooms HTTP/1.1\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)
        )
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, LOOPBACK, 0) as server:
        yield f"ws://{LOOPBACK}:{server.sockets[0].getsockname()[1]}", rooms


async def test_rooms_are_listed_as_the_relay_ordered_them(directory):
    url, rooms = directory
    code, out, err = await (await start("rooms", "--relay", url)).end()

    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["ROOM", "busy", "quiet"]
    assert "\x1b" not in out

    code, out, _ = await (await start("rooms", "--json", "--relay", url)).end()
    assert (code, json.loads(out)) == (0, rooms)
    assert "\x1b" not in out


async def test_what_is_no_relay_is_said_so():
    async with fake_relay(says(welcome()), refusals=[(404, {})] * 2) as relay:
        for command in (["rooms"], ["watch", "room"]):
            code, _, err = await (await start(*command, "--relay", relay.url)).end()
            assert code == 1
            assert "not a ClawTank relay (HTTP 404)" in err
            assert is_one_sentence(err)
