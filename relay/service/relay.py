"""The house: every room of this relay, and what may be done with them.

Callers have shown who they are already; here it is done. Whatever changes what viewers see goes through the
log first and comes back through `LiveRoom.apply`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from relay.audience.identity import Identities, Viewer
from relay.audience.keyring import KeyRing
from relay.audience.metrics import Labels, Metrics
from relay.audience.pace import Pace
from relay.chat.channel import Author
from relay.chat.names import display_name
from relay.protocol.envelope import MessageIds
from relay.protocol.errors import Code, Refused
from relay.protocol.rooms import is_room_id
from relay.rooms.admission import ViewerState, find
from relay.rooms.rates import TokenBuckets
from relay.screen.clean import clean
from relay.service.acquaintances import Acquaintances
from relay.service.batches import Batches
from relay.service.changes import CLOSED, ROOMS, Changes
from relay.service.entrance import Entrance
from relay.service.gate import Gate, connections_allowed
from relay.service.intake import Intake
from relay.service.live_room import LiveRoom
from relay.service.load import Load
from relay.service.moderation import Moderation
from relay.service.moderation_log import ModerationLog
from relay.service.names import NAMES, RoomNames
from relay.service.publishing import Report, prepare
from relay.service.quality import Quality
from relay.service.removal import Removal
from relay.service.reporting import Reporting
from relay.service.sanctioning import Sanctioning
from relay.service.spectator_chat import SpectatorChat
from relay.service.spoken import Connection
from relay.service.statuses import has_statuses, mark_repeats
from relay.service.tokens import Tokens
from relay.storage.contract import Draft, Kind, Record, Storage, StorageError

if TYPE_CHECKING:
    from relay.audience.regions import Regions
    from relay.clock import Clock
    from relay.config import Config
    from relay.rooms.settings import RoomSettings, Visibility
    from relay.sources.shapes import SpectatorSaid

_log = logging.getLogger("relay.service")
_PEAKS = "peaks"
_PAGE = 500
_HOUR_MS = 3_600_000
Spawn = Callable[[Coroutine[Any, Any, None]], object]


class Watcher(Connection, Protocol):
    """A connection to a room, as the house sees it."""

    @property
    def delivery(self) -> Labels:
        """What it chose to be sent."""

    @property
    def lagging(self) -> bool:
        """Whether it is behind the live stream."""


class Relay:
    """All rooms, all tokens, one log."""

    def __init__(
        self,
        config: Config,
        storage: Storage,
        clock: Clock,
        regions: Regions,
        *,
        secret: bytes,
        operator_token: str,
        spawn: Spawn,
        files: int = 0,
    ) -> None:
        """Put the parts together; call `start` before anybody comes.

        Args:
            config: Limits and keys.
            storage: The log and the documents.
            clock: Time for everything in here.
            regions: What can be told of viewers' countries.
            secret: 32 random bytes that belong to the data directory.
            operator_token: The operator's token, in clear.
            spawn: Runs a coroutine in the root task group.
            files: Files this process may have open; 0 if that is not known.
        """
        limits = config.limits
        self.config = config
        self.clock = clock
        self.regions = regions
        self.metrics = Metrics(clock)
        self.quality = Quality()
        self.load = Load()
        self.gate = Gate(self.load, connections_allowed(limits.connections, files), clock, self.metrics)
        self.intake = Intake(limits.intake_bytes)
        self.ids = MessageIds()
        self.spawn = spawn
        self.keys = KeyRing(config.auth)
        self.tokens = Tokens(storage, clock, operator_token)
        self.identities = Identities(secret, self.keys, self.tokens.revoked, clock)
        self.sanctioning = Sanctioning(storage, Acquaintances(clock), self.identities, clock)
        self.entrance = Entrance(limits, self.identities, self.tokens, self.sanctioning, clock)
        self.watchers: dict[str, set[Watcher]] = {}
        self.chat = SpectatorChat(
            storage,
            self.intake,
            limits,
            self.ids,
            clock,
            self.watchers,
            lambda *sanction: self.moderation.mute(*sanction),
        )
        self.changes = Changes(storage, clock, regions, self.watchers)
        self._acts = ModerationLog(storage)
        self.moderation = Moderation(
            Removal(storage, self.chat, clock, self.watchers),
            self._acts,
            self.chat,
            self.sanctioning,
            clock,
            self.watchers,
            self.changes,
        )
        self.reporting = Reporting(self.moderation, self.chat, limits.reports_per_minute, clock)
        self.batches = Batches(storage, clock)
        self._publish_rates = TokenBuckets()
        self._storage = storage
        self._rooms: dict[str, LiveRoom] = {}
        self._speaking: dict[str, asyncio.Lock] = {}
        self._names: dict[str, RoomNames] = {}
        self._told: dict[str, dict[str, Any]] = {}
        self._paces: defaultdict[str, Pace] = defaultdict(Pace)
        self._saved_peaks: dict[str, tuple[int, int, int]] = {}
        storage.listen(self._committed)

    async def start(self) -> None:
        """Load everything that earlier runs left."""
        await self.tokens.load()
        if self.keys.url:
            await self.keys.fetch()
        peaks = await self._storage.load(_PEAKS)
        rooms = await self._storage.load(ROOMS)
        for room_id, document in sorted(rooms.items(), key=lambda item: item[1]["created_ms"]):
            await self._open(room_id, document, peaks.get(room_id))
        await self.sanctioning.load(self._rooms.get)
        self.changes.warn_of_shut(self._rooms.values())

    # -- rooms -------------------------------------------------------------------------------------

    def room(self, room_id: str) -> LiveRoom | None:
        """Return a room, whoever may see it; only for callers that have shown a token for it."""
        return self._rooms.get(room_id)

    def watchable(self, room_id: str) -> LiveRoom | Refused:
        """Return a room that spectators may know of, or the one refusal for all others."""
        room = self._rooms.get(room_id)
        if room is None:
            return Refused(Code.ROOM_NOT_FOUND)
        return find(room) or room

    def rooms(self) -> list[LiveRoom]:
        """Return every room, in order of creation."""
        return list(self._rooms.values())

    def directory(self) -> list[LiveRoom]:
        """Return the rooms that the public may find, busiest first (OVER-2)."""
        shown = [room for room in self._rooms.values() if find(room) is None and room.settings.enabled]
        return sorted(shown, key=lambda room: -room.audience.watching)

    async def create_room(
        self, room_id: str, name: str, visibility: Visibility, settings: RoomSettings
    ) -> LiveRoom | Refused:
        """Make a room; refuse a bad id or one that is taken."""
        if not is_room_id(room_id):
            return Refused(Code.INVALID_MESSAGE, "id: must be 1 to 64 letters, digits, _ or -.")
        async with self.changes.of(room_id):
            existing = self._rooms.get(room_id)
            if existing is not None:
                return Refused(
                    Code.INVALID_MESSAGE, f"id: {room_id} exists already. Choose another, or change it."
                )
            document = {
                "name": clean(name, 100) or room_id,
                "visibility": visibility.value,
                "state": "active",
                "settings": settings.model_dump(mode="json"),
                "created_ms": self.clock.now_ms(),
            }
            await self._storage.put(ROOMS, room_id, document)
            return await self._open(room_id, document, None)

    async def _open(
        self, room_id: str, document: Mapping[str, Any], peaks: Mapping[str, Any] | None
    ) -> LiveRoom:
        room = LiveRoom(
            room_id,
            document,
            await self._storage.open_room(room_id),
            self._storage,
            ids=self.ids,
            clock=self.clock,
            metrics=self.metrics,
            spawn=self.spawn,
            keyed=lambda what: self.identities.keyed(room_id, what),
            peaks=peaks,
            compression=self.config.cdn.compression.text_events,
        )
        await room.rebuild()
        await self._acts.open(room_id)
        known = (await self._storage.load(NAMES)).get(room_id, {})
        names = RoomNames(room_id, known, self._storage, lambda what: self.identities.keyed(room_id, what))
        self._rooms[room_id], self._names[room_id] = room, names
        self.watchers[room_id] = set()
        return room

    async def read_log(self, room: LiveRoom, after: int) -> list[Record]:
        """Read a page of a room's log."""
        return await self._storage.read(room.id, after, _PAGE, until=room.head)

    # -- events in ---------------------------------------------------------------------------------

    async def publish(
        self, room: LiveRoom, items: Sequence[Any], arrived_s: float | None = None
    ) -> Report | Refused:
        """Screen items and commit what may be seen; what is refused is said by index.

        Args:
            room: Where they happened.
            items: Decoded JSON values, or `BadItem` where one could not be decoded.
            arrived_s: Since when the relay has them, in monotonic seconds; None: since now.

        Raises:
            StorageError: If nothing could be committed.
        """
        if room.state == "closed":
            # Its host's last word: a publisher's `room.state_changed` would open it again.
            return Refused(Code.ROOM_NOT_FOUND, CLOSED)
        now_s = self.clock.monotonic_s()
        taken_s = now_s if arrived_s is None else arrived_s
        limit = self.config.limits.events_per_minute
        wait_ms = self._publish_rates.take(room.id, now_s, per_minute=limit, burst=limit, cost=len(items))
        if wait_ms:
            return Refused(
                Code.RATE_LIMITED, "More events than this room takes. Wait as told, then go on.", wait_ms
            )
        names = self._names[room.id]
        batch = await prepare(
            items,
            names,
            self.clock,
            self.metrics,
            lambda key: self._dedup(room.id, key),
            room.disclosure.keepable,
            lambda said, at_ms, dedup: self.chat.bring_in(
                room, self._author_elsewhere(room, said), said, at_ms, dedup
            ),
        )
        await names.save()
        seqs: list[int | None] = []
        if batch.drafts:
            drafts = [replace(draft, taken_s=taken_s) for draft in batch.drafts]
            seqs = await self._log_events(room, drafts)
            if any(draft.kind is Kind.STATE for draft in batch.drafts):
                self.changes.reconsider(room.id)
        batch.count(seqs, self.metrics)
        return batch.report(room.epoch, room.head)

    async def _log_events(self, room: LiveRoom, drafts: Sequence[Draft]) -> list[int | None]:
        """Commit drafts; return their positions, None for what is there already or says nothing new."""
        if not has_statuses(drafts):
            return (await self._storage.append(room.id, drafts)).seqs
        # One after the other: whether a status is news depends on what the one before it did.
        async with self._speaking.setdefault(room.id, asyncio.Lock()):
            marked = mark_repeats(drafts, room.view.said)
            return (await self._storage.append(room.id, marked)).seqs

    def _dedup(self, room_id: str, publisher_id: str) -> bytes:
        # What a publisher calls its event is not ours to keep: only a keyed digest is.
        return bytes.fromhex(self.identities.keyed(room_id, f"event\0{publisher_id}"))

    def _author_elsewhere(self, room: LiveRoom, said: SpectatorSaid) -> Author:
        """Return who wrote a message that a room server publishes: an anonymous viewer of this room."""
        who = Viewer(f"p:{said.author_id or said.name}", ViewerState.ANONYMOUS)
        chosen = clean(said.name, 100)
        name = display_name(chosen, ViewerState.ANONYMOUS, "", room.shown_participants(), room.registered)
        return Author(self.identities.spectator_id(room.id, who), name, ViewerState.ANONYMOUS)

    def _committed(self, room_id: str, records: Sequence[Record]) -> None:
        room = self._rooms.get(room_id)
        if room is not None:
            room.apply(records)

    # -- time --------------------------------------------------------------------------------------

    async def tick(self) -> None:
        """Do what is due each second: seats, presence, keepalives, peaks, expired tokens."""
        self.metrics.note()
        now_s = self.clock.monotonic_s()
        try:
            await self.moderation.sweep(self.rooms())
        except StorageError:
            _log.exception("an ended sanction could not be dropped")
        self.quality.second(self._rooms.values(), self.load.lag_s, now_s)
        for room in list(self._rooms.values()):
            room.audience.sweep()
            room.hub.keep_alive(self.config.limits.keepalive_s)
            presence = room.audience.presence()
            # A rate that moves while nobody comes or goes is no news; that it has come to nothing is.
            news = {**presence, "join_rate": presence["join_rate"] > 0}
            if news != self._told.get(room.id) and self._paces[room.id].tell(now_s, busy=self.load.busy):
                self._told[room.id] = news
                room.announce_presence()
            if presence["recent_peak"]:
                await self._save_peaks(room, presence["recent_peak"])

    def reconsider_all(self) -> None:
        """Check every connection again: a token was revoked or has run out."""
        for room_id in self.watchers:
            self.changes.reconsider(room_id)

    async def _save_peaks(self, room: LiveRoom, recent_peak: int) -> None:
        """Keep the peaks whenever one changes, and each hour: the window of the recent one moves on."""
        told = (recent_peak, room.audience.highest_ever, self.clock.now_ms() // _HOUR_MS)
        if told == self._saved_peaks.get(room.id):
            return
        self._saved_peaks[room.id] = told
        try:
            await self._storage.put(_PEAKS, room.id, room.audience.peaks())
        except StorageError:
            _log.exception("the peak of a room could not be kept")
