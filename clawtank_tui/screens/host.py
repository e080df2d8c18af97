"""The console's screen: turns keys into orders, and asks where one key is not enough.

What an order is about is fixed when its key is pressed, whatever arrives while a question is open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, ClassVar

from textual.message import Message

from clawtank_tui.screens.host_keys import KEYS
from clawtank_tui.screens.host_panes import HostPanes
from clawtank_tui.state import chat_settings
from clawtank_tui.state.choices import Choice, decide
from clawtank_tui.state.deeds import Order, Target, to_take_back
from clawtank_tui.state.desk import Desk, Remark
from clawtank_tui.state.desk_words import DID, excerpt, meanwhile
from clawtank_tui.state.model import Phase
from clawtank_tui.widgets.ask_line import AskField
from clawtank_tui.widgets.choice_line import WHY
from relay.protocol.moderation import UPON_MESSAGES, Action

if TYPE_CHECKING:
    from textual.events import Key

    from clawtank_tui.state.desk import Held, Report
    from clawtank_tui.widgets.settings import SettingRow
    from relay.clock import Clock

SLOW_STEPS = (0, 10, 30, 120)
"""Seconds between two messages of one viewer that the key goes through."""


LEAVING = frozenset({"ctrl+c", "ctrl+q"})
"""Keys that lead out, whatever is open: they are the app's."""


