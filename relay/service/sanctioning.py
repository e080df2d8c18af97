"""Imposing and lifting sanctions, and keeping them: in force in memory, committed before they are answered.

Addresses come in, and keyed digests of the room's own go on: an address is never stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relay.chat.sanctions import BadSanction, Sanction, SanctionKind, read_sanction, sanction
from relay.protocol.errors import Code, Refused
from relay.protocol.times import format_ms
from relay.rooms.admission import ADDRESS_BANNED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from relay.audience.identity import Identities
    from relay.clock import Clock
    from relay.service.acquaintances import Acquaintances
    from relay.service.live_room import LiveRoom
    from relay.storage.contract import StateStore

_BUCKET = "sanctions"


class Sanctioning:
    """The sanctions of every room, as they are kept."""

    def __init__(
        self, store: StateStore, acquaintances: Acquaintances, identities: Identities, clock: Clock
    ) -> None:
        """Bind the store; call `load` with the rooms before anybody comes."""
        self._store = store
        self._acquaintances = acquaintances
        self._identities = identities
        self._clock = clock

    async def load(self, room: Callable[[str], LiveRoom | None]) -> None:
        """Put into force what earlier runs imposed."""
        documents = (await self._store.load(_BUCKET)).values()
        for document in sorted(documents, key=lambda document: document["made_at"]):
            there = room(document["room"])
            if there is not None:
                kept = read_sanction(document)
                there.sanctions(kept.kind).put(kept)

    def public(self, room: LiveRoom) -> list[dict[str, Any]]:
        """Return what is in force in a room, as moderators see it, the latest last."""
        now_ms = self._clock.now_ms()
        found = [one for kind in SanctionKind for one in room.sanctions(kind) if one.holds(now_ms)]
        return [one.document() for one in sorted(found, key=lambda one: one.made_ms)]

    async def impose(
        self,
        room: LiveRoom,
        kind: SanctionKind,
        spectator_id: str,
        name: str,
        *,
        by: str,
        reason: str,
        seconds: int,
    ) -> Sanction:
        """Impose a sanction upon a viewer: all ids it is known by, and where it was seen.

        Raises:
            StorageError: If it could not be kept; it is in force until the relay stops.
        """
        also = self._acquaintances.also(room.id, spectator_id)
        addresses = {
            address: None
            for one in (spectator_id, *also)
            for address in self._acquaintances.addresses(room.id, one)
        }
        imposed = sanction(
            kind,
            spectator_id,
            name,
            by=by,
            reason=reason,
            seconds=seconds,
            now_ms=self._clock.now_ms(),
            addresses=tuple(addresses),
            also=also,
        )
        await self._put(room, imposed)
        return imposed

    async def lift(self, room: LiveRoom, kind: SanctionKind, spectator_id: str) -> Sanction | None:
        """Take a sanction back; None if there is none in force."""
        lifted = room.sanctions(kind).lift(spectator_id)
        if lifted is None:
            return None
        await self._drop(room, lifted)
        return lifted if lifted.holds(self._clock.now_ms()) else None

    async def bring(
        self, room: LiveRoom, documents: Iterable[Mapping[str, Any]]
    ) -> tuple[int, int] | Refused:
        """Impose what was exported from this room; return how many were new, and how many there already."""
        now_ms = self._clock.now_ms()
        try:
            read = [read_sanction(document) for document in documents]
        except BadSanction as error:
            return Refused(Code.INVALID_MESSAGE, f"{error}.")
        news = [
            one
            for one in read
            if one.holds(now_ms) and room.sanctions(one.kind).upon(one.spectator_id, now_ms) is None
        ]
        for one in news:
            await self._put(room, one)
        return len(news), len(read) - len(news)

    async def sweep(self, rooms: Iterable[LiveRoom]) -> list[LiveRoom]:
        """Forget what is no longer in force; return the rooms in which something ended."""
        now_ms = self._clock.now_ms()
        changed = []
        for room in rooms:
            expired = [one for kind in SanctionKind for one in room.sanctions(kind).expired(now_ms)]
            for one in expired:
                room.sanctions(one.kind).lift(one.spectator_id)
                await self._drop(room, one)
            if expired:
                changed.append(room)
        return changed

    # -- at the door, and when somebody writes -------------------------------------------------------

    def banned(self, room: LiveRoom, spectator_id: str, address: str, *, anonymous: bool) -> Refused | None:
        """Say whether somebody may not watch.

        Args:
            room: What they want to watch.
            spectator_id: Who they are there; empty for nobody yet.
            address: Where they come from.
            anonymous: Nobody knows them: they may be whoever was banned there.
        """
        if not len(room.bans):
            return None
        now_ms = self._clock.now_ms()
        ban = room.bans.upon(spectator_id, now_ms)
        if ban is not None:
            return _refusal(Code.BANNED, "You may not watch this room", ban, now_ms)
        if anonymous and room.bans.from_address(self.digest(room, address), now_ms) is not None:
            return ADDRESS_BANNED
        return None

    def muted(self, room: LiveRoom, spectator_id: str, address: str, *, anonymous: bool) -> Sanction | None:
        """Return what keeps somebody who watches from writing; a ban of its address does so too."""
        now_ms = self._clock.now_ms()
        found = room.mutes.upon(spectator_id, now_ms)
        if found is None and anonymous and (len(room.mutes) or len(room.bans)):
            digest = self.digest(room, address)
            found = room.mutes.from_address(digest, now_ms) or room.bans.from_address(digest, now_ms)
        return found

    def silence(self, muted: Sanction | None) -> Refused | None:
        """Return the refusal of what a muted viewer writes."""
        if muted is None:
            return None
        return _refusal(Code.CHAT_DISABLED, "A moderator muted you here", muted, self._clock.now_ms())

    def meet(self, room: LiveRoom, spectator_id: str, address: str, since_ms: int) -> int:
        """Note that somebody came in; return since when the room knows them."""
        now_ms = self._clock.now_ms()
        digest = self.digest(room, address)
        return self._acquaintances.meet(room.id, spectator_id, digest, since_ms or now_ms, now_ms)

    def became(self, room: LiveRoom, former: str, later: str) -> None:
        """Note that two ids are one viewer."""
        self._acquaintances.became(room.id, former, later)

    async def knocked(self, room: LiveRoom, spectator_id: str, address: str) -> None:
        """Let a ban cover the address from which its viewer tried to come back."""
        ban = room.bans.upon(spectator_id, self._clock.now_ms())
        digest = self.digest(room, address)
        if ban is not None and digest not in ban.addresses:
            await self._put(room, ban.with_addresses((digest,)))

    def digest(self, room: LiveRoom, address: str) -> str:
        """Return what stands for an address in a room; nobody without the relay's key can go back."""
        return self._identities.keyed(room.id, f"address\0{address}")

    async def _put(self, room: LiveRoom, imposed: Sanction) -> None:
        for ended in room.sanctions(imposed.kind).put(imposed):
            if ended.spectator_id != imposed.spectator_id:
                await self._drop(room, ended)
        await self._store.put(_BUCKET, _key(room.id, imposed), {"room": room.id, **imposed.document()})

    async def _drop(self, room: LiveRoom, ended: Sanction) -> None:
        await self._store.drop(_BUCKET, _key(room.id, ended))


def _key(room_id: str, one: Sanction) -> str:
    return f"{room_id}/{one.kind}/{one.spectator_id}"


def _refusal(code: Code, what: str, by: Sanction, now_ms: int) -> Refused:
    until = f" until {format_ms(by.until_ms)[:16].replace('T', ' ')} UTC" if by.until_ms else ""
    reason = f": {by.reason}" if by.reason else "."
    left_ms = by.until_ms - now_ms if by.until_ms else 0
    ask = "" if code is Code.CHAT_DISABLED else " Ask the host if you think this is a mistake."
    return Refused(code, f"{what}{until}{reason}{'' if reason.endswith('.') else '.'}{ask}", left_ms)
