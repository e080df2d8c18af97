"""The connection machine, as transcripts: what a relay says, what the client makes of it."""

import json
import random
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.link.machine import STABLE_S, Machine
from clawtank_tui.link.outcome import Fault
from clawtank_tui.link.target import Target, parse_relay
from clawtank_tui.state.delivery import Choice, Mode
from clawtank_tui.state.model import Phase
from support.fake_relay import (
    activity,
    batch,
    cursor,
    envelope,
    error,
    event,
    mode_changed,
    resumed,
    welcome,
)

CUT = Fault("The line broke.")


def machine(relay="ws://127.0.0.1:8787", **options):
    return Machine(Target("room", parse_relay(relay), **options), lambda: 0.5)


def asked(opening):
    return dict(parse_qsl(urlsplit(opening.url).query))


def where(opening):
    return opening.url.partition("?")[0]


def hear(line, *messages, now_s=0.0):
    """Feed messages, return the envelopes that were handed on."""
    heard = [
        line.receive(message if isinstance(message, str | bytes) else json.dumps(message), now_s)
        for message in messages
    ]
    return [item.envelope for item in heard if item.envelope is not None]


def seqs(envelopes):
    return [
        item["seq"]
        for env in envelopes
        if env["type"] in ("spectator.activity", "spectator.batch")
        for item in env["data"]["events"]
    ]


def live(at=0, **options):
    line = machine(**options)
    line.open()
    hear(line, welcome(at))
    assert line.connection.phase is Phase.LIVE
    return line


def test_the_first_try_asks_for_history_and_names_the_room():
    opening = machine(name="Ada", types="chat,git").open()

    assert where(opening) == "ws://127.0.0.1:8787/spectate/room"
    assert opening.bearer == ""
    assert asked(opening) == {"name": "Ada", "types": "chat,git", "history": "200"}


def test_a_name_that_was_changed_outlives_the_line_and_the_seat():
    line = live(name="Ada")
    told = hear(line, envelope("spectator.notice", {"kind": "mode_changed", "display_name": "Gra\x1bce"}))
    line.lost(CUT, 1.0)

    assert len(told) == 1
    assert asked(line.open())["name"] == "Gra\N{REPLACEMENT CHARACTER}ce"


def test_what_became_of_an_act_is_handed_on():
    assert hear(live(), envelope("moderation.decided", {"action": "mute", "ref": "a1"}))


def test_since_and_a_cursor_of_ones_own_take_the_place_of_history():
    assert asked(machine(since="2h").open())["since"] == "2h"
    assert asked(machine(cursor=cursor(7)).open())["cursor"] == cursor(7)
    assert "history" not in asked(machine(since="2h").open())


def test_a_token_travels_as_bearer_and_nowhere_else():
    opening = machine(token="secret-token").open()

    assert opening.bearer == "secret-token"
    assert "secret" not in opening.url


def test_a_cut_line_is_resumed_at_the_last_cursor_with_the_seat_kept():
    line = live(at=10, token="mine")
    hear(line, activity(10, event(11), event(12)))
    line.lost(CUT, 1.0)

    assert line.connection.phase is Phase.WAITING
    again = line.open()
    assert again.bearer == "seat1"
    assert asked(again)["cursor"] == cursor(12)
    assert "history" not in asked(again)


def test_the_resume_token_is_never_handed_on():
    line = machine()
    line.open()

    (handed_on,) = hear(line, welcome())
    assert "seat1" not in json.dumps(handed_on)


def test_a_refused_resume_token_gives_way_to_the_users_own():
    line = live(token="mine")
    line.lost(CUT, 1.0)
    assert line.open().bearer == "seat1"

    hear(line, error("AUTH_INVALID", permanent=True))
    line.lost(Fault("closed", close_code=4402), 2.0)

    assert line.connection.phase is Phase.WAITING
    assert line.open().bearer == "mine"
    hear(line, error("AUTH_INVALID", permanent=True))
    assert line.connection.phase is Phase.ENDED


def test_waits_double_until_the_line_was_stable():
    line = machine()
    line.open()
    waits = []
    now_s = 0.0
    for _ in range(7):
        hear(line, welcome(), now_s=now_s)
        line.lost(CUT, now_s)
        waits.append(line.connection.retry_at_s - now_s)
        now_s = line.connection.retry_at_s
        line.open()
    hear(line, resumed(0), now_s=now_s)
    line.lost(CUT, now_s + STABLE_S)

    assert waits == pytest.approx([0.8, 1.6, 3.2, 6.4, 12.8, 24.0, 24.0])
    assert line.connection.retry_at_s - now_s - STABLE_S == pytest.approx(0.8)
    assert line.connection.attempt == 1


