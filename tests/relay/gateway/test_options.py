"""Locks: what a viewer asks for is read as the contract says; what cannot be used is refused by name."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.gateway.options import BadOption, Options, from_connect, from_query
from relay.protocol.events import EVENT_TYPES
from relay.protocol.messages import MAX_HISTORY
from support.clock import NOON_MS

GIT = {"git.commit", "git.pr_opened", "git.pr_merged"}


def query(**fields: str) -> tuple[Options, bool]:
    return from_query(urlencode(fields), "", NOON_MS)


def connect(_on: Options = Options(), **data: Any) -> Options:  # noqa: B008  # it is frozen
    return from_connect(data, _on, "room", NOON_MS)


# -- the query -------------------------------------------------------------------------------------


def test_nothing_asked_is_everything_from_now_on():
    assert from_query("", "", NOON_MS) == (Options(), False)
    assert Options().types == EVENT_TYPES


def test_every_option_of_the_query():
    options, given_any = query(
        auth="tok", cursor="abcdefgh-5", since="2h", history="7", types="git,chat.public", name=" Zoe "
    )
    assert given_any
    assert options == Options(
        token="tok",
        cursor="abcdefgh-5",
        since_ms=NOON_MS - 7_200_000,
        history=7,
        types=frozenset(GIT | {"chat.public"}),
        name="Zoe",
    )


def test_a_token_comes_by_query_or_header_and_the_query_goes_first():
    assert from_query("", "bearer", NOON_MS) == (Options(token="bearer"), False)
    assert from_query("auth=query", "bearer", NOON_MS) == (Options(token="query"), True)
    assert from_query("auth=", "bearer", NOON_MS) == (Options(token="bearer"), False)


def test_blank_and_unknown_options_are_passed_over():
    assert from_query("cursor=&since=&types=&nope=1&%FF=%FE", "", NOON_MS) == (Options(), False)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"since": "yesterday"}, "since"),
        ({"types": "git,nope"}, "types"),
        ({"types": ","}, "types"),
        ({"history": "-1"}, "history"),
        ({"history": "ten"}, "history"),
        ({"history": "1.5"}, "history"),
        ({"history": "٣"}, "history"),
        ({"history": str(MAX_HISTORY + 1)}, "history"),
        ({"history": "9" * 5000}, "history"),
        ({"since": "9" * 5000}, "since"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_used_in_the_query_is_refused_by_name(fields: dict[str, str], named: str):
    with pytest.raises(BadOption, match=f"^{named}: ") as refused:
        query(**fields)
    assert len(str(refused.value)) < 500


@given(st.text(max_size=200))
def test_any_query_is_read_or_refused(text: str):
    try:
        options, _ = from_query(text, "", NOON_MS)
    except BadOption:
        return  # the refusals have their own tests
    assert options.types <= EVENT_TYPES
    assert len(options.name) <= 40


# -- spectator.connect -----------------------------------------------------------------------------


def test_the_specs_own_example():
    options = connect(
        room_id="room",
        spectator_id="spec_123",
        auth_token=None,
        client_info={
            "user_agent": "ClawTank-Web/1.0",
            "referrer": "https://clawtank.com/rooms",
            "capabilities": ["chat", "reactions"],
        },
    )
    assert options == Options()


def test_a_connect_goes_on_top_of_the_query():
    asked, _ = query(auth="tok", types="git", history="5")
    assert connect(asked, history=9) == Options(token="tok", types=frozenset(GIT), history=9)
    assert connect(asked, auth_token="other").token == "other"
    assert connect(asked, resume_token="again").token == "again"
    assert connect(asked, auth_token="a", resume_token="b").token == "a"
    assert connect(asked, auth_token=None, types=None, history=None) == asked


def test_types_come_as_text_or_as_a_list():
    assert connect(types="git").types == connect(types=["git"]).types == GIT
    assert connect(types=["git.commit", "chat"]).types == {"git.commit", "chat.public"}


def test_capabilities_that_are_listed_are_respected_and_unknown_ones_ignored():
    assert connect(client_info={}).chat
    assert connect(client_info=None).chat
    assert connect(client_info={"capabilities": ["chat", "flying"]}).chat
    assert not connect(client_info={"capabilities": []}).chat
    assert not connect(client_info={"capabilities": ["reactions"]}).chat
    assert connect(client_info={"user_agent": "x" * 64_000}).chat


def test_unknown_fields_change_nothing():
    assert connect(nope={"deep": [1]}, client_info={"nope": 1}) == Options()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"room_id": "other"}, "room_id"),
        ({"room_id": 7}, "room_id"),
        ({"auth_token": 7}, "auth_token"),
        ({"resume_token": []}, "resume_token"),
        ({"cursor": 7}, "cursor"),
        ({"since": 7200}, "since"),
        ({"since": "soon"}, "since"),
        ({"display_name": ["Zoe"]}, "display_name"),
        ({"spectator_id": 1}, "spectator_id"),
        ({"history": "7"}, "history"),
        ({"history": True}, "history"),
        ({"history": 7.0}, "history"),
        ({"history": -1}, "history"),
        ({"history": 10**400}, "history"),
        ({"types": 7}, "types"),
        ({"types": []}, "types"),
        ({"types": ["git", 7]}, "types"),
        ({"types": "nope"}, "types"),
        ({"client_info": 7}, "client_info"),
        ({"client_info": []}, "client_info"),
        ({"client_info": {"user_agent": 7}}, "client_info.user_agent"),
        ({"client_info": {"referrer": {}}}, "client_info.referrer"),
        ({"client_info": {"capabilities": "chat"}}, "client_info.capabilities"),
        ({"client_info": {"capabilities": [7]}}, "client_info.capabilities"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_type_of_a_known_field_is_refused_by_name(data: dict[str, Any], named: str):
    with pytest.raises(BadOption, match=f"^{named}: "):
        connect(**data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("room_id", "auth_token", "cursor", "since", "history", "types", "display_name", "client_info")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_connect_is_read_or_refused(data: dict[str, Any]):
    try:
        options = connect(**data)
    except BadOption:
        return  # the refusals have their own tests
    assert options.types <= EVENT_TYPES
