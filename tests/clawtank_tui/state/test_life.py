"""Locks: whoever stays sees the tasks, agents and people that whoever comes is welcomed with."""

from hypothesis import given, settings
from hypothesis import strategies as st

from clawtank_tui.state.model import RoomInfo, ViewState
from clawtank_tui.state.reducer import reduce
from relay.protocol.events import AGENT_STATUSES, EVENT_TYPES
from relay.protocol.times import format_instant
from relay.rooms.state import RoomState
from support.fake_relay import EPOCH, activity, event, welcome

NOW_MS = 1_771_329_600_000
EMPTY = ViewState(RoomInfo("room"))

AGENTS = st.sampled_from(["Claude", "Gemini"])
TASKS = st.sampled_from(["T1", "T2"])
TITLES = st.sampled_from(["Scaffold", "Write the README"])


def optional(**fields):
    return st.fixed_dictionaries({}, optional=fields)


def of(kind, needed, **more):
    """Generate events of a type: its needed fields always, the others sometimes."""
    fields = st.tuples(st.fixed_dictionaries(needed), optional(**more))
    return fields.map(lambda parts: (kind, {**parts[0], **parts[1]}))


STATUS = of(
    "agent.status_change",
    {"agent_name": AGENTS, "status": st.sampled_from(AGENT_STATUSES)},
    task_id=TASKS,
    progress=st.integers(0, 100),
)
EVENTS = st.one_of(
    STATUS,
    STATUS,
    STATUS,
    of("task.created", {"task_id": TASKS, "title": TITLES, "creator": AGENTS}, priority=st.just("high")),
    of("agent.claimed_task", {"agent_name": AGENTS, "task_id": TASKS}, agent_owner=AGENTS, title=TITLES),
    of("task.completed", {"task_id": TASKS}, agent_name=AGENTS, title=TITLES),
    of("agent.joined", {"agent_name": AGENTS}, agent_owner=st.sampled_from(["alice", "bob"])),
    of("agent.left", {"agent_name": AGENTS}),
    of("member.joined", {"name": st.sampled_from(["alice", "bob"])}, role=st.just("host")),
    of("member.left", {"name": st.sampled_from(["alice", "bob"])}),
    of("git.commit", {"sha": st.just("a1b2c3d"), "message": TITLES, "author": AGENTS}, task_id=TASKS),
)


@settings(max_examples=300)
@given(st.lists(EVENTS, min_size=5, max_size=40))
def test_staying_and_coming_show_the_same(told):
    room, stayed = RoomState(), reduce(EMPTY, welcome(0), NOW_MS).state
    for seq, (kind, fields) in enumerate(told, start=1):
        at_ms = NOW_MS + 60_000 * seq
        happened = event(seq, kind, **fields) | {"timestamp": format_instant(at_ms)}
        room.apply(seq, at_ms, happened)
        stayed = reduce(stayed, activity(seq - 1, happened), at_ms).state
    came = reduce(EMPTY, welcome(len(told), state=room.snapshot(EVENT_TYPES, EPOCH)), NOW_MS).state

    for part in ("tasks", "agents", "members"):
        assert list(getattr(stayed, part).values()) == list(getattr(came, part).values()), part
