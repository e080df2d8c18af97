"""The first line: which room, how the line to the relay is, and how many watch."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from clawtank_tui.state.delivery import LIVE, Mode
from clawtank_tui.state.model import Connection, Phase, Presence, RoomInfo, ViewState
from clawtank_tui.widgets.cells import Line, Piece, apart, fit
from clawtank_tui.widgets.line_pane import LinePane
from clawtank_tui.widgets.palette import STYLES


def seconds_left(connection: Connection, now_s: float) -> int:
    """Return the whole seconds until the next try, never below zero."""
    return max(ceil(connection.retry_at_s - now_s), 0)


class HeaderLine(LinePane):
    """Room on the left; connection and viewers on the right."""

    def __init__(self) -> None:
        super().__init__()
        self._room: RoomInfo | None = None
        self._connection = Connection()
        self._presence = Presence()
        self._delivery = LIVE
        self._now_s = 0.0

    def show(self, view: ViewState, now_s: float) -> None:
        """Show a state at a monotonic time."""
        self._room, self._connection, self._presence = view.room, view.connection, view.presence
        self._delivery, self._now_s = view.delivery, now_s
        self.repaint()

    def lines(self, width: int, height: int) -> Iterator[Line]:
        """Paint the one line."""
        if self._room is not None:
            right = [*self._link(), *self._audience(), (" ", STYLES["text"])]
            yield fit(apart(self._room_name(self._room), right, width), width)

    def _room_name(self, room: RoomInfo) -> list[Piece]:
        pieces = [(f" {room.room_id}", STYLES["bright"])]
        if room.name not in ("", room.room_id):
            pieces.append((f" · {room.name}", STYLES["text"]))
        if room.state not in ("", "active"):
            pieces.append((f"  {room.state}", STYLES["warn"]))
        return pieces

    def _link(self) -> list[Piece]:
        connection = self._connection
        match connection.phase:
            case Phase.LIVE:
                return self._pace()
            case Phase.CONNECTING:
                return [("○ connecting", STYLES["warn"])]
            case Phase.WAITING:
                return [(f"◌ reconnecting in {seconds_left(connection, self._now_s)} s", STYLES["warn"])]
            case Phase.ENDED:
                return [("✖ ended", STYLES["bad"])]
            case Phase.REPLAY:
                return [("a recording", STYLES["accent"])]

    def _pace(self) -> list[Piece]:
        """Say how news come; how fast the line is matters only to those who get them at once."""
        delivery, latency_ms = self._delivery, self._connection.latency_ms
        if delivery.choice.mode is not Mode.LIVE:
            return [("● ", STYLES["good"]), (delivery.in_words(), STYLES["accent"])]
        latency = "" if latency_ms is None else f" {latency_ms} ms"
        look = STYLES["warn" if delivery.busy else "good"]
        return [("● ", STYLES["good"]), (delivery.in_words(), look), (latency, STYLES["faint"])]

    def _audience(self) -> list[Piece]:
        presence = self._presence
        if not presence.total and not presence.recent_peak:
            return []
        return [
            ("   ", STYLES["text"]),
            (str(presence.total), STYLES["bright"]),
            (" watching", STYLES["quiet"]),
            (f" · peak {presence.recent_peak}", STYLES["faint"]),
        ]
