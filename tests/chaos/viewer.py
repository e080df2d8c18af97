"""A viewer that comes back: it holds a cursor and a resume token, and writes down all it is sent.

It does on its side what people do: chooses other types or another pace in the middle, leaves for a while,
writes in the chat. What it does is drawn from the run's seed; when, depends on the network.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from chaos.events import milliseconds, types_of
from chaos.journal import (
    Asked,
    Chosen,
    Entry,
    Garbled,
    Sent,
    Welcomed,
    Wish,
    decode,
    position,
    read_sent,
)
from chaos.websocket import OFFERS, Client, Closed, Refused, Violation

SILENCE_S = 12.0
"""Nothing for so long, and the line is taken for dead; the relay is told to speak every second."""
_CHANGES = ("spectator.subscribe", "spectator.subscribe", "spectator.connect")
_ACT_S = 8.0
_ACTS = ("choose", "write", "err", "leave", "vanish")
_AWAY_S = 4.0
_CHOICES = (
    "chat,task,git,agent,member",
    "chat,task,git,agent,member",
    "chat",
    "task,git",
    "agent",
    "git.commit,milestone.reached,member",
    "chat,agent.status_change",
)
_EXPECTED = frozenset({"SLOW_CONSUMER", "OVERLOADED", "DRAINING"})
_EXPECTED_OF_MISTAKES = frozenset({"INVALID_MESSAGE"})
_EXPECTED_OF_CHAT = frozenset({"CHAT_DISABLED", "RATE_LIMITED", "MESSAGE_REJECTED"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a viewer asks for, in the words of the protocol."""

    types: str
    interval_s: int = 0
    low: bool = False

    def fields(self) -> dict[str, Any]:
        """Return it as fields of a message."""
        pace = {"frequency": "batched", "interval_s": self.interval_s} if self.interval_s else {}
        return {"types": self.types, **(pace or {"frequency": "realtime"}), "low_bandwidth": self.low}

    def wish(self) -> Wish:
        """Return what that entitles to."""
        return Wish(types_of(frozenset(self.types.split(","))), self.low)


