"""The host's keywords, found however they are written.

A keyword is written like one of `hiddenWords`: a literal with `*` for any run of signs within a word, blanks
between words. It is found whole, whatever the case. Beside the text as it was written, its *readings* are
looked at: without accents, styles and look-alike letters, with digits and signs taken for the letters they
stand for, with stretched letters shortened. What stands there plainly is told apart from what is disguised,
because of the latter one cannot be as sure. Letters spelled out with something between them, and words inside
of disguised words, are `spelled`'s.

The work grows with the text times the number of keywords, by `str.find` alone; all else is done for the few
keywords whose letters the text has in this order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relay.chat.filter.readings import shortened, words_of
from relay.chat.filter.spelled import MAX_LOOKS, MIN_LETTERS, Spelling, TooManyPlaces, masked
from relay.chat.lookalikes import as_written, latin
from relay.screen.own_words import OwnWords

if TYPE_CHECKING:
    from relay.chat.filter.readings import Reading, Readings

_SIMPLE = re.compile(r"\*?[^\W_]{1,100}+(?: [^\W_]{1,100}+){0,50}\*?")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\uff66-\uffdc\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no spaces between words."""


@dataclass(frozen=True, slots=True)
class Found:
    """A keyword in a text.

    Attributes:
        word: As the host wrote it.
        seen: What stands in the text for it.
        disguised: Whether that takes some reading.
    """

    word: str
    seen: str
    disguised: bool


class Keywords:
    """The keywords of one room.

    Args:
        words: Validated as the setting is, so that each has letters or digits.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._whole: dict[str, str] = {}
        self._needles: list[tuple[str, str]] = []
        self._unspaced: list[tuple[str, str]] = []
        self._spelled: list[tuple[str, Spelling]] = []
        self._by_length: dict[int, list[Spelling]] = {}
        patterns = []
        for word in words:
            lower, read = as_written(word)
            blank = " ".join(lower.split())
            if not _SIMPLE.fullmatch(blank) or len(words_of(blank)) != len(blank.split()):
                patterns.append(word)
            elif _UNSPACED.search(blank):
                self._unspaced.append((blank.strip("*"), word))
            else:
                # In a word of mixed scripts a foreign letter is read as a Latin one, whatever the word is.
                for form in {blank, " ".join(read.split()), latin(blank)}:
                    self._add(form, word)
        self._patterns = OwnWords(patterns)

    def _add(self, form: str, word: str) -> None:
        bare = form.strip("*")
        open_start, open_end = form.startswith("*"), form.endswith("*")
        if bare == form and " " not in bare:
            self._whole[bare] = word
        else:
            self._needles.append((f"{'' if open_start else ' '}{bare}{'' if open_end else ' '}", word))
        spelling = Spelling(word, bare, open_start, open_end)
        if spelling.letters >= MIN_LETTERS:
            self._spelled.append((spelling.shortened, spelling))
            if bare == form:
                self._by_length.setdefault(len(bare), []).append(spelling)

    def find(self, text: Readings) -> Found | None:
        """Return the first keyword that is found, a plain one before a disguised one."""
        if found := self._standing(text.lower):
            return Found(*found, disguised=False)
        if found := self._unspaced_apart(text.lower.words) or self._read(text):
            return Found(*found, disguised=True)
        return None

    def _standing(self, reading: Reading) -> tuple[str, str] | None:
        """Return a keyword that stands in a reading, and what stands there."""
        words = reading.words
        for word in words if not self._whole.keys().isdisjoint(words) else ():
            if word in self._whole:
                return self._whole[word], word
        line = f" {' '.join(words)} "
        for needle, word in self._needles:
            if needle in line:
                return word, needle.strip()
        for literal, word in self._unspaced:
            if literal in reading.text:
                return word, literal
        for find in self._patterns.find(reading.text):
            return find.rule, reading.text[find.start : find.end]
        return None

    def _unspaced_apart(self, words: Sequence[str]) -> tuple[str, str] | None:
        """Return a keyword in a script without spaces that has signs between its letters."""
        if self._unspaced:
            together = "".join(words)
            for literal, word in self._unspaced:
                if literal in together:
                    return word, literal
        return None

    def _read(self, text: Readings) -> tuple[str, str] | None:
        """Return a keyword that a reader finds in a text, and what it is read from."""
        streams = []
        for reading in text.all:
            if reading is not text.lower and (found := self._standing(reading)):
                return found
            streams.append((reading.text, shortened("".join(reading.words))))
        together = "\n".join([letters for _, letters in streams])
        looks = iter(range(MAX_LOOKS))
        for spelling in [spelling for form, spelling in self._spelled if form in together]:
            for written, letters in streams:
                try:
                    seen = spelling.shortened in letters and spelling.find(written, text.lower.text, looks)
                except TooManyPlaces:
                    return spelling.word, "too many places where it may stand"
                if seen:
                    return spelling.word, seen
        return masked(text.lower.text, self._by_length)
