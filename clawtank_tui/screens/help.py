"""The help page: the keys, made from the bindings, the commands of the chat, and what the signs mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from clawtank_tui.state.names import GUEST
from clawtank_tui.widgets.cells import Line, Piece, fit
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import AGENT_MARK, STYLES
from clawtank_tui.widgets.people import STATUS_LOOK
from clawtank_tui.widgets.tasks import STATE_LOOK

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from clawtank_tui.state.commands import Command

_KEY_CELLS = 14
_COMMAND_CELLS = 33
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
    """Keys, commands and signs in a frame; it scrolls where the screen is too low for it."""

    def __init__(
        self,
        bindings: Sequence[BindingType],
        writing: Sequence[BindingType],
        commands: Sequence[Command],
        *,
        at_commands: bool,
        signs: bool,
    ) -> None:
        super().__init__()
        keys = [*_keys(key_table(bindings)), *_keys(key_table(writing), "while writing")]
        explained = _signs_of(talks=bool(commands)) if signs else ()
        self._rows = [*keys, *_commands(commands), *explained]
        self._top = len(keys) + 1 if at_commands else 0
        self.styles.height = len(self._rows) + 2

    def scroll(self, lines: int, pages: int = 0) -> None:
        """Move down by lines and pages, up when negative, as far as there is something."""
        room = max(self.size.height - 2, 1)
        self._top = min(max(self._top + lines + pages * room, 0), max(len(self._rows) - room, 0))
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint as much of the page in its frame as there is room for."""
        rule, across = STYLES["rule"], "─" * (width - 2)
        room = max(height - 2, 0)
        top_row = min(self._top, max(len(self._rows) - room, 0))
        below = len(self._rows) - room - top_row
        title = " HELP "
        top = [("╭─", rule), (title, STYLES["title.active"]), (across[len(title) + 1 :] + "╮", rule)]
        yield fit(top, width)
        for row in self._rows[top_row : top_row + room]:
            yield fit([("│ ", rule), *fit(row, width - 4), (" │", rule)], width)
        more = f" ↓ {below} more " if below > 0 else " ↑ " if top_row else ""
        yield fit([("╰─", rule), (more, STYLES["accent"]), (across[len(more) + 1 :] + "╯", rule)], width)


class HelpScreen(ModalScreen[None]):
    """The help page over the screen it explains."""

    BINDINGS: ClassVar = [
        Binding("escape,question_mark,q", "dismiss", "close", key_display="Esc", tooltip="close this page"),
        Binding("up", "scroll_lines(-1)", show=False),
        Binding("down", "scroll_lines(1)", show=False),
        Binding("pageup", "scroll_pages(-1)", show=False),
        Binding("pagedown", "scroll_pages(1)", show=False),
    ]

    def __init__(
        self,
        bindings: Sequence[BindingType],
        writing: Sequence[BindingType] = (),
        commands: Sequence[Command] = (),
        *,
        at_commands: bool = False,
        signs: bool = True,
    ) -> None:
        """Prepare.

        Args:
            bindings: The keys to explain.
            writing: Those of the line of the chat.
            commands: The commands of the chat; none where there is no chat.
            at_commands: Begin with these.
            signs: Whether the signs of tasks and agents are explained too.
        """
        super().__init__()
        self._page = HelpPage(bindings, writing, commands, at_commands=at_commands, signs=signs)

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield self._page

    def action_scroll_lines(self, lines: int) -> None:
        """Move by lines."""
        self._page.scroll(lines)

    def action_scroll_pages(self, pages: int) -> None:
        """Move by pages."""
        self._page.scroll(0, pages)


def _keys(keys: dict[str, str], when: str = "") -> Iterator[list[Piece]]:
    if keys and when:
        yield [(when.rjust(_KEY_CELLS), STYLES["quiet"])]
    for does, key in keys.items():
        yield [(key.rjust(_KEY_CELLS), STYLES["key"]), (f"   {does}", STYLES["text"])]


def _commands(commands: Sequence[Command]) -> Iterator[list[Piece]]:
    if commands:
        yield []
    for heading, moderators in (("in the chat", False), ("moderators", True)):
        rows = [command for command in commands if command.moderators is moderators]
        if rows:
            yield [(heading.rjust(_KEY_CELLS), STYLES["quiet"])]
        for command in rows:
            usage = command.usage.ljust(_COMMAND_CELLS)
            yield [(usage, STYLES["key"]), (command.does, STYLES["text"])]


def _signs_of(*, talks: bool) -> Iterator[list[Piece]]:
    yield []
    if talks:
        yield from _signs("in the chat", {"guest": (GUEST, "text"), "verified viewer": ("✔", "good")})
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
