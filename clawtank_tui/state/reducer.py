"""What a message changes: `reduce(state, envelope, now_ms)` is the only way the view state moves.

Pure, and total: whatever JSON a relay sends, it returns a step. What it knows of the order: events up
to `as_of` are in the welcome's state already and become rows only; events up to `seen` are rows already.
Spec: Connection Flow, Activity Stream, Recovery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from clawtank_tui.state import intake
from clawtank_tui.state.delivery import SUBSCRIPTION
from clawtank_tui.state.life import ENTRIES_KEPT, agent_entry, bounded, follow, member_entry, task_entry
from clawtank_tui.state.model import (
    ChatMessage,
    Me,
    RoomInfo,
    Row,
    RowKind,
    Step,
    ViewState,
)
from clawtank_tui.state.pace import adapted, agreed
from relay.protocol import messages
from relay.protocol.cursor import parse_cursor
from relay.protocol.events import CATEGORY_OF, EVENT_TYPES, Category

CHAT_KEPT = 200
HELD_KEPT = 20
_EVENTS_PER_FRAME = 20_000
_OF_NOW = frozenset({"settings_changed", "mode_changed", "quality_changed"})
_MAX_CHAT_LENGTH = 100_000


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
        and (kind == messages.CHAT or _is_old_news(kind, data))
    ):
        # Replayed: the state holds this already, and perhaps what undid it. One's own waits no longer.
        return Step(replace(state, cursor=cursor, held=_without(state.held, data.get("ref"))))
    match kind:
        case messages.WELCOME:
            return _welcome(state, data, now_ms)
        case messages.ACTIVITY | messages.BATCH:
            step = _events(state, data, now_ms)
        case messages.CHAT:
            step = _chat(state, data, now_ms)
        case messages.CHAT_REMOVED:
            step = _chat_removed(state, data)
        case messages.PRESENCE:
            step = Step(replace(state, presence=intake.presence(data)))
        case messages.NOTICE:
            step = _notice(state, data, now_ms)
        case messages.ERROR:
            step = _error(state, data, now_ms)
        case _:
            step = Step(state)
    if position is not None:
        step = replace(step, state=replace(step.state, cursor=cursor))
    return step


def _is_old_news(kind: object, data: Mapping[str, Any]) -> bool:
    """Say whether a replayed notice tells nothing new; most say what holds when they are sent."""
    return kind == messages.NOTICE and data.get("kind") not in _OF_NOW


def _welcome(state: ViewState, data: Mapping[str, Any], now_ms: int) -> Step:
    recovery = intake.obj(data.get("recovery"))
    cursor = intake.key(data.get("cursor"))
    arrived_before = bool(state.cursor)
    # The same position again is an identity changed in place: nothing was missed.
    recovered = arrived_before and (recovery.get("recovered") is True or cursor == state.cursor)
    told = _told(state, data, now_ms)
    if not recovered:
        fresh = _fresh(told, data, cursor, now_ms)
        gap = "Something may be missing here: the relay could not resume where the line broke off."
        # A viewer that came with a cursor of its own can miss something at its very first welcome.
        missed = arrived_before or (recovery.get("requested") is True and recovery.get("recovered") is False)
        return Step(fresh, (_words(RowKind.GAP, gap, now_ms),) if missed else ())
    rows = []
    if missed_count := intake.number(recovery.get("missed")) or 0:
        rows.append(_words(RowKind.NOTE, f"While you were away: {missed_count} new.", now_ms))
    if lost := intake.number(recovery.get("not_kept")) or 0:
        rows.append(
            _words(
                RowKind.NOTE, f"This room keeps no chat: {lost} messages passed while you were away.", now_ms
            )
        )
    # What the host hid or showed meanwhile comes with its notice, which also takes the rows away.
    return Step(replace(told, cursor=cursor or state.cursor, visible=state.visible), tuple(rows))


def _told(state: ViewState, data: Mapping[str, Any], now_ms: int) -> ViewState:
    """Take what every welcome says of room, viewer, limits and audience."""
    info = intake.obj(data.get("room_info"))
    me = intake.obj(data.get("spectator"))
    visible = data.get("visible")
    length = intake.number(intake.obj(data.get("limits")).get("chat_message_length"), _MAX_CHAT_LENGTH)
    return replace(
        state,
        room=RoomInfo(
            state.room.room_id,
            intake.text(info.get("name"), intake.NAME),
            intake.text(info.get("state"), intake.WORD),
            intake.words(info.get("features")),
        ),
        me=Me(
            intake.key(me.get("id")),
            intake.text(me.get("state"), intake.WORD),
            intake.text(me.get("display_name"), intake.NAME),
            intake.words(me.get("capabilities")),
        ),
        presence=intake.presence(intake.obj(data.get("current_state")).get("presence")),
        held=(),  # what waited may be decided, or forgotten by a relay that was restarted
        chat_length=length or state.chat_length,
        visible=intake.words(visible) & EVENT_TYPES if isinstance(visible, list) else EVENT_TYPES,
        delivery=agreed(state.delivery, data.get("delivery")),
    )


def _fresh(state: ViewState, data: Mapping[str, Any], cursor: str, now_ms: int) -> ViewState:
    """Replace what was known with the welcome's `current_state`."""
    old, new = parse_cursor(state.cursor), parse_cursor(cursor)
    same_log = old is not None and new is not None and old.epoch == new.epoch
    state = replace(state, unsent="", as_of=new.seq if new else 0, cursor=cursor)
    state = replace(state, seen=state.seen if same_log else 0)
    return _as_told(state, intake.obj(data.get("current_state")), now_ms)


