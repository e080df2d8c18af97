"""Locks: each shape is recognised, and each type maps to what a spectator may see of it, and no more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.events import EVENT_TYPES
from relay.protocol.times import parse_instant
from relay.screen.screen import Hidden, Rejected, Visible, digest, screen
from relay.sources.clawtank import MAPPERS
from relay.sources.shapes import Mapped, SpectatorSaid, StateChange, to_room_event

AT = "2026-02-17T21:03:00.000Z"
LEAK = "LEAK-5c1f"


class Table:
    """Names in memory."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, str], str] = {}

    def learn(self, kind: str, id: str, name: str, /) -> None:
        self.names[kind, id] = name

    def name_of(self, kind: str, id: str, /) -> str | None:
        return self.names.get((kind, id))


def envelope(kind: str, **data: Any) -> dict[str, Any]:
    return {"id": "msg_01H", "type": kind, "timestamp": AT, "data": data, "metadata": {"priority": LEAK}}


def logged(kind: str, participant: str = "p_1", **data: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "type": kind,
        "room_id": "room_1",
        "participant_id": participant,
        "timestamp": AT,
        "data": data,
    }


def fields(item: dict[str, Any], table: Table | None = None) -> dict[str, Any]:
    """Map an item that must be visible; return its fields, checked by the screen."""
    result = to_room_event(item, table or Table())
    assert isinstance(result, Mapped), result
    assert isinstance(screen(result.event, 0), Visible), screen(result.event, 0)
    assert LEAK not in str(screen(result.event, 0))
    event = dict(result.event)
    assert event.pop("id") == item.get("id")
    assert event.pop("timestamp") == item.get("timestamp")
    return {name: value for name, value in event.items() if value is not None}


PERSON = {"display_name": "alice", "id": LEAK, "email": LEAK, "name": LEAK, "avatar": LEAK}
AGENT = {"display_name": "Claude", "id": "a_1", "owner": PERSON, "model": LEAK, "capabilities": [LEAK]}


def test_the_specs_own_shape_goes_to_the_screen_as_it_is():
    item = {"type": "task.created", "task_id": "t", "title": "x", "creator": "alice", "timestamp": AT}
    assert to_room_event(item, Table()) == Mapped(item)


def test_a_stray_data_field_does_not_make_an_envelope_of_a_flat_event():
    item = {"type": "task.created", "task_id": "t", "title": "x", "creator": "alice", "data": {"title": LEAK}}
    assert to_room_event(item, Table()) == Mapped(item)


def test_a_spectator_type_in_an_envelope_is_unwrapped():
    assert fields(envelope("milestone.reached", title="It runs", cost=LEAK)) == {
        "type": "milestone.reached",
        "title": "It runs",
    }
    private = envelope("chat.public", author="a", author_type="human", content=LEAK, visibility="private")
    assert to_room_event(private, Table()) == Hidden()


@pytest.mark.parametrize("item", [None, 7, "text", [], [{}]])
def test_what_is_no_object_is_refused(item: Any):
    assert to_room_event(item, Table()) == Rejected("it is not a JSON object")


def test_a_type_is_needed():
    assert to_room_event({"data": {}}, Table()) == Rejected("type: is missing")
    assert to_room_event({"type": 7}, Table()) == Rejected("type: must be text")


# -- chat ------------------------------------------------------------------------------------------


def human_message(**changes: Any) -> dict[str, Any]:
    data = {
        "author": PERSON,
        "content": {"text": "hello", "formatted_html": LEAK},
        "visibility": "public",
        "thread_info": {"reply_to": "msg_0"},
        "attachments": [LEAK],
        "edit_info": {"edit_history": [LEAK]},
    }
    return envelope("chat.human_message", **{**data, **changes})


def agent_message(**content: Any) -> dict[str, Any]:
    return envelope(
        "chat.agent_message",
        agent=AGENT,
        content={"text": "on it", "message_type": "text", **content},
        visibility="public",
        confidence_level=LEAK,
        reasoning=LEAK,
    )


def test_a_persons_public_message():
    assert fields(human_message()) == {
        "type": "chat.public",
        "author": "alice",
        "author_type": "human",
        "content": "hello",
        "reply_to": "msg_0",
    }


def test_an_agents_public_message():
    assert fields(agent_message()) == {
        "type": "chat.public",
        "author": "Claude",
        "author_type": "agent",
        "content": "on it",
    }


