"""How long a coding agent waits for its hook, held against a bare interpreter's start.

    PYTHONPATH=tests python -m bench.hook --rounds 15

Each round starts the interpreter with nothing to do, then the hook with the relay up, then with the relay
away, each with a status that is new and so has to be told.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.table import machine, markdown, ratio
from support.relay_process import RelayProcess

ROOM = "bench_room"
_RELAY = str(Path(sys.executable).with_name("clawtank-relay"))
_BARE = [sys.executable, "-c", "pass"]
_HOOK = [_RELAY, "hook", "claude-code", ROOM]


def _took_ms(command: Sequence[str], data: Path, payload: bytes = b"") -> float:
    environment = {**os.environ, "CLAWTANK_RELAY_DATA": str(data)}
    began_s = time.perf_counter()
    subprocess.run(command, input=payload, env=environment, check=True)
    return (time.perf_counter() - began_s) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    bare: list[float] = []
    up: list[float] = []
    away: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        here, nowhere = Path(directory) / "here", Path(directory) / "nowhere"
        relay = RelayProcess.start(here, rooms=[ROOM])
        try:
            for number in range(rounds):
                hook = "Stop" if number % 2 else "UserPromptSubmit"
                payload = json.dumps({"hook_event_name": hook, "session_id": "s"}).encode()
                bare.append(_took_ms(_BARE, here))
                up.append(_took_ms(_HOOK, here, payload))
                away.append(_took_ms(_HOOK, nowhere, payload))
        finally:
            relay.stop()
    rows: list[list[str | float | None]] = [
        [name, median(took), min(took), ratio(took, bare)]
        for name, took in (("a bare interpreter", bare), ("hook, relay up", up), ("hook, relay away", away))
    ]
    print(machine())
    print(markdown(["", "median ms", "least ms", "× bare"], rows))


if __name__ == "__main__":
    main()
