"""What a relay remembers of who was here lately: since when, from where, and who they became.

In memory only, for as long as somebody is connected and a day after. It is what a ban is made of: who is
banned, here or just gone, is banned as everybody they were seen as. Addresses are keyed digests already when
they come in.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from relay.chat.sanctions import MAX_ADDRESSES

if TYPE_CHECKING:
    from relay.clock import Clock

KEPT_S = 24 * 3600
"""How long somebody who has left is remembered: as long as a resume token brings them back."""
MAX_GONE = 20_000
"""Viewers who have left that are remembered; who left longest ago is forgotten first."""


class Seen(NamedTuple):
    """What was seen of a viewer.

    Attributes:
        also: Its other ids in the room.
        addresses: The digests of where it came from, the latest first.
    """

    also: tuple[str, ...]
    addresses: tuple[str, ...]


@dataclass(slots=True)
class _Acquaintance:
    """One id of a viewer in a room; `since_ms` is calendar time, `left_s` monotonic."""

    since_ms: int
    addresses: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    connections: int = 0
    left_s: float = 0.0


_Key = tuple[str, str]


class Acquaintances:
    """Who was seen in the rooms of one relay."""

    def __init__(self, clock: Clock) -> None:
        """Start knowing nobody."""
        self._clock = clock
        self._here: dict[_Key, _Acquaintance] = {}
        # In the order they left.
        self._gone: OrderedDict[_Key, _Acquaintance] = OrderedDict()

    def came(self, room_id: str, spectator_id: str, address: str, since_ms: int = 0) -> int:
        """Note that somebody came in; return since when the room knows them.

        Args:
            room_id: Where.
            spectator_id: Who.
            address: The digest of where they come from.
            since_ms: Since when the room knows them by what they showed; 0 if they showed nothing.
        """
        key = (room_id, spectator_id)
        now_ms = self._clock.now_ms()
        known = self._here.get(key) or self._gone.pop(key, None) or _Acquaintance(since_ms or now_ms)
        self._here[key] = known
        known.connections += 1
        known.since_ms = min(known.since_ms, since_ms or now_ms)
        if known.addresses[:1] != (address,):
            known.addresses = _first(address, known.addresses)
        return known.since_ms

    def left(self, room_id: str, spectator_id: str) -> None:
        """Note that one of their connections has closed."""
        key = (room_id, spectator_id)
        known = self._here[key]
        known.connections -= 1
        if known.connections:
            return
        del self._here[key]
        known.left_s = self._clock.monotonic_s()
        self._gone[key] = known
        if len(self._gone) > MAX_GONE:
            self._gone.popitem(last=False)

    def became(self, room_id: str, former: str, later: str) -> None:
        """Note that two ids, both of them here, are one viewer: it has signed in."""
        for one, other in ((former, later), (later, former)):
            known = self._here[room_id, one]
            known.also = _first(other, known.also)

    def seen(self, room_id: str, spectator_id: str) -> Seen:
        """Return everything somebody was seen as; of a stranger, nothing."""
        ids, addresses = [spectator_id], dict[str, None]()
        for one in ids:  # grows meanwhile: who became somebody may have been somebody else before
            known = self._here.get((room_id, one)) or self._gone.get((room_id, one))
            if known is not None:
                ids += [other for other in known.also if other not in ids]
                addresses |= dict.fromkeys(known.addresses)
        return Seen(tuple(ids[1:]), tuple(addresses))

    def sweep(self) -> None:
        """Forget who left a day ago."""
        oldest_s = self._clock.monotonic_s() - KEPT_S
        while self._gone and next(iter(self._gone.values())).left_s <= oldest_s:
            self._gone.popitem(last=False)


def _first(one: str, others: tuple[str, ...]) -> tuple[str, ...]:
    """Return some with one of them in front, without those that were in front longest ago."""
    return (one, *(other for other in others if other != one))[:MAX_ADDRESSES]
