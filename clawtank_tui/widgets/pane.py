"""The base of everything painted: a widget that owns its lines and repaints only those that changed.

Textual repaints a widget whole; over SSH that is what a screen costs. A pane paints its lines into strips,
compares them with those on the screen, and asks for the rows that differ. A list pane adds a title and a
viewport over items.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from clawtank_tui.widgets.cells import Line, Piece, fit, width_of
from clawtank_tui.widgets.palette import STYLES
from clawtank_tui.widgets.viewport import Viewport

if TYPE_CHECKING:
    from textual.events import MouseScrollDown, MouseScrollUp

WHEEL_LINES = 3
RIGHT_MARGIN = 1
_MARGIN = Segment(" " * RIGHT_MARGIN)


class LinePane(Widget):
    """A widget made of lines."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: list[Strip] = []
        self._shown_size = (0, 0)

    @abstractmethod
    def lines(self, width: int, height: int) -> Iterator[Strip]:
        """Paint at most `height` lines of `width` cells, as things are now."""

    def repaint(self) -> None:
        """Paint again, and send to the terminal the rows that changed."""
        width, height = self.size
        if self._shown_size != (width, height):
            return  # of a new size, or out of sight: Textual asks for the lines when it shows them
        before = self._shown
        self._paint()
        changed = [Region(0, y, width, 1) for y in range(height) if before[y] != self._shown[y]]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Return a painted line; Textual asks for it."""
        if self._shown_size != self.size:
            self._paint()
        return self._shown[y]

    def notify_style_update(self) -> None:
        """Paint anew when colours may have changed; Textual calls it."""
        super().notify_style_update()
        self._shown_size = (0, 0)

    def _paint(self) -> None:
        width, height = self.size
        base = self.rich_style
        # Simplified, because every segment costs the terminal its colours once more.
        shown = [line.apply_style(base).simplify() for line in self.lines(width, height)][:height]
        shown.extend([Strip.blank(width, base)] * (height - len(shown)))
        self._shown, self._shown_size = shown, (width, height)


class ListPane(LinePane):
    """A title over a list that scrolls.

    Attributes:
        framed: Whether the title row and the rule to the left are drawn (wide layout).
        active: Whether the scroll keys act on this pane.
    """

    TITLE = ""
    LEAD = "├─"
    """How the title row begins where it meets the rule on the left."""
    EDGE = "│ "
    """How other rows begin."""
    FOLLOWS = False
    """Whether the list stays at its end as it grows."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.framed = True
        self.active = False
        self.viewport = Viewport(self._height_of, follows=self.FOLLOWS)
        self._list_width = 0

    class Moved(Message):
        """The mouse acted on this pane."""

        def __init__(self, pane: ListPane) -> None:
            super().__init__()
            self.pane = pane

    @abstractmethod
    def item_lines(self, item: int, width: int) -> Sequence[Strip]:
        """Paint an item: one line or more, `width` cells wide. Called often: implementations cache."""

    def title_detail(self) -> str:
        """Say in few words what the list holds, for the title row."""
        return ""

    def brief(self) -> str:
        """Say the same in a few cells, for the strip of a narrow screen."""
        return ""

    def empty_text(self) -> str:
        """Say what would be here, while the list is empty."""
        return ""

    @property
    def at_end(self) -> bool:
        """Whether the list keeps to its end, or has no end to keep to."""
        return not self._paused

    def rows_wanted(self) -> int:
        """Return how many rows would show everything, title included."""
        items = range(self.viewport.first, self.viewport.end)
        return 1 + max(sum(map(self._height_of, items)), 1)

    def move(self, lines: int) -> None:
        """Scroll by lines, down when positive."""
        self.viewport.scroll(lines)
        self.repaint()

    def move_pages(self, pages: int) -> None:
        """Scroll by pages, keeping one line of the last one in sight."""
        self.move(pages * max(self.viewport.page - 1, 1))

    def go_home(self) -> None:
        """Go to the beginning."""
        self.viewport.to_beginning()
        self.repaint()

    def go_end(self) -> None:
        """Go to the end, and follow what arrives if this list does."""
        self.viewport.to_end()
        self.repaint()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll with the wheel."""
        self._wheel(event, WHEEL_LINES)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll with the wheel."""
        self._wheel(event, -WHEEL_LINES)

    def on_click(self) -> None:
        """Become the active pane."""
        self.post_message(self.Moved(self))

    def _wheel(self, event: MouseScrollDown | MouseScrollUp, lines: int) -> None:
        event.stop()
        event.prevent_default()
        self.move(lines)
        self.post_message(self.Moved(self))

    def lines(self, width: int, height: int) -> Iterator[Strip]:
        """Paint the title, the items in sight, and the notice that more arrived."""
        edge = fit(
            [(self.EDGE if self.framed else " ", STYLES["rule"])], len(self.EDGE) if self.framed else 1
        )
        self._settle(width - edge.cell_length - RIGHT_MARGIN, height - self.framed)
        if self.framed:
            yield fit(self._title(width), width)
        painted = 0
        for place in self.viewport.visible():
            yield self._row(edge, self.item_lines(place.item, self._list_width)[place.line])
            painted += 1
        if self.viewport.first == self.viewport.end:
            yield self._row(edge, fit([(self.empty_text(), STYLES["faint"])], self._list_width))
            painted += 1
        for _ in range(self.viewport.page - painted):
            yield self._row(edge, Strip.blank(self._list_width))
        if self._paused:
            yield self._row(edge, fit(self._notice(self._list_width), self._list_width))

    def _row(self, edge: Strip, content: Strip) -> Strip:
        return Strip([*edge, *content, _MARGIN])

    @property
    def _paused(self) -> bool:
        return self.FOLLOWS and not self.viewport.following

    def _settle(self, width: int, height: int) -> None:
        """Tell the viewport the room there is; the notice takes a line of it."""
        width = max(width, 1)
        page = height - self._paused
        if (page, width) != (self.viewport.page, self._list_width):
            self._list_width = width
            self.viewport.resize(page)

    def _height_of(self, item: int) -> int:
        return len(self.item_lines(item, self._list_width)) if self._list_width else 1

    def _title(self, width: int) -> list[Piece]:
        style = STYLES["title.active" if self.active else "title"]
        pieces: list[Piece] = [(self.LEAD, STYLES["rule"]), (f" {self.TITLE} ", style)]
        if detail := self.title_detail():
            pieces.append((f" {detail} ", STYLES["quiet"]))
        rest = width - width_of(pieces)
        return [*pieces, ("─" * max(rest, 0), STYLES["rule"])]

    def _notice(self, width: int) -> list[Piece]:
        new, rule = self.viewport.unseen, STYLES["rule"]
        label = (f" {new} new ", STYLES["notice"]) if new else (" paused ", STYLES["accent"])
        pieces = [("── ", rule), label, (" End to follow ", STYLES["accent"])]
        return [*pieces, ("─" * max(width - width_of(pieces), 0), rule)]
