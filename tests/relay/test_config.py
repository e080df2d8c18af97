"""Locks: flag, then environment, then file, then default; what is unknown or wrong is refused by name."""

import ipaddress
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from relay.config import BadConfig, Config, Limits, load_config

PREFIX = "CLAWTANK_RELAY_"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CLAWTANK_"):
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "relay.toml"


def test_defaults_are_the_contracts():
    config = load_config({})
    assert (config.host, config.port) == ("127.0.0.1", 8787)
    limits = config.limits
    assert (limits.connections_per_address_per_minute, limits.joins_per_room_per_minute) == (5, 100)
    assert (limits.auth_failures_per_address, limits.keepalive_s) == (10, 60)
    assert (limits.header_bytes, limits.body_bytes) == (16 * 1024, 1024 * 1024)
    assert (limits.request_s, limits.idle_s) == (10, 30)
    assert config.trusted_proxies == ()


def test_a_flag_goes_before_the_environment_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch):
    file.write_text(
        'host = "10.0.0.1"\nport = 1\nlog_level = "debug"\n[limits]\nchat_burst = 1\nevents_per_minute = 1\n'
    )
    monkeypatch.setenv(PREFIX + "PORT", "2")
    monkeypatch.setenv(PREFIX + "HOST", "10.0.0.2")
    monkeypatch.setenv(PREFIX + "LIMITS__CHAT_BURST", "2")
    config = load_config({"host": "10.0.0.3"}, file)
    assert (config.host, config.port, config.log_level) == ("10.0.0.3", 2, "debug")
    assert (config.limits.chat_burst, config.limits.events_per_minute) == (2, 1)


def test_zero_is_unlimited_and_nothing_is_less(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(PREFIX + "LIMITS__CONNECTIONS_PER_ADDRESS_PER_MINUTE", "0")
    assert load_config({}).limits.connections_per_address_per_minute == 0
    monkeypatch.setenv(PREFIX + "LIMITS__CONNECTIONS_PER_ADDRESS_PER_MINUTE", "-1")
    with pytest.raises(BadConfig, match="connections_per_address_per_minute"):
        load_config({})


@pytest.mark.parametrize(
    "name", ["PROT", "LIMITS__CHAT_BRUST", "LIMIT__CHAT_BURST", "AUTH__SECERT", "LIMITS__CHAT_BURST__X"]
)
def test_a_misspelt_name_in_the_environment_is_an_error(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(PREFIX + name, "1")
    with pytest.raises(BadConfig):
        load_config({})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot = 1", "prot"),
        ("[limits]\nchat_brust = 1", "limits.chat_brust"),
        ("[limit]\nchat_burst = 1", "limit"),
        ('port = "many"', "port"),
        ("port = 70000", "port"),
        ("[limits]\nrequest_s = nan", "limits.request_s"),
        ("[limits]\nrequest_s = inf", "limits.request_s"),
        ("[limits]\nidle_s = 0", "limits.idle_s"),
        ("[limits]\nidle_s = inf", "limits.idle_s"),
        ('log_level = "chatty"', "log_level"),
        ('trusted_proxies = ["10.0.0.1/8"]', "trusted_proxies"),
        ('trusted_proxies = "somewhere"', "trusted_proxies"),
        ("[auth]\nleeway_s = -1", "auth.leeway_s"),
        ("drain_s = -1", "drain_s"),
        ("drain_s = inf", "drain_s"),
        ('drain_url = "b.example"', "drain_url"),
        ('drain_url = "ftp://b.example"', "drain_url"),
        ('drain_url = "wss://"', "drain_url"),
        ('drain_url = "wss://[b"', "drain_url"),
        ("[limits]\nconnections = -1", "limits.connections"),
        ("[cdn]\nenabeld = true", "cdn.enabeld"),
        ("[cdn]\nregions = 3", "cdn.regions"),
        ('[cdn]\nregions = ["eu"]', "cdn.regions: eu is none"),
        ('[cdn.caching]\nevent_batches = "soon"', "cdn.caching.event_batches: is not a duration"),
        ('[cdn.caching]\nstatic_content = "-1h"', "cdn.caching.static_content"),
        ("[cdn.caching]\nroom_metadata = true", "cdn.caching.room_metadata"),
        ('[cdn.caching]\nroom_metadata = "366d"', "cdn.caching.room_metadata"),
        ('[cdn.compression]\ntext_events = "zip"', "cdn.compression.text_events"),
        ('[cdn.compression]\nmedia_content = "raw"', "cdn.compression.media_content"),
        ('[regions]\nname = "eu"', "regions: must be a list"),
        ('[[regions]]\nname = "eu"', "regions.0.url"),
        ('[[regions]]\nname = "e u"\nurl = "wss://eu.example"', "regions.0.name"),
        ('[[regions]]\nname = "eu"\nurl = "wss://eu.example"\ncountry = "DE"', "regions.0.country"),
        (
            '[[regions]]\nname = "eu"\nurl = "wss://eu.example"\ncountries = ["Germany"]',
            "regions.0.countries.0",
        ),
    ],
    ids=lambda value: value.replace("\n", " "),
)
def test_what_is_wrong_in_the_file_is_an_error_by_name(file: Path, text: str, named: str):
    file.write_text(text)
    with pytest.raises(BadConfig, match=f"^{named}"):
        load_config({}, file)


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b'host = "\xff"', b"[[[", b"\x00"], ids=repr)
def test_a_file_that_is_no_toml_is_one_sentence(file: Path, content: bytes):
    file.write_bytes(content)
    with pytest.raises(BadConfig, match="cannot be read"):
        load_config({}, file)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path):
    for path in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(BadConfig, match="--config"):
            load_config({}, path)


