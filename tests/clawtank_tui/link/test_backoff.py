"""The schedule of tries: growing, unequal, capped; and waits that a relay asks for."""

import random
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.link.backoff import CAP_S, MAX_HINT_S, backoff, retry_after_s, wait_s_of


@given(seed=st.integers())
def test_waits_grow_until_the_cap_and_never_exceed_it(seed):
    waits = list(islice(backoff(random.Random(seed).random), 12))

    assert all(later > earlier for earlier, later in pairwise(waits[:5]))
    assert all(0.6 * CAP_S <= wait <= CAP_S for wait in waits[5:])


def test_two_viewers_do_not_return_together():
    ours, theirs = (list(islice(backoff(random.Random(seed).random), 8)) for seed in (1, 2))

    assert all(abs(a - b) > 0.001 for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("value", [None, "5", True, -1, float("nan"), [], {}])
def test_what_is_no_wait_is_none(value):
    assert wait_s_of(value, per_second=1000) is None


@pytest.mark.parametrize("value", [10**400, float("inf"), 1e300])
def test_no_relay_can_switch_its_viewers_off(value):
    assert wait_s_of(value, per_second=1000) == MAX_HINT_S


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [("3", 3.0), (" 3", 3.0), ("0", None), ("soon", None), ("-1", None), ("٣", None), (None, None)],
)
def test_retry_after_is_read_in_seconds(header, wait_s):
    assert retry_after_s(header) == wait_s
