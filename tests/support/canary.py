"""Events of every shape with a marker wherever nobody named a place for it: what must leave no trace.

Named fields hold harmless words, so that most events are shown; now and then one holds a shape it cannot
have, with the marker inside. Everything is drawn from the given `Random`: the same seed, the same events.
"""

from __future__ import annotations

import json
import random
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
AT = "2026-02-17T21:03:00.000Z"


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


def flat_event(rng: random.Random) -> Event:
    """Return an event as the spec's examples have it, of any type."""
    kind = kind_of(rng, VISIBLE_TYPES)
    raw: Event = {}
    for name in FIELDS_OF.get(kind, ("content", "title")):
        raw[name] = GOOD.get(name, "fine") if kind in EVENT_TYPES else shape(rng, 2)
        if kind in EVENT_TYPES and rng.random() < 0.05:
            raw[name] = wrong(rng)
    stray(rng, raw)
    if rng.random() < 0.3:
        raw["id"] = f"{MARKER}-{rng.random()}"
    if rng.random() < 0.1:
        raw = {name: MARKER if value == "fine" else value for name, value in raw.items()}
        raw["visibility"] = rng.choice(("private", "room_only", MARKER))
    if rng.random() < 0.1:
        raw["timestamp"] = rng.choice((MARKER, [MARKER], {MARKER: 1}))
    return shuffled(rng, {**raw, "type": kind})


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


# -- planting -----------------------------------------------------------------------------------------


def kind_of(rng: random.Random, shown: tuple[str, ...]) -> str:
    return rng.choice(shown if rng.random() < 0.7 else HIDDEN_TYPES)


def wrong(rng: random.Random) -> Any:
    """Return what no named field takes, with the marker inside."""
    return [[shape(rng, 1)]] if rng.random() < 0.5 else {MARKER: shape(rng, 1)}


def withheld(rng: random.Random, item: Event, carriers: tuple[str, ...]) -> Event:
    """Now and then let an event say that it is not public; then the marker is in its named fields too."""
    if rng.random() < 0.1:
        item = json.loads(json.dumps(item).replace('"fine', f'"{MARKER} fine'))
        parts = [item[name] for name in carriers if isinstance(item.get(name), dict)]
        rng.choice([item, *parts])["visibility"] = rng.choice(("private", "room_only", "direct", None))
    return item


def stray(rng: random.Random, item: Event) -> None:
    """Add members that nobody named; those that are there stay."""
    for name in rng.sample(STRAY_NAMES, rng.randrange(1, 4)):
        item.setdefault(name, shape(rng, 3))
    if rng.random() < 0.3:
        item[MARKER] = MARKER


def plant(rng: random.Random, item: Any) -> None:
    """Add such members to every object inside, however deep."""
    inner = list(item.values()) if isinstance(item, dict) else item if isinstance(item, list) else ()
    for value in inner:
        plant(rng, value)
    if isinstance(item, dict):
        stray(rng, item)


def spoil(rng: random.Random, item: Event) -> None:
    """Now and then give one member a shape it cannot have."""
    if rng.random() < 0.1:
        place = item
        while True:
            name = rng.choice(list(place))
            if not isinstance(place[name], dict) or not place[name] or rng.random() < 0.3:
                break
            place = place[name]
        place[name] = wrong(rng)


def shuffled(rng: random.Random, item: Event) -> Event:
    entries = list(item.items())
    rng.shuffle(entries)
    return dict(entries)


def copy(item: Event) -> Event:
    copied: Event = json.loads(json.dumps(item))
    return copied
