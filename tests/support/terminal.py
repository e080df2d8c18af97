"""A program in a real pseudo-terminal: keys go in, a screen comes out, and every byte is counted.

The bytes are collected by a thread; the screen is drawn from them (with pyte) only when somebody
looks, so that a program under measurement is not slowed by our drawing. POSIX only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

WAIT_S = 15.0
"""How long anything may take before a test calls it lost."""

# What pyte 0.8 prints instead of ignoring: sequences with `<`, `=` or `>` before their parameters
# (keyboard and terminal queries) and device control strings.
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<=>][0-9;:]*[ -/]*[@-~]|\x1bP[^\x1b]*\x1b\\|\x1b_[^\x1b]*\x1b\\")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;:<=>?]*[ -/]*|[P_\]][^\x1b\x07]*)?\Z")
_MODE_QUERY = re.compile(rb"\x1b\[\?([0-9]+)\$p")
_SYNCHRONISED_OUTPUT = b"2026"


class NotShown(AssertionError):
    """What was waited for did not come; the text holds the screen as it stood."""


class Terminal:
    """A program and the terminal it runs in.

    Attributes:
        pid: The program's process id; it leads a session whose terminal this is.
        started_s: `time.perf_counter` just before the program was started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cols: int = 120,
        rows: int = 40,
        env: Mapping[str, str | None] | None = None,
    ) -> None:
        """Start a program.

        Args:
            argv: The program and its arguments; argv[0] is a path.
            cols: Width in cells.
            rows: Height in cells.
            env: Changes to the environment; None removes a variable. Unless changed here, `TERM` is
                `xterm-256color`, `COLORTERM` is `truecolor`, and nothing of ours is set.
        """
        self._raw = bytearray()
        self._last_byte_s = 0.0
        self._ended = False
        self._status: int | None = None
        self._drawn = 0
        self._changed = threading.Condition()
        self._screen = pyte.Screen(cols, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        self._set_size(cols, rows)
        name = os.ttyname(slave)
        # `forkpty` warns where threads run. `setsid`, then opening the terminal by its name, makes it the new
        # session's own, so that Ctrl-C and size changes reach the program as signals.
        standard = [
            (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 0, 1),
            (os.POSIX_SPAWN_DUP2, 0, 2),
        ]
        environment = _environment(env or {})
        self.started_s = time.perf_counter()
        self.pid = os.posix_spawn(argv[0], list(argv), environment, file_actions=standard, setsid=True)
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # EIO: the last process that had the terminal open has ended
                data = b""
            now_s = time.perf_counter()
            with self._changed:
                self._raw += data
                self._last_byte_s = now_s if data else self._last_byte_s
                self._ended = not data
                self._changed.notify_all()
            if not data:
                return
            for query in _MODE_QUERY.finditer(data):
                # As a terminal of today answers: it can synchronise output, and knows none of the rest.
                state = b"2" if query[1] == _SYNCHRONISED_OUTPUT else b"0"
                with contextlib.suppress(OSError):
                    os.write(self._master, b"\x1b[?" + query[1] + b";" + state + b"$y")

    def _set_size(self, cols: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def send(self, keys: str | bytes) -> None:
        """Type: characters, or the byte sequences of keys (`"\\t"`, `"\\x1b[A"`)."""
        os.write(self._master, keys.encode() if isinstance(keys, str) else keys)

    def resize(self, cols: int, rows: int) -> None:
        """Change the size, as dragging the window's corner does."""
        with self._changed:
            self._draw()
            self._screen.resize(rows, cols)
        self._set_size(cols, rows)

    @property
    def raw(self) -> bytes:
        """Every byte the program wrote."""
        with self._changed:
            return bytes(self._raw)

    @property
    def bytes_written(self) -> int:
        """How many bytes the program wrote."""
        with self._changed:
            return len(self._raw)

    @property
    def lines(self) -> list[str]:
        """The screen's rows as text, each as wide as the screen."""
        with self._changed:
            self._draw()
            return list(self._screen.display)

    @property
    def text(self) -> str:
        """The screen as text, without the blanks at the ends of rows."""
        return "\n".join(line.rstrip() for line in self.lines)

    def _draw(self) -> None:
        pending = bytes(self._raw[self._drawn :])
        unfinished = _UNFINISHED.search(pending)
        if unfinished and not self._ended:
            pending = pending[: unfinished.start()]
        self._drawn += len(pending)
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", pending))

    def wait_for(self, wanted: str | Callable[[str], bool], timeout_s: float = WAIT_S) -> str:
        """Wait until a text is on the screen, or the screen's text satisfies a condition; return the text.

        Raises:
            NotShown: If it is not there in time, or the program ended without it.
        """
        shown = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        deadline_s = time.perf_counter() + timeout_s
        seen = -1
        while True:
            with self._changed:
                remaining_s = deadline_s - time.perf_counter()
                self._changed.wait_for(lambda: len(self._raw) != seen or self._ended, max(remaining_s, 0))  # noqa: B023
                seen, ended = len(self._raw), self._ended
            text = self.text
            if shown(text):
                return text
            if ended or remaining_s <= 0:
                raise NotShown(f"not on the screen: {wanted!r}{' (the program has ended)' * ended}\n{text}")

    def wait_for_bytes(self, pattern: bytes, timeout_s: float = WAIT_S) -> float:
        """Wait until the program wrote something, cheaply; return the seconds since its start."""
        expression = re.compile(pattern)
        with self._changed:
            if self._changed.wait_for(lambda: expression.search(self._raw) or self._ended, timeout_s):
                arrived_s = self._last_byte_s
                if expression.search(self._raw):
                    return arrived_s - self.started_s
        raise NotShown(f"not written: {pattern!r}\n{self.text}")

    def wait_quiet(self, quiet_s: float = 0.5, timeout_s: float = WAIT_S) -> None:
        """Wait until the program has written nothing for `quiet_s`.

        Raises:
            NotShown: If it goes on writing for `timeout_s`.
        """
        deadline_s = time.perf_counter() + timeout_s
        with self._changed:
            while time.perf_counter() < deadline_s:
                before = len(self._raw)
                if not self._changed.wait_for(lambda: len(self._raw) != before, quiet_s):  # noqa: B023
                    return
        raise NotShown(f"still writing after {timeout_s:g} s\n{self.text}")

    def wait_exit(self, timeout_s: float = WAIT_S) -> int:
        """Wait for the program's end; return its exit status, or minus the signal that ended it.

        Raises:
            NotShown: If it is still there after `timeout_s`.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._ended, timeout_s):
                raise NotShown(f"the program has not ended\n{self._tail()}")
        return self._reap()

    def _tail(self) -> str:
        self._draw()
        return "\n".join(line.rstrip() for line in self._screen.display)

    def _reap(self) -> int:
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._status

    def close(self) -> None:
        """End the program if it still runs, and give the terminal back."""
        if self._master < 0:
            return
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, 9)
            self._reap()
        self._reader.join(WAIT_S)
        os.close(self._master)
        self._master = -1


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLAWTANK_")}
    environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    # `COLUMNS` and `LINES`, which pytest-xdist sets, would go before the terminal's own size.
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        environment.pop(name, None)
    for name, value in changes.items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    return environment
