"""Forges and coding agents feed a room by their hooks: what arrives, who is let in, and what stays behind."""

import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from relay.protocol.times import parse_instant
from support.clients import Api
from support.operating import command, command_environment, operate
from support.ports import LOOPBACK
from support.rooms import Room

MARK = "PRIVATE-3b9d"
PERSON = {"login": "mona", "name": "Mona", "username": "mona", "email": f"{MARK}@example.org", "bio": MARK}


def secret_of(room: Room) -> str:
    secret: str = room.public.call("GET", f"{room.path}/hooks", token=room.host_token)["secret"]
    return secret


def deliver(
    room: Room, source: str, payload: object, *, query: str = "", token: str | None = None, **headers: str
):
    return room.public.answer(
        "POST",
        f"{room.path}/hooks/{source}{query}",
        token=token,
        content=json.dumps(payload),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def from_github(room: Room, kind: str, payload: object, *, delivery: str = "d-1", secret: str | None = None):
    body = json.dumps(payload).encode()
    key = (secret or secret_of(room)).encode()
    signature = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    headers = {"x_github_event": kind, "x_github_delivery": delivery, "x_hub_signature_256": signature}
    return deliver(room, "github", payload, **headers)


def commit(sha: str, message: str) -> dict[str, object]:
    return {
        "id": sha,
        "tree_id": MARK,
        "message": f"{message}\n\n{MARK}",
        "timestamp": "2026-03-01T10:00:00Z",
        "url": MARK,
        "author": PERSON,
        "committer": {"name": MARK, "email": MARK},
        "added": ["src/new.py"],
        "modified": [],
        "removed": [],
    }


PUSH = {
    "ref": "refs/heads/main",
    "before": MARK,
    "commits": [commit("a" * 40, "First"), commit("b" * 40, "Second")],
    "head_commit": {"message": MARK},
    "repository": {"name": MARK, "clone_url": MARK},
    "pusher": {"name": MARK, "email": MARK},
    "sender": {"login": MARK},
}
REQUEST = {
    "action": "closed",
    "pull_request": {
        "number": 7,
        "title": "Add lists",
        "body": MARK,
        "user": PERSON,
        "merged": True,
        "merged_by": PERSON,
        "head": {"ref": MARK, "sha": MARK},
        "diff_url": MARK,
    },
}
GITLAB_ISSUE = {
    "object_kind": "issue",
    "user": PERSON,
    "project": {"name": MARK},
    "object_attributes": {"iid": 4, "title": "Crash", "description": MARK, "action": "open", "url": MARK},
}


def hook(name: str, **fields: object) -> dict[str, object]:
    always = {
        "session_id": MARK,
        "transcript_path": MARK,
        "cwd": MARK,
        "permission_mode": MARK,
        "prompt": MARK,
    }
    return {**always, "hook_event_name": name, **fields}


def shown(room: Room) -> list[str]:
    return [event["type"] for event in room.history()]


async def test_a_signed_push_reaches_the_viewers_in_order_and_again_is_harmless(room):
    async with room.watch() as viewer:
        await viewer.welcome()
        answer = from_github(room, "push", PUSH)
        assert (answer.status_code, answer.json()["accepted"]) == (200, 2)
        assert from_github(room, "push", PUSH, delivery="d-2").json()["duplicates"] == 2
        assert from_github(room, "pull_request", REQUEST).json()["accepted"] == 1
        assert from_github(room, "pull_request", REQUEST).json()["duplicates"] == 1
        events = await viewer.events(3)
    assert [(event["type"], event.get("sha")) for event in events] == [
        ("git.commit", "aaaaaaa"),
        ("git.commit", "bbbbbbb"),
        ("git.pr_merged", None),
    ]
    assert (events[0]["message"], events[0]["author"], events[0]["branch"]) == ("First", "Mona", "main")


def test_the_secret_is_the_rooms_own_and_the_host_reads_it(room, relay, operator):
    other = operator.create_room(f"{room.id}_b")
    wrong = operator.call("GET", f"/rooms/{room.id}_b/hooks", token=other["host_token"])["secret"]
    assert from_github(room, "push", PUSH, secret=wrong).status_code == 401
    assert room.public.answer("GET", f"{room.path}/hooks", token=room.publish_token).status_code == 403
    assert room.public.answer("GET", f"{room.path}/hooks").status_code == 401
    printed = operate("room", "show", room.id, data=relay.data).stdout
    assert f'hookSecret = "{secret_of(room)}"' in printed


def test_whoever_cannot_vouch_for_a_delivery_is_refused(room):
    unsigned = deliver(room, "github", PUSH, x_github_event="push")
    assert (unsigned.status_code, "hookSecret" in unsigned.json()["message"]) == (401, True)
    assert deliver(room, "gitlab", GITLAB_ISSUE, x_gitlab_token="guess").status_code == 401
    assert deliver(room, "claude-code", hook("Stop")).status_code == 401
    assert deliver(room, "claude-code", hook("Stop"), token=room.host_token).status_code == 403
    assert room.history() == []


def test_a_private_room_answers_a_stranger_like_none(room, operator):
    room.set(visibility="private")
    none = Room(room.url, "no_such_room", operator, room.public, "", "")
    for source in ("github", "gitlab", "codex"):
        private, missing = (deliver(place, source, PUSH, x_gitlab_token="guess") for place in (room, none))
        assert (private.status_code, private.content) == (missing.status_code, missing.content)
        assert private.status_code == 404
    assert from_github(room, "push", PUSH).status_code == 200


def test_gitlab_vouches_with_the_secret_or_a_publish_token(room):
    for token in (secret_of(room), room.publish_token):
        assert (
            deliver(room, "gitlab", GITLAB_ISSUE, x_gitlab_token=token, idempotency_key="k").status_code
            == 200
        )
    assert shown(room) == ["task.created"]


def test_what_shows_nothing_is_hidden_and_what_is_no_json_is_said(room):
    answer = from_github(room, "ping", {"zen": MARK})
    assert (answer.status_code, answer.json()["hidden"]) == (200, 1)
    broken = room.public.answer("POST", f"{room.path}/hooks/codex", token=room.publish_token, content=b"{")
    assert broken.json()["rejected"][0]["index"] == 0
    assert deliver(room, "gitlab", [], token=room.publish_token).status_code == 400
    assert deliver(room, "bitbucket", {}, token=room.publish_token).status_code == 404


def test_an_agents_hooks_name_it_and_tell_only_changes(room):
    words = [
        "SessionStart",
        "UserPromptSubmit",
        "PreToolUse",
        "PostToolUse",
        "PreToolUse",
        "Stop",
        "SessionEnd",
    ]
    for word in words:
        payload = hook(word, tool_name="Bash", tool_input={"command": MARK}, tool_response=MARK)
        answer = deliver(
            room, "claude-code", payload, query="?agent=Atlas&owner=alice", token=room.publish_token
        )
        assert answer.status_code == 200
    told = [(event["type"], event["agent_name"], event.get("status")) for event in room.history()]
    assert told == [
        ("agent.joined", "Atlas", None),
        ("agent.status_change", "Atlas", "thinking"),
        ("agent.status_change", "Atlas", "executing"),
        ("agent.status_change", "Atlas", "idle"),
        ("agent.left", "Atlas", None),
    ]


@pytest.mark.spec("FEED-13")
async def test_what_the_payloads_hold_besides_is_nowhere(serve, tmp_path):
    repository = tmp_path / "repository"
    git(repository, "init", "--quiet", "--initial-branch=main", str(repository))
    (repository / "a.py").write_text(MARK)
    git(repository, "add", "a.py")
    git(repository, "commit", "--quiet", "-m", f"Third\n\n{MARK}")
    relay = serve()
    with Api(relay.url, relay.operator_token) as operator, Api(relay.url) as public:
        room = Room.create(relay.url, "room", operator=operator, public=public)
        token = room.publish_token
        async with room.watch() as viewer:
            await viewer.welcome()
            tool = {"tool_name": MARK, "tool_input": {"command": MARK}, "tool_response": MARK}
            thought = {"type": "item.completed", "item": {"type": "reasoning", "text": MARK}}
            answers = [
                from_github(room, "push", PUSH),
                from_github(room, "pull_request", REQUEST),
                from_github(room, "issue_comment", {"action": "created", "comment": {"body": MARK}}),
                deliver(room, "gitlab", GITLAB_ISSUE, x_gitlab_token=token),
                deliver(room, "claude-code", hook("UserPromptSubmit"), token=token),
                deliver(room, "codex", hook("PreToolUse", **tool), token=token),
                deliver(room, "codex", thought, token=token),
                deliver(
                    room, "gemini", hook("AfterAgent", prompt_response=MARK, timestamp=MARK), token=token
                ),
                deliver(room, "gemini", {"hook_event_name": MARK, "type": MARK}, token=token),
            ]
            assert all(answer.status_code == 200 for answer in answers), [answer.text for answer in answers]
            for tool_name in ("claude-code", "codex", "gemini"):
                run_hook(tool_name, "room", data=relay.data, payload=hook("SessionStart", source=MARK))
            with following(repository, relay.data):
                await viewer.until(lambda envelope: '"Third"' in json.dumps(envelope))
            events = await viewer.events(10)
        page = public.answer("GET", "/rooms/room/events?limit=1000").text
        metrics = public.answer("GET", "/metrics").text
    assert [event["type"] for event in events] == [
        *("git.commit", "git.commit", "git.pr_merged", "task.created"),
        *["agent.status_change"] * 3,
        *["agent.joined"] * 3,
        "git.commit",
    ]
    relay.stop()
    for outlet in (
        json.dumps(viewer.seen),
        page,
        metrics,
        relay.stdout,
        relay.stderr,
        *(a.text for a in answers),
    ):
        assert MARK not in outlet
    assert not [
        path for path in relay.data.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()
    ]


@contextmanager
def following(repository: Path, data: Path) -> Iterator[None]:
    """Follow a repository into the room as long as the block lasts."""
    words = command("publish", "room", "--git", str(repository))
    with subprocess.Popen(words, env=command_environment(data), stderr=subprocess.DEVNULL) as follower:
        try:
            yield
        finally:
            follower.terminate()


def git(repository: Path, *words: str) -> None:
    repository.mkdir(exist_ok=True)
    author = {"GIT_AUTHOR_NAME": "Mona", "GIT_AUTHOR_EMAIL": MARK}
    committer = {"GIT_COMMITTER_NAME": "Mona", "GIT_COMMITTER_EMAIL": MARK}
    nothing_else = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environment = {**os.environ, **author, **committer, **nothing_else}
    subprocess.run(["git", *words], cwd=repository, env=environment, check=True, capture_output=True)


# -- the command ---------------------------------------------------------------------------------------


def run_hook(
    *words: str, data: Path, payload: object = None, **how: object
) -> subprocess.CompletedProcess[str]:
    stdin = b"" if payload is None else json.dumps(payload).encode()
    result = operate("hook", *words, data=data, stdin=stdin, **how)
    assert (result.returncode, result.stdout) == (0, "")
    return result


def test_the_command_tells_the_relay_of_this_machine(room, relay):
    for word in ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PreToolUse", "Stop"):
        result = run_hook("claude-code", room.id, "--owner", "alice", data=relay.data, payload=hook(word))
        assert result.stderr == ""
    assert [event.get("status", "joined") for event in room.history()] == [
        "joined",
        "thinking",
        "executing",
        "idle",
    ]
    assert room.history()[0]["agent_owner"] == "alice"


def test_the_command_reaches_another_relay_with_a_token(room, relay, tmp_path):
    (tmp_path / "token").write_text(room.publish_token)
    words = ["gemini", room.id, f"--relay={relay.ws_url}", "--token-file", str(tmp_path / "token")]
    assert run_hook(*words, data=tmp_path / "none", payload=hook("BeforeAgent")).stderr == ""
    assert shown(room) == ["agent.status_change"]


def test_a_refusal_is_one_sentence_and_no_failure(room, relay, tmp_path):
    (tmp_path / "token").write_text("ctp_wrong_token")
    words = ["gemini", room.id, "--relay", relay.url, "--token-file", str(tmp_path / "token")]
    result = run_hook(*words, data=tmp_path / "none", payload=hook("BeforeAgent"))
    assert result.stderr.count("\n") == 1
    assert "publish token" in result.stderr
    assert list((tmp_path / "none").rglob("*.jsonl")) == [], "what is refused for good does not wait"


def test_codex_hands_its_notification_over_as_an_argument(room, relay):
    told = json.dumps({"type": "agent-turn-complete", "thread-id": MARK, "last-assistant-message": MARK})
    run_hook("codex", room.id, "--agent=Cody", told, data=relay.data)
    assert [(event["agent_name"], event["status"]) for event in room.history()] == [("Cody", "idle")]


def test_codex_streams_its_events(room, relay):
    done = [{"text": "Write", "completed": True}]
    lines = [
        {"type": "thread.started", "thread_id": "t"},
        {"type": "turn.started"},
        {"type": "item.started", "item": {"type": "command_execution", "command": MARK}},
        {
            "type": "item.updated",
            "item": {"type": "todo_list", "items": done},
        },
        {"type": "turn.completed"},
    ]
    stream = b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
    broken = stream.replace(b'{"type":"turn.started"}', b"nonsense\n" + b'{"type":"turn.started"}')
    result = operate("hook", "codex", room.id, data=relay.data, stdin=broken)
    assert (result.returncode, result.stderr.count("\n")) == (0, 1), "a bad line spares its neighbours"
    assert shown(room) == [
        "agent.joined",
        "agent.status_change",
        "agent.status_change",
        "task.created",
        "task.completed",
        "agent.status_change",
    ]


def test_what_cannot_be_sent_is_sent_with_the_next(serve, tmp_path):
    data = tmp_path / "data"
    for word in ("SessionStart", "UserPromptSubmit"):
        assert run_hook("claude-code", "room", data=data, payload=hook(word)).stderr == ""
    waiting = sorted((data / "hooks" / "room").glob("*.jsonl"))
    assert len(waiting) == 2
    assert not any(MARK in path.read_text() for path in waiting), "the disk never sees a payload"
    assert all(path.stat().st_mode & 0o077 == 0 for path in waiting)
    relay = serve(data=data, rooms=["room"])
    run_hook("claude-code", "room", data=data, payload=hook("Stop"))
    with Api(relay.url) as public:
        events = public.history("room")
    assert [event.get("status", "joined") for event in events] == ["joined", "thinking", "idle"]
    times = [parse_instant(event["timestamp"]) for event in events]
    assert all(earlier < later for earlier, later in pairwise(times)), "each at the time it happened"
    assert list((data / "hooks" / "room").glob("*.jsonl")) == []


def test_a_relay_that_does_not_answer_costs_an_agent_next_to_nothing(tmp_path):
    with socket.create_server((LOOPBACK, 0)) as silent:
        url = f"http://{LOOPBACK}:{silent.getsockname()[1]}"
        (tmp_path / "token").write_text("t")
        words = ["claude-code", "room", "--relay", url, "--token-file", str(tmp_path / "token")]
        began_s = time.monotonic()
        assert run_hook(*words, data=tmp_path / "data", payload=hook("Stop")).stderr == ""
        # 0.3 s and a start; far more here, where many tests share the machine.
        assert time.monotonic() - began_s < 5
    assert len(list((tmp_path / "data").rglob("*.jsonl"))) == 1


def test_an_agent_that_never_closes_its_end_is_not_waited_for(tmp_path):
    environment = command_environment(tmp_path)
    with subprocess.Popen(
        command("hook", "claude-code", "room"), stdin=subprocess.PIPE, env=environment
    ) as process:
        assert process.wait(timeout=20) == 0


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["claude-code"],
        ["cursor", "room"],
        ["codex", "no room"],
        ["codex", "room", "--loud"],
        ["codex", "room", "more", "words"],
        ["codex", "room", "--data"],
        ["codex", "room", "--relay", "ftp://x", "{}"],
        ["codex", "room", "--relay", "http://relay.example", '{"type":"turn.started"}'],
        ["codex", "room", "--token-file", "/nowhere", '{"type":"turn.started"}'],
        ["codex", "room", "{nonsense " + MARK],
        ["codex", "room", '{"type":' + "[" * 100_000],
    ],
)
def test_bad_usage_is_said_and_fails_nothing(words, tmp_path):
    result = run_hook(*words, data=tmp_path)
    assert result.stderr.count("\n") <= 1
    assert "Traceback" not in result.stderr
    assert MARK not in result.stderr


