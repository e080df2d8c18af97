"""The entrance of every room: who somebody is, whether they may come in, and what the rates say.

`relay.rooms.admission` decides from what it is told; here is what it has to be told, and what has to be
counted. Addresses are keys in memory and go no further.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from relay.audience.identity import Viewer
from relay.protocol.errors import Code, Refused
from relay.rooms.admission import Arrival, ViewerState, admit, may_watch
from relay.rooms.rates import SlidingWindow
from relay.service.insiders import identify

if TYPE_CHECKING:
    from relay.audience.identity import Identities
    from relay.clock import Clock
    from relay.config import Limits
    from relay.service.live_room import LiveRoom
    from relay.service.sanctioning import Sanctioning
    from relay.service.tokens import Tokens

_FULL_WAIT_MS = 5000


class Entrance:
    """Identity, admission and rates of newcomers. Spec: Connection Validation."""

    def __init__(
        self, limits: Limits, identities: Identities, tokens: Tokens, sanctioning: Sanctioning, clock: Clock
    ) -> None:
        """Start with nobody counted."""
        self._limits = limits
        self._identities = identities
        self._tokens = tokens
        self._sanctioning = sanctioning
        self._clock = clock
        self._arrivals = SlidingWindow(limits.connections_per_address_per_minute, 60)
        self._joins = SlidingWindow(limits.joins_per_room_per_minute, 60)
        self._failures = SlidingWindow(limits.auth_failures_per_address, 300)
        self._open: Counter[str] = Counter()

    def knocked_in_vain(self, address: str) -> None:
        """Count an arrival at a room that is not there: guessing names is not free."""
        self._arrivals.hit(address, self._clock.monotonic_s())

    def identify(self, token: str, room_id: str, address: str) -> Viewer | Refused:
        """Return who presents a token, or somebody new without one; wrong tokens are counted (AUTH-11)."""
        if not token:
            return self._identities.anonymous()
        now_s = self._clock.monotonic_s()
        wait_ms = self._failures.wait_ms(address, now_s)
        if wait_ms:
            why = "Too many wrong tokens from this address. Wait, then try again."
            return Refused(Code.RATE_LIMITED, why, wait_ms)
        viewer = self._moderator(token, room_id) or self._identities.read(token, room_id)
        if isinstance(viewer, Refused):
            self._failures.hit(address, now_s)
        return viewer

    def _moderator(self, token: str, room_id: str) -> Viewer | None:
        """Return who watches with a token that lets its holder moderate; None for any other token.

        The operator's is none: a resume token made of it could not be revoked.
        """
        insider = identify(self._tokens, token, room_id)
        if insider is None or not insider.role.moderates or not insider.token_id:
            return None
        state, subject = ViewerState.REGISTERED.value, f"t:{insider.token_id}"
        return Viewer(subject, state, insider.name, insider.token_id, moderates=True)

    def banned(self, room: LiveRoom, viewer: Viewer, address: str) -> Refused | None:
        """Say whether the room's bans keep a newcomer out; those who moderate are nobody's to ban.

        Whoever shows who they are, and may not come in, closes the way they came by to strangers.
        """
        if viewer.moderates or not room.has_bans:
            return None
        spectator_id = self._identities.spectator_id(room.id, viewer)
        digest = self._sanctioning.digest(room, address)
        self._sanctioning.knocked(room, spectator_id, digest)
        anonymous = viewer.state == ViewerState.ANONYMOUS
        return self._sanctioning.banned(room, spectator_id, digest, anonymous=anonymous)

    def may_stay(self, room: LiveRoom, spectator_id: str, viewer: Viewer, *, country: str) -> Refused | None:
        """Judge somebody who watches already: of bans, those that name them, and not their neighbours'."""
        banned = None
        if room.has_bans and not viewer.moderates:
            banned = self._sanctioning.banned(room, spectator_id, "", anonymous=False)
        return may_watch(room, ViewerState(viewer.state), country=country, banned=banned)

    def admit(
        self, room: LiveRoom, viewer: Viewer, address: str, *, country: str, again: bool
    ) -> Refused | None:
        """Judge a newcomer and count the arrival; a resume costs no rate (VALID-18).

        Args:
            room: Where it wants in.
            viewer: Who it is.
            address: What its rate is counted by.
            country: Where it is, as far as can be told.
            again: It was refused a moment ago on the same connection, and has brought a token since.
        """
        state, now_s = ViewerState(viewer.state), self._clock.monotonic_s()
        spectator_id = self._identities.spectator_id(room.id, viewer)
        banned = self.banned(room, viewer, address)
        refused = may_watch(room, state, country=country, banned=banned)
        if refused is None and not viewer.resumed and not again:
            # Both, because whoever waits as long as told must be let in (ERR-4).
            wait_ms = max(self._arrivals.wait_ms(address, now_s), self._joins.wait_ms(room.id, now_s))
            refused = Refused(Code.RATE_LIMITED, retry_after_ms=wait_ms) if wait_ms else None
        refused = refused or self._too_many(room, spectator_id, address)
        if refused is None:
            seated = room.audience.seated(spectator_id)
            decision = admit(room, Arrival(state, country, None, seated, room.audience.seats_taken))
            refused = decision if isinstance(decision, Refused) else None
        if not viewer.resumed and not again:
            self._arrivals.hit(address, now_s)
        if not viewer.resumed and refused is None:
            self._joins.hit(room.id, now_s)
        return refused

    def admit_insider(self, address: str) -> Refused | None:
        """Judge the arrival of somebody inside a room, and count it: rates, and no seat."""
        now_s = self._clock.monotonic_s()
        wait_ms = self._arrivals.wait_ms(address, now_s)
        self._arrivals.hit(address, now_s)
        if wait_ms:
            return Refused(Code.RATE_LIMITED, retry_after_ms=wait_ms)
        return self._too_many_from(address)

    def may_become(
        self, room: LiveRoom, former_id: str, viewer: Viewer, address: str, *, country: str
    ) -> Refused | None:
        """Judge a connection that wants to go on as somebody else; it gives its former seat back."""
        state = ViewerState(viewer.state)
        spectator_id = self._identities.spectator_id(room.id, viewer)
        if room.has_bans and spectator_id != former_id:
            digest = self._sanctioning.digest(room, address)
            self._sanctioning.knocked(room, spectator_id, digest, former_id)
        refused = self.may_stay(room, spectator_id, viewer, country=country)
        if refused is not None or spectator_id == former_id:
            return refused
        refused = self._too_many(room, spectator_id, "")
        if refused is not None:
            return refused
        audience = room.audience
        given_back = audience.connections(former_id) == 1
        seated, taken = audience.seated(spectator_id), audience.seats_taken - given_back
        decision = admit(room, Arrival(state, country, None, seated, taken))
        return decision if isinstance(decision, Refused) else None

    def connected(self, address: str) -> int:
        """Return how many connections are open from an address."""
        return self._open[address]

    def came_in(self, address: str) -> None:
        """Note an open connection."""
        self._open[address] += 1

    def went_out(self, address: str) -> None:
        """Note that a connection has closed."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def _too_many(self, room: LiveRoom, spectator_id: str, address: str) -> Refused | None:
        per_viewer = self._limits.connections_per_viewer
        if per_viewer and room.audience.connections(spectator_id) >= per_viewer:
            why = f"You have {per_viewer} connections open. Close one first."
            return Refused(Code.RATE_LIMITED, why, _FULL_WAIT_MS)
        return self._too_many_from(address) if address else None

    def _too_many_from(self, address: str) -> Refused | None:
        per_address = self._limits.connections_per_address
        if per_address and self._open[address] >= per_address:
            why = f"This address has {per_address} connections open. Close one first."
            return Refused(Code.RATE_LIMITED, why, _FULL_WAIT_MS)
        return None
