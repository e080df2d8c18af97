"""The chat on the screen: what is written, what becomes of it, and what keys and commands do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.style import Style
from textual.events import Key

from clawtank_tui.link.session import ConnectionChanged, Received
from clawtank_tui.screens.help import HelpScreen
from clawtank_tui.state.commands import COMMANDS
from clawtank_tui.state.model import Connection, Phase
from clawtank_tui.state.names import tag
from clawtank_tui.widgets.palette import STYLES
from support.chat_story import decided, notice, refusal, removed, settings_changed
from support.watch_screen import (
    HOSTILE,
    NARROW,
    WIDE,
    Chatting,
    chatting,
    check_columns,
    field,
    screen,
    shown,
)
from support.watch_story import EVENTS, FakeLine, FixedClock, app, chat, said, watched, welcome


async def test_what_is_typed_goes_to_the_line_until_escape_and_the_text_stays() -> None:
    watch = app()
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("c", *"quit? no", "escape")
        await pilot.pause()
        assert "› quit? no" in shown(watch)
        assert watch.screen is screen(watch)
        await pilot.press("question_mark")
        assert isinstance(watch.screen, HelpScreen)


async def test_who_writes_while_the_screen_becomes_narrow_sees_what_they_write() -> None:
    watch = app()
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("c", *"half a th")
        await pilot.resize_terminal(*NARROW)
        await pilot.pause()
        await pilot.press(*"ought")
        await pilot.pause()
        assert "half a thought" in shown(watch)


async def test_others_messages_neither_move_nor_touch_what_is_being_written() -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, clock=clock)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("c", *"half a th")
        for number in range(30):
            seq = len(EVENTS) + 1 + number
            room.deliver(chat(seq, said(100 + number, "21:36:00", "ken", f"noise {number}")))
        await pilot.pause(0.1)
        await pilot.press(*"ought")
        await pilot.pause()
        rows = shown(watch).split("\n")
    assert rows[-2].endswith("› half a thought")
    assert "noise 29" in rows[-3]


async def test_enter_sends_and_frees_the_line() -> None:
    line = FakeLine()
    watch = app(line=line)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("c", *"hello tank", "enter", "enter")
        await pilot.pause()
        assert line.said == ["hello tank"]
        assert "you: hello tank …" in shown(watch), "it is on its way"
        assert field(watch).value == ""


async def test_a_refused_message_comes_back_with_the_reason() -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, FakeLine(), clock)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("c", *"too fast", "enter")
        await pilot.pause()
        refusal = {"code": "RATE_LIMITED", "message": "Wait 4 s.", "retry_after": 4000, "permanent": False}
        room.deliver(Received({"id": "r", "type": "spectator.error", "data": {**refusal, "ref": "c1"}}))
        await pilot.pause(0.1)
        assert "! Wait 4 s." in shown(watch)
        assert "› too fast" in shown(watch)


async def test_a_held_message_says_so_until_it_is_shown() -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, FakeLine(), clock)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("c", *"let me in", "enter")
        await pilot.pause()
        held = {"kind": "message_held", "reason": "A moderator will look at it.", "ref": "c1"}
        room.deliver(Received({"id": "r", "type": "spectator.notice", "data": held}))
        await pilot.pause(0.1)
        assert "! Held: a moderator will look." in shown(watch)
        assert "you: let me in (held: a" in shown(watch)
        message = {"message_id": "e-9", "spectator_id": "x", "display_name": "x", "message": "let me in"}
        shown_now = {"id": "r", "type": "spectator.chat_message", "data": {**message, "ref": "c1"}}
        room.deliver(Received(shown_now))
        await pilot.pause(0.1)
        assert "held" not in shown(watch).lower()
        assert "let me in" in shown(watch)
        refusal = {"code": "RATE_LIMITED", "message": "Wait 4 s.", "ref": "c2"}
        room.deliver(Received({"id": "r", "type": "spectator.error", "data": refusal}))
        await pilot.pause(0.1)
        assert "! Wait 4 s." in shown(watch), "the line was out of sight, and is painted anew"


async def test_a_long_reason_takes_the_lines_it_needs() -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, FakeLine(), clock)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("c", *"HELLO", "enter")
        await pilot.pause()
        reason = "The message is all capitals. Write it in small letters, please."
        refusal = {"code": "MESSAGE_REJECTED", "message": reason, "ref": "c1"}
        room.deliver(Received({"id": "r", "type": "spectator.error", "data": refusal}))
        await pilot.pause(0.1)
        assert "! The message is all capitals." in shown(watch)
        assert "small letters, please." in shown(watch)
        assert "› HELLO" in shown(watch)
        check_columns(watch)


async def test_who_answers_from_inside_is_named_in_words() -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, FakeLine(), clock)
    async with watch.run_test(size=WIDE) as pilot:
        for kind, name in (("participant", "Paul"), ("host", "Hanna")):
            message = {"message_id": name, "spectator_id": name, "display_name": name, "message": "it read"}
            data = {**message, "author_type": kind, "author_state": "registered"}
            room.deliver(Received({"id": "r", "type": "spectator.chat_message", "data": data}))
        await pilot.pause(0.1)
        assert "Paul (participant): it read" in shown(watch)
        assert "Hanna (host): it read" in shown(watch)


async def test_a_message_that_cannot_leave_stays_on_the_line() -> None:
    line = FakeLine()
    line.broken = "There is no line."
    watch = app(line=line)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("c", *"hello", "enter")
        await pilot.pause()
        assert "! There is no line." in shown(watch)
        assert "› hello" in shown(watch)


async def test_the_line_counts_near_its_limit_and_refuses_beyond_it() -> None:
    line = FakeLine()
    watch = app(line=line)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("c")
        line_field = field(watch)
        line_field.value = "x" * 439
        await pilot.pause()
        assert "/500" not in shown(watch)
        line_field.value = "x" * 503
        await pilot.pause()
        assert "503/500" in shown(watch)
        await pilot.press("enter")
        await pilot.pause()
        assert "Too long by 3" in shown(watch)
        assert line_field.value == "x" * 503
        assert not line.said
        await pilot.press("backspace", "backspace", "backspace")
        await pilot.pause()
        assert "Too long" not in shown(watch)
        assert "500/500" in shown(watch)


MODERATOR = {"state": "registered", "display_name": "maria", "capabilities": ["chat", "moderate"]}
LAST = ("shift+tab", "up")
"""Keys that select the newest message."""
SEQ = len(EVENTS)


# -- selecting and answering ---------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_arrows_select_a_message_and_enter_answers_it(size: tuple[int, int]) -> None:
    async with chatting(size) as it:
        await it.press(*LAST)
        assert "▸marta: Codex, pull request #1" in it.text
        assert "Enter reply" in it.keys
        await it.press("up")
        assert "▸~viewer_c2: which agent wrote the" in it.text
        await it.press("enter")
        assert "↳ ~viewer_c2 «which agent wro" in it.text.split("\n")[-3]
        await it.press(*"marta did", "enter")
        assert it.asked == [("spectator.chat_message", {"message": "marta did", "reply_to": "m5"})]
        assert "▸" not in it.text
        assert "Esc drops" not in it.text
        await it.hear(chat(SEQ + 1, said(9, "21:36:00", "me", "marta did", reply_to="m5", ref="c1")))
        rows = it.text.split("\n")
        mine = max(y for y, row in enumerate(rows) if "you: marta did" in row)
        assert "↳ ~viewer_c2 «which agent wrote" in rows[mine - 1]
        check_columns(it.watch)


async def test_escape_drops_the_answer_then_leaves_the_line_then_the_selection_then_the_pane() -> None:
    async with chatting() as it:
        await it.press(*LAST, "enter", *"so")
        assert "Esc drops" in it.text
        await it.press("escape")
        assert "Esc drops" not in it.text
        assert field(it.watch).has_focus
        await it.press("escape")
        assert not field(it.watch).has_focus
        assert "› so" in it.text
        assert "▸" in it.text
        await it.press("escape")
        assert "▸" not in it.text
        assert screen(it.watch)._active == "chat"
        await it.press("escape")
        assert screen(it.watch)._active == "activity"


async def test_an_answer_to_what_is_removed_meanwhile_says_so_and_is_not_sent() -> None:
    async with chatting() as it:
        await it.press(*LAST, "enter", *"why?")
        await it.hear(removed(SEQ + 1, message_id="m6"))
        assert "↳ a removed message" in it.text
        await it.press("enter")
        assert "What you answer was removed" in it.text
        assert it.asked == []
        await it.press("escape", "enter")
        assert it.line.said == ["why?"]


async def test_selecting_holds_still_what_is_read_and_below_the_last_it_follows_again() -> None:
    async with chatting() as it:
        await it.press(*LAST, "up", "up")
        before = [row for row in it.text.split("\n") if "▸" in row]
        for number in range(40):
            await it.hear(chat(SEQ + 1 + number, said(50 + number, "21:36:00", "zoe", f"more {number}")))
        assert [row for row in it.text.split("\n") if "▸" in row] == before
        assert re.search(r" \d\d new  End to follow", it.text)
        assert "more 39" not in it.text
        await it.press(*["down"] * 43)
        assert "▸" not in it.text
        assert "more 39" in it.text
        assert "End to follow" not in it.text


async def test_up_goes_on_to_the_first_message_and_no_further() -> None:
    async with chatting() as it:
        await it.press(*LAST, *["up"] * 20)
        assert "▸~viewer_7f: how does it know Click?" in it.text


async def test_a_selected_message_that_is_removed_is_selected_no_longer() -> None:
    async with chatting() as it:
        await it.press(*LAST)
        await it.hear(removed(SEQ + 1, message_id="m6"))
        assert "▸" not in it.text
        assert "pull request #1" not in it.aside
        assert "Enter" not in it.keys


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_is_removed_is_on_no_line_and_in_no_cache_of_the_screen(size: tuple[int, int]) -> None:
    async with chatting(size) as it:
        await it.press("shift+tab")
        await it.hear(chat(SEQ + 1, said(8, "21:36:00", "spam", "a very rude word")))
        assert "a very rude word" in it.text
        await it.press("up", "enter", "escape", "escape", "escape", "escape")
        await it.hear(removed(SEQ + 2, spectator_id="s-spam"))
        pane = screen(it.watch)._talk.pane
        assert "rude" not in it.text
        assert pane._painted.cache_info().currsize <= len(pane._messages)
        assert "rude" not in repr([pane._messages, pane._shown, pane._strips, it.room.view])


# -- what is unread ------------------------------------------------------------------------------------


def called(it: Chatting) -> Style:
    """Return how the one call of the viewer's name looks."""
    strips = it.watch.screen._compositor.render_strips(it.watch.size)
    (look,) = [part.style for line in strips for part in line if part.text == "@Ada"]
    assert look is not None
    return Style(color=look.color, bgcolor=look.bgcolor, bold=look.bold)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_calls_the_viewer_stands_out_and_is_counted_while_it_is_not_in_sight(
    size: tuple[int, int],
) -> None:
    async with chatting(size, display_name="ada", state="registered") as it:
        await it.hear(*[chat(SEQ + n, said(50 + n, "21:36:00", "ken", f"more {n}")) for n in range(1, 31)])
        await it.press("shift+tab", "home")
        if size == NARROW:
            await it.press("tab")
        await it.hear(
            chat(SEQ + 31, said(7, "21:36:00", "zoe", "hi all")),
            chat(SEQ + 32, said(8, "21:36:01", "zoe", "hello @Ada, look")),
        )
        assert "2 new · 1 mention" in it.text
        await it.press(*(["shift+tab", "end"] if size == NARROW else ["end"]))
        assert " new" not in it.text
        assert "mention" not in it.text
        assert called(it) == STYLES["mention"]
        await it.press("up")
        assert called(it) == STYLES["mention"], "a selected one can be read too"


