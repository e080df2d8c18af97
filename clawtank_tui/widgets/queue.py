"""The queue: what waits for a decision, oldest first, and what is alike in one row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from clawtank_tui.state.deeds import Target
from clawtank_tui.state.desk_words import excerpt, logged, people, why_held
from clawtank_tui.state.lines import age
from clawtank_tui.state.names import DOT, clashing, tag
from clawtank_tui.widgets.cells import Line, Piece, apart, fit, wrap
from clawtank_tui.widgets.palette import STYLES, name_style
from clawtank_tui.widgets.pick_pane import PickPane

if TYPE_CHECKING:
    from clawtank_tui.state.desk import Desk, Held

TEXT_LINES = 4
"""Lines of a message that are shown here; Enter shows all of it."""
_STATES = {"anonymous": "guest", "registered": "viewer", "verified": "verified ✔"}
_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue: one message, or several that are alike.

    Attributes:
        messages: The messages it stands for, oldest first.
        heading: It stands over the messages of an unfolded pile, which have rows of their own.
        age: How long the oldest waits, in words.
        busy: A decision on all of it is under way.
        failed: Why the last decision did not work.
        tag: Tells the author from others of the name; empty while there are none.
    """

    messages: tuple[Held, ...]
    heading: bool = False
    age: str = ""
    busy: bool = False
    failed: str = ""
    tag: str = ""

    @property
    def targets(self) -> tuple[Target, ...]:
        """Return what a decision about the row is about."""
        return tuple(Target(one.message_id, one.spectator_id, one.name) for one in self.messages)


class QueuePane(PickPane[Waiting]):
    """What waits, with what it waits for."""

    TITLE = "QUEUE"
    LEAD = "──"
    EDGE = " "

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._desk: Desk | None = None
        self._unfolded: set[str] = set()
        self._total = self._kinds = 0
        self._filter = ""

    def show(self, desk: Desk, now_ms: int, now_s: float, wanted: str = "") -> None:
        """Show a desk; ages are as of `now_ms` by the relay's clock. `wanted`: only what holds this text."""
        self._desk, self._filter = desk, wanted
        self._total = len(desk.held)
        self.hold(self._rows(desk, now_ms, wanted.casefold()), now_s)

    def _rows(self, desk: Desk, now_ms: int, wanted: str) -> dict[str, Waiting]:
        clashes = clashing([*desk.held.values(), *desk.chat])
        piles: dict[str, list[Held]] = {}
        for message in desk.held.values():
            if not wanted or wanted in f"{message.name} {message.text} {message.rule}".casefold():
                piles.setdefault(message.pile, []).append(message)
        self._kinds = len(piles)
        self._unfolded &= piles.keys()
        rows: dict[str, Waiting] = {}
        for pile, messages in piles.items():
            unfolded = pile in self._unfolded and len(messages) > 1
            rows[f"pile/{pile}"] = _row(desk, messages, now_ms, clashes, heading=unfolded)
            if unfolded:
                rows |= {message.message_id: _row(desk, [message], now_ms, clashes) for message in messages}
        return rows

    def unfold(self) -> bool:
        """Unfold the pile under the cursor, or fold it again; False if there is none."""
        found = self.under_cursor()
        if found is None or len(found[1].messages) < 2:
            return False
        self._unfolded ^= {found[1].messages[0].pile}
        return True

    def keys_within(self, messages: Collection[str]) -> list[str]:
        """Return the keys of rows that are about nothing but some messages, given by their ids."""
        return [
            key
            for key, row in self._items.items()
            if all(message.message_id in messages for message in row.messages)
        ]

    def like(self, trait: str) -> list[str]:
        """Return the keys of rows that share a trait with the one under the cursor.

        Args:
            trait: `pile`, `spectator_id` or `rule`, of a `Held`.
        """
        found = self.under_cursor()
        if found is None:
            return []
        wanted = {getattr(message, trait) for message in found[1].messages}
        return [
            key
            for key, row in self._items.items()
            if not row.heading and {getattr(message, trait) for message in row.messages} <= wanted
        ]

    def ghost_words(self, key: str) -> str:
        """Say who decided."""
        entry = self._desk and self._desk.decided.get(key.removeprefix("pile/"))
        return f"{logged(entry)}." if entry else "No longer in the queue."

    def title_detail(self) -> str:
        """Count what waits."""
        if not self._total:
            return ""
        kinds = "" if self._kinds == self._total or self._filter else f" · {self._kinds} kinds"
        marked = f" · {self._count_marked()} marked" if self.picks.marks else ""
        return f"{self._total} waiting{kinds}{self._filtered()}{marked}"

    def _filtered(self) -> str:
        return f" · only “{excerpt(self._filter, 20)}”" if self._filter else ""

    def _count_marked(self) -> int:
        return sum(len(self._items[key].messages) for key in self.picks.marks)

    def brief(self) -> str:
        """Count what waits."""
        return str(self._total) if self._total else ""

    def empty_text(self) -> str:
        """Say that nothing waits."""
        return "Nothing here holds that text: Esc shows all." if self._filter else "Nothing waits."

    def paint_item(self, key: str, item: Waiting, width: int) -> Sequence[Line]:
        """Paint what waits: who, why, since when, and what."""
        return _paint(item, key in self.picks.marks, width, not key.startswith("pile/"))


