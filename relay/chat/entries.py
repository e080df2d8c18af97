"""Lines of a room's moderation log: who did what, to whom, when and why.

A line names a message and a viewer by their ids and never repeats what was said: deleted text lives on
nowhere, and here least of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from relay.protocol.moderation import Action
from relay.protocol.times import format_ms

RELAY = "relay"
"""Who acts when nobody does: floods that end in a mute, reports that hide a message."""
HIDE = "hide"
"""What only the relay does."""
IMPORT = "import"
"""Sanctions were brought in from a file."""
UNDOABLE = frozenset(
    {
        Action.BAN,
        Action.MUTE,
        Action.SLOW,
        Action.LOCK,
        Action.UNLOCK,
        Action.SHIELD,
        Action.UNSHIELD,
        Action.REJECT,
    }
)
"""What can be taken back. What was deleted is gone, what was shown was read, what was said was heard."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line.

    Attributes:
        by: Who acted: the name of a token, `operator`, or `relay`.
        action: What was done.
        at_ms: When.
        message_id: Upon which message.
        spectator_id: Upon whom.
        display_name: What they were called.
        seconds: For how long, or how slow; None where there is no time to it.
        until_ms: When it ends by itself; 0 if it does not, None where it has no end.
        reason: Why, as the moderator says.
        rule: What made the relay act.
        shown_as: Under which id an approved message was shown.
        undoes: The line it takes back.
        was: What it was before: the seconds of slow mode.
    """

    by: str
    action: str
    at_ms: int
    message_id: str = ""
    spectator_id: str = ""
    display_name: str = ""
    seconds: int | None = None
    until_ms: int | None = None
    reason: str = ""
    rule: str = ""
    shown_as: str = ""
    undoes: str = ""
    was: int | None = None

    def document(self) -> dict[str, Any]:
        """Return what is kept: only what says something."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


def stored_entry(document: Mapping[str, Any]) -> Entry:
    """Read a line that was kept; what a later version added is left out."""
    known = Entry.__dataclass_fields__
    return Entry(**{name: value for name, value in document.items() if name in known})


def public_entry(number: int, entry: Entry, *, undone: bool) -> dict[str, Any]:
    """Return a line as moderators see it; `number` is its place in the log."""
    told: dict[str, Any] = {"id": str(number), "at": format_ms(entry.at_ms)}
    shown = entry.document()
    for private in ("at_ms", "until_ms", "was"):
        shown.pop(private, None)
    if entry.until_ms is not None:
        shown["until"] = format_ms(entry.until_ms) if entry.until_ms else None
    undoable = entry.action in UNDOABLE and not undone
    return {**told, **shown, **({"undone": True} if undone else {}), "undoable": undoable}
