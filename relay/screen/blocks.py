"""Find whole blocks: their lines are harmless one by one, and tell too much together.

So a block becomes one short mark. What it looks like is a row of `block_kinds`; one
scanner here reads the text once for each kind whose gate is in it.
"""

from __future__ import annotations

import re

from relay.screen.block_kinds import BLOCKS, TAGGED, Block

_LEAD_LINES = 6
"""How many lines of a message may stand between an error's name and its first frame."""

_AND = frozenset(("", "and", "or", "to", "…", "...", ",", "/", "-", "–", "…"))
"""What stands between two tags in a sentence about them."""


def find_blocks(text: str) -> list[tuple[int, int, str, str]]:
    """Return the blocks of a text as (start, end, mark, name), in the order of the table."""
    found = _find_tagged(text) if "<" in text or "[" in text else []
    if "\n" not in text:
        return found
    lines: list[tuple[int, str]] | None = None
    for block in BLOCKS:
        if any(gate in text for gate in block.gates):
            lines = _lines(text) if lines is None else lines
            found += _scan(block, lines)
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    lines = []
    at = 0
    for line in text.split("\n"):
        lines.append((at, line))
        at += len(line) + 1
    return lines


def _scan(block: Block, lines: list[tuple[int, str]]) -> list[tuple[int, int, str, str]]:
    found = []
    index = 0
    while index < len(lines):
        if not block.opens.match(lines[index][1]):
            index += 1
            continue
        first = last = index
        frames = 0
        while index < len(lines):
            line = lines[index][1]
            if block.frame.match(line):
                frames += 1
                last = index
            elif index > first and not block.between.match(line):
                break
            index += 1
        # The run is not looked at again, whatever came of it: no part of it holds more frames than the whole.
        if frames + 1 < block.least:
            continue
        message = _lead(block, lines, first)
        if frames + (message < first) < block.least:
            continue
        first = message
        end = _tail(block, lines, last)
        found.append((lines[first][0], lines[end][0] + len(lines[end][1]), block.mark, block.name))
        index = max(index, end + 1)
    return found


def _lead(block: Block, lines: list[tuple[int, str]], first: int) -> int:
    earliest = first
    for index in range(first - 1, max(first - 1 - _LEAD_LINES, -1), -1):
        if block.lead.match(lines[index][1]):
            earliest = index
    return earliest


def _tail(block: Block, lines: list[tuple[int, str]], last: int) -> int:
    following = last + 1
    return following if following < len(lines) and block.tail.match(lines[following][1]) else last


def _find_tagged(text: str) -> list[tuple[int, int, str, str]]:
    found = []
    folded = text.lower()
    for tagged in TAGGED:
        at = 0
        unclosed: set[str] = set()
        while match := tagged.opens.search(text, at):
            at = match.end()
            closing = f"</{match['tag']}" if match["tag"] else f"[/{match['bracket']}]"
            closing = closing.lower()
            end = -1 if closing in unclosed else folded.find(closing, at)
            if end < 0:
                # Asked once per tag: a text full of opening tags must not be searched for each of them.
                unclosed.add(closing)
                if not _begins_block(text, match):
                    continue
                end = at = len(text)
            elif text[at:end].strip().lower() in _AND:
                continue
            else:
                closed = folded.find(">", end) if match["tag"] else end + len(closing) - 1
                at = end = len(text) if closed < 0 else closed + 1
            found.append((match.start(), end, tagged.mark, tagged.name))
    return found


def _begins_block(text: str, match: re.Match[str]) -> bool:
    """Say whether an opening tag without its end begins a line and has a text after it."""
    before = text[max(0, match.start() - 40) : match.start()]
    return (
        match["tag"] is not None and not before.rpartition("\n")[2].strip() and len(text) - match.end() > 20
    )