def test_the_connection_says_since_when_it_is_down_and_which_try_it_is():
    line = live()
    line.lost(CUT, 5.0)
    line.open()
    line.lost(Fault("Nothing answered."), 7.0)

    assert (line.connection.since_s, line.connection.attempt) == (5.0, 2)
    assert line.connection.reason == "Nothing answered."


def test_an_errors_retry_after_goes_before_the_schedule():
    line = machine()
    line.open()
    hear(line, error("CAPACITY_EXCEEDED", retry_after=90_000), now_s=100.0)
    line.lost(Fault("closed", close_code=4409), 100.0)

    assert 190.0 <= line.connection.retry_at_s <= 200.0
    assert line.connection.reason == "This is CAPACITY_EXCEEDED."


def test_an_http_retry_after_goes_before_the_schedule():
    line = machine()
    line.open()
    line.lost(Fault("busy", retry_after_s=7.0), 0.0)

    assert 7.0 <= line.connection.retry_at_s <= 8.0


def test_a_reconnect_notice_names_time_and_place():
    line = live(at=3)
    heard = line.receive(
        json.dumps(
            envelope(
                "spectator.notice", {"kind": "reconnect", "after_ms": 4000, "url": "ws://127.0.0.1:9000"}
            )
        ),
        10.0,
    )
    assert heard.hang_up
    line.lost(CUT, 11.0)

    assert 14.0 <= line.connection.retry_at_s <= 14.5
    assert where(line.open()) == "ws://127.0.0.1:9000/spectate/room"
    line.lost(Fault("refused", fatal_at_first=True), 15.0)
    assert where(line.open()) == "ws://127.0.0.1:8787/spectate/room"


def test_a_relay_cannot_lure_a_token_away_nor_off_encryption():
    notice = envelope(
        "spectator.notice", {"kind": "reconnect", "after_ms": 0, "url": "ws://elsewhere.example"}
    )
    encrypted = live(relay="wss://relay.example", token="mine")
    hear(encrypted, notice)
    encrypted.lost(CUT, 0.0)
    assert where(encrypted.open()) == "wss://relay.example/spectate/room"

    local = live(token="mine")
    hear(local, notice)
    local.lost(CUT, 0.0)
    opening = local.open()
    assert (where(opening), opening.bearer) == ("ws://elsewhere.example/spectate/room", "")


def test_the_users_own_token_stays_with_the_relay_the_user_named():
    line = machine(relay="wss://relay.example", token="mine")
    line.open()
    hear(
        line,
        envelope("spectator.notice", {"kind": "reconnect", "after_ms": 0, "url": "wss://elsewhere.example"}),
    )
    line.lost(CUT, 0.0)

    opening = line.open()
    assert (where(opening), opening.bearer) == ("wss://elsewhere.example/spectate/room", "")


def test_a_permanent_error_ends_it_and_an_error_about_a_message_does_not():
    line = live()
    assert hear(line, error("MESSAGE_TOO_LARGE", permanent=True, ref="c1"))
    assert line.connection.phase is Phase.LIVE

    hear(line, error("BANNED", permanent=True))
    line.lost(CUT, 1.0)
    assert line.connection.phase is Phase.ENDED
    assert line.connection.reason == "This is BANNED."


def test_a_close_code_alone_says_whether_to_come_back():
    line = live()
    line.lost(Fault("closed", close_code=4404), 1.0)
    assert line.connection.phase is Phase.ENDED
    assert "No public room" in line.connection.reason

    line = live()
    line.lost(Fault("closed", close_code=4408), 1.0)
    assert line.connection.phase is Phase.WAITING


def test_a_wrong_address_ends_the_first_try_but_not_a_viewer_who_was_welcome():
    wrong = Fault("No relay answers.", fatal_at_first=True)
    line = machine()
    line.open()
    line.lost(wrong, 0.0)
    assert line.connection.phase is Phase.ENDED

    line = live()
    line.lost(wrong, 0.0)
    assert line.connection.phase is Phase.WAITING


def test_a_hole_is_never_handed_on():
    line = live(at=10)
    hear(line, activity(10, event(11)))

    heard = line.receive(json.dumps(activity(13, event(14))), 0.0)

    assert heard.hang_up
    assert heard.envelope is None
    line.lost(CUT, 0.0)
    assert asked(line.open())["cursor"] == cursor(11)


def test_a_frame_that_leads_back_is_a_break():
    line = live(at=10)

    assert line.receive(json.dumps(activity(10, event(4), to=4)), 0.0).hang_up


