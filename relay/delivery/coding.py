"""Text into WebSocket frames: plain, compressed by itself, or compressed in a window that viewers share.

A *run* is one deflate window for all viewers of a stream: each frame refers to the ones before it, so a
stream of like messages shrinks to a sixth, and everybody is written the same bytes. Whoever is in a run has
had every one of its frames, in order, and no other compressed frame in between. All others get frames that
stand alone until the next run begins, and enter with it: nothing has to be sent again to let somebody in.
"""

from __future__ import annotations

import zlib
from enum import Enum, auto

_SMALL = 96
"""Payload bytes below which compressing costs more than it saves, for a frame that stands alone."""
_BEST = 9
"""zlib's highest level and memory level, for a run: it is compressed once for all who share it."""
_TAIL = b"\x00\x00\xff\xff"
_ALONE_MEMORY = 6
"""zlib's memory level for a frame that stands alone: as many bytes as with its usual 8, in less time."""
_SMALL_WINDOW, _SMALL_MEMORY = 12, 5
"""For a frame that stands alone and fits into 4 KiB: the same bytes in a fraction of the time, most of which
otherwise goes by in clearing memory."""


class Coding(Enum):
    """What a viewer's connection can take: settled by its handshake. RFC 7692, 7.1.1."""

    PLAIN = auto()
    """No compression."""
    ALONE = auto()
    """Compressed frames, each without the ones before it."""
    SHARED = auto()
    """Compressed frames that go on from one another."""


class Run:
    """One window, from its first frame on.

    Attributes:
        frames: How many it has so far.
    """

    def __init__(self) -> None:
        """Begin with an empty window."""
        self.frames = 0
        self._deflate = zlib.compressobj(_BEST, zlib.DEFLATED, -zlib.MAX_WBITS, _BEST)

    def frame(self, payload: bytes) -> bytes:
        """Return the next frame; whoever is in the run must be written it."""
        self.frames += 1
        data = self._deflate.compress(payload) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return ws_frame(data.removesuffix(_TAIL), compressed=True)


def ws_frame(payload: bytes, *, compressed: bool = False) -> bytes:
    """Return an unmasked, unfragmented text frame. RFC 6455, 5.2."""
    first = 0xC1 if compressed else 0x81
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


def deflated_frame(payload: bytes) -> bytes:
    """Return a compressed text frame that needs no earlier one. RFC 7692, 7.2.1."""
    if len(payload) < _SMALL:
        return ws_frame(payload)
    fits = len(payload) <= 1 << _SMALL_WINDOW
    window, memory = (_SMALL_WINDOW, _SMALL_MEMORY) if fits else (zlib.MAX_WBITS, _ALONE_MEMORY)
    deflate = zlib.compressobj(6, zlib.DEFLATED, -window, memory)
    data = deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return ws_frame(data.removesuffix(_TAIL), compressed=True)


def private_frame(payload: bytes, coding: Coding, *, in_run: bool) -> bytes:
    """Return a frame for one viewer alone: plain in a run, where nothing compressed may come between."""
    return ws_frame(payload) if in_run or coding is Coding.PLAIN else deflated_frame(payload)
