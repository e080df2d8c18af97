"""What moves the chat: messages as they are said and taken away, and what becomes of one's own.

Pure. A message of one's own stands, faint, where it was sent until the relay says what becomes of it: its
copy takes its place at the end, or it is held where it stands, or it goes and the reason is told.
Spec: Spectator Chat System; checklist CHAT-10, CHAT-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from clawtank_tui.state import intake
from clawtank_tui.state.talk import Ask, Asked, ChatMessage, Fate, Refusal, Talk

if TYPE_CHECKING:
    from clawtank_tui.state.model import Me
    from clawtank_tui.state.talk import Request

CHAT_KEPT = 200
REMOVED_KEPT = 500
"""Ids remembered, so that an answer to what was removed says so."""
_ASKED_KEPT = 50
_IGNORED_KEPT = 1000
_LONGEST_WAIT_MS = 366 * 86_400_000
_UNDER_WAY = "~"
"""Before the `ref` of a message of one's own that has no id of the relay's yet."""
_OWN = frozenset({Fate.SENDING, Fate.HELD, Fate.UNSURE})


def told(talk: Talk, history: Iterable[ChatMessage | None], me: Me) -> Talk:
    """Replace what was said with what the relay says was said; what is under way stays under way."""
    said = {message.message_id: message for message in history if message is not None}
    mine = {message.text for message in said.values() if message.spectator_id == me.spectator_id}
    own = [
        message
        for message in talk.messages
        if message.fate in _OWN and not (message.fate is Fate.UNSURE and message.text in mine)
    ]
    return replace(talk, messages=_bounded((*said.values(), *own)))


def forget_held(talk: Talk) -> Talk:
    """Take note that the relay knows nothing of what was held: it was restarted, or it was too long ago."""
    stay = tuple(message for message in talk.messages if message.fate is not Fate.HELD)
    held = {message.message_id for message in talk.messages if message.fate is Fate.HELD}
    asked = tuple(one for one in talk.asked if _UNDER_WAY + one.ref not in held)
    return replace(talk, messages=stay, asked=asked)


def said(talk: Talk, data: Mapping[str, Any], me: Me, now_ms: int, ahead_ms: int) -> Talk:
    """Add a message that everybody has now; one's own is no longer under way.

    Args:
        talk: Before.
        data: Of the relay's message.
        me: To know one's own by, where no `ref` names it: it was sent over a line that is gone.
        now_ms: The viewer's clock.
        ahead_ms: By how much the relay's clock is ahead of that.
    """
    message = intake.chat_message(data, now_ms)
    if message is None:
        return talk
    ref = _ref_of(talk, data.get("ref"), message, me)
    was_held = any(one.fate is Fate.HELD and one.message_id == _UNDER_WAY + ref for one in talk.messages)
    talk = _answered(talk, ref)
    if talk.find(message.message_id) is not None:
        return talk
    if message.spectator_id == me.spectator_id and not was_held:
        # What a moderator let through was taken long before.
        talk = replace(talk, said_ms=max(talk.said_ms, min(message.at_ms - ahead_ms, now_ms)))
    return replace(talk, messages=_bounded((*talk.messages, replace(message, heard=True))))


def _ref_of(talk: Talk, ref: object, message: ChatMessage, me: Me) -> str:
    """Return by which `ref` one's own message is under way; empty if it is none of those."""
    if isinstance(ref, str):
        return intake.key(ref)
    if not me.spectator_id or message.spectator_id != me.spectator_id:
        return ""
    same = (one for one in talk.messages if one.fate in _OWN and one.text == message.text)
    own = next(same, None)
    return own.message_id.removeprefix(_UNDER_WAY) if own is not None else ""


def taken_away(talk: Talk, data: Mapping[str, Any]) -> tuple[Talk, tuple[ChatMessage, ...]]:
    """Forget a message, or all that an author has said so far.

    Returns:
        The talk, and what is gone from it.
    """
    message_id, spectator_id = intake.key(data.get("message_id")), intake.key(data.get("spectator_id"))
    gone = tuple(
        message
        for message in talk.messages
        if message.fate is Fate.SHOWN
        and (
            (message_id and message.message_id == message_id)
            or (spectator_id and message.spectator_id == spectator_id)
        )
    )
    ids = {message.message_id for message in gone} | ({message_id} if message_id else set())
    new = tuple(sorted(ids - set(talk.removed)))
    stay = tuple(message for message in talk.messages if message not in gone)
    return replace(talk, messages=stay, removed=(*talk.removed, *new)[-REMOVED_KEPT:]), gone


# -- one's own -----------------------------------------------------------------------------------------