@pytest.mark.parametrize("visibility", ["private", "room_only", "PUBLIC", "", None, True, ["public"]])
def test_only_what_says_that_it_is_public_passes(visibility: Any):
    assert to_room_event(human_message(visibility=visibility), Table()) == Hidden()


@pytest.mark.parametrize("kind", ["chat.human_message", "chat.message"])
def test_silence_about_visibility_is_not_public(kind: str):
    assert to_room_event(envelope(kind, author=PERSON, content={"text": LEAK}), Table()) == Hidden()


def test_what_an_agent_says_has_no_visibility_in_the_wire_format_and_counts_by_its_kind():
    told = {"agent": AGENT, "content": {"text": "on it", "message_type": "text"}}
    assert fields(envelope("chat.agent_message", **told))["content"] == "on it"
    for visibility in ("private", "room_only", "", None):
        hidden = envelope("chat.agent_message", **told, visibility=visibility)
        assert to_room_event(hidden, Table()) == Hidden()
    told["content"]["message_type"] = "reasoning"
    assert to_room_event(envelope("chat.agent_message", **told), Table()) == Hidden()


@pytest.mark.parametrize(
    "message_type", ["reasoning", "thinking", "tool_output", "debug", "", None, ["text"]]
)
def test_of_an_agent_only_what_it_says_to_the_room_passes(message_type: Any):
    assert to_room_event(agent_message(message_type=message_type), Table()) == Hidden()


def test_a_logged_message_is_named_from_the_table():
    table = Table()
    fields(logged("participant.joined", "p_1", display_name="alice", role="host"), table)
    fields(logged("participant.agent_connected", "p_2", agent={"display_name": "Claude"}), table)
    by_person = fields(logged("chat.message", "p_1", content="hi", visibility="public"), table)
    by_agent = fields(logged("chat.message", "p_2", content={"text": "hi"}, visibility="public"), table)
    by_stranger = fields(logged("chat.message", "p_9", text="hi", visibility="public"), table)
    assert (by_person["author"], by_person["author_type"]) == ("alice", "human")
    assert (by_agent["author"], by_agent["author_type"]) == ("Claude", "agent")
    assert (by_stranger["author"], by_stranger["author_type"]) == ("someone", "human")


# -- tasks -----------------------------------------------------------------------------------------


def test_a_task_is_created():
    assert fields(
        envelope(
            "task.created",
            task_id="t_1",
            title="Scaffold",
            creator=PERSON,
            priority="high",
            status="open",
            description=LEAK,
            requirements=[LEAK],
            context={"paths": [LEAK]},
        )
    ) == {
        "type": "task.created",
        "task_id": "t_1",
        "title": "Scaffold",
        "creator": "alice",
        "priority": "high",
    }


def test_a_creator_nobody_knows_stays_unnamed():
    assert fields(logged("task.created", "p_9", task_id="t", title="x"))["creator"] == "someone"


def joined() -> Table:
    table = Table()
    fields(envelope("room.agent_joined", agent=AGENT, impact=LEAK), table)
    return table


def test_a_claim_is_named_from_an_earlier_join():
    claim = envelope("task.claim_accepted", task_id="t_1", agent_id="a_1", claim_reason=LEAK, score=LEAK)
    assert fields(claim, joined()) == {
        "type": "agent.claimed_task",
        "agent_name": "Claude",
        "agent_owner": "alice",
        "task_id": "t_1",
    }
    assert fields(logged("task.claimed", "a_1", task_id="t_1"), joined())["agent_name"] == "Claude"


def test_an_agent_nobody_knows_stays_unnamed_and_its_id_unsaid():
    claim = fields(envelope("task.claim_accepted", task_id="t_1", agent_id=LEAK))
    assert claim == {"type": "agent.claimed_task", "agent_name": "agent", "task_id": "t_1"}


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("testing", "testing"),
        ("claimed", "thinking"),
        ("in_progress", "executing"),
        ("review", "waiting_approval"),
        ("failed", "error"),
    ],
)
def test_a_tasks_step_becomes_its_agents_status(step: str, status: str):
    data = {
        "task_id": "t_1",
        "agent_id": "a_1",
        "status": step,
        "steps": [LEAK],
        "notes": LEAK,
        "blockers": [LEAK],
    }
    assert fields(envelope("task.status", progress={"percentage": 40, "detail": LEAK}, **data), joined()) == {
        "type": "agent.status_change",
        "agent_name": "Claude",
        "status": status,
        "task_id": "t_1",
        "progress": 40,
    }


