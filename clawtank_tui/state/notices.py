"""What the relay tells about the chat and about this viewer's place in it: rules, mutes, warnings, outcomes.

Pure. Each takes the talk and returns it with the sentences for the feed, where they stay and where `--plain`
prints them; what answers something this viewer asked is a word beside the line they write on instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clawtank_tui.state import chat, intake
from clawtank_tui.state.standing import lasting
from clawtank_tui.state.talk import Ask, Mute, Rules, Talk, Word
from relay.protocol.times import parse_instant

if TYPE_CHECKING:
    from clawtank_tui.state.model import Me

_LONGEST_S = 10**9
_REASON = 300
_OUTCOMES = {
    "removed": "What you reported was removed. Thank you.",
    "kept": "A moderator looked at what you reported and let it stand.",
}
_ACTS = {
    "delete": "Removed a message of {who}",
    "delete_all": "Removed what {who} said",
    "warn": "Warned {who}",
    "mute": "Muted {who}",
    "unmute": "{who} may write again",
    "ban": "Banned {who}",
    "unban": "{who} may come back",
    "slow": "Slow mode",
    "lock": "Locked the chat",
    "unlock": "The chat is open again",
    "shield": "The shield is up",
    "unshield": "The shield is down",
    "undo": "Took it back",
}


def rules(talk: Talk, told: object) -> tuple[Talk, list[str]]:
    """Take `chat` of a welcome or of a `settings_changed`: what holds room-wide, and what changed of it."""
    if not isinstance(told, dict):
        return talk, []
    was = talk.rules
    now = Rules(
        slow_s=intake.number(told.get("slow_s"), _LONGEST_S) or 0,
        locked=told.get("locked") is True,
        approval=told.get("approval") is True,
        anonymous=told.get("anonymous") is not False,
        watch_s=intake.number(told.get("watch_s"), _LONGEST_S) or 0,
        shielded=told.get("shielded") is True,
    )
    if now.slow_s < was.slow_s or now.watch_s < was.watch_s:
        talk = replace(talk, wait_until_ms=0)  # if it was not for that, the relay will say so
    return replace(talk, rules=now), list(_changes(was, now))


def _changes(was: Rules, now: Rules) -> list[str]:
    said = []
    if was.locked != now.locked:
        said.append("The spectator chat is locked." if now.locked else "The spectator chat is open again.")
    if was.slow_s != now.slow_s:
        slow = f"Slow mode: one message in {lasting(now.slow_s)}." if now.slow_s else "Slow mode is off."
        said.append(slow)
    if was.shielded != now.shielded:
        up = "The shield is up: every message waits for a moderator."
        said.append(up if now.shielded else "The shield is down.")
    return said


def mute(told: object, ahead_ms: int) -> Mute | None:
    """Read `muted`; `ahead_ms` is by how much the relay's clock is ahead of the viewer's."""
    if not isinstance(told, dict):
        return None
    until = told.get("until")
    until_ms = parse_instant(until) if isinstance(until, str) else None
    reason = intake.text(told.get("reason"), _REASON)
    return Mute(None if until_ms is None else until_ms - ahead_ms, reason)


def mute_changed(talk: Talk, told: object, now_ms: int, ahead_ms: int) -> tuple[Talk, list[str]]:
    """Take `muted` of a `mode_changed`: a mute begins or ends."""
    now = mute(told, ahead_ms)
    if (now is None) == (talk.mute is None) and now == talk.mute:
        return talk, []
    talk = replace(talk, mute=now, wait_until_ms=0, refusal=None if now is None else talk.refusal)
    if now is None:
        return talk, ["You may write in the spectator chat again."]
    how_long = "" if now.until_ms is None else f" for {lasting(max((now.until_ms - now_ms) // 1000, 1))}"
    return talk, [f"A moderator muted you{how_long}{_because(now.reason)}"]


def named(talk: Talk, name: str, me: Me, ref: object) -> Talk:
    """Take a change of one's own name, or that there was none though it was asked for: `name` is empty."""
    asked = any(one.ref == ref and one.request.kind is Ask.NAME for one in talk.asked)
    if not name and not asked:
        return talk
    now = f"now {name}" if name else f"still {me.display_name}"
    return replace(chat.granted(talk, ref), word=Word(f"You are {now}."))


def warned(talk: Talk, data: Mapping[str, Any]) -> tuple[Talk, list[str]]:
    """Take a moderator's warning."""
    words = f"A moderator warns you{_because(intake.text(data.get('reason'), _REASON))}"
    about = talk.find(intake.key(data.get("message_id")))
    if about is not None:
        words += f" It is about “{start_of(about.text)}”."
    return replace(talk, word=Word(words, grave=True)), [words]


def report_received(talk: Talk, data: Mapping[str, Any]) -> Talk:
    """Take the receipt of a report."""
    return replace(chat.granted(talk, data.get("ref")), word=Word("Reported: a moderator will look."))


def report_settled(talk: Talk, data: Mapping[str, Any]) -> tuple[Talk, list[str]]:
    """Take what became of a report, perhaps long after it."""
    words = _OUTCOMES.get(intake.text(data.get("outcome"), intake.WORD), "A moderator settled your report.")
    return replace(talk, word=Word(words)), [words]


def decided(talk: Talk, data: Mapping[str, Any], ahead_ms: int, now_ms: int) -> Talk:
    """Take the line of the moderation log that an act of this viewer's became."""
    form = _ACTS.get(intake.text(data.get("action"), intake.WORD), "Done")
    words = form.format(who=intake.text(data.get("display_name"), intake.NAME) or "a viewer")
    lasts = mute({"until": data.get("until")}, ahead_ms)
    seconds = intake.number(data.get("seconds"), _LONGEST_S)
    if lasts is not None and lasts.until_ms is not None:
        words += f" for {lasting(max(round((lasts.until_ms - now_ms) / 1000), 1))}"
    elif data.get("action") == "slow":
        words += f": one message in {lasting(seconds)}" if seconds else " is off"
    can_undo = data.get("undoable") is True
    talk = chat.granted(talk, data.get("ref"))
    undoable = intake.key(data.get("id")) if can_undo else ""
    words += ". /undo takes it back." if can_undo else "."
    return replace(talk, word=Word(words), undoable=undoable)


def start_of(text: str, most: int = 40) -> str:
    """Return the beginning of a text on one line, with a mark where more follows."""
    words = " ".join(text.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _because(reason: str) -> str:
    if not reason:
        return "."
    return f": {reason}" if reason[-1] in ".!?…" else f": {reason}."
