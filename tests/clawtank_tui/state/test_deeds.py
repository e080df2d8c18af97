"""Orders as acts on the wire, and which of them one key takes back."""

from __future__ import annotations

from dataclasses import replace

from clawtank_tui.state.choices import OFFERS, Choice, decide
from clawtank_tui.state.deeds import Deed, Gesture, Order, Target, fitting, noted, parts, to_take_back
from clawtank_tui.state.desk import Desk, Entry
from clawtank_tui.state.model import RoomInfo
from relay.protocol.moderation import Action


def target(number: int, *, author: str = "", shown: bool = False) -> Target:
    return Target(f"m{number}", author or f"s{number}", f"viewer {number}", shown)


def acts(order: Order) -> list[dict[str, object]]:
    return [data for data, _, _ in parts(order)]


def test_one_target_is_named_alone_and_several_as_a_list() -> None:
    assert acts(Order(Action.APPROVE, (target(1),))) == [{"action": "approve", "message_id": "m1"}]
    assert acts(Order(Action.REJECT, (target(1), target(2)), reason="no ads")) == [
        {"action": "reject", "reason": "no ads", "message_ids": ["m1", "m2"]}
    ]


def test_what_is_done_to_people_names_each_once() -> None:
    targets = (target(1, author="s1"), target(2, author="s1"), target(3, author="s3"))
    [(data, about, answers)] = parts(Order(Action.BAN, targets, 0))
    assert data == {"action": "ban", "seconds": 0, "spectator_ids": ["s1", "s3"]}
    assert about == {"s1", "s3", "m1", "m2", "m3"}
    assert answers == 2


def test_an_author_the_relay_did_not_name_goes_by_the_message() -> None:
    targets = (target(1), Target("m2", "", "somebody"))
    assert acts(Order(Action.MUTE, targets, 600)) == [
        {"action": "mute", "seconds": 600, "spectator_id": "s1"},
        {"action": "mute", "seconds": 600, "message_id": "m2"},
    ]


def test_more_than_the_relay_takes_at_once_goes_in_parts() -> None:
    many = tuple(target(number) for number in range(450))
    sent = list(parts(Order(Action.BAN, many, 0)))
    assert [answers for _, _, answers in sent] == [200, 200, 50]
    named = [name for data, _, _ in sent for name in data["spectator_ids"]]
    assert named == [f"s{number}" for number in range(450)]


def test_what_concerns_the_whole_chat_names_nobody_and_undoing_each_line() -> None:
    assert acts(Order(Action.SHIELD)) == [{"action": "shield"}]
    assert acts(Order(Action.SLOW, seconds=30)) == [{"action": "slow", "seconds": 30}]
    assert acts(Order(Action.UNDO, entries=("7", "8"))) == [
        {"action": "undo", "entry": "7"},
        {"action": "undo", "entry": "8"},
    ]


def test_what_is_shown_is_deleted_and_what_waits_rejected_under_one_order() -> None:
    order = Order(Action.DELETE, (target(1, shown=True), target(2)), reason="ads")
    assert [(fit.action, fit.targets[0].message_id, fit.reason) for fit in fitting(order)] == [
        (Action.DELETE, "m1", "ads"),
        (Action.REJECT, "m2", "ads"),
    ]


def test_only_what_can_be_put_right_is_done_by_a_single_key() -> None:
    one, two = (target(1),), (target(1), target(2))
    for action in OFFERS:
        at_once = isinstance(decide(action, one, ""), Order)
        assert at_once == (action in (Action.APPROVE, Action.REJECT))
        assert isinstance(decide(action, two, ""), Choice)


def test_the_same_key_again_does_the_usual_and_another_the_rest() -> None:
    for key, action in zip("ardwmb", OFFERS, strict=True):
        choice = Choice(action, (target(1), target(2)))
        order = choice.taken(key, "because")
        assert order is not None
        assert (order.action, order.reason, len(order.targets)) == (action, "because", 2)
        assert choice.taken("x", "") is None
    everything = Choice(Action.DELETE, (target(1, shown=True),)).taken("a", "")
    assert everything is not None
    assert everything.action is Action.DELETE_ALL
    spans = [Choice(Action.BAN, (target(1),)).taken(key, "") for key in "b123"]
    assert [order and order.seconds for order in spans] == [0, 3600, 86_400, 604_800]


def test_rejecting_what_is_shown_asks_like_deleting() -> None:
    outcome = decide(Action.REJECT, (target(1, shown=True),), "")
    assert isinstance(outcome, Choice)
    assert outcome.action is Action.DELETE


def test_a_question_says_whom_it_is_about_by_name_or_number() -> None:
    same = (target(1, author="s1"), target(2, author="s1"))
    assert Choice(Action.BAN, (target(1),)).question == "Ban viewer 1?"
    assert Choice(Action.BAN, same).question == "Ban viewer 1?"
    assert Choice(Action.BAN, (target(1), target(2))).question == "Ban 2 people?"
    assert Choice(Action.REJECT, same).question == "Reject 2 messages?"


def line(number: int, action: Action = Action.BAN, **more: object) -> Entry:
    return replace(Entry(str(number), 0, "alice", action.value, undoable=True), **more)  # type: ignore[arg-type]


def desk(*lines: Entry, mine: tuple[Gesture, ...]) -> Desk:
    return Desk(RoomInfo("room"), log=lines, mine=mine)


def test_what_one_order_led_to_is_taken_back_together() -> None:
    deeds = [Deed(f"a{number}", 1, Action.BAN, entries=(str(number),)) for number in (1, 2)]
    mine: tuple[Gesture, ...] = ()
    for deed in deeds:
        mine = noted(mine, deed)
    found = to_take_back(desk(line(1), line(2), line(3), mine=mine))
    assert found is not None
    assert found.entries == ("1", "2")


def test_taking_back_goes_on_to_the_order_before_but_over_nothing_that_stands() -> None:
    mine = (Gesture(1, Action.BAN, ("1",)), Gesture(2, Action.MUTE, ("2",)))
    undone = desk(line(1), line(2, Action.MUTE, undone=True, undoable=False), mine=mine)
    found = to_take_back(undone)
    assert found is not None
    assert found.entries == ("1",)
    deleted = (*mine, Gesture(3, Action.DELETE, ("3",)))
    last = to_take_back(desk(line(1), line(2), line(3, Action.DELETE, undoable=False), mine=deleted))
    assert last == Gesture(3, Action.DELETE, ()), "it cannot be taken back, and hides what came before"
    assert to_take_back(desk(mine=())) is None


def test_an_undoing_is_neither_taken_back_nor_asked_for_twice() -> None:
    assert noted((), Deed("a1", 1, Action.UNDO, entries=("9",))) == ()
    busy = replace(
        desk(line(1), mine=(Gesture(1, Action.BAN, ("1",)),)),
        deeds=(Deed("a2", 2, Action.UNDO, frozenset({"1"})),),
    )
    found = to_take_back(busy)
    assert found is not None
    assert found.entries == ()
