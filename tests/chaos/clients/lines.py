"""What the clients' programs write, made into journals for the judge.

A line is a JSON object with `client`, `at_ms` and one of `asked` (a connection begins, with this cursor),
`message` (the text as the client's library gave it) or `failed` (a sentence).
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from chaos.events import milliseconds, types_of
from chaos.journal import Entry, Garbled, Welcomed, Wish, decode, position, read_sent

if TYPE_CHECKING:
    from chaos.clients.kinds import Kind

MISTAKE = {"id": "mistake", "type": "spectator.mistake", "data": {}}
"""A message that is answered with an error: to its sender alone, between frames that others get as well."""


class Record:
    """What one client was given.

    Attributes:
        journal: For the judge.
        counts: Connections, messages and bytes of text, by type of message.
        failures: What its library complained of.
    """

    def __init__(self, kind: Kind) -> None:
        """Start with nothing."""
        self.kind = kind
        self.journal: list[Entry] = []
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []
        self._asked = ""
        self._cursor = ""
        self._wish = Wish(types_of(frozenset(kind.query["types"].split(","))), "low_bandwidth" in kind.query)

    def has_reached(self, seq: int) -> bool:
        """Say whether it stands at a place, or past it."""
        return bool(self._cursor) and position(self._cursor)[1] >= seq

    def take(self, line: dict[str, object]) -> None:
        """Take what its program wrote."""
        if "failed" in line:
            self.failures.append(str(line["failed"]))
        elif "asked" in line:
            self._asked = str(line["asked"])
            self.counts["connections"] += 1
        else:
            self._message(str(line["message"]), int(str(line["at_ms"])))

    def _message(self, text: str, at_ms: int) -> None:
        self.counts["messages"] += 1
        try:
            envelope = decode(text)
        except Garbled as garbled:
            self.failures.append(str(garbled))
            return
        data, sent_ms = envelope["data"], milliseconds(envelope["timestamp"])
        frame = read_sent(envelope)
        self.counts[envelope["type"]] += 1
        if envelope["type"] == "spectator.welcome":
            self._cursor = data["cursor"]
            recovered = data["recovery"]["recovered"]
            self.journal.append(Welcomed(self._asked, recovered, self._cursor, self._wish, sent_ms, at_ms))
        elif envelope["type"] == "spectator.error" and data.get("ref") != MISTAKE["id"]:
            self.failures.append(f"was told {data['code']}")
        elif frame is not None:
            self._cursor = frame.cursor
            self.journal.append(frame)


class Records:
    """Everybody's. Lines may come from several threads."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        """Start with nothing from these clients."""
        self._of = {kind.name: Record(kind) for kind in kinds}
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Record]:
        """Go through the clients."""
        return iter(list(self._of.values()))

    def take(self, text: str | bytes) -> None:
        """Take lines."""
        with self._lock:
            for one in text.splitlines():
                line = json.loads(one)
                self._of[line["client"]].take(line)
