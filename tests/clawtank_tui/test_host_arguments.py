"""`clawtank host` on the command line: which relay, which token, and what is refused at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clawtank_tui.arguments import read_host_target
from clawtank_tui.cli import app
from clawtank_tui.link.target import BadTarget
from clawtank_tui.local_relay import find

URL, TOKEN = "http://127.0.0.1:9191", "cto_abc_secret"


def data(directory: Path, *, url: str = URL, certificate: str = "") -> Path:
    """Write what a running relay leaves in its data directory."""
    directory.mkdir(exist_ok=True)
    (directory / "operator.token").write_text(f"{TOKEN}\n")
    (directory / "relay.json").write_text(json.dumps({"url": url, "certificate": certificate}))
    return directory


def test_on_the_relays_own_machine_nothing_needs_to_be_said(tmp_path: Path) -> None:
    target = read_host_target("room", "", data=data(tmp_path))
    assert (target.relay.url, target.token) == ("ws://127.0.0.1:9191", TOKEN)
    assert TOKEN not in repr(target)


def test_a_token_that_is_given_goes_before_the_operators(tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("ctm_mine\n")
    home = data(tmp_path / "home")
    assert read_host_target("room", "", data=home, token="ctm_env").token == "ctm_env"
    assert read_host_target("room", "", data=home, token="ctm_env", token_file=file).token == "ctm_mine"


def test_the_operators_token_goes_to_its_own_relay_and_to_no_other(tmp_path: Path) -> None:
    home = data(tmp_path)
    assert read_host_target("room", "ws://127.0.0.1:9191", data=home).token == TOKEN
    for other in ("ws://127.0.0.1:9192", "wss://relay.example", "wss://127.0.0.1:9191"):
        with pytest.raises(BadTarget, match="Hosting takes a token"):
            read_host_target("room", other, data=home)


def test_the_relays_own_certificate_is_trusted_whatever_name_it_carries(tmp_path: Path) -> None:
    home = data(tmp_path, url="https://0.0.0.0:9191", certificate="/etc/relay/cert.pem")
    target = read_host_target("room", "", data=home)
    assert (target.ca_file, target.any_name) == (Path("/etc/relay/cert.pem"), True)
    elsewhere = read_host_target("room", "wss://relay.example", data=home, token="t")
    assert (elsewhere.ca_file, elsewhere.any_name) == (None, False)


def test_a_directory_without_a_relay_is_said_when_it_was_named(tmp_path: Path) -> None:
    with pytest.raises(BadTarget, match="No relay is running over"):
        read_host_target("room", "", data=tmp_path, token="t")


@pytest.mark.parametrize("told", ["", "{", "[]", '{"url": 1, "certificate": ""}', '{"url": "http://x"}'])
def test_what_no_relay_wrote_is_no_relay(tmp_path: Path, told: str) -> None:
    data(tmp_path)
    (tmp_path / "relay.json").write_text(told)
    assert find(tmp_path) is None


def test_a_token_is_not_sent_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(BadTarget, match="would travel unencrypted"):
        read_host_target("room", "ws://relay.example", data=tmp_path, token="t")
    assert read_host_target("room", "ws://relay.example", data=tmp_path, token="t", insecure=True)


def test_the_command_says_in_one_sentence_what_is_missing(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["host", "room", "--relay", "wss://relay.example", "--data", str(tmp_path)])
    assert run.exit_code == 2
    assert run.stderr.startswith("clawtank: Hosting takes a token")
    assert run.stderr.count("\n") == 1


def test_a_token_on_the_command_line_is_warned_about(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["host", "no/room", "--token", "t", "--data", str(data(tmp_path))])
    assert run.exit_code == 2
    assert "can be seen by others" in run.stderr
