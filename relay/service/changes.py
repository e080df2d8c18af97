"""Changing rooms: settings, name, visibility, life, shield; whole or not at all, one change after the other.

Spec: Privacy Controls for Room Hosts. A change is kept first, then put into force, then told: those who may
no longer watch leave, everybody else gets a notice that has its place in the room's sequence.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from relay.protocol.envelope import encode_json
from relay.protocol.errors import Code, Refused
from relay.protocol.events import ROOM_STATES
from relay.rooms.settings import BadSettings, RoomSettings, Visibility, patch_settings
from relay.screen.clean import clean
from relay.service.rehearsal import Rehearsal
from relay.service.rehearsal import rehearse as rehearse_change
from relay.storage.contract import Draft, Kind

if TYPE_CHECKING:
    from relay.audience.regions import Regions
    from relay.clock import Clock
    from relay.rooms.disclosure import Disclosure
    from relay.service.live_room import LiveRoom
    from relay.service.spoken import Connection
    from relay.storage.contract import Storage

_log = logging.getLogger("relay.service")
ROOMS = "rooms"
"""The bucket of what is kept of rooms besides their logs."""
CLOSED = "This room was closed for good. Create another one, under another name, to go on."
_NO_COUNTRIES = (
    "restrictGeographic: this relay cannot tell any viewer's country, so nobody can watch the room. "
    "Have the operator start it with --geoip, or with --country-header and --trusted-proxy, or empty it."
)


class Changes:
    """What may be changed of the rooms of a relay."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        regions: Regions,
        connections: Mapping[str, Iterable[Connection]],
    ) -> None:
        """Bind the house.

        Args:
            storage: Keeps what was changed, and the notices of it.
            clock: For their times.
            regions: What can be told of viewers' countries.
            connections: Who is connected, by room.
        """
        self._storage = storage
        self._clock = clock
        self._regions = regions
        self._connections = connections
        self._locks: dict[str, asyncio.Lock] = {}

    def of(self, room_id: str) -> asyncio.Lock:
        """Return what whoever changes a room has to hold."""
        return self._locks.setdefault(room_id, asyncio.Lock())

    async def change(self, room: LiveRoom, patch: Mapping[str, Any]) -> Refused | None:
        """Apply a patch of settings, visibility or name, whole or not at all, and tell the viewers."""
        async with self.of(room.id):
            wanted = _patched(room, patch)
            if isinstance(wanted, Refused):
                return wanted
            settings, visibility, name = wanted
            changed = {
                **room.document(),
                "name": name,
                "visibility": visibility.value,
                "settings": settings.model_dump(mode="json"),
            }
            if changed == room.document():
                return None
            disclosure = await _disclosure(room, settings)
            await self._storage.put(ROOMS, room.id, changed)
            rewords = _wording(settings) != _wording(room.settings)
            room.change_settings(settings, disclosure)
            room.name, room.visibility = name, visibility
            self.reconsider(room.id)
            # What was sent before may be worded otherwise today: whoever shows it still takes it away.
            earlier = "discard" if rewords else "keep"
            await self._append(room, Kind.SETTINGS, {"kind": "settings_changed", "earlier": earlier})
        return None

    async def rehearse(self, room: LiveRoom, patch: Mapping[str, Any]) -> Rehearsal | Refused:
        """Say what a patch would have done to the room's last day, and change nothing."""
        wanted = _patched(room, patch)
        if isinstance(wanted, Refused):
            return wanted
        settings = wanted[0]
        disclosure = await _disclosure(room, settings)
        return await rehearse_change(room, settings, disclosure, self._storage, self._clock.now_ms())

    async def shield(self, room: LiveRoom, up: bool) -> bool:
        """Raise or lower a room's shield, and tell the viewers; say whether it was the other way."""
        async with self.of(room.id):
            if room.shielded == up:
                return False
            raised_ms = self._clock.now_ms() if up else 0
            await self._storage.put(ROOMS, room.id, {**room.document(), "shielded_ms": raised_ms})
            room.shielded_ms = raised_ms
            self.reconsider(room.id)
            await self._append(room, Kind.SETTINGS, {"kind": "settings_changed", "earlier": "keep"})
        return True

    def warnings(self, room: LiveRoom) -> list[str]:
        """Return what a host should know of settings that do not do here what they seem to."""
        closed = [CLOSED] if room.state == "closed" else []
        if room.settings.restrictGeographic and not self._regions.known:
            return [*closed, _NO_COUNTRIES]
        return closed

    async def change_state(self, room: LiveRoom, state: str) -> None:
        """Move a room through its life: lobby, active, paused, completed, closed."""
        if state in ROOM_STATES and state != room.state:
            await self._append(room, Kind.STATE, {"kind": "room_state", "state": state})
            self.reconsider(room.id)

    def warn_of_shut(self, rooms: Iterable[LiveRoom]) -> None:
        """Say in the log how many rooms nobody can watch here."""
        shut = sum(_NO_COUNTRIES in self.warnings(room) for room in rooms)
        if shut:
            _log.warning(
                "nobody can watch rooms that ask for a country, because none is known here: %d", shut
            )

    def reconsider(self, room_id: str) -> None:
        """Let everybody who is connected to a room see whether they may stay, and as what."""
        for connection in list(self._connections[room_id]):
            connection.reconsider()

    async def _append(self, room: LiveRoom, kind: Kind, body: Mapping[str, Any]) -> None:
        await self._storage.append(room.id, [Draft(kind, "", self._clock.now_ms(), encode_json(body))])


def _patched(room: LiveRoom, patch: Mapping[str, Any]) -> tuple[RoomSettings, Visibility, str] | Refused:
    """Return a room's settings, visibility and name with a patch applied, or what is wrong with the patch."""
    rest = dict(patch)
    try:
        visibility = Visibility(rest.pop("visibility", room.visibility))
    except ValueError:
        return Refused(Code.INVALID_MESSAGE, "visibility: must be public or private.")
    name = rest.pop("name", room.name)
    name = clean(name, 100) if isinstance(name, str) else ""
    if not name.strip():
        return Refused(Code.INVALID_MESSAGE, "name: must be text.")
    try:
        return patch_settings(room.settings, rest), visibility, name
    except BadSettings as error:
        return Refused(Code.INVALID_MESSAGE, f"{error}.")


async def _disclosure(room: LiveRoom, settings: RoomSettings) -> Disclosure:
    """Return what settings would disclose; making patterns of many words takes longer than a turn may."""
    return await asyncio.to_thread(room.disclosure_of, settings)


def _wording(settings: RoomSettings) -> tuple[object, ...]:
    return settings.anonymizeParticipants, settings.hideProjectDetails, settings.hiddenWords
