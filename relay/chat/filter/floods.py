"""Too much of one thing in a message: links, names called, capitals, the same words over and over."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from relay.chat.filter.readings import words_of
from relay.chat.filter.remarks import said_once
from relay.chat.filter.verdict import ALLOWED, Verdict, refuse

if TYPE_CHECKING:
    from relay.chat.filter.remarks import Remark


MAX_LINKS, MAX_LINKS_LATELY = 3, 6
"""Links in one message, and of one author within the window."""
MAX_MENTIONS, MAX_MENTIONS_LATELY = 5, 12

_LOUD_WORDS, _LOUD_LETTERS, _LOUD_SHARE = 6, 20, 0.8
_WALL_WORDS, _WALL_LETTERS, _WALL_SHARE = 8, 60, 0.25
_SHORT_WORD = 2.5
"""Letters that words have on average in laughter and cheers, which go on."""
_LONG, _PACKED = 120, 0.14
"""Characters from which on a message is packed to see how much is in it, and what of it has to be left."""
_MARKS = re.compile("[\u0300-\u036f]")
_MANY_MARKS = 20
_TECHNICAL = frozenset(
    """
    SELECT WHERE INSERT UPDATE DELETE CREATE TABLE ALTER INDEX JOIN OFFSET HAVING NULL PRIMARY FOREIGN
    REFERENCES COMMIT ROLLBACK CASCADE UNIQUE DEFAULT VARCHAR INTEGER DISTINCT EXISTS TRUNCATE REVOKE
    PATCH OPTIONS HTTP HTTPS TCP UDP TLS SSL SSH DNS DHCP NAT VPN LAN API RPC GRPC SDK CORS JWT JSON
    YAML TOML XML HTML CSS SQL CSV CLI TUI GUI IDE URL URI UUID ASCII UTF EOF EOL BOM LF CRLF CPU GPU
    RAM SSD OOM TODO FIXME XXX HACK WIP PR CI CD MR RFC ADR RECOMMENDED README LICENSE CHANGELOG ERROR
    ERRORS WARNING WARNINGS WARN TRACE FATAL FAILED FAILURE PASSED SKIPPED EXCEPTION BUILD BUILDS TEST
    TESTS TIMEOUT CONFLICT MERGE REBASE BRANCH GENERATED WARRANTY SOFTWARE PROVIDED EXPRESS IMPLIED
    COLUMN MODULE FUNCTION CONST ENV PORT TOKEN CONNECTION REQUEST RESPONSE DATABASE KERNEL PANIC
    SEGFAULT DUMPED SIGTERM SIGKILL STATUS DEPRECATED UNDEFINED NAN FALSE AWS GCP ARM X86 LTS MIT BSD
    GPL TDD YAGNI CRUD
    """.split()  # noqa: SIM905 (a hundred quoted words read worse)
)
_TECHNICAL_SHARE = 0.2
"""Of its capitals, what makes a message a query, a log line or a heading of a file."""
_CODE = re.compile(r"[`=;*{}<>_\[\]\\|/\"#&+]|^\s{0,4}\w{1,40}:|\w-\w|\w\.\w|\d")
"""What queries, log lines and quotes of them have, and excited people hardly."""


def links(said: Remark, lately: Sequence[Remark]) -> Verdict:
    """Judge how many links a message has, and its author's messages lately."""
    if not said.links:
        return ALLOWED
    if said.links > MAX_LINKS:
        return refuse(
            "links", f"A message may have {MAX_LINKS} links. Leave some out.", f"{said.links} links"
        )
    earlier = sum(other.links for other in lately if other.author == said.author)
    if said.links + earlier > MAX_LINKS_LATELY:
        return refuse(
            "links",
            "You posted many links in a short time. Wait two minutes for the next one.",
            f"{said.links + earlier} links within two minutes",
        )
    return ALLOWED


def mentions(said: Remark, lately: Sequence[Remark]) -> Verdict:
    """Judge how many people a message calls, and its author's messages lately."""
    if not said.mentions:
        return ALLOWED
    if said.mentions > MAX_MENTIONS:
        return refuse(
            "mentions",
            f"A message may mention {MAX_MENTIONS} people. Leave some out.",
            f"{said.mentions} people mentioned",
        )
    earlier = sum(other.mentions for other in lately if other.author == said.author)
    if said.mentions + earlier > MAX_MENTIONS_LATELY:
        return refuse(
            "mentions",
            "You mentioned many people in a short time. Wait two minutes.",
            f"{said.mentions + earlier} people mentioned within two minutes",
        )
    return ALLOWED


def shouting(text: str) -> Verdict:
    """Judge whether a message is all capitals, unless it looks like code."""
    words = text.split()
    if len(words) < _LOUD_WORDS or text.islower() or _CODE.search(text):
        return ALLOWED
    capitals = [word for word in re.findall(r"[^\W\d_]{2,}", text) if word.isupper()]
    if sum(word in _TECHNICAL for word in capitals) >= _TECHNICAL_SHARE * len(capitals):
        return ALLOWED
    letters = [sum(map(str.isalpha, word)) for word in words]
    loud = [count for word, count in zip(words, letters, strict=True) if count > 1 and word.isupper()]
    enough = len(loud) >= _LOUD_WORDS and sum(loud) >= _LOUD_LETTERS
    if enough and sum(loud) >= _LOUD_SHARE * sum(letters):
        return refuse(
            "shouting",
            "The message is all capitals. Write it in small letters.",
            f"{len(loud)} of {len(words)} words in capitals",
        )
    return ALLOWED


def wall(text: str) -> Verdict:
    """Judge whether a message says the same few words over and over, or has marks heaped on its letters."""
    marks = 0 if text.isascii() else len(_MARKS.findall(text))
    if marks >= _MANY_MARKS and 2 * marks >= len(text):
        return refuse(
            "wall", "The message is hard to read. Leave the marks off its letters.", f"{marks} marks"
        )
    if len(text) < _WALL_LETTERS:
        return ALLOWED
    if len(text) >= _LONG:
        packed = len(zlib.compress(text.encode("utf-16-le", "replace"), 1)) / (2 * len(text))
        if packed < _PACKED:
            return _over_and_over(f"{len(text)} characters with little in them")
    words = words_of(text.lower())
    count, letters = len(words), sum(map(len, words))
    if count < _WALL_WORDS or letters < max(_WALL_LETTERS, _SHORT_WORD * count):
        return ALLOWED
    different = min(len(set(words)), len(said_once(words)))
    if different > _WALL_SHARE * count:
        return ALLOWED
    return _over_and_over(f"{count} words, {different} different")


def _over_and_over(detail: str) -> Verdict:
    return refuse("wall", "The message says the same over and over. Once is enough.", detail)
