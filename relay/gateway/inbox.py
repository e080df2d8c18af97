"""Whose message is next: what viewers send is dealt with in a slice of each turn of the loop, in fair rounds.

A message costs a tenth of a millisecond, and a crowd sends thousands in a second. Dealt with as they are read
they would make a turn as long as the crowd pleases, and everything else would wait for it: what happens in
the room, first of all (CHAT-4). What does not fit into the slice waits on its own connection, which is not
read meanwhile, so that TCP slows down who sends it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Protocol

SLICE_S = 0.01
"""Seconds of a turn after which no further message is begun."""
_log = logging.getLogger("relay.gateway")


class Sender(Protocol):
    """A connection that messages come from."""

    def deal(self) -> bool:
        """Deal with one thing that was read; say whether there is more."""

    def hold(self) -> None:
        """Read no more for now."""

    def read_on(self) -> None:
        """Read again: all is dealt with."""

    def abort(self) -> None:
        """Cut the line."""


class Inbox:
    """What has been read from the connections of a relay and is not dealt with yet."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Start with nothing. `now_s` is monotonic."""
        self._now_s = now_s
        self._waiting: deque[Sender] = deque()
        self._ends_s: float | None = None

    def offer(self, sender: Sender) -> None:
        """Deal with what a connection has sent, at once as far as this turn's slice goes."""
        if self._ends_s is None:
            self._begin()
        while self._has_time():
            if not sender.deal():
                return
        sender.hold()
        self._waiting.append(sender)

    def _has_time(self) -> bool:
        return self._ends_s is None or self._now_s() < self._ends_s

    def _begin(self) -> None:
        # What is called soon is called in the next turn, before anything that is read in it.
        self._ends_s = self._now_s() + SLICE_S
        asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._ends_s = None
        if not self._waiting:
            return
        self._begin()
        while self._waiting and self._has_time():
            self._serve(self._waiting.popleft())

    def _serve(self, sender: Sender) -> None:
        try:
            more = sender.deal()
        except Exception:
            _log.exception("a message could not be dealt with")
            sender.abort()
            return
        if more:
            self._waiting.append(sender)
        else:
            sender.read_on()
