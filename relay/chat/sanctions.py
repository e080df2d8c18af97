"""Sanctions (stand-in until the real one is merged)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from relay.protocol.times import format_ms


class SanctionKind(StrEnum):
    """Kinds."""

    BAN = "ban"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class Sanction:
    """One."""

    kind: SanctionKind
    spectator_id: str
    name: str
    by: str
    reason: str
    made_ms: int
    until_ms: int

    def public(self) -> dict[str, Any]:
        """Tell."""
        return {
            "kind": self.kind.value,
            "spectator_id": self.spectator_id,
            "display_name": self.name,
            "by": self.by,
            "reason": self.reason,
            "made_at": format_ms(self.made_ms),
            "until": format_ms(self.until_ms) if self.until_ms else None,
            "addresses": [],
            "addresses_until": None,
        }
