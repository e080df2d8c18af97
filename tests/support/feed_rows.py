"""Rows for feeds, and a strategy that writes them in stretches, as rooms do: pushes, statuses, talk."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from clawtank_tui.state.model import Row, RowKind

NOON_MS = 1_771_329_600_000
MINUTE_MS = 60_000


def row(kind: str, at_ms: int = NOON_MS, **fields: Any) -> Row:
    """Return an event's row."""
    return Row(at_ms, RowKind.EVENT, kind, "", MappingProxyType(fields))


def commit(
    number: int = 0,
    author: str = "Claude",
    branch: str = "main",
    at_ms: int = NOON_MS,
    more: str = "",
) -> Row:
    """Return a commit's row, with a subject that has its number."""
    told = {"sha": f"{number:07x}", "message": f"subject {number}{more}", "author": author, "branch": branch}
    return row("git.commit", at_ms, **told, additions=number, deletions=1)


def status(word: str = "testing", agent: str = "Claude", at_ms: int = NOON_MS, **fields: Any) -> Row:
    """Return a status's row."""
    return row("agent.status_change", at_ms, agent_name=agent, status=word, **fields)


def said(words: str, at_ms: int = NOON_MS) -> Row:
    """Return the row of somebody's words."""
    return row("chat.public", at_ms, author="alice", author_type="human", content=words)


@st.composite
def stretches(draw: st.DrawFn, at_ms: int = NOON_MS) -> list[Row]:
    """Write up to nine rows of one sort, a few seconds apart, sometimes much longer."""
    who = draw(st.sampled_from(["Claude", "Codex"]))
    branch = draw(st.sampled_from(["main", "storage"]))
    more = draw(st.sampled_from(["", " and so on" * 6]))
    sort = draw(st.sampled_from(["git.commit", "git.commit", "agent.status_change", "chat.public"]))
    rows = []
    for number in range(draw(st.integers(1, 9))):
        at_ms += draw(st.sampled_from([1000, 1000, 1000, 45 * MINUTE_MS]))
        match sort:
            case "git.commit":
                rows.append(commit(number, who, branch, at_ms, more))
            case "agent.status_change":
                rows.append(status("testing", who, at_ms))
            case _:
                rows.append(said("word " * draw(st.integers(1, 40)), at_ms))
    return rows
