"""The default storage: one SQLite file, one writer thread, group commit.

WAL with `synchronous=FULL`, so a commit survives a power cut. The writer takes whatever waits and commits
it in one transaction: under load a hundred appends share one fsync, at rest one append waits for nobody.
Reads have connections of their own and never wait for the writer.
"""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from filelock import FileLock, Timeout

from relay.protocol.cursor import new_epoch
from relay.storage.contract import (
    IN_LOG,
    REMOVED,
    Appended,
    Draft,
    Erasure,
    Grid,
    Head,
    Kind,
    Listener,
    Record,
    Span,
    StorageBusy,
    StorageFailed,
    StorageTooNew,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from relay.clock import Clock

SCHEMA_VERSION = 3
_GROUP = 512
"""Jobs of one transaction at most, so that nobody waits long behind a flood."""
_BUSY_MS = 5000
_log = logging.getLogger("relay.storage")

_SCHEMA = """
CREATE TABLE room (num INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL);
CREATE TABLE log (
  room INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, type TEXT NOT NULL,
  at_ms INTEGER NOT NULL, logged_ms INTEGER NOT NULL, body BLOB NOT NULL, dedup BLOB,
  PRIMARY KEY (room, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX log_dedup ON log (room, dedup) WHERE dedup IS NOT NULL;
CREATE INDEX log_time ON log (room, at_ms, seq);
CREATE TABLE state (
  bucket TEXT NOT NULL, key TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
"""
_LEFT_OUT = """
CREATE TABLE left_out (
  room INTEGER NOT NULL, dedup BLOB NOT NULL, PRIMARY KEY (room, dedup)
) WITHOUT ROWID;
"""
"""Keys of drafts that said nothing new: sent once more, when it would be news, they still are no news."""
_AUTHORS = """
ALTER TABLE log ADD COLUMN author TEXT;
CREATE INDEX log_author ON log (room, author) WHERE author IS NOT NULL;
UPDATE log SET author = json_extract(CAST(body AS TEXT), '$.spectator_id')
  WHERE kind = 'chat' AND length(body) > 0;
"""
_ERASE = "UPDATE log SET body = x'', type = ?, author = NULL WHERE room = ? AND kind = 'chat' AND "

_T = TypeVar("_T")


@dataclass(slots=True)
class _Room:
    num: int
    epoch: str
    seq: int


@dataclass(slots=True)
class _Job:
    """One piece of work for the writer: runs inside the transaction, resolves after the commit."""

    run: Callable[[sqlite3.Connection], Any]
    done: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None
    records: list[Record] = field(default_factory=list)
    room_id: str = ""


class SqliteStorage:
    """`EventLog` and `StateStore` in one file. Create it on the event loop that uses it."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        """Open or create `directory`/relay.db.

        Raises:
            StorageBusy: If another relay holds the directory.
            StorageTooNew: If a newer version wrote it.
            StorageFailed: If it cannot be opened.
        """
        self._path = directory / "relay.db"
        self._closed = False
        self._connections: list[sqlite3.Connection] = []
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._listener: Listener | None = None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._rooms: dict[str, _Room] = {}
        self._lock = _claim(directory)
        try:
            if not self._path.exists():
                # SQLite would let every user of the machine read it; -wal and -shm get the mode of this file.
                self._path.touch(mode=0o600)
            self._connection = self._connect()
            _migrate(self._connection, self._path)
        except (OSError, sqlite3.Error, StorageTooNew) as error:
            for connection in self._connections:
                connection.close()
            self._lock.release()
            if isinstance(error, StorageTooNew):
                raise
            raise StorageFailed(_sentence(self._path, error)) from error
        self._local = threading.local()
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="log-reader")
        self._writer = threading.Thread(target=self._write_loop, name="log-writer", daemon=True)
        self._writer.start()

    # -- EventLog ----------------------------------------------------------------------------------

    def listen(self, listener: Listener) -> None:
        """Name who gets every committed record."""
        self._listener = listener

    async def open_room(self, room_id: str) -> Head:
        """Return a room's position, starting its log if it has none."""
        room: _Room = await self._submit(lambda connection: self._open(connection, room_id))
        return Head(room.epoch, room.seq)

    async def append(self, room_id: str, drafts: Sequence[Draft]) -> Appended:
        """Commit drafts in order, all or none."""
        job = self._job(lambda connection: self._append(connection, job, drafts))
        job.room_id = room_id
        result: Appended = await self._enqueue(job)
        return result

    async def read(self, room_id: str, after: int, limit: int, *, until: int | None = None) -> list[Record]:
        """Return records after a position, in order."""
        num = self._rooms[room_id].num
        last = until if until is not None else (1 << 62)

        def query(connection: sqlite3.Connection) -> list[Record]:
            rows = connection.execute(
                "SELECT seq, kind, type, at_ms, logged_ms, body FROM log"
                " WHERE room = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
                (num, after, last, limit),
            )
            return [Record(seq, Kind(kind), *rest) for seq, kind, *rest in rows]

        return await self._read(query)

    async def seek(self, room_id: str, since_ms: int) -> int:
        """Return the position just before the first record at or after an instant."""
        return await self._first_of(
            room_id, "SELECT min(seq) FROM log WHERE room = ? AND at_ms >= ?", (since_ms,)
        )

    async def unkept(self, room_id: str, after: int, until: int) -> int:
        """Count the records whose bodies were not durable."""
        num = self._rooms[room_id].num

        def query(connection: sqlite3.Connection) -> int:
            row = connection.execute(
                "SELECT count(*) FROM log WHERE room = ? AND seq > ? AND seq <= ? AND length(body) = 0"
                " AND type <> ?",
                (num, after, until, REMOVED),
            ).fetchone()
            return int(row[0])

        return await self._read(query)

    async def spans(
        self, room_id: str, grid: Grid, types: frozenset[str], after: int, until: int
    ) -> list[Span]:
        """Sum up a stretch of the log by the cells of a grid."""
        num = self._rooms[room_id].num
        asked = f"kind = 'event' AND type IN ({','.join('?' * len(types))})"

        def query(connection: sqlite3.Connection) -> list[Span]:
            rows = connection.execute(
                "SELECT min(seq), max(seq), max(logged_ms), count(happened), ifnull(min(happened), 0),"
                f" ifnull(max(happened), 0) FROM (SELECT seq, logged_ms, CASE WHEN {asked} THEN at_ms END"
                " AS happened FROM log WHERE room = ? AND seq > ? AND seq <= ?)"
                " GROUP BY (seq - 1) / ?, (logged_ms + ?) / ? ORDER BY min(seq)",
                (*types, num, after, until, grid.positions, grid.shift_ms, grid.period_ms),
            )
            return [Span(*row) for row in rows]

        return await self._read(query)

    async def tail(self, room_id: str, types: frozenset[str], count: int) -> int:
        """Return the position just before the last `count` events of these types."""
        marks = ",".join("?" * len(types))
        return await self._first_of(
            room_id,
            f"SELECT min(seq) FROM (SELECT seq FROM log WHERE room = ? AND type IN ({marks})"
            " ORDER BY seq DESC LIMIT ?)",
            (*types, count),
        )

    async def _first_of(self, room_id: str, question: str, values: tuple[Any, ...]) -> int:
        """Return the position before the first record found; the end of the log if there is none."""
        num = self._rooms[room_id].num

        def query(connection: sqlite3.Connection) -> int:
            found = connection.execute(question, (num, *values)).fetchone()[0]
            if found is not None:
                return int(found) - 1
            last = connection.execute("SELECT max(seq) FROM log WHERE room = ?", (num,)).fetchone()[0]
            return int(last or 0)

        return await self._read(query)

    # -- StateStore --------------------------------------------------------------------------------

    async def load(self, bucket: str) -> dict[str, Mapping[str, Any]]:
        """Return a whole bucket."""

        def query(connection: sqlite3.Connection) -> dict[str, Mapping[str, Any]]:
            rows = connection.execute("SELECT key, document FROM state WHERE bucket = ?", (bucket,))
            return {key: json.loads(document) for key, document in rows}

        return await self._read(query)

    async def put(self, bucket: str, key: str, document: Mapping[str, Any]) -> None:
        """Write one document."""
        text = json.dumps(document)
        await self._submit(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO state (bucket, key, document) VALUES (?, ?, ?)", (bucket, key, text)
            )
        )

    async def drop(self, bucket: str, key: str) -> None:
        """Delete one document."""
        await self._submit(
            lambda connection: connection.execute(
                "DELETE FROM state WHERE bucket = ? AND key = ?", (bucket, key)
            )
        )

    async def aclose(self) -> None:
        """Commit what waits, close every connection, let the directory go."""
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown(wait=True)
        for connection in self._connections:
            connection.close()
        self._lock.release()

    # -- the writer thread -------------------------------------------------------------------------

    def _job(self, run: Callable[[sqlite3.Connection], Any]) -> _Job:
        return _Job(run, self._loop.create_future())

    async def _submit(self, run: Callable[[sqlite3.Connection], Any]) -> Any:
        return await self._enqueue(self._job(run))

    async def _enqueue(self, job: _Job) -> Any:
        if self._closed:
            raise StorageFailed("The relay is stopping and stores nothing more. Try again when it is back.")
        self._jobs.put(job)
        return await job.done

    def _write_loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            ended = False
            while len(group) < _GROUP:
                try:
                    following = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    ended = True
                    break
                group.append(following)
            self._commit(group)
            if ended:
                break

    def _commit(self, group: list[_Job]) -> None:
        problem = self._transact(group)
        if problem is not None and len(group) > 1:
            # One of them may be the cause, and the others must not pay for it.
            for job in group:
                job.error = self._transact([job])
        elif problem is not None:
            group[0].error = problem
        with suppress(RuntimeError):  # the loop is gone: nobody waits for the answer any more
            self._loop.call_soon_threadsafe(self._announce, group)

    def _transact(self, group: list[_Job]) -> StorageFailed | None:
        """Run jobs in one transaction; on failure nothing of them was done, and no number was given."""
        heads = {room_id: room.seq for room_id, room in self._rooms.items()}
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for job in group:
                job.records.clear()
                job.result = job.run(self._connection)
            self._connection.execute("COMMIT")
        except Exception as error:  # whatever it is, the thread must go on and each waiter must hear of it
            _log.exception("a commit of %d jobs failed", len(group))
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            rooms = self._rooms.items()
            self._rooms = {rid: _Room(r.num, r.epoch, heads[rid]) for rid, r in rooms if rid in heads}
            return StorageFailed(_sentence(self._path, error))
        return None

    def _announce(self, group: list[_Job]) -> None:
        for job in group:
            try:
                if job.error is None and job.records and self._listener is not None:
                    self._listener(job.room_id, job.records)
            except Exception:
                _log.exception("committed records could not be shown")
            finally:
                if not job.done.done():
                    if job.error is None:
                        job.done.set_result(job.result)
                    else:
                        job.done.set_exception(job.error)

    def _open(self, connection: sqlite3.Connection, room_id: str) -> _Room:
        room = self._rooms.get(room_id)
        if room is None:
            row = connection.execute("SELECT num, epoch FROM room WHERE id = ?", (room_id,)).fetchone()
            if row is None:
                epoch = new_epoch()
                cursor = connection.execute("INSERT INTO room (id, epoch) VALUES (?, ?)", (room_id, epoch))
                room = _Room(int(cursor.lastrowid or 0), epoch, 0)
            else:
                last = connection.execute("SELECT max(seq) FROM log WHERE room = ?", (row[0],)).fetchone()
                room = _Room(row[0], row[1], int(last[0] or 0))
            # A new dict, not a new key: readers on other threads may be looking at the old one.
            self._rooms = {**self._rooms, room_id: room}
        return room

    def _append(self, connection: sqlite3.Connection, job: _Job, drafts: Sequence[Draft]) -> Appended:
        room = self._open(connection, job.room_id)
        now_ms = self._clock.now_ms()
        seqs: list[int | None] = []
        said = {IN_LOG}
        for place, draft in enumerate(drafts):
            saying = place if draft.repeats is None else draft.repeats
            if saying in said:
                if draft.dedup is not None:
                    connection.execute(
                        "INSERT OR IGNORE INTO left_out (room, dedup) VALUES (?, ?)", (room.num, draft.dedup)
                    )
                seqs.append(None)
                continue
            inserted = connection.execute(
                "INSERT INTO log (room, seq, kind, type, at_ms, logged_ms, body, dedup, author)"
                " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"
                " WHERE NOT EXISTS (SELECT 1 FROM left_out WHERE room = ?1 AND dedup = ?8)"
                " ON CONFLICT (room, dedup) WHERE dedup IS NOT NULL DO NOTHING",
                (
                    room.num,
                    room.seq + 1,
                    draft.kind.value,
                    draft.type,
                    draft.at_ms,
                    now_ms,
                    draft.body if draft.durable else b"",
                    draft.dedup,
                    (draft.author or None) if draft.durable else None,
                ),
            ).rowcount
            if not inserted:
                seqs.append(None)
                continue
            said.add(saying)
            if draft.erases is not None:
                _erase(connection, room.num, draft.erases)
            room.seq += 1
            seqs.append(room.seq)
            job.records.append(
                Record(
                    room.seq,
                    draft.kind,
                    draft.type,
                    draft.at_ms,
                    now_ms,
                    draft.body,
                    draft.origin,
                    draft.taken_s,
                    draft.author,
                    draft.erases,
                )
            )
        return Appended(seqs, room.seq)

    # -- readers -----------------------------------------------------------------------------------

    async def _read(self, query: Callable[[sqlite3.Connection], _T]) -> _T:
        def run() -> _T:
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._connect()
            try:
                return query(connection)
            except sqlite3.Error as error:
                raise StorageFailed(_sentence(self._path, error)) from error

        return await self._loop.run_in_executor(self._readers, run)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000
        )
        self._connections.append(connection)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        # What is erased is overwritten, not only forgotten.
        connection.execute("PRAGMA secure_delete=ON")
        return connection


