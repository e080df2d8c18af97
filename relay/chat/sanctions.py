"""Who may not write, and who may not watch: the sanctions of one room, pure.

A sanction is upon somebody's id in this room: an account keeps its id for ever, an anonymous viewer as long
as it comes back with its resume token. So a sanction also covers the addresses they came from, against those
who come from there anonymously. An address is a keyed digest in here, and covered for a limited time only:
others will come from it some day.

Spec: Moderation Features (MOD-12, MOD-13), Connection Validation (VALID-13).
"""

from __future__ import annotations

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

    def holds(self, now_ms: int) -> bool:
        """Say whether it is still in force."""
        return not self.until_ms or now_ms < self.until_ms

    def covers_addresses(self, now_ms: int) -> bool:
        """Say whether whoever comes anonymously from the same addresses is under it too."""
        return now_ms < self.addresses_until_ms

    def with_addresses(self, addresses: tuple[str, ...]) -> Sanction:
        """Return it upon further addresses; the ones known longest are left out if there are too many."""
        known = dict.fromkeys((*self.addresses, *addresses))
        return replace(self, addresses=tuple(known)[-MAX_ADDRESSES:])

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
    made = Sanction(kind, spectator_id, name, by, reason, now_ms, until_ms, (), covered_ms, also)
    return made.with_addresses(addresses)


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
    return Sanction(
        kind,
        texts["spectator_id"],
        texts["display_name"],
        texts["by"],
        texts["reason"],
        _time(document, "made_at"),
        _time(document, "until"),
        _texts(document, "addresses"),
        _time(document, "addresses_until"),
        _texts(document, "also"),
    )


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = document.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and len(one) <= 64 for one in value):
        raise BadSanction(f"{name}: must be a list of short texts")
    return tuple(value[-MAX_ADDRESSES:])


def _time(document: Mapping[str, Any], name: str) -> int:
    value = document.get(name)
    if value is None:
        return 0
    at_ms = parse_instant(value) if isinstance(value, str) else None
    if at_ms is None:
        raise BadSanction(f"{name}: must be a time, as 2026-02-17T12:00:00.000Z, or null")
    return at_ms


class Sanctions:
    """The sanctions of one room and kind, by whom they are upon and by address."""

    def __init__(self) -> None:
        """Start with none."""
        self._all: OrderedDict[str, Sanction] = OrderedDict()
        self._also: dict[str, str] = {}
        self._from: dict[str, set[str]] = {}

    def __len__(self) -> int:
        """Return how many there are, expired ones among them until the next sweep."""
        return len(self._all)

    def __iter__(self) -> Iterator[Sanction]:
        """Go through them, the one imposed longest ago first."""
        return iter(list(self._all.values()))

    def put(self, imposed: Sanction) -> list[Sanction]:
        """Impose one instead of any upon the same viewer; return those that end by it or are forgotten."""
        ended = [self.lift(name) for name in (imposed.spectator_id, *imposed.also)]
        self._all[imposed.spectator_id] = imposed
        self._also.update(dict.fromkeys(imposed.also, imposed.spectator_id))
        for address in imposed.addresses:
            self._from.setdefault(address, set()).add(imposed.spectator_id)
        if len(self._all) > MAX_SANCTIONS:
            ended.append(self.lift(next(iter(self._all))))
        return [former for former in ended if former is not None]

    def lift(self, spectator_id: str) -> Sanction | None:
        """Take one back, by any id of whom it is upon; None if there is none."""
        lifted = self._all.pop(self._also.get(spectator_id, spectator_id), None)
        if lifted is None:
            return None
        for name in lifted.also:
            self._also.pop(name, None)
        for address in lifted.addresses:
            others = self._from[address]
            others.discard(lifted.spectator_id)
            if not others:
                del self._from[address]
        return lifted

    def upon(self, spectator_id: str, now_ms: int) -> Sanction | None:
        """Return the one that is in force upon somebody."""
        found = self._all.get(self._also.get(spectator_id, spectator_id))
        return found if found is not None and found.holds(now_ms) else None

    def from_address(self, address: str, now_ms: int) -> Sanction | None:
        """Return the one that covers an address longest, for whoever comes from there anonymously."""
        covering = [
            found
            for spectator_id in self._from.get(address, ())
            if (found := self._all[spectator_id]).holds(now_ms) and found.covers_addresses(now_ms)
        ]
        return max(covering, key=lambda found: found.addresses_until_ms, default=None)

    def expired(self, now_ms: int) -> list[Sanction]:
        """Return those that are no longer in force."""
        return [found for found in self if not found.holds(now_ms)]
