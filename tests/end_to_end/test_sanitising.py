"""What is shown is clean: secrets, people and terminals are safe on every way in and at every way out."""

import hashlib
import hmac
import json
import os
import re
import subprocess
import unicodedata
from collections.abc import Iterator

import psutil
import pytest

from bench.hostile import SEEDS
from relay.protocol.events import EVENT_TYPES
from relay.screen.block_kinds import BLOCKS, TAGGED
from relay.screen.models import FIELDS_OF
from relay.screen.redact import RULES
from support.canary import GOOD
from support.clients import Api
from support.evening import Evening, Event, Place, logged, of_types, said, spent, wire
from support.harmless import harmless
from support.leaks import Leak, leaks, survives
from support.operating import command, command_environment, offer, operate
from support.outlets import Tap, Watched

MARK = re.compile(r"\[[A-Z][A-Z ]+\]")
FREE_TEXTS = {
    kind: [name for name in names if name not in GOOD or name == "files_changed"]
    for kind, names in FIELDS_OF.items()
}
"""The fields of each type in which anybody may have written anything."""
COMMIT = {"type": "git.commit", "sha": "a1b2c3d", "message": "fine", "author": "alice"}
HOSTILE_LIMIT_S = 0.05


def token(m: str) -> str:
    """Return what looks like a real token, with the marker inside."""
    return "ghp" + "_" + (m + "q7WzRt5kLp2xB3dE5fG7hJ9aQ1sD4")[:36]


# -- every way in --------------------------------------------------------------------------------------


WAYS = ("flat", "wire", "room-log", "line", "stdin", "replay", "git", "github", "hook", "hook-command")


def _san_1(place: Place, m: str) -> list[Event]:
    secret, data, room = token(m), place.relay.data, place.room

    def words(way: str) -> str:
        return f"by {way} {secret}"

    lines = b"\n".join(json.dumps(said(words(way))).encode() for way in ("line", "stdin"))
    line, stdin = lines.split(b"\n")
    room.public.call("POST", f"{room.path}/events", token=room.publish_token, content=line + b"\n")
    assert operate("publish", room.id, "-", data=data, stdin=stdin).returncode == 0
    session = place.directory / "session.json"
    moment = {"t": 0, "type": "human.message", "from": "alice", "text": words("replay")}
    session.write_text(json.dumps({"meta": {"room": m}, "events": [moment]}))
    assert operate("publish", room.id, str(session), data=data).returncode == 0
    _publish_repository(place, words("git"))
    _deliver_push(place, words("github"))
    todos = [{"content": words("hook"), "status": "pending"}]
    tool = {"hook_event_name": "PostToolUse", "tool_name": "TodoWrite", "tool_input": {"todos": todos}}
    hooks = f"{room.path}/hooks/claude-code"
    room.public.call("POST", hooks, token=room.publish_token, json={**tool, "session_id": m})
    todos[0]["content"] = words("hook-command")
    hook = operate("hook", "claude-code", room.id, data=data, stdin=json.dumps(tool).encode())
    assert (hook.returncode, hook.stderr) == (0, "")
    public = {"visibility": "public"}
    return [
        said(words("flat")),
        wire("chat.human_message", content={"text": words("wire")}, author={"display_name": "al"}, **public),
        logged("chat.message", text=words("room-log"), **public),
    ]


