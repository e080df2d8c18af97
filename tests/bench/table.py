"""How a benchmark reports: medians, ratios within rounds, one Markdown table."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
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


def markdown(head: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> str:
    """Return a table; figures to three digits, a dash for what was not measured."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: str | float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
