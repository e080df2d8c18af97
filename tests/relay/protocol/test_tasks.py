"""Locks: which status moves a task where, and that each step of its life can be told."""

import pytest

from relay.protocol.events import AGENT_STATUSES
from relay.protocol.tasks import TASK_STATES, state_after

MOVES = {
    "open": {
        "thinking": "claimed",
        "executing": "in_progress",
        "testing": "in_progress",
        "committing": "in_progress",
        "waiting_approval": "review",
    },
    "claimed": {
        "executing": "in_progress",
        "testing": "in_progress",
        "committing": "in_progress",
        "waiting_approval": "review",
        "idle": "open",
    },
    "in_progress": {"waiting_approval": "review", "idle": "open"},
    "review": {
        "executing": "in_progress",
        "testing": "in_progress",
        "committing": "in_progress",
        "idle": "open",
    },
    "done": {},
}


@pytest.mark.parametrize("state", TASK_STATES)
@pytest.mark.parametrize("status", [*AGENT_STATUSES, "", "a word of the future"])
def test_a_status_moves_a_task_or_leaves_it(state: str, status: str):
    assert state_after(state, status) == MOVES[state].get(status, state)
