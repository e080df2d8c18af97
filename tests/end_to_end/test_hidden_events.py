"""Nothing of what is hidden leaves: published one evening, searched for at every outlet."""

from collections.abc import Iterator
from typing import Any

import pytest

from relay.protocol.events import EVENT_TYPES
from relay.screen.models import FIELDS_OF
from support.canary import GOOD
from support.clients import Api, watching
from support.evening import ROOM, Evening, Event, Place, logged, mark, of_types, said, spent, wire
from support.operating import offer
from support.relay_process import RelayProcess
from support.rooms import Room

SPECTATORS = 731_947
HIDDEN_WORD = "hush5e1dproject"
"""Settings' values that nothing else has."""


def person(name: str, m: str) -> Event:
    inner = {"email": f"{m}@example.org", "addresses": [m, {"ip": m}], "phone": m}
    return {"display_name": name, "name": m, "id": m, "user_id": m, "avatar_url": f"https://{m}/", **inner}


def commit(**fields: Any) -> Event:
    return {"type": "git.commit", "sha": "a1b2c3d", "message": "fine", "author": "alice", **fields}


TRACES = {
    "python": 'Traceback (most recent call last):\n  File "/srv/{m}.py", line 3, in go\n    {m}()\n'
    "ValueError: {m}",
    "node": "TypeError: {m} is not a function\n    at {m} (/srv/a.js:3:7)\n    at main (/srv/b.js:1:1)",
    "java": 'Exception in thread "main" java.lang.IllegalStateException: {m}\n'
    "\tat com.acme.{m}.go(A.java:1)\n\tat com.acme.Main.main(Main.java:3)\n"
    "Caused by: java.io.IOException: {m}\n\t... 2 more",
    "go": "panic: {m}\n\ngoroutine 1 [running]:\nmain.{m}(0x1)\n\t/srv/main.go:8 +0x1d\nmain.main()\n"
    "\t/srv/main.go:3 +0x20\nexit status 2",
}
HUNK = "diff --git a/{m}.py b/{m}.py\n--- a/{m}.py\n+++ b/{m}.py\n@@ -1,2 +1,2 @@\n a\n-{m}_old\n+{m}_new"


def _hide_1(place: Place, m: str) -> list[Event]:
    closed = ("private", "room_only", "direct", "dm", None)
    human = {"author": person("Hugo", m), "content": {"text": m}}
    direct = {"visibility": "direct"}
    return [
        *(said(m, author="Hugo", visibility=visibility) for visibility in closed),
        *(wire("chat.human_message", **human, visibility=visibility) for visibility in closed),
        wire("chat.human_message", **human),
        *(logged("chat.message", text=m, visibility=visibility) for visibility in closed),
        wire(
            "chat.human_message", author=human["author"], content={"text": m, **direct}, visibility="public"
        ),
        {**wire("chat.human_message", **human, visibility="public"), **direct},
        {**wire("chat.human_message", **human, visibility="public"), "metadata": direct},
        wire("task.created", task_id="t1", title=m, creator=human["author"], **direct),
        {**logged("git.commit", sha="a1b2c3d", message=m), **direct},
        {**said(m), "data": direct},
        *of_types(m, "chat.private", "chat.direct", "chat.room_only", "chat.dm", "dm", "message.direct"),
    ]


def _hide_2(place: Place, m: str) -> list[Event]:
    thought = {"reasoning": m, "prompt": m, "confidence_level": m, "chain_of_thought": [m]}
    agent = {"agent": {"display_name": "Claude", "system_prompt": m}, "visibility": "public"}
    return [
        *of_types(m, "agent.reasoning", "agent.thought", "agent.prompt", "llm.prompt", "llm.completion"),
        *(
            wire("chat.agent_message", **agent, content={"text": m, "message_type": kind})
            for kind in ("reasoning", "thinking", "tool_call", "tool_result")
        ),
        said("fine", **thought),
        wire("chat.agent_message", **agent, content={"text": "fine", **thought}),
        logged("agent.thinking", agent={"display_name": "Claude"}, thought=m, **thought),
    ]


def _hide_3(place: Place, m: str) -> list[Event]:
    detail = {"detail": m, "error": {"message": m, "stack": [m]}, "text": m, "message": m, "diagnostics": m}
    return [
        *of_types(m, "error", "agent.crashed", "agent.diagnostics", "task.failed"),
        {"type": "agent.error", **detail},
        logged("agent.error", agent={"display_name": "Ernie"}, **detail),
        {"type": "agent.status_change", "agent_name": "Bert", "status": "error", **detail},
    ]


