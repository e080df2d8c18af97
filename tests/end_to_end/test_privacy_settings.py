"""What a host sets is what spectators get: live, on arrival, in history, over HTTP, on screens that are open.

Each setting is seen to work from outside, on every outlet; ignoring any of them fails here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.clients import Api, Viewer, chat_event, watching
from support.crowds import READY, outcome
from support.operating import operate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from support.relay_process import RelayProcess
    from support.rooms import Room

SESSION: tuple[dict[str, Any], ...] = (
    {"type": "member.joined", "name": "Adalina Lovelock", "role": "host"},
    {"type": "member.joined", "name": "robertus"},
    {"type": "agent.joined", "agent_name": "Claudette", "agent_owner": "robertus"},
    {"type": "agent.joined", "agent_name": "Geminiana", "agent_owner": "robertus"},
    {"type": "agent.left", "agent_name": "Geminiana", "agent_owner": "robertus"},
    {"type": "member.joined", "name": "carolinge"},
    {"type": "member.left", "name": "carolinge"},
    {
        "type": "chat.public",
        "author": "Adalina Lovelock",
        "author_type": "human",
        "content": "@robertus, ask Claudette, or carolinge",
    },
    {
        "type": "task.created",
        "task_id": "falcon-1",
        "title": "Falcon login for robertus",
        "creator": "Adalina Lovelock",
    },
    {"type": "task.created", "task_id": "falcon-2", "title": "Falcon logout", "creator": "robertus"},
    {
        "type": "agent.claimed_task",
        "agent_name": "Claudette",
        "agent_owner": "robertus",
        "task_id": "falcon-1",
    },
    {"type": "agent.status_change", "agent_name": "Claudette", "status": "testing", "task_id": "falcon-1"},
    {
        "type": "git.commit",
        "sha": "a1b2c3d",
        "message": "feat(falcon): login, with robertus",
        "branch": "robertus/falcon",
        "author": "Adalina Lovelock",
        "files_changed": ["falcon/login.py", "falcon/adalina.py"],
        "additions": 47,
        "deletions": 3,
    },
    {"type": "git.pr_opened", "number": 7, "title": "Falcon login", "author": "robertus"},
    {"type": "git.pr_merged", "number": 7, "title": "Falcon login", "author": "Adalina Lovelock"},
    {"type": "task.completed", "task_id": "falcon-1", "title": "Falcon login", "agent_name": "Claudette"},
    {"type": "milestone.reached", "title": "Falcon lands, says robertus"},
)
"""One event at least of each of the thirteen types; `falcon` is a detail wherever it stands."""
PARTICIPANTS = ("adalina", "lovelock", "robertus", "carolinge", "claudette", "geminiana")
CLASSES = {
    "publicChat": {"chat.public"},
    "taskActivity": {"task.created", "task.completed", "agent.claimed_task", "milestone.reached"},
    "gitOperations": {"git.commit", "git.pr_opened", "git.pr_merged"},
    "agentStatus": {"agent.status_change", "agent.joined", "agent.left"},
    "memberActivity": {"member.joined", "member.left"},
}
EVERY_TYPE = frozenset[str]().union(*CLASSES.values())
STATE_OF = {
    "publicChat": "recent_chat",
    "taskActivity": "tasks",
    "agentStatus": "agents",
    "memberActivity": "members",
}


async def outlets(room: Room) -> dict[str, Any]:
    """Return what a spectator can read of a room now, by outlet."""
    history = room.history(limit=1000)
    async with room.watch(options={"history": "1000"}) as viewer, room.watch(options=READY) as live:
        welcome = await live.welcome()
        await viewer.welcome()
        replayed = await viewer.events(len(history))
    return {
        "welcome": welcome,
        "replay": replayed,
        "/events": history,
        "/rooms/{id}": room.public.call("GET", room.path),
        "/rooms": [one for one in room.public.call("GET", "/rooms")["rooms"] if one["id"] == room.id],
    }


async def live(room: Room, viewer: Viewer) -> list[dict[str, Any]]:
    """Publish the session to a viewer that has read all there was; return the events it gets."""
    had, logged = len(await viewer.events(0)), len(room.history(limit=1000))
    room.publish(*SESSION)
    shown = len(room.history(limit=1000)) - logged
    return (await viewer.events(had + shown))[had:]


def types_in(events: Iterable[dict[str, Any]]) -> set[str]:
    return {event["type"] for event in events}


def found(outlets: Any, words: Iterable[str]) -> set[str]:
    """Return which words are anywhere in what was read."""
    text = json.dumps(outlets, ensure_ascii=False).casefold()
    return {word for word in words if word in text}


# -- what is visible -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "switch",
    [
        pytest.param("publicChat", marks=pytest.mark.spec("PRIV-4")),
        pytest.param("taskActivity", marks=pytest.mark.spec("PRIV-5")),
        pytest.param("gitOperations", marks=pytest.mark.spec("PRIV-6")),
        pytest.param("agentStatus", marks=pytest.mark.spec("PRIV-7")),
        pytest.param("memberActivity", marks=pytest.mark.spec("PRIV-8")),
    ],
)
async def test_each_switch_governs_its_events_on_every_outlet(room: Room, switch: str) -> None:
    room.publish(*SESSION)
    assert types_in(room.history(limit=1000)) == EVERY_TYPE

    room.set(visibleEvents={switch: False})
    rest = EVERY_TYPE - CLASSES[switch]
    seen = await outlets(room)
    assert types_in(seen["replay"]) == types_in(seen["/events"]) == rest
    state = seen["welcome"]["current_state"]
    empty = {part for part in STATE_OF.values() if not state[part]}
    assert empty == {part for name, part in STATE_OF.items() if name == switch}
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        assert types_in(await live(room, viewer)) == rest

    room.set(visibleEvents={switch: True})
    seen = await outlets(room)
    assert types_in(seen["replay"]) == types_in(seen["/events"]) == EVERY_TYPE


# -- who it was ------------------------------------------------------------------------------------


@pytest.mark.spec("PRIV-10")
async def test_anonymised_participants_are_found_nowhere_and_stay_the_same_person(room: Room) -> None:
    room.set(name="The room of Adalina and robertus")
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        room.publish(*SESSION)
        assert found(await viewer.events(len(SESSION)), PARTICIPANTS) == set(PARTICIPANTS)
        room.set(anonymizeParticipants=True)
        notice = await viewer.expect("spectator.notice")
        assert not found(notice, PARTICIPANTS)
        again = await live(room, viewer)

    seen = await outlets(room)
    assert not found([seen, again], PARTICIPANTS)
    # The history is all there, and one person has one name in it: as author, as owner, in a text.
    assert len(seen["/events"]) == 2 * len(SESSION)
    by_type = {event["type"]: event for event in seen["/events"]}
    robertus, ada = by_type["git.pr_opened"]["author"], by_type["git.commit"]["author"]
    assert by_type["agent.joined"]["agent_owner"] == robertus
    assert by_type["git.commit"]["branch"] == f"{robertus}/falcon"
    assert by_type["task.completed"]["agent_name"].startswith("Agent-")
    assert ada == by_type["chat.public"]["author"] != robertus
    assert f"@{robertus}, ask {by_type['task.completed']['agent_name']}" in by_type["chat.public"]["content"]
    assert {robertus, ada} <= {member["name"] for member in seen["welcome"]["current_state"]["members"]}
    assert [event["content"] for event in again if event["type"] == "chat.public"] == [
        by_type["chat.public"]["content"]
    ]


async def test_a_pseudonym_is_the_rooms_own(make_room: Callable[..., Room]) -> None:
    names = []
    for _ in range(2):
        room = make_room(settings={"anonymizeParticipants": True})
        room.publish({"type": "member.joined", "name": "alice"})
        names.append(room.history()[0]["name"])
    assert names[0] != names[1]


async def test_a_spectator_cannot_pass_for_an_anonymised_participant(room: Room) -> None:
    room.set(anonymizeParticipants=True)
    room.publish({"type": "member.joined", "name": "alice"})
    pseudonym = room.history()[0]["name"]
    async with room.watch(options={"name": pseudonym}) as viewer:
        assert (await viewer.welcome())["spectator"]["display_name"] == f"{pseudonym} (viewer)"
    # Nor does a refused name tell who is there.
    async with room.watch(options={"name": "alice"}) as viewer:
        assert (await viewer.welcome())["spectator"]["display_name"] == "alice"


# -- what it was about -----------------------------------------------------------------------------


@pytest.mark.spec("PRIV-11")
async def test_hidden_details_are_found_nowhere_and_every_event_arrives(room: Room) -> None:
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        room.publish(*SESSION)
        assert found(await viewer.events(len(SESSION)), ["falcon"])
        room.set(hideProjectDetails=True)
        assert not found(await viewer.expect("spectator.notice"), ["falcon"])
        again = await live(room, viewer)

    seen = await outlets(room)
    assert not found([seen, again], ["falcon", "login"])
    assert [event["type"] for event in seen["/events"]] == [event["type"] for event in 2 * SESSION]
    commit = next(event for event in again if event["type"] == "git.commit")
    assert (commit["sha"], commit["message"], commit["files_changed"]) == ("a1b2c3d", "feat", 2)
    assert (commit["additions"], commit["deletions"]) == (47, 3)
    # The fact stays: which tasks there are, and in which state, can still be followed.
    assert sorted(task["state"] for task in seen["welcome"]["current_state"]["tasks"]) == ["done", "open"]
    tasks = {task["task_id"]: task["title"] for task in seen["welcome"]["current_state"]["tasks"]}
    done = next(event for event in again if event["type"] == "task.completed")
    assert tasks[done["task_id"]] == done["title"]


async def test_the_hosts_own_words_are_found_nowhere_and_no_longer_stored(room: Room) -> None:
    marker = f"Falcon{room.id[-6:]}"
    room.publish(chat_event(f"before: {marker} and {marker}like"))
    room.set(hiddenWords=[f"{marker}*", "project x"])
    room.publish(
        chat_event(f"after: {marker.upper()}2, Project  X, {marker[0]}\u200b{marker[1:]}"),
        {"type": "task.created", "task_id": "t", "title": f"About {marker}", "creator": marker},
    )
    seen = await outlets(room)
    assert not found(seen, [marker.casefold(), "project x"])
    assert [event.get("content") for event in seen["/events"]] == [
        "before: [HIDDEN] and [HIDDEN]",
        "after: [HIDDEN] [HIDDEN], [HIDDEN]",
        None,
    ]
    room.set(hiddenWords=[])
    history = room.history()
    # What came before the word is as it was; what came with it in force was never stored.
    assert marker in history[0]["content"]
    assert not found(history[1:], [marker.casefold()])


# -- presets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "shown"),
    [
        ("open", EVERY_TYPE),
        ("limited", EVERY_TYPE - CLASSES["publicChat"] - CLASSES["gitOperations"]),
        ("minimal", CLASSES["taskActivity"]),
    ],
)
async def test_a_preset_shows_its_classes_and_no_other(
    make_room: Callable[..., Room], preset: str, shown: set[str]
) -> None:
    room = make_room(preset=preset)
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        assert types_in(await live(room, viewer)) == shown
    seen = await outlets(room)
    assert types_in(seen["replay"]) == types_in(seen["/events"]) == shown


@pytest.mark.spec("PRESET-3")
async def test_minimal_is_progress_of_nobody_in_particular_without_a_chat(
    make_room: Callable[..., Room],
) -> None:
    room = make_room(preset="minimal")
    settings = room.public.call("GET", f"{room.path}/settings", token=room.host_token)
    assert settings["visibleEvents"] == {
        "publicChat": False,
        "taskActivity": True,
        "gitOperations": False,
        "agentStatus": False,
        "memberActivity": False,
    }
    assert (settings["preset"], settings["anonymizeParticipants"], settings["hideProjectDetails"]) == (
        "minimal",
        True,
        True,
    )
    room.publish(*SESSION)
    seen = await outlets(room)
    assert not found(seen, [*PARTICIPANTS, "falcon"])
    assert types_in(seen["/events"]) == CLASSES["taskActivity"]
    async with room.watch(options=READY) as viewer:
        assert (await viewer.welcome())["spectator"]["capabilities"] == []
        await viewer.chat("hello?")
        assert (await viewer.expect("spectator.error"))["code"] == "CHAT_DISABLED"


@pytest.mark.spec("PRESET-4")
def test_one_changed_key_makes_a_preset_custom_and_keeps_the_rest(make_room: Callable[..., Room]) -> None:
    room = make_room(preset="limited")
    before = room.public.call("GET", f"{room.path}/settings", token=room.host_token)
    after = room.set(maxSpectators=7)
    assert (before["preset"], after["preset"]) == ("limited", "custom")
    assert {**after, "preset": "limited", "maxSpectators": before["maxSpectators"]} == before


@pytest.mark.spec("PRESET-5")
def test_an_unknown_preset_is_refused_with_the_list_and_a_new_room_has_a_default(
    relay: RelayProcess, operator: Api, make_room: Callable[..., Room]
) -> None:
    room = make_room()
    # The relay of these tests listens on a loopback address.
    assert room.public.call("GET", f"{room.path}/settings", token=room.host_token)["preset"] == "open"
    answer = operator.answer("POST", "/rooms", json={"id": "never", "preset": "foo"})
    assert (answer.status_code, operator.answer("GET", "/rooms/never").status_code) == (400, 404)
    patched = room.public.answer(
        "PATCH", f"{room.path}/settings", token=room.host_token, json={"preset": "foo"}
    )
    ran = operate("room", "set", room.id, "--preset", "foo", data=relay.data)
    assert (patched.status_code, ran.returncode) == (400, 1)
    for text in (answer.json()["message"], patched.json()["message"], ran.stderr):
        assert all(name in text for name in ("open", "limited", "minimal"))


# -- settings as such ------------------------------------------------------------------------------


@pytest.mark.spec("PRIV-1")
async def test_a_room_that_is_not_enabled_ends_every_session_politely_and_can_come_back(room: Room) -> None:
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        room.set(enabled=False)
        error = await viewer.expect("spectator.error", timeout_s=2)
        assert (error["code"], await viewer.closed()) == ("ACCESS_DENIED", 4403)
    assert await outcome(room.watch(options=READY)) == "ACCESS_DENIED"
    room.set(enabled=True)
    assert await outcome(room.watch(options=READY)) == "welcomed"


@pytest.mark.spec("PRIV-2")
async def test_a_room_may_admit_registered_viewers_only(room: Room) -> None:
    room.set(requireRegistration=True)
    assert await outcome(room.watch(connect_data={})) == "REGISTRATION_REQUIRED"
    token = room.operator.call("POST", "/tokens", json={"name": "Ada"})["token"]
    assert await outcome(room.watch(token=token, options=READY)) == "welcomed"


@pytest.mark.spec("PRIV-3")
async def test_the_number_of_seats_is_a_whole_number_and_bounds_the_audience(room: Room) -> None:
    for wrong in (-1, 1.5, "7", True, None):
        answer = room.public.answer(
            "PATCH", f"{room.path}/settings", token=room.host_token, json={"maxSpectators": wrong}
        )
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("maxSpectators: ")
    room.set(maxSpectators=1)
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        assert await outcome(room.watch(options=READY)) == "CAPACITY_EXCEEDED"
    room.set(maxSpectators=0)
    assert await outcome(room.watch(options=READY)) == "CAPACITY_EXCEEDED"


@pytest.mark.spec("PRIV-14")
def test_a_patch_applies_whole_or_not_at_all_and_says_what_is_wrong(room: Room) -> None:
    def settings() -> dict[str, Any]:
        found: dict[str, Any] = room.public.call("GET", f"{room.path}/settings", token=room.host_token)
        return found

    before = settings()
    for patch, named in (
        ({"maxSpectators": 5, "nope": 1}, "nope: is not a setting"),
        ({"hideProjectDetails": True, "anonymizeParticipants": "yes"}, "anonymizeParticipants: "),
        (
            {"maxSpectators": 5, "visibleEvents": {"publicChat": False, "gitOps": True}},
            "visibleEvents.gitOps: ",
        ),
        ({"maxSpectators": 5, "hiddenWords": ["fine", "*"]}, "hiddenWords.1: the word is only wildcards"),
        ({"maxSpectators": 5, "hiddenWords": 7}, "hiddenWords: "),
        ({"maxSpectators": 5, "visibility": "secret"}, "visibility: must be public or private"),
    ):
        answer = room.public.answer("PATCH", f"{room.path}/settings", token=room.host_token, json=patch)
        assert answer.status_code == 400
        assert named in answer.json()["message"]
        assert settings() == before


@pytest.mark.spec("PRIV-15")
async def test_a_change_reaches_viewers_at_once_and_tells_what_holds_not_what_was_set(room: Room) -> None:
    room.publish(*SESSION)
    async with room.watch(options=READY) as viewer, room.watch(options={"types": "git,task"}) as picky:
        await viewer.welcome(), await picky.welcome()
        room.set(visibleEvents={"memberActivity": False}, anonymizeParticipants=True, hiddenWords=["logout"])
        notices = [await one.expect("spectator.notice", timeout_s=2) for one in (viewer, picky)]

    for notice in notices:
        assert set(notice) == {
            "kind",
            "name",
            "earlier",
            "features",
            "visible",
            "limits",
            "chat",
            "capabilities",
            "current_state",
            "after",
            "cursor",
        }
        assert (notice["kind"], notice["earlier"]) == ("settings_changed", "discard")
        assert set(notice["visible"]) == EVERY_TYPE - CLASSES["memberActivity"]
        assert not found(notice, [*PARTICIPANTS, "logout"])
    whole, part = (notice["current_state"] for notice in notices)
    assert (whole["members"], len(whole["tasks"]), len(whole["agents"]), len(whole["recent_chat"])) == (
        [],
        2,
        1,
        1,
    )
    assert (part["members"], len(part["tasks"]), part["agents"], part["recent_chat"]) == ([], 2, [], [])


async def test_a_change_that_rewords_nothing_leaves_what_was_shown(room: Room) -> None:
    async with room.watch(options=READY) as viewer:
        await viewer.welcome()
        room.set(maxSpectators=9)
        assert (await viewer.expect("spectator.notice"))["earlier"] == "keep"


async def test_who_comes_back_is_told_what_holds_now_and_not_what_held_between(room: Room) -> None:
    room.publish(*SESSION)
    async with room.watch(options=READY) as viewer:
        cursor = (await viewer.welcome())["cursor"]
    room.set(visibleEvents={"gitOperations": False})
    room.set(anonymizeParticipants=True)
    room.set(visibleEvents={"gitOperations": True, "publicChat": False})
    room.publish({"type": "milestone.reached", "title": "back, says robertus"})
    async with room.watch(options={"cursor": cursor}) as viewer:
        assert (await viewer.welcome())["recovery"]["recovered"]
        await viewer.events(1)
    notices = [one["data"] for one in viewer.seen if one["type"] == "spectator.notice"]
    assert [notice["earlier"] for notice in notices] == ["keep", "discard", "keep"]
    assert all(set(notice["visible"]) == EVERY_TYPE - {"chat.public"} for notice in notices)
    assert not found(viewer.seen, PARTICIPANTS)


@pytest.mark.spec("PRIV-16")
def test_every_leaf_can_be_set_from_a_shell_and_survives_a_restart(
    serve: Callable[..., RelayProcess],
) -> None:
    relay = serve()
    assert operate("room", "create", "r", data=relay.data).returncode == 0

    def leaves() -> dict[str, Any]:
        shown = json.loads(operate("room", "show", "r", "--json", data=relay.data).stdout)
        shown.pop("hookSecret")
        return dict(_leaves(shown))

    wanted = {name: _other(value) for name, value in leaves().items() if name not in ("preset", "visibility")}
    wanted["restrictGeographic"] = ["AT", "CH"]
    wanted["spectatorChat.integration"] = "visible"
    before = leaves()
    assert not [name for name, value in wanted.items() if before[name] == value]
    changes = [f"{name}={json.dumps(value)}" for name, value in wanted.items()]
    ran = operate("room", "set", "r", *changes, data=relay.data)
    assert ran.returncode == 0, ran.stderr
    kept = leaves()
    assert kept == {**wanted, "preset": "custom", "visibility": "public"}
    relay.stop()
    relay = serve(data=relay.data)
    assert leaves() == kept


def _leaves(settings: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _other(value: Any) -> Any:
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return ["acme*"] if isinstance(value, list) else f"{value} too"


# -- a dry run -------------------------------------------------------------------------------------


async def test_a_dry_run_tells_what_would_change_and_changes_nothing(room: Room) -> None:
    room.publish(*SESSION)
    before = await outlets(room)

    def rehearse(**patch: Any) -> dict[str, Any]:
        told: dict[str, Any] = room.public.call(
            "PATCH", f"{room.path}/settings?dry_run=true", token=room.host_token, json=patch
        )
        return told

    words = rehearse(hiddenWords=["logout"])
    assert (words["events"], words["hidden"], words["shown"]) == (len(SESSION), {}, {})
    assert words["reworded"] == {"task.created": 1}
    [example] = words["examples"]
    assert (example["before"]["title"], example["after"]["title"]) == ("Falcon logout", "Falcon [HIDDEN]")
    assert rehearse(visibleEvents={"publicChat": False})["hidden"] == {"chat.public": 1}
    assert sum(rehearse(preset="minimal")["hidden"].values()) == sum(
        event["type"] not in CLASSES["taskActivity"] for event in SESSION
    )
    room.set(visibleEvents={"publicChat": False})
    assert rehearse(visibleEvents={"publicChat": True})["shown"] == {"chat.public": 1}
    room.set(preset="open")
    after = await outlets(room)
    assert after["/events"] == before["/events"]

    for path, token, status in (
        ("dry_run=true", room.publish_token, 403),
        ("dry_run=true", None, 401),
        ("dry_run=perhaps", room.host_token, 400),
    ):
        answer = room.public.answer("PATCH", f"{room.path}/settings?{path}", token=token, json={})
        assert answer.status_code == status
    answer = room.public.answer(
        "PATCH", f"{room.path}/settings?dry_run=true", token=room.host_token, json={"nope": 1}
    )
    assert "nope: is not a setting" in answer.json()["message"]


def test_a_dry_run_from_a_shell_reads_as_sentences(relay: RelayProcess, room: Room) -> None:
    room.publish(*SESSION)
    ran = operate("room", "set", room.id, 'hiddenWords=["logout"]', "--dry-run", data=relay.data)
    assert ran.returncode == 0
    assert "Nothing was changed." in ran.stdout
    assert "1 would read otherwise: 1 task.created" in ran.stdout
    assert "title: Falcon logout → Falcon [HIDDEN]" in ran.stdout


async def test_a_room_of_another_relay_run_goes_by_the_same_pseudonyms(
    serve: Callable[..., RelayProcess],
) -> None:
    relay = serve()
    with Api(relay.url, relay.operator_token) as operator:
        made = operator.create_room("r", settings={"anonymizeParticipants": True})
        operator.publish("r", made["publish_token"], {"type": "member.joined", "name": "alice"})
        [before] = operator.history("r")
    relay.stop()
    relay = serve(data=relay.data)
    async with watching(relay.url, "r", options={"history": "9"}) as viewer:
        welcome = await viewer.welcome()
        assert (await viewer.events(1))[0]["name"] == before["name"] != "alice"
        assert welcome["current_state"]["members"][0]["name"] == before["name"]
