"""What is published in a measurement of speed: like events, each dated when it is sent, at a steady rate."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bench.sinks import MARK, STAMP_TURN

if TYPE_CHECKING:
    from bench.peers import Server

WORDS = """
fix add relay parser room event retry agent task merge branch deploy cache queue timeout review handle error
socket client reconnect backoff index search update docs build commit push lint type schema rename race lock
async stream buffer limit budget report summary plan step done the of to for when and with
""".split()  # noqa: SIM905 (fifty quoted words read worse)
_POSTS_S = 50.0
"""Above this rate several events are handed over at once, as a busy program does: what is measured is
delivery, and a request for each event would drown it."""


def publish(server: Server, rate: float, count: int, words: int = 28) -> None:
    """Publish chat, the same each time; one late event does not delay the next.

    Args:
        server: To whom.
        rate: Events a second.
        count: How many events.
        words: In each; the usual number makes an event of about 300 bytes.
    """
    draw = random.Random(7)
    together = max(round(rate / _POSTS_S), 1)
    started_s = time.perf_counter()
    for first in range(0, count, together):
        time.sleep(max(started_s + first / rate - time.perf_counter(), 0))
        server.publish(
            [
                _event(number, draw.choices(WORDS, k=words))
                for number in range(first, min(first + together, count))
            ]
        )


def _event(number: int, words: Sequence[str]) -> dict[str, Any]:
    stamp = time.monotonic_ns() // 1000 % STAMP_TURN
    return {
        "type": "chat.public",
        "author": f"agent-{number % 9}",
        "author_type": "agent",
        "content": f"{MARK.decode()}{stamp:08} " + " ".join(words),
    }
