"""Which lines of a growing list are in sight: pure, so that scrolling can be reasoned about and tested.

A place is an item and a line within it, never a count of lines from the beginning: nothing needs to be laid
out but what is in sight, a new width keeps the item being read where it is, and what arrives below never
moves what is read. While it follows, the view *jumps*: rows fill the page downwards, and a full page moves
up by a third, so most events cost the terminal one painted row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

JUMP = 3
"""A full page moves up by one `JUMP`th of its height."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of an item: `item` counts from the beginning of the list, `line` from the item's first."""

    item: int
    line: int


class Viewport:
    """A page over the items `first … end - 1` of a list, each some lines tall.

    Args:
        height_of: Lines of an item at the present width; 0 for one that is hidden.
        follows: Whether the page can keep to the end of the list; if not, it begins at the beginning.

    Attributes:
        room: Lines the view has; while a following list is left, one of them is taken by the notice of that.
        top: The first line in sight.
        following: Whether the page keeps to the end now.
        seen: Items before this one were in sight, or came before the reader left the end.
    """

    def __init__(self, height_of: Callable[[int], int], *, follows: bool) -> None:
        self._height_of = height_of
        self._follows = follows
        self.first = 0
        self.end = 0
        self.room = 1
        self.top = Place(0, 0)
        self.following = follows
        self.seen = 0

    @property
    def paused(self) -> bool:
        """Whether the reader left the end of a list that could be followed."""
        return self._follows and not self.following

    @property
    def page(self) -> int:
        """Lines for items."""
        return max(self.room - self.paused, 1)

    @property
    def unseen(self) -> int:
        """Items below that arrived since the reader left the end."""
        return 0 if self.following else max(self.end - self.seen, 0)

    def visible(self) -> Iterator[Place]:
        """Yield the lines in sight from the top, at most a page of them."""
        item, line = self.top.item, self.top.line
        left = self.page
        while left and item < self.end:
            if line < self._height_of(item):
                yield Place(item, line)
                left -= 1
                line += 1
            else:
                item, line = item + 1, 0

    def hold(self, end: int, first: int = 0) -> None:
        """Take note that the list goes from `first` to before `end` now; new items are at its end."""
        added = end - self.end
        self.first, self.end = first, end
        if self.top.item < first:
            self.top = Place(first, 0)
        if self.following:
            if self._is_hidden(self.top) or self._lines_below(self.top, self.page + 1) > self.page:
                # A burst fills the page to its end; few rows leave room, so that the next cost one row each.
                slack = self.page // JUMP
                self.top = self._from_end(self.page - slack if added <= slack else self.page)
        elif self.top.item >= end:
            self.top = self._from_end(self.page)
        self._look()

    def reshape(self, first: int, end: int) -> None:
        """Take note that items `first … end - 1` were folded or unfolded by the reader.

        What is above stays, unless it takes the room that they need to be in sight. If the list's end is in
        sight then, it is followed, and fills the page.
        """
        if first <= self.top.item < end and self._is_hidden(self.top):
            self.top = Place(first, 0)
        self.following = self._follows
        self._show_items(first, end)
        if self._follows and self._lines_below(self.top, self.page + 1) > self.page:
            self.following = False
            self._show_items(first, end)
        elif self._follows:
            self.top = self._from_end(self.page)
        self._look()

    def _show_items(self, first: int, end: int) -> None:
        """Move down until items `first … end - 1` are in sight, but not beyond the first of them."""
        self.top = max(self.top, min(Place(first, 0), self._up(Place(end, 0), self.page)))

    def drop(self, gone: Set[int]) -> None:
        """Take note that items went from the midst of the list and the others moved up; `hold` follows."""
        line = 0 if self.top.item in gone else self.top.line
        self.top = Place(self.top.item - sum(1 for item in gone if item < self.top.item), line)
        self.seen -= sum(1 for item in gone if item < self.seen)
        self.end -= len(gone)

    def resize(self, room: int) -> None:
        """Change the lines there are; also call it when the heights of items changed."""
        self.room = max(room, 1)
        if self.following:
            self.top = self._from_end(self.page)
        elif self.top.item < self.end:
            self.top = Place(self.top.item, max(min(self.top.line, self._height_of(self.top.item) - 1), 0))
        self._look()

    def scroll(self, lines: int) -> None:
        """Move down by `lines`, up when negative; reaching the end by going down follows again."""
        if lines < 0:
            above = self._up(self.top, -lines)
            self.following = self.following and above == self.top
            self.top = above
            return
        end = self._from_end(self.room)
        self.top = max(self.top, min(self._down(self.top, lines), end))
        self.following = self._follows and self.top >= end
        self._look()

    def to_beginning(self) -> None:
        """Go to the beginning; what is all in sight stays where it is, and followed."""
        beginning = Place(self.first, 0)
        self.following = self.following and self.top == beginning
        self.top = beginning

    def to_end(self) -> None:
        """Go to the end, and follow if this list does."""
        self.following = self._follows
        self.top = self._from_end(self.page)
        self._look()

    def show_item(self, item: int) -> None:
        """Move as little as it takes to have an item in sight from its first line, and stop following."""
        self.following = False
        first = Place(item, 0)
        self.top = min(max(self.top, self._up(Place(item + 1, 0), self.page)), first)
        self._look()

    def _look(self) -> None:
        if self.following:
            self.seen = self.end
            return
        for place in self.visible():
            self.seen = max(self.seen, place.item + 1)

    def _is_hidden(self, place: Place) -> bool:
        return place.item < self.end and place.line >= self._height_of(place.item)

    def _lines_below(self, place: Place, most: int) -> int:
        """Count lines from `place` to the end, but no further than `most`."""
        lines, item = -place.line, place.item
        while item < self.end and lines < most:
            lines += self._height_of(item)
            item += 1
        return min(lines, most)

    def _from_end(self, lines: int) -> Place:
        item = self.end
        while item > self.first and lines > 0:
            item -= 1
            lines -= self._height_of(item)
        return Place(item, max(-lines, 0))

    def _up(self, place: Place, lines: int) -> Place:
        item, line = place.item, place.line - lines
        while line < 0 and item > self.first:
            item -= 1
            line += self._height_of(item)
        return Place(item, max(line, 0))

    def _down(self, place: Place, lines: int) -> Place:
        item, line = place.item, place.line + lines
        while item < self.end and line >= self._height_of(item):
            line -= self._height_of(item)
            item += 1
        return Place(item, line)
