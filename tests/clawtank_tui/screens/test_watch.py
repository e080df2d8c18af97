"""The watch screen under keys and events: what each key does, and what events never do to a reader."""

from __future__ import annotations

from typing import Any

import pytest

from clawtank_tui.link.session import ConnectionChanged, Received
from clawtank_tui.screens.watch import PANES, WatchScreen
from clawtank_tui.state.intake import EVENT_FIELDS
from clawtank_tui.state.model import Connection, Phase
from clawtank_tui.widgets.feed import FeedPane
from support.watch_screen import HOSTILE, NARROW, WIDE, check_columns, noticed, screen, shown
from support.watch_story import (
    EVENTS,
    LIVE,
    FakeLine,
    FixedClock,
    activity,
    app,
    chat,
    event,
    pushed,
    said,
    watched,
)


def spoken(seq: int, words: str) -> Received:
    fields: dict[str, Any] = {"author": "alice", "author_type": "human", "content": words}
    return activity(event(seq, "21:36:00", "chat.public", **fields), after=seq - 1)


async def test_a_wide_screen_shows_everything_at_once() -> None:
    watch = app()
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.pause()
        text = shown(watch)
    for wanted in (
        "room_abc123 · todo-cli", "● live 42 ms", "128 watching · peak 214",  # the header
        "Nice. Do names like", "commit a1b2c3d feat: scaffold", "todo 0.1 can add",  # the feed
        "1 open · 2 active · 2 done", "◎ Write the README", "Gemini 1m",  # tasks
        "2 people · 3 agents", "● alice host   ● bob", "◆ Claude       ▶ executing 60%",  # the room
        "↳ ~viewer_c2 «which agent wrote", "marta: Codex, pull request", "› c to write",  # the chat
        "? help  c chat  b batches  Tab pane  q quit", "you are Anonymous Viewer",  # the status line
    ):  # fmt: skip
        assert wanted in text


async def test_tab_shows_one_pane_after_another_on_a_narrow_screen_and_shift_tab_goes_back() -> None:
    watch = app()
    first_words = (
        "Nice. Do names",
        "○ Due dates and reminders",
        "▶ executing 60%",
        "~viewer_7f: how does it",
    )
    async with watch.run_test(size=NARROW) as pilot:
        for words in (*first_words, first_words[0]):
            await pilot.pause()
            present = [known for known in first_words if known in shown(watch)]
            assert present == [words]
            await pilot.press("tab")
        await pilot.press("shift+tab", "shift+tab")
        await pilot.pause()
        assert first_words[3] in shown(watch)
        await pilot.press("escape")
        await pilot.pause()
        assert first_words[0] in shown(watch)


