"""The console under keys and events: what each key does, and on whom, whatever arrives meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from textual.binding import Binding
from textual.events import Key

from clawtank_tui.link.session import ConnectionChanged
from clawtank_tui.screens.context import ContextScreen
from clawtank_tui.screens.help import HelpScreen
from clawtank_tui.screens.host import HostScreen
from clawtank_tui.screens.host_keys import KEYS
from clawtank_tui.state.model import Connection, Phase
from support import host_story
from support.host_story import FakeCalls, FakeLine, app, held, hosted, line, raided, shown, tell
from support.watch_story import DAY, FixedClock, said

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from clawtank_tui.host import HostRoom
    from clawtank_tui.screens.host_app import HostApp

WIDE, NARROW = (120, 40), (80, 24)


@dataclass
class Desk:
    """The console on a screen, and everything around it."""

    app: HostApp
    pilot: Pilot[int]
    room: HostRoom
    line: FakeLine
    calls: FakeCalls
    clock: FixedClock

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def deliver(self, kind: str, /, **data: Any) -> None:
        self.room.deliver(tell(kind, **data))
        await self.settle()

    async def settle(self) -> None:
        """Let what was delivered be painted, and be looked at."""
        self.clock.s += 1
        await self.pilot.pause(0.06)

    async def answer(self, number: int, action: str, **more: Any) -> None:
        """Let the relay do what the last act asked for."""
        await self.deliver("moderation.decided", **line(number, action, **more), ref=self.line.refs[-1])

    @property
    def text(self) -> str:
        return shown(self.app)

    @property
    def rows(self) -> list[str]:
        return self.text.split("\n")

    @property
    def under_cursor(self) -> str:
        """The active pane's row under the cursor, without its sign."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, HostScreen)
        return screen._pane.picks.cursor

    @property
    def last_line(self) -> str:
        """What stands above the keys."""
        return self.rows[-2].strip()


@asynccontextmanager
async def desk(
    size: tuple[int, int] = WIDE, *, raid: int = 0, role: str = "host", **more: Any
) -> AsyncIterator[Desk]:
    clock, desk_line, calls = FixedClock(), FakeLine(), FakeCalls()
    room = raided(clock, raid) if raid else hosted(clock, role=role, **more)
    host = app(room, desk_line, calls, clock)
    async with host.run_test(size=size) as pilot:
        made = Desk(host, pilot, room, desk_line, calls, clock)
        await made.settle()
        yield made


async def test_a_wide_screen_shows_everything_at_once() -> None:
    async with desk(raid=50) as made:
        text = made.text
    for wanted in (
        "room_abc123 · todo-cli", "● live 12 ms", "128 watching (96 guests, 32 registered) · +4/min",
        "peak 214",
        "shield down, S raises it · chat open · slow off · approval off · guests write",
        "QUEUE  52 waiting · 3 kinds", "newcomer guest  links", "keywords: kill", "▸ 50 alike of 50 people",
        "REPORTS  2 reported · 1 hidden", "raider_1  reported 4 times  HIDDEN", "spam · it is a scam",
        "↳ ~viewer_7f «how does", "alice banned troll", "undone", "SANCTIONS 3  SETTINGS",
        "you are alice, host",
    ):  # fmt: skip
        assert wanted in text


async def test_tab_shows_one_pane_after_another_on_a_narrow_screen_and_escape_leads_back() -> None:
    first = (
        "newcomer guest",
        "raider_1  reported",
        "↳ ~viewer_7f «how does",
        "muted  loud",
        "alice banned",
        "slow mode",
    )
    async with desk(NARROW, raid=5) as made:
        for words in (*first, first[0]):
            assert [known for known in first if known in made.text][:1] == [words]
            await made.press("tab")
        await made.press("escape")
        assert first[0] in made.text
        await made.press("shift+tab")
        assert first[5] in made.text


