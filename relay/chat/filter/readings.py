"""The ways a message can be read: as written, without its disguises, with digits and signs for letters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from relay.chat.lookalikes import LEET, as_written, plain

WORD = re.compile(r"[^\W_]+")
_HAS_LEET = re.compile(r"[^\W\d_][0-9@$!|€£¥¢]|[0-9@$!|€£¥¢][^\W\d_]|[@$!|][0-9]")
_CHUNK = re.compile(r"(?<!#)[\w@$!|€£¥¢]+")
_AT_THE_END = "!|"
"""Punctuation there, not letters."""
_TWO_SIGNS = {"\\/": "v", "/\\": "a", "|<": "k", "|)": "d", "()": "o", "|_|": "u", "|-|": "h", "><": "x"}
_SIGNS = re.compile("|".join(map(re.escape, _TWO_SIGNS)))
_SIGN_INSIDE = re.compile(r"\w[@$!|]\w|[@$!|]\w+[@$!|]")
_CAPITAL_I = re.compile("(?<=[a-z])I+(?=[a-z])")


@dataclass(frozen=True, slots=True)
class Readings:
    """A message as it may be read.

    Attributes:
        lower: As it was written, in lower case.
        plain: Without styles, accents and look-alike letters.
        all: That, and each reading of its digits and signs as letters, once.
    """

    lower: str
    plain: str
    all: tuple[str, ...]


def read(text: str) -> Readings:
    """Return the ways a text can be read."""
    lower, as_read = as_written(text)
    return Readings(lower, as_read, _readings(text, as_read))


def _readings(text: str, read: str) -> tuple[str, ...]:
    """Return the ways a text can be read, each once."""
    readings = [read]
    if _CAPITAL_I.search(text):
        readings.append(plain(_CAPITAL_I.sub(lambda letters: "l" * len(letters[0]), text)))
    read = _SIGNS.sub(lambda signs: _TWO_SIGNS[signs[0]], read)
    if _HAS_LEET.search(read):
        # 1, | and ! stand for i or for l.
        for as_l in ("", "1|", "1|!"):
            table = str.maketrans(as_l, "l" * len(as_l))
            readings.append(_CHUNK.sub(partial(_as_letters, table), read))
    return tuple(dict.fromkeys(readings))


def _as_letters(first: Mapping[int, int], chunk: re.Match[str]) -> str:
    """Return a word with its digits and signs as letters, unless it is a number or a price."""
    core = chunk[0].rstrip(_AT_THE_END)
    if not any(map(str.isalpha, core)) and not _SIGN_INSIDE.search(core):
        return chunk[0]
    return core.translate(first).translate(LEET) + chunk[0][len(core) :]
