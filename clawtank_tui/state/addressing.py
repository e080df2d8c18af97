"""Whom a line is about: authors by name, by name and tag, or by tag alone, wherever a line names one.

Names may have spaces, so that what is a name is known only by who is there: the longest that fits is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clawtank_tui.state.names import DOT, GUEST, clashing, tag
from clawtank_tui.state.talk import Fate

if TYPE_CHECKING:
    from clawtank_tui.state.talk import ChatMessage, Talk

_BEFORE = f"@{GUEST}{DOT}"
"""What may stand before a name and is no part of it."""
_AFTER = " ,:"


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who said something, or whom this viewer ignores.

    Attributes:
        called: How to name them so that nobody else is meant, if that is possible.
    """

    spectator_id: str
    name: str
    called: str


class Unclear(Exception):
    """A line names nobody who is here, or more than one; the text is a sentence."""


def authors(talk: Talk, me: str) -> tuple[Author, ...]:
    """Return who said something, the latest first, without the viewer themselves."""
    alike = clashing(talk.messages)
    found: dict[str, Author] = {}
    for message in reversed(talk.messages):
        who = message.spectator_id
        if who and who != me and who not in found and message.fate is Fate.SHOWN:
            found[who] = _author(who, message.name, tagged=who in alike)
    return tuple(found.values())


def ignored(talk: Talk) -> tuple[Author, ...]:
    """Return whom this viewer ignores, the latest first."""
    names = list(talk.ignored.values())
    return tuple(
        _author(who, name, tagged=names.count(name) > 1) for who, name in reversed(list(talk.ignored.items()))
    )


def _author(who: str, name: str, *, tagged: bool) -> Author:
    return Author(who, name, f"{name}{DOT}{tag(who)}" if tagged else name)


def named(text: str, among: Sequence[Author]) -> tuple[Author | None, str]:
    """Return the author that a text begins with, and the rest of the text; None if it begins with none.

    Raises:
        Unclear: If several have that name.
    """
    start = text.lstrip()
    start = start[1:] if start[:1] and start[0] in _BEFORE else start
    best, length = [], 0
    for author in among:
        reach = max((len(form) for form in _forms(author) if _begins(start, form)), default=0)
        if reach > length:
            best, length = [author], reach
        elif reach and reach == length:
            best.append(author)
    if not best:
        return None, text
    if len(best) > 1:
        either = " or ".join(f"{author.name}{DOT}{tag(author.spectator_id)}" for author in best[:4])
        raise Unclear(f"Several here are called {best[0].name}: say {either}.")
    return best[0], start[length:].lstrip(_AFTER)


def latest_of(talk: Talk, author: Author) -> ChatMessage | None:
    """Return the last thing an author said."""
    said = (one for one in reversed(talk.messages) if one.fate is Fate.SHOWN)
    return next((one for one in said if one.spectator_id == author.spectator_id), None)


def _forms(author: Author) -> Iterable[str]:
    short = tag(author.spectator_id)
    return author.name, f"{author.name}{DOT}{short}", short


def _begins(text: str, form: str) -> bool:
    after = text[len(form) : len(form) + 1]
    return (not after or after in _AFTER) and text[: len(form)].casefold() == form.casefold()
