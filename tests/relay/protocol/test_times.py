"""Locks: instants come out in UTC as they went in, and nothing that is no time is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.times import format_instant, format_ms, parse_duration, parse_instant, parse_since

MOMENT_MS = 1_771_362_180_000  # 2026-02-17T21:03:00Z


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-17T21:03:00Z",
        "2026-02-17T21:03:00.000Z",
        "2026-02-17T23:03:00+02:00",
        "2026-02-17T15:33:00-05:30",
        "2026-02-17T21:03:00",
        "2026-02-17 21:03:00Z",
    ],
)
def test_one_instant_in_every_notation(text: str):
    assert parse_instant(text) == MOMENT_MS


def test_the_example_of_the_specification_round_trips_equal():
    assert format_instant(MOMENT_MS) == "2026-02-17T21:03:00Z"
    assert format_ms(MOMENT_MS) == "2026-02-17T21:03:00.000Z"
    assert format_instant(MOMENT_MS + 7) == "2026-02-17T21:03:00.007Z"


@given(st.integers(0, 253_402_300_799_999))
def test_every_millisecond_from_1970_on_round_trips(at_ms: int):
    assert parse_instant(format_instant(at_ms)) == at_ms
    assert parse_instant(format_ms(at_ms)) == at_ms


@given(st.text(max_size=40))
def test_no_text_is_an_error(text: str):
    assert parse_instant(text) is None or format_instant(parse_instant(text))
    parse_duration(text)


@pytest.mark.parametrize("text", ["", "yesterday", "12", "2026-02-30T00:00:00Z", "2026-02-17T25:00:00Z"])
def test_what_is_no_instant(text: str):
    assert parse_instant(text) is None


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90s", 90_000),
        ("30m", 1_800_000),
        ("2h", 7_200_000),
        ("1d12h", 129_600_000),
        ("45", 45_000),
        ("0", 0),
    ],
)
def test_durations(text: str, ms: int):
    assert parse_duration(text) == ms


@pytest.mark.parametrize("text", ["", "h", "2 h", "-5s", "1.5h", "5s2h", "²", "9" * 12])
def test_what_is_no_duration(text: str):
    assert parse_duration(text) is None


def test_since_takes_a_duration_before_now_or_an_instant():
    assert parse_since("2h", MOMENT_MS) == MOMENT_MS - 7_200_000
    assert parse_since("2026-02-17T21:03:00Z", 0) == MOMENT_MS
    assert parse_since("soon", MOMENT_MS) is None
