"""The panes of the console: laid out side by side or one at a time, shown, and moved through.

It holds no truth about the room: `show_desk` hands the desk on. What it does hold is the host's own: which
pane the keys act on, where the cursors stand, a question that waits for a key, the next decision's reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.screen import Screen

from clawtank_tui.screens.watch import WIDE
from clawtank_tui.state.desk import Desk, Remark
from clawtank_tui.state.model import Me, Phase
from clawtank_tui.widgets.ask_line import AskField, AskLine
from clawtank_tui.widgets.banner import Banner
from clawtank_tui.widgets.choice_line import ChoiceLine
from clawtank_tui.widgets.host_chat import HostChatPane
from clawtank_tui.widgets.host_header import HostHeader, RulesLine
from clawtank_tui.widgets.modlog import LogPane
from clawtank_tui.widgets.pane_strip import PaneStrip
from clawtank_tui.widgets.queue import QueuePane
from clawtank_tui.widgets.reports import ReportsPane
from clawtank_tui.widgets.sanctions import SanctionsPane
from clawtank_tui.widgets.settings import SettingsPane
from clawtank_tui.widgets.status import StatusLine

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import DescendantBlur, DescendantFocus, Resize
    from textual.timer import Timer

    from clawtank_tui.state.choices import Choice
    from clawtank_tui.widgets.list_pane import ListPane
    from clawtank_tui.widgets.pick_pane import PickPane
    from relay.clock import Clock

PANES = ("queue", "reports", "chat", "sanctions", "log", "settings")
"""In the order of Tab."""
DRAWER = ("sanctions", "log", "settings")
"""What shares one place on a wide screen."""


ON_MESSAGES = frozenset(
    {*(f"decide('{name}')" for name in ("approve", "reject", "delete", "mute", "ban", "warn"))}
    | {"mark", "mark_like('pile')"}
)
"""Keys that are named only beside messages."""
IF_WIDE = frozenset({"decide('warn')", "mark", "mark_like('pile')", "open"})
"""Keys that a narrow screen has no room to name; its help does."""


class HostPanes(Screen[None]):
    """Header, panes and lines of the console, and the keys that move through them."""

    AUTO_FOCUS = ""

    def __init__(self, desk: Callable[[], Desk], clock: Clock, tz: tzinfo | None) -> None:
        """Prepare the panes.

        Args:
            desk: Returns the desk as it is now.
            clock: For ages and countdowns.
            tz: The zone times of day are shown in; the system's when None.
        """
        super().__init__()
        self._desk = desk
        self._clock = clock
        self._active = PANES[0]
        self._drawer = "log"
        self._wanted = ""
        self._reason = ""
        self._choice: Choice | None = None
        self._said = Remark()
        self._relay_said = Remark()
        self._laid_out_for = Size(0, 0)
        self._header, self._rules, self._banner = HostHeader(), RulesLine(), Banner("R")
        self._strip, self._status = PaneStrip(), StatusLine()
        self._queue, self._reports, self._chat = QueuePane(), ReportsPane(), HostChatPane()
        self._sanctions, self._modlog, self._settings = SanctionsPane(), LogPane(tz), SettingsPane()
        self._line, self._ask = ChoiceLine(), AskLine(self._answered)
        panes = (self._queue, self._reports, self._chat, self._sanctions, self._modlog, self._settings)
        self._panes: dict[str, PickPane[Any]] = dict(zip(PANES, panes, strict=True))
        self._of_messages = panes[:3]
        self._seconds: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out header, panes, lines."""
        yield self._header
        yield self._rules
        yield self._banner
        yield self._strip
        with Horizontal(id="desk"):
            with Vertical(id="cases"):
                yield self._queue
                yield self._reports
            with Vertical(id="room"):
                yield self._chat
                yield self._sanctions
                yield self._modlog
                yield self._settings
        yield self._line
        yield self._ask
        yield self._status

    def on_mount(self) -> None:
        """Start the two clocks of the screen: seconds while a countdown runs, minutes for ages."""
        self._seconds = self.set_interval(1.0, self.show_desk, pause=True)
        self._await_minute()

    def on_resize(self, event: Resize) -> None:
        """Choose the layout for a size; Textual tells the first one several times."""
        if event.size != self._laid_out_for:
            self._laid_out_for = event.size
            wide = event.size.width >= WIDE
            self.set_class(wide, "-wide")
            self.set_class(not wide, "-narrow")
            for pane in self._panes.values():
                pane.framed = wide
            self.show_desk()

    @property
    def _wide(self) -> bool:
        return self.has_class("-wide")

    def _await_minute(self) -> None:
        self.set_timer(60 - self._clock.now_ms() / 1000 % 60, self._tick_minute)

    def _tick_minute(self) -> None:
        self.show_desk()
        self._await_minute()

    # -- showing -----------------------------------------------------------------------------------

    def show_desk(self) -> None:
        """Show the desk as it is now; only what differs is painted."""
        desk, now_s = self._desk(), self._clock.monotonic_s()
        now_ms = self._clock.now_ms() + desk.ahead_ms
        self._header.show_desk(desk, now_s)
        self._rules.show(desk)
        self._banner.show(desk.connection, now_s)
        self._queue.show(desk, now_ms, now_s, self._wanted)
        self._reports.show(desk, now_ms, now_s)
        self._chat.show(desk, now_s)
        self._sanctions.show(desk, now_ms, now_s)
        self._modlog.show(desk, now_ms, now_s)
        self._settings.show(desk, now_s)
        if desk.remark is not self._relay_said:
            self._said = self._relay_said = desk.remark
        self._tick(desk)
        self._show_rest(desk)

    def _tick(self, desk: Desk) -> None:
        if self._seconds is None:
            return
        in_sight = self._drawer == "sanctions" if self._wide else self._active == "sanctions"
        if desk.connection.phase is Phase.WAITING or (self._sanctions.counting and in_sight):
            self._seconds.resume()
        else:
            self._seconds.pause()

    def _show_rest(self, desk: Desk) -> None:
        """Show what depends on the panes and on the host: sizes, strip, lines, keys."""
        for name in PANES:
            self.set_class(name == self._active, f"-{name}")
        for name in DRAWER:
            self.set_class(name == self._drawer, f"-drawer-{name}")
        self._reports.styles.height = self._reports_height()
        for name, pane in self._panes.items():
            beside = self._beside(name)
            if (pane.active, pane.beside) != (name == self._active, beside):
                pane.active, pane.beside = name == self._active, beside
                pane.repaint()
        self._strip.show([(name, pane.brief(), pane.active) for name, pane in self._panes.items()])
        self._line.display = not self._ask.display
        self._line.show(self._choice, self._said, self._reason)
        self._status.show(list(self._keys(desk)), Me())

    def _reports_height(self) -> str | int:
        if not self._wide:
            return "1fr"
        return self._reports.rows_wanted(max((self._laid_out_for.height - 5) * 4 // 10, 4))

    def _beside(self, name: str) -> str:
        if not self._wide or name not in DRAWER:
            return ""
        others = [other for other in DRAWER if other != name]
        return "  ".join(f"{other} {self._panes[other].brief()}".strip().upper() for other in others)

    def _keys(self, desk: Desk) -> Iterable[tuple[str, str]]:
        """Yield the keys that matter now, from the bindings themselves."""
        bindings = AskField.BINDINGS if self._ask.display else () if self._choice else self.BINDINGS
        for binding in bindings:
            if not isinstance(binding, Binding) or not binding.show:
                continue
            if binding.action == "retry" and desk.connection.phase is not Phase.WAITING:
                continue
            if binding.action in ON_MESSAGES and self._pane not in self._of_messages:
                continue
            if binding.action in IF_WIDE and not self._wide:
                continue
            yield binding.key_display or binding.key, binding.description

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._said = Remark(text, bad)
        self._show_rest(self._desk())

    def _answered(self, text: str) -> None:
        """Take what was written on the line that asks; nothing was asked here."""

    # -- panes and rows ----------------------------------------------------------------------------

    @property
    def _pane(self) -> PickPane[Any]:
        return self._panes[self._active]

    def _activate(self, name: str) -> None:
        self._active = name
        if name in DRAWER:
            self._drawer = name
        desk = self._desk()
        self._tick(desk)
        self._show_rest(desk)

    def action_pane(self, step: int) -> None:
        """Make the next pane the one the keys act on; on a narrow screen, the one in sight."""
        self._activate(PANES[(PANES.index(self._active) + step) % len(PANES)])

    def action_back(self) -> None:
        """Take back what was begun: a reason, marks, a filter; then return to the queue."""
        if self._reason:
            self._reason = ""
        elif self._pane.picks.marks:
            self._pane.picks.mark(self._pane.picks.marks)
        elif self._wanted:
            self._wanted = ""
            self._queue.picks.put("")
        else:
            self._activate(PANES[0])
        self._said = Remark()
        self.show_desk()

    def action_step(self, rows: int) -> None:
        """Move the cursor by rows."""
        self._pane.step(rows)
        self._show_rest(self._desk())

    def action_pages(self, pages: int) -> None:
        """Move the cursor by pages."""
        self._pane.step_pages(pages)
        self._show_rest(self._desk())

    def action_first(self) -> None:
        """Put the cursor on the first row."""
        self._pane.to_first()
        self._show_rest(self._desk())

    def action_last(self) -> None:
        """Put the cursor on the last row."""
        self._pane.to_last()
        self._show_rest(self._desk())

    def action_mark_all(self) -> None:
        """Mark every row, or none."""
        if self._pane is not self._settings:
            self._mark(list(self._pane.picks.rows))

    def action_mark_like(self, trait: str) -> None:
        """Mark what shares a trait with the row under the cursor."""
        self._mark(self._pane.like(trait))

    def _mark(self, keys: list[str]) -> None:
        self._pane.picks.mark(keys)
        self._pane.repaint()
        self._show_rest(self._desk())

    def on_list_pane_moved(self, event: ListPane.Moved) -> None:
        """Follow the mouse: the pane it acted on is the active one."""
        self._activate(next(name for name, pane in self._panes.items() if pane is event.pane))

    def on_list_pane_rewrapped(self) -> None:
        """Give a list the height it wants at its new width."""
        self._show_rest(self._desk())

    def on_descendant_focus(self, _: DescendantFocus) -> None:
        """Name the keys of the line."""
        self._show_rest(self._desk())

    def on_descendant_blur(self, _: DescendantBlur) -> None:
        """Name the keys of the screen again."""
        self._show_rest(self._desk())
