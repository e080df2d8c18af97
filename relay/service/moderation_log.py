"""The moderation log of every room: append-only, durable, and the latest lines in memory.

It is a log like a room's own, under a name no room can have, and nobody watches it.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relay.chat.entries import Entry, public_entry, stored_entry
from relay.protocol.envelope import encode_json
from relay.storage.contract import Draft, Kind

if TYPE_CHECKING:
    from relay.storage.contract import EventLog

LATEST = 200
"""Lines in memory: what a console starts with, and what can be undone."""


@dataclass(slots=True)
class _Lines:
    """The end of one room's log.

    Attributes:
        head: The last line's number.
        latest: The latest lines by number.
        undone: Of all lines in memory, those that were taken back.
    """

    head: int = 0
    latest: OrderedDict[int, Entry] = field(default_factory=OrderedDict)
    undone: set[int] = field(default_factory=set)

    def add(self, number: int, entry: Entry) -> None:
        """Take a line that was committed."""
        self.head = number
        self.latest[number] = entry
        if entry.undoes:
            self.undone.add(int(entry.undoes))
        while len(self.latest) > LATEST:
            oldest, _ = self.latest.popitem(last=False)
            self.undone.discard(oldest)

    def public(self, number: int, entry: Entry) -> dict[str, Any]:
        """Return a line as moderators see it."""
        told = public_entry(number, entry, undone=number in self.undone)
        return told if number in self.latest else {**told, "undoable": False}


class ModerationLog:
    """The logs of all rooms."""

    def __init__(self, log: EventLog) -> None:
        """Bind the storage; call `open` for each room."""
        self._log = log
        self._rooms: dict[str, _Lines] = {}

    async def open(self, room_id: str) -> None:
        """Read the end of a room's log."""
        name = _name(room_id)
        head = (await self._log.open_room(name)).seq
        lines = self._rooms[room_id] = _Lines(head)
        for record in await self._log.read(name, max(0, head - LATEST), LATEST):
            lines.add(record.seq, stored_entry(json.loads(record.body)))

    async def append(self, room_id: str, entry: Entry) -> dict[str, Any]:
        """Commit a line; return it as moderators see it.

        Raises:
            StorageError: If it could not be committed.
        """
        body = encode_json(entry.document())
        draft = Draft(Kind.ACT, "", entry.at_ms, body, author=entry.spectator_id)
        number = (await self._log.append(_name(room_id), [draft])).head
        lines = self._rooms[room_id]
        lines.add(number, entry)
        return lines.public(number, entry)

    def latest(self, room_id: str, count: int) -> list[dict[str, Any]]:
        """Return the latest lines, oldest first."""
        lines = self._rooms[room_id]
        return [lines.public(number, entry) for number, entry in list(lines.latest.items())[-count:]]

    def undoable(self, room_id: str, number: str) -> Entry | None:
        """Return a line that may be taken back; None if it is too old, taken back already, or none."""
        lines = self._rooms[room_id]
        entry = lines.latest.get(int(number)) if number.isascii() and number.isdigit() else None
        if (
            entry is None
            or not public_entry(int(number), entry, undone=int(number) in lines.undone)["undoable"]
        ):
            return None
        return entry

    async def page(self, room_id: str, before: int | None, limit: int) -> tuple[list[dict[str, Any]], bool]:
        """Return lines before one of them, newest first, and whether there are older ones."""
        lines = self._rooms[room_id]
        last = lines.head if before is None else min(before - 1, lines.head)
        start = max(0, last - limit)
        records = await self._log.read(_name(room_id), start, limit, until=last) if last > start else []
        shown = [lines.public(record.seq, stored_entry(json.loads(record.body))) for record in records]
        return shown[::-1], start > 0


def _name(room_id: str) -> str:
    # No room's id has a slash.
    return f"moderation/{room_id}"
