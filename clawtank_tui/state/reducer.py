"""What a message changes: `reduce(state, envelope, now_ms)` is the only way the view state moves.

Pure, and total: whatever JSON a relay sends, it returns a step. What it knows of the order: events up
to `as_of` are in the welcome's state already and become rows only; events up to `seen` are rows already.
Spec: Connection Flow, Activity Stream, Recovery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from clawtank_tui.state import chat, intake, notices
from clawtank_tui.state.delivery import SUBSCRIPTION
from clawtank_tui.state.life import bounded, follow
from clawtank_tui.state.model import Me, Row, RowKind, Step, ViewState
from clawtank_tui.state.pace import adapted, agreed
from clawtank_tui.state.standing import MODERATE
from clawtank_tui.state.welcome import as_told, aside, welcome, with_length
from relay.protocol import messages
from relay.protocol.events import CATEGORY_OF, EVENT_TYPES, Category

if TYPE_CHECKING:
    from clawtank_tui.state.talk import Talk

_EVENTS_PER_FRAME = 20_000
_OF_NOW = frozenset({"settings_changed", "mode_changed", "quality_changed"})
_IN_THE_STATE = frozenset({messages.CHAT, messages.CHAT_REMOVED})


def reduce(state: ViewState, envelope: Mapping[str, Any], now_ms: int) -> Step:
    """Apply one message of the relay.

    Args:
        state: What is known so far.
        envelope: The message as it was decoded; not yet safe, not even for its types.
        now_ms: The viewer's clock, for what carries no readable time.
    """
    data = intake.obj(envelope.get("data"))
    kind = envelope.get("type")
    cursor = intake.key(data.get("cursor"))
    position = intake.seq_of(cursor)
    if (
        position is not None
        and position <= state.as_of
        and (kind in _IN_THE_STATE or _is_old_news(kind, data))
    ):
        # Replayed: the state holds this already, and perhaps what undid it. One's own waits no longer.
        return Step(replace(state, cursor=cursor, talk=chat.granted(state.talk, data.get("ref"))))
    ahead_ms = intake.instant(envelope.get("timestamp"), now_ms) - now_ms
    match kind:
        case messages.WELCOME:
            return welcome(state, data, now_ms, ahead_ms)
        case messages.ACTIVITY | messages.BATCH:
            step = _events(state, data, now_ms)
        case messages.CHAT:
            step = Step(replace(state, talk=chat.said(state.talk, data, state.me, now_ms, ahead_ms)))
        case messages.CHAT_REMOVED:
            step = Step(replace(state, talk=chat.taken_away(state.talk, data)[0]))
        case messages.PRESENCE:
            step = Step(replace(state, presence=intake.presence(data)))
        case messages.NOTICE:
            step = _notice(state, data, now_ms, ahead_ms)
        case messages.ERROR:
            step = _error(state, data, now_ms)
        case messages.DECIDED:
            step = Step(replace(state, talk=notices.decided(state.talk, data, ahead_ms, now_ms)))
        case _:
            step = Step(state)
    if position is not None:
        step = replace(step, state=replace(step.state, cursor=cursor))
    return step


def _is_old_news(kind: object, data: Mapping[str, Any]) -> bool:
    """Say whether a replayed notice tells nothing new; most say what holds when they are sent."""
    return kind == messages.NOTICE and data.get("kind") not in _OF_NOW


def _events(state: ViewState, data: Mapping[str, Any], now_ms: int) -> Step:
    rows: list[Row] = []
    for event in intake.items(data.get("events"), _EVENTS_PER_FRAME):
        read = intake.event_row(event, now_ms)
        if read is None:
            continue
        seq, row = read
        if seq <= state.seen:
            continue
        row = _with_title(row, state)
        state = replace(state, seen=seq)
        if seq > state.as_of:
            state = bounded(follow(state, row))
        rows.append(row)
    return Step(state, tuple(rows))


def _with_title(row: Row, state: ViewState) -> Row:
    """Give a task event the title known now; later the task may be gone from the state."""
    task = state.tasks.get(row.fields.get("task_id", ""))
    if task is None or "title" in row.fields or CATEGORY_OF.get(row.type) is Category.GIT:
        return row
    return replace(row, fields=MappingProxyType({**row.fields, "title": task.title}))


def _notice(state: ViewState, data: Mapping[str, Any], now_ms: int, ahead_ms: int) -> Step:
    match data.get("kind"):
        case "room_state":
            word = intake.text(data.get("state"), intake.WORD)
            if not word or word == state.room.state:
                return Step(state)
            note = aside(RowKind.NOTE, f"The room is now {word}.", now_ms)
            return Step(replace(state, room=replace(state.room, state=word)), (note,))
        case "message_held":
            return Step(replace(state, talk=chat.held(state.talk, data.get("ref"), now_ms)))
        case "report_received":
            return Step(replace(state, talk=notices.report_received(state.talk, data)))
        case "report_settled":
            return _talked(state, *notices.report_settled(state.talk, data), now_ms)
        case "warning":
            return _talked(state, *notices.warned(state.talk, data), now_ms)
        case "mode_changed":
            return _mode_changed(state, data, now_ms, ahead_ms)
        case "quality_changed":
            delivery, remark = adapted(state.delivery, data, now_ms)
            rows = (aside(RowKind.NOTE, remark, now_ms),) if remark else ()
            return Step(replace(state, delivery=delivery), rows)
        case "settings_changed":
            return _settings_changed(state, data, now_ms)
        case _:
            return Step(state)


def _talked(state: ViewState, talk: Talk, told: Iterable[str], now_ms: int) -> Step:
    return Step(replace(state, talk=talk), tuple(aside(RowKind.NOTE, words, now_ms) for words in told))


def _mode_changed(state: ViewState, data: Mapping[str, Any], now_ms: int, ahead_ms: int) -> Step:
    """Take what changed for this viewer alone: how they are told, what they may, and their name."""
    state = replace(state, delivery=agreed(state.delivery, data.get("delivery")))
    if isinstance(data.get("capabilities"), list):
        state = replace(state, me=replace(state.me, capabilities=intake.words(data["capabilities"])))
    if name := intake.text(data.get("display_name"), intake.NAME):
        state = replace(state, me=replace(state.me, display_name=name))
    state = replace(state, talk=notices.named(state.talk, name, state.me, data.get("ref")))
    if "muted" not in data:
        return Step(state)
    return _talked(state, *notices.mute_changed(state.talk, data["muted"], now_ms, ahead_ms), now_ms)


def _settings_changed(state: ViewState, data: Mapping[str, Any], now_ms: int) -> Step:
    """Take what holds now: whatever may no longer be seen goes, from the state and from the feed."""
    rows = []
    if name := intake.text(data.get("name"), intake.NAME):
        state = replace(state, room=replace(state.room, name=name))
    if isinstance(data.get("features"), list):
        features = intake.words(data["features"])
        if ("chat" in features) != ("chat" in state.room.features):
            word = "open" if "chat" in features else "closed"
            rows.append(aside(RowKind.NOTE, f"The spectator chat is now {word}.", now_ms))
        state = replace(state, room=replace(state.room, features=features))
    talk, changes = notices.rules(with_length(state.talk, data), data.get("chat"))
    rows += [aside(RowKind.NOTE, words, now_ms) for words in changes]
    state = replace(state, me=_entitled(state.me, data.get("capabilities")), talk=talk)
    gone: frozenset[str] = frozenset()
    if isinstance(data.get("visible"), list):
        visible = intake.words(data["visible"]) & EVENT_TYPES
        if visible != state.visible:
            rows.append(aside(RowKind.NOTE, "The host changed what can be watched.", now_ms))
        gone = EVENT_TYPES - visible
        state = _hide(replace(state, visible=visible))
    if data.get("earlier") == "discard":
        told = "The host changed how much is told; what was here before is gone."
        rows.append(aside(RowKind.NOTE, told, now_ms))
        gone = EVENT_TYPES
    if isinstance(data.get("current_state"), dict):
        state = as_told(state, data["current_state"], now_ms)
    return Step(state, tuple(rows), gone)


def _entitled(me: Me, told: object) -> Me:
    """Take from what viewers of each kind may do now what this one may; a token of the room stays one."""
    row = intake.obj(told).get(me.state)
    if not isinstance(row, list):
        return me
    return replace(me, capabilities=intake.words(row) | (me.capabilities & {MODERATE}))


def _hide(state: ViewState) -> ViewState:
    """Forget what may no longer be seen."""
    shown = {CATEGORY_OF[kind] for kind in state.visible}
    nothing: Mapping[str, Any] = MappingProxyType({})
    return replace(
        state,
        tasks=state.tasks if Category.TASK in shown else nothing,
        agents=state.agents if Category.AGENT in shown else nothing,
        members=state.members if Category.MEMBER in shown else nothing,
    )


def _error(state: ViewState, data: Mapping[str, Any], now_ms: int) -> Step:
    if not isinstance(data.get("ref"), str):
        return Step(state)  # about the line, which the connection machine judges
    if data["ref"].startswith(SUBSCRIPTION):
        why = intake.text(data.get("message"), 300) or "The relay did not accept it."
        told = f"News come as before ({state.delivery.in_words()}). {why}"
        return Step(state, (aside(RowKind.NOTE, told, now_ms),))
    return Step(replace(state, talk=chat.refused(state.talk, data, now_ms)))
