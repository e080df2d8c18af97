"""A working day in a room, as publishers send it: a few people and agents, nobody says anything twice.

The mix is that of a busy team: chat 45 %, tasks 20 %, commits 20 %, statuses 15 %. Words are cut from the
prose of Python's own documentation, so that they compress as prose does, and each is used once: who sends the
same words again flatters every compression.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pydoc_data.topics import topics  # type: ignore[import-untyped, unused-ignore]
from typing import Any

_PEOPLE = ("alice", "bob", "carol-lin", "dmitri")
_AGENTS = ("Claude", "Codex", "Gemini-Dev", "Llama Local", "Mistral")
_STATUSES = ("idle", "thinking", "executing", "testing", "committing", "waiting_approval")
_KINDS = ("feat", "fix", "docs", "test", "refactor", "perf")
_PLACES = ("relay", "delivery", "gateway", "screen", "storage", "cli", "state", "widgets")
_ENDINGS = (".py", ".py", ".py", ".md", ".toml", ".tcss")
_WORD = re.compile(r"[A-Za-z][a-z]*(?:['’-][a-z]+)*")


class Workday:
    """The day of one seed."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._words = self._prose()
        self._tasks: list[tuple[str, str]] = []
        self._status = dict.fromkeys(_AGENTS, "idle")
        self._number = 100

    def pause_s(self, per_minute: float) -> float:
        """Return the seconds until the next of so many a minute: arrivals are Poisson's."""
        return self._draw.expovariate(per_minute / 60)

    def event(self) -> dict[str, Any]:
        """Return the next event to publish."""
        draw = self._draw
        makers = (self._chat, self._task, self._commit, self._change)
        return draw.choices(makers, weights=(45, 20, 20, 15))[0]()

    def _prose(self) -> Iterator[str]:
        """Yield every passage of a few hundred words, in an order of this day's own, word by word."""
        words = _WORD.findall(" ".join(topics.values()))
        passages = [words[start : start + 300] for start in range(0, len(words), 300)]
        self._draw.shuffle(passages)
        for passage in passages:
            yield from passage

    def _say(self, fewest: int, most: int) -> str:
        try:
            return " ".join(next(self._words) for _ in range(self._draw.randint(fewest, most)))
        except RuntimeError:
            raise AssertionError("the day is longer than its words: nobody may say anything twice") from None

    def _chat(self) -> dict[str, Any]:
        is_agent = self._draw.random() < 0.5
        return {
            "type": "chat.public",
            "author": self._draw.choice(_AGENTS if is_agent else _PEOPLE),
            "author_type": "agent" if is_agent else "human",
            "content": self._say(4, 28).capitalize() + ".",
        }

    def _task(self) -> dict[str, Any]:
        draw = self._draw
        step = draw.random()
        if self._tasks and step < 0.3:
            task_id, title = draw.choice(self._tasks)
            agent = draw.choice(_AGENTS)
            return {"type": "agent.claimed_task", "agent_name": agent, "task_id": task_id, "title": title}
        if self._tasks and step < 0.6:
            task_id, title = self._tasks.pop(draw.randrange(len(self._tasks)))
            agent = draw.choice(_AGENTS)
            return {"type": "task.completed", "task_id": task_id, "title": title, "agent_name": agent}
        self._number += 1
        task_id, title = f"T-{self._number}", self._say(4, 9).capitalize()
        self._tasks.append((task_id, title))
        return {"type": "task.created", "task_id": task_id, "title": title, "creator": draw.choice(_PEOPLE)}

    def _commit(self) -> dict[str, Any]:
        draw = self._draw
        place = draw.choice(_PLACES)
        files = [
            f"{self._say(1, 1).lower()}_{self._say(1, 1).lower()}{draw.choice(_ENDINGS)}"
            for _ in range(draw.randint(1, 3))
        ]
        return {
            "type": "git.commit",
            "sha": f"{draw.getrandbits(28):07x}",
            "message": f"{draw.choice(_KINDS)}({place}): {self._say(4, 8).lower()}",
            "branch": draw.choice(("main", f"feat/{place}")),
            "author": draw.choice((*_PEOPLE, *_AGENTS)),
            "files_changed": files,
            "additions": draw.randint(1, 240),
            "deletions": draw.randint(0, 90),
        }

    def _change(self) -> dict[str, Any]:
        draw = self._draw
        agent = draw.choice(_AGENTS)
        status = draw.choice([status for status in _STATUSES if status != self._status[agent]])
        self._status[agent] = status
        event = {"type": "agent.status_change", "agent_name": agent, "status": status}
        if self._tasks and draw.random() < 0.5:
            event["task_id"] = draw.choice(self._tasks)[0]
        return event
