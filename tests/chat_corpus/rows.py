"""The rows of the corpus.

Every row has an id that never changes, and belongs to the half that its id decides: rules and thresholds may
be tuned on the one, the other is what they are judged by.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

KEYWORDS = (
    "badword",
    "jerkface",
    "scamcoin",
    "nitro",
    "wanker",
    "moron",
    "loser",
    "idiot",
    "casino",
    "clown",
    "trottel",
    "дурак",
    "spoiler",
)
"""What the host of the corpus does not want to read."""


class Half(StrEnum):
    """What a row may be used for."""

    TUNE = "tune"
    HELD_OUT = "held_out"


def half_of(id: str) -> Half:
    """Return the half that a row of this id belongs to."""
    return Half.HELD_OUT if hashlib.sha256(id.encode()).digest()[0] % 2 else Half.TUNE


@dataclass(frozen=True, slots=True)
class Line:
    """One message, harmless or spam by itself."""

    id: str
    half: Half
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Disguise:
    """A message with a keyword in it, as the author hopes that only people read it.

    Attributes:
        id: Names the row.
        half: What it may be used for.
        kind: How the word is disguised; `decoy` if there is none and the message is harmless.
        word: The keyword; of a decoy, the one it looks like.
        text: The message.
    """

    id: str
    half: Half
    kind: str
    word: str
    text: str

    @property
    def decoy(self) -> bool:
        """Whether the message is harmless."""
        return self.kind == "decoy"

    @property
    def beyond(self) -> bool:
        """Whether finding the word is more than can be asked of a filter that knows no language."""
        return self.kind.startswith("beyond_")


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a sequence.

    Attributes:
        at_s: When, from the beginning of the sequence.
        author: Who.
        text: What.
        flood: Whether a moderator who reads along calls it a repeat.
    """

    at_s: float
    author: str
    text: str
    flood: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a room hears within some minutes, in order; nobody has said anything before."""

    id: str
    half: Half
    kind: str
    messages: tuple[Said, ...]


def harmless() -> list[Line]:
    """Return what no filter may catch."""
    return [Line(**row) for row in _read("harmless")]


def spam() -> list[Line]:
    """Return what a moderator would not want to see."""
    return [Line(**row) for row in _read("spam")]


def disguises() -> list[Disguise]:
    """Return keywords in disguise, and decoys."""
    return [Disguise(**row) for row in _read("disguises")]


def floods() -> list[Sequence]:
    """Return sequences with and without repeats."""
    return [
        Sequence(**row | {"messages": tuple(Said(**said) for said in row["messages"])})
        for row in _read("floods")
    ]


def said(name: str) -> list[str]:
    """Return the lines of a text file of the corpus, of which rows are made."""
    return (HERE / f"{name}.txt").read_text("utf-8").splitlines()


def write(name: str, rows: Iterable[Line | Disguise | Sequence]) -> None:
    """Write a file of the corpus; what cannot be seen is escaped."""
    with (HERE / f"{name}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(_visible(json.dumps(asdict(row), ensure_ascii=False)) + "\n")


def _read(name: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [row | {"half": Half(row["half"])} for row in rows]


def _visible(text: str) -> str:
    # JSON escapes a sign beyond the first plane as two surrogates, as `json` itself would.
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
