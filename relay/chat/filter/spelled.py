"""Keywords of which the letters are there and the word is not: f.u.c.k, f u c k, fu-ck, xXfuсkXx, f*ck.

That letters follow each other is no evidence: «class» has three of a bad word, and so has «a set». What is
between and around the letters decides; where it could well be honest, nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby

from relay.chat.filter.readings import WORD, shortened
from relay.chat.lookalikes import honest_letters


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MIN_LETTERS = 3
"""Letters of a keyword from which on it is looked for in disguise."""
MAX_LOOKS = 1000
"""Places looked at in one message; no honest one has so many that nearly match."""
_SUBSTRING = 4
"""Letters from which on a word is looked for inside of others, if those are disguised."""
_INSIDE_OF = 3
"""How many times as long they may be: hashes and keys have everything in them."""
_GAP = r"[\W_]{0,5}+"

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_APOSTROPHES = "'’"
_VOWEL = re.compile("[aeiouyаеёиоуыэюяαεηιουω]")
# What files, domains and attributes end in: «po.ts» is no bad word, and «s.hit()» is none either.
_AFTER_A_DOT = _words(
    "c h s o d js ts py rs rb go md sh cc cs io ai me to in no at de es fr pl it is us so tv co uk nl"
)
_SHORT_WORDS = _words(
    "a i o e y u t sh cd ls js ts py md db tv pc pr ci hr dr mr ms vs ft st nd rd th tm gg kk np ty pm"
)
"""Words of one letter, and of more without a vowel, that people write in a chat of developers."""
_MASKED = re.compile(r"(?<![^\W_])([^\W\d_]{1,40}+(?:[*#%&@•●…]{1,20}+[^\W\d_]{1,40}+){1,10}+)(?![^\W_])")
_MASK = re.compile("[*#%&@•●…]")


class TooManyPlaces(Exception):
    """A message nearly matches so often that looking on would take too long."""


class Spelling:
    """One keyword, to be looked for letter by letter.

    Args:
        word: As the host wrote it.
        bare: In lower case and without wildcards; blanks are single.
        open_start: Anything may stand before it.
        open_end: Anything may stand behind it.
    """

    def __init__(self, word: str, bare: str, open_start: bool, open_end: bool) -> None:
        self.word = word
        self.bare = bare
        self.joined = bare.replace(" ", "")
        self.letters = len(self.joined) if not self.joined.isdigit() else 0
        self.shortened = shortened(self.joined)
        self._open_start = open_start
        self._open_end = open_end

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # Each letter is taken as often as it comes, so that no choice is ever taken back.
        runs = [_run(letter, len(list(run))) for letter, run in groupby(self.joined)]
        return re.compile(f"(?<!{self.joined[0]}){_GAP.join(runs)}")

    def find(self, reading: str, lower: str, looks: Iterator[int]) -> str:
        """Return what stands for the keyword in a reading of a text; empty if nothing does.

        Args:
            reading: The text as it may be read.
            lower: The text as it was written, in lower case.
            looks: Gives one for each place that may still be looked at.

        Raises:
            TooManyPlaces: If there are no more.
        """
        match = self._pattern.search(reading)
        while match is not None:
            if next(looks, None) is None:
                raise TooManyPlaces
            if self._is_meant(reading, match.start(), match.end(), lower):
                return match[0]
            # It may have begun with the end of another word.
            match = self._pattern.search(reading, match.start() + 1)
        return ""

    def stands_behind(self, mask: str) -> bool:
        """Say whether a word with signs in place of letters is this one: «f*ck»."""
        return (
            len(mask) == len(self.bare)
            and sum(sign == letter for sign, letter in zip(mask, self.bare, strict=True)) * 2 >= len(mask)
            and all(sign == letter or _MASK.match(sign) for sign, letter in zip(mask, self.bare, strict=True))
        )

    def _is_meant(self, text: str, start: int, end: int, lower: str) -> bool:
        left, right = _joins(text, start - 1, -1), _joins(text, end, 1)
        whole = (self._open_start or not left) and (self._open_end or not right)
        seen = text[start:end]
        pieces = WORD.findall(seen)
        if len(pieces) == 1:
            if whole:
                # Its blanks left out, or letters drawn out.
                return " " in self.bare or self._drawn_out(seen)
            return self._inside(text, start, end, lower)
        gaps = WORD.split(seen)[1:-1]
        if all(len(set(piece)) == 1 for piece in pieces):
            return whole or (self.letters >= _SUBSTRING and not any(map(_has_space, gaps)))
        if not whole:
            return False
        return self._split(pieces, gaps)

    def _drawn_out(self, seen: str) -> bool:
        """Say whether letters are this word's drawn out; one of them twice is another word, as in «good»."""
        more = [
            len(list(run)) - len(list(own))
            for (_, run), (_, own) in zip(groupby(seen), groupby(self.joined), strict=True)
        ]
        return max(more) >= 2 or sum(extra > 0 for extra in more) >= 2

    def _inside(self, text: str, start: int, end: int, lower: str) -> bool:
        """Say whether letters in a row inside of a word are there by a disguise, and not by chance."""
        if self.letters < _SUBSTRING or text[start:end] in honest_letters(lower):
            return False
        first, last = start, end
        longest = _INSIDE_OF * (end - start)
        while first and end - first <= longest and _LETTER_OR_DIGIT.match(text[first - 1]):
            first -= 1
        while last < len(text) and last - start <= longest and _LETTER_OR_DIGIT.match(text[last]):
            last += 1
        return last - first <= longest

    def _split(self, pieces: Sequence[str], gaps: Sequence[str]) -> bool:
        """Say whether a word in pieces of several letters was split on purpose."""
        words = self.bare.split(" ")
        if list(map(shortened, pieces)) == list(map(shortened, words)):
            return self._drawn_out("".join(pieces))
        if len(gaps) == 1 and gaps[0] == ".":
            return pieces[1] not in _AFTER_A_DOT
        if not any(map(_has_space, gaps)):
            return True
        return any(
            piece not in words and piece not in _SHORT_WORDS and (len(piece) == 1 or not _VOWEL.search(piece))
            for piece in pieces
        )


def _run(letter: str, count: int) -> str:
    """Return the pattern of a letter or digit that a word has once, or several times in a row."""
    if count == 1:
        return f"{letter}++"
    return f"(?>{letter}{{{count},}}|{letter}(?:{_GAP}{letter}){{{count - 1}}}{letter}*)"


def masked(lower: str, by_length: Mapping[int, Sequence[Spelling]]) -> tuple[str, str] | None:
    """Return the keyword that a masked word is, and that word; None if there is none."""
    for match in _MASKED.finditer(lower):
        for spelling in by_length.get(len(match[1]), ()):
            if spelling.letters >= _SUBSTRING and spelling.stands_behind(match[1]):
                return spelling.word, match[1]
    return None


def _joins(text: str, place: int, step: int) -> bool:
    """Say whether the word goes on at a place: with a letter, or with an apostrophe and then one."""
    if not 0 <= place < len(text):
        return False
    if text[place] in _APOSTROPHES:
        place += step
    return 0 <= place < len(text) and _LETTER_OR_DIGIT.match(text[place]) is not None


def _has_space(gap: str) -> bool:
    return any(map(str.isspace, gap))
