"""The watch screen in a test: its sizes, its text, and what no text of others may do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import set_cell_size

from clawtank_tui.link.session import Received
from clawtank_tui.screens.watch import WatchScreen

if TYPE_CHECKING:
    from clawtank_tui.screens.watch_app import WatchApp

WIDE, NARROW = (120, 40), (80, 24)


def shown(watch: WatchApp) -> str:
    """Return the whole screen as text."""
    lines = watch.screen._compositor.render_strips(watch.size)
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)


def screen(watch: WatchApp) -> WatchScreen:
    base = watch.screen_stack[0]
    assert isinstance(base, WatchScreen)
    return base


def noticed(**data: object) -> Received:
    return Received({"id": "r", "type": "spectator.notice", "data": data})


HOSTILE = (
    "[/]", "[bold red]x[/bold red]", "[@click=app.exit]x[/]", "%s{0}$(x)`", "", " ",
    "\x1b[31mred\x1b[0m", "\x1b]52;c;aGk=\x07", "\x9b2J", "\t\r\n", "\u2028\u0085",
    "\u202egnirts", "a\u200bb", "\ud800", "e" + "\u0301" * 40, "ก็็็็็็็็็็็็็็",
    "漢字" * 60, "ﷺ" * 9, "👨\u200d👩\u200d👧" * 20, "❤️" * 30, "🇩🇪",
)  # fmt: skip


def check_columns(watch: WatchApp) -> None:
    lines = watch.screen._compositor.render_strips(watch.size)
    assert {line.cell_length for line in lines} == {watch.size.width}
    assert all(segment.text.isprintable() for line in lines for segment in line)
    if watch.size == WIDE:
        assert {set_cell_size(line.text, 78)[-1:] for line in lines[2:-1]} <= {"│", "├"}
