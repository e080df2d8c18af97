"""Locks: which of GitLab's deliveries become events, of which fields, and that all the rest is hidden."""

from typing import Any

import pytest

from relay.screen.screen import Visible, screen
from relay.sources.gitlab import to_events

LEAK = "LEAK-91be"
USER = {"name": "Mona L.", "username": LEAK, "email": LEAK, "avatar_url": LEAK}


def about(kind: str, **attributes: Any) -> dict[str, Any]:
    told = {"iid": 4, "id": 9001, "title": "Add lists", "description": LEAK, "url": LEAK, **attributes}
    return {"object_kind": kind, "user": USER, "project": {"name": LEAK}, "object_attributes": told}


def seen(payload: dict[str, Any], delivery: str = "d-1") -> list[dict[str, Any]]:
    events = to_events(delivery, payload)
    for event in events:
        result = screen(event, 0)
        assert isinstance(result, Visible), result
        assert LEAK not in result.body.decode()
    return events


def test_a_push_becomes_its_commits_in_order():
    commits = [
        {
            "id": digit * 40,
            "message": f"Change {digit}\n\n{LEAK}",
            "title": LEAK,
            "timestamp": "2026-03-01T10:00:00+00:00",
            "author": {"name": "Mona", "email": LEAK},
            "added": [],
            "modified": ["a.py"],
            "removed": [],
        }
        for digit in "ab"
    ]
    events = seen({"object_kind": "push", "ref": "refs/heads/main", "commits": commits, "user_email": LEAK})
    assert [event["id"] for event in events] == ["gitlab:" + "a" * 40, "gitlab:" + "b" * 40]
    assert {name: events[0][name] for name in ("branch", "author", "files_changed")} == {
        "branch": "main",
        "author": "Mona",
        "files_changed": ["a.py"],
    }


def test_a_push_of_a_tag_shows_nothing():
    assert (
        to_events("d", {"object_kind": "tag_push", "ref": "refs/tags/v1", "commits": [{"id": "a" * 40}]})
        == []
    )


@pytest.mark.parametrize(("action", "kind"), [("open", "git.pr_opened"), ("merge", "git.pr_merged")])
def test_merge_requests_open_and_merge(action, kind):
    assert seen(about("merge_request", action=action)) == [
        {"type": kind, "id": "gitlab:d-1", "number": 4, "title": "Add lists", "author": "Mona L."}
    ]


def test_issues_are_tasks():
    (created,) = seen(about("issue", action="open"))
    assert (created["type"], created["task_id"], created["creator"]) == ("task.created", "issue-4", "Mona L.")
    (completed,) = seen(about("issue", action="close"))
    assert (completed["type"], completed["task_id"]) == ("task.completed", "issue-4")


@pytest.mark.parametrize(
    "payload",
    [
        about("issue", action="open", confidential=True),
        about("issue", action="close", confidential="yes"),
        {**about("issue", action="open"), "event_type": "confidential_issue"},
    ],
)
def test_a_confidential_issue_is_hidden(payload):
    assert to_events("d-1", payload) == []


def test_a_release_is_a_milestone():
    told = {"object_kind": "release", "action": "create", "name": "One", "tag": "v1", "description": LEAK}
    assert seen(told) == [{"type": "milestone.reached", "id": "gitlab:d-1", "title": "Released One"}]
    assert to_events("d-1", {**told, "action": "update"}) == []


@pytest.mark.parametrize("kind", ["note", "pipeline", "build", "wiki_page", "new", None])
def test_other_kinds_are_hidden(kind):
    assert to_events("d-1", about(kind, action="open")) == []


@pytest.mark.parametrize("action", ["close", "update", "approved", "reopen", None, 3])
def test_other_actions_are_hidden(action):
    assert to_events("d-1", about("merge_request", action=action)) == []


@pytest.mark.parametrize("wrong", [{"iid": "4"}, {"iid": True}, {"title": 3}, {"title": "  "}])
def test_a_request_without_number_or_title_is_hidden(wrong):
    assert to_events("d-1", about("merge_request", action="open", **wrong)) == []
    assert to_events("d-1", about("issue", action="open", **wrong)) == []


def test_without_a_delivery_there_is_no_id():
    assert "id" not in to_events("", about("merge_request", action="open"))[0]