def _hide_4(place: Place, m: str) -> list[Event]:
    someone = person("Petra", m)
    return [
        wire("chat.human_message", author=someone, content={"text": "fine"}, visibility="public"),
        wire("task.created", task_id="t4", title="fine", creator=someone),
        wire("git.pr_merged", pull_request={"number": 4, "title": "fine"}, merge_info={"merged_by": someone}),
        logged("participant.joined", user=someone, ip=m, session={"user_agent": m}),
        commit(author=f"Petra <{m}@example.org>", author_email=m, committer=someone),
        said("fine", user=someone, user_id=m, email=m, avatar=m, ip_address=m),
        said("fine", author=someone),
    ]


def _hide_6(place: Place, m: str) -> list[Event]:
    cost = {"cost": m, "cost_usd": m, "tokens": {"input": m, "output": m}, "usage": [m], "billing": m}
    return [
        *of_types(m, "usage.tokens", "usage.cost", "billing.invoice", "api.call", "agent.usage"),
        said("fine", **cost),
        {"type": "agent.status_change", "agent_name": "Claude", "status": "testing", **cost},
        wire("task.completed", task_id="t6", agent={"display_name": "Claude", **cost}, **cost),
    ]


def _hide_7(place: Place, m: str) -> list[Event]:
    hunk = HUNK.format(m=m)
    nested = {"changes": {"diff": hunk, "files_modified": [{"path": "a.py", "patch": hunk}]}, "patch": hunk}
    return [
        *of_types(m, "git.diff", "git.patch", "code.change", "file.changed"),
        commit(diff=hunk, patch=hunk, changes={"diff": hunk}),
        commit(message=f"fine\n\n{hunk}"),
        wire("git.commit", commit_info={"short_sha": "a1b2c3d", "message": f"fine\n\n{hunk}"}, **nested),
        said(f"look:\n{hunk}"),
        {"type": "task.created", "task_id": "t7", "title": f"fine\n{hunk}", "creator": "alice", "diff": hunk},
    ]


def _hide_8(place: Place, m: str) -> list[Event]:
    env = {"env": {"API_KEY": m}, "environment": [m], "config": {"db": {"password": m}}, "dotenv": m}
    return [
        *of_types(m, "env.changed", "config.loaded", "room.config", "system.environment"),
        said("fine", **env),
        wire("room.agent_joined", agent={"display_name": "Claude", **env}, **env),
        said(f"export API_KEY={m} && run"),
        said(f"SHELL=/bin/zsh\nHOME=/srv/{m}\nSTAGE={m}\nEDITOR=vim"),
    ]


def _hide_9(place: Place, m: str) -> list[Event]:
    return [
        *of_types(m, "log.debug", "log.error", "debug.trace", "system.log", "agent.log"),
        *(said(f"it broke\n{trace.format(m=m)}", stack_trace=m, logs=[m]) for trace in TRACES.values()),
    ]


def _hide_10(place: Place, m: str) -> list[Event]:
    figures = {"cpu": m, "memory": {"rss": m}, "latency_ms": m, "metrics": [{"load": m}], "uptime": m}
    return [
        *of_types(m, "metric.cpu", "system.performance", "server.health", "room.stats", "perf.sample"),
        *({"type": kind, **complete(kind), **figures} for kind in ("chat.public", "agent.joined")),
        logged("agent.idle", agent={"display_name": "Claude"}, **figures),
    ]


def _hide_11(place: Place, m: str) -> list[Event]:
    kinds = ("audit.login", "security.alert", "auth.failed", "moderation.ban", "permission.changed")
    removed = {"message": m, "moderation": {"status": "removed", "reviewer": m, "reason": m}}
    said = {"type": "chat.spectator_message", "data": removed}
    return [*of_types(m, *kinds, "room.kick", "audit"), said]


def _hide_12(place: Place, m: str) -> list[Event]:
    near = ("Chat.Public", "chat.public ", " chat.public", "chat.publıc", "chat_public", "chat", "public")
    return of_types(m, *near, *(f"invented{number}.{m}" for number in range(50 - len(near))))


def _hide_13(place: Place, m: str) -> list[Event]:
    strays = {
        "note": m,
        "extra": {"note": m, "deeper": {"note": m, m: True, "deepest": {"note": [m, {"note": m}]}}},
        "list": [m, [m, [m]]],
        m: 1,
        "__class__": m,
        "metadata": {"correlation_id": m},
    }
    return [{"type": kind, **complete(kind), **strays} for kind in sorted(EVENT_TYPES)]


