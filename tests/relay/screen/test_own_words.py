"""Locks: what a host's words hide and what they leave; no word and no text makes them slow."""

from collections.abc import Iterator, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.screen.own_words import MAX_RUN, MAX_WORDS, OwnWords, problem
from relay.screen.redact import MARKS


@pytest.mark.parametrize(
    ("word", "text", "shown"),
    [
        ("Acme", "we met ACME, acme's and (acme)", "we met [HIDDEN], [HIDDEN]'s and ([HIDDEN])"),
        ("acme", "acme_api/acme-web", "[HIDDEN]_api/[HIDDEN]-web"),
        ("Ärzte Köln", "ÄRZTE  KÖLN", "[HIDDEN]"),
        ("ΟΔΟΣ", "οδός οδος Οδοσ", "οδός [HIDDEN] [HIDDEN]"),
        ("acme", "使用acme项目", "使用[HIDDEN]项目"),
        ("北京", "在北京的办公室", "在[HIDDEN]的办公室"),
        ("삼성", "삼성은", "[HIDDEN]은"),
        ("c++", "c++ and c++20", "[HIDDEN] and [HIDDEN]20"),
        ("project falcon", "Project \n  Falcon", "[HIDDEN]"),
        ("acme-*", "acme-billing/src is up", "[HIDDEN] is up"),
        ("*.acme.example", "ping db.eu.acme.example now", "ping [HIDDEN] now"),
        ("ticket*42", "ticket-0042, ticket42", "[HIDDEN], [HIDDEN]"),
        ("ab*cd*ef", "ab1cd2ef", "[HIDDEN]"),
        ("*acme*", "xacmex yacmey", "[HIDDEN] [HIDDEN]"),
        ("acme-*", "acme-" + "x" * 80, "[HIDDEN]" + "x" * 16),
        ("acme", "a\u200bc\u2060me ａｃｍｅ %61cme a\x1b[1mcme &#97;cme", " ".join(["[HIDDEN]"] * 5)),
        ("ａｃｍｅ", "acme", "[HIDDEN]"),
        ("acme *", "acme rocket", "[HIDDEN]"),
    ],
)
def test_a_word_hides(word: str, text: str, shown: str):
    assert OwnWords([word]).redact(text) == shown


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("acme", "acmes pacme acme2 macmed"),
        ("key", "[KEY] is what [HIDDEN] stands for [EMAIL]"),
        ("hidden", "[HIDDEN]"),
        ("stack trace", "[STACK TRACE]"),
        ("user]*", "/home/[USER]/x"),
        ("a*key", "a[KEY]"),
        ("foo*bar", "foo bar and foo" + "x" * 65 + "bar"),
        ("project falcon", "project     falcon projectfalcon"),
        ("a.c", "abc"),
        ("foo*bar", "foo[HIDDEN]bar"),
    ],
)
def test_a_word_leaves(word: str, text: str):
    assert OwnWords([word]).redact(text) is text


def test_words_that_overlap_become_one_mark_and_neighbours_two():
    words = OwnWords(["acme", "acme rocket", "rocket fuel"])
    assert words.redact("acme rocket fuel, acme, rocket") == "[HIDDEN], [HIDDEN], rocket"
    assert [one.rule for one in words.find("acme, rocket fuel")] == ["acme", "rocket fuel"]


def test_hiding_one_word_frees_no_other_beside_it():
    words = OwnWords(["foo*", "bar"])
    once = words.redact("foo" + "x" * MAX_RUN + "bar")
    assert once == "[HIDDEN]bar"
    assert words.redact(once) is once


def test_without_words_nothing_is_found():
    text = "acme"
    assert OwnWords([]).redact(text) is text


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("", "empty"),
        (" \u200b ", "empty"),
        ("*", "only wildcards"),
        ("* * *", "only wildcards"),
        ("a*", "at least 2 characters"),
        ("a * ", "at least 2 characters"),
        ("x" * 101, "longer than 100"),
        ("a*b*c*d*e*f", "more than 4"),
    ],
)
def test_what_cannot_be_a_word_says_why_in_a_sentence(word: str, why: str):
    said = problem(word)
    assert said is not None
    assert why in said
    assert said.endswith(".")
    with pytest.raises(ValueError, match=why):
        OwnWords([word])


@pytest.mark.parametrize("word", ["ab", "x" * 100, "a*b*c*d*e", "**ab**", "北京", "a*b"])
def test_what_can_be_a_word(word: str):
    assert problem(word) is None


def test_two_hundred_words_and_no_more():
    assert OwnWords([f"word{n}" for n in range(MAX_WORDS)]).redact("word199") == "[HIDDEN]"
    with pytest.raises(ValueError, match="more than 200"):
        OwnWords([f"word{n}" for n in range(MAX_WORDS + 1)])


WORDS = st.text(st.sampled_from("abAB12 *-._[]北ßéİς\u200b\x1b%&"), min_size=1, max_size=12).filter(
    lambda word: problem(word) is None
)
TEXTS = st.lists(
    st.sampled_from([*"abAB12  -._[]北ßéİς\u200b\n%\x1b", "ab" * 40, "[HIDDEN]", "[KEY]", "[USER]"]),
    max_size=30,
).map("".join)


@given(st.lists(WORDS, min_size=1, max_size=5), TEXTS)
def test_hiding_twice_changes_nothing_more(words: list[str], text: str):
    own = OwnWords(words)
    once = own.redact(text)
    assert own.redact(once) == once


@given(WORDS, TEXTS, TEXTS)
def test_a_word_without_wildcards_goes_wherever_it_stands_alone(word: str, before: str, after: str):
    word = " ".join(word.replace("*", "").split())
    if problem(word) is None and not any(mark[1:-1].lower() in word.lower() for mark in {*MARKS, "[HIDDEN]"}):
        assert word not in OwnWords([word]).redact(f"{before} ({word}) {after}".replace("\x1b", ""))


def endless_or_undecided(sequence: Sequence[Any], settled: bool = False) -> Iterator[str]:
    """Name every repetition that is longer than a run, or could be tried at another length."""
    for operation, argument in sequence:
        if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, inner = argument
            if most > MAX_RUN:
                yield "longer than a run"
            if least != most and not settled and operation is not sre.POSSESSIVE_REPEAT:
                yield "undecided"
            yield from endless_or_undecided(inner, settled)
        elif operation is sre.ATOMIC_GROUP:
            yield from endless_or_undecided(argument, settled=True)
        elif operation is sre.SUBPATTERN:
            yield from endless_or_undecided(argument[3], settled)
        elif operation is sre.BRANCH:
            for branch in argument[1]:
                yield from endless_or_undecided(branch, settled)


@given(WORDS)
def test_the_structure_of_every_word_is_linear(word: str):
    for _, compiled in OwnWords([word])._words:
        assert list(endless_or_undecided(_parser.parse(compiled.pattern.pattern))) == []


def test_a_structure_that_is_not_linear_would_be_seen():
    assert set(endless_or_undecided(_parser.parse(r"a[^ ]{0,64}?b"))) == {"undecided"}
    assert set(endless_or_undecided(_parser.parse(r"(?>a\S*b)"))) == {"longer than a run"}
