"""What the filter remembers of a message: enough to know it again, and no more."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relay.chat.lookalikes import LEET, plain

WINDOW_S = 120.0
"""How long what was said counts."""
RECENT_KEPT = 200
"""Messages to compare with, however many were said within the window."""

_LINK = re.compile(r"https?://\S|www\.\S", re.IGNORECASE)
# A name after an `@`; not a mail address, not a package such as @types/node.
_MENTION = re.compile(r"(?<![\w@./])@(\w[\w-]*)(?!/)\b(?![\w-]*/)")
_STRETCHED = re.compile(r"(.)\1{2,}", re.DOTALL)
_IN_A_WORD = re.compile(r"(?<=[^\W\d_])[0-9@$!|]{1,2}(?=[^\W\d_])")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Remark:
    """What is remembered of a message.

    Attributes:
        author: Who said it.
        at_s: When, in seconds by any clock that all remarks share.
        folded: Its letters and digits alone, as they read, stretched ones shortened.
        digits: Its digits alone.
        words: Its words in alphabetical order, which no shuffling changes.
        links: How many links it has.
        mentions: How many different names it mentions.
    """

    author: str
    at_s: float
    folded: str
    digits: str
    words: tuple[str, ...]
    links: int
    mentions: int


def remark(author: str, text: str, at_s: float) -> Remark:
    """Return what is to be remembered of a text."""
    read = plain(text)
    if not read.isalpha():
        read = _IN_A_WORD.sub(_as_letters, read)
    words = _WORD.findall(_STRETCHED.sub(r"\1\1", read))
    # What has no letters, such as a row of emoji, is compared as it is.
    folded = "".join(words) or _STRETCHED.sub(r"\1\1", "".join(text.split()))
    digits = "".join(filter(str.isdigit, folded))
    links = len(_LINK.findall(text)) if "." in text or "//" in text else 0
    mentions = len({name.casefold() for name in _MENTION.findall(text)}) if "@" in text else 0
    return Remark(author, at_s, folded, digits, tuple(sorted(words)), links, mentions)


def _as_letters(digits: re.Match[str]) -> str:
    return digits[0].translate(LEET)
