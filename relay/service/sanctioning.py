"""Imposing and lifting sanctions, and keeping them: in force in memory, committed before they are answered.

Addresses come in, and keyed digests of the room's own go on: an address is never stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from relay.chat.sanctions import BadSanction, Sanction, SanctionKind, read_sanction, sanction
from relay.protocol.errors import Code, Refused
from relay.protocol.times import format_ms
from relay.storage.contract import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from relay.audience.identity import Identities
    from relay.clock import Clock
    from relay.service.acquaintances import Acquaintances
    from relay.service.live_room import LiveRoom
    from relay.storage.contract import StateStore

_BUCKET = "sanctions"
_STRANGERS = "Somebody from your network was banned here, so nobody may watch anonymously from there"
_NEIGHBOUR = "somebody from your network may not write here; with a viewer token you may"


class Muted(NamedTuple):
    """What keeps a viewer from writing, as it is told: until when, 0 for until it is lifted, and why."""

    until_ms: int
    reason: str

    def public(self) -> dict[str, Any]:
        """Return what the viewer reads of it."""
        return {"until": format_ms(self.until_ms) if self.until_ms else None, "reason": self.reason}


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
        # Extended by those they are upon, and stored by the next sweep: nobody waits for that.
        self._unsaved: dict[tuple[str, SanctionKind, str], LiveRoom] = {}

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
        seen = self._acquaintances.seen(room.id, spectator_id)
        imposed = sanction(
            kind,
            spectator_id,
            name,
            by=by,
            reason=reason,
            seconds=seconds,
            now_ms=self._clock.now_ms(),
            addresses=seen.addresses,
            also=seen.also,
        )
        imposed = room.sanctions(kind).replacing(imposed)
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
            await self._put(room, room.sanctions(one.kind).replacing(one))
        return len(news), len(read) - len(news)

    async def sweep(self, rooms: Iterable[LiveRoom]) -> list[LiveRoom]:
        """Forget what is over, and store what was noted; return the rooms in which something ended.

        Raises:
            StorageError: If something could not be stored; what is over is over all the same.
        """
        self._acquaintances.sweep()
        now_ms = self._clock.now_ms()
        ended = []
        for room in rooms:
            for kind in SanctionKind:
                ended += [(room, one) for one in room.sanctions(kind).expired(now_ms)]
                for one in room.sanctions(kind).uncover(now_ms):
                    self._note(room, one)
        for room, one in ended:
            room.sanctions(one.kind).lift(one.spectator_id)
            await self._drop(room, one)
        for key, room in list(self._unsaved.items()):
            # Before the write: what is noted meanwhile must be written too.
            del self._unsaved[key]
            noted = room.sanctions(key[1]).upon(key[2], now_ms)
            try:
                if noted is not None:
                    await self._keep(room, noted)
            except StorageError:
                self._unsaved[key] = room
                raise
        return list(dict.fromkeys(room for room, _ in ended))

    # -- at the door, and when somebody writes -------------------------------------------------------

    def banned(self, room: LiveRoom, spectator_id: str, digest: str, *, anonymous: bool) -> Refused | None:
        """Say whether somebody may not watch.

        Args:
            room: What they want to watch.
            spectator_id: Who they are there.
            digest: What stands for where they come from.
            anonymous: Nobody knows them: they may be whoever was banned there.
        """
        now_ms = self._clock.now_ms()
        ban = room.bans.upon(spectator_id, now_ms)
        if ban is not None:
            told = f"You may not watch this room{_until(ban.until_ms)}{_because(ban.reason)}"
            return Refused(Code.BANNED, f"{told} Ask the host if you think this is a mistake.")
        covering = room.bans.from_address(digest, now_ms) if anonymous else None
        if covering is not None:
            told = f"{_STRANGERS}{_until(covering.addresses_until_ms)}."
            return Refused(Code.BANNED, f"{told} Show a viewer token, or ask the host.")
        return None

    def muted(self, room: LiveRoom, spectator_id: str, digest: str, *, anonymous: bool) -> Muted | None:
        """Return what keeps somebody who watches from writing; a ban of its address does so too.

        Why somebody else may not write is between them and the moderators: a neighbour is told how to be told
        apart.
        """
        if not room.mutes and not room.bans:
            return None
        now_ms = self._clock.now_ms()
        found = room.mutes.upon(spectator_id, now_ms)
        if found is not None:
            return Muted(found.until_ms, found.reason)
        if not anonymous:
            return None
        covering = room.mutes.from_address(digest, now_ms) or room.bans.from_address(digest, now_ms)
        return Muted(covering.addresses_until_ms, _NEIGHBOUR) if covering is not None else None

    def silence(self, muted: Muted | None) -> Refused | None:
        """Return the refusal of what a muted viewer writes."""
        if muted is None:
            return None
        left_ms = muted.until_ms - self._clock.now_ms() if muted.until_ms else 0
        told = f"You are muted here{_until(muted.until_ms)}{_because(muted.reason)}"
        return Refused(Code.CHAT_DISABLED, told, left_ms)

    def digest(self, room: LiveRoom, address: str) -> str:
        """Return what stands for an address in a room; nobody without the relay's key can go back."""
        return self._identities.keyed(room.id, f"address\0{address}")

    # -- what is noted of who comes and goes ---------------------------------------------------------

    def came(self, room: LiveRoom, spectator_id: str, digest: str, since_ms: int) -> int:
        """Note that somebody came in; return since when the room knows them."""
        self._widen(room, SanctionKind.MUTE, spectator_id, address=digest)
        return self._acquaintances.came(room.id, spectator_id, digest, since_ms)

    def left(self, room: LiveRoom, spectator_id: str) -> None:
        """Note that one of their connections has closed."""
        self._acquaintances.left(room.id, spectator_id)

    def became(self, room: LiveRoom, former: str, later: str) -> None:
        """Note that two ids, both of them here, are one viewer: a mute of one is a mute of both."""
        self._acquaintances.became(room.id, former, later)
        for one, other in ((former, later), (later, former)):
            self._widen(room, SanctionKind.MUTE, one, other_id=other)

    def knocked(self, room: LiveRoom, spectator_id: str, digest: str, other_id: str = "") -> None:
        """Let a ban cover from where, and as whom else, its viewer tried to come back."""
        self._widen(room, SanctionKind.BAN, spectator_id, address=digest, other_id=other_id)

    def _widen(
        self, room: LiveRoom, kind: SanctionKind, spectator_id: str, *, address: str = "", other_id: str = ""
    ) -> None:
        wider = room.sanctions(kind).widen(
            spectator_id, self._clock.now_ms(), address=address, other_id=other_id
        )
        if wider is not None:
            self._note(room, wider)

    # -- what is stored ------------------------------------------------------------------------------

    def _note(self, room: LiveRoom, changed: Sanction) -> None:
        self._unsaved[room.id, changed.kind, changed.spectator_id] = room

    async def _put(self, room: LiveRoom, imposed: Sanction) -> None:
        ended = room.sanctions(imposed.kind).put(imposed)
        # First what is new: a crash in between leaves somebody under two sanctions, never under none.
        await self._keep(room, imposed)
        for one in ended:
            if one.spectator_id != imposed.spectator_id:
                await self._drop(room, one)

    async def _keep(self, room: LiveRoom, one: Sanction) -> None:
        await self._store.put(_BUCKET, _key(room.id, one), {"room": room.id, **one.document()})

    async def _drop(self, room: LiveRoom, ended: Sanction) -> None:
        await self._store.drop(_BUCKET, _key(room.id, ended))


def _key(room_id: str, one: Sanction) -> str:
    return f"{room_id}/{one.kind}/{one.spectator_id}"


def _until(end_ms: int) -> str:
    return f" until {format_ms(end_ms)[:16].replace('T', ' ')} UTC" if end_ms else ""


def _because(reason: str) -> str:
    return f": {reason.rstrip('.')}." if reason else "."
