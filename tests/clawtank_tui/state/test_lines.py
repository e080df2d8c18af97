"""Every event is a sentence that names who did what; people and agents differ without colour."""

from datetime import timedelta, timezone
from types import MappingProxyType

import pytest

from clawtank_tui.state.intake import EVENT_FIELDS, event_row
from clawtank_tui.state.lines import ASCII, Role, age, clock_time, joined, sentence
from clawtank_tui.state.model import Row, RowKind
from support.fake_relay import event

PULL = {"number": 12, "title": "Add login", "author": "bob"}
EVENTS = {
    "chat.public": (
        {"author": "alice", "author_type": "human", "content": "Let's\nbuild"},
        "alice: Let's build",
    ),
    "task.created": (
        {"task_id": "T1", "title": "Scaffold", "creator": "alice", "priority": "high"},
        "task  Scaffold · high priority — alice",
    ),
    "task.completed": (
        {"task_id": "T1", "title": "Scaffold", "agent_name": "Claude"},
        "done  Scaffold — Claude (agent)",
    ),
    "agent.claimed_task": (
        {"agent_name": "Claude", "agent_owner": "alice", "task_id": "T1", "title": "Scaffold"},
        "Claude (agent of alice) claimed «Scaffold»",
    ),
    "agent.status_change": (
        {"agent_name": "Claude", "status": "waiting_approval", "task_id": "T1", "progress": 40},
        "Claude (agent) waits for approval: «T1» · 40 %",
    ),
    "agent.joined": ({"agent_name": "Claude", "agent_owner": "alice"}, "Claude (agent of alice) joined"),
    "agent.left": ({"agent_name": "Claude"}, "Claude (agent) left"),
    "git.commit": (
        {
            "sha": "a1b2c3d",
            "message": "feat: scaffold",
            "branch": "main",
            "author": "alice",
            "files_changed": ["a", "b", "c"],
            "additions": 47,
            "deletions": 0,
        },
        "commit  a1b2c3d feat: scaffold · +47 −0 · 3 files · main — alice",
    ),
    "git.pr_opened": (PULL, "pull request opened  #12 Add login — bob"),
    "git.pr_merged": (PULL, "pull request merged  #12 Add login — bob"),
    "member.joined": ({"name": "bob", "role": "host"}, "bob joined as host"),
    "member.left": ({"name": "bob"}, "bob left"),
    "milestone.reached": ({"title": "First release"}, "milestone  First release"),
}


def row_of(kind, fields):
    _, row = event_row(event(1, kind, **(fields or {"nothing": 1})), 0)
    return row


@pytest.mark.spec("OVER-1")
@pytest.mark.parametrize("kind", EVENT_FIELDS)
def test_every_event_is_a_sentence_that_names_actor_and_object(kind):
    fields, expected = EVENTS[kind]

    assert joined(sentence(row_of(kind, fields))) == expected


@pytest.mark.parametrize("kind", EVENT_FIELDS)
def test_an_event_without_its_fields_is_still_a_sentence(kind):
    assert joined(sentence(row_of(kind, {}))).strip()


@pytest.mark.parametrize("kind", EVENT_FIELDS)
def test_our_own_signs_are_ascii_where_the_terminal_knows_no_more(kind):
    fields, _ = EVENTS[kind]

    assert joined(sentence(row_of(kind, fields), ASCII), icons=True).isascii()


@pytest.mark.spec("EVENT-3")
def test_people_and_agents_differ_without_colour():
    same = {"author": "Robin", "content": "hello"}
    human, agent = (
        sentence(row_of("chat.public", {**same, "author_type": author_type}))
        for author_type in ("human", "agent")
    )

    assert (joined(human), joined(agent)) == ("Robin: hello", "Robin (agent): hello")
    assert (human[1].role, agent[1].role) == (Role.ACTOR, Role.AGENT)


def test_a_merge_reads_as_one():
    merge = {"sha": "a1b2c3d", "message": "Merge branch 'side'", "branch": "main", "author": "alice"}

    assert (
        joined(sentence(row_of("git.commit", merge))) == "merge  a1b2c3d Merge branch 'side' · main — alice"
    )
    with_changes = joined(sentence(row_of("git.commit", {**merge, "files_changed": 1})))
    assert with_changes.startswith("commit  a1b2c3d Merge branch")


def test_an_agent_that_is_idle_about_a_task_has_let_go_of_it():
    idle = {"agent_name": "Claude", "status": "idle"}

    assert joined(sentence(row_of("agent.status_change", idle))) == "Claude (agent) is idle"
    assert (
        joined(sentence(row_of("agent.status_change", {**idle, "task_id": "T1"})))
        == "Claude (agent) no longer works on «T1»"
    )


def test_files_may_be_a_number_and_one_is_no_plural():
    assert "1 file —" in joined(sentence(row_of("git.commit", {"files_changed": 1, "author": "alice"})))
    assert "· 3 files" in joined(sentence(row_of("git.commit", {"files_changed": 3})))


def test_notes_and_gaps_say_their_text():
    text = MappingProxyType({"text": "Something may be missing here."})
    spans = sentence(Row(0, RowKind.GAP, fields=text))

    assert joined(spans) == "Something may be missing here."
    assert spans[-1].role is Role.GAP


def test_times_are_local_and_other_days_carry_their_date():
    zone = timezone(timedelta(hours=2))
    noon_ms = 1_771_329_600_000

    assert clock_time(noon_ms, zone) == "14:00:00"
    assert clock_time(noon_ms - 86_400_000, zone, noon_ms) == "2026-02-16 14:00:00"
    assert clock_time(-(10**18), zone) == "02:00:00"
    assert clock_time(10**18, zone)


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (-5, "now"),
        (59_999, "now"),
        (60_000, "1m"),
        (3_599_999, "59m"),
        (7_200_000, "2h"),
        (172_800_000, "2d"),
    ],
)
def test_an_age_moves_once_a_minute_at_most(ms, shown):
    assert age(ms) == shown