async def test_history_is_not_unread_on_a_narrow_screen_and_what_is_said_then_is() -> None:
    async with chatting(NARROW) as it:
        assert "CHAT marta: Codex" in it.text
        await it.hear(chat(SEQ + 1, said(7, "21:36:00", "zoe", "hi all")))
        assert "CHAT 1 new  ~zoe: hi all" in it.text
        await it.press("shift+tab", "tab")
        assert "CHAT ~zoe: hi all" in it.text


# -- who is who ----------------------------------------------------------------------------------------


async def test_kinds_of_authors_are_told_apart_without_colour() -> None:
    async with chatting() as it:
        for number, (kind, state, name) in enumerate(
            [
                ("spectator", "anonymous", "gus"),
                ("spectator", "registered", "rea"),
                ("spectator", "verified", "vic"),
                ("participant", "registered", "pam"),
                ("host", "registered", "hal"),
            ]
        ):
            more = {"author_type": kind, "author_state": state}
            await it.hear(chat(SEQ + 1 + number, said(20 + number, "21:36:00", name, "hi", **more)))
        for told in ("~gus: hi", " rea: hi", "vic ✔: hi", "pam (participant): hi", "hal (host): hi"):
            assert told in it.text


async def test_two_of_one_name_carry_tags_once_both_have_spoken() -> None:
    async with chatting() as it:
        await it.hear(chat(SEQ + 1, said(7, "21:36:00", "zoe", "hi")))
        assert "~zoe: hi" in it.text
        other = {**said(8, "21:36:01", "zоe", "hi too"), "spectator_id": "s-other"}
        await it.hear(chat(SEQ + 2, other))
        assert f"~zoe·{tag('s-zoe')}: hi" in it.text
        assert f"~zоe·{tag('s-other')}: hi too" in it.text


