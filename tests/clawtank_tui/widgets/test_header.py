"""The first line names the room, and says nothing twice."""

from __future__ import annotations

import pytest

from clawtank_tui.state.model import RoomInfo
from clawtank_tui.widgets.header import HeaderLine


@pytest.mark.parametrize(
    ("name", "shown"), [("", "room_1"), ("room_1", "room_1"), ("Our room", "room_1 · Our room")]
)
def test_a_name_is_shown_if_it_says_more_than_the_id(name: str, shown: str) -> None:
    header = HeaderLine()
    header._room = RoomInfo("room_1", name)
    [line] = header.lines(60, 1)
    assert "".join(text for text, _ in line).strip().startswith(shown)
    assert "".join(text for text, _ in line).count("room_1") == 1
