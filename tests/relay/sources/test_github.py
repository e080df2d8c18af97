"""Locks: which of GitHub's deliveries become events, of which fields, and that all the rest is hidden."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.screen.screen import Visible, screen
from relay.sources.github import to_events

LEAK = "LEAK-77c0"
USER = {"login": "mona", "email": LEAK, "avatar_url": LEAK, "html_url": LEAK}
REPOSITORY = {"name": LEAK, "full_name": LEAK, "description": LEAK, "private": True}


def commit(sha: str, message: str = "Fix it\n\nbody " + LEAK, **extra: Any) -> dict[str, Any]:
    return {
        "id": sha,
        "tree_id": LEAK,
        "message": message,
        "timestamp": "2026-03-01T10:00:00+01:00",
        "url": LEAK,
        "author": {"name": "Mona", "email": f"{LEAK}@example.org", "username": LEAK},
        "committer": {"name": LEAK, "email": LEAK},
        "added": ["new.py"],
        "removed": ["old.py"],
        "modified": ["README.md"],
        **extra,
    }


def push(*commits: Any, ref: str = "refs/heads/feat/x") -> dict[str, Any]:
    return {"ref": ref, "before": LEAK, "commits": list(commits), "repository": REPOSITORY, "sender": USER}


def request(action: str, **extra: Any) -> dict[str, Any]:
    pull = {
        "number": 7,
        "title": "Add lists",
        "body": LEAK,
        "user": USER,
        "merged": False,
        "created_at": "2026-03-01T10:00:00Z",
        "merged_at": None,
        "head": {"ref": LEAK, "sha": LEAK},
        "diff_url": LEAK,
    }
    return {"action": action, "number": 7, "pull_request": {**pull, **extra}, "repository": REPOSITORY}


def issue(action: str, **extra: Any) -> dict[str, Any]:
    told = {"id": 99, "number": 12, "title": "Crash", "body": LEAK, "user": USER, "labels": [{"name": LEAK}]}
    return {"action": action, "issue": {**told, **extra}, "repository": REPOSITORY, "sender": USER}


def release(action: str, **extra: Any) -> dict[str, Any]:
    told = {"id": 5, "tag_name": "v1.0", "name": "One", "body": LEAK, "author": USER, "assets": [LEAK]}
    return {"action": action, "release": {**told, **extra}, "repository": REPOSITORY}


def seen(kind: str, payload: dict[str, Any], delivery: str = "d-1") -> list[dict[str, Any]]:
    """Map a delivery whose events must all be visible, and free of what was planted."""
    events = to_events(kind, delivery, payload)
    for event in events:
        result = screen(event, 0)
        assert isinstance(result, Visible), result
        assert LEAK not in result.body.decode()
    return events


def test_a_push_becomes_its_commits_in_order():
    first, second = seen("push", push(commit("a" * 40), commit("b" * 40, "Then this")))
    assert first == {
        "type": "git.commit",
        "id": "github:" + "a" * 40,
        "timestamp": "2026-03-01T10:00:00+01:00",
        "sha": "a" * 40,
        "message": f"Fix it\n\nbody {LEAK}",  # the screen keeps the first line
        "branch": "feat/x",
        "author": "Mona",
        "files_changed": ["new.py", "README.md", "old.py"],
    }
    assert (second["sha"], second["message"]) == ("b" * 40, "Then this")


def test_a_commit_on_two_branches_has_one_id_whatever_the_delivery():
    once = to_events("push", "d-1", push(commit("a" * 40)))
    again = to_events("push", "d-2", push(commit("a" * 40), ref="refs/heads/main"))
    assert once[0]["id"] == again[0]["id"]


@pytest.mark.parametrize("ref", ["refs/tags/v1", "refs/notes/commits", ""])
def test_a_push_to_something_else_than_a_branch_shows_nothing(ref):
    assert to_events("push", "d-1", push(commit("a" * 40), ref=ref)) == []


def test_a_commit_without_author_or_message_is_still_told():
    (event,) = seen("push", push({"id": "c" * 40}))
    assert (event["author"], event["message"]) == ("someone", "(no message)")


def test_pull_requests_open_and_merge():
    (opened,) = seen("pull_request", request("opened"))
    assert opened == {
        "type": "git.pr_opened",
        "id": "github:d-1",
        "timestamp": "2026-03-01T10:00:00Z",
        "number": 7,
        "title": "Add lists",
        "author": "mona",
    }
    (merged,) = seen("pull_request", request("closed", merged=True, merged_by={"login": "hubot"}))
    assert (merged["type"], merged["author"]) == ("git.pr_merged", "hubot")


def test_a_pull_request_closed_without_a_merge_is_hidden():
    assert to_events("pull_request", "d-1", request("closed")) == []


def test_issues_are_tasks():
    (created,) = seen("issues", issue("opened"))
    assert (created["type"], created["task_id"], created["creator"]) == ("task.created", "issue-12", "mona")
    (completed,) = seen("issues", issue("closed", state_reason="completed"))
    assert (completed["type"], completed["task_id"]) == ("task.completed", "issue-12")
    assert to_events("issues", "d-1", issue("closed", state_reason="not_planned")) == []


def test_a_prerelease_told_under_two_actions_is_one_milestone():
    (published,) = seen("release", release("published"), "d-1")
    (prereleased,) = seen("release", release("prereleased"), "d-2")
    assert published == prereleased
    assert (published["type"], published["title"]) == ("milestone.reached", "Released One")
    assert seen("release", release("published", name=None))[0]["title"] == "Released v1.0"


@pytest.mark.parametrize(
    "kind",
    [
        "ping",
        "issue_comment",
        "pull_request_review",
        "secret_scanning_alert",
        "status",
        "member",
        "create",
        "new",
    ],
)
def test_other_kinds_are_hidden(kind):
    assert to_events(kind, "d-1", {**request("opened"), **issue("opened"), **push(commit("a" * 40))}) == []


@pytest.mark.parametrize("action", ["synchronize", "edited", "reopened", "deleted", "labeled", "new", None])
def test_other_actions_are_hidden(action):
    assert to_events("pull_request", "d-1", request(action)) == []
    assert to_events("issues", "d-1", issue(action)) == []
    assert to_events("release", "d-1", release(action)) == []


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMED = st.sampled_from(["ref", "commits", "action", "pull_request", "issue", "release"])


@given(st.sampled_from(["push", "pull_request", "issues", "release"]), st.dictionaries(NAMED, JUNK))
def test_nothing_that_is_delivered_is_an_error(kind, payload):
    assert isinstance(to_events(kind, "", payload), list)
