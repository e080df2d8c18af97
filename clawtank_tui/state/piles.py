"""Which waiting messages are alike, so that fifty of a raid are looked at, and decided on, as one.

Only a way to lay them out: it decides nothing, and whoever acts on a pile is told how many are in it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from clawtank_tui.state.desk import Held

ALIKE = 80
"""Per cent of two texts that have to agree, case, digits, spaces and punctuation apart."""
_COMPARED = 200
_SHORT = 8
"""Texts of fewer letters are alike only if they are the same."""


@lru_cache(maxsize=2048)
def bones(text: str) -> str:
    """Return what a text is compared by: its letters, without case, repeats of one letter, or style."""
    kept: list[str] = []
    for char in unicodedata.normalize("NFKC", text).casefold():
        if char.isalpha() and char not in kept[-1:]:
            kept.append(char)
            if len(kept) == _COMPARED:
                break
    # What has no letters is only like itself.
    return "".join(kept) or text


def alike(one: str, other: str) -> bool:
    """Say whether two texts say much the same."""
    return _nearest(bones(one), [bones(other)]) is not None


def _nearest(text: str, others: list[str]) -> int | None:
    if len(text) < _SHORT:
        return others.index(text) if text in others else None
    found = process.extractOne(text, others, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return None if found is None else int(found[2])


def put(held: Mapping[str, Held], message: Held) -> Held:
    """Return a message with the pile it belongs to among those that wait already."""
    # One text for each pile, the oldest that still waits: it may not be the one the pile is named after.
    heads = {waiting.pile: bones(waiting.text) for waiting in reversed(list(held.values()))}
    nearest = _nearest(bones(message.text), list(heads.values()))
    return replace(message, pile=message.message_id if nearest is None else list(heads)[nearest])


def put_all(messages: Iterable[Held]) -> dict[str, Held]:
    """Return messages by id, oldest first, each in its pile."""
    heads: dict[str, str] = {}
    placed: dict[str, Held] = {}
    for message in messages:
        text = bones(message.text)
        nearest = _nearest(text, list(heads.values()))
        pile = message.message_id if nearest is None else list(heads)[nearest]
        heads.setdefault(pile, text)
        placed[message.message_id] = replace(message, pile=pile)
    return placed
