"""Locks: what only the SQLite storage does: group commit, a full disk, files that are not its own."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from relay.storage.contract import IN_LOG, Draft, Kind, StorageFailed, StorageTooNew
from relay.storage.sqlite import SCHEMA_VERSION, SqliteStorage
from support.clock import NOON_MS, ManualClock

ALL = 1 << 30


def event(size: int = 10, dedup: bytes | None = None) -> Draft:
    return Draft(Kind.EVENT, "git.commit", NOON_MS, b"x" * size, dedup)


def names_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


class Held(tuple[Draft, ...]):
    """Drafts that keep the writer busy until they are released."""

    begun: threading.Event
    release: threading.Event

    @classmethod
    def of(cls, *drafts: Draft) -> "Held":
        held = cls(drafts)
        held.begun, held.release = threading.Event(), threading.Event()
        return held

    def __iter__(self) -> Iterator[Draft]:
        self.begun.set()
        assert self.release.wait(10)
        return super().__iter__()


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[SqliteStorage]:
    opened = SqliteStorage(tmp_path, ManualClock())
    await opened.open_room("room")
    yield opened
    await opened.aclose()


async def test_what_waits_shares_one_commit(storage: SqliteStorage):
    statements: list[str] = []
    storage._connection.set_trace_callback(statements.append)
    held = Held.of(event())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(storage.append("room", held))
        await asyncio.to_thread(held.begun.wait, 10)
        appends = [tasks.create_task(storage.append("room", [event()])) for _ in range(100)]
        tasks.create_task(storage.put("rooms", "a", {}))
        await asyncio.sleep(0)
        held.release.set()
    assert [append.result().head for append in appends] == list(range(2, 102))
    assert statements.count("COMMIT") == 2


async def test_a_lone_append_waits_for_nobody(storage: SqliteStorage):
    statements: list[str] = []
    storage._connection.set_trace_callback(statements.append)
    for _ in range(3):
        await storage.append("room", [event()])
    assert statements.count("COMMIT") == 3


async def test_a_commit_survives_a_power_cut(storage: SqliteStorage):
    (journal,) = storage._connection.execute("PRAGMA journal_mode").fetchone()
    (synchronous,) = storage._connection.execute("PRAGMA synchronous").fetchone()
    assert (journal, synchronous) == ("wal", 2)


async def test_readers_do_not_wait_for_the_writer(storage: SqliteStorage):
    await storage.append("room", [event()])
    held = Held.of(event())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(storage.append("room", held))
        await asyncio.to_thread(held.begun.wait, 10)
        assert [record.seq for record in await storage.read("room", 0, ALL)] == [1]
        held.release.set()


async def test_a_full_disk_is_a_loud_error_that_burns_no_number(
    storage: SqliteStorage, caplog: pytest.LogCaptureFixture
):
    shown: list[int] = []
    storage.listen(lambda room, records: shown.extend(record.seq for record in records))
    await storage.append("room", [event()])
    (pages,) = storage._connection.execute("PRAGMA page_count").fetchone()
    storage._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StorageFailed, match="full") as failed:
        await storage.append("room", [event(dedup=b"again"), event(100_000)])
    assert "free space" in str(failed.value)
    assert any(record.levelno == logging.ERROR for record in caplog.records)
    assert shown == [1]
    assert len(await storage.read("room", 0, ALL)) == 1
    storage._connection.execute("PRAGMA max_page_count = 1000000")
    assert await storage.append("room", [event(dedup=b"again"), event(100_000)]) == ([2, 3], 3)
    assert shown == [1, 2, 3]


async def test_on_a_full_disk_small_ones_still_get_through_beside_a_large_one(storage: SqliteStorage):
    (pages,) = storage._connection.execute("PRAGMA page_count").fetchone()
    storage._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    held = Held.of(event())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(storage.append("room", held))
        await asyncio.to_thread(held.begun.wait, 10)
        waiting = [asyncio.ensure_future(storage.append("room", [event(size)])) for size in (10, 100_000, 10)]
        await asyncio.sleep(0)
        held.release.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(answer, StorageFailed) for answer in answers] == [False, True, False]
    assert [record.seq for record in await storage.read("room", 0, ALL)] == [1, 2, 3]


async def test_a_value_the_database_cannot_hold_is_no_crash(storage: SqliteStorage):
    with pytest.raises(StorageFailed):
        await storage.append("room", [Draft(Kind.EVENT, "\ud800", NOON_MS, b"{}")])
    with pytest.raises(StorageFailed):
        await storage.append("room", [Draft(Kind.EVENT, "git.commit", 1 << 80, b"{}")])
    assert (await storage.append("room", [event()])).seqs == [1]


# -- files -----------------------------------------------------------------------------------------


async def test_the_directory_is_made_for_its_owner_only(tmp_path: Path):
    directory = tmp_path / "a" / "b"
    await SqliteStorage(directory, ManualClock()).aclose()
    assert mode(directory) == 0o700


async def test_a_closed_storage_leaves_everything_in_one_file(tmp_path: Path):
    storage = SqliteStorage(tmp_path, ManualClock())
    await storage.open_room("room")
    await storage.append("room", [event()])
    await storage.read("room", 0, ALL)
    await storage.aclose()
    assert names_in(tmp_path) - {"relay.lock"} == {"relay.db"}


async def test_the_first_format_is_brought_up_to_date_and_keeps_what_is_in_it(tmp_path: Path):
    storage = SqliteStorage(tmp_path, ManualClock())
    head = await storage.open_room("room")
    await storage.append("room", [event(dedup=b"k")])
    await storage.aclose()
    connection = sqlite3.connect(tmp_path / "relay.db")
    connection.executescript(
        "DROP TABLE left_out; DROP INDEX log_author; ALTER TABLE log DROP COLUMN author;"
        "PRAGMA user_version = 1;"
    )
    connection.close()

    storage = SqliteStorage(tmp_path, ManualClock())
    assert await storage.open_room("room") == (head.epoch, 1)
    again = [event(dedup=b"k"), replace(event(dedup=b"l"), repeats=IN_LOG), event(dedup=b"l")]
    assert (await storage.append("room", again)).seqs == [None, None, None]
    await storage.aclose()


async def test_a_newer_format_is_refused_with_the_next_step_and_left_alone(tmp_path: Path):
    await SqliteStorage(tmp_path, ManualClock()).aclose()
    connection = sqlite3.connect(tmp_path / "relay.db")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    before = (tmp_path / "relay.db").read_bytes()
    with pytest.raises(StorageTooNew, match="newer clawtank"):
        SqliteStorage(tmp_path, ManualClock())
    assert (tmp_path / "relay.db").read_bytes() == before
    with pytest.raises(StorageTooNew):  # and the directory is free again
        SqliteStorage(tmp_path, ManualClock())


async def test_a_file_that_is_no_database_is_refused_and_the_directory_let_go(tmp_path: Path):
    (tmp_path / "relay.db").write_bytes(b"this is somebody's diary\n" * 100)
    for _ in range(2):
        with pytest.raises(StorageFailed, match=r"relay\.db"):
            SqliteStorage(tmp_path, ManualClock())


@pytest.mark.parametrize("where", ["file", "file/below"])
async def test_a_directory_that_cannot_be_had_is_one_sentence(tmp_path: Path, where: str):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFailed, match="--data"):
        SqliteStorage(tmp_path / where, ManualClock())


async def test_no_connection_is_left_to_the_garbage_collector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def remember(*arguments: Any, **named: Any) -> sqlite3.Connection:
        opened.append(connect(*arguments, **named))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", remember)
    storage = SqliteStorage(tmp_path, ManualClock())
    await storage.open_room("room")
    await asyncio.gather(*(storage.read("room", 0, ALL) for _ in range(8)))
    await storage.aclose()
    assert len(opened) >= 2
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")
