"""What was taken in and is not committed yet: an account in bytes, so that a slow disk never becomes memory.

A request's body, what is made of it, and what waits for the storage's writer are held from the moment the
request may be read until its answer: one account covers them all. When it is full, publishers are told to
wait; nothing that was refused has been read. A room may fill a quarter, so that none can starve the others,
and its spectators' chat half of that, so that it never keeps out what happens in the room (CHAT-4).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from relay.protocol.errors import Code, Refused

ROOMS_SHARE = 4
"""One room may hold the whole account's bytes divided by this."""
CHATS_SHARE = 2
"""Its chat is refused once the room holds what it may divided by this."""
CALL_BYTES = 4096
"""What each call is charged beside its body: its connection, its task, its headers."""
UNPROVEN = ""
"""Whose account is charged for bodies that have to be read before it is known who sent them: one for all."""
_WAIT_MS, _JITTER_MS = 1000, 2000
_FULL = "The relay has as much to store as it can hold. Wait as told, then send it again."


class Intake:
    """The account of one relay.

    Attributes:
        held: Bytes in work.
        calls: Calls in work.
    """

    def __init__(self, most: int, randomness: Callable[[], float] = random.random) -> None:
        """Start empty.

        Args:
            most: Bytes that may be in work at once; 0 for no limit.
            randomness: Spreads the waits of those who are refused.
        """
        self._most = most
        self._random = randomness
        self._rooms: Counter[str] = Counter()
        self.held = 0
        self.calls = 0

    def take(self, room_id: str, size: int, *, chat: bool = False) -> Refused | None:
        """Charge a room for `size` bytes that are about to be read; refuse if there is no room for them.

        `chat` is what its spectators say, for which there is less room.
        """
        charge = self._charge(size)
        share = self._most // ROOMS_SHARE // (CHATS_SHARE if chat else 1)
        if self._most and (self._rooms[room_id] + charge > share or self.held + charge > self._most):
            return Refused(Code.RATE_LIMITED, _FULL, _WAIT_MS + round(_JITTER_MS * self._random()))
        self._rooms[room_id] += charge
        self.held += charge
        self.calls += 1
        return None

    def give_back(self, room_id: str, size: int) -> None:
        """Clear a charge: what was taken is committed, or refused."""
        charge = self._charge(size)
        self._rooms[room_id] -= charge
        if not self._rooms[room_id]:
            del self._rooms[room_id]
        self.held -= charge
        self.calls -= 1

    def _charge(self, size: int) -> int:
        # What is larger than a whole share is possible, too, while its room has nothing else in work.
        charge = size + CALL_BYTES
        return min(charge, self._most // ROOMS_SHARE) if self._most else charge
