"""What a reader takes letters for: 𝐡ost, ʜost, hоst with a Cyrillic о and h0st all read «host».

Both the names and the host's keywords are compared as they read. Letters that are only written in another
style (mathematical, circled, full-width, accented, small capitals) are always taken for what they stand for;
letters of another script only where they stand in for Latin ones, so that a Russian sentence stays Russian.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from relay.screen.view import view

_NO_CHARACTER = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Show nothing without being format characters."""
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]")
"""Accents and other marks on letters; those of the Indic scripts are vowels, and stay."""
_NAMED = re.compile(
    r"(?:.* )?LATIN (?:SMALL |CAPITAL )?LETTER "
    r"(?:(?:SMALL CAPITAL|TURNED|REVERSED|SIDEWAYS|SCRIPT|BLACKLETTER|OPEN|CLOSED|BARRED|INSULAR) )*"
    r"([A-Z])(?: WITH .*)?"
)
_OTHER_NAMES = {
    "LATIN SMALL LETTER ALPHA": "a",
    "LATIN SMALL LETTER DOTLESS I": "i",
    "LATIN SMALL LETTER DOTLESS J": "j",
    "LATIN SMALL LETTER IOTA": "i",
    "LATIN SMALL LETTER UPSILON": "u",
    "LATIN SMALL LETTER ENG": "n",
    "LATIN SMALL LETTER ETH": "d",
    "LATIN SMALL LETTER SHARP S": "ss",
    "LATIN SMALL LETTER AE": "ae",
    "LATIN CAPITAL LETTER AE": "ae",
    "LATIN SMALL LIGATURE OE": "oe",
    "LATIN CAPITAL LIGATURE OE": "oe",
}


