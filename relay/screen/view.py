"""What a reader of a text would see: the text without its disguises, and the way back to the original.

A key stays usable with zero-width characters inside, in full-width letters, coloured by escape sequences, or
percent- and entity-encoded. The rules therefore look at a `View`, in which all of that is undone, and
what they find there is cut out of the original; whatever they do not find stays byte for byte.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

# What shows nothing: controls (line breaks and ESC apart), fillers, zero-width and bidi characters, tags.
_NOTHING = (
    "\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9a\x9c-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e01ef"
)
_JOINERS = "\u200d\ufe0f"
_CSI = r"[0-9;:?<=>]{0,32}[@-~]"
_OSC = r"\][^\x07\x1b\n]{0,512}(?:\x07|\x1b\\)"  # a hyperlink for one
_SEQUENCE = rf"(?:\x1b\[|\x9b){_CSI}|\x1b{_OSC}|[\x1b\x9b]"
_REST_OF_SEQUENCE = rf"(?:(?<=\x1b)\[{_CSI}|(?<=\x9b){_CSI}|(?<=\x1b){_OSC})?"

_SIGNS = frozenset("@.:=/_-+%&#\\?~")
"""The signs that join the parts of keys and addresses; other punctuation ends them in whatever width."""
_BLOCKS = (
    (0x2070, 0x20A0),  # superscripts and subscripts
    (0x2100, 0x2150),  # letter-like symbols
    (0x2460, 0x2500),  # enclosed alphanumerics
    (0x1D400, 0x1D800),  # mathematical alphanumerics
    (0x1F130, 0x1F14A),  # squared letters
    (0xFE50, 0xFF5F),  # small and full-width forms
)


def _compatible() -> dict[str, str]:
    """Return the characters that NFKC makes one ASCII letter, digit or joining sign."""
    table = {chr(dash): "-" for dash in (0x2010, 0x2011, 0x2012, 0x2013, 0x2212)} | {"\u2024": "."}
    for first, end in _BLOCKS:
        for code in range(first, end):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1 and plain.isascii() and (plain.isalnum() or plain in _SIGNS):
                table[chr(code)] = plain
    return table


_COMPATIBLE = _compatible()
_TO_ASCII = str.maketrans(_COMPATIBLE)

_BEYOND = "\U0001d400-\U0001d7ff\U0001f130-\U0001f149"
"""The compatible characters beyond the first plane, as ranges: `re` is slow with scattered ones there."""
_COMPATIBLE_RUN = re.escape("".join(char for char in _COMPATIBLE if char < "\U00010000")) + _BEYOND

_DISGUISE = re.compile(
    # `re` leaps to the next character of a set where a pattern begins with it; what stands behind that
    # character tells the disguises apart.
    rf"[%&\\\x1b\x9b{_NOTHING}{_JOINERS}{_COMPATIBLE_RUN}](?:"
    r"(?<=%)(?:25){0,3}(?P<percent>[2-7][0-9A-Fa-f])"
    r"|(?<=\\)(?:u00(?P<escape>[2-7][0-9A-Fa-f])|(?P<slash>/))"
    r"|(?<=&)(?P<entity>(?:amp;){0,2}(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,12});)"
    # The joiner and the emoji selector count only in a run that follows printable ASCII, in whatever width,
    # where a disguised key would have them and an emoji would not.
    rf"|(?P<nothing>(?<=[!-~\uff01-\uff5e{_BEYOND}][\x1b\x9b{_NOTHING}{_JOINERS}]){_REST_OF_SEQUENCE}"
    rf"(?:{_SEQUENCE}|[{_NOTHING}{_JOINERS}])*"
    rf"|(?<=[\x1b\x9b]){_REST_OF_SEQUENCE}|(?<=[{_NOTHING}])[{_NOTHING}]*)"
    rf"|(?<=[{_COMPATIBLE_RUN}])(?P<compatible>[{_COMPATIBLE_RUN}]*)"
    r")"
)

# Where a long token was wrapped: a break, the indentation or quote sign of the next line.
_BREAK = re.compile(r"[ \t]{0,8}\\?\r?\n[ \t>|]{0,16}")


@dataclass(frozen=True, slots=True)
class View:
    """A text as the rules see it.

    Attributes:
        text: What the rules match against.
        chunks: Where each stretch of `text` begins, in ascending order, and which part of the original it
            stands for: (position in text, start in the original, end in the original). A stretch is either
            as long as its original, or one character that stands for several. None: a plain copy.
    """

    text: str
    chunks: tuple[tuple[int, int, int], ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the original that a non-empty part of the view stands for."""
        if self.chunks is None:
            return start, end
        return self._character(start)[0], self._character(end - 1)[1]

    def _character(self, position: int) -> tuple[int, int]:
        assert self.chunks is not None
        index = bisect_right(self.chunks, position, key=lambda chunk: chunk[0]) - 1
        at, start, end = self.chunks[index]
        following = self.chunks[index + 1][0] if index + 1 < len(self.chunks) else len(self.text)
        if end - start == following - at:
            return start + position - at, start + position - at + 1
        return start, end


def view(text: str) -> View:
    """Undo the disguises of a text."""
    if not _DISGUISE.search(text):
        return View(text)
    return _replaced(text, _DISGUISE.finditer(text))


def folded(text: str) -> str:
    """Return the text in lower case, each character where it was."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join([char.lower() if len(char.lower()) == 1 else char for char in text])
    return lower


def joined(text: str) -> View:
    """Join the lines of a text, so that a token that was wrapped is whole again."""
    return _replaced(text, _BREAK.finditer(text))


def without_breaks(text: str) -> str:
    """Return what the text of `joined` is made of, cheaply: enough to see whether a literal is in it."""
    return "".join([line.strip(" \t>|\\\r") for line in text.split("\n")])


def _replaced(text: str, disguises: Iterable[re.Match[str]]) -> View:
    pieces: list[str] = []
    chunks: list[tuple[int, int, int]] = []
    length = end = 0
    for match in disguises:
        start, stop = match.span()
        if start > end:
            chunks.append((length, end, start))
            pieces.append(text[end:start])
            length += start - end
        piece = _plain(match)
        if piece:
            chunks.append((length, start, stop))
            pieces.append(piece)
            length += len(piece)
        end = stop
    if end < len(text):
        chunks.append((length, end, len(text)))
        pieces.append(text[end:])
    return View("".join(pieces), tuple(chunks))


def _plain(match: re.Match[str]) -> str:
    """Return what a disguise stands for: one character, as many as it has itself, or nothing."""
    kind = match.lastgroup
    if kind in ("percent", "escape"):
        return chr(int(match[kind], 16)) if match[kind].lower() != "7f" else ""
    if kind == "entity":
        plain = html.unescape(html.unescape(html.unescape(match[0])))
        return plain.translate(_TO_ASCII) if len(plain) == 1 else match[0]
    if kind == "compatible":
        return match[0].translate(_TO_ASCII)
    return "/" if kind == "slash" else ""
