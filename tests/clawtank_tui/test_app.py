"""The screen in a real terminal: it comes up, stays still, and leaves the terminal as it found it."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from clawtank_tui.app import WatchedRoom
from clawtank_tui.link.session import Received
from support.watch_story import EVENTS, LIVE, FixedClock, activity, event, welcome

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = """
import sys
from clawtank_tui.app import run_watch
from clawtank_tui.link.target import Target, parse_relay
{prelude}
raise SystemExit(run_watch(Target("room_abc123", parse_relay(sys.argv[1])), mouse=False))
"""
Script = Callable[[ServerConnection], None]


def tell_the_story(line: ServerConnection) -> None:
    """Send the session and stay until the viewer leaves."""
    line.send(json.dumps(welcome().envelope))
    events = [event(seq, time, kind, **fields) for seq, (time, kind, fields) in enumerate(EVENTS, start=1)]
    line.send(json.dumps(activity(*events, after=0).envelope))
    with suppress(ConnectionClosed):
        line.recv()


def refuse_for_good(line: ServerConnection) -> None:
    data = {"code": "ACCESS_DENIED", "message": "Ask the host.", "retry_after": 0, "permanent": True}
    line.send(json.dumps({"id": "r", "type": "spectator.error", "data": data}))
    line.close(4403)


@contextmanager
def relay(script: Script) -> Iterator[str]:
    """Serve viewers from a thread; yield the address."""
    with serve(script, "127.0.0.1", 0, subprotocols=["clawtank.spectator.v1"]) as server:  # type: ignore[list-item]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def watching(
    script: Script = tell_the_story,
    *,
    prelude: str = "",
    redirect: str = "",
    env: Mapping[str, str | None] | None = None,
) -> Iterator[Terminal]:
    """Watch a scripted relay from a shell that tells the terminal's settings before and after."""
    shell = f'stty -g; "$0" -c "$1" "$2" {redirect}; echo "exit $?"; stty -g'
    with relay(script) as address:
        argv = ["/bin/sh", "-c", shell, sys.executable, PROGRAM.format(prelude=prelude), address]
        with Terminal(argv, env=env) as terminal:
            yield terminal


def settled(terminal: Terminal) -> None:
    terminal.wait_for("waits for approval")
    terminal.wait_quiet(0.6)


def ended(terminal: Terminal) -> str:
    """Wait for the end and check that the terminal is as it was; return what is left on it."""
    terminal.wait_exit()
    raw = terminal.raw
    assert raw.rindex(b"\x1b[?1049l") > raw.rindex(b"\x1b[?1049h"), "the alternate screen was left"
    assert raw.rindex(b"\x1b[?25h") > raw.rindex(b"\x1b[?25l"), "the cursor is shown"
    after = raw[raw.rindex(b"\x1b[?1049l") :].decode()
    settings = re.findall(r"^[0-9a-f]+(?::[0-9a-f]+)+\r?$", raw.decode(), re.MULTILINE)
    assert len(settings) == 2
    assert settings[0] == settings[1]
    return after


@pytest.mark.parametrize(("keys", "code"), [("q", 0), ("\x03", 130)])
def test_leaving_restores_the_terminal(keys: str, code: int) -> None:
    with watching() as terminal:
        settled(terminal)
        terminal.send(keys)
        left = ended(terminal)
    assert f"exit {code}" in left
    assert "clawtank:" not in left


def test_an_idle_screen_writes_nothing() -> None:
    with watching() as terminal:
        settled(terminal)
        before = terminal.bytes_written
        terminal.wait_quiet(1.5)
        assert terminal.bytes_written == before
        terminal.send("q")
        ended(terminal)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_restores_the_terminal(number: signal.Signals, code: int) -> None:
    with watching(prelude="import os; print('pid', os.getpid(), flush=True)") as terminal:
        settled(terminal)
        found = re.search(rb"pid (\d+)", terminal.raw)
        assert found
        os.kill(int(found[1]), number)
        assert f"exit {code}" in ended(terminal)


