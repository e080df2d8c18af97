"""What ClawTank's own programs publish, the wire format and the room log, and what spectators see of it."""

import asyncio
import json
import sys
from itertools import count

import pytest

from support.clients import WAIT_S, watching
from support.operating import offer
from support.repositories import Repo
from support.terminal import Terminal

AT = "2026-02-17T21:03:00.000Z"
MARK = "marker5c1f"
"""Stands wherever a publisher has something that is no spectator's business."""
DELIVERED = "delivered9b2e"
"""The same, looked for in the data directory, where one test's leak would be another's."""
CLAWTANK = [sys.executable, "-c", "from clawtank_tui.cli import main; main()"]
NUMBERS = count(1)

ALICE = {"display_name": "alice", "id": MARK, "email": f"{MARK}@example.org", "name": MARK, "avatar": MARK}
CLAUDE = {"display_name": "Claude", "agent_id": "agent_1", "owner": ALICE, "model": MARK, "skills": [MARK]}
GEMINI = {"display_name": "Gemini", "agent_id": "agent_2", "owner": ALICE}


def wire(kind, **data):
    """Write an envelope as the room server sends it."""
    metadata = {"correlation_id": MARK, "priority": "normal"}
    return {
        "id": f"msg_{next(NUMBERS):026}",
        "type": kind,
        "timestamp": AT,
        "data": data,
        "metadata": metadata,
    }


def logged(kind, by="participant_1", /, **data):
    """Write an entry of the room log."""
    return {
        "id": f"evt_{next(NUMBERS)}",
        "type": kind,
        "room_id": MARK,
        "participant_id": by,
        "timestamp": AT,
        "data": data,
    }


ARRIVALS = (
    wire("room.agent_joined", agent=CLAUDE, impact=MARK),
    logged("participant.agent_connected", "agent_2", agent=GEMINI),
    logged("participant.joined", "participant_alice", participant=ALICE),
)


def fields_of(event):
    """Return an event's own fields: what the relay adds is its place."""
    return {name: value for name, value in event.items() if name not in ("seq", "event_id", "timestamp")}


async def seen(room, *published):
    """Publish to a viewer; return its events. What is hidden is counted, and the marker is nowhere."""
    async with room.watch() as viewer:
        cursor = (await viewer.welcome())["cursor"]
        report = await asyncio.to_thread(offer, room, *published)
        assert report["rejected"] == []
        assert report["accepted"] + report["hidden"] == len(published)
        events = await viewer.events(report["accepted"])
        assert report["cursor"] == (events[-1]["event_id"] if events else cursor), (
            "what is hidden has no place"
        )
        assert MARK not in json.dumps(viewer.seen)
    assert MARK not in json.dumps(room.history())
    return [fields_of(event) for event in events]


async def known_agents(room):
    """Let Claude, Gemini and alice arrive."""
    assert len(await seen(room, *ARRIVALS)) == 3


async def newcomer(room):
    """Return the state that a newcomer is welcomed with."""
    async with room.watch() as viewer:
        return (await viewer.welcome())["current_state"]


# -- chat ------------------------------------------------------------------------------------------


def said(kind, visibility, text):
    """Write a message of a person or an agent, in the wire format or the room log."""
    told = {} if visibility is None else {"visibility": visibility}
    content = {"text": text, "message_type": "text", "formatted_html": f"<b>{MARK}</b>"}
    data = {
        "content": content,
        "attachments": [{"url": MARK}],
        "edit_info": {"edit_history": [MARK]},
        "confidence_level": MARK,
        "reasoning": MARK,
        "thread_info": {"reply_to": "msg_0", "thread_id": MARK},
        **told,
    }
    if kind == "chat.message":
        return logged(kind, "participant_alice", **data)
    return wire(kind, **data, **({"agent": CLAUDE} if kind == "chat.agent_message" else {"author": ALICE}))


@pytest.mark.spec("FEED-1")
@pytest.mark.parametrize("kind", ["chat.human_message", "chat.agent_message", "chat.message"])
async def test_only_a_message_that_says_that_it_is_public_is_seen(room, kind):
    await known_agents(room)
    shades = ["private", "room_only", "direct", "PUBLIC", "", ["public"], True]
    if kind != "chat.agent_message":
        shades.append(None)  # the wire format has no visibility for what agents say

    events = await seen(
        room, *(said(kind, shade, MARK) for shade in shades), said(kind, "public", "hello 👋")
    )

    by_agent = kind == "chat.agent_message"
    assert events == [
        {
            "type": "chat.public",
            "author": "Claude" if by_agent else "alice",
            "author_type": "agent" if by_agent else "human",
            "content": "hello 👋",
            "reply_to": "msg_0",
        }
    ]


