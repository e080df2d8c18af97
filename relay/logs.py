"""The relay's log: one JSON object a line on standard error, readable lines on a terminal.

An exception is logged by its type and the places it passed through. Its text is left out: what others sent
may stand in it, and nothing they sent belongs in a log.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType

from relay.protocol.times import format_ms

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(level: str) -> None:
    """Send everything of `relay` to standard error, and of the libraries only what is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Readable() if sys.stderr.isatty() else _Json())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("relay").setLevel(level.upper())
    # Each would write a line per connection, or parts of what a peer sent.
    for name in ("websockets", "httpx", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.ERROR)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": format_ms(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line |= _describe(record.exc_info)
        return json.dumps(line)


class _Readable(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time = format_ms(int(record.created * 1000))[11:19]
        line = f"{time} {record.levelname.lower()}: {record.getMessage()}"
        if record.exc_info:
            found = _describe(record.exc_info)
            line += f" ({found['error'][0]} at {', '.join(found['at'][-3:])})"
        return line


def _describe(info: _ExcInfo) -> dict[str, list[str]]:
    kind, _, trace = info
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
    return {"error": [kind.__name__ if kind else ""], "at": places}
