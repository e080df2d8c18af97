"""Everything a moderator does, by each way of doing it: over HTTP, from a shell, on the host socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from relay.protocol.moderation import Action
from support.clients import Api, Viewer, chat_event
from support.crowds import READY
from support.operating import operate
from support.rooms import Room
from support.tokens import viewer_token

if TYPE_CHECKING:
    from support.relay_process import RelayProcess

APPROVED = {"spectatorChat": {"moderation": {"requireApproval": True, "autoFilter": False}}}
EFFECT_S = 1.0
"""Within this, each act must have its effect (MOD-6)."""

Route = Callable[..., Awaitable[dict[str, Any]]]
"""Carries out an act and returns its line of the log."""


async def over_http(room: Room, token: str, stack: AsyncExitStack) -> Route:
    async def act(action: str, **body: Any) -> dict[str, Any]:
        line: dict[str, Any] = await asyncio.to_thread(
            room.public.call, "POST", f"{room.path}/moderation", token=token, json={"action": action, **body}
        )
        return line

    return act


async def from_a_shell(room: Room, token: str, stack: AsyncExitStack) -> Route:
    async def act(action: str, **body: Any) -> dict[str, Any]:
        words = [str(body.pop(name)) for name in ("message_id", "spectator_id", "entry") if name in body]
        if "reason" in body:
            words += ["--reason", body["reason"]]
        if "seconds" in body:
            words += [str(body["seconds"])] if action == "slow" else ["--for", f"{body['seconds']}s"]
        done = await asyncio.to_thread(
            operate,
            *("mod", room.id, action.replace("_", "-"), *words, "--json", "--relay", room.url),
            env={"CLAWTANK_TOKEN": token},
        )
        assert (done.returncode, done.stderr) == (0, "")
        (line,) = json.loads(done.stdout)["acts"]
        made: dict[str, Any] = line
        return made

    return act


async def on_the_host_socket(room: Room, token: str, stack: AsyncExitStack) -> Route:
    host = await stack.enter_async_context(room.inside(token))
    await host.welcome()
    asked = iter(range(1000))

    async def act(action: str, **body: Any) -> dict[str, Any]:
        ref = f"act-{next(asked)}"
        await host.send("moderation.act", {"action": action, **body}, ref)
        answer = await host.until(lambda envelope: envelope["data"].get("ref") == ref)
        assert answer["type"] == "moderation.decided", answer
        return {name: value for name, value in answer["data"].items() if name != "ref"}

    return act


BY = {"HTTP": over_http, "a shell": from_a_shell, "the host socket": on_the_host_socket}


async def hears(viewer: Viewer, **wanted: Any) -> dict[str, Any]:
    """Read on until a message has these fields, within the time that an act may take."""
    envelope = await viewer.until(
        lambda envelope: all(envelope["data"].get(key) == value for key, value in wanted.items()), EFFECT_S
    )
    data: dict[str, Any] = envelope["data"]
    return data


async def chat_is(viewer: Viewer, **wanted: Any) -> None:
    """Read on to the next change of settings; it must say this of the chat."""
    told = (await hears(viewer, kind="settings_changed"))["chat"]
    assert {name: told[name] for name in wanted} == wanted


async def held(room: Room, author: Viewer, text: str, ref: str) -> str:
    """Say something that waits; return the id moderators know it by."""
    await author.chat(text, message_id=ref)
    await hears(author, kind="message_held", ref=ref)
    waiting = await asyncio.to_thread(room.held)
    return str(next(one["message_id"] for one in waiting if one["message"] == text))


async def do_everything(room: Room, act: Route) -> list[dict[str, Any]]:
    """Perform every act there is, see what it does to those who watch; return its lines, first to last."""
    lines: list[dict[str, Any]] = []

    async def done(action: str, **body: Any) -> dict[str, Any]:
        line = await act(action, **body)
        assert (line["action"], line["reason"] if "reason" in body else None) == (action, body.get("reason"))
        lines.append(line)
        return line

    tokens = [viewer_token(room.operator, name).text for name in ("Ann", "Ben")]
    async with (
        room.watch(options=READY, token=tokens[0]) as ann,
        room.watch(options=READY, token=tokens[1]) as ben,
    ):
        ann_id = (await ann.welcome())["spectator"]["id"]
        await ben.welcome()

        waiting = await held(room, ann, "may I come in?", "m1")
        shown_as = (await done("approve", message_id=waiting))["shown_as"]
        assert (await hears(ben, message="may I come in?"))["message_id"] == shown_as

        waiting = await held(room, ann, "buy my course", "m2")
        rejected = await done("reject", message_id=waiting, reason="no ads")
        assert "no ads" in (await hears(ann, code="MESSAGE_REJECTED", ref="m2"))["message"]
        await done("undo", entry=rejected["id"])
        assert [one["message_id"] for one in await asyncio.to_thread(room.held)] == [waiting]

        await done("warn", spectator_id=ann_id, reason="one more and you are out")
        assert (await hears(ann, kind="warning"))["reason"] == "one more and you are out"

        await done("delete", message_id=shown_as, reason="off topic")
        assert (await hears(ben, reason="deleted"))["message_id"] == shown_as

        muted = await done("mute", spectator_id=ann_id, seconds=60, reason="calm down")
        assert (await hears(ann, kind="mode_changed"))["muted"] == {
            "until": muted["until"],
            "reason": "calm down",
        }
        await done("unmute", spectator_id=ann_id)
        await hears(ann, kind="mode_changed", muted=None)

        await done("slow", seconds=30)
        await chat_is(ben, slow_s=30)
        await done("slow", seconds=0)
        await chat_is(ben, slow_s=0)
        for action, state in (
            ("lock", {"locked": True}),
            ("unlock", {"locked": False}),
            ("shield", {"shielded": True}),
            ("unshield", {"shielded": False}),
        ):
            await done(action)
            await chat_is(ben, **state)

        await done("delete_all", spectator_id=ann_id)
        assert (await hears(ben, reason="deleted"))["spectator_id"] == ann_id
        await hears(ann, code="MESSAGE_REJECTED", ref="m2")

        await done("ban", spectator_id=ann_id, seconds=3600, reason="spam")
        assert (await hears(ann, code="BANNED"))["permanent"] is True
        await hears(ben, reason="deleted", spectator_id=ann_id)
        await done("unban", spectator_id=ann_id)
        async with room.watch(options=READY, token=tokens[0]) as back:
            assert (await back.welcome())["spectator"]["id"] == ann_id
    assert {line["action"] for line in lines} == {action.value for action in Action}
    return lines


def log(room: Room, token: str) -> list[dict[str, Any]]:
    """Return the whole moderation log, first to last."""
    page = room.public.call("GET", f"{room.path}/moderation/log?limit=200", token=token)
    assert page["more"] is False
    lines: list[dict[str, Any]] = page["acts"]
    return lines[::-1]


@pytest.mark.spec("MOD-6")
@pytest.mark.timeout(180)  # a shell starts a program for each act
@pytest.mark.parametrize("route", BY)
async def test_every_act_by_every_route_has_its_effect_at_once(
    make_room: Callable[..., Room], route: str
) -> None:
    room = make_room(settings=APPROVED)
    async with AsyncExitStack() as stack:
        await do_everything(room, await BY[route](room, room.host_token, stack))


@pytest.mark.spec("MOD-10")
async def test_every_act_is_one_line_of_the_log_and_is_kept_over_a_restart(
    serve: Callable[..., RelayProcess],
) -> None:
    relay = serve()
    with Api(relay.url, relay.operator_token) as operator, Api(relay.url) as public:
        room = Room.create(relay.url, "room", operator=operator, public=public, settings=APPROVED)
        maria = await asyncio.to_thread(room.token, "moderate", "Maria")
        async with AsyncExitStack() as stack:
            lines = await do_everything(room, await over_http(room, maria, stack))
        logged = await asyncio.to_thread(log, room, maria)
        assert [line["id"] for line in logged] == [line["id"] for line in lines], "one line each"
        for line, answer in zip(logged, lines, strict=True):
            assert {name: line[name] for name in answer if name not in ("undoable", "undone")} == {
                name: value for name, value in answer.items() if name not in ("undoable", "undone")
            }
            assert line["by"] == "Maria"
        told = {(line["action"], line.get("spectator_id", ""), line.get("reason", "")) for line in logged}
        whom = next(line["spectator_id"] for line in logged if line["action"] == "ban")
        assert {("ban", whom, "spam"), ("mute", whom, "calm down"), ("reject", whom, "no ads")} <= told
        assert not any("buy my course" in str(line) for line in logged), "who and why, never what was said"
    relay.kill()
    again = serve()
    with Api(again.url, again.operator_token) as operator, Api(again.url) as public:
        room = Room(again.url, "room", operator, public, room.host_token, room.publish_token)
        assert await asyncio.to_thread(log, room, maria) == logged
    shown = await asyncio.to_thread(operate, "mod", "room", "log", data=again.data)
    assert [line.split()[:4] for line in shown.stdout.splitlines()] == [
        [line["id"], line["at"][:19] + "Z", "Maria", line["action"].replace("_", "-")] for line in logged
    ]


async def test_a_moderate_token_moderates_and_nothing_else(make_room: Callable[..., Room]) -> None:
    room = make_room()

    def answer(method: str, path: str, **how: Any) -> tuple[int, str]:
        token = how.pop("token", maria)
        reply = room.public.answer(method, room.path + path, token=token, **how)
        return reply.status_code, "" if reply.is_success else reply.json()["code"]

    maria = await asyncio.to_thread(room.token, "moderate", "Maria")
    for name in ("queue", "reports", "log", "bans"):
        assert answer("GET", f"/moderation/{name}") == (200, "")
    assert answer("POST", "/moderation", json={"action": "lock"}) == (200, "")
    assert answer("POST", "/moderation/bans", json={"bans": [], "mutes": []}) == (200, "")
    before = await asyncio.to_thread(room.set)
    made = room.public.call("POST", f"{room.path}/tokens", token=room.host_token, json={"scope": "publish"})
    for method, path, body in (
        ("GET", "/settings", None),
        ("PATCH", "/settings", {"enabled": False}),
        ("PATCH", "/settings", {"spectatorChat": {"moderation": {"locked": False}}}),
        ("GET", "/tokens", None),
        ("POST", "/tokens", {"scope": "moderate", "name": "a friend"}),
        ("DELETE", f"/tokens/{made['id']}", None),
        ("GET", "/hooks", None),
        ("POST", "/events", [chat_event("hello")]),
        ("DELETE", "", None),
    ):
        assert answer(method, path, json=body) == (403, "AUTH_INVALID"), f"{method} {path}"
    assert await asyncio.to_thread(room.set) == before
    assert answer("GET", "/tokens", token=room.host_token) == (200, "")
    for method, path in (("POST", "/rooms"), ("GET", "/tokens"), ("POST", "/tokens")):
        reply = room.public.answer(method, path, token=maria, json={"id": "x", "name": "x"})
        assert reply.status_code == 401, f"{method} {path} is the operator's"
    other = make_room()
    for name in ("queue", "reports", "log", "bans"):
        reply = room.public.answer("GET", f"{other.path}/moderation/{name}", token=maria)
        assert reply.status_code in (401, 403), "it is of this room alone"
