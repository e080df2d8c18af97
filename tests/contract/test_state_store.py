"""Locks: what `relay.storage.contract.StateStore` promises, for every storage there is."""

import asyncio
from collections.abc import Callable

from relay.storage.contract import Storage

DOCUMENT = {"name": "é🚀", "list": [1, None, {"a": True}]}


async def test_a_bucket_nobody_used_is_empty(storage: Storage):
    assert await storage.load("rooms") == {}


async def test_documents_come_back_whole_by_bucket_and_key(storage: Storage):
    await storage.put("rooms", "a", DOCUMENT)
    await storage.put("rooms", "b", {})
    await storage.put("tokens", "a", {"other": 1})
    assert await storage.load("rooms") == {"a": DOCUMENT, "b": {}}
    assert await storage.load("tokens") == {"a": {"other": 1}}


async def test_a_second_put_replaces_the_whole_document(storage: Storage):
    await storage.put("rooms", "a", {"x": 1, "y": 2})
    await storage.put("rooms", "a", {"x": 3})
    assert await storage.load("rooms") == {"a": {"x": 3}}


async def test_a_document_is_taken_as_it_was_when_it_was_handed_in(storage: Storage):
    document = {"x": 1}
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(storage.put("rooms", "a", document))
        await asyncio.sleep(0)
        document["x"] = 2
    assert await storage.load("rooms") == {"a": {"x": 1}}


async def test_the_last_word_wins_among_many_at_once(storage: Storage):
    await asyncio.gather(*(storage.put("rooms", "a", {"n": n}) for n in range(50)))
    assert await storage.load("rooms") == {"a": {"n": 49}}


async def test_a_dropped_document_is_gone_and_dropping_none_is_harmless(storage: Storage):
    await storage.put("rooms", "a", DOCUMENT)
    await storage.put("rooms", "b", DOCUMENT)
    await storage.drop("rooms", "a")
    await storage.drop("rooms", "nobody")
    await storage.drop("tokens", "b")
    assert await storage.load("rooms") == {"b": DOCUMENT}


async def test_documents_survive_a_restart(open_storage: Callable[[], Storage]):
    storage = open_storage()
    await storage.put("rooms", "a", DOCUMENT)
    await storage.aclose()
    storage = open_storage()
    assert await storage.load("rooms") == {"a": DOCUMENT}
    await storage.aclose()
