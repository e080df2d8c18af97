"""A relay that cannot start says why in a sentence, and leaves everything as it found it."""

import os
import sqlite3

import pytest

from support.mmdb import write_countries
from support.operating import is_for_people, operate
from support.ports import busy_port
from support.relay_process import serve_command


def refused_to_start(*options, data, **arguments):
    """Run `serve` that must not come up; return what it said."""
    words = serve_command(data, *options, **arguments)[3:]
    done = operate(*words)
    assert done.returncode == 1, done.stderr
    assert is_for_people(done.stderr), done.stderr
    assert done.stdout == ""
    return done.stderr


def test_a_busy_port_is_said_so_and_nothing_of_the_relay_stays_behind(serve, tmp_path):
    with busy_port() as port:
        complaint = refused_to_start(data=tmp_path / "data", port=port)
    assert str(port) in complaint
    assert "--port" in complaint
    assert serve().running, "the same directory starts at once elsewhere"


def test_a_data_directory_of_a_newer_version_is_said_so_and_left_as_it_is(serve):
    relay = serve(rooms=["room"])
    relay.stop()
    database = relay.data / "relay.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 4096")
    connection.close()
    before = database.read_bytes()

    complaint = refused_to_start(data=relay.data)

    assert "newer" in complaint
    assert "Upgrade" in complaint
    assert database.read_bytes() == before


def test_a_second_relay_over_the_same_data_is_refused_and_the_first_serves_on(serve):
    first = serve(rooms=["room"])

    complaint = refused_to_start(data=first.data, rooms=["another"])

    assert "in use by another relay" in complaint
    assert "--data" in complaint
    assert operate("room", "list", data=first.data).stdout.startswith("room "), (
        "commands still find the first"
    )


@pytest.mark.parametrize("kind", ["no database", "a file", "no parent"])
def test_data_that_cannot_be_used_is_said_so(tmp_path, kind):
    data = tmp_path / "data"
    if kind == "no database":
        data.mkdir()
        (data / "relay.db").write_bytes(b"this is no database, " * 500)
    else:
        data.write_text("a file")
    complaint = refused_to_start(data=data / "below" if kind == "no parent" else data)
    assert str(data) in complaint


def test_what_serve_cannot_use_is_bad_usage(tmp_path):
    toml = tmp_path / "relay.toml"
    toml.write_text("[limits]\nconections_per_address = 3\n")
    for words, named in [
        (["--config", str(toml), "--port", "70000"], "conections_per_address"),
        (["--room", "no/room"], "no/room"),
        (["--tls-cert", str(toml)], "--tls-key"),
    ]:
        done = operate("serve", "--data", str(tmp_path / "data"), *words)
        assert done.returncode == 2, (words, done.stderr)
        assert named in done.stderr
        assert is_for_people(done.stderr)
    misspelt = operate(
        "serve", "--data", str(tmp_path / "data"), env={"CLAWTANK_RELAY_LIMITS__CONECTIONS": "3"}
    )
    assert misspelt.returncode == 2
    assert "conections" in misspelt.stderr
    assert not (tmp_path / "data").exists(), "nothing is made before the usage is right"


def test_countries_that_cannot_be_told_are_bad_usage(tmp_path):
    countries = str(write_countries(tmp_path / "c.mmdb", {"203.0.113.0/24": "DE"}))
    without_the_library = tmp_path / "missing"
    without_the_library.mkdir()
    (without_the_library / "maxminddb.py").write_text("raise ImportError\n")
    path = os.pathsep.join(filter(None, [str(without_the_library), os.environ.get("PYTHONPATH")]))
    for words, named, env in [
        (["--geoip", str(tmp_path / "none.mmdb")], "none.mmdb", {}),
        (["--geoip", __file__], "not a MaxMind database", {}),
        (["--geoip", countries, "--country-header", "CF-IPCountry"], "--country-header", {}),
        (["--country-header", "CF: IPCountry"], "header", {}),
        (["--geoip", countries], "pip install", {"PYTHONPATH": path}),
    ]:
        done = operate("serve", "--data", str(tmp_path / "data"), "--port", "0", *words, env=env)
        assert done.returncode == 2, (words, done.stderr)
        assert named in done.stderr
        assert is_for_people(done.stderr)
        assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "data").exists(), "nothing is made before the usage is right"


def test_what_is_no_repository_is_said_so(tmp_path):
    done = operate(
        "serve", "--data", str(tmp_path / "data"), "--port", "0", "--room", "r", "--git", str(tmp_path)
    )
    assert done.returncode == 1
    assert is_for_people(done.stderr)
    assert "git" in done.stderr