class _Styles(dict[int, str]):
    """What each character is without its style, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        # Hangul would fall into its parts, and there is no style to ideographs.
        if "\u2e80" <= char <= "\ua4cf" or "\uac00" <= char <= "\ud7ff" or char >= "\U00020000":
            return char
        found = self[code] = _unstyled(char)
        return found


def _unstyled(char: str) -> str:
    if char in _NO_CHARACTER or _MARKS.match(char) or unicodedata.category(char) == "Cf":
        return ""
    parts = unicodedata.normalize("NFKD", char)
    if parts != char:
        return unicodedata.normalize("NFC", _MARKS.sub("", parts))
    name = unicodedata.name(char, "")
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    named = _NAMED.fullmatch(name)
    if named is None:
        named = re.fullmatch("REGIONAL INDICATOR SYMBOL LETTER ([A-Z])", name)
    return named[1].lower() if named else char


_STYLES = _Styles((code, chr(code)) for code in range(128))


def _pairs(text: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in text.split()}


# Each pair is a letter and what it is taken for. The first of each script are hard to tell apart from Latin
# letters; the second remind of one, and stand for it in words that have Latin letters too.
_CYRILLIC = _pairs(
    "Аa Вb Еe Кk Мm Нh Оo Рp Сc Тt Уy Хx Ѕs Іi Јj Ԁd Ԛq Ԝw Ѵv Үy Һh Ӏl"
    " аa вb еe кk мm нh оo рp сc тt уy хx ѕs іi јj ԁd ԛq ԝw ѵv үy һh ӏl ԍg ьb"
    " Ғf ғf Қk қk Ҝk ҝk Ҡk ҡk Ңh ңh Өo өo Ѳo ѳo Ұy ұy Ҳx ҳx Ҫc ҫc Ѡw ѡw Ҽe ҽe Ԑe ԑe Ӊh ӊh ꙍw"
)
_LIKE_CYRILLIC = _pairs(
    "Бb Гr Дa Жx Зz Иn Йn Лn Пn Фo Цu Чy Шw Щw Ъb Ыbi Эe Юio Яr Єe"
    " бb гr дa жx зz иu йu лn пn фo цu чy шw щw ъb ыbi эe юio яr єe ґr"
)
_GREEK = _pairs(
    "Αa Βb Εe Ζz Ηh Ιi Κk Μm Νn Οo Ρp Τt Υy Χx αa γy εe ηn ιi κk νv οo ρp τt υu χx ωw"
    " ϲc ϳj ϝf ϰk ϱp ᴦr ϻm ͼc ϙq"
)
_LIKE_GREEK = _pairs("Γr Δa Λa Ξe Πn Σe Φo Ψw Ωo βb δd ζz θo λa μu ξe πn σo ςs φo ψw")
_OTHERS = _pairs(
    "Օo Տs Սu Ոn Լl օo ոn սu հh ցg զq յj գq քp աw ռn ղn ʋv ℮e Ƅb ƅb"
    " Ꭺa Ᏼb Ꮯc Ꭰd Ꭼe Ꮐg Ꮋh Ꭵi Ꭻj Ꮶk Ꮮl Ꮇm Ꮲp Ꭱr Ꮪs Ꭲt Ꮩv Ꮃw Ꭹy Ꮓz"
    " ꓮa ꓐb ꓚc ꓓd ꓰe ꓝf ꓖg ꓧh ꓲi ꓙj ꓗk ꓡl ꓟm ꓠn ꓳo ꓑp ꓣr ꓢs ꓔt ꓴu ꓦv ꓪw ꓫx ꓬy ꓜz"
    " ᗅa ᗩa ᗷb ᑕc ᗪd ᗴe ᖴf ᘜg ᕼh ᒍj ᒪl ᗰm ᑎn ᑭp ᖇr ᔕs ᑌu ᐯv ᗯw ᙭x ᘔz"
)
_RARE = frozenset("ѕјԁԛԝѵһӏԍЅЈԀԚԜҺӀϲϳ") | _OTHERS.keys()
"""Hardly ever a part of an honest word, so that a word with one of them is a disguise."""
_LATIN = str.maketrans(_CYRILLIC | _LIKE_CYRILLIC | _GREEK | _LIKE_GREEK | _OTHERS)
_TWINS = _CYRILLIC.keys() | _GREEK.keys() | _OTHERS.keys()
_ANY = re.compile("[{}]".format("".join(map(chr, _LATIN))))
_FOREIGN_WORD = re.compile("[^\\W\\d_]*[{}][^\\W\\d_]*".format("".join(map(chr, _LATIN))))
_OWN_LETTER = re.compile("[БГДЖЗИЙЛПФЦЧШЩЪЫЭЮЯЄбгджзийлпфцчшщъыэюяєґΓΔΛΞΠΣΦΨΩβδζθλξπσςφψάέήίόύώ]")
"""What a Cyrillic or Greek sentence has and a disguise hardly."""
_ASCII_LETTER = re.compile("[A-Za-z]")

_LEET = "0o 1i 2z 3e 4a 5s 6g 7t 8b 9g @a $s €e £l ¥y ¢c |i !i"
LEET = str.maketrans(_pairs(_LEET))
"""Digits and signs that stand for letters; 1, | and ! also for l."""
_ONE_OF_A_KIND = str.maketrans(_pairs(_LEET.replace("l", "i") + " li °o"))
"""In names i and l are one."""


def plain(text: str) -> str:
    """Return a text as it reads: in lower case, without disguises, styles, accents and look-alikes."""
    return as_written(text)[1]


def latin(word: str) -> str:
    """Return a word with each letter of another script as the Latin one it reminds of."""
    return word.translate(_STYLES).translate(_LATIN).lower()


def plain_in_context(words: str) -> str:
    """Return words of our own tables as they read in a sentence of their language."""
    return plain(f"жλ {words}").partition(" ")[2]


@lru_cache(maxsize=16)
def as_written(text: str) -> tuple[str, str]:
    """Return a text in lower case, and the same as it reads; one string if there is no difference.

    A message is read twice in a row, to be judged and to be remembered.
    """
    seen = view(text).text
    if seen.isascii():
        lower = seen.lower()
        return lower, lower
    unstyled = seen.translate(_STYLES)
    if _ANY.search(unstyled):
        native = _OWN_LETTER.search(seen) is not None
        unstyled = _FOREIGN_WORD.sub(lambda word: _as_latin(word[0], native), unstyled)
    return seen.lower(), unstyled.lower()


def honest_letters(text: str) -> str:
    """Return a text with the accents, strokes and ligatures off that languages in Latin letters use."""
    return "".join(_STYLES[ord(char)] if "\xc0" <= char <= "\u024f" else char for char in text)


def _as_latin(word: str, native: bool) -> str:
    """Return a word with other scripts' letters as Latin ones, if that is what they are there for.

    `native` says that the text around it has words of their script.
    """
    if (
        _ASCII_LETTER.search(word)
        or not _RARE.isdisjoint(word)
        or (not native and all(char in _TWINS for char in word))
    ):
        return word.translate(_LATIN)
    return word


@lru_cache(maxsize=8192)
def skeleton(name: str) -> str:
    """Return what is left of a name when nothing can be told apart that looks alike.

    Two names that a reader may confuse have one skeleton: neither case, separators, look-alike letters nor
    digits in place of letters make a difference. A name without any letter or digit is its own skeleton.
    """
    letters = view(name).text.translate(_STYLES).translate(_LATIN).casefold().translate(_ONE_OF_A_KIND)
    bare = "".join(filter(str.isalnum, letters))
    return bare.replace("rn", "m").replace("vv", "w") or "".join(letters.split())
