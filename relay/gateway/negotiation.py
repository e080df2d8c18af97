"""What a request's headers say of the answer it can take: which codings, and which copies it has already.

Pure. RFC 9110: 12.5.3 (`Accept-Encoding`), 8.8.3 and 13.1.2 (`If-None-Match`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class ContentCoding(StrEnum):
    """The content codings that answers are made in, by their registered names."""

    IDENTITY = "identity"
    GZIP = "gzip"
    BROTLI = "br"


_CODING = re.compile(
    r"[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*(?:;[ \t]*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?"
)
_TAG = re.compile(r'[ \t,]*(?:W/)?("[^"\x00-\x20\x7f]*")[ \t]*(?=,|$)')
_LEAST = 0.0005
"""Below every weight that can be written: identity is acceptable unless it is refused, and liked least."""


def choose_coding(
    accepted: Sequence[str], preferred: ContentCoding, *, small: bool = False
) -> ContentCoding | None:
    """Return the coding to answer in; None if even identity is refused and nothing else is accepted.

    Args:
        accepted: The values of `Accept-Encoding`, one for each line of it; none asks for identity.
        preferred: Taken among codings that the client likes alike.
        small: The body is too small to gain: identity, wherever it is not refused.
    """
    weights = _weights(",".join(accepted))
    if small and weights[ContentCoding.IDENTITY]:
        return ContentCoding.IDENTITY
    order = (preferred, ContentCoding.GZIP, ContentCoding.BROTLI, ContentCoding.IDENTITY)
    best = max(order, key=weights.__getitem__)  # the first of those that weigh the same
    return best if weights[best] else None


def _weights(accepted: str) -> dict[ContentCoding, float]:
    """Return how each coding is liked; 0 is a refusal. What is not well formed is as if it were not there."""
    named: dict[str, float] = {}
    for part in accepted.split(","):
        match = _CODING.fullmatch(part)
        if match is not None:
            name = match[1].lower()
            # RFC 9110, 8.4.1.3: x-gzip is gzip.
            named["gzip" if name == "x-gzip" else name] = float(match[2] or 1)
    others = named.get("*")
    weights = {coding: named.get(coding, others or 0.0) for coding in ContentCoding}
    if ContentCoding.IDENTITY not in named and others is None:
        weights[ContentCoding.IDENTITY] = _LEAST
    return weights


def has_copy(if_none_match: Sequence[str], tag: str) -> bool:
    """Say whether a request's `If-None-Match` names this entity tag, so that 304 is the answer.

    The comparison is the weak one, as RFC 9110 asks for here: a cache that repacks bodies weakens our tags.

    Args:
        if_none_match: The values of the header, one for each line of it.
        tag: The strong tag of what would be sent, quotes included.
    """
    header = ",".join(if_none_match)
    if header.strip(" \t") == "*":
        return True
    position = 0
    while match := _TAG.match(header, position):
        if match[1] == tag:
            return True
        position = match.end()
    return False
