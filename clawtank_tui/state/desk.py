"""The desk of a host: everything the console knows, frozen, moved by `desk_news` and by what the host does.

All text in here went through `safe_text`. Times are milliseconds since the Unix epoch by the relay's clock;
`ahead_ms` leads there from this machine's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from clawtank_tui.state.model import Connection, Presence, RoomInfo

if TYPE_CHECKING:
    from clawtank_tui.state.deeds import Deed, Gesture
    from clawtank_tui.state.talk import ChatMessage


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits for a decision.

    Attributes:
        rule: What held it: a rule of the filter, or `approval`, `shield`, `reported`.
        detail: What the rule saw; may be empty.
        reports: How many viewers reported it.
        pile: What it shares with the waiting messages it is like: the id of the first of them, then or now.
    """

    message_id: str
    spectator_id: str
    name: str
    text: str
    at_ms: int
    author_state: str = "anonymous"
    reply_to: str = ""
    rule: str = ""
    detail: str = ""
    reports: int = 0
    pile: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A message that viewers reported, all their reports together; nobody is told who they were."""

    message_id: str
    spectator_id: str
    name: str
    text: str
    at_ms: int
    count: int
    reasons: tuple[str, ...] = ()
    hidden: bool = False
    last_ms: int = 0


@dataclass(frozen=True, slots=True)
class Sanction:
    """A ban or a mute that holds.

    Attributes:
        kind: `ban` or `mute`.
        until_ms: When it ends by itself; None: never.
        addresses: How many addresses are closed to newcomers with it.
    """

    kind: str
    spectator_id: str
    name: str
    by: str = ""
    reason: str = ""
    made_ms: int = 0
    until_ms: int | None = None
    addresses: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the moderation log: who did what to whom, and why.

    Attributes:
        action: As the wire names it; one of a newer relay may be none of `Action`.
        seconds: For how long; None where that means nothing, 0 without an end.
        undone: It was taken back.
    """

    entry_id: str
    at_ms: int
    by: str
    action: str
    message_id: str = ""
    spectator_id: str = ""
    name: str = ""
    seconds: int | None = None
    reason: str = ""
    rule: str = ""
    undoes: str = ""
    undone: bool = False
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class ChatRules:
    """What holds for everybody in the chat just now."""

    slow_s: int = 0
    locked: bool = False
    approval: bool = False
    anonymous: bool = True
    watch_s: int = 0
    shielded: bool = False


@dataclass(frozen=True, slots=True)
class Insider:
    """Who sits at the desk, for the relay."""

    author_id: str = ""
    role: str = ""
    name: str = ""
    capabilities: frozenset[str] = frozenset()

    @property
    def hosts(self) -> bool:
        """Whether the settings are theirs to change."""
        return self.role == "host"

    @property
    def answers(self) -> bool:
        """Whether they may write in the chat."""
        return "answer" in self.capabilities


@dataclass(frozen=True, slots=True)
class Remark:
    """The last thing worth saying, one sentence.

    Attributes:
        bad: Something did not work.
    """

    text: str = ""
    bad: bool = False


class _Message(Protocol):
    @property
    def message_id(self) -> str: ...


_M = TypeVar("_M", bound=_Message)


def by_id(items: Iterable[_M]) -> Mapping[str, _M]:
    """Return messages by their id, in their order."""
    return MappingProxyType({item.message_id: item for item in items})


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the console shows, except where its cursors stand.

    Attributes:
        held: By message id, oldest first.
        reports: By message id, the first reported first.
        sanctions: In the order the relay tells them.
        log: The latest lines, oldest first.
        chat: The latest messages of the chat, oldest first.
        decided: What became of messages that waited or were reported not long ago, by message id.
        failed: Why the last act on a message or a person did not work, by their id.
        deeds: Acts that are not answered yet.
        mine: What each order of this console led to, the latest last; not what was taken back.
        settings: All settings of the room as the relay tells its host; empty if they are not known.
        settings_why: Why the settings are not known or cannot be changed; empty if they can.
        ahead_ms: What to add to this machine's clock for the relay's.
    """

    room: RoomInfo
    connection: Connection = field(default_factory=Connection)
    insider: Insider = Insider()
    presence: Presence = field(default_factory=Presence)
    rules: ChatRules = ChatRules()
    held: Mapping[str, Held] = field(default_factory=_nothing)
    reports: Mapping[str, Report] = field(default_factory=_nothing)
    sanctions: tuple[Sanction, ...] = ()
    log: tuple[Entry, ...] = ()
    chat: tuple[ChatMessage, ...] = ()
    chat_length: int = 500
    decided: Mapping[str, Entry] = field(default_factory=_nothing)
    failed: Mapping[str, str] = field(default_factory=_nothing)
    deeds: tuple[Deed, ...] = ()
    mine: tuple[Gesture, ...] = ()
    remark: Remark = Remark()
    settings: Mapping[str, Any] = field(default_factory=_nothing)
    settings_why: str = ""
    ahead_ms: int = 0

    def has(self, message_id: str) -> bool:
        """Say whether a message waits, is reported, or stands in the chat."""
        return (
            message_id in self.held
            or message_id in self.reports
            or any(said.message_id == message_id for said in self.chat)
        )

    def busy(self, target: str) -> bool:
        """Say whether an act on a message or a person is under way."""
        return any(target in deed.targets for deed in self.deeds)
