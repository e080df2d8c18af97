"""A wallet's recovery phrase: twelve to twenty-four words of the BIP-39 list in a row.

The list has no "the", "and", "for", "is" or "to": twelve of its words with nothing else between them are
no sentence.
"""

from __future__ import annotations

import re
from functools import cache

from mnemonic import Mnemonic

NAME = "seed-phrase"
MEANING = "a wallet's recovery phrase: twelve or more words of the BIP-39 list in a row"
MARK = "[SEED PHRASE]"
LEAST = 12
"""Words of the shortest phrase."""
_RUN = bytes([True] * LEAST)
_SMALL_LETTERS = bytes(code | 32 if chr(code).isalpha() else 32 for code in range(128)).ljust(256)
"""Of ASCII: makes letters small, and everything else a blank."""

_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]{3,8}(?![A-Za-z])")
# What stands between the words of a phrase: blanks, commas, line breaks, quotes, numbering.
_BETWEEN = re.compile(r"[\s,;|\"'`]{1,6}(?:(?:[0-9]{1,2}[.):]?|[-*•])\s{0,3})?[\"'`]?")


_LENGTHS = frozenset((12, 15, 18, 21, 24))
"""Words of the phrases that BIP-39 knows."""


@cache
def _wordlist() -> Mnemonic:
    return Mnemonic("english")


@cache
def _list() -> frozenset[str]:
    return frozenset(_wordlist().wordlist)


@cache
def _list_encoded() -> frozenset[bytes]:
    return frozenset(word.encode() for word in _list())


def find_seed_phrases(text: str) -> list[tuple[int, int]]:
    """Return where recovery phrases stand, each as (start, end); the work is linear in the text."""
    if text.count(" ") + text.count("\n") + text.count(",") + text.count("|") < LEAST - 1:
        return []
    # Whether any twelve words on end are of the list costs a fraction of what looking between them does.
    plain = text.encode("ascii", "replace").translate(_SMALL_LETTERS).split()
    if _RUN not in bytes(map(_list_encoded().__contains__, plain)):
        return []
    listed = _list()
    found: list[tuple[int, int]] = []
    words: list[str] = []
    start = end = 0
    for match in _WORD.finditer(text):
        word = match[0].lower()
        belongs = word in listed
        if not (words and belongs and _BETWEEN.fullmatch(text, end, match.start())):
            if _is_phrase(words):
                found.append((start, end))
            start, words = match.start(), []
        if belongs:
            words.append(word)
        end = match.end()
    if _is_phrase(words):
        found.append((start, end))
    return found


def _is_phrase(words: list[str]) -> bool:
    # Words are drawn from 2,048: hardly one comes twice, where somebody who repeats himself has few.
    # Wallets for tests do repeat themselves; their last word then still proves the others.
    if len(words) < LEAST:
        return False
    return len(set(words)) * 3 > len(words) * 2 or (len(words) in _LENGTHS and _proves_itself(words))


def _proves_itself(words: list[str]) -> bool:
    return _wordlist().check(" ".join(words))
