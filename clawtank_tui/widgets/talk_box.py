"""The chat as a whole: the messages, what is told about one's own, what is answered, and the line.

What is typed and what keys do to a selected message becomes a request here, for whoever has the line to the
relay; what becomes of it comes back with the state. It keeps what is the writer's own: which message they
answer, whether they are asked to confirm, and why a line was not understood.
Spec: Spectator Chat System; checklist CHAT-10, MOD-13, INTEG-9.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from textual.containers import Vertical
from textual.message import Message

from clawtank_tui.state.addressing import authors
from clawtank_tui.state.commands import (
    COMMANDS,
    Heed,
    Ignore,
    Misunderstood,
    Scene,
    ShowHelp,
    act,
    understand,
)
from clawtank_tui.state.standing import MODERATE, closed, next_message_ms, opens_at_ms
from clawtank_tui.state.talk import Ask, Refusal, Request, Word
from clawtank_tui.widgets.chat import ChatPane
from clawtank_tui.widgets.chat_clock import ChatClock
from clawtank_tui.widgets.chat_line import ChatLine, Ending
from clawtank_tui.widgets.chat_notice import ChatNotice
from clawtank_tui.widgets.chat_remarks import Remark, remark, told_last
from clawtank_tui.widgets.reply_line import ReplyLine

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from clawtank_tui.state.model import ViewState
    from clawtank_tui.state.talk import ChatMessage
    from relay.clock import Clock

Deed = Literal["delete", "mute", "ban"]


class TalkBox(Vertical):
    """The spectators' chat of a room.

    Attributes:
        framed: Whether rules are drawn (wide layout).
    """

    @dataclass
    class Wanted(Message):
        """The viewer wants this asked of the relay, or somebody hidden or shown."""

        intent: Request | Ignore | Heed

    class HelpWanted(Message):
        """The viewer wants the commands explained."""

    def __init__(self, clock: Clock, tz: tzinfo | None) -> None:
        """Prepare.

        Args:
            clock: For how long to wait.
            tz: The zone of times of day; the system's when None.
        """
        super().__init__(id="talk")
        self.pane = ChatPane()
        self.framed = True
        self._clock, self._tz = clock, tz
        self._view: ViewState | None = None
        self._reply_line, self._notice, self._line = ReplyLine(), ChatNotice(), ChatLine(self._entered)
        self._named: tuple[ChatMessage, ...] = ()
        self._answering = ""
        self._to_ban = ""
        self._problem = ""
        self._too_early = ""
        self._misread = ""
        self._refusal: Refusal | None = None
        self._word: Word | None = None
        self._returned = False
        self._put_away: Refusal | Word | None = None
        self._times: ChatClock | None = None

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield self.pane
        yield self._reply_line
        yield self._notice
        yield self._line

    def on_mount(self) -> None:
        """Start the clocks; they rest while there is nothing to wait for."""
        self._times = ChatClock(self, self._tick, self.show_line)
        self._attend()

    # -- what is shown ---------------------------------------------------------------------------------

    def show(self, view: ViewState) -> None:
        """Show a state; a text that was refused comes back to the line, unless another is being written."""
        self._view = view
        shut = closed(view, self._clock.now_ms())
        empty = shut.in_words(self._tz, self._clock.now_ms()) if shut is not None and shut.for_good else ""
        self.pane.show(view.talk, view.me, empty)
        if view.talk.messages is not self._named:
            self._named = view.talk.messages
            self._line.field.names = [author.called for author in authors(view.talk, view.me.spectator_id)]
        self._line.field.commands = [one.name for one in COMMANDS if not one.moderators or self._moderates]
        if view.talk.refusal is not self._refusal:
            self._refusal = view.talk.refusal
            self._problem = ""
            self._returned = self._give_back(self._refusal)
        if view.talk.word is not self._word:
            self._word = view.talk.word
            self._problem = ""
        self.show_line()

    def _give_back(self, refusal: Refusal | None) -> bool:
        request = None if refusal is None else refusal.request
        if request is None or not request.line or self._line.field.value:
            return False
        self._line.field.put(request.line)
        self._answering = request.answering
        return True

    def show_line(self) -> None:
        """Show what stands below the messages as things are now."""
        view = self._view
        if view is None:
            return
        now_ms = self._clock.now_ms()
        shut = closed(view, now_ms)
        above = self._remark(view, now_ms)
        self._notice.show(above.text, framed=self.framed, calm=above.calm)
        self._line.display = shut is None or not shut.for_good
        self._reply_line.show(
            self.pane.quote_of(self._answering) if self._line.display else "", framed=self.framed
        )
        if self.writing:
            idle = "Enter sends, Esc leaves" if shut is None else "only commands: /help"
        else:
            idle = "c to write" if shut is None else "c for commands"
        self._line.show(idle, framed=self.framed)
        self._show_end(view, now_ms)
        self._attend()

    def _remark(self, view: ViewState, now_ms: int) -> Remark:
        """Return what to say above the line."""
        message = self.pane.selected
        if message is None or message.message_id != self._to_ban:
            self._to_ban = ""  # asked about one message, answered for no other
        if message is not None and self._to_ban:
            who = self.pane.name_of(message)
            return Remark(f"Ban {who}, and remove all they said? b again does it, Esc does not.")
        if self._problem:
            return Remark(self._problem)
        if self._too_early and (why := self._why_not(view, self._too_early)):
            return Remark(why)
        return remark(view, self._returned, self._put_away, now_ms, self._tz)

    def _show_end(self, view: ViewState, now_ms: int) -> None:
        wait_s = 0 if closed(view, now_ms) else max(ceil((next_message_ms(view) - now_ms) / 1000), 0)
        talk = view.talk
        self._line.show_end(Ending(self._length(view), talk.max_length, wait_s, talk.rules.slow_s))

    def _length(self, view: ViewState) -> int:
        """Count the characters of the message on the line; a command that is none counts nothing."""
        line = self._line.field.value.strip()
        if not line.startswith("/"):
            return len(line)
        intent = understand(line, self._scene(view))
        return len(intent.data["message"]) if isinstance(intent, Request) and intent.kind is Ask.CHAT else 0

    def _attend(self) -> None:
        """Count seconds while a countdown is shown, and wake up when the line opens by itself."""
        if self._times is None or self._view is None:
            return
        now_ms = self._clock.now_ms()
        opens_ms = opens_at_ms(self._view, now_ms)
        self._times.attend(
            counts=closed(self._view, now_ms) is None and next_message_ms(self._view) > now_ms,
            opens_in_s=None if opens_ms is None else (opens_ms - now_ms) / 1000,
        )

    def _tick(self) -> None:
        """Move the countdown on; when it is over, what was said of it goes too."""
        view, now_ms = self._view, self._clock.now_ms()
        if view is not None and next_message_ms(view) > now_ms:
            self._show_end(view, now_ms)
        else:
            self.show_line()

    # -- writing ---------------------------------------------------------------------------------------

    @property
    def writing(self) -> bool:
        """Whether the viewer is on the line."""
        return self._line.field.has_focus

    @property
    def _moderates(self) -> bool:
        return self._view is not None and MODERATE in self._view.me.capabilities

    def write(self) -> None:
        """Go to the line, if there is one."""
        self._to_ban = ""
        if self._line.display:
            self._line.field.focus()

    def leave(self) -> bool:
        """Drop the answer; False if there is none, and the line can be left."""
        if self._answering:
            self._answering = ""
            self.show_line()
            return True
        return False

    def on_chat_line_edited(self, event: ChatLine.Edited) -> None:
        """Keep the count; what was said about the text before is settled when it changes."""
        event.stop()
        if self._line.field.value.strip() != self._misread:
            # Changes are told late: one from before Enter settles nothing that Enter led to.
            self._problem = self._too_early = ""
        self.show_line()

    def _entered(self, line: str) -> bool:
        """Do what a line means, or say why not, and that it stays."""
        if self._view is None:
            return False
        self._problem, self._too_early, self._misread = "", "", line
        match understand(line, self._scene(self._view)):
            case Misunderstood(reason):
                self._problem = reason
            case Request(Ask.CHAT, data) if self._why_not(self._view, data["message"]):
                self._too_early = data["message"]
            case Request(Ask.CHAT) as intent:
                self._answering = ""
                self.pane.go_end()
                self.post_message(self.Wanted(intent))
            case ShowHelp():
                self.post_message(self.HelpWanted())
            case Request() | Ignore() | Heed() as intent:
                self.post_message(self.Wanted(intent))
        self.show_line()
        return not (self._problem or self._too_early)

    def _why_not(self, view: ViewState, text: str) -> str:
        """Say why a text cannot be sent now; empty if it can. Lengths are in characters (INTEG-9)."""
        now_ms, limit = self._clock.now_ms(), view.talk.max_length
        shut = closed(view, now_ms)
        if shut is not None:
            return shut.in_words(self._tz, now_ms)
        if len(text) > limit:
            return f"Too long by {len(text) - limit}: {limit} characters fit."
        if next_message_ms(view) > now_ms:
            return "Not yet: the end of the line says when."
        return ""

    def _scene(self, view: ViewState) -> Scene:
        return Scene(view.talk, view.me, self.pane.selected, self._answering)

    # -- the selected message --------------------------------------------------------------------------

    @property
    def selects(self) -> bool:
        """Whether there is a message for keys to act on."""
        return self.pane.selected is not None

    @property
    def may_moderate(self) -> bool:
        """Whether there is one, and the viewer holds a token that may remove it."""
        return self.selects and self._moderates

    def dismiss(self) -> bool:
        """Drop a question, the selection, or what is said above the line; False if there is none of them."""
        if self._to_ban:
            self._to_ban = ""
        elif self.selects:
            self.pane.select_none()
        elif self._problem:
            self._problem = ""
        elif self._view is not None and (told := told_last(self._view, self._put_away, self._clock.now_ms())):
            self._put_away = told
        else:
            return False
        self.show_line()
        return True

    def reply(self) -> None:
        """Answer the selected message: on the line, with its beginning above."""
        message = self.pane.selected
        if message is not None:
            self._answering = message.message_id
            self.write()
            self.show_line()

    def moderate(self, deed: Deed) -> None:
        """Remove the selected message, mute its author, or ban them: that one is asked for twice."""
        message = self.pane.selected
        if message is None:
            return
        if deed != "delete" and self._view is not None and message.spectator_id == self._view.me.spectator_id:
            self._problem = "That is what you said yourself."
            self.show_line()
            return
        about: dict[str, Any] = {"spectator_id": message.spectator_id}
        if deed == "ban" and self._to_ban != message.message_id:
            self._to_ban = message.message_id
            self.show_line()
            return
        if deed == "delete":
            about = {"message_id": message.message_id}
        self._to_ban = ""
        self.post_message(self.Wanted(act(deed, **about)))
        self.show_line()
