"""Events of every shape with a marker wherever nobody named a place for it: what must leave no trace.

Named fields hold harmless words, so that most events are shown; now and then one holds a shape it cannot
have, with the marker inside. Everything is drawn from the given `Random`: the same seed, the same events.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from relay.protocol.events import EVENT_TYPES
from relay.screen.models import FIELDS_OF

MARKER = "canary7f3a"
Event = dict[str, Any]

VISIBLE_TYPES = tuple(sorted(EVENT_TYPES))
HIDDEN_TYPES = (
    "agent.reasoning",
    "agent.error",
    "chat.private",
    "chat.room_only",
    "chat.spectator_message",
    "connection.opened",
    "dm",
    "room.settings_updated",
    "room.spectator_joined",
    "usage.tokens",
    "audit.login",
    "log.debug",
    "metric.cpu",
    "git.diff",
    "git.branch_created",
    "task.claim",
    "Chat.Public",
    "chat.public ",
    "chat",
    "error",
    "extension.x",
    f"x.{MARKER}",
    MARKER,
)
STRAY_NAMES = (
    "diff",
    "patch",
    "file_contents",
    "reasoning",
    "prompt",
    "cost",
    "tokens",
    "email",
    "user_id",
    "avatar",
    "ip",
    "env",
    "config",
    "detail",
    "message_body",
    "data",
    "payload",
    "metadata",
    "seq",
    "event_id",
    "__class__",
    "model_config",
    "model_fields",
    "Type",
    "extra",
    "body",
)
"""Names that no type has a field for and no mapper reads."""
GOOD: Event = {
    "author_type": "agent",
    "status": "testing",
    "sha": "a1b2c3d",
    "number": 7,
    "progress": 40,
    "additions": 1,
    "deletions": 2,
    "files_changed": ["a.py"],
}
_AT = "2026-02-17T21:03:00.000Z"


def shape(rng: random.Random, depth: int) -> Any:
    """Return the marker, or something that holds it somewhere inside, at most so deep."""
    kind = rng.randrange(6 if depth else 2)
    if kind < 2:
        return MARKER if kind else f"text {MARKER} text\n{MARKER}"
    if kind == 2:
        return [shape(rng, depth - 1), 1, None]
    if kind == 3:
        return {rng.choice(STRAY_NAMES): shape(rng, depth - 1), MARKER: True}
    if kind == 4:
        return (shape(rng, depth - 1),)
    return {"visibility": "public", "type": "chat.public", "content": shape(rng, depth - 1)}


# -- the spectator's own shape -------------------------------------------------------------------------


def flat_event(rng: random.Random) -> Event:
    """Return an event as the spec's examples have it, of any type."""
    kind = _kind(rng, VISIBLE_TYPES)
    raw: Event = {}
    for name in FIELDS_OF.get(kind, ("content", "title")):
        raw[name] = GOOD.get(name, "fine") if kind in EVENT_TYPES else shape(rng, 2)
        if kind in EVENT_TYPES and rng.random() < 0.05:
            raw[name] = _wrong(rng)
    _stray(rng, raw)
    if rng.random() < 0.3:
        raw["id"] = f"{MARKER}-{rng.random()}"
    if rng.random() < 0.1:
        raw = {name: MARKER if value == "fine" else value for name, value in raw.items()}
        raw["visibility"] = rng.choice(("private", "room_only", MARKER))
    if rng.random() < 0.1:
        raw["timestamp"] = rng.choice((MARKER, [MARKER], {MARKER: 1}))
    return _shuffled(rng, {**raw, "type": kind})


# -- ClawTank's own shapes -----------------------------------------------------------------------------


def wire_event(rng: random.Random) -> Event:
    """Return a wire-format envelope."""
    return _clawtank_event(rng, _WIRE, {"metadata": {"correlation_id": MARKER, "priority": "low"}})