def complete(kind: str) -> Event:
    """Return every named field of a type."""
    return {name: GOOD.get(name, "fine") for name in FIELDS_OF[kind]}


def _hide_5(place: Place, m: str) -> list[Event]:
    place.room.set(maxSpectators=SPECTATORS, logInteractions=True, hiddenWords=[HIDDEN_WORD])
    changed = {"settings": {"maxSpectators": m, "apiKeys": [m]}, "changes": [m], "config": m}
    return [
        logged("room.settings_updated", **changed),
        wire("room.settings_updated", **changed),
        *of_types(m, "room.settings_updated"),
    ]


PARTS = {
    "HIDE-1": _hide_1,
    "HIDE-2": _hide_2,
    "HIDE-3": _hide_3,
    "HIDE-4": _hide_4,
    "HIDE-5": _hide_5,
    "HIDE-6": _hide_6,
    "HIDE-7": _hide_7,
    "HIDE-8": _hide_8,
    "HIDE-9": _hide_9,
    "HIDE-10": _hide_10,
    "HIDE-11": _hide_11,
    "HIDE-12": _hide_12,
    "HIDE-13": _hide_13,
}


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """The evening, over."""
    with spent(tmp_path_factory.mktemp("hidden"), PARTS) as evening:
        yield evening


@pytest.mark.spec("HIDE-1")
def test_direct_and_room_only_messages_never_pass(evening):
    evening.hidden("HIDE-1")


@pytest.mark.spec("HIDE-2")
def test_reasoning_and_prompts_never_pass(evening):
    shown = evening.kept("HIDE-2")

    assert evening.reports["HIDE-2"]["hidden"] == 9
    assert [event["type"] for event in shown] == ["chat.public", "chat.public", "agent.status_change"]
    assert all(event.get("content", "fine") == "fine" for event in shown)


@pytest.mark.spec("HIDE-3")
def test_of_an_error_only_the_status_arrives(evening):
    shown = evening.kept("HIDE-3")

    assert evening.reports["HIDE-3"]["hidden"] == 5
    for event in shown:
        assert set(event) == {"seq", "event_id", "type", "timestamp", "agent_name", "status"}
    assert [(event["agent_name"], event["status"]) for event in shown] == [
        ("Ernie", "error"),
        ("Bert", "error"),
    ]
    assert b"Ernie" in evening.outlets["screen"]


@pytest.mark.spec("HIDE-4")
def test_of_people_only_their_display_names_pass(evening):
    shown = evening.kept("HIDE-4")

    names = [event.get("author") or event.get("creator") or event.get("name") for event in shown]
    assert names == ["Petra", "Petra", "Petra", "Petra", "Petra", "alice"]
    (refused,) = evening.reports["HIDE-4"]["rejected"]
    assert refused["message"] == "chat.public: author must be text"


@pytest.mark.spec("HIDE-5")
def test_settings_stay_with_the_host(evening):
    evening.hidden("HIDE-5")

    # Their names in camel case: the wire has none such, so that one found would be a setting.
    names = {name for name in _names(evening.settings) if name != name.lower()}
    assert {"maxSpectators", "requireRegistration", "visibleEvents", "logInteractions"} <= names
    for_viewers = evening.outlets.names - {"data", "data after the end", "other answers"}
    for private in (str(SPECTATORS), HIDDEN_WORD, *(f'"{name}"' for name in names)):
        assert evening.outlets.holding(private) & for_viewers == set()
    assert "settings_changed" in evening.outlets["socket"].decode(), "they are told that something changed"
    assert b'"code":"AUTH_INVALID"' in evening.outlets["refusals"]


def _names(settings: dict[str, Any]) -> Iterator[str]:
    for name, value in settings.items():
        yield name
        if isinstance(value, dict):
            yield from _names(value)


@pytest.mark.spec("HIDE-6")
def test_usage_and_cost_never_pass(evening):
    shown = evening.kept("HIDE-6")

    assert evening.reports["HIDE-6"]["hidden"] == 5
    assert [event["type"] for event in shown] == ["chat.public", "agent.status_change", "task.completed"]


@pytest.mark.spec("HIDE-7")
def test_diffs_and_code_never_pass_at_any_depth(evening):
    shown = evening.kept("HIDE-7")

    assert [event.get("message") for event in shown[:3]] == ["fine"] * 3
    assert shown[2]["files_changed"] == ["a.py"]
    assert shown[3]["content"] == "look:\n[DIFF]"
    assert shown[4]["title"] == "fine [DIFF]"


