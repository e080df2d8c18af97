"""Who was sent what they should not have been, or not sent what they should: a verdict, from paper alone.

The measure is what publishers were told: an event that was acknowledged is in the log once, in its
publisher's order, and reaches each viewer that is entitled to it, once and in order. Between two ordered
frames of a connection there is no hole: `after` is the cursor before.

What a viewer is entitled to follows from what it asked for and from what the host let be seen. Both change
while frames are under way, so that there are moments at which an event may be there or not. They are kept
as short as can be known from outside: a change of choice counts for all that was first sent after its answer
was read, a host's switch from its call's end to the next one's beginning.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields

from chaos.events import CATEGORY_OF, PUBLISHERS, STATUS, Mark
from chaos.journal import CHAT, NOTICE, Asked, Chosen, Entry, Item, Sent, Welcomed, Wish, position

SPECTATOR_CHAT = "spectator chat"
_ROUNDING_MS = 2


@dataclass(frozen=True, slots=True)
class Switched:
    """The host showed or hid a category, or the spectators' chat.

    Attributes:
        category: Of events, or `SPECTATOR_CHAT`.
        shown: To which side.
        began_ms: When the call was first made.
        ended_ms: When it was answered.
    """

    category: str
    shown: bool
    began_ms: int
    ended_ms: int


@dataclass(frozen=True, slots=True)
class Truth:
    """What the viewers are held against.

    Attributes:
        log: Every event, as the relay's log tells it at the end, in order.
        sent_ms: When each was first sent by its publisher, and by that which were acknowledged.
        repeats: Statuses that say nothing new: the log may do without them.
        end: The place that every viewer is to have come to.
        switches: What the host did, in order.
    """

    log: Sequence[Item]
    sent_ms: Mapping[Mark, int]
    end: int
    switches: Sequence[Switched] = ()
    repeats: Set[Mark] = frozenset()


@dataclass(slots=True)
class Verdict:
    """Counts of what went wrong, and of what went well.

    Attributes:
        lost: Entitled to, never sent.
        repeated: Sent twice, under one number or two.
        reordered: Sent after something later.
        gaps: Frames that do not follow the one before, with nothing said.
        unrecovered: Resumes that were answered with `recovered: false`: nothing here is ever too old.
        altered: Sent under a number that the log has for something else.
        unasked: Of a type the viewer did not ask for.
        shown: Hidden by the host at the time.
        delivered: Events, chat messages and notices that viewers were sent.
        resumed: Connections that went on from a cursor.
        examples: A sentence for some of the breaches.
    """

    lost: int = 0
    repeated: int = 0
    reordered: int = 0
    gaps: int = 0
    unrecovered: int = 0
    altered: int = 0
    unasked: int = 0
    shown: int = 0
    delivered: int = 0
    resumed: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def breaches(self) -> int:
        """How much went wrong."""
        counts = (getattr(self, one.name) for one in fields(self) if one.name not in _GOOD)
        return sum(counts)

    def add(self, other: Verdict) -> None:
        """Add another viewer's."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def note(self, kind: str, sentence: str) -> None:
        """Count a breach, and keep the first of each kind's sentences."""
        setattr(self, kind, getattr(self, kind) + 1)
        if getattr(self, kind) <= _EXAMPLES:
            self.examples.append(f"{kind}: {sentence}")


_GOOD = ("delivered", "resumed", "examples")
_EXAMPLES = 5
_CHOICES = 4
"""Changes of mind whose frames may still be under way."""


def judge(truth: Truth, journals: Mapping[str, Sequence[Entry]]) -> Verdict:
    """Hold every viewer's journal against the truth."""
    total = Verdict()
    for verdict in judge_each(truth, journals).values():
        total.add(verdict)
    return total


def judge_each(truth: Truth, journals: Mapping[str, Sequence[Entry]]) -> dict[str, Verdict]:
    """Return a verdict for each viewer, and one on the log under an empty name."""
    verdicts = {name: Verdict() for name in ("", *journals)}
    _judge_log(truth, verdicts[""])
    everything = _everything(truth, journals.values())
    for name, journal in journals.items():
        _Reader(name, truth, everything, verdicts[name]).read(journal)
    return verdicts


