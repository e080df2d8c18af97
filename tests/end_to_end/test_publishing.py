"""What feeds a room: files and lines by `publish`, repositories by `publish --git` and `serve --git`."""

import asyncio
import json
import os
import re
import signal
import subprocess
from contextlib import asynccontextmanager

import pytest

from support.clients import Api, chat_event, watching
from support.operating import command, command_environment, operate

ROOM = "room_abc123"


def jsonl(*events):
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


@asynccontextmanager
async def publishing(relay, *words):
    """Run `clawtank-relay publish`; it is ended at the latest with the block."""
    process = await asyncio.create_subprocess_exec(
        *command("publish", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=command_environment(relay.data),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_publish_says_what_was_hidden_and_refused_and_why(serve, tmp_path):
    relay = serve(rooms=[ROOM])
    lines = jsonl(
        {**chat_event("one"), "id": "1"},
        {"type": "agent.reasoning", "content": "private"},
        {"type": "chat.public", "author": "alice", "author_type": "robot", "content": "private"},
        {**chat_event("two"), "id": "2"},
    )
    file = tmp_path / "events.jsonl"
    file.write_bytes(lines)

    first = operate("publish", ROOM, str(file), data=relay.data)
    again = operate("publish", ROOM, "-", "--data", str(relay.data), stdin=lines)

    assert (first.returncode, first.stdout) == (1, "")
    refused_line, summary, hidden = first.stderr.splitlines()
    assert refused_line.startswith("line 3: ")
    assert "author_type" in refused_line
    assert summary == "2 accepted, 0 there already, 1 hidden, 1 refused."
    assert hidden.startswith("Hidden: ")
    assert "private" not in first.stderr
    assert "0 accepted, 2 there already, 1 hidden, 1 refused." in again.stderr
    with Api(relay.url) as api:
        assert [event["content"] for event in api.history(ROOM)] == ["one", "two"]


async def test_an_endless_publish_ends_with_ctrl_c_and_its_summary(serve):
    relay = serve(rooms=[ROOM])
    async with publishing(relay, ROOM, "-") as process, watching(relay.url, ROOM) as viewer:
        await viewer.welcome()
        for number in range(1, 3):
            process.stdin.write(jsonl(chat_event("live")))
            await viewer.events(number)
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert process.returncode == 130
    # The second is in the log; its answer may or may not have come back in time.
    assert re.fullmatch(r"[12] accepted, 0 there already, 0 hidden, 0 refused\.\n", err.decode())


def git(path, *words, **env):
    identity = {
        "GIT_AUTHOR_NAME": "Alice A",
        "GIT_AUTHOR_EMAIL": "alice@private.example",
        "GIT_COMMITTER_NAME": "Bob B.",
        "GIT_COMMITTER_EMAIL": "bob@private.example",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    return subprocess.run(
        ["git", "-C", str(path), *words],
        env=os.environ | identity | env,
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout


@pytest.fixture
def repository(tmp_path):
    """A repository with 25 commits."""
    path = tmp_path / "project"
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    for number in range(25):
        (path / "file.txt").write_text(f"line {number}\n")
        git(path, "add", "file.txt")
        body = f"A body with bob@private.example and secret-{number}.\n\nSigned-off-by: x <x@private.example>"
        git(path, "commit", "-q", "-m", f"change {number}: größer, «schöner»", "-m", body)
    return path


async def test_the_last_commits_of_a_served_repository_are_there_and_a_new_one_arrives(serve, repository):
    relay = serve("--git", str(repository), rooms=[ROOM])
    async with watching(relay.url, ROOM, options={"history": "1000"}) as early:
        await early.welcome()
        await early.events(25)
    async with watching(relay.url, ROOM, options={"history": "20"}) as viewer:
        await viewer.welcome()
        commits = await viewer.events(20)
        subjects = git(repository, "log", "-20", "--reverse", "--format=%s").splitlines()
        assert [commit["message"] for commit in commits] == subjects, "once, and in order"
        last = commits[-1]
        assert (last["author"], last["branch"], last["files_changed"]) == ("Alice A", "main", ["file.txt"])

        git(repository, "commit", "-q", "--allow-empty", "-m", "made just now")
        assert (await viewer.events(21))[-1]["message"] == "made just now"
        git(repository, "commit", "-q", "--amend", "--allow-empty", "-m", "made again")
        assert (await viewer.events(22))[-1]["message"] == "made again"
    with Api(relay.url) as public:
        everything = json.dumps([public.history(ROOM), viewer.seen, early.seen])
    assert "private.example" not in everything
    assert "secret-" not in everything
    assert "Spectators will see" in relay.stderr
    assert str(repository.parent) not in relay.stderr + relay.stdout + everything


async def test_a_served_repository_is_told_once_over_a_restart(serve, repository):
    relay = serve("--git", str(repository), rooms=[ROOM])
    async with watching(relay.url, ROOM, options={"history": "1000"}) as viewer:
        await viewer.welcome()
        before = await viewer.events(25)
    relay.kill()
    git(repository, "commit", "-q", "--allow-empty", "-m", "made meanwhile")
    again = serve("--git", str(repository), rooms=[ROOM])
    async with watching(again.url, ROOM, options={"cursor": before[-1]["event_id"]}) as viewer:
        await viewer.welcome()
        await viewer.events(1)
    with Api(again.url) as public:
        told = public.history(ROOM)
    assert told[:25] == before
    assert [event["message"] for event in told[25:]] == ["made meanwhile"]


async def test_publish_follows_a_repository_until_it_is_told_to_stop(serve, repository):
    relay = serve(rooms=[ROOM])
    async with (
        watching(relay.url, ROOM) as viewer,
        publishing(relay, ROOM, "--git", str(repository)) as process,
    ):
        await viewer.welcome()
        await viewer.events(25)
        git(repository, "commit", "-q", "--allow-empty", "-m", "made just now")
        assert (await viewer.events(26))[-1]["message"] == "made just now"
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert process.returncode == 130
    assert re.search(r"^2[56] accepted, 0 there already, 0 hidden, 0 refused\.$", err.decode(), re.MULTILINE)
    assert "Spectators will see" in err.decode()
    assert "Traceback" not in err.decode()
