"""One room with everything that is alive in it: settings, state, viewers, chat.

The log's committed records come in through `apply`, in order; from there they move the state and go out to
the viewers. Nothing else changes what viewers see.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relay.audience.presence import Audience
from relay.chat.channel import Message, decode_message, may_write
from relay.chat.desk import Desk
from relay.chat.names import Present
from relay.chat.sanctions import SanctionKind, Sanctions
from relay.delivery.frames import Encoder, Variant
from relay.delivery.hub import Hub
from relay.protocol import messages
from relay.protocol.cursor import Cursor, parse_cursor
from relay.protocol.envelope import MessageIds, encode_json
from relay.protocol.events import EVENT_TYPES
from relay.rooms.admission import ViewerState
from relay.rooms.disclosure import Disclosure, disclosure
from relay.rooms.pseudonyms import Pseudonyms
from relay.rooms.settings import RoomSettings, Visibility, stored_settings
from relay.rooms.state import RoomState
from relay.storage.contract import EventLog, Head, Kind, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence

    from relay.audience.metrics import Metrics
    from relay.clock import Clock
    from relay.delivery.stream import Subscriber

CHAT_KEPT = 200
"""Spectator messages a reply can name; a newcomer is shown the latest `CHAT_SHOWN` of them."""
CHAT_SHOWN = 50
CHAT_SHOWN_LOW = 10
_REBUILD_PAGE = 2000
_WORDED_AT_ONCE = 10
_HISTORY = frozenset({Kind.EVENT, Kind.CHAT})


@dataclass(frozen=True, slots=True)
class Where:
    """Where a newcomer's stream begins, and what is said about it.

    Attributes:
        after: The position before the stream; None: live, from now.
        requested: It asked to resume at a cursor.
        recovered: What it missed will be replayed, complete.
        missed: Records between its cursor and now.
        not_kept: Chat messages among them that this room does not keep.
        resume: It is a resume: settings and state changes are replayed too.
    """

    after: int | None = None
    requested: bool = False
    recovered: bool = True
    missed: int = 0
    not_kept: int = 0
    resume: bool = False

    def recovery(self) -> dict[str, Any]:
        """Return the welcome's `recovery`."""
        told = {"requested": self.requested, "recovered": self.recovered, "missed": self.missed}
        return {**told, "not_kept": self.not_kept} if self.not_kept else told