def test_a_relay_that_resumes_too_late_is_asked_again():
    line = live(at=10)
    line.lost(CUT, 0.0)
    line.open()

    heard = line.receive(json.dumps(resumed(15)), 0.0)

    assert (heard.hang_up, heard.envelope) == (True, None)


def test_fresh_state_is_taken_where_recovery_failed():
    line = live(at=10)
    line.lost(CUT, 0.0)
    line.open()
    other = welcome(recovery={"requested": True, "recovered": False, "missed": 0}, cursor="zzzzzzzz-3")

    assert hear(line, other)
    line.lost(CUT, 0.0)
    assert asked(line.open())["cursor"] == "zzzzzzzz-3"


def test_repeats_are_dropped():
    line = live(at=10)
    first = hear(line, activity(10, event(11), event(12)))
    again = hear(
        line,
        activity(10, event(11), event(12)),
        activity(11, event(12), event(13)),
        activity(13, event(13), to=13),
    )

    assert seqs(first) == [11, 12]
    assert seqs(again) == [13]


def test_a_relay_that_resumes_further_back_repeats_nothing():
    line = live(at=10)
    hear(line, activity(10, event(11), event(12)))
    line.lost(CUT, 0.0)
    line.open()

    said = hear(line, resumed(10), activity(10, event(11), event(12)), activity(12, event(13)))

    assert seqs(said) == [13]


def test_one_invented_number_does_not_hide_what_comes_later():
    line = live(at=10)

    said = hear(line, activity(10, event(11), event(10**30), to=11), activity(11, event(12)))

    assert seqs(said) == [11, 12]


def test_an_expired_message_is_discarded_by_the_relays_clock_but_keeps_its_place():
    line = live(at=10)
    late = activity(10, event(11), metadata={"expires_at": "2026-02-17T11:59:59Z"})
    in_time = activity(11, event(12), metadata={"expires_at": "2026-02-17T12:00:09Z"})
    too_late_now = activity(12, event(13), metadata={"expires_at": "2026-02-17T12:00:09Z"})

    assert seqs(hear(line, late, in_time, now_s=5.0)) == [12]
    assert seqs(hear(line, too_late_now, now_s=10.0)) == []
    assert seqs(hear(line, activity(13, event(14)), now_s=10.0)) == [14]


def test_the_unknown_and_the_unreadable_are_passed_over():
    line = live(at=10)
    strange = [
        "not json",
        "[]",
        "{}",
        b"\xff\xfe",
        '{"type": ["spectator.activity"], "data": {}}',
        '{"type":"spectator.activity","data":7}',
        envelope("spectator.hologram", {"after": cursor(50), "cursor": cursor(60)}),
        envelope("spectator.activity", {"events": {"a": 1}, "after": 5, "cursor": []}),
        "[" * 5000,
    ]

    assert hear(line, *strange) == []
    assert seqs(hear(line, {**activity(10, {**event(11), "mood": "good"}), "colour": "blue"})) == [11]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
TYPES = st.sampled_from(
    ["welcome", "activity", "chat_message", "chat_removed", "presence", "notice", "keepalive", "error"]
).map("spectator.{}".format)
KEYS = st.sampled_from(
    [
        "events",
        "after",
        "cursor",
        "recovery",
        "spectator",
        "kind",
        "after_ms",
        "url",
        "retry_after",
        "permanent",
        "ref",
        "message",
        "code",
    ]
)
VALUES = JSON | st.sampled_from(
    [cursor(1), cursor(9), "zzzzzzzz-3", "reconnect", True, [event(3)], {"resume_token": "x"}]
)


@given(
    messages=st.lists(st.tuples(TYPES, st.dictionaries(KEYS, VALUES)), max_size=12),
    close=st.integers(0, 5000),
)
def test_no_message_breaks_the_machine(messages, close):
    line = live()
    for kind, data in messages:
        line.receive(json.dumps(envelope(kind, data)), 1.0)
    line.lost(Fault("closed", close_code=close), 2.0)

    assert line.connection.phase in (Phase.WAITING, Phase.ENDED)
    assert line.connection.retry_at_s <= 2.0 + 3600 * 1.1
    assert line.open().url.startswith("ws://127.0.0.1:8787/spectate/room?")


