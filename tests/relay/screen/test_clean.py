"""Locks: redaction comes before the cut, the cut comes last, and the work is bounded by the limit."""

import pytest

from relay.screen.clean import clean, clean_first_line

KEY = "ghp" + "_" + "aB3dE5fG7hJ9" * 3


def test_a_key_that_the_cut_would_split_is_recognised_first():
    assert clean("x" * 90 + " " + KEY, 100) == "x" * 90 + " [KEY]"


@pytest.mark.parametrize("end_of_work", [4000, 4000 + 1024])
def test_no_part_of_a_key_shows_wherever_the_work_ends(end_of_work: int):
    # Characters that show nothing fill the room: the end of the work is near the end of what is shown.
    for start in range(end_of_work - len(KEY) - 2, end_of_work + 2):
        text = "a" + "\u200b" * (start - 2) + " " + KEY + " " + "b" * 3000
        assert "gh" not in clean(text, 1000), start


def test_a_text_is_cut_with_a_mark_and_not_refused():
    assert clean("é" * 101, 100) == "é" * 99 + "…"
    assert clean("é" * 100, 100) == "é" * 100
    assert clean("a b " * 100_000, 10) == "a b a b a…"


def test_line_breaks_stay_only_where_they_are_wanted():
    assert clean("a\nb", 10, multiline=True) == "a\nb"
    assert clean("a\nb", 10) == "a b"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("one\n\nbody", "one"),
        ("\n\n one \r\nbody", "one"),
        ("\u2028one\u2028two", "one"),
        ("", ""),
        (" \n ", ""),
        ("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY----- oops\nbody", "[KEY] oops"),
    ],
)
def test_the_first_line_is_the_first_that_is_not_blank(message: str, line: str):
    assert clean_first_line(message, 100) == line