async def test_an_action_reads_as_one() -> None:
    async with chatting() as it:
        await it.hear(chat(SEQ + 1, said(7, "21:36:00", "zoe", "/me waves")))
        assert "* ~zoe waves" in it.text


async def test_a_link_shows_where_it_leads_and_is_nothing_but_text() -> None:
    async with chatting(NARROW) as it:
        await it.press("shift+tab")
        await it.hear(chat(SEQ + 1, said(7, "21:36:00", "zoe", "https://github.com@evil.example/x now")))
        assert "https://github.com@evil.example/x [leads to evil.example] now" in it.text
        strips = it.watch.screen._compositor.render_strips(it.watch.size)
        parts = [part for line in strips for part in line]
        (host,) = [part.style for part in parts if part.text == "evil.example"]
        assert host is not None
        assert host.bold
        assert host.underline
        assert not any(part.style and part.style.link for part in parts)


# -- the fate of what is sent --------------------------------------------------------------------------


async def test_a_countdown_runs_at_the_end_of_the_line_and_moves_nothing_else() -> None:
    async with chatting() as it:
        await it.enter("too fast")
        await it.hear(refusal("c1", "RATE_LIMITED", "Wait 12 s.", 12_000))
        assert "› too fast" in it.text
        assert "again in 12 s" in it.text
        await it.press("enter")
        assert "Not yet" in it.text
        assert len(it.line.sent) == 1
        before = it.text
        await it.pass_time(3)
        assert it.text == before.replace("again in 12 s", " again in 9 s")
        await it.pass_time(9)
        assert "again in" not in it.text
        assert "Wait 12 s." not in it.text
        await it.press("enter")
        assert it.line.said == ["too fast", "too fast"]


