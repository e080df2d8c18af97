"""Who may not write, and who may not watch: the sanctions of one room, pure.

A sanction is upon somebody's id in this room: an account keeps its id for ever, an anonymous viewer as long
as it comes back with its resume token. So a sanction also covers the addresses they came from, against those
who come from there anonymously. An address is a keyed digest in here, and covered for a limited time only:
others will come from it some day.

Spec: Moderation Features (MOD-12, MOD-13), Connection Validation (VALID-13).
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from relay.protocol.times import format_ms, parse_instant

ADDRESS_MS = 7 * 86_400_000
"""How long a sanction without an end covers addresses."""
MAX_SANCTIONS = 5000
"""Sanctions of one kind and room; beyond, the one that was imposed longest ago is forgotten."""
MAX_ADDRESSES = 20
"""Addresses of one sanction; its other ids are as many at most."""


class SanctionKind(StrEnum):
    """What somebody may not do."""

    BAN = "ban"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class Sanction:
    """One sanction upon one viewer.

    Attributes:
        kind: What they may not do: watch, or write.
        spectator_id: Upon whom.
        name: What they were called then.
        by: Who imposed it.
        reason: Why.
        made_ms: Since when.
        until_ms: Until when; 0 is until it is lifted.
        addresses: Keyed digests of where they came from.
        addresses_until_ms: How long those are covered.
        also: Other ids they are known by: an anonymous viewer that has signed in since is both.
    """

    kind: SanctionKind
    spectator_id: str
    name: str
    by: str
    reason: str
    made_ms: int
    until_ms: int
    addresses: tuple[str, ...] = ()
    addresses_until_ms: int = 0
    also: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id that it is upon."""
        return (self.spectator_id, *self.also)

    def holds(self, now_ms: int) -> bool:
        """Say whether it is still in force."""
        return not self.until_ms or now_ms < self.until_ms

    def covers_addresses(self, now_ms: int) -> bool:
        """Say whether whoever comes anonymously from its addresses is under it too: never for longer."""
        return now_ms < self.addresses_until_ms

    def with_addresses(self, addresses: tuple[str, ...]) -> Sanction:
        """Return it upon further addresses, as far as there is room: to show others rids nobody of one."""
        return replace(self, addresses=_some((*self.addresses, *addresses)))

    def with_ids(self, ids: tuple[str, ...]) -> Sanction:
        """Return it upon further ids of the same viewer, as far as there is room."""
        return replace(self, also=_some(tuple(one for one in (*self.also, *ids) if one != self.spectator_id)))

    def document(self) -> dict[str, Any]:
        """Return what is kept of it, and what moderators see."""
        return {
            "kind": self.kind.value,
            "spectator_id": self.spectator_id,
            "display_name": self.name,
            "by": self.by,
            "reason": self.reason,
            "made_at": format_ms(self.made_ms),
            "until": format_ms(self.until_ms) if self.until_ms else None,
            "addresses": list(self.addresses),
            "addresses_until": format_ms(self.addresses_until_ms) if self.addresses_until_ms else None,
            **({"also": list(self.also)} if self.also else {}),
        }


class BadSanction(ValueError):
    """A document that is none; the text names the field."""


def sanction(
    kind: SanctionKind,
    spectator_id: str,
    name: str,
    *,
    by: str,
    reason: str,
    seconds: int,
    now_ms: int,
    addresses: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
) -> Sanction:
    """Return a new sanction for so many seconds; 0 is until it is lifted."""
    until_ms = now_ms + seconds * 1000 if seconds else 0
    covered_ms = until_ms or now_ms + ADDRESS_MS
    made = Sanction(kind, spectator_id, name, by, reason, now_ms, until_ms, (), covered_ms)
    return made.with_addresses(addresses).with_ids(also)


def read_sanction(document: Mapping[str, Any]) -> Sanction:
    """Read what `Sanction.document` wrote.

    Raises:
        BadSanction: If it did not.
    """
    try:
        kind = SanctionKind(document["kind"])
    except (KeyError, ValueError):
        raise BadSanction("kind: must be ban or mute") from None
    texts = {}
    for name, most in (("spectator_id", 64), ("display_name", 200), ("by", 200), ("reason", 200)):
        texts[name] = document.get(name, "")
        if not isinstance(texts[name], str) or len(texts[name]) > most:
            raise BadSanction(f"{name}: must be text of at most {most} characters")
    if not texts["spectator_id"]:
        raise BadSanction("spectator_id: must be there")
    until_ms, covered_ms = _time(document, "until"), _time(document, "addresses_until")
    read = Sanction(
        kind,
        texts["spectator_id"],
        texts["display_name"],
        texts["by"],
        texts["reason"],
        _time(document, "made_at"),
        until_ms,
        _texts(document, "addresses"),
        min(covered_ms, until_ms or covered_ms),
    )
    return read.with_ids(_texts(document, "also"))


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = document.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and len(one) <= 64 for one in value):
        raise BadSanction(f"{name}: must be a list of short texts")
    return _some(tuple(value))