# -- decisions on one -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "act"),
    [
        (["a"], {"action": "approve", "message_id": "h1"}),
        (["r"], {"action": "reject", "message_id": "h1"}),
        (["d", "d"], {"action": "reject", "message_id": "h1"}),
        (["d", "a"], {"action": "delete_all", "spectator_id": "s-newcomer"}),
        (["m", "m"], {"action": "mute", "seconds": 600, "spectator_id": "s-newcomer"}),
        (["m", "1"], {"action": "mute", "seconds": 3600, "spectator_id": "s-newcomer"}),
        (["m", "3"], {"action": "mute", "seconds": 0, "spectator_id": "s-newcomer"}),
        (["b", "b"], {"action": "ban", "seconds": 0, "spectator_id": "s-newcomer"}),
        (["b", "2"], {"action": "ban", "seconds": 86_400, "spectator_id": "s-newcomer"}),
        (["w", "w"], {"action": "warn", "spectator_id": "s-newcomer"}),
    ],
    ids=" ".join,
)
async def test_every_decision_takes_at_most_two_keys_and_leads_on(
    keys: list[str], act: dict[str, Any]
) -> None:
    async with desk() as made:
        await made.press(*keys)
        assert made.line.acts == [act]
        assert made.under_cursor == "pile/h2"
        assert "deciding…" in made.text


async def test_reports_are_kept_or_removed_as_they_stand() -> None:
    async with desk(raid=3) as made:
        await made.press("tab", "r", "d", "escape", "a")
        assert made.line.acts == [
            {"action": "reject", "message_id": "m4"},
            {"action": "approve", "message_id": "m6"},
        ]
    async with desk(raid=3) as made:
        await made.press("tab", "n", "r", "d")
        assert made.line.acts == [{"action": "delete", "message_id": "m6"}], "what is shown is deleted"


async def test_in_the_chat_nothing_is_chosen_until_the_cursor_is_moved() -> None:
    async with desk() as made:
        await made.press("tab", "tab", "d")
        assert made.last_line == "↑ chooses a message."
        await made.press("up", "d", "d")
        assert made.line.acts == [{"action": "delete", "message_id": "m6"}]
        await made.press("a")
        assert "shown already" in made.last_line


async def test_a_reason_goes_with_the_next_decision_and_no_further() -> None:
    async with desk() as made:
        await made.press("y", *"ads", "enter")
        assert "because “ads”" in made.text
        await made.press("r", "r")
        assert made.line.acts == [
            {"action": "reject", "reason": "ads", "message_id": "h1"},
            {"action": "reject", "message_id": "h2"},
        ]


async def test_a_reason_can_be_given_in_the_midst_of_a_decision() -> None:
    async with desk() as made:
        await made.press("b", "y", *"slurs", "enter")
        assert "Ban newcomer?" in made.text
        await made.press("1")
        assert made.line.acts == [
            {"action": "ban", "seconds": 3600, "reason": "slurs", "spectator_id": "s-newcomer"}
        ]


async def test_an_open_question_takes_every_key_and_escape_ends_it() -> None:
    async with desk() as made:
        await made.press("b", "S", "q", "a", "down", "tab", "question_mark")
        assert made.line.acts == []
        assert made.last_line.startswith("Ban newcomer?")
        await made.press("escape", "r")
        assert made.line.acts == [{"action": "reject", "message_id": "h1"}]


BAN = {"action": "ban", "seconds": 0, "spectator_id": "s-newcomer"}


@pytest.mark.parametrize(
    ("lot", "acts"),
    [
        ("bb", [BAN]),
        ("bbr", [BAN, {"action": "reject", "message_id": "h2"}]),
        ("yads\rr", [{"action": "reject", "reason": "ads", "message_id": "h1"}]),
        ("byads\r1", [{**BAN, "seconds": 3600, "reason": "ads"}]),
        ("chello\rr", [{"action": "reject", "message_id": "h1"}]),
    ],
    ids=ascii,
)
async def test_keys_that_come_in_one_lot_mean_what_they_do_one_by_one(
    lot: str, acts: list[dict[str, Any]]
) -> None:
    async with desk() as made:
        for key in lot:
            made.app.post_message(Key("enter" if key == "\r" else key, key))
        await made.pilot.pause()
        await made.pilot.pause()
        assert made.line.acts == acts
        assert made.line.said == ([("hello", "")] if "hello" in lot else [])


# -- decisions on many ----------------------------------------------------------------------------


