"""Stand-in."""

from __future__ import annotations

from typing import Any

from relay.chat.sanctions import Sanction, SanctionKind


class RoomSanctions:
    """Stand-in."""

    def __init__(self, store: Any, identities: Any, clock: Any) -> None:
        """Start."""
        self._clock = clock
        self._all: dict[tuple[str, str, str], Sanction] = {}

    async def impose(
        self,
        room_id: str,
        kind: SanctionKind,
        spectator_id: str,
        *,
        name: str,
        by: str,
        reason: str,
        seconds: int,
    ) -> Sanction:
        """Impose."""
        now = self._clock.now_ms()
        s = Sanction(kind, spectator_id, name, by, reason, now, now + seconds * 1000 if seconds else 0)
        self._all[room_id, kind, spectator_id] = s
        return s

    async def lift(self, room_id: str, kind: SanctionKind, spectator_id: str) -> Sanction | None:
        """Lift."""
        return self._all.pop((room_id, kind, spectator_id), None)

    def public(self, room_id: str) -> list[dict[str, Any]]:
        """Tell."""
        return [s.public() for (room, _, _), s in self._all.items() if room == room_id]
