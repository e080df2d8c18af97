"""`clawtank-relay hook`: what a coding agent runs when it does something.

It must never be felt. It runs before the command tree is loaded, waits for nothing longer than a blink, says
nothing on standard output (agents read that), and ends with 0 whatever happens. Payloads are mapped right
here: what spectators may not see goes neither to the relay nor to the disk. What it loads is counted in
milliseconds: of the standard library only what it cannot do without.
"""

from __future__ import annotations

import json
import os
import sys
import time

from relay.cli.outbox import Address, HookFailed, Outbox
from relay.protocol.rooms import is_room_id
from relay.sources import claude_code, codex, gemini

TYPE_CHECKING = False  # importing it costs
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    Clock = Callable[[], int]

USAGE = "clawtank-relay hook claude-code|codex|gemini ROOM [--agent NAME] [--owner NAME]"
SEND_S = 0.3
"""How long an agent waits for its relay."""
READ_S = 1.0
"""How long it is waited for the agent's JSON, which is there already when all is well."""
_MOST = 32 * 1024 * 1024
"""Bytes of one payload; a longer one is not read to its end."""

_STREAM = b'{"type":'
"""How a line of `codex exec --json` begins; a hook's JSON does not."""

_TOOLS: Mapping[str, Any] = {"claude-code": claude_code, "codex": codex, "gemini": gemini}
_OPTIONS = ("--agent", "--owner", "--data", "--relay", "--token-file", "--ca-file")


def main(words: list[str], now_ns: Clock = time.time_ns) -> int:
    """Run the hook. Always 0: an agent must not fail because of us.

    Args:
        words: The command line after `hook`.
        now_ns: Nanoseconds since the Unix epoch; `relay.clock` would load `typing`.
    """
    try:
        _run(words, now_ns)
    except KeyboardInterrupt:
        return 0
    except Exception as error:
        _complain(error)
    return 0


def _run(words: list[str], now_ns: Clock) -> None:
    tool, room, options, argument = _parse(words)
    hook = _Hook(_TOOLS[tool], room, options, now_ns)
    payloads = [argument.encode(errors="surrogateescape")] if argument else _payloads(sys.stdin.fileno())
    for payload in payloads:
        try:
            hook.take(payload)
        except Exception as error:
            # Go on reading: a stream's writer would otherwise be ended by the closed pipe.
            _complain(error)


def _complain(error: Exception) -> None:
    # What the decoder or the system says may quote the payload or name a path; our own sentences do not.
    sentence = str(error) if isinstance(error, HookFailed) else "what it was given could not be read or kept."
    print(f"clawtank-relay hook: {sentence}", file=sys.stderr)  # noqa: T201


