"""What a crowd that writes costs the relay, and those who only want to see what happens in the room.

    PYTHONPATH=tests python -m bench.chatters --chatters 500 --rate 5 --rounds 3

Two floods, one after the other in each round: every chatter tries far more than it may, and every chatter
writes exactly as much as it may. Half of them are anonymous and half registered; the room's limits are the
default ones, and the relay's own for one address are off, since all come from one. Meanwhile events are
published, and other viewers measure how late they arrive, alone and then beside the chatters: without the
chat in the first flood, with it in the second. It is an error if a message's author is not told what became
of it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from bench.peers import RELAY, Server, relay
from bench.table import Target, machine, markdown, verdicts
from bench.usage import Usage
from bench.viewers import Conversation, Got, Incomplete, allow_files, viewers
from bench.work import publish
from support.clients import Api
from support.operating import figures

EVENTS_S = 20.0
READERS = 100
"""Viewers that measure."""
WARM_S = 4.0
"""Until the relay has adapted to the events."""
ALONE_S = 15.0
LOOKS_S = (10.0, 30.0, 60.0)
"""When memory is looked at, in seconds since the chatters began; they stop with the last."""
ANSWER_S = 20.0
"""How long the last answers may take."""
_NO_CHAT = json.dumps(
    {"type": "spectator.connect", "data": {"client_info": {"capabilities": ["activity"]}}},
    separators=(",", ":"),
)
_LAG = "clawtank_event_loop_lag_seconds"


@dataclass(frozen=True)
class Flood:
    """What the chatters do.

    Attributes:
        name: As the table shows it.
        rate: Messages a second that each tries; 0: what it may.
        chat: Whether those who measure are sent the chat, too.
    """

    name: str
    rate: float
    chat: bool


@dataclass(frozen=True)
class Heard:
    """What became of what the chatters wrote, as `bench.voices` tells it."""

    tried: int
    shown: int
    held: int
    refused: dict[str, int]
    delivered: int
    closed: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Run:
    """One flood in one round.

    Attributes:
        heard: What became of the messages.
        alone: How the events arrived without chatters.
        beside: The same next to them, up to each of the looks; up to the first, their bursts last.
        cpu_s: CPU time of the relay for each second of the flood, that of the events alone taken off.
        kib: Resident memory before, and at each of the looks.
        lag_s: How late the event loop ran at each of the looks.
    """

    heard: Heard
    alone: Got
    beside: Sequence[Got]
    cpu_s: float
    kib: Sequence[float]
    lag_s: Sequence[float]

    @property
    def growth_mib(self) -> float:
        """What memory grew by between the last two looks."""
        return (self.kib[-1] - self.kib[-2]) / 1024


class Voices:
    """The chatters of one relay, all in one process."""

    def __init__(self, conversation: Conversation, tokens: Sequence[str]) -> None:
        self._conversation = conversation
        conversation.ask(json.dumps(list(tokens)), 180)

    def talk(self, rate: float) -> None:
        """Let each of them begin to try so many messages a second; 0: as many as it may."""
        self._conversation.ask(f"talk {rate}", 10)

    def hush(self) -> Heard:
        """Stop them, and return what became of all they wrote.

        Raises:
            Incomplete: If that is not known of a message, or somebody was disconnected.
        """
        heard = Heard(**self._conversation.ask(f"hush {ANSWER_S}", ANSWER_S + 30))
        if heard.closed or heard.tried != heard.shown + heard.held + sum(heard.refused.values()):
            raise Incomplete(f"chatters: not every message was answered once: {heard}")
        return heard


@contextmanager
def voices(server: Server, count: int) -> Iterator[Voices]:
    """Let chatters in, as many of them registered as the server has tokens; they go when the `with` ends."""
    tokens = [*server.tokens, *[""] * (count - len(server.tokens))]
    command = [sys.executable, "-m", "bench.voices", "--port", str(server.port), "--path", server.path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Voices(Conversation(process, "chatters"), tokens)
        finally:
            process.kill()


def measure(
    flood: Flood,
    chatters: int,
    readers: int = READERS,
    alone_s: float = ALONE_S,
    looks_s: Sequence[float] = LOOKS_S,
    warm_s: float = WARM_S,
) -> Run:
    """Run one flood once.

    Raises:
        Incomplete: If a message was not answered, or a reader missed an event or got one twice.
    """
    reader = RELAY if flood.chat else replace(RELAY, hello=_NO_CHAT)
    more_limits = {"chat_messages_per_minute": 0}
    with (
        relay(more_limits=more_limits, registered=chatters // 2) as server,
        Api(f"http://127.0.0.1:{server.port}") as api,
        viewers(server, reader, readers) as crowd,
        voices(server, chatters) as choir,
    ):
        usage = Usage(server.pid)

        def after(seconds: float) -> int:
            """Publish for so long; return how many events."""
            count = round(EVENTS_S * seconds)
            publish(server, EVENTS_S, count)
            return count

        crowd.reset()
        crowd.expect(after(warm_s))
        crowd.reset()
        before_us = usage.cpu_us()
        alone = crowd.expect(after(alone_s))
        alone_cpu_s = (usage.cpu_us() - before_us) / 1e6 / alone_s
        crowd.reset()
        kib, lag_s, got, before_us = [usage.resident_kib()], [], [], usage.cpu_us()
        choir.talk(flood.rate)
        for begin_s, end_s in ((0.0, looks_s[0]), *pairwise(looks_s)):
            got.append(crowd.expect(after(end_s - begin_s)))
            crowd.reset()
            kib.append(usage.resident_kib())
            lag_s.append(figures(api)[_LAG])
        heard = choir.hush()
        cpu_s = (usage.cpu_us() - before_us) / 1e6 / heard.seconds - alone_cpu_s
    return Run(heard, alone, got, cpu_s, kib, lag_s)


def report(runs: dict[Flood, list[Run]]) -> str:
    """Return the table, a column for each flood, and the verdicts."""
    columns = [[_figures(run) for run in some] for some in runs.values()]
    names = dict.fromkeys(name for column in columns for one in column for name in one)
    rows: list[list[str | float | None]] = [
        [name, *(median(one.get(name, 0.0) for one in column) for column in columns)] for name in names
    ]
    aims = []
    for flood, some in runs.items():
        aims += [
            Target(f"{flood.name}: 99 % of events within", _median(some, "events: p99 ms beside"), 100, "ms"),
            Target(f"{flood.name}: 95 % of events within", _median(some, "events: p95 ms beside"), 250, "ms"),
            Target(
                f"{flood.name}: 95 % while they begin",
                _median(some, "events: p95 ms while they begin"),
                250,
                "ms",
            ),
            Target(f"{flood.name}: growth of memory, 30 s to 60 s", _median(some, "growth MiB"), 5, "MiB"),
        ]
    return f"{markdown(['', *(flood.name for flood in runs)], rows)}\n\n{verdicts(aims)}"


def _median(runs: Sequence[Run], figure: str) -> float:
    return median(_figures(run)[figure] for run in runs)


def _figures(run: Run) -> dict[str, float]:
    heard, seconds = run.heard, run.heard.seconds
    at = ("before", *(f"after {look_s:g} s" for look_s in LOOKS_S))
    return {
        "messages tried/s": heard.tried / seconds,
        "shown/s": heard.shown / seconds,
        "held/s": heard.held / seconds,
        **{f"refused/s, {code}": count / seconds for code, count in sorted(heard.refused.items())},
        "chat deliveries/s": heard.delivered / seconds,
        "answer: p50 ms": heard.p50_ms,
        "answer: p99 ms": heard.p99_ms,
        **{
            f"events: {share} ms {when}": max(getattr(got, f"{share}_ms") for got in some)
            for share in ("p50", "p95", "p99")
            for when, some in (
                ("alone", [run.alone]),
                ("while they begin", run.beside[:1]),
                ("beside", run.beside[1:]),
            )
        },
        "CPU of the relay, % of a core": run.cpu_s * 100,
        "µs/message tried": run.cpu_s * 1e6 * seconds / heard.tried,
        "µs/message shown": run.cpu_s * 1e6 * seconds / max(heard.shown, 1),
        "loop lag ms, at worst": max(run.lag_s) * 1000,
        **{f"MiB {when}": kib / 1024 for when, kib in zip(at, run.kib, strict=True)},
        "growth MiB": run.growth_mib,
    }


def compare(chatters: int, rate: float, rounds: int) -> str:
    """Measure; return this part of the report.

    Raises:
        Incomplete: If a message was not answered, or a reader missed an event or got one twice.
    """
    allow_files(chatters + READERS)
    runs: dict[Flood, list[Run]] = {
        Flood(f"each tries {rate:g}/s", rate, chat=False): [],
        Flood("each as it may", 0.0, chat=True): [],
    }
    for _ in range(rounds):
        for flood, some in runs.items():
            some.append(measure(flood, chatters))
    load = f"{chatters} chatters, {READERS} readers, {EVENTS_S:g} events/s, {rounds} rounds"
    return f"{load}; {machine()}\n\n{report(runs)}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.chatters", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chatters", type=int, default=500, help="viewers that write (default 500)")
    parser.add_argument(
        "--rate", type=float, default=5.0, help="messages a second that each tries (default 5)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="of both floods (default 3)")
    parser.add_argument("--quick", action="store_true", help="a few for a moment: completeness only")
    asked = parser.parse_args()
    try:
        if asked.quick:
            measure(Flood("quick", asked.rate, chat=True), 10, 10, 0.2, (0.5, 1.0), 0.2)
            print("every message was answered once, every reader got every event once")
        else:
            print(compare(asked.chatters, asked.rate, asked.rounds))
    except Incomplete as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
