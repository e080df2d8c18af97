"""What every storage promises.

One per-room sequence orders everything a viewer can miss: events, spectator chat, changes of settings and
state. An append that returns is committed; each committed record is handed to the listener once,
in order, before its append returns, so that what is shown is always durable first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol


class Kind(StrEnum):
    """What a record of the log is; acts have logs of their own, which nobody watches."""

    EVENT = "event"
    CHAT = "chat"
    REMOVAL = "removal"
    SETTINGS = "settings"
    STATE = "state"
    ACT = "act"


IN_LOG = -1
"""A draft that repeats what the log says already."""
REMOVED = "removed"
"""The type of a chat record whose body was taken out: its place in the sequence is all that is left."""


class Erasure(NamedTuple):
    """What was said and goes, in the commit of the draft that says so.

    Attributes:
        seqs: Positions of chat records.
        author: Whose chat records go as well, all of them up to here; empty for nobody's.
    """

    seqs: tuple[int, ...] = ()
    author: str = ""

    def covers(self, record: Record) -> bool:
        """Say whether a record before it goes."""
        if record.kind is not Kind.CHAT:
            return False
        return record.seq in self.seqs or (self.author != "" and record.author == self.author)


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that wants a place in the sequence.

    Attributes:
        kind: What it is.
        type: The event's type; empty for other kinds.
        at_ms: When it happened, by its source.
        body: The JSON object a viewer will get, without its position.
        dedup: Makes a repeat harmless: a second draft with the same key is a duplicate. None: never one.
        durable: Whether the body is kept; without it only the place in the sequence is.
        origin: Handed to the listener with the record, for this process only (a chat message's sender).
        taken_s: When it was taken in, in monotonic seconds; handed on like `origin`, for the figures.
        repeats: The place, in the same append, of the first draft that says the same, or `IN_LOG`. Once one
            of them is in the log the others are left out, and so is whatever comes later with their keys.
        author: Whose it is, as the room knows them; kept as long as the body is.
        erases: What goes with it.
    """

    kind: Kind
    type: str
    at_ms: int
    body: bytes
    dedup: bytes | None = None
    durable: bool = True
    origin: Any = None
    taken_s: float | None = None
    repeats: int | None = None
    author: str = ""
    erases: Erasure | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A committed draft.

    `body` is empty when it was not durable and is read back, and when it was erased: the type of such a chat
    record is `REMOVED`. `author` and `erases` are the draft's, for the listener; what is read back has none.
    """

    seq: int
    kind: Kind
    type: str
    at_ms: int
    logged_ms: int
    body: bytes
    origin: Any = None
    taken_s: float | None = None
    author: str = ""
    erases: Erasure | None = None


class Head(NamedTuple):
    """Where a room's log stands: its lifetime, and the last position given."""

    epoch: str
    seq: int


class Appended(NamedTuple):
    """What an append did.

    Attributes:
        seqs: The position of each draft, in order; None for a duplicate and for what was left out.
        head: The room's last position after it.
    """

    seqs: list[int | None]
    head: int


class Grid(NamedTuple):
    """Cells that the records of a log fall into, by position and by the time they were logged at.

    Attributes:
        positions: Positions of one cell: 1 to `positions`, and so on.
        period_ms: Milliseconds of one cell.
        shift_ms: How much earlier than a whole number of periods since 1970 cells begin.
    """

    positions: int
    period_ms: int
    shift_ms: int

    def ends_ms(self, logged_ms: int) -> int:
        """Return when the cell ends that an instant is in."""
        return ((logged_ms + self.shift_ms) // self.period_ms + 1) * self.period_ms - self.shift_ms


@dataclass(frozen=True, slots=True)
class Span:
    """The records of a log that are in one cell of a grid.

    Attributes:
        first: Position of the first.
        last: Position of the last.
        logged_ms: When the latest of them was logged.
        count: How many of them are events of the types asked for.
        from_ms: When the earliest of those happened; 0 if there are none.
        to_ms: When the latest of those happened; 0 if there are none.
    """

    first: int
    last: int
    logged_ms: int
    count: int
    from_ms: int
    to_ms: int


Listener = Callable[[str, Sequence[Record]], None]


class StorageError(Exception):
    """The storage cannot do its work; the sentence says why and what the operator does next.

    ```
    StorageError
    ├── StorageBusy       another relay holds the directory
    ├── StorageTooNew     written by a newer version
    └── StorageFailed     a read or a write failed (full disk, broken file)
    ```
    """


class StorageBusy(StorageError):
    """Another relay uses this data directory."""


class StorageTooNew(StorageError):
    """The data directory was written by a newer version."""


class StorageFailed(StorageError):
    """A read or write failed; nothing of the failed append was kept."""


class EventLog(Protocol):
    """One ordered, durable log per room."""

    def listen(self, listener: Listener) -> None:
        """Name who gets every committed record, on the event loop, in order."""

    async def open_room(self, room_id: str) -> Head:
        """Return a room's position, starting its log if it has none."""

    async def append(self, room_id: str, drafts: Sequence[Draft]) -> Appended:
        """Commit drafts in order, all or none; what a draft erases goes in the same commit, body and author.

        Raises:
            StorageFailed: If they could not be committed.
        """

    async def read(self, room_id: str, after: int, limit: int, *, until: int | None = None) -> list[Record]:
        """Return at most `limit` records with `after` < seq ≤ `until`, in order."""

    async def seek(self, room_id: str, since_ms: int) -> int:
        """Return the position just before the first record that happened at or after `since_ms`."""

    async def unkept(self, room_id: str, after: int, until: int) -> int:
        """Count the records with `after` < seq ≤ `until` whose bodies were not durable, erased ones apart."""

    async def spans(
        self, room_id: str, grid: Grid, types: frozenset[str], after: int, until: int
    ) -> list[Span]:
        """Sum up the records with `after` < seq ≤ `until` by the cells of a grid, in order of their firsts.

        Every record of the range is looked at, without its body: the caller keeps it short.
        """

    async def tail(self, room_id: str, types: frozenset[str], count: int) -> int:
        """Return the position just before the last `count` events of these types."""


class StateStore(Protocol):
    """Small JSON documents by bucket and key."""

    async def load(self, bucket: str) -> dict[str, Mapping[str, Any]]:
        """Return a whole bucket."""

    async def put(self, bucket: str, key: str, document: Mapping[str, Any]) -> None:
        """Write one document; committed when it returns."""

    async def drop(self, bucket: str, key: str) -> None:
        """Delete one document, if it is there; committed when it returns."""


class Storage(EventLog, StateStore, Protocol):
    """Both, and a life."""

    async def aclose(self) -> None:
        """Commit what was handed in, then let go of everything."""
