"""Text into columns: cut, wrapped and aligned by terminal cells, never by characters.

A piece is a text with its style, never markup. Columns stay straight only if the terminal and we agree on
every width, and terminals disagree about emoji sequences: what joins or restyles emoji is left out
here, so that each character has one certain width.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Piece = tuple[str, Style]
"""A text and how it looks."""

Line = list[Piece]
"""What stands beside each other on one row."""

ELLIPSIS = "…"
_UNSTEADY = re.compile("[\u200d\ufe0f\U0001f3fb-\U0001f3ff]")
_WORDS = re.compile(r" *[^ ]+| +")
_PLAIN = Style.null()


def steady(text: str) -> str:
    """Leave out joiners, emoji selectors and skin tones: terminals disagree on what they do to a width."""
    return text if text.isascii() else _UNSTEADY.sub("", text)


def width_of(pieces: Iterable[Piece]) -> int:
    """Return how many cells the pieces take."""
    return sum(cell_len(text) for text, _ in pieces)


def cut(pieces: Iterable[Piece], width: int) -> Line:
    """Shorten the pieces to at most `width` cells, with an ellipsis where something is missing."""
    kept: list[Piece] = []
    room = width
    rest = [(steady(text), style) for text, style in pieces if text]
    for index, (text, style) in enumerate(rest):
        size = cell_len(text)
        last = index == len(rest) - 1
        if size < room or (size == room and last):
            kept.append((text, style))
            room -= size
        elif room > 0:
            shortened = set_cell_size(text, room - 1).rstrip() + ELLIPSIS
            kept.append((shortened, style))
            break
        else:
            break
    return kept


def fit(pieces: Iterable[Piece], width: int, fill: Style = _PLAIN) -> Line:
    """Cut or pad the pieces to a line of exactly `width` cells."""
    kept = cut(pieces, width)
    gap = width - width_of(kept)
    return [*kept, (" " * gap, fill)] if gap > 0 else kept


def blank(width: int) -> Line:
    """Return an empty line."""
    return [(" " * width, _PLAIN)]


def apart(left: Sequence[Piece], right: Sequence[Piece], width: int, fill: Style = _PLAIN) -> Line:
    """Set two texts at the two ends of a line; where they do not both fit, the left one is cut."""
    end = cut(right, width)
    room = width - width_of(end)
    return [*fit(cut(left, max(room - 1, 0)), room, fill), *end]


def wrap(pieces: Iterable[Piece], width: int, indent: int = 0) -> list[Line]:
    """Break the pieces into lines of at most `width` cells, at spaces where there are any.

    Line breaks in the text are kept. There is always at least one line.

    Args:
        pieces: What to break.
        width: Cells of the first line, at least 2 more than `indent` for a wide character to fit.
        indent: Cells that later lines are shorter by; the caller paints them.
    """
    narrow = max(width - indent, 2)
    lines: list[Line] = [[]]
    room, fresh = width, True
    for text, style in pieces:
        for number, paragraph in enumerate(steady(text).split("\n")):
            if number:
                lines.append([])
                room, fresh = narrow, True
            for word in _WORDS.findall(paragraph):
                size = cell_len(word)
                if size > room and not fresh:
                    lines.append([])
                    room, fresh = narrow, True
                    word = word.lstrip(" ")
                    size = cell_len(word)
                if size > room:
                    *full, word = chop_cells(word, narrow)
                    for chunk in full:
                        lines[-1].append((chunk, style))
                        lines.append([])
                    room, size = narrow, cell_len(word)
                if word:
                    lines[-1].append((word, style))
                    room, fresh = room - size, False
    return lines


def paint(line: Line, base: Style) -> Strip:
    """Turn a line into what Textual paints, over a base style.

    Each segment costs the terminal its colours once more, so pieces that look alike are joined, and
    blanks take the look of what stands beside them.
    """
    segments: list[Segment] = []
    text, look = "", _PLAIN
    for more, style in line:
        if style == look or (text and more.isspace() and style.bgcolor == look.bgcolor):
            text += more
        elif text.isspace() and style.bgcolor == look.bgcolor:
            text, look = text + more, style
        else:
            if text:
                segments.append(Segment(text, base + look))
            text, look = more, style
    if text:
        segments.append(Segment(text, base + look))
    return Strip(segments, width_of(line))
