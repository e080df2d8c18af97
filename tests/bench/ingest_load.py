"""What a busy room publishes: 45 % chat, 20 % tasks, 20 % commits, 15 % statuses, 100 to 300 bytes an event.

The same events at every call, none of them twice: each has an id and a time of its own, every text is drawn
anew, and every status is another one than its agent's last.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from relay.protocol.events import AGENT_STATUSES
from relay.protocol.times import format_ms
from support.small_talk import small_talk

_NOON_MS = 1_771_329_600_000
_AGENTS = tuple(f"{name}-{number}" for name in ("Claude", "Codex", "Gemini") for number in range(1, 4))
_PEOPLE = ("Ada Lovelace", "grace", "Linus", "margaret.h", "Ken T.")
_FOLDERS = ("relay/delivery", "relay/screen", "src/components", "tests/unit", "docs")
_SUBJECTS = ("fix", "feat", "refactor", "test", "docs", "perf")
_WORDS = """
add relay parser room event retry agent task merge branch deploy cache queue timeout review handle error
socket client reconnect backoff index search update docs build commit push lint type schema rename race lock
async stream buffer limit budget report summary plan step done the of to for when and with
"""


def load(count: int, *, prefix: str = "e") -> Iterator[dict[str, Any]]:
    """Yield events to publish; another `prefix` makes other ones of the same kinds."""
    draw = random.Random(prefix)
    words, talk = _WORDS.split(), small_talk()
    statuses: dict[str, int] = {}

    def phrase(low: int, high: int) -> str:
        return " ".join(draw.choices(words, k=draw.randint(low, high)))

    for number in range(count):
        head = {"id": f"{prefix}-{number}", "timestamp": format_ms(_NOON_MS + number * 137)}
        agent, task = draw.choice(_AGENTS), f"task-{number // 20}"
        kind = draw.random()
        if kind < 0.45:
            content = f"{draw.choice(talk)} {number} {phrase(4, 24)}"
            author, author_type = (agent, "agent") if draw.random() < 0.7 else (draw.choice(_PEOPLE), "human")
            yield {
                "type": "chat.public", **head,
                "author": author, "author_type": author_type, "content": content,
            }  # fmt: skip
        elif kind < 0.52:
            title = f"{phrase(4, 9)} ({number})"
            yield {"type": "task.created", **head, "task_id": task, "title": title, "creator": "Ada Lovelace"}
        elif kind < 0.59:
            yield {"type": "agent.claimed_task", **head, "agent_name": agent, "task_id": task}
        elif kind < 0.65:
            yield {"type": "task.completed", **head, "task_id": task, "agent_name": agent}
        elif kind < 0.85:
            files = [
                f"{draw.choice(_FOLDERS)}/{draw.choice(words)}_{draw.choice(words)}.py"
                for _ in range(draw.randint(1, 4))
            ]
            yield {
                "type": "git.commit", **head,
                "sha": f"{draw.getrandbits(160):040x}",
                "message": f"{draw.choice(_SUBJECTS)}: {phrase(4, 9)}",
                "branch": f"feature/{draw.choice(words)}", "author": agent, "files_changed": files,
                "additions": draw.randint(1, 200), "deletions": draw.randint(0, 90),
            }  # fmt: skip
        else:
            place = statuses[agent] = statuses.get(agent, 0) + 1
            status = AGENT_STATUSES[place % len(AGENT_STATUSES)]
            yield {
                "type": "agent.status_change",
                **head,
                "agent_name": agent,
                "status": status,
                "task_id": task,
            }
