"""The help page: the keys, made from the bindings themselves, and what the signs mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from clawtank_tui.widgets.cells import Line, Piece, fit
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import AGENT_MARK, STYLES
from clawtank_tui.widgets.people import STATUS_LOOK
from clawtank_tui.widgets.tasks import STATE_LOOK

if TYPE_CHECKING:
    from textual.app import ComposeResult

_KEY_CELLS = 14
_SIGNS_A_ROW = 3


def key_table(bindings: Sequence[BindingType]) -> dict[str, str]:
    """Return what bindings do, each with its keys; those that do the same stand together: `↑ ↓`."""
    table: dict[str, str] = {}
    for binding in bindings:
        if isinstance(binding, Binding) and binding.tooltip:
            key = binding.key_display or binding.key
            table[binding.tooltip] = f"{table[binding.tooltip]} {key}" if binding.tooltip in table else key
    return table


class HelpPage(LinePane):
    """Keys and signs in a frame."""

    def __init__(self, bindings: Sequence[BindingType], *, signs: bool) -> None:
        super().__init__()
        self._rows = [*_keys(key_table(bindings)), *(_all_signs() if signs else ())]
        self._top = 0
        self.styles.height = len(self._rows) + 2

    def scroll_rows(self, rows: int) -> None:
        """Move down by rows, up when negative, on a screen that is too low for all of them."""
        self._top = max(min(self._top + rows, len(self._rows) + 2 - self.size.height), 0)
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the page in its frame; what a low screen has no room for, one scrolls to."""
        rule, across = STYLES["rule"], "─" * (width - 2)
        title = " HELP "
        top = [("╭─", rule), (title, STYLES["title.active"]), (across[len(title) + 1 :] + "╮", rule)]
        yield fit(top, width)
        for row in self._rows[self._top : self._top + height - 2]:
            yield fit([("│ ", rule), *fit(row, width - 4), (" │", rule)], width)
        yield fit([(f"╰{across}╯", rule)], width)


class HelpScreen(ModalScreen[None]):
    """The help page over the screen it explains."""

    BINDINGS: ClassVar = [
        Binding("escape,question_mark,q", "dismiss", "close", key_display="Esc", tooltip="close this page"),
        Binding("up", "scroll_page(-1)", show=False, key_display="↑", tooltip="scroll"),
        Binding("down", "scroll_page(1)", show=False, key_display="↓", tooltip="scroll"),
        Binding("pageup", "scroll_page(-10)", show=False, key_display="PgUp", tooltip="scroll"),
        Binding("pagedown", "scroll_page(10)", show=False, key_display="PgDn", tooltip="scroll"),
    ]

    def __init__(self, bindings: Sequence[BindingType], *, signs: bool = True) -> None:
        """Prepare the page.

        Args:
            bindings: What to explain.
            signs: Whether the signs of tasks and agents are explained too.
        """
        super().__init__()
        self._page = HelpPage(bindings, signs=signs)

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield self._page

    def action_scroll_page(self, rows: int) -> None:
        """Scroll the page."""
        self._page.scroll_rows(rows)


def _keys(keys: dict[str, str]) -> Iterator[list[Piece]]:
    for does, key in keys.items():
        yield [(key.rjust(_KEY_CELLS), STYLES["key"]), (f"   {does}", STYLES["text"])]


def _all_signs() -> Iterator[list[Piece]]:
    yield []
    yield from _signs("agents", {"marked like this": (AGENT_MARK, "text")})
    yield from _signs("tasks", STATE_LOOK)
    yield from _signs("agents are", STATUS_LOOK)


def _signs(label: str, looks: Mapping[str, tuple[str, str]]) -> Iterator[list[Piece]]:
    """Explain signs, `_SIGNS_A_ROW` to a row."""
    entries = list(looks.items())
    for start in range(0, len(entries), _SIGNS_A_ROW):
        row: list[Piece] = [
            ((label if start == 0 else "").rjust(_KEY_CELLS) + "   ", STYLES["quiet"]),
        ]
        for name, (glyph, look) in entries[start : start + _SIGNS_A_ROW]:
            row += [(f"{glyph} ", STYLES[look]), (name.replace("_", " ").ljust(17), STYLES["text"])]
        yield row