async def test_slow_mode_is_told_before_it_is_felt() -> None:
    async with chatting() as it:
        await it.hear(settings_changed(1, slow_s=30))
        assert "slow 30 s" in it.text.split("\n")[-2]
        await it.enter("hello")
        await it.hear(chat(SEQ + 1, {**said(9, "21:36:20", "me", "hello"), "ref": "c1"}))
        assert "again in 30 s" in it.text
        await it.pass_time(31)
        assert "slow 30 s" in it.text.split("\n")[-2]


async def test_a_muted_viewer_reads_why_and_until_when_and_writes_again_when_it_is_over() -> None:
    async with chatting() as it:
        await it.press("c", *"half")
        mute = {"until": "2026-02-17T21:46:20Z", "reason": "spam"}
        await it.hear(
            notice("mode_changed", capabilities=[], muted=mute) | {"timestamp": "2026-02-17T21:36:20Z"}
        )
        assert "! A moderator muted you until 21:46:20:" in it.text
        assert "› half" in it.text
        await it.press("enter")
        assert it.line.sent == []
        await it.pass_time(600)
        assert "muted" not in it.aside
        await it.press("enter")
        assert it.line.said == ["half"]


@pytest.mark.parametrize(
    ("features", "spectator", "rules", "sentence", "writes"),
    [
        ([], {}, {}, "This room has no spectator chat.", False),
        (["chat"], {"capabilities": []}, {"anonymous": False}, "Only registered viewers may write", True),
        (["chat"], {"capabilities": []}, {"locked": True}, "A moderator locked the chat", True),
        (["chat"], {"capabilities": [], "read_only": True}, {"shielded": True}, "The shield is up", True),
        (["chat"], {"capabilities": []}, {}, "You may not write here now.", True),
    ],
)  # fmt: skip
async def test_a_viewer_who_may_not_write_is_told_why(
    features: list[str], spectator: dict[str, Any], rules: dict[str, Any], sentence: str, writes: bool
) -> None:
    async with chatting() as it:
        greeting = welcome(**spectator)
        greeting.envelope["data"]["room_info"] |= {"features": features, "chat": rules}
        await it.hear(greeting)
        assert sentence in it.text
        await it.press("c", "x", "enter")
        assert it.line.sent == []
        assert ("› " in it.text) == writes, "commands, and hiding somebody, are for readers too"


