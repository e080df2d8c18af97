"""Repeats: of one's own words at once, of others' when too many say them; a cheering crowd may cheer.

How many may say the same depends on its length: «gg» is said by everybody, and two people rarely hit on the
same fifty letters. Numbers tell short messages apart («test 14 passed») and are a disguise in long ones.
"""

from __future__ import annotations

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
_NUMBERED = 32
"""Letters from which on a number is a disguise."""
_ALIKE, _COPIED = 90.0, 97.0
"""Similarity, in percent, from which on two messages are nearly the same, and one a copy of the other."""
_ALIKE_BY_ONE, _LONG = 84.0, 28
"""Similarity from which on those of one author are, and letters that it takes."""
_CROWDS = ((48, 1, 4), (28, 2, 6), (_COMPARABLE, 3, 8))
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
    same = sum(other.folded == folded and other.author == author for other in lately)
    if not short:
        same += sum(other.folded == folded for other in refused)
    if same >= (_EXCLAIMED if short else 1):
        return refuse(
            "repeat",
            "You said this a moment ago. Say something else, or wait two minutes.",
            f"said {same + 1} times within two minutes",
        )
    alike = _alike(said, lately)
    if not alike:
        return ALLOWED
    near = [other for other, _ in alike if other.author == author]
    if len(near) > 1 or (near and not _corrects(said, near[0])):
        return refuse(
            "near_repeat",
            "You said nearly this a moment ago. Say something else, or wait.",
            f"nearly the same {len(near) + 1} times within two minutes",
        )
    return _crowd(said, alike)


def _crowd(said: Remark, alike: Sequence[tuple[Remark, float]]) -> Verdict:
    others = {other.author: similarity for other, similarity in alike if other.author != said.author}
    _, held_from, refused_from = next(crowd for crowd in _CROWDS if len(said.folded) >= crowd[0])
    if held_from == 1 and others and max(others.values()) < _COPIED:
        # One other with nearly the same may be chance, or an answer that quotes.
        held_from = 2
    if len(others) < held_from:
        return ALLOWED
    detail = f"{len(others)} others said nearly the same within two minutes"
    if len(others) >= refused_from:
        return refuse("crowd", "Many have said this already. Say something else.", detail)
    return hold("crowd", detail, "Others are saying the same. A moderator will look.")


def _alike(said: Remark, lately: Sequence[Remark]) -> list[tuple[Remark, float]]:
    """Return those that say nearly the same, and how nearly, in percent."""
    length = len(said.folded)
    if length < _COMPARABLE:
        return []
    texts = [other.folded for other in lately]
    found = process.extract(said.folded, texts, scorer=fuzz.ratio, score_cutoff=_ALIKE_BY_ONE, limit=None)
    alike = {index: similarity for _, similarity, index in found}
    alike |= {index: 100.0 for index, other in enumerate(lately) if other.words == said.words}
    return [
        (lately[index], similarity)
        for index, similarity in alike.items()
        if _near(said, lately[index], similarity)
    ]


def _near(said: Remark, other: Remark, similarity: float) -> bool:
    shorter = min(len(said.folded), len(other.folded))
    if similarity < _ALIKE and (said.author != other.author or shorter < _LONG):
        return False
    return said.digits == other.digits or shorter >= _NUMBERED


def _corrects(said: Remark, earlier: Remark) -> bool:
    """Say whether one message may be a correction of the other: its words changed, not its numbers or order.

    What is added with a digit in it is the tail that makes spam look new.
    """
    new, old = Counter(said.words), Counter(earlier.words)
    changed = [*(new - old), *(old - new)]
    return bool(changed) and all(word.isalpha() for word in changed)
