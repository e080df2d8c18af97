"""Turns at reading history: a few at a time, and addresses one after the other.

A page of a thousand events is milliseconds of work, much more where names or words are hidden. It is done in
slices between which the live stream goes out; but each reader more is a slice more in every turn of the loop,
and a hundred of them would be felt by everybody who watches. So few work at once and the others wait, and
whoever asks a hundred times at once waits behind each who asks once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from relay.gateway.access import Denied
from relay.protocol.errors import Code, Refused

AT_ONCE = 2
"""Readers at work: the second one's share is done while the first waits for the disk."""
MAX_WAITING = 100
"""Calls of one address that may wait."""
_WAIT_MS = 1000


class Turns:
    """Whose turn it is."""

    def __init__(self) -> None:
        """Start with nobody reading."""
        self._free = AT_ONCE
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def one(self, address: str) -> AsyncIterator[None]:
        """Wait for a turn, and have it for as long as the context lasts.

        Raises:
            Denied: If too many calls of this address wait already.
        """
        if self._free:
            self._free -= 1
        else:
            await self._wait(address)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, address: str) -> None:
        queue = self._waiting.setdefault(address, deque())
        if len(queue) >= MAX_WAITING:
            why = "Too many calls of this address wait for history. Wait for their answers first."
            raise Denied(Refused(Code.RATE_LIMITED, why, _WAIT_MS))
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(address, turn)
            else:
                self._pass_on()  # it came in the same moment
            raise

    def _forget(self, address: str, turn: asyncio.Future[None]) -> None:
        queue = self._waiting.get(address, deque())
        if turn in queue:
            queue.remove(turn)
            if not queue:
                del self._waiting[address]

    def _pass_on(self) -> None:
        """Give a turn that has ended to the address that had none for longest."""
        while self._waiting:
            address, queue = self._waiting.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._waiting[address] = queue
            if not turn.done():  # else its caller has left, and does not know yet
                turn.set_result(None)
                return
        self._free += 1
