"""Promotion: who wants followers, money, clicks or guests of this room. It is held, since a person can tell.

Phrases that say it all are enough, and so are invitations to chats elsewhere and addresses written so that
they do not look like any. Else the themes of `promotion_words` are weighed, as far as they stand together.
Links to where developers look things up weigh nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from relay.chat.filter.addresses import baits, hidden_address, invitation, strange_links, styled_address
from relay.chat.filter.promotion_words import PHRASES, THEMES, UNSPACED
from relay.chat.filter.verdict import ALLOWED, Verdict, hold
from relay.chat.lookalikes import plain_in_context

if TYPE_CHECKING:
    from relay.chat.filter.readings import Reading, Readings

ENOUGH = 3.25
"""Weight from which on a message is held."""
_TOGETHER = 16
"""Words within which themes add up."""
_TELLING = 1.5
"""Weight of words that are about little else than promotion."""
_LIGHT = frozenset({"action", "hurry", "trust", "pace", "contact", "self", "verify", "yours", "handle"})
"""Themes of every conversation: whatever they come to, they need something to be about."""


def _weights() -> dict[str, tuple[str, float]]:
    """Return each word of the table with its theme and weight."""
    weights: dict[str, tuple[str, float]] = {}
    for key, words in THEMES.items():
        theme, weight = key.split()
        for word in plain_in_context(words).split():
            weights.setdefault(word, (theme, float(weight)))
    return weights


def _phrases() -> dict[str, list[str]]:
    """Return the phrases by their longest word: only those are looked for of which the message has it."""
    phrases: dict[str, list[str]] = {}
    for phrase in re.split(r"[|\n]", plain_in_context(PHRASES.strip())):
        phrases.setdefault(max(phrase.split(), key=len), []).append(f" {phrase.strip()} ")
    return phrases


_WEIGHTS = _weights()
_PHRASES = _phrases()
_UNSPACED = tuple(UNSPACED.split())

_MONEY = re.compile(
    r"[$€£] ?\d|\d ?(?:[$€£]|(?:usd|eur|euros?|dollars?|bucks|pounds|reais|рубл\w*|zł|zl|tl|лир|रुपये)(?!\w))"
)
_HANDLE = re.compile(r"(?<![\w.@/])@\w{3,40}+(?![.(/])|\+\d[\d ]{7}")


def promotion(text: Readings) -> Verdict:
    """Judge whether a message promotes something, or baits."""
    if not text.lower.text.isascii():
        squeezed = "".join(text.lower.text.split())
        for phrase in _UNSPACED:
            if phrase in squeezed:
                return _promotes(phrase)
    if not text.text.isascii() and (styled := styled_address(text)):
        return _promotes(styled)
    apart = _apart(text.plain.text)
    for reading in text.likely:
        if seen := _seen(reading, apart):
            return _promotes(seen)
    return ALLOWED


def _seen(reading: Reading, apart: Mapping[str, float]) -> str:
    """Return what promotes something in one reading of a message; nothing if nothing does."""
    if address := invitation(reading.text) or hidden_address(reading.text):
        return address
    words = reading.words
    telling = _PHRASES.keys() & words
    if telling:
        line = f" {' '.join(words)} "
        for word in sorted(telling):
            for phrase in _PHRASES[word]:
                if phrase in line:
                    return phrase.strip()
    themes = [(place, *_WEIGHTS[word], word) for place, word in enumerate(words) if word in _WEIGHTS]
    return _weighed(themes, apart)


def _promotes(seen: str) -> Verdict:
    return hold("promotion", seen)


def _apart(reading: str) -> dict[str, float]:
    """Return the themes that are no words: amounts of money, links and handles."""
    themes: dict[str, float] = {}
    if _MONEY.search(reading):
        themes["money"] = 1.0
    if ("@" in reading or "+" in reading) and _HANDLE.search(reading):
        themes["handle"] = 0.5
    links = strange_links(reading)
    if links:
        themes["link"] = 1.25
        if any(link.odd or _promises(link.host) for link in links) or baits(reading, len(links)):
            themes["bait"] = 2.0
    return themes


def _promises(host: str) -> bool:
    """Say whether the name of a host promises something."""
    labels = [_WEIGHTS[label] for label in re.split("[.-]", host) if label in _WEIGHTS]
    return len(labels) > 1 or any(theme == "offer" or weight >= _TELLING for theme, weight in labels)


def _weighed(words: Sequence[tuple[int, str, float, str]], apart: Mapping[str, float]) -> str:
    """Return the words that together weigh enough; nothing if none do.

    Args:
        words: Those of a theme, with place, theme and weight.
        apart: What weighs wherever it stands.
    """
    base = sum(apart.values())
    if base >= ENOUGH:
        return ", ".join(apart)
    latest: dict[str, tuple[int, float, str, str]] = {}
    for place, theme, weight, word in words:
        before = latest.get(theme)
        if before is None or before[1] <= weight or place - before[0] >= _TOGETHER:
            latest[theme] = (place, weight, word, theme)
        if len(latest) + len(apart) > 1:
            near = [entry for entry in latest.values() if place - entry[0] < _TOGETHER]
            heavy = any(theme not in _LIGHT for theme in (*apart, *(entry[3] for entry in near)))
            if heavy and base + sum(entry[1] for entry in near) >= ENOUGH:
                return ", ".join([*(entry[2] for entry in sorted(near)), *apart])
    return ""
