"""Locks: the table of names tells nothing that spectators were not shown, and forgets the idle first."""

import asyncio
import hashlib

import pytest

from relay.service import names as names_module
from relay.service.names import NAMES, RoomNames
from relay.storage.contract import StorageFailed
from support.documents import DocumentsInMemory


def keyed(what: str) -> str:
    return hashlib.sha256(b"key" + what.encode("utf-8", "surrogatepass")).hexdigest()


@pytest.fixture
def store() -> DocumentsInMemory:
    return DocumentsInMemory()


@pytest.fixture
def names(store: DocumentsInMemory) -> RoomNames:
    return RoomNames("room", {}, store, keyed)


async def reopened(store: DocumentsInMemory) -> RoomNames:
    known = (await store.load(NAMES)).get("room", {})
    return RoomNames("room", known, store, keyed)


async def test_names_are_known_by_kind_and_id_over_restarts(names: RoomNames, store: DocumentsInMemory):
    names.learn("agent", "1", "Claude")
    names.learn("person", "1", "alice")
    await names.save()
    for table in (names, await reopened(store)):
        assert table.name_of("agent", "1") == "Claude"
        assert table.name_of("person", "1") == "alice"
        assert table.name_of("agent", "2") is None


async def test_neither_ids_nor_anything_unscreened_is_kept(names: RoomNames, store: DocumentsInMemory):
    names.learn("agent", "agent-id-4711", "bot ada@example.com \x1b[31m" + "x" * 500)
    await names.save()
    assert "4711" not in store.text
    assert "ada@example.com" not in store.text
    shown = names.name_of("agent", "agent-id-4711")
    assert shown is not None
    assert len(shown) <= 100
    assert "\x1b" not in shown


async def test_an_empty_name_forgets_one(names: RoomNames, store: DocumentsInMemory):
    names.learn("holder", "t_1", "Claude")
    names.learn("holder", "t_1", "")
    names.learn("holder", "t_2", "")
    await names.save()
    assert (await reopened(store)).name_of("holder", "t_1") is None
    assert await store.load(NAMES) == {"room": {}}
    await names.save()
    assert store.puts == 1


async def test_what_is_known_already_is_not_written_again(names: RoomNames, store: DocumentsInMemory):
    names.learn("agent", "1", "Claude")
    await names.save()
    names.learn("agent", "1", "Claude")
    await names.save()
    assert store.puts == 1
    names.learn("agent", "1", "Claude 2")
    await names.save()
    assert store.puts == 2


async def test_the_idlest_name_is_forgotten_first(names: RoomNames, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(names_module, "MAX_NAMES", 3)
    for id in "abcad":
        names.learn("agent", id, id.upper())
    assert [names.name_of("agent", id) for id in "abcd"] == ["A", None, "C", "D"]


async def test_a_failed_save_is_made_up_for_by_the_next(names: RoomNames, store: DocumentsInMemory):
    names.learn("agent", "1", "Claude")
    store.broken = True
    with pytest.raises(StorageFailed):
        await names.save()
    store.broken = False
    await names.save()
    assert (await reopened(store)).name_of("agent", "1") == "Claude"


async def test_what_is_learned_during_a_save_is_kept_too():
    store = SlowDocuments()
    names = RoomNames("room", {}, store, keyed)
    names.learn("agent", "1", "Claude")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(names.save())
        await asyncio.sleep(0)
        names.learn("agent", "2", "Llama")
        store.go_on.set()
    await names.save()
    assert (await reopened(store)).name_of("agent", "2") == "Llama"


class SlowDocuments(DocumentsInMemory):
    """Takes a while to write."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def put(self, *arguments: object) -> None:
        document = dict(arguments[2])  # type: ignore[call-overload]
        await self.go_on.wait()
        await super().put(str(arguments[0]), str(arguments[1]), document)