async def test_a_refused_text_does_not_overwrite_what_is_being_written_and_can_be_brought_back() -> None:
    async with chatting() as it:
        await it.enter("first words")
        await it.press(*"next")
        await it.hear(refusal("c1", "MESSAGE_REJECTED", "No advertising."))
        flat = " ".join(it.text.replace("│", " ").split())
        assert "› next" in it.text
        assert "“first words”: No advertising." in flat
        await it.press("up")
        assert "› first words" in it.text
        await it.press("down")
        assert "› next" in it.text


async def test_of_two_under_way_the_refused_one_is_named() -> None:
    async with chatting() as it:
        await it.enter("one")
        await it.enter("two")
        await it.hear(refusal("c1", "MESSAGE_REJECTED", "No."))
        assert "! “one”: No." in it.text
        assert "› one" in it.text


async def test_a_message_whose_line_broke_is_not_taken_for_sent() -> None:
    async with chatting() as it:
        await it.enter("hello")
        it.room.deliver(ConnectionChanged(Connection(Phase.WAITING, "It broke.", it.clock.s + 7, 1)))
        await it.pilot.pause(0.1)
        assert "you: hello (not confirmed: the line" in it.text


async def test_the_length_is_counted_in_characters_not_bytes_or_cells() -> None:
    async with chatting() as it:
        await it.press("c")
        field(it.watch).value = "🎉" * 500
        await it.pilot.pause()
        assert "500/500" in it.text
        field(it.watch).value = "🎉" * 501
        await it.press("enter")
        assert "Too long by 1" in it.text
        field(it.watch).value = "/me " + "🎉" * 496
        await it.press("enter")
        assert it.line.said == ["/me " + "🎉" * 496]


# -- commands ------------------------------------------------------------------------------------------


async def test_keys_that_come_in_one_lot_are_done_in_their_order() -> None:
    async with chatting() as it:
        await it.press("c")
        for key in (
            *"onx",
            "backspace",
            "e",
            "enter",
            *"/mute mar",
            "tab",
            "x",
            "ctrl+u",
            *"/dance",
            "enter",
        ):
            it.watch.post_message(Key(key, key if len(key) == 1 else None))
        await it.pilot.pause(0.1)
        assert it.line.said == ["one"]
        assert field(it.watch).value == "/dance"
        assert "/dance is no command" in it.text
        await it.press("up")
        assert field(it.watch).value == "one"


