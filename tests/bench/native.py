"""The programs in C: built when first wanted, gone with the process that wanted them.

A benchmark must not be limited by what it measures with: the viewers of a thousand sockets, and the floor
they are held against, are C. Where no compiler or no zlib headers are, viewers fall back to Python.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

PROGRAMS = Path(__file__).with_name("programs")
_built = tempfile.TemporaryDirectory(prefix="bench-")


@cache
def native(name: str, *libraries: str) -> Path | None:
    """Return the built `programs/NAME.c`; None, and why on stderr, if it cannot be built here."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        print(f"bench: no C compiler, so no {name}", file=sys.stderr)
        return None
    program = Path(_built.name) / name
    command = [compiler, "-O2", "-o", str(program), str(PROGRAMS / f"{name}.c"), *libraries]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    if outcome.returncode:
        print(f"bench: {name}.c cannot be built here:\n{outcome.stderr}", file=sys.stderr)
        return None
    return program