def _claim(directory: Path) -> FileLock:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(directory / "relay.lock", blocking=False)
        lock.acquire()
    except Timeout:
        raise StorageBusy(
            f"The data directory {directory} is in use by another relay."
            " Stop that one, or choose another directory with --data."
        ) from None
    except OSError as error:
        raise StorageFailed(
            f"The data directory {directory} cannot be used: {error.strerror}. Choose another with --data."
        ) from error
    return lock


def _erase(connection: sqlite3.Connection, room: int, erasure: Erasure) -> None:
    connection.executemany(f"{_ERASE}seq = ?", [(REMOVED, room, seq) for seq in erasure.seqs])
    if erasure.author:
        connection.execute(f"{_ERASE}author = ?", (REMOVED, room, erasure.author))


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise StorageTooNew(
            f"{path} was written by a newer clawtank (format {version}, this one knows {SCHEMA_VERSION})."
            " Upgrade clawtank, or choose another directory with --data."
        )
    steps = (_SCHEMA, _LEFT_OUT, _AUTHORS)
    if version < SCHEMA_VERSION:
        missing = "".join(steps[version:])
        connection.executescript(f"BEGIN;{missing}PRAGMA user_version={SCHEMA_VERSION};COMMIT;")


def _sentence(path: Path, error: Exception) -> str:
    return f"The relay cannot use {path}: {error}. Check the free space and the permissions of the disk."