async def test_the_layout_follows_the_width_and_nothing_is_lost_on_the_way() -> None:
    watch = app()
    async with watch.run_test(size=WIDE) as pilot:
        for size in ((109, 40), (20, 4), (1, 1), (110, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert screen(watch).has_class("-wide") == (size[0] >= 110)
        assert "SPECTATOR CHAT" in shown(watch)
        assert "Nice. Do names" in shown(watch)


async def test_events_never_move_what_is_being_read() -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, clock=clock)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("pageup")
        await pilot.pause()
        before = shown(watch).split("\n")
        for number in range(12):
            room.deliver(spoken(len(EVENTS) + 1 + number, f"new words {number}"))
        await pilot.pause(0.1)
        after = shown(watch).split("\n")
        feed = [row[:77] for row in after]
        assert feed[2:-2] == [row[:77] for row in before[2:-2]]
        assert "──  12 new  End to follow ──" in after[-2]
        assert "End follow" in after[-1]
        await pilot.press("end")
        await pilot.pause()
        assert "new words 11" in shown(watch)
        assert "End to follow" not in shown(watch)
        room.deliver(spoken(len(EVENTS) + 13, "followed again"))
        await pilot.pause(0.1)
        assert "followed again" in shown(watch)


@pytest.mark.parametrize("keys", [("up", "down"), ("pageup", "pagedown"), ("home", "end")])
async def test_scrolling_there_and_back_follows_again(keys: tuple[str, str]) -> None:
    watch = app()
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.pause()
        before = shown(watch)
        await pilot.press(keys[0])
        await pilot.pause()
        assert "paused" in shown(watch)
        assert shown(watch) != before
        await pilot.press(keys[1])
        await pilot.pause()
        assert shown(watch).split("\n") == before.split("\n")


async def test_home_shows_the_first_row_under_its_date() -> None:
    watch = app()
    async with watch.run_test(size=NARROW) as pilot:
        await pilot.press("home")
        await pilot.pause()
        rows = shown(watch).split("\n")
    assert rows[2].startswith(" ── Tuesday 17 February 2026 ──")
    assert "joined as host" in rows[3]


async def test_a_lost_line_shows_why_counts_down_and_r_tries_now() -> None:
    clock = FixedClock()
    room, line = watched(clock), FakeLine()
    watch = app(room, line, clock)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("r")
        assert line.retries == 0
        room.deliver(ConnectionChanged(Connection(Phase.WAITING, "The relay went away.", clock.s + 7, 1)))
        await pilot.pause(0.1)
        text = shown(watch)
        assert "The relay went away" in text
        assert "next try in 7 s" in text
        assert "reconnecting in 7 s" in text
        assert "todo 0.1 can add" in text
        clock.s += 3
        screen(watch)._tick_second()
        await pilot.pause()
        assert "next try in 4 s" in shown(watch)
        await pilot.press("r")
        await pilot.pause()
        assert line.retries == 1
        room.deliver(LIVE)
        await pilot.pause(0.1)
        assert "The relay went away" not in shown(watch)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_how_news_come_stands_where_it_said_live(size: tuple[int, int]) -> None:
    clock = FixedClock()
    room, line = watched(clock), FakeLine()
    watch = app(room, line, clock)

    async def header(**data: object) -> str:
        room.deliver(noticed(**data))
        await pilot.pause(0.1)
        return shown(watch).split("\n")[0]

    async with watch.run_test(size=size) as pilot:
        await pilot.press("b")
        await pilot.pause()
        assert line.switches == 1
        batched = {"frequency": "batched", "interval_s": 30, "low_bandwidth": False}
        assert "● every 30 s   128 watching" in await header(kind="mode_changed", ref="d1", delivery=batched)
        thinned = {**batched, "low_bandwidth": True}
        told = await header(kind="mode_changed", ref="d2", delivery=thinned)
        assert "● low bandwidth, every 30 s   128 watching · peak 214" in told
        assert "room_abc123" in told
        at_once = {"frequency": "realtime", "low_bandwidth": False}
        assert "● live 42 ms" in await header(kind="mode_changed", ref="d3", delivery=at_once)
        busy = {"quality": "merged", "interval_ms": 1000, "reason": "activity"}
        assert "● busy: every 1 s 42 ms" in await header(kind="quality_changed", **busy)
        assert "The room is very busy" in shown(watch)
        assert "● live 42 ms" in await header(kind="quality_changed", quality="realtime", interval_ms=0)


async def test_without_a_line_there_is_nobody_to_ask_for_batches() -> None:
    clock = FixedClock()
    room, line = watched(clock), FakeLine()
    watch = app(room, line, clock)
    async with watch.run_test(size=WIDE) as pilot:
        room.deliver(ConnectionChanged(Connection(Phase.WAITING, "The relay went away.", clock.s + 7, 1)))
        await pilot.pause(0.1)
        await pilot.press("b")
        await pilot.pause()
    assert line.switches == 0


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_enter_unfolds_what_runs_together_and_folds_it_again(size: tuple[int, int]) -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, clock=clock)
    async with watch.run_test(size=size) as pilot:
        await pilot.pause()
        assert "Enter" not in shown(watch)
        room.deliver(pushed(len(EVENTS)))
        await pilot.pause(0.1)
        assert "10 commits on dates · +120 −30" in shown(watch)
        assert "+3 earlier" in shown(watch)
        assert "Enter unfold" in shown(watch)
        await pilot.press("enter", "enter", "enter")
        await pilot.pause()
        assert "▸" not in shown(watch)
        assert "Enter fold" in shown(watch)
        assert "End follow  Enter fold  q quit" in shown(watch), "no key is cut off for a name"
        await pilot.press("end", "tab", "enter")
        await pilot.pause()
        assert "Enter" not in shown(watch), "another pane has the keys"


async def test_a_click_unfolds_one_run_and_its_heading_folds_it() -> None:
    clock = FixedClock()
    room = watched(clock)
    room.deliver(pushed(len(EVENTS)))
    watch = app(room, clock=clock)

    async def click(words: str) -> None:
        row = next(y for y, line in enumerate(shown(watch).split("\n")) if words in line)
        await pilot.click(offset=(30, row))
        await pilot.pause()

    async with watch.run_test(size=WIDE) as pilot:
        await pilot.pause()
        before = shown(watch)
        await click("10 commits on dates")
        assert "commit 0000b0b feat: parse due dates" in shown(watch)
        await click("repeat weekly")
        assert "▾   Codex" in shown(watch), "a row is no heading"
        await click("10 commits on dates")
        assert shown(watch).split("\n") == before.split("\n")


