"""One row of the feed: time, sign and actor in columns, then what they did in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from clawtank_tui.state.lines import UNICODE, Role, Span, clock_time, sentence
from clawtank_tui.state.model import Row, RowKind
from clawtank_tui.widgets.cells import Line, Piece, cut, fit, width_of, wrap
from clawtank_tui.widgets.palette import AGENT_MARK, STYLES, name_style
from clawtank_tui.widgets.people import STATUS_LOOK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


ICON_STYLE: Mapping[str, str] = {
    "task.created": "accent",
    "task.completed": "good",
    "agent.claimed_task": "warn",
    "git.commit": "quiet",
    "git.pr_opened": "accent",
    "git.pr_merged": "good",
    "milestone.reached": "star",
}
NARROW_ICON: Mapping[str, str] = {"task.created": "+"}
"""Instead of a sign that is two cells wide."""
DID: Mapping[str, str] = {
    "task.created": "created",
    "task.completed": "completed",
    "git.pr_opened": "opened pull request",
    "git.pr_merged": "merged pull request",
}
"""The verb of a sentence once its actor stands before it."""
ROLE_STYLE: Mapping[Role, str] = {
    Role.TEXT: "speech",
    Role.OBJECT: "text",
    Role.VERB: "quiet",
    Role.NUMBER: "number",
    Role.DIM: "faint",
    Role.MILESTONE: "star",
    Role.GAP: "gap",
}
ACTORS = (Role.ACTOR, Role.AGENT)

COMFORTABLE = 64
"""Cells from which on times have seconds and names more room."""
FEW_LINES = 2
"""Lines that anything but speech may take."""


def paint_row(row: Row, width: int, tz: tzinfo | None) -> tuple[Line, ...]:
    """Paint a row in as many lines as it takes."""
    if row.kind is not RowKind.EVENT:
        return _paint_remark(row, _time(row, width, tz), width)
    icon, *spans = sentence(row)
    head, rest = _head_and_rest(row.type, spans)
    lead = columns(row, _icon(row, icon), head, width, tz)
    margin = width_of(lead)
    pieces = styled(rest)
    if row.type == "agent.joined":
        # The mark says that it is an agent; whose agent is worth saying once, when it arrives.
        whose = head.text.removeprefix(str(row.fields.get("agent_name", "")))
        pieces.append((whose.lstrip(), STYLES["faint"]))
    lines = wrap(pieces, max(width - margin, 2))
    if row.type != "chat.public" and len(lines) > FEW_LINES:
        # Wrapping took the space at each break: put together again, the words need it back.
        first, *more = lines[FEW_LINES - 1 :]
        rest_of_it = [*first, *(piece for line in more for piece in ((" ", STYLES["text"]), *line))]
        lines = [*lines[: FEW_LINES - 1], cut(rest_of_it, width - margin)]
    return under(lead, lines, margin, width)


def columns(row: Row, icon: Piece, head: Span, width: int, tz: tzinfo | None) -> list[Piece]:
    """Paint what a row begins with: when, a sign, and who."""
    return [
        (f"{_time(row, width, tz)}  ", STYLES["faint"]),
        *fit([icon], 2),
        *fit(_name(head, row), 13 if width >= COMFORTABLE else 11),
        (" ", STYLES["text"]),
    ]


def styled(spans: Iterable[Span]) -> list[Piece]:
    """Give the parts of a sentence their looks."""
    return [(span.text, STYLES[ROLE_STYLE.get(span.role, "text")]) for span in spans]


def _time(row: Row, width: int, tz: tzinfo | None) -> str:
    return clock_time(row.at_ms, tz)[: None if width >= COMFORTABLE else -3]


def _head_and_rest(kind: str, spans: Sequence[Span]) -> tuple[Span, list[Span]]:
    """Take the actor out of a sentence, wherever it names one, for a column of its own."""
    head, *rest = spans
    if head.role not in ACTORS and len(spans) > 2 and spans[-1].role in ACTORS:
        # «task  Title — alice»: the last two parts are the dash and who did it.
        head, rest = spans[-1], [replace(head, text=DID.get(kind, head.text)), *spans[1:-2]]
    if rest and rest[0].text == ": ":
        del rest[0]
    if rest and rest[0].role is Role.VERB:
        apart = "" if len(rest) > 1 and rest[1].role is Role.DIM else " "
        rest[0] = replace(rest[0], text=rest[0].text.strip() + apart)
    return head, rest


def _icon(row: Row, icon: Span) -> Piece:
    if row.type == "agent.status_change":
        glyph, look = STATUS_LOOK.get(str(row.fields.get("status", "")), ("▶", "faint"))
        return glyph, STYLES[look]
    return NARROW_ICON.get(row.type, icon.text.strip()), STYLES[ICON_STYLE.get(row.type, "faint")]


def _name(head: Span, row: Row) -> list[Piece]:
    if head.role is Role.AGENT:
        name = str(row.fields.get("agent_name") or row.fields.get("author") or head.text)
        return [(f"{AGENT_MARK} ", name_style(name)), (name, name_style(name))]
    style = name_style(head.text) if head.role is Role.ACTOR else STYLES["quiet"]
    return [("  ", STYLES["text"]), (head.text.strip(), style)]


def _paint_remark(row: Row, time: str, width: int) -> tuple[Line, ...]:
    """Paint what is no event: a gap as a break across the feed, a note as a quiet aside."""
    text = str(row.fields.get("text", ""))
    if row.kind is RowKind.NOTE:
        margin = len(time) + 4
        pieces = [(f"{time}  ", STYLES["faint"]), (f"· {text}", STYLES["note"])]
        return under([], wrap(pieces, width, margin), margin, width)
    style = STYLES["gap"]
    lines = wrap([(f"{UNICODE.icons[RowKind.GAP]} {text} ", style)], max(width - 4, 2))
    broken = ([("╌╌ ", style), *line] for line in lines)
    return tuple(fit([*line, ("╌" * max(width - width_of(line), 0), style)], width) for line in broken)


def under(lead: list[Piece], lines: Sequence[Sequence[Piece]], margin: int, width: int) -> tuple[Line, ...]:
    """Paint lines one under the other, later ones behind a margin."""
    first, *more = lines
    blank = (" " * margin, STYLES["text"])
    return (fit([*lead, *first], width), *(fit([blank, *line], width) for line in more))


def paint_date(day: date, width: int) -> Line:
    """Paint the line a day begins with."""
    text, rule = f" {day:%A} {day.day} {day:%B} {day.year} ", STYLES["rule"]
    return fit([("──", rule), (text, STYLES["faint"]), ("─" * max(width - len(text) - 2, 0), rule)], width)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FURTHEST_MS = 250_000_000_000_000


def local_time(at_ms: int, tz: tzinfo | None) -> datetime:
    """Return an instant in a zone, the system's when None; absurd ones are moved to where `datetime` ends."""
    return (_EPOCH + timedelta(milliseconds=min(max(at_ms, 0), _FURTHEST_MS))).astimezone(tz)
