"""Locks: a relay takes the open files it may have, whatever the shell that started it allows at first."""

import subprocess
import sys

import pytest

resource = pytest.importorskip("resource")

RAISE = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from relay.gateway.listener import allow_files
print(allow_files(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize("hard", [300, 900])
def test_the_soft_limit_is_raised_to_the_hard_one(hard: int):
    script = RAISE.format(soft=256, hard=hard)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split() == [str(hard)] * 2
