"""Which statuses of a publish say nothing new. Spec: Optimisations, redundant status updates (OPT-1).

Agents repeat themselves: their hooks fire at every step. A status that its agent has already is not logged,
gets no position and reaches nobody; its publisher is told of a duplicate.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from relay.rooms.statuses import STATUS
from relay.storage.contract import IN_LOG, Draft, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relay.rooms.statuses import Statuses

_MATTERS = (STATUS, "agent.joined", "agent.left", "agent.claimed_task", "task.created", "task.completed")


def has_statuses(drafts: Sequence[Draft]) -> bool:
    """Say whether there is anything to mark."""
    return any(draft.type == STATUS for draft in drafts)


def mark_repeats(drafts: Sequence[Draft], committed: Statuses) -> list[Draft]:
    """Return drafts with those marked that repeat the log, or an earlier one of them.

    An earlier draft may turn out to be there already by its publisher's id, so that it says nothing: only the
    log can tell, and takes the first of those that say the same.

    Args:
        drafts: What is to be logged, in order.
        committed: What the log says now. Nothing of these drafts is in it, nor will be if they fail.
    """
    known = committed.copy()
    first: dict[str, int] = {}
    marked: list[Draft] = []
    for place, draft in enumerate(drafts):
        marked.append(draft)
        if draft.kind is not Kind.EVENT or draft.type not in _MATTERS:
            continue
        event = json.loads(draft.body)
        if draft.type == STATUS and known.is_repeat(event):
            marked[place] = replace(draft, repeats=first.get(event["agent_name"], IN_LOG))
            continue
        known.apply(event)
        if draft.type == STATUS:
            first[event["agent_name"]] = place
    return marked
