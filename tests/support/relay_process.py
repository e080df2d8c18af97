"""A real `clawtank-relay serve`, in a process of its own that a test may stop, kill and start again.

The port, the data directory and the operator's token are found the way a user finds them: in the
line the relay prints, and in the file it writes.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Self
from urllib.parse import urlsplit

from support.ports import LOOPBACK

UNLIMITED: Mapping[str, int] = MappingProxyType(
    {"connections_per_address_per_minute": 0, "connections_per_address": 0, "joins_per_room_per_minute": 0}
)
"""All tests come from one address: what is not about these limits switches them off."""

START_S = 20.0
STOP_S = 20.0
_LISTENING = re.compile(r"listening on (https?://\S+)")


class RelayFailed(AssertionError):
    """The relay ended, or did not say in time that it listens; the text holds what it printed."""


class Output:
    """The lines of a stream, read by a thread so that the process never waits for us."""

    def __init__(self, stream: IO[str]) -> None:
        self._lines: list[str] = []
        self._ended = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                with self._changed:
                    self._lines.append(line)
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def search(self, pattern: re.Pattern[str], timeout_s: float) -> re.Match[str] | None:
        """Wait for a line that holds the pattern; None when the stream ends or the time is up first."""
        found: re.Match[str] | None = None

        def arrived() -> bool:
            nonlocal found
            found = next((match for line in self._lines if (match := pattern.search(line))), None)
            return found is not None or self._ended

        with self._changed:
            self._changed.wait_for(arrived, timeout_s)
        return found

    def text(self) -> str:
        """Return what has arrived so far."""
        with self._changed:
            return "".join(self._lines)

    def join(self) -> None:
        """Wait for the end of the stream, once the process has ended."""
        self._reader.join(STOP_S)


class RelayProcess:
    """One run of the relay over a data directory.

    Attributes:
        data: The data directory; it outlives the run.
        url: `http://HOST:PORT`, as the relay printed it.
        pid: Its process id.
    """

    def __init__(
        self, process: subprocess.Popen[str], data: Path, url: str, out: Output, err: Output
    ) -> None:
        self.data = data
        self.url = url
        self.pid = process.pid
        self._process = process
        self._out = out
        self._err = err

    @classmethod
    def start(
        cls,
        data: Path,
        *options: str,
        rooms: Sequence[str] = (),
        limits: Mapping[str, int] = UNLIMITED,
        env: Mapping[str, str] | None = None,
        host: str = LOOPBACK,
        port: int = 0,
    ) -> Self:
        """Start a relay and wait until it listens.

        Args:
            data: The data directory; the relay makes it.
            options: More words for the command line.
            rooms: Rooms to create if missing, `ROOM` or `ROOM:PRESET`.
            limits: Limits by name; an empty mapping leaves the relay's own defaults in force.
            env: More environment variables.
            host: The address to bind.
            port: The port to bind; 0 lets the system choose. The `port` of an earlier run comes back there.

        Raises:
            RelayFailed: If it ends, or prints no address within `START_S`.
        """
        process = subprocess.Popen(
            serve_command(data, *options, rooms=rooms, host=host, port=port),
            env=relay_environment(limits) | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        assert process.stdout is not None
        assert process.stderr is not None
        out, err = Output(process.stdout), Output(process.stderr)
        listening = out.search(_LISTENING, START_S)
        if listening is None:
            process.kill()
            status = process.wait()
            out.join()
            err.join()
            raise RelayFailed(f"the relay did not listen (status {status})\n{out.text()}{err.text()}")
        return cls(process, data, listening[1], out, err)

    @property
    def port(self) -> int:
        """The port it listens on."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    @property
    def ws_url(self) -> str:
        """`ws://HOST:PORT`, as `clawtank --relay` takes it."""
        return "ws" + self.url.removeprefix("http")

    @property
    def operator_token(self) -> str:
        """The token in `operator.token`."""
        return (self.data / "operator.token").read_text().strip()

    @property
    def stdout(self) -> str:
        """What it printed on stdout so far."""
        return self._out.text()

    @property
    def stderr(self) -> str:
        """What it printed on stderr so far."""
        return self._err.text()

    def said(self, words: str) -> bool:
        """Wait until it says some words on stderr; False if it never does."""
        return self._err.search(re.compile(re.escape(words)), START_S) is not None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait(self, timeout_s: float = STOP_S) -> int:
        """Wait for the process to end by itself and return its exit status."""
        status = self._process.wait(timeout_s)
        self._out.join()
        self._err.join()
        return status

    def stop(self) -> int:
        """Ask it to drain and end (SIGTERM), if it still runs; return its exit status."""
        if self.running:
            self.signal(signal.SIGTERM)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise RelayFailed(
                f"the relay did not end within {STOP_S:g} s of SIGTERM\n{self.stderr}"
            ) from None

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        self._process.kill()
        self.wait()


def serve_command(
    data: Path, *options: str, rooms: Sequence[str] = (), host: str = LOOPBACK, port: int = 0
) -> list[str]:
    """Return the command line of `clawtank-relay serve`, run by this interpreter."""
    command = [
        sys.executable,
        "-m",
        "relay.cli",
        "serve",
        "--host",
        host,
        "--port",
        str(port),
        "--data",
        str(data),
    ]
    for room in rooms:
        command += ["--room", room]
    return [*command, *options]


def relay_environment(limits: Mapping[str, int] = UNLIMITED) -> dict[str, str]:
    """Return this process's environment without any setting of ours, plus the given limits."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLAWTANK_")}
    environment |= {f"CLAWTANK_RELAY_LIMITS__{name.upper()}": str(value) for name, value in limits.items()}
    return environment