def room_log_event(rng: random.Random) -> Event:
    """Return a room-log event."""
    return _clawtank_event(rng, _ROOM_LOG, {"room_id": MARKER, "participant_id": f"{MARKER}-p"})


def _clawtank_event(rng: random.Random, good: dict[str, Event], around: Event) -> Event:
    kind = _kind(rng, tuple(good))
    data = _copy(good.get(kind, {"text": MARKER, "content": {"text": MARKER}}))
    if kind in good:
        _spoil(rng, data)
    _plant(rng, data)
    event = {"id": f"{MARKER}-{rng.random()}", "type": kind, "timestamp": _AT, "data": data, **around}
    if rng.random() < 0.05:
        event["timestamp"] = _wrong(rng)
    _stray(rng, event)
    return _shuffled(rng, _withheld(rng, event, ("data", "metadata")))


_PERSON = {"display_name": "alice", "id": MARKER, "name": MARKER, "avatar_url": MARKER, "email": MARKER}
_AGENT = {
    "display_name": "Claude",
    "agent_id": MARKER,
    "model": {"name": MARKER},
    "capabilities": [MARKER],
    "owner": _PERSON,
}
_PULL_REQUEST = {
    "pull_request": {
        "number": 7,
        "title": "fine",
        "author": _PERSON,
        "body": MARKER,
        "head": {"sha": MARKER},
    },
    "merge_info": {"merged_by": _PERSON, "merge_commit_sha": MARKER},
}
_COMMIT = {
    "commit_info": {
        "short_sha": "a1b2c3d",
        "message": f"fine\n\n{MARKER}",
        "branch": "main",
        "author": {"name": "alice", "email": MARKER, "user_id": MARKER},
        "parents": [MARKER],
    },
    "changes": {
        "files_modified": [{"path": "src/a.py", "patch": MARKER, "diff": {"hunks": [MARKER]}}],
        "stats": {"additions": 1, "deletions": 2, "cost": MARKER},
        "diff": MARKER,
    },
    "task_id": "t1",
}
_WIRE: dict[str, Event] = {
    "chat.human_message": {
        "author": _PERSON,
        "content": {"text": "fine", "formatted_html": MARKER, "attachments": [{"url": MARKER}]},
        "visibility": "public",
        "thread_info": {"thread_id": MARKER},
        "edit_info": {"edit_history": [MARKER]},
    },
    "chat.agent_message": {
        "agent": _AGENT,
        "content": {"text": "fine", "message_type": "text", "confidence_level": MARKER, "reasoning": MARKER},
        "visibility": "public",
    },
    "task.created": {
        "task_id": "t1",
        "title": "fine",
        "creator": _PERSON,
        "priority": "high",
        "description": MARKER,
        "requirements": [MARKER],
        "context": {"paths": [MARKER]},
    },
    "task.claim_accepted": {"task_id": "t1", "agent": _AGENT, "claim_reason": MARKER, "score": MARKER},
    "task.status": {
        "task_id": "t1",
        "agent": _AGENT,
        "status": "in_progress",
        "progress": {"percentage": 40, "current_step": MARKER, "steps": [MARKER]},
        "notes": MARKER,
        "blockers": [MARKER],
    },
    "task.completed": {
        "task_id": "t1",
        "agent": _AGENT,
        "completed_at": MARKER,
        "deliverables": [{"path": MARKER, "url": MARKER}],
    },
    "git.commit": _COMMIT,
    "git.pr_opened": _PULL_REQUEST,
    "git.pr_merged": _PULL_REQUEST,
    "room.agent_joined": {"agent": _AGENT, "impact": MARKER},
    "room.agent_left": {"agent": _AGENT, "reason": MARKER},
}
_ROOM_LOG: dict[str, Event] = {
    "chat.message": {"author": _PERSON, "text": "fine", "visibility": "public", "attachments": [MARKER]},
    "participant.joined": {"user": _PERSON, "role": "member", "invite": MARKER},
    "participant.left": {"user": _PERSON, "role": "member", "reason_text": MARKER},
    "participant.agent_connected": {"agent": _AGENT, "endpoint": MARKER},
    "task.created": {"task_id": "t1", "title": "fine", "created_by": _PERSON, "description": MARKER},
    "task.claimed": {"task_id": "t1", "agent": _AGENT, "why": MARKER},
    "task.status_changed": {"task_id": "t1", "agent": _AGENT, "new_status": "review", "old_note": MARKER},
    "task.completed": {"task_id": "t1", "agent": _AGENT, "result": MARKER},
    "git.commit": _COMMIT,
    "git.pr_opened": _PULL_REQUEST,
    "git.pr_merged": _PULL_REQUEST,
    "agent.thinking": {"agent": _AGENT, "thought": MARKER},
    "agent.executing": {"agent": _AGENT, "command": MARKER},
    "agent.error": {"agent": _AGENT, "error": MARKER, "stack": [MARKER], "text": MARKER},
    "agent.idle": {"agent": _AGENT, "last_prompt": MARKER},
    "room.state_changed": {"new_state": MARKER, "reason_text": MARKER},
}