def asking(talk: Talk, ref: str, request: Request, me: Me, now_ms: int) -> Talk:
    """Take note that something was asked of the relay; what was told before is settled by it."""
    talk = replace(talk, asked=(*talk.asked, Asked(ref, request))[-_ASKED_KEPT:], refusal=None, word=None)
    if request.kind is not Ask.CHAT:
        return talk
    own = ChatMessage(
        _UNDER_WAY + ref,
        me.spectator_id,
        me.display_name,
        request.data["message"],
        now_ms,
        author_state=me.state,
        reply_to=request.data.get("reply_to", ""),
        fate=Fate.SENDING,
    )
    return replace(talk, messages=_bounded((*talk.messages, own)))


def held(talk: Talk, ref: object, now_ms: int) -> Talk:
    """Take note that a message of one's own waits for a moderator."""
    key = intake.key(ref)
    if _request_of(talk, key) is None:
        return talk  # from another terminal of the same viewer's
    return replace(_with_fate(talk, key, Fate.HELD), said_ms=now_ms)


def refused(talk: Talk, data: Mapping[str, Any], now_ms: int) -> Talk:
    """Take an error that names a request, and keep what was asked, to be given back."""
    ref = intake.key(data.get("ref"))
    why = intake.text(data.get("message"), 300) or "The relay did not accept it."
    request = _request_of(talk, ref)
    wait_ms = min(intake.number(data.get("retry_after")) or 0, _LONGEST_WAIT_MS)
    talk = _answered(talk, ref)
    until_ms = now_ms + wait_ms if wait_ms else 0
    if request is not None and request.kind is Ask.CHAT and until_ms:
        talk = replace(talk, wait_until_ms=until_ms)
    others = any(one.request.kind is Ask.CHAT for one in talk.asked)
    return replace(talk, refusal=Refusal(why, request, until_ms, others))


def unsent(talk: Talk, ref: str, reason: str) -> Talk:
    """Take note that a request never left."""
    request = _request_of(talk, ref)
    return replace(_answered(talk, ref), refusal=Refusal(reason, request))


def line_lost(talk: Talk) -> Talk:
    """Take note that no answer will come over the line any more: what was sent may have arrived, or not.

    What is held stays held: the relay tells its author on whatever line they come back by.
    """
    waits = {one.message_id for one in talk.messages if one.fate is Fate.HELD}
    if all(_UNDER_WAY + one.ref in waits for one in talk.asked):
        return talk
    others = [one for one in talk.asked if _UNDER_WAY + one.ref not in waits]
    for one in others:
        talk = _with_fate(talk, one.ref, Fate.UNSURE)
    stay = tuple(one for one in talk.asked if one not in others)
    lost = [one.request for one in others if one.request.kind is not Ask.CHAT]
    if lost:
        reason = "The line broke before the relay answered; ask again when it is back."
        talk = replace(talk, refusal=Refusal(reason, lost[-1]))
    return replace(talk, asked=stay)


def granted(talk: Talk, ref: object) -> Talk:
    """Take note that a request was granted, and that what it led to is told elsewhere."""
    return _answered(talk, ref) if isinstance(ref, str) else talk


# -- whom one reads ------------------------------------------------------------------------------------


def ignoring(talk: Talk, spectator_id: str, name: str) -> Talk:
    """Hide what somebody says, from this viewer alone."""
    ignored = dict(list({**talk.ignored, spectator_id: name}.items())[-_IGNORED_KEPT:])
    return replace(talk, ignored=MappingProxyType(ignored))


def heeding(talk: Talk, spectator_id: str) -> Talk:
    """Show again what somebody says."""
    left = {one: name for one, name in talk.ignored.items() if one != spectator_id}
    return replace(talk, ignored=MappingProxyType(left))


# -- parts ---------------------------------------------------------------------------------------------


def _bounded(messages: Iterable[ChatMessage]) -> tuple[ChatMessage, ...]:
    return tuple(messages)[-CHAT_KEPT:]


def _request_of(talk: Talk, ref: str) -> Request | None:
    return next((one.request for one in talk.asked if one.ref == ref), None)


def _answered(talk: Talk, ref: object) -> Talk:
    """Forget a request, and the message that stood for it."""
    own = f"{_UNDER_WAY}{ref}"
    return replace(
        talk,
        asked=tuple(one for one in talk.asked if one.ref != ref),
        messages=tuple(one for one in talk.messages if one.message_id != own or one.fate is Fate.SHOWN),
    )


def _with_fate(talk: Talk, ref: str, fate: Fate) -> Talk:
    own = _UNDER_WAY + ref
    messages = (
        replace(one, fate=fate) if one.message_id == own and one.fate in _OWN else one
        for one in talk.messages
    )
    return replace(talk, messages=tuple(messages))
