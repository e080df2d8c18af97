"""What a relay says of delivery, and how little of it becomes a remark in the feed."""

from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.state.delivery import Choice, Delivery, Mode
from clawtank_tui.state.pace import SPARED_MS, adapted, agreed

NOW_MS = 1_771_329_600_000


def test_what_was_agreed_to_is_taken_as_it_is_told():
    batched = agreed(Delivery(), {"frequency": "batched", "interval_s": 60, "low_bandwidth": False})
    assert batched.choice == Choice(Mode.BATCHED, 60)
    thinned = agreed(batched, {"frequency": "batched", "interval_s": 60, "low_bandwidth": True})
    assert thinned.choice == Choice(Mode.LOW_BANDWIDTH, 60)
    live = agreed(thinned, {"frequency": "realtime", "low_bandwidth": False})
    assert live.choice.mode is Mode.LIVE
    busy = agreed(live, {"frequency": "realtime", "quality": "merged", "interval_ms": 250})
    assert (busy.busy, busy.busy_ms) == (True, 250)
    assert not agreed(busy, {"frequency": "realtime"}).busy


def test_a_relay_that_says_nothing_changes_nothing():
    batched = Delivery(Choice(Mode.BATCHED, 60))
    for told in (None, [], "batched"):
        assert agreed(batched, told) == batched
    assert agreed(batched, {"frequency": "batched", "interval_s": "soon"}) == batched


def quality(interval_ms, reason="activity"):
    return {"kind": "quality_changed", "interval_ms": interval_ms, "reason": reason}


def played(*notices, delivery=None):
    """Take notices, each with its time in seconds; return the remarks."""
    delivery, remarks = delivery or Delivery(), []
    for at_s, notice in notices:
        delivery, remark = adapted(delivery, notice, NOW_MS + at_s * 1000)
        remarks.append(remark)
    return delivery, remarks


def test_getting_busy_is_said_with_its_reason_and_taken_back():
    _, (busy, calm) = played((0, quality(1000)), (60, quality(0)))
    assert busy == "The room is very busy: what happens is shown every 1 s for now."
    assert calm == "It has calmed down: live again."
    _, (busy,) = played((0, quality(5000, "load")))
    assert busy.startswith("The relay is very busy")


def test_getting_busier_is_not_said_again():
    delivery, remarks = played(
        (0, quality(1000)), (5, quality(5000)), (7, quality(1000)), (9, quality(5000)), (20, quality(1000))
    )
    assert [bool(remark) for remark in remarks] == [True, False, False, False, False]
    assert delivery.in_words() == "busy: every 1 s"


def test_what_still_looks_live_is_in_the_first_line_alone():
    delivery, remarks = played((0, quality(65)), (3, quality(250)))
    assert (delivery.in_words(), remarks) == ("live, busy", ["", ""])


def test_a_viewer_who_chose_batches_is_told_of_no_business():
    delivery, remarks = played((0, quality(1000)), delivery=Delivery(Choice(Mode.BATCHED)))
    assert (delivery.in_words(), remarks) == ("every 30 s", [""])


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0, 65, 250, 1000, 5000])), max_size=80))
def test_a_room_on_the_verge_fills_no_feed(changes):
    notices, at_s = [], 0
    for wait_s, interval_ms in changes:
        at_s += wait_s
        notices.append((at_s, quality(interval_ms)))
    _, remarks = played(*notices)

    assert sum(map(bool, remarks)) <= 2 * (at_s * 1000 // SPARED_MS + 1)
    said = [remark for remark in remarks if remark]
    assert ["very busy" in remark for remark in said] == [number % 2 == 0 for number in range(len(said))]
