"""The chat on the screen of `clawtank watch`, on a real relay: each fate, each rule, a moderator's keys."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.clients import chat_event
from support.crowds import READY

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.clients import Api, Viewer
    from support.rooms import Room

    MakeRoom = Callable[..., Room]

CLAWTANK = [sys.executable, "-c", "from clawtank_tui.cli import main; main()"]
PACE = {"rateLimit": {"messagesPerMinute": 600, "burstLimit": 100}}
UP, ESCAPE, BACK_TAB = "\x1b[A", "\x1b", "\x1b[Z"


def watching(room: Room, *options: str, cols: int = 120) -> Terminal:
    """Watch a room in a terminal, as a guest unless told otherwise."""
    relay = room.url.replace("http", "ws", 1)
    return Terminal([*CLAWTANK, "watch", room.id, "--relay", relay, *options], cols=cols, env={"TZ": "UTC"})


async def shows(terminal: Terminal, *wanted: str) -> str:
    """Wait until all of these are on the screen; return its text."""
    return await asyncio.to_thread(terminal.wait_for, lambda text: all(words in text for words in wanted))


async def lacks(terminal: Terminal, *unwanted: str) -> str:
    """Wait until none of these is on the screen."""
    return await asyncio.to_thread(
        terminal.wait_for, lambda text: not any(words in text for words in unwanted)
    )


async def write(terminal: Terminal, line: str) -> None:
    """Go to the line, whose prompt says when one is there, write, and press Enter."""
    if "Enter send" not in terminal.text:
        terminal.send("c")
        await shows(terminal, "Enter send")
    terminal.send(f"{line}\r")


async def act(room: Room, action: str, **about: Any) -> dict[str, Any]:
    """Moderate over HTTP, as the host."""
    body = {"action": action, **about}
    call = room.public.call
    done: dict[str, Any] = await asyncio.to_thread(
        call, "POST", f"{room.path}/moderation", token=room.host_token, json=body
    )
    return done


async def speaks(viewer: Viewer, text: str, ref: str, **more: Any) -> dict[str, Any]:
    """Say something over a socket; return the author's own copy."""
    await viewer.chat(text, message_id=ref, **more)
    said: dict[str, Any] = (await viewer.until(lambda m: m["data"].get("ref") == ref))["data"]
    return said


@pytest.mark.spec("CHAT-6", "CHAT-8")
async def test_who_speaks_is_told_apart_and_an_answer_shows_what_it_answers(
    make_room: MakeRoom, operator: Api
) -> None:
    room = make_room(settings={"spectatorChat": {**PACE, "integration": "interactive"}})
    tokens = [
        operator.call("POST", "/tokens", json={"scope": "viewer", "name": name, "verified": name == "Vic"})
        for name in ("Rea", "Vic")
    ]
    with watching(room, "--name", "ada") as terminal:
        await shows(terminal, "● live", "c to write")
        async with (
            room.watch(options={**READY, "name": "gus"}) as guest,
            room.watch(options=READY, token=tokens[0]["token"]) as registered,
            room.watch(options=READY, token=tokens[1]["token"]) as verified,
            room.inside(room.token("participate", "Pam")) as participant,
            room.inside(room.host_token) as host,
        ):
            everybody = (guest, registered, verified, participant, host)
            for one in everybody:
                await one.welcome()
            for number, one in enumerate(everybody):
                await speaks(one, f"words {number}", "m1")
            await shows(
                terminal, "~gus: words 0", " Rea: words 1", "Vic ✔: words 2",
                "Pam (participant): words 3", "(host): words 4",
            )  # fmt: skip
            await write(terminal, "/reply gus which words?")
            text = await shows(terminal, "you: which words?")
            rows = text.split("\n")
            mine = next(y for y, row in enumerate(rows) if "you: which words?" in row)
            assert "↳ ~gus «words 0»" in rows[mine - 1]
            answer = await guest.until(lambda m: m["data"].get("message") == "which words?")
            question = next(m for m in guest.seen if m["data"].get("message") == "words 0")
            assert answer["data"]["reply_to"] == question["data"]["message_id"]
            refused = await speaks(guest, "and to that?", "m2", reply_to="nothing-1")
            assert refused["code"] == "INVALID_MESSAGE"


@pytest.mark.spec("CHAT-10", "INTEG-9")
async def test_the_author_learns_what_becomes_of_each_message(make_room: MakeRoom) -> None:
    room = make_room(settings={"spectatorChat": {**PACE, "moderation": {"maxMessageLength": 40}}})
    with watching(room, "--name", "ada") as terminal:
        await shows(terminal, "● live", "c to write")
        await write(terminal, "is it fast?")
        await shows(terminal, "you: is it fast?")
        await lacks(terminal, "is it fast? …")

        await write(terminal, "LOOK AT THIS WONDERFUL THING EVERYBODY")
        await shows(terminal, "! ", "WONDERFUL THING EVERYBODY", "38/40")
        terminal.send("\x15")  # Ctrl-U
        await lacks(terminal, "WONDERFUL")

        await asyncio.to_thread(room.set, spectatorChat={"moderation": {"requireApproval": True}})
        await write(terminal, "first held")
        await shows(terminal, "you: first held (held:")
        await write(terminal, "second held")
        await shows(terminal, "2 held: a moderator will look.")
        first, second = await asyncio.to_thread(room.held)
        await act(room, "approve", message_id=first["message_id"])
        await lacks(terminal, "first held (held:", "2 held")
        await act(room, "reject", message_id=second["message_id"], reason="not here")
        await shows(terminal, "› second held")
        await lacks(terminal, "a moderator will look")
        terminal.send("\x15")

        await write(terminal, "🎉" * 41)
        await shows(terminal, "41/40", "Too long by 1: 40 characters fit.")
        terminal.send("\x7f\r")
        await shows(terminal, "(held: a")
        assert (await asyncio.to_thread(room.held))[-1]["message"] == "🎉" * 40


