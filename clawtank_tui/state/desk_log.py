"""What was decided, by whomever, and what it changes on the desk: the log, the queue, the acts under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from clawtank_tui.state import desk_intake, intake
from clawtank_tui.state.deeds import Deed, noted
from clawtank_tui.state.desk import ChatRules, Desk, Entry, Held, Remark, Report, by_id
from clawtank_tui.state.desk_words import meanwhile, sentence, told_done, what
from relay.protocol.errors import Code
from relay.protocol.moderation import UPON_MESSAGES, Action

LOG_KEPT = 1000
DECIDED_KEPT = 500
_ALL_GONE = frozenset({Action.DELETE_ALL, Action.BAN})
"""What takes all of an author's."""


def decided(desk: Desk, data: Mapping[str, Any], now_ms: int) -> Desk:
    """Take a line of the log, and what it says happened; with `ref`, it answers an act of ours."""
    entry = desk_intake.entry(data, now_ms)
    if entry is None:
        return desk
    before = desk
    log = tuple(line for line in desk.log if line.entry_id != entry.entry_id)
    if entry.undoes:
        log = tuple(_undone(line, entry) for line in log)
    desk = replace(desk, log=(*log, entry)[-LOG_KEPT:])
    if entry.action in UPON_MESSAGES or entry.action in _ALL_GONE:
        desk = _cleared(desk, entry)
    desk = replace(desk, rules=_ruled(desk, entry))
    return _answered(desk, before, data.get("ref"), entry)


def _cleared(desk: Desk, entry: Entry) -> Desk:
    """Take away what waits no longer, and remember what became of it."""
    everything = entry.action in _ALL_GONE

    def goes(message: Held | Report) -> bool:
        if entry.message_id and message.message_id == entry.message_id:
            return True
        return everything and bool(entry.spectator_id) and message.spectator_id == entry.spectator_id

    held, reports = desk.held.values(), desk.reports.values()
    gone = {message.message_id for message in held if goes(message)}
    gone |= {report.message_id for report in reports if goes(report)} | {entry.message_id} - {""}
    decided = list((dict(desk.decided) | dict.fromkeys(gone, entry)).items())
    return replace(
        desk,
        held=by_id([message for message in held if not goes(message)]),
        reports=by_id([report for report in reports if not goes(report)]),
        decided=MappingProxyType(dict(decided[-DECIDED_KEPT:])),
    )


def _undone(line: Entry, by: Entry) -> Entry:
    return replace(line, undone=True, undoable=False) if line.entry_id == by.undoes else line


def _ruled(desk: Desk, entry: Entry) -> ChatRules:
    match entry.action:
        case Action.SLOW:
            return replace(desk.rules, slow_s=entry.seconds or 0)
        case Action.LOCK | Action.UNLOCK:
            return replace(desk.rules, locked=entry.action == Action.LOCK)
        case Action.SHIELD | Action.UNSHIELD:
            return replace(desk.rules, shielded=entry.action == Action.SHIELD)
        case _:
            return desk.rules


def _answered(desk: Desk, before: Desk, ref: object, entry: Entry) -> Desk:
    """Give an answer to the act it answers; without one, somebody else did it."""
    deed = next((deed for deed in desk.deeds if deed.ref == ref), None)
    if deed is None:
        return desk
    deed = replace(deed, done=deed.done + 1, entries=(*deed.entries, entry.entry_id))
    remark = Remark(told_done(deed, entry)) if deed.answered else desk.remark
    if deed.action is Action.UNDO:
        taken = next((line for line in before.log if line.entry_id == entry.undoes), None)
        remark = Remark(sentence(what(entry, taken)))
        if deed.together > 1:
            remark = Remark(f"Took back {deed.together} acts.")
    return replace(
        _with(desk, deed), mine=noted(desk.mine, replace(deed, entries=(entry.entry_id,))), remark=remark
    )


def _with(desk: Desk, deed: Deed) -> Desk:
    """Put an act back, unless it is answered in full."""
    kept = [deed if known.ref == deed.ref else known for known in desk.deeds]
    return replace(desk, deeds=tuple(known for known in kept if not known.answered))


def refused(desk: Desk, data: Mapping[str, Any]) -> Desk:
    """Take a refusal: what it is about stays where it is, with the sentence."""
    ref = data.get("ref")
    if not isinstance(ref, str):
        return desk  # about the line, which the connection machine judges
    why = intake.text(data.get("message"), 300) or "The relay did not accept it."
    deed = next((deed for deed in desk.deeds if deed.ref == ref), None)
    if deed is None:
        return replace(desk, remark=Remark(why, True))
    named = {intake.key(data.get("message_id")), intake.key(data.get("spectator_id"))} - {""}
    about = named or (deed.targets if deed.expected == 1 else frozenset())
    gone = [target for target in about if not desk.has(target)]
    other = next((desk.decided[target] for target in gone if target in desk.decided), None)
    # A fault of the relay ends the whole act, whatever of it was done.
    refused = deed.expected - deed.done if data.get("code") == Code.INTERNAL else deed.refused + 1
    desk = _with(desk, replace(deed, refused=refused))
    if other is not None:
        return replace(desk, remark=Remark(meanwhile(other)))
    failed = MappingProxyType(dict(desk.failed) | dict.fromkeys(about, why))
    return replace(desk, failed=failed, remark=Remark(why, True))
