"""Locks: lag rises at once and falls slowly; only what lasts turns people away, without flutter."""

import asyncio

import pytest

from relay.server import sample_lag
from relay.service.load import BUSY_S, OVERLOADED_S, RELIEVED_S, SAMPLE_S, SUSTAINED_S, Load
from support.wound_loop import WoundLoop


def late(load: Load, late_s: float, for_s: float = 0.0) -> None:
    """Let sleeps be so late, once, or for so many seconds."""
    slept_s = 0.0
    while True:
        load.observe(SAMPLE_S + late_s)
        slept_s += SAMPLE_S + late_s
        if slept_s >= for_s:
            return


def test_a_loop_that_is_on_time_has_no_lag():
    load = Load()
    late(load, 0.0, for_s=10)
    assert (load.lag_s, load.busy, load.overloaded) == (0.0, False, False)


def test_a_sleep_that_ends_early_is_no_negative_lag():
    load = Load()
    load.observe(SAMPLE_S / 2)
    assert load.lag_s == 0.0


def test_lag_rises_within_a_few_samples_and_takes_seconds_to_fall():
    load = Load()
    for _ in range(4):
        late(load, 0.8)
    assert load.lag_s == pytest.approx(0.8, rel=0.1)
    late(load, 0.0, for_s=1)
    assert load.lag_s > 0.4
    late(load, 0.0, for_s=10)
    assert load.lag_s < 0.01


def test_a_busy_relay_is_not_an_overloaded_one():
    load = Load()
    late(load, BUSY_S * 1.5, for_s=60)
    assert (load.busy, load.overloaded) == (True, False)


def test_one_long_turn_is_no_overload_however_long():
    for turn_s in (OVERLOADED_S, 4 * OVERLOADED_S, 3600.0):
        load = Load()
        late(load, turn_s)
        for _ in range(100):
            assert not load.overloaded
            late(load, 0.0)


def test_lag_that_lasts_is_an_overload_until_it_is_well_below_where_it_began():
    load = Load()
    late(load, 2 * OVERLOADED_S, for_s=2 * SUSTAINED_S)
    assert load.overloaded
    late(load, (OVERLOADED_S + RELIEVED_S) / 2, for_s=30)
    assert load.overloaded, "below the upper mark is not relieved"
    late(load, 0.0, for_s=10)
    assert not load.overloaded
    late(load, (OVERLOADED_S + RELIEVED_S) / 2, for_s=30)
    assert not load.overloaded, "and above the lower one is not overloaded"


def test_the_sampler_says_by_how_much_it_overslept():
    load = Load()

    async def hold_the_loop_up() -> None:
        async with asyncio.TaskGroup() as tasks:
            sampling = tasks.create_task(sample_lag(load))
            await asyncio.sleep(SAMPLE_S * 10.5)
            assert load.lag_s == pytest.approx(0.0, abs=1e-9)
            loop.hold_up(4.0)
            await asyncio.sleep(SAMPLE_S * 1.5)
            sampling.cancel()

    with asyncio.Runner(loop_factory=WoundLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, WoundLoop)
        runner.run(hold_the_loop_up())
    assert load.lag_s == pytest.approx(2.0, rel=0.2), "half of what one sample says"