# -- tasks -----------------------------------------------------------------------------------------


@pytest.mark.spec("FEED-2")
async def test_a_claim_that_was_accepted_names_the_agent_that_joined_before(room):
    await known_agents(room)

    events = await seen(
        room,
        wire("task.claim", task_id="t_1", agent_id="agent_1", reason=MARK),
        wire("task.claim_rejected", task_id="t_1", agent_id="agent_2", reason=MARK),
        wire("task.claim_accepted", task_id="t_1", agent_id="agent_1", claim_reason=MARK, score=MARK),
        logged("task.claimed", "agent_2", task_id="t_2", reason=MARK),
    )

    claimed = {"type": "agent.claimed_task", "agent_owner": "alice"}
    assert events == [
        {**claimed, "agent_name": "Claude", "task_id": "t_1"},
        {**claimed, "agent_name": "Gemini", "task_id": "t_2"},
    ]


@pytest.mark.spec("FEED-3")
async def test_what_becomes_of_a_task_and_what_an_agent_does_is_told_in_one_word(room):
    await known_agents(room)
    private = {"steps": [MARK], "notes": MARK, "blockers": [MARK], "message": MARK, "error": {"trace": MARK}}
    of_claude = {"task_id": "t_1", "agent_id": "agent_1", **private}

    events = await seen(
        room,
        wire("task.status", status="in_progress", progress={"percentage": 40, "detail": MARK}, **of_claude),
        logged("task.status_changed", old_status="in_progress", new_status="review", **of_claude),
        wire("task.status", status="merged", **of_claude),
        logged("task.status_changed", old_status="review", new_status="merged", **of_claude),
        *(
            logged(f"agent.{word}", "agent_2", **private)
            for word in ("thinking", "executing", "error", "idle")
        ),
    )

    claude = {"type": "agent.status_change", "agent_name": "Claude", "task_id": "t_1"}
    gemini = {"type": "agent.status_change", "agent_name": "Gemini"}
    assert events == [
        {**claude, "status": "executing", "progress": 40},
        {**claude, "status": "waiting_approval"},
        {"type": "task.completed", "task_id": "t_1", "agent_name": "Claude"},
        {"type": "task.completed", "task_id": "t_1", "agent_name": "Claude"},
        *({**gemini, "status": word} for word in ("thinking", "executing", "error", "idle")),
    ]
    statuses = {agent["agent_name"]: agent["status"] for agent in (await newcomer(room))["agents"]}
    assert statuses == {"Claude": "waiting_approval", "Gemini": "idle"}


def step(word, by="participant_alice", **data):
    """Write a room log's word about task t_1: by alice, who may have nothing to do with the work."""
    return logged("task.status_changed", by, task_id="t_1", old_status=MARK, new_status=word, **data)


LIVES = {
    "wire": (
        (
            wire("task.created", task_id="t_1", title="Scaffold", creator=ALICE, description=MARK),
            "open",
            None,
        ),
        (wire("task.claim_accepted", task_id="t_1", agent_id="agent_1"), "claimed", "Claude"),
        (
            wire("task.status", task_id="t_1", agent_id="agent_1", status="in_progress"),
            "in_progress",
            "Claude",
        ),
        (wire("task.status", task_id="t_1", agent_id="agent_1", status="review"), "review", "Claude"),
        (wire("task.status", task_id="t_1", agent_id="agent_1", status="rejected"), "open", None),
        (wire("task.claim_accepted", task_id="t_1", agent_id="agent_2"), "claimed", "Gemini"),
        (
            wire("task.status", task_id="t_1", agent_id="agent_2", status="in_progress"),
            "in_progress",
            "Gemini",
        ),
        (wire("task.status", task_id="t_1", agent_id="agent_2", status="review"), "review", "Gemini"),
        (wire("task.status", task_id="t_1", agent_id="agent_2", status="merged"), "done", "Gemini"),
    ),
    "room log": (
        (logged("task.created", "participant_alice", task_id="t_1", title="Scaffold"), "open", None),
        (step("open"), "open", None),
        (logged("task.claimed", "agent_1", task_id="t_1"), "claimed", "Claude"),
        (step("claimed"), "claimed", "Claude"),
        (step("in_progress"), "in_progress", "Claude"),
        (step("review", "agent_2"), "review", "Claude"),
        (logged("agent.idle", "agent_1", task_id="t_1"), "review", "Claude"),
        (step("rejected", "agent_2"), "open", None),
        (step("claimed", "agent_2"), "claimed", "Gemini"),
        (logged("agent.executing", "agent_2", task_id="t_1"), "in_progress", "Gemini"),
        (step("review"), "review", "Gemini"),
        (step("in_progress"), "in_progress", "Gemini"),
        (logged("agent.error", "agent_2", task_id="t_1"), "in_progress", "Gemini"),
        (step("review"), "review", "Gemini"),
        (step("merged"), "done", "Gemini"),
        (logged("task.completed", "agent_2", task_id="t_1"), "done", "Gemini"),
    ),
}