class Viewer:
    """One viewer of a room.

    Attributes:
        journal: What it was sent.
        counts: What happened to it: connections, and faults by name.
        cursor: Where it stands.
    """

    def __init__(self, number: int, room: str, seed: int, *, is_witness: bool = False) -> None:
        """Bind its place in the run; a witness wants everything, and does nothing but watch."""
        self.journal: list[Entry] = []
        self.counts: Counter[str] = Counter()
        self.cursor = ""
        self.chance = random.Random(f"{seed}/{number}")
        self.delivery = Delivery(_CHOICES[0]) if is_witness else self.choice()
        self._number = number
        self._room = room
        self._is_witness = is_witness
        self._offer = OFFERS[number % len(OFFERS)]
        self._token = ""
        self._attempts = 0
        self.was_too_late = False
        self._resting = False
        self._moved = asyncio.Event()

    def __str__(self) -> str:
        """Name it."""
        return f"viewer {self._number}"

    def rest(self) -> None:
        """Do nothing of its own any more: watch to the end."""
        self._resting = True

    def has_reached(self, cursor: str) -> bool:
        """Say whether it stands at a place, or past it."""
        return bool(self.cursor) and position(self.cursor)[1] >= position(cursor)[1]

    async def reaches(self, cursor: str) -> None:
        """Wait until it stands there."""
        while not self.has_reached(cursor):
            self._moved.clear()
            await self._moved.wait()

    async def watch(self, port: int) -> None:
        """Watch until cancelled, whatever happens to the line."""
        wait_s = 0.1
        while True:
            welcomes = self.counts["welcomes"]
            try:
                await self._connection(port)
            except (Violation, Garbled) as violation:
                self.counts[f"violation: {violation}"] += 1
            except Refused as refused:
                if refused.status != 503:
                    self.counts[f"HTTP {refused.status}"] += 1
            except (OSError, TimeoutError):
                self.counts["broken"] += 1
            wait_s = 0.1 if self.counts["welcomes"] > welcomes else min(2 * wait_s, 2.0)
            await asyncio.sleep(self.chance.uniform(0.5, 1.0) * wait_s)

    async def _connection(self, port: int) -> None:
        """Live through one connection, to its end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await _Connection(self, writer).live(reader, f"127.0.0.1:{port}")
        finally:
            writer.close()

    # -- for the connection ------------------------------------------------------------------------

    def request(self, host: str) -> tuple[Client, dict[str, Any] | None]:
        """Return the next handshake, and what is to be said in a first message, if that is how it asks."""
        fields = self.delivery.fields() | ({"cursor": self.cursor} if self.cursor else {})
        by_message = self.chance.random() < 0.2 and not self.was_too_late
        query = "" if by_message else "?" + urlencode({name: _plain(field) for name, field in fields.items()})
        headers = {"X-Connection": f"{self._number}.{self._attempts}"}
        headers |= {"Authorization": f"Bearer {self._token}"} if self._token else {}
        self._attempts += 1
        client = Client(host, f"/spectate/{self._room}{query}", self._offer, headers)
        return client, {"room_id": self._room, **fields} if by_message else None

    def welcomed(self, envelope: Mapping[str, Any], asked: str) -> None:
        """Take a welcome."""
        data = envelope["data"]
        self.counts["welcomes"] += 1
        self._token = data["spectator"]["resume_token"]
        self.cursor = data["cursor"]
        self._moved.set()
        recovered = data["recovery"]["recovered"]
        sent_ms = milliseconds(envelope["timestamp"])
        self.journal.append(Welcomed(asked, recovered, self.cursor, self.delivery.wish(), sent_ms, now_ms()))

    def sent(self, frame: Sent) -> None:
        """Take a frame with a place in the order."""
        self.journal.append(frame)
        self.cursor = frame.cursor
        self._moved.set()

    def next_act_s(self) -> float:
        """Return how long it watches before it does something."""
        return math.inf if self._is_witness else self.chance.expovariate(1 / _ACT_S)

    def choice(self) -> Delivery:
        """Return another way to be delivered to."""
        types = self.chance.choice(_CHOICES)
        interval_s = self.chance.choice((0, 0, 0, 1, 2, 5))
        return Delivery(types, interval_s, low=bool(interval_s) and self.chance.random() < 0.3)

    @property
    def is_resting(self) -> bool:
        """Whether it does nothing of its own."""
        return self._resting or self._is_witness


class _Connection:
    """One connection of a viewer's."""

    def __init__(self, viewer: Viewer, writer: asyncio.StreamWriter) -> None:
        self._viewer = viewer
        self._writer = writer
        self._welcomed = False
        self._asked: dict[str, Delivery] = {}
        self._messages = 0
        self._mistakes: set[str] = set()

    async def live(self, reader: asyncio.StreamReader, host: str) -> None:
        """Speak until either side has enough."""
        viewer, loop = self._viewer, asyncio.get_running_loop()
        cursor = viewer.cursor
        self._client, first = viewer.request(host)
        self._first = first is not None
        self._writer.write(self._client.request)
        acts_s, heard_s = loop.time() + viewer.next_act_s(), loop.time()
        while True:
            data = None
            with suppress(TimeoutError):
                async with asyncio.timeout_at(min(acts_s, heard_s + SILENCE_S)):
                    data = await reader.read(65536)
            if data == b"":
                return
            if data:
                heard_s = loop.time()
                for message in self._client.feed(data):
                    if isinstance(message, Closed):
                        self._writer.write(self._client.replies())
                        return
                    if not self._take(decode(message), cursor):
                        return
                self._writer.write(self._client.replies())
                if first is not None and self._client.is_open:
                    self._say("spectator.connect", first)
                    first = None
            elif loop.time() >= heard_s + SILENCE_S:
                viewer.counts["silent"] += 1
                return
            if loop.time() >= acts_s:
                acts_s = loop.time() + viewer.next_act_s()
                if self._welcomed and not viewer.is_resting and not self._act():
                    await asyncio.sleep(viewer.chance.uniform(0, _AWAY_S))
                    return

    def _take(self, envelope: Mapping[str, Any], asked: str) -> bool:
        """Take a message; False if there is nothing to stay for."""
        kind, data, viewer = envelope["type"], envelope["data"], self._viewer
        frame = read_sent(envelope)
        if kind == "spectator.welcome" and not self._is_answer(data, asked):
            # Its first message has come when the relay had waited long enough. The welcome says so: who wants
            # to go on from a cursor comes again, and asks in the query.
            viewer.was_too_late = True
            viewer.counts["too late" if self._first else "error: a welcome to something else"] += 1
            return False
        if kind == "spectator.welcome":
            self._welcomed, viewer.was_too_late = True, False
            viewer.welcomed(envelope, asked)
        elif kind == "spectator.error":
            expected = _EXPECTED_OF_CHAT if "ref" in data else _EXPECTED
            if data.get("ref") in self._mistakes:
                expected = _EXPECTED_OF_MISTAKES
            unexpected = f"error: {data['code']}, {data['message']}"
            viewer.counts["refusals" if data["code"] in expected else unexpected] += 1
        elif frame is not None:
            viewer.sent(frame)
        elif kind == "spectator.notice" and data.get("ref") in self._asked:
            viewer.delivery = self._asked.pop(data["ref"])
            viewer.journal.append(Chosen(viewer.delivery.wish(), now_ms()))
            viewer.counts["choices"] += 1
        return True

    def _is_answer(self, data: Mapping[str, Any], asked: str) -> bool:
        types = frozenset(data["delivery"]["types"])
        return data["recovery"]["requested"] is bool(asked) and types == self._viewer.delivery.wish().types

    def _act(self) -> bool:
        """Do something, as chance will have it; False: leave."""
        viewer = self._viewer
        match viewer.chance.choices(_ACTS, (5, 2, 2, 1, 1))[0]:
            case "choose" if self._asked:
                pass  # one at a time: an answer tells which choice holds
            case "choose":
                choice = viewer.choice()
                self._asked[self._say(viewer.chance.choice(_CHANGES), choice.fields())] = choice
                viewer.journal.append(Asked(choice.wish()))
            case "write":
                self._say("spectator.chat_message", {"message": f"{viewer} says {viewer.chance.random()}"})
            case "err":
                # What it is answered is for it alone, between frames that it shares with others.
                self._mistakes.add(self._say("spectator.mistake", {}))
            case "leave":
                self._writer.write(self._client.close())
                return False
            case _:
                self._writer.transport.abort()
                return False
        return True

    def _say(self, kind: str, data: Mapping[str, Any]) -> str:
        self._messages += 1
        ref = f"message {self._messages}"
        self._writer.write(self._client.text(json.dumps({"id": ref, "type": kind, "data": data})))
        return ref


def _plain(field: object) -> str:
    return str(field).lower() if isinstance(field, bool) else str(field)


def now_ms() -> int:
    """Return the time by the clock that the relay on this machine tells it by."""
    return time.time_ns() // 1_000_000
