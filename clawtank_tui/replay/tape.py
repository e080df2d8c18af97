"""What a relay sent about a recording, one moment per event: frozen, and played as often as one likes.

A `TapeRecorder` is where a session delivers while the relay is fed. It keeps what is ordered (events, and
what else the room's log told) and leaves out what is about this line alone: presence, keepalives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from clawtank_tui.link.session import ConnectionChanged, LinkEvent
from clawtank_tui.state.model import Connection, Phase
from relay.protocol import messages
from relay.protocol.cursor import parse_cursor
from relay.protocol.times import parse_instant


@dataclass(frozen=True, slots=True)
class Moment:
    """One message of the tape.

    Attributes:
        at_ms: When it happened; never before the moment before it.
        envelope: As the relay sent it, with one event where it carried several.
    """

    at_ms: int
    envelope: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tape:
    """A recording as spectators may see it.

    Attributes:
        room_id: The room it was played in.
        welcome: What a newcomer is told before the first event.
        start_ms: When it begins; not after the first moment.
        moments: In order.
    """

    room_id: str
    welcome: dict[str, Any]
    start_ms: int
    moments: tuple[Moment, ...]

    @property
    def times_s(self) -> tuple[float, ...]:
        """Return when each moment is, in seconds from the start."""
        return tuple((moment.at_ms - self.start_ms) / 1000 for moment in self.moments)


class TapeRecorder:
    """Keeps what a session delivers.

    Attributes:
        seq: How far in the room's log it is.
        ended: The line's end for good, if it came to that.
    """

    def __init__(self) -> None:
        """Start with an empty tape."""
        self.seq = -1
        self.ended: Connection | None = None
        self._welcome: dict[str, Any] = {}
        self._received: list[tuple[int | None, dict[str, Any]]] = []

    def deliver(self, event: LinkEvent) -> None:
        """Take what happened on the line."""
        if isinstance(event, ConnectionChanged):
            self.ended = event.connection if event.connection.phase is Phase.ENDED else None
            return
        envelope, data = event.envelope, event.envelope["data"]
        cursor = parse_cursor(data.get("cursor") or "")
        if cursor is not None:
            self.seq = cursor.seq
        match envelope["type"]:
            case messages.WELCOME if not self._welcome:
                self._welcome = _unwatched(envelope)
            case messages.ACTIVITY | messages.BATCH:
                for single in _singles(envelope):
                    timestamp = single["data"]["events"][0].get("timestamp")
                    self._received.append((parse_instant(timestamp or ""), single))
            case messages.NOTICE if cursor is not None:
                self._received.append((None, envelope))
            case _:
                pass

    def tape(self, room_id: str, start_ms: int | None) -> Tape:
        """Return the tape so far.

        Args:
            room_id: The room.
            start_ms: When it begins; None for when the first event happened.
        """
        times = (at_ms for at_ms, _ in self._received if at_ms is not None)
        latest = start = next(times, 0) if start_ms is None else start_ms
        moments = []
        for at_ms, envelope in self._received:
            latest = latest if at_ms is None else max(latest, at_ms)
            moments.append(Moment(latest, envelope))
        return Tape(room_id, self._welcome, start, tuple(moments))


def _unwatched(envelope: dict[str, Any]) -> dict[str, Any]:
    """Return a welcome without the audience: the one viewer of the embedded relay is the recorder."""
    current = {**envelope["data"].get("current_state", {}), "presence": {}}
    return {**envelope, "data": {**envelope["data"], "current_state": current}}


def _singles(envelope: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Take a frame or a batch apart into frames of one event each, with ids of their own, in order."""
    data = envelope["data"]
    after = data.get("after")
    last = data["events"][-1]
    for number, event in enumerate(data["events"]):
        message_id = f"{envelope['id']}.{number}" if number else envelope["id"]
        # Between two events lies what was left out of the stream; the frame's own end counts it in.
        cursor = data.get("cursor") if event is last else event["event_id"]
        told = {
            "room_id": data.get("room_id"),
            "timestamp": envelope.get("timestamp"),
            "events": [event],
            "after": after,
            "cursor": cursor,
        }
        yield {**envelope, "id": message_id, "type": messages.ACTIVITY, "data": told}
        after = cursor
