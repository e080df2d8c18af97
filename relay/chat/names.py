"""What viewers are called: names chosen freely, except that none passes for somebody else's.

Spec: Spectator Chat System (CHAT-6, CHAT-7). A name that reads like that of somebody in charge, of a
participant or of a registered viewer is marked where others see it, and refused where it is asked for in the
middle. Names are compared by their `skeleton`: 𝐇ost, h0st, H-o-s-t and hоst with a Cyrillic о are one.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from relay.chat.lookalikes import plain, skeleton
from relay.rooms.admission import ViewerState

if TYPE_CHECKING:
    from collections.abc import Collection

ANONYMOUS_NAME = "Anonymous Viewer"
MARK = " (viewer)"
"""Follows a name that could be taken for another's."""


def _skeletons(words: str) -> frozenset[str]:
    return frozenset(map(skeleton, words.split()))


_OFFICES = _skeletons("host cohost moderator mod admin administrator operator owner staff")
_RESERVED = _OFFICES | _skeletons(
    "participant official system relay clawtank"
    " anfitrion moderador moderadora moderateur animateur gastgeber veranstalter organizador"
    " хост ведущий модератор админ администратор"
)
_UNSPACED = ("主持人", "管理员", "管理員", "管理者", "房主", "ホスト", "モデレーター", "진행자", "관리자")
"""In scripts without spaces between words, any part of a name counts."""
_BEFORE = _skeletons("the real official room chat stream super head chief your our its iam im ask mr ms x xx")
_AFTER = _skeletons("s bot team official real account support desk here x xx")
_DRESSED = frozenset(
    before + office + after for office in _OFFICES for before in {"", *_BEFORE} for after in {"", *_AFTER}
)
"""An office with what people put around it without a space; «nomad» and «Adminia» are none of them."""

_WORD = re.compile(r"[^\W_]+")
_SPACED_OUT = re.compile(r"\b\w(?:[\W_]{1,9}\w\b){1,50}")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_IN_BRACKETS = re.compile(r"\s*[(\[{<«【][^()\[\]{}<>«»【】]*[)\]}>»】]\s*$")
_DOUBLED = re.compile(r"(.)\1+")


class Present:
    """The registered viewers who are in a room, by how their names read."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._here: Counter[str] = Counter()

    def enter(self, name: str) -> None:
        """Note that somebody of this name is here; once for each connection."""
        self._here[skeleton(name)] += 1

    def leave(self, name: str) -> None:
        """Note that one of their connections is gone."""
        read = skeleton(name)
        self._here[read] -= 1
        if self._here[read] <= 0:
            del self._here[read]

    def __contains__(self, read: object) -> bool:
        """Say whether somebody is here whose name reads like this."""
        return read in self._here


NOBODY = Present()


class _Claim(StrEnum):
    """Whom a name could be taken for."""

    OFFICE = "somebody in charge of this room"
    PRESENT = "somebody who is here"


def display_name(
    chosen: str,
    state: ViewerState,
    account: str,
    participants: Collection[str],
    registered: Present = NOBODY,
) -> str:
    """Return the name others see.

    Args:
        chosen: What an anonymous viewer wants to be called, cleaned; may be empty.
        state: How well the relay knows the viewer.
        account: What the account of a registered viewer is called.
        participants: Names of those in the room, as spectators read them.
        registered: Registered viewers who are here.
    """
    if state is not ViewerState.ANONYMOUS:
        return account
    if not chosen:
        return ANONYMOUS_NAME
    return f"{chosen}{MARK}" if _claim(chosen, participants, registered) else chosen


def problem_with_name(chosen: str, participants: Collection[str], registered: Present = NOBODY) -> str:
    """Say in a sentence why a viewer cannot take a name; empty if it can."""
    claim = _claim(chosen, participants, registered) if chosen else None
    return f"This name could be taken for {claim}. Choose another." if claim else ""


def _claim(name: str, participants: Collection[str], registered: Present) -> _Claim | None:
    if _is_office(name):
        return _Claim.OFFICE
    # Clients write «Paul (agent)» for a participant called Paul.
    readings = {skeleton(name), skeleton(_IN_BRACKETS.sub("", name) or name)}
    taken = (skeleton(other) in readings for other in participants)
    if any(read in registered for read in readings) or any(taken):
        return _Claim.PRESENT
    return None


@lru_cache(maxsize=1024)
def _is_office(name: str) -> bool:
    """Say whether a word of a name, or all of it together, is an office."""
    words = {name, *_WORD.findall(plain(name)), *_WORD.findall(plain(_HUMP.sub(" ", name)))}
    words.update(_SPACED_OUT.findall(plain(name)))
    read = {skeleton(form) for word in words for form in (word, word.strip("0123456789 _-.")) if form}
    read |= {_DOUBLED.sub(r"\1", word) for word in read}
    return (
        not read.isdisjoint(_RESERVED)
        or not read.isdisjoint(_DRESSED)
        or any(map(name.__contains__, _UNSPACED))
    )
