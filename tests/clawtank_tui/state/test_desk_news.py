"""The desk as a transcript of what the relay tells: what waits, what was decided and by whom, what failed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.state.deeds import Deed, begun
from clawtank_tui.state.desk import Desk
from clawtank_tui.state.desk_news import reduce
from clawtank_tui.state.model import RoomInfo
from relay.protocol import messages
from relay.protocol.moderation import Action
from support import host_story
from support.watch_story import NOW_MS

ALL_TYPES = (
    messages.WELCOME,
    messages.HELD,
    messages.REPORTED,
    messages.DECIDED,
    messages.SANCTIONS,
    messages.QUEUE,
    messages.CHAT,
    messages.CHAT_REMOVED,
    messages.PRESENCE,
    messages.NOTICE,
    messages.ERROR,
)


def told(desk: Desk, kind: str, /, **data: Any) -> Desk:
    return reduce(desk, host_story.tell(kind, **data).envelope, NOW_MS)


def at_work(**more: Any) -> Desk:
    return reduce(Desk(RoomInfo("room_abc123")), host_story.welcome(**more).envelope, NOW_MS)


def raid(count: int = 3) -> Desk:
    return at_work(held=[*host_story.QUIET_QUEUE, *host_story.raid(count)], reports=host_story.REPORTS)


def sent(desk: Desk, ref: str, action: Action, *targets: str, expected: int = 1, **more: Any) -> Desk:
    return begun(desk, Deed(ref, 1, action, frozenset(targets), expected=expected, **more))


def test_the_welcome_lays_everything_on_the_desk() -> None:
    desk = raid()
    assert list(desk.held) == ["h1", "h2", "h103", "h104", "h105"]
    assert [message.pile for message in desk.held.values()] == ["h1", "h2", "h103", "h103", "h103"]
    assert (desk.held["h2"].rule, desk.held["h2"].detail) == ("keywords", "kill")
    assert desk.reports["m4"].hidden
    assert [sanction.kind for sanction in desk.sanctions] == ["ban", "mute", "mute"]
    assert [(line.entry_id, line.undone, line.undoable) for line in desk.log] == [
        ("1", False, True),
        ("2", False, True),
        ("3", True, False),
        ("4", False, False),
        ("5", False, False),
    ]
    assert (desk.insider.hosts, desk.insider.answers) == (True, True)
    assert len(desk.chat) == len(host_story.CHAT)


def test_the_relays_clock_counts_not_this_machines() -> None:
    slow = reduce(Desk(RoomInfo("room")), host_story.welcome().envelope, NOW_MS - 3_600_000)
    assert slow.ahead_ms == 3_600_000
    assert (
        reduce(slow, host_story.tell("moderation.held", message_id="h9").envelope, 0).held["h9"].at_ms
        == 3_600_000
    )


def test_what_is_held_joins_the_queue_and_its_pile() -> None:
    desk = told(raid(), messages.HELD, **host_story.raid(4)[3])
    assert list(desk.held)[-1] == "h106"
    assert desk.held["h106"].pile == "h103"


def test_a_report_that_grows_keeps_its_place() -> None:
    grown = {**host_story.REPORTS[0], "count": 5}
    desk = told(raid(), messages.REPORTED, **grown)
    assert list(desk.reports) == ["m4", "m6"]
    assert desk.reports["m4"].count == 5


def test_what_one_moderator_decides_is_gone_and_remembered_with_the_name() -> None:
    desk = told(raid(), messages.DECIDED, **host_story.line(9, "reject", by="maria", message_id="h1"))
    assert "h1" not in desk.held
    assert desk.decided["h1"].by == "maria"
    assert desk.log[-1].entry_id == "9"


def test_a_ban_clears_queue_and_reports_of_its_author() -> None:
    ban = host_story.line(9, "ban", spectator_id="s-raider_1", display_name="raider_1", seconds=0)
    desk = told(raid(), messages.HELD, **host_story.held(7, "raider_1", "another one", "approval"))
    desk = told(desk, messages.DECIDED, **ban)
    assert "h7" not in desk.held
    assert list(desk.reports) == ["m6"]
    assert list(desk.held) == ["h1", "h2", "h103", "h104", "h105"]


def test_an_undoing_marks_the_line_it_takes_back() -> None:
    desk = told(raid(), messages.DECIDED, **host_story.line(9, "undo", undoes="1"))
    assert [(line.undone, line.undoable) for line in desk.log if line.entry_id == "1"] == [(True, False)]


def test_an_act_is_under_way_until_every_target_is_answered() -> None:
    desk = sent(raid(), "a1", Action.REJECT, "h103", "h104", "h105", expected=3)
    assert desk.busy("h103")
    for number, message in ((9, "h103"), (10, "h104")):
        desk = told(desk, messages.DECIDED, **host_story.line(number, "reject", message_id=message), ref="a1")
        assert len(desk.deeds) == 1
    desk = told(desk, messages.DECIDED, **host_story.line(11, "reject", message_id="h105"), ref="a1")
    assert desk.deeds == ()
    assert desk.remark.text == "Rejected 3 messages."
    assert desk.mine[-1].entries == ("9", "10", "11")


def test_an_act_that_failed_stays_with_its_sentence_until_the_next_try() -> None:
    desk = sent(raid(), "a1", Action.APPROVE, "h1")
    desk = told(desk, messages.ERROR, code="CHAT_DISABLED", message="The chat is closed.", ref="a1")
    assert desk.deeds == ()
    assert (desk.failed["h1"], desk.remark.text, desk.remark.bad) == (
        "The chat is closed.",
        "The chat is closed.",
        True,
    )
    assert "h1" in desk.held
    assert "h1" not in sent(desk, "a2", Action.APPROVE, "h1").failed


def test_what_another_decided_first_is_said_and_is_no_failure() -> None:
    desk = sent(raid(), "a1", Action.APPROVE, "h1")
    desk = told(desk, messages.DECIDED, **host_story.line(9, "reject", by="maria", message_id="h1"))
    desk = told(desk, messages.ERROR, code="INVALID_MESSAGE", message="No message waits.", ref="a1")
    assert (desk.remark.text, desk.remark.bad, desk.failed) == ("maria has rejected it meanwhile.", False, {})


def test_a_fault_of_the_relay_ends_the_whole_act() -> None:
    desk = sent(raid(), "a1", Action.REJECT, "h103", "h104", expected=2)
    desk = told(desk, messages.ERROR, code="INTERNAL", message="A fault of the relay.", ref="a1")
    assert desk.deeds == ()


def test_a_line_that_broke_leaves_no_act_under_way_and_says_so() -> None:
    desk = sent(raid(), "a1", Action.REJECT, "h1")
    desk = reduce(desk, host_story.welcome().envelope, NOW_MS)
    assert desk.deeds == ()
    assert "before an act was answered" in desk.remark.text


def test_taking_back_says_what_one_line_or_how_many() -> None:
    desk = sent(raid(), "a1", Action.UNDO, "1")
    desk = told(desk, messages.DECIDED, **host_story.line(9, "undo", undoes="1"), ref="a1")
    assert desk.remark.text == "Took back: banned troll."
    desk = sent(desk, "a2", Action.UNDO, "2", together=50)
    desk = told(desk, messages.DECIDED, **host_story.line(10, "undo", undoes="2"), ref="a2")
    assert desk.remark.text == "Took back 50 acts."


def test_shield_lock_and_slow_show_with_their_line_and_with_the_settings() -> None:
    desk = raid()
    for action, more, field, value in (
        ("shield", {}, "shielded", True),
        ("lock", {}, "locked", True),
        ("slow", {"seconds": 30}, "slow_s", 30),
        ("unlock", {}, "locked", False),
    ):
        desk = told(desk, messages.DECIDED, **host_story.line(9, action, **more))
        assert getattr(desk.rules, field) == value
    chat = {**host_story.RULES, "watch_s": 60}
    desk = told(desk, messages.NOTICE, kind="settings_changed", chat=chat, features=[], name="renamed")
    assert (desk.rules.shielded, desk.rules.slow_s, desk.rules.watch_s) == (False, 0, 60)
    assert (desk.room.name, desk.room.features) == ("renamed", frozenset())


def test_the_chat_loses_what_is_removed_by_message_and_by_author() -> None:
    desk = told(raid(), messages.CHAT_REMOVED, message_id="m1", reason="deleted")
    desk = told(desk, messages.CHAT_REMOVED, spectator_id="s-raider_1", reason="deleted")
    assert [message.message_id for message in desk.chat] == ["m2", "m3", "m5", "m6"]


def test_a_queue_told_anew_replaces_what_was_known() -> None:
    desk = told(raid(), messages.QUEUE, held=host_story.QUIET_QUEUE[:1], reports=[], sanctions=[])
    assert (list(desk.held), list(desk.reports), desk.sanctions) == (["h1"], [], ())


def test_hostile_text_is_inert_wherever_it_comes_in() -> None:
    evil = "\x1b]52;c;ZXZpbA==\x07[/]\u202eevil\x9b2J"
    desk = at_work(
        held=[{**host_story.QUIET_QUEUE[0], **dict.fromkeys(("message", "display_name", "rule"), evil)}],
        reports=[{**host_story.REPORTS[0], "message": evil, "reasons": [evil]}],
        sanctions=[{**host_story.SANCTIONS[0], "by": evil, "reason": evil, "display_name": evil}],
        log=[host_story.line(1, "ban", by=evil, display_name=evil, reason=evil, rule=evil)],
    )  # fmt: skip
    shown = repr((desk.held, desk.reports, desk.sanctions, desk.log))
    assert "evil" in shown
    for bad in ("\\x1b", "\\x07", "\\x9b", "\\u202e"):
        assert bad not in shown


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    "message_id", "spectator_id", "held", "reports", "sanctions", "log", "kind", "chat", "id", "action",
    "message", "reasons", "count", "until", "seconds", "room_info", "insider", "current_state", "undoes",
    "ref",
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from(ALL_TYPES), st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=8)
        ),
        max_size=6,
    )
)
def test_whatever_a_relay_sends_there_is_a_desk(story: list[tuple[str, dict[str, Any]]]) -> None:
    desk = sent(raid(), "a1", Action.REJECT, "h1")
    for kind, data in story:
        desk = reduce(desk, {"id": "r", "type": kind, "data": data}, NOW_MS)
    assert isinstance(desk, Desk)
    hash(replace(desk, held=(), reports=(), decided=(), failed=(), settings=()))  # type: ignore[arg-type]
