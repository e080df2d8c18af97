"""What `mod` shows: the queue, reports, bans and mutes, the moderation log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from relay.cli.local import say, warn
from relay.cli.mod_lines import act_line, aligned, held_line, report_line, sanction_line

if TYPE_CHECKING:
    from relay.cli.mod_acts import Ask

_PAGE = 200
"""Lines of the log in one answer, at most."""


def show(name: str, ask: Ask, *, limit: int, as_json: bool) -> None:
    """Print a list; where there is nothing to list, that is said on standard error, and nothing printed."""
    match name:
        case "queue":
            held = ask("GET", "/moderation/queue")["held"]
            _print(held, [held_line(message) for message in held], "Nothing waits.", as_json=as_json)
        case "reports":
            reports = ask("GET", "/moderation/reports")["reports"]
            lines = [report_line(report) for report in reports]
            _print(reports, lines, "Nothing is reported.", as_json=as_json)
        case "bans":
            from relay.clock import SystemClock

            found = ask("GET", "/moderation/bans")
            now_ms = SystemClock().now_ms()
            lines = [sanction_line(sanction, now_ms) for sanction in found["bans"] + found["mutes"]]
            _print(found, lines, "Nobody is banned or muted.", as_json=as_json)
        case _:
            acts = _log(ask, limit)
            _print(acts, [act_line(act) for act in acts], "Nothing was done yet.", as_json=as_json)


def _log(ask: Ask, limit: int) -> list[dict[str, Any]]:
    """Return the latest lines, the latest last."""
    acts: list[dict[str, Any]] = []
    more = True
    while more and len(acts) < limit:
        before = f"&before={acts[-1]['id']}" if acts else ""
        page = ask("GET", f"/moderation/log?limit={min(_PAGE, limit - len(acts))}{before}")
        acts += page["acts"]
        more = page["more"] and page["acts"]
    return acts[::-1]


def _print(found: Any, lines: list[list[str]], nothing: str, *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(found))
        return
    for line in aligned(lines):
        say(line)
    if not lines:
        warn(nothing)
