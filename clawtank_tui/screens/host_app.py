"""The app of `clawtank host`: hands the desk to the screen, and what the host decides to the relay."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from textual.events import Key

from clawtank_tui.link.host_calls import NotDone
from clawtank_tui.link.session import NotSent
from clawtank_tui.screens.host import HostScreen
from clawtank_tui.screens.room_app import RoomApp, StyleSheets
from clawtank_tui.state.deeds import Deed, Order, begun, fitting, parts
from clawtank_tui.state.desk import Remark

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import tzinfo

    from textual.events import Event

    from clawtank_tui.host import HostRoom
    from clawtank_tui.state.model import Connection
    from relay.clock import Clock

SAID_KEPT = 16
"""Chat messages whose text is kept in case the relay refuses them."""
NO_HOST = "The settings are the host's to see and change: this is a moderator's token."


class Line(Protocol):
    """What the app asks of the line to the relay."""

    async def send_act(self, data: Mapping[str, Any], note: Callable[[str], None]) -> None:
        """Send an act; tell its id first. Or raise `NotSent`."""

    async def send_chat(self, text: str, reply_to: str = "") -> str:
        """Send a chat message and return its id, or raise `NotSent`."""

    def retry_now(self) -> None:
        """End the wait for the next try."""


class Calls(Protocol):
    """What the app asks of the relay over HTTP."""

    async def settings(self) -> Mapping[str, Any]:
        """Return all settings, or raise `NotDone`."""

    async def change(self, patch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change some and return all, or raise `NotDone`."""


class HostApp(RoomApp):
    """Host one room."""

    CSS_PATH: ClassVar[StyleSheets] = ["clawtank.tcss", "host.tcss"]

    def __init__(
        self, room: HostRoom, line: Line, calls: Calls, *, clock: Clock, tz: tzinfo | None = None
    ) -> None:
        """Prepare.

        Args:
            room: Whose desk it is; the app paints it whenever it changes.
            line: Where decisions and answers go.
            calls: Where settings come from and go.
            clock: For ages, countdowns and frames.
            tz: The zone times of day are shown in; the system's when None.
        """
        super().__init__(clock)
        self._room = room
        self._line = line
        self._calls = calls
        self._gestures = 0
        self._said: dict[str, str] = {}
        self._host_screen = HostScreen(lambda: room.desk, clock, tz)

    def get_default_screen(self) -> HostScreen:
        """Return the host's screen; Textual asks for it."""
        return self._host_screen

    async def on_event(self, event: Event) -> None:
        """Do what a key means before the next is looked at.

        Textual hands keys on from queue to queue; over a slow line, where they come in lots, the second
        of two would come before the first has opened what it is for.
        """
        if (
            isinstance(event, Key)
            and not event.is_forwarded
            and self.screen is self._host_screen
            and await self._host_screen.take_key(event)
        ):
            return
        await super().on_event(event)

    def on_mount(self) -> None:
        """Paint from now on whatever changes."""
        self._room.on_change = self.schedule
        self._room.on_refused = self._refused
        self._room.on_settings = self._ask_for_settings
        self._fetch_settings()
        self.schedule()

    @property
    def connection(self) -> Connection:
        """The line to the relay."""
        return self._room.connection

    def paint(self) -> None:
        """Show the desk as it is now."""
        self._host_screen.show_desk()

    def on_host_screen_quit(self) -> None:
        """Leave the room."""
        self.exit(0)

    def on_host_screen_retry_now(self) -> None:
        """Try the line again at once."""
        self._line.retry_now()

    # -- decisions ---------------------------------------------------------------------------------

    def on_host_screen_ordered(self, event: HostScreen.Ordered) -> None:
        """Carry an order out; the screen does not wait for it."""
        self._gestures += 1
        self.run_worker(self._carry_out(event.order, self._gestures))

    async def _carry_out(self, order: Order, gesture: int) -> None:
        for fit in fitting(order):
            acts = list(parts(fit))
            for data, targets, expected in acts:
                deed = Deed("", gesture, fit.action, targets, fit.seconds, expected, together=len(acts))

                def note(ref: str, deed: Deed = deed) -> None:
                    self._room.move(lambda desk: begun(desk, replace(deed, ref=ref)))

                try:
                    await self._line.send_act(data, note)
                except NotSent as error:
                    self._host_screen.say_unsent(str(error))
                    return

    # -- the chat ----------------------------------------------------------------------------------

    def on_host_screen_say(self, event: HostScreen.Say) -> None:
        """Send a chat message."""
        self.run_worker(self._say(event.text, event.reply_to))

    async def _say(self, text: str, reply_to: str) -> None:
        try:
            message_id = await self._line.send_chat(text, reply_to)
        except NotSent as error:
            self._host_screen.say_unsent(str(error), text)
        else:
            self._said[message_id] = text
            while len(self._said) > SAID_KEPT:
                del self._said[next(iter(self._said))]

    def _refused(self, ref: str, why: str) -> None:
        if ref in self._said:
            self._host_screen.say_unsent(why, self._said.pop(ref))

    # -- settings ----------------------------------------------------------------------------------

    def _ask_for_settings(self) -> None:
        # Through the app's own queue: this runs in the line's task, which knows nothing of workers.
        self.call_later(self._fetch_settings)

    def _fetch_settings(self) -> None:
        insider = self._room.desk.insider
        if insider.hosts:
            self.run_worker(self._take(self._calls.settings()), group="settings", exclusive=True)
        elif insider.role:
            self._room.move(lambda desk: replace(desk, settings_why=NO_HOST))

    def on_host_screen_change(self, event: HostScreen.Change) -> None:
        """Ask for other settings."""
        self.run_worker(self._take(self._calls.change(event.patch), changes=True))

    async def _take(self, call: Awaitable[Mapping[str, Any]], *, changes: bool = False) -> None:
        try:
            told = await call
        except NotDone as problem:
            why = str(problem)
            if changes:
                self._room.move(lambda desk: replace(desk, remark=Remark(why, True)))
            else:
                self._room.move(lambda desk: replace(desk, settings_why=why))
            return
        settings = MappingProxyType(dict(told))
        self._room.move(lambda desk: replace(desk, settings=settings, settings_why=""))
