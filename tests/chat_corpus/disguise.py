"""Disguises of a word, as people write who know that it is filtered; the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from random import Random

from chat_corpus.rows import KEYWORDS, Disguise, half_of, said

Way = Callable[[str, Random], str]

_LEET = {
    "a": ("4", "@"),
    "b": ("8",),
    "c": ("(", "<"),
    "e": ("3",),
    "g": ("9",),
    "i": ("1", "!"),
    "l": ("1", "|"),
    "o": ("0", "()"),
    "s": ("5", "$"),
    "t": ("7", "+"),
    "w": ("vv",),
}
_LOOKALIKES = {
    "a": "аɑα",
    "b": "ЬƄ",
    "c": "сϲⅽ",
    "d": "ԁⅾɗ",
    "e": "еҽ℮",
    "f": "ƒϝ",
    "i": "іιɩ",
    "j": "јϳ",
    "k": "кκ",
    "l": "ӏⅼι",
    "m": "мⅿ",
    "n": "ոռη",
    "o": "оοօ",
    "p": "рρ",
    "r": "гᴦ",
    "s": "ѕꜱ",
    "t": "тτ",
    "w": "ԝѡա",
    "а": "aα",
    "к": "kκ",
    "р": "pρ",
    "у": "yү",
}
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u030a\u0323\u0327\u0331\u0338"
_EMOJI = ("🔥", "💀", "⭐", "👀", "🌶️", "🤖")
_UPSIDE_DOWN = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz")


def _some(word: str, table: dict[str, tuple[str, ...]] | dict[str, str], share: float, rng: Random) -> str:
    """Replace a share of the letters that the table knows, two at least if there are two."""
    known = [at for at, letter in enumerate(word) if letter in table]
    chosen = set(rng.sample(known, min(len(known), max(2, round(share * len(known))))))
    return "".join(rng.choice(table[letter]) if at in chosen else letter for at, letter in enumerate(word))


def _shifted(first: int) -> Way:
    """Return a disguise by an alphabet that lies elsewhere in Unicode."""
    return lambda word, rng: "".join(
        chr(first + ord(letter) - ord("a")) if "a" <= letter <= "z" else letter for letter in word
    )


def _between(*signs: str) -> Way:
    """Return a disguise by a sign between all letters."""

    def disguised(word: str, rng: Random) -> str:
        return rng.choice(signs).join(word)

    return disguised


def _leet(word: str, rng: Random) -> str:
    return _some(word, _LEET, 0.7, rng)


def _homoglyph(word: str, rng: Random) -> str:
    return _some(word, _LOOKALIKES, rng.choice((0.4, 0.8)), rng)


def _mathematical(word: str, rng: Random) -> str:
    # Bold, sans-serif bold and monospace: alphabets without holes.
    return _shifted(rng.choice((0x1D41A, 0x1D5EE, 0x1D68A)))(word, rng)


def _invisible(word: str, rng: Random) -> str:
    cuts = set(rng.sample(range(1, len(word)), rng.randint(1, 3)))
    return "".join((rng.choice(_INVISIBLE) if at in cuts else "") + letter for at, letter in enumerate(word))


def _stretched(word: str, rng: Random) -> str:
    chosen = set(rng.sample(range(len(word)), 2))
    return "".join(letter * rng.randint(3, 6) if at in chosen else letter for at, letter in enumerate(word))


def _accented(word: str, rng: Random) -> str:
    return "".join(letter + (rng.choice(_ACCENTS) if rng.random() < 0.7 else "") for letter in word)


def _emoji(word: str, rng: Random) -> str:
    return _between(rng.choice(_EMOJI))(word, rng)


def _mixed(word: str, rng: Random) -> str:
    first, second = rng.choice(
        [
            (_leet, _between(".", "-", " ")),
            (_homoglyph, _stretched),
            (_accented, _between(" ", "_")),
            (_homoglyph, _invisible),
            (_leet, _stretched),
            (_shifted(ord("ａ")), _between("-", ".")),
        ]
    )
    return second(first(word, rng), rng)


ASKED: dict[str, Way] = {
    "leet": _leet,
    "homoglyph": _homoglyph,
    "fullwidth": _shifted(ord("ａ")),
    "mathematical": _mathematical,
    "circled": _shifted(ord("ⓐ")),
    "spaced": _between(" ", "  ", "\u00a0"),
    "dotted": _between(".", "·", ". "),
    "dashed": _between("-", "_", "~", "/"),
    "invisible": _invisible,
    "soft_hyphen": _between("\u00ad"),
    "stretched": _stretched,
    "accented": _accented,
    "emoji": _emoji,
    "mixed": _mixed,
}
"""What a filter is to see through."""

BEYOND: dict[str, Way] = {
    "beyond_reversed": lambda word, rng: word[::-1],
    "beyond_upside_down": lambda word, rng: word[::-1].translate(_UPSIDE_DOWN),
    "beyond_split": lambda word, rng: f"{word[: (cut := rng.randint(2, len(word) - 2))]} {word[cut:]}",
}
"""What people still read, and a filter could only see through at the expense of harmless words."""

_ALPHABETS = ("fullwidth", "mathematical", "circled", "leet", "beyond_upside_down")
"""Ways that have nothing for letters that are not Latin."""


def made(seed: int, each: int = 9, beyond: int = 3) -> Iterator[Disguise]:
    """Make rows: so many of each way that is asked, and of each that is not; the halves share no sentence."""
    rng = Random(seed)
    carriers = said("carriers")
    for kind, way in (ASKED | BEYOND).items():
        words = [word for word in KEYWORDS if word.isascii() or kind not in _ALPHABETS]
        chosen = rng.sample(words, each if kind in ASKED else beyond)
        for number, word in zip(count(1), chosen, strict=False):
            id = f"made-disguise-{kind}-{number:02}"
            half = half_of(id)
            carrier = rng.choice(carriers[half.value == "held_out" :: 2])
            text = carrier.replace("{}", way(word, rng))
            yield Disguise(id, half, kind, word, text.upper() if rng.random() < 0.08 else text)