@pytest.mark.parametrize("step", ["rejected", "open"])
def test_a_task_that_is_open_again_is_one_its_agent_is_idle_about(step: str):
    data = {"task_id": "t_1", "agent_id": "a_1", "status": step, "progress": {"percentage": 90}}
    assert fields(envelope("task.status", notes=LEAK, **data), joined()) == {
        "type": "agent.status_change",
        "agent_name": "Claude",
        "status": "idle",
        "task_id": "t_1",
    }


def test_an_idle_agent_lets_go_of_no_task():
    for kind, data in (("agent.idle", {}), ("task.status", {"agent_id": "a_1", "status": "idle"})):
        item = logged(kind, "a_1", task_id="t_1", progress={"percentage": 5}, **data)
        assert fields(item, joined()) == {
            "type": "agent.status_change",
            "agent_name": "Claude",
            "status": "idle",
        }


def changed(step: str, by: str = "p_alice", **data: Any) -> dict[str, Any]:
    return logged("task.status_changed", by, task_id="t_1", old_status=LEAK, new_status=step, **data)


def test_a_step_is_the_holders_whoever_took_it():
    table = joined()
    fields(logged("participant.joined", "p_alice", display_name="alice"), table)
    fields(envelope("room.agent_joined", agent={"id": "a_2", "display_name": "Gemini"}), table)
    fields(logged("task.claimed", "a_1", task_id="t_1"), table)

    assert fields(changed("in_progress"), table)["agent_name"] == "Claude"
    assert fields(changed("review", "a_2"), table)["agent_name"] == "Claude", "Gemini only reviews"
    assert fields(changed("review", agent_id="a_2"), table)["agent_name"] == "Gemini", "it says so itself"
    assert fields(changed("review", agent_id=LEAK), table)["agent_name"] == "agent", "nobody known"
    assert fields(changed("rejected"), table)["agent_name"] == "Claude"
    assert to_room_event(changed("open"), table) == Hidden(), "it is nobody's any more"
    assert fields(changed("claimed", "a_2"), table)["agent_name"] == "Gemini"
    assert fields(changed("merged"), table)["agent_name"] == "Gemini"


def test_a_task_that_never_was_anybodys_is_open_without_a_word():
    assert to_room_event(changed("open"), Table()) == Hidden()
    assert to_room_event(changed("open", "a_1"), joined()) == Hidden(), "Claude may only have made it"
    assert fields(changed("rejected"))["status"] == "idle"


@pytest.mark.parametrize("step", ["merged", "completed"])
def test_a_task_that_is_merged_is_completed(step: str):
    changed = logged("task.status_changed", "a_1", task_id="t_1", old_status="review", new_status=step)
    assert fields(changed, joined()) == {"type": "task.completed", "task_id": "t_1", "agent_name": "Claude"}


@pytest.mark.parametrize("step", ["juggling", None, 7, {}])
def test_a_step_nobody_knows_is_refused_by_the_screen(step: Any):
    mapped = to_room_event(envelope("task.status", task_id="t_1", status=step), Table())
    assert isinstance(mapped, Mapped)
    refusal = screen(mapped.event, 0)
    assert isinstance(refusal, Rejected)
    assert refusal.message.startswith("agent.status_change: status ")


def test_a_completed_task_says_who_did_it_if_it_is_known():
    done = envelope(
        "task.completed", task_id="t_1", agent_id="a_1", completed_at=AT, deliverables=[{"path": LEAK}]
    )
    assert fields(done, joined()) == {"type": "task.completed", "task_id": "t_1", "agent_name": "Claude"}
    assert fields(done) == {"type": "task.completed", "task_id": "t_1"}


# -- agents and members ----------------------------------------------------------------------------


def test_agents_come_and_go_with_their_owner():
    for kind, shown in (("room.agent_joined", "agent.joined"), ("room.agent_left", "agent.left")):
        assert fields(envelope(kind, agent=AGENT, reason=LEAK)) == {
            "type": shown,
            "agent_name": "Claude",
            "agent_owner": "alice",
        }


@pytest.mark.parametrize("status", ["thinking", "executing", "error"])
def test_a_logged_status_says_nothing_but_the_word(status: str):
    item = logged(f"agent.{status}", "a_1", message=LEAK, prompt=LEAK, error={"trace": LEAK}, task_id="t_1")
    assert fields(item, joined()) == {
        "type": "agent.status_change",
        "agent_name": "Claude",
        "status": status,
        "task_id": "t_1",
    }


def test_participants_come_and_go():
    table = Table()
    assert fields(logged("participant.joined", display_name="alice", role="host", email=LEAK), table) == {
        "type": "member.joined",
        "name": "alice",
        "role": "host",
    }
    assert fields(logged("participant.left", reason=LEAK), table) == {"type": "member.left", "name": "alice"}


