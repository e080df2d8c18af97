"""Locks: what may be in work is bounded in bytes, for the relay and for each room, and always given back."""

from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.errors import Code, Refused
from relay.service.intake import CALL_BYTES, CHATS_SHARE, ROOMS_SHARE, Intake

MOST = 400_000
SHARE = MOST // ROOMS_SHARE
ROOMS = ["a", "b", "c", "d", "e"]


def fill(intake: Intake, room: str, size: int = 1000, *, chat: bool = False) -> int:
    """Take until it is refused; return how often it was taken."""
    taken = 0
    while intake.take(room, size, chat=chat) is None:
        taken += 1
    return taken


def test_a_room_fills_its_share_and_leaves_the_others_theirs():
    intake = Intake(MOST)
    assert fill(intake, "a") == SHARE // (1000 + CALL_BYTES)
    assert intake.take("b", 1000) is None


def test_what_is_said_leaves_half_of_a_rooms_share_to_what_happens():
    intake = Intake(MOST)
    each = 1000 + CALL_BYTES
    assert fill(intake, "a", chat=True) == SHARE // CHATS_SHARE // each
    assert fill(intake, "a") == SHARE // each - SHARE // CHATS_SHARE // each
    assert intake.take("a", 1000, chat=True) is not None


def test_all_rooms_together_stay_below_the_relays_bound():
    intake = Intake(MOST)
    for room in ROOMS:
        fill(intake, room)
    assert MOST - SHARE < intake.held <= MOST
    assert isinstance(intake.take("f", 0), Refused)


def test_what_is_refused_is_told_to_wait_each_a_little_longer_than_another():
    answers = []
    for spread in (0.0, 0.5):
        intake = Intake(MOST, lambda spread=spread: spread)
        fill(intake, "a")
        answers.append(intake.take("a", 1000))
    first, second = answers
    assert isinstance(first, Refused)
    assert isinstance(second, Refused)
    assert first.code is Code.RATE_LIMITED
    assert second.retry_after_ms > first.retry_after_ms > 0


def test_empty_calls_are_bounded_too():
    assert fill(Intake(MOST), "a", 0) == SHARE // CALL_BYTES


def test_what_is_larger_than_a_share_is_taken_alone():
    intake = Intake(MOST)
    assert intake.take("a", 10 * MOST) is None
    assert isinstance(intake.take("a", 0), Refused)
    assert intake.take("b", 0) is None, "and holds up its own room only"
    intake.give_back("a", 10 * MOST)
    assert intake.take("a", 0) is None


def test_nought_is_no_limit():
    intake = Intake(0)
    assert all(intake.take("a", MOST) is None for _ in range(100))


@given(st.lists(st.tuples(st.sampled_from(ROOMS), st.integers(0, 2 * SHARE), st.booleans()), max_size=200))
def test_whatever_comes_and_goes_the_bounds_hold_and_nothing_is_left(steps):
    intake, inside = Intake(MOST), []
    for room, size, leaves in steps:
        if leaves and inside:
            intake.give_back(*inside.pop(0))
        elif intake.take(room, size) is None:
            inside.append((room, size))
        assert intake.held <= MOST
        assert intake.calls == len(inside)
    for taken in inside:
        intake.give_back(*taken)
    assert (intake.held, intake.calls) == (0, 0)
    assert intake.take("a", SHARE - CALL_BYTES) is None
