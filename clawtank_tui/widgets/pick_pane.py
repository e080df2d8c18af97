"""A list in which rows are picked: a cursor, marks, and rows that come and go under a reader's eyes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from rich.style import Style

from clawtank_tui.state.picks import Picks
from clawtank_tui.widgets.list_pane import ListPane
from clawtank_tui.widgets.palette import RAISED, STYLES
from clawtank_tui.widgets.viewport import Place

if TYPE_CHECKING:
    from textual.events import Click

    from clawtank_tui.widgets.cells import Line, Piece

T = TypeVar("T")
GUTTER = 3
"""Cells for cursor and mark, and one between."""
_LIT = Style(bgcolor=RAISED)


class PickPane(ListPane, Generic[T]):
    """Rows under a cursor. A list that follows has one only after the reader moved.

    Attributes:
        picks: Where cursor and marks are.
        beside: What else could stand in this place, for the title.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.picks = Picks()
        self.beside = ""
        self._items: Mapping[str, T] = {}
        self._ghost: T | None = None

    @abstractmethod
    def paint_item(self, key: str, item: T, width: int) -> Sequence[Line]:
        """Paint a row, without its gutter. Called often: implementations cache."""

    def ghost_words(self, key: str) -> str:
        """Say what became of a row that is gone; `key` is its key."""
        return "gone"

    def hold(self, items: Mapping[str, T], now_s: float) -> None:
        """Show these rows, by key and in order; at a monotonic time."""
        before = self.picks.rows
        cursor = self.picks.cursor
        under = self._items.get(cursor, self._ghost)
        self.picks.hold(list(items), now_s, always=not self.FOLLOWS)
        self._ghost = under if self.picks.ghost else None
        self._items = items
        self._place(before)
        if self.picks.cursor and self.picks.cursor != cursor:
            self.viewport.show_item(self.picks.index)
        elif cursor and not self.picks.cursor:
            self.viewport.to_end()  # nothing is left of what was read
        self.repaint()

    def _place(self, before: Sequence[str]) -> None:
        """Keep what is in sight where it is while rows come and go around it."""
        rows = self.picks.rows
        present = frozenset(rows)
        self.viewport.drop({place for place, key in enumerate(before) if key not in present})
        stayed = [key for key in before if key in present]
        top = self.viewport.top
        if not self.viewport.following and top.item < len(stayed):
            self.viewport.top = Place(rows.index(stayed[top.item]), top.line)
        self.viewport.hold(len(rows))

    def under_cursor(self) -> tuple[str, T] | None:
        """Return the row under the cursor, unless there is none or it is gone."""
        key = self.picks.cursor
        return (key, self._items[key]) if key in self._items else None

    def keys_within(self, messages: Collection[str]) -> list[str]:
        """Return the keys of rows that are about nothing but some messages, given by their ids."""
        return [key for key in self._items if key in messages]

    def like(self, trait: str) -> list[str]:
        """Return the keys of rows that share a trait with the one under the cursor; none if it has none."""
        return []

    def chosen(self) -> list[T]:
        """Return what a decision is about: the marked rows, or the one under the cursor."""
        return [self._items[key] for key in self.keys_chosen()]

    def keys_chosen(self) -> list[str]:
        """Return the keys of what a decision is about."""
        return [key for key in self.picks.chosen() if key in self._items]

    def step(self, rows: int) -> None:
        """Move the cursor by rows."""
        before = self.picks.rows
        self.picks.move(rows)
        self._show_cursor(before)

    def step_pages(self, pages: int) -> None:
        """Move the cursor by as many rows as are in sight."""
        in_sight = len({place.item for place in self.viewport.visible()})
        self.step(pages * max(in_sight - 1, 1))

    def to_first(self) -> None:
        """Put the cursor on the first row."""
        if self.picks.rows:
            before = self.picks.rows
            self.picks.put(self.picks.rows[0])
            self._show_cursor(before)

    def to_last(self) -> None:
        """Put the cursor on the last row; a list that follows goes on following, without a cursor."""
        before = self.picks.rows
        if self.FOLLOWS:
            self.picks.put("")
            self._place(before)
            self.go_end()
        elif before:
            self.picks.put(before[-1])
            self._show_cursor(before)

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        before = self.picks.rows
        self.picks.toggle()
        self._show_cursor(before)

    def go_on(self, keys: Sequence[str]) -> None:
        """Leave rows that were decided."""
        before = self.picks.rows
        self.picks.go_on(frozenset(keys))
        self._show_cursor(before)

    def put(self, key: str) -> None:
        """Put the cursor on a row."""
        before = self.picks.rows
        self.picks.put(key)
        self._show_cursor(before)

    def _show_cursor(self, before: Sequence[str]) -> None:
        self._ghost = self._ghost if self.picks.ghost else None
        if before != self.picks.rows:
            self._place(before)
        if self.picks.cursor:
            self.viewport.show_item(self.picks.index)
        self.repaint()

    def on_click(self, event: Click | None = None) -> None:
        """Put the cursor where the mouse is, and become the active pane."""
        places = list(self.viewport.visible())
        row = -1 if event is None else event.y - self.framed
        if 0 <= row < len(places):
            self.put(self.picks.rows[places[row].item])
        super().on_click()

    def item_lines(self, item: int, width: int) -> Sequence[Line]:
        """Paint a row with its gutter, and lit under the cursor."""
        key = self.picks.rows[item]
        room = max(width - GUTTER, 1)
        if key == self.picks.ghost and self._ghost is not None:
            first, *_ = self.paint_item(key, self._ghost, room)
            lines: Sequence[Line] = [[(text, STYLES["faint"]) for text, _ in first]]
            words: Line = [(self.ghost_words(key)[:room].ljust(room), STYLES["note"])]
            lines = [*lines, words]
        else:
            lines = self.paint_item(key, self._items[key], room)
        here = key == self.picks.cursor
        cursor: Piece = ("›" if here else " ", STYLES["key" if self.active else "faint"])
        mark: Piece = ("● " if key in self.picks.marks else "  ", STYLES["accent"])
        blank: Piece = (" " * GUTTER, STYLES["text"])
        painted = [
            [*((cursor, mark) if not number else (blank,)), *line] for number, line in enumerate(lines)
        ]
        if here and self.active:
            return [[(text, style + _LIT) for text, style in line] for line in painted]
        return painted

    def _title(self, width: int) -> Line:
        pieces = super()._title(width)
        if not self.beside:
            return pieces
        *start, (rule, style) = pieces
        room = len(rule) - len(self.beside) - 3
        if room < 1:
            return pieces
        return [*start, (rule[:room], style), (f" {self.beside} ", STYLES["faint"]), ("─", style)]
