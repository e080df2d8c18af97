"""Locks: nothing that others wrote can act on a terminal, and what people really write survives."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.text import ELLIPSIS, MAX_MARKS, REPLACEMENT, one_line, safe_text

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs"]),
        st.sampled_from(
            "\x1b\x07\x9b\x7f\n\r\t\u200b\u200d\u202e\u2066\ufeff\ufe0e\ufe0f\u0301\u034f\u180b\u2028"
            "👨👩❤🇫🇷🏽1#\u20e3\u00ad\u3164\U0001fadf\U000e0041a b"
        ),
    ),
    max_size=300,
)


def is_harmless(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or char == "\u200d"


@given(HOSTILE, st.integers(1, 80), st.booleans())
def test_nothing_that_acts_or_hides_is_left(text: str, limit: int, multiline: bool):
    safe = safe_text(text, limit, multiline=multiline)
    assert len(safe) <= limit
    assert all(is_harmless(char) or (multiline and char == "\n") for char in safe), ascii(safe)
    assert safe_text(safe, limit, multiline=multiline) == safe


@given(HOSTILE)
def test_joiners_stand_only_between_emoji_and_selectors_only_after_one(text: str):
    safe = safe_text(text, 400)
    for index, char in enumerate(safe):
        if char == "\u200d":
            assert safe[index - 1] > "\u00a8"
            assert safe[index + 1] > "\u00a8"
        if char == "\ufe0f":
            assert index
            assert safe[index - 1] != "\ufe0f"


@given(HOSTILE)
def test_at_most_three_marks_stand_on_one_character(text: str):
    marks = 0
    for char in safe_text(text, 400):
        marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
        assert marks <= MAX_MARKS


@pytest.mark.parametrize("dropped", ["\u200b", "\u200d", "\u3164", "\u034f", "\ufe0f"])
def test_a_dropped_character_does_not_start_a_new_pile_of_marks(dropped: str):
    assert safe_text("a" + "\u0301" * 3 + dropped + "\u0301" * 3, 20) == "a" + "\u0301" * 3


def test_a_mark_without_a_character_to_stand_on_goes():
    assert safe_text("\u0301a\n\u0301b", 20, multiline=True) == "a\nb"


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=100))
def test_printable_ascii_is_returned_as_it_is(text: str):
    assert safe_text(text, 100) == text


@pytest.mark.parametrize(
    "text",
    [
        FAMILY,
        "🇫🇷🇩🇪🇯🇵",
        "❤️ ❤️\u200d🔥",
        "🐈\u200d⬛ 🍋\u200d🟩 🙂\u200d↔️",
        "1️⃣ #️⃣",
        "👍🏽 👩🏿\u200d🚀",
        "Grüße, żółć, naïve café",
        "Привет, Ελλάδα, שלום, سلام",
        "नमस्ते ไทย 한국어 日本語 ひらがな",
        "e\u0301 n\u0303",
        "«x» – ‘y’ … → ✔ ⣀⣿ │",
        "[red]not markup[/] [/]",
    ],
)
def test_what_people_write_survives(text: str):
    assert safe_text(text, 200) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", f"a{REPLACEMENT}[31mb"),
        ("\x1b]52;c;x\x07", f"{REPLACEMENT}]52;c;x{REPLACEMENT}"),
        ("\x9b2J\x7f", f"{REPLACEMENT}2J{REPLACEMENT}"),
        ("abc\u202egpj.exe", "abcgpj.exe"),
        ("a\u200b\ufeff\u2060b", "ab"),
        ("x\u200dy", "xy"),
        ("👩\u200dx👩\u200d", "👩x👩"),
        ("x\u200d👩", "x👩"),
        ("x\ufe0f❤\ufe0f\ufe0f", "x❤\ufe0f"),
        ("flag\U0001f3f4\U000e0067\U000e007f", "flag\U0001f3f4"),
        ("a\u00a0\u3000\tb", "a   b"),
        ("\ud800", REPLACEMENT),
        ("\ue000\uffff", REPLACEMENT * 2),
        ("one\r\ntwo\u2028three\rfour", "one two three four"),
    ],
)
def test_what_acts_becomes_visible_and_what_hides_goes(text: str, shown: str):
    assert safe_text(text, 100) == shown


def test_line_breaks_of_every_kind_are_kept_as_one_when_asked():
    assert safe_text("a\r\nb\rc\x0bd\u2029e\x85f", 100, multiline=True) == "a\nb\nc\nd\ne\nf"


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde" + ELLIPSIS),
        ("éééé", 3, "éé" + ELLIPSIS),
        ("abe\u0301x", 4, "abe" + ELLIPSIS),
        ("ab" + FAMILY, 5, "ab👨" + ELLIPSIS),
        ("a🇫🇷🇩🇪x", 5, "a🇫🇷" + ELLIPSIS),
        ("a🇫🇷🇩🇪x", 4, "a🇫🇷" + ELLIPSIS),
        ("x" * 1_000_000, 1, ELLIPSIS),
        ("\u200b" * 100 + "end", 10, ELLIPSIS),
    ],
)
def test_a_cut_leaves_a_mark_and_no_half_character(text: str, limit: int, shown: str):
    assert safe_text(text, limit) == shown


def test_one_line_folds_and_leaves_blank_lines_out():
    assert one_line("  first\n\n  second \nthird") == "first second third"
