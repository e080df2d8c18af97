"""Who may watch by the country they are in: told by a database or by a trusted proxy, over every way in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from support.clients import Api, Viewer, chat_event
from support.crowds import READY, outcome, refusal, watch_command
from support.mmdb import write_countries
from support.operating import operate
from support.ports import LOOPBACK
from support.relay_process import RelayProcess
from support.rooms import Room
from support.tokens import viewer_token

IN_DE, IN_US, NOWHERE = "203.0.113.77", "198.51.100.7", "192.0.2.9"
COUNTRIES = {"203.0.113.0/24": "DE", "198.51.100.0/24": "US", "2001:db8:1::/48": "DE"}
HEADER = "CF-IPCountry"
DE_ONLY = {"restrictGeographic": ["DE"]}


def by(address: str) -> dict[str, str]:
    """Return the headers of a request that the proxy took from an address."""
    return {"X-Forwarded-For": address}


def told(country: str | None) -> dict[str, str]:
    """Return the headers of a request that the proxy says comes from a country."""
    return by(NOWHERE) | ({HEADER: country} if country is not None else {})


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    """A relay that looks countries up and trusts the proxy on this machine."""
    data = tmp_path_factory.mktemp("geoip")
    file = write_countries(data / "countries.mmdb", COUNTRIES)
    env = {"CLAWTANK_RELAY_LOG_LEVEL": "debug"}
    words = ("--geoip", str(file), "--trusted-proxy", f"{LOOPBACK}/32")
    process = RelayProcess.start(data / "data", *words, env=env)
    yield process
    assert process.stop() == 0


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    """A relay that believes the header of the proxy on this machine."""
    data = tmp_path_factory.mktemp("header") / "data"
    process = RelayProcess.start(data, "--country-header", HEADER, "--trusted-proxy", f"{LOOPBACK}/32")
    yield process
    assert process.stop() == 0


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


async def ways_in(room: Room, headers: Mapping[str, str], token: str | None = None) -> set[str]:
    """Try the socket and every HTTP call for viewers; return how each ended, one outcome where they agree."""
    ended = {await outcome(room.watch(options=READY, headers=headers, token=token))}
    for path in (room.path, *(f"{room.path}/{what}" for what in ("events", "events?since=1h", "batches"))):
        answer = await asyncio.to_thread(room.public.answer, "GET", path, token=token, headers=dict(headers))
        assert answer.status_code == (200 if answer.is_success else 403)
        ended.add("welcomed" if answer.is_success else answer.json()["code"])
    return ended


@pytest.mark.spec("VALID-12", "PRIV-12")
async def test_a_list_of_countries_admits_addresses_in_them_and_no_others(
    database: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room(database, "by-address")
    assert room.set(**DE_ONLY)["restrictGeographic"] == ["DE"]
    for address, expected in {
        IN_DE: "welcomed",
        f"::ffff:{IN_DE}": "welcomed",
        "2001:db8:1::5": "welcomed",
        IN_US: "REGION_RESTRICTED",
        NOWHERE: "REGION_RESTRICTED",
        "10.0.0.1": "REGION_RESTRICTED",
        "unknown": "REGION_RESTRICTED",
        f"{IN_DE}, {IN_US}": "REGION_RESTRICTED",  # what a client claimed, then what the proxy saw
    }.items():
        assert await ways_in(room, by(address)) == {expected}, address
        # A header that this relay was not told to read changes nothing.
        assert await ways_in(room, by(address) | {HEADER: "DE"}) == {expected}
    assert await ways_in(room, {}) == {"REGION_RESTRICTED"}, "this machine is in no country"

    async with room.watch(options=READY, headers=by(IN_US)) as viewer:
        error, code = await refusal(viewer)
    assert (error["permanent"], error["retry_after"], code) == (True, 0, 4451)
    room.set(restrictGeographic=["de", "US", "DE"])
    assert await ways_in(room, by(IN_US)) == {"welcomed"}
    room.set(restrictGeographic=[])
    for address in (IN_DE, IN_US, NOWHERE, LOOPBACK):
        assert await ways_in(room, by(address)) == {"welcomed"}


async def test_a_token_takes_nobody_across_a_border_but_the_rooms_own_people(
    database: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room(database, "tokens", settings=DE_ONLY | {"requireRegistration": True})
    token = viewer_token(room.operator, "Ada", verified=True).text
    assert await ways_in(room, by(IN_US), token) == {"REGION_RESTRICTED"}
    assert await ways_in(room, by(IN_US)) == {"REGION_RESTRICTED"}, "not asked for a token in vain"
    assert await ways_in(room, by(IN_DE), token) == {"welcomed"}
    assert room.public.answer("GET", room.path, token=room.host_token, headers=by(IN_US)).is_success
    async with room.watch(options=READY, headers=by(IN_DE), token=token) as viewer:
        resume = (await viewer.welcome())["spectator"]["resume_token"]
    assert await outcome(room.watch(options=READY, headers=by(IN_US), token=resume)) == "REGION_RESTRICTED"
    assert await outcome(room.watch(options=READY, headers=by(IN_DE), token=resume)) == "welcomed"


@pytest.mark.spec("VALID-12")
async def test_a_trusted_proxys_header_tells_the_country(
    proxied: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room(proxied, "by-header", settings=DE_ONLY)
    for country, expected in {
        "DE": "welcomed",
        "de": "welcomed",
        "US": "REGION_RESTRICTED",
        "XX": "REGION_RESTRICTED",
        "T1": "REGION_RESTRICTED",
        "DE, DE": "REGION_RESTRICTED",
        "": "REGION_RESTRICTED",
        None: "REGION_RESTRICTED",
    }.items():
        assert await ways_in(room, told(country)) == {expected}, country


async def test_nobody_elses_header_is_believed(
    serve: Callable[..., RelayProcess], in_room: Callable[..., Room]
) -> None:
    relay = serve("--country-header", HEADER, "--trusted-proxy", "10.0.0.0/8")
    room = in_room(relay, "room", settings=DE_ONLY)
    for headers in (told("DE"), {HEADER: "DE"}, by("10.0.0.1") | {HEADER: "DE"}):
        assert await ways_in(room, headers) == {"REGION_RESTRICTED"}


async def test_who_is_outside_a_new_list_is_told_and_leaves_and_the_others_stay(
    database: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room(database, "tightened")

    async def inside(viewer: Viewer) -> bool:
        await asyncio.to_thread(room.publish, chat_event("still here"))
        return len(await viewer.events(1)) == 1

    def watch(address: str):
        return room.watch(options=READY, headers=by(address))

    async with watch(IN_DE) as at_home, watch(IN_US) as abroad, watch(NOWHERE) as nowhere:
        for viewer in (at_home, abroad, nowhere):
            await viewer.welcome()
        room.set(**DE_ONLY)
        for viewer in (abroad, nowhere):
            assert (await viewer.expect("spectator.error", timeout_s=2))["code"] == "REGION_RESTRICTED"
            assert await viewer.closed(timeout_s=2) == 4451
        notice = await at_home.expect("spectator.notice", timeout_s=2)
        assert notice["kind"] == "settings_changed"
        assert "DE" not in json.dumps(notice), "that something changed, not the private value"
        assert await inside(at_home)


@pytest.mark.spec("PRIV-12")
def test_what_is_no_country_is_refused_by_name_and_the_shell_takes_plain_codes(
    database: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room(database, "settings")
    for wrong in ("Germany", "xx1"):
        answer = room.public.answer(
            "PATCH",
            f"{room.path}/settings",
            token=room.host_token,
            json={"restrictGeographic": ["DE", wrong], "maxSpectators": 7},
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_MESSAGE")
        assert "restrictGeographic.1: is not a country" in answer.json()["message"]
        done = operate("room", "set", room.id, f"restrictGeographic={wrong}", data=database.data)
        assert (done.returncode, done.stdout) == (1, "")
        assert "restrictGeographic.0: is not a country" in done.stderr
    settings = room.public.call("GET", f"{room.path}/settings", token=room.host_token)
    assert (settings["restrictGeographic"], settings["maxSpectators"]) == ([], 1000)

    for written, kept in {"de,at": ["DE", "AT"], '["US"]': ["US"], "": []}.items():
        done = operate("room", "set", room.id, f"restrictGeographic={written}", data=database.data)
        assert (done.returncode, done.stderr) == (0, "")
        shown = operate("room", "show", room.id, data=database.data).stdout
        assert f"restrictGeographic = {json.dumps(kept)}\n" in shown


async def test_a_relay_that_knows_no_countries_says_so_to_whom_it_concerns(
    serve: Callable[..., RelayProcess], in_room: Callable[..., Room]
) -> None:
    relay = serve("--country-header", HEADER)
    room = in_room(relay, "room")
    changed = room.set(**DE_ONLY)
    assert changed["restrictGeographic"] == ["DE"], "it is the host's rule all the same"
    (warning,) = changed["warnings"]
    assert "nobody can watch" in warning
    assert "--geoip" in warning
    assert await ways_in(room, told("DE")) == {"REGION_RESTRICTED"}

    done = operate("room", "set", room.id, "maxSpectators=9", data=relay.data)
    assert done.returncode == 0
    assert done.stderr == warning + "\n"
    assert "warnings" not in room.set(restrictGeographic=[])
    assert operate("room", "set", room.id, "restrictGeographic=DE", data=relay.data).stderr == warning + "\n"
    made = in_room(relay, "made", settings=DE_ONLY)
    assert made.operator.answer("POST", "/rooms", json={"id": "more", "settings": DE_ONLY}).json()["warnings"]

    relay.stop()
    assert "--trusted-proxy" in relay.stderr, "the header is nobody's word"
    again = serve()
    again.stop()
    assert "nobody can watch rooms that ask for a country, because none is known here: 3" in again.stderr


async def test_the_list_survives_a_restart(
    serve: Callable[..., RelayProcess], in_room: Callable[..., Room], tmp_path: Path
) -> None:
    file = write_countries(tmp_path / "countries.mmdb", COUNTRIES)
    words = ("--geoip", str(file), "--trusted-proxy", f"{LOOPBACK}/32")
    relay = serve(*words)
    room = in_room(relay, "room", settings=DE_ONLY)
    relay.kill()
    again = serve(*words, port=relay.port)
    assert again.url == room.url
    assert await ways_in(room, by(IN_US)) == {"REGION_RESTRICTED"}
    assert await ways_in(room, by(IN_DE)) == {"welcomed"}


async def test_where_a_viewer_is_is_written_nowhere(
    database: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room(
        database, "discreet", settings={"restrictGeographic": ["FR", "US"], "logInteractions": True}
    )
    async with room.watch(options=READY, headers=by(IN_US)) as viewer:
        await viewer.welcome()
        await viewer.chat("hello")
        said = await viewer.expect("spectator.chat_message")
        assert await ways_in(room, by(IN_DE)) == {"REGION_RESTRICTED"}
        figures = await asyncio.to_thread(room.operator.answer, "GET", "/metrics")
        assert 'code="REGION_RESTRICTED"' in figures.text
        outlets = [figures.text, json.dumps(viewer.seen), json.dumps(said), database.stderr]
    for text in outlets:
        for private in (IN_US, IN_DE, '"US"', '"DE"', '"country'):
            assert private not in text
    stored = b"".join(
        file.read_bytes() for file in database.data.iterdir() if file.name.startswith("relay.db")
    )
    assert b"hello" in stored
    for address in (IN_US, IN_DE):
        assert address.encode() not in stored


def test_the_terminal_client_says_it_in_a_sentence_and_does_not_try_again(
    database: RelayProcess, in_room: Callable[..., Room]
) -> None:
    room = in_room(database, "watched", settings=DE_ONLY)
    with watch_command(room.id, "--relay", database.ws_url, "--plain") as watching_it:
        assert watching_it.wait() == 1
        complaint = watching_it.err.text()
    assert len(complaint.splitlines()) == 1
    assert "from some countries only" in complaint
    assert "Ask the host." in complaint
