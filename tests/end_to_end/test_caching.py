"""What is said to caches: for how long, for whom, in which coding, and when a copy is good no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.clients import Api, chat_event
from support.crowds import READY
from support.operating import is_for_people, operate
from support.plain_http import Answer, fetch
from support.ports import LOOPBACK
from support.relay_process import RelayProcess
from support.rooms import Room
from support.tokens import viewer_token

REGIONS = """
[[regions]]
name = "eu-west"
url = "wss://eu.relay.example"
countries = ["DE", "FR"]

[[regions]]
name = "us-east"
url = "wss://us.relay.example"
"""
HEADER = "CF-IPCountry"
CODINGS = ("identity", "gzip", "br")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    """A relay that believes the country a proxy tells it; nobody watches, so nothing stirs between calls."""
    data = tmp_path_factory.mktemp("origin") / "data"
    words = ("--country-header", HEADER, "--trusted-proxy", f"{LOOPBACK}/32")
    process = RelayProcess.start(data, *words, rooms=["room"])
    with Api(process.url, process.operator_token) as api:
        # Long enough to be coded.
        api.publish("room", process.operator_token, *(chat_event(f"number {n}") for n in range(500)))
    yield process
    assert process.stop() == 0
    assert '"level": "error"' not in process.stderr, process.stderr


@pytest.fixture(scope="module")
def batch(origin: RelayProcess) -> str:
    """The address of a closed batch of 500 events."""
    (listed,) = fetch(origin.url, "/rooms/room/batches").json["batches"]
    return f"/rooms/room/batches/{listed['batch_id']}"


@pytest.fixture(scope="module")
def everything(batch: str) -> tuple[str, ...]:
    """Every address that caches may keep."""
    return ("/rooms", "/rooms/room", "/rooms/room/batches", batch, "/privacy", "/openapi.json")


@pytest.fixture(scope="module")
def in_room(origin: RelayProcess) -> Iterator[Callable[..., Room]]:
    """Create more rooms there."""
    with Api(origin.url, origin.operator_token) as operator, Api(origin.url) as public:
        yield lambda name, **wish: Room.create(origin.url, name, operator=operator, public=public, **wish)


def is_public(answer: Answer, lifetime_s: int) -> bool:
    return answer.status == 200 and answer.cache == {"public", f"max-age={lifetime_s}"}


def is_private(answer: Answer) -> bool:
    return not answer.cache.isdisjoint({"private", "no-store"}) and "public" not in answer.cache


# -- how long --------------------------------------------------------------------------------------


@pytest.mark.spec("CDN-3", "CDN-4", "CDN-5")
def test_each_kind_of_answer_is_kept_for_its_time(origin: RelayProcess, batch: str) -> None:
    lifetimes = {
        "/openapi.json": 3600,
        "/privacy": 3600,
        batch: 300,
        "/rooms": 900,
        "/rooms/room": 900,
        "/rooms/room/batches": 10,  # it grows
        "/rooms/room/batches?limit=1&after=" + batch.rpartition("/")[2].rpartition("-")[0]: 10,
    }
    for path, lifetime_s in lifetimes.items():
        answer = fetch(origin.url, path)
        assert is_public(answer, lifetime_s), f"{path}: {answer.cache}"
        assert answer.vary == {"accept-encoding"}
        again = fetch(origin.url, path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status == 304, path


@pytest.mark.spec("CDN-1")
def test_caching_can_be_switched_off(serve: Callable[..., RelayProcess]) -> None:
    relay = serve(rooms=["room"], env={"CLAWTANK_RELAY_CDN__ENABLED": "false"})
    with Api(relay.url, relay.operator_token) as api:
        api.publish("room", relay.operator_token, *(chat_event(str(n)) for n in range(500)))
    (listed,) = fetch(relay.url, "/rooms/room/batches").json["batches"]
    for path in (
        "/rooms",
        "/rooms/room",
        "/openapi.json",
        "/rooms/room/batches",
        f"/rooms/room/batches/{listed['batch_id']}",
    ):
        answer = fetch(relay.url, path)
        assert answer.status == 200
        assert is_private(answer), path
        again = fetch(relay.url, path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status == 304, "its reader's own copy is good as long as it is the same"


@pytest.mark.spec("CDN-10")
def test_the_lifetimes_are_settings(serve: Callable[..., RelayProcess], tmp_path: Path) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(
        '[cdn.caching]\nstatic_content = "2h"\nevent_batches = "90s"\nroom_metadata = "0s"\n'
        '[cdn.compression]\ntext_events = "brotli"\n'
    )
    relay = serve("--config", str(file), rooms=["room"])
    with Api(relay.url, relay.operator_token) as api:
        api.publish("room", relay.operator_token, *(chat_event(str(n)) for n in range(500)))
    (listed,) = fetch(relay.url, "/rooms/room/batches").json["batches"]
    batch = f"/rooms/room/batches/{listed['batch_id']}"
    assert is_public(fetch(relay.url, "/openapi.json"), 7200)
    assert is_public(fetch(relay.url, batch), 90)
    assert is_public(fetch(relay.url, "/rooms"), 0)
    assert is_public(fetch(relay.url, "/rooms/room"), 0)
    answer = fetch(relay.url, batch, headers={"Accept-Encoding": "gzip, br"})
    assert (answer.coding, answer.json["compression"]) == ("br", "brotli")


# -- whose -----------------------------------------------------------------------------------------


@pytest.mark.spec("CDN-8")
def test_what_is_not_for_everybody_is_in_no_shared_cache(
    origin: RelayProcess, in_room: Callable[..., Room], everything: tuple[str, ...]
) -> None:
    token = viewer_token(in_room("elsewhere").operator, "Ada").text
    registered = in_room("registered", settings={"requireRegistration": True})
    abroad = in_room("abroad", settings={"restrictGeographic": ["DE"]})
    for room, how in ((registered, {"token": token}), (abroad, {"headers": {HEADER: "DE"}})):
        room.publish(*(chat_event(f"number {n}") for n in range(500)))
        (listed,) = fetch(origin.url, f"{room.path}/batches", **how).json["batches"]
        for path in ("", "/batches", f"/batches/{listed['batch_id']}", "/events"):
            answer = fetch(origin.url, room.path + path, **how)
            assert answer.status == 200
            assert is_private(answer), f"{room.path}{path}: {answer.cache}"
            assert path == "/events" or "authorization" in answer.vary
            refused = fetch(origin.url, room.path + path)
            assert (refused.status, refused.cache) == (403, {"no-store"})
            # Nor does it help to have a copy: who may read is asked each time.
            tag = {"If-None-Match": answer.headers.get("etag", "*")}
            assert fetch(origin.url, room.path + path, headers=tag).status == 403
    for path in everything:
        assert is_private(fetch(origin.url, path, token=token)), f"{path} was asked for with a token"
        assert "public" in fetch(origin.url, path).cache
    listing = fetch(origin.url, "/rooms?all=true", token=origin.operator_token)
    assert (listing.status, listing.cache) == (200, {"no-store"})


def test_a_room_that_asks_for_registration_is_private_from_then_on(
    origin: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room("tightened")
    token = viewer_token(room.operator, "Ada").text
    assert is_public(fetch(origin.url, room.path), 900)
    room.set(requireRegistration=True)
    assert is_private(fetch(origin.url, room.path, token=token))
    room.set(requireRegistration=False)
    assert is_public(fetch(origin.url, room.path), 900)


@pytest.mark.spec("CDN-8")
async def test_a_room_with_bans_is_private_until_the_last_is_lifted(
    origin: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room("banned")
    room.publish(*(chat_event(f"number {n}") for n in range(500)))
    (listed,) = fetch(origin.url, f"{room.path}/batches").json["batches"]
    paths = [room.path + what for what in ("", "/batches", f"/batches/{listed['batch_id']}")]
    assert all("public" in fetch(origin.url, path).cache for path in paths)
    token = viewer_token(room.operator, "Eve").text
    async with room.watch(options=READY, token=token) as viewer:
        banned = {"action": "ban", "spectator_id": (await viewer.welcome())["spectator"]["id"]}
        room.public.call("POST", f"{room.path}/moderation", token=room.host_token, json=banned)
    neighbour = viewer_token(room.operator, "Ada").text
    for path in paths:
        answer = fetch(origin.url, path, token=neighbour)
        assert is_private(answer), f"{path}: {answer.cache}"
        assert "authorization" in answer.vary
        refused = fetch(origin.url, path, headers={"If-None-Match": answer.headers.get("etag", "*")})
        assert (refused.status, refused.cache) == (403, {"no-store"})
    lifted = {**banned, "action": "unban"}
    room.public.call("POST", f"{room.path}/moderation", token=room.host_token, json=lifted)
    assert all("public" in fetch(origin.url, path).cache for path in paths)


def test_refusals_tokens_and_settings_are_kept_by_none(origin: RelayProcess) -> None:
    token = origin.operator_token
    calls = (
        (404, "GET", "/nowhere", ""),
        (404, "GET", "/rooms/none", ""),
        (404, "GET", "/rooms/room/batches/none", ""),
        (405, "PUT", "/rooms", ""),
        (400, "GET", "/rooms/room/batches?limit=0", ""),
        (400, "GET", "/rooms/room/batches?after=x", ""),
        (401, "GET", "/rooms?all=true", ""),
        (401, "GET", "/tokens", ""),
        (426, "GET", "/spectate/room", ""),
        (200, "GET", "/tokens", token),
        (200, "GET", "/rooms/room/settings", token),
        (200, "GET", "/rooms/room/moderation/queue", token),
        (200, "GET", "/rooms/room/events", ""),
        (200, "GET", "/healthz", ""),
        (200, "GET", "/readyz", ""),
        (200, "GET", "/metrics", ""),
    )
    for status, method, path, bearer in calls:
        answer = fetch(origin.url, path, method=method, token=bearer)
        assert (answer.status, answer.cache) == (status, {"no-store"}), path
    too_large = fetch(origin.url, "/rooms", headers={"X-Long": "x" * 20_000})
    assert (too_large.status, too_large.cache) == (431, {"no-store"})


# -- in which coding -------------------------------------------------------------------------------


@pytest.mark.spec("CDN-6")
def test_text_is_coded_as_the_client_takes_it(
    origin: RelayProcess, batch: str, everything: tuple[str, ...]
) -> None:
    for path in (*everything, "/rooms/room/events?limit=500"):
        plain = fetch(origin.url, path)
        assert plain.coding == "identity"
        for accepted, coding in (("gzip", "gzip"), ("br", "br"), ("gzip, br", "gzip"), ("zstd", "identity")):
            answer = fetch(origin.url, path, headers={"Accept-Encoding": accepted})
            assert answer.status == 200
            assert "accept-encoding" in answer.vary
            assert answer.coding == (coding if len(plain.raw) >= 512 else "identity"), (path, accepted)
            assert answer.body == plain.raw
            assert answer.coding == "identity" or len(answer.raw) < len(plain.raw)
    size = {
        accepted: len(fetch(origin.url, batch, headers={"Accept-Encoding": accepted}).raw)
        for accepted in CODINGS
    }
    assert size["gzip"] < size["identity"] / 10
    assert size["br"] < size["gzip"]


@pytest.mark.spec("OPT-3")
async def test_a_client_that_offers_compression_gets_it_and_one_that_does_not_gets_none(room: Room) -> None:
    report = room.publish(*(chat_event(f"number {n}") for n in range(500)))
    batch = f"{room.path}/batches/{report['cursor'].partition('-')[0]}-0-500"
    for offered in ("deflate", None):
        async with room.watch(options={"history": "10"}, compression=offered) as viewer:
            response = viewer.connection.response
            assert response is not None
            agreed = response.headers.get("Sec-WebSocket-Extensions", "")
            assert agreed.startswith("permessage-deflate") is (offered is not None)
            await viewer.welcome()
            assert [event["content"] for event in await viewer.events(10)][-1] == "number 499"
    for offered, coding in (("gzip", "gzip"), ("br", "br"), ("", "identity")):
        answer = await asyncio.to_thread(fetch, room.url, batch, headers={"Accept-Encoding": offered})
        assert (answer.coding, len(answer.json["events"])) == (coding, 500)


def test_a_client_that_takes_nothing_we_have_is_told_so(origin: RelayProcess, batch: str) -> None:
    for path in ("/rooms", batch, "/rooms/room/events"):
        answer = fetch(origin.url, path, headers={"Accept-Encoding": "zstd, identity;q=0"})
        assert (answer.status, answer.json["code"]) == (406, "INVALID_MESSAGE")
        assert "gzip" in answer.json["message"]
        small = fetch(origin.url, path, headers={"Accept-Encoding": "gzip, identity;q=0"})
        assert (small.status, small.coding) == (200, "gzip"), "however small"


# -- whether a copy is still good ------------------------------------------------------------------


def test_a_copy_is_good_as_long_as_it_is_what_would_be_sent(
    origin: RelayProcess, everything: tuple[str, ...]
) -> None:
    for path in everything:
        tags = {}
        for coding in CODINGS:
            asked = {"Accept-Encoding": coding}
            answer = fetch(origin.url, path, headers=asked)
            tag = tags[answer.coding] = answer.headers["etag"]
            assert tag.startswith('"'), "a strong one"
            for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
                not_modified = fetch(origin.url, path, headers=asked | {"If-None-Match": known})
                assert (not_modified.status, not_modified.raw) == (304, b""), (path, known)
                for name in ("etag", "cache-control", "vary"):
                    assert not_modified.headers[name] == answer.headers[name]
                assert not {"content-encoding", "content-length", "content-type"} & set(not_modified.headers)
            for unknown in ('"other"', tag.strip('"'), '""', ""):
                modified = fetch(origin.url, path, headers=asked | {"If-None-Match": unknown})
                assert (modified.status, modified.raw) == (200, answer.raw), (path, unknown)
        assert len(set(tags.values())) == len(tags), "each coding has a tag of its own"
        other = {"Accept-Encoding": "identity", "If-None-Match": tags.get("br", '"none"')}
        assert fetch(origin.url, path, headers=other).status == 200


def test_head_says_what_get_would(origin: RelayProcess, everything: tuple[str, ...]) -> None:
    for path in (*everything, "/rooms/room/events", "/rooms/none", "/rooms/room/batches/none"):
        for coding in CODINGS:
            asked = {"Accept-Encoding": coding}
            got = fetch(origin.url, path, headers=asked)
            head = fetch(origin.url, path, method="HEAD", headers=asked)
            assert (head.status, head.raw) == (got.status, b"")
            assert head.headers | {"date": ""} == got.headers | {"date": ""}
            assert int(head.headers["content-length"]) == len(got.raw)
            if got.status == 200 and "etag" in got.headers:
                asked["If-None-Match"] = got.headers["etag"]
                assert fetch(origin.url, path, method="HEAD", headers=asked).status == 304


@pytest.mark.spec("CDN-9")
def test_what_a_host_hides_is_in_no_later_answer_and_every_copy_of_it_is_stale(
    origin: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room("changing", settings={"anonymizeParticipants": False})
    commit = {"type": "git.commit", "sha": "abcdef1", "message": "feat: the secret plan", "author": "bob"}
    room.publish(*(chat_event(f"alice said {n}", author="alice") for n in range(499)), commit)
    (listed,) = fetch(origin.url, f"{room.path}/batches").json["batches"]
    batch = f"{room.path}/batches/{listed['batch_id']}"

    def now(path: str, coding: str) -> Answer:
        return fetch(origin.url, path, headers={"Accept-Encoding": coding})

    before = {
        (path, coding): now(path, coding) for path in (batch, f"{room.path}/batches") for coding in CODINGS
    }
    for change, gone in (
        ({"visibleEvents": {"gitOperations": False}}, "secret plan"),
        ({"anonymizeParticipants": True}, "alice"),
        ({"hiddenWords": ["said"]}, "said"),
        ({"visibleEvents": {"publicChat": False}}, "number"),
    ):
        for coding in CODINGS:
            assert now(batch, coding).status == 200
        room.set(**change)
        for (path, coding), earlier in before.items():
            answer = now(path, coding)
            assert gone.encode() not in answer.body
            if path == batch:
                stale = {"Accept-Encoding": coding, "If-None-Match": earlier.headers["etag"]}
                assert fetch(origin.url, path, headers=stale).status in (200, 404)
                assert answer.headers.get("etag") != earlier.headers["etag"]
    # Nothing of it is shown any more: there is no such batch, and it is not listed.
    assert now(batch, "gzip").status == 404
    assert now(f"{room.path}/batches", "gzip").json["batches"] == []
    # What is taken back gives back the same bytes, under the same tag.
    room.set(
        visibleEvents={"gitOperations": True, "publicChat": True}, anonymizeParticipants=False, hiddenWords=[]
    )
    for (path, coding), earlier in before.items():
        answer = now(path, coding)
        if path == batch:
            assert (answer.raw, answer.headers["etag"]) == (earlier.raw, earlier.headers["etag"])
        else:  # whose cursor goes on when the window of the changes closes
            assert answer.json["batches"] == earlier.json["batches"]


def test_a_room_that_is_closed_or_made_private_answers_no_copy(
    origin: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room("leaving")
    answer = fetch(origin.url, room.path)
    room.set(visibility="private")
    for known in (answer.headers["etag"], "*"):
        assert fetch(origin.url, room.path, headers={"If-None-Match": known}).status == 404
    assert room.id not in fetch(origin.url, "/rooms").body.decode()


def test_every_node_and_every_run_sends_the_same_bytes(serve: Callable[..., RelayProcess]) -> None:
    relay = serve(rooms=["room"])
    with Api(relay.url, relay.operator_token) as api:
        api.publish("room", relay.operator_token, *(chat_event(f"number {n}") for n in range(500)))
    (listed,) = fetch(relay.url, "/rooms/room/batches").json["batches"]
    paths = ("/rooms/room/batches", f"/rooms/room/batches/{listed['batch_id']}", "/openapi.json")

    def all_of_it(url: str) -> list[tuple[bytes, str]]:
        answers = [
            fetch(url, path, headers={"Accept-Encoding": coding}) for path in paths for coding in CODINGS
        ]
        return [(answer.raw, answer.headers["etag"]) for answer in answers]

    first = all_of_it(relay.url)
    relay.stop()
    again = serve()
    assert all_of_it(again.url) == first


# -- where it is served from, and checking it ------------------------------------------------------


@pytest.mark.spec("CDN-2")
def test_clients_are_told_the_places_it_is_served_from(
    serve: Callable[..., RelayProcess], origin: RelayProcess, tmp_path: Path
) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(f'[cdn]\nregions = ["us-east", "eu-west"]\n{REGIONS}')
    done = operate("config", "check", "--config", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{file}: all is well.\n", "")
    relay = serve("--config", str(file), rooms=["room"])
    answer = fetch(relay.url, "/rooms").json
    assert answer["regions"] == [
        {"name": "us-east", "url": "wss://us.relay.example"},
        {"name": "eu-west", "url": "wss://eu.relay.example"},
    ]
    assert "regions" not in fetch(origin.url, "/rooms").json, "none is set there"
    for wrong, named in (
        (f'[cdn]\nregions = ["asia"]\n{REGIONS}', "cdn.regions: asia"),
        (REGIONS.replace("wss://us.", "//us."), "regions.1.url"),
        (REGIONS.replace('"FR"', '"France"'), "regions.0.countries.1"),
        (REGIONS.replace("us-east", "eu-west"), "regions: two of them are called eu-west"),
    ):
        file.write_text(wrong)
        done = operate("config", "check", "--config", str(file))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(named)
        assert is_for_people(done.stderr)


@pytest.mark.spec("CDN-7")
def test_the_words_for_compression_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "relay.toml"
    for media, text, named in (
        ("optimized", "gzip", ""),
        ("optimized", "brotli", ""),
        ("original", "gzip", "cdn.compression.media_content"),
        ("", "gzip", "cdn.compression.media_content"),
        ("optimized", "deflate", "cdn.compression.text_events"),
    ):
        file.write_text(f'[cdn.compression]\nmedia_content = "{media}"\ntext_events = "{text}"\n')
        done = operate("config", "check", "--config", str(file))
        assert done.returncode == (2 if named else 0)
        assert done.stderr.startswith(named)


def test_what_the_settings_name_is_looked_at_too(tmp_path: Path) -> None:
    done = operate("config", "check")
    assert (done.returncode, done.stdout) == (0, "The environment: all is well.\n")
    file = tmp_path / "relay.toml"
    file.write_text(
        'geoip = "/nowhere.mmdb"\ntls_cert = "/nowhere.pem"\ntls_key = "/nowhere.pem"\n'
        '[auth]\nkeys_file = "/nowhere.json"\n'
    )
    done = operate("config", "check", "--config", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert is_for_people(done.stderr)
    for named in ("/nowhere.mmdb", "auth.keys_file", "tls_cert, tls_key"):
        assert named in done.stderr
    file.write_text(f'tls_cert = "{file}"\ntls_key = "{file}"\n')
    assert "are not a certificate" in operate("config", "check", "--config", str(file)).stderr
