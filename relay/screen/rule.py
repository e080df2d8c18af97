"""What a rule of the redaction table is, and the pieces that patterns share.

Three properties keep the table fast enough for untrusted input; a test holds each rule to them:

- *Literal gates*: a rule's pattern is tried only on a text that holds one of its gates; where every match
  begins with a gate, only at these places. Finding a literal costs a hundredth of trying a pattern.
- *Bounded quantifiers*: what repeats without end is never beside or inside something else that does, and
  starts only at a literal or where a run starts, so that no character is scanned twice.
- *Judgement after the match*: what no pattern can say ("holds a digit", "is no placeholder") is
  asked of the match by `accepts`, not searched for by backtracking.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

KEY = "[KEY]"
EMAIL = "[EMAIL]"
USER = "[USER]"
IP = "[IP]"
HOST = "[HOST]"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing that no spectator may read.

    Attributes:
        name: Short, unique, for tests, documentation and dry runs.
        meaning: What a match is, for people.
        gates: Lower-case literals; a text without any of them cannot match.
        pattern: What goes: the group that matched, or the whole match where the pattern has no groups.
        goes: An example that must go. `‹b36›` stands for 36 random characters: b letters and digits,
            h hexadecimal, n digits, u upper case and digits, l lower case and digits.
        stays: An example that must stay.
        mark: What stands in its place.
        accepts: The last word about a match.
        needs: A second gate: a text without any of these cannot match either; empty for none.
        begins: Every match begins with one of the gates, in whatever case.
        may_wrap: The secret is one long run of characters, and is recognised when a line break splits it.
    """

    name: str
    meaning: str
    gates: tuple[str, ...]
    pattern: re.Pattern[str]
    goes: str
    stays: str
    mark: str = KEY
    accepts: Callable[[re.Match[str]], bool] | None = None
    needs: tuple[str, ...] = ()
    begins: bool = False
    may_wrap: bool = False


def what_goes(match: re.Match[str]) -> tuple[int, int]:
    """Return the span of the part of a match that goes."""
    return match.span(match.lastindex or 0)
