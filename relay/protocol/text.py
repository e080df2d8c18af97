"""Text that is safe on any terminal: `safe_text`, used by the relay at the entrance and by the client again.

Neither Textual nor Rich neutralises control characters, so nothing that others wrote may reach
them unless it went through here. The result holds no control character (ESC, C1, DEL), no bidi control,
no invisible format character, no tag, no lone surrogate and no pile of combining marks. Markup is
not interpreted anywhere in the product, so brackets stay as they are.

What acts, or stands for nothing a terminal could draw, becomes U+FFFD, so that a reader sees that something
was there; what is merely invisible goes without a trace. Joiner and emoji selector live on inside emoji only.
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
_DROP = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Render as nothing, or as a hole, without being format characters."""
_SAFE_RUN = re.compile(
    "["
    " -~"  # printable ASCII
    "\u00a1-\u00ac\u00ae-\u02ff"  # Latin and phonetic letters; not the soft hyphen
    "\u03a3-\u0482\u048a-\u052f"  # Greek and Cyrillic; not the marks between
    "\u2010-\u2027\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"  # punctuation, kana, Han, Hangul
    "]+"
)
"""What needs no look at each character: every code point in here is assigned, visible and no mark."""
_LINE_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def safe_text(text: str, limit: int, *, multiline: bool = False) -> str:
    """Make a text harmless for a terminal and cut it to `limit` characters, with a mark where it was cut.

    Applying it twice changes nothing more; printable ASCII within the limit is returned as it is.

    Args:
        text: Anything at all, lone surrogates included.
        limit: The most characters kept, the mark among them; at least 1.
        multiline: Keep line breaks (as `\\n`); otherwise each becomes a space.
    """
    # A cut before the walk bounds the work, whatever the length of what came in.
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
    """Cut between characters as people see them: no mark, joiner or half a flag is left at the end."""
    end = max(limit - 1, 0)
    if end < len(text) and _is_flag_half(text[end]):
        start = end
        while start and _is_flag_half(text[start - 1]):
            start -= 1
        end -= (end - start) % 2
    while 0 < end < len(text) and (text[end - 1] == _ZWJ or unicodedata.combining(text[end - 1])):
        end -= 1
    return text[:end] + ELLIPSIS


def _neutralise(text: str, multiline: bool) -> str:
    out: list[str] = []
    last = "\n"  # the last character kept: marks need something to stand on
    marks = 0
    position = 0
    while position < len(text):
        run = _SAFE_RUN.match(text, position)
        if run:
            out.append(run[0])
            position = run.end()
            last = text[position - 1]
            marks = 0
            continue
        char = text[position]
        position += 1
        category = unicodedata.category(char)
        if category[0] == "M":
            kept = _mark(char, last, marks)
            marks += kept != ""
        elif category == "Cf":
            after = text[position : position + 1]
            kept = char if char == _ZWJ and (_is_emoji(last) or last == _VS16) and _is_emoji(after) else ""
        else:
            kept = _visible(char, category, multiline)
            # Only a new base starts a new count: a dropped character between marks must not.
            marks = 0 if kept else marks
        if kept:
            out.append(kept)
            last = kept
    return "".join(out)


def _mark(char: str, last: str, marks: int) -> str:
    """Return the mark if it may stand on what is before it, else nothing."""
    if last == "\n" or char in _DROP:
        return ""
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or "\u180b" <= char <= "\u180f":
        return char if char == _VS16 and _is_emoji_base(last) else ""
    return char if marks < MAX_MARKS else ""


def _visible(char: str, category: str, multiline: bool) -> str:
    """Return what stands for a character that is neither a mark nor a format character."""
    if char == "\n":
        return "\n" if multiline else " "
    if char == "\t" or category == "Zs":
        return " "
    if category == "Cn" and "\U0001f900" <= char <= "\U0001faff":
        return char  # a pictograph that is younger than this Python's tables
    if category in ("Cc", "Cs", "Cn", "Co"):
        return REPLACEMENT
    return "" if char in _DROP else char


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_emoji(char: str) -> bool:
    """Say whether a joiner may stand beside this character; all of these are kept."""
    return (
        "\U0001f300" <= char <= "\U0001f64f"
        or "\U0001f680" <= char <= "\U0001f6c5"
        or "\U0001f7e0" <= char <= "\U0001f7eb"
        or "\U0001f900" <= char <= "\U0001faff"
        or "\u2600" <= char <= "\u27bf"
        or (char != "" and char in "\u00a9\u00ae\u2194\u2195\u2b1b\u2b50\u2b55")
    )


def _is_emoji_base(char: str) -> bool:
    """Say whether the emoji selector may follow this character."""
    return (
        "\U0001f000" <= char <= "\U0001faff"
        or _is_emoji(char)
        or "\u2190" <= char <= "\u2bff"
        or char in "#*0123456789\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299"
    )