def _as_told(state: ViewState, current: Mapping[str, Any], now_ms: int) -> ViewState:
    """Replace tasks, agents, members and chat with a `current_state`."""
    said = [
        intake.chat_message(item, now_ms) for item in intake.items(current.get("spectator_chat"), CHAT_KEPT)
    ]
    chat = {message.message_id: message for message in said if message is not None}
    tasks = [task_entry(item, now_ms) for item in intake.items(current.get("tasks"), ENTRIES_KEPT)]
    agents = [agent_entry(item, now_ms) for item in intake.items(current.get("agents"), ENTRIES_KEPT)]
    members = [member_entry(item, now_ms) for item in intake.items(current.get("members"), ENTRIES_KEPT)]
    as_of = intake.seq_of(current.get("as_of"))
    return replace(
        state,
        tasks=MappingProxyType({task.task_id: task for task in tasks if task is not None}),
        agents=MappingProxyType({agent.name: agent for agent in agents if agent is not None}),
        members=MappingProxyType({member.name: member for member in members if member is not None}),
        chat=tuple(chat.values()),
        as_of=state.as_of if as_of is None else as_of,
    )


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


def _chat(state: ViewState, data: Mapping[str, Any], now_ms: int) -> Step:
    message = intake.chat_message(data, now_ms)
    if message is None or any(known.message_id == message.message_id for known in state.chat):
        return Step(state)
    ref = data.get("ref")
    unsent = "" if isinstance(ref, str) else state.unsent
    chat = (*state.chat[-CHAT_KEPT + 1 :], message)
    return Step(replace(state, chat=chat, unsent=unsent, held=_without(state.held, ref)))


def _chat_removed(state: ViewState, data: Mapping[str, Any]) -> Step:
    message_id, spectator_id = intake.key(data.get("message_id")), intake.key(data.get("spectator_id"))

    def stays(message: ChatMessage) -> bool:
        return not (
            (message_id and message.message_id == message_id)
            or (spectator_id and message.spectator_id == spectator_id)
        )

    return Step(replace(state, chat=tuple(message for message in state.chat if stays(message))))


def _notice(state: ViewState, data: Mapping[str, Any], now_ms: int) -> Step:
    match data.get("kind"):
        case "room_state":
            word = intake.text(data.get("state"), intake.WORD)
            if not word or word == state.room.state:
                return Step(state)
            note = _words(RowKind.NOTE, f"The room is now {word}.", now_ms)
            return Step(replace(state, room=replace(state.room, state=word)), (note,))
        case "message_held":
            ref = intake.key(data.get("ref"))
            held = (*_without(state.held, ref), ref)[-HELD_KEPT:]
            return Step(replace(state, unsent="", held=held if ref else state.held))
        case "mode_changed":
            return Step(replace(state, delivery=agreed(state.delivery, data.get("delivery"))))
        case "quality_changed":
            delivery, remark = adapted(state.delivery, data, now_ms)
            rows = (_words(RowKind.NOTE, remark, now_ms),) if remark else ()
            return Step(replace(state, delivery=delivery), rows)
        case "settings_changed":
            return _settings_changed(state, data, now_ms)
        case _:
            return Step(state)


def _settings_changed(state: ViewState, data: Mapping[str, Any], now_ms: int) -> Step:
    """Take what holds now: whatever may no longer be seen goes, from the state and from the feed."""
    rows = []
    if name := intake.text(data.get("name"), intake.NAME):
        state = replace(state, room=replace(state.room, name=name))
    if isinstance(data.get("features"), list):
        features = intake.words(data["features"])
        if ("chat" in features) != ("chat" in state.room.features):
            word = "open" if "chat" in features else "closed"
            rows.append(_words(RowKind.NOTE, f"The spectator chat is now {word}.", now_ms))
        state = replace(state, room=replace(state.room, features=features))
    length = intake.number(intake.obj(data.get("limits")).get("chat_message_length"), _MAX_CHAT_LENGTH)
    state = replace(state, chat_length=length or state.chat_length)
    gone: frozenset[str] = frozenset()
    if isinstance(data.get("visible"), list):
        visible = intake.words(data["visible"]) & EVENT_TYPES
        if visible != state.visible:
            rows.append(_words(RowKind.NOTE, "The host changed what can be watched.", now_ms))
        gone = EVENT_TYPES - visible
        state = _hide(replace(state, visible=visible))
    if data.get("earlier") == "discard":
        told = "The host changed how much is told; what was here before is gone."
        rows.append(_words(RowKind.NOTE, told, now_ms))
        gone = EVENT_TYPES
    if isinstance(data.get("current_state"), dict):
        state = _as_told(state, data["current_state"], now_ms)
    return Step(state, tuple(rows), gone)


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
    why = intake.text(data.get("message"), 300) or "The message was not accepted."
    if data["ref"].startswith(SUBSCRIPTION):
        told = f"News come as before ({state.delivery.in_words()}). {why}"
        return Step(state, (_words(RowKind.NOTE, told, now_ms),))
    return Step(replace(state, unsent=why, held=_without(state.held, data["ref"])))


def _without(held: tuple[str, ...], ref: object) -> tuple[str, ...]:
    return tuple(waiting for waiting in held if waiting != ref)


def _words(kind: RowKind, words: str, now_ms: int) -> Row:
    return Row(now_ms, kind, fields=MappingProxyType({"text": words}))
