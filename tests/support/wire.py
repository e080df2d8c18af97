"""What a viewer makes of the bytes it was sent: read by websockets' own parser, not by ours."""

from __future__ import annotations

import json
from typing import Any

from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, Protocol, Side

from relay.delivery.coding import Coding

LARGEST = 2**20
"""Bytes of a message that common clients take unless told otherwise."""


class WireReader:
    """The receiving end of an open connection, by what its handshake agreed on."""

    def __init__(self, coding: Coding, *, window_bits: int = 15) -> None:
        self.frames = 0
        self._protocol = Protocol(Side.CLIENT, state=OPEN, max_size=LARGEST)
        if coding is not Coding.PLAIN:
            alone = coding is Coding.ALONE
            self._protocol.extensions = [PerMessageDeflate(alone, True, window_bits, 15)]

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Take bytes from the network; return the envelopes that they complete.

        Raises:
            AssertionError: If the bytes are not whole, unfragmented text messages.
        """
        self._protocol.receive_data(data)
        assert self._protocol.parser_exc is None, self._protocol.parser_exc
        envelopes = []
        for frame in self._protocol.events_received():
            assert isinstance(frame, Frame)
            assert frame.opcode is Opcode.TEXT, frame.opcode
            assert frame.fin
            assert not frame.rsv1
            self.frames += 1
            envelopes.append(json.loads(bytes(frame.data)))
        return envelopes