def test_a_proxy_that_is_no_network_is_one_sentence():
    with pytest.raises(BadConfig) as refused:
        load_config({"trusted_proxies": ["proxy.example"]})
    [sentence] = str(refused.value).splitlines()
    assert sentence.startswith("trusted_proxies (--trusted-proxy): write each")


def test_every_wrong_setting_is_named():
    with pytest.raises(BadConfig) as refused:
        load_config({"port": -1, "log_level": "x"})
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == ["port", "log_level"]


@pytest.mark.parametrize("text", ["10.0.0.0/8, fd00::/8", "10.0.0.0/8 fd00::/8", " 10.0.0.0/8,fd00::/8, "])
def test_proxies_come_as_a_list_or_as_text(text: str, file: Path, monkeypatch: pytest.MonkeyPatch):
    expected = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))
    file.write_text('trusted_proxies = ["10.0.0.0/8", "fd00::/8"]')
    assert load_config({}, file).trusted_proxies == expected
    monkeypatch.setenv(PREFIX + "TRUSTED_PROXIES", text)
    assert load_config({}).trusted_proxies == expected


def test_countries_come_from_one_source(file: Path, monkeypatch: pytest.MonkeyPatch):
    assert (load_config({}).geoip, load_config({}).country_header) == (None, "")
    file.write_text('geoip = "/var/lib/GeoLite2-Country.mmdb"')
    assert load_config({}, file).geoip == Path("/var/lib/GeoLite2-Country.mmdb")
    monkeypatch.setenv(PREFIX + "COUNTRY_HEADER", "CF-IPCountry")
    assert load_config({}).country_header == "CF-IPCountry"
    with pytest.raises(BadConfig, match=r"--geoip, --country-header\): give one\.$"):
        load_config({}, file)


@pytest.mark.parametrize("name", ["CF IPCountry", "CF-IPCountry:", "Länder", "x\n", "x" * 101], ids=repr)
def test_a_header_that_cannot_be_is_refused(name: str):
    with pytest.raises(BadConfig, match=r"^country_header: is not the name of a header"):
        load_config({"country_header": name})


EU = '[[regions]]\nname = "eu"\nurl = "wss://eu.example/"\ncountries = ["de", "AT"]\n'
US = '[[regions]]\nname = "us-1"\nurl = "https://us.example:8443/relay"\n'


