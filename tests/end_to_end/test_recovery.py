"""After a break a viewer has everything once and in order, or is told that it has not."""

import asyncio
import random

import pytest

from support.clients import Api, Closed, chat_event, events_of, watching


def numbers(events):
    return [int(event["content"]) for event in events]


async def publish_numbers(room, count, pause_s=0.002):
    """Publish `count` numbered events, one call each, while others are served."""
    for number in range(count):
        await asyncio.to_thread(room.publish, chat_event(str(number)))
        await asyncio.sleep(pause_s)


def position(viewer):
    """Return the cursor of the last ordered message a viewer has read: what a client keeps."""
    return [m["data"]["cursor"] for m in viewer.seen if "cursor" in m["data"]][-1]


@pytest.mark.spec("RECOV-3")
async def test_cut_again_and_again_under_load_a_viewer_misses_and_repeats_nothing(room):
    # 40 of the row's 200 cuts, at points that chance picks; some leave with frames unread in the socket.
    chance = random.Random(3)
    count = 600
    seen, cuts = [], 0
    async with room.watch() as viewer:
        welcome = await viewer.welcome()
        cursor = welcome["cursor"]
        viewer.vanish()
    loading = asyncio.ensure_future(publish_numbers(room, count))
    while len(events_of(seen)) < count:
        token = welcome["spectator"]["resume_token"]
        async with room.watch(token=token, options={"cursor": cursor}) as viewer:
            welcome = await viewer.welcome()
            assert welcome["recovery"]["recovered"]
            assert welcome["cursor"] == cursor
            leave_after = chance.randrange(1, 40) if cuts < 40 else count
            for _ in range(leave_after):
                if len(events_of(seen)) + len(events_of(viewer.seen)) >= count:
                    break
                await viewer.next()
            cursor = position(viewer)
            seen += viewer.seen
            viewer.vanish()
            cuts += 1
    await loading
    assert numbers(events_of(seen)) == list(range(count))
    assert cuts > 20


@pytest.mark.spec("RECOV-3")
async def test_what_was_missed_comes_before_what_is_new_and_each_frame_follows_the_last(room):
    async with room.watch() as viewer:
        start = (await viewer.welcome())["cursor"]
    await publish_numbers(room, 10, pause_s=0)
    async with room.watch(options={"cursor": start}) as viewer:
        welcome = await viewer.welcome()
        assert welcome["recovery"] == {"requested": True, "recovered": True, "missed": 10}
        await asyncio.to_thread(room.publish, chat_event("10"))
        assert numbers(await viewer.events(11)) == list(range(11))
        at = welcome["cursor"]
        for frame in (m["data"] for m in viewer.seen if "after" in m["data"]):
            assert frame["after"] == at, "a break would show"
            at = frame["cursor"]


async def cursors_that_name_no_place(room, make_room):
    """Yield cursors of another log, of the future, and of nothing at all."""
    other = make_room()
    other.publish(chat_event("elsewhere"))
    epoch = room.history()[-1]["event_id"].partition("-")[0]
    return [
        other.history()[-1]["event_id"],
        f"{epoch}-99999",
        f"{epoch}-{10**17}",
        f"{epoch}--1",
        f"{epoch}-007",
        "garbage",
        "aaaaaaaa-1",
        "\u0661-1",
        "x" * 300,
    ]


@pytest.mark.spec("RECOV-4")
async def test_a_cursor_that_names_no_place_is_answered_with_fresh_state_and_said_so(room, make_room):
    await publish_numbers(room, 3, pause_s=0)
    for cursor in await cursors_that_name_no_place(room, make_room):
        async with room.watch(options={"cursor": cursor}) as viewer:
            welcome = await viewer.welcome()
            assert welcome["recovery"]["requested"]
            assert welcome["recovery"]["recovered"] is False
            assert numbers(welcome["current_state"]["recent_chat"]) == [0, 1, 2]
            assert welcome["cursor"] == room.history()[-1]["event_id"]


@pytest.mark.spec("RECOV-4")
async def test_over_http_a_cursor_that_names_no_place_is_an_error(room, make_room):
    await publish_numbers(room, 3, pause_s=0)
    for cursor in await cursors_that_name_no_place(room, make_room):
        answer = room.public.answer("GET", f"{room.path}/events", params={"after": cursor})
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("after")


@pytest.mark.spec("RECOV-5")
async def test_a_change_of_settings_missed_in_the_break_is_applied_too(room):
    async with room.watch() as viewer:
        start = (await viewer.welcome())["cursor"]
    room.publish(chat_event("said before the change"))
    room.set(visibleEvents={"publicChat": False}, spectatorChat={"enabled": False})
    room.publish(chat_event("said after it"), {"type": "milestone.reached", "title": "seen"})

    async with room.watch(options={"cursor": start}) as viewer:
        welcome = await viewer.welcome()
        assert welcome["recovery"]["recovered"]
        assert welcome["spectator"]["capabilities"] == []
        notice = await viewer.expect("spectator.notice")
        (milestone,) = await viewer.events(1)
    assert notice["kind"] == "settings_changed"
    assert notice["features"] == []
    assert "chat.public" not in notice["visible"]
    assert milestone["type"] == "milestone.reached", "what is hidden today is hidden in the replay as well"


