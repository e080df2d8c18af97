"""The form that most providers' tokens share: a prefix of their own and a long random body.

A token begins where no letter or digit stands before it ("task-…" holds no "sk-…"); any other sign, any
alphabet but ours, may touch it on either side.
"""

from __future__ import annotations

import re

from relay.screen.credible import is_placeholder, is_token
from relay.screen.rule import Rule

ALNUM = "[A-Za-z0-9]"
WORD = "[A-Za-z0-9_-]"

_LITERAL = re.compile(r"[A-Za-z0-9_-]{2,}(?![{?*+])")


def _at_start(pattern: str) -> str:
    """Refuse a token in the middle of a word.

    The look back stands behind the literal that a pattern begins with: `re` finds a literal at once, and
    tries a look back at every character.
    """
    literal = _LITERAL.match(pattern)
    prefix = literal[0] if literal else ""
    return rf"{prefix}(?<!{ALNUM}{prefix}){pattern[len(prefix) :]}"


def is_prefixed(match: re.Match[str]) -> bool:
    """Accept a body that is random, not words or a placeholder."""
    return is_token(match[0])


def _of_this_shape(match: re.Match[str]) -> bool:
    """Accept what has a shape of its own, unless it is a row of the same letters."""
    return not is_placeholder(match[0]) and len(set(match[0])) > 6


def token(
    meaning: str,
    gates: str,
    pattern: str,
    goes: str,
    stays: str = "",
    *,
    exact: bool = False,
    begins: bool = True,
) -> Rule:
    """Describe one provider's token.

    Args:
        meaning: Whose it is.
        gates: Separated by spaces; the first, without its signs, also tells the rule's name apart.
        pattern: The prefix and the body.
        goes: The example.
        stays: Another example than the bare prefix, which must stay for every rule.
        begins: The gates are what it begins with, not what it holds.
        exact: The length and the alphabet say enough; the body need not mix letters and digits.
    """
    first = gates.split()[0]
    return Rule(
        name=re.sub(r"[^a-z0-9]+", "-", meaning.removeprefix("a ").removeprefix("an ").lower()).strip("-"),
        meaning=meaning,
        gates=tuple(gates.split()),
        pattern=re.compile(_at_start(pattern)),
        goes=goes,
        stays=stays or f"they begin with {first} and go on",
        accepts=_of_this_shape if exact else is_prefixed,
        begins=begins,
        may_wrap=True,
    )