@pytest.mark.spec("MOD-13")
async def test_slow_mode_lock_and_a_mute_are_told_and_the_room_goes_on(make_room: MakeRoom) -> None:
    room = make_room(settings={"spectatorChat": PACE})
    with watching(room, "--name", "ada") as terminal:
        await shows(terminal, "● live", "c to write")
        await act(room, "slow", seconds=3000)
        await shows(terminal, "slow 50 min", "Slow mode: one message in 50 min.")
        await write(terminal, "hello")
        await shows(terminal, "you: hello", "again in 50 min")
        await act(room, "slow", seconds=0)
        await shows(terminal, "Slow mode is off.")
        await lacks(terminal, "again in")

        await act(room, "lock")
        await shows(terminal, "! A moderator locked the chat")
        await write(terminal, "and now?")
        await asyncio.to_thread(room.publish, chat_event("the room goes on, locked"))
        await shows(terminal, "the room goes on, locked", "› and now?")
        await act(room, "unlock")
        await lacks(terminal, "! A moderator locked")

        async with room.watch(options=READY) as other:
            said = (await other.welcome())["current_state"]["spectator_chat"]
            assert [message["message"] for message in said] == ["hello"]
            await act(room, "mute", message_id=said[0]["message_id"], seconds=3000, reason="enough")
            await shows(
                terminal, "A moderator muted you for 50 min: enough.", "! A moderator muted you until "
            )
            await asyncio.to_thread(room.publish, chat_event("the room goes on, without a word"))
            await shows(terminal, "the room goes on, without a word")
            await act(room, "unmute", message_id=said[0]["message_id"])
            await shows(terminal, "You may write in the spectator chat again.")
            terminal.send("\r")
            await shows(terminal, "you: and now?")


async def test_a_moderator_removes_and_bans_with_keys_and_everybody_sees_it_go(
    make_room: MakeRoom, tmp_path: Path
) -> None:
    room = make_room(settings={"spectatorChat": PACE})
    token = tmp_path / "maria.token"
    token.write_text(room.token("moderate", "maria"))
    with (
        watching(room, "--token-file", str(token), cols=80) as desk,
        watching(room, "--name", "ada", cols=80) as terminal,
    ):
        for one in (desk, terminal):
            await shows(one, "● live")
            one.send(BACK_TAB)
            await shows(one, "c to write")
        async with room.watch(options={**READY, "name": "rude"}) as rude:
            await rude.welcome()
            for number in range(3):
                await speaks(rude, f"rude words {number}", f"m{number}")
            for one in (desk, terminal):
                await shows(one, "~rude: rude words 2")
            desk.send(UP)
            await shows(desk, "▸~rude: rude words 2", "d delete")
            desk.send("d")
            for one in (desk, terminal):
                await lacks(one, "rude words 2")
            desk.send(UP)
            await shows(desk, "▸~rude: rude words 1")
            desk.send("b")
            await shows(desk, "Ban ~rude")
            desk.send("b")
            await shows(desk, "· Banned rude. /undo takes it back.")
            for one in (desk, terminal):
                await lacks(one, "rude words")
            assert "rude words" not in terminal.text
            await write(desk, "/undo")
            await shows(desk, "· Took it back.")


async def test_a_report_is_received_and_its_outcome_told(make_room: MakeRoom) -> None:
    room = make_room(settings={"spectatorChat": PACE})
    with watching(room, "--name", "ada") as terminal:
        await shows(terminal, "● live", "c to write")
        async with room.watch(options={**READY, "name": "rude"}) as rude:
            await rude.welcome()
            said = await speaks(rude, "you are all fools", "m1")
            await shows(terminal, "~rude: you are all fools")
            await write(terminal, "/report rude insults")
            await shows(terminal, "· Reported: a moderator will look.")
            await act(room, "delete", message_id=said["message_id"])
            await shows(terminal, "What you reported was removed. Thank you.")
            await lacks(terminal, "you are all fools")


async def test_a_name_is_changed_while_one_watches_unless_it_passes_for_somebodys(
    make_room: MakeRoom, operator: Api
) -> None:
    room = make_room(settings={"spectatorChat": PACE})
    token = operator.call("POST", "/tokens", json={"scope": "viewer", "name": "marta"})["token"]
    with watching(room, "--name", "ada") as terminal:
        await shows(terminal, "● live", "c to write", "you are ada")
        async with room.watch(options=READY, token=token) as marta:
            await marta.welcome()
            await speaks(marta, "it is me", "m1")
            await shows(terminal, " marta: it is me")
            await write(terminal, "/nick rnarta")
            await shows(terminal, "! ", "› /nick rnarta", "you are ada")
            terminal.send("\x15")
            await write(terminal, "/nick grace")
            await shows(terminal, "· You are now grace.", "you are grace")
            await write(terminal, "who am I?")
            said = await marta.until(lambda m: m["data"].get("message") == "who am I?")
            assert said["data"]["display_name"] == "grace"
            await speaks(marta, "you are @grace", "m2")
            await shows(terminal, "you are @grace")
