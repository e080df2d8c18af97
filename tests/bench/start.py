"""How soon a command answers, how soon the screen stands, and what it writes when nothing happens.

    PYTHONPATH=tests python -m bench.start --rounds 9 --idle 70

The command is held against a bare interpreter, the watch screen against a bare Textual app, in turns and
in the same terminal. A screen counts as painted when the room's name has been written to it; the relay is
already up, and the room holds a little history.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import psutil

from bench.table import machine, markdown, ratio
from support.clients import Api, chat_event
from support.relay_process import RelayProcess
from support.terminal import Terminal

ROOM = "bench_room"
QUIET_S = 2.0
"""A screen that has written nothing for this long has settled."""
WINDOW_S = 5.0
QUIT = "q"
BARE_QUIT = "\x11"
_CLAWTANK = str(Path(sys.executable).with_name("clawtank"))


@dataclass(frozen=True)
class Took:
    """How long something took, and how much processor time of its own; milliseconds."""

    wall_ms: float
    cpu_ms: float


def run(command: Sequence[str]) -> Took:
    """Run a command to its end, its output thrown away."""
    silence = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1)]
    started_s = time.perf_counter()
    pid = os.posix_spawn(command[0], list(command), os.environ, file_actions=silence)
    _, status, used = os.wait4(pid, 0)
    wall_ms = (time.perf_counter() - started_s) * 1000
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return Took(wall_ms, (used.ru_utime + used.ru_stime) * 1000)


def paint(command: Sequence[str], keys_to_quit: str) -> Took:
    """Start a screen, wait until the room's name is on it, and leave as a user does."""
    with Terminal(command) as terminal:
        wall_s = terminal.wait_for_bytes(ROOM.encode())
        used = psutil.Process(terminal.pid).cpu_times()
        terminal.wait_quiet(0.3)
        terminal.send(keys_to_quit)
        if status := terminal.wait_exit():
            raise SystemExit(f"{' '.join(command)} ended with {status}")
    return Took(wall_s * 1000, (used.user + used.system) * 1000)


def idle_bytes(command: Sequence[str], seconds: float) -> list[int]:
    """Let a settled screen stand; return the bytes it wrote in each `WINDOW_S`."""
    with Terminal(command) as terminal:
        terminal.wait_for_bytes(ROOM.encode())
        terminal.wait_quiet(QUIET_S)
        written = [terminal.bytes_written]
        for _ in range(round(seconds / WINDOW_S)):
            time.sleep(WINDOW_S)
            written.append(terminal.bytes_written)
        terminal.send(QUIT)
        terminal.wait_exit()
    return [after - before for before, after in pairwise(written)]


def use_bytecode(directory: Path) -> None:
    """Let everybody's modules be compiled once, as pip does for what it installs, outside of the checkout."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(directory)


def rows(
    name: str, ours: Sequence[Took], other: str, theirs: Sequence[Took]
) -> list[list[str | float | None]]:
    """Return two rows of the table: the peer, and us with the ratios to it."""
    wall = ratio([took.wall_ms for took in ours], [took.wall_ms for took in theirs])
    cpu = ratio([took.cpu_ms for took in ours], [took.cpu_ms for took in theirs])
    return [
        [other, median(took.wall_ms for took in theirs), 1.0, median(took.cpu_ms for took in theirs), 1.0],
        [name, median(took.wall_ms for took in ours), wall, median(took.cpu_ms for took in ours), cpu],
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.start", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9, help="of everything in turns (default 9)")
    parser.add_argument("--idle", type=float, default=70, help="seconds to let the screen stand (default 70)")
    parser.add_argument("--quick", action="store_true", help="one round; that it works, not how fast")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.idle = 1, 0

    python, help_, bare, watch = list[Took](), list[Took](), list[Took](), list[Took]()
    with tempfile.TemporaryDirectory() as directory:
        use_bytecode(Path(directory) / "bytecode")
        relay = RelayProcess.start(Path(directory) / "data")
        try:
            with Api(relay.url, relay.operator_token) as operator:
                token = operator.create_room(ROOM)["publish_token"]
                operator.publish(ROOM, token, *(chat_event(f"message {number}") for number in range(50)))
            watching = [_CLAWTANK, "watch", ROOM, "--relay", relay.ws_url]
            paint([sys.executable, "-m", "bench.bare_app", ROOM], BARE_QUIT)
            paint(watching, QUIT)
            for _ in range(options.rounds):
                python.append(run([sys.executable, "-c", "pass"]))
                help_.append(run([_CLAWTANK, "--help"]))
                bare.append(paint([sys.executable, "-m", "bench.bare_app", ROOM], BARE_QUIT))
                watch.append(paint(watching, QUIT))
            idle = idle_bytes(watching, options.idle) if options.idle else []
        finally:
            relay.stop()

    if options.quick:
        print("clawtank --help answered, the watch screen was painted and left")
        return
    print(f"{options.rounds} rounds; {machine()}\n")
    table = [
        *rows("clawtank --help", help_, "python -c pass", python),
        *rows("clawtank watch, first paint", watch, "bare Textual app, first paint", bare),
    ]
    print(markdown(["", "ms", "ratio", "CPU ms", "ratio"], table))
    spoken = [size for size in idle if size]
    windows = f"{len(spoken)} of {len(idle)} windows of {WINDOW_S:g} s"
    print(f"\nidle: {sum(idle)} bytes to the terminal, in {windows}")


if __name__ == "__main__":
    main()
