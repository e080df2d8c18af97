"""Locks: a cursor reads back as it was written, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.cursor import Cursor, new_epoch, parse_cursor


@given(st.integers(0, 10**18 - 1))
def test_cursors_round_trip(seq: int):
    cursor = Cursor(new_epoch(), seq)
    assert parse_cursor(str(cursor)) == cursor


NOT_CURSORS = (
    "",
    "-",
    "abcdefgh",
    "abcdefgh-",
    "abcdefgh--1",
    "abcdefgh-01",
    "abcdefg1-1",
    "ABCDEFGH-1",
    "abcdefgh-1\n",
    "abcdefgh-1 ",
    "abcdefgh-٣",
    "abcdefgh-" + "9" * 19,
)


@pytest.mark.parametrize("text", NOT_CURSORS)
def test_what_is_no_cursor(text: str):
    assert parse_cursor(text) is None


def test_every_epoch_is_new():
    assert len({new_epoch() for _ in range(100)}) == 100
