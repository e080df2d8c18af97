"""A host's own words: names of customers, projects and places that no table of rules can know.

Hosts write literals with `*`, never regular expressions, so that time stays linear whatever they write and
whatever is said. Each word becomes a pattern of literals and bounded runs that never goes back on a choice:
every `*` stops at the first place where its next literal stands. The words are matched on the same `view` as
the rules, after them, and never inside a mark that stands for something hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from relay.screen.redact import MARKS, Find, apart, with_marks
from relay.screen.view import folded, view

HIDDEN = "[HIDDEN]"
MAX_WORDS = 200
MAX_LENGTH = 100
MAX_WILDCARDS = 4
MIN_LITERAL = 2
MAX_RUN = 64
"""The most characters that one `*` stands for."""

# No character of a view: controls are disguises.
_OWN_MARK = "\0"
_OTHER_MARK = "\1"
_RUN = rf"[^\s{_OWN_MARK}{_OTHER_MARK}]{{0,{MAX_RUN}}}"
_BLANKS = r"\s{1,4}+"

# Thai to Khmer, kana, ideographs, and Hangul, whose particles touch the word before them.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\uff66-\uffdc\U00020000-\U0003ffff"
)
_JOINED = rf"[^\W_{_UNSPACED}]"
"""A letter or digit of a script that puts spaces between its words."""
# What was hidden before counts as a letter too: else hiding one word could free another beside it.
_NOT_BEFORE = rf"(?!{_JOINED}|{_OWN_MARK})"

_IS_JOINED = re.compile(_JOINED)
_ANY_MARK = re.compile("|".join(re.escape(mark.lower()) for mark in sorted({*MARKS, HIDDEN})))


def problem(word: str) -> str | None:
    """Say in a sentence why a host's word cannot be one; None if it can."""
    plain = _plain(word)
    literal = [char for char in plain if char not in "* "]
    if not plain:
        return "The word is empty."
    if max(len(word), len(plain)) > MAX_LENGTH:
        return f"The word is longer than {MAX_LENGTH} characters."
    if plain.count("*") > MAX_WILDCARDS:
        return f"The word has more than {MAX_WILDCARDS} wildcards."
    if not literal:
        return "The word is only wildcards, which would hide everything."
    if len(literal) < MIN_LITERAL:
        return f"The word needs at least {MIN_LITERAL} characters besides its wildcards."
    return None


class OwnWords:
    """The words that one room's host wants hidden.

    A word is found whatever its case, and whole: a letter or digit at its edge has none beside it, except in
    scripts that write without spaces. `*` stands for up to 64 characters without a space, a space for up to
    four blanks.

    Args:
        words: At most 200, each without a `problem`.

    Raises:
        ValueError: If there are more, or one has a problem.
    """

    def __init__(self, words: Sequence[str]) -> None:
        if len(words) > MAX_WORDS:
            raise ValueError(f"There are more than {MAX_WORDS} words.")
        for word in words:
            if fault := problem(word):
                raise ValueError(fault)
        compiled = [_compiled(word) for word in dict.fromkeys(words)]
        self._words = tuple((max(word.gates, key=len), word) for word in compiled)

    def find(self, text: str) -> list[Find]:
        """Return what has to go, in the order of the text, without overlaps.

        The `rule` of a find is the word as the host wrote it; where several overlap, the first of them.
        """
        if not self._words:
            return []
        seen = view(text)
        lower = _ANY_MARK.sub(_blank, _folded(seen.text))
        finds = [
            Find(*seen.original(start, end), HIDDEN, word.written)
            for word in [word for gate, word in self._words if gate in lower]
            for start, end in word.places(lower)
        ]
        return apart(finds)

    def redact(self, text: str) -> str:
        """Return the text with every find replaced by `[HIDDEN]`; without any, the very same text.

        Applying it twice changes nothing more.
        """
        return with_marks(text, self.find(text))


@dataclass(frozen=True, slots=True)
class _Word:
    """One word, ready to be looked for.

    Attributes:
        written: As the host wrote it.
        gates: Its literals without blanks, in lower case; a text without any one of them cannot match.
        pattern: The word without a wildcard it may begin with.
        open_start: It begins with a wildcard.
    """

    written: str
    gates: tuple[str, ...]
    pattern: re.Pattern[str]
    open_start: bool

    def places(self, lower: str) -> Iterator[tuple[int, int]]:
        """Return where the word stands in a text in lower case with its marks blanked out."""
        if not all(gate in lower for gate in self.gates):
            return
        for match in self.pattern.finditer(lower):
            start, end = match.span()
            if self.open_start:
                # A pattern that began with the run would try every place in it as a start.
                start -= _run_length(lower[max(0, start - MAX_RUN) : start])
            yield start, end


def _compiled(word: str) -> _Word:
    plain = _plain(word)
    pieces = [piece for piece in plain.split("*") if piece]
    open_start, open_end = plain.startswith("*"), plain.endswith("*")
    last = len(pieces) - 1
    parts = []
    for place, piece in enumerate(pieces):
        literal = _BLANKS.join(map(re.escape, piece.split(" ")))
        if place == last and not open_end and _IS_JOINED.match(piece[-1]):
            literal += _NOT_BEFORE
        parts.append(f"(?>{_RUN}?{literal})" if place else literal)
    if not open_start and _IS_JOINED.match(pieces[0][0]):
        # Behind the first character, since `re` finds a literal at once and tries a look back everywhere.
        first = re.escape(pieces[0][0])
        parts[0] = rf"{first}(?<!{_JOINED}{first})(?<!{_OWN_MARK}{first}){parts[0][len(first) :]}"
    if open_end:
        parts.append(f"(?>{_RUN})")
    gates = tuple(dict.fromkeys(gate for piece in pieces for gate in piece.split()))
    return _Word(word, gates, re.compile("".join(parts)), open_start)


def _plain(word: str) -> str:
    """Return a word without disguises, in lower case, its blanks single and its wildcards too."""
    return re.sub(r"\*+", "*", " ".join(_folded(view(word).text).split()))


def _folded(text: str) -> str:
    """Return the text in lower case, each character where it was; a final sigma is a sigma."""
    return folded(text).replace("ς", "σ")


def _blank(mark: re.Match[str]) -> str:
    return (_OWN_MARK if mark[0] == HIDDEN.lower() else _OTHER_MARK) * len(mark[0])


def _run_length(before: str) -> int:
    """Return how many characters at the end of a text a wildcard may stand for."""
    return next(
        (
            length
            for length, char in enumerate(reversed(before))
            if char.isspace() or char in (_OWN_MARK, _OTHER_MARK)
        ),
        len(before),
    )