def test_its_help_is_where_all_help_is():
    assert "never prompts" in " ".join(operate("hook", "--help").stdout.split())
    assert "hook" in operate("--help").stdout


def test_the_command_loads_next_to_nothing(tmp_path):
    """Its start is what an agent waits for at each step: heavy modules would be most of it."""
    script = (
        "import sys; sys.argv = ['clawtank-relay', 'hook', 'claude-code', 'room']\n"
        "from relay.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script],
        input=json.dumps(hook("Stop")).encode(),
        capture_output=True,
        env=command_environment(tmp_path),
        check=True,
        timeout=20,
    )
    loaded = set(done.stdout.decode().split())
    assert "relay.cli.hook" in loaded
    heavy = {
        "typer",
        "click",
        "httpx",
        "pydantic",
        "asyncio",
        "ssl",
        "email",
        "dataclasses",
        "inspect",
        "urllib.parse",
    }
    assert loaded & heavy == set()
    assert {name for name in loaded if name.startswith("relay.")} <= {
        "relay.cli",
        "relay.cli.hook",
        "relay.cli.outbox",
        "relay.protocol",
        "relay.protocol.rooms",
        "relay.sources",
        *(f"relay.sources.{name}" for name in ("claude_code", "codex", "coding_agents", "gemini")),
    }


def test_publishing_a_session_replay_keeps_its_timing(room, relay, tmp_path):
    events = [
        {"t": 0, "type": "room.created"},
        {
            "t": 0,
            "type": "agent.joined",
            "data": {"agent_id": "a", "name": "Claude", "owner": "alice", "model": MARK},
        },
        {"t": 0.75, "type": "task.created", "data": {"task_id": "t", "title": "Write", "description": MARK}},
        {"t": 1.5, "type": "task.completed", "data": {"task_id": "t", "agent_id": "a"}},
    ]
    file = tmp_path / "session.json"
    file.write_text(json.dumps({"meta": {"room": MARK}, "events": events}, indent=2))
    began_s = time.monotonic()
    done = operate("publish", room.id, str(file), data=relay.data)
    assert time.monotonic() - began_s >= 1.5, "played, not poured"
    assert done.returncode == 0, done.stderr
    assert "3 accepted, 0 there already, 1 hidden, 0 refused." in done.stderr
    told = room.history()
    assert [event["type"] for event in told] == ["agent.joined", "task.created", "task.completed"]
    times = [parse_instant(event["timestamp"]) for event in told]
    assert [later - earlier for earlier, later in pairwise(times)] == [750, 750]
