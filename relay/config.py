"""One frozen configuration: flag, then environment, then TOML file, then default.

Environment names are `CLAWTANK_RELAY_…`, nested with `__`. Unknown keys are errors, in the file and in the
environment, because a misspelt limit is no limit.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from relay.protocol.countries import country_code
from relay.protocol.times import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX = "CLAWTANK_RELAY_"
_HEADER = re.compile(r"[A-Za-z0-9_-]{1,100}")
_REGION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_S = 31_536_000
"""A year: no cache is asked to keep anything for longer."""
Limit = Annotated[int, Field(ge=0)]


def _seconds(value: Any) -> int:
    """Read a lifetime such as `15m`; plain numbers are seconds."""
    ms = parse_duration(str(value)) if isinstance(value, int | str) and not isinstance(value, bool) else None
    if ms is None or ms > _LONGEST_S * 1000:
        raise PydanticCustomError("lifetime", "is not a duration up to a year, such as 90s, 15m or 1h")
    return ms // 1000


def _listed(value: Any) -> Any:
    """Take `one, two` and `["one", "two"]` for a list: what an environment variable can say."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value.replace(",", " ").split()


def _region_name(name: str) -> str:
    if not _REGION.fullmatch(name):
        raise PydanticCustomError("region", "is not the name of a region: 1 to 64 letters, digits, - and _")
    return name


def _relay_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https", "ws", "wss") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, or brackets around no address
        fits = False
    # Everybody is told it: it must not carry a password, and paths of calls are put behind it.
    if not fits or parts.username is not None or parts.query or parts.fragment or not url.isprintable():
        raise PydanticCustomError("url", "is not the address of a relay, such as wss://eu.relay.example")
    return url.rstrip("/")


def _country(text: str) -> str:
    code = country_code(text)
    if not code:
        raise PydanticCustomError("country", "is not a country (two letters of ISO 3166-1, such as DE)")
    return code


Seconds = Annotated[int, BeforeValidator(_seconds)]
RegionName = Annotated[str, AfterValidator(_region_name)]


class Limits(BaseModel):
    """Limits by name; 0 means unlimited.

    Attributes:
        connections: Sockets open at once in all rooms; unsaid, nine tenths of the files the relay may open.
        connections_per_address_per_minute: New spectator connections from one address.
        connections_per_address: Simultaneous spectator connections from one address.
        connections_per_viewer: Simultaneous spectator connections of one viewer.
        joins_per_room_per_minute: New spectators of one room, from everywhere.
        auth_failures_per_address: Refused tokens from one address in five minutes.
        events_per_minute: Published events of one room.
        chat_messages_per_minute: Spectator chat messages from one address, over all rooms.
        chat_burst: How many of them at once.
        reports_per_minute: Reports of one registered viewer, or of one address's anonymous ones.
        message_bytes: The longest message a viewer may send.
        body_bytes: The longest HTTP request body.
        intake_bytes: Bytes of requests that are not committed yet; one room may have a quarter of them.
        header_bytes: The longest HTTP request head.
        request_s: Seconds a whole HTTP request may take to arrive.
        idle_s: Seconds an idle HTTP connection is kept.
        keepalive_s: Seconds of silence after which a viewer gets a keepalive.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    connections: Limit | None = None
    connections_per_address_per_minute: Limit = 5
    connections_per_address: Limit = 50
    connections_per_viewer: Limit = 10
    joins_per_room_per_minute: Limit = 100
    auth_failures_per_address: Limit = 10
    events_per_minute: Limit = 60_000
    chat_messages_per_minute: Limit = 60
    chat_burst: Limit = 20
    reports_per_minute: Limit = 6
    message_bytes: Limit = 16_384
    body_bytes: Limit = 1_048_576
    intake_bytes: Limit = 16_777_216
    header_bytes: Limit = 16_384
    request_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 10.0
    idle_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    keepalive_s: Annotated[int, Field(ge=1, le=3600)] = 60


class AuthConfig(BaseModel):
    """How viewer tokens of other issuers are verified. This relay's own tokens need none of it.

    Attributes:
        secret: Shared secret of HS256 tokens; at least 32 characters (RFC 7518, 3.2).
        keys_file: Public keys, as PEM or JSON Web Key Set.
        keys_url: Where a JSON Web Key Set is fetched from.
        issuer: Required `iss`; empty accepts any.
        audience: Required `aud`; empty accepts any.
        leeway_s: Clock skew allowed, in seconds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret: Annotated[SecretStr | None, Field(min_length=32)] = None
    keys_file: Path | None = None
    keys_url: str = ""
    issuer: str = ""
    audience: str = ""
    leeway_s: Annotated[int, Field(ge=0, le=600)] = 60


class Region(BaseModel):
    """A place from which the operator serves.

    Attributes:
        name: What it is called.
        url: The relay there, `wss://…` or `https://…`, without a `/` at its end.
        countries: Whose viewers it is nearest to, as ISO 3166-1 codes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: RegionName
    url: Annotated[str, AfterValidator(_relay_url)]
    countries: Annotated[tuple[Annotated[str, AfterValidator(_country)], ...], BeforeValidator(_listed)] = ()


class CdnCaching(BaseModel):
    """How long caches may keep what is the same for everybody, in seconds; 0: ask again each time.

    Attributes:
        static_content: What changes with the version only, such as `/openapi.json`.
        event_batches: Closed batches of events.
        room_metadata: The directory, and what a room says about itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    static_content: Seconds = 3600
    event_batches: Seconds = 300
    room_metadata: Seconds = 900


