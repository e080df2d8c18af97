"""The allow-list: which events a spectator may see, and how they group.

Spec: Visible events. `agent.claimed_task` and `milestone.reached` are missing from the spec's white
list and present in its example and prose; they are visible, under `taskActivity`.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache


class Category(StrEnum):
    """What a viewer can choose with `types`, and a host can hide with `visibleEvents`."""

    CHAT = "chat"
    TASK = "task"
    GIT = "git"
    AGENT = "agent"
    MEMBER = "member"


CATEGORY_OF: dict[str, Category] = {
    "chat.public": Category.CHAT,
    "task.created": Category.TASK,
    "task.completed": Category.TASK,
    "agent.claimed_task": Category.TASK,
    "milestone.reached": Category.TASK,
    "git.commit": Category.GIT,
    "git.pr_opened": Category.GIT,
    "git.pr_merged": Category.GIT,
    "agent.status_change": Category.AGENT,
    "agent.joined": Category.AGENT,
    "agent.left": Category.AGENT,
    "member.joined": Category.MEMBER,
    "member.left": Category.MEMBER,
}
"""The thirteen visible types, each with the host's switch that governs it."""

EVENT_TYPES = frozenset(CATEGORY_OF)

AGENT_STATUSES = ("idle", "thinking", "executing", "testing", "committing", "waiting_approval", "error")
"""The seven words a status can be; no detail text ever goes with them."""

ROOM_STATES = ("created", "lobby", "active", "paused", "completed", "closed")
WATCHABLE_STATES = frozenset({"lobby", "active", "paused", "completed"})


class UnknownType(ValueError):
    """A name in `types` that is neither a category nor an event type; the message lists the names."""


@lru_cache(maxsize=256)
def parse_types(text: str) -> frozenset[str]:
    """Read a comma-separated choice of categories and full type names.

    `agent` also brings `agent.claimed_task`, which belongs to `task` by the host's switches but to the
    agents by its name.

    Raises:
        UnknownType: If a name is unknown, or none is given.
    """
    chosen: set[str] = set()
    for place, name in enumerate((part.strip() for part in text.split(",")), start=1):
        members = {
            t
            for t, c in CATEGORY_OF.items()
            if name in (c, t) or (name == "agent" and t.startswith("agent."))
        }
        if not members:
            known = ", ".join([*Category, *CATEGORY_OF])
            raise UnknownType(f"types: number {place} is not an event type. Choose from: {known}")
        chosen |= members
    return frozenset(chosen)
