"""Reads the structure of a pattern, to see that its work grows with the text and no faster."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

ENDLESS = 600
"""A repetition that may go on longer than this counts as one without end."""
REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def parts(operation: Any, argument: Any) -> list[Sequence[Any]]:
    """Return the sequences inside one node of a parsed pattern."""
    if operation in REPEATS:
        return [argument[2]]
    if operation is sre.SUBPATTERN:
        return [argument[3]]
    if operation is sre.BRANCH:
        return list(argument[1])
    if operation in (sre.ASSERT, sre.ASSERT_NOT):
        return [argument[1]]
    return [argument] if operation is sre.ATOMIC_GROUP else []


def faults(sequence: Sequence[Any], inside: bool = False, open_end: bool = False) -> Iterator[str]:
    """Name every endless repetition inside a repetition, and every two with nothing certain between them."""
    for operation, argument in sequence:
        repeats = operation in REPEATS
        endless = repeats and argument[1] > ENDLESS
        if endless and inside:
            yield "an endless repetition inside a repetition"
        if endless and open_end:
            yield "two endless repetitions side by side"
        for part in parts(operation, argument):
            yield from faults(part, inside or (repeats and argument[1] > 1), open_end)
        optional = repeats and argument[0] == 0
        zero_width = operation in (sre.ASSERT, sre.ASSERT_NOT, sre.AT)
        if endless:
            open_end = True
        elif not optional and not zero_width:
            open_end = operation in (sre.SUBPATTERN, sre.BRANCH) and any(
                part and part[-1][0] in REPEATS and part[-1][1][1] > ENDLESS
                for part in parts(operation, argument)
            )


def not_linear(pattern: re.Pattern[str]) -> list[str]:
    """Name what could make a pattern slower than linear."""
    return list(faults(_parser.parse(pattern.pattern, pattern.flags)))