class CdnCompression(BaseModel):
    """How answers are made smaller.

    Attributes:
        text_events: The coding taken when a client likes several alike, and the one that batches name.
        media_content: `optimized` alone is known: no image or file ever travels, a short text stands for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text_events: Literal["gzip", "brotli"] = "gzip"
    media_content: Literal["optimized"] = "optimized"


class CdnConfig(BaseModel):
    """What HTTP caches in front of the relay may do. Spec: CDN Integration, `SpectatorCDNConfig`.

    Attributes:
        enabled: Whether shared caches may keep anything at all.
        regions: Names of `[[regions]]` that clients are told of, in this order; none named: all of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    regions: Annotated[tuple[RegionName, ...], BeforeValidator(_listed), NoDecode] = ()
    caching: CdnCaching = CdnCaching()
    compression: CdnCompression = CdnCompression()


class Config(BaseSettings):
    """Everything a relay needs to know before it starts.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 picks a free one.
        data: Data directory.
        trusted_proxies: Networks whose `X-Forwarded-For` is believed.
        geoip: MaxMind-format database that says in which country an address is.
        country_header: Header in which trusted proxies say it instead; empty reads none.
        tls_cert: Certificate chain for `wss://` and `https://`, with `tls_key`.
        tls_key: Its private key.
        log_level: debug, info, warning or error.
        drain_s: Seconds over which a stopping relay sends its viewers away; 0 sends all at once.
        drain_url: Another relay with the same rooms that takes them over; empty: they come back here.
        regions: The places from which the operator serves, this relay's own among them.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8787
    data: Path = Field(default_factory=lambda: user_data_path("clawtank", appauthor=False))
    trusted_proxies: Annotated[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...], NoDecode] = ()
    geoip: Path | None = None
    country_header: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    drain_s: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 5.0
    drain_url: str = ""
    limits: Limits = Limits()
    auth: AuthConfig = AuthConfig()
    cdn: CdnConfig = CdnConfig()
    regions: tuple[Region, ...] = ()

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value

    @field_validator("country_header")
    @classmethod
    def _is_header_name(cls, name: str) -> str:
        if name and not _HEADER.fullmatch(name):
            raise PydanticCustomError("header", "is not the name of a header: letters, digits, - and _")
        return name

    @field_validator("drain_url")
    @classmethod
    def _is_relay(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("ws", "wss", "http", "https") and bool(parts.hostname)
        except ValueError:
            good = False
        if url and not good:
            raise PydanticCustomError("relay", "is not the address of a relay, as wss://relay.example")
        return url

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together (--tls-cert, --tls-key): give both")
        return self

    @model_validator(mode="after")
    def _countries_have_one_source(self) -> Self:
        if self.geoip is not None and self.country_header:
            raise ValueError(
                "geoip and country_header both tell a viewer's country (--geoip, --country-header): give one"
            )
        return self

    @model_validator(mode="after")
    def _regions_are_known(self) -> Self:
        names = [region.name for region in self.regions]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"regions: two of them are called {name}. Give each a name of its own")
        for name in self.cdn.regions:
            if name not in names:
                raise ValueError(
                    f"cdn.regions: {name} is none of [[regions]]. Describe it there, with its url"
                )
        return self

    @property
    def told_regions(self) -> tuple[Region, ...]:
        """The regions that clients are told of."""
        by_name = {region.name: region for region in self.regions}
        return tuple(by_name[name] for name in dict.fromkeys(self.cdn.regions)) or self.regions

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, file."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))


class BadConfig(ValueError):
    """A configuration that cannot be used; each line names a setting and says what is wrong with it."""


def load_config(flags: Mapping[str, Any], file: Path | None = None) -> Config:
    """Merge flags, environment, file and defaults.

    Raises:
        BadConfig: If the file cannot be read, or any setting is unknown or wrong.
    """
    unknown = [name for name in os.environ if name.startswith(_PREFIX) and not _known(name)]
    if unknown:
        raise BadConfig(
            f"{unknown[0]} is in the environment and is not a setting. Check the spelling, or unset it."
        )
    if file is not None and not file.is_file():
        raise BadConfig(f"{file} is not a file. Name another one with --config.")

    class FromFile(Config):
        model_config = SettingsConfigDict(toml_file=file)

    try:
        return FromFile(**flags)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{file} cannot be read: {error}.") from error
    except SettingsError as error:
        raise BadConfig(f"The environment cannot be read: {error}.") from error
    except ValidationError as error:
        raise BadConfig("\n".join(dict.fromkeys(_problem(item) for item in error.errors()))) from None


def _known(name: str) -> bool:
    # pydantic-settings refuses unknown keys of nested models, and passes over unknown names at the top.
    return name.removeprefix(_PREFIX).lower().split("__")[0] in Config.model_fields


def _problem(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if not where:
        return f"{item['msg'].removeprefix('Value error, ')}."
    if item["type"] == "extra_forbidden":
        return (
            f"{where}: is not a setting. Check the spelling in the file, or in {_PREFIX}… in the environment."
        )
    if where.startswith("trusted_proxies."):
        # One of the two kinds of network fits or neither; pydantic tells of each, with its own machinery.
        return "trusted_proxies (--trusted-proxy): write each as an address or a network, as in 10.0.0.0/8."
    if item["type"] == "tuple_type":
        return f"{where}: must be a list"
    return f"{where}: {item['msg'][0].lower()}{item['msg'][1:]}"
