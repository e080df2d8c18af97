"""`clawtank-relay` as an operator uses it: a process, what it prints, its exit code, and what came of it."""

import asyncio
import json
import os
import signal
import stat
import subprocess

import httpx
import pytest

from relay import __version__
from support.clients import Api, chat_event, watching
from support.operating import command, command_environment, is_for_people, operate
from support.relay_process import UNLIMITED

COMMANDS = [
    [],
    ["serve"],
    ["publish"],
    ["hook"],
    ["room"],
    *(["room", name] for name in ("create", "list", "show", "set", "close")),
    ["token"],
    *(["token", name] for name in ("create", "viewer", "list", "revoke")),
    ["config"],
    ["config", "check"],
]
ROOM = "room_abc123"


def done(*words, data, **how):
    """Run a command that must succeed without a word of complaint; return what it printed."""
    result = operate(*words, data=data, **how)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def refused(*words, data, code=1, **how):
    """Run a command that must fail; return its complaint."""
    result = operate(*words, data=data, **how)
    assert result.returncode == code, result
    assert is_for_people(result.stderr), result.stderr
    assert result.stdout == ""
    return result.stderr


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_on_all_of_it(words):
    result = operate(*words, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Usage:" in result.stdout
    for later in ("--nats", "--workers", "doctor", "export", "forget"):
        assert later not in result.stdout, "help promises nothing that is not there"


def test_the_version_is_told():
    assert operate("--version").stdout == f"clawtank-relay {__version__}\n"


@pytest.mark.parametrize(
    "words", [["serve", "--colour"], ["play"], ["room", "paint"], ["publish"]], ids=" ".join
)
def test_bad_usage_is_code_2(words):
    result = operate(*words)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_rooms_are_made_and_found_by_name_and_kept_over_a_restart(serve):
    relay = serve(rooms=[ROOM])
    data = relay.data
    made = json.loads(done("room", "create", "our-1", "--private", "--name", "Our room", "--json", data=data))
    assert (made["visibility"], made["settings"]["preset"]) == ("private", "open")
    told = done("room", "create", "limited-1", "--preset", "limited", data=data)
    assert told.startswith("limited-1  public  limited\n")
    assert "host token" in told
    assert "exists already" in refused("room", "create", "limited-1", data=data)

    listed = done("room", "list", data=data).splitlines()
    assert [line.split()[0] for line in listed] == [ROOM, "our-1", "limited-1"]
    assert "Our room" in listed[1]
    with Api(relay.url) as public:
        assert {room["id"] for room in public.call("GET", "/rooms")["rooms"]} == {ROOM, "limited-1"}
    relay.kill()
    again = serve()
    kept = json.loads(done("room", "list", "--json", "--data", str(again.data), data=None))
    assert [room["id"] for room in kept] == [ROOM, "our-1", "limited-1"], "in the order they were made in"


def test_settings_are_shown_and_changed_by_dotted_names_all_or_none(serve):
    data = serve(rooms=[ROOM]).data
    done("room", "set", ROOM, "visibleEvents.publicChat=false", "maxSpectators=7", data=data)
    complaint = refused("room", "set", ROOM, "maxSpectators=9", "visibleEvents.weather=true", data=data)
    assert "visibleEvents.weather" in complaint

    shown = done("room", "show", ROOM, data=data)
    assert "visibleEvents.publicChat = false\n" in shown
    assert "maxSpectators = 7\n" in shown
    assert 'preset = "custom"\n' in shown
    assert "publicChat=false" in refused("room", "set", ROOM, "maxSpectators", data=data, code=2)
    assert done("room", "set", ROOM, "--preset", "open", data=data) == (
        f"{ROOM} is public, open.\n  maxSpectators: 7 → 1000\n  visibleEvents.publicChat: false → true\n"
    )
    assert done("room", "set", ROOM, "--preset", "open", data=data) == f"{ROOM} is public, open.\n"
    assert "clawtank-relay room list" in refused("room", "show", "no-such-room", data=data)
    assert 'hiddenWords: must be a list, as in ["' in refused("room", "set", ROOM, "hiddenWords=7", data=data)


def test_what_is_secret_on_the_disk_is_its_owners_alone(serve):
    data = serve(rooms=[ROOM]).data
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for name in ("operator.token", "relay.key", "relay.json", "relay.db", "relay.db-wal", "relay.db-shm"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600


def test_a_closed_room_stays_closed_whatever_its_publisher_says(serve):
    relay = serve(rooms=[ROOM])
    done("room", "close", ROOM, data=relay.data)
    again = {"type": "room.state_changed", "data": {"state": "active"}}
    sent = operate("publish", ROOM, "-", data=relay.data, stdin=json.dumps(again).encode())
    assert (sent.returncode, sent.stderr) == (
        1,
        "This room was closed for good. Create another one, under another name, to go on.\n",
    )
    assert "  closed  " in done("room", "list", data=relay.data)
    changed = operate("room", "set", ROOM, "enabled=true", data=relay.data)
    assert (changed.returncode, "closed for good" in changed.stderr) == (0, True)


async def test_closing_a_room_tells_its_viewers(serve):
    relay = serve(rooms=[ROOM])
    async with watching(relay.url, ROOM) as viewer:
        await viewer.welcome()
        await asyncio.to_thread(done, "room", "close", ROOM, data=relay.data)
        assert await viewer.closed() == 4404
    assert viewer.seen[-1]["data"]["code"] == "ROOM_NOT_FOUND"
    relay.stop()
    again = serve()
    with Api(again.url) as public:
        assert public.answer("GET", f"/rooms/{ROOM}").status_code == 404, "closed over the restart too"


def test_a_publish_token_publishes_from_elsewhere_until_it_is_revoked(serve, tmp_path):
    relay = serve(rooms=[ROOM])
    data = relay.data
    token = done("token", "create", ROOM, "--scope", "publish", "--name", "ci", data=data)
    assert token.count("\n") == 1
    assert " " not in token.strip(), "a token and nothing else, for a script to take"
    assert "publish, participate, moderate or host" in refused(
        "token", "create", ROOM, "--scope", "rule", data=data, code=2
    )

    (tmp_path / "token").write_text(token)
    elsewhere = ["--relay", relay.url, "--token-file", str(tmp_path / "token")]
    sent = operate("publish", ROOM, "-", *elsewhere, stdin=json.dumps(chat_event("hi")).encode())
    assert (sent.returncode, sent.stderr) == (0, "1 accepted, 0 there already, 0 hidden, 0 refused.\n")
    refused("room", "show", ROOM, *elsewhere, data=None)
    bare = operate("publish", ROOM, "-", "--relay", relay.url, stdin=json.dumps(chat_event("hi")).encode())
    assert (bare.returncode, "--token-file" in bare.stderr) == (1, True)

    (listed,) = json.loads(done("token", "list", "--json", data=data))
    assert (listed["scope"], listed["name"], listed["room"]) == ("publish", "ci", ROOM)
    done("token", "revoke", listed["id"], data=data)
    with_environment = {"CLAWTANK_TOKEN": token.strip()}
    again = operate(
        "publish",
        ROOM,
        "-",
        *elsewhere[:2],
        stdin=json.dumps(chat_event("hi")).encode(),
        env=with_environment,
    )
    assert again.returncode == 1
    assert "token" in again.stderr
    text = done("token", "list", data=data)
    assert text.count("revoked") == 1
    assert token.strip() not in text


async def test_a_viewer_token_names_a_viewer_until_it_is_revoked(serve):
    relay = serve(rooms=[ROOM])
    token = done("token", "viewer", "--name", "Marta", "--verified", data=relay.data).strip()
    with Api(relay.url, relay.operator_token) as operator:
        (listed,) = operator.call("GET", "/tokens")["tokens"]
    async with watching(relay.url, ROOM, token=token) as viewer:
        spectator = (await viewer.welcome())["spectator"]
        assert (spectator["state"], spectator["display_name"]) == ("verified", "Marta")
        await asyncio.to_thread(done, "token", "revoke", listed["id"], data=relay.data)
        assert await viewer.closed() == 4402
    assert viewer.seen[-1]["data"]["code"] == "AUTH_INVALID"
    refused("token", "revoke", "0123456789", data=relay.data)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_relay_that_is_stopped_tells_its_viewers_and_keeps_what_it_acknowledged(serve, number):
    relay = serve(rooms=[ROOM])
    accepted = 0

    def feed():
        nonlocal accepted
        with Api(relay.url, relay.operator_token) as api:
            while True:
                try:
                    answer = api.answer("POST", f"/rooms/{ROOM}/events", json=chat_event(str(accepted)))
                except httpx.TransportError:
                    return
                if answer.status_code != 200:
                    return
                accepted += 1

    async with watching(relay.url, ROOM) as one, watching(relay.url, ROOM, compression=None) as other:
        start = (await one.welcome())["cursor"]
        await other.welcome()
        feeding = asyncio.ensure_future(asyncio.to_thread(feed))
        await one.events(20)
        relay.signal(number)
        for viewer in (one, other):
            assert await viewer.closed() == 1012
            notice = viewer.seen[-1]
            assert (notice["type"], notice["data"]["kind"]) == ("spectator.notice", "reconnect")
            assert 0 < notice["data"]["after_ms"] <= 10_000
        await feeding
    assert await asyncio.to_thread(relay.wait) == (0 if number == signal.SIGTERM else 130)
    assert "Traceback" not in relay.stderr
    assert relay.stdout.count("\n") == 1, "one line, when it was ready"
    assert not (relay.data / "relay.json").exists(), "commands do not look for it any more"

    again = serve()
    with Api(again.url) as api:
        kept = [int(event["content"]) for event in api.history(ROOM, limit=1000)]
    assert kept[:accepted] == list(range(accepted))
    assert len(kept) <= accepted + 1, "at most the one whose answer was cut off"
    async with watching(again.url, ROOM, options={"cursor": start}) as viewer:
        await viewer.welcome()
        assert len(await viewer.events(len(kept))) == len(kept)


def test_a_closed_pipe_is_quiet(serve):
    relay = serve(rooms=[ROOM])
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(
        command("room", "list"), stdout=writer, stderr=subprocess.PIPE, env=command_environment(relay.data)
    ) as process:
        os.close(writer)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, b"")


def test_settings_come_from_the_flag_then_the_environment_then_the_file(serve, tmp_path):
    toml = tmp_path / "relay.toml"
    toml.write_text("port = 1\nhost = '127.0.0.2'\n[limits]\nmessage_bytes = 5000\nbody_bytes = 2000\n")
    limits = {**UNLIMITED, "message_bytes": 6000}
    relay = serve("--config", str(toml), rooms=[ROOM], limits=limits)

    async def limit():
        async with watching(relay.url, ROOM) as viewer:
            return (await viewer.welcome())["limits"]["message_bytes"]

    assert asyncio.run(limit()) == 6000
    assert "127.0.0.1" in relay.url
    with Api(relay.url, relay.operator_token) as api:
        assert api.answer("POST", f"/rooms/{ROOM}/events", content=b" " * 3000).status_code == 413
