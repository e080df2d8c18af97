"""How fine-grained each room is delivered, decided once a second from what all of them ask for.

Spec: Adaptive Quality; Load Balancing, graceful degradation.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from relay.delivery.quality import LEVELS, Ladder, wanted_by_relay, wanted_by_room

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relay.service.live_room import LiveRoom

_STIRRING = 1.0
"""Events per second from which a room is part of the relay's load; quieter ones are left in realtime."""
_log = logging.getLogger("relay.service")


class Quality:
    """The levels of one relay's rooms."""

    def __init__(self) -> None:
        """Start in realtime everywhere."""
        self._relay = Ladder()
        self._rooms: WeakKeyDictionary[LiveRoom, Ladder] = WeakKeyDictionary()

    def second(self, rooms: Iterable[LiveRoom], lag_s: float, now_s: float) -> None:
        """Look at the second that has passed, and move each room to its level.

        Args:
            rooms: All of them.
            lag_s: How late the event loop runs.
            now_s: Monotonic.
        """
        loads = {room: room.hub.load() for room in rooms}
        before = self._relay.level
        floor = self._relay.step(*wanted_by_relay(loads.values(), lag_s, before), now_s)
        if floor != before:
            _log.warning(
                "realtime delivery of busy rooms is now merged over %d ms, because of the load",
                LEVELS[floor].interval_ms,
            )
        for room, load in loads.items():
            ladder = self._rooms.setdefault(room, Ladder())
            wanted, enough = wanted_by_room(load)
            imposed = floor if load.events_s >= _STIRRING else 0
            level = ladder.step(max(wanted, imposed), max(enough, imposed), now_s)
            room.hub.set_level(level, "load" if level > wanted and imposed >= level else "activity")
