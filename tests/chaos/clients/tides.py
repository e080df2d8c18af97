"""A room's load as it changes: a trickle, floods of two hundred events a second, silence."""

from __future__ import annotations

from typing import NamedTuple

from chaos.load import Api, Publisher


class Tide(NamedTuple):
    """How it is for a while: arrays of `size` events, `rate` of these a second."""

    seconds: tuple[float, float]
    rate: float
    size: int


TIDES = (
    Tide((5, 25), 1, 1),
    Tide((5, 20), 8, 1),
    Tide((2, 6), 50, 1),
    Tide((2, 5), 10, 20),
    Tide((3, 10), 0.5, 30),
    Tide((4, 15), 0, 0),
)


class Tides(Publisher):
    """A publisher that follows the tides."""

    def __init__(self, number: int, room: str, token: str, api: Api, seed: int, *, longest_s: float) -> None:
        """Bind it; no tide takes longer than `longest_s`."""
        super().__init__(number, room, token, api, seed, rate=1)
        self._longest_s = longest_s

    def work(self) -> None:
        """Publish until told to stop."""
        while not self.stopping.is_set():
            self._one(self.chance.choice(TIDES))
        self.publish(1)

    def _one(self, tide: Tide) -> None:
        seconds = min(self.chance.uniform(*tide.seconds), self._longest_s)
        if not tide.rate:
            self.stopping.wait(seconds)
            return
        for _ in range(max(1, round(seconds * tide.rate))):
            if self.stopping.is_set():
                return
            self.publish(tide.size)
            self.stopping.wait(1 / tide.rate)
