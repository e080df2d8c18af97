"""Bodies and files of events, taken apart: one JSON object, an array, or JSON Lines, told apart by content.

One bad line or item never costs its neighbours, and a line that is too long is never held or parsed:
`LineSplitter` gives up on it at its limit and goes on after its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relay.protocol.envelope import BadMessage, decode_object

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MAX_LINE = 1024 * 1024
"""Bytes of one line; a longer one is refused without being parsed."""
_CHUNK = 64 * 1024
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class BadItem:
    """An item that could not be read.

    Attributes:
        index: Its place in the body from 0; in a stream, its line's number from 1.
        message: What is wrong with it; never a part of it.
    """

    index: int
    message: str


Item = dict[str, Any] | BadItem


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a stream that was not blank, by its number from 1."""

    number: int
    item: Item


def split_items(body: bytes) -> list[Item]:
    """Take the body of a request apart; the place in the list is the item's index in the answer.

    A body of several lines whose first is not an object on its own is one object or array spread over them.
    """
    body = body.removeprefix(_BOM).strip()
    if body.startswith(b"["):
        return _split_array(body)
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > 1 and isinstance(_decode(0, lines[0]), BadItem):
        # Either one object written over several lines, or JSON Lines with a bad first line.
        whole = _decode(0, body)
        if isinstance(whole, dict):
            return [whole]
    return [_decode(index, line) for index, line in enumerate(lines)]


def _split_array(body: bytes) -> list[Item]:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return [BadItem(0, "the array is not valid JSON in UTF-8")]
    return [
        value if isinstance(value, dict) else BadItem(index, "it is not a JSON object")
        for index, value in enumerate(values)
    ]


def _decode(index: int, line: bytes) -> Item:
    if len(line) > MAX_LINE:
        return _too_long(index)
    try:
        return decode_object(line.decode())
    except UnicodeDecodeError:
        return BadItem(index, "it is not valid UTF-8")
    except BadMessage as error:
        return BadItem(index, str(error))


def _too_long(index: int) -> BadItem:
    return BadItem(index, f"it is longer than {MAX_LINE} bytes")


class LineSplitter:
    """JSON Lines out of chunks of any size. Sans IO; holds at most `MAX_LINE` bytes and a chunk."""

    def __init__(self) -> None:
        """Start before the first line."""
        self._pending = bytearray()
        self._number = 0
        self._overlong = False

    def feed(self, chunk: bytes) -> list[Line]:
        """Take the next chunk; return the lines that it completes, blank ones left out."""
        lines: list[Line] = []
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._keep(chunk[start:end])
            lines += self._complete()
            start = end + 1
        self._keep(chunk[start:])
        return lines

    def close(self) -> list[Line]:
        """Return the last line, if the stream did not end with a line break."""
        return self._complete() if self._pending or self._overlong else []

    def _keep(self, part: bytes) -> None:
        if self._overlong or len(self._pending) + len(part) > MAX_LINE:
            self._overlong = True
            self._pending.clear()
        else:
            self._pending += part

    def _complete(self) -> list[Line]:
        self._number += 1
        line = bytes(self._pending)
        overlong = self._overlong
        self._pending.clear()
        self._overlong = False
        if overlong:
            return [Line(self._number, _too_long(self._number))]
        if self._number == 1:
            line = line.removeprefix(_BOM)
        return [Line(self._number, _decode(self._number, line))] if line.strip() else []


async def read_chunks(descriptor: int) -> AsyncIterator[bytes]:
    """Read a file, pipe or terminal to its end without blocking the loop, whatever kind of descriptor it is.

    Each read runs in a thread of its own that nobody waits for: one stuck on a silent standard input must
    not hold up Ctrl-C, as a pool's thread would. It reads below Python's buffered file, whose lock it would
    otherwise hold at exit.
    """
    loop = asyncio.get_running_loop()
    while True:
        arrived: asyncio.Future[bytes] = loop.create_future()
        threading.Thread(target=_read, args=(descriptor, loop, arrived), daemon=True).start()
        chunk = await arrived
        if not chunk:
            return
        yield chunk


def _read(descriptor: int, loop: asyncio.AbstractEventLoop, arrived: asyncio.Future[bytes]) -> None:
    def settle(chunk: bytes, error: OSError | None) -> None:
        if arrived.cancelled():
            return
        if error:
            arrived.set_exception(error)
        else:
            arrived.set_result(chunk)

    chunk, failure = b"", None
    try:
        chunk = os.read(descriptor, _CHUNK)
    except OSError as error:
        failure = error
    with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits any more
        loop.call_soon_threadsafe(settle, chunk, failure)
