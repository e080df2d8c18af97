"""A list under a title, seen through a viewport: what feed, tasks, people and chat have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from clawtank_tui.widgets.cells import Line, Piece, blank, fit, width_of
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES
from clawtank_tui.widgets.viewport import Viewport

if TYPE_CHECKING:
    from textual.events import MouseScrollDown, MouseScrollUp

WHEEL_LINES = 3
RIGHT_MARGIN = 1
NO_ITEM = -1
"""Instead of the index of an item, for lines that belong to none."""


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

    class Rewrapped(Message):
        """The list got another width, and may want another height now."""

    @abstractmethod
    def item_lines(self, item: int, width: int) -> Sequence[Line]:
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
        return not self.viewport.paused

    def rows_wanted(self, most: int) -> int:
        """Return how many rows would show everything, title and a blank row included, but at most `most`."""
        items = range(self.viewport.first, min(self.viewport.end, self.viewport.first + most))
        return min(2 + max(sum(map(self._height_of, items)), 1), most)

    def news(self) -> str:
        """Count what arrived below since the reader left the end; empty for nothing."""
        return f"{self.viewport.unseen} new" if self.viewport.unseen else ""

    def step(self, lines: int) -> None:
        """Do what the arrows do: scroll by a line."""
        self.move(lines)

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

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the title, the items in sight, and the notice that more arrived."""
        margin: Piece = (" " * RIGHT_MARGIN, STYLES["text"])
        self._settle(width - len(self.edge_of(NO_ITEM)[0]) - RIGHT_MARGIN, height - self.framed)
        if self.framed:
            yield fit(self._title(width), width)
        for item, content in self._contents(self._list_width):
            yield [self.edge_of(item), *content, margin]

    def edge_of(self, item: int) -> Piece:
        """Return what stands before each line of an item, or of none; always of the same width."""
        return (self.EDGE if self.framed else " "), STYLES["rule"]

    def _contents(self, width: int) -> Iterator[tuple[int, Line]]:
        places = list(self.viewport.visible())
        lines = [(place.item, self.item_lines(place.item, width)[place.line]) for place in places]
        if self.viewport.first == self.viewport.end:
            lines = [(NO_ITEM, fit([(self.empty_text(), STYLES["faint"])], width))]
        yield from lines
        for _ in range(self.viewport.page - len(lines)):
            yield NO_ITEM, blank(width)
        if self.viewport.paused:
            yield NO_ITEM, self._notice(width)

    def _settle(self, width: int, height: int) -> None:
        width, height = max(width, 1), max(height, 1)
        if (height, width) != (self.viewport.room, self._list_width):
            if width != self._list_width:
                self.post_message(self.Rewrapped())
            self._list_width = width
            self.viewport.resize(height)

    def _height_of(self, item: int) -> int:
        return len(self.item_lines(item, self._list_width)) if self._list_width else 1

    def _title(self, width: int) -> Line:
        style = STYLES["title.active" if self.active else "title"]
        pieces: Line = [(self.LEAD, STYLES["rule"]), (f" {self.TITLE} ", style)]
        if detail := self.title_detail():
            pieces.append((f" {detail} ", STYLES["quiet"]))
        rest = width - width_of(pieces)
        return [*pieces, ("─" * max(rest, 0), STYLES["rule"])]

    def _notice(self, width: int) -> Line:
        news, rule = self.news(), STYLES["rule"]
        label = (f" {news} ", STYLES["notice"]) if news else (" paused ", STYLES["accent"])
        pieces = [("── ", rule), label, (" End to follow ", STYLES["accent"])]
        return [*pieces, ("─" * max(width - width_of(pieces), 0), rule)]