# -- what is no event at all ---------------------------------------------------------------------------


def malformed_line(rng: random.Random) -> bytes:
    """Return a line of a body that cannot be read as an event."""
    event = json.dumps(flat_event(rng)).encode()
    quoted = json.dumps(MARKER).encode()
    return rng.choice(
        (
            event[: rng.randrange(1, len(event))],
            event[1:],
            b"{%s: 1, }" % quoted,
            b"{%s}" % quoted,
            MARKER.encode(),
            quoted,
            b"[%s, 1]" % quoted,
            b'{"type": "chat.public", "content": NaN, "x": %s}' % quoted,
            b'{"type": "chat.public", "content": "%s\xff"}' % MARKER.encode(),
            b'{"type": ["%s"]}' % MARKER.encode(),
            b'{"type": "", "content": %s}' % quoted,
            b'{"content": %s}' % quoted,
            b'{"a":' * 2000 + quoted + b"}" * 2000,
        )
    )


# -- forges and coding agents --------------------------------------------------------------------------


def github_delivery(rng: random.Random) -> tuple[str, Event]:
    """Return a webhook of GitHub: the event's name and its payload."""
    kind = rng.choice((*_GITHUB, "issue_comment", "secret_scanning_alert", MARKER))
    payload = _copy(_GITHUB.get(kind, {"action": "created", "comment": {"body": MARKER, "user": _PERSON}}))
    if kind == "push":
        payload["commits"][0]["id"] = f"{rng.getrandbits(160):040x}"
    _spoil(rng, payload)
    _plant(rng, payload)
    return kind, payload


def gitlab_delivery(rng: random.Random) -> Event:
    """Return a webhook of GitLab."""
    kind = rng.choice((*_GITLAB, "note", MARKER))
    payload = {"object_kind": kind, **_copy(_GITLAB.get(kind, {"object_attributes": {"note": MARKER}}))}
    if kind == "push":
        payload["commits"][0]["id"] = f"{rng.getrandbits(160):040x}"
    _spoil(rng, payload)
    _plant(rng, payload)
    return payload