async def test_a_raid_of_fifty_is_banned_with_two_keys() -> None:
    async with desk(raid=50) as made:
        await made.press("end", "b")
        assert made.last_line.startswith("Ban 50 people?")
        await made.press("b")
        [act] = made.line.acts
        assert act == {
            "action": "ban",
            "seconds": 0,
            "spectator_ids": [f"s-raider_{number}" for number in range(3, 53)],
        }
        for number in range(3, 53):
            name = f"raider_{number}"
            await made.deliver(
                "moderation.decided",
                **line(100 + number, "ban", spectator_id=f"s-{name}", display_name=name, seconds=0),
                ref="a1",
            )
        assert "QUEUE  2 waiting" in made.text
        assert made.last_line == "Banned 50 people."
        await made.press("u")
        assert [act["entry"] for act in made.line.acts[1:]] == [str(100 + number) for number in range(3, 53)]


async def test_several_are_never_rejected_or_approved_by_a_single_key() -> None:
    async with desk(raid=4) as made:
        await made.press("end", "r")
        assert made.line.acts == []
        assert made.last_line.startswith("Reject 4 messages?")
        await made.press("r")
        assert made.line.acts == [
            {"action": "reject", "message_ids": ["h103", "h104", "h105", "h106"]},
        ]


async def test_a_pile_unfolds_and_one_of_it_is_decided_alone() -> None:
    async with desk(raid=3) as made:
        await made.press("end", "enter", "down", "down", "r")
        assert made.line.acts == [{"action": "reject", "message_id": "h104"}]
        await made.press("up", "up", "up", "enter")
        assert "▸ 3 alike" in made.text


async def test_space_marks_and_what_is_marked_is_decided_together() -> None:
    async with desk() as made:
        await made.press("space", "space")
        assert "2 waiting · 2 marked" in made.text
        await made.press("r", "r")
        assert made.line.acts == [{"action": "reject", "message_ids": ["h1", "h2"]}]
        assert "marked" not in made.text


@pytest.mark.parametrize("key", ["A", "asterisk"])
async def test_everything_is_marked_by_one_key_and_unmarked_by_it(key: str) -> None:
    async with desk(raid=3) as made:
        await made.press(key)
        assert "5 marked" in made.text
        await made.press(key)
        assert "marked" not in made.text


@pytest.mark.parametrize(
    ("key", "about"),
    [("equals_sign", ["h3", "h6"]), ("at", ["h1", "h4"]), ("number_sign", ["h1", "h5"])],
)
async def test_what_is_alike_of_one_author_or_of_one_rule_is_marked_by_one_key(
    key: str, about: list[str]
) -> None:
    queue = [
        held(1, "ann", "join my discord today", "links"),
        held(2, "ben", "something else", "approval"),
        held(3, "cat", "free coins for everybody", "crowd"),
        held(4, "ann", "and now for the weather", "approval"),
        held(5, "dan", "see here and there", "links"),
        held(6, "eve", "FREE coins for everybody!", "crowd"),
    ]
    async with desk(held=queue) as made:
        if key == "equals_sign":
            await made.press("down", "down")
        await made.press(key, "r", "r")
        assert made.line.acts[0]["message_ids"] == about


async def test_in_the_chat_the_raid_is_marked_by_what_is_alike() -> None:
    async with desk() as made:
        await made.press("tab", "tab", "up", "up", "equals_sign", "b", "b")
        assert made.line.acts[0]["spectator_ids"] == ["s-raider_1", "s-raider_2"]


# -- what happens meanwhile ------------------------------------------------------------------------


async def test_what_arrives_while_a_question_is_open_does_not_fall_under_it() -> None:
    async with desk(raid=3) as made:
        await made.press("end", "b")
        await made.deliver("moderation.held", **host_story.raid(4)[3])
        assert "▸ 4 alike" in made.text
        await made.press("b")
        assert made.line.acts[0]["spectator_ids"] == ["s-raider_3", "s-raider_4", "s-raider_5"]


