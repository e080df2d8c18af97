"""Viewer tokens, made the way an operator's program makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.clients import Api


@dataclass(frozen=True)
class ViewerToken:
    """A token and the id by which it is revoked."""

    id: str
    text: str


def viewer_token(operator: Api, name: str, *, verified: bool = False) -> ViewerToken:
    """Make a token for a registered, or verified, viewer."""
    made = operator.call("POST", "/tokens", json={"name": name, "verified": verified})
    return ViewerToken(made["id"], made["token"])
