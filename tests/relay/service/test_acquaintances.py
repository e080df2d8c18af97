"""Locks: whom a ban is upon is known while they are here and for a day after, however long they were here."""

import pytest

from relay.chat.sanctions import MAX_ADDRESSES
from relay.service import acquaintances
from relay.service.acquaintances import KEPT_S, Acquaintances, Seen
from support.clock import ManualClock

DAY_S = 24 * 3600


def scene() -> tuple[Acquaintances, ManualClock]:
    clock = ManualClock()
    return Acquaintances(clock), clock


def test_a_stranger_is_nobody_else_and_from_nowhere():
    known, _ = scene()
    assert known.seen("room", "ann") == Seen((), ())


def test_where_somebody_came_from_is_known_the_latest_first_and_bounded():
    known, _ = scene()
    for address in ("home", "work", "home"):
        known.came("room", "ann", address)
    assert known.seen("room", "ann").addresses == ("home", "work")
    for number in range(MAX_ADDRESSES):
        known.came("room", "ann", str(number))
    assert known.seen("room", "ann").addresses == tuple(str(n) for n in reversed(range(MAX_ADDRESSES)))
    assert known.seen("other", "ann") == Seen((), ())


def test_who_is_here_is_known_however_long_and_who_has_left_for_a_day():
    known, clock = scene()
    for _ in range(2):
        known.came("room", "ann", "home")
    clock.advance(10 * DAY_S)
    known.left("room", "ann")
    clock.advance(10 * DAY_S)
    known.sweep()
    assert known.seen("room", "ann").addresses == ("home",), "one window is open"
    known.left("room", "ann")
    clock.advance(KEPT_S - 1)
    known.sweep()
    assert known.seen("room", "ann").addresses == ("home",)
    clock.advance(1)
    known.sweep()
    assert known.seen("room", "ann") == Seen((), ())


def test_who_came_back_meanwhile_is_not_forgotten():
    known, clock = scene()
    known.came("room", "ann", "home")
    known.left("room", "ann")
    clock.advance(KEPT_S - 1)
    known.came("room", "ann", "work")
    known.left("room", "ann")
    clock.advance(KEPT_S - 1)
    known.sweep()
    assert known.seen("room", "ann").addresses == ("work", "home")


def test_somebody_is_known_since_the_first_time_or_as_long_as_they_can_show():
    known, clock = scene()
    began_ms = clock.now_ms()
    assert known.came("room", "ann", "home") == began_ms
    clock.advance(60)
    assert known.came("room", "ann", "home") == began_ms
    assert known.came("room", "bob", "home", began_ms - 5000) == began_ms - 5000
    assert known.came("room", "bob", "home") == began_ms - 5000
    assert known.came("room", "cat", "home") == clock.now_ms()


def test_who_signed_in_is_everybody_they_were_seen_as():
    known, _ = scene()
    for one, address in (("anon_1", "home"), ("user_a", "work"), ("anon_2", "train")):
        known.came("room", one, address)
    known.became("room", "anon_1", "user_a")
    known.left("room", "anon_1")
    known.became("room", "anon_2", "user_a")
    for one in ("anon_1", "user_a", "anon_2"):
        seen = known.seen("room", one)
        assert {one, *seen.also} == {"anon_1", "user_a", "anon_2"}
        assert set(seen.addresses) == {"home", "work", "train"}


def test_of_those_who_left_so_many_are_remembered_and_of_those_here_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(acquaintances, "MAX_GONE", 3)
    known, _ = scene()
    for number in range(10):
        known.came("room", str(number), "home")
    for number in range(5):
        known.left("room", str(number))
    remembered = [number for number in range(10) if known.seen("room", str(number)).addresses]
    assert remembered == [2, 3, 4, 5, 6, 7, 8, 9]
