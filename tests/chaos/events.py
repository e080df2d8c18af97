"""What can happen in a room, as the protocol tells it, and the events that a run publishes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
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
STATUSES = ("idle", "thinking", "executing", "testing", "committing", "waiting_approval", "error")

_MARK = re.compile(r"mark-(\d+)-(\d+)x")
_WORDS = """
fix add relay parser room event retry agent task merge branch deploy cache queue timeout review handle
socket client reconnect backoff index search update docs build commit lint type schema rename race lock
"""

Mark = tuple[int, int]
"""Publisher and number: what an event is recognised by."""


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


def mark_of(event: Mapping[str, Any]) -> Mark | None:
    """Return an event's mark; None if a setting of the host's hides the field that held it."""
    found = _MARK.search(json.dumps(event))
    return (int(found[1]), int(found[2])) if found else None


def endless(publisher: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield events of every type without end, each with its mark and an id of its own."""
    number = 0
    while True:
        kind = chance.choices(sorted(ALL_TYPES), [_OFTEN.get(name, 1) for name in sorted(ALL_TYPES)])[0]
        mark = f"mark-{publisher}-{number}x"
        yield {"type": kind, "id": mark, **_fields(kind, mark, chance)}
        number += 1


_OFTEN = {"chat.public": 8, STATUS: 8, "git.commit": 4, "task.created": 2}


def _fields(kind: str, mark: str, chance: random.Random) -> dict[str, Any]:
    words = " ".join(chance.choices(_WORDS.split(), k=chance.choice((2, 5, 12, 40))))
    agent = chance.choice(("Ida", "Otto", "Nia"))
    match kind:
        case "chat.public":
            return {"author": "alice", "author_type": "human", "content": f"{mark} {words}"}
        case "task.created":
            return {"task_id": mark, "title": f"{mark} {words}"[:180], "creator": "bob"}
        case "agent.claimed_task":
            return {"agent_name": agent, "task_id": mark, "title": mark}
        case "task.completed":
            return {"task_id": mark, "title": mark, "agent_name": agent}
        case "milestone.reached":
            return {"title": f"{mark} {words}"[:180]}
        case "git.commit":
            sha = f"{chance.getrandbits(160):040x}"
            return {"sha": sha, "message": f"{mark} {words}", "author": "alice", "additions": 3}
        case "git.pr_opened" | "git.pr_merged":
            return {"number": chance.randrange(1, 999), "title": f"{mark} {words}"[:180], "author": "bob"}
        case "agent.status_change":
            return {"agent_name": agent, "status": chance.choice(STATUSES), "task_id": mark}
        case "agent.joined" | "agent.left":
            return {"agent_name": agent, "agent_owner": mark}
        case _:
            return {"name": chance.choice(("alice", "bob")), "role": mark}
