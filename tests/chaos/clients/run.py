"""The run with other people's clients: who is started, what goes on meanwhile, and the verdict."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from chaos.clients.lines import MISTAKE, Record, Records
from chaos.clients.programs import PROGRAMS
from chaos.clients.tides import Tides
from chaos.events import PUBLISHERS, Mark
from chaos.journal import Entry, position
from chaos.judge import Truth, Verdict, judge_each
from chaos.load import Api, Host, Worker, create_room, history
from chaos.run import LIMITS, ROOM, SETTINGS
from chaos.viewer import Viewer
from support.relay_process import RelayProcess

if TYPE_CHECKING:
    from chaos.clients.kinds import Kind

_OTHERS = 8
"""Viewers that come, go, chat and change their minds beside the clients."""
_STAY_S = 2.5
"""How long a client stays at least: longer than the longest batch takes, and than silence is kept."""
_MISTAKE_S = 1.7
_CALM_S = 60.0


@dataclass(slots=True)
class Result:
    """What a run was.

    Attributes:
        records: What each client was given.
        verdicts: What the judge makes of each one's, by its name, the others' too.
        events: How many were acknowledged.
        changes: Settings that the host changed.
        wrong: What went wrong besides.
    """

    records: list[Record]
    verdicts: dict[str, Verdict]
    events: int
    changes: int
    wrong: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everybody was given everything."""
        return not self.wrong and not any(verdict.breaches for verdict in self.verdicts.values())


class Others(threading.Thread):
    """Our own viewers, with an event loop of their own: the room is never as empty as three clients."""

    def __init__(self, port: int, seed: int) -> None:
        """Bind them; they watch as long as the `with` lasts."""
        super().__init__(daemon=True)
        self.viewers = [Viewer(number, ROOM, seed) for number in range(_OTHERS)]
        self._port = port
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._watching.cancel)
        self.join(_CALM_S)
        self._loop.close()

    def run(self) -> None:
        """Watch until the end."""
        self._watching = self._loop.create_task(self._watch())
        try:
            self._loop.run_until_complete(self._watching)
        except asyncio.CancelledError:
            return

    async def _watch(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for viewer in self.viewers:
                tasks.create_task(viewer.watch(self._port))


def run(kinds: list[Kind], seconds: float, seed: int, data: Path, say: Callable[[str], None]) -> Result:
    """Let the clients watch for so long."""
    relay = RelayProcess.start(data, limits=LIMITS)
    try:
        result = _watched(relay, kinds, seconds, seed, say)
        relay.stop()
    finally:
        if relay.running:
            relay.kill()
    if '"level": "error"' in relay.stderr:
        result.wrong.append(f"the relay's log has errors: {relay.stderr[-2000:]}")
    return result


def _watched(
    relay: RelayProcess, kinds: list[Kind], seconds: float, seed: int, say: Callable[[str], None]
) -> Result:
    made = create_room(relay.port, ROOM, relay.operator_token, SETTINGS)
    publishers = [
        Tides(number, ROOM, made["publish_token"], Api(relay.port), seed, longest_s=seconds / 4)
        for number in range(PUBLISHERS)
    ]
    host = Host(ROOM, made["host_token"], Api(relay.port), seed, every_s=max(1.0, seconds / 60))
    threads: list[Worker] = [host, *publishers]
    records = Records(kinds)
    task = {
        "url": f"{relay.ws_url}/spectate/{ROOM}",
        "mistake": MISTAKE,
        "mistake_every_s": _MISTAKE_S,
        "stay_s": (_STAY_S, max(_STAY_S + 1, min(60.0, seconds / 3))),
    }
    wrong: list[str] = []
    with ExitStack() as stack:
        for maker, program in PROGRAMS.items():
            own = [kind.data() for kind in kinds if kind.maker == maker]
            if own:
                stack.enter_context(program({**task, "kinds": own}, records.take))
        others = stack.enter_context(Others(relay.port, seed))
        for thread in threads:
            thread.start()
        began_s = time.monotonic()
        while (left_s := seconds - (time.monotonic() - began_s)) > 0:
            time.sleep(min(left_s, 60.0))
            published = sum(len(one.sent_ms) for one in publishers)
            say(f"{time.monotonic() - began_s:4.0f} s: {published:,} events so far")
        for viewer in others.viewers:
            viewer.rest()
        for thread in threads:
            thread.stop()
            thread.join(_CALM_S)
            if thread.is_alive() or thread.wrong:
                wrong.append(f"{thread.name}: {thread.wrong or 'was not answered'}")
        end = max(position(one.cursor)[1] for one in publishers)
        late = _late(records, others, end)
        wrong += [f"{name} is not at the end of the room" for name in late]
    sent_ms = {mark: ms for one in publishers for mark, ms in one.sent_ms.items()}
    repeats = set[Mark]().union(*(one.repeats for one in publishers))
    truth = Truth(history(relay.port, ROOM), sent_ms, end, host.switches, repeats)
    journals: dict[str, list[Entry]] = {record.kind.name: record.journal for record in records}
    journals |= {str(viewer): viewer.journal for viewer in others.viewers}
    for record in records:
        wrong += [f"{record.kind.name}: {failure}" for failure in record.failures]
    wrong += [f"{viewer} had {name}" for viewer in others.viewers for name in viewer.counts if ":" in name]
    return Result(list(records), judge_each(truth, journals), len(sent_ms), host.changes, wrong)


def _late(records: Records, others: Others, end: int) -> list[str]:
    """Wait for everybody to come to the end of the room; return who did not."""
    until_s = time.monotonic() + _CALM_S
    while True:
        late = [record.kind.name for record in records if not record.has_reached(end)]
        late += [str(viewer) for viewer in others.viewers if not viewer.has_reached(f"-{end}")]
        if not late or time.monotonic() > until_s:
            return late
        time.sleep(0.1)
