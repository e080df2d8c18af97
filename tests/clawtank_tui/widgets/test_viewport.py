"""Scrolling: following, pausing, and the promise that what is read never moves by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from clawtank_tui.widgets.viewport import Place, Viewport


def view(count: int, room: int, heights: dict[int, int] | None = None, *, follows: bool = True) -> Viewport:
    viewport = Viewport(lambda item: (heights or {}).get(item, 1), follows=follows)
    viewport.resize(room)
    viewport.hold(count)
    return viewport


def items(viewport: Viewport) -> list[int]:
    return [place.item for place in viewport.visible()]


def test_a_history_fills_the_page_to_its_end() -> None:
    assert items(view(100, 10)) == list(range(90, 100))


def test_single_rows_fill_a_page_and_then_it_jumps_by_a_third() -> None:
    viewport = view(9, 9)
    seen = []
    for count in range(10, 15):
        viewport.hold(count)
        seen.append(viewport.top.item)
    assert seen == [4, 4, 4, 4, 8]
    assert items(viewport)[-1] == 13


def test_a_burst_leaves_no_empty_lines() -> None:
    viewport = view(9, 9)
    viewport.hold(50)
    assert items(viewport) == list(range(41, 50))


def test_lines_of_tall_items_are_seen_one_by_one() -> None:
    viewport = view(3, 4, {0: 5})
    assert list(viewport.visible()) == [Place(0, 3), Place(0, 4), Place(1, 0), Place(2, 0)]
    viewport.scroll(-2)
    assert viewport.top == Place(0, 1)


def test_leaving_the_end_costs_a_line_for_the_notice_and_one_line_down_follows_again() -> None:
    viewport = view(20, 5)
    viewport.scroll(-1)
    assert (viewport.paused, viewport.page, items(viewport)) == (True, 4, [14, 15, 16, 17])
    viewport.scroll(1)
    assert (viewport.paused, items(viewport)) == (False, [15, 16, 17, 18, 19])


def test_what_is_all_in_sight_cannot_be_scrolled_away() -> None:
    viewport = view(3, 5)
    viewport.scroll(-1)
    viewport.to_beginning()
    assert viewport.following


def test_a_followed_list_whose_top_is_hidden_shows_its_end() -> None:
    heights = {1: 9}
    viewport = view(2, 4, heights)
    assert viewport.top == Place(1, 5)
    heights[1] = 0
    viewport.hold(3)
    assert items(viewport) == [0, 2]


def test_what_grows_is_brought_in_sight_and_the_end_is_followed_if_it_is_there_too() -> None:
    heights = {3: 1}
    viewport = view(4, 5, heights)
    heights[3] = 3
    viewport.reshape(3, 4)
    assert (items(viewport), viewport.paused) == ([1, 2, 3, 3, 3], False)


def test_what_grows_beyond_the_page_is_shown_from_its_first_line_and_followed_when_it_fits_again() -> None:
    heights = {2: 1}
    viewport = view(4, 5, heights)
    heights[2] = 9
    viewport.reshape(2, 3)
    assert (items(viewport), viewport.paused, viewport.unseen) == ([2, 2, 2, 2], True, 0)
    viewport.scroll(3)
    assert viewport.top == Place(2, 3)
    heights[2] = 1
    viewport.reshape(2, 3)
    assert (items(viewport), viewport.paused) == ([0, 1, 2, 3], False)


def test_what_grows_amid_the_page_moves_nothing_above_it() -> None:
    heights = {6: 1}
    viewport = view(20, 10, heights)
    viewport.to_beginning()
    heights[6] = 3
    viewport.reshape(6, 7)
    assert items(viewport) == [0, 1, 2, 3, 4, 5, 6, 6, 6]


def test_new_items_are_counted_once_and_not_when_they_come_into_sight() -> None:
    viewport = view(20, 5)
    viewport.scroll(-6)
    viewport.hold(23)
    assert viewport.unseen == 3
    viewport.scroll(8)
    assert viewport.unseen == 2
    viewport.to_end()
    assert viewport.unseen == 0


def test_a_list_that_does_not_follow_begins_at_its_beginning() -> None:
    viewport = view(20, 5, follows=False)
    assert items(viewport) == [0, 1, 2, 3, 4]
    viewport.to_end()
    assert items(viewport) == [15, 16, 17, 18, 19]
    viewport.hold(3)
    assert items(viewport) == [0, 1, 2]


def test_forgotten_items_move_the_top_to_the_oldest_kept() -> None:
    viewport = view(20, 5)
    viewport.to_beginning()
    viewport.hold(40, first=12)
    assert items(viewport)[0] == 12
    viewport.scroll(-3)
    assert items(viewport)[0] == 12


def test_items_removed_above_do_not_move_what_is_read() -> None:
    viewport = view(20, 5)
    viewport.scroll(-5)
    top = viewport.top.item
    viewport.drop({0, 3, top})
    viewport.hold(17)
    assert viewport.top.item == top - 2
    assert viewport.unseen == 0


class Scrolling(RuleBasedStateMachine):
    """Whatever is done, the view stays within the list, full where it can be, and still while paused."""

    def __init__(self) -> None:
        super().__init__()
        self.heights: list[int] = []
        self.first = 0
        self.viewport = Viewport(lambda item: self.heights[item], follows=True)
        self.viewport.resize(7)

    @rule(heights=st.lists(st.integers(0, 4), max_size=12))
    def arrive(self, heights: list[int]) -> None:
        before, paused = list(self.viewport.visible()), self.viewport.paused
        self.heights += heights
        self.viewport.hold(len(self.heights), self.first)
        if paused and len(before) == self.viewport.page:
            assert list(self.viewport.visible()) == before

    @rule(lines=st.integers(-20, 20))
    def scroll(self, lines: int) -> None:
        before = self.viewport.top
        self.viewport.scroll(lines)
        assert (self.viewport.top <= before) if lines < 0 else (self.viewport.top >= before)

    @rule()
    def to_end(self) -> None:
        self.viewport.to_end()
        assert self.viewport.following

    @rule()
    def to_beginning(self) -> None:
        self.viewport.to_beginning()
        assert self.viewport.top == Place(self.first, 0)

    @rule(room=st.integers(-1, 30))
    def resize(self, room: int) -> None:
        self.viewport.resize(room)

    @rule(forgotten=st.integers(0, 5))
    def forget(self, forgotten: int) -> None:
        self.first = min(self.first + forgotten, len(self.heights))
        self.viewport.hold(len(self.heights), self.first)

    @invariant()
    def stays_within_the_list(self) -> None:
        places = list(self.viewport.visible())
        assert places == sorted(set(places))
        assert len(places) <= self.viewport.page
        assert all(self.first <= place.item < len(self.heights) for place in places)
        assert all(place.line < self.heights[place.item] for place in places)

    @invariant()
    def shows_the_last_line_while_following(self) -> None:
        tall = [item for item in range(self.first, len(self.heights)) if self.heights[item]]
        if self.viewport.following and tall:
            *_, last = self.viewport.visible()
            assert last == Place(tall[-1], self.heights[tall[-1]] - 1)
            assert self.viewport.unseen == 0


TestScrolling = Scrolling.TestCase


@given(st.integers(0, 300), st.integers(1, 40))
def test_paging_up_reaches_every_item(count: int, room: int) -> None:
    viewport = view(count, room)
    seen = set(items(viewport))
    while viewport.top > Place(0, 0):
        viewport.scroll(-max(viewport.page - 1, 1))
        seen.update(items(viewport))
    assert seen == set(range(count))
