"""The canary property end to end: a relay in its own process, everything poured in, every outlet searched.

What is published holds the marker wherever nobody named a place for it. The last event holds another marker
in a named field: it shows that each outlet was recorded to the end, and that the search finds what is there.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.canary import MARKER, malformed_line
from support.canary_clawtank import SHAPES, session_replay
from support.canary_hooks import agent_hook, github_delivery, gitlab_delivery
from support.clients import Api, chat_event
from support.operating import operate
from support.outlets import Outlets, Watched
from support.relay_process import UNLIMITED, RelayProcess

CONTROL = "control5e1d"
ROOM = "aviary"
_BODY = 500
"""Events of one body; a session-replay file holds as many."""
_NO_LIMITS = {**UNLIMITED, "auth_failures_per_address": 0, "events_per_minute": 0, "body_bytes": 0}
_FOUND_IN = {
    "answers": '"accepted":',
    "publish command": "accepted",
    "relay's stdout": "listening on",
    "relay's log": '"logger"',
    "rooms": ROOM,
    "room": ROOM,
    "metrics": "clawtank_events",
    "other answers": "ROOM_NOT_FOUND",
}
"""What outlets that show no event's fields do show: proof that they were recorded."""


@dataclass(frozen=True)
class Result:
    """What came of a run.

    Attributes:
        events: Events published, by the shape they had.
        outcomes: What the relay said became of them.
        leaks: The outlets in which the marker was found.
        blind: The outlets in which the search did not find even what is there.
    """

    events: Mapping[str, int]
    outcomes: Mapping[str, int]
    leaks: frozenset[str]
    blind: frozenset[str]


def run(directory: Path, events: int, seed: int, *, leak: bool = False) -> Result:
    """Pour events into a new relay and search everything that left it.

    Args:
        directory: An empty directory of the caller's.
        events: How many, about; those of a hook's delivery count as one.
        seed: Which.
        leak: Publish the marker in a named field at the end, to see it found.
    """
    relay = RelayProcess.start(
        directory / "data", rooms=[ROOM], limits=_NO_LIMITS, env={"CLAWTANK_RELAY_LOG_LEVEL": "debug"}
    )
    try:
        last = chat_event(f"{CONTROL} {MARKER}" if leak else CONTROL)
        with Watched(relay, ROOM, visible=CONTROL) as watched:
            pour = _Pour(relay, watched.outlets, random.Random(seed), directory)
            pour.all(events)
            pour.post([json.dumps(last).encode()], array=False)
            pour.close()
        return _search(watched.outlets, pour)
    finally:
        relay.stop()


def _search(outlets: Outlets, pour: _Pour) -> Result:
    blind = {name for name, shown in _FOUND_IN.items() if name not in outlets.holding(shown)}
    blind |= Watched.SHOWING - outlets.holding(CONTROL)
    assert outlets.names == Watched.SHOWING | set(_FOUND_IN), outlets.names
    return Result(pour.events, pour.outcomes, frozenset(outlets.holding(MARKER)), frozenset(blind))


class _Pour:
    """Publishes events in every shape and keeps every answer."""

    def __init__(self, relay: RelayProcess, outlets: Outlets, rng: random.Random, directory: Path) -> None:
        self.events: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self._data = relay.data
        self._directory = directory
        self._outlets = outlets
        self._rng = rng
        self._api = Api(relay.url, relay.operator_token)
        self._secret = self._api.call("GET", f"/rooms/{ROOM}/hooks")["secret"]

    def close(self) -> None:
        self._api.http.close()

    def all(self, events: int) -> None:
        """Publish about so many: most in bodies, some by hooks and by the command."""
        hooks, played = events // 10, events // 50
        for start in range(0, played, _BODY):
            self._play(min(_BODY, played - start))
        for _ in range(hooks):
            self._hook()
        left = events - hooks - played
        while left > 0:
            array = self._rng.random() < 0.5
            size = min(_BODY, left)
            self.post([self._line(malformed=not array and index > 0) for index in range(size)], array=array)
            left -= size

    def _line(self, *, malformed: bool) -> bytes:
        if malformed and self._rng.random() < 0.1:
            self.events["malformed"] += 1
            return malformed_line(self._rng).replace(b"\n", b" ")
        name = self._rng.choice(list(SHAPES))
        self.events[name] += 1
        return json.dumps(SHAPES[name](self._rng)).encode()

    def post(self, lines: list[bytes], *, array: bool) -> None:
        """Publish a body."""
        body = b"[" + b",".join(lines) + b"]" if array else b"\n".join(lines)
        self._answered("POST", f"/rooms/{ROOM}/events", body, {})

    def _hook(self) -> None:
        source, headers = "github", {}
        if (kind := self._rng.randrange(3)) == 0:
            name, payload = github_delivery(self._rng)
            body = json.dumps(payload).encode()
            signature = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
            headers = {"X-GitHub-Event": name, "X-GitHub-Delivery": f"{MARKER}-{self._rng.random()}"}
            # One in twenty is signed by somebody else.
            headers["X-Hub-Signature-256"] = f"sha256={signature if self._rng.random() < 0.95 else MARKER}"
        elif kind == 1:
            source, payload = "gitlab", gitlab_delivery(self._rng)
            body = json.dumps(payload).encode()
            headers = {"Idempotency-Key": f"{MARKER}-{self._rng.random()}", "X-Gitlab-Token": self._secret}
        else:
            source, payload = agent_hook(self._rng)
            body = json.dumps(payload).encode()
        self.events[source] += 1
        self._answered("POST", f"/rooms/{ROOM}/hooks/{source}", body, headers)

    def _play(self, events: int) -> None:
        file = self._directory / f"session-{self._rng.random()}.json"
        file.write_text(json.dumps(session_replay(self._rng, events)))
        done = operate("publish", ROOM, str(file), data=self._data)
        self._outlets.add("publish command", done.stdout + done.stderr)
        self.events["session replay"] += events
        file.unlink()

    def _answered(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        answer = self._api.answer(method, path, content=body, headers=dict(headers))
        self._outlets.add("answers", f"{answer.status_code} {dict(answer.headers)}\n")
        self._outlets.add("answers", answer.content + b"\n")
        report: dict[str, Any] = answer.json()
        for outcome in ("accepted", "duplicates", "hidden"):
            self.outcomes[outcome] += report.get(outcome, 0)
        self.outcomes["rejected"] += len(report.get("rejected", ()))