async def test_what_is_typed_is_completed_and_remembered() -> None:
    async with chatting() as it:
        await it.press("c", *"/repl", "tab")
        assert field(it.watch).value == "/reply "
        await it.press("m", "tab")
        assert field(it.watch).value == "/reply marta "
        field(it.watch).put("/rep")
        await it.press("tab", "tab")
        assert field(it.watch).value == "/report "
        field(it.watch).put("vi")
        await it.press("tab")
        assert field(it.watch).value == "viewer_c2 "
        await it.press("tab")
        assert field(it.watch).value == "viewer_7f "
        await it.press("tab")
        assert field(it.watch).value == "viewer_c2 "
        await it.press(*"hi", "enter", *"draft", "up")
        assert field(it.watch).value == "viewer_c2 hi"
        await it.press("up")
        assert field(it.watch).value == "viewer_c2 hi"
        await it.press("down", "down")
        assert field(it.watch).value == "draft"


async def test_hiding_somebody_hides_them_from_oneself_and_counts_them() -> None:
    async with chatting() as it:
        await it.enter("/mute viewer_7f")
        assert "how does it know" not in it.text
        assert "2 hidden" in it.text
        assert "↳ a message you hide" in it.text
        assert it.line.sent == []
        await it.hear(chat(SEQ + 1, said(7, "21:36:00", "viewer_7f", "still here")))
        assert "still here" not in it.text
        assert "3 hidden" in it.text
        await it.enter("/unmute viewer_7f")
        assert "still here" in it.text
        assert "how does it know" in it.text
        assert "hidden" not in it.text


async def test_a_report_is_about_the_selected_message_and_is_answered() -> None:
    async with chatting() as it:
        await it.press(*LAST)
        await it.enter("/report off topic")
        assert it.asked == [("spectator.report", {"message_id": "m6", "reason": "off topic"})]
        await it.hear(notice("report_received", ref="r1", message_id="m6"))
        assert "· Reported: a moderator will look." in it.text
        await it.press("escape", "escape", "escape")
        assert "Reported" not in it.text, "read, and put away"


async def test_another_name_is_asked_for_and_the_old_kept_when_it_is_refused() -> None:
    async with chatting() as it:
        await it.enter("/nick grace")
        assert it.asked == [("spectator.connect", {"display_name": "grace"})]
        await it.hear(notice("mode_changed", ref="n1", display_name="grace"))
        await it.press("escape")
        assert "you are grace" in it.keys
        await it.enter("/nick alice")
        await it.hear(refusal("n2", "INVALID_MESSAGE", "Somebody here is called that."))
        assert "! Somebody here is called that." in it.text
        assert "› /nick alice" in it.text
        await it.press("escape")
        assert "you are grace" in it.keys


async def test_help_lists_every_command_and_what_is_no_command_stays_on_the_line() -> None:
    async with chatting() as it:
        await it.enter("/help")
        assert isinstance(it.watch.screen, HelpScreen)
        for command in COMMANDS:
            assert command.usage in it.text
            assert command.does in it.text
        await it.press("escape")
        await it.enter("/dance")
        assert "/dance is no command" in it.text
        assert "› /dance" in it.text
        assert it.line.sent == []


async def test_a_low_help_page_scrolls_to_its_end_and_back() -> None:
    async with chatting(NARROW) as it:
        await it.press("question_mark")
        assert "write in the spectator chat" in it.text
        assert "more ─" in it.text
        await it.press("pagedown", "pagedown", "pagedown", "down")
        assert "/undo" in it.text
        assert "more ─" not in it.text
        await it.press("pageup", "pageup", "pageup", "up")
        assert "write in the spectator chat" in it.text


# -- moderators ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_moderator_removes_mutes_and_bans_in_place(size: tuple[int, int]) -> None:
    async with chatting(size, **MODERATOR) as it:
        await it.press(*LAST, "up")
        assert "d delete  m mute  b ban" in it.keys
        await it.press("d", "m", "b")
        assert [data for _, data in it.asked] == [
            {"action": "delete", "message_id": "m5"},
            {"action": "mute", "spectator_id": "s-viewer_c2"},
        ]
        assert "Ban ~viewer_c2, and remove all they" in it.text
        await it.press("escape")
        assert "Ban ~viewer_c2" not in it.text
        await it.press("b", "b")
        assert it.asked[2] == ("moderation.act", {"action": "ban", "spectator_id": "s-viewer_c2"})
        assert it.line.switches == 0
        await it.hear(decided("a3", "ban", display_name="viewer_c2", undoable=True))
        flat = " ".join(it.text.replace("│", " ").split())
        assert "· Banned viewer_c2. /undo takes it back." in flat
        await it.hear(removed(SEQ + 1, spectator_id="s-viewer_c2"))
        await it.press("b")
        assert it.line.switches == 1, "nothing is selected any more"