@pytest.mark.spec("FEED-12")
@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
async def test_each_newcomer_finds_the_task_where_it_is(room, life):
    await known_agents(room)
    for number, (event, state, holder) in enumerate(life):
        await seen(room, event)
        (task,) = (await newcomer(room))["tasks"]
        walked = [told["data"].get("new_status", told["type"]) for told, *_ in life[: number + 1]]
        assert (task["state"], task.get("agent_name")) == (state, holder), walked
        assert (task["title"], task["creator"]) == ("Scaffold", "alice")


@pytest.mark.spec("FEED-12")
def test_the_task_pane_follows_the_life_of_a_task(room):
    offer(room, *ARRIVALS)
    signs = {"open": "○", "claimed": "◐", "in_progress": "▶", "review": "◎", "done": "✔"}
    with Terminal([*CLAWTANK, "watch", room.id, "--relay", room.url.replace("http", "ws", 1)]) as screen:
        screen.wait_for("No tasks yet.")
        for event, state, holder in LIVES["room log"]:
            offer(room, event)
            text = screen.wait_for(f"{signs[state]} Scaffold")
            (line,) = (line for line in text.splitlines() if f"{signs[state]} Scaffold" in line)
            assert (holder or "") in line.split("Scaffold", 1)[1]
        screen.wait_for("TASKS  1 done")


@pytest.mark.spec("FEED-11")
@pytest.mark.parametrize("git", [True, False], ids=["git shown", "git hidden"])
async def test_what_a_task_delivered_where_and_by_whose_address_never_passes(make_room, relay, git):
    room = make_room(settings={"visibleEvents": {"gitOperations": git}})
    await known_agents(room)
    delivered = wire(
        "task.completed",
        task_id="t_1",
        agent_id="agent_1",
        completed_at=AT,
        description=DELIVERED,
        deliverables=[
            {"type": "file", "path": f"/srv/{DELIVERED}/cli.py", "url": f"https://example.org/{DELIVERED}"},
            {"type": "branch", "branch": DELIVERED, "commit_sha": DELIVERED},
        ],
        artifacts={"paths": [DELIVERED]},
    )
    commit = wire(
        "git.commit",
        commit_info={
            "short_sha": "a1b2c3d",
            "message": f"feat: scaffold\n\n{DELIVERED}",
            "branch": "main",
            "author": {"name": "Alice", "email": f"{DELIVERED}@example.org"},
        },
        repository={"path": DELIVERED, "private_branches": [{"name": DELIVERED, "sha": DELIVERED}]},
    )
    request = wire(
        "git.pr_opened",
        pull_request={
            "number": 7,
            "title": "Scaffold",
            "author": ALICE,
            "description": DELIVERED,
            "head": {"branch": DELIVERED, "sha": DELIVERED},
            "base_sha": DELIVERED,
        },
    )

    report = offer(room, delivered, commit, request)

    assert report["accepted"] == 3
    shown = [fields_of(event) for event in room.history()][3:]
    assert shown[0] == {"type": "task.completed", "task_id": "t_1", "agent_name": "Claude"}
    assert [event["type"] for event in shown[1:]] == (["git.commit", "git.pr_opened"] if git else [])
    metrics = room.public.answer("GET", "/metrics").content
    kept = b"".join(path.read_bytes() for path in relay.data.rglob("*") if path.is_file())
    told = json.dumps([room.history(), await newcomer(room), room.public.call("GET", room.path)]).encode()
    for outlet in (told, metrics, kept, relay.stderr.encode()):
        assert DELIVERED.encode() not in outlet


# -- git -------------------------------------------------------------------------------------------


