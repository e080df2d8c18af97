"""Locks: a stopping relay sends its viewers away in even steps, each told when and where to come back."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.gateway.drain import FAREWELL_S, LEAST, STEP_S, drain, paces
from support.wound_loop import run_wound


@dataclass
class Guest:
    """A viewer's socket: notes when it was sent away, and closes unless it lingers."""

    house: "House"
    lingers: bool = False
    told: list[tuple[float, int, str]] = field(default_factory=list)

    def drain(self, after_ms: int, url: str) -> None:
        self.told.append((asyncio.get_running_loop().time(), after_ms, url))
        if not self.lingers:
            self.house.guests.remove(self)


class House:
    """The open sockets."""

    def __init__(self, count: int, *, lingering: int = 0) -> None:
        self.guests = [Guest(self, lingers=number < lingering) for number in range(count)]
        self.all = list(self.guests)

    def __len__(self) -> int:
        return len(self.guests)

    def __iter__(self) -> Iterator[Guest]:
        return iter(list(self.guests))


def drained(house: House, spread_s: float, url: str = "", spread: float = 0.5) -> float:
    """Drain a house on a wound loop; return the seconds it took."""

    async def run() -> float:
        await drain(house, spread_s, url, asyncio.Event(), lambda: spread)
        return asyncio.get_running_loop().time()

    return run_wound(run())


@given(st.integers(0, 5000), st.floats(0, 60))
def test_everybody_is_in_one_step_and_the_steps_are_even_and_in_time(count: int, spread_s: float):
    steps = paces(count, spread_s)
    assert sum(steps) == count
    assert len(steps) * STEP_S <= max(spread_s, STEP_S) + 1e-9
    assert not steps or max(steps) - min(steps) <= 1
    assert len(steps) <= -(-count // LEAST), "and no step is made for a handful"


def test_a_thousand_leave_over_the_whole_time_a_few_at_once():
    house = House(1000)
    took_s = drained(house, 5.0)
    assert took_s == pytest.approx(5.0, abs=2 * STEP_S)
    moments = [guest.told[0][0] for guest in house.all]
    assert all(len(guest.told) == 1 for guest in house.all)
    assert max(moments.count(moment) for moment in set(moments)) == LEAST


def test_a_handful_leaves_at_once():
    house = House(LEAST)
    assert drained(house, 5.0) == 0


def test_nought_seconds_is_one_burst():
    house = House(1000)
    assert drained(house, 0.0) == 0
    assert {guest.told[0][0] for guest in house.all} == {0.0}


def test_nobody_is_asked_back_before_the_relay_is_gone():
    house = House(1000)
    drained(house, 5.0, spread=0.0)
    last = max(guest.told[0][0] for guest in house.all)
    back_s = [at_s + after_ms / 1000 for guest in house.all for at_s, after_ms, _ in guest.told]
    assert min(back_s) >= last + 0.9


def test_another_relay_can_be_gone_to_at_once_each_at_a_moment_of_its_own():
    url = "wss://b.example"
    for spread, after_ms in ((0.0, 0), (0.5, 500)):
        house = House(3)
        drained(house, 5.0, url, spread)
        assert [guest.told for guest in house.all] == [[(0.0, after_ms, url)]] * 3


def test_those_who_do_not_say_goodbye_are_not_waited_for_for_ever():
    house = House(3, lingering=1)
    assert drained(house, 5.0) == pytest.approx(FAREWELL_S)


def test_an_impatient_operator_sends_the_rest_away_at_once():
    house = House(1000, lingering=1)

    async def run() -> float:
        loop, hurry = asyncio.get_running_loop(), asyncio.Event()
        loop.call_later(2.0, hurry.set)
        await drain(house, 5.0, "", hurry, lambda: 0.5)
        return loop.time()

    assert run_wound(run()) == pytest.approx(2.0, abs=STEP_S)
    assert all(len(guest.told) == 1 for guest in house.all)