def _judge_log(truth: Truth, verdict: Verdict) -> None:
    """Hold the log against what the publishers were told."""
    counted = Counter(item.mark for item in truth.log)
    for mark in truth.sent_ms:
        if not counted[mark] and mark not in truth.repeats:
            verdict.note("lost", f"{mark} was acknowledged and is not in the log")
        elif counted[mark] > 1:
            verdict.note("repeated", f"{mark} is in the log {counted[mark]} times")
    latest: dict[int, int] = {}
    before = 0
    for item in truth.log:
        if item.mark is None or item.mark not in truth.sent_ms:
            verdict.note("altered", f"number {item.seq} of the log was published by nobody")
            continue
        publisher = item.mark % PUBLISHERS
        if item.mark < latest.get(publisher, 0) or item.seq <= before:
            verdict.note("reordered", f"{item.mark} stands in the log after a later one")
        latest[publisher], before = item.mark, item.seq


def _everything(truth: Truth, journals: Iterable[Sequence[Entry]]) -> list[Item]:
    """Return the log with what HTTP does not tell: chat and notices, which anybody saw who was sent them."""
    seen = {
        item.seq: item
        for journal in journals
        for entry in journal
        if isinstance(entry, Sent)
        for item in entry.items
        if item.type in (CHAT, NOTICE)
    }
    return sorted([*truth.log, *seen.values()], key=lambda item: item.seq)


