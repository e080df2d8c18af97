"""Those who make a room lively: publishers that do not give up, and a host that changes its mind.

Each runs in a thread of its own, with the standard library's blocking HTTP. What was begun is finished,
whatever becomes of the relay meanwhile: an event goes out under the same id until it is acknowledged.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import islice
from typing import Any

from chaos.events import STATUS, SWITCHES, Mark, endless, mark_of
from chaos.journal import Item, read_event
from chaos.judge import SPECTATOR_CHAT, Switched
from chaos.viewer import now_ms

_AGAIN_S = 0.1
_ANSWER_S = 10.0
_ARRAYS = (1, 1, 1, 1, 2, 5, 20, 50)
"""How many events are published at once."""


class Unacceptable(Exception):
    """The relay's answer means that the run itself is wrong."""


class Api:
    """The relay's HTTP calls, again and again until one is answered.

    Attributes:
        retries: Calls that had to be made again.
    """

    def __init__(self, port: int) -> None:
        """Bind the port, which the relay keeps from one life to the next."""
        self.retries = 0
        self._port = port
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, token: str = "", body: object = None) -> dict[str, Any]:
        """Return the answer's JSON.

        Raises:
            Unacceptable: If the relay answers that the call is wrong.
        """
        while True:
            try:
                status, text = self._once(method, path, token, body)
            except (OSError, http.client.HTTPException):
                status, text = 0, b""
                self.close()
            if 200 <= status < 300:
                answer: dict[str, Any] = json.loads(text)
                return answer
            if 400 <= status < 500 and status != 429:
                raise Unacceptable(f"{method} {path}: {status} {text.decode(errors='replace')}")
            self.retries += 1
            time.sleep(_AGAIN_S)

    def _once(self, method: str, path: str, token: str, body: object) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER_S)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        sent = json.dumps(body).encode() if body is not None else None
        self._connection.request(method, path, sent, headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        """Let go of the connection; a next call makes another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Worker(threading.Thread):
    """Does something to the room until it is told to stop.

    Attributes:
        api: Its calls.
        wrong: What the run itself did wrong, if anything.
    """

    def __init__(self, name: str, api: Api, chance: random.Random) -> None:
        """Bind its name, its calls and its choices."""
        super().__init__(daemon=True, name=name)
        self.api = api
        self.wrong = ""
        self.chance = chance
        self.stopping = threading.Event()

    def stop(self) -> None:
        """Finish what is in hand, and stop."""
        self.stopping.set()

    def run(self) -> None:
        """Work, and note what the relay could not accept."""
        try:
            self.work()
        except Unacceptable as error:
            self.wrong = str(error)
        finally:
            self.api.close()

    def work(self) -> None:
        """Go on until `stopping`."""
        raise NotImplementedError


class Publisher(Worker):
    """Publishes events of all types, in bursts and pauses.

    Attributes:
        sent_ms: When each acknowledged event was first sent.
        repeats: Those of them that say of an agent what was said of it last.
        cursor: The room's position after the last one.
    """

    def __init__(self, number: int, room: str, token: str, api: Api, seed: int, rate: float) -> None:
        """Bind a publisher; `rate` is events a second, on average."""
        super().__init__(f"publisher {number}", api, random.Random(f"{seed}/publisher {number}"))
        self.sent_ms: dict[Mark, int] = {}
        self.repeats: set[Mark] = set()
        self._said: dict[str, tuple[str, str]] = {}
        self.cursor = ""
        self._room, self._token = room, token
        self._pause_s = sum(_ARRAYS) / len(_ARRAYS) / rate
        self._events = endless(number, self.chance, now_ms)

    def work(self) -> None:
        """Publish."""
        while not self.stopping.is_set():
            self.publish(self.chance.choice(_ARRAYS))
            self.stopping.wait(min(self.chance.expovariate(1 / self._pause_s), 4 * self._pause_s))
        # One more: its cursor is past whatever the others did until they stopped.
        self.publish(1)

    def publish(self, count: int) -> None:
        """Publish events in one array, until they are acknowledged."""
        batch = list(islice(self._events, count))
        began_ms = now_ms()
        answer = self.api.call("POST", f"/rooms/{self._room}/events", self._token, batch)
        taken = answer["accepted"] + answer["duplicates"]
        if taken != len(batch) or answer["rejected"] or answer["hidden"]:
            raise Unacceptable(f"{len(batch)} events were answered with {answer}")
        for event in batch:
            mark = mark_of(event)
            self.sent_ms[mark] = began_ms
            if event["type"] == STATUS:
                said = event["status"], event.get("task_id", "")
                if self._said.get(event["agent_name"]) == said:
                    self.repeats.add(mark)
                self._said[event["agent_name"]] = said
        self.cursor = answer["cursor"]


class Host(Worker):
    """Hides and shows things while everybody watches.

    Attributes:
        switches: What it hid and showed.
        changes: How many settings it changed.
    """

    def __init__(self, room: str, token: str, api: Api, seed: int, every_s: float) -> None:
        """Bind a host that does something every so many seconds, on average."""
        super().__init__("host", api, random.Random(f"{seed}/host"))
        self.switches: list[Switched] = []
        self.changes = 0
        self._path, self._token = f"/rooms/{room}/settings", token
        self._every_s = every_s
        self._hidden: list[str] = []

    def work(self) -> None:
        """Change settings; at the end everything is shown again."""
        acts: tuple[tuple[Callable[[], None], int], ...] = (
            (self._switch, 4),
            (lambda: self._set({"maxSpectators": self.chance.randrange(5_000, 9_000)}), 1),
            (lambda: self._set({"anonymizeParticipants": self.chance.random() < 0.5}), 1),
            (lambda: self._set({"hideProjectDetails": self.chance.random() < 0.5}), 1),
        )
        while not self.stopping.wait(self.chance.expovariate(1 / self._every_s)):
            self.chance.choices([act for act, _ in acts], [weight for _, weight in acts])[0]()
        while self._hidden:
            self._turn(self._hidden[0], shown=True)
        self._set({"anonymizeParticipants": False, "hideProjectDetails": False})

    def _switch(self) -> None:
        """Hide something, or show what was hidden longest; never more than two at once."""
        if len(self._hidden) > 1 or (self._hidden and self.chance.random() < 0.6):
            self._turn(self._hidden[0], shown=True)
        else:
            shown = sorted({*SWITCHES, SPECTATOR_CHAT} - set(self._hidden))
            self._turn(self.chance.choice(shown), shown=False)

    def _turn(self, category: str, *, shown: bool) -> None:
        if category == SPECTATOR_CHAT:
            patch: dict[str, Any] = {"spectatorChat": {"enabled": shown}}
        else:
            patch = {"visibleEvents": {SWITCHES[category]: shown}}
        began_ms = now_ms()
        self._set(patch)
        self.switches.append(Switched(category, shown, began_ms, now_ms()))
        if shown:
            self._hidden.remove(category)
        else:
            self._hidden.append(category)

    def _set(self, patch: Mapping[str, Any]) -> None:
        self.api.call("PATCH", self._path, self._token, patch)
        self.changes += 1


def create_room(port: int, room: str, operator_token: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Create a room; the answer has its tokens."""
    with closing(Api(port)) as api:
        return api.call("POST", "/rooms", operator_token, {"id": room, "settings": settings})


def history(port: int, room: str) -> list[Item]:
    """Return the whole log, as the public reads it over HTTP."""
    with closing(Api(port)) as api:
        return _pages(api, room)


def _pages(api: Api, room: str) -> list[Item]:
    items: list[Item] = []
    after = ""
    while True:
        more = f"&after={after}" if after else ""
        page = api.call("GET", f"/rooms/{room}/events?limit=1000{more}")
        if not page["events"]:
            return items
        items += map(read_event, page["events"])
        after = page["cursor"]
