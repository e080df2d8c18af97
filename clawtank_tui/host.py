"""Hosting on a screen: the line first, Textual while it opens, and one plain sentence if it ends badly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from clawtank_tui.app import show
from clawtank_tui.link.host import HostSession
from clawtank_tui.link.host_calls import HostCalls
from clawtank_tui.link.session import ConnectionChanged, LinkEvent, Received
from clawtank_tui.state.desk import Desk
from clawtank_tui.state.desk_news import reduce
from clawtank_tui.state.model import RoomInfo
from relay.clock import Clock, SystemClock
from relay.protocol import messages

if TYPE_CHECKING:
    from clawtank_tui.link.target import Target
    from clawtank_tui.screens.host_app import HostApp
    from clawtank_tui.state.model import Connection

HOST_SCREEN = "clawtank_tui.screens.host_app"


def _ignore(*_: object) -> None:
    """Nobody looks yet."""


class HostRoom:
    """The one owner of the desk, moved by what the line delivers and by what the host does.

    Attributes:
        desk: The desk now.
        on_change: Called after each change; must not block.
        on_settings: Called when the settings may be others than before.
        on_refused: Called with the id of a message that the relay did not accept, and why.
    """

    def __init__(self, room_id: str, clock: Clock) -> None:
        """Start with a room of which nothing is known but its id."""
        self.desk = Desk(RoomInfo(room_id))
        self.on_change: Callable[[], None] = _ignore
        self.on_settings: Callable[[], None] = _ignore
        self.on_refused: Callable[[str, str], None] = _ignore
        self._clock = clock

    @property
    def connection(self) -> Connection:
        """The line to the relay."""
        return self.desk.connection

    def deliver(self, event: LinkEvent) -> None:
        """Take what happened on the line."""
        match event:
            case ConnectionChanged(connection):
                self.desk = replace(self.desk, connection=connection)
            case Received(envelope):
                self.desk = reduce(self.desk, envelope, self._clock.now_ms())
                self._notice(envelope)
        self.on_change()

    def move(self, change: Callable[[Desk], Desk]) -> None:
        """Change the desk from this side."""
        self.desk = change(self.desk)
        self.on_change()

    def _notice(self, envelope: dict[str, object]) -> None:
        kind, data = envelope.get("type"), envelope.get("data")
        told = data if isinstance(data, dict) else {}
        if kind == messages.WELCOME or told.get("kind") == "settings_changed":
            self.on_settings()
        elif kind == messages.ERROR and isinstance(told.get("ref"), str):
            self.on_refused(told["ref"], self.desk.remark.text)


def run_host(target: Target, *, mouse: bool) -> int:
    """Host a room on this terminal until the host quits or the relay refuses for good.

    Returns:
        The exit code, as `run_watch` does.
    """
    return asyncio.run(_host(target, mouse=mouse))


async def _host(target: Target, *, mouse: bool) -> int:
    clock = SystemClock()
    room = HostRoom(target.room_id, clock)
    session = HostSession(target, clock=clock)

    def make_app() -> HostApp:
        from clawtank_tui.screens.host_app import HostApp

        return HostApp(room, session, HostCalls(target), clock=clock)

    return await show(room, session.run(room.deliver), make_app, mouse=mouse, screens=HOST_SCREEN)