def test_a_refusal_is_told_in_one_sentence_after_the_screen_is_gone() -> None:
    with watching(refuse_for_good) as terminal:
        terminal.wait_exit()
        text = terminal.text
    assert "exit 1" in text
    assert text.count("clawtank: ") == 1
    assert "host" in text


@pytest.mark.parametrize(
    "fault",
    [
        "import clawtank_tui.widgets.feed as place; name = 'paint_row'",
        "import clawtank_tui.app as place; name = 'reduce'",
    ],
)
def test_a_crash_is_one_sentence_with_the_log_and_no_values(fault: str, tmp_path: Path) -> None:
    prelude = f"""
{fault}
def broken(*arguments):
    secret = "not for" + " your eyes"
    raise RuntimeError("broken on purpose")
setattr(place, name, broken)
"""
    with watching(prelude=prelude, env={"XDG_STATE_HOME": str(tmp_path)}) as terminal:
        terminal.wait_exit()
        raw, text = terminal.raw, terminal.text
    assert raw.count(b"\x1b[?1049h") == raw.count(b"\x1b[?1049l")
    assert "exit 1" in text
    assert "The screen failed" in text
    assert "Traceback" not in text
    assert b"your eyes" not in raw
    (log,) = tmp_path.rglob("watch.log")
    written = log.read_text(encoding="utf-8")
    assert "RuntimeError: broken on purpose" in written
    assert "not for your eyes" not in written


def test_the_screen_is_drawn_on_standard_output_wherever_errors_go() -> None:
    with watching(redirect="2>/dev/null") as terminal:
        settled(terminal)
        assert "SPECTATOR CHAT" in terminal.text
        terminal.send("q")
        assert "exit 0" in ended(terminal)


def test_no_color_sends_no_colour_at_all() -> None:
    with watching(env={"NO_COLOR": "1"}) as terminal:
        settled(terminal)
        terminal.send("q")
        ended(terminal)
        codes = re.findall(rb"\x1b\[([0-9;]*)m", terminal.raw)
    colours = {part for code in codes for part in code.split(b";")} - {b"", b"0", b"39", b"49"}
    assert not colours & {b"38", b"48"}
    assert not [part for part in colours if 30 <= int(part) <= 37 or 40 <= int(part) <= 47 or int(part) >= 90]


def test_where_there_is_no_unicode_signs_become_ascii_of_the_same_width() -> None:
    with watching(env={"PYTHONIOENCODING": "ascii"}) as terminal:
        settled(terminal)
        lines = terminal.lines
        terminal.send("q")
        ended(terminal)
    text = "\n".join(lines)
    assert text.isascii()
    assert "-- ACTIVITY ---" in text
    assert "@ * Claude" in text
    assert {line[77] for line in lines[2:-1]} <= {"|", "+"}


def test_the_room_says_when_it_changed_and_what_was_refused() -> None:
    room = WatchedRoom("room_abc123", FixedClock())
    changes: list[int] = []
    room.on_change = lambda: changes.append(room.feed.end)
    error: dict[str, Any] = {"code": "RATE_LIMITED", "message": "Wait.", "ref": "c7"}
    for delivered in (
        LIVE,
        welcome(),
        activity(event(1, "21:00:00", "agent.left", agent_name="Claude"), after=0),
        Received({"id": "r", "type": "spectator.error", "data": error}),
        Received({"id": "r", "type": "spectator.error", "data": {**error, "ref": None}}),
        Received({"id": "r", "type": "spectator.error", "data": {**error, "ref": "d1"}}),
        Received({"id": "r", "type": "spectator.error", "data": "no object"}),
    ):
        room.deliver(delivered)
    assert changes == [0, 0, 1, 1, 1, 2, 2]
    refusal = room.view.talk.refusal
    assert refusal is not None
    assert refusal.reason == "Wait.", "d1 asked for another delivery"
