"""Who was seen where lately: what a sanction has to know of somebody, and since when a room knows them.

In memory, bounded, for a day. Addresses are keyed digests already when they come in.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

MAX_KNOWN = 50_000
MAX_ADDRESSES = 20
KEPT_MS = 86_400_000


@dataclass(slots=True)
class _Acquaintance:
    """What is known of one id.

    Attributes:
        since_ms: Since when the room knows them.
        seen_ms: When they were last seen.
        addresses: Where from, the latest last.
        also: Other ids of theirs.
    """

    since_ms: int
    seen_ms: int
    addresses: dict[str, None] = field(default_factory=dict)
    also: dict[str, None] = field(default_factory=dict)


class Acquaintances:
    """Those whom a relay has seen in the last day, by room and id."""

    def __init__(self) -> None:
        """Start knowing nobody."""
        self._known: OrderedDict[tuple[str, str], _Acquaintance] = OrderedDict()

    def meet(self, room_id: str, spectator_id: str, address: str, since_ms: int, now_ms: int) -> int:
        """Note that somebody came in; return since when the room knows them.

        Args:
            room_id: Where.
            spectator_id: Who.
            address: The digest of where they came from.
            since_ms: Since when the room knows them by what they showed; now, if they showed nothing.
            now_ms: The relay's clock.
        """
        key = (room_id, spectator_id)
        known = self._known.get(key)
        if known is None or known.seen_ms < now_ms - KEPT_MS:
            known = self._known[key] = _Acquaintance(since_ms, now_ms)
        known.since_ms, known.seen_ms = min(known.since_ms, since_ms), now_ms
        known.addresses.pop(address, None)
        known.addresses[address] = None
        if len(known.addresses) > MAX_ADDRESSES:
            del known.addresses[next(iter(known.addresses))]
        self._known.move_to_end(key)
        self._forget(now_ms)
        return known.since_ms

    def became(self, room_id: str, former: str, later: str) -> None:
        """Note that two ids are one viewer: it has signed in."""
        ids = ((former, later), (later, former))
        for one, other in ids:
            known = self._known.get((room_id, one))
            if known is not None and len(known.also) < MAX_ADDRESSES:
                known.also[other] = None

    def addresses(self, room_id: str, spectator_id: str) -> tuple[str, ...]:
        """Return the digests of where somebody was seen."""
        known = self._known.get((room_id, spectator_id))
        return tuple(known.addresses) if known is not None else ()

    def also(self, room_id: str, spectator_id: str) -> tuple[str, ...]:
        """Return the other ids of somebody."""
        known = self._known.get((room_id, spectator_id))
        return tuple(known.also) if known is not None else ()

    def _forget(self, now_ms: int) -> None:
        while self._known:
            oldest = next(iter(self._known))
            if len(self._known) <= MAX_KNOWN and self._known[oldest].seen_ms >= now_ms - KEPT_MS:
                return
            del self._known[oldest]
