"""`clawtank replay`: plays a tape on the screen or as lines, and says at the end what was left out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from clawtank_tui.app import WatchedRoom, show
from clawtank_tui.embedded import CannotPlay
from clawtank_tui.link.session import NotSent
from clawtank_tui.plain import print_all, printer_for
from clawtank_tui.replay.load import load
from clawtank_tui.replay.playback import Playback, RecordedTime
from clawtank_tui.replay.player import Player
from relay.clock import SystemClock

if TYPE_CHECKING:
    from clawtank_tui.replay.tape import Tape
    from clawtank_tui.screens.watch_app import WatchApp
    from relay.clock import Clock


def run(file: str, speed: float | None, mode: str, *, mouse: bool = True) -> int:
    """Play a recording.

    Args:
        file: Its path; `-` for standard input.
        speed: Seconds of the recording in one second; None shows everything at once.
        mode: `tui`, `plain` or `json`.
        mouse: Whether the screen uses the mouse.

    Returns:
        The exit code: 0 played, 1 there is nothing to play, 130 Ctrl-C.
    """
    clock = SystemClock()
    try:
        loaded = load(file, clock)
    except CannotPlay as problem:
        sys.stderr.write(f"clawtank: {problem}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    if mode == "tui":
        code = asyncio.run(_on_screen(loaded.tape, speed, clock, mouse=mouse))
    else:
        code = _as_lines(loaded.tape, speed, clock, as_json=mode == "json")
    if code == 0 and (account := loaded.left_out.account()):
        sys.stderr.write(f"clawtank: Not played: {account}.\n")
    return code


def player_of(tape: Tape, speed: float | None, clock: Clock) -> Player:
    """Return a player at the beginning of a tape, or at its end when everything is to be shown at once."""
    player = Player(tape.times_s, clock, 1.0 if speed is None else speed)
    if speed is None:
        player.seek_to_end()
    return player


def _as_lines(tape: Tape, speed: float | None, clock: Clock, *, as_json: bool) -> int:
    printer = printer_for(tape.room_id, clock, as_json=as_json, audience=False)
    time = RecordedTime(clock, tape.start_ms)
    playback = Playback(tape, player_of(tape, speed, clock), printer.deliver, time)
    return print_all(playback.play_once(), otherwise=0)


async def _on_screen(tape: Tape, speed: float | None, clock: Clock, *, mouse: bool) -> int:
    room, playback = played_room(tape, speed, clock)

    def make_app() -> WatchApp:
        return replay_app(room, playback)

    return await show(room, playback.play_on(), make_app, mouse=mouse)


def played_room(tape: Tape, speed: float | None, clock: Clock) -> tuple[WatchedRoom, Playback]:
    """Return a room for a screen to show, and what moves it."""
    time = RecordedTime(clock, tape.start_ms)
    room = WatchedRoom(tape.room_id, time)
    playback = Playback(tape, player_of(tape, speed, clock), room.deliver, time)
    playback.on_afresh = room.restart
    playback.on_moved = lambda: room.on_change()  # whoever paints by then
    return room, playback


def replay_app(room: WatchedRoom, playback: Playback, tz: tzinfo | None = None) -> WatchApp:
    """Return the app that shows a room as it is played; times of day are of `tz`, or the system's zone."""
    from clawtank_tui.screens.replay import ReplayScreen
    from clawtank_tui.screens.watch_app import WatchApp

    screen = ReplayScreen(room.feed, lambda: room.view, playback, tz)
    return WatchApp(room, _NoLine(), clock=playback.time, tz=tz, screen=screen)


class _NoLine:
    """What a recording has instead of a line to a relay."""

    async def send(self, message_id: str, kind: str, data: Mapping[str, Any]) -> None:
        raise NotSent("Nobody reads what is written to a recording.")

    async def switch(self) -> None:
        """Do nothing: a recording comes at its own pace."""

    def retry_now(self) -> None:
        pass
