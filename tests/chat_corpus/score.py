"""What a filter makes of the corpus: how much it stops of what it should, and of what it should not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from chat_corpus import disguise, flood, rows
from chat_corpus.rows import KEYWORDS, Half
from relay.chat.channel import read_message
from relay.chat.filter import RECENT_KEPT, Action, Filter, Remark, remark
from relay.protocol.errors import Refused
from relay.rooms.settings import ChatModeration, SpectatorChatSettings

PROMOTION = frozenset(
    {
        "promotion",
        "follow_for_follow",
        "giveaway",
        "viewers",
        "adult",
        "phishing",
        "job",
        "link_drop",
        "invite",
        "disguised_domain",
    }
)
"""Kinds of spam that want something sold, followed or clicked."""
_AUTHORS, _APART_S = 12, 3.0
"""How harmless lines are said in a room: by so many, so far apart."""


class Room(Protocol):
    """A filter in a room in which nobody has said anything yet."""

    def stops(self, author: str, text: str, at_s: float) -> str:
        """Return what holds or refuses a message; empty if it is shown. Messages come in order."""


class FilteredRoom:
    """A room with the relay's filter: a message goes all the way that it goes in a relay."""

    def __init__(self, keywords: Sequence[str] = KEYWORDS) -> None:
        self._settings = SpectatorChatSettings(moderation=ChatModeration(keywords=tuple(keywords)))
        self._filter = Filter(self._settings)
        self._recent: deque[Remark] = deque(maxlen=RECENT_KEPT)
        self._refusals: deque[Remark] = deque(maxlen=RECENT_KEPT)

    def stops(self, author: str, text: str, at_s: float) -> str:
        read = read_message({"message": text}, self._settings)
        if isinstance(read, Refused):
            return read.code
        said = remark(author, read, at_s)
        verdict = self._filter.judge(read, said, self._recent, self._refusals)
        if verdict.action in (Action.REFUSE, Action.SANCTION):
            if verdict.flood:
                self._refusals.append(said)
        else:
            self._recent.append(said)
        return verdict.rule


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row; `rule` is empty if it was shown."""

    id: str
    kind: str
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Measure:
    """What became of rows of one sort.

    Attributes:
        what: The sort.
        wanted: Whether they are to be stopped.
        outcomes: Theirs, each.
    """

    what: str
    wanted: bool
    outcomes: tuple[Outcome, ...]

    @property
    def share(self) -> float:
        """How many of them were stopped, from 0 to 1."""
        return sum(bool(outcome.rule) for outcome in self.outcomes) / len(self.outcomes)

    @property
    def wrong(self) -> list[Outcome]:
        """Those that should have been shown, or stopped."""
        return [outcome for outcome in self.outcomes if bool(outcome.rule) is not self.wanted]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Rows to judge a filter by."""

    harmless: Sequence[rows.Line]
    spam: Sequence[rows.Line]
    disguises: Sequence[rows.Disguise]
    floods: Sequence[rows.Sequence]

    @classmethod
    def read(cls) -> Corpus:
        """Return all of it."""
        return cls(rows.harmless(), rows.spam(), rows.disguises(), rows.floods())

    def of(self, half: Half) -> Corpus:
        """Return one half."""
        return Corpus(
            [row for row in self.harmless if row.half is half],
            [row for row in self.spam if row.half is half],
            [row for row in self.disguises if row.half is half],
            [row for row in self.floods if row.half is half],
        )

    def afresh(self, seed: int) -> Corpus:
        """Return it with disguises and floods that nobody has seen; decoys and honest sequences stay."""
        return replace(
            self,
            disguises=[*(row for row in self.disguises if row.decoy), *disguise.made(seed)],
            floods=[
                *(row for row in self.floods if not any(said.flood for said in row.messages)),
                *flood.made(seed),
            ],
        )


def measured(corpus: Corpus, room: Callable[[], Room]) -> dict[str, Measure]:
    """Return what a filter makes of the corpus, by name; `room` makes a room with it."""
    asked = [row for row in corpus.disguises if not row.decoy and not row.beyond]
    beyond = [row for row in corpus.disguises if row.beyond]
    decoys = [row for row in corpus.disguises if row.decoy]
    technical = [line for line in corpus.harmless if line.kind == "technical"]
    other = [line for line in corpus.harmless if line.kind != "technical"]
    promotion = [line for line in corpus.spam if line.kind in PROMOTION]
    instructions = [line for line in corpus.spam if line.kind == "injection"]
    rest = [line for line in corpus.spam if line.kind not in PROMOTION and line.kind != "injection"]
    said = [
        (message.flood, outcome)
        for sequence in corpus.floods
        for message, outcome in zip(sequence.messages, _sequence(sequence, room()), strict=True)
    ]
    measures = (
        Measure("disguised keywords caught", True, _alone(asked, room)),
        Measure("beyond what is asked caught", True, _alone(beyond, room)),
        Measure("decoys stopped", False, _alone(decoys, room)),
        Measure("technical lines stopped", False, _twice(technical, room)),
        Measure("other harmless lines stopped", False, _twice(other, room)),
        Measure("repeats of a flood stopped", True, tuple(outcome for flood, outcome in said if flood)),
        Measure(
            "honest lines beside them stopped", False, tuple(outcome for flood, outcome in said if not flood)
        ),
        Measure("promotion stopped", True, _alone(promotion, room)),
        Measure("instructions to agents stopped", True, _alone(instructions, room)),
        Measure("mention floods, shouting, walls stopped", True, _alone(rest, room)),
    )
    return {measure.what: measure for measure in measures}


def talk(lines: Iterable[str], seed: int = 5) -> list[tuple[str, str, float]]:
    """Return lines as several viewers say them in one room, in any order: author, text and time."""
    said = list(lines)
    Random(seed).shuffle(said)
    return [(f"viewer{number % _AUTHORS}", text, number * _APART_S) for number, text in enumerate(said)]


def _alone(lines: Iterable[rows.Line | rows.Disguise], room: Callable[[], Room]) -> tuple[Outcome, ...]:
    return tuple(
        Outcome(line.id, line.kind, line.text, room().stops("ana", line.text, 0.0)) for line in lines
    )


def _twice(lines: Sequence[rows.Line], room: Callable[[], Room]) -> tuple[Outcome, ...]:
    """Judge each line by itself and amid the others: it passes if it passes both times."""
    busy = room()
    amid = {text: busy.stops(author, text, at_s) for author, text, at_s in talk(line.text for line in lines)}
    return tuple(replace(outcome, rule=outcome.rule or amid[outcome.text]) for outcome in _alone(lines, room))


def _sequence(sequence: rows.Sequence, room: Room) -> list[Outcome]:
    return [
        Outcome(
            f"{sequence.id}/{number}",
            sequence.kind,
            said.text,
            room.stops(said.author, said.text, said.at_s),
        )
        for number, said in enumerate(sequence.messages)
    ]
