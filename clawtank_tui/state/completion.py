"""What Tab makes of a line that is being written: commands at its beginning, else names of who is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clawtank_tui.state.names import GUEST

_MOST_WORDS = 4
"""Words of a name that has spaces and is not finished."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Texts that may stand in place of `start … end - 1` of the line, the best first."""

    start: int
    end: int
    texts: tuple[str, ...]


def complete(line: str, cursor: int, names: Sequence[str], commands: Sequence[str]) -> Completion | None:
    """Say how the word before the cursor may go on; None if nothing fits.

    Args:
        line: What is written.
        cursor: Characters of it that are before the cursor.
        names: Who is here, the most likely first.
        commands: Names of commands, without the slash.
    """
    before = line[:cursor]
    if before.startswith("/") and " " not in before:
        fitting = tuple(f"/{name} " for name in commands if name.startswith(before[1:].casefold()))
        return Completion(0, cursor, fitting) if fitting else None
    starts = [index for index in range(cursor) if index == 0 or before[index - 1] == " "]
    for start in starts[-_MOST_WORDS:]:  # the longest beginning of a name first
        sign = before[start : start + 1] if before[start : start + 1] in ("@", GUEST) else ""
        begun = before[start + len(sign) :].casefold()
        kept = "@" if sign == "@" else ""
        fitting = tuple(f"{kept}{name} " for name in names if name.casefold().startswith(begun))
        if begun and fitting:
            return Completion(start, cursor, fitting)
    return None
