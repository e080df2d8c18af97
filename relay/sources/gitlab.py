"""GitLab's webhooks, mapped to what spectators may see: pure.

As GitHub's: pushes, merge requests that open or merge, issues that open or close, releases. A confidential
issue is hidden whatever happens to it. Times are taken from commits only: GitLab writes its others in more
than one form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relay.sources.forges import commits, event, number, part, text
from relay.sources.git_log import NO_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from relay.sources.forges import Event


def to_events(delivery: str, payload: Mapping[str, Any]) -> list[Event]:
    """Map one delivery.

    Args:
        delivery: What stays the same when it is delivered again; may be empty.
        payload: The body, untrusted.
    """
    mapper = _MAPPERS.get(text(payload, "object_kind"))
    return mapper(payload, f"gitlab:{delivery}" if delivery else "") if mapper else []


def _push(payload: Mapping[str, Any], id: str) -> list[Event]:
    return commits(payload, "gitlab")


def _merge_request(payload: Mapping[str, Any], id: str) -> list[Event]:
    request = part(payload, "object_attributes")
    kind = {"open": "git.pr_opened", "merge": "git.pr_merged"}.get(text(request, "action"))
    title, count = text(request, "title"), number(request, "iid")
    if kind is None or not title or not count:
        return []
    return [event(kind, id, number=count, title=title, author=_who(payload))]


def _issue(payload: Mapping[str, Any], id: str) -> list[Event]:
    issue = part(payload, "object_attributes")
    action, title, count = text(issue, "action"), text(issue, "title"), number(issue, "iid")
    secret = issue.get("confidential", False) is not False
    if secret or text(payload, "event_type").startswith("confidential") or not title or not count:
        return []
    task = {"task_id": f"issue-{count}", "title": title}
    if action == "open":
        return [event("task.created", id, **task, creator=_who(payload))]
    return [event("task.completed", id, **task)] if action == "close" else []


def _release(payload: Mapping[str, Any], id: str) -> list[Event]:
    name = text(payload, "name") or text(payload, "tag")
    if text(payload, "action") != "create" or not name:
        return []
    return [event("milestone.reached", id, title=f"Released {name}")]


def _who(payload: Mapping[str, Any]) -> str:
    return text(part(payload, "user"), "name") or NO_NAME


_MAPPERS: Mapping[str, Callable[[Mapping[str, Any], str], list[Event]]] = {
    "push": _push,
    "merge_request": _merge_request,
    "issue": _issue,
    "release": _release,
}