@pytest.mark.spec("FEED-4")
async def test_git_of_both_shapes_is_seen_in_its_spectator_form(room):
    await known_agents(room)
    on_the_wire = wire(
        "git.commit",
        task_id="t_1",
        commit_info={
            "sha": "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
            "short_sha": "a1b2c3d",
            "message": f"feat: scaffold\n\n{MARK}",
            "branch": "main",
            "author": {"name": "Alice", "email": f"{MARK}@example.org"},
        },
        changes={
            "files_added": ["src/cli.py"],
            "files_modified": [{"path": "README.md", "patch": MARK}],
            "files_deleted": [],
            "stats": {"additions": 47, "deletions": 2},
            "diff": MARK,
            "file_contents": {"src/cli.py": MARK},
        },
    )
    in_the_log = logged(
        "git.commit",
        "agent_1",
        commit_sha="b2c3d4e5f60718293a4b5c6d7e8f9012345678a1",
        message="fix: list",
        branch="topic",
        files_changed=3,
        stats={"insertions": 5, "deletions": 1},
        author_email=MARK,
    )
    request = {"number": 7, "title": "Scaffold", "author": ALICE, "body": MARK, "head_sha": MARK}
    hidden = [
        wire("git.pr_reviewed", pull_request=request, comment=MARK),
        wire("git.conflict_warning", files=[MARK]),
        logged("git.branch_created", branch=MARK),
    ]

    events = await seen(
        room,
        on_the_wire,
        in_the_log,
        *hidden,
        wire("git.pr_opened", pull_request=request),
        wire(
            "git.pr_merged",
            pull_request=request,
            merge_info={"merged_by": {"display_name": "bob"}, "sha": MARK},
        ),
        logged("git.pr_opened", "participant_alice", number=8, title="More", body=MARK),
        logged("git.pr_merged", "participant_alice", number=8, title="More", sha=MARK),
    )

    assert events == [
        {
            "type": "git.commit",
            "sha": "a1b2c3d",
            "message": "feat: scaffold",
            "branch": "main",
            "author": "Alice",
            "files_changed": ["src/cli.py", "README.md"],
            "additions": 47,
            "deletions": 2,
            "task_id": "t_1",
        },
        {
            "type": "git.commit",
            "sha": "b2c3d4e",
            "message": "fix: list",
            "branch": "topic",
            "author": "Claude",
            "files_changed": 3,
            "additions": 5,
            "deletions": 1,
        },
        {"type": "git.pr_opened", "number": 7, "title": "Scaffold", "author": "alice"},
        {"type": "git.pr_merged", "number": 7, "title": "Scaffold", "author": "bob"},
        {"type": "git.pr_opened", "number": 8, "title": "More", "author": "alice"},
        {"type": "git.pr_merged", "number": 8, "title": "More", "author": "alice"},
    ]


async def test_a_merge_in_a_served_repository_comes_after_what_it_brought(serve, tmp_path):
    repo = Repo(tmp_path / "repo")
    repo.commit("base", "a.py")
    relay = serve("--git", str(repo.path), rooms=["room"])
    async with watching(relay.url, "room", options={"history": "10"}) as viewer:
        await viewer.welcome()
        await viewer.events(1)
        repo.git("checkout", "-q", "-b", "topic")
        repo.commit("topic 1", "b.py")
        await viewer.events(2)
        repo.git("checkout", "-q", "main")
        repo.git("merge", "-q", "--no-ff", "topic")
        repo.git("branch", "-q", "-d", "topic")
        events = await viewer.events(3)
    assert [(event["message"], event["branch"], event.get("files_changed")) for event in events] == [
        ("base", "main", ["a.py"]),
        ("topic 1", "topic", ["b.py"]),
        ("Merge branch 'topic'", "main", None),
    ]


# -- the room --------------------------------------------------------------------------------------


@pytest.mark.spec("FEED-5")
async def test_people_and_agents_come_and_go_and_spectators_are_the_relays_own(room):
    events = await seen(
        room,
        *ARRIVALS,
        wire("room.spectator_joined", spectator={"display_name": MARK}),
        logged("participant.joined", participant_type="spectator", display_name=MARK),
        wire("room.agent_left", agent=CLAUDE, reason=MARK),
        logged("participant.left", "agent_2", reason=MARK),
        logged("participant.left", "participant_alice", reason=MARK),
    )

    claude, gemini = ({"agent_name": name, "agent_owner": "alice"} for name in ("Claude", "Gemini"))
    assert events == [
        {"type": "agent.joined", **claude},
        {"type": "agent.joined", **gemini},
        {"type": "member.joined", "name": "alice"},
        {"type": "agent.left", **claude},
        {"type": "agent.left", **gemini},
        {"type": "member.left", "name": "alice"},
    ]
    state = await newcomer(room)
    assert (state["agents"], state["members"]) == ([], [])


