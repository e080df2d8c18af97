"""Bans and mutes that hold, with what is left of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from clawtank_tui.state.desk_words import HOUR_MS, left
from clawtank_tui.widgets.cells import Line, Piece, apart, fit
from clawtank_tui.widgets.palette import STYLES, name_style
from clawtank_tui.widgets.pick_pane import PickPane

if TYPE_CHECKING:
    from clawtank_tui.state.desk import Desk, Sanction


@dataclass(frozen=True, slots=True)
class Standing:
    """A row: a sanction, and what is left of it in words."""

    sanction: Sanction
    left: str
    busy: bool
    failed: str


class SanctionsPane(PickPane[Standing]):
    """Bans first as the relay tells them; what has run out is left out."""

    TITLE = "SANCTIONS"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._counting = False

    @property
    def counting(self) -> bool:
        """Whether a row changes with every second."""
        return self._counting

    def show(self, desk: Desk, now_ms: int, now_s: float) -> None:
        """Show a desk; times are as of `now_ms` by the relay's clock."""
        rows = {}
        self._counting = False
        for sanction in desk.sanctions:
            rest_ms = None if sanction.until_ms is None else sanction.until_ms - now_ms
            if rest_ms is not None and rest_ms <= 0:
                continue
            self._counting |= rest_ms is not None and rest_ms < HOUR_MS
            rows[f"{sanction.kind}/{sanction.spectator_id}"] = Standing(
                sanction,
                "until lifted" if rest_ms is None else left(rest_ms),
                desk.busy(sanction.spectator_id),
                desk.failed.get(sanction.spectator_id, ""),
            )
        self.hold(rows, now_s)

    def ghost_words(self, key: str) -> str:
        """Say that it no longer holds."""
        return "Lifted, or over."

    def title_detail(self) -> str:
        """Count bans and mutes."""
        kinds = [row.sanction.kind for row in self._items.values()]
        counts = ((kinds.count("ban"), "banned"), (kinds.count("mute"), "muted"))
        return " · ".join(f"{number} {word}" for number, word in counts if number)

    def brief(self) -> str:
        """Count them."""
        return str(len(self._items)) if self._items else ""

    def empty_text(self) -> str:
        """Say that nobody is sanctioned."""
        return "Nobody is banned or muted."

    def paint_item(self, key: str, item: Standing, width: int) -> Sequence[Line]:
        """Paint a sanction: who, what, how long still, by whom and why."""
        return _paint(item, width)


@lru_cache(maxsize=512)
def _paint(row: Standing, width: int) -> tuple[Line, ...]:
    sanction = row.sanction
    banned = sanction.kind == "ban"
    start: list[Piece] = [
        ("banned " if banned else "muted  ", STYLES["bad" if banned else "warn"]),
        (sanction.name, name_style(sanction.name)),
    ]
    if sanction.by:
        start.append((f"  by {sanction.by}", STYLES["faint"]))
    if sanction.reason:
        start.append((f"  {sanction.reason}", STYLES["quiet"]))
    if sanction.addresses:
        start.append(("  + addresses", STYLES["faint"]))
    lines: list[Line] = [apart(start, [(row.left, STYLES["number"])], width)]
    if row.failed:
        lines.append([(f"! {row.failed}", STYLES["bad"])])
    if row.busy:
        lines = [[(text, STYLES["faint"]) for text, _ in line] for line in lines]
    return tuple(fit(line, width) for line in lines)