class _Reader:
    """Goes through one viewer's journal."""

    def __init__(self, name: str, truth: Truth, everything: Sequence[Item], verdict: Verdict) -> None:
        self._name = name
        self._truth = truth
        self._all = everything
        self._seqs = [item.seq for item in everything]
        self._by_seq = {item.seq: item for item in everything}
        self._verdict = verdict
        self._cursor = ""
        self._told_ms = 0
        self._wish = Wish(frozenset())
        self._others: list[tuple[Wish, int | None]] = []
        """Other wishes that may have been in force, each for what was first sent until then."""
        self._seen: set[int] = set()
        self._marks: set[Mark] = set()
        self._last = 0

    def read(self, journal: Sequence[Entry]) -> None:
        """Judge it all."""
        for entry in journal:
            match entry:
                case Welcomed():
                    self._welcomed(entry)
                case Sent():
                    self._sent(entry)
                case Asked(wish):
                    self._others.append((wish, None))
                case Chosen(wish, at_ms):
                    self._choose(wish, at_ms)
        if self._cursor:
            # What nothing was ever said about, up to the end.
            self._skipped(position(self._cursor)[1], self._truth.end, frozenset(), self._told_ms)

    # -- what was written down ---------------------------------------------------------------------

    def _welcomed(self, welcome: Welcomed) -> None:
        if not self._cursor:
            self._cursor = welcome.cursor
        elif welcome.recovered and welcome.asked == self._cursor:
            self._verdict.resumed += 1
            self._follows(welcome.cursor, "its welcome")
        else:
            self._note("unrecovered", f"was not taken back at {self._cursor}")
            self._cursor = welcome.cursor
        # Said with the connection, so that there is no doubt from which place on it holds.
        self._wish, self._others = welcome.wish, []
        self._told_ms = welcome.sent_ms

    def _choose(self, wish: Wish, at_ms: int) -> None:
        """Take up a choice that was confirmed; what it replaces may hold for what is still under way."""
        self._others = [(other, at_ms if until is None else until) for other, until in self._others]
        self._others = [*self._others[-_CHOICES:], (self._wish, at_ms)]
        self._wish = wish

    def _sent(self, frame: Sent) -> None:
        self._follows(frame.after, "a frame")
        start, end = position(self._cursor)[1], position(frame.cursor)[1]
        for item in frame.items:
            self._item(item, frame)
            if not start < item.seq <= end:
                self._note("gaps", f"number {item.seq} in a frame from {start} to {end}")
        if end < start:
            self._note("reordered", f"a cursor went back from {start} to {end}")
        self._skipped(start, end, frozenset(item.seq for item in frame.items), frame.sent_ms)
        self._cursor, self._told_ms = frame.cursor, frame.sent_ms

    def _follows(self, after: str, what: str) -> None:
        if after != self._cursor:
            self._note("gaps", f"{what} follows {after}, and {self._cursor} was the last")

    def _item(self, item: Item, frame: Sent) -> None:
        self._verdict.delivered += 1
        if item.seq in self._seen or (item.mark is not None and item.mark in self._marks):
            self._note("repeated", f"number {item.seq} came twice")
        elif item.seq < self._last:
            self._note("reordered", f"number {item.seq} came after {self._last}")
        self._seen.add(item.seq)
        self._last = max(self._last, item.seq)
        if item.mark is not None:
            self._marks.add(item.mark)
        known = self._by_seq.get(item.seq)
        if known is None or known.type != item.type or item.mark not in (None, known.mark):
            self._note("altered", f"number {item.seq} is not what the log has there")
            return
        if item.type in CATEGORY_OF and not any(item.type in wish.types for wish in self._wishes(known)):
            self._note("unasked", f"number {item.seq} is {item.type}")
        if self._surely_hidden(item, frame.sent_ms):
            self._note("shown", f"number {item.seq}, {item.type}, was hidden when it was sent")

    def _skipped(self, start: int, end: int, sent: frozenset[int], sent_ms: int) -> None:
        """Account for everything between two places that was not sent."""
        among = self._all[bisect_right(self._seqs, start) : bisect_right(self._seqs, end)]
        for place, item in enumerate(among):
            if item.seq in sent or self._excused(item, among[place + 1 :], sent, sent_ms):
                continue
            self._note("lost", f"number {item.seq}, {item.type}, between {start} and {end}")

    # -- what it was entitled to -------------------------------------------------------------------

    def _excused(self, item: Item, later: Sequence[Item], sent: frozenset[int], sent_ms: int) -> bool:
        if item.type == NOTICE:
            return False
        if self._perhaps_hidden(item, self._told_ms, sent_ms):
            return True
        if item.type == CHAT:
            return False
        wishes = self._wishes(item)
        if not all(item.type in wish.types for wish in wishes):
            return True
        # Thinned: a later status of the same agent is in the same frame.
        return (
            item.type == STATUS
            and any(wish.low for wish in wishes)
            and any(
                other.type == STATUS and other.agent == item.agent and other.seq in sent for other in later
            )
        )

    def _wishes(self, item: Item) -> list[Wish]:
        """Return the wishes that may have been in force when an event was judged for this viewer."""
        sent_ms = self._truth.sent_ms.get(item.mark, 0) if item.mark is not None else 0
        others = [wish for wish, until in self._others if until is None or sent_ms <= until + _ROUNDING_MS]
        return [self._wish, *others]

    def _surely_hidden(self, item: Item, at_ms: int) -> bool:
        """Say whether the host had hidden it, beyond doubt, when a frame was made."""
        hidden = False
        for switch in self._switches(item):
            if switch.began_ms - _ROUNDING_MS <= at_ms <= switch.ended_ms + _ROUNDING_MS:
                return False
            if switch.ended_ms < at_ms:
                hidden = not switch.shown
        return hidden

    def _perhaps_hidden(self, item: Item, from_ms: int, to_ms: int) -> bool:
        """Say whether it may have been hidden at any time between two frames."""
        since: int | None = None
        for switch in self._switches(item):
            if not switch.shown and since is None:
                since = switch.began_ms
            elif switch.shown and since is not None:
                if since - _ROUNDING_MS <= to_ms and switch.ended_ms + _ROUNDING_MS >= from_ms:
                    return True
                since = None
        return since is not None and since - _ROUNDING_MS <= to_ms

    def _switches(self, item: Item) -> Iterable[Switched]:
        category = SPECTATOR_CHAT if item.type == CHAT else CATEGORY_OF.get(item.type)
        return (switch for switch in self._truth.switches if switch.category == category)

    def _note(self, kind: str, sentence: str) -> None:
        self._verdict.note(kind, f"{self._name}: {sentence}")
