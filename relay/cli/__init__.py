"""`clawtank-relay`: one small file per command group; whatever is heavy is imported inside the commands."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line: 0 done, 1 failed or refused, 2 bad usage, 130 interrupted.

    An agent's hook runs at each of its steps and is not made to wait for the command tree.
    """
    words = sys.argv[1:]
    if words[:1] == ["hook"] and "--help" not in words:
        from relay.cli import hook

        sys.exit(hook.main(words[1:]))
    from relay.cli.app import main as run

    run()
