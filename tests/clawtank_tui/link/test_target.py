"""What a viewer may ask for, and what is refused before anything is opened."""

import pytest

from clawtank_tui.link.target import BadTarget, Target, check_ca_file, parse_relay


@pytest.mark.parametrize(
    ("given", "url", "http_url"),
    [
        ("ws://127.0.0.1:8787", "ws://127.0.0.1:8787", "http://127.0.0.1:8787"),
        ("https://relay.example/", "wss://relay.example", "https://relay.example"),
        ("WSS://Relay.Example/watch/", "wss://relay.example/watch", "https://relay.example/watch"),
        ("ws://[::1]:99", "ws://[::1]:99", "http://[::1]:99"),
        ("ws://relay.example/spectate/room", "ws://relay.example", "http://relay.example"),
    ],
)
def test_addresses_are_read_for_sockets_and_for_http(given, url, http_url):
    address = parse_relay(given)

    assert (address.url, address.http_url) == (url, http_url)
    assert address.spectate_url("room") == f"{url}/spectate/room"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "relay",
        "127.0.0.1:8787",
        "ftp://relay",
        "ws://",
        "ws://relay:port",
        "ws://relay:99999",
        "ws://a b",
        "ws://[::1",
        "ws://r/p q",
    ],
)
def test_what_is_no_address_is_told_with_an_example(given):
    with pytest.raises(BadTarget, match=r"--relay|wss://"):
        parse_relay(given)


@pytest.mark.parametrize(
    "given", ["ws://me:pw@relay.example", "ws://relay.example?auth=t0ken", "ws://relay.example#t0ken"]
)
def test_an_address_carries_no_credential(given):
    with pytest.raises(BadTarget, match="--token-file") as refused:
        parse_relay(given)

    assert "t0ken" not in str(refused.value)


@pytest.mark.parametrize("room", ["", "a/b", "a b", "ä", "x" * 65, "\x1b[2J", "a\n"])
def test_what_is_no_room_id_is_refused_and_shown_safely(room):
    with pytest.raises(BadTarget, match="clawtank rooms") as refused:
        Target(room, parse_relay("ws://127.0.0.1"))

    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    ("relay", "insecure", "allowed"),
    [
        ("wss://relay.example", False, True),
        ("ws://relay.example", False, False),
        ("ws://relay.example", True, True),
        ("ws://127.0.0.1", False, True),
        ("ws://127.8.9.1", False, True),
        ("ws://[::1]", False, True),
        ("ws://localhost", False, True),
        ("ws://localhost.example", False, False),
        ("ws://192.168.1.4", False, False),
    ],
)
def test_a_token_goes_unencrypted_to_this_machine_only(relay, insecure, allowed):
    if allowed:
        Target("room", parse_relay(relay), token="t0ken", insecure=insecure)
        return
    with pytest.raises(BadTarget, match="--insecure") as refused:
        Target("room", parse_relay(relay), token="t0ken", insecure=insecure)
    assert "t0ken" not in str(refused.value)


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "ünicode", "x" * 9000])
def test_a_token_must_fit_a_header(token):
    with pytest.raises(BadTarget, match="token"):
        Target("room", parse_relay("ws://127.0.0.1"), token=token)


def test_a_token_is_not_in_the_targets_own_description():
    assert "t0ken" not in repr(Target("room", parse_relay("ws://127.0.0.1"), token="t0ken"))


def test_a_file_of_authorities_is_read_before_anything_else(tmp_path):
    with pytest.raises(BadTarget, match="cannot be read"):
        check_ca_file(tmp_path / "absent.pem")
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("hello")
    with pytest.raises(BadTarget, match="no certificate"):
        check_ca_file(wrong)
