"""Names: who bears one that reads like another's, and the tags that keep them apart."""

import pytest

from clawtank_tui.state.names import clashing, label, skeleton, tag
from clawtank_tui.state.talk import ChatMessage


def message(who, name, **fields):
    return ChatMessage(f"m-{who}", who, name, "words", 0, **fields)


@pytest.mark.parametrize("alike", ["KEN", "kеn", "k e n", "k-e-n", "ken\u0301", "ｋｅｎ", "k3n", "Kén"])
def test_names_that_read_alike_have_one_skeleton(alike):
    assert skeleton(alike) == skeleton("ken")


@pytest.mark.parametrize(
    ("one", "other"),
    [("rnarta", "marta"), ("paul", "pauI"), ("alice", "a1ice"), ("vvilly", "willy"), ("οtto", "otto")],
)
def test_letters_drawn_alike_are_the_same(one, other):
    assert skeleton(one) == skeleton(other)


def test_other_names_are_others():
    assert len({skeleton(name) for name in ("ken", "kent", "marta", "viewer_7f", "viewer_c2", "李雷")}) == 6


def test_who_shares_a_name_is_shown_with_a_tag_that_stays():
    real, false, other = (
        message("s1", "ken", author_state="verified"),
        message("s2", "kеn"),
        message("s3", "bob"),
    )
    alike = clashing([real, false, other, message("s3", "bob")])

    assert alike == {"s1", "s2"}
    assert label(real, alike) == f"ken·{tag('s1')}"
    assert label(false, alike) == f"~kеn·{tag('s2')}"
    assert label(other, alike) == "~bob"


def test_a_tag_is_three_signs_and_never_a_word():
    tags = {tag(f"s{number}") for number in range(3000)}

    assert all(len(one) == 3 and one[0].isalpha() and one[1].isdigit() and one[2].isalpha() for one in tags)
    assert len(tags) > 1500
    assert tag("s1") == tag("s1")
