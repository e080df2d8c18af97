"""What the thirteen visible events show: published the way the protocol prints them, seen at every outlet."""

import asyncio
import json
import re
import sys
from datetime import UTC, datetime

import pytest

from support.clients import Api, watching
from support.operating import offer, post
from support.relay_process import relay_environment
from support.rooms import Room
from support.terminal import Terminal

AT = "2026-02-17T21:03:00Z"
CLAWTANK = [sys.executable, "-c", "from clawtank_tui.cli import main; main()"]
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")

CHAT = {
    "type": "chat.public",
    "author": "alice",
    "author_type": "human",
    "content": "Let's build a CLI tool for managing todo lists",
    "timestamp": AT,
}
CREATED = {
    "type": "task.created",
    "task_id": "task_123",
    "title": "Create CLI scaffold with Click framework",
    "creator": "alice",
    "timestamp": "2026-02-17T21:03:15Z",
}
CLAIMED = {
    "type": "agent.claimed_task",
    "agent_name": "Claude",
    "agent_owner": "alice",
    "task_id": "task_123",
    "timestamp": "2026-02-17T21:03:30Z",
}
COMPLETED = {"type": "task.completed", "task_id": "task_123", "agent_name": "Claude", "timestamp": AT}
STATUS = {
    "type": "agent.status_change",
    "agent_name": "Claude",
    "status": "executing",
    "task_id": "task_123",
    "progress": 40,
    "timestamp": AT,
}
COMMIT = {
    "type": "git.commit",
    "sha": "a1b2c3d",
    "message": "feat: scaffold",
    "branch": "main",
    "author": "alice",
    "files_changed": ["src/cli.py", "README.md"],
    "additions": 47,
    "deletions": 0,
    "timestamp": AT,
}
OPENED = {"type": "git.pr_opened", "number": 7, "title": "Add todo lists", "author": "alice", "timestamp": AT}
MERGED = {"type": "git.pr_merged", "number": 7, "title": "Add todo lists", "author": "bob", "timestamp": AT}
CAME = {"type": "agent.joined", "agent_name": "Claude", "agent_owner": "alice", "timestamp": AT}
WENT = {"type": "agent.left", "agent_name": "Claude", "agent_owner": "alice", "timestamp": AT}
JOINED = {"type": "member.joined", "name": "alice", "role": "host", "timestamp": AT}
LEFT = {"type": "member.left", "name": "alice", "role": "host", "timestamp": AT}
MILESTONE = {"type": "milestone.reached", "title": "todo 0.1 can add and list", "timestamp": AT}
SESSION = [
    JOINED,
    CAME,
    CHAT,
    CREATED,
    CLAIMED,
    STATUS,
    COMMIT,
    OPENED,
    MERGED,
    COMPLETED,
    MILESTONE,
    WENT,
    LEFT,
]


def ws(url):
    """Return a relay's address as `clawtank --relay` takes it."""
    return url.replace("http", "ws", 1)


def without_place(event):
    """Return an event as it was published: what the relay adds is its place."""
    return {name: value for name, value in event.items() if name not in ("seq", "event_id")}


async def shown(room, *published):
    """Publish events to a viewer and return them as the viewer sees them."""
    async with room.watch() as viewer:
        await viewer.welcome()
        await asyncio.to_thread(room.publish, *published)
        events = await viewer.events(len(published))
    assert room.history() == events, "the page over HTTP and the socket show the same"
    return events


async def arrived(room):
    """Return the state that a newcomer is welcomed with."""
    async with room.watch() as viewer:
        return (await viewer.welcome())["current_state"]


@pytest.mark.spec("EVENT-1")
async def test_every_frame_of_a_whole_session_has_the_shape(room):
    async with room.watch() as viewer:
        position = (await viewer.welcome())["cursor"]
        for start in range(0, len(SESSION), 3):
            await asyncio.to_thread(room.publish, *SESSION[start : start + 3])
        await viewer.events(len(SESSION))
        frames = [frame["data"] for frame in viewer.seen if frame["type"] == "spectator.activity"]

    for frame in frames:
        assert set(frame) == {"room_id", "timestamp", "events", "after", "cursor"}
        assert frame["room_id"] == room.id
        assert INSTANT.fullmatch(frame["timestamp"])
        assert frame["events"], "no frame is empty"
        assert frame["after"] == position
        position = frame["cursor"]
        assert frame["events"][-1]["event_id"] == position
    assert [without_place(event) for frame in frames for event in frame["events"]] == SESSION


@pytest.mark.spec("EVENT-2", "EVENT-4", "EVENT-6")
async def test_the_protocols_own_examples_come_back_equal(room):
    events = await shown(room, CHAT, {**CREATED, "description": "private words"}, CLAIMED)

    assert [without_place(event) for event in events] == [CHAT, CREATED, CLAIMED]


