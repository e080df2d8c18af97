"""Locks: the relay's key and the operator's token are made once, for their owner only, never half written."""

from pathlib import Path

import pytest

from relay.storage.contract import StorageFailed
from relay.storage.secrets import LocalRelay, load_or_make, read_local, remove_address, write_address

URL = "http://127.0.0.1:8787"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_secrets_are_made_once_and_then_read(tmp_path: Path):
    key, operator = load_or_make(tmp_path)
    assert len(key) == 32
    assert len(operator) > 40
    assert load_or_make(tmp_path) == (key, operator)
    assert (tmp_path / "operator.token").read_text().strip() == operator


def test_two_relays_share_no_secret(tmp_path: Path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    assert set(load_or_make(tmp_path / "a")).isdisjoint(load_or_make(tmp_path / "b"))


def test_only_the_owner_may_read_them(tmp_path: Path):
    load_or_make(tmp_path)
    write_address(tmp_path, URL, "")
    assert {path.name: mode(path) for path in tmp_path.iterdir()} == {
        "relay.key": 0o600,
        "operator.token": 0o600,
        "relay.json": 0o600,
    }


@pytest.mark.parametrize("content", [b"not hex", b"\xff\xfe"])
def test_a_key_that_cannot_be_read_is_one_sentence_and_is_not_replaced(tmp_path: Path, content: bytes):
    (tmp_path / "relay.key").write_bytes(content)
    with pytest.raises(StorageFailed, match="cannot be used"):
        load_or_make(tmp_path)
    assert (tmp_path / "relay.key").read_bytes() == content


def test_a_half_written_one_is_not_taken(tmp_path: Path):
    (tmp_path / "relay.part").write_text("ab")  # what a cut left behind
    key, _ = load_or_make(tmp_path)
    assert load_or_make(tmp_path)[0] == key


def test_a_missing_directory_is_one_sentence(tmp_path: Path):
    with pytest.raises(StorageFailed):
        load_or_make(tmp_path / "missing")


def test_commands_find_the_relay_while_it_serves(tmp_path: Path):
    assert read_local(tmp_path) is None
    _, operator = load_or_make(tmp_path)
    assert read_local(tmp_path) is None
    write_address(tmp_path, URL, "cert.pem")
    assert read_local(tmp_path) == LocalRelay(URL, operator, "cert.pem")
    assert operator not in repr(read_local(tmp_path))
    remove_address(tmp_path)
    remove_address(tmp_path)
    assert read_local(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"url": "x"}'])
def test_an_address_that_is_not_one_counts_as_none(tmp_path: Path, text: str):
    load_or_make(tmp_path)
    (tmp_path / "relay.json").write_text(text)
    assert read_local(tmp_path) is None


def test_a_path_that_leads_through_a_file_holds_no_relay(tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert read_local(tmp_path / "file") is None