@pytest.mark.spec("RECOV-5")
async def test_a_change_of_the_rooms_state_missed_in_the_break_is_applied_too(room):
    async with room.watch() as viewer:
        start = (await viewer.welcome())["cursor"]
    room.publish({"type": "room.state_changed", "data": {"state": "completed"}})
    async with room.watch(options={"cursor": start}) as viewer:
        assert (await viewer.welcome())["room_info"]["state"] == "completed"
        notice = await viewer.expect("spectator.notice")
    assert (notice["kind"], notice["state"]) == ("room_state", "completed")


async def chatting(room, count):
    """Let a registered viewer write messages; return when the last is shown."""
    async with room.watch() as writer:
        await writer.welcome()
        for number in range(count):
            await writer.chat(f"message {number}")
            await writer.expect("spectator.chat_message")


def said(viewer):
    return [m["data"]["message"] for m in viewer.seen if m["type"] == "spectator.chat_message"]


@pytest.mark.spec("RECOV-10")
async def test_spectator_chat_missed_in_the_break_is_caught_up_once_and_in_order(make_room):
    room = make_room(settings={"spectatorChat": {"rateLimit": {"burstLimit": 100}}})
    async with room.watch() as viewer:
        welcome = await viewer.welcome()
        viewer.vanish()
    await chatting(room, 20)

    token = welcome["spectator"]["resume_token"]
    async with room.watch(token=token, options={"cursor": welcome["cursor"]}) as viewer:
        back = await viewer.welcome()
        assert back["spectator"]["id"] == welcome["spectator"]["id"]
        assert back["recovery"] == {"requested": True, "recovered": True, "missed": 20}
        assert back["current_state"]["spectator_chat"] == [], "it comes by the stream, not twice"
        while len(said(viewer)) < 20:
            await viewer.next()
        await asyncio.to_thread(room.publish, chat_event("room chat"))
        await viewer.events(1)
    assert said(viewer) == [f"message {number}" for number in range(20)]


@pytest.mark.spec("RECOV-10")
@pytest.mark.parametrize("kept", [True, False])
async def test_over_a_restart_the_chat_is_caught_up_where_the_room_keeps_it_and_owned_up_to_elsewhere(
    serve, kept
):
    settings = {"logInteractions": kept, "spectatorChat": {"rateLimit": {"burstLimit": 100}}}
    relay = serve()
    with Api(relay.url, relay.operator_token) as api:
        api.create_room("room", settings=settings)
    async with watching(relay.url, "room") as viewer, watching(relay.url, "room") as writer:
        welcome = await viewer.welcome()
        await writer.welcome()
        viewer.vanish()
        for number in range(5):
            await writer.chat(f"message {number}")
            await writer.expect("spectator.chat_message")
    relay.kill()

    again = serve()
    async with watching(
        again.url, "room", token=welcome["spectator"]["resume_token"], options={"cursor": welcome["cursor"]}
    ) as viewer:
        back = await viewer.welcome()
        assert back["spectator"]["id"] == welcome["spectator"]["id"]
        assert back["recovery"]["missed"] == 5
        assert back["recovery"].get("not_kept", 0) == (0 if kept else 5)
        with Api(again.url, again.operator_token) as api:
            await asyncio.to_thread(api.publish, "room", again.operator_token, chat_event("room chat"))
        await viewer.events(1)
    assert said(viewer) == ([f"message {number}" for number in range(5)] if kept else [])


@pytest.mark.spec("RECOV-3", "RECOV-10")
async def test_events_chat_and_settings_keep_their_one_order_in_a_replay(room):
    async with room.watch() as viewer, room.watch() as writer:
        start = (await viewer.welcome())["cursor"]
        await writer.welcome()
        for number in range(2):
            await asyncio.to_thread(room.publish, chat_event(str(number)))
            await writer.chat(f"to {number}")
            await writer.expect("spectator.chat_message")
            await asyncio.to_thread(room.set, maxSpectators=10 + number)
            await viewer.expect("spectator.notice")
        live = [(m["type"], m["data"]["cursor"]) for m in viewer.seen if "after" in m["data"]]
    async with room.watch(options={"cursor": start}) as back:
        await back.welcome()
        while len([m for m in back.seen if "after" in m["data"]]) < len(live):
            await back.next()
    assert [(m["type"], m["data"]["cursor"]) for m in back.seen if "after" in m["data"]] == live


@pytest.mark.spec("RECOV-3")
async def test_a_viewer_of_some_types_resumes_with_its_types_only(room):
    async with room.watch(options={"types": "git"}) as viewer:
        start = (await viewer.welcome())["cursor"]
    commit = {"type": "git.commit", "message": "fix", "author": "alice"}
    for number in range(5):
        room.publish(chat_event(str(number)), {**commit, "sha": f"{number}" * 7})
    async with room.watch(options={"types": "git", "cursor": start}) as viewer:
        welcome = await viewer.welcome()
        at = welcome["cursor"]
        commits = await viewer.events(5)
        assert [event["sha"][0] for event in commits] == list("01234")
        for frame in (m["data"] for m in viewer.seen if "after" in m["data"]):
            assert frame["after"] == at, "what was left out is no break"
            at = frame["cursor"]


async def test_a_cursor_is_no_way_into_a_room_that_is_closed_to_spectators(make_room):
    room = make_room()
    room.publish(chat_event("1"))
    cursor = room.history()[0]["event_id"]
    room.set(enabled=False)
    async with room.watch(options={"cursor": cursor}) as viewer:
        assert (await viewer.next())["data"]["code"] == "ACCESS_DENIED"
        with pytest.raises(Closed):
            await viewer.next()
