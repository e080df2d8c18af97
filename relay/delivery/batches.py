"""Batches: what they are called, and what a thin line leaves out of them.

A batch is a stretch of the log, and its name says which: `EPOCH-AFTER-LAST` is every event after position
AFTER up to and with LAST. So nothing has to be kept of a batch that was sent, any node can make it again, and
two viewers who were sent the same events can fetch them under the same name. A filtered delivery adds what it
holds, `abcdefgh-100-130~chat~git.commit`, and a thinned one `~low`.

Spec: Event Batching, `SpectatorEventBatch`.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from relay.protocol.envelope import encode_json
from relay.protocol.events import CATEGORY_OF, EVENT_TYPES, Category
from relay.protocol.tasks import settles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relay.storage.contract import Record

_LOW = "low"
_NUMBER = r"(0|[1-9][0-9]{0,17})"
_NAME = re.compile(rf"([a-z2-7]{{8}})-{_NUMBER}-{_NUMBER}((?:~[a-z_.]{{1,32}}){{0,20}})")
_STATUS = "agent.status_change"
_MEMBERS: dict[str, frozenset[str]] = {
    category: frozenset(name for name, own in CATEGORY_OF.items() if own is category) for category in Category
}


class BatchName(NamedTuple):
    """A stretch of one log, as a viewer of these types is shown it.

    Attributes:
        epoch: The log's lifetime.
        after: The position before it.
        last: The position it ends with.
        types: The types of event in it.
        low: Whether it is thinned.
    """

    epoch: str
    after: int
    last: int
    types: frozenset[str] = EVENT_TYPES
    low: bool = False

    def __str__(self) -> str:
        """Return the wire form; the same stretch and filter are always called the same."""
        suffix = [] if self.types == EVENT_TYPES else _names_of(self.types)
        return "~".join([f"{self.epoch}-{self.after}-{self.last}", *suffix, *([_LOW] if self.low else [])])


def parse_batch_name(text: str) -> BatchName | None:
    """Read a name; None for what is none, or is not written as `str` writes it."""
    match = _NAME.fullmatch(text)
    if match is None:
        return None
    names = match[4].split("~")[1:]
    low = names[-1:] == [_LOW]
    if low:
        names.pop()
    types: set[str] = set()
    for name in names:
        types |= _MEMBERS.get(name, {name})
    read = BatchName(match[1], int(match[2]), int(match[3]), frozenset(types) or EVENT_TYPES, low)
    return read if read.after < read.last and str(read) == text else None


def _names_of(types: frozenset[str]) -> list[str]:
    """Return the fewest names for types: of categories where they are whole."""
    whole = {category for category, members in _MEMBERS.items() if members <= types}
    return sorted({*whole, *(name for name in types & EVENT_TYPES if CATEGORY_OF[name] not in whole)})


def thinned(events: Sequence[Record]) -> list[Record]:
    """Leave out each agent's statuses that a later one makes superfluous, and the names of a commit's files.

    Between the two statuses lies nothing of the agent's own, nor anything of the task they name; and the
    later one says by itself where that task is, which "thinking" and "error" do not. Of files a screen shows
    the number.

    Args:
        events: Of one batch, in order, worded as they are shown.
    """
    kept: list[Record] = []
    said_later: dict[str, str] = {}  # the agents whose next status, with nothing between, is about this task
    for event in reversed(events):
        fields: dict[str, Any] = json.loads(event.body)
        name = fields.get("agent_name") or fields.get("author") or fields.get("creator") or ""
        task = fields.get("task_id", "")
        if event.type == _STATUS:
            if said_later.get(name) == task:
                continue
            if not task or settles(fields["status"]):
                said_later[name] = task
            else:
                said_later.pop(name, None)
        else:
            said_later = {
                agent: about
                for agent, about in said_later.items()
                if agent != name and (not task or about != task)
            }
        kept.append(_with_files_counted(event, fields))
    kept.reverse()
    return kept


def _with_files_counted(event: Record, fields: dict[str, Any]) -> Record:
    files = fields.get("files_changed")
    if not isinstance(files, list):
        return event
    return replace(event, body=encode_json({**fields, "files_changed": len(files)}))
