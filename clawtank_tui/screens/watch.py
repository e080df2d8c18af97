"""The watch screen: lays the panes out, wide or narrow, and turns keys into what they do.

It holds no truth about the room: `show` hands the state on. What it does hold is the viewer's own: which pane
the scroll keys act on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen

from clawtank_tui.screens.watch_keys import KEYS
from clawtank_tui.state.commands import COMMANDS
from clawtank_tui.state.model import Me, Phase, ViewState
from clawtank_tui.widgets.banner import Banner
from clawtank_tui.widgets.chat_field import ChatField
from clawtank_tui.widgets.feed import FeedPane
from clawtank_tui.widgets.header import HeaderLine
from clawtank_tui.widgets.pane_strip import PaneStrip
from clawtank_tui.widgets.people import PeoplePane
from clawtank_tui.widgets.status import StatusLine
from clawtank_tui.widgets.talk_box import Deed, TalkBox
from clawtank_tui.widgets.tasks import TasksPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import DescendantBlur, DescendantFocus, Resize
    from textual.timer import Timer

    from clawtank_tui.state.feed import Feed
    from clawtank_tui.widgets.list_pane import ListPane
    from relay.clock import Clock

WIDE = 110
"""Columns from which on everything is shown side by side."""

_NOT_FOR_A_MESSAGE = ("write", "switch", "pane(1)")
"""Keys that are not named while a message is selected: what can be done about it needs the room."""
PANES = ("activity", "tasks", "room", "chat")
"""In the order of Tab."""


class WatchScreen(Screen[None]):
    """A room, live."""

    AUTO_FOCUS = ""
    TALKS: ClassVar[bool] = True
    """Whether there is a spectator chat beside the room."""
    BINDINGS: ClassVar = KEYS

    class RetryNow(Message):
        """The viewer does not want to wait for the next try."""

    class Switch(Message):
        """The viewer wants to be told in the next way: live, in batches, or in low bandwidth."""

    class Quit(Message):
        """The viewer is done."""

    def __init__(self, feed: Feed, view: Callable[[], ViewState], clock: Clock, tz: tzinfo | None) -> None:
        """Prepare the panes.

        Args:
            feed: The rows, appended to by their owner.
            view: Returns the state as it is now.
            clock: For ages and countdowns.
            tz: The zone times of day are shown in; the system's when None.
        """
        super().__init__()
        self._view = view
        self._clock = clock
        self._active = PANES[0]
        self._laid_out_for = Size(0, 0)
        self._header, self._banner, self._strip = HeaderLine(), Banner(), PaneStrip()
        self._status = StatusLine()
        self._feed = FeedPane(feed, tz)
        self._tasks, self._people, self._talk = TasksPane(), PeoplePane(), TalkBox(clock, tz)
        if not self.TALKS:
            self._talk.display = False
        self._panes: dict[str, ListPane] = dict(
            zip(PANES, (self._feed, self._tasks, self._people, self._talk.pane), strict=True)
        )
        if not self.TALKS:
            del self._panes["chat"]
        self._countdown: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the panes, for the size there is: laying out again would cost a second screenful."""
        self._choose_layout(self.app.size)
        self.show_view()
        yield self._header
        yield self._banner
        yield self._strip
        with Horizontal(id="body"):
            yield self._feed
            with Vertical(id="side"):
                yield self._tasks
                yield self._people
                yield self._talk
        yield self._status

    def on_mount(self) -> None:
        """Start the two clocks of the screen: seconds while a countdown runs, minutes for ages."""
        self._countdown = self.set_interval(1.0, self._tick_second, pause=True)
        self._await_minute()

    def on_resize(self, event: Resize) -> None:
        """Choose the layout for a size; Textual tells the first one several times."""
        if event.size != self._laid_out_for:
            self._choose_layout(event.size)
            if self._talk.writing and not self._wide:
                self._active = "chat"  # the one pane in sight is the one being written in
            self.show_view()

    def show_view(self) -> None:
        """Show the state as it is now; only what differs is painted."""
        view, now_ms = self._view(), self._clock.now_ms()
        self._show_connection(view)
        self._feed.show(view)
        self._tasks.show(view, now_ms)
        self._people.show(view, now_ms)
        self._talk.show(view)
        self._show_rest(view)

    def _show_connection(self, view: ViewState) -> None:
        now_s = self._clock.monotonic_s()
        self._header.show(view, now_s)
        self._banner.show(view.connection, now_s)
        if self._countdown is not None:
            if view.connection.phase is Phase.WAITING:
                self._countdown.resume()
            else:
                self._countdown.pause()

    def _show_rest(self, view: ViewState) -> None:
        """Show what depends on the panes and on the viewer: sizes, strip, writing line, keys."""
        self._arrange()
        for name, pane in self._panes.items():
            if pane.active != (name == self._active):
                pane.active = name == self._active
                pane.repaint()
        self._strip.show([(name, pane.brief(), pane.active) for name, pane in self._panes.items()])
        self._talk.show_line()
        self._status.show(list(self._keys(view)), view.me if self.TALKS else Me())

    @property
    def _wide(self) -> bool:
        return self.has_class("-wide")

    def _choose_layout(self, size: Size) -> None:
        wide = size.width >= WIDE
        self._laid_out_for = size
        self.set_class(wide, "-wide")
        self.set_class(not wide, "-narrow")
        for pane in self._panes.values():
            pane.framed = wide
        self._talk.framed = wide

    def _arrange(self) -> None:
        """Give tasks and people the rows they need, within reason, and the chat what is left."""
        for name in PANES:
            self.set_class(name == self._active, f"-{name}")
        self._talk.pane.be_in_sight(self._wide or self._active == "chat")
        if not self._wide:
            self._tasks.styles.height = self._people.styles.height = "1fr"
            return
        body = self._laid_out_for.height - 2
        self._tasks.styles.height = self._tasks.rows_wanted(max(body * 4 // 10, 4))
        self._people.styles.height = self._people.rows_wanted(max(body * 3 // 10, 4)) if self.TALKS else "1fr"

    def _keys(self, view: ViewState) -> Iterable[tuple[str, str]]:
        """Yield the keys that matter now, from the bindings themselves."""
        for binding in ChatField.BINDINGS if self._talk.writing else self.BINDINGS:
            if not isinstance(binding, Binding) or not binding.show or not self._acts(binding):
                continue
            if binding.action == "end" and self._panes[self._active].at_end:
                continue
            if binding.action == "switch" and not self._wide:
                continue
            if binding.action == "unfold":
                if self._active == PANES[0] and (does := self._feed.enter_does()):
                    yield binding.key_display or binding.key, does
                continue
            if binding.action == "retry" and view.connection.phase is not Phase.WAITING:
                continue
            yield binding.key_display or binding.key, binding.description

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether a key does something now; one that does not is free for what else it does."""
        match action:
            case "reply":
                return self._active == "chat" and self._talk.selects
            case "moderate":
                return self._active == "chat" and self._talk.may_moderate
            case _:
                return super().check_action(action, parameters)

    def _acts(self, binding: Binding) -> bool:
        if self._active == "chat" and self._talk.selects and binding.action in _NOT_FOR_A_MESSAGE:
            return False
        return bool(self.check_action(binding.action.partition("(")[0], ()))

    def _await_minute(self) -> None:
        self.set_timer(60 - self._clock.now_ms() / 1000 % 60, self._tick_minute)

    def _tick_minute(self) -> None:
        self.show_view()
        self._await_minute()

    def _tick_second(self) -> None:
        self._show_connection(self._view())

    def _activate(self, name: str) -> None:
        self._active = name
        self.set_focus(None)
        self._show_rest(self._view())

    def action_pane(self, step: int) -> None:
        """Make the next pane the one the scroll keys act on; on a narrow screen, the one in sight."""
        names = list(self._panes)
        self._activate(names[(names.index(self._active) + step) % len(names)])

    def action_unfold(self) -> None:
        """Unfold what is grouped in the activity, or fold it again."""
        if self._active == PANES[0]:
            self._feed.unfold()
            self._show_rest(self._view())

    def action_back(self) -> None:
        """Drop what is selected or said in the chat, else return to the activity."""
        if self._active != "chat" or not self._talk.dismiss():
            self._activate(PANES[0])
        self._show_rest(self._view())

    def action_reply(self) -> None:
        """Answer the selected message."""
        self._talk.reply()

    def action_moderate(self, deed: Deed) -> None:
        """Do something about the selected message or its author."""
        self._talk.moderate(deed)

    def action_move(self, lines: int) -> None:
        """Scroll the active pane by lines; in the chat, select a message."""
        self._panes[self._active].step(lines)
        self._show_rest(self._view())

    def action_pages(self, pages: int) -> None:
        """Scroll the active pane by pages."""
        self._panes[self._active].move_pages(pages)
        self._show_rest(self._view())

    def action_home(self) -> None:
        """Go to the beginning of the active pane."""
        self._panes[self._active].go_home()
        self._show_rest(self._view())

    def action_end(self) -> None:
        """Go to the end of the active pane."""
        self._panes[self._active].go_end()
        self._show_rest(self._view())

    def action_write(self) -> None:
        """Go to the line to write on, if this viewer may write; the scroll keys keep to their pane."""
        if not self._wide:
            self._activate("chat")
        self._talk.write()

    def action_leave_chat(self) -> None:
        """Drop the answer that is being written, else leave the line; its text stays."""
        if not self._talk.leave():
            self.set_focus(None)

    def action_retry(self) -> None:
        """Ask for the next try now."""
        if self._view().connection.phase is Phase.WAITING:
            self.post_message(self.RetryNow())

    def action_switch(self) -> None:
        """Ask to be told in the next way; without a line there is nobody to ask."""
        if self._view().connection.phase is Phase.LIVE:
            self.post_message(self.Switch())

    def action_help(self) -> None:
        """Open the help page."""
        self._explain(at_commands=False)

    def _explain(self, *, at_commands: bool) -> None:
        from clawtank_tui.screens.help import HelpScreen

        if self.TALKS:
            page = HelpScreen(self.BINDINGS, ChatField.BINDINGS, COMMANDS, at_commands=at_commands)
        else:
            page = HelpScreen(self.BINDINGS)
        self.app.push_screen(page)

    def action_quit(self) -> None:
        """Leave the room."""
        self.post_message(self.Quit())

    def on_descendant_focus(self, _: DescendantFocus) -> None:
        """Light the prompt and name the keys of the line."""
        self._show_rest(self._view())

    def on_descendant_blur(self, _: DescendantBlur) -> None:
        """Dim the prompt again."""
        self._show_rest(self._view())

    def on_list_pane_moved(self, event: ListPane.Moved) -> None:
        """Follow the mouse: the pane it acted on is the active one."""
        self._activate(next(name for name, pane in self._panes.items() if pane is event.pane))

    def on_list_pane_rewrapped(self) -> None:
        """Give a list the height it wants at its new width, and name the keys for what is in sight there."""
        self._show_rest(self._view())

    def on_talk_box_help_wanted(self) -> None:
        """Explain the commands."""
        self._explain(at_commands=True)
