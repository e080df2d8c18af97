"""What each message changes in the view, and what nothing a relay sends can do to it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.state.life import ENTRIES_KEPT
from clawtank_tui.state.model import RoomInfo, RowKind, ViewState
from clawtank_tui.state.reducer import reduce
from relay.protocol.events import EVENT_TYPES
from support.fake_relay import (
    activity,
    batch,
    cursor,
    envelope,
    error,
    event,
    mode_changed,
    quality_changed,
    resumed,
    welcome,
)

NOW_MS = 1_771_329_600_000
EMPTY = ViewState(RoomInfo("room"))


def play(*messages, state=EMPTY):
    """Reduce messages; return the last state and all rows."""
    rows = []
    for message in messages:
        step = reduce(state, message, NOW_MS)
        state = step.state
        rows += step.rows
    return state, rows


def happened(*events, at=0):
    """Welcome a viewer, then let events happen."""
    numbered = [event(at + number, kind, **fields) for number, (kind, fields) in enumerate(events, start=1)]
    return play(welcome(at), activity(at, *numbered))


def said(message_id, position, **data):
    fields = {
        "message_id": message_id,
        "spectator_id": "v1",
        "display_name": "Ada",
        "message": f"says {message_id}",
        "timestamp": "2026-02-17T12:00:00Z",
        "after": cursor(position - 1),
        "cursor": cursor(position),
    }
    return envelope("spectator.chat_message", {**fields, **data})


def test_a_welcome_fills_every_pane():
    state, rows = play(
        welcome(
            100,
            as_of=120,
            state={
                "members": [{"name": "alice", "role": "host", "since": "2026-02-17T11:00:00Z"}],
                "agents": [
                    {"agent_name": "Claude", "agent_owner": "alice", "status": "testing", "progress": 40}
                ],
                "tasks": [{"task_id": "T1", "title": "Scaffold", "state": "claimed", "agent_name": "Claude"}],
                "presence": {
                    "total_spectators": 7,
                    "anonymous_count": 5,
                    "registered_count": 2,
                    "recent_peak": 9,
                },
                "spectator_chat": [said("m1", 90)["data"], said("m1", 90)["data"], said("m2", 95)["data"]],
            },
        )
    )

    assert state.members["alice"].since_ms == NOW_MS - 3_600_000
    assert (state.agents["Claude"].status, state.agents["Claude"].progress) == ("testing", 40)
    assert (state.tasks["T1"].state, state.tasks["T1"].holder) == ("claimed", "Claude")
    assert (state.presence.total, state.presence.recent_peak) == (7, 9)
    assert [message.message_id for message in state.talk.messages] == ["m1", "m2"]
    assert (state.as_of, state.cursor, rows) == (120, cursor(100), [])


def test_history_feeds_the_feed_and_moves_nothing_the_welcome_knows_already():
    state, rows = play(
        welcome(0, as_of=3, state={"tasks": [{"task_id": "T1", "title": "Scaffold", "state": "done"}]}),
        activity(
            0,
            event(1, "task.created", task_id="T1", title="Scaffold"),
            event(3, "agent.joined", agent_name="Gone"),
        ),
        activity(3, event(4, "agent.joined", agent_name="Claude")),
    )

    assert [row.type for row in rows] == ["task.created", "agent.joined", "agent.joined"]
    assert state.tasks["T1"].state == "done"
    assert list(state.agents) == ["Claude"]


def test_a_task_goes_through_its_life_and_keeps_its_holder():
    steps = [
        ("task.created", {"task_id": "T1", "title": "Scaffold", "creator": "alice", "priority": "high"}),
        ("agent.claimed_task", {"agent_name": "Claude", "task_id": "T1"}),
        (
            "agent.status_change",
            {"agent_name": "Claude", "status": "executing", "task_id": "T1", "progress": 10},
        ),
        ("task.completed", {"task_id": "T1"}),
    ]
    lives = [happened(*steps[: count + 1])[0].tasks["T1"] for count in range(4)]

    assert [task.state for task in lives] == ["open", "claimed", "in_progress", "done"]
    assert [task.holder for task in lives] == ["", "Claude", "Claude", "Claude"]
    assert {task.title for task in lives} == {"Scaffold"}


def test_a_row_about_a_known_task_has_its_title():
    _, rows = happened(
        ("task.created", {"task_id": "T1", "title": "Scaffold"}),
        ("agent.claimed_task", {"agent_name": "Claude", "task_id": "T1"}),
        ("git.commit", {"sha": "a1b2c3d", "message": "feat", "task_id": "T1"}),
    )

    assert [row.fields.get("title") for row in rows] == ["Scaffold", "Scaffold", None]


def test_agents_and_people_come_and_go_and_a_status_keeps_its_beginning():
    early, late = "2026-02-17T11:00:00Z", "2026-02-17T11:30:00Z"
    state, _ = happened(
        ("agent.joined", {"agent_name": "Claude", "agent_owner": "alice"}),
        ("agent.joined", {"agent_name": "Llama"}),
        ("agent.status_change", {"agent_name": "Claude", "status": "testing", "timestamp": early}),
        (
            "agent.status_change",
            {"agent_name": "Claude", "status": "testing", "progress": 50, "timestamp": late},
        ),
        ("agent.left", {"agent_name": "Llama"}),
        ("member.joined", {"name": "bob"}),
        ("member.joined", {"name": "eve"}),
        ("member.left", {"name": "eve"}),
    )

    assert list(state.agents) == ["Claude"]
    claude = state.agents["Claude"]
    assert (claude.owner, claude.status, claude.since_ms, claude.progress) == (
        "alice",
        "testing",
        NOW_MS - 3_600_000,
        50,
    )
    assert list(state.members) == ["bob"]


def test_a_resumed_welcome_keeps_the_state_and_says_what_was_missed():
    before, _ = happened(("task.created", {"task_id": "T1", "title": "Scaffold"}))
    presence = {"total_spectators": 3, "recent_peak": 5}
    state, rows = play(
        resumed(1, missed=20, state={"presence": presence}, limits={"chat_message_length": 280}),
        activity(1, event(2, "task.completed", task_id="T1")),
        state=before,
    )

    assert state.tasks["T1"].state == "done"
    assert (state.presence.total, state.talk.max_length) == (3, 280)
    assert [(row.kind, "20" in row.fields.get("text", "")) for row in rows[:1]] == [(RowKind.NOTE, True)]
    assert [row.kind for row in rows[1:]] == [RowKind.EVENT]


def test_chat_that_the_room_does_not_keep_is_named():
    recovery = {"requested": True, "recovered": True, "missed": 0, "not_kept": 3}
    _, rows = play(welcome(5), welcome(5, recovery=recovery))

    assert [row.kind for row in rows] == [RowKind.NOTE]
    assert "3 messages" in rows[0].fields["text"]


@pytest.mark.parametrize("epoch", ["abcdefgh", "zzzzzzzz"])
def test_a_failed_recovery_replaces_the_state_and_marks_the_gap(epoch):
    before, _ = happened(
        ("task.created", {"task_id": "T1", "title": "Old"}), ("agent.joined", {"agent_name": "Old"})
    )
    position = f"{epoch}-9"
    state, rows = play(
        welcome(
            recovery={"requested": True, "recovered": False, "missed": 0},
            cursor=position,
            state={"as_of": position, "tasks": [{"task_id": "T2", "title": "New", "state": "open"}]},
        ),
        state=before,
    )

    assert [row.kind for row in rows] == [RowKind.GAP]
    assert (list(state.tasks), list(state.agents)) == (["T2"], [])
    after = reduce(state, activity(9, event(10)) if epoch == "abcdefgh" else _frame_of(epoch), NOW_MS)
    assert len(after.rows) == 1


def _frame_of(epoch):
    first = {**event(1), "event_id": f"{epoch}-1"}
    data = {"events": [first], "after": f"{epoch}-0", "cursor": f"{epoch}-1"}
    return envelope("spectator.activity", data)


def test_an_identity_changed_in_place_is_no_gap():
    before, _ = happened(("agent.joined", {"agent_name": "Claude"}))
    state, rows = play(
        welcome(1, spectator={"id": "s2", "state": "registered", "display_name": "Ada"}), state=before
    )

    assert (state.me.state, state.me.display_name, rows) == ("registered", "Ada", [])
    assert list(state.agents) == ["Claude"]


def test_a_position_lost_by_a_changed_identity_is_a_gap():
    before, _ = happened(("agent.joined", {"agent_name": "Claude"}))

    assert [row.kind for row in reduce(before, welcome(7), NOW_MS).rows] == [RowKind.GAP]


def test_no_event_makes_two_rows():
    state, rows = play(
        welcome(), activity(0, event(1), event(2)), activity(0, event(1), event(2), event(2), event(3))
    )

    assert [row.event_id for row in rows] == [cursor(1), cursor(2), cursor(3)]
    assert state.seen == 3


def test_replayed_chat_and_old_news_do_not_undo_a_fresh_welcome():
    old = {"kind": "room_state", "state": "paused", "after": cursor(1), "cursor": cursor(2)}
    tasks = [{"task_id": "T1", "title": "Scaffold", "state": "open"}]
    state, rows = play(
        welcome(0, as_of=9, state={"tasks": tasks}), said("m1", 1), envelope("spectator.notice", old)
    )

    assert (list(state.tasks), state.talk.messages, rows) == (["T1"], (), [])
    assert (state.cursor, state.room.state) == (cursor(2), "active")


def settings_changed(seq, **told):
    return envelope(
        "spectator.notice",
        {"kind": "settings_changed", **told, "after": cursor(seq - 1), "cursor": cursor(seq)},
    )


def test_a_change_of_wording_replaces_what_was_told_before():
    before, _ = happened(
        ("task.created", {"task_id": "T1", "title": "Scaffold", "creator": "alice"}),
        ("agent.joined", {"agent_name": "Claude"}),
        ("member.joined", {"name": "alice"}),
    )
    told = {
        "as_of": cursor(4),
        "tasks": [{"task_id": "task-1", "title": "Task 1", "state": "open", "creator": "Otter-k7q"}],
        "agents": [{"agent_name": "Agent-x2m4", "status": "idle"}],
        "members": [{"name": "Otter-k7q"}],
    }
    step = reduce(before, settings_changed(4, earlier="discard", current_state=told), NOW_MS)

    assert step.gone == EVENT_TYPES
    assert (list(step.state.tasks), list(step.state.agents)) == (["task-1"], ["Agent-x2m4"])
    assert list(step.state.members) == ["Otter-k7q"]
    assert [row.fields["text"] for row in step.rows] == [
        "The host changed how much is told; what was here before is gone."
    ]
    assert "alice" not in repr(step.state)
    # It is sent with what holds when it is sent, so a replayed one counts too.
    assert reduce(step.state, settings_changed(2, visible=["git.commit"]), NOW_MS).state.visible == {
        "git.commit"
    }


def test_a_change_of_something_else_is_no_change_of_what_can_be_watched():
    visible = sorted(EVENT_TYPES - {"chat.public"})
    arrived = welcome()
    arrived["data"]["visible"] = visible
    before, _ = play(arrived)
    step = reduce(before, settings_changed(1, name="Renamed", earlier="keep", visible=visible), NOW_MS)
    assert step.rows == ()
    assert step.state.room.name == "Renamed"


def test_rows_of_what_is_hidden_go_and_all_others_stay():
    visible = sorted(EVENT_TYPES - {"chat.public"})
    step = reduce(play(welcome())[0], settings_changed(1, earlier="keep", visible=visible), NOW_MS)
    assert step.gone == {"chat.public"}


def test_what_the_host_hides_disappears():
    before, _ = happened(
        ("task.created", {"task_id": "T1"}),
        ("agent.joined", {"agent_name": "Claude"}),
        ("member.joined", {"name": "bob"}),
    )
    notice = {
        "kind": "settings_changed",
        "features": [],
        "limits": {"chat_message_length": 100},
        "visible": ["git.commit", "member.joined", "invented.type"],
        "after": cursor(3),
        "cursor": cursor(4),
    }
    state, rows = play(envelope("spectator.notice", notice), state=before)

    assert (dict(state.tasks), dict(state.agents), list(state.members)) == ({}, {}, ["bob"])
    assert state.visible == {"git.commit", "member.joined"}
    assert (state.talk.max_length, state.room.features) == (100, frozenset())
    assert [row.kind for row in rows] == [RowKind.NOTE, RowKind.NOTE]


def test_the_rooms_state_is_told_once():
    notice = envelope(
        "spectator.notice", {"kind": "room_state", "state": "paused", "after": cursor(0), "cursor": cursor(1)}
    )
    state, rows = play(welcome(), notice, notice)

    assert state.room.state == "paused"
    assert [row.fields["text"] for row in rows] == ["The room is now paused."]


def test_an_error_about_the_line_changes_nothing_here():
    state, _ = play(welcome())

    assert reduce(state, error("OVERLOADED"), NOW_MS).state == state


def test_a_batch_makes_the_rows_its_events_make():
    happened_since = [event(1), event(2, "agent.joined", agent_name="Claude"), event(3)]
    told_at_once, rows = play(welcome(), activity(0, *happened_since))

    assert play(welcome(), activity(0, event(1)), batch(0, *happened_since)) == (told_at_once, rows)


def test_the_delivery_is_what_the_relay_says_it_is():
    state, rows = play(welcome(delivery={"frequency": "batched", "interval_s": 60, "types": []}))
    assert state.delivery.in_words() == "every 60 s"
    state, more = play(mode_changed("d1", frequency="realtime", low_bandwidth=False), state=state)
    assert (state.delivery.in_words(), rows + more) == ("live", [])
    state, more = play(quality_changed(1000), quality_changed(5000), state=state)
    assert state.delivery.in_words() == "busy: every 5 s"
    assert [row.kind for row in more] == [RowKind.NOTE]


def test_a_delivery_changed_amid_a_replay_is_the_present_one():
    notice = mode_changed("d1", frequency="batched", interval_s=30)
    notice["data"] |= {"after": cursor(3), "cursor": cursor(3)}
    state, _ = play(welcome(0, as_of=9), activity(0, event(3)), notice)

    assert state.delivery.in_words() == "every 30 s"


def test_a_refused_switch_says_why_and_is_no_chat_message():
    state, rows = play(welcome(), error("INVALID_MESSAGE", ref="d1"))

    assert [row.fields["text"] for row in rows] == ["News come as before (live). This is INVALID_MESSAGE."]
    assert (state.talk.refusal, rows[0].kind) == (None, RowKind.NOTE)


@pytest.mark.spec("WIRE-12")
def test_unknown_types_and_fields_are_ignored_and_the_rest_is_shown():
    _, rows = play(
        welcome(0, hologram={"depth": 3}),
        envelope("spectator.hologram", {"cursor": "x"}),
        activity(0, event(1, "plant.watered", litres=3), {**event(2), "mood": "good"}),
    )

    assert [row.fields["content"] for row in rows] == ["line 2"]
    assert "mood" not in rows[0].fields


def test_no_text_reaches_the_state_unsafe_or_too_long():
    hostile = "\x1b]52;c;AAAA\x07\u202eevil\x9b2J" + "x" * 5000
    state, rows = play(
        welcome(
            room_info={"name": hostile},
            state={
                "members": [{"name": hostile}],
                "tasks": [{"task_id": hostile, "title": hostile, "state": "open"}],
            },
        ),
        activity(
            0,
            event(1, author=hostile, content=hostile),
            event(2, "git.commit", files_changed=[hostile] * 50, message=hostile),
        ),
        said("m1", 3, display_name=hostile, message=hostile),
    )

    shown = [
        state.room.name,
        *state.members,
        *state.tasks,
        state.talk.messages[0].name,
        state.talk.messages[0].text,
    ]
    for row in rows:
        shown += [value for value in row.fields.values() if isinstance(value, str)]
    shown += rows[1].fields["files_changed"]
    assert all(part.replace("\n", "").isprintable() for part in shown)
    assert not any("\u202e" in part for part in shown)
    assert max(map(len, shown)) <= 4000
    assert len(rows[1].fields["files_changed"]) == 20


def test_invented_entries_are_bounded():
    count = ENTRIES_KEPT + 50
    state, rows = happened(*[("agent.joined", {"agent_name": f"agent {number}"}) for number in range(count)])

    assert len(state.agents) == ENTRIES_KEPT
    assert len(rows) == count


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)
SHAPES = [
    welcome(3),
    resumed(3, missed=2),
    activity(3, event(4), event(5, "task.created", task_id="T")),
    batch(3, event(4), event(5, "task.created", task_id="T")),
    mode_changed("d1", frequency="batched", interval_s=30, low_bandwidth=True),
    quality_changed(1000),
    said("m", 6),
    error("X", ref="c"),
    envelope("spectator.presence", {"total_spectators": 3, "join_rate": 1.5}),
    envelope("spectator.notice", {"kind": "settings_changed", "visible": [], "features": [], "limits": {}}),
    envelope("spectator.notice", {"kind": "room_state", "state": "paused"}),
]


@st.composite
def lies(draw):
    """A message as it should be, with some values replaced by anything at all."""

    def twist(value):
        if draw(st.integers(0, 7)) == 0:
            return draw(JSON)
        if isinstance(value, dict):
            return {key: twist(item) for key, item in value.items()}
        return [twist(item) for item in value] if isinstance(value, list) else value

    shape = draw(st.sampled_from(SHAPES))
    return {**shape, "data": twist(shape["data"])}


@given(messages=st.lists(lies() | st.dictionaries(st.sampled_from(["type", "data", "id"]), JSON), max_size=6))
def test_no_message_breaks_the_reducer(messages):
    state, rows = play(*messages)

    assert len({row.event_id for row in rows if row.kind is RowKind.EVENT and row.event_id}) <= len(rows)
    assert state.presence.total >= 0
    hash((state.room, state.me, state.presence, state.talk.messages))


@given(cuts=st.lists(st.integers(1, 6), max_size=12), seed=st.integers())
def test_replay_and_live_together_are_the_log_each_event_once(cuts, seed):
    chance = random.Random(seed)
    state, at, rows = EMPTY, 0, []
    for count, length in enumerate(cuts):
        again = max(at - chance.randint(0, 3), 0)
        messages = [resumed(at) if count else welcome(0, as_of=chance.randint(0, 5))]
        messages.append(activity(again, *[event(seq) for seq in range(again + 1, at + length + 1)]))
        state, new = play(*messages, state=state)
        rows += [row for row in new if row.kind is RowKind.EVENT]
        at += length

    assert [row.event_id for row in rows] == [cursor(seq) for seq in range(1, at + 1)]
