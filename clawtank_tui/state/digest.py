"""A run of rows in few words: who, how many of what, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clawtank_tui.state.lines import UNICODE, Role, Signs, Span, sentence

if TYPE_CHECKING:
    from clawtank_tui.state.model import Row


def heading(rows: Sequence[Row], signs: Signs = UNICODE) -> tuple[Span, ...]:
    """Say who did how much; the first part is the actor."""
    newest = rows[-1]
    if newest.type == "git.commit":
        return _commits(rows, signs)
    return _actor(newest, signs), Span(_count(len(rows), "update"), Role.VERB)


def newest_words(rows: Sequence[Row], signs: Signs = UNICODE) -> tuple[Span, ...]:
    """Say what the newest of them says, without its actor."""
    newest = rows[-1]
    if newest.type == "git.commit":
        fields = newest.fields
        return Span(f"{fields.get('sha', '')} ", Role.NUMBER), Span(fields.get("message", ""), Role.OBJECT)
    _, _, *said = sentence(newest, signs)
    return tuple(said)


def _commits(rows: Sequence[Row], signs: Signs) -> tuple[Span, ...]:
    newest = rows[-1]
    spans = [
        Span(newest.fields["author"], Role.ACTOR),
        Span(_count(len(rows), "commit"), Role.OBJECT),
    ]
    if branch := newest.fields.get("branch"):
        spans.append(Span(f" on {branch}", Role.VERB))
    if any("additions" in row.fields or "deletions" in row.fields for row in rows):
        added = sum(row.fields.get("additions", 0) for row in rows)
        deleted = sum(row.fields.get("deletions", 0) for row in rows)
        spans.append(Span(f"{signs.dot}+{added} {signs.minus}{deleted}", Role.DIM))
    return tuple(spans)


def _actor(row: Row, signs: Signs) -> Span:
    _, actor, *_ = sentence(row, signs)
    return actor


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
