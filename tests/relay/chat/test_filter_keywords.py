"""Locks: the host's keywords are found however they are written, and never where only the letters are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chat.filter import Action, Filter, remark
from relay.chat.filter.keywords import Found, Keywords
from relay.chat.filter.readings import read
from relay.chat.filter.spelled import MAX_LOOKS, Spelling
from relay.rooms.settings import (
    BadSettings,
    ChatModeration,
    RoomSettings,
    SpectatorChatSettings,
    patch_settings,
)

WORDS = (
    "moron",
    "ass",
    "kill yourself",
    "zentix*",
    "*coin pump",
    "pre*sale",
    "c++",
    "дурак",
    "加微信",
    "god",
    "titan",
)


def find(text: str, words: tuple[str, ...] = WORDS) -> Found | None:
    return Keywords(words).find(read(text))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *[("what a moron", "moron"), ("MORON!", "moron"), ("you_moron", "moron"), ("(moron)", "moron")],
        *[("go kill  yourself", "kill yourself"), ("kill-yourself", "kill yourself"), ("Zentix", "zentix*")],
        *[("zentixcorp is it", "zentix*"), ("memecoin pump", "*coin pump"), ("the pre-sale", "pre*sale")],
        *[
            ("I write c++ here", "c++"),
            ("ты дурак", "дурак"),
            ("请加微信号", "加微信"),
            ("ｍｏｒｏｎ", "moron"),
        ],
    ],
)
def test_a_keyword_stands_plainly(text: str, word: str):
    found = find(text)
    assert found is not None
    assert (found.word, found.disguised) == (word, False)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *[
            ("m0r0n", "moron"),
            ("mor()n", "moron"),
            ("mörön", "moron"),
            ("mоrоn", "moron"),
            ("moooron", "moron"),
        ],
        *[("m o r o n", "moron"), ("m.o.r.o.n", "moron"), ("M-O-R-O-N", "moron"), ("m🔥o🔥r🔥o🔥n", "moron")],
        *[("m\u200bo\u200bron", "moron"), ("ᴍᴏʀᴏɴ", "moron"), ("m*ron", "moron"), ("mo-ron", "moron")],
        *[
            ("mo ron", ""),
            ("mor on", ""),
            ("m oron", "moron"),
            ("xXmоrоnXx", "moron"),
            ("mm0orrronn", "moron"),
        ],
        *[("a$$", "ass"), ("a.s.s", "ass"), ("asssss", "ass"), ("@ss", "ass"), ("a s s", "ass")],
        *[
            ("killyourself", "kill yourself"),
            ("k1ll y0urself", "kill yourself"),
            ("kiIl yourself", "kill yourself"),
        ],
        *[
            ("k i l l y o u r s e l f", "kill yourself"),
            ("zеntixcorp", "zentix*"),
            ("z e n t i x", "zentix*"),
        ],
        *[("дypak", "дурак"), ("д у р а к", "дурак"), ("加-微-信", "加微信"), ("&#109;or&#111;n", "moron")],
        *[
            ("m%6fron", "moron"),
            ("m\no\nr\no\nn", "moron"),
            ("[m][o][r][o][n]", "moron"),
        ],
    ],
)
def test_a_keyword_is_read_through_its_disguise(text: str, word: str):
    found = find(text)
    assert (found.word if found else "") == word
    if found and "&" not in text and "%" not in text and "\u200b" not in text:
        assert found.disguised


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Scunthorpe",
            "kill the child process",
            "class Assertion(Base): pass",
            "assert x",
            "analysis",
            "grape",
        ),
        *(
            "self.assertEqual(a, b)",
            "a set of sets",
            "as set by the host",
            "good",
            "goods and gods'",
            "the bass line",
        ),
        *(
            "let's sort it",
            "it's a s3 bucket",
            "p.as.s",
            "9a55f3e2",
            "git show 1d107c4",
            "#a55",
            "$5",
        ),
        *(
            "el análisis",
            "Titanic",
            "oxymorons",
            "prepaid sale",
            "C# and C",
            "the kill switch is yourself",
            "455 ms",
        ),
        *(
            "x.y.z",
            "for i in s: s += 1",
            "U.S.A.",
            "a, s and d",
            "remote host: as-is",
            "assess",
            "passphrase",
        ),
    ],
)
def test_letters_alone_are_no_keyword(text: str):
    assert find(text) is None


def test_what_stands_there_is_refused_and_a_disguise_is_held():
    filter = Filter(SpectatorChatSettings(moderation=ChatModeration(keywords=("moron",))))
    plain, hidden = (filter.judge(text, remark("a", text, 0.0), []) for text in ("you moron", "you m0r0n"))
    assert (plain.action, plain.rule, plain.detail) == (Action.REFUSE, "keyword", "moron")
    assert "“moron”" in plain.reason
    assert (hidden.action, hidden.rule, hidden.detail) == (Action.HOLD, "keyword", "moron as moron")
    assert filter.judge_words("you moron").action is Action.REFUSE
    assert filter.judge_words("join discord.gg/abc").action is Action.ALLOW


# -- every disguise that is claimed, of any word ---------------------------------------------------

LATIN = st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=10).filter(lambda word: len(set(word)) > 3)
LEET = str.maketrans("aeo", "430")
LOOKALIKES = str.maketrans("aceopxy", "асеорху")
CLAIMED: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "full-width": lambda word: "".join(chr(ord(char) + 0xFEE0) for char in word),
    "mathematical": lambda word: "".join(chr(0x1D41A + ord(char) - 97) for char in word),
    "circled": lambda word: "".join(chr(0x24D0 + ord(char) - 97) for char in word),
    "look-alikes": lambda word: word.translate(LOOKALIKES),
    "leet": lambda word: word.translate(LEET),
    "accents": lambda word: "".join(char + "\u0301" for char in word),
    "spaces": " ".join,
    "dots": ".".join,
    "hyphens": "-".join,
    "emoji": "🔥".join,
    "zero width": "\u200b".join,
    "stretched": lambda word: word[0] * 4 + word[1:],
    "split by a hyphen": lambda word: f"{word[:2]}-{word[2:]}",
}


@pytest.mark.parametrize("kind", CLAIMED)
@given(word=LATIN)
def test_no_disguise_that_is_claimed_lets_a_word_pass(kind: str, word: str):
    assert find(f"oh {CLAIMED[kind](word)} yes", (word,)) is not None


@given(st.lists(LATIN, min_size=1, max_size=5), st.text(max_size=200))
def test_any_text_is_read(words: list[str], text: str):
    found = find(text, tuple(words))
    assert found is None or found.word in words


# -- the setting -----------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["", "*", "a", "!!", "x" * 101, "a*b*c*d*e*f"])
def test_a_word_that_cannot_be_one_is_refused_by_name(word: str):
    with pytest.raises(BadSettings, match="keywords"):
        patch_settings(RoomSettings(), {"spectatorChat": {"moderation": {"keywords": [word]}}})


def test_words_are_listed_once_and_as_a_shell_writes_them():
    patch = {"spectatorChat": {"moderation": {"keywords": "moron, zentix*,moron"}}}
    assert patch_settings(RoomSettings(), patch).spectatorChat.moderation.keywords == ("moron", "zentix*")
    patch = {"spectatorChat": {"moderation": {"keywords": [f"word{number}" for number in range(201)]}}}
    with pytest.raises(BadSettings, match="keywords"):
        patch_settings(RoomSettings(), patch)


# -- the work --------------------------------------------------------------------------------------


def test_what_nearly_matches_without_end_is_looked_at_so_often_and_held(monkeypatch: pytest.MonkeyPatch):
    looks = 0
    meant = Spelling._is_meant

    def counting(self: Spelling, *at: object) -> bool:
        nonlocal looks
        looks += 1
        return meant(self, *at)  # type: ignore[arg-type]

    monkeypatch.setattr(Spelling, "_is_meant", counting)
    words = tuple(("ab" * 50)[start:end] for start in (0, 1) for end in range(4, 100))
    found = find("xab" + "ab" * 2000 + "x", words)
    assert looks <= MAX_LOOKS
    assert found is not None
    assert "too many" in found.seen
