"""Locks the promise: a marker in any place that nobody named leaves a real relay by no outlet.

`python -m bench.canary` does the same with 100,000 events.
"""

import base64

import pytest

from support.canary import MARKER
from support.canary_run import run
from support.outlets import Outlets, Watched

EVENTS = 2500


@pytest.mark.timeout(240)
def test_a_marker_that_nobody_named_a_place_for_leaves_by_no_outlet(tmp_path):
    result = run(tmp_path, EVENTS, seed=5)

    assert sum(result.events.values()) == EVENTS
    assert len(result.events) == 10, "every shape took part"
    assert min(result.outcomes[name] for name in ("accepted", "hidden", "rejected")) > EVENTS // 40
    assert result.blind == set(), "where the search would not find anything"
    assert result.leaks == set()


@pytest.mark.timeout(240)
def test_a_marker_in_a_named_field_is_found_at_every_outlet_that_shows_it(tmp_path):
    assert run(tmp_path, 50, seed=4, leak=True).leaks == Watched.SHOWING


def test_a_marker_is_found_in_any_case_and_coded():
    outlets = Outlets()
    outlets.add("nothing", "words")
    outlets.add("upper", MARKER.upper())
    outlets.add("hexadecimal", MARKER.encode().hex())
    for lead in range(3):
        outlets.add(f"base64-{lead}", base64.b64encode(b"x" * lead + MARKER.encode() + b"yz"))
    assert outlets.holding(MARKER) == outlets.names - {"nothing"}
