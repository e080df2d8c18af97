"""An evening at a host's desk, as the relay would send it: calm, a raid, reports, sanctions, a log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any

from clawtank_tui.host import HostRoom
from clawtank_tui.link.host_calls import NotDone
from clawtank_tui.link.session import ConnectionChanged, NotSent, Received
from clawtank_tui.screens.host_app import HostApp
from clawtank_tui.state.model import Connection, Phase
from support.watch_story import DAY, FixedClock, said

STAMP = f"{DAY}21:36:20.000Z"
LIVE = ConnectionChanged(Connection(Phase.LIVE, latency_ms=12))
RULES = {
    "slow_s": 0,
    "locked": False,
    "approval": False,
    "anonymous": True,
    "watch_s": 0,
    "shielded": False,
}
SETTINGS: dict[str, Any] = {
    "name": "todo-cli",
    "spectatorChat": {
        "enabled": True,
        "integration": "interactive",
        "moderation": {
            "autoFilter": True,
            "requireApproval": False,
            "allowAnonymous": True,
            "maxMessageLength": 500,
            "keywords": ["free coins", "casino*"],
            "slowSeconds": 0,
            "locked": False,
            "watchSeconds": 60,
            "reportsToHide": 3,
        },
        "rateLimit": {"messagesPerMinute": 20, "burstLimit": 5},
    },
}
CHAT = [
    said(1, "21:30:10", "viewer_7f", "how does it know Click?"),
    said(2, "21:30:41", "marta", "it read the docs first", author_state="registered", reply_to="m1"),
    said(3, "21:33:40", "ken", "0.1 in twenty minutes", author_state="verified"),
    said(4, "21:35:50", "raider_1", "FREE COINS at coins.example/a1 !!!"),
    said(5, "21:35:52", "raider_2", "free coins at coins.example/b2 !!!"),
    said(6, "21:36:01", "viewer_c2", "what is going on here?"),
]


class FakeLine:
    """A line that notes what it was asked, and breaks when told to."""

    def __init__(self) -> None:
        self.acts: list[dict[str, Any]] = []
        self.said: list[tuple[str, str]] = []
        self.retries = 0
        self.broken = ""

    @property
    def refs(self) -> list[str]:
        """The ids of the acts."""
        return [f"a{number}" for number in range(1, len(self.acts) + 1)]

    async def send_act(self, data: Mapping[str, Any], note: Callable[[str], None]) -> None:
        if self.broken:
            raise NotSent(self.broken)
        self.acts.append(dict(data))
        note(f"a{len(self.acts)}")

    async def send_chat(self, text: str, reply_to: str = "") -> str:
        if self.broken:
            raise NotSent(self.broken)
        self.said.append((text, reply_to))
        return f"c{len(self.said)}"

    def retry_now(self) -> None:
        self.retries += 1


class FakeCalls:
    """Settings that can be changed, or not."""

    def __init__(self) -> None:
        self.held = dict(SETTINGS)
        self.patches: list[dict[str, Any]] = []
        self.refusal = ""

    async def settings(self) -> Mapping[str, Any]:
        if self.refusal:
            raise NotDone(self.refusal)
        return self.held

    async def change(self, patch: Mapping[str, Any]) -> Mapping[str, Any]:
        self.patches.append(dict(patch))
        if self.refusal:
            raise NotDone(self.refusal)
        self.held = merged(self.held, patch)
        return self.held


def merged(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in patch.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value
    return result


def tell(kind: str, /, **data: Any) -> Received:
    """Write a message of the relay."""
    return Received({"id": "r", "type": kind, "timestamp": STAMP, "data": data})


def held(number: int, name: str, message: str, rule: str, **more: Any) -> dict[str, Any]:
    return {
        "message_id": f"h{number}",
        "spectator_id": f"s-{name}",
        "display_name": name,
        "author_state": "anonymous",
        "message": message,
        "timestamp": f"{DAY}21:36:0{number % 10}Z",
        "reply_to": None,
        "rule": rule,
        **more,
    }


QUIET_QUEUE = [
    held(1, "newcomer", "is this the repository? git.example/todo", "links", timestamp=f"{DAY}21:31:40Z"),
    held(2, "marta", "you should kill the child process first", "keywords", detail="kill",
         author_state="registered", timestamp=f"{DAY}21:34:05Z"),
]  # fmt: skip


def raid(count: int = 50) -> list[dict[str, Any]]:
    """Write what raiders said: nearly the same, each a little otherwise."""
    return [
        held(
            100 + number,
            f"raider_{number}",
            f"free coins at coins.example/{number:x}{'!' * (number % 4)}",
            "crowd",
        )
        for number in range(3, 3 + count)
    ]


REPORTS = [
    {
        "message_id": "m4",
        "spectator_id": "s-raider_1",
        "display_name": "raider_1",
        "message": "FREE COINS at coins.example/a1 !!!",
        "timestamp": f"{DAY}21:35:50Z",
        "count": 4,
        "reasons": ["spam", "it is a scam, I lost money there"],
        "hidden": True,
        "first_at": f"{DAY}21:35:55Z",
        "last_at": f"{DAY}21:36:10Z",
    },
    {
        "message_id": "m6",
        "spectator_id": "s-viewer_c2",
        "display_name": "viewer_c2",
        "message": "what is going on here?",
        "timestamp": f"{DAY}21:36:01Z",
        "count": 1,
        "reasons": [],
        "hidden": False,
        "first_at": f"{DAY}21:36:05Z",
        "last_at": f"{DAY}21:36:05Z",
    },
]
SANCTIONS = [
    {
        "kind": "ban", "spectator_id": "s-troll", "display_name": "troll", "by": "alice", "reason": "slurs",
        "made_at": f"{DAY}20:00:00Z", "until": None, "addresses": ["k1"], "addresses_until": None,
    },
    {
        "kind": "mute", "spectator_id": "s-loud", "display_name": "loud", "by": "maria", "reason": "",
        "made_at": f"{DAY}21:30:00Z", "until": f"{DAY}21:40:00Z", "addresses": [], "addresses_until": None,
    },
    {
        "kind": "mute", "spectator_id": "s-slow", "display_name": "slowpoke", "by": "relay",
        "reason": "three refused messages", "made_at": f"{DAY}21:00:00Z", "until": f"{DAY}23:56:20Z",
        "addresses": [], "addresses_until": None,
    },
]  # fmt: skip


def line(number: int, action: str, **more: Any) -> dict[str, Any]:
    """Write a line of the log."""
    return {
        "id": str(number),
        "at": f"{DAY}21:3{number % 6}:00Z",
        "by": "alice",
        "action": action,
        "undoable": action in ("ban", "mute", "slow", "lock", "shield", "reject"),
        **more,
    }


LOG = [
    line(1, "ban", spectator_id="s-troll", display_name="troll", seconds=0, reason="slurs"),
    line(2, "mute", by="maria", spectator_id="s-loud", display_name="loud", seconds=600),
    line(3, "slow", seconds=30, undone=True, undoable=False),
    line(4, "undo", undoes="3", undoable=False),
    line(5, "approve", message_id="h0", display_name="viewer_7f", rule="links", undoable=False),
]


def welcome(role: str = "host", **more: Any) -> Received:
    capabilities = ["read_chat", "answer", "moderate"]
    data = {
        "room_info": {
            "id": "room_abc123",
            "name": "todo-cli",
            "state": "active",
            "features": ["chat"],
            "chat": RULES,
        },
        "current_state": {
            "as_of": "E-6",
            "presence": {
                "total_spectators": 128,
                "anonymous_count": 96,
                "registered_count": 32,
                "recent_peak": 214,
                "join_rate": 4,
            },
            "spectator_chat": CHAT,
        },
        "insider": {"id": "i-alice", "role": role, "display_name": "alice", "capabilities": capabilities},
        "cursor": "E-6",
        "limits": {"chat_message_length": 500},
        "held": QUIET_QUEUE,
        "reports": [],
        "sanctions": SANCTIONS,
        "log": LOG,
        **more,
    }
    return tell("spectator.welcome", **data)


def hosted(clock: FixedClock, *, role: str = "host", **more: Any) -> HostRoom:
    """Return the desk after the welcome."""
    room = HostRoom("room_abc123", clock)
    room.deliver(LIVE)
    room.deliver(welcome(role, **more))
    return room


def raided(clock: FixedClock, count: int = 50) -> HostRoom:
    """Return the desk in the midst of a raid."""
    return hosted(clock, held=[*QUIET_QUEUE, *raid(count)], reports=REPORTS)


def app(
    room: HostRoom | None = None,
    desk_line: FakeLine | None = None,
    calls: FakeCalls | None = None,
    clock: FixedClock | None = None,
) -> HostApp:
    """Return the app over a desk, the calm one unless another is given."""
    clock = clock or FixedClock()
    return HostApp(room or hosted(clock), desk_line or FakeLine(), calls or FakeCalls(), clock=clock, tz=UTC)


def shown(host: HostApp) -> str:
    """Return the whole screen as text."""
    lines = host.screen._compositor.render_strips(host.size)
    return "\n".join("".join(segment.text for segment in row).rstrip() for row in lines)