@pytest.mark.spec("EVENT-3")
async def test_people_and_agents_differ_on_the_wire_and_in_plain_lines_without_colour(room):
    human, agent = await shown(room, CHAT, {**CHAT, "author_type": "agent"})
    assert (human["author_type"], agent["author_type"]) == ("human", "agent")

    watch = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from clawtank_tui.cli import main; main()",
        *(
            "watch",
            room.id,
            "--relay",
            room.url.replace("http", "ws", 1),
            "--plain",
            "--since",
            human["timestamp"],
        ),
        stdout=asyncio.subprocess.PIPE,
        env=relay_environment() | {"NO_COLOR": "1"},
    )
    try:
        lines = []
        async with asyncio.timeout(20):
            while len(lines) < 2:
                line = (await watch.stdout.readline()).decode()
                assert line, f"the program has ended after {lines}"
                lines += [line] if CHAT["content"] in line else []
    finally:
        watch.kill()
        await watch.wait()
        watch._transport.close()
    assert "\x1b" not in "".join(lines)
    assert lines[0] != lines[1], "same author, same words: only the kind of author tells them apart"


@pytest.mark.spec("EVENT-5")
async def test_a_completed_task_leaves_the_open_list_for_a_newcomer_too(room):
    await shown(room, CREATED)
    (open_task,) = (await arrived(room))["tasks"]
    assert (open_task["task_id"], open_task["state"]) == ("task_123", "open")

    room.publish({**COMPLETED, "title": "Create CLI scaffold", "artifacts": ["/srv/private"]})

    (done,) = (await arrived(room))["tasks"]
    assert (done["state"], done["agent_name"]) == ("done", "Claude")
    event = room.history()[-1]
    assert without_place(event) == {**COMPLETED, "title": "Create CLI scaffold"}


@pytest.mark.spec("EVENT-7")
async def test_a_commit_shows_its_named_fields_and_no_more(room):
    long = {
        **COMMIT,
        "sha": "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334",
        "message": "feat: scaffold\n\nA body with private words.",
        "author": "alice <alice@private.example>",
        "author_email": "alice@private.example",
        "diff": "+private words",
        "patch": {"hunks": ["private words"]},
    }
    (commit,) = await shown(room, long)

    assert without_place(commit) == COMMIT
    assert "private" not in json.dumps(commit)


@pytest.mark.spec("EVENT-8")
async def test_pull_requests_show_number_title_and_who_without_a_body(room):
    events = await shown(room, *({**event, "body": "private words"} for event in (OPENED, MERGED)))

    assert [without_place(event) for event in events] == [OPENED, MERGED]


@pytest.mark.spec("EVENT-9")
async def test_a_status_is_one_of_seven_words_and_an_unknown_one_is_refused_by_name(room):
    words = ("idle", "thinking", "executing", "testing", "committing", "waiting_approval", "error")
    detailed = [
        {**STATUS, "status": word, "detail": "private", "notes": ["private"], "steps": {"now": "private"}}
        for word in words
    ]
    events = await shown(room, *detailed)
    assert [without_place(event) for event in events] == [{**STATUS, "status": word} for word in words]

    report = offer(room, {**STATUS, "status": "dreaming"}, {**STATUS, "status": "idle"})

    assert report["accepted"] == 1, "a bad status costs its neighbour nothing"
    (refused,) = report["rejected"]
    assert refused["index"] == 0
    assert "status" in refused["message"]
    assert "waiting_approval" in refused["message"], "it says what would have been right"
    assert "dreaming" not in refused["message"], "and repeats nothing of what was sent"


@pytest.mark.spec("EVENT-10", "EVENT-11")
def test_the_pane_of_people_and_agents_follows_them(room):
    with Terminal([*CLAWTANK, "watch", room.id, "--relay", ws(room.url)]) as screen:
        screen.wait_for("0 people · 0 agents")
        room.publish(CAME, JOINED)
        screen.wait_for("1 person · 1 agent")
        room.publish(WENT, LEFT)
        screen.wait_for("0 people · 0 agents")


@pytest.mark.spec("EVENT-10", "EVENT-11")
async def test_agents_and_members_come_and_go_without_details_of_theirs(room):
    details = {"model": "private-model-7b", "provider": "private", "user": {"email": "private@example.org"}}
    coming = await shown(room, *({**event, **details} for event in (CAME, JOINED)))
    assert [without_place(event) for event in coming] == [CAME, JOINED]
    state = await arrived(room)
    assert [(agent["agent_name"], agent["agent_owner"]) for agent in state["agents"]] == [("Claude", "alice")]
    assert [member["name"] for member in state["members"]] == ["alice"]
    assert "private" not in json.dumps(state)

    room.publish({**WENT, **details}, {**LEFT, **details})

    assert [without_place(event) for event in room.history()][2:] == [WENT, LEFT]
    state = await arrived(room)
    assert (state["agents"], state["members"]) == ([], [])


@pytest.mark.spec("EVENT-12")
async def test_a_milestone_is_seen_where_tasks_are_seen(room):
    (milestone,) = await shown(room, MILESTONE)
    assert without_place(milestone) == MILESTONE

    room.set(visibleEvents={"taskActivity": False})
    async with room.watch() as viewer:
        await viewer.welcome()
        await asyncio.to_thread(room.publish, MILESTONE, CHAT)
        (event,) = await viewer.events(1)
    assert event["type"] == "chat.public", "the milestone went with taskActivity"
    assert [event["type"] for event in room.history()] == ["chat.public"]


