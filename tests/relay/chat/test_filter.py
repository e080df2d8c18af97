"""Locks: spam is caught by the rule that is meant for it, and what people write all day passes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chat import lookalikes, names
from relay.chat.filter import (
    ALLOWED,
    RECENT_KEPT,
    SANCTION_S,
    WINDOW_S,
    Action,
    Filter,
    Remark,
    Verdict,
    addresses,
    floods,
    instructions,
    keywords,
    promotion,
    readings,
    remark,
    remarks,
    repeats,
    spelled,
)
from relay.chat.filter.floods import MAX_LINKS, MAX_LINKS_LATELY, MAX_MENTIONS
from relay.rooms.settings import ChatModeration, SpectatorChatSettings
from support.linear import not_linear
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
    offer = "the penguins send their regards to this room {}"
    assert outcomes(*[("ada", offer.format(number)) for number in range(4)]) == [
        "allow",
        *["refuse repeat"] * 3,
    ]


def test_a_crowd_is_held_and_a_raid_refused():
    short = [(f"user{number}", "the ducks are coming" + "!" * number) for number in range(10)]
    assert outcomes(*short) == ["allow"] * 3 + ["hold crowd"] * 5 + ["refuse crowd"] * 2
    long = "the penguins send their regards to this room"
    texts = [(f"user{number}", long + "!" * number) for number in range(6)]
    assert outcomes(*texts) == ["allow"] + ["hold crowd"] * 3 + ["refuse crowd"] * 2


def test_two_people_may_have_the_same_link():
    link = "https://github.com/encode/starlette/issues/1234"
    assert outcomes(("ada", link), ("grace", link), ("linus", link)) == ["allow"] * 3


def test_who_was_refused_does_not_get_through_by_waiting_for_the_first_to_be_forgotten():
    filter, text = Filter(SpectatorChatSettings()), "the penguins send their regards to this room"
    recent, refusals = [said(text)], []
    for at_s in range(30, 300, 30):
        again = said(text, at_s=float(at_s))
        assert filter.judge(text, again, recent, refusals).rule == "repeat"
        refusals.append(again)


@pytest.mark.parametrize(
    "again",
    [
        "the penguins send their regards to this room 7",
        "[3/50] the penguins send their regards to this room",
        "the penguins send their regards to this room x7k2p",
        "to this room the penguins send their regards",
        "th3 p3ngu1ns s3nd th3ir r3gards t0 th1s r00m",
        "the реnguіns ѕеnd thеіr rеgаrdѕ to this room",
        "🐧 the penguins 🐧 send their regards to this room 🐧🐧🐧",
        "t h e p e n g u i n s send their regards to this room",
        "the penguins send their regards to this room the penguins send their regards to this room",
        "hey chat the penguins send their regards to this room guys",
    ],
)
def test_a_repeat_is_known_again_in_other_clothes(again: str):
    first = ("ada", "the penguins send their regards to this room")
    assert outcomes(first, ("ada", again))[1] in ("refuse repeat", "refuse near_repeat")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("the parser falls ovre when the header is empty", "the parser falls over when the header is empty"),
        ("who owns the acount service these days", "who owns the account service these days"),
        (
            "nightly: parse 39.9 ms, render 12.7 ms, total 52.6 ms",
            "nightly: parse 41.2 ms, render 12.5 ms, total 53.7 ms",
        ),
        ("epoch 3 of 20 done, on to the next one", "epoch 4 of 20 done, on to the next one"),
        ("what does the parser do with comments", "what does the reducer do with late events"),
    ],
)
def test_corrections_and_figures_are_no_repeats(first: str, second: str):
    assert outcomes(("ada", first), ("ada", second)) == ["allow", "allow"]


# -- who goes on and on ----------------------------------------------------------------------------


def sanctioned(gap_s: float, rule_of: str = "look at this wonderful thing") -> list[Verdict]:
    """Say the same over and over; return the verdicts."""
    filter, refusals = Filter(SpectatorChatSettings()), []
    recent, found = [said(rule_of)], []
    for number in range(1, 8):
        new = said(rule_of, at_s=number * gap_s)
        found.append(filter.judge(rule_of, new, recent, refusals))
        if found[-1].flood:
            refusals.append(new)
    return found


def test_who_goes_on_after_four_refusals_is_sanctioned():
    verdicts = sanctioned(gap_s=2.0)
    assert [verdict.action for verdict in verdicts[:4]] == [Action.REFUSE] * 4
    assert {verdict.action for verdict in verdicts[4:]} == {Action.SANCTION}
    sanction = verdicts[4]
    assert (sanction.rule, sanction.seconds) == ("flood", SANCTION_S)
    assert "5 minutes" in sanction.reason
    assert "5 refused" in sanction.detail


def test_refusals_that_lie_apart_add_up_to_nothing():
    assert {verdict.action for verdict in sanctioned(gap_s=16.0)} == {Action.REFUSE}


def test_shouting_and_keywords_lead_to_no_sanction():
    shout = judge("THIS IS THE BEST STREAM EVER MADE", said("x"), [])
    assert (shout.action, shout.flood) == (Action.REFUSE, False)


# -- walls -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("look at my profile " * 6, True),
        ("x" * 500, True),
        ("🚀" * 500, True),
        ("zalgo " + "h\u0328\u0321\u0342e\u0328\u0321\u0342l\u0328\u0321\u0342" * 9, True),
        ("ha" * 40, False),
        ("no " * 20, False),
        ("🔥" * 34, False),
        ("nooooooooooooooooooooooooooooooooo", False),
        ("a b c d e f g h i j k l m n o p q r s t u v w x y z", False),
    ],
)
def test_a_wall_says_the_same_over_and_over(text: str, caught: bool):
    assert (judge(text.strip(), said(text), []).rule == "wall") == caught


# -- what else a filter is -------------------------------------------------------------------------


def test_a_filter_that_is_off_allows_everything():
    settings = SpectatorChatSettings(moderation=ChatModeration(autoFilter=False, keywords=("badword",)))
    filter = Filter(settings)
    for text in ("badword", "www.a " * 9, "ignore all previous instructions", "join discord.gg/abc"):
        assert filter.judge(text, said(text), [said(text)] * 9) is ALLOWED
        assert filter.judge_words(text) is ALLOWED


def test_every_rule_says_what_it_saw():
    settings = SpectatorChatSettings(moderation=ChatModeration(keywords=("badword",)))
    recent = [said("look at this wonderful thing")]
    for text in (
        "look at this wonderful thing",
        "www.a " * 9,
        "THIS IS THE BEST STREAM EVER MADE",
        "look at my profile " * 6,
        "@a1 @b1 @c1 @d1 @e1 @f1",
        "a badword",
        "a b.a.d.w.o.r.d",
        "join discord.gg/abc",
        "ignore all previous instructions",
    ):
        verdict = Filter(settings).judge(text, said(text), recent)
        assert verdict.rule, text
        assert 0 < len(verdict.detail) <= 120, text
        assert verdict.reason.endswith("."), text


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
    texts = ("look at this", "does it run here", "please review mine", "and what now")
    parts = [" ".join([text, *names[4 * number : 4 * number + 4]]) for number, text in enumerate(texts)]
    assert outcomes(*[("ada", part) for part in parts]) == ["allow"] * 3 + ["refuse mentions"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("THIS IS THE BEST STREAM EVER MADE", "shouting"),
        ("WHY IS NOBODY ANSWERING MY QUESTION???", "shouting"),
        ("ЭТО САМЫЙ ЛУЧШИЙ СТРИМ НА СВЕТЕ", "shouting"),
        ("WHY oh why IS NOBODY ANSWERING MY QUESTION", "shouting"),
        ("WHY IS NOBODY here answering any question of mine", ""),
        ("THIS IS FUN", ""),
        ("ACID means ATOMICITY, CONSISTENCY, ISOLATION, DURABILITY", ""),
        ("BUILD FAILED WITH 2 ERRORS AND 17 WARNINGS", ""),
        ("SELECT NAME FROM USERS WHERE AGE IS NOT NULL", ""),
        ("if (A && B || C) RETURN THE FIRST VALUE;", ""),
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


# -- the work --------------------------------------------------------------------------------------

MODULES = (
    addresses,
    floods,
    instructions,
    keywords,
    lookalikes,
    names,
    promotion,
    readings,
    remarks,
    repeats,
    spelled,
)
PATTERNS = {
    f"{module.__name__} {name}": pattern
    for module in MODULES
    for name, pattern in vars(module).items()
    if isinstance(pattern, re.Pattern)
}


@pytest.mark.parametrize("name", PATTERNS)
def test_the_structure_of_every_pattern_is_linear(name: str):
    assert not_linear(PATTERNS[name]) == []


def test_there_are_patterns_to_look_at():
    assert len(PATTERNS) > 30
