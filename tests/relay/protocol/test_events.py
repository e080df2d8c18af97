"""Locks: the allow-list is the thirteen types of the contract; `types` chooses among them by name only."""

import pytest

from relay.protocol.events import (
    AGENT_STATUSES,
    CATEGORY_OF,
    EVENT_TYPES,
    ROOM_STATES,
    WATCHABLE_STATES,
    Category,
    UnknownType,
    parse_types,
)


def test_the_allow_list_is_exactly_these_thirteen():
    named = {
        "chat.public",
        "task.created",
        "task.completed",
        "git.commit",
        "git.pr_opened",
        "git.pr_merged",
        "agent.status_change",
        "agent.joined",
        "agent.left",
        "agent.claimed_task",
        "member.joined",
        "member.left",
        "milestone.reached",
    }
    assert named == EVENT_TYPES


def test_there_are_seven_statuses_and_a_created_or_closed_room_cannot_be_watched():
    assert len(AGENT_STATUSES) == 7
    assert set(ROOM_STATES) - WATCHABLE_STATES == {"created", "closed"}


def test_a_category_brings_its_types():
    assert parse_types("git") == {"git.commit", "git.pr_opened", "git.pr_merged"}
    assert parse_types("chat") == {"chat.public"}
    assert "milestone.reached" in parse_types("task")


def test_claims_come_with_tasks_and_with_agents():
    assert CATEGORY_OF["agent.claimed_task"] is Category.TASK
    assert "agent.claimed_task" in parse_types("task") & parse_types("agent")


def test_names_and_categories_add_up_and_blanks_do_not_matter():
    assert parse_types("chat, git.commit ") == {"chat.public", "git.commit"}
    assert parse_types(",".join(Category)) == EVENT_TYPES


@pytest.mark.parametrize("text", ["", "chat,", "chats", "git.*", "spectator.chat_message"])
def test_an_unknown_name_is_refused_with_the_names_to_choose_from(text: str):
    with pytest.raises(UnknownType, match="Choose from: chat, task, git"):
        parse_types(text)
