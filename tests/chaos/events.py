"""What can happen in a room, as the protocol tells it, and the events that a run publishes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "chat": ("chat.public",),
    "task": ("task.created", "agent.claimed_task", "task.completed", "milestone.reached"),
    "git": ("git.commit", "git.pr_opened", "git.pr_merged"),
    "agent": ("agent.status_change", "agent.joined", "agent.left"),
    "member": ("member.joined", "member.left"),
}
"""The visible types, by the host's switch that governs them."""

SWITCHES: Mapping[str, str] = {
    "chat": "publicChat",
    "task": "taskActivity",
    "git": "gitOperations",
    "agent": "agentStatus",
    "member": "memberActivity",
}
ALL_TYPES = frozenset(name for names in CATEGORIES.values() for name in names)
CATEGORY_OF = {name: category for category, names in CATEGORIES.items() for name in names}
STATUS = "agent.status_change"
STATUSES = ("idle", "thinking", "executing", "executing", "executing", "error")

_WORDS = """
fix add relay parser room event retry agent task merge branch deploy cache queue timeout review handle
socket client reconnect backoff index search update docs build commit lint type schema rename race lock
"""

PUBLISHERS = 2

Mark = int
"""What an event is recognised by: the millisecond at which it happened, which no two events share.

The publisher is its remainder by `PUBLISHERS`. No setting of the host's rewords it.
"""


def types_of(names: frozenset[str]) -> frozenset[str]:
    """Return the types that a choice of categories and full names stands for.

    `agent` brings `agent.claimed_task` as well, though it is the host's switch for tasks that governs it.
    """
    chosen: set[str] = set()
    for name in names:
        chosen |= set(CATEGORIES.get(name, (name,)))
        if name == "agent":
            chosen.add("agent.claimed_task")
    return frozenset(chosen)


def milliseconds(timestamp: str) -> int:
    """Return an ISO 8601 time as milliseconds since the epoch."""
    return round(datetime.fromisoformat(timestamp).timestamp() * 1000)


def mark_of(event: Mapping[str, Any]) -> Mark:
    """Return an event's mark."""
    return milliseconds(event["timestamp"])


def endless(publisher: int, chance: random.Random, now_ms: Callable[[], int]) -> Iterator[dict[str, Any]]:
    """Yield events of every type without end, each with its mark and an id of its own."""
    kinds = sorted(ALL_TYPES)
    weights = [_OFTEN.get(kind, 1) for kind in kinds]
    mark = 0
    while True:
        after = max(mark + 1, now_ms())
        mark = after + (publisher - after) % PUBLISHERS
        at = datetime.fromtimestamp(mark / 1000, UTC).isoformat(timespec="milliseconds")
        kind = chance.choices(kinds, weights)[0]
        yield {"type": kind, "id": f"event {mark}", "timestamp": at, **_fields(kind, publisher, chance)}


_OFTEN = {"chat.public": 8, STATUS: 8, "git.commit": 4, "task.created": 2}


def _fields(kind: str, publisher: int, chance: random.Random) -> dict[str, Any]:
    words = " ".join(chance.choices(_WORDS.split(), k=chance.choice((2, 5, 12, 40))))
    title = words[:180]
    # Each publisher has agents and tasks of its own, so that it knows what they have said already.
    agent = f"{chance.choice(('Ida', 'Otto', 'Nia'))} {publisher}"
    task = f"task-{publisher}-{chance.randrange(3)}"
    match kind:
        case "chat.public":
            return {"author": "alice", "author_type": "human", "content": words}
        case "task.created":
            return {"task_id": task, "title": title, "creator": "bob"}
        case "agent.claimed_task" | "task.completed":
            return {"agent_name": agent, "task_id": task, "title": title}
        case "milestone.reached":
            return {"title": title}
        case "git.commit":
            return {"sha": f"{chance.getrandbits(160):040x}", "message": words, "author": "alice"}
        case "git.pr_opened" | "git.pr_merged":
            return {"number": chance.randrange(1, 999), "title": title, "author": "bob"}
        case "agent.status_change":
            about = {"task_id": task} if chance.random() < 0.6 else {}
            return {"agent_name": agent, "status": chance.choice(STATUSES), **about}
        case "agent.joined" | "agent.left":
            return {"agent_name": agent}
        case _:
            return {"name": chance.choice(("alice", "bob"))}
