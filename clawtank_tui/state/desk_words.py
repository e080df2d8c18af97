"""The desk in words: why something waits, who did what, how long something still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from clawtank_tui.state.deeds import people_of
from clawtank_tui.state.lines import clock_time
from relay.protocol.moderation import UPON_MESSAGES, Action
from relay.protocol.text import one_line

if TYPE_CHECKING:
    from datetime import tzinfo

    from clawtank_tui.state.deeds import Deed, Order
    from clawtank_tui.state.desk import ChatRules, Entry, Held, Report

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
_EXCERPT = 40

_RULES: Mapping[str, str] = {
    "approval": "everything waits for approval",
    "shield": "the shield is up",
    "reported": "viewers reported it",
    "repeat": "said it before",
    "near_repeat": "nearly the same again",
    "crowd": "as many others said",
    "wall": "a wall of text",
    "links": "links",
    "mentions": "mentions too many",
    "shouting": "shouting",
}
"""What held a message, for people. A rule that is not in here speaks for itself."""

DID: Mapping[str, str] = {
    Action.APPROVE: "approved",
    Action.REJECT: "rejected",
    Action.DELETE: "deleted",
    Action.DELETE_ALL: "deleted all of",
    Action.WARN: "warned",
    Action.MUTE: "muted",
    Action.UNMUTE: "unmuted",
    Action.BAN: "banned",
    Action.UNBAN: "unbanned",
    Action.SLOW: "set slow mode to",
    Action.LOCK: "locked the chat",
    Action.UNLOCK: "unlocked the chat",
    Action.SHIELD: "raised the shield",
    Action.UNSHIELD: "took the shield down",
    Action.UNDO: "took back",
    "hide": "hid",
}
"""What somebody did, for each act."""
_LASTING = frozenset({Action.MUTE, Action.BAN})
_OF_THE_CHAT = frozenset({Action.SLOW, Action.LOCK, Action.UNLOCK, Action.SHIELD, Action.UNSHIELD})


def why_held(message: Held) -> str:
    """Say what held a message, and what the rule saw."""
    rule = _RULES.get(message.rule, message.rule.replace("_", " ") or "held")
    return f"{rule}: {message.detail}" if message.detail else rule


def span(seconds: int) -> str:
    """Return a length of time as people say it, in its largest whole unit: `45 s`, `10 min`, `3 days`."""
    for size, one, many in ((86_400, "day", "days"), (3600, "h", "h"), (60, "min", "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {one if seconds == size else many}"
    return f"{seconds} s"


def left(ms: int) -> str:
    """Return what is left of a time, finer as it ends: `3 days`, `5 h 20 min`, `9:07`."""
    ms = max(ms, 0)
    if ms >= 2 * DAY_MS:
        return f"{ms // DAY_MS} days"
    if ms >= HOUR_MS:
        hours, rest = divmod(ms, HOUR_MS)
        return f"{hours} h {rest // MINUTE_MS:02d} min"
    return f"{ms // MINUTE_MS}:{ms % MINUTE_MS // 1000:02d}"


def lasting(action: str, seconds: int | None) -> str:
    """Say for how long a mute or ban is; empty for what does not last, and for a ban without an end."""
    if action not in _LASTING or seconds is None:
        return ""
    if seconds:
        return f"for {span(seconds)}"
    return "until lifted" if action == Action.MUTE else ""


def what(entry: Entry, undone: Entry | None = None) -> str:
    """Say what a line of the log records, without who and when: `banned viewer_7f for 1 h`.

    Args:
        entry: The line.
        undone: The line that it takes back, if that is known.
    """
    did = DID.get(entry.action, entry.action.replace("_", " "))
    if entry.action == Action.SLOW:
        return f"{did} {span(entry.seconds)}" if entry.seconds else "switched slow mode off"
    if entry.action == Action.UNDO:
        return f"{did}: {what(undone)}" if undone else f"{did} line {entry.undoes}"
    if entry.action in _OF_THE_CHAT:
        return did
    whom = entry.name or "a viewer"
    if entry.action in UPON_MESSAGES or entry.action == "hide":
        return f"{did} a message of {whom}"
    ends = lasting(entry.action, entry.seconds)
    return f"{did} {whom}{ends and ' '}{ends}"


def why(entry: Entry) -> str:
    """Say why, as far as the log knows."""
    return " · ".join(part for part in (entry.reason, _RULES.get(entry.rule, entry.rule)) if part)


def logged(entry: Entry) -> str:
    """Say a line of the log in one sentence, without its time."""
    reason = why(entry)
    return f"{entry.by} {what(entry)}" + (f" ({reason})" if reason else "")


def people(count: int) -> str:
    """Count people."""
    return "1 person" if count == 1 else f"{count} people"


def messages(count: int) -> str:
    """Count messages."""
    return "1 message" if count == 1 else f"{count} messages"


def whom(order: Order) -> str:
    """Say what an order is about: one by name, several by number."""
    targets = order.targets
    if order.action in UPON_MESSAGES:
        return f"this message of {targets[0].name}" if len(targets) == 1 else messages(len(targets))
    persons = people_of(targets)
    return persons[0].name if len(persons) == 1 else people(len(persons))


def told_done(deed: Deed, entry: Entry) -> str:
    """Say that an act was done, where that is not plain to see: to many, or to one."""
    if deed.expected == 1:
        return sentence(what(entry))
    did = DID.get(deed.action, deed.action).removesuffix(" of")
    counted = messages(deed.done) if deed.action in UPON_MESSAGES else people(deed.done)
    return sentence(f"{did} {counted}")


def meanwhile(entry: Entry) -> str:
    """Say that somebody else decided before."""
    return f"{entry.by} has {DID.get(entry.action, entry.action).removesuffix(' all of')} it meanwhile."


def sentence(words: str) -> str:
    """Make words a sentence."""
    return f"{words[:1].upper()}{words[1:]}."


def excerpt(text: str, most: int = _EXCERPT) -> str:
    """Return the beginning of a text on one line."""
    words = one_line(text)
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def what_holds(rules: ChatRules) -> Sequence[tuple[str, bool]]:
    """Say what holds in the chat, each with whether it is out of the ordinary."""
    return (
        ("chat LOCKED" if rules.locked else "chat open", rules.locked),
        (f"slow {span(rules.slow_s)}" if rules.slow_s else "slow off", bool(rules.slow_s)),
        ("approval ON" if rules.approval else "approval off", rules.approval),
        ("guests write" if rules.anonymous else "guests only read", not rules.anonymous),
        *(((f"after {span(rules.watch_s)} of watching", True),) if rules.watch_s else ()),
    )


def told_held(message: Held, zone: tzinfo | None, today_ms: int) -> str:
    """Say in a line that a message waits."""
    return (
        f"{clock_time(message.at_ms, zone, today_ms)} held  {message.name} ({message.author_state}): "
        f"{one_line(message.text)}  [{why_held(message)}; {message.message_id}]"
    )


def told_reported(report: Report, zone: tzinfo | None, today_ms: int) -> str:
    """Say in a line that a message is reported."""
    reasons = f": {'; '.join(report.reasons)}" if report.reasons else ""
    hidden = ", hidden" if report.hidden else ""
    return (
        f"{clock_time(report.last_ms, zone, today_ms)} reported  {report.name}: {one_line(report.text)}  "
        f"[{report.count} times{hidden}{reasons}; {report.message_id}]"
    )
