"""Who is in the room: people on one flowing line, agents each with what they are doing now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from clawtank_tui.state.lines import age
from clawtank_tui.widgets.cells import Line, Piece, apart, fit, width_of
from clawtank_tui.widgets.list_pane import ListPane
from clawtank_tui.widgets.palette import AGENT_MARK, STYLES, name_style

if TYPE_CHECKING:
    from clawtank_tui.state.model import Agent, Member, ViewState

STATUS_LOOK: Mapping[str, tuple[str, str]] = {
    "idle": ("○", "faint"),
    "thinking": ("◌", "accent"),
    "executing": ("▶", "good"),
    "testing": ("▷", "good"),
    "committing": ("⎇", "good"),
    "waiting_approval": ("?", "warn"),
    "error": ("✖", "bad"),
}
"""Glyph and style of each status an agent can have."""

_NAME_CELLS = 12
_BETWEEN = "   "


def count_of(number: int, one: str, many: str) -> str:
    """Return `3 agents`, `1 agent`."""
    return f"{number} {one if number == 1 else many}"


class PeoplePane(ListPane):
    """People and agents with their live state."""

    TITLE = "ROOM"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._members: tuple[Member, ...] = ()
        self._agents: tuple[Agent, ...] = ()
        self._now_ms = 0
        self._seen: tuple[Mapping[str, Member], Mapping[str, Agent], int] | None = None

    def show(self, view: ViewState, now_ms: int) -> None:
        """Show a state; ages are as of `now_ms`."""
        shown = (view.members, view.agents, now_ms // 60_000)
        if shown == self._seen:
            return
        self._seen, self._now_ms = shown, now_ms
        self._members, self._agents = tuple(view.members.values()), tuple(view.agents.values())
        self.viewport.hold(bool(self._members) + len(self._agents))
        self.repaint()

    def title_detail(self) -> str:
        """Count people and agents."""
        return " · ".join(
            (
                count_of(len(self._members), "person", "people"),
                count_of(len(self._agents), "agent", "agents"),
            )
        )

    def empty_text(self) -> str:
        """Say that nobody is here."""
        return "Nobody is here yet."

    def item_lines(self, item: int, width: int) -> Sequence[Line]:
        """Paint the people, or one agent."""
        if self._members and item == 0:
            return self._people(width)
        return [fit(self._agent(self._agents[item - bool(self._members)], width), width)]

    def brief(self) -> str:
        """Count with the signs people and agents carry."""
        return f"●{len(self._members)} {AGENT_MARK}{len(self._agents)}"

    def _people(self, width: int) -> list[Line]:
        lines: list[list[Piece]] = [[]]
        for member in self._members:
            person: list[Piece] = [("● ", STYLES["good"]), (member.name, name_style(member.name))]
            if member.role:
                person.append((f" {member.role}", STYLES["faint"]))
            if lines[-1] and width_of(lines[-1]) + len(_BETWEEN) + width_of(person) > width:
                lines.append([])
            elif lines[-1]:
                lines[-1].append((_BETWEEN, STYLES["text"]))
            lines[-1] += person
        return [fit(line, width) for line in lines]

    def _agent(self, agent: Agent, width: int) -> list[Piece]:
        glyph, look = STATUS_LOOK.get(agent.status, ("·", "faint"))
        name = [(f"{AGENT_MARK} ", name_style(agent.name)), (agent.name, name_style(agent.name))]
        state = agent.status.replace("_", " ")
        progress = "" if agent.progress is None else f" {agent.progress}%"
        left = [
            *fit(name, min(_NAME_CELLS, width // 2) + 2),
            (f" {glyph} {state}", STYLES[look]),
            (progress, STYLES["quiet"]),
        ]
        if agent.task_id and width_of(left) + 12 < width:
            left.append((f"  {agent.task_id}", STYLES["faint"]))
        return apart(left, [(age(self._now_ms - agent.since_ms), STYLES["faint"])], width)
