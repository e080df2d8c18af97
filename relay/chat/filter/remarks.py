"""What the filter remembers of a message: enough to know it again however it is dressed, and no more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from relay.chat.filter.readings import read_as_letters, shortened, words_of
from relay.chat.lookalikes import plain

WINDOW_S = 120.0
"""How long what was said counts."""
RECENT_KEPT = 200
"""Messages to compare with, however many were said within the window."""

_LINK = re.compile(r"https?://\S|www\.\S", re.IGNORECASE)
# A name after an `@`; not a mail address, not a package such as @types/node.
_MENTION = re.compile(r"(?<![\w@./])@(\w[\w-]{0,63})(?!/)\b(?![\w-]{0,64}/)")
_IN_A_ROW = re.compile(r"(?<![\w@./])(?:@\w{1,40}){3,40}")
_COUNTER = re.compile(
    r"^\W{0,3}\d{1,6}(?:/\d{1,6})?\W{1,3}(?=\D)|(?<=\D)\W{1,3}[x#№]?\d{1,6}(?:/\d{1,6})?\W{0,3}$"
)
"""A number before or after a text that makes each copy of it another."""
_COUNTED = 24
"""Letters from which on it is one; in short texts, «test 14», it is what they are about."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is remembered of a message.

    Attributes:
        author: Who said it.
        at_s: When, in seconds by any clock that all remarks share.
        folded: Its letters and digits alone, as they read, each as if said once.
        numbers: Its numbers, without counters around it.
        words: Its words in alphabetical order, with blanks between, which no shuffling changes.
        links: How many links it has.
        mentions: How many different names it mentions.
    """

    author: str
    at_s: float
    folded: str
    numbers: str
    words: str
    links: int
    mentions: int


def remark(author: str, text: str, at_s: float) -> Remark:
    """Return what is to be remembered of a text."""
    seen = plain(text)
    bare = _COUNTER.sub("", seen) if len(seen) > _COUNTED else seen
    if len(bare) < len(seen) and sum(map(str.isalpha, bare)) < _COUNTED:
        bare = seen
    words = said_once(words_of(bare))
    spelled = read_as_letters(bare)
    letters = "".join(words if spelled == bare else said_once(words_of(spelled)))
    # What has no letters, such as a row of emoji, is compared as it is.
    folded = shortened(letters.replace("l", "i") or "".join(text.split()))
    numbers = " ".join([word for word in words if word.isdigit()])
    links = len(_LINK.findall(text)) if "://" in seen or "www." in seen else 0
    return Remark(author, at_s, folded, numbers, " ".join(sorted(words)), links, _mentions(text))


def said_once(words: Sequence[str]) -> Sequence[str]:
    """Return the words without what only says them again: `a b` for `a b a b a`."""
    if len(words) < 2 or len(set(words)) > len(words) // 2:
        return words
    # The length of the longest beginning that is also an end tells the period.
    borders = [0]
    for word in words[1:]:
        border = borders[-1]
        while border and word != words[border]:
            border = borders[border - 1]
        borders.append(border + (word == words[border]))
    period = len(words) - borders[-1]
    return words[:period] if 2 * period <= len(words) else words


def _mentions(text: str) -> int:
    if "@" not in text:
        return 0
    names = {name.casefold() for name in _MENTION.findall(text)}
    for row in _IN_A_ROW.findall(text):
        names.update(row.casefold().split("@")[1:])
    return len(names)