async def test_what_another_moderator_decided_is_said_and_nothing_else_is_hit() -> None:
    async with desk() as made:
        await made.deliver("moderation.decided", **line(9, "approve", by="maria", message_id="h1"))
        assert "maria approved a message" in made.text
        await made.press("r")
        assert made.line.acts == []
        assert made.last_line == "maria has approved it meanwhile."
        await made.press("down", "r")
        assert made.line.acts == [{"action": "reject", "message_id": "h2"}]


async def test_a_question_about_what_another_decided_meanwhile_leads_to_nothing() -> None:
    async with desk() as made:
        await made.press("d")
        await made.deliver("moderation.decided", **line(9, "reject", by="maria", message_id="h1"))
        await made.press("d")
        assert made.line.acts == []
        assert made.last_line == "maria has rejected it meanwhile."


async def test_what_has_only_just_come_under_the_cursor_is_not_decided_blindly() -> None:
    async with desk(held=[]) as made:
        made.room.deliver(tell("moderation.held", **held(7, "ann", "hello", "approval")))
        await made.pilot.pause(0.06)
        await made.press("r")
        assert made.line.acts == []
        assert "only just come" in made.last_line
        made.clock.s += 1
        await made.press("r")
        assert made.line.acts == [{"action": "reject", "message_id": "h7"}]


async def test_an_act_that_failed_stays_with_its_sentence() -> None:
    async with desk() as made:
        await made.press("a")
        await made.deliver("spectator.error", code="CHAT_DISABLED", message="The chat is closed.", ref="a1")
        assert "! The chat is closed." in made.text
        assert "deciding…" not in made.text


async def test_without_a_line_nothing_is_decided_and_it_says_so() -> None:
    async with desk() as made:
        made.room.deliver(
            ConnectionChanged(Connection(Phase.WAITING, "The line broke.", made.clock.s + 7, 1))
        )
        await made.settle()
        assert "The line broke" in made.text
        await made.press("r", "S")
        assert made.line.acts == []
        assert "no line to the relay" in made.last_line
        assert "R try now" in made.rows[-1]
        await made.press("R")
        assert made.line.retries == 1


async def test_an_act_that_could_not_leave_says_why() -> None:
    async with desk() as made:
        made.line.broken = "The line broke before the message left."
        await made.press("r")
        assert made.last_line == made.line.broken


# -- undo, the whole chat --------------------------------------------------------------------------


async def test_u_takes_back_the_last_act_and_then_the_one_before() -> None:
    async with desk() as made:
        await made.press("r")
        await made.answer(10, "reject", message_id="h1", display_name="newcomer")
        await made.press("b", "b")
        await made.answer(11, "ban", spectator_id="s-marta", display_name="marta", seconds=0)
        await made.press("u")
        await made.answer(12, "undo", undoes="11")
        assert made.last_line == "Took back: banned marta."
        await made.press("u")
        assert [act.get("entry") for act in made.line.acts] == [None, None, "11", "10"]


async def test_u_says_what_cannot_be_taken_back() -> None:
    async with desk() as made:
        await made.press("u")
        assert made.last_line.startswith("Nothing done here can be taken back")
        await made.press("a")
        await made.answer(10, "approve", message_id="h1", undoable=False)
        await made.press("u")
        assert made.last_line == "What you last approved cannot be taken back; the log has what can."


async def test_u_takes_back_a_line_of_the_log_whoever_did_it() -> None:
    async with desk() as made:
        await made.press(*["tab"] * 4, "home", "down", "u")
        assert made.line.acts == [{"action": "undo", "entry": "2"}]
        await made.press("down", "u")
        assert made.last_line == "This cannot be taken back."


async def test_u_lifts_a_sanction() -> None:
    async with desk() as made:
        await made.press(*["tab"] * 3, "u", "u")
        assert made.line.acts == [
            {"action": "unban", "spectator_id": "s-troll"},
            {"action": "unmute", "spectator_id": "s-loud"},
        ]
        await made.deliver("moderation.sanctions", sanctions=host_story.SANCTIONS[2:])
        assert "Lifted" not in made.text
        await made.deliver("moderation.sanctions", sanctions=[])
        assert "Lifted, or over." in made.text, "the one under the cursor was not lifted from here"