async def test_a_moderator_does_not_mute_or_ban_themselves_by_mistake() -> None:
    async with chatting(**MODERATOR) as it:
        await it.hear(chat(SEQ + 1, said(9, "21:36:00", "me", "my own words")))
        await it.press(*LAST, "m")
        assert "That is what you said yourself." in it.text
        await it.enter("/ban")
        assert "That is what you said yourself." in it.text
        await it.press("escape", "d")
        assert it.asked == [("moderation.act", {"action": "delete", "message_id": "m9"})]


async def test_the_question_whether_to_ban_is_about_one_message_only() -> None:
    async with chatting(**MODERATOR) as it:
        await it.press(*LAST, "b", "up")
        assert "Ban" not in it.text
        await it.press("b")
        assert it.asked == []
        await it.press("b")
        assert it.asked == [("moderation.act", {"action": "ban", "spectator_id": "s-viewer_c2"})]


async def test_the_moderators_keys_do_nothing_for_others_and_nothing_without_a_selection() -> None:
    async with chatting() as it:
        await it.press(*LAST, "d", "m", "b")
        assert (it.line.sent, it.line.switches) == ([], 1)
        assert "delete" not in it.keys
    async with chatting(**MODERATOR) as it:
        await it.press("shift+tab", "d", "m", "b")
        assert (it.line.sent, it.line.switches) == ([], 1)


async def test_what_was_written_too_early_hinders_no_command_and_is_said_no_longer_than_it_holds() -> None:
    async with chatting() as it:
        await it.hear(settings_changed(1, locked=True) | {"timestamp": "2026-02-17T21:36:20Z"})
        shut = notice("mode_changed", capabilities=[])
        await it.hear(shut)
        await it.enter("too early")
        assert "! A moderator locked the chat" in it.text
        field(it.watch).put("/mute marta")
        await it.press("enter")
        assert "hidden" in it.text
        await it.enter("too early")
        opened = settings_changed(2)
        opened["data"]["capabilities"] = {"anonymous": ["chat"]}
        await it.hear(opened)
        assert "! A moderator locked the chat" not in it.text
        await it.press("enter")
        assert it.line.said == ["too early"]


async def test_a_moderator_can_open_a_locked_chat_from_the_line() -> None:
    async with chatting(**MODERATOR) as it:
        locked = settings_changed(1, locked=True)
        locked["data"]["capabilities"] = {"registered": []}
        await it.hear(locked)
        assert "A moderator locked the chat" in it.text
        await it.enter("/lock off")
        assert it.asked == [("moderation.act", {"action": "unlock"})]
        await it.hear(refusal("a1", "INVALID_MESSAGE", "It is not locked."))
        assert "! It is not locked." in it.text


# -- what others write ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_nothing_others_wrote_can_bend_the_chat_or_end_it(size: tuple[int, int]) -> None:
    async with chatting(size, **MODERATOR) as it:
        await it.press("shift+tab")
        seq = SEQ
        for words in HOSTILE:
            for text in (words, f"https://{words}@{words}/ @{words}", f"/me {words}"):
                seq += 1
                await it.hear(
                    chat(seq, said(seq, "21:36:00", words, text, reply_to="m1", author_state=words))
                )
                check_columns(it.watch)
            await it.hear(
                notice("warning", reason=words), notice("mode_changed", muted={"reason": words}),
                notice("mode_changed", muted=None, display_name=words),
                refusal("c9", words, words), decided("a9", "ban", display_name=words),
            )  # fmt: skip
            await it.press("up", "enter", "tab", "escape", "escape", "b", "escape")
            check_columns(it.watch)
        assert it.watch.is_running
