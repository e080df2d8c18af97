"""Locks: envelopes are compact, complete and readable; what cannot be read is refused, never fatal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.envelope import BadMessage, MessageIds, decode_object, encode_envelope, encode_json


def test_an_envelope_has_the_four_parts_and_optional_ones_only_when_given():
    plain = encode_envelope("m-1", "spectator.welcome", 1_771_362_180_000, b'{"a":1}')
    assert json.loads(plain) == {
        "id": "m-1",
        "type": "spectator.welcome",
        "timestamp": "2026-02-17T21:03:00.000Z",
        "data": {"a": 1},
    }
    urgent = encode_envelope("m-2", "spectator.error", 0, b"{}", {"priority": "high"})
    assert json.loads(urgent)["metadata"] == {"priority": "high"}


def test_json_is_compact_and_keeps_every_letter():
    assert encode_json({"a": "é🙂", "b": [1, None]}) == '{"a":"é🙂","b":[1,null]}'.encode()


def test_ids_never_repeat_within_a_life_or_between_two():
    first, second = MessageIds(), MessageIds()
    ids = [ids.next() for ids in (first, second) for _ in range(500)]
    assert len(set(ids)) == 1000


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        (b'{"a":"\xff"}', "not valid JSON"),
        ('{"a":NaN}', "not valid JSON"),
        ("[1]", "not a JSON object"),
        ("7", "not a JSON object"),
        ('{"a":' * 40 + "1" + "}" * 40, "nested too deeply"),
        ('{"a":' * 33 + "1" + "}" * 33, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_named(text: str | bytes, problem: str):
    with pytest.raises(BadMessage, match=problem):
        decode_object(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), JSON, max_size=4))
def test_objects_round_trip(value: dict[str, object]):
    assert decode_object(json.dumps(value)) == value
