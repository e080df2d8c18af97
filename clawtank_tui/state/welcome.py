"""What a welcome changes: the room as it is now, who this viewer is, and whether anything was missed.

Spec: Connection Flow, Recovery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from clawtank_tui.state import chat, intake, notices
from clawtank_tui.state.life import ENTRIES_KEPT, agent_entry, member_entry, task_entry
from clawtank_tui.state.model import Me, RoomInfo, Row, RowKind, Step, ViewState
from clawtank_tui.state.pace import agreed
from relay.protocol.cursor import parse_cursor
from relay.protocol.events import EVENT_TYPES

if TYPE_CHECKING:
    from clawtank_tui.state.talk import Talk

_MAX_CHAT_LENGTH = 100_000


def welcome(state: ViewState, data: Mapping[str, Any], now_ms: int, ahead_ms: int) -> Step:
    """Take a welcome: the first one, one after the line was lost, or one of a changed identity.

    Args:
        state: What was known before.
        data: Of the message.
        now_ms: The viewer's clock.
        ahead_ms: By how much the relay's clock is ahead of that.
    """
    recovery = intake.obj(data.get("recovery"))
    cursor = intake.key(data.get("cursor"))
    arrived_before = bool(state.cursor)
    # The same position again is an identity changed in place: nothing was missed.
    recovered = arrived_before and (recovery.get("recovered") is True or cursor == state.cursor)
    told = _told(state, data, now_ms, ahead_ms)
    if not recovered:
        fresh = _fresh(told, data, cursor, now_ms)
        gap = "Something may be missing here: the relay could not resume where the line broke off."
        # A viewer that came with a cursor of its own can miss something at its very first welcome.
        missed = arrived_before or (recovery.get("requested") is True and recovery.get("recovered") is False)
        return Step(fresh, (aside(RowKind.GAP, gap, now_ms),) if missed else ())
    rows = []
    if missed_count := intake.number(recovery.get("missed")) or 0:
        rows.append(aside(RowKind.NOTE, f"While you were away: {missed_count} new.", now_ms))
    if lost := intake.number(recovery.get("not_kept")) or 0:
        rows.append(
            aside(
                RowKind.NOTE, f"This room keeps no chat: {lost} messages passed while you were away.", now_ms
            )
        )
    # What the host hid or showed meanwhile comes with its notice, which also takes the rows away.
    return Step(replace(told, cursor=cursor or state.cursor, visible=state.visible), tuple(rows))


def _told(state: ViewState, data: Mapping[str, Any], now_ms: int, ahead_ms: int) -> ViewState:
    """Take what every welcome says of room, viewer, limits and audience."""
    info = intake.obj(data.get("room_info"))
    me = intake.obj(data.get("spectator"))
    visible = data.get("visible")
    talk, _ = notices.rules(with_length(state.talk, data), info.get("chat"))
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
        talk=replace(
            talk, mute=notices.mute(me.get("muted"), ahead_ms), read_only=me.get("read_only") is True
        ),
        visible=intake.words(visible) & EVENT_TYPES if isinstance(visible, list) else EVENT_TYPES,
        delivery=agreed(state.delivery, data.get("delivery")),
    )


def _fresh(state: ViewState, data: Mapping[str, Any], cursor: str, now_ms: int) -> ViewState:
    """Replace what was known with the welcome's `current_state`."""
    old, new = parse_cursor(state.cursor), parse_cursor(cursor)
    same_log = old is not None and new is not None and old.epoch == new.epoch
    state = replace(state, talk=chat.forget_held(state.talk), as_of=new.seq if new else 0, cursor=cursor)
    state = replace(state, seen=state.seen if same_log else 0)
    return as_told(state, intake.obj(data.get("current_state")), now_ms)


def as_told(state: ViewState, current: Mapping[str, Any], now_ms: int) -> ViewState:
    """Replace tasks, agents, members and chat with a `current_state`."""
    history = intake.items(current.get("spectator_chat"), chat.CHAT_KEPT)
    said = [intake.chat_message(item, now_ms) for item in history]
    tasks = [task_entry(item, now_ms) for item in intake.items(current.get("tasks"), ENTRIES_KEPT)]
    agents = [agent_entry(item, now_ms) for item in intake.items(current.get("agents"), ENTRIES_KEPT)]
    members = [member_entry(item, now_ms) for item in intake.items(current.get("members"), ENTRIES_KEPT)]
    as_of = intake.seq_of(current.get("as_of"))
    return replace(
        state,
        tasks=MappingProxyType({task.task_id: task for task in tasks if task is not None}),
        agents=MappingProxyType({agent.name: agent for agent in agents if agent is not None}),
        members=MappingProxyType({member.name: member for member in members if member is not None}),
        talk=chat.told(state.talk, said, state.me),
        as_of=state.as_of if as_of is None else as_of,
    )


def with_length(talk: Talk, data: Mapping[str, Any]) -> Talk:
    """Take from `limits` how long a message may be."""
    length = intake.number(intake.obj(data.get("limits")).get("chat_message_length"), _MAX_CHAT_LENGTH)
    return replace(talk, max_length=length or talk.max_length)


def aside(kind: RowKind, words: str, now_ms: int) -> Row:
    """Return a row of the client itself: a note, or a gap."""
    return Row(now_ms, kind, fields=MappingProxyType({"text": words}))