def test_what_a_cdn_may_do_is_the_specifications_unless_told_otherwise(
    file: Path, monkeypatch: pytest.MonkeyPatch
):
    cdn = load_config({}).cdn
    assert (cdn.enabled, cdn.regions) == (True, ())
    caching, compression = cdn.caching, cdn.compression
    assert (caching.static_content, caching.event_batches, caching.room_metadata) == (3600, 300, 900)
    assert (compression.text_events, compression.media_content) == ("gzip", "optimized")
    file.write_text('[cdn.caching]\nevent_batches = "90s"\nroom_metadata = 7\nstatic_content = "1d12h"\n')
    monkeypatch.setenv(PREFIX + "CDN__CACHING__ROOM_METADATA", "0s")
    monkeypatch.setenv(PREFIX + "CDN__ENABLED", "false")
    cdn = load_config({}, file).cdn
    caching = cdn.caching
    assert (caching.static_content, caching.event_batches, caching.room_metadata) == (129_600, 90, 0)
    assert not cdn.enabled


def test_clients_are_told_of_the_regions_that_are_named_or_of_all(
    file: Path, monkeypatch: pytest.MonkeyPatch
):
    file.write_text(EU + US)
    eu, us = load_config({}, file).told_regions
    assert (eu.name, eu.url, eu.countries) == ("eu", "wss://eu.example", ("DE", "AT"))
    assert (us.name, us.url, us.countries) == ("us-1", "https://us.example:8443/relay", ())
    for text, told in {"us-1": (us,), "us-1, eu": (us, eu), '["us-1", "eu"]': (us, eu)}.items():
        monkeypatch.setenv(PREFIX + "CDN__REGIONS", text)
        assert load_config({}, file).told_regions == told


def test_two_regions_of_one_name_are_refused(file: Path):
    file.write_text(EU + EU)
    with pytest.raises(BadConfig, match=r"^regions: two of them are called eu\. Give each a"):
        load_config({}, file)


@pytest.mark.parametrize(
    "url",
    [
        "eu.example",
        "ftp://eu.example",
        "wss://",
        "wss://user:secret@eu.example",
        "wss://eu.example?x=1",
        "wss://eu.example#x",
        "wss://eu.example:port",
        "wss://eu.example:0",
        "wss://eu.example\\u0007",
        "wss://[eu",
    ],
)
def test_an_address_nobody_should_be_sent_to_is_refused(file: Path, url: str):
    file.write_text(f'[[regions]]\nname = "eu"\nurl = "{url}"\n')
    with pytest.raises(BadConfig, match=r"^regions\.0\.url: is not the address of a relay") as refused:
        load_config({}, file)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_a_secret_that_anybody_could_guess_is_no_secret(secret: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(PREFIX + "AUTH__SECRET", secret)
    with pytest.raises(BadConfig, match=r"^auth\.secret") as refused:
        load_config({})
    assert not secret or secret not in str(refused.value)


def test_a_secret_is_shown_to_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(PREFIX + "AUTH__SECRET", "s3cret" * 8)
    config = load_config({})
    assert config.auth.secret is not None
    for text in (repr(config), str(config), config.model_dump_json(), repr(config.auth)):
        assert "s3cret" not in text


def test_a_key_without_its_certificate_is_not_served_in_clear(tmp_path: Path):
    with pytest.raises(BadConfig, match="tls_cert"):
        load_config({"tls_key": tmp_path / "x.pem"})


@pytest.mark.parametrize("url", ["", "wss://b.example", "ws://127.0.0.1:8788", "https://b.example/relay"])
def test_viewers_may_be_sent_to_any_relay(url: str):
    assert load_config({"drain_url": url}).drain_url == url


def test_nothing_changes_afterwards():
    config = load_config({})
    changes: list[tuple[Any, str]] = [
        (config, "port"),
        (config.limits, "chat_burst"),
        (config.auth, "issuer"),
    ]
    for frozen, name in changes:
        with pytest.raises(ValidationError):
            setattr(frozen, name, 1)
    assert Config.model_fields.keys() >= {"host", "port", "data", "limits", "auth"}
    assert Limits() == config.limits
