"""One message of the chat, painted: what it answers, who says it, what; links and calls stand out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style

from clawtank_tui.state.chat_lines import ACTION
from clawtank_tui.state.links import Part, linked
from clawtank_tui.state.mentions import mentions
from clawtank_tui.state.names import is_guest
from clawtank_tui.state.talk import Fate
from clawtank_tui.widgets.cells import Line, Piece, fit, wrap
from clawtank_tui.widgets.palette import STYLES, name_style

if TYPE_CHECKING:
    from clawtank_tui.state.model import Me
    from clawtank_tui.state.talk import ChatMessage

INDENT = 2
_PART_STYLE = {Part.LINK: "link", Part.HOST: "link.host", Part.REMARK: "warn"}
_FATES = {
    Fate.SENDING: " …",
    Fate.HELD: " (held: a moderator will look)",
    Fate.UNSURE: " (not confirmed: the line broke)",
}
_SELECTED = Style(bgcolor="#303030")


@dataclass(frozen=True, slots=True)
class Look:
    """What the looks of a message depend on besides itself.

    Attributes:
        name: What its author is called here.
        quote: The message it answers in a few words; empty if it answers none.
        answers_me: It answers this viewer.
        me: The viewer, whom it may call.
        selected: The viewer's keys act on it.
    """

    width: int
    name: str
    quote: str
    answers_me: bool
    me: Me
    selected: bool = False


def paint_message(message: ChatMessage, look: Look) -> tuple[Line, ...]:
    """Paint a message in as many lines as it takes; those after its first are indented."""
    lines: list[Line] = []
    if look.quote:
        style = STYLES["accent" if look.answers_me else "faint"]
        lines.append(fit([(f"↳ {look.quote}", style)], look.width))
    first, *more = wrap(_pieces(message, look), look.width, INDENT)
    indent = (" " * INDENT, STYLES["text"])
    lines += [fit(first, look.width), *(fit([indent, *line], look.width) for line in more)]
    if look.selected:
        lines = [[(text, _SELECTED + style) for text, style in line] for line in lines]
    return tuple(lines)


def _pieces(message: ChatMessage, look: Look) -> Iterator[Piece]:
    acts = message.text.startswith(ACTION)
    text = message.text.removeprefix(ACTION) if acts else message.text
    if message.fate is not Fate.SHOWN:
        lead = f"* {look.name} " if acts else f"{look.name}: "
        yield lead + text + _FATES[message.fate], STYLES["faint"]
        return
    if acts:
        yield "* ", STYLES["faint"]
    yield look.name, author_style(message, look.me)
    if message.author_type != "spectator":
        yield f" ({message.author_type})", STYLES["accent"]
    elif message.author_state == "verified":
        yield " ✔", STYLES["good"]
    yield (" " if acts else ": "), STYLES["faint"]
    for piece, part in linked(text):
        if part is Part.WORDS:
            yield from _words(piece, look.me, message)
        else:
            yield piece, STYLES[_PART_STYLE[part]]


def _words(text: str, me: Me, message: ChatMessage) -> Iterator[Piece]:
    end = 0
    for start, stop in mentions(text, me) if message.spectator_id != me.spectator_id else ():
        yield text[end:start], STYLES["text"]
        yield text[start:stop], STYLES["mention"]
        end = stop
    yield text[end:], STYLES["text"]


def author_style(message: ChatMessage, me: Me) -> Style:
    """Return the looks of an author's name: a viewer's colour is their id's, whatever their name is."""
    if me.spectator_id and message.spectator_id == me.spectator_id:
        return STYLES["bright"]
    if message.author_type != "spectator":
        return name_style(message.name)
    style = name_style(message.spectator_id)
    return style + Style(bold=False) if is_guest(message) else style
