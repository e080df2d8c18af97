"""The judge of the chaos run sees every kind of breach, and takes nothing for one that is none."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chaos.events import ALL_TYPES, STATUS, types_of
from chaos.journal import CHAT, NOTICE, Asked, Chosen, Item, Sent, Welcomed, Wish, read_sent
from chaos.judge import SPECTATOR_CHAT, Switched, Truth, judge

EVERYTHING = Wish(ALL_TYPES)
GIT = Wish(types_of(frozenset({"git"})))


def event(seq, kind="chat.public", agent=""):
    """The event at a place; its publisher numbers it alike."""
    return Item(seq, kind, 2 * seq, agent)


def log(count, kind="chat.public"):
    return [event(seq, kind) for seq in range(1, count + 1)]


def truth(items, **more):
    """What publishers were told; the event at a place was sent at that many milliseconds."""
    marks = {item.mark: item.seq for item in items}
    return Truth(items, marks, more.pop("end", items[-1].seq), **more)


def welcome(at=0, *, asked="", recovered=True, wish=EVERYTHING, ms=0):
    return Welcomed(asked, recovered, f"e-{at}", wish, ms, ms)


def sent(after, cursor, *items, ms=0):
    return Sent(f"e-{after}", f"e-{cursor}", ms, items)


def verdict_on(about, *journal):
    return judge(about, {"viewer": journal})


def breaches(verdict):
    kinds = ("lost", "repeated", "reordered", "gaps", "unrecovered", "altered", "unasked", "shown")
    found = {kind: count for kind in kinds if (count := getattr(verdict, kind))}
    assert sum(found.values()) == verdict.breaches
    return found


ONE, TWO, THREE = log(3)
RIGHT = (welcome(), sent(0, 1, ONE), sent(1, 3, TWO, THREE))


def test_a_viewer_that_was_sent_everything_once_and_in_order_has_nothing_to_complain_of():
    verdict = verdict_on(truth(log(3)), *RIGHT)
    assert breaches(verdict) == {}
    assert verdict.delivered == 3


WRONG = {
    "an event is left out of a frame": ((welcome(), sent(0, 1, ONE), sent(1, 3, THREE)), {"lost": 1}),
    "a keepalive moves over an event": ((welcome(), sent(0, 2, ONE, TWO), sent(2, 3)), {"lost": 1}),
    "nothing is heard of the end": ((welcome(), sent(0, 1, ONE)), {"lost": 2}),
    "a frame is lost": ((welcome(), sent(0, 1, ONE), sent(2, 3, THREE)), {"gaps": 1, "lost": 1}),
    "an event comes twice in a frame": (
        (welcome(), sent(0, 3, ONE, TWO, TWO, THREE)),
        {"repeated": 1},
    ),
    "a resume sends again what was sent": (
        (welcome(), sent(0, 1, ONE), welcome(0, asked="e-1"), sent(0, 3, ONE, TWO, THREE)),
        {"gaps": 3, "repeated": 1},
    ),
    "a resume goes on too late": (
        (welcome(), sent(0, 1, ONE), welcome(2, asked="e-1"), sent(2, 3, THREE)),
        {"gaps": 2, "lost": 1},
    ),
    "a resume is not possible": (
        (welcome(), sent(0, 1, ONE), welcome(3, asked="e-1", recovered=False)),
        {"unrecovered": 1},
    ),
    "two events change places": ((welcome(), sent(0, 3, ONE, THREE, TWO)), {"reordered": 1}),
    "a cursor goes back": (
        (*RIGHT, sent(3, 2), sent(2, 3, replace(THREE, mark=None))),
        {"reordered": 1, "repeated": 1},
    ),
    "an event is outside its frame": (
        (welcome(), sent(0, 1, ONE, TWO), sent(1, 3, THREE)),
        {"gaps": 1, "lost": 1},
    ),
    "one event is sent under another's number": (
        (welcome(), sent(0, 2, ONE, replace(TWO, mark=THREE.mark)), sent(2, 3, replace(THREE, mark=None))),
        {"altered": 1},
    ),
    "an event is of another log": (
        (welcome(), sent(0, 3, ONE, TWO, replace(THREE, type=STATUS))),
        {"altered": 1},
    ),
    "the log's lifetime changes": (
        (welcome(), sent(0, 1, ONE), Sent("f-1", "f-3", 0, (TWO, THREE))),
        {"gaps": 1},
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_each_kind_of_breach_is_seen(case):
    journal, found = WRONG[case]
    assert breaches(verdict_on(truth(log(3)), *journal)) == found


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([ONE, THREE], {"lost": 1}),
        ([ONE, TWO, THREE, replace(TWO, seq=4)], {"repeated": 1, "reordered": 1}),
        ([TWO, replace(ONE, seq=3), replace(THREE, seq=4)], {"reordered": 1}),
        ([ONE, TWO, THREE, Item(4, "chat.public", 99)], {"altered": 1}),
        ([ONE, TWO, THREE, Item(4, "chat.public", None)], {"altered": 1}),
    ],
)
def test_the_log_itself_is_held_against_what_was_acknowledged(items, found):
    about = Truth(items, {one.mark: one.seq for one in (ONE, TWO, THREE)}, 0)
    assert breaches(judge(about, {})) == found


def test_the_log_may_do_without_a_status_that_says_nothing_new_and_without_no_other():
    marks = {one.mark: one.seq for one in (ONE, TWO, THREE)}
    assert breaches(judge(Truth([ONE, THREE], marks, 0, repeats={TWO.mark}), {})) == {}
    assert breaches(judge(Truth([ONE, TWO], marks, 0, repeats={TWO.mark}), {})) == {"lost": 1}


def test_chat_and_notices_that_anybody_was_sent_everybody_is_to_be_sent():
    said, noticed = Item(2, CHAT), Item(3, NOTICE)
    one = (welcome(), sent(0, 1, ONE), sent(1, 2, said), sent(2, 3, noticed))
    other = (welcome(), sent(0, 1, ONE), sent(1, 3))
    verdict = judge(truth([ONE], end=3), {"one": one, "other": other})
    assert breaches(verdict) == {"lost": 2}


# -- what a viewer asked for -----------------------------------------------------------------------

COMMIT = event(2, "git.commit")
MIXED = [ONE, COMMIT, THREE]


def test_what_was_not_asked_for_is_no_loss_and_is_not_to_be_sent():
    assert breaches(verdict_on(truth(MIXED), welcome(wish=GIT), sent(0, 2, COMMIT), sent(2, 3))) == {}
    wrong = verdict_on(truth(MIXED), welcome(wish=GIT), sent(0, 2, ONE, COMMIT), sent(2, 3))
    assert breaches(wrong) == {"unasked": 1}


def test_while_a_choice_is_under_way_either_may_hold_and_what_both_want_is_wanted():
    both = Wish(GIT.types | {"chat.public"})
    items = [ONE, COMMIT, event(3, "task.created"), event(4, "git.commit"), event(5)]
    # Until the answer is read, at 3, the chat may be there or not.
    for chat in ([], [ONE]):
        journal = (
            welcome(wish=both),
            Asked(GIT),
            Chosen(GIT, 3),
            sent(0, 4, *chat, COMMIT, items[3]),
            sent(4, 5),
        )
        assert breaches(verdict_on(truth(items), *journal)) == {}
    without = (welcome(wish=both), Asked(GIT), Chosen(GIT, 3), sent(0, 4, ONE, items[3]), sent(4, 5))
    assert breaches(verdict_on(truth(items), *without)) == {"lost": 1}
    late = (welcome(wish=both), Asked(GIT), Chosen(GIT, 1), sent(0, 5, ONE, COMMIT, items[3], items[4]))
    assert breaches(verdict_on(truth(items), *late)) == {"unasked": 1}


def test_what_is_asked_for_with_a_connection_holds_from_its_cursor_on():
    journal = (
        welcome(),
        Asked(GIT),
        sent(0, 1, ONE),
        welcome(1, asked="e-1", wish=GIT),
        sent(1, 3, COMMIT, THREE),
    )
    assert breaches(verdict_on(truth(MIXED), *journal)) == {"unasked": 1}


def test_a_thinned_status_is_excused_by_a_later_one_of_the_same_agent_in_the_same_frame_only():
    statuses = [event(1, STATUS, "Ida"), event(2, STATUS, "Otto"), event(3, STATUS, "Ida")]
    low = Wish(ALL_TYPES, low=True)

    def lost(wish, *frames):
        return breaches(verdict_on(truth(statuses), welcome(wish=wish), *frames)).get("lost", 0)

    assert lost(low, sent(0, 3, statuses[1], statuses[2])) == 0
    assert lost(EVERYTHING, sent(0, 3, statuses[1], statuses[2])) == 1
    assert lost(low, sent(0, 3, statuses[2])) == 1, "another agent's says nothing of Otto"
    assert lost(low, sent(0, 2, statuses[1]), sent(2, 3, statuses[2])) == 1


# -- what the host let be seen ---------------------------------------------------------------------

HIDDEN = (Switched("git", False, 100, 110), Switched("git", True, 200, 210))


@pytest.mark.parametrize(
    ("at_ms", "missing", "present"),
    [
        (50, {"lost": 1}, {}),
        (105, {}, {}),  # while the call is under way, nobody can tell
        (150, {}, {"shown": 1}),
        (205, {}, {}),
        (250, {}, {}),  # it was hidden at some time since the frame before, which came at 0
    ],
)
def test_what_the_host_hides_is_not_to_be_sent_meanwhile_and_is_to_be_sent_otherwise(at_ms, missing, present):
    about = truth(MIXED, switches=HIDDEN)
    without = (welcome(), sent(0, 3, ONE, THREE, ms=at_ms))
    assert breaches(verdict_on(about, *without)) == missing
    with_it = (welcome(), sent(0, 3, ONE, COMMIT, THREE, ms=at_ms))
    assert breaches(verdict_on(about, *with_it)) == present


def test_what_is_shown_again_is_to_be_sent_from_then_on():
    about = truth(MIXED, switches=HIDDEN)
    journal = (welcome(), sent(0, 1, ONE, ms=250), sent(1, 3, THREE, ms=260))
    assert breaches(verdict_on(about, *journal)) == {"lost": 1}


def test_the_spectators_chat_has_a_switch_of_its_own():
    said = Item(2, CHAT)
    about = truth([ONE], end=2, switches=(Switched(SPECTATOR_CHAT, False, 100, 110),))
    sees = (welcome(), sent(0, 1, ONE), sent(1, 2, said, ms=150))
    misses = (welcome(), sent(0, 1, ONE), sent(1, 2, ms=150))
    assert breaches(judge(about, {"sees": sees, "misses": misses})) == {"shown": 1}


# -- what it reads, and what it is made of ---------------------------------------------------------


def test_frames_are_read_as_the_protocol_writes_them():
    stamp = {"timestamp": "1970-01-01T00:00:00.007Z", "id": "m"}
    place = {"after": "e-4", "cursor": "e-6"}
    inner = {"seq": 6, "type": STATUS, "agent_name": "Ida", "timestamp": "1970-01-01T00:00:00.123Z"}
    for kind in ("spectator.activity", "spectator.batch"):
        frame = read_sent({**stamp, "type": kind, "data": {**place, "events": [inner]}})
        assert frame == Sent("e-4", "e-6", 7, (Item(6, STATUS, 123, "Ida"),))
    assert read_sent({**stamp, "type": "spectator.keepalive", "data": place}) == Sent("e-4", "e-6", 7)
    assert read_sent({**stamp, "type": CHAT, "data": place}) == Sent("e-4", "e-6", 7, (Item(6, CHAT),))
    assert read_sent({**stamp, "type": NOTICE, "data": {"kind": "mode_changed"}}) is None


def test_the_judge_and_its_viewers_share_no_code_with_what_they_judge():
    modules = "chaos.run, chaos.judge, chaos.viewer, chaos.proxy, chaos.load, sys"
    ours = "{'relay', 'clawtank_tui', 'websockets', 'httpx', 'uvicorn'}"
    program = f"import {modules}; print({ours} & {{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
