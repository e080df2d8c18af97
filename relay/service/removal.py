"""What was said, found again and taken away: from screens, memory, disk, the queue and the reports.

Spec: Moderation Features (MOD-7). Whoever watches learns of it by the room's own sequence; its author and
those who reported it are told privately.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from relay.chat.channel import encode_removal
from relay.protocol.cursor import parse_cursor
from relay.service.live_room import author_of
from relay.storage.contract import REMOVED, Draft, Erasure, Kind, Record

if TYPE_CHECKING:
    from relay.chat.review import Held
    from relay.clock import Clock
    from relay.service.live_room import LiveRoom
    from relay.service.spectator_chat import SpectatorChat
    from relay.service.spoken import Connection
    from relay.storage.contract import EventLog


@dataclass(frozen=True, slots=True)
class Whom:
    """The viewer an act is upon."""

    id: str
    name: str


class Removal:
    """Takes away what was said in any room."""

    def __init__(
        self,
        log: EventLog,
        chat: SpectatorChat,
        clock: Clock,
        connections: Mapping[str, Iterable[Connection]],
    ) -> None:
        """Bind the house.

        Args:
            log: Where removals get their places.
            chat: Tells authors of what was not let through.
            clock: For the times of removals.
            connections: Who is connected, by room.
        """
        self._log = log
        self._chat = chat
        self._clock = clock
        self._connections = connections

    # -- finding -------------------------------------------------------------------------------------

    async def find(self, room: LiveRoom, message_id: str) -> Record | None:
        """Return a message of the chat that is still there, however long ago it was said."""
        recent = room.chat_message(message_id)
        cursor = parse_cursor(message_id)
        if recent is not None or cursor is None or cursor.epoch != room.epoch:
            return recent
        for record in await self._log.read(room.id, cursor.seq - 1, 1, until=room.head):
            if record.seq == cursor.seq and record.kind is Kind.CHAT and record.type != REMOVED:
                return record
        return None

    async def writer(self, room: LiveRoom, message_id: str) -> Whom | None:
        """Return who wrote a message that is shown, waits, or is reported."""
        held = room.desk.queue.get(message_id) or room.desk.rejected.get(message_id)
        if held is not None:
            return whom_of(held)
        report = room.desk.reports.get(message_id)
        if report is not None:
            return Whom(report.author_id, report.author_name)
        record = await self.find(room, message_id)
        return author_in(record) if record is not None and record.body else None

    def name(self, room: LiveRoom, spectator_id: str) -> str:
        """Return what a viewer is called, if it wrote lately, has something waiting, or a sanction."""
        waiting = ((held.message.author.id, held.message.author.name) for held in room.desk.queue)
        now_ms = self._clock.now_ms()
        sanctions = (found.upon(spectator_id, now_ms) for found in (room.bans, room.mutes))
        punished = ((spectator_id, one.name) for one in sanctions if one is not None)
        known = chain(room.recent_authors(), waiting, punished)
        return next((name for author, name in known if author == spectator_id), "")

    # -- taking away ---------------------------------------------------------------------------------

    async def remove(self, room: LiveRoom, reason: str, record: Record) -> None:
        """Take one message away; `reason` is the wire's word for why."""
        message_id = room.encoder.cursor(record.seq)
        body = encode_removal(room.id, reason, message_id=message_id)
        await self._append_removal(room, body, Erasure(seqs=(record.seq,)))

    async def remove_all(self, room: LiveRoom, spectator_id: str, reason: str) -> None:
        """Take away all that somebody said here, shown and held."""
        for held in room.desk.queue:
            if held.message.author.id == spectator_id and room.desk.queue.take(held.id):
                self.turn_down(room, held, reason)
        body = encode_removal(room.id, "deleted", spectator_id=spectator_id)
        await self._append_removal(room, body, Erasure(author=spectator_id))
        for report in room.desk.reports:
            if report.author_id == spectator_id:
                self.settle(room, report.message_id, kept=False)

    async def _append_removal(self, room: LiveRoom, body: bytes, erasure: Erasure) -> None:
        draft = Draft(Kind.REMOVAL, "", self._clock.now_ms(), body, erases=erasure)
        await self._log.append(room.id, [draft])

    def turn_down(self, room: LiveRoom, held: Held, reason: str) -> None:
        """Let a held message through no more, and tell its author."""
        room.desk.reject(held)
        self._chat.tell_rejected(room, held, reason)
        self.settle(room, held.id, kept=False)

    # -- telling --------------------------------------------------------------------------------------

    def settle(self, room: LiveRoom, message_id: str, *, kept: bool) -> None:
        """Close what was reported of a message, and tell who reported it how it ended."""
        report = room.desk.reports.settle(message_id, kept=kept)
        for reporter in report.reporters if report else ():
            outcome = "kept" if kept else "removed"
            self.tell(room, reporter, "report_settled", message_id=message_id, outcome=outcome)

    def tell(self, room: LiveRoom, spectator_id: str, kind: str, **fields: Any) -> bool:
        """Tell a viewer something privately, wherever it is connected; say whether it is."""
        lines = [line for line in self._connections[room.id] if line.author_id == spectator_id]
        for line in lines:
            line.tell(kind, **fields)
        return bool(lines)


def whom_of(held: Held) -> Whom:
    """Return who wrote a message that waits."""
    return Whom(held.message.author.id, held.message.author.name)


def author_in(record: Record) -> Whom:
    """Return who wrote a message; nobody where its text is not kept any more."""
    return Whom(author_of(record), json.loads(record.body)["display_name"]) if record.body else Whom("", "")
