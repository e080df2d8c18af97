"""Locks: what makes redaction fast changes nothing of what it finds.

Held against the slow way, which looks for each gate by itself, reads every text for recovery phrases and
remembers nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from relay.screen import redact as redaction
from relay.screen import seed_phrase
from relay.screen.gates import Gates
from relay.screen.redact import find, redact, with_marks
from relay.screen.unremarkable import MAX_LENGTH, MAX_TEXTS, Unremarkable
from support.chatter import CHATTER
from support.dumped import DUMPS
from support.harmless import harmless
from support.leaks import leaks
from support.pasted import PERSONAL, SECRETS

CORPORA = {
    "leaks": [leak.text for leak in leaks()],
    "pasted": [*SECRETS, *PERSONAL],
    "dumped": list(DUMPS),
    "chatter": list(CHATTER),
    "harmless": list(harmless()),
}


class EachGate(Gates):
    """Gates that are looked for one by one."""

    def opened(self, lower: str) -> dict[int, list[str]]:
        """Return the same, the slow way."""
        places: dict[int, list[str]] = {}
        for gate in (gate for gate in self._table if gate in lower):
            for place in self._table[gate]:
                places.setdefault(place, []).append(gate)
        return places


@pytest.fixture
def slow_way(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_GATES", "_WRAPPING_GATES"):
        monkeypatch.setattr(redaction, name, EachGate(getattr(redaction, name)._table))
    monkeypatch.setattr(seed_phrase, "_RUN", b"")  # is in everything


def phrases() -> Iterator[str]:
    """Yield words of the list in rows, nearly long enough, long enough, and broken by something else."""
    draw = random.Random(3)
    listed = sorted(seed_phrase._list())
    for _ in range(400):
        words = draw.choices(listed, k=draw.randint(10, 25))
        if draw.random() < 0.5:
            words[draw.randrange(len(words))] = draw.choice(["the", "to", "Kelvin", "caf\u00e9", "no1ne"])
        between = draw.choice([" ", ", ", "\n", "\n1. ", " | ", "\u3000", " - "])
        yield f"{draw.choice(['', 'mine: ', 'x'])}{between.join(words)}".swapcase()


CORPORA["phrases"] = list(phrases())


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_same_is_found_as_the_slow_way(corpus: str, request: pytest.FixtureRequest):
    fast = [find(text) for text in CORPORA[corpus]]
    request.getfixturevalue("slow_way")
    assert fast == [find(text) for text in CORPORA[corpus]]


@pytest.mark.parametrize("corpus", CORPORA)
def test_a_text_reads_the_same_whenever_it_comes(corpus: str):
    for text in CORPORA[corpus]:
        assert redact(text) == redact(text) == with_marks(text, find(text))


def test_nothing_that_held_something_is_remembered(monkeypatch: pytest.MonkeyPatch):
    remembered = Unremarkable()
    monkeypatch.setattr(redaction, "_UNREMARKABLE", remembered)
    for corpus in CORPORA.values():
        for text in corpus:
            redact(text)
            assert (text in remembered) == (not find(text) and len(text) <= MAX_LENGTH)


def test_what_is_remembered_is_bounded_and_what_is_seen_often_stays():
    remembered = Unremarkable()
    remembered.add("claude-1")
    for number in range(5 * MAX_TEXTS):
        remembered.add(f"text {number}")
        assert "claude-1" in remembered
    assert "text 0" not in remembered
    assert f"text {5 * MAX_TEXTS - 1}" in remembered
    assert sum(f"text {number}" in remembered for number in range(5 * MAX_TEXTS)) <= 2 * MAX_TEXTS
    remembered.add("x" * (MAX_LENGTH + 1))
    assert "x" * (MAX_LENGTH + 1) not in remembered
