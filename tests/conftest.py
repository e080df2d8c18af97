"""What every test may use: relays that are stopped for it, and the report of proven checklist rows."""

from __future__ import annotations

import atexit
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from support.relay_process import RelayProcess

pytest_plugins = ["support.spec_report"]

# Beside parallel workers the time of one example says nothing; pytest-timeout bounds the whole test.
settings.register_profile(
    "clawtank", settings.get_profile(settings.get_current_profile_name()), deadline=None
)
settings.load_profile("clawtank")

# What Hypothesis remembers goes with the run: the checkout stays as it was.
_memory = tempfile.TemporaryDirectory(prefix="clawtank-hypothesis-", ignore_cleanup_errors=True)
atexit.register(_memory.cleanup)
set_hypothesis_home_dir(_memory.name)

# A shell that runs the suite in the background has SIGINT ignored; programs inherit that, and the tests of
# Ctrl-C would wait for what cannot come.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Take one worker more than there are processors: many tests wait for a program of their own."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., RelayProcess]]:
    """Start relays as `RelayProcess.start` does, over `tmp_path/data` unless told otherwise; stop them."""
    with ExitStack() as relays:

        def start(*options: str, data: Path | None = None, **arguments: object) -> RelayProcess:
            relay = RelayProcess.start(data or tmp_path / "data", *options, **arguments)  # type: ignore[arg-type]
            relays.callback(lambda: relay.running and relay.stop())
            return relay

        yield start
