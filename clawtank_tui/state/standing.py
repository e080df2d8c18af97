"""Whether this viewer may write now: why not, until when, and how long to wait between two messages.

Pure; asked again whenever the state or the clock moved, so that the line opens by itself. What the relay
says of `capabilities` is the last word; the other facts say why, and for how long. Checklist MOD-13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clawtank_tui.state.lines import clock_time
from clawtank_tui.state.model import Phase

if TYPE_CHECKING:
    from datetime import tzinfo

    from clawtank_tui.state.model import ViewState

MODERATE = "moderate"
"""The capability of who holds a moderate or host token of the room."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Why this viewer may not write.

    Attributes:
        what: The state of things, without a full stop.
        why: More of it, or what to do; may be empty.
        until_ms: When it opens by itself, by the viewer's clock; None if nobody knows.
        for_good: There is no chat to write in, and nothing to be done here about it.
    """

    what: str
    why: str = ""
    until_ms: int | None = None
    for_good: bool = False

    def in_words(self, zone: tzinfo | None, now_ms: int) -> str:
        """Say it in a sentence, with the time in a zone (the system's when None)."""
        until = "" if self.until_ms is None else f" until {clock_time(self.until_ms, zone, now_ms)}"
        tail = f": {self.why}" if self.why else "."
        return self.what + until + (tail if tail[-1] in ".!?…" else tail + ".")


def closed(view: ViewState, now_ms: int) -> Closed | None:
    """Return why this viewer may not write; None if they may, or nobody knows yet."""
    talk, me, rules = view.talk, view.me, view.talk.rules
    if not me.spectator_id and view.connection.phase is not Phase.LIVE:
        return None
    if view.room.state == "completed":
        return Closed("This room is completed", "its chat is closed", for_good=True)
    if "chat" not in view.room.features:
        return Closed("This room has no spectator chat", for_good=True)
    if talk.mute is not None and not is_over(talk.mute.until_ms, now_ms):
        return Closed("A moderator muted you", talk.mute.reason, talk.mute.until_ms)
    if talk.read_only and rules.shielded:
        return Closed("The shield is up", "who came after that reads only, until it is down")
    if "chat" in me.capabilities:
        return None
    if rules.locked:
        return Closed("A moderator locked the chat", "nobody writes for now")
    if not rules.anonymous and me.state == "anonymous":
        return Closed("Only registered viewers may write here", "watch with --token")
    # A mute that is over took the capability away; the relay says so, or has said it while we were away.
    return None if talk.mute is not None else Closed("You may not write here now")


def opens_at_ms(view: ViewState, now_ms: int) -> int | None:
    """Return when the line opens by itself, or another message may be sent; None if nothing is awaited."""
    shut = closed(view, now_ms)
    if shut is not None:
        return shut.until_ms
    again_ms = next_message_ms(view)
    return again_ms if again_ms > now_ms else None


def next_message_ms(view: ViewState) -> int:
    """Return from when on another message of this viewer is taken; a time in the past says: now."""
    talk = view.talk
    if talk.rules.slow_s and talk.said_ms:
        return max(talk.wait_until_ms, talk.said_ms + talk.rules.slow_s * 1000)
    return talk.wait_until_ms


def is_over(until_ms: int | None, now_ms: int) -> bool:
    """Say whether a time that may never come has come."""
    return until_ms is not None and until_ms <= now_ms


def lasting(seconds: int) -> str:
    """Say how long something lasts: `45 s`, `10 min`, `3 h`, `7 days`."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or seconds == size:
            return f"{round(seconds / size)} {'day' if unit == 'days' and seconds == size else unit}"
    return f"{seconds} s"
