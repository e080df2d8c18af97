"""GitHub's webhooks, mapped to what spectators may see: pure.

Pushes become commits; pull requests that open or merge, issues that open or close, and releases become what
they are. Everything else a webhook can tell (reviews, comments, checks, security alerts, members, branches)
is hidden, and so is a pull request that closes without a merge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relay.sources.forges import commits, event, number, part, text
from relay.sources.git_log import NO_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from relay.sources.forges import Event

_NOT_DONE = ("not_planned", "duplicate")
"""Why an issue may be closed without its work having been done."""


def to_events(kind: str, delivery: str, payload: Mapping[str, Any]) -> list[Event]:
    """Map one delivery.

    Args:
        kind: The `X-GitHub-Event` header.
        delivery: The `X-GitHub-Delivery` header, the same when it is delivered again; may be empty.
        payload: The body, untrusted.
    """
    mapper = _MAPPERS.get(kind)
    return mapper(payload, f"github:{delivery}" if delivery else "") if mapper else []


def _push(payload: Mapping[str, Any], id: str) -> list[Event]:
    return commits(payload, "github")


def _pull_request(payload: Mapping[str, Any], id: str) -> list[Event]:
    action, request = text(payload, "action"), part(payload, "pull_request")
    named = {"number": number(request, "number"), "title": text(request, "title")}
    if not all(named.values()):
        return []
    opened_by = text(part(request, "user"), "login") or NO_NAME
    if action == "opened":
        return [event("git.pr_opened", id, text(request, "created_at"), **named, author=opened_by)]
    if action == "closed" and request.get("merged") is True:
        by = text(part(request, "merged_by"), "login") or opened_by
        return [event("git.pr_merged", id, text(request, "merged_at"), **named, author=by)]
    return []


def _issue(payload: Mapping[str, Any], id: str) -> list[Event]:
    action, issue = text(payload, "action"), part(payload, "issue")
    title, count = text(issue, "title"), number(issue, "number")
    if not title or not count:
        return []
    task = {"task_id": f"issue-{count}", "title": title}
    if action == "opened":
        creator = text(part(issue, "user"), "login") or NO_NAME
        return [event("task.created", id, text(issue, "created_at"), **task, creator=creator)]
    if action == "closed" and issue.get("state_reason") not in _NOT_DONE:
        return [event("task.completed", id, text(issue, "closed_at"), **task)]
    return []


def _release(payload: Mapping[str, Any], id: str) -> list[Event]:
    action, release = text(payload, "action"), part(payload, "release")
    name = text(release, "name") or text(release, "tag_name")
    if action not in ("published", "prereleased") or not name:
        return []
    # A pre-release is delivered under both actions: its own id makes the second a repeat.
    if count := number(release, "id"):
        id = f"github:release:{count}"
    return [event("milestone.reached", id, text(release, "published_at"), title=f"Released {name}")]


_MAPPERS: Mapping[str, Callable[[Mapping[str, Any], str], list[Event]]] = {
    "push": _push,
    "pull_request": _pull_request,
    "issues": _issue,
    "release": _release,
}
