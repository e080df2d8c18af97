"""A room of one test's own, on a relay that many tests share."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from support.clients import Api, Viewer, standing_inside, watching


@dataclass(frozen=True)
class Room:
    """A room, and what its host holds.

    Attributes:
        url: The relay's `http://` address.
        id: The room's id.
        operator: Calls with the operator's token.
        public: Calls with no token.
    """

    url: str
    id: str
    operator: Api
    public: Api
    host_token: str
    publish_token: str

    @classmethod
    def create(cls, url: str, room: str, *, operator: Api, public: Api, **wish: Any) -> Room:
        """Create a room as the operator; `wish` holds `settings`, `preset`, `visibility`, `name`."""
        made = operator.create_room(room, **wish)
        return cls(url, room, operator, public, made["host_token"], made["publish_token"])

    @property
    def path(self) -> str:
        """Its HTTP address."""
        return f"/rooms/{self.id}"

    def watch(self, **arguments: Any) -> AbstractAsyncContextManager[Viewer]:
        """Open a spectator connection, as `watching` does."""
        return watching(self.url, self.id, **arguments)

    def token(self, scope: str, name: str = "") -> str:
        """Make a token of this room as its host."""
        made = self.public.call(
            "POST", f"{self.path}/tokens", token=self.host_token, json={"scope": scope, "name": name}
        )
        token: str = made["token"]
        return token

    def inside(self, token: str | None, **arguments: Any) -> AbstractAsyncContextManager[Viewer]:
        """Open the host socket, as `standing_inside` does."""
        return standing_inside(self.url, self.id, token, **arguments)

    def held(self) -> list[dict[str, Any]]:
        """Return what waits for a moderator, as the host reads it."""
        held: list[dict[str, Any]] = self.public.call(
            "GET", f"{self.path}/moderation/queue", token=self.host_token
        )["held"]
        return held

    def moderate(self, action: str, message_id: str, **more: str) -> dict[str, Any]:
        """Decide on a held message as the host."""
        body = {"action": action, "message_id": message_id, **more}
        decision: dict[str, Any] = self.public.call(
            "POST", f"{self.path}/moderation", token=self.host_token, json=body
        )
        return decision

    def publish(self, *events: Mapping[str, Any]) -> dict[str, Any]:
        """Publish events, all of which must be taken."""
        return self.public.publish(self.id, self.publish_token, *events)

    def set(self, **patch: Any) -> dict[str, Any]:
        """Change settings as the host; return all of them."""
        answer: dict[str, Any] = self.public.call(
            "PATCH", f"{self.path}/settings", token=self.host_token, json=patch
        )
        return answer

    def history(self, **query: Any) -> list[dict[str, Any]]:
        """Return its events, as the public reads them."""
        return self.public.history(self.id, **query)

    def presence(self) -> dict[str, Any]:
        """Return its presence, as the public reads it."""
        presence: dict[str, Any] = self.public.call("GET", self.path)["presence"]
        return presence
