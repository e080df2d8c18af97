"""The view state: frozen, rebuilt by the reducer, read by every widget and by `--plain`.

All text in here went through `safe_text`. Times are milliseconds since the Unix epoch, UTC.
The feed itself is append-only and lives beside the state: the reducer returns new rows, the owner of
the feed keeps them (`Step`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from clawtank_tui.state.delivery import LIVE, Delivery
from clawtank_tui.state.talk import SILENCE, Talk
from relay.protocol.events import EVENT_TYPES

NOTHING: Mapping[str, Any] = MappingProxyType({})


class RowKind(StrEnum):
    """What a feed row is."""

    EVENT = "event"
    GAP = "gap"
    NOTE = "note"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the activity feed.

    Attributes:
        at_ms: When it happened; for notes, when it was noticed.
        kind: Event, gap marker, note of the client itself, or the place of a row that may no longer be seen.
        type: The event's type; empty for all but events.
        event_id: The event's id; empty for gaps and notes.
        fields: The event's own named fields, text made safe; a note or gap has `text`. A task event that
            brings no title has the title known when it arrived.
    """

    at_ms: int
    kind: RowKind
    type: str = ""
    event_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Task:
    """A task and where it is in its life: open, claimed, in_progress, review, done."""

    task_id: str
    title: str
    state: str
    since_ms: int
    creator: str = ""
    holder: str = ""
    priority: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent in the room; `since_ms` is when its present status began."""

    name: str
    since_ms: int
    owner: str = ""
    status: str = ""
    task_id: str = ""
    progress: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the room."""

    name: str
    since_ms: int
    role: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """How many watch. Spec: Spectator Count and Presence."""

    total: int = 0
    anonymous: int = 0
    registered: int = 0
    recent_peak: int = 0
    join_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """The room as the welcome describes it."""

    room_id: str
    name: str = ""
    state: str = ""
    features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Me:
    """Who this viewer is for the relay."""

    spectator_id: str = ""
    state: str = ""
    display_name: str = ""
    capabilities: frozenset[str] = frozenset()


class Phase(StrEnum):
    """Where the connection stands."""

    CONNECTING = "connecting"
    LIVE = "live"
    WAITING = "waiting"
    ENDED = "ended"
    REPLAY = "replay"
    """There is no line: a recording is played."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The line to the relay.

    Attributes:
        phase: Connecting, live, waiting for the next try, or ended for good.
        reason: Why it waits or ended: one sentence, safe to show; empty while live.
        retry_at_s: Monotonic seconds of the next try, while waiting.
        attempt: Tries since the line was last good.
        latency_ms: Round trip of the last ping, or None.
        since_s: Monotonic seconds since when the line is down; 0 while it is live or was never up.
    """

    phase: Phase = Phase.CONNECTING
    reason: str = ""
    retry_at_s: float = 0.0
    attempt: int = 0
    latency_ms: int | None = None
    since_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything the screen shows, except the feed's rows and what the user does with them.

    Attributes:
        tasks: By task id, in order of creation.
        agents: By name.
        members: By name.
        talk: The spectators' chat.
        as_of: `seq` the tasks, agents and members reflect: replayed events up to it only feed the feed.
        cursor: Where the stream stands; empty before the first welcome.
        seen: `seq` of the newest event that became a row; what is not beyond it is a repeat.
        visible: Event types that may be seen now.
        delivery: In which portions news come, and why.
    """

    room: RoomInfo
    connection: Connection = Connection()
    me: Me = Me()
    presence: Presence = Presence()
    tasks: Mapping[str, Task] = field(default_factory=lambda: MappingProxyType({}))
    agents: Mapping[str, Agent] = field(default_factory=lambda: MappingProxyType({}))
    members: Mapping[str, Member] = field(default_factory=lambda: MappingProxyType({}))
    talk: Talk = SILENCE
    as_of: int = 0
    cursor: str = ""
    seen: int = 0
    visible: frozenset[str] = EVENT_TYPES
    delivery: Delivery = LIVE


@dataclass(frozen=True, slots=True)
class Step:
    """What one message did: the new state, rows for the end of the feed, and what has to go from it.

    Attributes:
        gone: Event types whose earlier rows may no longer be seen, nor kept.
    """

    state: ViewState
    rows: tuple[Row, ...] = ()
    gone: frozenset[str] = frozenset()