@pytest.mark.parametrize("said", [{"participant_type": "spectator"}, {"role": "spectator"}])
def test_a_participant_that_only_watches_is_no_member(said: dict[str, str]):
    for kind in ("participant.joined", "participant.left"):
        assert to_room_event(logged(kind, display_name=LEAK, **said), Table()) == Hidden()


def test_a_participant_that_is_an_agent_is_shown_as_one():
    table = Table()
    fields(
        logged("participant.agent_connected", "p_2", agent={"display_name": "Claude"}, owner=PERSON), table
    )
    assert fields(logged("participant.left", "p_2"), table) == {
        "type": "agent.left",
        "agent_name": "Claude",
        "agent_owner": "alice",
    }


# -- git -------------------------------------------------------------------------------------------


def test_a_commit_on_the_wire():
    item = envelope(
        "git.commit",
        task_id="t_1",
        commit_info={
            "sha": "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
            "short_sha": "a1b2c3d",
            "message": f"feat: x\n\n{LEAK}",
            "branch": "main",
            "author": {"name": "Alice", "email": LEAK},
        },
        changes={
            "files_added": ["a.py"],
            "files_modified": [{"path": "b.py", "patch": LEAK}],
            "files_deleted": [],
            "stats": {"additions": 4, "deletions": 1, "total": LEAK},
            "diff": LEAK,
        },
    )
    shown = fields(item)
    assert shown.pop("message").startswith("feat: x")
    assert shown == {
        "type": "git.commit",
        "sha": "a1b2c3d",
        "branch": "main",
        "author": "Alice",
        "files_changed": ["a.py", "b.py"],
        "additions": 4,
        "deletions": 1,
        "task_id": "t_1",
    }


def test_a_commit_in_the_log_with_plain_fields_and_counts():
    item = logged(
        "git.commit",
        "a_1",
        commit_sha="a1b2c3d",
        message="fix",
        branch="main",
        files_changed=3,
        stats={"insertions": 5, "deletions": 2},
    )
    assert fields(item, joined()) == {
        "type": "git.commit",
        "sha": "a1b2c3d",
        "message": "fix",
        "branch": "main",
        "author": "Claude",
        "files_changed": 3,
        "additions": 5,
        "deletions": 2,
    }


def test_changed_files_in_a_form_of_the_future_are_left_out():
    commit = {"short_sha": "a1b2c3d", "message": "x", "author": {"name": "A"}}
    changes = {
        "files_added": ["a.py", 7, None, {"blob": LEAK}],
        "files_renamed": [{"from": "b", "to": "c"}],
        "files_encoded": [LEAK],
        "files_changed": ["a.py", {"path": "d.py"}],
    }
    shown = fields(envelope("git.commit", commit_info=commit, changes=changes))
    assert shown["files_changed"] == ["a.py", "c", "d.py"]


def test_changed_files_given_as_counts_are_added_up():
    counts = {"files_added": 1, "files_modified": 2, "files_deleted": 0}
    commit = {"short_sha": "a1b2c3d", "message": "x", "author": {"name": "A"}}
    assert fields(envelope("git.commit", commit_info=commit, changes=counts))["files_changed"] == 3


def test_pull_requests_name_who_opened_and_who_merged():
    request = {"number": 7, "title": "Scaffold", "author": PERSON, "body": LEAK, "head_sha": LEAK}
    opened = fields(envelope("git.pr_opened", pull_request=request))
    merged = fields(
        envelope(
            "git.pr_merged",
            pull_request=request,
            merge_info={"merged_by": {"display_name": "bob"}, "sha": LEAK},
        )
    )
    assert opened == {"type": "git.pr_opened", "number": 7, "title": "Scaffold", "author": "alice"}
    assert merged == {"type": "git.pr_merged", "number": 7, "title": "Scaffold", "author": "bob"}


# -- the room, and all that is hidden --------------------------------------------------------------


@pytest.mark.parametrize("state", ["created", "lobby", "active", "paused", "completed"])
def test_the_rooms_state_moves(state: str):
    moved = to_room_event(logged("room.state_changed", old_state="lobby", new_state=state), Table())
    assert moved == StateChange(state, digest("evt_1"))
    assert to_room_event({"type": "room.state_changed", "state": state}, Table()) == StateChange(state)


