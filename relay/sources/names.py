"""Who an id stands for: what joins teach, and later events ask.

ClawTank's own events often name an agent by its id alone. The room keeps a private table from ids to display
names; the mappers see it through this protocol. What they teach is untrusted: who keeps it, cleans it.
"""

from __future__ import annotations

from typing import Literal, Protocol

Kind = Literal["agent", "owner", "member", "holder"]
"""What a name is: an agent's, its owner's (by the agent's id), a person's, or that of the agent that holds a
task (by the task's id)."""


class Names(Protocol):
    """A room's table of display names."""

    def learn(self, kind: Kind, id: str, name: str, /) -> None:
        """Remember a display name; a later one replaces it, and an empty one forgets it."""

    def name_of(self, kind: Kind, id: str, /) -> str | None:
        """Return the display name, or None if nobody told."""
