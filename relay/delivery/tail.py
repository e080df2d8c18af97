"""The latest of a room's log in memory, and the way to whatever is older."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice

from relay.storage.contract import REMOVED, Erasure, Record

TAIL = 1000
"""Latest records kept in memory, so that a short absence costs no disk read."""
PAGE = 200
"""Records read at a time."""

ReadLog = Callable[[int, int, int], Awaitable[list[Record]]]
"""`(after, limit, until)` → records."""


class Tail:
    """The end of one room's log.

    Attributes:
        start: Everything after this position is in memory, bodies that are not durable too.
        end: The last position.
    """

    def __init__(self, head: int, read: ReadLog) -> None:
        """Start with nothing in memory at position `head`; `read` reads the log."""
        self.start = self.end = head
        self._read = read
        self._records: deque[Record] = deque(maxlen=TAIL)
        self._erasures = 0

    def extend(self, records: Sequence[Record]) -> None:
        """Take committed records. Positions have no holes, so the start moves by what falls out."""
        self.start += max(0, len(self._records) + len(records) - TAIL)
        self.end = records[-1].seq
        self._records.extend(records)

    def erase(self, erasure: Erasure) -> None:
        """Take out the bodies of what was said and goes."""
        self._erasures += 1
        self._records = deque(erased(self._records, erasure), maxlen=TAIL)

    async def after(self, position: int, until: int) -> list[Record]:
        """Return the next page after a position: from memory, or from disk as far as memory does not reach.

        Memory also has the bodies that the disk does not keep. Where it begins moves on while the disk is
        read, so that is looked at afterwards.

        Raises:
            StorageError: If the log cannot be read.
        """
        if position >= self.start:
            return self._from_memory(position, until)
        erasures = -1
        while erasures != self._erasures:
            # What goes while the disk is read may have been read before.
            erasures = self._erasures
            page = await self._read(position, PAGE, until)
        page = [record for record in page if record.seq <= self.start]
        reached = page[-1].seq if page else position
        return page + self._from_memory(reached, until) if reached >= self.start else page

    def _from_memory(self, position: int, until: int) -> list[Record]:
        start = position - self.start
        return list(islice(self._records, start, min(start + PAGE, until - self.start)))


def erased(records: Iterable[Record], erasure: Erasure) -> list[Record]:
    """Return records without the bodies of what goes."""
    return [
        replace(record, type=REMOVED, body=b"", author="") if erasure.covers(record) else record
        for record in records
    ]
