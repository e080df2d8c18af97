"""A session worth looking at, as the relay would send it: what golden screenshots and pilot tests show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clawtank_tui.app import WatchedRoom
from clawtank_tui.link.session import ConnectionChanged, NotSent, Received
from clawtank_tui.screens.watch_app import WatchApp
from clawtank_tui.state.model import Connection, Phase

DAY = "2026-02-17T"
NOW_MS = int(datetime(2026, 2, 17, 21, 36, 20, tzinfo=UTC).timestamp() * 1000)


@dataclass
class FixedClock:
    """A clock that stands, until it is wound."""

    ms: int = NOW_MS
    s: float = 1000.0

    def now_ms(self) -> int:
        return self.ms

    def monotonic_s(self) -> float:
        return self.s


class FakeLine:
    """A line that notes what it was asked, and refuses when told to.

    Attributes:
        sent: The messages that left: their ids, types and data.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.retries = 0
        self.switches = 0
        self.broken = ""

    async def send(self, message_id: str, kind: str, data: Mapping[str, Any]) -> None:
        if self.broken:
            raise NotSent(self.broken)
        self.sent.append((message_id, kind, dict(data)))

    @property
    def said(self) -> list[str]:
        """The texts of the chat messages among them."""
        return [data["message"] for _, kind, data in self.sent if kind == "spectator.chat_message"]

    async def switch(self) -> None:
        self.switches += 1

    def retry_now(self) -> None:
        self.retries += 1


def event(seq: int, time: str, kind: str, **fields: object) -> dict[str, Any]:
    return {"seq": seq, "event_id": f"E-{seq}", "type": kind, "timestamp": f"{DAY}{time}Z", **fields}


def activity(*events: dict[str, Any], after: int) -> Received:
    data = {
        "room_id": "room_abc123",
        "events": list(events),
        "after": f"E-{after}",
        "cursor": f"E-{events[-1]['seq']}",
    }
    return Received({"id": "r", "type": "spectator.activity", "data": data})


def said(number: int, time: str, name: str, message: str, **more: object) -> dict[str, Any]:
    return {
        "message_id": f"m{number}",
        "spectator_id": f"s-{name}",
        "display_name": name,
        "author_type": "spectator",
        "author_state": "anonymous",
        "message": message,
        "timestamp": f"{DAY}{time}Z",
        "reply_to": None,
        **more,
    }


def chat(seq: int, message: dict[str, Any]) -> Received:
    data = {"room_id": "room_abc123", **message, "after": f"E-{seq - 1}", "cursor": f"E-{seq}"}
    return Received({"id": "r", "type": "spectator.chat_message", "data": data})


EVENTS: list[tuple[str, str, dict[str, Any]]] = [
    ("20:58:02", "member.joined", {"name": "alice", "role": "host"}),
    ("20:58:40", "member.joined", {"name": "bob"}),
    ("20:59:05", "agent.joined", {"agent_name": "Claude", "agent_owner": "alice"}),
    ("20:59:07", "agent.joined", {"agent_name": "Codex", "agent_owner": "bob"}),
    ("20:59:31", "agent.joined", {"agent_name": "Gemini", "agent_owner": "bob"}),
    (
        "21:03:00",
        "chat.public",
        {
            "author": "alice",
            "author_type": "human",
            "content": "Let's build a CLI for todo lists, small and fast. "
            "Click for the commands, SQLite below it.",
        },
    ),
    (
        "21:03:15",
        "task.created",
        {"task_id": "T-1", "title": "Create the CLI scaffold with Click", "creator": "alice"},
    ),
    (
        "21:03:24",
        "task.created",
        {"task_id": "T-2", "title": "Store todos in SQLite", "creator": "alice", "priority": "high"},
    ),
    ("21:03:30", "agent.claimed_task", {"agent_name": "Claude", "agent_owner": "alice", "task_id": "T-1"}),
    ("21:03:41", "agent.claimed_task", {"agent_name": "Codex", "agent_owner": "bob", "task_id": "T-2"}),
    ("21:04:02", "agent.status_change", {"agent_name": "Claude", "status": "thinking", "task_id": "T-1"}),
    (
        "21:05:10",
        "agent.status_change",
        {"agent_name": "Claude", "status": "executing", "task_id": "T-1", "progress": 40},
    ),
    (
        "21:09:12",
        "git.commit",
        {
            "sha": "a1b2c3d",
            "message": "feat: scaffold the command line with Click",
            "branch": "main",
            "author": "Claude",
            "files_changed": ["todo/cli.py", "todo/__init__.py", "pyproject.toml"],
            "additions": 47,
            "deletions": 0,
            "task_id": "T-1",
        },
    ),
    ("21:10:40", "task.completed", {"task_id": "T-1", "agent_name": "Claude"}),
    (
        "21:11:05",
        "chat.public",
        {
            "author": "Codex",
            "author_type": "agent",
            "content": "One table is enough. I keep ids stable, so that scripts can rely on them.",
        },
    ),
    ("21:12:20", "task.created", {"task_id": "T-3", "title": "Write the README", "creator": "bob"}),
    (
        "21:14:48",
        "agent.status_change",
        {"agent_name": "Codex", "status": "testing", "task_id": "T-2", "progress": 80},
    ),
    (
        "21:17:31",
        "git.commit",
        {
            "sha": "9f0e1d2",
            "message": "feat: keep todos in one SQLite table",
            "branch": "storage",
            "author": "Codex",
            "files_changed": 4,
            "additions": 128,
            "deletions": 12,
            "task_id": "T-2",
        },
    ),
    ("21:18:02", "git.pr_opened", {"number": 1, "title": "Store todos in SQLite", "author": "Codex"}),
    (
        "21:19:15",
        "chat.public",
        {
            "author": "bob",
            "author_type": "human",
            "content": "Nice. Do names like «Größe» or «café» survive a round trip?",
        },
    ),
    (
        "21:19:44",
        "chat.public",
        {"author": "Codex", "author_type": "agent", "content": "They do; there is a test for both."},
    ),
    ("21:21:07", "git.pr_merged", {"number": 1, "title": "Store todos in SQLite", "author": "bob"}),
    ("21:21:10", "task.completed", {"task_id": "T-2", "agent_name": "Codex"}),
    ("21:21:30", "milestone.reached", {"title": "todo 0.1 can add, list and finish"}),
    ("21:24:02", "agent.claimed_task", {"agent_name": "Gemini", "agent_owner": "bob", "task_id": "T-3"}),
    (
        "21:26:51",
        "task.created",
        {"task_id": "T-4", "title": "Shell completion for bash, zsh and fish", "creator": "alice"},
    ),
    ("21:27:15", "agent.claimed_task", {"agent_name": "Claude", "agent_owner": "alice", "task_id": "T-4"}),
    ("21:28:30", "task.created", {"task_id": "T-5", "title": "Due dates and reminders", "creator": "bob"}),
    (
        "21:31:09",
        "agent.status_change",
        {"agent_name": "Claude", "status": "executing", "task_id": "T-4", "progress": 60},
    ),
    (
        "21:33:46",
        "git.commit",
        {
            "sha": "5c4b3a2",
            "message": "feat: complete commands and open todos",
            "branch": "completion",
            "author": "Claude",
            "files_changed": 2,
            "additions": 63,
            "deletions": 5,
        },
    ),
    ("21:34:20", "agent.status_change", {"agent_name": "Codex", "status": "idle"}),
    (
        "21:35:02",
        "agent.status_change",
        {"agent_name": "Gemini", "status": "waiting_approval", "task_id": "T-3"},
    ),
]

