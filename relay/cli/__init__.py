"""`clawtank-relay`: one small file per command group; whatever is heavy is imported inside the commands."""

from __future__ import annotations

from relay.cli.app import main

__all__ = ["main"]
