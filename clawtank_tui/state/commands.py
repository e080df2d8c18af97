"""What a line that was typed means: something to say, or a command and what it is about.

Pure: a line and the state in, an intent out. The table below is what the help page and the README show, and
what Tab completes. A line that cannot be understood is refused with a sentence and stays on the line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clawtank_tui.state.addressing import Unclear, authors, ignored, latest_of, named
from clawtank_tui.state.standing import MODERATE
from clawtank_tui.state.talk import Ask, Request
from relay.protocol.times import parse_duration

if TYPE_CHECKING:
    from clawtank_tui.state.addressing import Author
    from clawtank_tui.state.model import Me
    from clawtank_tui.state.talk import ChatMessage, Talk

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the line, as it is explained."""

    name: str
    takes: str
    does: str
    moderators: bool = False

    @property
    def usage(self) -> str:
        """Return how it is written."""
        return f"/{self.name} {self.takes}".rstrip()


COMMANDS = (
    Command("me", "TEXT", "say what you do: /me waves"),
    Command("reply", "[NAME] TEXT", "answer the selected message, or NAME's last"),
    Command("nick", "NAME", "go by another name"),
    Command("report", "[NAME] [REASON]", "tell the moderators of a message"),
    Command("mute", "NAME", "hide what NAME says, from you alone"),
    Command("unmute", "NAME", "show it again"),
    Command("help", "", "this list"),
    Command("delete", "[NAME]", "remove the selected message, or NAME's last", moderators=True),
    Command("warn", "[NAME] [REASON]", "warn an author", moderators=True),
    Command("timeout", "[NAME] [TIME] [REASON]", "mute for all, 10 min unless told", moderators=True),
    Command("ban", "[NAME] [TIME] [REASON]", "ban, and remove what they said", moderators=True),
    Command("slow", "[TIME]", "one message each in TIME (30s); 0 ends it", moderators=True),
    Command("lock", "[off]", "nobody writes for now", moderators=True),
    Command("shield", "[off]", "hold everything; newcomers only read", moderators=True),
    Command("undo", "", "take back your last act", moderators=True),
)
_BY_NAME = {command.name: command for command in COMMANDS}


@dataclass(frozen=True, slots=True)
class Ignore:
    """Hide what somebody says."""

    author: Author


@dataclass(frozen=True, slots=True)
class Heed:
    """Show again what somebody says."""

    author: Author


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """Explain the commands."""


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """Nothing is done, for a reason; the text stays on the line."""

    reason: str


Intent = Request | Ignore | Heed | ShowHelp | Misunderstood


@dataclass(frozen=True, slots=True)
class Scene:
    """What a line is understood in.

    Attributes:
        selected: The message the viewer has selected, if any.
        answering: The id of the message that the line answers; empty for none.
    """

    talk: Talk
    me: Me
    selected: ChatMessage | None = None
    answering: str = ""


def understand(line: str, scene: Scene) -> Intent:
    """Say what a line means; it is not empty, and has no blanks at its ends."""
    if not line.startswith("/") or line.startswith("//"):
        return _say(line.removeprefix("/"), line, scene, scene.answering)
    word, _, rest = line[1:].partition(" ")
    command = _BY_NAME.get(word.casefold())
    if command is None:
        return Misunderstood(f"/{word} is no command: /help lists them, and // begins a text with a slash.")
    if command.moderators and MODERATE not in scene.me.capabilities:
        return Misunderstood(f"/{command.name} is for moderators: watch with --token and a token of theirs.")
    try:
        return _MEANING[command.name](rest.strip(), line, scene)
    except Unclear as problem:
        return Misunderstood(str(problem))


def act(action: str, line: str = "", **about: object) -> Request:
    """Return the request for an act of moderation; what is empty is left out."""
    named_ones = {name: value for name, value in about.items() if value not in (None, "")}
    return Request(Ask.ACT, {"action": action, **named_ones}, line)


def _say(text: str, line: str, scene: Scene, reply_to: str) -> Intent:
    if reply_to and reply_to in scene.talk.removed:
        return Misunderstood("What you answer was removed: Esc drops the answer, Enter then says the rest.")
    data: dict[str, Any] = {"message": text}
    if reply_to:
        data["reply_to"] = reply_to
    return Request(Ask.CHAT, data, line, reply_to if reply_to == scene.answering else "")


def _me(rest: str, line: str, scene: Scene) -> Intent:
    if not rest:
        return Misunderstood("Say what you do: /me waves.")
    return _say(f"/me {rest}", line, scene, scene.answering)


def _reply(rest: str, line: str, scene: Scene) -> Intent:
    author, text = named(rest, authors(scene.talk, scene.me.spectator_id))
    message = _message_of(author, scene)
    if message is None:
        raise Unclear("Answer whom? Write /reply NAME TEXT, or select a message with ↑ and press Enter.")
    if not text:
        raise Unclear("Write the answer behind the name: /reply NAME TEXT.")
    return _say(text, line, scene, message.message_id)


