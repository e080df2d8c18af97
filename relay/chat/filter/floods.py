"""Too much of one thing in a message: links, names called, capitals, the same words over and over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from relay.chat.filter.verdict import ALLOWED, Verdict, refuse

if TYPE_CHECKING:
    from relay.chat.filter.remarks import Remark

MAX_LINKS, MAX_LINKS_LATELY = 3, 6
"""Links in one message, and of one author within the window."""
MAX_MENTIONS, MAX_MENTIONS_LATELY = 5, 12

_LOUD_WORDS, _LOUD_LETTERS, _LOUD_SHARE = 5, 20, 0.8
_WALL_WORDS, _WALL_LETTERS, _WALL_SHARE = 12, 80, 0.25
_CODE = re.compile(r"[`=;*{}<>_\[\]\\|]")


def links(said: Remark, lately: Sequence[Remark]) -> Verdict:
    """Judge how many links a message has, and its author's messages lately."""
    if not said.links:
        return ALLOWED
    if said.links > MAX_LINKS:
        return refuse(
            "links", f"A message may have {MAX_LINKS} links. Leave some out.", f"{said.links} links"
        )
    earlier = sum(other.links for other in lately if other.author == said.author)
    if said.links + earlier > MAX_LINKS_LATELY:
        return refuse(
            "links",
            "You posted many links in a short time. Wait two minutes for the next one.",
            f"{said.links + earlier} links within two minutes",
        )
    return ALLOWED


def mentions(said: Remark, lately: Sequence[Remark]) -> Verdict:
    """Judge how many people a message calls, and its author's messages lately."""
    if not said.mentions:
        return ALLOWED
    if said.mentions > MAX_MENTIONS:
        return refuse(
            "mentions",
            f"A message may mention {MAX_MENTIONS} people. Leave some out.",
            f"{said.mentions} people mentioned",
        )
    earlier = sum(other.mentions for other in lately if other.author == said.author)
    if said.mentions + earlier > MAX_MENTIONS_LATELY:
        return refuse(
            "mentions",
            "You mentioned many people in a short time. Wait two minutes.",
            f"{said.mentions + earlier} people mentioned within two minutes",
        )
    return ALLOWED


def shouting(text: str) -> Verdict:
    """Judge whether a message is all capitals, unless it looks like code."""
    words = text.split()
    if len(words) < _LOUD_WORDS or text.islower() or _CODE.search(text):
        return ALLOWED
    letters = [sum(map(str.isalpha, word)) for word in words]
    loud = [count for word, count in zip(words, letters, strict=True) if count > 1 and word.isupper()]
    enough = len(loud) >= _LOUD_WORDS and sum(loud) >= _LOUD_LETTERS
    if enough and sum(loud) >= _LOUD_SHARE * sum(letters):
        return refuse(
            "shouting",
            "The message is all capitals. Write it in small letters.",
            f"{len(loud)} of {len(words)} words in capitals",
        )
    return ALLOWED


def wall(said: Remark) -> Verdict:
    """Judge whether a message says the same few words over and over."""
    count, letters = len(said.words), len(said.folded)
    if count >= _WALL_WORDS and letters >= _WALL_LETTERS:
        different = len(set(said.words))
        if different <= _WALL_SHARE * count:
            return refuse(
                "wall",
                "The message says the same over and over. Once is enough.",
                f"{count} words, {different} different",
            )
    return ALLOWED
