"""Locks: spam is caught by the rule that is meant for it, and what people write all day passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chat.filter import ALLOWED, RECENT_KEPT, WINDOW_S, Action, Filter, Remark, Verdict, remark
from relay.chat.filter.floods import MAX_LINKS, MAX_LINKS_LATELY, MAX_MENTIONS
from relay.rooms.settings import SpectatorChatSettings
from support.small_talk import small_talk

judge = Filter(SpectatorChatSettings()).judge
AUTHORS = ("ada", "grace", "linus", "barbara")


def said(text: str, author: str = "ada", at_s: float = 0.0) -> Remark:
    return remark(author, text, at_s)


def verdicts(*messages: tuple[str, str]) -> list[Verdict]:
    """Judge messages of `(author, text)`, a second apart, each knowing those before it."""
    recent: list[Remark] = []
    found = []
    for at_s, (author, text) in enumerate(messages):
        new = remark(author, text, float(at_s))
        found.append(judge(text, new, recent))
        if found[-1].action is not Action.REFUSE:
            recent.append(new)
    return found


def outcomes(*messages: tuple[str, str]) -> list[str]:
    return [f"{verdict.action}{verdict.rule and ' ' + verdict.rule}" for verdict in verdicts(*messages)]


def test_two_hundred_ordinary_messages_pass():
    lines = small_talk()
    assert len(lines) >= 200
    # As in a room: several people take turns, within the window.
    room = [(AUTHORS[number % len(AUTHORS)], line) for number, line in enumerate(lines)]
    recent: list[Remark] = []
    caught = []
    for number, (author, line) in enumerate(room):
        new = remark(author, line, number * 0.4)
        verdict = judge(line, new, recent[-RECENT_KEPT:])
        recent.append(new)
        if verdict != ALLOWED:
            caught.append((line, verdict.rule))
    assert caught == []


def test_a_repeat_is_refused_however_it_is_dressed():
    first = ("ada", "Look at this wonderful thing")
    for again in (
        "Look at this wonderful thing",
        "LOOK AT this wonderful thing!!!",
        "look... at... this... wonderful... thing",
        "l o o k at this wonderful thing",
        "Ｌｏｏｋ at this wonderful thing",
        "loooook at this wonderful thing",
    ):
        assert outcomes(first, ("ada", again)) == ["allow", "refuse repeat"], again


def test_an_exclamation_may_be_repeated_a_little():
    assert outcomes(*[("ada", "gg")] * 4) == ["allow"] * 3 + ["refuse repeat"]
    assert outcomes(*[(name, "gg") for name in "abcdefghijkl"]) == ["allow"] * 12


def test_a_correction_passes_and_a_series_of_them_does_not():
    texts = (
        "how does it know Clikc so well",
        "how does it know Click so well",
        "how does it know Clack so well",
    )
    assert outcomes(*[("ada", text) for text in texts]) == ["allow", "allow", "refuse near_repeat"]


def test_numbers_tell_short_messages_apart_and_disguise_long_ones():
    assert outcomes(*[("ada", f"message number {number}") for number in range(9)]) == ["allow"] * 9
    offer = "come to my channel and get your free coins today {}"
    assert outcomes(*[("ada", offer.format(number)) for number in range(4)]) == [
        "allow",
        *["refuse near_repeat"] * 3,
    ]


def test_a_crowd_is_held_and_a_raid_refused():
    offer = "come to my channel for free coins"
    texts = [(f"user{number}", offer + "!" * number) for number in range(10)]
    assert outcomes(*texts) == ["allow"] * 3 + ["hold crowd"] * 5 + ["refuse crowd"] * 2


def test_what_was_said_is_forgotten():
    text = "look at this wonderful thing"
    recent = [said(text)]
    assert judge(text, said(text, at_s=WINDOW_S), recent).rule == "repeat"
    assert judge(text, said(text, at_s=WINDOW_S + 1), recent) is ALLOWED


def test_links_are_counted_in_one_message_and_lately():
    one = "see https://a.example/page"
    assert outcomes(("ada", " ".join([one] * MAX_LINKS))) == ["allow"]
    assert outcomes(("ada", " ".join([one] * (MAX_LINKS + 1)))) == ["refuse links"]
    assert outcomes(("ada", "www.a.example HTTPS://b.example www.c.example http://d.example")) == [
        "refuse links"
    ]
    words = ("apple", "birch", "cedar", "daisy", "elder", "fir", "gorse", "hazel")
    flood = [("ada", f"{word} http://{word}.example/{word * 3}") for word in words]
    assert outcomes(*flood) == ["allow"] * MAX_LINKS_LATELY + ["refuse links"] * 2
    assert outcomes(*flood[:MAX_LINKS_LATELY], ("grace", "mine: https://g.example/")) == ["allow"] * 7
    assert outcomes(*flood[:MAX_LINKS_LATELY], ("ada", "without one"))[-1] == "allow"


def test_mentions_are_counted_in_one_message_and_lately():
    names = [f"@user{chr(97 + number)}" for number in range(16)]
    assert outcomes(("ada", " ".join(names[:MAX_MENTIONS]))) == ["allow"]
    assert outcomes(("ada", " ".join(names[: MAX_MENTIONS + 1]))) == ["refuse mentions"]
    assert outcomes(("ada", "@ada " * 10)) == ["allow"], "one person, called often"
    parts = [names[0:4], names[4:8], names[8:12], names[12:14]]
    assert outcomes(*[("ada", " ".join(part)) for part in parts]) == ["allow"] * 3 + ["refuse mentions"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("THIS IS THE BEST STREAM EVER MADE", "shouting"),
        ("WHY IS NOBODY ANSWERING MY QUESTION???", "shouting"),
        ("ЭТО САМЫЙ ЛУЧШИЙ СТРИМ НА СВЕТЕ", "shouting"),
        ("WHY oh why IS NOBODY ANSWERING MY QUESTION", "shouting"),
        ("WHY IS NOBODY here answering any question of mine", ""),
        ("THIS IS FUN", ""),
        ("if (A && B || C) RETURN THE FIRST VALUE;", ""),
        ("x" * 500, ""),
        ("🚀" * 500, ""),
    ],
)
def test_shouting_is_several_words_in_capitals(text: str, rule: str):
    assert judge(text, said(text), []).rule == rule


def test_every_verdict_but_allow_says_why():
    for verdict in verdicts(*[("ada", "look at this wonderful thing")] * 2, ("ada", "www.a " * 9)):
        assert bool(verdict.reason) == (verdict.action is not Action.ALLOW)
        assert not verdict.reason or verdict.reason.endswith(".")


@given(st.lists(st.tuples(st.sampled_from(AUTHORS), st.text(max_size=80)), max_size=30))
def test_any_talk_is_judged(talk: list[tuple[str, str]]):
    for verdict in verdicts(*talk):
        assert verdict.action in Action
