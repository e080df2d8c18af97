"""The tasks of the room: what is being done first, then what is open, then what is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from clawtank_tui.state.lines import age
from clawtank_tui.widgets.cells import Line, Piece, apart, fit
from clawtank_tui.widgets.list_pane import ListPane
from clawtank_tui.widgets.palette import STYLES, name_style

if TYPE_CHECKING:
    from clawtank_tui.state.model import Task, ViewState

STATE_LOOK: Mapping[str, tuple[str, str]] = {
    "open": ("○", "quiet"),
    "claimed": ("◐", "warn"),
    "in_progress": ("▶", "accent"),
    "review": ("◎", "accent"),
    "done": ("✔", "good"),
}
"""Glyph and style of each state of a task."""

_RANK = {"in_progress": 0, "claimed": 0, "review": 1, "open": 2, "done": 3}


def in_reading_order(tasks: Sequence[Task]) -> list[Task]:
    """Sort what is worked on before what is open before what is done, the latest done first."""
    return sorted(
        tasks, key=lambda task: (_RANK.get(task.state, 2), -task.since_ms if task.state == "done" else 0)
    )


def count_by_state(tasks: Sequence[Task]) -> tuple[int, int, int]:
    """Return how many are open, being worked on, and done."""
    states = [task.state for task in tasks]
    done, waiting = states.count("done"), states.count("open")
    return waiting, len(states) - done - waiting, done


class TasksPane(ListPane):
    """Tasks with who holds them and since when."""

    TITLE = "TASKS"
    LEAD = "┬─"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tasks: list[Task] = []
        self._now_ms = 0
        self._seen: tuple[Mapping[str, Task], int] | None = None

    def show(self, view: ViewState, now_ms: int) -> None:
        """Show a state; ages are as of `now_ms`."""
        shown = (view.tasks, now_ms // 60_000)
        if shown == self._seen:
            return
        self._seen, self._now_ms = shown, now_ms
        self._tasks = in_reading_order(tuple(view.tasks.values()))
        self.viewport.hold(len(self._tasks))
        self.repaint()

    def title_detail(self) -> str:
        """Count the tasks by state."""
        counts = zip(count_by_state(self._tasks), ("open", "active", "done"), strict=True)
        return " · ".join(f"{number} {word}" for number, word in counts if number)

    def brief(self) -> str:
        """Count with the signs the states carry."""
        counts = zip(count_by_state(self._tasks), "○◐✔", strict=True)
        return " ".join(f"{sign}{number}" for number, sign in counts if number)

    def empty_text(self) -> str:
        """Say that there is nothing to do."""
        return "No tasks yet."

    def item_lines(self, item: int, width: int) -> Sequence[Line]:
        """Paint one task on one line."""
        task = self._tasks[item]
        glyph, look = STATE_LOOK.get(task.state, ("○", "quiet"))
        done = task.state == "done"
        left: list[Piece] = [
            (f"{glyph} ", STYLES[look]),
            (task.title or task.task_id, STYLES["quiet" if done else "text"]),
        ]
        right: list[Piece] = []
        if task.priority in ("high", "urgent", "critical") and not done:
            left.append((" !", STYLES["warn"]))
        if task.holder:
            right = [(task.holder, name_style(task.holder)), (" ", STYLES["text"])]
        right.append((age(self._now_ms - task.since_ms), STYLES["faint"]))
        return [fit(apart(left, right, width), width)]
