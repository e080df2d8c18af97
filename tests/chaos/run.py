"""One run: a relay that dies and comes back, its publishers, its host, its viewers, and the verdict."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from chaos.events import PUBLISHERS, Mark
from chaos.faults import End, fate
from chaos.journal import position
from chaos.judge import Truth, Verdict, judge
from chaos.load import Api, Host, Publisher, Worker, create_room, history
from chaos.proxy import Proxy
from chaos.viewer import Viewer
from support.relay_process import UNLIMITED, RelayProcess

ROOM = "storm"
LIMITS = {**UNLIMITED, "events_per_minute": 0, "chat_messages_per_minute": 0, "keepalive_s": 1}
SETTINGS = {
    "maxSpectators": 10_000,
    "logInteractions": True,
    "spectatorChat": {
        "moderation": {"autoFilter": False},
        "rateLimit": {"messagesPerMinute": 600, "burstLimit": 100},
    },
}
_CALM_S = 60.0
"""How long everybody has, once the storm is over, to be where the room is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to be."""

    viewers: int
    kills: int
    seconds: float
    rate: float
    seed: int


@dataclass(slots=True)
class Result:
    """What it was.

    Attributes:
        verdict: The judgement.
        cuts: Connections that were broken while they were used.
        faults: What the proxy did, by name.
        kills: How often the relay was killed.
        events: How many were acknowledged.
        retries: Publishers' calls that had to be made again.
        changes: Settings that the host changed.
        viewers: What happened to the viewers, by name.
        wrong: What went wrong besides, one sentence each.
    """

    verdict: Verdict
    cuts: int
    faults: Counter[str]
    kills: int
    events: int
    retries: int
    changes: int
    viewers: Counter[str]
    wrong: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nobody was wronged."""
        return not (self.verdict.breaches or self.wrong)


class _Storm:
    """A run while it lasts."""

    def __init__(self, plan: Plan, data: Path, say: Callable[[str], None]) -> None:
        self._plan, self._data, self._say = plan, data, say
        self._relay = self._start()
        made = create_room(self._relay.port, ROOM, self._relay.operator_token, SETTINGS)
        self._apis = [Api(self._relay.port) for _ in range(PUBLISHERS + 1)]
        each_rate = plan.rate / PUBLISHERS
        self._publishers = [
            Publisher(number, ROOM, made["publish_token"], self._apis[number], plan.seed, each_rate)
            for number in range(PUBLISHERS)
        ]
        self._host = Host(ROOM, made["host_token"], self._apis[-1], plan.seed, plan.seconds / 40)
        self._viewers = [
            # One watches from beside the proxy: only the kills concern it.
            Viewer(number, ROOM, plan.seed, is_witness=number == 0)
            for number in range(plan.viewers)
        ]
        self._wrong: list[str] = []

    def _start(self, port: int = 0) -> RelayProcess:
        return RelayProcess.start(self._data, limits=LIMITS, port=port)

    async def rage(self) -> Result:
        """Run, and judge."""
        plan = self._plan
        patience_s = min(40.0, plan.seconds / 4)
        async with asyncio.TaskGroup() as tasks:
            proxy = Proxy(self._relay.port, partial(fate, plan.seed, patience_s=patience_s), tasks)
            await proxy.open()
            watching = [
                tasks.create_task(
                    viewer.watch(self._relay.port if viewer is self._viewers[0] else proxy.port)
                )
                for viewer in self._viewers
            ]
            threads: list[Worker] = [self._host, *self._publishers]
            for thread in threads:
                thread.start()
            await self._kill_now_and_then()
            proxy.be_kind()
            for viewer in self._viewers:
                viewer.rest()
            for thread in threads:
                thread.stop()
                await asyncio.to_thread(thread.join, _CALM_S)
                if thread.is_alive() or thread.wrong:
                    self._wrong.append(f"{thread.name}: {thread.wrong or 'was not answered'}")
            await self._until_all_are_there()
            for task in watching:
                task.cancel()
            proxy.close()
        result = await asyncio.to_thread(self._judge, proxy)
        self._relay.stop()
        if '"level": "error"' in self._relay.stderr:
            result.wrong.append(f"the relay's log has errors: {self._relay.stderr[-2000:]}")
        return result

    def abandon(self) -> None:
        """Leave no relay behind, whatever happened."""
        if self._relay.running:
            self._relay.kill()

    async def _kill_now_and_then(self) -> None:
        plan = self._plan
        chance = random.Random(f"{plan.seed}/kills")
        # Not in the first moment, and not in the last.
        times = sorted(chance.uniform(0.1, 0.9) * plan.seconds for _ in range(plan.kills))
        began_s = time.monotonic()
        for number, kill_s in enumerate([*times, plan.seconds]):
            await asyncio.sleep(max(0.0, kill_s - (time.monotonic() - began_s)))
            if number == plan.kills:
                return
            await asyncio.to_thread(self._relay.kill)
            self._relay = await asyncio.to_thread(self._start, self._relay.port)
            acknowledged = sum(len(publisher.sent_ms) for publisher in self._publishers)
            self._say(f"{time.monotonic() - began_s:4.0f} s: killed, {acknowledged:,} events so far")

    async def _until_all_are_there(self) -> None:
        """Wait for every viewer to stand at the room's last position, or past it."""
        cursors = [publisher.cursor for publisher in self._publishers]
        try:
            async with asyncio.timeout(_CALM_S):
                for viewer in self._viewers:
                    for cursor in cursors:
                        await viewer.reaches(cursor)
        except TimeoutError:
            late = [str(one) for one in self._viewers if not all(map(one.has_reached, cursors))]
            self._wrong.append(f"not at the end of the room: {', '.join(late)}")

    def _judge(self, proxy: Proxy) -> Result:
        log = history(self._relay.port, ROOM)
        sent_ms = {mark: ms for one in self._publishers for mark, ms in one.sent_ms.items()}
        end = max(position(one.cursor)[1] for one in self._publishers)
        repeats = set[Mark]().union(*(one.repeats for one in self._publishers))
        truth = Truth(log, sent_ms, end, self._host.switches, repeats)
        verdict = judge(truth, {str(viewer): viewer.journal for viewer in self._viewers})
        counts = sum((viewer.counts for viewer in self._viewers), Counter[str]())
        self._wrong += [
            f"{count} viewers' connections had {name}" for name, count in counts.items() if ":" in name
        ]
        return Result(
            verdict=verdict,
            cuts=sum(proxy.counts[end] for end in End),
            faults=proxy.counts,
            kills=self._plan.kills,
            events=len(sent_ms),
            retries=sum(api.retries for api in self._apis),
            changes=self._host.changes,
            viewers=counts,
            wrong=self._wrong,
        )


def run(plan: Plan, data: Path, say: Callable[[str], None] = lambda _: None) -> Result:
    """Run once, over a data directory of its own."""
    storm = _Storm(plan, data, say)
    try:
        return asyncio.run(storm.rage())
    finally:
        storm.abandon()