def _publish_repository(place: Place, subject: str) -> None:
    path = place.directory / "repository"
    path.mkdir()
    identity = {
        "GIT_AUTHOR_NAME": "Alice",
        "GIT_AUTHOR_EMAIL": "alice@private.example",
        "GIT_COMMITTER_NAME": "Alice",
        "GIT_COMMITTER_EMAIL": "alice@private.example",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    for words in (
        ["init", "-q", "-b", "main"],
        ["commit", "-q", "--allow-empty", "-m", subject, "-m", subject],
    ):
        subprocess.run(["git", "-C", str(path), *words], env=os.environ | identity, check=True)
    tap = Tap(place.relay.url, place.room.id)
    follow = command("publish", place.room.id, "--git", str(path))
    environment = command_environment(place.relay.data)
    with subprocess.Popen(follow, env=environment, stderr=subprocess.PIPE, encoding="utf-8") as follower:
        try:
            tap.until("by git ")
        finally:
            tap.close()
            follower.terminate()
            _, said_by_follower = follower.communicate()
    assert subject not in said_by_follower


def _deliver_push(place: Place, subject: str) -> None:
    room = place.room
    secret = room.public.call("GET", f"{room.path}/hooks", token=room.host_token)["secret"]
    change = {"id": "b" * 40, "message": subject, "author": {"name": "Mona", "email": subject}}
    body = json.dumps({"ref": "refs/heads/main", "commits": [change]}).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": signature}
    room.public.call("POST", f"{room.path}/hooks/github", content=body, headers=headers)


def _san_2(place: Place, m: str) -> list[Event]:
    near = ("task.updated", "task.claimed_by", "git.push", "git.pr_closed", "agent.renamed", "member.banned")
    visible = [{"type": kind, **complete(kind)} for kind in sorted(EVENT_TYPES)]
    return [*visible, *of_types(m, *near, "chat.message_deleted", "milestone.missed", "poll.created")]


def complete(kind: str) -> Event:
    return {name: GOOD.get(name, "fine") for name in FIELDS_OF[kind]}


def _san_3(place: Place, m: str) -> list[Event]:
    return [said(leak.text) for leak in LEAKS]


LEAKS = [leak for leak in leaks(seed=11) if leak.category in ("secret", "personal")]


def _san_4(place: Place, m: str) -> list[Event]:
    secret = token(m)
    return [
        {"type": kind, **complete(kind), name: [f"src/{secret}.py"] if name == "files_changed" else secret}
        for kind, names in FREE_TEXTS.items()
        for name in names
    ]


def _san_5(place: Place, m: str) -> list[Event]:
    info = {"short_sha": "a1b2c3d", "message": "fine", "author": {"name": "alice"}, "diff": m}
    return [{**COMMIT, "diff": m}, wire("git.commit", commit_info=info, changes={"diff": m}, diff=[m])]


def _san_6(place: Place, m: str) -> list[Event]:
    files = [{"path": "a.py", "file_contents": m, "content": m}]
    info = {"short_sha": "a1b2c3d", "message": "fine", "author": {"name": "alice"}, "file_contents": {"a": m}}
    changes = {"files_added": files, "file_contents": m}
    return [{**COMMIT, "file_contents": {"a.py": m}}, wire("git.commit", commit_info=info, changes=changes)]


def _san_7(place: Place, m: str) -> list[Event]:
    names = [f"/Users/{m}/app/a.py", "src/b.py", f"/Users/other{m}/c d.py"]
    return [{**COMMIT, "files_changed": names}]


def _san_8(place: Place, m: str) -> list[Event]:
    paths = [f"/home/{m}/app/a.py", f"C:\\Users\\{m}\\app\\a.py", "/root/app/a.py"]
    return [{**COMMIT, "files_changed": paths}, *(said(f"see {path}") for path in paths)]


def _san_11(place: Place, m: str) -> list[Event]:
    secret = token(m)
    home = f"/home/{m}/x"
    return [
        said(f"{secret} {home} {m}@example.org"),
        {**said("fine"), "author_type": secret},
        {**COMMIT, "sha": m},
    ]


CONTROLS = {
    "colour": "\x1b[31;7mQZ1",
    "clear": "\x1b[2JQZ2",
    "clipboard": "\x1b]52;c;UVoz\x07QZ3",
    "title": "\x1b]0;QZ4\x07",
    "device control": "\x1bPqQZ5\x1b\\",
    "c1": "\x9b31mQZ6\x9d52;c;UVo2\x9c",
    "override": "\u202eQZ7\u202c",
    "isolate": "\u2066QZ8\u2069",
    "overprint": "real\rQZ9",
    "backspace": "abc\b\b\bQZ10",
    "separator": "a\u2028QZ11\x0b\x0c\x85",
    "nul and bell": "\x00\x07QZ12",
    "zero width": "Q\u200bZ\ufeff13",
}
MARKUP = "[red]QZ20[/red] [/] [@click=x]QZ21["


def _san_12(place: Place, m: str) -> list[Event]:
    hostile = [*CONTROLS.values(), MARKUP]
    return [
        *(said(text, author=text) for text in hostile),
        *({"type": "task.created", "task_id": text, "title": text, "creator": text} for text in hostile),
        *({**COMMIT, "message": text, "branch": text, "files_changed": [text]} for text in hostile),
        said(MARKUP),
    ]


PARTS = {
    "SAN-1": _san_1,
    "SAN-2": _san_2,
    "SAN-3": _san_3,
    "SAN-4": _san_4,
    "SAN-5": _san_5,
    "SAN-6": _san_6,
    "SAN-7": _san_7,
    "SAN-8": _san_8,
    "SAN-11": _san_11,
    "SAN-12": _san_12,
}


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """The evening, over."""
    with spent(tmp_path_factory.mktemp("sanitising"), PARTS) as evening:
        yield evening


def texts(event: Event) -> str:
    return json.dumps({name: event[name] for name in FIELDS_OF[event["type"]] if name in event})


@pytest.mark.spec("SAN-1")
def test_on_every_way_in_the_same_secret_is_redacted(evening):
    shown = [texts(event) for event in evening.kept("SAN-1")]

    for way in WAYS:
        (found,) = [text for text in shown if re.search(rf"by {way} ", text)]
        assert f"by {way} [KEY]" in found
    assert len(shown) == len(WAYS)


@pytest.mark.spec("SAN-2")
def test_the_allow_list_is_exactly_the_thirteen(evening):
    shown = evening.kept("SAN-2")

    assert [event["type"] for event in shown] == sorted(EVENT_TYPES)
    assert {
        *("chat.public", "task.created", "task.completed", "git.commit", "git.pr_opened", "git.pr_merged"),
        *("agent.status_change", "agent.joined", "agent.left", "agent.claimed_task"),
        *("member.joined", "member.left", "milestone.reached"),
    } == EVENT_TYPES


@pytest.mark.spec("SAN-3")
def test_of_real_looking_secrets_none_survives_and_a_mark_stands_in_their_place(evening):
    contents = [event["content"] for event in evening.kept("SAN-3")]

    assert len(contents) == len(LEAKS) >= 100
    assert [text for leak, text in zip(LEAKS, contents, strict=True) if survives(leak, text)] == []
    assert [text for text in contents if not MARK.search(text)] == []
    unique = _unmistakable(LEAKS)
    assert len(unique) >= 100
    for outlet in evening.outlets.names:
        taken = evening.outlets[outlet]
        assert [secret for secret in unique if secret.encode() in taken] == [], outlet


def _unmistakable(cases: list[Leak]) -> list[str]:
    return [secret for case in cases for secret in case.secrets if len(secret) >= 20][:150]


@pytest.mark.spec("SAN-4")
def test_every_free_text_of_every_type_is_filtered(evening):
    shown = evening.kept("SAN-4")

    fields = [(kind, name) for kind, names in FREE_TEXTS.items() for name in names]
    assert [event["type"] for event in shown] == [kind for kind, _ in fields]
    for event, (_, name) in zip(shown, fields, strict=True):
        assert event[name] == (["src/[KEY].py"] if name == "files_changed" else "[KEY]")


@pytest.mark.spec("SAN-5")
def test_a_diff_is_removed_from_commits(evening):
    assert [event["message"] for event in evening.kept("SAN-5")] == ["fine", "fine"]
    assert all("diff" not in event for event in evening.kept("SAN-5"))


@pytest.mark.spec("SAN-6")
def test_file_contents_are_removed_from_commits(evening):
    shown = evening.kept("SAN-6")

    assert [event.get("files_changed") for event in shown] == [None, ["a.py"]]
    assert all("file_contents" not in event for event in shown)


@pytest.mark.spec("SAN-7")
def test_a_home_directory_in_a_file_name_loses_its_name(evening):
    (commit,) = evening.kept("SAN-7")

    assert commit["files_changed"] == ["/Users/[USER]/app/a.py", "src/b.py", "/Users/[USER]/c d.py"]


@pytest.mark.spec("SAN-8")
def test_home_directories_of_other_systems_lose_it_too(evening):
    masked = ["/home/[USER]/app/a.py", "C:\\Users\\[USER]\\app\\a.py", "/root/app/a.py"]
    commit, *chat = evening.kept("SAN-8")

    assert commit["files_changed"] == masked
    assert [event["content"] for event in chat] == [f"see {path}" for path in masked]


@pytest.mark.spec("SAN-10")
def test_ordinary_text_survives(room):
    # A soft hyphen shows nothing, and is dropped with all that is invisible.
    lines = [line for seed in (21, 22) for line in harmless(seed) if "\u00ad" not in line]
    for start in range(0, len(lines), 500):
        assert offer(room, *map(said, lines[start : start + 500]))["rejected"] == []
    shown = [event["content"] for event in room.history(limit=1000)]

    altered = [(line, text) for line, text in zip(lines, shown, strict=True) if line != text]
    assert len(altered) * 1000 < len(lines), altered
    hashes = re.compile(r"\b[0-9a-f]{7,40}\b")
    assert [line for line, _ in altered if hashes.search(line)] == []


@pytest.mark.spec("SAN-11")
def test_the_unsanitised_form_is_not_kept(evening):
    (event,) = evening.kept("SAN-11")

    assert event["content"] == "[KEY] /home/[USER]/x [EMAIL]"
    assert evening.outlets.holding("SQLite format 3") == {"data", "data after the end"}
    assert len(evening.reports["SAN-11"]["rejected"]) == 2


@pytest.mark.spec("SAN-12")
def test_nothing_that_others_wrote_acts_on_a_terminal(evening):
    evening.kept("SAN-12")

    for outlet in ("watch --plain", "watch --json", "socket"):
        assert acting(evening.outlets[outlet]) == set(), outlet
    screen = evening.outlets["screen"]
    # The screen draws with sequences of its own: none of theirs is among them.
    assert [text for text in CONTROLS.values() if text.encode() in screen] == []
    assert acting(screen) <= {"\x1b", "\x07", "\r"}
    assert set(re.findall(rb"\x1b\]([0-9]+)", screen)) <= {b"22"}, "it sets the pointer's shape, no title"
    assert evening.outlets.holding(MARKUP) >= Watched.SHOWING, "markup is shown as it was written"
    for number in range(1, 13):
        assert re.search(rf"QZ{number}\b", evening.outlets["watch --plain"].decode()), number


def acting(output: bytes) -> set[str]:
    """Return the control, bidi and invisible characters in an output of lines."""
    return {
        char
        for char in set(output.decode()) - {"\n"}
        if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")
    }


@pytest.mark.spec("SAN-13")
def test_no_input_makes_it_slow(serve):
    relay = serve(rooms=["room"])
    process = psutil.Process(relay.pid)
    gates = [" ".join(rule.gates) + " " for rule in RULES]
    examples = [row.goes for row in (*RULES, *BLOCKS, *TAGGED)]
    with Api(relay.url, relay.operator_token) as api:

        def took_s(text: str) -> float:
            # What the relay's process needed, whatever else the machine does meanwhile.
            before = process.cpu_times()
            api.publish("room", relay.operator_token, said(text))
            after = process.cpu_times()
            return after.user + after.system - before.user - before.system

        took_s("warm up")
        for seed in (*SEEDS, *gates, *examples):
            text = (seed * (4000 // len(seed) + 1))[:4000]
            assert any(took_s(text) < HOSTILE_LIMIT_S for _ in range(3)), seed