class LiveRoom:
    """A room of this relay."""

    def __init__(
        self,
        room_id: str,
        document: Mapping[str, Any],
        head: Head,
        log: EventLog,
        *,
        ids: MessageIds,
        clock: Clock,
        metrics: Metrics,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        keyed: Callable[[str], str],
        peaks: Mapping[str, Any] | None,
        compression: str = "gzip",
    ) -> None:
        """Open a room from its document; call `rebuild` before anybody sees it.

        `keyed` turns text into a digest with the room's own key; `compression` is the coding that batches
        say they are served in.
        """
        self.id = room_id
        self.name: str = document["name"]
        self.visibility = Visibility(document["visibility"])
        self.state: str = document["state"]
        self.settings = stored_settings(document["settings"])
        self.created_ms: int = document["created_ms"]
        self.shielded_ms: int = document.get("shielded_ms", 0)
        self.epoch = head.epoch
        self.head = head.seq
        self.view = RoomState()
        self.audience = Audience(room_id, clock, dict(peaks) if peaks else None)
        self.encoder = Encoder(room_id, head.epoch, ids, self._settings_told, compression)
        self.desk = Desk()
        self.bans, self.mutes = Sanctions(), Sanctions()
        self.registered = Present()
        self._log = log
        self._chat: OrderedDict[int, Record] = OrderedDict()
        # Kept from one newcomer to the next: rewording thousands of names takes longer than a turn may.
        self._shown_names: dict[str, str] = {}
        self._keyed = keyed
        self._pseudonyms = Pseudonyms(keyed)
        self.disclosure = self.disclosure_of(self.settings)
        self.hub = Hub(
            self.encoder,
            head.seq,
            lambda after, limit, until: log.read(room_id, after, limit, until=until),
            lambda: self.disclosure,
            spawn,
            clock,
            metrics,
        )

    def document(self) -> dict[str, Any]:
        """Return what is kept of the room besides its log."""
        return {
            "name": self.name,
            "visibility": self.visibility.value,
            "state": self.state,
            "settings": self.settings.model_dump(mode="json"),
            "created_ms": self.created_ms,
            "shielded_ms": self.shielded_ms,
        }

    async def rebuild(self) -> None:
        """Derive the state from the log."""
        position = 0
        while records := await self._log.read(self.id, position, _REBUILD_PAGE, until=self.head):
            for record in records:
                self._remember(record)
            position = records[-1].seq

    def apply(self, records: Sequence[Record]) -> None:
        """Take committed records: move the state, then deliver."""
        self.head = records[-1].seq
        for record in records:
            self._remember(record)
        self.hub.push(records)

    def change_settings(self, settings: RoomSettings, disclosure: Disclosure) -> None:
        """Put settings, and what they disclose, into force; what is pending still goes out under the old."""
        self.hub.flush()
        self.settings = settings
        self.disclosure = disclosure
        self._shown_names = {}

    @property
    def visible_types(self) -> frozenset[str]:
        """Event types that spectators see today."""
        return self.disclosure.types & EVENT_TYPES

    def disclosure_of(self, settings: RoomSettings) -> Disclosure:
        """Return what settings would disclose of this room."""
        return disclosure(settings, self._pseudonyms, self._keyed)

    async def worded(self, events: Sequence[Record]) -> list[Record]:
        """Return events as they may be read when this returns, without those that may not.

        A few in each turn of the loop: a long text takes milliseconds where names or words are hidden.
        """
        while True:
            disclosure = self.disclosure
            worded: list[Record] = []
            for start in range(0, len(events), _WORDED_AT_ONCE):
                some = events[start : start + _WORDED_AT_ONCE]
                worded += disclosure.records([event for event in some if event.type in disclosure.types])
                await asyncio.sleep(0)
            if self.disclosure is disclosure:
                return worded

    def sanctions(self, kind: SanctionKind) -> Sanctions:
        """Return the sanctions of a kind."""
        return self.bans if kind is SanctionKind.BAN else self.mutes

    @property
    def has_bans(self) -> bool:
        """Whether somebody may not watch who is not told apart by anything else."""
        return len(self.bans) > 0

    @property
    def features(self) -> list[str]:
        """Names of what a viewer can do here besides watching."""
        return ["chat"] if self.settings.spectatorChat.enabled and self.state != "completed" else []

    @property
    def shown_name(self) -> str:
        """The room's name, as spectators may read it."""
        return self.disclosure.text(self.name)

    def shown_participants(self) -> frozenset[str]:
        """Return the names of everybody whom spectators see in the room, as they read them.

        Of nobody else: what a name that a viewer chooses looks like must not tell who is there.
        """
        earlier = self._shown_names
        self._shown_names = {
            name: earlier.get(name) or self.disclosure.fields({"name": name})["name"]
            for name in self.view.participants(self.disclosure.types)
        }
        return frozenset(self._shown_names.values())

    def recent_authors(self) -> Iterator[tuple[str, str]]:
        """Go through who wrote the recent messages, latest first: their ids and names."""
        for record in reversed(self._chat.values()):
            yield author_of(record), json.loads(record.body)["display_name"]

    def recent_messages(self) -> list[tuple[str, Message, int]]:
        """Return the spectators' recent messages in order: each with its id and when it was said."""
        return [
            (self.encoder.cursor(seq), decode_message(record.body), record.at_ms)
            for seq, record in self._chat.items()
        ]

    def chat_message(self, message_id: object) -> Record | None:
        """Return a recent message by its id, for replies."""
        cursor = parse_cursor(message_id) if isinstance(message_id, str) else None
        return self._chat.get(cursor.seq) if cursor and cursor.epoch == self.epoch else None

    def reportable(self, record: Record) -> dict[str, Any]:
        """Return what moderators see of a message that is reported."""
        said = json.loads(record.body)
        told = ("spectator_id", "display_name", "author_type", "author_state", "message", "timestamp")
        return {"message_id": self.encoder.cursor(record.seq), **{name: said[name] for name in told}}

    # -- what a newcomer is told -------------------------------------------------------------------

    async def locate(self, cursor: str, since_ms: int | None, history: int, types: frozenset[str]) -> Where:
        """Find where a newcomer's stream begins: a cursor before a time before a number of events."""
        if cursor:
            found = parse_cursor(cursor)
            if found is None or found.epoch != self.epoch or found.seq > self.head:
                return Where(requested=True, recovered=False)
            return Where(
                found.seq,
                requested=True,
                missed=self.head - found.seq,
                not_kept=await self._log.unkept(self.id, found.seq, self.hub.tail_start),
                resume=True,
            )
        if since_ms is not None:
            # What is committed and not announced yet comes by the stream.
            return Where(min(await self._log.seek(self.id, since_ms), self.head))
        if history:
            return Where(
                min(await self._log.tail(self.id, types & self.disclosure.types, history), self.head)
            )
        return Where()

    def welcome_state(self, variant: Variant, *, until: int) -> dict[str, Any]:
        """Return `current_state` as far as a viewer may see it; what was said is cut shorter for a thin line.

        Args:
            variant: The viewer's choice.
            until: Chat after this position is left out: it will come by the stream.
        """
        said = CHAT_SHOWN_LOW if variant.low else CHAT_SHOWN
        state = self.view.snapshot(variant.types & self.disclosure.types, self.epoch)
        state["recent_chat"] = [event for event in state["recent_chat"] if event["seq"] <= until][-said:]
        state = {part: self.disclosure.entries(entries) for part, entries in state.items()}
        shown = (
            [record for seq, record in self._chat.items() if seq <= until][-said:]
            if variant.chat and self.features
            else []
        )
        return {
            "as_of": str(Cursor(self.epoch, self.head)),
            **state,
            "presence": self.audience.presence(),
            "spectator_chat": [
                json.loads(self.encoder.chat(record) + b"}") for record in self.disclosure.records(shown)
            ],
        }

    def _settings_told(self, variant: Variant, whole: bool) -> dict[str, Any]:
        """Return what a viewer is told when settings have changed: what holds for it now, and no setting.

        `whole` asks for the state as well.
        """
        told: dict[str, Any] = {
            "name": self.shown_name,
            "features": self.features,
            "visible": sorted(self.visible_types),
            "limits": {"chat_message_length": self.settings.spectatorChat.moderation.maxMessageLength},
            "chat": self.chat_told(),
            "capabilities": {
                state.value: ["chat"]
                if may_write(self.settings.spectatorChat, self.state, state) is None
                else []
                for state in ViewerState
            },
        }
        if whole:
            told["current_state"] = self.welcome_state(variant, until=self.head)
        return told

    def chat_told(self) -> dict[str, Any]:
        """Return what viewers are told of how the chat is kept in order: what they would run into."""
        moderation = self.settings.spectatorChat.moderation
        return {
            "slow_s": moderation.slowSeconds,
            "locked": moderation.locked,
            "approval": moderation.requireApproval or self.shielded,
            "anonymous": moderation.allowAnonymous,
            "watch_s": moderation.watchSeconds,
            "shielded": self.shielded,
        }

    @property
    def shielded(self) -> bool:
        """Whether everything that is said waits, and whoever comes now only watches."""
        return self.shielded_ms > 0

    def info(self) -> dict[str, Any]:
        """Return `room_info`: what a viewer needs to know, and no setting beyond it (HIDE-5)."""
        return {
            "id": self.id,
            "name": self.shown_name,
            "state": self.state,
            "features": self.features,
            "chat": self.chat_told(),
            "retention": {"events": "permanent"},
            "logging": self.settings.logInteractions,
            "policy": "/privacy",
        }

    def listing(self) -> dict[str, Any]:
        """Return the room's line in the directory."""
        return {
            "id": self.id,
            "name": self.shown_name,
            "state": self.state,
            "spectators": self.audience.watching,
            "peak": self.audience.highest_ever,
            "features": self.features,
        }

    def join(self, subscriber: Subscriber, where: Where, welcome: Callable[[int], None]) -> None:
        """Let a newcomer in: welcome it with its cursor position, then live or catching up, with no seam."""
        if where.after is None:
            welcome(self.hub.peek(subscriber.variant))
            self.hub.join_live(subscriber)
        else:
            welcome(where.after)
            self.hub.join_reading(subscriber, where.after, None if where.resume else _HISTORY)

    def announce_presence(self) -> None:
        """Tell the viewers how many they are."""
        self.hub.broadcast(messages.PRESENCE, encode_json(self.audience.presence()))

    def _remember(self, record: Record) -> None:
        if record.kind is Kind.EVENT:
            event = json.loads(record.body)
            self._pseudonyms.learn(event)
            self.view.apply(record.seq, record.at_ms, event)
        elif record.kind is Kind.STATE:
            self.state = json.loads(record.body)["state"]
        elif record.kind is Kind.REMOVAL:
            self._forget(json.loads(record.body))
        elif record.kind is Kind.CHAT and record.body:
            self._chat[record.seq] = record
            said = json.loads(record.body)
            if said["author_type"] != "spectator":
                self._pseudonyms.learn({"name": said["display_name"]})
            if len(self._chat) > CHAT_KEPT:
                self._chat.popitem(last=False)

    def _forget(self, removal: Mapping[str, Any]) -> None:
        """Take out of memory what a removal names: one message, or all of one author's."""
        if "message_id" in removal:
            cursor = parse_cursor(removal["message_id"])
            if cursor is not None:
                self._chat.pop(cursor.seq, None)
            return
        for seq in [
            seq for seq, record in self._chat.items() if author_of(record) == removal["spectator_id"]
        ]:
            del self._chat[seq]


def author_of(record: Record) -> str:
    """Return the room's id for whoever wrote a chat message that is still there."""
    author: str = record.author or json.loads(record.body)["spectator_id"]
    return author