@pytest.mark.spec("FEED-6")
async def test_the_room_moves_on_and_everything_about_its_machinery_is_hidden(room):
    machinery = [
        logged("room.settings_updated", settings={"api_key": MARK}),
        logged("room.created", name=MARK),
        logged("chat.reaction", emoji=MARK),
        *(wire(f"connection.{word}", session=MARK) for word in ("established", "closed", "ping")),
        *(wire(kind, capabilities=[MARK]) for kind in ("agent.register", "agent.register_response")),
        wire("extension.anything", payload=MARK),
        wire("error", code=MARK, message=MARK),
    ]
    assert await seen(room, *machinery) == []

    first = logged("room.state_changed", old_state="lobby", new_state="paused", reason=MARK)
    second = logged("room.state_changed", old_state="paused", new_state="active", reason=MARK)
    async with room.watch() as viewer:
        assert (await viewer.welcome())["room_info"]["state"] == "active"
        for event, state in ((first, "paused"), (second, "active")):
            await asyncio.to_thread(offer, room, event)
            notice = await viewer.expect("spectator.notice", WAIT_S)
            assert (notice["kind"], notice["state"]) == ("room_state", state)
            assert room.public.call("GET", room.path)["state"] == state
            async with room.watch() as late:
                assert (await late.welcome())["room_info"]["state"] == state
        repeated = await asyncio.to_thread(offer, room, first)
        assert repeated["duplicates"] == 1, "what is delivered twice takes no room back"
        assert room.public.call("GET", room.path)["state"] == "active"
        assert MARK not in json.dumps(viewer.seen)


# -- limits ----------------------------------------------------------------------------------------

CHAT, TITLE, SUBJECT, NAME = 4000, 200, 2000, 100
LIMITS = (
    ("chat.public", "content", CHAT),
    ("chat.public", "author", NAME),
    ("task.created", "title", TITLE),
    ("task.created", "creator", NAME),
    ("task.completed", "title", TITLE),
    ("task.completed", "agent_name", NAME),
    ("agent.claimed_task", "agent_name", NAME),
    ("agent.claimed_task", "agent_owner", NAME),
    ("agent.claimed_task", "title", TITLE),
    ("agent.status_change", "agent_name", NAME),
    ("agent.joined", "agent_name", NAME),
    ("agent.joined", "agent_owner", NAME),
    ("agent.left", "agent_name", NAME),
    ("agent.left", "agent_owner", NAME),
    ("git.commit", "message", SUBJECT),
    ("git.commit", "author", NAME),
    ("git.commit", "branch", TITLE),
    ("git.pr_opened", "title", TITLE),
    ("git.pr_opened", "author", NAME),
    ("git.pr_merged", "title", TITLE),
    ("git.pr_merged", "author", NAME),
    ("member.joined", "name", NAME),
    ("member.joined", "role", NAME),
    ("member.left", "name", NAME),
    ("milestone.reached", "title", TITLE),
)
WHOLE = {
    "chat.public": {"author": "alice", "author_type": "human", "content": "hello"},
    "task.created": {"task_id": "t", "title": "Scaffold", "creator": "alice"},
    "task.completed": {"task_id": "t"},
    "agent.claimed_task": {"agent_name": "Claude", "task_id": "t"},
    "agent.status_change": {"agent_name": "Claude", "status": "testing"},
    "agent.joined": {"agent_name": "Claude"},
    "agent.left": {"agent_name": "Claude"},
    "git.commit": {"sha": "a1b2c3d", "message": "feat: x", "author": "alice"},
    "git.pr_opened": {"number": 7, "title": "Scaffold", "author": "alice"},
    "git.pr_merged": {"number": 7, "title": "Scaffold", "author": "alice"},
    "member.joined": {"name": "alice"},
    "member.left": {"name": "alice"},
    "milestone.reached": {"title": "It runs"},
}


@pytest.mark.spec("FEED-9")
@pytest.mark.parametrize("letter", ["é", "漢", "🎉"], ids=["two bytes", "three bytes", "four bytes"])
async def test_a_text_at_its_limit_is_whole_and_a_longer_one_is_cut_with_a_mark(room, letter):
    texts = [
        (kind, field, text)
        for kind, field, limit in LIMITS
        for text in (letter * limit, letter * (limit + 1), letter * (4 * limit))
    ]

    def whole(kind, text):
        # Two names that are cut alike are one agent, whose repeated status is not sent again.
        apart = {"progress": len(text) % 100} if kind == "agent.status_change" else {}
        return {"type": kind, **WHOLE[kind], **apart}

    events = await seen(room, *({**whole(kind, text), field: text} for kind, field, text in texts))

    limit_of = {(kind, field): limit for kind, field, limit in LIMITS}
    for (kind, field, text), event in zip(texts, events, strict=True):
        limit = limit_of[kind, field]
        expected = text if len(text) == limit else letter * (limit - 1) + "…"
        assert event == {**whole(kind, text), field: expected}, (kind, field, len(text))
