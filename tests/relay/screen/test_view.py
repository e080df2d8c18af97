"""Locks: a view shows what a reader would see, and each part of it knows what it stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.screen.view import joined, view


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain", "plain"),
        ("a\u200bb\u2060c", "abc"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://x\x07link\x1b]8;;\x07", "link"),
        ("ｓｋ－１", "sk-1"),
        ("𝐬𝐤", "sk"),
        ("a%40b", "a@b"),
        ("a%2540b", "a@b"),
        ("a&#64;b&#x40;c&commat;d", "a@b@c@d"),
        ("a&amp;lt;b", "a<b"),
        ("a\\u0040b", "a@b"),
        ("\\/home\\/x", "/home/x"),
        ("100% of %zz", "100% of %zz"),
        ("a & b &nosuchthing; c", "a & b &nosuchthing; c"),
        ("你好，世界…", "你好，世界…"),
    ],
)
def test_disguises_are_undone(text: str, seen: str):
    assert view(text).text == seen


def test_a_part_knows_its_original():
    seen = view("x \x1b[1ma%40b\u200bc y")
    at = seen.text.index("a@bc")
    assert seen.original(at, at + 4) == (6, 13)
    assert seen.original(0, 1) == (0, 1)


def test_lines_are_joined_with_their_indentation():
    assert joined("ab\\\n   cd\n> ef").text == "abcdef"


@given(st.text(st.sampled_from("ab%40&#6;\u200b\x1b[1mｓ\\u0/ \n"), max_size=40))
def test_every_character_stands_for_a_part_and_in_order(text: str):
    for seen in (view(text), joined(text)):
        end = 0
        for position in range(len(seen.text)):
            start, stop = seen.original(position, position + 1)
            assert end <= start < stop <= len(text)
            end = stop
