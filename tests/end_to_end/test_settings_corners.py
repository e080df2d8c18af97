"""Settings that were easy to get around: by asking, by choosing a name, by coming later, by odd input."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from support.clients import chat_event
from support.crowds import READY

if TYPE_CHECKING:
    from support.rooms import Room


async def test_a_viewer_cannot_ask_the_chat_who_is_behind_a_pseudonym(room: Room) -> None:
    room.set(anonymizeParticipants=True)
    room.publish({"type": "member.joined", "name": "Ada Lovelace"})
    async with room.watch(options=READY) as viewer:
        (member,) = (await viewer.welcome())["current_state"]["members"]
        pseudonym = member["name"]
        await viewer.chat(f"is @{pseudonym} ada.lovelace? or @grace-hopper?")
        said = (await viewer.expect("spectator.chat_message"))["message"]
    assert said == f"is @{pseudonym} [NAME]? or @[NAME]?"


async def test_what_a_participant_says_to_viewers_names_others_by_their_pseudonyms(room: Room) -> None:
    room.set(anonymizeParticipants=True)
    room.publish({"type": "member.joined", "name": "Ada Lovelace"})
    async with room.watch(options=READY) as viewer, room.inside(room.token("participate", "bob")) as bob:
        (member,) = (await viewer.welcome())["current_state"]["members"]
        await bob.chat("Ada is on it")
        said = await viewer.expect("spectator.chat_message")
        assert said["message"] == f"{member['name']} is on it"
        await bob.chat("ask Bob again tomorrow, says your host")
        again = await viewer.expect("spectator.chat_message")
    assert again["message"] == f"ask {said['display_name']} again tomorrow, says your host"


async def test_a_viewers_name_shows_no_word_of_the_hosts(room: Room) -> None:
    async with (
        room.watch(connect_data={"display_name": "Falcon fan"}) as early,
        room.watch(options=READY) as other,
    ):
        await early.welcome()
        await other.welcome()
        await early.chat("before the word")
        assert (await other.expect("spectator.chat_message"))["display_name"] == "Falcon fan"
        await asyncio.to_thread(room.set, hiddenWords=["falcon"])
        notice = await other.expect("spectator.notice")
        (kept,) = notice["current_state"]["spectator_chat"]
        assert kept["display_name"] == "[HIDDEN] fan"
        await early.chat("after the word")
        assert (await other.expect("spectator.chat_message"))["display_name"] == "[HIDDEN] fan"
    async with room.watch(connect_data={"display_name": "falcon"}) as late:
        assert (await late.welcome())["spectator"]["display_name"] == "[HIDDEN]"


async def test_a_rooms_name_changes_on_screens_that_are_open(make_room: Any) -> None:
    room = make_room(name="The Falcon room")
    async with room.watch(options=READY) as viewer:
        assert (await viewer.welcome())["room_info"]["name"] == "The Falcon room"
        await asyncio.to_thread(room.set, hiddenWords=["falcon"])
        assert (await viewer.expect("spectator.notice"))["name"] == "The [HIDDEN] room"


@pytest.mark.parametrize("shown", [True, False])
async def test_a_chosen_name_tells_who_is_there_only_where_that_is_shown(room: Room, shown: bool) -> None:
    room.set(visibleEvents={"memberActivity": shown, "agentStatus": shown, "publicChat": shown})
    room.publish({"type": "member.joined", "name": "alice"}, {"type": "agent.joined", "agent_name": "Claude"})
    room.publish(chat_event("hello", author="bob"))
    for name in ("alice", "Claude", "bob"):
        async with room.watch(connect_data={"display_name": name}) as viewer:
            told = (await viewer.welcome())["spectator"]["display_name"]
        assert told == (f"{name} (viewer)" if shown else name)


async def test_a_newcomer_is_not_told_by_the_tasks_what_hidden_agents_do(room: Room) -> None:
    room.set(visibleEvents={"agentStatus": False})
    room.publish(
        {"type": "task.created", "task_id": "t", "title": "CLI", "creator": "alice"},
        {"type": "agent.status_change", "agent_name": "Claude", "status": "executing", "task_id": "t"},
    )
    async with room.watch(options=READY) as viewer:
        (task,) = (await viewer.welcome())["current_state"]["tasks"]
    assert (task["state"], "agent_name" in task) == ("open", False)


async def test_the_welcome_says_what_can_be_seen_and_nothing_about_the_rest(room: Room) -> None:
    room.set(preset="minimal")
    async with room.watch(options=READY) as viewer:
        visible = (await viewer.welcome())["visible"]
        await asyncio.to_thread(room.set, maxSpectators=9)
        assert (await viewer.expect("spectator.notice"))["visible"] == visible
    assert set(visible) == {"agent.claimed_task", "milestone.reached", "task.completed", "task.created"}


async def test_whoever_comes_back_is_sent_the_state_once_however_often_it_was_changed(room: Room) -> None:
    async with room.watch(options=READY) as viewer:
        cursor = (await viewer.welcome())["cursor"]
    for seats in range(1, 11):
        room.set(maxSpectators=seats)
    async with room.watch(options={"cursor": cursor}) as viewer:
        await viewer.welcome()
        notices = [await viewer.expect("spectator.notice") for _ in range(10)]
    assert ["current_state" in notice for notice in notices] == [False] * 9 + [True]
    assert all(notice["visible"] == notices[-1]["visible"] for notice in notices)


@pytest.mark.parametrize(
    "patch",
    [
        '{"hiddenWords": ["\\ud800ab"]}',
        '{"name": "\\ud800"}',
        '{"name": "\\u200b"}',
        '{"\\ud800": 1}',
        '{"spectatorChat": {"integration": "\\ud800"}}',
    ],
)
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_text_that_is_none_is_refused_and_changes_nothing(room: Room, patch: str, query: str) -> None:
    path = f"{room.path}/settings"
    before = room.public.call("GET", path, token=room.host_token)
    answer = room.public.answer("PATCH", path + query, token=room.host_token, content=patch)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_MESSAGE")
    assert room.public.call("GET", path, token=room.host_token) == before


def test_a_published_message_that_was_rejected_stays_so_when_approval_is_over(room: Room) -> None:
    room.set(spectatorChat={"moderation": {"requireApproval": True}})
    data = {"author": {"id": "1", "display_name": "Zoe"}, "message": "no"}
    said = {"id": "s-1", "type": "chat.spectator_message", "data": data}
    room.publish(said)
    (held,) = room.held()
    room.moderate("reject", held["message_id"])
    room.set(spectatorChat={"moderation": {"requireApproval": False}})
    again = room.publish(said)
    assert again["duplicates"] == 1
    assert room.held() == []
