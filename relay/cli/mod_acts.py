"""What `mod` asks a relay to do: ids told apart, as few requests as they fit in, and what became of each."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import typer

from relay.cli.local import fail, say, warn
from relay.cli.mod_lines import act_line, aligned
from relay.protocol.moderation import MAX_TARGETS, UPON_MESSAGES, UPON_VIEWERS
from relay.protocol.times import parse_duration

_VIEWERS = ("anon_", "user_")
"""How the ids of those who watch begin; everything else names a message."""


class Ask(Protocol):
    """Make a call about the room and return its JSON; failing, end the command with the relay's sentence."""

    def __call__(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call `path`, which begins behind the room's own."""


def carry_out(
    action: str, words: list[str], ask: Ask, usage: str, *, lasting: str, reason: str, as_json: bool
) -> None:
    """Do something; prints the line of the moderation log for each act, and complains of each that failed.

    Args:
        action: As it is written in a shell.
        words: Ids, or what the action takes instead.
        ask: Makes calls.
        usage: How it should have been written.
        lasting: How long, as it was written.
        reason: Why.
        as_json: Print `{"acts": [...], "failed": [...]}`.
    """
    common: dict[str, Any] = {"action": action.replace("-", "_")}
    if reason:
        common["reason"] = reason
    if lasting:
        common["seconds"] = _seconds(lasting, usage)
    outcome = Outcome()
    try:
        for body in _requests(action, words, usage):
            outcome.add(ask("POST", "/moderation", common | body))
    finally:
        # Also when a later request was refused as a whole: what was done is done.
        outcome.tell(as_json=as_json)
    if outcome.failed:
        raise typer.Exit(1)


@dataclass(slots=True)
class Outcome:
    """What became of everything asked for."""

    acts: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, answer: dict[str, Any]) -> None:
        """Take the answer to one request: of a list, or the line of a single act."""
        if "acts" in answer:
            self.acts += answer["acts"]
            self.failed += answer["failed"]
        else:
            self.acts.append(answer)

    def tell(self, *, as_json: bool) -> None:
        """Print it."""
        if as_json:
            say(json.dumps({"acts": self.acts, "failed": self.failed}))
        else:
            for line in aligned(act_line(act) for act in self.acts):
                say(line)
        for failure in self.failed:
            name = failure.get("message_id") or failure["spectator_id"]
            why = failure["message"].removeprefix("message_id: ").removeprefix("spectator_id: ")
            warn(f"{name}: {why}")


def _requests(action: str, words: list[str], usage: str) -> Iterator[dict[str, Any]]:
    """Yield what the requests for an action say besides what they have in common."""
    act = action.replace("-", "_")
    if action == "undo":
        yield from ({"entry": entry} for entry in _ids(words))
    elif action == "slow":
        yield {"seconds": _slow(words[0], usage)} if words else {}
    elif act not in UPON_MESSAGES | UPON_VIEWERS:
        yield {}
    else:
        ids = _ids(words)
        viewers = [name for name in ids if name.startswith(_VIEWERS)]
        messages = [name for name in ids if not name.startswith(_VIEWERS)]
        if viewers and act in UPON_MESSAGES:
            # All ids are read before the first request: nothing is done by halves over a slip.
            fail(f"{viewers[0][:80]!a} is a viewer; {action} is about messages. {usage}", 2)
        for key, names in (("message_ids", messages), ("spectator_ids", viewers)):
            for start in range(0, len(names), MAX_TARGETS):
                yield {key: names[start : start + MAX_TARGETS]}


def _ids(words: list[str]) -> list[str]:
    """Return the ids that are named, each once; those on standard input where one is `-`."""
    ids: dict[str, None] = {}
    for word in words:
        if word != "-":
            ids[word] = None
            continue
        for line in sys.stdin.buffer.read().decode("utf-8", "replace").splitlines():
            ids.update(dict.fromkeys(line.split()[:1]))
    if not ids:
        warn("No ids came on standard input: nothing to do.")
    return list(ids)


def _seconds(lasting: str, usage: str) -> int:
    if lasting == "forever":
        return 0
    ms = parse_duration(lasting)
    if ms is None or ms < 1000:
        fail(f"--for: must be like 10m, 2h, 7d or forever. {usage}", 2)
    return ms // 1000


def _slow(word: str, usage: str) -> int:
    ms = 0 if word == "off" else parse_duration(word)
    if ms is None:
        fail(usage, 2)
    return ms // 1000
