"""The spectators' own channel in its first form: apart from the room, in one order, as the relay names it."""

import asyncio
import json

import pytest

from support.clients import chat_event

PACE = {"spectatorChat": {"rateLimit": {"messagesPerMinute": 600, "burstLimit": 100}}}
FIELDS = {
    "room_id",
    "message_id",
    "spectator_id",
    "display_name",
    "author_type",
    "author_state",
    "message",
    "timestamp",
    "reply_to",
    "after",
    "cursor",
}


def said(viewer):
    return [m["data"] for m in viewer.seen if m["type"] == "spectator.chat_message"]


async def read_until(viewer, count):
    """Read on until a viewer has seen so many messages."""
    while len(said(viewer)) < count:
        await viewer.next()
    return said(viewer)


@pytest.mark.spec("CHAT-1")
async def test_the_channel_and_the_room_never_mix(room):
    room.publish(chat_event("in the room"))
    async with room.watch() as viewer:
        await viewer.welcome()
        await viewer.chat("among spectators")
        await read_until(viewer, 1)
        assert [event["content"] for event in room.history()] == ["in the room"]
        await asyncio.to_thread(room.publish, chat_event("in the room again"))
        await viewer.events(1)
    assert [message["message"] for message in said(viewer)] == ["among spectators"]
    async with room.watch() as newcomer:
        state = (await newcomer.welcome())["current_state"]
    assert [message["message"] for message in state["spectator_chat"]] == ["among spectators"]
    assert [event["content"] for event in state["recent_chat"]] == ["in the room", "in the room again"]


@pytest.mark.spec("CHAT-2")
async def test_everybody_sees_every_message_once_and_in_one_order(make_room):
    room = make_room(settings=PACE)

    async def take_part(name):
        async with room.watch(connect_data={"display_name": name}) as viewer:
            await viewer.welcome()
            here.release()
            await everybody_here.wait()
            for number in range(10):
                await viewer.chat(f"{name} {number}")
            messages = await read_until(viewer, 200)
            here.release()
            await everybody_done.wait()
            return [(message["message_id"], message["message"]) for message in messages]

    here, everybody_here, everybody_done = asyncio.Semaphore(0), asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        viewers = [tasks.create_task(take_part(f"viewer{number}")) for number in range(20)]
        for gate in (everybody_here, everybody_done):
            for _ in viewers:
                await here.acquire()
            gate.set()
    lists = [viewer.result() for viewer in viewers]
    assert all(messages == lists[0] for messages in lists)
    assert len(set(lists[0])) == 200
    for name in range(20):
        own = [text for _, text in lists[0] if text.startswith(f"viewer{name} ")]
        assert own == [f"viewer{name} {number}" for number in range(10)], "nobody's own order is changed"


@pytest.mark.spec("CHAT-5", "CHAT-9")
async def test_a_message_has_the_protocols_shape_and_the_relays_word_on_who_where_and_when(room):
    async with room.watch() as viewer, room.watch() as other:
        own = (await viewer.welcome())["spectator"]
        await other.welcome()
        forged = {
            "message": "hello",
            "room_id": "another",
            "spectator_id": "user_admin",
            "display_name": "Host",
            "author_type": "host",
            "author_state": "verified",
            "timestamp": "1999-01-01T00:00:00Z",
            "message_id": "m1",
            "cursor": "x",
            "ref": "not mine",
        }
        await viewer.send("spectator.chat_message", forged, "mine")
        (mine,) = await read_until(viewer, 1)
        (theirs,) = await read_until(other, 1)
    assert set(theirs) == FIELDS
    assert mine == {**theirs, "ref": "mine"}, "only the sender is told what it called it"
    assert theirs["room_id"] == room.id
    assert theirs["spectator_id"] == own["id"]
    assert theirs["display_name"] == own["display_name"] == "Anonymous Viewer"
    assert (theirs["author_type"], theirs["author_state"]) == ("spectator", "anonymous")
    assert theirs["timestamp"] > "2026"
    assert theirs["reply_to"] is None


@pytest.mark.spec("CHAT-8")
async def test_a_reply_names_an_earlier_message_of_the_same_room(room, make_room):
    async with room.watch() as viewer, make_room().watch() as stranger:
        await viewer.welcome()
        await stranger.welcome()
        await stranger.chat("elsewhere")
        foreign = (await stranger.expect("spectator.chat_message"))["message_id"]
        await viewer.chat("a question")
        question = (await viewer.expect("spectator.chat_message"))["message_id"]
        await viewer.chat("an answer", reply_to=question)
        assert (await viewer.expect("spectator.chat_message"))["reply_to"] == question
        for unknown in (foreign, "nonsense", question[:-1] + "999", {"id": question}, 7):
            await viewer.send("spectator.chat_message", {"message": "lost", "reply_to": unknown}, "r")
            error = await viewer.expect("spectator.error")
            assert (error["code"], error["ref"]) == ("INVALID_MESSAGE", "r")


async def test_the_sender_learns_the_fate_of_each_message(make_room):
    # CHAT-10 but for held messages, which come with moderation.
    room = make_room(settings={"spectatorChat": {"rateLimit": {"messagesPerMinute": 2, "burstLimit": 4}}})
    async with room.watch() as viewer:
        await viewer.welcome()
        fates = {}
        for number, text in enumerate(["shown", "", "x" * 501, "shown too", "too fast"]):
            await viewer.chat(text, message_id=f"m{number}")
            answer = await viewer.until(lambda m: m["data"].get("ref"))
            fates[answer["data"]["ref"]] = answer["data"].get("code", "shown")
    assert fates == {
        "m0": "shown",
        "m1": "INVALID_MESSAGE",
        "m2": "MESSAGE_TOO_LARGE",
        "m3": "shown",
        "m4": "RATE_LIMITED",
    }


@pytest.mark.spec("CHAT-12")
@pytest.mark.parametrize(
    "message", ["", " \n\t ", "\u200b\u2060", None, 7, ["hi"], {"text": "hi"}, True], ids=repr
)
async def test_what_is_no_text_is_refused(room, message):
    async with room.watch() as viewer:
        await viewer.welcome()
        await viewer.connection.send(
            json.dumps({"type": "spectator.chat_message", "id": "x", "data": {"message": message}})
        )
        error = await viewer.expect("spectator.error")
        assert (error["code"], error["ref"]) == ("INVALID_MESSAGE", "x")
        await viewer.chat("fine")
        await viewer.expect("spectator.chat_message")
    assert [m["message"] for m in said(viewer)] == ["fine"]
