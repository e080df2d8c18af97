"""Mentions: `@name`, in whatever case, the whole name, and only the one who is meant."""

import pytest

from clawtank_tui.state.mentions import calls, mentions
from clawtank_tui.state.model import Me
from clawtank_tui.state.names import tag
from clawtank_tui.state.talk import ChatMessage

ADA = Me("s-me", "registered", "ada")


def called(text, me=ADA):
    return [text[start:end] for start, end in mentions(text, me)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ada look", ["@ada"]),
        ("look, @ADA! and @Ada.", ["@ADA", "@Ada"]),
        ("(@ada's)", ["@ada"]),
        ("@adam", []),
        ("@ada_x @ada-lovelace", []),
        ("x@ada", []),
        ("ada", []),
        (f"@ada·{tag('s-me')} hi", [f"@ada·{tag('s-me')}"]),
        ("@ada·z9z hi", []),
    ],
)
def test_who_is_called(text, found):
    assert called(text) == found


def test_case_is_folded_as_people_fold_it():
    assert called("@STRASSE!", Me("s", "registered", "Straße")) == ["@STRASSE"]
    assert called("@anonymous viewer?", Me("s", "anonymous", "Anonymous viewer"))


def test_the_name_of_everybody_calls_nobody_without_a_tag():
    guest = Me("s-me", "anonymous", "Anonymous Viewer")
    assert called("@Anonymous Viewer hi", guest) == []
    assert called(f"@Anonymous Viewer·{tag('s-me')} hi", guest)


def test_an_answer_to_ones_own_words_is_a_call_and_ones_own_is_none():
    mine, other = ChatMessage("m1", "s-me", "ada", "why?", 0), ChatMessage("m2", "s-ken", "ken", "so", 0)
    assert calls(other, ADA, mine)
    assert not calls(other, ADA, other)
    assert not calls(ChatMessage("m3", "s-me", "ada", "@ada", 0), ADA, mine)


def test_a_text_of_ats_costs_little():
    assert called("@" * 4000, Me("s", "registered", "ß" * 100)) == []