class HostScreen(HostPanes):
    """A room, from the inside."""

    BINDINGS: ClassVar = KEYS

    class Ordered(Message):
        """The host decided."""

        def __init__(self, order: Order) -> None:
            super().__init__()
            self.order = order

    class Say(Message):
        """The host wants this said in the chat."""

        def __init__(self, text: str, reply_to: str) -> None:
            super().__init__()
            self.text, self.reply_to = text, reply_to

    class Change(Message):
        """The host wants other settings."""

        def __init__(self, patch: Mapping[str, Any]) -> None:
            super().__init__()
            self.patch = patch

    class RetryNow(Message):
        """The host does not want to wait for the next try."""

    class Quit(Message):
        """The host is done."""

    def __init__(self, desk: Callable[[], Desk], clock: Clock, tz: tzinfo | None) -> None:
        """Prepare, as `HostPanes` does."""
        super().__init__(desk, clock, tz)
        self._draft = ""
        self._reply_to = ""
        self._answer: Callable[[str], None] = self._take_reason

    def say_unsent(self, reason: str, text: str = "") -> None:
        """Say why something was not sent; a text that was to be said is kept for the next time."""
        self._draft = text or self._draft
        self._say(reason, bad=True)

    async def take_key(self, event: Key) -> bool:
        """Do now what a key means: to the line that asks, to an open question, or here; False if nothing."""
        if event.key in LEAVING:
            return False
        if self._ask.display:
            return await self._ask.field.take_key(event)
        if self._choice is not None:
            printed = event.character if event.is_printable else None
            self._choose(self._choice, printed or event.key)
            return True
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                return True
        return False

    # -- decisions ---------------------------------------------------------------------------------

    def action_decide(self, name: str) -> None:
        """Begin a decision on what is chosen in the active pane."""
        targets = self._targets()
        if targets:
            self._begin(Action(name), targets)

    def _targets(self) -> tuple[Target, ...]:
        """Return what a decision would be about; says why if it would be about nothing."""
        pane, desk = self._pane, self._desk()
        if not self._has_line():
            return ()
        if pane not in self._of_messages:
            self._say("Decisions are for messages: Tab leads to the queue, the reports and the chat.")
        elif pane.picks.ghost:
            entry = desk.decided.get(pane.picks.ghost.removeprefix("pile/"))
            self._say(meanwhile(entry) if entry else "That is gone.")
        elif not pane.chosen():
            self._say("↑ chooses a message." if pane.picks.rows else "There is nothing to decide on.")
        elif not pane.picks.marks and pane.picks.unseen(self._clock.monotonic_s()):
            self._say("That one has only just come: look, then press again.")
        else:
            found = [target for row in pane.chosen() for target in row.targets]
            # A heading and its rows may both be marked.
            targets = tuple(dict.fromkeys(found))
            free = tuple(target for target in targets if not desk.busy(target.message_id))
            if not free:
                self._say("That is being decided already.")
            return free
        return ()

    def _has_line(self) -> bool:
        live = self._desk().connection.phase is Phase.LIVE
        if not live:
            self._say("There is no line to the relay right now: decide when it is back.", bad=True)
        return live

    def _begin(self, action: Action, targets: tuple[Target, ...]) -> None:
        if action is Action.APPROVE and all(target.shown for target in targets) and self._pane is self._chat:
            self._say("It is shown already.")
            return
        outcome = decide(action, targets, self._reason)
        if isinstance(outcome, Order):
            self._order(outcome)
            return
        self._choice = outcome
        self._show_rest(self._desk())

    def _choose(self, choice: Choice, key: str) -> None:
        """Take the key that answers a choice; any other leaves it open, and means nothing else."""
        if key == WHY:
            self._ask_for("Why", self._reason, self._take_reason)
        elif key == "escape":
            self._end_choice()
        elif order := choice.taken(key, self._reason):
            self._end_choice()
            self._order(order)

    def _end_choice(self) -> None:
        self._choice = None
        self._show_rest(self._desk())

    def _order(self, order: Order) -> None:
        """Hand an order on, and leave what it is about; what others decided meanwhile is left out."""
        desk = self._desk()
        self._reason, self._said = "", Remark()
        if order.action in UPON_MESSAGES:
            gone = [target.message_id for target in order.targets if not desk.has(target.message_id)]
            left = tuple(target for target in order.targets if target.message_id not in gone)
            if not left:
                entry = desk.decided.get(gone[0])
                self._say(meanwhile(entry) if entry else "That is gone.")
                return
            order = replace(order, targets=left)
        self.post_message(self.Ordered(order))
        self._leave(order)

    def _leave(self, order: Order) -> None:
        """Move on from the rows an order is about."""
        decided = {target.message_id for target in order.targets}
        pane = self._pane
        if pane in self._of_messages:
            pane.go_on(pane.keys_within(decided))
        self._show_rest(self._desk())

    def action_undo(self) -> None:
        """Take back the line or the sanction that is chosen, or else the last act of this console."""
        if not self._has_line():
            return
        if self._pane is self._modlog and (rows := self._modlog.chosen()):
            undoable = tuple(row.line.entry_id for row in rows if row.line.undoable and not row.line.undone)
            if undoable:
                self._order(Order(Action.UNDO, entries=undoable, reason=self._reason))
            else:
                self._say("This cannot be taken back.")
        elif self._pane is self._sanctions:
            self._lift()
        else:
            self._undo_last()

    def _lift(self) -> None:
        rows, reason = self._sanctions.chosen(), self._reason
        if not rows:
            self._say("Nobody is chosen." if self._sanctions.picks.rows else "There is nothing to lift.")
        self._sanctions.go_on(self._sanctions.keys_chosen())
        for kind, action in (("ban", Action.UNBAN), ("mute", Action.UNMUTE)):
            whom = [row.sanction for row in rows if row.sanction.kind == kind]
            targets = tuple(Target(spectator_id=one.spectator_id, name=one.name) for one in whom)
            if targets:
                self._order(Order(action, targets, reason=reason))

    def _undo_last(self) -> None:
        last = to_take_back(self._desk())
        if last is None:
            self._say("Nothing done here can be taken back; for older lines, choose one in the log.")
        elif not last.entries:
            self._say(f"What you last {DID[last.action]} cannot be taken back; the log has what can.")
        else:
            self._order(Order(Action.UNDO, entries=last.entries, reason=self._reason))

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self._pane is self._settings:
            self.action_open()
            return
        self._pane.toggle_mark()
        self._show_rest(self._desk())

    # -- the whole chat ----------------------------------------------------------------------------

    def action_shield(self) -> None:
        """Raise the shield, or take it down."""
        self._switch(Action.UNSHIELD if self._desk().rules.shielded else Action.SHIELD)

    def action_lock(self) -> None:
        """Lock the chat, or unlock it."""
        self._switch(Action.UNLOCK if self._desk().rules.locked else Action.LOCK)

    def action_slow(self) -> None:
        """Go on to the next pace of slow mode."""
        desk = self._desk()
        asked = [deed.seconds for deed in desk.deeds if deed.action is Action.SLOW]
        now_s = next((seconds for seconds in reversed(asked) if seconds is not None), desk.rules.slow_s)
        next_s = next((step for step in SLOW_STEPS if step > now_s), SLOW_STEPS[0])
        self._switch(Action.SLOW, next_s)

    def _switch(self, action: Action, seconds: int | None = None) -> None:
        under_way = any(deed.action is action for deed in self._desk().deeds)
        if self._has_line() and (action is Action.SLOW or not under_way):
            self._order(Order(action, seconds=seconds, reason=self._reason))

    # -- lines to write on -------------------------------------------------------------------------

    def _ask_for(self, question: str, text: str, answer: Callable[[str], None]) -> None:
        self._answer = answer
        self._ask.ask(question, text)
        self.set_focus(self._ask.field)
        self._show_rest(self._desk())

    def _answered(self, text: str) -> None:
        self._close_line()
        self._answer(text)
        self.show_desk()

    def action_leave_line(self) -> None:
        """Leave the line; nothing comes of it, but what was to be said is kept."""
        if self._answer == self._say_in_chat:
            self._draft = self._ask.field.value
        self._close_line()

    def _close_line(self) -> None:
        self._ask.display = False
        self._line.display = True
        self.set_focus(None)
        self._show_rest(self._desk())

    def action_why(self) -> None:
        """Ask for a reason that goes with the next decision."""
        self._ask_for("Why", self._reason, self._take_reason)

    def _take_reason(self, text: str) -> None:
        self._reason = text

    def action_filter(self) -> None:
        """Ask what the queue is to hold."""
        self._activate("queue")
        self._ask_for("Only what holds", self._wanted, self._take_filter)

    def _take_filter(self, text: str) -> None:
        self._wanted = text
        self._queue.picks.put("")  # what is filtered out is not gone: the cursor begins anew

    def action_write(self) -> None:
        """Write in the chat."""
        self._write_to("", "")

    def _write_to(self, message_id: str, name: str) -> None:
        if not self._desk().insider.answers:
            self._say("This chat is read only from here: it is written in where it is interactive.")
            return
        self._reply_to = message_id
        self._ask_for(f"To {excerpt(name, 24)}" if name else "Say", self._draft, self._say_in_chat)

    def _say_in_chat(self, text: str) -> None:
        self._draft = ""
        if text:
            self.post_message(self.Say(text, self._reply_to))

    def action_keywords(self) -> None:
        """Edit the words to catch."""
        if not self._may_change():
            return
        words = chat_settings.value_of(chat_settings.KEYWORDS, self._desk().settings) or []
        self._edit(chat_settings.KEYWORDS, ", ".join(words))

    def _may_change(self) -> bool:
        desk = self._desk()
        if not desk.settings:
            self._say(desk.settings_why or "The settings are not known yet.", bad=bool(desk.settings_why))
        return bool(desk.settings)

    def _edit(self, setting: chat_settings.Setting, text: str) -> None:
        def take(written: str) -> None:
            try:
                value = chat_settings.typed(setting, written)
            except ValueError as problem:
                self._say(str(problem), bad=True)
            else:
                self.post_message(self.Change(chat_settings.patch(setting, value)))

        self._ask_for(excerpt(setting.label, 34), text, take)

    # -- the rest ----------------------------------------------------------------------------------

    def action_open(self) -> None:
        """Look closer at the row under the cursor: unfold it, show its context, answer it, change it."""
        found = self._pane.under_cursor()
        if found is None:
            return
        row = found[1]
        match self._active:
            case "queue":
                if self._queue.unfold():
                    self.show_desk()
                else:
                    self._look_at(row.messages[0], row.targets)
            case "reports":
                self._look_at(row.report, row.targets)
            case "chat":
                self._write_to(row.message.message_id, row.message.name)
            case "settings":
                self._change(row)
            case _:  # sanctions and log say all they know
                pass

    def _look_at(self, message: Held | Report, targets: tuple[Target, ...]) -> None:
        from clawtank_tui.screens.context import ContextScreen

        def decided(name: str | None) -> None:
            if name and self._has_line():
                self._begin(Action(name), targets)

        self.app.push_screen(ContextScreen(self._desk(), message), decided)

    def _change(self, row: SettingRow) -> None:
        value = chat_settings.toggled(row.setting, row.value)
        if value is not None:
            self.post_message(self.Change(chat_settings.patch(row.setting, value)))
        elif row.setting.kind is chat_settings.Kind.WORDS:
            self._edit(row.setting, ", ".join(row.value or ()))
        elif row.value is not None:
            self._edit(row.setting, str(row.value))

    def action_retry(self) -> None:
        """Ask for the next try now."""
        if self._desk().connection.phase is Phase.WAITING:
            self.post_message(self.RetryNow())

    def action_help(self) -> None:
        """Open the help page."""
        from clawtank_tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen([*self.BINDINGS, *AskField.BINDINGS], signs=False))

    def action_quit(self) -> None:
        """Leave the room."""
        self.post_message(self.Quit())
