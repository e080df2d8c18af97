"""What the chat looks like: any change of it is seen, and wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.chat_story import decided, notice, refusal, settings_changed
from support.golden import check
from support.watch_screen import NARROW, WIDE, Chatting, chatting
from support.watch_story import EVENTS, chat, said

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SEQ = len(EVENTS)
MODERATOR = {"state": "registered", "display_name": "maria", "capabilities": ["chat", "moderate"]}
SIZES = [(WIDE, "120x40"), (NARROW, "80x24")]


def told(number: int, name: str, words: str, **more: object) -> dict[str, Any]:
    """Write the `number`th thing that is said since."""
    return chat(SEQ + number, said(100 + number, f"21:36:{number:02}", name, words, **more)).envelope


async def evening(it: Chatting) -> None:
    """Let everything be said that looks like something of its own."""
    await it.press("shift+tab")
    await it.hear(
        told(1, "zoe", "@marta is there a parser test? https://github.com@evil.example/x"),
        told(
            2,
            "hanna",
            "yes: tests/test_parse.py",
            author_type="host",
            author_state="registered",
            reply_to="m101",
        ),
        told(3, "ken", "hello @ada, look at this", author_state="verified"),
        told(4, "zoe", "/me claps", spectator_id="s-other"),
        told(5, "me", "reading it now", reply_to="m103"),
    )


async def held(it: Chatting) -> None:
    await it.enter("you can read more at my blog")
    await it.hear(notice("message_held", ref="c1"))
    await it.enter("and is the storage tested too?")


async def refused(it: Chatting) -> None:
    await it.enter("BUY NOW BUY NOW")
    await it.hear(
        refusal("c1", "MESSAGE_REJECTED", "The message is all capitals. Write it in small letters, please.")
    )


async def slow(it: Chatting) -> None:
    await it.hear(settings_changed(1, slow_s=30))
    await it.pass_time(40)
    await it.enter("how many tests are there?")
    await it.hear(told(6, "me", "how many tests are there?", ref="c1", timestamp="2026-02-17T21:37:00Z"))
    await it.pass_time(18)
    await it.press(*"and which of them are slow")


async def muted(it: Chatting) -> None:
    told_mute = {"until": "2026-02-17T21:46:20Z", "reason": "three links in a minute"}
    await it.hear(
        notice("mode_changed", capabilities=[], muted=told_mute) | {"timestamp": "2026-02-17T21:36:20Z"}
    )


async def replying(it: Chatting) -> None:
    await it.press("up", "up", "up", "up", "enter", *"thank you, hanna")


async def removing(it: Chatting) -> None:
    await it.press("up", "up", "up", "up", "up")
    await it.press("b")


async def removed(it: Chatting) -> None:
    await it.press("up", "up", "m")
    await it.hear(
        decided("a1", "mute", display_name="zoe", until="2026-02-17T21:46:20Z", undoable=True)
        | {"timestamp": "2026-02-17T21:36:20Z"}
    )


@pytest.mark.parametrize(("size", "name"), SIZES)
@pytest.mark.parametrize("state", [held, refused, slow, muted, replying], ids=lambda state: state.__name__)
async def test_the_chat_of_a_viewer(
    state: Callable[[Chatting], Awaitable[None]], size: tuple[int, int], name: str
) -> None:
    async with chatting(size, state="registered", display_name="ada") as it:
        await evening(it)
        await state(it)
        shot = it.watch.export_screenshot(title="clawtank watch room_abc123")
        check(f"chat-{state.__name__}-{name}", shot, png=state is replying and size == WIDE)


@pytest.mark.parametrize(("size", "name"), SIZES)
@pytest.mark.parametrize("state", [removing, removed], ids=lambda state: state.__name__)
async def test_the_chat_of_a_moderator(
    state: Callable[[Chatting], Awaitable[None]], size: tuple[int, int], name: str
) -> None:
    async with chatting(size, **MODERATOR) as it:
        await evening(it)
        await state(it)
        check(f"chat-{state.__name__}-{name}", it.watch.export_screenshot(title="clawtank watch room_abc123"))


async def test_the_help_page_where_the_commands_are() -> None:
    async with chatting(NARROW) as it:
        await it.enter("/help")
        check("help-commands-80x24", it.watch.export_screenshot(title="clawtank watch room_abc123"))
