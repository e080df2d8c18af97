"""Locks: a marker in any place that nobody named passes no mapper and no screen, whatever type and shape."""

import json
import random
from collections import Counter

import pytest

from relay.screen.screen import Hidden, Rejected, Visible, screen
from relay.sources.shapes import Mapped, SpectatorSaid, StateChange, to_room_event
from support.canary import MARKER, flat_event
from support.canary_clawtank import SHAPES

EVENTS = 6000
NOW_MS = 1_771_362_180_000


class NoNames:
    def learn(self, kind: str, id: str, name: str, /) -> None:
        assert MARKER not in name

    def name_of(self, kind: str, id: str, /) -> None:
        return None


@pytest.mark.parametrize("seed", [1, 2])
def test_the_marker_is_in_no_byte_and_in_no_message(seed: int):
    rng = random.Random(seed)
    outcomes: dict[type, int] = {Visible: 0, Hidden: 0, Rejected: 0}
    for _ in range(EVENTS):
        # Not through JSON: what Python alone has (tuples) must not pass either.
        result = screen(flat_event(rng), NOW_MS)
        outcomes[type(result)] += 1
        assert MARKER not in repr(result)
    assert min(outcomes.values()) > EVENTS // 40, outcomes


@pytest.mark.parametrize("name", SHAPES)
def test_the_marker_is_in_nothing_that_a_mapper_makes_visible(name: str):
    rng = random.Random(name)
    outcomes = Counter[type]()
    for _ in range(EVENTS // 2):
        result = to_room_event(json.loads(json.dumps(SHAPES[name](rng))), NoNames())
        if isinstance(result, Mapped):
            result = screen(result.event, NOW_MS)
        outcomes[type(result)] += 1
        assert MARKER not in repr(result)
    assert all(outcomes[kind] for kind in (Visible, Hidden, Rejected)), outcomes
    assert outcomes.keys() <= {Visible, Hidden, Rejected, StateChange, SpectatorSaid}
    assert bool(outcomes[SpectatorSaid]) == (name == "wire")
