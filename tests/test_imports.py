"""Commands answer at once because they load late: what `--help` must not drag in."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ("httpx", "pydantic", "rich.markdown", "starlette", "textual", "uvicorn", "websockets")

PROGRAM = """
import json, sys
from {module} import main
sys.argv = ["program", {arguments}]
try:
    main()
except SystemExit as end:
    print(json.dumps([end.code, sorted(sys.modules)]))
"""


@pytest.mark.parametrize("module", ["clawtank_tui.cli", "relay.cli"])
@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_load_neither_screen_nor_server(module: str, argument: str) -> None:
    program = PROGRAM.format(module=module, arguments=repr(argument))
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    status, modules = json.loads(run.stdout.splitlines()[-1])
    assert status in (0, None), run.stderr
    assert [name for name in HEAVY if name in modules] == []