@pytest.mark.spec("HIDE-8")
def test_environment_and_configuration_never_pass(evening):
    shown = evening.kept("HIDE-8")

    contents = [event["content"] for event in shown if event["type"] == "chat.public"]
    assert contents == ["fine", "export API_KEY=[KEY] && run", "[ENVIRONMENT]"]


@pytest.mark.spec("HIDE-9")
def test_logs_never_pass_and_a_pasted_trace_becomes_one_mark(evening):
    shown = evening.kept("HIDE-9")

    assert evening.reports["HIDE-9"]["hidden"] == 5
    assert [event["content"] for event in shown] == ["it broke\n[STACK TRACE]"] * len(TRACES)


@pytest.mark.spec("HIDE-10")
def test_performance_figures_never_pass(evening):
    shown = evening.kept("HIDE-10")

    assert evening.reports["HIDE-10"]["hidden"] == 5
    assert [event["type"] for event in shown] == ["chat.public", "agent.joined", "agent.status_change"]


@pytest.mark.spec("HIDE-11")
def test_security_and_audit_events_never_pass_and_a_viewer_reads_no_log(evening, room):
    evening.hidden("HIDE-11")

    exists = "/rooms/{room_id}/moderation/log" in room.public.call("GET", "/openapi.json")["paths"]
    answer = room.public.answer("GET", f"{room.path}/moderation/log")
    assert answer.status_code in ((401, 403) if exists else (404,))


@pytest.mark.spec("HIDE-12")
def test_a_type_that_nobody_knows_is_hidden(evening):
    assert len(evening.published["HIDE-12"]) == 50
    evening.hidden("HIDE-12")


@pytest.mark.spec("HIDE-13")
def test_a_field_that_nobody_named_is_dropped_from_every_type(evening):
    shown = evening.kept("HIDE-13")

    assert [event["type"] for event in shown] == sorted(EVENT_TYPES)
    for event in shown:
        added = {"seq", "event_id", "timestamp"}
        assert {name: value for name, value in event.items() if name not in added} == {
            "type": event["type"],
            **complete(event["type"]),
        }


@pytest.mark.spec("HIDE-14")
async def test_what_is_hidden_leaves_no_trace(serve):
    relay = serve(rooms=[ROOM], env={"CLAWTANK_RELAY_LOG_LEVEL": "debug"})
    m = mark("HIDE-14")
    with Api(relay.url, relay.operator_token) as api:
        room = Room(relay.url, ROOM, api, api, relay.operator_token, relay.operator_token)
        place = Place(relay, room, relay.data)
        hidden = [event for part in (_hide_1, _hide_5, _hide_11, _hide_12) for event in part(place, m)]
        room.publish(said("before"))
        # While nobody watches, nothing else writes: the peak of the viewers would be.
        quiet = _state(relay, api)
        assert offer(room, *hidden)["hidden"] == len(hidden)
        assert _state(relay, api) == quiet

        async with watching(relay.url, ROOM) as viewer:
            start = (await viewer.welcome())["cursor"]
            report = offer(room, *hidden)
            assert (report["hidden"], report["cursor"]) == (len(hidden), start)
            room.publish(said("after"))
            (event,) = await viewer.events(1)
        told = [frame for frame in viewer.seen[1:] if frame["type"] != "spectator.presence"]
        assert [frame["type"] for frame in told] == ["spectator.activity"], "no frame for what is hidden"
        assert told[0]["data"]["after"] == start, "what follows, follows what was before"
        assert event["seq"] == int(start.rpartition("-")[2]) + 1
        text = api.answer("GET", "/metrics").text
        assert f'clawtank_events_total{{outcome="hidden",type=""}} {float(2 * len(hidden))}' in text
        assert m not in text
    relay.stop()
    assert m not in relay.stderr + relay.stdout


def _state(relay: RelayProcess, api: Api) -> Event:
    """Return what could tell of an event: the log, the database's bytes, and what the room says of itself."""
    # Readers leave marks in SQLite's shared memory, which is no part of the database.
    files = (file for file in sorted(relay.data.iterdir()) if file.is_file() and file.suffix != ".db-shm")
    return {
        "log": relay.stderr,
        "printed": relay.stdout,
        "data": [(file.name, file.read_bytes()) for file in files],
        "room": api.call("GET", f"/rooms/{ROOM}"),
        "page": api.call("GET", f"/rooms/{ROOM}/events"),
    }
