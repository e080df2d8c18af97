"""The settings of the chat, changed where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from clawtank_tui.state.chat_settings import SETTINGS, Kind, Setting, shown, value_of
from clawtank_tui.widgets.cells import Line, Piece, fit, wrap
from clawtank_tui.widgets.palette import STYLES
from clawtank_tui.widgets.pick_pane import PickPane

if TYPE_CHECKING:
    from clawtank_tui.state.desk import Desk

LABEL = 26
"""Cells for what a setting is called."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A row: a setting and its value."""

    setting: Setting
    value: Any
    words: str


class SettingsPane(PickPane[SettingRow]):
    """The settings; empty, with the reason, for who may not see them."""

    TITLE = "SETTINGS"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._why = ""

    def show(self, desk: Desk, now_s: float) -> None:
        """Show a desk."""
        self._why = desk.settings_why
        rows = {}
        if desk.settings:
            for setting in SETTINGS:
                value = value_of(setting, desk.settings)
                kept = tuple(value) if isinstance(value, list) else value
                rows[setting.path] = SettingRow(setting, kept, shown(setting, value))
        self.hold(rows, now_s)

    def empty_text(self) -> str:
        """Say why there is nothing."""
        return self._why or "Asking the relay…"

    def paint_item(self, key: str, item: SettingRow, width: int) -> Sequence[Line]:
        """Paint a setting."""
        return _paint(item, width)


@lru_cache(maxsize=256)
def _paint(row: SettingRow, width: int) -> tuple[Line, ...]:
    label: Piece = (row.setting.label.ljust(LABEL), STYLES["text"])
    on = row.setting.kind is Kind.FLAG and row.value is True
    value: Piece = (row.words, STYLES["good" if on else "quiet" if row.value in (False, None) else "number"])
    first, *more = wrap([label, value], width, LABEL if width > 2 * LABEL else 2)
    indent: Piece = (" " * (LABEL if width > 2 * LABEL else 2), STYLES["text"])
    return (fit(first, width), *(fit([indent, *line], width) for line in more))