class _Hook:
    """One run: an agent's tool, a room, and the way to its relay."""

    def __init__(self, tool: Any, room: str, options: Mapping[str, str], now_ns: Clock) -> None:
        self._tool, self._room, self._options, self._now_ns = tool, room, options, now_ns
        self._data = options.get("--data") or os.environ.get("CLAWTANK_RELAY_DATA") or _default_data()
        self._agent = options.get("--agent") or tool.NAME
        relay = options.get("--relay", "")
        where = f"{room}@{_checksum(relay)}" if relay else room
        directory = os.path.join(self._data, "hooks", where)
        self._outbox = Outbox(directory, now_ns)
        self._told = os.path.join(directory, f"{_checksum(self._agent)}.status")
        self._thread = ""

    def take(self, encoded: bytes) -> None:
        """Map one payload and send what there is to tell."""
        payload = json.loads(encoded)
        if not isinstance(payload, dict):
            raise HookFailed("the JSON on standard input is not an object.")
        # `codex exec --json` names its thread once, in its first line.
        self._thread = str(payload.get("thread_id") or self._thread)
        events = self._tool.to_events(
            {**payload, "thread_id": self._thread}, self._agent, self._options.get("--owner", "")
        )
        events = [event for event in events if not self._is_known(event)]
        if not events:
            return
        at = self._now()
        for event in events:
            event.setdefault("id", f"hook:{os.urandom(8).hex()}")
            event["timestamp"] = at
        refused = self._outbox.deliver(self._address(), self._room, events, SEND_S)
        self._remember(events[-1])
        if refused:
            raise HookFailed(f"the relay refused: {_printable(refused)}")

    def _is_known(self, event: Mapping[str, Any]) -> bool:
        """Say whether a status was the last thing told: hooks fire at every tool, changed or not."""
        if event["type"] != "agent.status_change":
            return False
        try:
            with open(self._told, encoding="utf-8") as stream:
                return stream.read() == str(event["status"])
        except OSError:
            return False

    def _remember(self, event: Mapping[str, Any]) -> None:
        if event["type"] in ("agent.status_change", "agent.joined", "agent.left"):
            os.makedirs(os.path.dirname(self._told), mode=0o700, exist_ok=True)
            with open(self._told, "w", encoding="utf-8") as stream:
                stream.write(event.get("status", ""))

    def _now(self) -> str:
        # As `protocol.times` writes it, which loads `datetime`.
        seconds, ns = divmod(self._now_ns(), 1_000_000_000)
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{ns // 1_000_000:03d}Z"

    def _address(self) -> Address | None:
        """Return the relay that is meant; None while this machine's own is not running."""
        token_file = self._options.get("--token-file", "")
        token = _line(token_file) if token_file else os.environ.get("CLAWTANK_TOKEN", "")
        authority = self._options.get("--ca-file", "")
        if url := self._options.get("--relay"):
            return Address(url, token, authority)
        # As `storage.secrets.read_local`, whose imports alone would take longer than this hook may.
        try:
            local = json.loads(_line(os.path.join(self._data, "relay.json")))
            token = token or _line(os.path.join(self._data, "operator.token"))
        except (OSError, ValueError):
            return None
        return Address(local["url"], token, authority or local["certificate"], own=not authority)


def _parse(words: list[str]) -> tuple[str, str, dict[str, str], str]:
    """Read the command line: tool, room, options, and the JSON that Codex's `notify` puts at its end."""
    plain: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in _OPTIONS:
            options[name] = value if equals else next(rest, "")
        elif word.startswith("--"):
            raise HookFailed(f"{name} is no option. Usage: {USAGE}")
        else:
            plain.append(word)
    argument = plain.pop() if plain and plain[-1].startswith("{") else ""
    if len(plain) != 2 or plain[0] not in _TOOLS:
        raise HookFailed(f"name an agent and a room. Usage: {USAGE}")
    if not is_room_id(plain[1]):
        raise HookFailed("a room id is 1 to 64 letters, digits, _ or -.")
    return plain[0], plain[1], options, argument


def _payloads(descriptor: int) -> Iterator[bytes]:
    """Yield the JSON of standard input: the one value of a hook, or the lines of a stream as they come."""
    pending, streaming = bytearray(), False
    while len(pending) < _MOST and (streaming or _is_ready(descriptor)):
        part = os.read(descriptor, 1 << 16)
        pending += part
        streaming = streaming or pending[: len(_STREAM)] == _STREAM
        while streaming and (end := pending.find(b"\n")) >= 0:
            yield bytes(pending[:end])
            del pending[: end + 1]
        if not part:
            break
    if pending.strip():
        yield bytes(pending)


def _is_ready(descriptor: int) -> bool:
    """Wait a little for input; an agent that forgets to close its end must not hang with us."""
    if os.name == "nt":  # no select() on pipes there
        return True
    import select

    return bool(select.select([descriptor], [], [], READ_S)[0])


def _default_data() -> str:
    from platformdirs import user_data_path

    return str(user_data_path("clawtank", appauthor=False))


def _line(path: str) -> str:
    with open(path, encoding="utf-8") as stream:
        return stream.read().strip()


def _checksum(name: str) -> str:
    from binascii import crc32

    return f"{crc32(name.encode(errors='surrogatepass')):08x}"


def _printable(sentence: str) -> str:
    from relay.protocol.text import safe_text

    return safe_text(sentence, 300)
