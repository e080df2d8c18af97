"""Colour and role: what every kind of text looks like, in one place.

Every colour is one of xterm's 256 (cube levels 00 5f 87 af d7 ff, greys 08 + 0a·n), so a terminal
without true colour shows these too (light greys one step darker). Nothing is told by colour alone:
agents carry a mark, states a glyph and a word.
"""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

from rich.style import Style

BACKGROUND = "#121212"
RAISED = "#1c1c1c"
"""Header, status line."""
RULE = "#444444"
FAINT = "#808080"
QUIET = "#a8a8a8"
TEXT = "#dadada"
BRIGHT = "#ffffff"
ACCENT = "#5fd7d7"
"""The tank's water: what is active, and what a key does."""
GOOD = "#87d787"
WARN = "#ffaf5f"
BAD = "#ff8787"
ALERT = "#5f0000"
"""Behind the banner while the line is down."""

NAMES = (
    "#d75f5f", "#d75f00", "#af8700", "#5f8700", "#008787",
    "#0087d7", "#5f87ff", "#af5fff", "#d75fd7", "#d75f87",
)  # fmt: skip
"""Ten hues of like weight: contrast ≥ 4.2 on our background and ≥ 3 on white."""

AGENT_MARK = "◆"
"""Stands before an agent's name wherever people stand beside it."""

STYLES: dict[str, Style] = {
    "text": Style(color=TEXT),
    "quiet": Style(color=QUIET),
    "faint": Style(color=FAINT),
    "rule": Style(color=RULE),
    "bright": Style(color=BRIGHT, bold=True),
    "accent": Style(color=ACCENT),
    "title": Style(color=QUIET, bold=True),
    "title.active": Style(color=ACCENT, bold=True),
    "tab.active": Style(color=BACKGROUND, bgcolor=ACCENT, bold=True),
    "good": Style(color=GOOD),
    "warn": Style(color=WARN),
    "bad": Style(color=BAD),
    "number": Style(color="#87afd7"),
    "star": Style(color="#ffd75f", bold=True),
    "note": Style(color=FAINT, italic=True),
    "gap": Style(color=WARN),
    "speech": Style(color=BRIGHT),
    "key": Style(color=ACCENT, bold=True),
    "notice": Style(color=BACKGROUND, bgcolor=ACCENT, bold=True),
    "mention": Style(color=BACKGROUND, bgcolor=WARN, bold=True),
    "link": Style(color=QUIET),
    "link.host": Style(color=TEXT, bold=True, underline=True),
    "banner": Style(color=BRIGHT, bgcolor=ALERT),
    "banner.key": Style(color=WARN, bgcolor=ALERT, bold=True),
}


@lru_cache(maxsize=4096)
def name_style(name: str) -> Style:
    """Return the colour of a name: the same in every pane, every session and on every machine."""
    return Style(color=NAMES[crc32(name.casefold().encode("utf-8", "replace")) % len(NAMES)], bold=True)
