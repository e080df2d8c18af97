"""Locks: on the labelled corpus the filter stops what it is to stop and spares what it is to spare."""

from __future__ import annotations

import pytest

from chat_corpus.rows import Half, half_of
from chat_corpus.score import Corpus, FilteredRoom, Measure, Outcome, measured

HARMLESS = ("decoys stopped", "technical lines stopped", "other harmless lines stopped")


@pytest.fixture(scope="module")
def measures() -> dict[str, Measure]:
    return measured(Corpus.read(), FilteredRoom)


def outcomes(measures: dict[str, Measure], half: Half | None, *names: str) -> list[Outcome]:
    """Return what became of the rows of a half, or of all."""
    # A message of a sequence is named as the sequence is, and numbered.
    return [
        outcome
        for name in names
        for outcome in measures[name].outcomes
        if half in (None, half_of(outcome.id.partition("/")[0]))
    ]


@pytest.mark.parametrize("half", [None, *Half])
@pytest.mark.parametrize(
    ("what", "least"),
    [
        ("disguised keywords caught", 0.95),
        ("repeats of a flood stopped", 0.94),
        ("promotion stopped", 0.80),
    ],
)
def test_what_a_moderator_would_stop_is_stopped(
    measures: dict[str, Measure], what: str, least: float, half: Half | None
):
    found = outcomes(measures, half, what)
    missed = [outcome for outcome in found if not outcome.rule]
    assert len(missed) <= (1 - least) * len(found), missed


@pytest.mark.parametrize("half", [None, *Half])
@pytest.mark.parametrize(
    ("names", "most"),
    [
        (HARMLESS, 0.005),
        (("honest lines beside them stopped",), 0.02),
        (("technical lines stopped",), 0.0),
    ],
)
def test_what_a_moderator_would_leave_is_left(
    measures: dict[str, Measure], names: tuple[str, ...], most: float, half: Half | None
):
    found = outcomes(measures, half, *names)
    spoiled = [outcome for outcome in found if outcome.rule]
    assert len(spoiled) <= most * len(found), spoiled


def test_the_keywords_are_what_catches_disguises(measures: dict[str, Measure]):
    """Otherwise another rule would, and the share above would say nothing of keywords."""
    corpus = Corpus.read()
    without = measured(corpus, lambda: FilteredRoom(keywords=()))
    assert without["disguised keywords caught"].share < 0.02
    assert len(measures["disguised keywords caught"].outcomes) >= 180
