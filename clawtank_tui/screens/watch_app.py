"""The app of `clawtank watch`: hands the state to the screen, and what the viewer wants to the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from clawtank_tui.link.session import NotSent
from clawtank_tui.screens.room_app import RoomApp
from clawtank_tui.screens.watch import WatchScreen
from clawtank_tui.state.commands import Heed, Ignore
from clawtank_tui.state.talk import MESSAGE_OF, Request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from clawtank_tui.app import WatchedRoom
    from clawtank_tui.state.model import Connection
    from clawtank_tui.widgets.talk_box import TalkBox
    from relay.clock import Clock


class Line(Protocol):
    """What the app asks of the line to the relay."""

    async def send(self, message_id: str, kind: str, data: Mapping[str, Any]) -> None:
        """Send a message of the viewer's, or raise `NotSent`."""

    async def switch(self) -> None:
        """Ask to be told in the next way."""

    def retry_now(self) -> None:
        """End the wait for the next try."""


class WatchApp(RoomApp):
    """Watch one room."""

    def __init__(
        self,
        room: WatchedRoom,
        line: Line,
        *,
        clock: Clock,
        tz: tzinfo | None = None,
        screen: WatchScreen | None = None,
    ) -> None:
        """Prepare.

        Args:
            room: What is watched; the app paints it whenever it changes.
            line: Where chat messages go.
            clock: For ages, countdowns and frames.
            tz: The zone times of day are shown in; the system's when None.
            screen: What shows the room; the ordinary watch screen when None.
        """
        super().__init__(clock)
        self._room = room
        self._session = line
        self._watch_screen = screen or WatchScreen(room.feed, lambda: room.view, clock, tz)

    def get_default_screen(self) -> WatchScreen:
        """Return the watch screen; Textual asks for it."""
        return self._watch_screen

    def on_mount(self) -> None:
        """Paint from now on whatever changes."""
        self._room.on_change = self.schedule
        self.schedule()

    @property
    def connection(self) -> Connection:
        """The line to the relay."""
        return self._room.view.connection

    def paint(self) -> None:
        """Show the room as it is now."""
        self._watch_screen.show_view()

    def on_watch_screen_quit(self) -> None:
        """Leave the room."""
        self.exit(0)

    def on_watch_screen_retry_now(self) -> None:
        """Try the line again at once."""
        self._session.retry_now()

    def on_watch_screen_switch(self) -> None:
        """Ask to be told in the next way; what becomes of it, the relay says."""
        self.run_worker(self._session.switch())

    def on_talk_box_wanted(self, event: TalkBox.Wanted) -> None:
        """Ask the relay, or keep to oneself what is one's own; the screen does not wait for it."""
        match event.intent:
            case Ignore(author):
                self._room.ignore(author)
            case Heed(author):
                self._room.heed(author)
            case Request() as request:
                self.run_worker(self._ask(request))

    async def _ask(self, request: Request) -> None:
        ref = self._room.ask(request)
        try:
            await self._session.send(ref, MESSAGE_OF[request.kind], request.data)
        except NotSent as error:
            self._room.unsent(ref, str(error))
