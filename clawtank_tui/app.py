"""Watching on a screen: the socket first, Textual while it opens, and one plain sentence if it ends badly.

Importing Textual takes longer than reaching a relay, so the line is opened before and its messages wait in a
`WatchedRoom` for the screen to paint them. Nothing here imports Textual until then.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import platformdirs

from clawtank_tui.link.session import ConnectionChanged, LinkEvent, Received, Session
from clawtank_tui.state import chat
from clawtank_tui.state.feed import Feed
from clawtank_tui.state.model import Phase, RoomInfo, ViewState
from clawtank_tui.state.reducer import reduce
from relay.clock import Clock, SystemClock

if TYPE_CHECKING:
    from clawtank_tui.link.target import Target
    from clawtank_tui.screens.room_app import RoomApp
    from clawtank_tui.screens.watch_app import WatchApp
    from clawtank_tui.state.addressing import Author
    from clawtank_tui.state.model import Connection
    from clawtank_tui.state.talk import Request, Talk

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


WATCH_SCREEN = "clawtank_tui.screens.watch_app"


class Shown(Protocol):
    """What a screen shows."""

    @property
    def connection(self) -> Connection:
        """The line that moves it."""


def _ignore(*_: object) -> None:
    """Nobody looks yet."""


class WatchedRoom:
    """The one owner of what the screen shows: state and feed, moved by what the line delivers.

    Attributes:
        view: The state now.
        feed: The rows so far.
        on_change: Called after each change; must not block.
    """

    def __init__(self, room_id: str, clock: Clock) -> None:
        """Start with a room of which nothing is known but its id."""
        self.view = ViewState(RoomInfo(room_id))
        self.feed = Feed()
        self.on_change: Callable[[], None] = _ignore
        self._clock = clock
        self._asked = 0

    @property
    def connection(self) -> Connection:
        """The line to the relay."""
        return self.view.connection

    def deliver(self, event: LinkEvent) -> None:
        """Take what happened on the line."""
        match event:
            case ConnectionChanged(connection):
                talk = self.view.talk if connection.phase is Phase.LIVE else chat.line_lost(self.view.talk)
                self.view = replace(self.view, connection=connection, talk=talk)
            case Received(envelope):
                step = reduce(self.view, envelope, self._clock.now_ms())
                self.view = step.state
                self.feed.empty(step.gone)
                self.feed.append(step.rows)
        self.on_change()

    def ask(self, request: Request) -> str:
        """Take note that something is being asked of the relay; returns the id to ask it by."""
        self._asked += 1
        ref = f"{request.kind.value[0]}{self._asked}"
        self._talk(chat.asking(self.view.talk, ref, request, self.view.me, self._clock.now_ms()))
        return ref

    def unsent(self, ref: str, reason: str) -> None:
        """Take note that something could not be asked."""
        self._talk(chat.unsent(self.view.talk, ref, reason))

    def ignore(self, author: Author) -> None:
        """Hide what somebody says in the chat."""
        self._talk(chat.ignoring(self.view.talk, author.spectator_id, author.name))

    def heed(self, author: Author) -> None:
        """Show it again."""
        self._talk(chat.heeding(self.view.talk, author.spectator_id))

    def _talk(self, talk: Talk) -> None:
        self.view = replace(self.view, talk=talk)
        self.on_change()

    def restart(self) -> None:
        """Forget everything, to be told it again from the beginning."""
        self.view = ViewState(RoomInfo(self.view.room.room_id))
        self.feed.clear()


def run_watch(target: Target, *, mouse: bool) -> int:
    """Watch a room on this terminal until the viewer quits or the relay refuses for good.

    Returns:
        The exit code: 0 quit, 1 refused or failed (one sentence is on standard error), 130 Ctrl-C,
        128 + n ended by signal n.
    """
    return asyncio.run(watch(target, mouse=mouse))


async def watch(target: Target, *, mouse: bool) -> int:
    """Do what `run_watch` does, inside a running loop of the main thread."""
    clock = SystemClock()
    room = WatchedRoom(target.room_id, clock)
    session = Session(target, clock=clock)

    def make_app() -> WatchApp:
        from clawtank_tui.screens.watch_app import WatchApp

        return WatchApp(room, session, clock=clock)

    return await show(room, session.run(room.deliver), make_app, mouse=mouse)


async def show(
    room: Shown,
    story: Coroutine[Any, Any, object],
    make_app: Callable[[], RoomApp],
    *,
    mouse: bool,
    screens: str = WATCH_SCREEN,
) -> int:
    """Show a room on this terminal, inside a running loop of the main thread.

    Args:
        room: What the screen shows.
        story: What moves the room; it begins before the screen, is cancelled with it, and if it ends before
            the screen is there, the screen does not open.
        make_app: Makes the app; called when Textual is imported.
        mouse: Whether to use the mouse.
        screens: The module that `make_app` needs, imported while the story begins.

    Returns:
        The exit code, as `run_watch` does.
    """
    # What imports and styles leave behind stays anyway; collecting it over and over is a sixth of the start.
    gc.disable()
    try:
        return await _show(room, story, make_app, mouse=mouse, screens=screens)
    finally:
        gc.enable()


async def _show(
    room: Shown,
    story: Coroutine[Any, Any, object],
    make_app: Callable[[], RoomApp],
    *,
    mouse: bool,
    screens: str,
) -> int:
    failure: BaseException | None = None
    code: int | None = None
    try:
        async with asyncio.TaskGroup() as group:
            telling = group.create_task(story)
            await asyncio.to_thread(importlib.import_module, screens)
            app = make_app()
            if not telling.done():
                app.on_first_paint = _collect_garbage_again
                _leave_on_signals(app)
                code = await app.run_async(mouse=mouse)
                failure = app.crash
                if code is None and failure is None and not _interrupted():
                    failure = RuntimeError("the screen ended without being asked to")
            telling.cancel()
    except* Exception as errors:
        failure = errors
    if failure is not None:
        _say(_account_of(failure))
        return EXIT_FAILED
    if room.connection.phase is Phase.ENDED:
        _say(room.connection.reason)
        return EXIT_FAILED
    # Textual swallows the cancellation that an interrupt from outside (not the key) arrives as.
    return EXIT_INTERRUPTED if code is None else code


def _interrupted() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _collect_garbage_again() -> None:
    gc.freeze()
    gc.enable()


def _leave_on_signals(app: RoomApp) -> None:
    """Restore the terminal before a signal ends us; Windows has no such signals to wait for."""
    if sys.platform != "win32":
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, app.exit, 128 + number)


def _account_of(failure: BaseException) -> str:
    """Write what happened to the log, for those who look after the program, and say where it is.

    The traceback has no values of variables: they may hold what only this viewer may see.
    """
    log = platformdirs.user_log_path("clawtank") / "watch.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(traceback.format_exception(failure))
    except OSError:
        return "The screen failed, and its log cannot be written: watch with --plain instead."
    return f"The screen failed; what happened is in {log}. Watch with --plain meanwhile."


def _say(sentence: str) -> None:
    sys.stderr.write(f"clawtank: {sentence}\n")
