"""Watching and finding: every event is a sentence about somebody and something, every open room is listed."""

import asyncio
import json
import sys
from contextlib import AsyncExitStack

import pytest

from support.clients import WAIT_S
from support.relay_process import relay_environment
from support.terminal import Terminal

CLAWTANK = [sys.executable, "-c", "from clawtank_tui.cli import main; main()"]
WHO = {"agent_name": "Claude", "agent_owner": "alice"}
TASK = {"task_id": "task_8f2c", "title": "Scaffold the CLI"}
PULL = {"number": 7, "title": "Add todo lists", "author": "bob"}

STORY = (
    # What is published, what is said of it in a line, and what is in its row of the screen.
    ("member.joined", {"name": "alice", "role": "host"}, "alice joined as host", ("alice", "joined as host")),
    ("agent.joined", WHO, "Claude (agent of alice) joined", ("Claude", "joined (agent of alice)")),
    (
        "chat.public",
        {"author": "alice", "author_type": "human", "content": "Let's build a todo list"},
        "alice: Let's build a todo list",
        ("alice", "Let's build a todo list"),
    ),
    (
        "chat.public",
        {"author": "Claude", "author_type": "agent", "content": "On it"},
        "Claude (agent): On it",
        ("Claude", "On it"),
    ),
    (
        "task.created",
        {**TASK, "creator": "alice"},
        "task  Scaffold the CLI — alice",
        ("alice", "created Scaffold the CLI"),
    ),
    (
        "agent.claimed_task",
        {**WHO, "task_id": TASK["task_id"]},
        "Claude (agent of alice) claimed «Scaffold the CLI»",
        ("Claude", "claimed «Scaffold the CLI»"),
    ),
    *(
        (
            "agent.status_change",
            {"agent_name": "Claude", "status": status, "task_id": TASK["task_id"], **more},
            f"Claude (agent) {words}«Scaffold the CLI»{percent}",
            ("Claude", f"{words}«Scaffold the CLI»{percent}"),
        )
        for status, more, words, percent in (
            ("thinking", {}, "is thinking: ", ""),
            ("executing", {"progress": 40}, "is working: ", " · 40 %"),
            ("testing", {}, "is testing: ", ""),
            ("committing", {}, "is committing: ", ""),
            ("error", {}, "ran into an error: ", ""),
            ("waiting_approval", {}, "waits for approval: ", ""),
        )
    ),
    (
        "git.commit",
        {
            "sha": "a1b2c3d",
            "message": "feat: scaffold",
            "branch": "main",
            "author": "Claude",
            "files_changed": ["cli.py"],
            "additions": 47,
            "deletions": 2,
        },
        "commit  a1b2c3d feat: scaffold · +47 −2 · 1 file · main — Claude",
        ("Claude", "commit a1b2c3d feat: scaffold · +47 −2 · 1 file"),
    ),
    (
        "git.commit",
        {"sha": "b2c3d4e", "message": "Merge branch 'cli'", "branch": "main", "author": "bob"},
        "merge  b2c3d4e Merge branch 'cli' · main — bob",
        ("bob", "merge b2c3d4e Merge branch 'cli' · main"),
    ),
    (
        "git.pr_opened",
        PULL,
        "pull request opened  #7 Add todo lists — bob",
        ("bob", "opened pull request #7 Add todo lists"),
    ),
    (
        "git.pr_merged",
        PULL,
        "pull request merged  #7 Add todo lists — bob",
        ("bob", "merged pull request #7 Add todo lists"),
    ),
    (
        "task.completed",
        {"task_id": TASK["task_id"], "agent_name": "Claude"},
        "done  Scaffold the CLI — Claude (agent)",
        ("Claude", "completed Scaffold the CLI"),
    ),
    (
        "agent.status_change",
        {"agent_name": "Claude", "status": "idle"},
        "Claude (agent) is idle",
        ("Claude", "is idle"),
    ),
    ("milestone.reached", {"title": "todo 0.1"}, "milestone  todo 0.1", ("milestone", "todo 0.1")),
    ("agent.left", WHO, "Claude (agent of alice) left", ("Claude", "left")),
    ("member.left", {"name": "alice"}, "alice left", ("alice", "left")),
)
EVENTS = [{"type": kind, **fields} for kind, fields, _, _ in STORY]