@pytest.mark.parametrize("seed", range(20))
def test_cut_at_any_point_the_union_is_the_log_each_once_in_order(seed):
    """A relay that resumes at or before the cursor, repeats and overlaps frames, and cuts where it likes."""
    chance = random.Random(seed)
    line, got, head = machine(), [], 60
    for _ in range(200):
        at = int(asked(line.open()).get("cursor", cursor(0)).partition("-")[2])
        start = max(at - chance.choice([0, 0, 0, 3]), 0)
        got += seqs(hear(line, resumed(start) if at else welcome()))
        while start < head and chance.random() < 0.8:
            end = min(start + chance.randint(1, 4), head)
            after = max(start - chance.choice([0, 0, 2]), 0)
            got += seqs(hear(line, activity(after, *[event(seq) for seq in range(after + 1, end + 1)])))
            start = end
        line.lost(CUT, 0.0)
    assert got == list(range(1, head + 1))


@pytest.mark.parametrize(
    ("choice", "options"),
    [
        (Choice(), {}),
        (Choice(Mode.BATCHED), {"frequency": "batched", "interval_s": "30"}),
        (Choice(Mode.BATCHED, 300), {"frequency": "batched", "interval_s": "300"}),
        (Choice(Mode.LOW_BANDWIDTH, 60), {"low_bandwidth": "true", "interval_s": "60"}),
    ],
)
def test_a_chosen_delivery_is_in_the_query(choice, options):
    assert asked(machine(choice=choice).open()) == {"history": "200", **options}


def test_a_batch_is_as_good_as_the_frames_it_holds():
    line = live()
    envelopes = hear(
        line,
        activity(0, event(1), event(2)),
        batch(0, event(1), event(2), event(3), to=4),
        batch(0, event(1), event(2)),
        activity(4, event(5)),
        batch(5, event(6), event(7)),
    )

    assert seqs(envelopes) == [1, 2, 3, 5, 6, 7]
    assert line.receive(json.dumps(batch(9, event(10))), 0.0).hang_up
    line.lost(CUT, 1.0)
    assert asked(line.open())["cursor"] == cursor(7)


def switched(line):
    sent = json.loads(line.switch())
    assert sent["type"] == "spectator.subscribe"
    return sent["id"], sent["data"]


def test_one_switch_after_the_other_goes_through_every_delivery_and_says_each_whole():
    line = live(choice=Choice(interval_s=60))

    assert [switched(line)[1] for _ in range(3)] == [
        {"frequency": "batched", "interval_s": 60, "low_bandwidth": False},
        {"frequency": "batched", "interval_s": 60, "low_bandwidth": True},
        {"frequency": "realtime", "low_bandwidth": False},
    ]


def frequency_after_a_cut(line):
    line.lost(CUT, 1.0)
    return asked(line.open()).get("frequency", "realtime")


@pytest.mark.parametrize("answered", [True, False])
def test_what_was_switched_to_is_asked_for_again_on_the_next_line(answered):
    line = live()
    ref, _ = switched(line)
    if answered:
        assert hear(line, mode_changed(ref, frequency="batched", interval_s=30))

    assert frequency_after_a_cut(line) == "batched"
    assert frequency_after_a_cut(line) == "batched"


def test_what_was_refused_is_wanted_no_longer():
    line = live()
    ref, _ = switched(line)

    assert hear(line, error("INVALID_MESSAGE", ref=ref))[0]["data"]["ref"] == ref
    assert frequency_after_a_cut(line) == "realtime"


def test_of_several_switches_the_last_that_was_agreed_to_counts():
    line = live()
    first, _ = switched(line)
    second, _ = switched(line)
    hear(line, mode_changed(first, frequency="batched"), error("INVALID_MESSAGE", ref=second))
    assert frequency_after_a_cut(line) == "batched"

    hear(line, resumed(0))
    low_bandwidth, _ = switched(line)
    at_once, _ = switched(line)
    hear(line, error("INVALID_MESSAGE", ref=low_bandwidth), mode_changed(at_once, frequency="realtime"))
    assert frequency_after_a_cut(line) == "realtime"


def test_an_answer_to_somebody_elses_request_changes_nothing():
    line = live()
    switched(line)
    hear(line, mode_changed("d7", frequency="realtime"), error("INVALID_MESSAGE", ref="c1"))

    assert frequency_after_a_cut(line) == "batched"


def test_any_cut_of_the_log_into_frames_and_batches_is_the_log():
    """A switch repeats what the frame before held, or what was held back: whatever comes, nothing twice."""
    chance = random.Random(4)
    line, at, heard = live(), 0, []
    for _ in range(60):
        again, length = max(at - chance.randint(0, 3), 0), chance.randint(1, 4)
        write = chance.choice([activity, batch])
        heard += hear(line, write(again, *[event(seq) for seq in range(again + 1, at + length + 1)]))
        at += length

    assert seqs(heard) == list(range(1, at + 1))
