"""What a host discloses today: which types of event, and how much each of them says.

Spec: Privacy Controls for Room Hosts. The log keeps what the screen let pass; this is applied on every way
out of it, so that history obeys today's settings as the live stream does, and a setting that is taken back
gives back what was hidden.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from relay.protocol import messages
from relay.protocol.envelope import encode_json
from relay.rooms.pseudonyms import NAME_FIELDS
from relay.screen.own_words import OwnWords
from relay.storage.contract import Kind, Record

if TYPE_CHECKING:
    from relay.rooms.pseudonyms import Pseudonyms
    from relay.rooms.settings import RoomSettings

Fields = Mapping[str, Any]
"""The fields of one event, or of one entry of the state that events add up to: the names are the same."""

_KEPT = frozenset({"type", "timestamp", "event_id", "author_type", "sha", "status", "state", "since"})
"""Texts that say nothing of anybody: the relay's own words, times and hashes."""
# fmt: off
_COMMIT_KINDS = frozenset({
    "build", "chore", "ci", "docs", "feat", "fix", "merge", "perf", "refactor", "release", "revert",
    "style", "test", "tests", "wip",
})
# fmt: on
_PRIORITIES = frozenset({"low", "normal", "medium", "high", "urgent"})


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What spectators of one room see today.

    Attributes:
        types: The types that are shown, `spectator.chat_message` among them where the chat is open.
        rewordings: What is done to the fields of each, in this order; nothing for most rooms.
        keepable: Makes of an event's body what may be kept: without the host's own words; None if any may.
        words: The host's own words.
        unnamed: Takes participants' names out of what viewers write.
    """

    types: frozenset[str]
    rewordings: tuple[Callable[[Fields], dict[str, Any]], ...] = ()
    keepable: Callable[[bytes], bytes] | None = None
    words: OwnWords | None = None
    unnamed: Callable[[str], str] | None = None

    def records(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return records as they may be read today; which of them may be read is for `types` to say."""
        if not self.rewordings:
            return records
        return [self._reworded(record) for record in records]

    def entries(self, entries: Iterable[Fields]) -> list[dict[str, Any]]:
        """Return entries of the room's state as they may be read today."""
        return [self.fields(entry) for entry in entries]

    def fields(self, fields: Fields) -> dict[str, Any]:
        """Return one event, or one entry, as it may be read today."""
        shown = dict(fields)
        for reword in self.rewordings:
            shown = reword(shown)
        return shown

    def text(self, text: str) -> str:
        """Return a text that is about the room itself as it may be read today."""
        shown: str = self.fields({"text": text})["text"]
        return shown

    def worded(self, text: str) -> str:
        """Return a text without the host's own words, whoever wrote it."""
        return self.words.redact(text) if self.words else text

    def _reworded(self, record: Record) -> Record:
        if not record.body:
            return record  # a chat message that is not kept
        if record.kind is Kind.EVENT and record.type in self.types:
            return replace(record, body=encode_json(self.fields(json.loads(record.body))))
        if record.kind is Kind.CHAT and messages.CHAT in self.types:
            return replace(record, body=encode_json(self._said(json.loads(record.body))))
        return record

    def _said(self, fields: Fields) -> dict[str, Any]:
        """Reword what was said in the spectator chat; who watches has no name to hide, who takes part has."""
        message, name = fields["message"], fields["display_name"]
        if fields["author_type"] != "spectator":
            return {
                **fields,
                "message": self.text(message),
                "display_name": self.fields({"name": name})["name"],
            }
        message = self.worded(message)
        message = self.unnamed(message) if self.unnamed else message
        return {**fields, "message": message, "display_name": self.worded(name)}