@pytest.mark.parametrize("data", [{}, {"new_state": "closed"}, {"state": LEAK}, {"state": ["active"]}])
def test_a_state_that_is_none_is_refused(data: dict[str, Any]):
    result = to_room_event(logged("room.state_changed", **data), Table())
    assert isinstance(result, Rejected)
    assert LEAK not in result.message


@pytest.mark.parametrize("id", ["", 7, [LEAK], False])
def test_a_state_with_an_id_that_is_none_is_refused_as_an_event_would_be(id: Any):
    result = to_room_event({"type": "room.state_changed", "state": "paused", "id": id}, Table())
    assert result == Rejected("room.state_changed: id must be text that is not empty")


HIDDEN = (
    *("task.claim", "task.claim_rejected", "git.pr_reviewed", "git.conflict_warning", "git.branch_created"),
    *(
        "room.spectator_joined",
        "room.created",
        "room.settings_updated",
        "chat.reaction",
        "chat.direct_message",
    ),
    *("connection.established", "agent.register", "agent.register_response", "extension.x", "error", "dm"),
    *("agent.reasoning", "usage.report", "audit.login", "metrics.cpu", "debug.log", "task.status_changed.v2"),
)


@pytest.mark.parametrize("kind", HIDDEN)
def test_what_is_no_spectators_business_is_hidden_in_every_shape(kind: str):
    for item in (envelope(kind, text=LEAK), logged(kind, text=LEAK), {"type": kind, "text": LEAK}):
        assert to_room_event(item, Table()) == Hidden()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["public", "agent", "a_1", "text", ""]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["display_name", "owner", "text", "message_type", "author", "percentage", "path", "id"]
            ),
            inner,
        )
    ),
    max_leaves=6,
)
NAMES = (
    *(
        "visibility",
        "content",
        "text",
        "author",
        "agent",
        "agent_id",
        "owner",
        "status",
        "new_status",
        "progress",
    ),
    *(
        "task_id",
        "title",
        "creator",
        "commit_info",
        "changes",
        "stats",
        "pull_request",
        "merge_info",
        "thread_info",
    ),
    *(
        "participant_type",
        "type",
        "role",
        "name",
        "files_changed",
        "state",
        "new_state",
        "reply_to",
        "author_type",
    ),
)


@given(
    st.sampled_from(sorted(EVENT_TYPES | set(MAPPERS) | {"room.state_changed"})),
    st.dictionaries(st.sampled_from(NAMES), VALUES),
    VALUES,
)
def test_no_data_is_an_error(kind: str, data: dict[str, Any], participant: Any):
    data = {"visibility": "public", **data}
    result = to_room_event({"type": kind, "participant_id": participant, "data": data}, joined())
    if isinstance(result, Mapped):
        screen(result.event, 0)


# -- the spectators' own channel -------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        {"spectator_id": "s_1", "display_name": "Zoe", "message": "hi"},
        {"spectator": {"id": "s_1", "display_name": "Zoe", "email": LEAK}, "content": {"text": "hi"}},
        {"author": {"user_id": "s_1", "display_name": "Zoe", "name": LEAK}, "text": "hi"},
        {"spectator": {"display_name": "Zoe"}, "spectator_id": "s_1", "message": "hi", "reply_to": LEAK},
        {
            "spectator_id": "s_1",
            "display_name": "Zoe",
            "message": "hi",
            "moderation": {"status": "approved", "score": LEAK},
        },
    ],
)
def test_a_spectators_message_is_its_author_and_its_text(data: dict[str, Any]):
    said = to_room_event(envelope("chat.spectator_message", **data), Table())
    assert said == SpectatorSaid(digest("s_1"), "Zoe", "hi", digest("msg_01H"), parse_instant(AT))


@pytest.mark.parametrize(
    "data",
    [
        {"message": LEAK, "moderation": {"status": "rejected"}},
        {"message": LEAK, "moderation": {"status": "pending"}},
        {"message": LEAK, "moderation": "held"},
        {"message": LEAK, "moderation": {"status": ["approved"]}},
        {"message": LEAK, "visibility": "private"},
    ],
)
def test_a_spectators_message_that_its_server_holds_back_is_hidden(data: dict[str, Any]):
    assert to_room_event(envelope("chat.spectator_message", **data), Table()) == Hidden()


@pytest.mark.parametrize("data", [{}, {"message": 7}, {"content": {"html": "x"}}, {"message": None}])
def test_a_spectators_message_without_text_is_refused(data: dict[str, Any]):
    assert isinstance(to_room_event(envelope("chat.spectator_message", **data), Table()), Rejected)
