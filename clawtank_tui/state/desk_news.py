"""What a message changes on the desk: `reduce(desk, envelope, now_ms)` is how the relay moves it.

Pure, and total: whatever JSON a relay sends, it returns a desk. A welcome tells everything anew; what this
console did itself, and can take back, stays over it.
Spec: checklist MOD-6, MOD-8, MOD-13; the host socket in `docs/protocol.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from clawtank_tui.state import desk_intake, intake, piles
from clawtank_tui.state.desk import Desk, Entry, Remark, by_id
from clawtank_tui.state.desk_log import LOG_KEPT, decided, refused
from clawtank_tui.state.model import RoomInfo
from relay.protocol import messages

if TYPE_CHECKING:
    from clawtank_tui.state.talk import ChatMessage

QUEUE_KEPT = 1000
CHAT_KEPT = 200
_MAX_CHAT_LENGTH = 100_000


def reduce(desk: Desk, envelope: Mapping[str, Any], now_ms: int) -> Desk:
    """Apply one message of the relay.

    Args:
        desk: What is known so far.
        envelope: The message as it was decoded; not yet safe, not even for its types.
        now_ms: This machine's clock.
    """
    data = intake.obj(envelope.get("data"))
    at_ms = now_ms + desk.ahead_ms
    match envelope.get("type"):
        case messages.WELCOME:
            ahead_ms = intake.instant(envelope.get("timestamp"), now_ms) - now_ms
            return _welcome(replace(desk, ahead_ms=ahead_ms), data, now_ms + ahead_ms)
        case messages.HELD:
            return _held(desk, data, at_ms)
        case messages.REPORTED:
            return _reported(desk, data, at_ms)
        case messages.DECIDED:
            return decided(desk, data, at_ms)
        case messages.SANCTIONS:
            return _waiting(desk, {"sanctions": data.get("sanctions")}, at_ms)
        case messages.QUEUE:
            return _waiting(desk, data, at_ms)
        case messages.CHAT:
            return _chat(desk, data, at_ms)
        case messages.CHAT_REMOVED:
            return _chat_removed(desk, data)
        case messages.PRESENCE:
            return replace(desk, presence=intake.presence(data))
        case messages.NOTICE:
            return _notice(desk, data)
        case messages.ERROR:
            return refused(desk, data)
        case _:
            return desk


def _welcome(desk: Desk, data: Mapping[str, Any], now_ms: int) -> Desk:
    info, state = intake.obj(data.get("room_info")), intake.obj(data.get("current_state"))
    said = (
        intake.chat_message(item, now_ms) for item in intake.items(state.get("spectator_chat"), CHAT_KEPT)
    )
    length = intake.number(intake.obj(data.get("limits")).get("chat_message_length"), _MAX_CHAT_LENGTH)
    lost = desk.deeds
    desk = replace(
        desk,
        room=RoomInfo(
            desk.room.room_id,
            intake.text(info.get("name"), intake.NAME),
            intake.text(info.get("state"), intake.WORD),
            intake.words(info.get("features")),
        ),
        insider=desk_intake.insider(data.get("insider")),
        presence=intake.presence(state.get("presence")),
        rules=desk_intake.rules(info.get("chat"), desk.rules),
        chat=tuple({message.message_id: message for message in said if message is not None}.values()),
        chat_length=length or desk.chat_length,
        log=tuple(_read(desk_intake.entry, data.get("log"), LOG_KEPT, now_ms)),
        deeds=(),
        failed=MappingProxyType({}),
    )
    if lost:
        desk = replace(
            desk, remark=Remark("The line broke before an act was answered: look whether it was done.", True)
        )
    return _waiting(
        desk,
        {name: intake.items(data.get(name), QUEUE_KEPT) for name in ("held", "reports", "sanctions")},
        now_ms,
    )


def _waiting(desk: Desk, data: Mapping[str, Any], now_ms: int) -> Desk:
    """Take whichever of queue, reports and sanctions is told whole."""
    if isinstance(data.get("held"), list):
        desk = replace(
            desk,
            held=MappingProxyType(piles.put_all(_read(desk_intake.held, data["held"], QUEUE_KEPT, now_ms))),
        )
    if isinstance(data.get("reports"), list):
        reports = _read(desk_intake.report, data["reports"], QUEUE_KEPT, now_ms)
        desk = replace(desk, reports=by_id(reports))
    if isinstance(data.get("sanctions"), list):
        desk = replace(
            desk, sanctions=tuple(_read(desk_intake.sanction, data["sanctions"], QUEUE_KEPT, now_ms))
        )
    return desk


_T = TypeVar("_T")


def _read(reader: Callable[[object, int], _T | None], values: object, limit: int, now_ms: int) -> list[_T]:
    read = (reader(value, now_ms) for value in intake.items(values, limit))
    return [item for item in read if item is not None]


def _held(desk: Desk, data: Mapping[str, Any], now_ms: int) -> Desk:
    message = desk_intake.held(data.get("held", data), now_ms)
    if message is None:
        return desk
    known = desk.held.get(message.message_id)
    placed = replace(message, pile=known.pile) if known else piles.put(desk.held, message)
    held = dict(desk.held) | {message.message_id: placed}
    while len(held) > QUEUE_KEPT:
        del held[next(iter(held))]
    return replace(desk, held=MappingProxyType(held), decided=_but(desk.decided, message.message_id))


def _reported(desk: Desk, data: Mapping[str, Any], now_ms: int) -> Desk:
    report = desk_intake.report(data.get("report", data), now_ms)
    if report is None:
        return desk
    reports = by_id([*desk.reports.values(), report][-QUEUE_KEPT:])
    return replace(desk, reports=reports, decided=_but(desk.decided, report.message_id))


def _chat(desk: Desk, data: Mapping[str, Any], now_ms: int) -> Desk:
    message = intake.chat_message(data, now_ms)
    if message is None or any(known.message_id == message.message_id for known in desk.chat):
        return desk
    return replace(desk, chat=(*desk.chat[-CHAT_KEPT + 1 :], message))


def _chat_removed(desk: Desk, data: Mapping[str, Any]) -> Desk:
    message_id, spectator_id = intake.key(data.get("message_id")), intake.key(data.get("spectator_id"))

    def stays(message: ChatMessage) -> bool:
        return not (
            (message_id and message.message_id == message_id)
            or (spectator_id and message.spectator_id == spectator_id)
        )

    return replace(desk, chat=tuple(message for message in desk.chat if stays(message)))


def _notice(desk: Desk, data: Mapping[str, Any]) -> Desk:
    match data.get("kind"):
        case "room_state":
            word = intake.text(data.get("state"), intake.WORD)
            return replace(desk, room=replace(desk.room, state=word or desk.room.state))
        case "mode_changed" if isinstance(data.get("capabilities"), list):
            return replace(
                desk, insider=replace(desk.insider, capabilities=intake.words(data["capabilities"]))
            )
        case "settings_changed":
            name = intake.text(data.get("name"), intake.NAME) or desk.room.name
            listed = isinstance(data.get("features"), list)
            features = intake.words(data["features"]) if listed else desk.room.features
            limits = intake.obj(data.get("limits"))
            length = intake.number(limits.get("chat_message_length"), _MAX_CHAT_LENGTH)
            return replace(
                desk,
                room=replace(desk.room, name=name, features=features),
                rules=desk_intake.rules(data.get("chat"), desk.rules),
                chat_length=length or desk.chat_length,
            )
        case _:
            return desk


def _but(decided: Mapping[str, Entry], message_id: str) -> Mapping[str, Entry]:
    """Return what was decided but for a message that waits (again)."""
    if message_id not in decided:
        return decided
    return MappingProxyType({known: entry for known, entry in decided.items() if known != message_id})
