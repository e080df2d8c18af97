"""Take secrets and personal data out of free text, and leave everything else byte for byte as it was.

Spec: Event Sanitization Pipeline, `sanitizeContent`. The spec's own pattern would redact every commit
hash; this is a table of rules instead, each with a name, what it means, and the short mark it leaves behind.

The order: the text's view without disguises (`view`), whole blocks (`blocks`, `rules_blocks`), known shapes
and prefixes (`rules_shapes`, `rules_keys`, `rules_services`), values by their place (`rules_assigned`),
personal data (`rules_personal`). Overlapping finds become one. The work is linear in the text: see `rule`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from relay.screen import (
    rules_assigned,
    rules_blocks,
    rules_keys,
    rules_personal,
    rules_services,
    rules_shapes,
    seed_phrase,
)
from relay.screen.block_kinds import BLOCKS, TAGGED
from relay.screen.blocks import find_blocks
from relay.screen.gates import Gates
from relay.screen.rule import Rule, what_goes
from relay.screen.unremarkable import Unremarkable
from relay.screen.view import folded, joined, view, without_breaks

RULES: tuple[Rule, ...] = (
    *rules_blocks.RULES,
    *rules_shapes.RULES,
    *rules_keys.RULES,
    *rules_services.RULES,
    *rules_assigned.RULES,
    *rules_personal.RULES,
)

MARKS = frozenset(
    {
        *(rule.mark for rule in RULES),
        *(block.mark for block in BLOCKS),
        *(tagged.mark for tagged in TAGGED),
        seed_phrase.MARK,
    }
)
"""Everything that may stand in the place of something hidden."""


def _by_gate(places: Iterable[int]) -> Gates:
    table: dict[str, tuple[int, ...]] = {}
    for place in places:
        for gate in RULES[place].gates:
            table[gate] = (*table.get(gate, ()), place)
    return Gates(table)


_GATES = _by_gate(range(len(RULES)))
"""Every gate, with the places in the table of the rules it opens."""
_WRAPPING_GATES = _by_gate(place for place, rule in enumerate(RULES) if rule.may_wrap)

_UNREMARKABLE = Unremarkable()
"""Of this process, for all rooms: what a text holds does not depend on where it is said."""

_DENSE = 60
"""More gates of one rule than this are many."""


class Find(NamedTuple):
    """One part of a text that nobody may read.

    Attributes:
        start: Where it begins.
        end: Where it ends, exclusive.
        mark: What stands in its place.
        rule: The name of what found it.
    """

    start: int
    end: int
    mark: str
    rule: str


def redact(text: str) -> str:
    """Return the text with every find replaced by its mark; without any, the very same text.

    Applying it twice changes nothing more.
    """
    if text in _UNREMARKABLE:
        return text
    finds = find(text)
    if not finds:
        _UNREMARKABLE.add(text)
    return with_marks(text, finds)


def with_marks(text: str, finds: list[Find]) -> str:
    """Return the text with the finds, which are in order and apart, replaced by their marks."""
    if not finds:
        return text
    pieces: list[str] = []
    at = 0
    for one in finds:
        # An escape character before a mark would make its first letters the end of a sequence.
        pieces += (text[at : one.start].rstrip("\x1b\x9b"), one.mark)
        at = one.end
    return "".join((*pieces, text[at:]))


def find(text: str) -> list[Find]:
    """Return what has to go, in the order of the text, without overlaps."""
    seen = view(text)
    lower = folded(seen.text)
    found = [
        *find_blocks(seen.text),
        *((*span, seed_phrase.MARK, seed_phrase.NAME) for span in seed_phrase.find_seed_phrases(seen.text)),
    ]
    taken: set[tuple[int, int]] = set()
    for rule, gates in _open_to(lower, _GATES):
        for match in _matches(rule, gates, seen.text, lower, taken):
            taken.add(what_goes(match))
            found.append((*what_goes(match), rule.mark, rule.name))
    if "\n" in seen.text:
        found += _wrapped(seen.text)
    if not found:
        return []
    return apart([Find(*seen.original(start, end), mark, name) for start, end, mark, name in found])


def _open_to(lower: str, gates: Gates) -> list[tuple[Rule, Sequence[str]]]:
    """Return the rules that have gates in the lower-case text, with these, in the order of the table."""
    opened = [(RULES[place], found) for place, found in sorted(gates.opened(lower).items())]
    return [
        (rule, found) for rule, found in opened if not rule.needs or any(sign in lower for sign in rule.needs)
    ]


def _matches(
    rule: Rule, gates: Sequence[str], text: str, lower: str, taken: Collection[tuple[int, int]] = ()
) -> Iterator[re.Match[str]]:
    """Yield what a rule finds and accepts; where its gates begin it, only these places are tried.

    What an earlier rule took is not judged again: the first one names it.

    Args:
        rule: The rule.
        gates: Those of its gates that are in the text; it may be all of them.
        text: Where to look.
        lower: The same in lower case.
        taken: What earlier rules took.
    """
    # A token's pattern begins with a literal; where these are dense, `re` leaps from one to the next faster.
    dense = rule.may_wrap and sum(map(lower.count, gates)) > _DENSE
    from_gates = rule.begins and not dense
    found = _from_gates(rule, gates, text, lower) if from_gates else rule.pattern.finditer(text)
    for match in found:
        if what_goes(match) not in taken and (rule.accepts is None or rule.accepts(match)):
            yield match


def _from_gates(rule: Rule, gates: Sequence[str], text: str, lower: str) -> Iterator[re.Match[str]]:
    places: set[int] = set()
    for gate in gates:
        at = lower.find(gate)
        while at >= 0:
            places.add(at)
            at = lower.find(gate, at + 1)
    end = 0
    for place in sorted(places):
        if place >= end and (match := rule.pattern.match(text, place)):
            end = match.end()
            yield match


def _wrapped(text: str) -> list[tuple[int, int, str, str]]:
    """Find the tokens that a line break splits.

    In the joined lines a token also swallows the word that begins the line after it. So the last line's part
    goes with the rest only if the rest alone is no token, or if it looks like one's end itself.
    """
    rules = [rule for rule, _ in _open_to(without_breaks(text).lower(), _WRAPPING_GATES)]
    if not rules:
        return []
    whole = joined(text)
    lower = folded(whole.text)
    found = []
    for rule in rules:
        for match in _matches(rule, rule.gates, whole.text, lower):
            start, end = whole.original(*match.span())
            while "\n" in text[start:end]:
                head, _, last = text[start:end].rpartition("\n")
                alone = rule.pattern.match(text, start, start + len(head.rstrip(" \t\\\r")))
                if alone is None or _is_end_of_token(last.lstrip(" \t>|")):
                    found.append((start, end, rule.mark, rule.name))
                    break
                end = alone.end()
    return found


def _is_end_of_token(part: str) -> bool:
    digits = sum(char.isdigit() for char in part)
    return 0 < digits < len(part) >= 4 or (not part.islower() and not part.istitle() and len(part) >= 4)


def apart(finds: list[Find]) -> list[Find]:
    """Resolve overlaps: a wider find takes those inside it; otherwise the one found first has its part."""
    kept: list[Find] = []
    for one in sorted(finds, key=lambda find: (find.start, -find.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end:
            # They overlap in part: together they are one.
            kept[-1] = Find(kept[-1].start, one.end, kept[-1].mark, kept[-1].rule)
    return kept
