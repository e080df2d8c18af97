"""What a viewer's token opens, what it does not, and what becomes of one that is not good."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from support.clients import Api, chat_event, watching
from support.crowds import READY, refusal
from support.operating import operate
from support.relay_process import UNLIMITED, RelayProcess
from support.tokens import viewer_token
from support.wound_relay import wound_relay

if TYPE_CHECKING:
    from support.rooms import Room

SECRET = "shared with another service, 32 bytes or more"


WAYS: dict[str, Callable[[str], dict[str, Any]]] = {
    "query": lambda token: {"options": {"auth": token}},
    "header": lambda token: {"token": token, "options": READY},
    "message": lambda token: {"connect_data": {"auth_token": token}},
}


def unsigned(token: str) -> str:
    """Return the token with `alg: none` and no signature."""
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def with_claims(token: str, **claims: object) -> str:
    """Return the token with other claims under its old signature."""
    header, payload, signature = token.split(".")
    old = json.loads(base64.urlsafe_b64decode(payload + "=="))
    changed = base64.urlsafe_b64encode(json.dumps(old | claims).encode()).rstrip(b"=").decode()
    return f"{header}.{changed}.{signature}"


@pytest.mark.spec("AUTH-7")
@pytest.mark.parametrize("way", WAYS)
async def test_a_token_that_is_not_good_is_refused_and_never_made_anonymous(
    relay: RelayProcess, room: Room, make_room: Callable[..., Room], way: str
) -> None:
    good = viewer_token(room.operator, "Ada", verified=False)
    revoked = viewer_token(room.operator, "Eve")
    assert operate("token", "revoke", revoked.id, data=relay.data).returncode == 0
    another = make_room()
    async with another.watch(options=READY) as elsewhere:
        other_rooms_seat = (await elsewhere.welcome())["spectator"]["resume_token"]
    async with room.watch(options=READY) as here:
        own_seat = (await here.welcome())["spectator"]["resume_token"]
    wrong = {
        "garbage": "not-a-token",
        "three parts of nothing": "..",
        "unsigned": unsigned(good.text),
        "unsigned seat": unsigned(own_seat),
        "claims changed": with_claims(good.text, verified=True),
        "somebody else's seat": with_claims(own_seat, sub="a:AAAAAAAAAAAAAAAAAAAAAA"),
        "another key": jwt.encode(
            {"iss": "clawtank-relay", "aud": "clawtank-viewer", "sub": "x", "exp": 4_000_000_000}, SECRET
        ),
        "an issuer nobody configured": jwt.encode({"sub": "x", "exp": 4_000_000_000}, SECRET),
        "revoked": revoked.text,
        "seat of another room": other_rooms_seat,
        "publish token": room.publish_token,
        "participate token": room.token("participate"),
        "host token of another room": another.host_token,
        "operator token": room.operator.http.headers["Authorization"].removeprefix("Bearer "),
        "not text a header could hold": "%00%ff",
    }
    for name, token in wrong.items():
        async with room.watch(**WAYS[way](token)) as viewer:
            error, code = await refusal(viewer)
        assert (name, error["code"], error["permanent"], code) == (name, "AUTH_INVALID", True, 4402)
    # The good one among them is still good.
    async with room.watch(**WAYS[way](good.text)) as viewer:
        assert (await viewer.welcome())["spectator"]["state"] == "registered"


@pytest.mark.spec("AUTH-7")
async def test_revoking_a_token_ends_the_connections_it_opened(room: Room) -> None:
    token, other = viewer_token(room.operator, "Ada"), viewer_token(room.operator, "Grace")
    async with (
        room.watch(token=token.text, options=READY) as direct,
        room.watch(token=other.text, options=READY) as bystander,
        room.watch(options=READY) as upgraded,
    ):
        seat = (await direct.welcome())["spectator"]["resume_token"]
        await bystander.welcome()
        await upgraded.welcome()
        await upgraded.send("spectator.connect", {"auth_token": token.text})
        await upgraded.expect("spectator.welcome")
        async with room.watch(token=seat, options=READY) as resumed:
            await resumed.welcome()
            room.operator.call("DELETE", f"/tokens/{token.id}")
            for viewer in (direct, upgraded, resumed):
                error = await viewer.expect("spectator.error", timeout_s=2)
                assert (error["code"], error["permanent"]) == ("AUTH_INVALID", True)
                assert await viewer.closed() == 4402
        room.publish(chat_event("for those who stay"))
        await bystander.events(1)
    # The seat it left behind is no way back in.
    async with room.watch(token=seat) as viewer:
        error, _ = await refusal(viewer)
        assert error["code"] == "AUTH_INVALID"


@pytest.mark.spec("AUTH-7")
async def test_an_expired_token_says_so_and_ends_the_connections_it_opened(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data") as relay:
        wish = {"name": "Ada", "lifetime_s": 600}
        token = (await relay.call("POST", "/tokens", json=wish))["token"]
        async with watching(relay.url, "room", token=token) as viewer:
            seat = (await viewer.welcome())["spectator"]["resume_token"]
            relay.clock.advance(601)
            await viewer.connection.ping()  # so that it is not taken for dead
            error = await viewer.expect("spectator.error")
            assert (error["code"], error["permanent"]) == ("AUTH_INVALID", True)
            assert "expired" in error["message"]
            assert await viewer.closed() == 4402
        for old in (token, seat):
            async with watching(relay.url, "room", token=old) as viewer:
                error, _ = await refusal(viewer)
                assert error["code"] == "AUTH_INVALID"
                assert "expired" in error["message"]


async def test_a_resume_token_ends_a_day_after_it_was_made(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data") as relay:
        async with watching(relay.url, "room") as viewer:
            seat = (await viewer.welcome())["spectator"]["resume_token"]
        relay.clock.advance(25 * 3600)
        async with watching(relay.url, "room", token=seat) as viewer:
            error, _ = await refusal(viewer)
            assert error["code"] == "AUTH_INVALID"


@pytest.mark.spec("AUTH-9")
async def test_a_viewers_token_opens_nothing_but_the_view(room: Room, public: Api) -> None:
    before = room.operator.call("GET", f"{room.path}/settings")
    async with room.watch(options=READY) as viewer:
        seat = (await viewer.welcome())["spectator"]["resume_token"]
    mine = room.operator.call("GET", f"{room.path}/tokens")["tokens"][0]["id"]
    calls: list[tuple[str, str, object]] = [
        ("POST", f"{room.path}/events", chat_event("I am alice")),
        ("GET", f"{room.path}/settings", None),
        ("PATCH", f"{room.path}/settings", {"enabled": False}),
        ("GET", f"{room.path}/tokens", None),
        ("POST", f"{room.path}/tokens", {"scope": "host"}),
        ("DELETE", f"{room.path}/tokens/{mine}", None),
        ("GET", f"{room.path}/moderation/queue", None),
        ("POST", f"{room.path}/moderation", {"action": "approve", "message_id": "x"}),
        ("DELETE", room.path, None),
        ("GET", "/rooms?all=true", None),
        ("POST", "/rooms", {"id": "mine"}),
        ("GET", "/tokens", None),
        ("POST", "/tokens", {"name": "Ada", "verified": True}),
        ("DELETE", f"/tokens/{mine}", None),
    ]
    for token in (
        viewer_token(room.operator, "Ada").text,
        viewer_token(room.operator, "Grace", verified=True).text,
        seat,
    ):
        for method, path, body in calls:
            status = public.answer(method, path, token=token, json=body).status_code
            assert status in (401, 403), (method, path, status)
    assert room.operator.call("GET", f"{room.path}/settings") == before
    assert room.history() == []


@pytest.mark.spec("AUTH-10")
async def test_no_token_is_ever_written_anywhere_or_told_to_anybody(
    serve: Callable[..., RelayProcess],
) -> None:
    limits = {**UNLIMITED, "auth_failures_per_address": 0}
    relay = serve(rooms=["room"], limits=limits, env={"CLAWTANK_RELAY_LOG_LEVEL": "debug"})
    with Api(relay.url, relay.operator_token) as operator, Api(relay.url) as public:
        good = viewer_token(operator, "Ada").text
        made = operator.create_room("other")
        marked = "marked-token-51c2"
        tokens = [good, f"{marked}.{marked}.{marked}", with_claims(good, name=marked)]
        told: list[str] = []
        async with watching(relay.url, "room", options=READY) as witness:
            await witness.welcome()
            for token in tokens:
                for way in WAYS.values():
                    async with watching(relay.url, "room", **way(token)) as viewer:
                        told.append(json.dumps(await viewer.next()))
                for method, path in (
                    ("GET", "/rooms/room"),
                    ("GET", "/rooms/room/events"),
                    ("POST", "/rooms/room/events"),
                    ("GET", "/tokens"),
                    ("GET", "/spectate/room"),
                ):
                    told.append(public.answer(method, path, token=token).text)
                    told.append(public.answer(method, path, params={"auth": token}).text)
            async with watching(relay.url, "room", options=READY) as late:
                await late.welcome()
            told += [json.dumps(witness.seen), json.dumps(late.seen)]
        told += [public.answer("GET", "/openapi.json").text, public.answer("GET", "/metrics").text]
        told.append(operator.answer("GET", "/tokens").text)
    operator_token = relay.operator_token
    relay.stop()
    told += [relay.stderr, relay.stdout]
    files = [file for file in relay.data.rglob("*") if file.is_file() and file.name != "operator.token"]
    told += [file.read_bytes().decode(errors="replace") for file in files]
    # A JSON Web Token is known by its signature as well as by its whole.
    secrets = [
        marked,
        good,
        good.rpartition(".")[2],
        operator_token,
        made["host_token"],
        made["publish_token"],
    ]
    for secret in secrets:
        assert not [text for text in told if secret in text]


@pytest.mark.spec("AUTH-11")
async def test_the_eleventh_wrong_token_within_five_minutes_has_to_wait(tmp_path: Path) -> None:
    async with wound_relay(tmp_path / "data", trusted_proxies=["127.0.0.0/8"]) as relay:
        good = (await relay.call("POST", "/tokens", json={"name": "Ada"}))["token"]

        async def attempt(token: str, address: str) -> dict[str, object]:
            headers = {"X-Forwarded-For": address}
            async with watching(relay.url, "room", token=token, options=READY, headers=headers) as viewer:
                envelope = await viewer.next()
                return envelope["data"] if envelope["type"] == "spectator.error" else {"code": "welcomed"}

        for _ in range(10):
            assert (await attempt("wrong", "192.0.2.1"))["code"] == "AUTH_INVALID"
        eleventh = await attempt("wrong", "192.0.2.1")
        assert (eleventh["code"], eleventh["permanent"]) == ("RATE_LIMITED", False)
        wait_ms = eleventh["retry_after"]
        assert isinstance(wait_ms, int)
        assert 0 < wait_ms <= 300_001
        # HTTP counts with the same eyes.
        answer = await relay.http.get(
            "/rooms/room", headers={"Authorization": "Bearer wrong", "X-Forwarded-For": "192.0.2.1"}
        )
        assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMITED")

        assert (await attempt(good, "192.0.2.2"))["code"] == "welcomed"
        relay.clock.advance(wait_ms / 1000)
        assert (await attempt(good, "192.0.2.1"))["code"] == "welcomed"


async def test_another_issuers_tokens_are_judged_by_what_the_operator_configured(
    serve: Callable[..., RelayProcess],
) -> None:
    config = {"SECRET": SECRET, "ISSUER": "https://id.example", "AUDIENCE": "tank"}
    relay = serve(rooms=["room"], env={f"CLAWTANK_RELAY_AUTH__{name}": text for name, text in config.items()})
    claims = {
        "iss": "https://id.example",
        "aud": "tank",
        "sub": "42",
        "name": "Ada",
        "exp": 4_000_000_000,
    }

    async def answer(claims: dict[str, object], *, key: str = SECRET, algorithm: str = "HS256") -> str:
        token = jwt.encode(claims, key, algorithm)
        async with watching(relay.url, "room", token=token, options=READY) as viewer:
            data = (await viewer.next())["data"]
            return str(data["code"] if "code" in data else data["spectator"]["state"])

    assert await answer(claims) == "registered"
    assert await answer(claims | {"verified": True}) == "verified"
    assert await answer(claims | {"email_verified": True}) == "registered"
    # Clocks differ by a little (60 s are allowed), not by a year.
    for wrong in (
        {"iss": "https://evil.example"},
        {"aud": "elsewhere"},
        {"exp": 1_000_000_000},
        {"nbf": 3_900_000_000},
        {"sub": ""},
        {"sub": 42},
        {"exp": "soon"},
    ):
        assert await answer(claims | wrong) == "AUTH_INVALID", wrong
    assert await answer({name: claims[name] for name in claims if name != "exp"}) == "AUTH_INVALID"
    assert await answer(claims, key="x" * 64) == "AUTH_INVALID"