async def test_one_key_raises_the_shield_and_the_same_takes_it_down() -> None:
    async with desk() as made:
        await made.press("S", "S")
        assert made.line.acts == [{"action": "shield"}], "what is under way is not asked for again"
        assert "raising the shield…" in made.text
        await made.answer(10, "shield")
        assert made.rows[1].startswith(" SHIELD UP everything is held, newcomers only read")
        await made.press("S")
        assert made.line.acts[-1] == {"action": "unshield"}
        await made.answer(11, "unshield")
        assert "shield down" in made.rows[1]


async def test_lock_and_slow_mode_have_a_key_each_and_show() -> None:
    async with desk() as made:
        await made.press("L")
        await made.answer(10, "lock")
        assert "chat LOCKED" in made.rows[1]
        await made.press("L", "s", "s", "s", "s")
        assert made.line.acts[1:] == [
            {"action": "unlock"},
            *({"action": "slow", "seconds": seconds} for seconds in (10, 30, 120, 0)),
        ]
        await made.answer(11, "slow", seconds=30)
        assert "slow 30 s" in made.rows[1]


# -- lines to write on -----------------------------------------------------------------------------


async def test_the_filter_shows_only_what_holds_a_text_and_escape_shows_all() -> None:
    async with desk(raid=3) as made:
        await made.press("slash", *"KILL", "enter")
        assert "newcomer" not in "\n".join(made.rows[:20])
        assert "keywords: kill" in made.text
        assert "only “KILL”" in made.text
        await made.press("escape")
        assert "newcomer guest" in made.text


async def test_c_writes_in_the_chat_and_enter_answers_a_message() -> None:
    async with desk() as made:
        await made.press("c", *"calm down", "enter")
        await made.press("tab", "tab", "up", "enter", *"a raid", "enter")
        assert made.line.said == [("calm down", ""), ("a raid", "m6")]


async def test_a_text_that_was_refused_or_left_is_still_there() -> None:
    async with desk() as made:
        await made.press("c", *"half", "escape", "c")
        assert "Say: half" in made.text
        await made.press("enter")
        await made.deliver("spectator.error", code="RATE_LIMITED", message="Wait 4 s.", ref="c1")
        assert made.last_line == "Wait 4 s."
        await made.press("c")
        assert "Say: half" in made.text


async def test_a_chat_that_is_read_only_here_says_so() -> None:
    async with desk(insider={"id": "i", "role": "host", "display_name": "alice", "capabilities": []}) as made:
        await made.press("c")
        assert "read only from here" in made.last_line


# -- settings ---------------------------------------------------------------------------------------


async def test_settings_are_toggled_typed_and_cycled_where_they_stand() -> None:
    async with desk() as made:
        await made.press("shift+tab")
        assert "words to catch" in made.text
        assert "free coins, casino*" in made.text
        await made.press("enter", "down", "space", *["down"] * 4, "enter", *["down"] * 2)
        await made.press("enter", *["backspace"] * 2, *"45", "enter")
        assert made.calls.patches == [
            {"spectatorChat": {"enabled": False}},
            {"spectatorChat": {"integration": "isolated"}},
            {"spectatorChat": {"moderation": {"allowAnonymous": False}}},
            {"spectatorChat": {"moderation": {"slowSeconds": 45}}},
        ]
        assert "45 s" in made.text


async def test_e_edits_the_words_to_catch_from_anywhere() -> None:
    async with desk() as made:
        await made.press("e", *", badword", "enter")
        assert made.calls.patches == [
            {"spectatorChat": {"moderation": {"keywords": ["free coins", "casino*", "badword"]}}}
        ]


async def test_what_the_relay_does_not_take_is_said_with_its_sentence() -> None:
    async with desk() as made:
        made.calls.refusal = "spectatorChat.moderation.keywords: too many."
        await made.press("e", "x", "enter")
        assert made.last_line == made.calls.refusal
        await made.press("shift+tab", *["down"] * 7, "enter", "x", "enter")
        assert "is no whole number" in made.last_line


async def test_a_moderators_token_sees_no_settings_and_why() -> None:
    async with desk(role="moderator") as made:
        await made.press("shift+tab")
        assert "The settings are the host's" in made.text
        await made.press("e")
        assert "The settings are the host's" in made.last_line
        assert made.calls.patches == []