def _nick(rest: str, line: str, _: Scene) -> Intent:
    if not rest:
        return Misunderstood("Write the name you want: /nick ada.")
    return Request(Ask.NAME, {"display_name": rest[:_LONGEST_NAME]}, line)


def _report(rest: str, line: str, scene: Scene) -> Intent:
    author, reason = named(rest, authors(scene.talk, scene.me.spectator_id))
    message = _message_of(author, scene)
    if message is None:
        raise Unclear("Report what? Select a message with ↑ first, or write /report NAME REASON.")
    return Request(Ask.REPORT, {"message_id": message.message_id, "reason": reason[:200]}, line)


def _mute(rest: str, _: str, scene: Scene) -> Intent:
    return Ignore(_somebody(rest, scene))


def _unmute(rest: str, _: str, scene: Scene) -> Intent:
    hidden = ignored(scene.talk)
    if not hidden:
        raise Unclear("You hide nobody.")
    author, _rest = named(rest, hidden)
    if author is None:
        raise Unclear(f"Whom? You hide {', '.join(one.called for one in hidden[:8])}.")
    return Heed(author)


def _help(*_: object) -> Intent:
    return ShowHelp()


def _delete(rest: str, line: str, scene: Scene) -> Intent:
    author, _ = named(rest, authors(scene.talk, scene.me.spectator_id))
    message = _message_of(author, scene)
    if message is None or (rest and author is None):
        raise Unclear("Remove what? Select a message with ↑ first, or write /delete NAME.")
    return act("delete", line, message_id=message.message_id)


def _warn(rest: str, line: str, scene: Scene) -> Intent:
    author, reason = named(rest, authors(scene.talk, scene.me.spectator_id))
    message = _message_of(author, scene)
    if message is None:
        raise Unclear("Warn whom? Select a message with ↑ first, or write /warn NAME REASON.")
    return act("warn", line, message_id=message.message_id, reason=reason[:200])


def _sanction(action: str) -> Callable[[str, str, Scene], Intent]:
    def meaning(rest: str, line: str, scene: Scene) -> Intent:
        author, more = named(rest, authors(scene.talk, scene.me.spectator_id))
        message = _message_of(author, scene)
        if message is None:
            word = line[1:].partition(" ")[0]
            raise Unclear(f"Whom? Select a message with ↑ first, or write /{word} NAME 10m REASON.")
        if message.spectator_id == scene.me.spectator_id:
            raise Unclear("That is what you said yourself.")
        first, _, reason = more.partition(" ")
        seconds = _seconds(first)
        if seconds is None:
            reason = more
        return act(
            action, line, spectator_id=message.spectator_id, seconds=seconds, reason=reason.strip()[:200]
        )

    return meaning


def _slow(rest: str, line: str, _: Scene) -> Intent:
    seconds = 0 if rest == "off" else _seconds(rest)
    if rest and seconds is None:
        raise Unclear("Write how long, like /slow 30s, or /slow 0.")
    return act("slow", line, seconds=seconds)


def _switch(on: str, off: str) -> Callable[[str, str, Scene], Intent]:
    def meaning(rest: str, line: str, _: Scene) -> Intent:
        if rest not in ("", "on", "off"):
            raise Unclear(f"Write /{on}, or /{on} off.")
        return act(off if rest == "off" else on, line)

    return meaning


def _undo(_: str, line: str, scene: Scene) -> Intent:
    if not scene.talk.undoable:
        raise Unclear("There is no act of yours to take back.")
    return act("undo", line, entry=scene.talk.undoable)


_MEANING: dict[str, Callable[[str, str, Scene], Intent]] = {
    "me": _me,
    "reply": _reply,
    "nick": _nick,
    "report": _report,
    "mute": _mute,
    "unmute": _unmute,
    "help": _help,
    "delete": _delete,
    "warn": _warn,
    "timeout": _sanction("mute"),
    "ban": _sanction("ban"),
    "slow": _slow,
    "lock": _switch("lock", "unlock"),
    "shield": _switch("shield", "unshield"),
    "undo": _undo,
}


def _somebody(text: str, scene: Scene) -> Author:
    author, _ = named(text, authors(scene.talk, scene.me.spectator_id))
    if author is None:
        raise Unclear("Whom? Nobody of that name has said anything here lately.")
    return author


def _message_of(author: Author | None, scene: Scene) -> ChatMessage | None:
    """Return the message that is meant: the selected one, unless somebody else is named."""
    selected = scene.selected
    if author is None or (selected is not None and selected.spectator_id == author.spectator_id):
        return selected
    return latest_of(scene.talk, author)


def _seconds(word: str) -> int | None:
    span_ms = parse_duration(word) if word else None
    return None if span_ms is None else span_ms // 1000