_LOGIN = {"login": "mona", "id": MARKER, "email": MARKER, "avatar_url": MARKER}
_PUSH = {
    "ref": "refs/heads/main",
    "before": MARKER,
    "after": MARKER,
    "compare": MARKER,
    "commits": [
        {
            "id": "",
            "message": f"fine\n\n{MARKER}",
            "timestamp": _AT,
            "author": {"name": "Mona", "email": MARKER, "username": MARKER},
            "committer": {"name": MARKER, "email": MARKER},
            "added": ["src/a.py"],
            "modified": [],
            "url": MARKER,
        }
    ],
    "repository": {"name": MARKER, "url": MARKER, "owner": _LOGIN},
    "pusher": {"name": MARKER, "email": MARKER},
    "sender": _LOGIN,
}
_GITHUB: dict[str, Event] = {
    "push": _PUSH,
    "pull_request": {
        "action": "opened",
        "pull_request": {
            "number": 7,
            "title": "fine",
            "user": _LOGIN,
            "created_at": _AT,
            "head": {"ref": MARKER, "repo": {"full_name": MARKER}},
            "labels": [{"name": MARKER}],
        },
        "sender": _LOGIN,
    },
    "issues": {
        "action": "opened",
        "issue": {"number": 3, "title": "fine", "user": _LOGIN, "created_at": _AT, "assignees": [MARKER]},
        "changes": {"title": {"from": MARKER}},
    },
    "release": {
        "action": "published",
        "release": {"name": "1.0", "id": 5, "published_at": _AT, "author": _LOGIN, "assets": [MARKER]},
    },
}
_GITLAB: dict[str, Event] = {
    "push": {**_PUSH, "user_name": MARKER, "user_email": MARKER, "project": {"name": MARKER}},
    "merge_request": {
        "user": {"name": "Mona", "username": MARKER, "email": MARKER},
        "object_attributes": {"iid": 7, "title": "fine", "action": "merge", "description": MARKER},
        "assignees": [_LOGIN],
    },
    "issue": {
        "user": {"name": "Mona", "email": MARKER},
        "object_attributes": {"iid": 4, "title": "fine", "action": "open", "description": MARKER},
    },
    "release": {"action": "create", "name": "1.0", "description": MARKER, "assets": {"links": [MARKER]}},
}


def agent_hook(rng: random.Random) -> tuple[str, Event]:
    """Return what a coding agent hands to its hook: the source's name and the JSON."""
    source = rng.choice(("claude-code", "codex", "gemini"))
    payload = {
        "session_id": MARKER,
        "transcript_path": MARKER,
        "cwd": MARKER,
        "prompt": MARKER,
        **_copy(rng.choice(_HOOKS)),
    }
    _plant(rng, payload)
    return source, payload


_TOOL = {"tool_name": "Bash", "tool_input": {"command": MARKER, "x": [MARKER]}, "tool_response": MARKER}
_HOOKS: tuple[Event, ...] = (
    *({"hook_event_name": name} for name in ("SessionStart", "UserPromptSubmit", "Stop", "SessionEnd")),
    *(
        {"hook_event_name": name, **_TOOL}
        for name in ("PreToolUse", "PostToolUse", "BeforeTool", "AfterTool")
    ),
    {"hook_event_name": "AfterAgent", "prompt_response": MARKER},
    {"hook_event_name": "Notification", "message": MARKER, "notification_type": MARKER},
    {"hook_event_name": MARKER},
    {"type": "agent-turn-complete", "thread-id": MARKER, "last-assistant-message": MARKER},
    {"type": "thread.started", "thread_id": MARKER},
    {"type": "item.completed", "item": {"type": "reasoning", "text": MARKER}},
    {"type": "item.started", "item": {"type": "command_execution", "command": MARKER}},
    {"type": MARKER},
    {
        "hook_event_name": "PostToolUse",
        "tool_name": "TodoWrite",
        "tool_input": {"todos": [{"content": "fine", "status": "in_progress", "activeForm": MARKER}]},
    },
)


# -- session-replay files ------------------------------------------------------------------------------


def session_replay(rng: random.Random, events: int) -> Event:
    """Return a session-replay file that is over at once."""
    meta = {"room": MARKER, "description": MARKER, "participants": {"humans": [MARKER]}}
    return {"meta": meta, "events": [_moment(rng) for _ in range(events)]}


def _moment(rng: random.Random) -> Event:
    moment = _copy(rng.choice(_MOMENTS))
    _plant(rng, moment)
    return _withheld(rng, {"t": 0, **moment}, ("data",))


