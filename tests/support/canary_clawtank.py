"""Canary events in ClawTank's own shapes: wire-format envelopes, room-log events, session-replay files."""

from __future__ import annotations

import random
from collections.abc import Callable

from support.canary import (
    AT,
    MARKER,
    Event,
    copy,
    flat_event,
    kind_of,
    plant,
    shuffled,
    spoil,
    stray,
    withheld,
    wrong,
)


def wire_event(rng: random.Random) -> Event:
    """Return a wire-format envelope."""
    return _clawtank_event(rng, _WIRE, {"metadata": {"correlation_id": MARKER, "priority": "low"}})


def room_log_event(rng: random.Random) -> Event:
    """Return a room-log event."""
    return _clawtank_event(rng, _ROOM_LOG, {"room_id": MARKER, "participant_id": f"{MARKER}-p"})


def _clawtank_event(rng: random.Random, good: dict[str, Event], around: Event) -> Event:
    kind = kind_of(rng, tuple(good))
    data = copy(good.get(kind, {"text": MARKER, "content": {"text": MARKER}}))
    if kind in good:
        spoil(rng, data)
    plant(rng, data)
    event = {"id": f"{MARKER}-{rng.random()}", "type": kind, "timestamp": AT, "data": data, **around}
    if rng.random() < 0.05:
        event["timestamp"] = wrong(rng)
    stray(rng, event)
    return shuffled(rng, withheld(rng, event, ("data", "metadata")))


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
    "chat.spectator_message": {
        "spectator": {**_PERSON, "spectator_id": MARKER, "ip": MARKER},
        "content": {"text": "fine", "formatted_html": MARKER},
        "moderation": {"status": "approved", "score": MARKER, "reviewer": MARKER, "flags": [MARKER]},
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


def session_replay(rng: random.Random, events: int) -> Event:
    """Return a session-replay file that is over at once."""
    meta = {"room": MARKER, "description": MARKER, "participants": {"humans": [MARKER]}}
    return {"meta": meta, "events": [_moment(rng) for _ in range(events)]}


def _moment(rng: random.Random) -> Event:
    moment = copy(rng.choice(_MOMENTS))
    plant(rng, moment)
    return withheld(rng, {"t": 0, **moment}, ("data",))


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


SHAPES: dict[str, Callable[[random.Random], Event]] = {
    "flat": flat_event,
    "wire": wire_event,
    "room log": room_log_event,
}
"""The shapes that a body may hold."""