@pytest.mark.spec("EVENT-13")
async def test_every_event_has_a_type_and_a_utc_time_at_every_outlet(room):
    untimed = {name: value for name, value in CHAT.items() if name != "timestamp"}
    with_offset = {**CHAT, "timestamp": "2026-02-17T23:03:00+02:00"}
    stamped, offset, naive = await shown(
        room, untimed, with_offset, {**CHAT, "timestamp": "2026-02-17T21:03:00.250"}
    )

    assert offset["timestamp"] == AT, "the same instant, in UTC"
    assert naive["timestamp"] == "2026-02-17T21:03:00.250Z"
    age_s = (datetime.now(UTC) - datetime.fromisoformat(stamped["timestamp"])).total_seconds()
    assert 0 <= age_s < 30, "stamped by the relay's own clock"
    state = await arrived(room)
    outlets = [[stamped, offset, naive], room.history(), state["recent_chat"]]
    async with room.watch(options={"history": "3"}) as viewer:
        await viewer.welcome()
        outlets.append(await viewer.events(3))
    for events in outlets:
        assert events == outlets[0]
        assert all(INSTANT.fullmatch(event["timestamp"]) and event["type"] for event in events)


@pytest.mark.spec("EVENT-14")
async def test_the_order_of_the_log_is_the_order_of_every_viewer_and_outlet(room):
    def numbered(publisher):
        for number in range(0, 100, 5):
            room.publish(
                *(
                    {**CHAT, "content": f"{publisher}-{number + part}", "author": publisher}
                    for part in range(5)
                )
            )

    async with room.watch() as one, room.watch(compression=None) as other:
        await one.welcome()
        start = (await other.welcome())["cursor"]
        async with asyncio.TaskGroup() as publishers:
            for name in "vwxyz":
                publishers.create_task(asyncio.to_thread(numbered, name))
        live = await one.events(500)
        assert await other.events(500) == live
    async with room.watch(options={"cursor": start}) as viewer:
        await viewer.welcome()
        assert await viewer.events(500) == live
    assert room.history(limit=37) == live

    seqs = [event["seq"] for event in live]
    assert seqs == sorted(set(seqs))
    for name in "vwxyz":
        own = [event["content"] for event in live if event["author"] == name]
        assert own == [f"{name}-{number}" for number in range(100)], "no publisher's own order is changed"


@pytest.mark.spec("EVENT-15")
async def test_an_events_id_is_one_for_all_outlets_and_for_the_time_after_a_restart(serve):
    relay = serve()
    with Api(relay.url, relay.operator_token) as operator, Api(relay.url) as public:
        room, elsewhere = (
            Room.create(relay.url, name, operator=operator, public=public) for name in ("room", "elsewhere")
        )
        live = await shown(room, *SESSION)
        elsewhere.publish(*SESSION)
        ids = [event["event_id"] for event in (*live, *elsewhere.history())]
        assert len(set(ids)) == 2 * len(SESSION)
    relay.stop()

    again = serve()
    with Api(again.url) as public:
        assert public.history("room") == live
    async with watching(again.url, "room", options={"cursor": live[4]["event_id"]}) as viewer:
        await viewer.welcome()
        assert await viewer.events(len(SESSION) - 5) == live[5:], "an id resumes as a cursor does"


@pytest.mark.spec("FEED-10")
def test_publishing_needs_the_rooms_own_token_and_a_repeat_is_counted_not_shown(room, make_room):
    other = make_room()
    for token in ("forged", other.publish_token, room.host_token):
        answer = post(room, json.dumps(CHAT).encode(), token=token)
        assert answer.status_code in (401, 403)
        assert answer.json()["code"] == "AUTH_INVALID"
    assert room.history() == []

    mixed = [
        {**CHAT, "id": "one"},
        {"type": "agent.reasoning", "content": "hidden", "id": "two"},
        {**STATUS, "status": "dreaming", "id": "three"},
        "no object",
        {"author": "no type"},
        {**MILESTONE, "id": "four"},
    ]
    first, second = offer(room, *mixed), offer(room, *mixed)

    assert (first["accepted"], first["duplicates"], first["hidden"]) == (2, 0, 1)
    assert (second["accepted"], second["duplicates"], second["hidden"]) == (0, 2, 1)
    assert first["rejected"] == second["rejected"]
    assert [refused["index"] for refused in first["rejected"]] == [2, 3, 4]
    assert [event["type"] for event in room.history()] == ["chat.public", "milestone.reached"]
    assert first["cursor"] == second["cursor"] == room.history()[-1]["event_id"]


@pytest.mark.spec("SAN-9")
async def test_changed_files_may_be_absent_none_a_number_or_names(room):
    absent = {name: value for name, value in COMMIT.items() if name != "files_changed"}
    forms = [absent, {**COMMIT, "files_changed": []}, {**COMMIT, "files_changed": 12}, COMMIT]
    events = await shown(room, *forms)

    assert [without_place(event) for event in events] == forms
