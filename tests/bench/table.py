"""How a benchmark reports: medians, ratios within rounds, Markdown tables, and targets met or missed."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


def ratio(values: Sequence[float], to: Sequence[float]) -> float:
    """Return the median of the per-round ratios of two peers, round by round."""
    return median(value / other for value, other in zip(values, to, strict=True))


def machine() -> str:
    """Describe where this ran, and how busy it was: figures without that mean nothing."""
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )


@dataclass(frozen=True)
class Target:
    """What a figure should be.

    Attributes:
        what: The figure, in words.
        value: What was measured; None if it could not be.
        bound: What it may be.
        unit: Of both.
        at_least: Whether `bound` is the least; it is the most otherwise.
    """

    what: str
    value: float | None
    bound: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether it is as it should be; None if it was not measured."""
        if self.value is None:
            return None
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def verdicts(targets: Sequence[Target]) -> str:
    """Return the table of targets; a missed one is called so."""
    rows = []
    for target in targets:
        sign = "≥" if target.at_least else "≤"
        outcome = {None: "not measured", True: "met", False: "**missed**"}[target.met]
        value = "–" if target.value is None else f"{_figure(target.value)} {target.unit}".strip()
        rows.append([target.what, f"{sign} {_figure(target.bound)} {target.unit}".strip(), value, outcome])
    return markdown(["target", "bound", "measured", ""], rows)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> str:
    """Return a table; figures to three digits, a dash for what was not measured."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: str | float | None) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else _figure(value)


def _figure(value: float) -> str:
    if float(value).is_integer() and abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