async def test_settings_that_changed_elsewhere_are_asked_for_again() -> None:
    async with desk() as made:
        await made.press("shift+tab")
        made.calls.held = host_story.merged(
            host_story.SETTINGS, {"spectatorChat": {"moderation": {"watchSeconds": 300}}}
        )
        await made.deliver("spectator.notice", kind="settings_changed", chat=host_story.RULES)
        assert "5 min" in made.text


# -- looking closer ---------------------------------------------------------------------------------


async def test_enter_shows_a_message_amid_the_chat_and_decides_from_there() -> None:
    async with desk() as made:
        await made.press("enter")
        assert isinstance(made.app.screen, ContextScreen)
        for wanted in ("CONTEXT", "Held: links.", "how does it know Click?", "what is going on here?"):
            assert wanted in made.text
        await made.press("b")
        assert made.last_line.startswith("Ban newcomer?")
        await made.press("b")
        assert made.line.acts == [{"action": "ban", "seconds": 0, "spectator_id": "s-newcomer"}]


async def test_enter_on_a_report_shows_its_reasons_and_escape_decides_nothing() -> None:
    async with desk(raid=3) as made:
        await made.press("tab", "enter")
        assert "Reported 4 times: spam · it is a scam" in made.text
        await made.press("escape")
        assert made.line.acts == []
        assert not isinstance(made.app.screen, ContextScreen)


async def test_the_help_page_names_every_key_and_scrolls_on_a_low_screen() -> None:
    async with desk(NARROW) as made:
        await made.press("question_mark")
        assert isinstance(made.app.screen, HelpScreen)
        seen = made.text
        for _ in range(6):
            await made.press("pagedown")
            seen += made.text
        for binding in KEYS:
            assert isinstance(binding, Binding)
            assert binding.tooltip in seen


async def test_the_layout_follows_the_width_and_nothing_is_lost_on_the_way() -> None:
    async with desk(raid=9) as made:
        for size in ((109, 40), (20, 4), (1, 1), (110, 40)):
            await made.pilot.resize_terminal(*size)
            await made.pilot.pause()
        assert "REPORTS  2 reported" in made.text


async def test_a_reader_of_the_chat_is_not_moved_and_end_follows_again() -> None:
    async with desk(NARROW) as made:
        await made.press("tab", "tab", "up", "up")
        for number in range(30):
            message = said(100 + number, "21:36:10", "ken", f"noise {number}")
            await made.deliver("spectator.chat_message", **message)
        assert made.under_cursor == "m5"
        assert " new  End to follow" in made.text
        await made.press("end")
        assert "noise 29" in made.text
        assert made.under_cursor == ""


async def test_what_is_left_of_a_mute_counts_down_and_ends() -> None:
    async with desk() as made:
        await made.press(*["tab"] * 3)
        assert "3:40" in made.text
        assert "2 h 20 min" in made.text
        made.clock.ms += 61_000
        await made.settle()
        made.app.screen.show_desk()  # type: ignore[attr-defined]
        await made.pilot.pause()
        assert "2:39" in made.text
        made.clock.ms += 300_000
        made.app.screen.show_desk()  # type: ignore[attr-defined]
        await made.pilot.pause()
        assert "loud" not in "\n".join(row[68:] for row in made.rows[20:])


async def test_hostile_text_ends_nothing() -> None:
    evil = "[/] [bold]\x1b]0;x\x07 \u202e[@click=app.quit]"
    queue = [held(1, evil, evil, evil, detail=evil)]
    report = {**host_story.REPORTS[0], "message": evil, "reasons": [evil], "display_name": evil}
    async with desk(held=queue, reports=[report], log=[line(1, "ban", by=evil, display_name=evil)]) as made:
        await made.press(
            "enter", "escape", "b", "escape", "tab", "enter", "escape", "question_mark", "escape"
        )
        assert "[bold]" in made.text
        assert "\x1b" not in made.text


async def test_q_leaves() -> None:
    async with desk() as made:
        await made.press("q")
        assert made.app.return_value == 0


def test_the_story_is_of_one_day() -> None:
    assert all(str(entry["made_at"]).startswith(DAY) for entry in host_story.SANCTIONS)
