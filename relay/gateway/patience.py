"""What a viewer's messages may cost us: an account that is always being filled up again.

Nobody who watches and chats comes near its end. Whoever floods, with whatever kind of frame, empties it and
is closed, so that answering one viewer cannot slow another.
"""

from __future__ import annotations

PATIENCE = 60.0
"""What the account holds at most, and at first."""
PER_S = 10.0
"""What comes back each second."""

FRAME_COST = 0.2
"""A ping, a pong, a part of a message."""
MESSAGE_COST = 1.0
FAULT_COST = 3.0
"""On top of the message: it could not be used, and is answered with an error."""
SUBSCRIBE_COST = 1.0
"""On top of the message: it moves a viewer from one stream to another."""
WELCOME_COST = 10.0
"""On top of the message: it may be answered with the whole state of the room."""


class Patience:
    """One viewer's account."""

    __slots__ = ("_at_s", "_left")

    def __init__(self) -> None:
        """Start full."""
        self._left = PATIENCE
        self._at_s = 0.0

    def take(self, cost: float, now_s: float) -> bool:
        """Take a cost; False if the account does not hold it. `now_s` is monotonic."""
        self._left = min(PATIENCE, self._left + (now_s - self._at_s) * PER_S) - cost
        self._at_s = now_s
        return self._left >= 0
