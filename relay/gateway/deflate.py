"""What a client's offer of permessage-deflate is answered with. RFC 7692.

The connections hold no compressor: what they are written is compressed in a window that the viewers of one
stream share (`relay.delivery.coding`). What a viewer sends is inflated message by message.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory

from relay.delivery.coding import Coding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.extensions.base import Extension
    from websockets.typing import ExtensionParameter

_NO_TAKEOVER = "server_no_context_takeover"


class _Deflate(PerMessageDeflate):
    """permessage-deflate without an encoder: our frames are prepared, and nothing of ours is sent through it.

    Attributes:
        coding: What the client can take.
    """

    def __init__(self, agreed: PerMessageDeflate, *, shared: bool) -> None:
        super().__init__(agreed.remote_no_context_takeover, True, agreed.remote_max_window_bits, 15)
        self.coding = Coding.SHARED if shared else Coding.ALONE
        if agreed.local_max_window_bits != zlib.MAX_WBITS:
            # Prepared frames use the whole window: whoever asked for a smaller one gets plain frames.
            self.coding = Coding.PLAIN


class DeflateFactory(ServerPerMessageDeflateFactory):
    """Agrees to a window that goes on from frame to frame, unless the client asks for none.

    RFC 7692, 7.1.1.1.
    """

    def __init__(self) -> None:
        super().__init__(server_no_context_takeover=True, client_no_context_takeover=True)

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        answer, agreed = super().process_request_params(params, accepted_extensions)
        shared = not any(name == _NO_TAKEOVER for name, _ in params)
        if shared:
            answer = [parameter for parameter in answer if parameter[0] != _NO_TAKEOVER]
        return answer, _Deflate(agreed, shared=shared)


def coding_of(extensions: Sequence[Extension]) -> Coding:
    """Return what a connection with these extensions can take."""
    agreed = (extension.coding for extension in extensions if isinstance(extension, _Deflate))
    return next(agreed, Coding.PLAIN)
