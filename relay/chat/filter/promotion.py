"""Promotion: who wants followers, money, clicks or guests of this room. It is held, since a person can tell.

Phrases that say it all are enough, and so are invitations to chats elsewhere and addresses written so that
they do not look like any. Else the themes of `promotion_words` are weighed, as far as they stand together.
Links to where developers look things up weigh nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from relay.chat.filter.promotion_words import PHRASES, THEMES, UNSPACED
from relay.chat.filter.readings import WORD
from relay.chat.filter.verdict import ALLOWED, Verdict, hold
from relay.chat.lookalikes import plain_in_context

if TYPE_CHECKING:
    from relay.chat.filter.readings import Readings

ENOUGH = 3.0
"""Weight from which on a message is held."""
_TOGETHER = 16
"""Words within which themes add up."""


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

_INVITATION = re.compile(
    r"discord\.gg|discord(?:app)?\.com/invite|dsc\.gg|invite\.gg|guilded\.gg/i|(?<![\w.])t[.,]me/"
    r"|telegram\.me|chat\.whatsapp\.com|(?<![\w.])wa\.me/|joinchat|linktr\.ee|onlyfans\.com|paypal\.me|cash\.app"
    r"|(?<![\w.])(?:bit\.ly|tinyurl\.com|cutt\.ly|rb\.gy|is\.gd)/"
    r"|(?:telegram|whatsapp|snap|snapchat|insta|instagram|kik|tg)[ :-]{1,3}@\w{3}"
)
_DOT = re.compile("dot|d0t|punkt|punto|point")
# «viewbots dot com», «discord (dot) gg», «streambots . store»; not «the dot com boom», not «asp dot net».
_HIDDEN_ADDRESS = re.compile(
    r"(?<![\w.-])(?!the |asp |domain |example |your )[a-z0-9-]{3,40} {0,2}[(\[{<]? ?(?:dot|d0t|punkt|punto|point)"
    r" ?[)\]}>]? {0,2}"
    r"(?:com|net|org|gg|me|tv|io|xyz|shop|store|site|online|club|live|top|vip|cc|ru|app|link|click)\b"
)
_LINK = re.compile(
    r"(?:https?://|www\.)([^\s/:]+)"
    r"|(?<![\w.@/-])((?:[a-z0-9-]{1,40}\.){1,4}(?:com|net|gg|xyz|shop|site|store|live|top|vip|club|ru))\b"
)
_WELL_KNOWN = re.compile(
    r"(?:.*\.)?(?:github|gitlab|bitbucket|githubusercontent|python|pypi|readthedocs|npmjs|crates|docs|rust-lang"
    r"|golang|mozilla|stackoverflow|stackexchange|wikipedia|rfc-editor|ietf|w3|docker|kubernetes|debian|ubuntu"
    r"|archlinux|microsoft|google|apple|nodejs|typescriptlang|reactjs|palletsprojects|textualize|anthropic|openai)"
    r"\.(?:com|org|net|io|dev|rs|js|co|so)"
    r"|localhost|127\.0\.0\.1|docs\..*|.*\.(?:localhost|local|internal|test)"
)
_MONEY = re.compile(
    r"[$€£] ?\d|\d ?(?:[$€£]|(?:usd|eur|euros?|dollars?|bucks|pounds|reais|рубл\w*|zł|tl|лир)\b)"
)
_HANDLE = re.compile(r"(?<![\w.@/])@\w{3}|\+\d[\d ]{7}")


def promotion(text: Readings) -> Verdict:
    """Judge whether a message promotes something."""
    if not text.lower.isascii():
        squeezed = "".join(text.lower.split())
        for phrase in _UNSPACED:
            if phrase in squeezed:
                return _promotes(phrase)
    for reading in text.all:
        if seen := _seen(reading):
            return _promotes(seen)
    return ALLOWED


def _seen(reading: str) -> str:
    """Return what promotes something in one reading of a message; nothing if nothing does."""
    punctuated = "." in reading or "," in reading or "@" in reading
    if punctuated and (invited := _INVITATION.search(reading)):
        return invited[0]
    if _DOT.search(reading) and (hidden := _HIDDEN_ADDRESS.search(reading)):
        return hidden[0]
    words = WORD.findall(reading)
    telling = _PHRASES.keys() & words
    if telling:
        line = f" {' '.join(words)} "
        for word in sorted(telling):
            for phrase in _PHRASES[word]:
                if phrase in line:
                    return phrase.strip()
    themes = [(place, *_WEIGHTS[word], word) for place, word in enumerate(words) if word in _WEIGHTS]
    return _weighed(themes, _apart(reading)) if themes else ""


def _promotes(seen: str) -> Verdict:
    return hold("promotion", seen)


def _apart(reading: str) -> dict[str, float]:
    """Return the themes that are no words: amounts of money, links and handles."""
    themes: dict[str, float] = {}
    if _MONEY.search(reading):
        themes["money"] = 1.0
    if _HANDLE.search(reading):
        themes["handle"] = 0.5
    if "." in reading:
        for link in _LINK.finditer(reading):
            if not _WELL_KNOWN.fullmatch(link[1] or link[2]):
                themes["link"] = 0.75
    return themes


def _weighed(words: Sequence[tuple[int, str, float, str]], apart: Mapping[str, float]) -> str:
    """Return the words that together weigh enough; nothing if none do.

    Args:
        words: Those of a theme, with place, theme and weight.
        apart: What weighs wherever it stands.
    """
    base = sum(apart.values())
    latest: dict[str, tuple[int, float, str]] = {}
    for place, theme, weight, word in words:
        before = latest.get(theme)
        if before is None or before[1] <= weight or place - before[0] >= _TOGETHER:
            latest[theme] = (place, weight, word)
        if len(latest) + len(apart) > 2:
            near = [entry for entry in latest.values() if place - entry[0] < _TOGETHER]
            if len(near) + len(apart) > 2 and base + sum(entry[1] for entry in near) >= ENOUGH:
                return ", ".join(entry[2] for entry in sorted(near))
    return ""
