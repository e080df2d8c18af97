"""What a welcome says. Spec: Connection Flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relay.delivery.quality import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relay.gateway.options import Options
    from relay.rooms.admission import ViewerState
    from relay.service.live_room import LiveRoom, Where
    from relay.service.relay import Relay


def welcome(
    room: LiveRoom,
    options: Options,
    where: Where,
    position: int,
    identity: Mapping[str, Any],
    limits: Mapping[str, int],
) -> dict[str, Any]:
    """Return the `data` of a `spectator.welcome`.

    Args:
        room: The room.
        options: What the viewer asked for.
        where: How its stream begins.
        position: The cursor position it begins at.
        identity: Who the viewer is here.
        limits: What holds for it.
    """
    return {
        "room_info": room.info(),
        "current_state": room.welcome_state(options.variant, until=position),
        "spectator": identity,
        "cursor": room.encoder.cursor(position),
        "recovery": where.recovery(),
        "limits": limits,
        "visible": sorted(room.visible_types),
        "delivery": delivery(room, options),
    }


def delivery(room: LiveRoom, options: Options) -> dict[str, Any]:
    """Return how a viewer is delivered to; in realtime, also what the load makes of that just now."""
    variant, level = options.variant, LEVELS[room.hub.level]
    told: dict[str, Any] = {
        "frequency": "batched" if variant.interval_s else "realtime",
        "low_bandwidth": variant.low,
        "types": sorted(variant.types),
    }
    if variant.interval_s:
        told["interval_s"] = variant.interval_s
    elif level.interval_ms:
        told |= level._asdict()
    return told


def viewer_limits(relay: Relay, room: LiveRoom, state: ViewerState) -> dict[str, int]:
    """Return the limits that hold for a viewer of this state in this room."""
    limits, pace = relay.config.limits, relay.chat.pace(room, state)
    return {
        "keepalive_s": limits.keepalive_s,
        "message_bytes": limits.message_bytes,
        "chat_message_length": room.settings.spectatorChat.moderation.maxMessageLength,
        "chat_messages_per_minute": pace.per_minute,
        "chat_burst": pace.burst,
        "connections_per_viewer": limits.connections_per_viewer,
        "connections_per_address": limits.connections_per_address,
    }
