"""`clawtank-relay serve`."""

from __future__ import annotations

import gc
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relay.cli.local import fail

if TYPE_CHECKING:
    from relay.server import Feed
    from relay.service.relay import Relay


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 picks a free one.  [default: 8787]")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Data directory.")] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Settings file.")] = None,
    room: Annotated[
        list[str] | None, typer.Option(metavar="ROOM[:PRESET]", help="Have this room; repeatable.")
    ] = None,
    git: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Feed the first room from this repository.")
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None, typer.Option(metavar="CIDR", help="Believe X-Forwarded-For from here; repeatable.")
    ] = None,
    geoip: Annotated[
        Path | None, typer.Option(metavar="FILE.mmdb", help="Database of the countries addresses are in.")
    ] = None,
    country_header: Annotated[
        str | None, typer.Option(metavar="NAME", help="Header in which a trusted proxy tells the country.")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate chain, for wss://.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key.")] = None,
) -> None:
    """Serve rooms until stopped; prints one line when ready."""
    import asyncio
    import ssl

    from relay import server
    from relay.audience.keyring import BadKeys
    from relay.audience.regions import BadDatabase
    from relay.clock import SystemClock
    from relay.config import BadConfig, load_config
    from relay.gateway.listener import CannotListen
    from relay.logs import configure
    from relay.protocol.rooms import is_room_id
    from relay.rooms.settings import BadSettings
    from relay.sources.git import GitFollower, SourceError
    from relay.storage.contract import StorageError

    given = {
        "host": host,
        "port": port,
        "data": data,
        "trusted_proxies": trusted_proxy,
        "geoip": geoip,
        "country_header": country_header,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
    }
    try:
        settings = load_config({key: value for key, value in given.items() if value is not None}, config)
    except BadConfig as error:
        fail(str(error), 2)
    configure(settings.log_level)
    wishes = [server.RoomWish(*text.split(":", 1)) for text in room or []]
    for wish in wishes:
        if not is_room_id(wish.room_id):
            fail(f"--room {wish.room_id}: a room id is 1 to 64 letters, digits, _ or -.", 2)
    if git is not None and not wishes:
        fail("--git feeds the first room: name one with --room.", 2)
    feeds: list[Feed] = []
    try:
        _check_tls(settings)
        if git is not None:
            follower = GitFollower(git, SystemClock())
            _say(follower.describe())
            feeds.append(_git_feed(follower, wishes[0].room_id))
        if asyncio.run(server.serve(settings, wishes, ready=_ready, feeds=feeds)) == signal.SIGINT:
            raise typer.Exit(130)
    except BadSettings as error:
        fail(f"--room: {error}.", 2)
    except BadDatabase as error:
        fail(str(error), 2)
    except (StorageError, CannotListen, BadKeys, SourceError) as error:
        fail(str(error))
    except ssl.SSLError as error:
        fail(f"The TLS files cannot be used: {error.reason}. Check --tls-cert and --tls-key.")


def _git_feed(follower: Any, room_id: str) -> Feed:
    """Publish a followed repository into a room of this relay, the way everything is published."""
    import asyncio

    from relay.protocol.errors import ERRORS, Refused
    from relay.storage.contract import StorageError

    async def feed(relay: Relay) -> None:
        room = relay.room(room_id)
        assert room is not None
        if room.state == "closed":
            _say(f"{room_id} was closed: nobody can watch it. Name another room with --room.")
        elif "git.commit" not in room.visible_types:
            _say(f"Commits are hidden in {room_id} by its settings; show them with:")
            _say(f"  clawtank-relay room set {room_id} visibleEvents.gitOperations=true")

        async def publish(events: list[dict[str, Any]]) -> None:
            while True:
                try:
                    done = await relay.publish(room, events)
                except StorageError:
                    wait_s = 2.0
                else:
                    if not isinstance(done, Refused) or ERRORS[done.code].permanent:
                        return
                    wait_s = (done.retry_after_ms or 1000) / 1000
                await asyncio.sleep(wait_s)

        await follower.run(publish)

    return feed


def _check_tls(settings: Any) -> None:
    for flag, path in (("--tls-cert", settings.tls_cert), ("--tls-key", settings.tls_key)):
        if path is not None and not path.is_file():
            fail(f"{flag} {path} is not a file. Name a PEM file.", 2)


def _ready(url: str) -> None:
    # What stands by now stays to the end: each full round of the collector would look at all of it again,
    # and hold up everybody for the time.
    gc.collect()
    gc.freeze()
    print(f"listening on {url}", flush=True)  # noqa: T201


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
