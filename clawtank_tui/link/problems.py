"""What went wrong on the line, as one sentence with the next step.

Five things that feel alike to a user, a name that does not exist, a closed port, an untrusted
certificate, a server that is no relay, silence, have five different remedies; so they get five sentences.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)

from clawtank_tui.link.backoff import retry_after_s
from clawtank_tui.link.outcome import Fault
from relay.protocol.text import safe_text

if TYPE_CHECKING:
    from clawtank_tui.link.target import RelayAddress

_BUSY = frozenset({429, 500, 502, 503, 504})
"""HTTP statuses behind which a relay may well be alive a moment later."""
_ERRNO = re.compile(r"\[Errno (\d+)\]")
_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})
_RESTARTING = frozenset({1001, 1012, 1013})
_TOO_BIG = 1009


def fault_of(error: Exception, address: RelayAddress) -> Fault:
    """Explain why a try failed or a line ended.

    Args:
        error: What `websockets`, `httpx`, `ssl` or the system raised.
        address: Where the try led.
    """
    if isinstance(error, ConnectionClosed):
        return _closed(error, address)
    for cause in _chain(error):
        fault = _known(cause, address)
        if fault is not None:
            return fault
    return Fault(f"The line to {address.url} broke: check that the relay runs and your network is up.")


def http_fault(status: int, retry_after: str | None, address: RelayAddress) -> Fault:
    """Explain an HTTP status that is not the hoped-for one."""
    if status in _BUSY:
        return Fault(
            f"The relay at {address.url} cannot take viewers now (HTTP {status}): try again in a moment.",
            retry_after_s=retry_after_s(retry_after),
        )
    return not_a_relay(address, f" (HTTP {status})")


def not_a_relay(address: RelayAddress, detail: str = "") -> Fault:
    """Explain an answer that no relay gives."""
    return _first(
        f"What answers at {address.url} is not a ClawTank relay{detail}: "
        "check the address and the port of --relay, and whether it is ws:// or wss://."
    )


def _known(error: BaseException, address: RelayAddress) -> Fault | None:
    if isinstance(error, InvalidStatus):
        return http_fault(error.response.status_code, error.response.headers.get("Retry-After"), address)
    if isinstance(error, InvalidProxy | ProxyError | ImportError):
        # An ImportError is the missing library for a SOCKS proxy of the system's settings.
        return _first(
            "Your proxy did not let the connection through: check the proxy settings of this machine."
        )
    if isinstance(error, InvalidMessage) and isinstance(error.__cause__, EOFError):
        return _hung_up(address)
    if isinstance(error, InvalidHandshake):
        return not_a_relay(address)
    if isinstance(error, InvalidURI):
        return _first(f"{address.url} is not an address a relay can have: check --relay.")
    if isinstance(error, socket.gaierror | UnicodeError):
        # A UnicodeError is a name that cannot be written in DNS at all, such as one with an empty label.
        return _first(
            f"The name {safe_text(address.host, 100)} cannot be found: "
            "check its spelling in --relay, or your network."
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        why = safe_text(error.verify_message or "it cannot be verified", 100)
        return _first(
            f"The certificate of {address.url} is not trusted ({why}): "
            "name the authority that signed it with --ca-file, or check the address."
        )
    if isinstance(error, ssl.SSLError):
        return _first(
            f"{address.url} does not speak TLS: if the relay is not encrypted, write ws:// instead of wss://."
        )
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return _hung_up(address)
    if isinstance(error, TimeoutError):
        return _first(
            f"Nothing at {address.url} answered in time: check the address, and firewalls on the way."
        )
    if isinstance(error, OSError):
        return _system(error, address)
    return None


def _system(error: OSError, address: RelayAddress) -> Fault | None:
    # asyncio folds the failures of several addresses into one OSError that has a text only.
    number = error.errno
    if number is None and (match := _ERRNO.search(str(error))):
        number = int(match[1])
    if number == errno.ECONNREFUSED:
        return _first(
            f"No relay answers at {address.url}: start one with clawtank-relay serve, "
            "or name another with --relay."
        )
    if number in _UNREACHABLE:
        return _first(
            f"There is no way to {safe_text(address.host, 100)} from here: check your network, or --relay."
        )
    if number == errno.ETIMEDOUT:
        return _first(
            f"Nothing at {address.url} answered in time: check the address, and firewalls on the way."
        )
    return None


def _closed(error: ConnectionClosed, address: RelayAddress) -> Fault:
    code = error.rcvd.code if error.rcvd else 0
    if code in _RESTARTING:
        return Fault(f"The relay at {address.url} is restarting.", close_code=code)
    if error.sent is not None and error.sent.code == _TOO_BIG:
        return Fault(f"The relay at {address.url} sent a message that is too large to be true.")
    if code:
        return Fault(f"The relay at {address.url} closed the line.", close_code=code)
    return Fault(f"The line to {address.url} broke.")


def silent(address: RelayAddress, seconds: float) -> Fault:
    """Explain a line on which pings stay unanswered."""
    return Fault(f"The relay at {address.url} has not answered for {seconds:.0f} s: the network may be down.")


def _hung_up(address: RelayAddress) -> Fault:
    return Fault(f"The relay at {address.url} hung up before it answered: it may be restarting.")


def _first(sentence: str) -> Fault:
    return Fault(sentence, fatal_at_first=True)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what it came from, nearest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