CHAT = [
    said(1, "21:12:10", "viewer_7f", "how does it know Click?"),
    said(
        2, "21:12:41", "marta", "it read the docs first, scroll up", author_state="registered", reply_to="m1"
    ),
    said(3, "21:20:03", "viewer_7f", "good question about the names"),
    said(4, "21:21:44", "ken", "0.1 in twenty minutes, I'm taking notes", author_state="verified"),
    said(5, "21:30:12", "viewer_c2", "which agent wrote the storage part?"),
    said(6, "21:30:40", "marta", "Codex, pull request #1", author_state="registered", reply_to="m5"),
]


def welcome(**spectator: object) -> Received:
    data = {
        "room_info": {"id": "room_abc123", "name": "todo-cli", "state": "active", "features": ["chat"]},
        "current_state": {
            "as_of": "E-0",
            "members": [],
            "agents": [],
            "tasks": [],
            "presence": {"total_spectators": 128, "recent_peak": 214},
            "recent_chat": [],
            "spectator_chat": CHAT,
        },
        "spectator": {
            "id": "s-me",
            "state": "anonymous",
            "display_name": "Anonymous Viewer",
            "capabilities": ["chat"],
            **spectator,
        },
        "cursor": "E-0",
        "recovery": {"requested": False, "recovered": False, "missed": 0},
        "limits": {"chat_message_length": 500},
        "delivery": {"frequency": "realtime"},
    }
    return Received({"id": "r", "type": "spectator.welcome", "data": data})


def pushed(after: int) -> Received:
    """Return what a push brings: commits of one author, an agent's statuses, commits of another."""
    subjects = (
        "parse due dates",
        "remind once a day",
        "repeat weekly",
        "ask before deleting",
        "fold long lists",
    )
    commits = [
        {"sha": f"{number:07x}", "message": f"feat: {subject}", "author": "Codex", "branch": "dates"}
        for number, subject in enumerate(subjects * 2, start=0xB0B)
    ]
    states = [
        {"agent_name": "Gemini", "status": "executing", "progress": number} for number in (20, 40, 60, 80)
    ]
    fixes = [
        {"sha": f"{number:07x}", "message": f"fix: {subject}", "author": "bob", "branch": "main"}
        for number, subject in enumerate(subjects[:3], start=0xCAFE)
    ]
    told: list[tuple[str, dict[str, Any]]] = [
        *[("git.commit", {**fields, "additions": 12, "deletions": 3}) for fields in commits],
        *[("agent.status_change", fields) for fields in states],
        *[("git.commit", {**fields, "additions": 2, "deletions": 2}) for fields in fixes],
    ]
    events = [
        event(after + number, f"21:35:{10 + number}", kind, **fields)
        for number, (kind, fields) in enumerate(told, start=1)
    ]
    return activity(*events, after=after)


LIVE = ConnectionChanged(Connection(Phase.LIVE, latency_ms=42))


def watched(clock: FixedClock) -> WatchedRoom:
    """Return the room after the whole session."""
    room = WatchedRoom("room_abc123", clock)
    room.deliver(LIVE)
    room.deliver(welcome())
    for seq, (time, kind, fields) in enumerate(EVENTS, start=1):
        room.deliver(activity(event(seq, time, kind, **fields), after=seq - 1))
    return room


def app(
    room: WatchedRoom | None = None, line: FakeLine | None = None, clock: FixedClock | None = None
) -> WatchApp:
    """Return the app on a room, the whole session's unless another is given."""
    clock = clock or FixedClock()
    return WatchApp(room or watched(clock), line or FakeLine(), clock=clock, tz=UTC)
