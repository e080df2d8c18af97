"""Locks: on the labelled corpus the filter catches what it should, in both halves, and no line of work.

The rules were tuned on one half; the bounds on the other are those the filter was built for.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bench.chat_filter import PROMOTION, judged, outcomes
from chat_corpus.rows import KEYWORDS, Half, disguises, floods, harmless, spam
from relay.chat.filter import Action, Filter
from relay.rooms.settings import ChatModeration, SpectatorChatSettings

FILTER = Filter(SpectatorChatSettings(moderation=ChatModeration(keywords=KEYWORDS)))
CAUGHT = {
    Half.TUNE: {"disguises": 0.97, "promotion": 0.95, "other spam": 0.95, "repeats": 0.95},
    Half.HELD_OUT: {"disguises": 0.95, "promotion": 0.80, "other spam": 0.75, "repeats": 0.94},
}
"""Shares that are caught at least."""
MAX_HONEST, MAX_OTHERS = 0.005, 0.02


def caught(text: str) -> bool:
    return judged(FILTER, text).action is not Action.ALLOW


def share(texts: Sequence[str]) -> float:
    return sum(map(caught, texts)) / len(texts)


@pytest.mark.parametrize("half", Half)
def test_disguised_keywords_are_caught_and_decoys_are_not(half: Half):
    rows = [row for row in disguises() if row.half is half and not row.beyond]
    assert share([row.text for row in rows if not row.decoy]) >= CAUGHT[half]["disguises"]
    assert share([row.text for row in rows if row.decoy]) <= MAX_HONEST


@pytest.mark.parametrize("half", Half)
def test_spam_is_caught(half: Half):
    rows = [row for row in spam() if row.half is half]
    assert share([row.text for row in rows if row.kind in PROMOTION]) >= CAUGHT[half]["promotion"]
    assert share([row.text for row in rows if row.kind not in PROMOTION]) >= CAUGHT[half]["other spam"]


@pytest.mark.parametrize("half", Half)
def test_harmless_lines_pass(half: Half):
    lines = [line for line in harmless() if line.half is half]
    assert [line.text for line in lines if line.kind == "technical" and caught(line.text)] == []
    assert share([line.text for line in lines]) <= MAX_HONEST


@pytest.mark.parametrize("half", Half)
def test_repeats_are_caught_and_talk_is_not(half: Half):
    found: dict[bool, list[bool]] = {True: [], False: []}
    for talk in floods():
        if talk.half is half:
            for message, verdict in zip(talk.messages, outcomes(FILTER, talk), strict=True):
                found[message.flood].append(verdict.action is not Action.ALLOW)
    assert sum(found[True]) / len(found[True]) >= CAUGHT[half]["repeats"]
    assert sum(found[False]) / len(found[False]) <= MAX_OTHERS
