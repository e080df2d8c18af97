"""Columns: whatever a text holds, a line is as wide as it should be and nothing but the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from clawtank_tui.widgets.cells import Piece, apart, cut, fit, paint, steady, width_of, wrap
from relay.protocol.text import safe_text

PLAIN, LOUD = Style.null(), Style(bold=True)
TRICKY = [
    "漢字",
    "é",
    "e\u0301\u0302",
    "👨‍👩‍👧",
    "❤️",
    "👍🏽",
    "🇩🇪",
    "[bold]",
    "[/]",
    "\\[",
    "한글",
    "…",
    " ",
    "\n",
]
texts = st.lists(st.one_of(st.text(max_size=30), st.sampled_from(TRICKY))).map(
    lambda parts: safe_text("".join(parts), 400, multiline=True)
)
pieces = st.lists(st.tuples(texts, st.sampled_from([PLAIN, LOUD])), max_size=5)
one_line = st.lists(
    st.tuples(texts.map(lambda text: text.replace("\n", " ")), st.sampled_from([PLAIN, LOUD])), max_size=5
)


def text_of(line: list[Piece]) -> str:
    return "".join(text for text, _ in line)


@given(one_line, st.integers(0, 60))
def test_a_line_is_exactly_as_wide_as_asked(given_pieces: list[Piece], width: int) -> None:
    assert width_of(cut(given_pieces, width)) <= width
    assert width_of(fit(given_pieces, width)) == width
    assert paint(fit(given_pieces, width), PLAIN).cell_length == width


@given(one_line, one_line, st.integers(0, 60))
def test_two_texts_at_the_ends_of_a_line_fill_it_exactly(
    left: list[Piece], right: list[Piece], width: int
) -> None:
    assert width_of(apart(left, right, width)) == width


@given(one_line, st.integers(0, 60))
def test_what_is_cut_says_so_and_what_fits_is_whole(given_pieces: list[Piece], width: int) -> None:
    whole = steady(text_of(given_pieces))
    kept = text_of(cut(given_pieces, width))
    if cell_len(whole) <= width:
        assert kept == whole
    elif width:
        assert kept.endswith("…")


@given(pieces, st.integers(2, 60), st.integers(0, 10))
def test_wrapping_keeps_within_the_width_and_loses_nothing_but_blanks(
    given_pieces: list[Piece], width: int, indent: int
) -> None:
    lines = wrap(given_pieces, width, indent)
    assert lines
    assert width_of(lines[0]) <= width
    assert all(width_of(line) <= max(width - indent, 2) for line in lines[1:])
    shown = "".join(text_of(line) for line in lines)
    assert shown.split() == "".join(steady(text_of(given_pieces)).split("\n")).split() or (
        "".join(shown.split()) == "".join(steady(text_of(given_pieces)).split())
    )


def test_words_are_kept_together_and_later_lines_are_shorter_by_the_indent() -> None:
    lines = wrap([("one two three four five", PLAIN)], 11, 2)
    assert [text_of(line).strip() for line in lines] == ["one two", "three", "four five"]


def test_a_word_too_long_for_any_line_is_broken() -> None:
    assert [text_of(line) for line in wrap([("aaaaaaaaaa", PLAIN)], 4)] == ["aaaa", "aaaa", "aa"]


@pytest.mark.parametrize(("text", "width"), [("👨‍👩‍👧", 6), ("❤️", 1), ("👍🏽", 2), ("e\u0301", 1), ("漢", 2)])
def test_every_sign_has_one_certain_width(text: str, width: int) -> None:
    assert cell_len(steady(text)) == sum(cell_len(char) for char in steady(text)) == width


@given(one_line)
def test_painting_says_what_was_given_whatever_looks_like_markup(given_pieces: list[Piece]) -> None:
    assert paint(given_pieces, PLAIN).text == text_of(given_pieces)


def test_painting_joins_what_looks_alike_and_lets_blanks_take_any_look() -> None:
    strip = paint([("a", LOUD), ("  ", PLAIN), ("b", LOUD), ("c", PLAIN), (" ", LOUD)], PLAIN)
    assert [segment.text for segment in strip] == ["a  b", "c "]


def test_a_blank_on_a_ground_of_its_own_keeps_it() -> None:
    ground = Style(bgcolor="red")
    strip = paint([("a", PLAIN), (" ", ground), ("b", ground)], PLAIN)
    assert [(segment.text, segment.style) for segment in strip] == [("a", PLAIN), (" b", ground)]
