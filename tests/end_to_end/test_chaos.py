"""The storm and the other people's clients, each for a few seconds: a smoke test of both, and of the relay.

At full length they are commands of their own (`python -m chaos`, `python -m chaos.clients`).
"""

import pytest

from chaos.clients.kinds import lineup
from chaos.clients.run import run as watch
from chaos.run import Plan
from chaos.run import run as storm

LINEUP = lineup()


@pytest.mark.spec("RECOV-3", "RECOV-8", "RECOV-10")
def test_whoever_watches_through_bad_lines_and_a_killed_relay_misses_and_repeats_nothing(tmp_path):
    plan = Plan(viewers=12, kills=1, seconds=4.0, rate=60.0, seed=5)
    result = storm(plan, tmp_path / "data")
    assert result.ok, (result.verdict, result.wrong)
    assert result.verdict.resumed > 5
    assert result.cuts > 5
    assert result.verdict.delivered > result.events > 0


@pytest.mark.parametrize("maker", ["node", "python", "browser"])
def test_a_client_that_somebody_else_wrote_reads_everything(maker, tmp_path):
    kinds = [kind for kind in LINEUP.kinds if kind.maker == maker]
    if not kinds:
        pytest.skip(next(reason for reason in LINEUP.skipped if reason.startswith(maker)))
    result = watch(kinds, 4.0, 1, tmp_path / "data", lambda _: None)
    assert result.ok, (result.verdicts, result.wrong)
    for record in result.records:
        assert record.counts["connections"] > 0, record.kind
        assert result.verdicts[record.kind.name].delivered > 0, record.kind
