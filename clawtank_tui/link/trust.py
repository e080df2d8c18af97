"""Whom to believe on an encrypted line."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clawtank_tui.link.target import Target


def trust(target: Target) -> ssl.SSLContext | None:
    """Return the authorities that were named for a target; None for the system's.

    Raises:
        OSError: If the file cannot be read (`ssl.SSLError` if it holds no certificate).
    """
    if target.ca_file is None:
        return None
    context = ssl.create_default_context(cafile=str(target.ca_file))
    if target.any_name:
        context.check_hostname = False
    return context
