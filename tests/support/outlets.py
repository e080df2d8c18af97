"""Every way out of a relay, recorded byte for byte: what was not to be shown is searched for in all of them.

Whoever searches in vain must know that the search can find: each outlet is also asked for something it shows.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import quote, urlencode

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from support.clients import WAIT_S, Api
from support.relay_process import RelayProcess, relay_environment
from support.terminal import Terminal

CLAWTANK = [sys.executable, "-c", "from clawtank_tui.cli import main; main()"]
"""The terminal client, run by this interpreter."""
_CATCH_UP_S = 60.0
_LATEST = 100_000


class Outlets:
    """What left by each outlet, by its name."""

    def __init__(self) -> None:
        self._taken: dict[str, bytes] = {}

    def add(self, name: str, content: bytes | str) -> None:
        """Record something; what the outlet gave before stays."""
        raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self._taken[name] = self._taken.get(name, b"") + raw

    def add_answers(self, name: str, api: Api, *paths: str) -> None:
        """Record what some addresses answer, heads and bodies."""
        for path in paths:
            answer = api.answer("GET", path)
            self.add(name, f"{answer.status_code} {dict(answer.headers)}\n")
            self.add(name, answer.content)

    def add_directory(self, name: str, directory: Path) -> None:
        """Record every file of a directory, with its name."""
        for file in sorted(directory.rglob("*")):
            if file.is_file():
                self.add(name, file.name)
                self.add(name, file.read_bytes())

    def holding(self, text: str) -> set[str]:
        """Return the outlets in which a text is found, in any case, or coded as such texts commonly are."""
        forms = _codings(text)
        plain = text.lower().encode()
        return {
            name
            for name, taken in self._taken.items()
            if plain in taken.lower() or any(form in taken for form in forms)
        }

    def __getitem__(self, name: str) -> bytes:
        return self._taken[name]

    @property
    def names(self) -> set[str]:
        """The outlets that gave anything."""
        return {name for name, taken in self._taken.items() if taken}


def _codings(text: str) -> set[bytes]:
    raw = text.encode()
    # Base64 in each of the three alignments, without the characters that depend on the neighbours.
    turned = {base64.b64encode(b"\0" * lead + raw)[-(-lead * 4 // 3) : -4] for lead in range(3)}
    return {raw.hex().encode(), raw.hex().upper().encode(), *(form for form in turned if len(form) >= 8)}


class Recorder:
    """Bytes that a thread of its own collects from something that goes on writing."""

    def __init__(self) -> None:
        self._taken = bytearray()
        self._ended = False
        self._changed = threading.Condition()

    def _keep(self, content: bytes) -> None:
        with self._changed:
            self._taken += content
            self._changed.notify_all()

    def _end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def until(self, text: str, timeout_s: float = _CATCH_UP_S) -> None:
        """Wait until a text is among the latest bytes.

        Raises:
            AssertionError: If the end, or the time, comes without it.
        """
        wanted = text.encode()

        def arrived() -> bool:
            return wanted in self._taken[-_LATEST:]

        with self._changed:
            self._changed.wait_for(lambda: arrived() or self._ended, timeout_s)
            assert arrived(), f"{text} did not come; the last was {bytes(self._taken[-2000:])!r}"

    @property
    def taken(self) -> bytes:
        """Every byte so far."""
        with self._changed:
            return bytes(self._taken)


class Tap(Recorder):
    """A viewer that keeps every message as it came, after the handshake's headers."""

    def __init__(
        self, url: str, room: str, *, compression: str | None = None, options: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        query = f"?{urlencode(options)}" if options else ""
        self._open = ExitStack()
        self._connection = self._open.enter_context(
            connect(
                f"{url.replace('http', 'ws', 1)}/spectate/{room}{query}",
                compression=compression,
                proxy=None,
                max_size=None,
            )
        )
        assert self._connection.response is not None
        headers = f"{dict(self._connection.response.headers)}\n"
        assert ("permessage-deflate" in headers) is (compression is not None)
        self._keep(headers.encode())
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                self._keep(self._connection.recv(decode=False) + b"\n")
        self._end()

    @property
    def envelopes(self) -> list[dict[str, Any]]:
        """The messages, in order."""
        return [json.loads(line) for line in self.taken.splitlines()[1:]]

    def close(self) -> None:
        """Leave."""
        self._open.close()
        self._reader.join(WAIT_S)


class Lines(Recorder):
    """A client that prints lines: what it writes on both streams."""

    def __init__(self, url: str, room: str, *options: str) -> None:
        super().__init__()
        self._process = subprocess.Popen(
            [*CLAWTANK, "watch", room, "--relay", url.replace("http", "ws", 1), *options],
            env=relay_environment({}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._keep(line)
        self._end()

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(WAIT_S)
        self._reader.join(WAIT_S)


class Watched:
    """A room that is watched in every way there is while the block lasts; afterwards `outlets` is complete.

    Attributes:
        outlets: Everything that left; callers add the answers to what they publish.
        api: HTTP calls without a token.
    """

    SOCKETS = ("socket", "compressed socket")
    PRINTERS = ("watch --plain", "watch --json")
    SHOWING = frozenset(
        {*SOCKETS, *PRINTERS, "screen", "newcomer", "history", "page", "data", "data after the end"}
    )
    """The outlets that show what a room's named fields hold."""

    def __init__(self, relay: RelayProcess, room: str, *, visible: str) -> None:
        """Bind a room.

        Args:
            relay: The relay; it is stopped at the end of the block, so that its last words are recorded.
            room: The room; it must be public.
            visible: A text that the caller publishes last in named fields: when all have it, all is through.
        """
        self.outlets = Outlets()
        self.api = Api(relay.url)
        self._relay = relay
        self._room = room
        self._visible = visible
        self._open = ExitStack()
        self._recorders: dict[str, Recorder] = {}
        self._screen: Terminal

    def __enter__(self) -> Self:
        url, room = self._relay.url, self._room
        with ExitStack() as opened:
            opened.callback(self.api.http.close)
            for name, compression in zip(self.SOCKETS, (None, "deflate"), strict=True):
                tap = Tap(url, room, compression=compression)
                opened.callback(tap.close)
                self._recorders[name] = tap
            for name, option in zip(self.PRINTERS, ("--plain", "--json"), strict=True):
                lines = Lines(url, room, option)
                opened.callback(lines.close)
                self._recorders[name] = lines
            self._screen = opened.enter_context(
                Terminal([*CLAWTANK, "watch", room, "--relay", self._relay.ws_url])
            )
            for name, recorder in self._recorders.items():
                recorder.until("watching" if name == "watch --plain" else "spectator.welcome")
            self._screen.wait_for("live")
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._open:
            if error is None:
                self._collect()

    def until_shown(self, text: str) -> None:
        """Wait until every live outlet has shown a text, the latest event; see what newcomers are told."""
        for recorder in self._recorders.values():
            recorder.until(text)
        self._screen.wait_for(text, _CATCH_UP_S)
        for name, options in (("newcomer", None), ("history", {"history": "1000"})):
            tap = Tap(self._relay.url, self._room, options=options)
            try:
                tap.until(text)
            finally:
                tap.close()
            self.outlets.add(name, tap.taken)

    def _collect(self) -> None:
        self.until_shown(self._visible)
        for name, recorder in self._recorders.items():
            self.outlets.add(name, recorder.taken)
        self.outlets.add("screen", self._screen.raw + self._screen.text.encode())
        self._ask()
        self.outlets.add_directory("data", self._relay.data)
        assert self._relay.stop() == 0
        self.outlets.add("relay's stdout", self._relay.stdout)
        self.outlets.add("relay's log", self._relay.stderr)
        self.outlets.add_directory("data after the end", self._relay.data)

    def _ask(self) -> None:
        room, after = f"/rooms/{quote(self._room)}", ""
        while True:
            query = {"limit": "1000"} | ({"after": after} if after else {})
            page = self.api.answer("GET", f"{room}/events", params=query)
            self.outlets.add("page", page.content)
            if not page.json()["more"]:
                break
            after = page.json()["cursor"]
        self.outlets.add_answers("rooms", self.api, "/rooms")
        self.outlets.add_answers("room", self.api, room)
        self.outlets.add_answers("metrics", self.api, "/metrics")
        self.outlets.add_answers(
            "other answers", self.api, "/privacy", "/openapi.json", "/readyz", "/nowhere"
        )
