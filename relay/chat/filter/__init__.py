"""The automatic filter of the spectator chat: judges a message before it gets a place in the sequence.

Spec: Moderation Features (MOD-1, MOD-5). A `Filter` is what one room's settings make of the rules; its
`judge` is pure: what was said lately, and when, is passed in. What the author can see and mend is refused
with the reason; what only a person can tell is held for one; who goes on and on is sanctioned. Each verdict
says to the host which rule made it and what that rule saw.
"""

from relay.chat.filter.judge import SANCTION_S, Filter
from relay.chat.filter.remarks import RECENT_KEPT, WINDOW_S, Remark, remark
from relay.chat.filter.verdict import ALLOWED, Action, Verdict

__all__ = [
    "ALLOWED",
    "RECENT_KEPT",
    "SANCTION_S",
    "WINDOW_S",
    "Action",
    "Filter",
    "Remark",
    "Verdict",
    "remark",
]
