"""Locks: what `relay.storage.contract.EventLog` promises, for every storage there is.

Durable before shown, shown before answered, in one order without holes, all or nothing.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.protocol.cursor import parse_cursor
from relay.storage.contract import (
    IN_LOG,
    REMOVED,
    Draft,
    Erasure,
    Grid,
    Kind,
    Record,
    Span,
    Storage,
    StorageBusy,
    StorageError,
    StorageFailed,
)
from support.clock import NOON_MS, ManualClock
from support.storages import FACTORIES

Open = Callable[[], Storage]
ALL = 1 << 30


def event(
    name: str = "x", *, type: str = "git.commit", at_ms: int = NOON_MS, dedup: bytes | None = None
) -> Draft:
    return Draft(Kind.EVENT, type, at_ms, b'{"name":"%s"}' % name.encode(), dedup)


def chat(text: str = "hi", *, durable: bool = True, origin: Any = None) -> Draft:
    return Draft(Kind.CHAT, "", NOON_MS, b'{"message":"%s"}' % text.encode(), durable=durable, origin=origin)


class Shown:
    """A listener that remembers."""

    def __init__(self, storage: Storage) -> None:
        self.records: list[tuple[str, Record]] = []
        storage.listen(self)

    def __call__(self, room_id: str, records: Sequence[Record]) -> None:
        self.records += [(room_id, record) for record in records]

    def seqs(self, room_id: str = "room") -> list[int]:
        return [record.seq for room, record in self.records if room == room_id]


async def bodies(storage: Storage, room_id: str = "room") -> list[bytes]:
    return [record.body for record in await storage.read(room_id, 0, ALL)]


# -- order -----------------------------------------------------------------------------------------


async def test_a_new_room_starts_at_nothing(storage: Storage):
    head = await storage.open_room("room")
    assert head.seq == 0
    assert parse_cursor(f"{head.epoch}-0") is not None
    assert await storage.open_room("room") == head
    assert await storage.read("room", 0, ALL) == []


async def test_positions_have_no_holes_and_follow_the_drafts(storage: Storage):
    await storage.open_room("room")
    assert await storage.append("room", [event("a"), event("b")]) == ([1, 2], 2)
    assert await storage.append("room", [chat("c")]) == ([3], 3)
    assert await storage.append("room", []) == ([], 3)
    assert [record.seq for record in await storage.read("room", 0, ALL)] == [1, 2, 3]


async def test_rooms_count_apart_and_have_epochs_of_their_own(storage: Storage):
    first, second = await storage.open_room("one"), await storage.open_room("two")
    assert first.epoch != second.epoch
    await storage.append("one", [event("a"), event("b")])
    assert await storage.append("two", [event("c")]) == ([1], 1)
    assert await bodies(storage, "one") == [b'{"name":"a"}', b'{"name":"b"}']
    assert await bodies(storage, "two") == [b'{"name":"c"}']


async def test_what_was_handed_in_first_comes_first(storage: Storage):
    await storage.open_room("room")
    answers = await asyncio.gather(*(storage.append("room", [event(str(n))]) for n in range(300)))
    assert [answer.seqs for answer in answers] == [[n + 1] for n in range(300)]
    assert await bodies(storage) == [b'{"name":"%d"}' % n for n in range(300)]


async def test_a_record_reads_back_as_it_was_committed(storage: Storage, clock: ManualClock):
    await storage.open_room("room")
    clock.advance(5)
    await storage.append("room", [event("a", at_ms=-1), Draft(Kind.STATE, "", NOON_MS, "{é}".encode())])
    assert await storage.read("room", 0, ALL) == [
        Record(1, Kind.EVENT, "git.commit", -1, NOON_MS + 5000, b'{"name":"a"}'),
        Record(2, Kind.STATE, "", NOON_MS, NOON_MS + 5000, "{é}".encode()),
    ]


# -- erased ----------------------------------------------------------------------------------------


def by(author: str, text: str, *, durable: bool = True) -> Draft:
    return replace(chat(text, durable=durable), author=author)


def removal(*seqs: int, author: str = "") -> Draft:
    return Draft(Kind.REMOVAL, "", NOON_MS, b"{}", erases=Erasure(seqs, author))


async def test_what_a_draft_erases_goes_in_its_commit_and_keeps_its_place(storage: Storage):
    await storage.open_room("room")
    await storage.append("room", [chat("a"), chat("b"), event("c")])
    assert await storage.append("room", [removal(1, 3, 99)]) == ([4], 4)
    records = await storage.read("room", 0, ALL)
    assert [(record.seq, record.body) for record in records] == [
        (1, b""),
        (2, b'{"message":"b"}'),
        (3, b'{"name":"c"}'),  # an event is not what anybody said
        (4, b"{}"),
    ]
    assert [record.type for record in records[:2]] == [REMOVED, ""]


async def test_all_of_an_authors_goes_in_this_room_up_to_here(storage: Storage):
    await storage.open_room("room")
    await storage.open_room("other")
    await storage.append("other", [by("ada", "elsewhere")])
    await storage.append("room", [by("ada", "a"), by("bob", "b"), by("ada", "c"), chat("nobody's")])
    await storage.append("room", [removal(author="ada"), by("ada", "later")])
    assert await bodies(storage) == [
        b"",
        b'{"message":"b"}',
        b"",
        b'{"message":"nobody\'s"}',
        b"{}",
        b'{"message":"later"}',
    ]
    assert await bodies(storage, "other") == [b'{"message":"elsewhere"}']


async def test_what_was_erased_is_not_counted_as_not_kept(storage: Storage):
    await storage.open_room("room")
    await storage.append("room", [chat("a"), chat("b", durable=False), chat("c", durable=False)])
    await storage.append("room", [removal(1, 2)])
    assert await storage.unkept("room", 0, 4) == 1


async def test_the_listener_learns_whose_it_is_and_what_goes(storage: Storage):
    await storage.open_room("room")
    shown = Shown(storage)
    await storage.append("room", [by("ada", "a", durable=False), removal(1)])
    said, removed = (record for _, record in shown.records)
    assert said.author == "ada"
    assert removed.erases == Erasure((1,))
    assert removed.erases.covers(said)
    assert {record.author for record in await storage.read("room", 0, ALL)} == {""}


# -- shown -----------------------------------------------------------------------------------------


async def test_records_are_shown_once_in_order_before_their_append_returns(storage: Storage):
    await storage.open_room("room")
    shown = Shown(storage)

    async def publish(name: str) -> None:
        answer = await storage.append("room", [event(name), event(name)])
        assert answer.seqs[-1] in shown.seqs()

    await asyncio.gather(*(publish(str(n)) for n in range(100)))
    assert shown.seqs() == list(range(1, 201))


async def test_what_is_shown_is_committed_already(storage: Storage):
    await storage.open_room("room")
    reading: list[asyncio.Task[list[Record]]] = []
    async with asyncio.TaskGroup() as tasks:

        def listener(room_id: str, records: Sequence[Record]) -> None:
            reading.append(tasks.create_task(storage.read(room_id, records[0].seq - 1, 1)))

        storage.listen(listener)
        await storage.append("room", [event("a")])
    assert [record.body for record in reading[0].result()] == [b'{"name":"a"}']


async def test_the_origin_is_shown_and_never_kept(storage: Storage):
    await storage.open_room("room")
    shown, origin = Shown(storage), object()
    await storage.append("room", [chat(origin=origin)])
    assert shown.records[0][1].origin is origin
    assert (await storage.read("room", 0, 1))[0].origin is None


async def test_who_gave_up_waiting_does_not_undo_what_was_committed(storage: Storage):
    await storage.open_room("room")
    shown = Shown(storage)
    async with asyncio.TaskGroup() as tasks:
        impatient = tasks.create_task(storage.append("room", [event("a")]))
        await asyncio.sleep(0)
        impatient.cancel()
    await storage.append("room", [event("b")])
    assert shown.seqs() == [1, 2]


async def test_a_listener_that_fails_leaves_no_append_waiting(storage: Storage):
    await storage.open_room("room")

    def listener(room_id: str, records: Sequence[Record]) -> None:
        if b"bad" in records[0].body:
            raise RuntimeError("it cannot be shown")

    storage.listen(listener)
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(storage.append("room", [event(name)]) for name in ("a", "bad", "c")))
    assert [answer.head for answer in answers] == [1, 2, 3]


# -- repeats ---------------------------------------------------------------------------------------


async def test_a_repeat_is_known_within_a_batch_over_batches_and_over_restarts(open_storage: Open):
    storage = open_storage()
    await storage.open_room("room")
    shown = Shown(storage)
    first = await storage.append(
        "room", [event("a", dedup=b"1"), event("b", dedup=b"1"), event("c", dedup=b"2")]
    )
    assert first == ([1, None, 2], 2)
    assert await storage.append("room", [event("d", dedup=b"2"), event("e")]) == ([None, 3], 3)
    assert shown.seqs() == [1, 2, 3]
    await storage.aclose()
    storage = open_storage()
    assert (await storage.open_room("room")).seq == 3
    assert await storage.append("room", [event("f", dedup=b"1")]) == ([None], 3)
    assert await bodies(storage) == [b'{"name":"a"}', b'{"name":"c"}', b'{"name":"e"}']
    await storage.aclose()


async def test_two_rooms_may_use_the_same_id(storage: Storage):
    await storage.open_room("one"), await storage.open_room("two")
    assert (await storage.append("one", [event(dedup=b"1")])).seqs == [1]
    assert (await storage.append("two", [event(dedup=b"1")])).seqs == [1]


async def test_what_has_no_id_is_never_a_repeat(storage: Storage):
    await storage.open_room("room")
    assert (await storage.append("room", [event("a"), event("a")])).seqs == [1, 2]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.none() | st.sampled_from([b"1", b"2", b"3"]), max_size=5), max_size=8))
def test_numbers_are_given_to_first_occurrences_only(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[bytes | None]]
):
    async def run(factory: Any) -> None:
        storage = factory(tmp_path_factory.mktemp("log"), ManualClock())
        await storage.open_room("room")
        answers = await asyncio.gather(
            *(storage.append("room", [event(dedup=key) for key in batch]) for batch in batches)
        )
        await storage.aclose()
        seen: set[bytes] = set()
        expected = 0
        for batch, answer in zip(batches, answers, strict=True):
            for key, seq in zip(batch, answer.seqs, strict=True):
                if key is not None and key in seen:
                    assert seq is None
                else:
                    expected += 1
                    assert seq == expected
                    seen |= {key} if key else set()
            assert answer.head == expected

    for factory in FACTORIES.values():
        asyncio.run(run(factory))


# -- nothing new -----------------------------------------------------------------------------------


async def test_what_the_log_says_already_is_left_out_and_so_is_its_key_ever_after(open_storage: Open):
    storage = open_storage()
    await storage.open_room("room")
    shown = Shown(storage)
    repeat = replace(event("a", dedup=b"k"), repeats=IN_LOG)
    assert await storage.append("room", [event("a"), repeat, replace(repeat, dedup=None)]) == (
        [1, None, None],
        1,
    )
    assert await storage.append("room", [event("a", dedup=b"k"), event("b", dedup=b"l")]) == ([None, 2], 2)
    await storage.aclose()

    storage = open_storage()
    await storage.open_room("room")
    await storage.open_room("other")
    assert await storage.append("room", [event("a", dedup=b"k")]) == ([None], 2)
    assert await storage.append("other", [event("a", dedup=b"k")]) == ([1], 1)
    assert shown.seqs() == [1, 2]
    await storage.aclose()


async def test_of_those_that_say_the_same_the_first_is_taken_that_is_no_duplicate(storage: Storage):
    await storage.open_room("room")
    await storage.append("room", [event("a", dedup=b"1"), event("a", dedup=b"2")])
    same = [event("a", dedup=key) for key in (b"1", b"2", b"3", b"4", None)]
    marked = [same[0], *(replace(one, repeats=0) for one in same[1:])]
    assert (await storage.append("room", [*marked, event("b")])).seqs == [None, None, 3, None, None, 4]
    assert (await storage.append("room", [event("a", dedup=b"4")])).seqs == [None]


# -- all or nothing --------------------------------------------------------------------------------


class Breaking(Sequence[Draft]):
    """Drafts whose last one cannot be had: an append that fails after it has begun."""

    def __init__(self, *drafts: Draft) -> None:
        self._drafts = drafts

    def __len__(self) -> int:
        return len(self._drafts) + 1

    def __getitem__(self, index: Any) -> Any:
        return self._drafts[index]

    def __iter__(self) -> Iterator[Draft]:
        yield from self._drafts
        raise RuntimeError("the disk is gone")


async def test_a_failed_append_leaves_no_record_no_number_and_is_not_shown(storage: Storage):
    await storage.open_room("room")
    shown = Shown(storage)
    await storage.append("room", [event("a")])
    with pytest.raises(StorageFailed):
        await storage.append("room", Breaking(event("b", dedup=b"b"), event("c")))
    assert await storage.append("room", [event("d"), event("e", dedup=b"b")]) == ([2, 3], 3)
    assert shown.seqs() == [1, 2, 3]
    assert await bodies(storage) == [b'{"name":"a"}', b'{"name":"d"}', b'{"name":"e"}']


async def test_a_failed_append_costs_its_neighbours_nothing(storage: Storage):
    await storage.open_room("room")
    shown = Shown(storage)
    answers = await asyncio.gather(
        storage.append("room", [event("a")]),
        storage.append("room", Breaking(event("b"))),
        storage.append("room", [event("c")]),
        return_exceptions=True,
    )
    assert isinstance(answers[1], StorageFailed)
    assert (answers[0], answers[2]) == (([1], 1), ([2], 2))
    assert shown.seqs() == [1, 2]


async def test_a_room_whose_opening_failed_with_others_can_be_opened_again(storage: Storage):
    await storage.open_room("room")
    answers = await asyncio.gather(
        storage.append("room", Breaking()), storage.open_room("new"), return_exceptions=True
    )
    head = await storage.open_room("new")
    assert answers[1] == head or isinstance(answers[1], StorageError)
    assert (await storage.append("new", [event("a")])).seqs == [1]


# -- what is not kept ------------------------------------------------------------------------------


async def test_a_body_that_is_not_durable_is_shown_and_leaves_only_its_place(storage: Storage):
    await storage.open_room("room")
    shown = Shown(storage)
    await storage.append("room", [event("a"), chat("secret", durable=False), event("b")])
    assert shown.records[1][1].body == b'{"message":"secret"}'
    assert await bodies(storage) == [b'{"name":"a"}', b"", b'{"name":"b"}']


async def test_unkept_counts_places_without_a_body_between_two_positions(storage: Storage):
    await storage.open_room("room")
    await storage.append("room", [chat(durable=False), chat(), chat(durable=False), chat(durable=False)])
    assert await storage.unkept("room", 0, 4) == 3
    assert await storage.unkept("room", 1, 4) == 2
    assert await storage.unkept("room", 1, 3) == 1
    assert await storage.unkept("room", 4, 4) == 0
    assert await storage.unkept("room", 4, 1) == 0


# -- reading ---------------------------------------------------------------------------------------


async def test_a_read_is_a_window_after_a_position(storage: Storage):
    await storage.open_room("room")
    await storage.append("room", [event(str(n)) for n in range(10)])

    async def seqs(*window: Any, **more: Any) -> list[int]:
        return [record.seq for record in await storage.read("room", *window, **more)]

    assert await seqs(0, 3) == [1, 2, 3]
    assert await seqs(7, 100) == [8, 9, 10]
    assert await seqs(2, 100, until=5) == [3, 4, 5]
    assert await seqs(2, 2, until=5) == [3, 4]
    assert await seqs(5, 100, until=5) == []
    assert await seqs(10, 100) == []


async def test_a_time_is_found_by_when_things_happened(storage: Storage):
    await storage.open_room("room")
    assert await storage.seek("room", 0) == 0
    times = [3000, 1000, 2000, 5000]
    await storage.append("room", [event(at_ms=at) for at in times])
    assert await storage.seek("room", 0) == 0
    assert await storage.seek("room", 3000) == 0  # the first that happened then or later is the first of all
    assert await storage.seek("room", 3001) == 3
    assert await storage.seek("room", 5000) == 3
    assert await storage.seek("room", 5001) == 4


async def test_the_last_so_many_events_of_some_types(storage: Storage):
    await storage.open_room("room")
    types = ["git.commit", "chat.public", "git.commit", "task.created", "git.commit"]
    await storage.append("room", [event(type=name) for name in types])
    await storage.append("room", [chat(), chat()])
    commits = frozenset({"git.commit"})
    assert await storage.tail("room", commits, 1) == 4
    assert await storage.tail("room", commits, 2) == 2
    assert await storage.tail("room", commits, 3) == 0
    assert await storage.tail("room", commits, 100) == 0
    assert await storage.tail("room", commits | {"task.created"}, 2) == 3
    assert await storage.tail("room", frozenset({"member.joined"}), 5) == 7
    assert await storage.tail("room", frozenset(), 5) == 7


CHAT_AND_GIT = frozenset({"chat.public", "git.commit"})


async def test_a_stretch_is_summed_up_by_position_and_by_the_time_it_was_logged(
    storage: Storage, clock: ManualClock
):
    await storage.open_room("room")
    grid = Grid(positions=4, period_ms=10_000, shift_ms=-NOON_MS)
    await storage.append("room", [event(at_ms=70), event(type="task.created", at_ms=1), chat()])
    clock.advance(9)
    await storage.append("room", [event(type="chat.public", at_ms=50)])
    await storage.append("room", [event(at_ms=80)])
    clock.advance(1)
    await storage.append("room", [chat(durable=False), event(type="task.created", at_ms=2)])
    expected = [
        Span(1, 4, NOON_MS + 9000, 2, 50, 70),
        Span(5, 5, NOON_MS + 9000, 1, 80, 80),
        Span(6, 7, NOON_MS + 10_000, 0, 0, 0),
    ]
    assert await storage.spans("room", grid, CHAT_AND_GIT, 0, 7) == expected
    assert await storage.spans("room", grid, CHAT_AND_GIT, 4, 100) == expected[1:]
    assert await storage.spans("room", grid, CHAT_AND_GIT, 2, 4) == [Span(3, 4, NOON_MS + 9000, 1, 50, 50)]
    assert await storage.spans("room", grid, frozenset(), 4, 5) == [Span(5, 5, NOON_MS + 9000, 0, 0, 0)]
    assert await storage.spans("room", grid, CHAT_AND_GIT, 7, 7) == []


async def test_what_was_logged_while_the_clock_was_set_back_is_in_the_cell_of_its_time(
    storage: Storage, clock: ManualClock
):
    await storage.open_room("room")
    grid = Grid(positions=100, period_ms=10_000, shift_ms=-NOON_MS)
    for step_s in (0, 15, -15, 15):
        clock.step_calendar(step_s)
        await storage.append("room", [event(at_ms=0)])
    assert await storage.spans("room", grid, CHAT_AND_GIT, 0, 4) == [
        Span(1, 3, NOON_MS, 2, 0, 0),
        Span(2, 4, NOON_MS + 15_000, 2, 0, 0),
    ]


async def test_a_position_is_told_only_when_it_is_committed(storage: Storage):
    """A newcomer that began at a position still in the making would run ahead of the log."""
    await storage.open_room("room")
    begun, release = threading.Event(), threading.Event()

    class Slow(Breaking):
        def __iter__(self) -> Iterator[Draft]:
            yield event("a")
            begun.set()
            assert release.wait(10)
            yield event("b")

    async with asyncio.TaskGroup() as tasks:
        append = tasks.create_task(storage.append("room", Slow()))
        await asyncio.to_thread(begun.wait, 10)
        assert await storage.seek("room", NOON_MS + 1) == 0
        assert await storage.tail("room", frozenset(), 5) == 0
        assert await storage.read("room", 0, ALL) == []
        release.set()
    assert append.result().head == 2


# -- life ------------------------------------------------------------------------------------------


async def test_a_log_goes_on_where_it_was(open_storage: Open):
    storage = open_storage()
    head = await storage.open_room("room")
    await storage.append("room", [event("a"), event("b")])
    await storage.aclose()
    storage = open_storage()
    again = await storage.open_room("room")
    assert again == (head.epoch, 2)
    assert (await storage.append("room", [event("c")])).seqs == [3]
    await storage.aclose()


async def test_closing_commits_what_was_handed_in(open_storage: Open):
    storage = open_storage()
    await storage.open_room("room")
    async with asyncio.TaskGroup() as tasks:
        appends = [tasks.create_task(storage.append("room", [event(str(n))])) for n in range(50)]
        await asyncio.sleep(0)
        await storage.aclose()
    assert [task.result().head for task in appends] == list(range(1, 51))
    storage = open_storage()
    assert (await storage.open_room("room")).seq == 50
    await storage.aclose()


async def test_after_closing_an_append_fails_instead_of_waiting_for_ever(open_storage: Open):
    storage = open_storage()
    await storage.open_room("room")
    await storage.aclose()
    async with asyncio.timeout(10):
        with pytest.raises(StorageFailed):
            await storage.append("room", [event()])


async def test_a_second_one_is_refused_with_the_reason_until_the_first_is_closed(open_storage: Open):
    storage = open_storage()
    with pytest.raises(StorageBusy, match="in use by another relay") as refused:
        open_storage()
    assert "--data" in str(refused.value)
    await storage.aclose()
    await open_storage().aclose()
