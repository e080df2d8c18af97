"""What viewers reported: how many of them, why, and whether it is hidden already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from clawtank_tui.state.deeds import Target
from clawtank_tui.state.desk_words import logged
from clawtank_tui.state.lines import age
from clawtank_tui.widgets.cells import Line, Piece, apart, fit, wrap
from clawtank_tui.widgets.palette import STYLES, name_style
from clawtank_tui.widgets.pick_pane import PickPane

if TYPE_CHECKING:
    from clawtank_tui.state.desk import Desk, Report

TEXT_LINES = 3


@dataclass(frozen=True, slots=True)
class Reported:
    """A row: a reported message, and how it stands with it."""

    report: Report
    age: str
    busy: bool
    failed: str

    @property
    def targets(self) -> tuple[Target, ...]:
        """Return what a decision about it is about."""
        report = self.report
        return (Target(report.message_id, report.spectator_id, report.name, not report.hidden),)


class ReportsPane(PickPane[Reported]):
    """Reported messages, the first reported first."""

    TITLE = "REPORTS"
    LEAD = "──"
    EDGE = " "

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._desk: Desk | None = None

    def show(self, desk: Desk, now_ms: int, now_s: float) -> None:
        """Show a desk; ages are as of `now_ms` by the relay's clock."""
        self._desk = desk
        rows = {
            report.message_id: Reported(
                report,
                age(now_ms - report.last_ms),
                desk.busy(report.message_id),
                desk.failed.get(report.message_id, ""),
            )
            for report in desk.reports.values()
        }
        self.hold(rows, now_s)

    def ghost_words(self, key: str) -> str:
        """Say who decided."""
        entry = self._desk and self._desk.decided.get(key)
        return f"{logged(entry)}." if entry else "No longer reported."

    def title_detail(self) -> str:
        """Count what is reported, and what of it is hidden."""
        rows = list(self._items.values())
        if not rows:
            return ""
        hidden = sum(row.report.hidden for row in rows)
        return f"{len(rows)} reported" + (f" · {hidden} hidden" if hidden else "")

    def brief(self) -> str:
        """Count what is reported."""
        return str(len(self._items)) if self._items else ""

    def empty_text(self) -> str:
        """Say that nothing is reported."""
        return "Nobody has reported anything."

    def paint_item(self, key: str, item: Reported, width: int) -> Sequence[Line]:
        """Paint a reported message: who wrote it, how many reported it, why, and what it says."""
        return _paint(item, width)


@lru_cache(maxsize=512)
def _paint(row: Reported, width: int) -> tuple[Line, ...]:
    report = row.report
    count = "once" if report.count == 1 else f"{report.count} times"
    left: list[Piece] = [
        (report.name, name_style(report.name)),
        (f"  reported {count}", STYLES["warn"]),
        ("  HIDDEN" if report.hidden else "  still shown", STYLES["bad" if report.hidden else "faint"]),
    ]
    waits = "deciding…" if row.busy else row.age
    lines: list[Line] = [apart(left, [(waits, STYLES["quiet"])], width)]
    lines += wrap([(report.text, STYLES["text"])], width)[:TEXT_LINES]
    if report.reasons:
        lines.append([(" · ".join(report.reasons), STYLES["quiet"])])
    if row.failed:
        lines.append([(f"! {row.failed}", STYLES["bad"])])
    if row.busy:
        lines = [[(text, STYLES["faint"]) for text, _ in line] for line in lines]
    return tuple(fit(line, width) for line in lines)
