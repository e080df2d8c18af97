"""Locks: an event is built from named fields only, each of its kind; what nobody named is in no byte."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.events import AGENT_STATUSES, EVENT_TYPES
from relay.screen.models import FIELDS_OF, MODEL_OF
from relay.screen.screen import Hidden, Rejected, Visible, screen

NOW_MS = 1_771_362_180_000
NOW = "2026-02-17T21:03:00Z"

EXAMPLES: dict[str, dict[str, Any]] = {
    "chat.public": {
        "author": "alice",
        "author_type": "human",
        "content": "Let's\nbuild",
        "reply_to": "msg_1",
    },
    "task.created": {
        "task_id": "task_123",
        "title": "Create CLI scaffold",
        "creator": "alice",
        "priority": "high",
    },
    "task.completed": {"task_id": "task_123", "title": "Create CLI scaffold", "agent_name": "Claude"},
    "agent.claimed_task": {
        "agent_name": "Claude",
        "agent_owner": "alice",
        "task_id": "task_123",
        "title": "Create CLI scaffold",
    },
    "agent.status_change": {
        "agent_name": "Claude",
        "status": "testing",
        "task_id": "task_123",
        "progress": 40,
    },
    "agent.joined": {"agent_name": "Claude", "agent_owner": "alice"},
    "agent.left": {"agent_name": "Claude", "agent_owner": "alice"},
    "git.commit": {
        "sha": "a1b2c3d",
        "message": "feat: scaffold",
        "branch": "main",
        "author": "alice",
        "files_changed": ["a.py", "b/c.py"],
        "additions": 47,
        "deletions": 0,
        "task_id": "task_123",
    },
    "git.pr_opened": {"number": 7, "title": "Scaffold", "author": "alice"},
    "git.pr_merged": {"number": 7, "title": "Scaffold", "author": "bob"},
    "member.joined": {"name": "alice", "role": "host"},
    "member.left": {"name": "alice", "role": "host"},
    "milestone.reached": {"title": "It runs"},
}
REQUIRED = {
    "chat.public": {"author", "author_type", "content"},
    "task.created": {"task_id", "title", "creator"},
    "task.completed": {"task_id"},
    "agent.claimed_task": {"agent_name", "task_id"},
    "agent.status_change": {"agent_name", "status"},
    "agent.joined": {"agent_name"},
    "agent.left": {"agent_name"},
    "git.commit": {"sha", "message", "author"},
    "git.pr_opened": {"number", "title", "author"},
    "git.pr_merged": {"number", "title", "author"},
    "member.joined": {"name"},
    "member.left": {"name"},
    "milestone.reached": {"title"},
}
ALL = pytest.mark.parametrize("kind", sorted(EXAMPLES))


def shown(kind: str, **changes: Any) -> dict[str, Any]:
    """Screen an example with changes, and return the event that comes out."""
    result = screen({"type": kind, **EXAMPLES[kind], **changes}, NOW_MS)
    assert isinstance(result, Visible), result
    event: dict[str, Any] = json.loads(result.body)
    return event


def refused(kind: str, **changes: Any) -> str:
    """Screen an example with changes, and return why it is refused."""
    result = screen({"type": kind, **EXAMPLES[kind], **changes}, NOW_MS)
    assert isinstance(result, Rejected), result
    assert result.code == "INVALID_MESSAGE"
    return result.message


def test_there_is_a_model_for_each_type_of_the_allow_list_and_for_no_other():
    assert set(MODEL_OF) == EVENT_TYPES == set(EXAMPLES)


@ALL
def test_every_named_field_comes_back_equal(kind: str):
    assert set(EXAMPLES[kind]) == set(FIELDS_OF[kind])
    assert shown(kind) == {"type": kind, "timestamp": NOW, **EXAMPLES[kind]}


@ALL
def test_optional_fields_may_be_absent_or_null_and_are_then_left_out(kind: str):
    needed = {"type": kind, **{name: EXAMPLES[kind][name] for name in REQUIRED[kind]}}
    nulls = {name: None for name in FIELDS_OF[kind] if name not in REQUIRED[kind]}
    for raw in (needed, needed | nulls | {"id": None, "timestamp": None}):
        result = screen(raw, NOW_MS)
        assert isinstance(result, Visible)
        assert json.loads(result.body) == {**needed, "timestamp": NOW}


@ALL
def test_a_missing_required_field_is_refused_by_name(kind: str):
    for field in REQUIRED[kind]:
        assert refused(kind, **{field: None}) == f"{kind}: {field} is missing"


@ALL
@pytest.mark.parametrize("wrong", [True, {"a": "SECRET"}, [{"a": "SECRET"}], -1.5])
def test_a_wrong_field_is_refused_by_name_and_its_value_is_not_repeated(kind: str, wrong: Any):
    for field in FIELDS_OF[kind]:
        message = refused(kind, **{field: wrong})
        assert message.startswith(f"{kind}: {field} must be ")
        assert "SECRET" not in message


@ALL
def test_text_in_every_field_is_cleaned(kind: str):
    dirty = "x me@exa\u200bmple.com \x1b[31m\u202e[b] /home/bob/a"
    for field, value in EXAMPLES[kind].items():
        if not isinstance(value, str) or field in ("author_type", "status", "sha"):
            continue
        assert shown(kind, **{field: dirty})[field] == "x [EMAIL] \ufffd[31m[b] /home/[USER]/a", field


CANARY = "canary-7f3a"
NESTED = st.recursive(
    st.just(CANARY),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2)
        | st.dictionaries(st.sampled_from(["diff", "env", "email", CANARY]), inner, min_size=1)
    ),
    max_leaves=4,
)
STRAY_NAMES = (
    *(
        "diff",
        "patch",
        "file_contents",
        "description",
        "reasoning",
        "prompt",
        "cost",
        "email",
        "user",
        "data",
    ),
    *("metadata", "seq", "event_id", "model", "env", "config", "__class__", "model_config", "Type", "type "),
)
STRAY = st.dictionaries(st.sampled_from(STRAY_NAMES), NESTED, min_size=1)


@given(st.sampled_from(sorted(EXAMPLES)), STRAY)
def test_what_nobody_named_is_in_no_byte(kind: str, stray: dict[str, Any]):
    clean = screen({"type": kind, **EXAMPLES[kind]}, NOW_MS)
    assert screen({**stray, "type": kind, **EXAMPLES[kind]}, NOW_MS) == clean


@given(st.text(max_size=30).filter(lambda kind: kind not in EVENT_TYPES and kind != ""), STRAY)
def test_an_unknown_type_is_hidden_and_not_an_error(kind: str, stray: dict[str, Any]):
    assert screen({**stray, "type": kind}, NOW_MS) == Hidden()


@pytest.mark.parametrize("visibility", ["private", "room_only", "", None, ["public"]])
def test_an_event_that_says_it_is_not_public_is_hidden_whatever_its_type(visibility: Any):
    assert screen({"type": "chat.public", **EXAMPLES["chat.public"], "visibility": visibility}, 0) == Hidden()


def test_an_event_without_a_type_is_refused():
    assert screen({"title": "x"}, NOW_MS) == Rejected("type: is missing")
    assert screen({"type": 7}, NOW_MS) == Rejected("type: must be text")


@pytest.mark.parametrize(
    ("given_time", "shown_time"),
    [
        ("2026-02-17T21:03:00Z", "2026-02-17T21:03:00Z"),
        ("2026-02-17T23:03:00+02:00", "2026-02-17T21:03:00Z"),
        ("2026-02-17T21:03:00.250Z", "2026-02-17T21:03:00.250Z"),
    ],
)
def test_an_event_keeps_its_own_instant_in_utc(given_time: str, shown_time: str):
    assert shown("milestone.reached", timestamp=given_time)["timestamp"] == shown_time


@pytest.mark.parametrize(
    "wrong", [7, "yesterday", "", ["2026"], "1969-12-31T23:59:59Z", "0999-01-01T00:00:00Z"]
)
def test_a_wrong_time_is_refused(wrong: Any):
    assert refused("milestone.reached", timestamp=wrong) == (
        "milestone.reached: timestamp must be a time from 1970 on, as ISO 8601 text"
    )


def test_a_publishers_id_is_recognised_and_not_kept():
    first, again, other = (
        screen({"type": "milestone.reached", "title": title, "id": id}, NOW_MS)
        for title, id in (("a", "me@example.com/1"), ("b", "me@example.com/1"), ("a", "\ud800"))
    )
    assert isinstance(first, Visible)
    assert isinstance(again, Visible)
    assert isinstance(other, Visible)
    assert first.publisher_id == again.publisher_id != other.publisher_id
    assert "example" not in str(first)
    assert refused("milestone.reached", id=7) == "milestone.reached: id must be text that is not empty"


def test_a_status_is_one_of_seven_words():
    for status in AGENT_STATUSES:
        assert shown("agent.status_change", status=status)["status"] == status
    assert refused("agent.status_change", status="dancing") == (
        "agent.status_change: status must be one of idle, thinking, executing, testing, committing,"
        " waiting_approval, error"
    )


@pytest.mark.parametrize(("value", "shown_value"), [(0, 0), (100, 100), (33.4, 33), (99.6, 100)])
def test_progress_is_a_percentage(value: float, shown_value: int):
    assert shown("agent.status_change", progress=value)["progress"] == shown_value


@pytest.mark.parametrize("wrong", [-1, 101, "50", float("nan"), float("inf"), True])
def test_what_is_no_percentage(wrong: Any):
    assert refused("agent.status_change", progress=wrong).endswith("progress must be a number from 0 to 100")


@pytest.mark.parametrize(
    ("sha", "short"),
    [
        ("a1b2", "a1b2"),
        ("A1B2C3D", "a1b2c3d"),
        ("a1b2c3d4e5f6", "a1b2c3d4e5f6"),
        ("a1b2c3d4e5f60718293a4b5c6d7e8f9012345678", "a1b2c3d"),
        ("ab" * 32, "abababa"),
    ],
)
def test_a_hash_is_shown_short(sha: str, short: str):
    assert shown("git.commit", sha=sha)["sha"] == short


@pytest.mark.parametrize("wrong", ["", "abc", "xyz1234", "a" * 65, "HEAD", 1234567])
def test_what_is_no_hash(wrong: Any):
    assert "sha must be a commit hash" in refused("git.commit", sha=wrong)


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Alice Doe <alice@example.com>", "Alice Doe"),
        ("Alice Doe", "Alice Doe"),
        ("<alice@example.com>", "<[EMAIL]>"),
        ("alice@example.com", "[EMAIL]"),
        ("Al <b>", "Al <b>"),
    ],
)
def test_of_an_author_only_the_display_name_is_shown(author: str, name: str):
    assert shown("git.commit", author=author)["author"] == name


def test_of_a_commit_message_only_the_first_line_is_shown():
    assert shown("git.commit", message="subject\n\nbody\n-old\n+new")["message"] == "subject"


@pytest.mark.parametrize("files", [[], 0, 12, ["a"], [f"f{n}" for n in range(20)]])
def test_changed_files_are_a_list_or_a_number(files: Any):
    assert shown("git.commit", files_changed=files)["files_changed"] == files


def test_of_many_changed_files_twenty_are_named_each_without_its_home():
    files = shown("git.commit", files_changed=[f"/Users/someone/app/{n}.py" for n in range(300)])[
        "files_changed"
    ]
    assert files == [f"/Users/[USER]/app/{n}.py" for n in range(20)]


@pytest.mark.parametrize("wrong", ["a.py", {"a.py": 1}, ["a", 1], -1, 1.5, False])
def test_what_is_no_list_of_files(wrong: Any):
    assert refused("git.commit", files_changed=wrong).endswith(
        "files_changed must be a list of file names, or a number"
    )


@pytest.mark.parametrize("wrong", ["", "   ", "\u200b\u200b"])
def test_a_name_has_something_to_show(wrong: str):
    assert refused("member.joined", name=wrong) == "member.joined: name must be text that is not empty"


def test_an_empty_message_is_still_a_message():
    assert shown("chat.public", content="")["content"] == ""


@pytest.mark.parametrize(
    ("kind", "field", "limit"),
    [
        ("chat.public", "content", 4000),
        ("task.created", "title", 200),
        ("git.commit", "message", 2000),
        ("member.joined", "name", 100),
    ],
)
def test_a_longer_text_is_cut_with_a_mark(kind: str, field: str, limit: int):
    assert shown(kind, **{field: "é" * limit})[field] == "é" * limit
    assert shown(kind, **{field: "é" * (limit + 1)})[field] == "é" * (limit - 1) + "…"


def test_a_longer_id_is_refused_because_a_cut_one_could_be_another():
    assert shown("task.completed", task_id="x" * 64)["task_id"] == "x" * 64
    assert "task_id must be text of 1 to 64" in refused("task.completed", task_id="x" * 65)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_no_value_in_any_field_is_an_error(kind: str, data: st.DataObject):
    fields = data.draw(
        st.fixed_dictionaries({}, optional=dict.fromkeys((*FIELDS_OF[kind], "id", "timestamp"), JSON))
    )
    result = screen({"type": kind, **EXAMPLES[kind], **fields}, NOW_MS)
    if isinstance(result, Visible):
        event = json.loads(result.body)
        assert set(event) <= {"type", "timestamp", *FIELDS_OF[kind]}
        assert all(value is not None for value in event.values())