async def test_ages_move_with_the_minutes() -> None:
    clock = FixedClock()
    watch = app(watched(clock), clock=clock)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "Gemini 1m" in shown(watch)
        clock.ms += 60_000
        screen(watch)._tick_minute()
        await pilot.pause()
        assert "Gemini 2m" in shown(watch)


async def test_rows_that_may_no_longer_be_seen_disappear() -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, clock=clock)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "commit a1b2c3d" in shown(watch)
        notice = {"kind": "settings_changed", "features": ["chat"], "visible": ["chat.public"]}
        room.deliver(Received({"id": "r", "type": "spectator.notice", "data": notice}))
        await pilot.pause(0.1)
        text = shown(watch)
    assert "commit a1b2c3d" not in text
    assert "One table is enough" in text
    assert "The host changed what can be watched." in text


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_nothing_others_wrote_can_bend_the_screen_or_end_it(size: tuple[int, int]) -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, clock=clock)
    names = {name for fields in EVENT_FIELDS.values() for name in fields}
    seq = len(EVENTS)
    async with watch.run_test(size=size) as pilot:
        for words in HOSTILE:
            for kind in EVENT_FIELDS:
                seq += 1
                hostile: dict[str, Any] = dict.fromkeys(names, words)
                room.deliver(activity(event(seq, "21:36:00", kind, **hostile), after=seq - 1))
            seq += 1
            room.deliver(chat(seq, said(seq, "21:36:00", words, words, reply_to="m1")))
            watch._paint()
            await pilot.pause()
            check_columns(watch)
        for _ in PANES:
            await pilot.press("tab", "home")
            await pilot.pause()
            check_columns(watch)
        assert watch.is_running


async def test_help_lists_every_key_with_what_it_does_and_closes() -> None:
    watch = app()
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        text = shown(watch)
        for binding in WatchScreen.BINDINGS:
            assert binding.tooltip in text
            assert (binding.key_display or binding.key) in text
        await pilot.press("q")
        await pilot.pause()
        assert watch.screen is screen(watch)


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+c", 130), ("ctrl+q", 0)])
async def test_quitting(key: str, code: int) -> None:
    watch = app()
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press(key)
    assert watch.return_value == code


async def test_ctrl_c_quits_while_writing_too() -> None:
    watch = app()
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.press("c", "ctrl+c")
    assert watch.return_value == 130


async def test_being_refused_for_good_ends_the_screen() -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, clock=clock)
    async with watch.run_test(size=WIDE) as pilot:
        room.deliver(ConnectionChanged(Connection(Phase.ENDED, "You are not allowed to watch this room.")))
        await pilot.pause(0.1)
    assert watch.return_value == 1


async def test_many_events_in_one_turn_are_painted_together() -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, clock=clock)
    async with watch.run_test(size=WIDE) as pilot:
        await pilot.pause()
        feed = watch.screen.query_one(FeedPane)
        paints: list[int] = []
        show = feed.show
        feed.show = lambda view: (paints.append(feed._feed.end), show(view))[1]  # type: ignore[method-assign]
        for number in range(500):
            room.deliver(spoken(len(EVENTS) + 1 + number, f"flood {number}"))
        await pilot.pause(0.2)
        assert paints == [len(EVENTS) + 500]
        assert "flood 499" in shown(watch)


async def test_the_panes_are_named_for_tab_and_the_strip() -> None:
    watch = app()
    async with watch.run_test(size=NARROW) as pilot:
        await pilot.pause()
        strip = shown(watch).split("\n")[1]
    assert [name.upper() for name in PANES if name.upper() in strip] == [name.upper() for name in PANES]
    assert "TASKS ○1 ◐2 ✔2" in strip
    assert "CHAT marta: Codex, pull request #1" in strip


async def test_a_pane_one_comes_back_to_goes_on() -> None:
    clock = FixedClock()
    room = watched(clock)
    watch = app(room, clock=clock)
    async with watch.run_test(size=NARROW) as pilot:
        for key in ("shift+tab", "tab", "shift+tab"):
            await pilot.press(key)
            await pilot.pause()
        room.deliver(chat(len(EVENTS) + 1, said(7, "21:36:00", "ken", "what was said then")))
        await pilot.pause(0.1)
        assert " ~ken: what was said then" in shown(watch).split("\n", 2)[2]
