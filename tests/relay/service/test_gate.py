"""Locks: who is sent away before any work, with which wait, and that the gate touches nobody else."""

import pytest

from relay.audience.metrics import Metrics
from relay.protocol.errors import Code, Refused
from relay.service.gate import Gate, connections_allowed
from relay.service.load import OVERLOADED_S, SUSTAINED_S, Load
from support.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def load() -> Load:
    return Load()


@pytest.fixture
def metrics(clock: ManualClock) -> Metrics:
    return Metrics(clock)


def gate(load: Load, clock: ManualClock, metrics: Metrics, *, most: int = 0, spread: float = 0.0) -> Gate:
    return Gate(load, most, clock, metrics, lambda: spread)


def overload(load: Load) -> None:
    while not load.overloaded:
        load.observe(2 * OVERLOADED_S + SUSTAINED_S)


def code(refused: Refused | None) -> Code | None:
    return refused and refused.code


def test_an_idle_relay_sends_nobody_away(load, clock, metrics):
    open_gate = gate(load, clock, metrics)
    open_gate.sockets = range(10_000)
    assert open_gate.newcomer() is open_gate.costly_call() is open_gate.not_ready() is None


def test_the_last_seat_is_taken_and_the_next_comer_sent_away(load, clock, metrics):
    full = gate(load, clock, metrics, most=3)
    full.sockets = range(3)
    assert full.newcomer() is None, "it is one of the three"
    assert code(full.not_ready()) is Code.OVERLOADED, "but nobody else should be sent here"
    full.sockets = range(4)
    assert code(full.newcomer()) is Code.OVERLOADED
    assert full.costly_call() is None, "a full house is no reason not to read"


def test_an_overloaded_relay_takes_on_nothing(load, clock, metrics):
    busy = gate(load, clock, metrics)
    overload(load)
    assert [code(each) for each in (busy.newcomer(), busy.costly_call(), busy.not_ready())] == (
        [Code.OVERLOADED] * 3
    )


def test_a_draining_relay_says_when_it_will_be_gone(load, clock, metrics):
    closed = gate(load, clock, metrics)
    closed.close(30.0)
    early = closed.newcomer()
    clock.advance(20)
    late = closed.newcomer()
    assert closed.draining
    assert code(closed.not_ready()) is code(early) is Code.DRAINING
    assert early.retry_after_ms - late.retry_after_ms == 20_000
    clock.advance(60)
    assert closed.newcomer().retry_after_ms > 0


def test_no_two_are_told_to_come_back_together(load, clock, metrics):
    overload(load)
    waits = [gate(load, clock, metrics, spread=spread).newcomer().retry_after_ms for spread in (0, 0.5, 0.99)]
    assert waits == sorted(set(waits))


def test_who_was_sent_away_is_counted_and_a_probe_is_not(load, clock, metrics):
    overload(load)
    busy = gate(load, clock, metrics)
    for ask in (busy.newcomer, busy.newcomer, busy.costly_call, busy.not_ready):
        ask()
    shed = {
        sample.labels["what"]: sample.value
        for metric in metrics.registry.collect()
        for sample in metric.samples
        if sample.name == "clawtank_shed_total"
    }
    assert shed == {"connection": 2, "call": 1}


@pytest.mark.parametrize(
    ("wanted", "files", "allowed"),
    [(None, 1024, 922), (None, 0, 0), (0, 1024, 0), (5000, 1024, 5000), (50, 0, 50)],
)
def test_how_many_are_allowed_follows_the_open_files_unless_it_is_said(wanted, files, allowed):
    assert connections_allowed(wanted, files) == allowed
