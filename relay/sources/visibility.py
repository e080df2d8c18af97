"""Whom an event says it is for, wherever its shape lets it say so. Spec: Hidden Events, direct messages.

What says that it is not public is hidden, whatever its type. What people say in ClawTank's own shapes has to
say that it is (`relay.sources.clawtank`); of everything else, what says nothing is public.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CARRIERS = ("data", "content", "metadata")
"""Parts that may say it for the whole, and may hold one another."""
_DEPTH = 2


def is_withheld(item: Mapping[str, Any], depth: int = _DEPTH) -> bool:
    """Say whether an event, or a part that speaks for it, names an audience other than the public."""
    if "visibility" in item and item["visibility"] != "public":
        return True
    parts = (item.get(name) for name in _CARRIERS) if depth else ()
    return any(isinstance(part, Mapping) and is_withheld(part, depth - 1) for part in parts)