def _some(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))[:MAX_ADDRESSES]


def _time(document: Mapping[str, Any], name: str) -> int:
    value = document.get(name)
    if value is None:
        return 0
    at_ms = parse_instant(value) if isinstance(value, str) else None
    if at_ms is None:
        raise BadSanction(f"{name}: must be a time, as 2026-02-17T12:00:00.000Z, or null")
    return at_ms


class Sanctions:
    """The sanctions of one room and kind, by whom they are upon and by address. A look-up takes one step."""

    def __init__(self) -> None:
        """Start with none."""
        self._all: OrderedDict[str, Sanction] = OrderedDict()
        self._also: dict[str, str] = {}
        # The one that covers an address longest comes last; the others are not looked at.
        self._from: dict[str, list[Sanction]] = {}

    def __len__(self) -> int:
        """Return how many there are, expired ones among them until the next sweep."""
        return len(self._all)

    def __iter__(self) -> Iterator[Sanction]:
        """Go through them, the one imposed longest ago first."""
        return iter(list(self._all.values()))

    def replacing(self, imposed: Sanction) -> Sanction:
        """Return a sanction with the ids and addresses of those that it would take the place of.

        The latest word says how long: shorter, if that is what it says. Whom and where it reaches only grows.
        """
        for one in imposed.ids:
            former = self._find(one)
            if former is not None:
                imposed = imposed.with_ids(former.ids)
                if former.covers_addresses(imposed.made_ms):
                    imposed = imposed.with_addresses(former.addresses)
        return imposed

    def put(self, imposed: Sanction) -> list[Sanction]:
        """Impose one instead of any upon the same viewer; return those that end by it or are forgotten."""
        ended = [self.lift(one) for one in imposed.ids]
        self._all[imposed.spectator_id] = imposed
        self._index(imposed)
        if len(self._all) > MAX_SANCTIONS:
            ended.append(self.lift(next(iter(self._all))))
        return [former for former in ended if former is not None]

    def widen(
        self, spectator_id: str, now_ms: int, *, address: str = "", other_id: str = ""
    ) -> Sanction | None:
        """Extend what is in force upon somebody to an address, or another id of theirs.

        The addresses' time does not begin anew, and an id that has a sanction of its own keeps that.

        Returns:
            What is in force now; None if nothing is, or nothing has changed.
        """
        found = self.upon(spectator_id, now_ms)
        if found is None:
            return None
        wider = found
        if address and found.covers_addresses(now_ms):
            wider = wider.with_addresses((address,))
        if other_id and self._find(other_id) is None:
            wider = wider.with_ids((other_id,))
        if wider == found:
            return None
        self._unindex(found)
        self._all[wider.spectator_id] = wider
        self._index(wider)
        return wider

    def lift(self, spectator_id: str) -> Sanction | None:
        """Take one back, by any id of whom it is upon; None if there is none."""
        lifted = self._all.pop(self._also.get(spectator_id, spectator_id), None)
        if lifted is not None:
            self._unindex(lifted)
        return lifted

    def upon(self, spectator_id: str, now_ms: int) -> Sanction | None:
        """Return the one that is in force upon somebody."""
        found = self._find(spectator_id)
        return found if found is not None and found.holds(now_ms) else None

    def from_address(self, address: str, now_ms: int) -> Sanction | None:
        """Return the one that covers an address longest, for whoever comes from there anonymously."""
        covering = self._from.get(address)
        return covering[-1] if covering and covering[-1].covers_addresses(now_ms) else None

    def expired(self, now_ms: int) -> list[Sanction]:
        """Return those that are no longer in force."""
        return [found for found in self._all.values() if not found.holds(now_ms)]

    def uncover(self, now_ms: int) -> list[Sanction]:
        """Forget the addresses whose time is over; return the sanctions that had them."""
        over = [one for one in self if one.addresses and not one.covers_addresses(now_ms)]
        for one in over:
            self._unindex(one)
            self._all[one.spectator_id] = replace(one, addresses=())
            self._index(self._all[one.spectator_id])
        return [self._all[one.spectator_id] for one in over]

    def _find(self, spectator_id: str) -> Sanction | None:
        return self._all.get(self._also.get(spectator_id, spectator_id))

    def _index(self, one: Sanction) -> None:
        self._also.update(dict.fromkeys(one.also, one.spectator_id))
        for address in one.addresses:
            insort(self._from.setdefault(address, []), one, key=_covered_until)

    def _unindex(self, one: Sanction) -> None:
        for other in one.also:
            del self._also[other]
        for address in one.addresses:
            covering = self._from[address]
            covering.remove(one)
            if not covering:
                del self._from[address]


def _covered_until(one: Sanction) -> int:
    return one.addresses_until_ms
