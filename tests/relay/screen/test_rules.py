"""Locks: every rule does what its row says, is explained in the documentation, and cannot be made slow."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from relay.screen import seed_phrase, view
from relay.screen.block_kinds import BLOCKS, TAGGED
from relay.screen.redact import RULES, find, redact
from relay.screen.rule import Rule
from support.leaks import examples
from support.linear import REPEATS, faults, not_linear

DOCUMENT = Path(__file__).parents[3] / "docs" / "redaction.md"
EXAMPLES = list(examples())


@pytest.mark.parametrize(
    ("name", "mark", "goes", "stays"), EXAMPLES, ids=[example[0] for example in EXAMPLES]
)
def test_a_rule_takes_its_example_and_leaves_the_other(name: str, mark: str, goes: str, stays: str):
    assert name in {one.rule for one in find(goes)}
    assert mark in redact(goes)
    assert redact(stays) is stays


def test_every_row_has_a_name_of_its_own_a_meaning_and_usable_gates():
    rows = (*RULES, *BLOCKS, *TAGGED)
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.meaning and row.goes and row.stays for row in rows)
    for rule in RULES:
        assert rule.gates
        assert all(gate and gate == gate.lower() for gate in rule.gates)
    assert all(block.gates for block in BLOCKS)


def test_the_table_names_sixty_providers():
    assert sum(rule.may_wrap for rule in RULES) >= 60


def test_the_documentation_lists_every_row_and_no_other():
    documented = re.findall(r"^\| `([a-z0-9-]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert documented == [*(row.name for row in (*RULES, *BLOCKS, *TAGGED)), seed_phrase.NAME]


@pytest.mark.parametrize("name", [row.name for row in (*RULES, *BLOCKS, *TAGGED)])
def test_the_documentation_shows_a_row_as_the_code_has_it(name: str):
    row = next(row for row in (*RULES, *BLOCKS, *TAGGED) if row.name == name)
    assert f"| `{name}` | {cell(row.meaning)} | `{row.mark}` |" in DOCUMENT.read_text(encoding="utf-8")


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for rule in RULES:
        yield rule.name, rule.pattern
    for block in BLOCKS:
        for part in ("opens", "frame", "between", "lead", "tail"):
            yield f"{block.name}-{part}", getattr(block, part)
    for tagged in TAGGED:
        yield tagged.name, tagged.opens
    yield "disguise", view._DISGUISE
    yield "break", view._BREAK
    yield "between-words", seed_phrase._BETWEEN


PATTERNS = dict(patterns())


def beginnings(sequence: Sequence[Any]) -> set[str]:
    """Return what a match can begin with, in lower case, each as far as it is literal."""
    found = {""}
    for operation, argument in sequence:
        following = next_parts(operation, argument)
        if following is None:
            return {f"{start}\0" for start in found}
        found = {start if start.endswith("\0") else start + more for start in found for more in following}
        if all(start.endswith("\0") or len(start) > 40 for start in found):
            break
    return found


def next_parts(operation: Any, argument: Any) -> set[str] | None:
    """Return what one node of a pattern can be; None if that is too much to tell."""
    if operation is sre.LITERAL:
        return {chr(argument).lower()}
    if operation is sre.IN and all(kind is sre.LITERAL or kind is sre.RANGE for kind, _ in argument):
        spans = [(one, one) if kind is sre.LITERAL else one for kind, one in argument]
        chars = {chr(code).lower() for first, last in spans for code in range(first, last + 1)}
        return chars if len(chars) <= 8 else None
    if operation is sre.BRANCH:
        return set().union(*(beginnings(branch) for branch in argument[1]))
    if operation is sre.SUBPATTERN:
        return beginnings(argument[3])
    if operation in REPEATS:
        once = beginnings(argument[2])
        least, most, _ = argument
        ended = once if most == 1 else {f"{start * max(least, 1)}\0" for start in once}
        return ended | {""} if least == 0 else ended
    zero_width = operation in (sre.ASSERT, sre.ASSERT_NOT, sre.AT)
    return {""} if zero_width else None


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.begins], ids=lambda rule: rule.name)
def test_where_the_gates_are_said_to_begin_a_match_they_do(rule: Rule):
    starts = beginnings(_parser.parse(rule.pattern.pattern, rule.pattern.flags))
    assert [start for start in starts if not start.startswith(rule.gates)] == []


def test_other_beginnings_would_be_seen():
    assert beginnings(_parser.parse("(?i:a[BC]d?)e[a-z]")) == {"abde\0", "abe\0", "acde\0", "ace\0"}
    assert beginnings(_parser.parse("(?<!x)(?:ab|c{2,3}|[^d])e")) == {"abe", "cc\0", "\0"}


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_the_structure_of_every_pattern_is_linear(name: str):
    assert not_linear(PATTERNS[name]) == []


@pytest.mark.parametrize(
    "pattern", ["(?:a+)+", "a+a+b", "a*(?:b)?a*", "(?:ab{2,9000})*", "(?:a|b+)*", "(a+)a*", "a+(?:a+)b"]
)
def test_a_structure_that_is_not_linear_would_be_refused(pattern: str):
    assert list(faults(_parser.parse(pattern)))
