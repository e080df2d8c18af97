"""Locks: what moderators may ask for, and that a wrong request is refused whole, with its field named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chat.acts import MUTE_S, SLOW_S, Act, read_acts
from relay.protocol.errors import Code, Refused
from relay.protocol.moderation import MAX_TARGETS, Action


def read(**data: Any) -> list[Act]:
    acts = read_acts(data)
    assert not isinstance(acts, Refused), acts
    return acts


def test_an_act_upon_a_message():
    assert read(action="delete", message_id="m1", reason=" spam\n") == [
        Act(Action.DELETE, "m1", reason="spam")
    ]


def test_an_act_upon_a_viewer_or_the_author_of_a_message():
    assert read(action="ban", spectator_id="anon_x") == [Act(Action.BAN, spectator_id="anon_x")]
    assert read(action="mute", message_id="m1") == [Act(Action.MUTE, "m1", seconds=MUTE_S)]
    assert read(action="mute", message_id="m1", seconds=0)[0].seconds == 0


def test_an_act_upon_the_room():
    assert read(action="slow") == [Act(Action.SLOW, seconds=SLOW_S)]
    assert read(action="slow", seconds=0) == [Act(Action.SLOW)]
    assert read(action="shield") == [Act(Action.SHIELD)]
    assert read(action="undo", entry="7") == [Act(Action.UNDO, entry="7")]


def test_a_list_is_as_many_acts_each_target_once():
    assert [act.message_id for act in read(action="reject", message_ids=["a", "b", "a"], message_id="c")] == [
        "c",
        "a",
        "b",
    ]
    assert [act.spectator_id for act in read(action="ban", spectator_ids=["x", "y"])] == ["x", "y"]


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({}, "action"),
        ({"action": "explode"}, "action"),
        ({"action": ["ban"]}, "action"),
        ({"action": "approve"}, "message_id"),
        ({"action": "approve", "spectator_id": "x"}, "message_id"),
        ({"action": "approve", "message_id": 7}, "message_id"),
        ({"action": "approve", "message_ids": "abc"}, "message_ids"),
        ({"action": "approve", "message_ids": [1]}, "message_ids"),
        ({"action": "ban"}, "spectator_id"),
        ({"action": "ban", "spectator_id": "x", "message_id": "m"}, "spectator_id"),
        ({"action": "ban", "spectator_id": "x", "seconds": -1}, "seconds"),
        ({"action": "ban", "spectator_id": "x", "seconds": True}, "seconds"),
        ({"action": "ban", "spectator_id": "x", "seconds": 1.5}, "seconds"),
        ({"action": "ban", "spectator_id": "x", "seconds": 10**12}, "seconds"),
        ({"action": "ban", "spectator_id": "x", "reason": 3}, "reason"),
        ({"action": "ban", "spectator_ids": [str(n) for n in range(MAX_TARGETS + 1)]}, "spectator_ids"),
        ({"action": "slow", "seconds": 3601}, "seconds"),
        ({"action": "lock", "message_id": "m"}, "lock"),
        ({"action": "undo"}, "entry"),
        ({"action": "ban", "spectator_id": "x", "entry": "1"}, "entry"),
    ],
)
def test_a_wrong_request_is_refused_by_its_field(data: dict[str, Any], named: str):
    refused = read_acts(data)
    assert isinstance(refused, Refused)
    assert refused.code is Code.INVALID_MESSAGE
    assert named in refused.message.split(":")[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = [
    "action",
    "message_id",
    "spectator_id",
    "message_ids",
    "spectator_ids",
    "seconds",
    "reason",
    "entry",
]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON | st.sampled_from(list(Action))))
def test_whatever_is_asked_for_is_acts_or_a_sentence(data: dict[str, Any]):
    acts = read_acts(data)
    assert acts
    assert isinstance(acts, Refused) or all(isinstance(act, Act) for act in acts)
