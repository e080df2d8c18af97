"""Repeats: of one's own words at once, of others' when too many say them; a cheering crowd may cheer.

How many may say the same depends on its length: «gg» is said by everybody, and two people rarely hit on the
same thirty letters. Numbers tell messages apart («test 14 passed»), but for a counter before or after one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from relay.chat.filter.verdict import ALLOWED, Verdict, hold, refuse

if TYPE_CHECKING:
    from relay.chat.filter.remarks import Remark

_SHORT = 12
"""Letters up to which a message is an exclamation, «gg» or «lol», that may be said `_EXCLAIMED` times."""
_EXCLAIMED = 3
_COMPARABLE = 16
"""Letters from which on two messages can be told to be nearly the same."""
_ALIKE = 86.0
"""Similarity, in percent, from which on two messages are nearly the same."""
_ALIKE_BY_ONE, _LONG = 75.0, 24
"""Similarity from which on two of one author are, if they have so many letters."""
_TAIL = 14
"""Letters that one author may add to the same and still say nearly the same."""
_STRETCHED = re.compile(r"(.)\1\1")
_CROWDS = ((30, 1, 4), (_COMPARABLE, 3, 8))
"""From how many letters on; how many others may have said it before it is held, and before it is refused."""


def repeats(said: Remark, lately: Sequence[Remark], refused: Sequence[Remark]) -> Verdict:
    """Judge whether a message was said before, by its author or by too many others.

    Args:
        said: The message.
        lately: What was said within the window.
        refused: What its author was refused within the window: who goes on trying does not get through.
    """
    author, folded = said.author, said.folded
    short = len(folded) <= _SHORT
    texts = [other.folded for other in lately]
    same = 0
    if folded in texts:
        own = [other for other in lately if other.author == author and _says(other, said)]
        same = sum(short or other.words == said.words or not _corrects(said, other) for other in own)
    if not short:
        same += sum(_says(other, said) for other in refused)
    if same >= (_EXCLAIMED if short else 1):
        return refuse(
            "repeat",
            "You said this a moment ago. Say something else, or wait two minutes.",
            f"said {same + 1} times within two minutes",
        )
    alike = _alike(said, lately, texts)
    if not alike:
        return ALLOWED
    own = [other for other in alike if other.author == author]
    if len(own) > 1 or (own and not _corrects(said, own[0])):
        return refuse(
            "near_repeat",
            "You said nearly this a moment ago. Say something else, or wait.",
            f"nearly the same {len(own) + 1} times within two minutes",
        )
    return _crowd(said, {other.author for other in alike} - {author})


def _crowd(said: Remark, others: set[str]) -> Verdict:
    # Two people often have the same link.
    crowds = _CROWDS[-1:] if said.links else _CROWDS
    _, held_from, refused_from = next((crowd for crowd in crowds if len(said.folded) >= crowd[0]), crowds[-1])
    if len(others) < held_from:
        return ALLOWED
    detail = f"{len(others)} others said nearly the same within two minutes"
    if len(others) >= refused_from:
        return refuse("crowd", "Many have said this already. Say something else.", detail)
    return hold("crowd", detail, "Others are saying the same. A moderator will look.")


def _says(other: Remark, said: Remark) -> bool:
    return other.folded == said.folded and other.numbers == said.numbers


def _alike(said: Remark, lately: Sequence[Remark], texts: Sequence[str]) -> list[Remark]:
    """Return those that say nearly the same; `texts` are theirs, folded."""
    length = len(said.folded)
    if length < _COMPARABLE:
        return []
    similar = _similar(said, texts, range(len(lately)), _ALIKE)
    own = [index for index, other in enumerate(lately) if other.author == said.author]
    similar |= _similar(said, [texts[index] for index in own], own, _ALIKE_BY_ONE)
    if said.words in [other.words for other in lately]:
        similar |= {index: 100.0 for index, other in enumerate(lately) if other.words == said.words}
    return [
        lately[index]
        for index, similarity in similar.items()
        if _near(said, lately[index], similarity) and lately[index].numbers == said.numbers
    ]


def _similar(said: Remark, texts: Sequence[str], places: Sequence[int], least: float) -> dict[int, float]:
    """Return the places of the texts that are similar to a message, and how similar, in percent."""
    found = process.extract(said.folded, texts, scorer=fuzz.ratio, score_cutoff=least, limit=None)
    return {places[index]: similarity for _, similarity, index in found}


def _near(said: Remark, other: Remark, similarity: float) -> bool:
    if similarity >= _ALIKE:
        return True
    if said.author != other.author:
        return False
    shorter, longer = sorted((said.folded, other.folded), key=len)
    return len(shorter) >= _LONG or (len(longer) - len(shorter) <= _TAIL and shorter in longer)


def _corrects(said: Remark, earlier: Remark) -> bool:
    """Say whether one message may correct the other: a word or two of it changed, and none is a number."""
    new, old = Counter(said.words.split()), Counter(earlier.words.split())
    added, left_out = [*(new - old).elements()], [*(old - new).elements()]
    return (
        0 < len(added) + len(left_out) <= 4
        and abs(len(added) - len(left_out)) <= 1
        and all(word.isalpha() and not _STRETCHED.search(word) for word in (*added, *left_out))
    )