def _row(
    desk: Desk, messages: list[Held], now_ms: int, clashes: frozenset[str], *, heading: bool = False
) -> Waiting:
    author = messages[0].spectator_id
    return Waiting(
        tuple(messages),
        heading,
        age(now_ms - messages[0].at_ms),
        all(desk.busy(message.message_id) for message in messages),
        next((why for message in messages if (why := desk.failed.get(message.message_id, ""))), ""),
        tag(author) if author in clashes else "",
    )


@lru_cache(maxsize=2048)
def _paint(row: Waiting, marked: bool, width: int, inner: bool) -> tuple[Line, ...]:
    indent = 2 if inner else 0
    room = max(width - indent, 2)
    lines = _paint_pile(row, room) if len(row.messages) > 1 else _paint_one(row.messages[0], row, room)
    if row.failed:
        lines += wrap([(f"! {row.failed}", STYLES["bad"])], room)
    if row.busy:
        lines = [[(text, STYLES["faint"]) for text, _ in line] for line in lines]
    margin: Piece = (" " * indent, STYLES["text"])
    return tuple(fit([margin, *line], width) for line in lines)


def _paint_one(message: Held, row: Waiting, width: int) -> list[Line]:
    left: list[Piece] = [
        (message.name, name_style(message.name)),
        (f"{DOT}{row.tag}" if row.tag else "", STYLES["faint"]),
        (f" {_STATES.get(message.author_state, message.author_state)}", STYLES["faint"]),
        (f"  {why_held(message)}", STYLES["warn"]),
    ]
    if message.reports:
        left.append((f"  {message.reports} reports", STYLES["bad"]))
    return [apart(left, [(_waits(row), STYLES["quiet"])], width), *_text(message.text, width)]


def _paint_pile(row: Waiting, width: int) -> list[Line]:
    messages = row.messages
    names = list(dict.fromkeys(message.name for message in messages))
    authors = len({message.spectator_id or message.message_id for message in messages})
    rules = list(dict.fromkeys(message.rule for message in messages))
    why = why_held(messages[0]) if len(rules) == 1 else f"{len(rules)} rules"
    sign = "▾" if row.heading else "▸"
    left: list[Piece] = [
        (f"{sign} {len(messages)} alike", STYLES["bright"]),
        (f" of {people(authors)}", STYLES["text"]),
        (f"  {why}", STYLES["warn"]),
    ]
    lines: list[Line] = [apart(left, [(_waits(row), STYLES["quiet"])], width)]
    if row.heading:
        return lines
    more = len(names) - _NAMES_SHOWN
    said_by = ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return [*lines, *_text(messages[0].text, width), [(said_by, STYLES["faint"])]]


def _text(text: str, width: int) -> list[Line]:
    lines = wrap([(text, STYLES["text"])], width)
    if len(lines) <= TEXT_LINES:
        return lines
    return [*lines[: TEXT_LINES - 1], [("… Enter shows all of it", STYLES["faint"])]]


def _waits(row: Waiting) -> str:
    return "deciding…" if row.busy else row.age
