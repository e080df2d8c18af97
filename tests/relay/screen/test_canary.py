"""Locks: a marker in any place that nobody named reaches no byte, whatever the event's type and shape."""

import random
from typing import Any

import pytest

from relay.protocol.events import EVENT_TYPES
from relay.screen.models import FIELDS_OF
from relay.screen.screen import Hidden, Rejected, Visible, screen

MARKER = "canary7f3a"
EVENTS = 12_000
NOW_MS = 1_771_362_180_000
HIDDEN_TYPES = (
    "agent.reasoning",
    "agent.error",
    "chat.private",
    "chat.room_only",
    "dm",
    "room.settings_updated",
    "usage.tokens",
    "audit.login",
    "log.debug",
    "metric.cpu",
    "git.diff",
    "Chat.Public",
    "chat.public ",
    "chat",
    "error",
    "extension.x",
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
GOOD: dict[str, Any] = {
    "author_type": "agent",
    "status": "testing",
    "sha": "a1b2c3d",
    "number": 7,
    "progress": 40,
    "additions": 1,
    "deletions": 2,
    "files_changed": ["a.py"],
}


def shape(rng: random.Random, depth: int) -> Any:
    """Return the marker, or something that holds it somewhere inside."""
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


def event(rng: random.Random) -> dict[str, Any]:
    kind = rng.choice((*sorted(EVENT_TYPES), *HIDDEN_TYPES))
    raw: dict[str, Any] = {}
    for name in FIELDS_OF.get(kind, ("content", "title")):
        raw[name] = GOOD.get(name, "fine")
        if kind not in EVENT_TYPES:
            raw[name] = shape(rng, 2)
        elif rng.random() < 0.05:
            # A named field that holds a shape it cannot have: refused by name, never repeated.
            raw[name] = [[shape(rng, 1)]] if rng.random() < 0.5 else {MARKER: shape(rng, 1)}
    for name in rng.sample(STRAY_NAMES, rng.randrange(1, 6)):
        raw[name] = shape(rng, 3)
    if rng.random() < 0.3:
        raw[MARKER] = MARKER
    if rng.random() < 0.3:
        raw["id"] = f"{MARKER}-{rng.random()}"
    if rng.random() < 0.1:
        raw["visibility"] = rng.choice(("private", "room_only", MARKER))
    if rng.random() < 0.1:
        raw["timestamp"] = rng.choice((MARKER, [MARKER], {MARKER: 1}))
    entries = [*raw.items(), ("type", kind)]
    rng.shuffle(entries)
    return dict(entries)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_marker_is_in_no_byte_and_in_no_message(seed: int):
    rng = random.Random(seed)
    outcomes: dict[type, int] = {Visible: 0, Hidden: 0, Rejected: 0}
    for _ in range(EVENTS // 2):
        result = screen(event(rng), NOW_MS)
        outcomes[type(result)] += 1
        assert MARKER not in repr(result)
        if isinstance(result, Visible):
            assert MARKER.encode() not in result.body
    assert min(outcomes.values()) > EVENTS // 40, outcomes
