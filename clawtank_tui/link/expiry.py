"""When a message is too old to show, measured by the relay's own clock.

Spec: `metadata.expires_at`. A viewer's clock may be wrong by hours, so it has no say: the relay's time is
what the least delayed envelope of this line showed, plus the time that passed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relay.protocol.times import parse_instant


class RelayClock:
    """The relay's time, as its envelopes tell it on one line."""

    def __init__(self) -> None:
        """Start without an idea of it."""
        self._ahead_ms: float | None = None

    def has_expired(self, envelope: Mapping[str, Any], now_s: float) -> bool:
        """Take an envelope's `timestamp` and say whether `expires_at` has passed; `now_s` is monotonic."""
        stamp_ms = _instant(envelope.get("timestamp"))
        if stamp_ms is not None:
            ahead_ms = stamp_ms - now_s * 1000
            self._ahead_ms = ahead_ms if self._ahead_ms is None else max(self._ahead_ms, ahead_ms)
        metadata = envelope.get("metadata")
        expiry_ms = _instant(metadata.get("expires_at")) if isinstance(metadata, dict) else None
        if expiry_ms is None or self._ahead_ms is None:
            return False
        return now_s * 1000 + self._ahead_ms > expiry_ms


def _instant(value: object) -> int | None:
    return parse_instant(value) if isinstance(value, str) else None
