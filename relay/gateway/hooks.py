"""What a hook's delivery is: who vouches for it, and which events it holds.

Each source has a header of its own for the room's secret or for a signature made with it. Whoever cannot be
told a room's secret, or would rather use something that can be revoked, sends a publish token instead.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from relay.protocol.envelope import decode_object
from relay.sources import claude_code, codex, gemini, github, gitlab
from relay.sources.lines import BadItem, split_items

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_AGENTS: Mapping[str, Callable[..., list[dict[str, Any]]]] = {
    "claude-code": claude_code.to_events,
    "codex": codex.to_events,
    "gemini": gemini.to_events,
}
SOURCES = ("github", "gitlab", *_AGENTS)
"""The last part of a hook's address."""

SECRET_IN: Mapping[str, str] = {
    "github": "The signature does not fit. Set the webhook's secret to the room's hookSecret, which "
    "clawtank-relay room show prints.",
    "gitlab": "The secret token does not fit. Set the webhook's secret token to a publish token of this "
    "room, or to its hookSecret, which clawtank-relay room show prints.",
}
"""What to do about a forge's delivery that shows no secret, where the forge keeps it."""

NOTHING: Mapping[str, Any] = {"type": "hook.nothing"}
"""Stands for a delivery that shows nothing: a type that is hidden, and so counted like any other."""


def is_signed(source: str, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Say whether a delivery shows that its sender knows the room's hook secret, in constant time."""
    if source == "github":
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return _same(headers.get("x-hub-signature-256", ""), signature)
    return source == "gitlab" and _same(headers.get("x-gitlab-token", ""), secret)


def token_of(source: str, headers: Mapping[str, str]) -> str:
    """Return a publish token sent where this source sends secrets; empty if that is not a place for one."""
    return headers.get("x-gitlab-token", "") if source == "gitlab" else ""


def read(
    source: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes
) -> Sequence[Mapping[str, Any] | BadItem]:
    """Return the events of a delivery, or the one that stands for nothing to show.

    Args:
        source: One of `SOURCES`.
        headers: The request's, names in lower case.
        query: `agent` and `owner` name a coding agent.
        body: JSON; a form's `payload` from GitHub; one hook's JSON or several lines of it from an agent.

    Raises:
        BadMessage: If a forge's body is not a JSON object.
    """
    events: list[Mapping[str, Any] | BadItem] = []
    if source == "github":
        delivery = headers.get("x-github-delivery", "")
        payload = decode_object(_form_payload(headers, body))
        events += github.to_events(headers.get("x-github-event", ""), delivery, payload)
    elif source == "gitlab":
        delivery = headers.get("idempotency-key", "") or headers.get("x-gitlab-event-uuid", "")
        events += gitlab.to_events(delivery, decode_object(body))
    else:
        for item in split_items(body):
            if isinstance(item, BadItem):
                events.append(item)
            else:
                events += _AGENTS[source](item, query.get("agent", ""), query.get("owner", ""))
    return events or [NOTHING]


def without_repeats(
    events: Sequence[Mapping[str, Any] | BadItem], status_of: Mapping[str, str]
) -> Sequence[Mapping[str, Any] | BadItem]:
    """Leave out each status that an agent has already: its hooks fire at every tool, changed or not."""
    known = dict(status_of)
    changes: list[Mapping[str, Any] | BadItem] = []
    for event in events:
        if not isinstance(event, BadItem) and event["type"] == "agent.status_change":
            if known.get(event["agent_name"]) == event["status"]:
                continue
            known[event["agent_name"]] = event["status"]
        changes.append(event)
    return changes or [NOTHING]


def _form_payload(headers: Mapping[str, str], body: bytes) -> str | bytes:
    """Return the JSON of a body; GitHub wraps it in a form unless told otherwise."""
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode(errors="replace"), max_num_fields=4).get("payload", [""])[0]
    return body


def _same(presented: str, expected: str) -> bool:
    return hmac.compare_digest(presented.encode(errors="surrogateescape"), expected.encode())
