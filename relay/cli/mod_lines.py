"""The lines `mod` prints: one for each thing, its id in front, aligned, and safe on any terminal.

Names and texts are what strangers wrote. None of them can break a line, move a column or act on a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from relay.protocol.text import safe_text
from relay.protocol.times import parse_instant

_LONGEST = 4000
_LONGEST_CELL = 64
_SECONDS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def held_line(held: dict[str, Any]) -> list[str]:
    """Return the cells of a message that waits."""
    rule = " ".join(str(held[name]) for name in ("rule", "detail") if held.get(name))
    return [held["message_id"], _at(held["timestamp"]), rule, _said(held)]


def report_line(report: dict[str, Any]) -> list[str]:
    """Return the cells of a message that was reported."""
    state = f"{report['count']}× hidden" if report["hidden"] else f"{report['count']}×"
    why = "; ".join(report["reasons"])
    return [report["message_id"], _at(report["last_at"]), state, _said(report) + (f" ({why})" if why else "")]


def sanction_line(sanction: dict[str, Any], now_ms: int) -> list[str]:
    """Return the cells of a ban or a mute."""
    about = [sanction["display_name"], sanction["reason"]]
    if sanction["addresses"]:
        until = sanction["addresses_until"]
        count = len(sanction["addresses"])
        many = f"{count} addresses" if count > 1 else "1 address"
        about.append(f"and guests from {many}, {_left(until, now_ms)}")
    left = _left(sanction["until"], now_ms)
    return [sanction["spectator_id"], sanction["kind"], left, sanction["by"], _joined(about)]


def act_line(act: dict[str, Any]) -> list[str]:
    """Return the cells of a line of the moderation log."""
    action = act["action"].replace("_", "-")
    # Of an act upon a message the message is named, of one upon a viewer the viewer.
    upon_message = action in ("approve", "reject", "delete", "hide")
    names = ("message_id", "spectator_id") if upon_message else ("spectator_id", "message_id")
    target = next((act[name] for name in names if act.get(name)), "")
    about = [act.get("display_name", ""), _lasting(action, act), act.get("rule", ""), act.get("reason", "")]
    for name, words in (("shown_as", "shown as"), ("undoes", "undoes")):
        if act.get(name):
            about.append(f"{words} {act[name]}")
    if act.get("undone") or act.get("undone_by"):
        about.append("undone")
    return [act["id"], _at(act["at"]), act["by"], action, target, _joined(about)]


def aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield rows of cells as lines, every column but the last as wide as its widest cell."""
    from rich.cells import cell_len

    lines = [[*(_one(cell, _LONGEST_CELL) for cell in row[:-1]), _one(row[-1], _LONGEST)] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)][:-1]
    for line in lines:
        padded = [
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line[:-1], widths, strict=True)
        ]
        yield "  ".join([*padded, line[-1]]).rstrip()


def _said(message: dict[str, Any]) -> str:
    state = f" ({message['author_state']})" if "author_state" in message else ""
    return f"{message['display_name']}{state}: {message['message']}"


def _one(text: Any, limit: int) -> str:
    return " ".join(safe_text(str(text), limit).split())


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def _at(stamp: str) -> str:
    """Return a time of the wire to the second, UTC."""
    return stamp[:19] + "Z"


def _lasting(action: str, act: dict[str, Any]) -> str:
    seconds = act.get("seconds")
    if seconds is None:
        return ""
    if action == "slow":
        return f"every {duration(seconds)}" if seconds else "off"
    return f"for {duration(seconds)}" if seconds else "for good"


def _left(until: str | None, now_ms: int) -> str:
    ends_ms = parse_instant(until) if until else None
    return "for good" if ends_ms is None else f"{duration(max(0, ends_ms - now_ms) // 1000)} left"


def duration(seconds: int) -> str:
    """Return seconds in the two largest units that say something: `6 d 23 h`, `10 min`."""
    parts: list[str] = []
    for unit, size in _SECONDS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"
