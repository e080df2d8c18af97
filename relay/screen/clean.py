"""One free text, made fit to be seen: redaction, then terminal safety, then the length cut.

The order matters. Redaction comes first, because a key that is cut or has its line breaks folded is no longer
recognised; the cut comes last, because marks are shorter than what they replace.
"""

from __future__ import annotations

from relay.protocol.text import ELLIPSIS, safe_text
from relay.screen.redact import redact

_TAIL = 1024
"""Longer than a secret that could straddle the end of the window and lose the part it is known by."""


def clean(text: str, limit: int, *, multiline: bool = False) -> str:
    """Return the text redacted, safe on a terminal, and at most `limit` characters long.

    The work is bounded by `limit`, whatever the length of the text.

    Args:
        text: Anything at all.
        limit: The most characters kept; a longer text ends in a mark. Spec: FEED-9.
        multiline: Keep line breaks.
    """
    return safe_text(_redact_start(text, limit), limit, multiline=multiline)


def clean_first_line(text: str, limit: int) -> str:
    """Return the first line that is not blank, cleaned. A block that was redacted counts as one line."""
    lines = _redact_start(text.lstrip(), limit).strip().splitlines()
    return safe_text(lines[0].rstrip(), limit) if lines else ""


def _redact_start(text: str, limit: int) -> str:
    """Redact as much of the text as can be shown, and a little more, which is dropped again."""
    window = 4 * limit
    if len(text) <= window + _TAIL:
        return redact(text)
    return redact(text[: window + _TAIL])[:-_TAIL] + ELLIPSIS
