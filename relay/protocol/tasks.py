"""A task's life as the events tell it: one rule for the relay's state and for every client's copy of it.

No event carries a step of its own. A task opens with `task.created`, is taken with `agent.claimed_task`, ends
with `task.completed`; between them, an agent's status that names the task says where it is:

    open ──thinking──► claimed ──executing, testing, committing──► in_progress ──waiting_approval──► review
     ▲                    │                                            │                               │
     └────────idle────────┴────────────────────idle────────────────────┴────────────────idle───────────┘

An agent that is idle about a task has let go of it, or it was taken away: a rejected task is open again.
Checklist: FEED-12.
"""

from __future__ import annotations

TASK_STATES = ("open", "claimed", "in_progress", "review", "done")

_STATE_OF_STATUS = {
    "executing": "in_progress",
    "testing": "in_progress",
    "committing": "in_progress",
    "waiting_approval": "review",
    "idle": "open",
}


def settles(status: str) -> bool:
    """Say whether an agent's status tells by itself where its task is, wherever it was before."""
    return status in _STATE_OF_STATUS


def state_after(state: str, status: str) -> str:
    """Return where a task is once an agent has this status about it.

    Args:
        state: Where it was: one of `TASK_STATES`.
        status: The agent's status. `error` moves nothing: the task is still the agent's.
    """
    if state == "done":
        return state
    if status == "thinking":
        # Thought given to a task takes it; work that has begun goes on.
        return "claimed" if state == "open" else state
    return _STATE_OF_STATUS.get(status, state)
