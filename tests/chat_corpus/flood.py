"""Ways to say the same thing again, by one account or by many; the same ones for the same seed.

What is said is unobjectionable once: only its repeats are a flood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, islice
from random import Random

from chat_corpus.disguise import ASKED
from chat_corpus.rows import Half, Said, Sequence, half_of, harmless, said

Way = Callable[[str, Random], Iterator[str]]
"""Takes a text and returns what is said instead of it, again and again."""

_EMOJI = "🔥🐌🦆🪿🍌🧦⭐💥🥁🫠"
_FILLERS = ("guys", "pls", "now", "come on", "hey", "again", "ok", "mods", "chat", "today", "!!")
_MARKS = ("!", "...", "?", " :)", "!!", ".", " -", "~")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_EXCLAIMED = 3
"""How often one may say «gg»."""
_EXCLAMATIONS = {
    Half.TUNE: ("ok", "pog", "yes", "hello", "🔥", "hi", "first", "+1", "да", "哈哈哈"),
    Half.HELD_OUT: ("F", "W", "no", "rip", "🍌", "hey", "mods", "xD", "nein", "ㅋㅋㅋ"),
}
_CHATTERS = ("ana", "ben", "caro", "dee", "eli", "fay", "gus", "hana")


def _copied(text: str, rng: Random) -> Iterator[str]:
    while True:
        yield text


def _suffixed(text: str, rng: Random) -> Iterator[str]:
    """What makes each message another for whoever compares them as they are."""
    while True:
        mark = "".join(rng.choices(_LETTERS + "0123456789", k=rng.randint(3, 6)))
        yield text + rng.choice((" {}", " [{}]", " #{}", "{}", " ({})")).format(mark)


def _decorated(text: str, rng: Random) -> Iterator[str]:
    while True:
        words = text.split(" ")
        for _ in range(rng.randint(1, 4)):
            words.insert(rng.randint(0, len(words)), rng.choice(_EMOJI) * rng.randint(1, 3))
        yield " ".join(words)


def _reordered(text: str, rng: Random) -> Iterator[str]:
    while True:
        words = text.split(" ")
        cut = rng.randint(1, len(words) - 1)
        words = words[cut:] + words[:cut]
        if rng.random() < 0.5:
            one, other = rng.sample(range(len(words)), 2)
            words[one], words[other] = words[other], words[one]
        yield " ".join(words)


def _mutating(text: str, rng: Random) -> Iterator[str]:
    """Each message is nearly the one before, and the last hardly the first."""
    words = text.split(" ")
    while True:
        at = rng.randrange(len(words))
        words[at] = rng.choice((*_FILLERS[:-1], words[at][::-1], words[at] + rng.choice(_LETTERS)))
        yield " ".join(words)


def _mistyped(text: str, rng: Random) -> Iterator[str]:
    while True:
        letters = list(text)
        for _ in range(rng.randint(1, 2)):
            at = rng.randrange(len(letters) - 1)
            change = rng.randrange(3)
            if change == 0:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
            elif change == 1:
                letters[at] = rng.choice(_LETTERS)
            else:
                letters.insert(at, rng.choice(_LETTERS))
        yield "".join(letters)


def _invisible(text: str, rng: Random) -> Iterator[str]:
    while True:
        letters = list(text)
        for _ in range(rng.randint(2, 8)):
            letters.insert(rng.randrange(len(letters)), rng.choice(_INVISIBLE))
        yield "".join(letters)


def _counted(text: str, rng: Random) -> Iterator[str]:
    form = rng.choice(("{text} {n}", "{n}. {text}", "{text} ({n}/50)", "{text} x{n}", "[{n}] {text}"))
    for number in count(rng.choice((1, 1, 7, 100)) + 1):
        yield form.format(text=text, n=number)


def _recased(text: str, rng: Random) -> Iterator[str]:
    while True:
        how = rng.choice((str.title, str.swapcase, str.upper, str.capitalize, str.lower))
        yield how(text).replace(",", rng.choice(("", ",", " -"))) + rng.choice(_MARKS)


def _lookalikes(text: str, rng: Random) -> Iterator[str]:
    while True:
        way = ASKED[rng.choice(("leet", "homoglyph", "accented", "fullwidth"))]
        words = text.split(" ")
        for at in rng.sample(range(len(words)), max(1, len(words) // 3)):
            words[at] = way(words[at], rng)
        yield " ".join(words)


def _padded(text: str, rng: Random) -> Iterator[str]:
    while True:
        words = text.split(" ")
        for _ in range(rng.randint(1, 2)):
            words.insert(rng.choice((0, len(words), rng.randrange(len(words)))), rng.choice(_FILLERS))
        yield " ".join(words)


def _growing(text: str, rng: Random) -> Iterator[str]:
    for times in count(2):
        yield " ".join([text] * min(times, max(2, 400 // len(text))))


_WAYS: dict[str, Way] = {
    "copied": _copied,
    "suffixed": _suffixed,
    "decorated": _decorated,
    "reordered": _reordered,
    "mutating": _mutating,
    "mistyped": _mistyped,
    "invisible": _invisible,
    "counted": _counted,
    "recased": _recased,
    "lookalikes": _lookalikes,
    "padded": _padded,
    "growing": _growing,
}
_OF_WORDS = ("reordered", "mutating", "mistyped", "lookalikes", "padded")
"""Ways that want a text in words, in Latin letters."""
_LIKE_CORRECTIONS = ("mutating", "mistyped")
"""Ways whose first repeat is like an honest correction: a moderator sees what it is from the second on."""
_LONG = 40
"""Letters from which on nobody says the same as somebody else by chance."""


def made(seed: int, by_one: int = 13, by_many: int = 9) -> Iterator[Sequence]:
    """Make sequences, so many of each way; the halves share no text."""
    rng = Random(seed)
    talk = {half: [line.text for line in harmless() if line.half is half] for half in Half}
    bases = dict(zip((Half.TUNE, Half.HELD_OUT), (said("bases")[::2], said("bases")[1::2]), strict=True))
    for way in _WAYS:
        for number in range(1, by_one + by_many + 1):
            many = number > by_one
            id = f"made-flood-{way}-{number:02}"
            half = half_of(id)
            fit = [
                text
                for text in bases[half]
                if (not many or len(text) >= _LONG)
                and (way not in _OF_WORDS or (text.isascii() and text.count(" ") >= 5))
                and (way != "growing" or len(text) <= 60)
            ]
            kind = f"{way}_by_{'many' if many else 'one'}"
            text = rng.choice(fit)
            repeats = islice(_WAYS[way](text, rng), rng.randint(4, 8))
            # Nobody's correction is by somebody else.
            free = 2 if way in _LIKE_CORRECTIONS and not many else 1
            yield _sequence(id, kind, [text, *repeats], many, free, talk[half], rng)
    for number in range(1, by_one + 1):
        id = f"made-flood-exclaimed-{number:02}"
        half = half_of(id)
        texts = [rng.choice(_EXCLAMATIONS[half])] * rng.randint(6, 10)
        yield _sequence(id, "exclaimed_by_one", texts, False, _EXCLAIMED, talk[half], rng)
    for number in range(1, by_one + 1):
        id = f"made-flood-alternating-{number:02}"
        half = half_of(id)
        pair = rng.sample(bases[half], rng.choice((2, 2, 3)))
        yield _sequence(id, "alternating_by_one", pair * 3, False, len(pair), talk[half], rng)


def _sequence(
    id: str, kind: str, texts: list[str], many: bool, free: int, talk: list[str], rng: Random
) -> Sequence:
    """Let one account or many say the texts, the first `free` of them being no repeats, amid others' talk."""
    slowest_s = rng.choice((3.0, 3.0, 10.0, 25.0))
    accounts = [f"zed{number}" for number in range(1, rng.choice((4, 6, 20)))] if many else ["zed"]
    between = rng.sample(talk, len(texts)) if rng.random() < 0.5 else []
    at_s, messages = 0.0, []
    for number, text in enumerate(texts):
        author = accounts[number % len(accounts)]
        messages.append(Said(round(at_s, 1), author, text, number >= free))
        if between and rng.random() < 0.5:
            at_s += rng.uniform(0.3, 3.0)
            messages.append(Said(round(at_s, 1), rng.choice(_CHATTERS), between.pop(), False))
        at_s += rng.uniform(0.3, slowest_s)
    return Sequence(id, half_of(id), kind, tuple(messages))
