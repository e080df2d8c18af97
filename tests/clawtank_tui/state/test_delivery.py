"""In which words a delivery is told, and the order in which they can be chosen."""

import pytest

from clawtank_tui.state.delivery import Choice, Delivery, Mode, seconds


def test_choosing_goes_round_and_keeps_the_interval():
    choices = [Choice(interval_s=120)]
    while len(choices) < 4:
        choices.append(choices[-1].next())

    assert [choice.mode for choice in choices] == [Mode.LIVE, Mode.BATCHED, Mode.LOW_BANDWIDTH, Mode.LIVE]
    assert {choice.interval_s for choice in choices} == {120}


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        (Delivery(), "live"),
        (Delivery(busy_ms=65), "live, busy"),
        (Delivery(busy_ms=999), "live, busy"),
        (Delivery(busy_ms=1000), "busy: every 1 s"),
        (Delivery(Choice(Mode.BATCHED)), "every 30 s"),
        (Delivery(Choice(Mode.BATCHED, 300), busy_ms=5000), "every 5 min"),
        (Delivery(Choice(Mode.LOW_BANDWIDTH, 90)), "low bandwidth, every 90 s"),
    ],
)
def test_a_delivery_in_words(delivery, words):
    assert delivery.in_words() == words


def test_seconds_are_minutes_where_they_are_even_ones():
    assert [seconds(count) for count in (1, 60, 119, 120, 130, 300)] == [
        "1 s", "60 s", "119 s", "2 min", "130 s", "5 min",
    ]  # fmt: skip
