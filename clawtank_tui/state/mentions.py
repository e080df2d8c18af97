"""Where a message calls this viewer: `@name`, in whatever case, and the whole of the name.

A name of several bearers may carry a tag (`@ken·k7q`): then only the one with that tag is called. The name
that the relay gives to whoever chose none calls nobody without it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clawtank_tui.state.names import ANONYMOUS_NAME, DOT, tag

if TYPE_CHECKING:
    from clawtank_tui.state.model import Me
    from clawtank_tui.state.talk import ChatMessage

_TAG = re.compile(rf"{DOT}([a-z][2-9][a-z])(?!\w)")
_GROWS_BY = 2
"""Characters by which a name may be longer or shorter in another case: ß and SS."""


def mentions(text: str, me: Me) -> tuple[tuple[int, int], ...]:
    """Return where a text calls a viewer: from the @ to behind the name, in order."""
    if not me.display_name or "@" not in text:
        return ()
    found = []
    at = text.find("@")
    while at >= 0:
        end = 0 if at and (text[at - 1].isalnum() or text[at - 1] == "_") else _name_ends(text, at + 1, me)
        if end:
            found.append((at, end))
        at = text.find("@", max(at + 1, end))
    return tuple(found)


def calls(message: ChatMessage, me: Me, answered: ChatMessage | None) -> bool:
    """Say whether a message is for a viewer: it calls them, or answers what they said."""
    if message.spectator_id == me.spectator_id:
        return False
    if answered is not None and me.spectator_id and answered.spectator_id == me.spectator_id:
        return True
    return bool(mentions(message.text, me))


def _name_ends(text: str, start: int, me: Me) -> int:
    """Return where the viewer's name ends that begins at `start`; 0 if it does not stand there."""
    name = me.display_name.casefold()
    usual = len(me.display_name)
    ends = [start + usual]
    if not me.display_name.isascii():
        ends += [start + usual + more for more in range(-_GROWS_BY, _GROWS_BY + 1) if more]
    for end in ends:
        if text[start:end].casefold() != name:
            continue
        tagged = _TAG.match(text, end)
        if tagged is not None:
            return tagged.end() if tagged[1] == tag(me.spectator_id) else 0
        after = text[end : end + 1]
        goes_on = after.isalnum() or after == "_" or (after == "-" and text[end + 1 : end + 2].isalnum())
        if not goes_on and me.display_name != ANONYMOUS_NAME:
            return end
    return 0
