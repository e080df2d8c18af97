"""Locks: every gate that is in a text is found there, and opens what it opens."""

from hypothesis import given
from hypothesis import strategies as st

from relay.screen.gates import Gates
from relay.screen.redact import RULES

LETTERS = st.text("ab-_:", max_size=12)


@given(st.lists(LETTERS.filter(bool), max_size=12, unique=True), LETTERS, LETTERS)
def test_what_is_opened_is_what_looking_for_each_gate_opens(gates: list[str], before: str, after: str):
    table = {gate: (place, place + 100) for place, gate in enumerate(gates)}
    for text in (before + after, *(before + gate + after for gate in gates)):
        opened = {place: [gate] for gate, places in table.items() if gate in text for place in places}
        assert Gates(table).opened(text) == opened


def test_a_place_that_several_gates_open_names_each_of_them():
    gates = Gates({"token": (1,), "pw": (1, 2), "secret": (1,), "key": (3,)})
    opened = gates.opened("the token and its pw")
    assert {place: set(found) for place, found in opened.items()} == {1: {"token", "pw"}, 2: {"pw"}}


def test_every_gate_of_the_table_is_found_beside_anything():
    places = {gate: place for place, gate in enumerate({gate for rule in RULES for gate in rule.gates})}
    gates = Gates({gate: (place,) for gate, place in places.items()})
    for gate, place in places.items():
        assert place in gates.opened(f"x{gate}y")
