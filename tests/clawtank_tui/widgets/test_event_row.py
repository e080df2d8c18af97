"""Rows of the feed: columns that stay straight, sentences that name who did what."""

from __future__ import annotations

from datetime import UTC
from types import MappingProxyType
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.state.intake import EVENT_FIELDS, event_row
from clawtank_tui.state.model import Row, RowKind
from clawtank_tui.widgets.cells import width_of
from clawtank_tui.widgets.event_row import paint_row

AT = "2026-02-17T21:09:12Z"


def row(kind: str, **fields: object) -> Row:
    read = event_row({"seq": 1, "type": kind, "timestamp": AT, **fields}, 0)
    assert read is not None
    return read[1]


def painted(shown: Row, width: int = 100) -> str:
    return "\n".join("".join(text for text, _ in line).rstrip() for line in paint_row(shown, width, UTC))


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        ("chat.public", {"author": "alice", "content": "hi"}, "“   alice       hi"),
        ("chat.public", {"author": "Codex", "author_type": "agent", "content": "hi"}, "“ ◆ Codex       hi"),
        (
            "task.created",
            {"task_id": "1", "title": "Do it", "creator": "bob"},
            "+   bob         created Do it",
        ),
        ("task.created", {"task_id": "1", "title": "Do it"}, "+   task        Do it"),
        (
            "task.completed",
            {"task_id": "1", "title": "Do it", "agent_name": "Claude"},
            "✔ ◆ Claude      completed Do it",
        ),
        (
            "agent.claimed_task",
            {"agent_name": "Claude", "task_id": "1", "title": "Do it"},
            "◐ ◆ Claude      claimed «Do it»",
        ),
        (
            "agent.status_change",
            {"agent_name": "Claude", "status": "error"},
            "✖ ◆ Claude      ran into an error",
        ),
        (
            "agent.joined",
            {"agent_name": "Claude", "agent_owner": "alice"},
            "→ ◆ Claude      joined (agent of alice)",
        ),
        ("agent.left", {"agent_name": "Claude"}, "← ◆ Claude      left"),
        (
            "git.commit",
            {"sha": "a1b2c3d", "message": "fix", "author": "bob", "additions": 2},
            "⎇   bob         commit a1b2c3d fix · +2 −0",
        ),
        (
            "git.pr_opened",
            {"number": 7, "title": "Fix", "author": "bob"},
            "⇡   bob         opened pull request #7 Fix",
        ),
        (
            "git.pr_merged",
            {"number": 7, "title": "Fix", "author": "bob"},
            "⇣   bob         merged pull request #7 Fix",
        ),
        ("member.joined", {"name": "bob", "role": "host"}, "→   bob         joined as host"),
        ("member.left", {"name": "bob"}, "←   bob         left"),
        ("milestone.reached", {"title": "1.0"}, "★   milestone   1.0"),
    ],
)
def test_every_type_names_its_actor_and_what_happened(
    kind: str, fields: dict[str, object], sentence: str
) -> None:
    assert painted(row(kind, **fields)) == f"21:09:12  {sentence}"


def test_speech_wraps_under_itself_and_is_whole() -> None:
    shown = painted(row("chat.public", author="alice", content="word " * 60), 80).split("\n")
    assert len(shown) > 4
    assert all(line.startswith(" " * 26 + "word") for line in shown[1:])
    assert sum(line.count("word") for line in shown) == 60


def test_anything_else_is_cut_after_two_lines() -> None:
    shown = painted(row("git.commit", sha="abc", message="word " * 100, author="bob"), 80).split("\n")
    assert len(shown) == 2
    assert shown[1].endswith("…")


@pytest.mark.parametrize("width", range(50, 90))
def test_words_stay_apart_where_the_cut_joins_lines(width: int) -> None:
    subject = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    event = row("git.commit", sha="abc1234", message=f"{subject} {subject}", author="a")
    *whole, last = painted(event, width).split("\n")[1].strip().removesuffix("…").split()
    assert set(whole) <= set(subject.split())
    assert any(word.startswith(last) for word in subject.split())


def test_a_narrow_feed_spares_the_seconds() -> None:
    assert painted(row("agent.left", agent_name="Claude"), 50).startswith("21:09  ← ◆ Claude    left")


def test_gaps_and_notes_look_like_no_event() -> None:
    gap = Row(0, RowKind.GAP, fields=MappingProxyType({"text": "Something is missing here."}))
    assert painted(gap, 50) == "╌╌ ⋯ Something is missing here. " + "╌" * 18
    note = Row(0, RowKind.NOTE, fields=MappingProxyType({"text": "While you were away: 3 new."}))
    assert painted(note) == "00:00:00  · While you were away: 3 new."


@given(
    kind=st.sampled_from(sorted(EVENT_FIELDS)),
    words=st.text(max_size=200),
    number=st.integers(),
    width=st.integers(2, 120),
    at_ms=st.integers(),
)
def test_no_field_of_any_event_can_bend_a_column(
    kind: str, words: str, number: int, width: int, at_ms: int
) -> None:
    hostile: dict[str, object] = dict.fromkeys(EVENT_FIELDS[kind], words)
    shown = row(kind, **{**hostile, "number": number, "progress": number, "additions": number})
    shown = Row(at_ms, shown.kind, shown.type, shown.event_id, shown.fields)
    for line in paint_row(shown, width, UTC):
        assert width_of(line) == width
        # What Python's tables do not know yet may be a newer emoji: unassigned, not unprintable.
        told = "".join(text for text, _ in line)
        assert all(char.isprintable() or category(char) == "Cn" for char in told)
