"""The first automatic judgement of a spectator's message: repeats, floods of links or mentions, shouting.

Spec: Moderation Features (MOD-1). Pure: what was said lately, and when, is passed in. What the author can see
and mend is refused with the reason; what only a person can tell from a celebrating crowd is held for one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz, process

WINDOW_S = 120.0
"""How long what was said counts."""
RECENT_KEPT = 200
"""Messages to compare with, however many were said within the window."""
MAX_LINKS, MAX_LINKS_LATELY = 3, 6
"""Links in one message, and of one author within the window."""
MAX_MENTIONS, MAX_MENTIONS_LATELY = 5, 12

_SHORT = 12
"""Letters up to which a message is an exclamation, «gg» or «lol», that may be said `_EXCLAIMED` times."""
_EXCLAIMED = 3
_COMPARABLE = 16
"""Letters from which on two messages can be told to be nearly the same."""
_NUMBERED = 32
"""Letters from which on a number is a disguise; it tells apart «test 14 passed» and «test 15 passed»."""
_ALIKE = 90.0
"""Similarity, in percent, from which on they are."""
_CROWD, _RAID = 3, 8
"""Others who said nearly the same from whom on a message is held, and refused."""
_LOUD_WORDS, _LOUD_LETTERS, _LOUD_SHARE = 5, 20, 0.8

_LINK = re.compile(r"https?://\S|www\.\S", re.IGNORECASE)
# A name after an `@`; not a mail address, not a package such as @types/node.
_MENTION = re.compile(r"(?<![\w@./])@(\w[\w-]*)(?!/)\b(?![\w-]*/)")
_STRETCHED = re.compile(r"(.)\1{2,}", re.DOTALL)
_CODE = re.compile(r"[`=;*{}<>_\[\]\\|]")


class Action(StrEnum):
    """What becomes of a message."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement, and what made it.

    Attributes:
        action: What becomes of the message.
        rule: The name of the rule that decided; empty when none did.
        reason: A sentence for the author, with the next step; empty when nothing is wrong.
        detail: What the rule saw, for moderators.
    """

    action: Action
    rule: str = ""
    reason: str = ""
    detail: str = ""


ALLOWED = Verdict(Action.ALLOW)


@dataclass(frozen=True, slots=True)
class Remark:
    """What the filter remembers of a message.

    Attributes:
        author: Who said it.
        at_s: When, by the monotonic clock.
        folded: Its letters and digits alone, in one case, stretched ones shortened.
        digits: Its digits alone.
        links: How many links it has.
        mentions: How many different names it mentions.
    """

    author: str
    at_s: float
    folded: str
    digits: str
    links: int
    mentions: int


def remark(author: str, text: str, at_s: float) -> Remark:
    """Return what is to be remembered of a text."""
    mentions = {name.casefold() for name in _MENTION.findall(text)}
    folded = _fold(text)
    digits = "".join(filter(str.isdigit, folded))
    return Remark(author, at_s, folded, digits, len(_LINK.findall(text)), len(mentions))


def judge(text: str, said: Remark, recent: Sequence[Remark]) -> Verdict:
    """Judge a message.

    Args:
        text: What it says.
        said: Its remark.
        recent: Remarks of messages that were not refused, in any order.
    """
    lately = [earlier for earlier in recent if said.at_s - earlier.at_s <= WINDOW_S]
    for rule in _RULES:
        verdict = rule(text, said, lately)
        if verdict is not ALLOWED:
            return verdict
    return ALLOWED


def _links(text: str, said: Remark, lately: Sequence[Remark]) -> Verdict:
    if said.links > MAX_LINKS:
        return _refuse("links", f"A message may have {MAX_LINKS} links. Leave some out.")
    earlier = sum(other.links for other in _own(said, lately)) if said.links else 0
    if said.links + earlier > MAX_LINKS_LATELY:
        return _refuse("links", "You posted many links in a short time. Wait two minutes for the next one.")
    return ALLOWED


def _mentions(text: str, said: Remark, lately: Sequence[Remark]) -> Verdict:
    if said.mentions > MAX_MENTIONS:
        return _refuse("mentions", f"A message may mention {MAX_MENTIONS} people. Leave some out.")
    earlier = sum(other.mentions for other in _own(said, lately)) if said.mentions else 0
    if said.mentions + earlier > MAX_MENTIONS_LATELY:
        return _refuse("mentions", "You mentioned many people in a short time. Wait two minutes.")
    return ALLOWED


def _shouting(text: str, said: Remark, lately: Sequence[Remark]) -> Verdict:
    if _CODE.search(text):
        return ALLOWED
    words = [(word, sum(map(str.isalpha, word))) for word in text.split()]
    loud = [letters for word, letters in words if letters > 1 and word.isupper()]
    enough = len(loud) >= _LOUD_WORDS and sum(loud) >= _LOUD_LETTERS
    if enough and sum(loud) >= _LOUD_SHARE * sum(letters for _, letters in words):
        return _refuse("shouting", "The message is all capitals. Write it in small letters.")
    return ALLOWED


def _repeats(text: str, said: Remark, lately: Sequence[Remark]) -> Verdict:
    same = sum(other.folded == said.folded for other in _own(said, lately))
    if same >= (_EXCLAIMED if len(said.folded) <= _SHORT else 1):
        return _refuse("repeat", "You said this a moment ago. Say something else, or wait two minutes.")
    alike = _alike(said, lately)
    # Once is a correction.
    if sum(other.author == said.author for other in alike) > 1:
        return _refuse("near_repeat", "You said nearly this a moment ago. Say something else, or wait.")
    others = {other.author for other in alike if other.author != said.author}
    if len(others) >= _RAID:
        return _refuse("crowd", "Many have said this already. Say something else.")
    if len(others) >= _CROWD:
        return Verdict(Action.HOLD, "crowd", "Others are saying the same. A moderator will look.")
    return ALLOWED


def _own(said: Remark, lately: Sequence[Remark]) -> list[Remark]:
    return [other for other in lately if other.author == said.author]


def _alike(said: Remark, lately: Sequence[Remark]) -> list[Remark]:
    """Return those that say nearly the same."""
    length = len(said.folded)
    if length < _COMPARABLE:
        return []
    # Texts of very different lengths cannot reach the mark, so they are not compared.
    shortest, longest = length * _ALIKE / (200 - _ALIKE), length * (200 - _ALIKE) / _ALIKE
    near = [
        other
        for other in lately
        if shortest <= len(other.folded) <= longest
        and (other.digits == said.digits or min(length, len(other.folded)) >= _NUMBERED)
    ]
    texts = [other.folded for other in near]
    found = process.extract(said.folded, texts, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None)
    return [near[index] for _, _, index in found]


_RULES: tuple[Callable[[str, Remark, Sequence[Remark]], Verdict], ...] = (
    _links,
    _mentions,
    _shouting,
    _repeats,
)


def _refuse(rule: str, reason: str) -> Verdict:
    return Verdict(Action.REFUSE, rule, reason)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(char for char in plain if char.isalnum())
    # What has no letters, such as a row of emoji, is compared as it is.
    return _STRETCHED.sub(r"\1\1", letters or "".join(plain.split()))
