"""The keys of the watch screen, as data: the status line and the help page are made from them.

Where a key stands twice, the first whose action may run now is meant: `b` bans only where a moderator has
selected a message, and Enter answers only where anybody has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

if TYPE_CHECKING:
    from textual.binding import BindingType

KEYS: list[BindingType] = [
    Binding("question_mark", "help", "help", key_display="?", tooltip="this page"),
    Binding("c", "write", "chat", tooltip="write in the spectator chat"),
    Binding("d", "moderate('delete')", "delete", tooltip="moderators: remove the selected message"),
    Binding("m", "moderate('mute')", "mute", tooltip="moderators: mute its author for all, 10 min"),
    Binding("b", "moderate('ban')", "ban", tooltip="moderators: ban its author, asked for twice"),
    Binding("b", "switch", "batches", tooltip="live, in batches, or in low bandwidth"),
    Binding("tab", "pane(1)", "pane", key_display="Tab", tooltip="next pane"),
    Binding("shift+tab", "pane(-1)", show=False, key_display="Shift+Tab", tooltip="previous pane"),
    Binding("up", "move(-1)", show=False, key_display="↑", tooltip="scroll by a line"),
    Binding("down", "move(1)", show=False, key_display="↓", tooltip="scroll by a line"),
    Binding("pageup", "pages(-1)", show=False, key_display="PgUp", tooltip="scroll by a page"),
    Binding("pagedown", "pages(1)", show=False, key_display="PgDn", tooltip="scroll by a page"),
    Binding("home", "home", show=False, key_display="Home", tooltip="to the beginning"),
    Binding("end", "end", "follow", key_display="End", tooltip="to the end, and follow what is new"),
    Binding(
        "enter",
        "reply",
        "reply",
        key_display="Enter",
        tooltip="answer the message that ↑ selected in the chat",
    ),
    Binding("enter", "unfold", "unfold", key_display="Enter", tooltip="unfold what is grouped, fold again"),
    Binding("escape", "back", show=False, key_display="Esc", tooltip="back to the activity"),
    Binding("r", "retry", "try now", tooltip="reconnect now instead of waiting"),
    Binding("q", "quit", "quit", tooltip="quit"),
]