def ws(url):
    """Return a relay's address as `clawtank --relay` takes it."""
    return url.replace("http", "ws", 1)


async def printed(*words, lines=None):
    """Run `clawtank` and return what it printed: so many lines, or all until it ends."""
    process = await asyncio.create_subprocess_exec(
        *CLAWTANK, *words, stdout=asyncio.subprocess.PIPE, env=relay_environment() | {"NO_COLOR": "1"}
    )
    try:
        async with asyncio.timeout(2 * WAIT_S):
            if lines is None:
                told = (await process.stdout.read()).decode().splitlines()
                assert await process.wait() == 0
                return told
            return [(await process.stdout.readline()).decode().rstrip("\n") for _ in range(lines)]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        process._transport.close()


@pytest.mark.spec("OVER-1")
async def test_every_event_is_a_line_that_says_who_did_what(room):
    assert len({kind for kind, *_ in STORY}) == 13, "every type is in the story"
    room.publish(*EVENTS)

    told = await printed(
        "watch", room.id, "--relay", ws(room.url), "--plain", "--since", "1h", lines=1 + len(STORY)
    )

    said = [line.split(" ", 1)[1] for line in told if "watching, peak" not in line]
    assert said == [line for _, _, line, _ in STORY]


@pytest.mark.spec("OVER-1")
def test_every_event_is_a_row_that_says_who_did_what(room):
    with Terminal([*CLAWTANK, "watch", room.id, "--relay", ws(room.url)], cols=150) as screen:
        screen.wait_for("No tasks yet.")
        room.publish(*EVENTS)
        text = screen.wait_for("todo 0.1")
        screen.wait_for(lambda shown: "1 done" in shown and "0 people · 0 agents" in shown)
        screen.send("\r")  # an agent's statuses in a row are one entry until it is unfolded
        text = screen.wait_for("is thinking")
    rows = [line for line in text.splitlines() if line[1:9].replace(":", "").isdigit() and "▾" not in line]
    assert len(rows) == len(STORY), text
    for row, (kind, _, _, (who, did)) in zip(rows, STORY, strict=True):
        name, deed = row[9:].find(who), row[9:].find(did)
        assert 0 <= name < deed, (kind, row)
    assert "task_8f2c" not in text, "an id says nothing to people"
    assert "{" not in text


@pytest.mark.spec("OVER-2")
async def test_public_rooms_are_listed_busiest_first_and_no_others(make_room, public):
    quiet, busy, lively = make_room(), make_room(name="Busy bees"), make_room()
    others = {
        "private": make_room(visibility="private"),
        "without spectators": make_room(settings={"enabled": False}),
        "not begun": make_room(),
        "closed": make_room(),
    }
    others["not begun"].publish({"type": "room.state_changed", "state": "created"})
    closed = others["closed"]
    assert public.answer("DELETE", closed.path, token=closed.host_token).is_success
    ours = {room.id for room in (quiet, busy, lively, *others.values())}

    async def listed():
        over_http = [room for room in public.call("GET", "/rooms")["rooms"] if room["id"] in ours]
        (as_json,) = await printed("rooms", "--relay", ws(quiet.url), "--json")
        assert [room for room in json.loads(as_json) if room["id"] in ours] == over_http
        heading, *rows = await printed("rooms", "--relay", ws(quiet.url))
        assert heading.split() == ["ROOM", "STATE", "WATCHING", "PEAK", "NAME"]
        table = [row.split(maxsplit=4) for row in rows if row.split()[0] in ours]
        assert [(row[0], int(row[2])) for row in table] == [(r["id"], r["spectators"]) for r in over_http]
        assert [row[4] for row in table] == [room["name"] for room in over_http]
        return [(room["id"], room["spectators"]) for room in over_http]

    async with AsyncExitStack() as viewers:
        for room in (busy, lively, busy, busy):
            viewer = await viewers.enter_async_context(room.watch())
            await viewer.welcome()
        assert await listed() == [(busy.id, 3), (lively.id, 1), (quiet.id, 0)]

        busy.set(visibility="private")
        lively.set(enabled=False)
        others["private"].set(visibility="public")
        found = await listed()
    assert sorted(found) == sorted([(quiet.id, 0), (others["private"].id, 0)])
