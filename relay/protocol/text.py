"""Text that is safe on any terminal: `safe_text`, used by the relay at the entrance and by the client again.

Neither Textual nor Rich neutralises control characters, so nothing that others wrote may reach
them unless it went through here. The result holds no control character (ESC, C1, DEL), no bidi control,
no invisible or unassigned format character, no lone surrogate and no pile of combining marks; markup is
not interpreted anywhere in the product, so brackets stay as they are.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS = "…"
MAX_MARKS = 3
"""Combining marks kept on one base character; real orthographies need no more."""

_ZWJ = "\u200d"
_VS16 = "\ufe0f"
_DROP = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u3164\uffa0")  # render as nothing, or as a wide hole
_SAFE_RUN = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u2027\u3041-\u3096\u4e00-\u9fff]+")
_LINE_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def safe_text(text: str, limit: int, *, multiline: bool = False) -> str:
    """Make a text harmless for a terminal and cut it to `limit` characters, with a mark where it was cut.

    Args:
        text: Anything at all, lone surrogates included.
        limit: The most characters kept, the mark among them.
        multiline: Keep line breaks (as `\\n`); otherwise each becomes a space.
    """
    # A cut before the walk bounds the work; what the walk removes cannot be more than it is given.
    shown = text if len(text) <= 4 * limit else text[: 4 * limit]
    if not (shown.isascii() and shown.isprintable()):
        shown = _neutralise(_LINE_BREAKS.sub("\n", shown), multiline)
    if len(shown) > limit or len(text) > 4 * limit:
        shown = _cut(shown, limit)
    return shown


def one_line(text: str) -> str:
    """Fold a multi-line text into one line, blank lines left out."""
    return " ".join(part.strip() for part in text.split("\n") if part.strip())


def _cut(text: str, limit: int) -> str:
    kept = text[: max(limit - 1, 0)]
    while kept and (kept[-1] == _ZWJ or unicodedata.combining(kept[-1])):
        kept = kept[:-1]
    return kept + ELLIPSIS


def _neutralise(text: str, multiline: bool) -> str:
    out: list[str] = []
    marks = 0
    position = 0
    while position < len(text):
        run = _SAFE_RUN.match(text, position)
        if run:
            out.append(run[0])
            position = run.end()
            marks = 0
            continue
        char = text[position]
        position += 1
        if char == "\n":
            out.append("\n" if multiline else " ")
            marks = 0
            continue
        category = unicodedata.category(char)
        if category[0] == "M":
            if char == _VS16:
                if out and _is_emoji_base(out[-1][-1]):
                    out.append(char)
            elif "\ufe00" <= char <= "\ufe0e" or "\U000e0100" <= char <= "\U000e01ef" or char in _DROP:
                pass
            elif marks < MAX_MARKS:
                marks += 1
                out.append(char)
            continue
        marks = 0
        if char == "\t":
            out.append(" ")
        elif category == "Cc" or category == "Cs":
            out.append(REPLACEMENT)
        elif category == "Zs":
            out.append(" ")
        elif category == "Cf":
            if char == _ZWJ and out and _is_emoji(out[-1][-1]) and position < len(text) and _is_emoji(text[position]):
                out.append(char)
        elif category in ("Cn", "Co", "Zl", "Zp"):
            out.append(REPLACEMENT)
        elif char not in _DROP:
            out.append(char)
    return "".join(out)


def _is_emoji(char: str) -> bool:
    return "\U0001f000" <= char <= "\U0001faff" or "\u2600" <= char <= "\u27bf" or char in "\u2b50\u2b55\u00a9\u00ae" or char == _VS16


def _is_emoji_base(char: str) -> bool:
    return _is_emoji(char) or "\u2190" <= char <= "\u2bff" or char in "#*0123456789\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299"
