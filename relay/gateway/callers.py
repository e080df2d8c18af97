"""Who is at the other end, as far as it can be believed: an address to count by, and a country.

The same for sockets and HTTP calls. The full address ends here: what goes on is the network that rates are
counted by, and the country; both live in memory as long as the connection or the call does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relay.gateway.addresses import Network, client_address, is_trusted, parse_address, rate_key

if TYPE_CHECKING:
    from relay.audience.regions import Regions


@dataclass(frozen=True, slots=True)
class Caller:
    """The other end.

    Attributes:
        address: What its rates are counted by; never kept.
        country: Where it is, as an ISO 3166-1 code; `UNKNOWN` if it cannot be told.
    """

    address: str
    country: str


def identify_caller(
    peer: str, header: Callable[[str], Sequence[str]], trusted: Sequence[Network], regions: Regions
) -> Caller:
    """Return who calls.

    Args:
        peer: The address at the other end of the TCP connection.
        header: Returns the values of a header of the request, one for each line that has it.
        trusted: The proxies whose headers are believed.
        regions: Where addresses are.
    """
    address = client_address(peer, header("X-Forwarded-For"), trusted)
    # Whoever comes past the proxies could write any country into the header.
    told = header(regions.header) if regions.header and is_trusted(peer, trusted) else ()
    parsed = parse_address(address)
    return Caller(rate_key(parsed or address), regions.country(parsed, told))
