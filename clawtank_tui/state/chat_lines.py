"""The chat as sentences, for `--plain`: what was said and by what kind of viewer, and what was taken away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clawtank_tui.state.lines import UNICODE, Role, Signs, Span
from clawtank_tui.state.names import DOT, tag
from clawtank_tui.state.notices import start_of
from relay.protocol.text import one_line

if TYPE_CHECKING:
    from clawtank_tui.state.talk import ChatMessage

ACTION = "/me "
"""What a message begins with that says what its author does."""
_AUTHOR = {"anonymous": "guest", "registered": "viewer", "verified": "verified viewer"}
_REASONS = {
    "deleted": "by a moderator",
    "reported": "because viewers reported it",
    "erased": "at the author's wish",
}


def chat_sentence(
    message: ChatMessage,
    answered: ChatMessage | None = None,
    signs: Signs = UNICODE,
    *,
    alike: frozenset[str] = frozenset(),
    gone: bool = False,
) -> tuple[Span, ...]:
    """Say a message of the spectator chat, with what kind of viewer wrote it and what it answers.

    Args:
        message: What was said.
        answered: The message it answers, if that is known.
        signs: What the terminal can show.
        alike: Ids of authors whose name another bears too: theirs carries its tag.
        gone: What it answers was removed.
    """
    quoted: tuple[Span, ...] = ()
    if answered is not None:
        words = f"{_name(answered, alike)} {signs.open}{start_of(answered.text)}{signs.close}"
        quoted = (Span(f"{signs.reply}{words} ", Role.DIM),)
    elif gone:
        quoted = (Span(f"{signs.reply}a removed message ", Role.DIM),)
    text = one_line(message.text)
    acts = text.startswith(ACTION)
    return (
        *quoted,
        Span("* " if acts else "", Role.DIM),
        Span(_name(message, alike), Role.ACTOR),
        Span(f" ({kind_of(message)}) " if acts else f" ({kind_of(message)}): ", Role.DIM),
        Span(text.removeprefix(ACTION) if acts else text, Role.TEXT),
    )


def removal_sentence(gone: Sequence[ChatMessage], reason: str, alike: frozenset[str]) -> str:
    """Say what was taken away, not what it said; `reason` as on the wire."""
    by = f" {_REASONS[reason]}" if reason in _REASONS else ""
    if not gone:
        return f"a message was removed{by}"
    of = f"of {_name(gone[0], alike)} ({kind_of(gone[0])})"
    return (
        f"a message {of} was removed{by}" if len(gone) == 1 else f"{len(gone)} messages {of} were removed{by}"
    )


def kind_of(message: ChatMessage) -> str:
    """Say what kind of viewer the author is, or on which side of the glass."""
    if message.author_type != "spectator":
        return message.author_type
    return _AUTHOR.get(message.author_state, "viewer")


def _name(message: ChatMessage, alike: frozenset[str]) -> str:
    return message.name + (f"{DOT}{tag(message.spectator_id)}" if message.spectator_id in alike else "")
