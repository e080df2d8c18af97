"""A banned viewer stays out, by whichever way it comes back; its neighbours need no more than a token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.clients import Api, chat_event, watching
from support.crowds import READY, outcome, refusal
from support.ports import LOOPBACK
from support.relay_process import RelayProcess
from support.rooms import Room
from support.tokens import viewer_token
from support.wound_relay import wound_relay

HOME, AWAY, ELSEWHERE = "203.0.113.7", "198.51.100.1", "192.0.2.9"
HOME_6, NEXT_DOOR_6, NEXT_STREET_6 = "2001:db8:1:2::7", "2001:db8:1:2:ffff::1", "2001:db8:1:3::7"
PROXIED = ("--trusted-proxy", f"{LOOPBACK}/32")
WEEK_S, DAY_S = 7 * 86_400, 86_400


def by(*addresses: str) -> dict[str, str]:
    """Return the headers of a request that the proxy took from the last of these addresses."""
    return {"X-Forwarded-For": ", ".join(addresses)}


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    """A relay that believes what the proxy on this machine says of addresses."""
    process = RelayProcess.start(tmp_path_factory.mktemp("bans") / "data", *PROXIED)
    yield process
    assert process.stop() == 0
    assert '"level": "error"' not in process.stderr, process.stderr


@pytest.fixture
def in_room() -> Iterator[Callable[..., Room]]:
    """Create a room on a relay: `in_room(relay, "name", settings={…})`."""
    open_apis: list[Api] = []

    def make(relay: RelayProcess, name: str, **wish: object) -> Room:
        operator, public = Api(relay.url, relay.operator_token), Api(relay.url)
        open_apis.extend((operator, public))
        return Room.create(relay.url, name, operator=operator, public=public, **wish)

    yield make
    for api in open_apis:
        api.http.close()


async def act(room: Room, action: str, spectator_id: str, **more: Any) -> dict[str, Any]:
    """Act as the host upon a viewer; return the line of the log."""
    body = {"action": action, "spectator_id": spectator_id, **more}
    line: dict[str, Any] = await asyncio.to_thread(
        room.public.call, "POST", f"{room.path}/moderation", token=room.host_token, json=body
    )
    return line


async def bans(room: Room) -> list[dict[str, Any]]:
    """Return the bans, as the host reads them."""
    path = f"{room.path}/moderation/bans"
    listed: list[dict[str, Any]] = (
        await asyncio.to_thread(room.public.call, "GET", path, token=room.host_token)
    )["bans"]
    return listed


async def over_http(room: Room, token: str | None = None, **headers: str) -> set[str]:
    """Make every HTTP call that viewers have; return how each ended, one outcome where they agree."""
    epoch = (await asyncio.to_thread(room.operator.call, "GET", f"{room.path}/events"))["cursor"].partition(
        "-"
    )
    ended = set()
    for what in ("", "/events", "/events?since=1h", "/batches", f"/batches/{epoch[0]}-0-1"):
        answer = await asyncio.to_thread(
            room.public.answer, "GET", room.path + what, token=token, headers=headers
        )
        assert answer.status_code == (200 if answer.is_success else 403)
        ended.add("welcomed" if answer.is_success else answer.json()["code"])
    return ended


# -- who is banned ---------------------------------------------------------------------------------


@dataclass
class Banned:
    """Somebody anonymous who came from `HOME`, with two windows and a second self, and is banned now.

    Attributes:
        resume: The resume token of whom the ban names.
        second: That of the second self, who came from the same address.
        cursor: Where the banned one stood.
        account: A viewer token that the banned one signed in with, in place, before the ban.
    """

    room: Room
    resume: str = ""
    second: str = ""
    cursor: str = ""
    account: str = ""

    async def comes(self, token: str | None = None, **how: Any) -> str:
        """Come to the socket; return `welcomed`, or the code of the refusal."""
        how.setdefault("headers", by(HOME))
        how["options"] = {**READY, **how.get("options", {})}
        return await outcome(self.room.watch(token=token, **how))

    async def shows_itself_later(self, token: str, address: str) -> str:
        """Come as a stranger, then show who one is; return how that ends."""
        async with self.room.watch(options=READY, headers=by(address)) as stranger:
            await stranger.welcome()
            await stranger.send("spectator.connect", {"auth_token": token})
            error = await stranger.expect("spectator.error")
            assert await stranger.closed() == 4410
        return str(error["code"])

    async def says_it_first(self, token: str, address: str) -> str:
        """Come with a first message instead of a header."""
        said = {"room_id": self.room.id, "auth_token": token, "display_name": "somebody nice"}
        return await outcome(self.room.watch(connect_data=said, headers=by(address)))

    async def calls(self, token: str | None, address: str) -> str:
        """Read over HTTP."""
        (ended,) = await over_http(self.room, token, **by(address))
        return ended

    def ways_back(self, network: str) -> Mapping[str, Awaitable[str]]:
        """Return every way; each from an address of its own in a fresh network, where it may choose."""
        return {
            "somebody new from home": self.comes(),
            "under another name": self.comes(options={"name": "somebody nice"}),
            "where the connection broke off": self.comes(self.resume, options={"cursor": self.cursor}),
            "with the resume token from elsewhere": self.comes(self.resume, headers=by(f"{network}.11")),
            "with it in the query": self.comes(options={"auth": self.resume}, headers=by(f"{network}.12")),
            "with it in the first message": self.says_it_first(self.resume, f"{network}.13"),
            "as a stranger who shows it later": self.shows_itself_later(self.resume, f"{network}.14"),
            "as the second self": self.comes(self.second),
            "with the account it became": self.comes(self.account, headers=by(f"{network}.15")),
            "as a stranger who signs in": self.shows_itself_later(self.account, f"{network}.16"),
            "with a forged address": self.comes(headers=by(ELSEWHERE, HOME)),
            "over HTTP from home": self.calls(None, HOME),
            "over HTTP with the resume token": self.calls(self.resume, f"{network}.17"),
            "over HTTP with the account": self.calls(self.account, f"{network}.18"),
        }


async def somebody_banned(room: Room) -> Banned:
    """Let somebody come, come again, sign in, and be banned."""
    one = Banned(room, account=viewer_token(room.operator, "Mallory").text)
    async with (
        room.watch(options=READY, headers=by(HOME)) as viewer,
        room.watch(options=READY, headers=by(HOME)) as self_too,
        room.watch(options=READY, headers=by(AWAY)) as other,
    ):
        welcome, _ = await viewer.welcome(), await other.welcome()
        one.resume, one.cursor = welcome["spectator"]["resume_token"], welcome["cursor"]
        one.second = (await self_too.welcome())["spectator"]["resume_token"]
        async with room.watch(options=READY, token=one.resume, headers=by(HOME)) as window:
            await window.welcome()
            await viewer.send("spectator.connect", {"auth_token": one.account})
            await viewer.expect("spectator.welcome")
            await viewer.chat("you are all fools")
            said = await other.expect("spectator.chat_message")
            line = await act(room, "ban", welcome["spectator"]["id"], reason="selling coins")
            assert (line["action"], line["until"], line["reason"]) == ("ban", None, "selling coins")
            for connection in (viewer, window):
                error = await connection.expect("spectator.error", timeout_s=1)
                assert (error["code"], error["permanent"]) == ("BANNED", True)
                assert "selling coins" in error["message"]
                assert await connection.closed(timeout_s=1) == 4410
            # What it said as the account goes as well.
            await other.until(
                lambda m: (
                    m["type"] == "spectator.chat_removed"
                    and m["data"]["spectator_id"] == said["spectator_id"]
                )
            )
        # The second self was there already, and cannot be told from a neighbour: it watches on, in silence.
        notice = await self_too.until(lambda m: m["data"].get("kind") == "mode_changed")
        assert notice["data"]["capabilities"] == []
        assert "viewer token" in notice["data"]["muted"]["reason"], "why is not its to know"
        room.publish(chat_event("you may stay"))
        await self_too.events(1)
    return one


async def ended(ways: Mapping[str, Awaitable[str]]) -> dict[str, str]:
    """Go all the ways at once; return how each ended."""
    return dict(zip(ways, await asyncio.gather(*ways.values()), strict=True))


@pytest.mark.spec("VALID-13", "MOD-12")
async def test_a_banned_viewer_stays_out_whichever_way_it_comes_back_before_and_after_a_restart(
    serve: Callable[..., RelayProcess], in_room: Callable[..., Room]
) -> None:
    relay = serve(*PROXIED)
    room = in_room(relay, "room")
    room.publish(chat_event("for the decent"))
    one = await somebody_banned(room)
    before = await ended(one.ways_back("198.51.100"))
    assert before == dict.fromkeys(before, "BANNED")
    (ban,) = await bans(room)
    assert len(ban["also"]) >= 3, "the account, and the two strangers it came as"
    relay.stop()
    again = serve(*PROXIED)
    with Api(again.url, again.operator_token) as operator, Api(again.url) as public:
        one.room = Room(again.url, room.id, operator, public, room.host_token, room.publish_token)
        after = await ended(one.ways_back("198.51.101"))
        assert after == dict.fromkeys(after, "BANNED")
        # Where it showed itself nobody unnamed comes in; elsewhere anybody does, at home whoever is known.
        assert await one.comes(headers=by("198.51.100.11")) == "BANNED"
        assert await one.comes(headers=by(ELSEWHERE)) == "welcomed"
        neighbour = viewer_token(operator, "Ada").text
        assert await one.comes(neighbour) == "welcomed"
        assert await over_http(one.room, neighbour, **by(HOME)) == {"welcomed"}
        # Named by the account, it is the same ban; lifted, every door is open.
        lifted = await act(one.room, "unban", ban["also"][0])
        assert lifted["spectator_id"] == ban["spectator_id"]
        assert await bans(one.room) == []
        assert await one.comes(one.resume) == "welcomed"
        assert await one.comes() == "welcomed"
        assert await over_http(one.room, **by(HOME)) == {"welcomed"}
    written = b"".join(path.read_bytes() for path in again.data.iterdir() if path.name.startswith("relay.db"))
    for address in (HOME, AWAY, "198.51.100.11"):
        assert address.encode() not in written


# -- how far, and how long -------------------------------------------------------------------------


async def test_an_address_of_the_sixth_version_is_banned_with_its_neighbours_in_the_same_house(
    proxied: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room(proxied, "sixth")
    async with room.watch(options=READY, headers=by(HOME_6)) as viewer:
        await act(room, "ban", (await viewer.welcome())["spectator"]["id"])
        assert await viewer.closed() == 4410
    ways = {
        address: outcome(room.watch(options=READY, headers=by(address)))
        for address in (HOME_6, NEXT_DOOR_6, NEXT_STREET_6)
    }
    assert list((await ended(ways)).values()) == ["BANNED", "BANNED", "welcomed"]


async def test_who_comes_unnamed_from_a_banned_address_has_a_moment_to_show_a_token(
    proxied: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room(proxied, "moment")
    async with room.watch(options=READY, headers=by(HOME)) as viewer:
        await act(room, "ban", (await viewer.welcome())["spectator"]["id"])
    async with room.watch(options=READY, headers=by(HOME)) as neighbour:
        await neighbour.send("spectator.connect", {"auth_token": viewer_token(room.operator, "Ada").text})
        spectator = (await neighbour.welcome())["spectator"]
        assert (spectator["state"], spectator.get("muted")) == ("registered", None)
    async with room.watch(options=READY, headers=by(HOME)) as stranger:
        error, code = await refusal(stranger)
    assert (error["code"], error["permanent"], error["retry_after"], code) == ("BANNED", True, 0, 4410)
    (ban,) = await bans(room)
    assert ban["addresses_until"][:10] in error["message"], "it says until when"
    assert "viewer token" in error["message"]


@pytest.mark.spec("MOD-12")
async def test_a_ban_holds_past_midnight_and_ends_when_it_was_told_to(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data", trusted_proxies=[f"{LOOPBACK}/32"]) as relay:

        async def comes(**how: Any) -> str:
            return await outcome(watching(relay.url, "room", options=READY, **how))

        async def ban(spectator_id: str, **more: Any) -> None:
            body = {"action": "ban", "spectator_id": spectator_id, **more}
            await relay.call("POST", "/rooms/room/moderation", json=body)

        made = await relay.call("POST", "/tokens", json={"name": "Eve", "lifetime_s": 30 * DAY_S})
        eve, anonymous = made["token"], []
        for _ in range(2):
            async with watching(relay.url, "room", options=READY, headers=by(HOME)) as viewer:
                anonymous.append((await viewer.welcome())["spectator"])
        async with watching(relay.url, "room", options=READY, token=eve, headers=by(AWAY)) as viewer:
            eves_id = (await viewer.welcome())["spectator"]["id"]

        # For an hour: whom it names, and whoever else comes from there unnamed.
        await ban(anonymous[0]["id"], seconds=3600)
        for passed_s, expected in ((0, "BANNED"), (3599, "BANNED"), (1, "welcomed")):
            relay.clock.advance(passed_s)
            for one in anonymous:
                assert await comes(token=one["resume_token"], headers=by(HOME)) == expected
        # For good: an account for good, an address for a week, whatever the day.
        await ban(eves_id)
        strangers = []
        for day in range(8):
            strangers.append(await comes(headers=by(AWAY)) if day in (0, 6, 7) else "")
            assert await comes(token=eve, headers=by(HOME)) == "BANNED"
            relay.clock.advance(DAY_S)
        assert [strangers[0], strangers[6], strangers[7]] == ["BANNED", "BANNED", "welcomed"]


@pytest.mark.spec("VALID-16")
async def test_history_and_batches_are_kept_from_who_is_banned(
    proxied: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room(proxied, "history")
    room.publish(chat_event("for the decent"))
    eve = viewer_token(room.operator, "Eve").text
    async with room.watch(options=READY, token=eve, headers=by(HOME)) as viewer:
        spectator = (await viewer.welcome())["spectator"]
        assert await over_http(room, eve, **by(HOME)) == {"welcomed"}
        await act(room, "ban", spectator["id"])
    for token in (eve, spectator["resume_token"]):
        assert await over_http(room, token, **by(ELSEWHERE)) == {"BANNED"}
    assert await over_http(room, **by(HOME)) == {"BANNED"}
    assert await over_http(room, **by(AWAY)) == {"welcomed"}
    for token in (room.host_token, room.publish_token, room.token("moderate")):
        assert await over_http(room, token, **by(HOME)) == {"welcomed"}


# -- those who moderate ----------------------------------------------------------------------------


async def test_a_moderators_token_opens_the_spectator_socket_and_its_end_closes_it(
    proxied: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room, other = in_room(proxied, "moderated"), in_room(proxied, "unmoderated")
    async with room.watch(options=READY, headers=by(HOME)) as viewer:
        await act(room, "ban", (await viewer.welcome())["spectator"]["id"])
    maria = room.token("moderate", "Maria")
    async with room.watch(options=READY, token=maria, headers=by(HOME)) as moderator:
        spectator = (await moderator.welcome())["spectator"]
    assert (spectator["display_name"], spectator["state"]) == ("Maria", "registered")
    assert (spectator["capabilities"], spectator.get("muted")) == (["chat", "moderate"], None)
    refused = room.public.answer(
        "POST",
        f"{room.path}/moderation",
        token=room.host_token,
        json={"action": "ban", "spectator_id": spectator["id"]},
    )
    assert (refused.status_code, "revoke the token" in refused.json()["message"]) == (400, True)
    async with room.watch(options=READY, token=room.host_token) as host:
        assert (await host.welcome())["spectator"]["display_name"] == "Host"
    assert await outcome(other.watch(options=READY, token=maria)) == "AUTH_INVALID"
    resume = spectator["resume_token"]
    async with room.watch(options=READY, token=resume, headers=by(HOME)) as again:
        assert (await again.welcome())["spectator"]["capabilities"] == ["chat", "moderate"]
        (listed,) = [
            one
            for one in room.public.call("GET", f"{room.path}/tokens", token=room.host_token)["tokens"]
            if one.get("name") == "Maria"
        ]
        room.public.call("DELETE", f"{room.path}/tokens/{listed['id']}", token=room.host_token)
        assert (await again.expect("spectator.error"))["code"] == "AUTH_INVALID"
    for token in (maria, resume):
        assert await outcome(room.watch(options=READY, token=token)) == "AUTH_INVALID"
