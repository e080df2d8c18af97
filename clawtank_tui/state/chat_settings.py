"""The settings of the spectators' chat as a host edits them: what each is called, shown and typed.

The names and bounds are the relay's to judge: what is typed here is only read as a number, a word or a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from clawtank_tui.state import intake
from clawtank_tui.state.desk_words import span

_KEYWORDS = 1000


class Kind(Enum):
    """How a setting is changed."""

    FLAG = "flag"
    NUMBER = "number"
    SECONDS = "seconds"
    WORDS = "words"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        path: Its name, as `room set` and the relay take it.
        label: What it is called here.
        off: What 0 or an empty list reads as.
        choices: What a `CHOICE` goes through.
    """

    path: str
    label: str
    kind: Kind
    off: str = "0"
    choices: tuple[str, ...] = ()


_CHAT, _MODERATION, _RATE = "spectatorChat.", "spectatorChat.moderation.", "spectatorChat.rateLimit."
KEYWORDS = Setting(f"{_MODERATION}keywords", "words to catch", Kind.WORDS, "none")
SETTINGS: tuple[Setting, ...] = (
    Setting(f"{_CHAT}enabled", "the chat is open", Kind.FLAG),
    Setting(
        f"{_CHAT}integration",
        "participants",
        Kind.CHOICE,
        choices=("isolated", "visible", "interactive"),
    ),
    Setting(f"{_MODERATION}autoFilter", "automatic filter", Kind.FLAG),
    KEYWORDS,
    Setting(f"{_MODERATION}requireApproval", "approve everything first", Kind.FLAG),
    Setting(f"{_MODERATION}allowAnonymous", "guests may write", Kind.FLAG),
    Setting(f"{_MODERATION}watchSeconds", "may write after watching", Kind.SECONDS, "at once"),
    Setting(f"{_MODERATION}slowSeconds", "slow mode", Kind.SECONDS, "off"),
    Setting(f"{_MODERATION}locked", "locked", Kind.FLAG),
    Setting(f"{_MODERATION}reportsToHide", "hidden after reports", Kind.NUMBER, "never"),
    Setting(f"{_MODERATION}maxMessageLength", "longest message", Kind.NUMBER),
    Setting(f"{_RATE}messagesPerMinute", "messages a minute", Kind.NUMBER),
    Setting(f"{_RATE}burstLimit", "of them at once", Kind.NUMBER),
)
"""In the order they are shown in."""


def value_of(setting: Setting, settings: Mapping[str, Any]) -> Any:
    """Return a setting's value in what the relay told, checked for its type; None if it was not told."""
    *groups, name = setting.path.split(".")
    found = settings
    for group in groups:
        found = intake.obj(found.get(group))
    value = found.get(name)
    match setting.kind:
        case Kind.FLAG:
            return value if isinstance(value, bool) else None
        case Kind.NUMBER | Kind.SECONDS:
            return intake.number(value)
        case Kind.CHOICE:
            return intake.text(value, intake.WORD) or None
        case Kind.WORDS:
            if not isinstance(value, list):
                return None
            words = (intake.text(word, intake.TITLE) for word in value[:_KEYWORDS])
            return [word for word in words if word]


def shown(setting: Setting, value: Any) -> str:
    """Say a value."""
    match setting.kind:
        case _ if value is None:
            return "not known"
        case Kind.FLAG:
            return "yes" if value else "no"
        case Kind.SECONDS:
            return span(value) if value else setting.off
        case Kind.WORDS:
            return ", ".join(value) or setting.off
        case _:
            return str(value) if value else setting.off


def toggled(setting: Setting, value: Any) -> Any:
    """Return the next value of what has few; None for what is typed."""
    if value is None:
        return None
    if setting.kind is Kind.FLAG:
        return not value
    if setting.kind is Kind.CHOICE:
        choices = setting.choices
        return choices[(choices.index(value) + 1) % len(choices)] if value in choices else choices[0]
    return None


def typed(setting: Setting, text: str) -> Any:
    """Read what was typed for a setting.

    Raises:
        ValueError: If it is none of its kind; the text is a sentence.
    """
    if setting.kind is Kind.WORDS:
        return [word for word in (part.strip() for part in text.split(",")) if word]
    number = text.strip()
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise ValueError(f"“{text[:40]}” is no whole number.")
    return int(number)


def patch(setting: Setting, value: Any) -> dict[str, Any]:
    """Return what to ask the relay for."""
    *groups, name = setting.path.split(".")
    made: dict[str, Any] = {name: value}
    for group in reversed(groups):
        made = {group: made}
    return made
