"""The app of `clawtank watch`: hands the state to the screen, and what the viewer wants to the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from clawtank_tui.link.session import NotSent
from clawtank_tui.screens.room_app import RoomApp
from clawtank_tui.screens.watch import WatchScreen

if TYPE_CHECKING:
    from datetime import tzinfo

    from clawtank_tui.app import WatchedRoom
    from clawtank_tui.state.model import Connection
    from relay.clock import Clock

SAID_KEPT = 16
"""Chat messages whose text is kept in case the relay refuses them."""


class Line(Protocol):
    """What the app asks of the line to the relay."""

    async def send_chat(self, text: str, reply_to: str = "") -> str:
        """Send a chat message and return its id, or raise `NotSent`."""

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
        self._said: dict[str, str] = {}
        self._last_said = ""
        self._watch_screen = screen or WatchScreen(room.feed, lambda: room.view, clock, tz)

    def get_default_screen(self) -> WatchScreen:
        """Return the watch screen; Textual asks for it."""
        return self._watch_screen

    def on_mount(self) -> None:
        """Paint from now on whatever changes."""
        self._room.on_change = self.schedule
        self._room.on_refused = self._refused
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

    def on_watch_screen_say(self, event: WatchScreen.Say) -> None:
        """Send a chat message; the screen does not wait for it."""
        self.run_worker(self._say(event.text))

    async def _say(self, text: str) -> None:
        self._last_said = text
        try:
            message_id = await self._session.send_chat(text)
        except NotSent as error:
            self._watch_screen.give_back(text)
            self._watch_screen.say_unsent(str(error))
        else:
            self._said[message_id] = text
            while len(self._said) > SAID_KEPT:
                del self._said[next(iter(self._said))]

    def _refused(self, message_id: str) -> None:
        self._watch_screen.give_back(self._said.pop(message_id, self._last_said))
