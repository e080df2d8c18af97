"""`clawtank-relay mod` on a real relay: the lines of one call are the ids of the next, and bans come back."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING

import pytest

from support.crowds import READY
from support.operating import is_for_people, operate
from support.tokens import viewer_token

if TYPE_CHECKING:
    from support.clients import Viewer
    from support.relay_process import RelayProcess
    from support.rooms import Room

APPROVED = {"spectatorChat": {"moderation": {"requireApproval": True, "autoFilter": False}}}
Mod = Callable[..., Awaitable[CompletedProcess[str]]]


@pytest.fixture
def room(make_room: Callable[..., Room]) -> Room:
    """A room where everything waits."""
    return make_room(settings=APPROVED)


@pytest.fixture
def mod(relay: RelayProcess, room: Room) -> Mod:
    """Moderate that room from a shell, as the operator."""

    async def run(*words: str, stdin: str = "") -> CompletedProcess[str]:
        return await asyncio.to_thread(operate, "mod", room.id, *words, data=relay.data, stdin=stdin.encode())

    return run


async def waits(viewer: Viewer, *texts: str) -> None:
    for number, text in enumerate(texts):
        await viewer.chat(text, message_id=f"m{number}")
        await viewer.until(lambda m: m["data"].get("kind") == "message_held")


async def test_what_one_call_lists_the_next_decides(room: Room, mod: Mod) -> None:
    token = viewer_token(room.operator, "eve").text
    async with room.watch(options=READY, token=token) as author:
        await author.welcome()
        await waits(author, "one\nof two lines", "buy this", "buy that")
        listed = (await mod("queue")).stdout
        assert [line.split("  ", 3)[2:] for line in listed.splitlines()] == [
            ["approval", "eve (registered): one of two lines"],
            ["approval", "eve (registered): buy this"],
            ["approval", "eve (registered): buy that"],
        ]
        spam = "".join(line + "\n" for line in listed.splitlines() if "buy" in line)
        rejected = await mod("reject", "-", "--reason", "no ads", stdin=spam)
        assert rejected.returncode == 0
        assert [line.split()[3] for line in rejected.stdout.splitlines()] == ["reject", "reject"]
        for _ in range(2):
            assert "no ads" in (await author.expect("spectator.error"))["message"]
        (waiting,) = json.loads((await mod("queue", "--json")).stdout)
        assert waiting == (await asyncio.to_thread(room.held))[0]
        approved = await mod("approve", waiting["message_id"], "nothing")
        assert (approved.returncode, approved.stderr) == (
            1,
            "nothing: no message waits under this id. It may be decided already; read the queue.\n",
        )
        assert (await author.expect("spectator.chat_message"))["message"] == "one\nof two lines"
    empty = await mod("queue")
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "Nothing waits.\n")
    log = [line.split()[3] for line in (await mod("log")).stdout.splitlines()]
    assert sorted(log) == ["approve", "reject", "reject"]


async def test_bans_taken_out_of_a_room_come_back_into_it(room: Room, mod: Mod, tmp_path: Path) -> None:
    file = tmp_path / "desk.json"
    token = viewer_token(room.operator, "Eve").text
    async with room.watch(options=READY, token=token) as eve:
        eve_id = (await eve.welcome())["spectator"]["id"]
        assert (await mod("ban", eve_id, "--for", "2d", "--reason", "spam")).returncode == 0
        assert await eve.closed() == 4410
    (line,) = (await mod("bans")).stdout.splitlines()
    assert line.startswith(f"{eve_id}  ban  1 d 23 h left  operator  ")
    assert "spam" in line
    await mod("words", "add", "spam", "buy now")
    assert (await mod("export", str(file))).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    assert (await mod("unban", "-", stdin=line)).returncode == 0
    await mod("words", "remove", "spam")
    async with room.watch(options=READY, token=token) as back:
        await back.welcome()
        brought = await mod("import", str(file))
        assert brought.stdout == "bans and mutes: 1 new, 0 known\nwords: 1 new, 1 known\n"
        assert await back.closed() == 4410
    assert sorted((await mod("words")).stdout.splitlines()) == ["buy now", "spam"]
    again = json.loads((await mod("import", str(file), "--json")).stdout)
    assert again == {"imported": 0, "known": 1, "words": {"imported": 0, "known": 2}}
    assert [ban["reason"] for ban in json.loads((await mod("bans", "--json")).stdout)["bans"]] == ["spam"]


async def test_who_only_moderates_is_told_what_it_may_not(room: Room) -> None:
    env = {"CLAWTANK_TOKEN": await asyncio.to_thread(room.token, "moderate", "Maria")}

    async def mod(*words: str) -> CompletedProcess[str]:
        return await asyncio.to_thread(operate, "mod", room.id, *words, "--relay", room.url, env=env)

    assert (await mod("lock", "--reason", "dinner")).returncode == 0
    assert (await mod("log")).stdout.split()[2:] == ["Maria", "lock", "dinner"]
    for words in (["words"], ["words", "add", "spam"], ["export"]):
        refused = await mod(*words)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert is_for_people(refused.stderr)
    assert (await mod("dance")).returncode == 2