def disclosure(settings: RoomSettings, pseudonyms: Pseudonyms, keyed: Callable[[str], str]) -> Disclosure:
    """Return what settings disclose.

    Args:
        settings: The host's.
        pseudonyms: The room's participants.
        keyed: Turns text into a hexadecimal digest, with the room's own key.
    """
    chat = {messages.CHAT} if settings.spectatorChat.enabled else set()
    rewordings: list[Callable[[Fields], dict[str, Any]]] = []
    if settings.hideProjectDetails:
        rewordings.append(lambda fields: _without_details(fields, keyed))
    words = OwnWords(settings.hiddenWords) if settings.hiddenWords else None
    keepable: Callable[[bytes], bytes] | None = None
    if words is not None:
        wordless = partial(_without_words, redact=words.redact, keyed=keyed)
        rewordings.append(wordless)
        keepable = partial(_kept, wordless)
    if settings.anonymizeParticipants:
        rewordings.append(lambda fields: _anonymous(fields, pseudonyms))
    unnamed = pseudonyms.blank if settings.anonymizeParticipants else None
    return Disclosure(settings.visible_types() | chat, tuple(rewordings), keepable, words, unnamed)


def _kept(wordless: Callable[[Fields], dict[str, Any]], body: bytes) -> bytes:
    return encode_json(wordless(json.loads(body)))


def _without_words(
    fields: Fields, redact: Callable[[str], str], keyed: Callable[[str], str]
) -> dict[str, Any]:
    """Hide the host's own words; tasks that have one in their ids (`ACME-7`, `ACME-8`) stay two tasks."""
    shown = _each_text(fields, redact)
    if "task_id" in fields and shown["task_id"] != fields["task_id"]:
        shown["task_id"] = _other_id(fields["task_id"], keyed)
    return shown


def _other_id(task_id: str, keyed: Callable[[str], str]) -> str:
    """Return another id for a task, always the same one."""
    return f"task-{keyed('task' + chr(0) + task_id)[:12]}"


def _anonymous(fields: Fields, pseudonyms: Pseudonyms) -> dict[str, Any]:
    named = {name: pseudonyms.of(fields[name]) for name in NAME_FIELDS if name in fields}
    others = {name: value for name, value in fields.items() if name not in named}
    masked = _each_text(others, pseudonyms.mask)
    return {name: named.get(name, masked.get(name)) for name in fields}


def _each_text(fields: Fields, change: Callable[[str], str]) -> dict[str, Any]:
    return {name: value if name in _KEPT else _changed(value, change) for name, value in fields.items()}


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    return [change(part) for part in value] if isinstance(value, list) else value


def _without_details(fields: Fields, keyed: Callable[[str], str]) -> dict[str, Any]:
    """Leave the fact, its kind and its count: of a title, a subject, a branch or a file name, nothing."""
    shown = {name: value for name, value in fields.items() if name != "branch"}
    kind = str(fields.get("type", ""))
    if "task_id" in shown:
        # An id may tell as much as a title. It is still one id: the same task is the same task.
        shown["task_id"] = _other_id(fields["task_id"], keyed)
    if "title" in shown:
        shown["title"] = _plain_title(kind, fields["title"], shown.get("task_id", ""))
    if "message" in shown:
        shown["message"] = _kind_of(fields["message"]) or "commit"
    if isinstance(shown.get("files_changed"), list):
        shown["files_changed"] = len(shown["files_changed"])
    if "priority" in shown and shown["priority"] not in _PRIORITIES:
        del shown["priority"]
    return shown


def _plain_title(kind: str, title: str, task_id: str) -> str:
    if kind == "milestone.reached":
        return "a milestone"
    if kind.startswith("git."):
        return _kind_of(title) or "a pull request"
    return f"Task {task_id[5:9]}"


def _kind_of(subject: str) -> str:
    """Return the kind a conventional subject begins with (`feat(api)!: …`), or that it is a merge."""
    word = subject.split(":", 1)[0].split("(", 1)[0].rstrip("!").strip().lower()
    first = subject.split(" ", 1)[0].lower()
    if ":" in subject and word in _COMMIT_KINDS:
        return word
    return first if first in ("merge", "revert") else ""
