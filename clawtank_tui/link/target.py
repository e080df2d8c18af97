"""What a viewer asked to watch, checked before anything is opened.

Standard library only: the command line builds a `Target` before it knows whether a screen will open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from clawtank_tui.state.delivery import AT_ONCE, Choice
from relay.protocol.rooms import is_room_id
from relay.protocol.text import safe_text

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_HISTORY = 200
"""Events asked for on arrival when nobody said `since`."""

_DEFAULT_PORTS = {False: 80, True: 443}
_SCHEMES = {"ws": False, "http": False, "wss": True, "https": True}
_EXAMPLES = "ws://127.0.0.1:8787 or wss://relay.example"
_MAX_TOKEN = 8192


class BadTarget(ValueError):
    """Something the user gave cannot be used; the text is one sentence with the next step."""


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """Where a relay listens.

    Attributes:
        secure: Whether TLS is spoken.
        host: Name or address, without brackets.
        port: TCP port.
        path: What a reverse proxy put before the relay's own paths; empty or `/…` without a slash at the end.
    """

    secure: bool
    host: str
    port: int
    path: str = ""

    @property
    def authority(self) -> str:
        """Return `host:port` as it stands in a URL; the scheme's own port goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.secure] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Return the address as people write it."""
        return f"{'wss' if self.secure else 'ws'}://{self.authority}{self.path}"

    @property
    def http_url(self) -> str:
        """Return the same address for HTTP calls."""
        return f"{'https' if self.secure else 'http'}://{self.authority}{self.path}"

    def spectate_url(self, room_id: str) -> str:
        """Return where a room's spectator socket is."""
        return f"{self.url}/spectate/{room_id}"

    def host_url(self, room_id: str) -> str:
        """Return where the socket of those inside a room is."""
        return f"{self.url}/rooms/{room_id}/host"

    @property
    def is_loopback(self) -> bool:
        """Say whether the relay is on this machine, so that nobody between can listen."""
        return is_loopback(self.host)

    def may_carry_token(self, *, insecure: bool) -> bool:
        """Say whether a credential may be sent there: encrypted, to this machine, or at the user's risk."""
        return self.secure or insecure or self.is_loopback


@dataclass(frozen=True, slots=True)
class Target:
    """A room, where it is, and how to watch it.

    Attributes:
        token: The user's own viewer token, or empty.
        types: Categories and event types as the wire takes them, comma-separated; empty for all.
        since: Replay from then: a duration or an ISO instant; empty for none.
        cursor: Resume after this position; empty for none.
        history: The most recent events asked for when neither `since` nor `cursor` is given.
        ca_file: Certificate authorities to trust instead of the system's.
        any_name: `ca_file` is the relay's own certificate, read from its own directory: whose name it carries
            does not matter.
        insecure: Send the token even unencrypted.
        choice: How to be told; a viewer may change it while watching.
    """

    room_id: str
    relay: RelayAddress
    token: str = field(default="", repr=False)
    name: str = ""
    types: str = ""
    since: str = ""
    cursor: str = ""
    history: int = DEFAULT_HISTORY
    ca_file: Path | None = None
    any_name: bool = False
    insecure: bool = False
    choice: Choice = AT_ONCE

    def __post_init__(self) -> None:
        """Refuse what could only fail, or leak, later.

        Raises:
            BadTarget: If the room id is none, or the token is none or would travel in the clear.
        """
        if not is_room_id(self.room_id):
            shown = safe_text(self.room_id, 40)
            raise BadTarget(
                f"“{shown}” is not a room id: use 1 to 64 letters, digits, _ or -, "
                "or list the rooms with: clawtank rooms"
            )
        if self.token and not (self.token.isascii() and self.token.isprintable() and " " not in self.token):
            raise BadTarget(
                "The token holds characters no token has: copy it again, without spaces or line breaks."
            )
        if len(self.token) > _MAX_TOKEN:
            raise BadTarget("The token is far too long: pass the token itself, not a whole file.")
        if self.token and not self.relay.may_carry_token(insecure=self.insecure):
            raise BadTarget(
                f"The token would travel unencrypted to {self.relay.host}: use a wss:// address, "
                "or --insecure if you trust every network in between."
            )


def parse_relay(text: str) -> RelayAddress:
    """Read a relay's address; `http` and `https` are taken for `ws` and `wss`.

    Raises:
        BadTarget: If it is not an address a relay can have.
    """
    shown = safe_text(text, 80)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadTarget(f"“{shown}” is not an address: write it like {_EXAMPLES}") from None
    if parts.scheme not in _SCHEMES or not parts.hostname or not _is_host(parts.hostname):
        raise BadTarget(f"“{shown}” is not a relay's address: write it like {_EXAMPLES}")
    if parts.username is not None or parts.query or parts.fragment:
        raise BadTarget("A relay's address holds no password, “?” or “#”: give the token with --token-file.")
    secure = _SCHEMES[parts.scheme]
    return RelayAddress(secure, parts.hostname, port or _DEFAULT_PORTS[secure], _base_path(parts))


def is_loopback(host: str) -> bool:
    """Say whether a host name or address means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    from ipaddress import ip_address  # only where an address is judged: it costs 5 ms of every start

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_ca_file(path: Path) -> None:
    """Read a file of certificate authorities once, so that a wrong one is bad usage and no later surprise.

    Raises:
        BadTarget: If it cannot be read or holds no certificate.
    """
    import ssl

    try:
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError:
        raise BadTarget(
            f"{safe_text(str(path), 200)} holds no certificate: --ca-file takes a PEM file."
        ) from None
    except OSError as error:
        raise BadTarget(
            f"{safe_text(str(path), 200)} cannot be read ({error.strerror}): give --ca-file a PEM file."
        ) from None


def _is_host(host: str) -> bool:
    return host.isprintable() and not any(char in host for char in ' "<>\\^`{|}%')


def _base_path(parts: SplitResult) -> str:
    # A pasted socket address is as good as the relay's own.
    base, _, _ = parts.path.partition("/spectate/")
    if not base.isascii() or not base.isprintable() or " " in base:
        raise BadTarget("The path of the relay's address holds characters no address has: check --relay.")
    return base.rstrip("/")