_MOMENTS: tuple[Event, ...] = (
    {"type": "room.created", "text": MARKER},
    {"type": "human.message", "from": "alice", "text": "fine", "to": MARKER},
    {"type": "agent.message", "from": "Claude", "text": "fine", "reasoning": MARKER},
    {
        "type": "agent.joined",
        "data": {"agent_id": MARKER, "name": "Claude", "owner": "alice", "model": MARKER},
    },
    {"type": "task.created", "data": {"task_id": "t1", "title": "fine", "description": MARKER}},
    {"type": "task.claim", "data": {"task_id": MARKER, "reason": MARKER}},
    {"type": "task.claim_accepted", "data": {"task_id": "t1", "agent_id": MARKER}},
    {"type": "agent.status", "data": {"agent_id": MARKER, "status": "testing", "detail": MARKER}},
    {"type": "agent.status", "data": {"agent_id": MARKER, "status": MARKER}},
    {
        "type": "git.commit",
        "data": {
            "task_id": "t1",
            "agent_id": MARKER,
            "branch": "main",
            "commit_sha": "a1b2c3d",
            "message": f"fine\n\n{MARKER}",
            "files_changed": 2,
            "stats": {"additions": 1, "deletions": 2, "tool": MARKER},
        },
    },
    {"type": "git.merge", "data": {"from_branch": "x", "to_branch": "main", "merge_commit": "a1b2c3d"}},
    {"type": "room.stats", "data": {"tokens": MARKER}},
    {"type": "room.activity_summary", "text": MARKER},
)


# -- planting ------------------------------------------------------------------------------------------


def _kind(rng: random.Random, shown: tuple[str, ...]) -> str:
    return rng.choice(shown if rng.random() < 0.7 else HIDDEN_TYPES)


def _wrong(rng: random.Random) -> Any:
    """Return what no named field takes, with the marker inside."""
    return [[shape(rng, 1)]] if rng.random() < 0.5 else {MARKER: shape(rng, 1)}


def _withheld(rng: random.Random, item: Event, carriers: tuple[str, ...]) -> Event:
    """Now and then let an event say that it is not public; then the marker is in its named fields too."""
    if rng.random() < 0.1:
        item = json.loads(json.dumps(item).replace('"fine', f'"{MARKER} fine'))
        parts = [item[name] for name in carriers if isinstance(item.get(name), dict)]
        rng.choice([item, *parts])["visibility"] = rng.choice(("private", "room_only", "direct", None))
    return item


def _stray(rng: random.Random, item: Event) -> None:
    """Add members that nobody named; those that are there stay."""
    for name in rng.sample(STRAY_NAMES, rng.randrange(1, 4)):
        item.setdefault(name, shape(rng, 3))
    if rng.random() < 0.3:
        item[MARKER] = MARKER


def _plant(rng: random.Random, item: Any) -> None:
    """Add such members to every object inside, however deep."""
    inner = list(item.values()) if isinstance(item, dict) else item if isinstance(item, list) else ()
    for value in inner:
        _plant(rng, value)
    if isinstance(item, dict):
        _stray(rng, item)


def _spoil(rng: random.Random, item: Event) -> None:
    """Now and then give one member a shape it cannot have."""
    if rng.random() < 0.1:
        place = item
        while True:
            name = rng.choice(list(place))
            if not isinstance(place[name], dict) or not place[name] or rng.random() < 0.3:
                break
            place = place[name]
        place[name] = _wrong(rng)


def _shuffled(rng: random.Random, item: Event) -> Event:
    entries = list(item.items())
    rng.shuffle(entries)
    return dict(entries)


def _copy(item: Event) -> Event:
    copied: Event = json.loads(json.dumps(item))
    return copied


SHAPES: dict[str, Callable[[random.Random], Event]] = {
    "flat": flat_event,
    "wire": wire_event,
    "room log": room_log_event,
}
"""The shapes that a body may hold."""
