"""The ways a message can be read: as written, without its disguises, with digits and signs for letters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

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
_LETTER = re.compile(r"[^\W\d_]")
_HASH = re.compile("[0-9a-f]{7,}")
_SIGN_INSIDE = re.compile(r"\w[@$!|]\w|[@$!|]\w+[@$!|]")
# Single letters and digits in a row, with the same kind of thing between.
_APART = re.compile(r"(?<![^\W_])[\w@$!](?:[\W_]{1,3}[\w@$!]){2,}(?![^\W_])")
_AT_THE_END = "!|+(<)"
"""Punctuation there, not letters."""
_TWO_SIGNS = {"\\/": "v", "/\\": "a", "|<": "k", "|)": "d", "|_|": "u", "|-|": "h", "><": "x"}
_SIGNS = re.compile("|".join(map(re.escape, _TWO_SIGNS)))
_CAPITAL_I = re.compile("(?<=[a-z])I+(?=[a-z])")
_ANY_SIGN = re.compile(r"[0-9@$|€£¥¢+<\\]|[(!/>]\S")
_EITHER, _MARK = "\ue001", "\ue002"
"""Stand for 1 and |, and for !, until it is said whether they are an i or an l."""
_AS_LETTERS = LEET | str.maketrans({"(": "c", "<": "c", "+": "t", "1": _EITHER, "|": _EITHER, "!": _MARK})
_I_OR_L = re.compile("[ιɩіΙІıℹ]")
_AS_L = str.maketrans(dict.fromkeys("ιɩіΙІı", "l"))


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a message: its text, and the words of that."""

    text: str
    words: list[str]


@dataclass(frozen=True, slots=True)
class Readings:
    """A message as it may be read.

    Attributes:
        text: The message itself.
        lower: As it was written, in lower case.
        plain: Without styles, accents and look-alike letters; the same object if there is no difference.
        likely: That, and with digits and signs as the letters they most often stand for.
        all: Those, and every other reading, each once.
    """

    text: str
    lower: Reading
    plain: Reading
    likely: tuple[Reading, ...]
    all: tuple[Reading, ...]


def read(text: str) -> Readings:
    """Return the ways a text can be read."""
    lower, seen = as_written(text)
    plainly = _reading(seen)
    letters = _with_letters(seen)
    texts = [_finished(letters, "i", "i")]
    if _CAPITAL_I.search(text):
        texts.append(plain(_CAPITAL_I.sub(lambda letters: "l" * len(letters[0]), text)))
    if not text.isascii() and _I_OR_L.search(text):
        texts.append(plain(text.translate(_AS_L)))
    if letters != texts[0]:
        texts += [_finished(letters, "l", "i"), _finished(letters, "l", "l")]
    if "vv" in letters:
        texts += [_finished(letters.replace("vv", "w"), first, "i") for first in "il"]
    others = [_reading(other) for other in dict.fromkeys(texts) if other != seen]
    likely = (plainly, *(others[:1] if texts[0] != seen else ()))
    return Readings(text, plainly if lower == seen else _reading(lower), plainly, likely, (plainly, *others))


def _reading(text: str) -> Reading:
    return Reading(text, words_of(text))


_REPEATED = re.compile(r"(.)(?=\1)", re.DOTALL)


def shortened(text: str) -> str:
    """Return a text with each sign that is repeated only once."""
    return _REPEATED.sub("", text)


def words_of(text: str) -> list[str]:
    """Return the words of a text; an underscore is no part of one."""
    if text.isascii():
        return WORD.findall(text)
    return _WORD_WITH_SIGNS.findall(text.replace("_", " "))


def read_as_letters(text: str) -> str:
    """Return a text with digits and signs inside of words as the letters they most often stand for."""
    return _finished(_with_letters(text), "i", "i")


def _finished(letters: str, either: str, mark: str) -> str:
    return letters.replace(_EITHER, either).replace(_MARK, mark)


@lru_cache(maxsize=16)
def _with_letters(text: str) -> str:
    """Return a text with digits and signs inside of words as letters, and with what could be several."""
    if not _ANY_SIGN.search(text):
        return text
    text = _SIGNS.sub(lambda signs: _TWO_SIGNS[signs[0]], text)
    text = _APART.sub(_spelled_out, text)
    return _CHUNK.sub(_as_letters, text) if _HAS_LEET.search(text) else text


def _as_letters(chunk: re.Match[str]) -> str:
    """Return a word with its digits and signs as letters, unless it is a number, a price or a call."""
    written = chunk[0]
    if written.isalpha() or not _LEET.search(written) or _HASH.fullmatch(written):
        return written
    whole = written.replace("()", "o")
    core = whole.rstrip(_AT_THE_END)
    if not _LETTER.search(core) and not _SIGN_INSIDE.search(core):
        return written
    return core.translate(_AS_LETTERS) + whole[len(core) :]


def _spelled_out(letters: re.Match[str]) -> str:
    return letters[0].translate(_AS_LETTERS) if _LETTER.search(letters[0]) else letters[0]
