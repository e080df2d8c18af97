"""The replay screen under keys: the picture is the recording up to the position, whichever way one came."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from clawtank_tui.replay.tape import Tape
from clawtank_tui.screens.replay import ReplayScreen
from clawtank_tui.screens.watch import WatchScreen
from clawtank_tui.widgets.player_line import clock_face
from support.replay_story import replaying, story_tape
from support.watch_story import EVENTS

NARROW = (80, 24)
TOTAL = len(EVENTS)


async def test_it_begins_with_the_first_event_and_goes_on_with_time() -> None:
    async with replaying() as replay:
        assert "▶ playing 0:00 / 37:00" in replay.player_line
        assert f"1×  event 1 of {TOTAL}" in replay.player_line
        assert "alice       joined as host" in replay.text
        assert "bob         joined" not in replay.text
        await replay.wind(38)
        assert "bob         joined" in replay.text
        assert "playing 0:38 / 37:00" in replay.player_line


async def test_space_pauses_and_plays_on() -> None:
    async with replaying() as replay:
        await replay.press("space")
        await replay.wind(1000)
        assert "● paused 0:00" in replay.player_line
        await replay.press("space")
        await replay.wind(38)
        assert "▶ playing 0:38" in replay.player_line


async def test_a_full_stop_shows_one_event_more_and_a_comma_one_less() -> None:
    async with replaying() as replay:
        await replay.press("full_stop", "full_stop")
        assert "● paused 1:03 / 37:00" in replay.player_line
        assert f"event 3 of {TOTAL}" in replay.player_line
        assert "◆ Claude      joined" in replay.text
        await replay.press("comma")
        assert f"event 2 of {TOTAL}" in replay.player_line
        assert "◆ Claude      joined" not in replay.text
        assert "bob         joined" in replay.text


@pytest.mark.parametrize(
    ("key", "back", "seconds"), [("right", "left", 10), ("shift+right", "shift+left", 60)]
)
async def test_the_arrows_seek(key: str, back: str, seconds: int) -> None:
    async with replaying() as replay:
        await replay.press(key, key)
        assert f"playing {clock_face(2 * seconds)} /" in replay.player_line
        await replay.press(back)
        assert f"playing {clock_face(seconds)} /" in replay.player_line


async def test_going_back_leaves_nothing_of_what_came_later() -> None:
    async with replaying() as replay:
        await replay.wind(10 * 60)
        there = replay.text
        assert "claimed «Store todos in SQLite»" in there
        await replay.press("space", "e")
        assert "5 TASKS" not in replay.text
        assert "✔ the end 37:00 / 37:00" in replay.player_line
        assert "Shell completion" in replay.text
        replay.playback.ask(lambda player: player.seek(10 * 60))
        await replay.settle()
        assert replay.text.replace("● paused ", "▶ playing").split("\n")[:-2] == there.split("\n")[:-2]
        await replay.press("0")
        assert "No tasks yet." in replay.text
        assert f"event 1 of {TOTAL}" in replay.player_line


async def test_plus_and_minus_change_the_speed() -> None:
    async with replaying() as replay:
        await replay.press("plus", "equals_sign", "plus")
        assert "8×" in replay.player_line
        await replay.wind(10)
        assert "playing 1:20" in replay.player_line
        await replay.press(*["minus"] * 9)
        assert "0.25×" in replay.player_line


async def test_at_the_end_it_stays_and_space_begins_again() -> None:
    async with replaying() as replay:
        await replay.wind(3600)
        assert "✔ the end 37:00 / 37:00" in replay.player_line
        assert f"event {TOTAL} of {TOTAL}" in replay.player_line
        await replay.press("space")
        assert "▶ playing 0:00 / 37:00" in replay.player_line


async def test_ages_are_those_of_the_recording() -> None:
    async with replaying() as replay:
        await replay.press("e", "space")
        replay.playback.ask(lambda player: player.seek(35 * 60))
        await replay.settle()
        assert "Gemini 9m" in replay.text
        await replay.wind(0)
        assert "Gemini 9m" in replay.text


async def test_a_reader_who_scrolled_up_is_left_alone_until_they_seek() -> None:
    async with replaying(NARROW) as replay:
        await replay.wind(30 * 60)
        await replay.press("home")
        assert "alice       joined as host" in replay.text
        await replay.wind(5 * 60)
        assert "alice       joined as host" in replay.text
        assert "End to follow" in replay.text
        await replay.press("left")
        assert "End to follow" not in replay.text


@pytest.mark.parametrize("size", [(120, 40), NARROW, (60, 15)])
async def test_there_is_no_chat_and_nobody_to_be(size: tuple[int, int]) -> None:
    async with replaying(size) as replay:
        await replay.wind(600)
        await replay.press("c", "r")
        for _ in range(4):
            assert "SPECTATOR CHAT" not in replay.text
            assert "to write" not in replay.text
            assert "you are" not in replay.text
            assert "watching" not in replay.text
            await replay.press("tab")


async def test_the_footer_and_the_help_are_made_from_the_bindings() -> None:
    async with replaying(NARROW) as replay:
        footer = replay.text.split("\n")[-1]
        assert footer == (" ? help  Space pause  ← back  → ahead  . step  + faster  Tab pane  q quit")
    async with replaying() as replay:
        await replay.press("question_mark")
        for binding in ReplayScreen.BINDINGS:
            assert binding.tooltip in replay.text
            assert (binding.key_display or binding.key) in replay.text
        assert "chat" not in replay.text.lower()


def test_no_key_means_another_thing_than_on_the_watch_screen() -> None:
    watching = _actions(WatchScreen)
    assert all(watching.get(key, action) == action for key, action in _actions(ReplayScreen).items())
    assert set(watching) - set(_actions(ReplayScreen)) == {"b", "c", "d", "m", "r"}


def _actions(screen: type[WatchScreen]) -> dict[str, str]:
    return {
        key: binding.action
        for binding in screen.BINDINGS
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
    }


async def test_quitting() -> None:
    for key, code in (("q", 0), ("ctrl+c", 130)):
        async with replaying() as replay:
            await replay.pilot.press(key)
        assert replay.app.return_value == code


async def test_a_recording_longer_than_an_hour_is_told_with_hours_throughout() -> None:
    tape = story_tape()
    late = Tape(tape.room_id, tape.welcome, tape.start_ms - 3_600_000, tape.moments)
    async with replaying(tape=late) as replay:
        assert "playing 0:00:00 / 1:37:00" in replay.player_line
        assert f"event 0 of {TOTAL}" in replay.player_line
        assert "Nothing has happened here yet." in replay.text


async def test_a_very_narrow_line_goes_without_its_bar() -> None:
    async with replaying((40, 12)) as replay:
        assert "─" not in replay.player_line
        assert "0:00 / 37:00" in replay.player_line
