"""The keys of the console, in the order in which screen and help name them; the README is held to them."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from clawtank_tui.widgets.choice_line import WHY

KEYS: list[BindingType] = [
    Binding("a", "decide('approve')", "approve", tooltip="approve: show it, or keep what was reported"),
    Binding("r", "decide('reject')", "reject", tooltip="reject what waits"),
    Binding("d", "decide('delete')", "delete", tooltip="delete a message, or all that its author said"),
    Binding("m", "decide('mute')", "mute", tooltip="mute the author for a time"),
    Binding("b", "decide('ban')", "ban", tooltip="ban the author, and remove all they said"),
    Binding("w", "decide('warn')", "warn", tooltip="warn the author"),
    Binding("u", "undo", "undo", tooltip="take back the last act, or the row of log or sanctions"),
    Binding(WHY, "why", show=False, tooltip="give a reason with the next decision"),
    Binding("space", "mark", "mark", key_display="Space", tooltip="mark; marked rows are decided together"),
    Binding("A,asterisk", "mark_all", show=False, key_display="A *", tooltip="mark all"),
    Binding("equals_sign", "mark_like('pile')", "alike", key_display="=", tooltip="mark what is alike"),
    Binding(
        "at", "mark_like('spectator_id')", show=False, key_display="@", tooltip="mark all of this author"
    ),
    Binding("number_sign", "mark_like('rule')", show=False, key_display="#", tooltip="mark all of this rule"),
    Binding("enter", "open", "open", key_display="Enter", tooltip="context; unfold; reply; change a setting"),
    Binding("S", "shield", show=False, tooltip="raise the shield, or take it down"),
    Binding("L", "lock", show=False, tooltip="lock the chat, or unlock it"),
    Binding("s", "slow", show=False, tooltip="slow mode: off, 10 s, 30 s, 2 min"),
    Binding("e", "keywords", show=False, tooltip="edit the words to catch"),
    Binding("c", "write", show=False, tooltip="write in the chat"),
    Binding("slash", "filter", show=False, key_display="/", tooltip="show only what holds a text"),
    Binding("tab", "pane(1)", "pane", key_display="Tab", tooltip="next pane"),
    Binding("shift+tab", "pane(-1)", show=False, key_display="Shift+Tab", tooltip="previous pane"),
    Binding("up,p", "step(-1)", show=False, key_display="↑ p", tooltip="previous row"),
    Binding("down,n", "step(1)", show=False, key_display="↓ n", tooltip="next row"),
    Binding("pageup", "pages(-1)", show=False, key_display="PgUp", tooltip="by a page"),
    Binding("pagedown", "pages(1)", show=False, key_display="PgDn", tooltip="by a page"),
    Binding("home", "first", show=False, key_display="Home", tooltip="to the first row"),
    Binding("end", "last", show=False, key_display="End", tooltip="to the last row; chat and log follow"),
    Binding("escape", "back", show=False, key_display="Esc", tooltip="no marks, no filter; to the queue"),
    Binding("R", "retry", "try now", tooltip="reconnect now instead of waiting"),
    Binding("question_mark", "help", "help", key_display="?", tooltip="this help"),
    Binding("q", "quit", show=False, tooltip="quit"),
]
