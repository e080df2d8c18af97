"""Locks: few read history at once, addresses come one after the other, and nobody's turn gets lost."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.gateway.access import Denied
from relay.gateway.turns import AT_ONCE, MAX_WAITING, Turns
from relay.protocol.errors import Code
from support.delivery import settle


class Reading:
    """Readers that go on when they are told to, and the order they came in."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self.turns = Turns()
        self.came: list[str] = []
        self._tasks = tasks
        self._done: dict[str, asyncio.Event] = {}

    def start(self, name: str) -> asyncio.Task[None]:
        """Have a call made by the address that the name begins with."""
        self._done[name] = asyncio.Event()
        return self._tasks.create_task(self._read(name))

    async def _read(self, name: str) -> None:
        async with self.turns.one(name[0]):
            self.came.append(name)
            await self._done[name].wait()

    def finish(self, name: str) -> None:
        self._done[name].set()

    def finish_all(self) -> None:
        for done in self._done.values():
            done.set()


async def test_few_work_at_once_and_who_asks_often_waits_behind_who_asks_once() -> None:
    async with asyncio.TaskGroup() as tasks:
        reading = Reading(tasks)
        for name in ("a1", "a2", "a3", "a4", "a5", "b1", "c1"):
            reading.start(name)
        await settle()
        assert reading.came == ["a1", "a2"]
        assert len(reading.came) == AT_ONCE
        reading.finish_all()
    assert reading.came == ["a1", "a2", "a3", "b1", "c1", "a4", "a5"]


async def test_who_leaves_while_waiting_is_passed_over() -> None:
    async with asyncio.TaskGroup() as tasks:
        reading = Reading(tasks)
        calls = {name: reading.start(name) for name in ("a1", "a2", "b1", "b2", "c1")}
        await settle()
        calls["b1"].cancel()
        calls["c1"].cancel()
        await settle()
        reading.finish("a1")
        await settle()
        assert reading.came == ["a1", "a2", "b2"]
        reading.finish_all()


async def test_a_turn_that_comes_to_somebody_who_just_left_goes_on_to_the_next() -> None:
    async with asyncio.TaskGroup() as tasks:
        reading = Reading(tasks)
        reading.start("a1")
        await settle()
        async with reading.turns.one("a"):
            given = reading.start("b1")
            reading.start("c1")
            await settle()
        given.cancel()  # in the same step as the turn became its own
        await settle()
        assert reading.came == ["a1", "c1"]
        reading.finish_all()


async def test_a_failed_call_gives_its_turn_back() -> None:
    turns = Turns()
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ZeroDivisionError):
            async with turns.one("a"):
                raise ZeroDivisionError
    async with asyncio.timeout(5), turns.one("a"):
        pass


async def test_an_address_may_wait_only_so_often_and_others_still_may() -> None:
    async with asyncio.TaskGroup() as tasks:
        reading = Reading(tasks)
        for number in range(AT_ONCE + MAX_WAITING):
            reading.start(f"a{number}")
        await settle()
        with pytest.raises(Denied) as denied:
            async with reading.turns.one("a"):
                pass
        assert denied.value.refused.code is Code.RATE_LIMITED
        assert denied.value.status == 429
        reading.start("b1")
        await settle()
        reading.finish_all()
    assert "b1" in reading.came[: AT_ONCE + 2]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30), st.randoms())
def test_whoever_stays_reads_once_and_never_more_than_may(
    calls: list[tuple[str, bool]], random: object
) -> None:
    async def run() -> None:
        turns = Turns()
        working, read = 0, Counter[int]()

        async def call(number: int, address: str) -> None:
            nonlocal working
            async with turns.one(address):
                working += 1
                assert working <= AT_ONCE
                read[number] += 1
                await asyncio.sleep(0)
                working -= 1

        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(call(number, who)) for number, (who, _) in enumerate(calls)]
            await asyncio.sleep(0)
            for task, (_, leaves) in zip(started, calls, strict=True):
                if leaves and not read[started.index(task)]:
                    task.cancel()
        stayed = [number for number, (_, leaves) in enumerate(calls) if not leaves]
        assert all(read[number] == 1 for number in stayed)
        assert max(read.values(), default=0) <= 1

    asyncio.run(run())
