"""The ways a message can be read: as written, without its disguises, with digits and signs for letters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from relay.chat.lookalikes import LEET, as_written, plain

WORD = re.compile(r"[^\W_]+")
# With the vowel signs of Hebrew, Arabic, the Indic scripts, Thai, Lao, Tibetan, Burmese and Khmer.
_WORD_WITH_SIGNS = re.compile(
    r"[\w\u0591-\u05c7\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]+"
)
_LEET_SIGN = r"@$!|€£¥¢()<+"
_HAS_LEET = re.compile(
    r"[^\W\d_][0-9@$!|€£¥¢]|[0-9@$!|€£¥¢][^\W\d_]|[@$!|][0-9(<]|\w\(\)\w|\w[(<+][0-9@$!|]|[0-9@$!|][(<+]\w"
)
_CHUNK = re.compile(rf"(?<!#)[\w{_LEET_SIGN}]+")
_LEET = re.compile(r"[0-9@$|€£¥¢]|!\w|\w\(\)\w")
_HASH = re.compile("[0-9a-f]{7,}")
_SIGN_INSIDE = re.compile(r"\w[@$!|]\w|[@$!|]\w+[@$!|]")
_PAIRS = str.maketrans({"(": "c", "<": "c", "+": "t"})
# Single letters and digits in a row, with the same kind of thing between.
_APART = re.compile(r"(?<![^\W_])[\w@$!](?:[\W_]{1,3}[\w@$!]){2,}(?![^\W_])")
_AT_THE_END = "!|+(<)"
"""Punctuation there, not letters."""
_TWO_SIGNS = {"\\/": "v", "/\\": "a", "|<": "k", "|)": "d", "|_|": "u", "|-|": "h", "><": "x"}
_SIGNS = re.compile("|".join(map(re.escape, _TWO_SIGNS)))
_CAPITAL_I = re.compile("(?<=[a-z])I+(?=[a-z])")
_FIRST: tuple[Mapping[int, int], ...] = ({}, str.maketrans("1|", "ll"), str.maketrans("1|!", "lll"))
_I_OR_L = re.compile("[ιɩіΙІıℹ]")
_AS_L = str.maketrans(dict.fromkeys("ιɩіΙІı", "l"))


@dataclass(frozen=True, slots=True)
class Readings:
    """A message as it may be read.

    Attributes:
        text: The message itself.
        lower: As it was written, in lower case.
        plain: Without styles, accents and look-alike letters.
        all: That, and each reading of its digits and signs as letters, once.
    """

    text: str
    lower: str
    plain: str
    all: tuple[str, ...]


def read(text: str) -> Readings:
    """Return the ways a text can be read."""
    lower, as_read = as_written(text)
    return Readings(text, lower, as_read, _readings(text, as_read))


def words_of(text: str) -> list[str]:
    """Return the words of a text; an underscore is no part of one."""
    if text.isascii():
        return WORD.findall(text)
    return _WORD_WITH_SIGNS.findall(text.replace("_", " "))


def read_as_letters(text: str, first: Mapping[int, int] = MappingProxyType({})) -> str:
    """Return a text with digits and signs inside of words as the letters they look like.

    `first` says what some of them are taken for, which could stand for several.
    """
    text = _SIGNS.sub(lambda signs: _TWO_SIGNS[signs[0]], text)
    text = _APART.sub(partial(_spelled_out, first), text)
    return _CHUNK.sub(partial(_as_letters, first), text) if _HAS_LEET.search(text) else text


def _readings(text: str, seen: str) -> tuple[str, ...]:
    """Return the ways a text can be read, each once."""
    readings = [seen]
    if _CAPITAL_I.search(text):
        readings.append(plain(_CAPITAL_I.sub(lambda letters: "l" * len(letters[0]), text)))
    if not text.isascii() and _I_OR_L.search(text):
        readings.append(plain(text.translate(_AS_L)))
    # 1, | and ! stand for i or for l.
    readings += [read_as_letters(seen, table) for table in _FIRST]
    return tuple(dict.fromkeys(readings))


def _as_letters(first: Mapping[int, int], chunk: re.Match[str]) -> str:
    """Return a word with its digits and signs as letters, unless it is a number, a price or a call."""
    written = chunk[0]
    if not _LEET.search(written) or _HASH.fullmatch(written):
        return written
    whole = written.replace("()", "o")
    core = whole.rstrip(_AT_THE_END)
    if not any(map(str.isalpha, core)) and not _SIGN_INSIDE.search(core):
        return written
    return core.replace("vv", "w").translate(first).translate(LEET).translate(_PAIRS) + whole[len(core) :]


def _spelled_out(first: Mapping[int, int], letters: re.Match[str]) -> str:
    if any(map(str.isalpha, letters[0])):
        return letters[0].translate(first).translate(LEET)
    return letters[0]
