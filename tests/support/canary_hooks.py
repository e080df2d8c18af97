"""Canary deliveries of forges and coding agents: what their hooks hand over, most of which is private."""

from __future__ import annotations

import random

from support.canary import AT, MARKER, Event, copy, plant, spoil


def github_delivery(rng: random.Random) -> tuple[str, Event]:
    """Return a webhook of GitHub: the event's name and its payload."""
    kind = rng.choice((*_GITHUB, "issue_comment", "secret_scanning_alert", MARKER))
    payload = copy(_GITHUB.get(kind, {"action": "created", "comment": {"body": MARKER, "user": _LOGIN}}))
    if kind == "push":
        payload["commits"][0]["id"] = f"{rng.getrandbits(160):040x}"
    spoil(rng, payload)
    plant(rng, payload)
    return kind, payload


def gitlab_delivery(rng: random.Random) -> Event:
    """Return a webhook of GitLab."""
    kind = rng.choice((*_GITLAB, "note", MARKER))
    payload = {"object_kind": kind, **copy(_GITLAB.get(kind, {"object_attributes": {"note": MARKER}}))}
    if kind == "push":
        payload["commits"][0]["id"] = f"{rng.getrandbits(160):040x}"
    spoil(rng, payload)
    plant(rng, payload)
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
            "timestamp": AT,
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
            "created_at": AT,
            "head": {"ref": MARKER, "repo": {"full_name": MARKER}},
            "labels": [{"name": MARKER}],
        },
        "sender": _LOGIN,
    },
    "issues": {
        "action": "opened",
        "issue": {"number": 3, "title": "fine", "user": _LOGIN, "created_at": AT, "assignees": [MARKER]},
        "changes": {"title": {"from": MARKER}},
    },
    "release": {
        "action": "published",
        "release": {"name": "1.0", "id": 5, "published_at": AT, "author": _LOGIN, "assets": [MARKER]},
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
        **copy(rng.choice(_HOOKS)),
    }
    plant(rng, payload)
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
