"""Where a viewer is: a country, from the operator's own database or from the word of a trusted proxy.

Asked once for each connection or call, and never of another machine. The answer is not written, logged or
counted here; without a source every country is unknown, and a room that admits some countries admits nobody.
"""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING, Any

from relay.protocol.countries import UNKNOWN, country_code

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address, IPv6Address
    from pathlib import Path

    from maxminddb import Reader

    from relay.config import Config

_log = logging.getLogger("relay.audience")
_SAMPLE = 1000
"""Networks of a database that are looked at to see whether it knows countries at all."""


class BadDatabase(Exception):
    """A database of countries that cannot be used; the sentence says why and what to do."""


class Regions:
    """Tells the country of a client.

    Attributes:
        header: The header in which trusted proxies tell it; empty if none is read.
    """

    def __init__(self, *, database: Reader | None = None, header: str = "") -> None:
        """Take one source, or none."""
        self.header = header
        self._database = database

    @property
    def known(self) -> bool:
        """Whether any country can ever be told."""
        return bool(self.header) or self._database is not None

    def country(self, address: IPv4Address | IPv6Address | None, told: Sequence[str]) -> str:
        """Return the country of a client as an ISO 3166-1 code, or `UNKNOWN`.

        Args:
            address: Its address, None if it has none. A private one is unknown unless the operator's own
                database has it.
            told: What the header says, if a trusted proxy sent it; two values are nobody's word.
        """
        if self.header:
            return country_code(told[0].strip()) if len(told) == 1 else UNKNOWN
        if self._database is None or address is None:
            return UNKNOWN
        try:
            found = self._database.get(address)
        except ValueError:
            return UNKNOWN  # an IPv6 address, and a database of IPv4 only
        except Exception:
            _log.exception("the database of countries is damaged: a viewer's country is taken as unknown")
            return UNKNOWN
        return _country_of(found)


def open_regions(config: Config) -> Regions:
    """Return what this configuration can tell of countries.

    Raises:
        BadDatabase: If there is no such database, or it cannot be used.
    """
    if config.geoip is not None:
        return Regions(database=_open(config.geoip))
    if config.country_header and not config.trusted_proxies:
        _log.warning(
            "%s is believed from trusted proxies only, and none is named (--trusted-proxy): "
            "every viewer's country is unknown",
            config.country_header,
        )
        return Regions()
    return Regions(header=config.country_header)


def _open(path: Path) -> Reader:
    try:
        import maxminddb
    except ImportError:
        raise BadDatabase(
            "--geoip needs the library maxminddb, which the extra `geo` brings. "
            "Install it with: pip install maxminddb"
        ) from None
    try:
        # In memory: a file that is overwritten in place would take a mapped reader, and the relay, down.
        database = maxminddb.open_database(path, maxminddb.MODE_MEMORY)
        knows = any(_country_of(record) for _, record in itertools.islice(database, _SAMPLE))
    except OSError as error:
        raise BadDatabase(
            f"{path} cannot be read: {error.strerror}. Name a country database with --geoip."
        ) from None
    except Exception:
        # The reader promises nothing about a file that is something else: any of its steps may stumble.
        raise BadDatabase(
            f"{path} is not a MaxMind database, or is damaged. Name an .mmdb file with --geoip."
        ) from None
    if not knows:
        raise BadDatabase(f"{path} holds no countries. Name a country or city database with --geoip.")
    return database


def _country_of(record: Any) -> str:
    """Return where an address is.

    `registered_country`, which stands beside it and sometimes alone, is the country of the network's owner:
    whoever is behind a satellite or a relay service need not be there, so it does not count.
    """
    country = record.get("country") if isinstance(record, dict) else None
    code = country.get("iso_code") if isinstance(country, dict) else None
    return country_code(code) if isinstance(code, str) else UNKNOWN
