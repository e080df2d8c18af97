"""Names in the chat: who is a guest, and who of two that read alike is which.

A name is what somebody chose; who they are is their id, of which `tag` makes a few letters that stay the same
for as long as they are in the room. Told apart without colour: a guest's name begins with `~`, which no other
does, a verified viewer's ends with ✔, and who answers from inside is called what they are (CHAT-6).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol
from zlib import crc32

if TYPE_CHECKING:
    from clawtank_tui.state.talk import ChatMessage

GUEST = "~"
"""Before the name of whoever has no token."""
DOT = "·"
"""Between a name and a tag."""
ANONYMOUS_NAME = "Anonymous Viewer"
"""What the relay calls who chose no name: nobody's name in particular."""

_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"
_ALIKE = str.maketrans(
    "0135789$@|!аеорсухіјѕһԁԛԝкмтвнгпзбαβεηικνορτυχγω",
    "oiestbgsaliaeopcyxijshdqwkmtbhrnebabenikvoptuxyw",
)
"""Digits and letters of other alphabets that pass for Latin ones, after case folding."""
_DRAWN_ALIKE = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("l", "i"))


@lru_cache(maxsize=1024)
def tag(spectator_id: str) -> str:
    """Return three letters that stand for an id, like `k7q`: never a word, because of the digit."""
    number = crc32(spectator_id.encode("utf-8", "replace"))
    number, first = divmod(number, len(_LETTERS))
    number, digit = divmod(number, len(_DIGITS))
    return _LETTERS[first] + _DIGITS[digit] + _LETTERS[number % len(_LETTERS)]


@lru_cache(maxsize=1024)
def skeleton(name: str) -> str:
    """Return what is left of a name when all that looks alike is taken for the same."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char for char in plain if char.isalnum() or char in "$@|!").translate(_ALIKE)
    for drawn, alike in _DRAWN_ALIKE:
        letters = letters.replace(drawn, alike)
    return letters


class Written(Protocol):
    """Anything that somebody wrote."""

    @property
    def spectator_id(self) -> str:
        """Who."""

    @property
    def name(self) -> str:
        """Under which name."""


def clashing(messages: Iterable[Written]) -> frozenset[str]:
    """Return the ids of authors whose name is, or reads like, that of another author."""
    bearers: dict[str, set[str]] = {}
    for message in messages:
        bearers.setdefault(skeleton(message.name), set()).add(message.spectator_id)
    return frozenset(one for ids in bearers.values() if len(ids) > 1 for one in ids)


def is_guest(message: ChatMessage) -> bool:
    """Say whether the author has no token."""
    return message.author_type == "spectator" and message.author_state == "anonymous"


def label(message: ChatMessage, alike: frozenset[str]) -> str:
    """Return an author's name as it is shown: `~ken`, `marta`, `~ken·k7q` where another reads like it."""
    mark = GUEST if is_guest(message) else ""
    return mark + message.name + (DOT + tag(message.spectator_id) if message.spectator_id in alike else "")
