"""What an hour of watching takes of a line: every byte on the socket, presence and keepalives among them.

The hour passes on a wound clock; the day is a realistic one (`support.workday`), and viewers come and go.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from support.lines import Wish, watch_workday
from support.wound_loop import WoundTraffic


@pytest.mark.parametrize(
    ("per_minute", "minutes", "most_kb"),
    [
        pytest.param(5, 10, 50, marks=pytest.mark.spec("BANDW-1")),
        pytest.param(30, 10, 500, marks=pytest.mark.spec("BANDW-2")),
        pytest.param(200, 3, 2000, marks=pytest.mark.spec("BANDW-3")),
        pytest.param(500, 2, 10_000, marks=pytest.mark.spec("BANDW-4")),
    ],
)
def test_an_hour_takes_no_more_than_the_spec_says(
    tmp_path: Path, per_minute: float, minutes: float, most_kb: float
) -> None:
    with asyncio.Runner(loop_factory=WoundTraffic) as runner:
        work = watch_workday(tmp_path / "data", {"live": Wish()}, per_minute=per_minute, minutes=minutes)
        day = runner.run(work)

    line = day.lines["live"]
    assert day.published > per_minute * minutes / 2
    assert len(line.events) == day.published
    assert line.kinds["spectator.presence"] > minutes
    assert line.hourly <= most_kb * 1000
