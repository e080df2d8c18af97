"""A host sees what the filter would have done to what was said, before anybody is affected."""

from __future__ import annotations

import asyncio
from typing import Any

from support.crowds import READY
from support.operating import operate

PACE = {"rateLimit": {"messagesPerMinute": 600, "burstLimit": 100}}
OFF = {"spectatorChat": {**PACE, "moderation": {"autoFilter": False}}}
SAID = (
    "is this the parser?",
    "what a badword",
    "oh b.a.d.w.o.r.d",
    "the penguins send their regards to this room",
    "the penguins send their regards to this room!",
    "join discord.gg/abcdef",
    "to be deleted, badword",
)


async def test_a_dry_run_says_what_the_filter_would_have_done_to_the_chat(make_room: Any, relay: Any) -> None:
    room = make_room(settings=OFF)

    def rehearse(**moderation: Any) -> Any:
        patch = {"spectatorChat": {"moderation": moderation}}
        path = f"{room.path}/settings?dry_run=true"
        return room.public.call("PATCH", path, token=room.host_token, json=patch)["chat"]

    async with room.watch(options=READY) as viewer, room.inside(room.host_token) as host:
        await viewer.welcome()
        await host.welcome()
        ids = []
        for text in SAID:
            await viewer.chat(text)
            ids.append((await viewer.expect("spectator.chat_message"))["message_id"])
        await host.chat("a badword from inside is nobody's business")
        await viewer.expect("spectator.chat_message")
        await asyncio.to_thread(room.moderate, "delete", ids[-1])
        await viewer.expect("spectator.chat_removed")

        off = await asyncio.to_thread(rehearse, keywords=["badword"])
        assert (off["judged"], off["held"], off["refused"], off["rules"]) == (len(SAID) - 1, 0, 0, {})
        on = await asyncio.to_thread(rehearse, autoFilter=True, keywords=["badword"])
        told = await asyncio.to_thread(
            operate,
            *("room", "set", room.id, "spectatorChat.moderation.autoFilter=true"),
            *("spectatorChat.moderation.keywords=badword", "--dry-run"),
            data=relay.data,
        )
        # Nothing was changed: the same can be said again.
        await viewer.chat(SAID[1])
        assert (await viewer.expect("spectator.chat_message"))["message"] == SAID[1]

    assert (on["judged"], on["held"], on["refused"]) == (len(SAID) - 1, 2, 2)
    assert on["rules"] == {"keyword": 2, "repeat": 1, "promotion": 1}
    assert [(example["message_id"], example["action"], example["rule"]) for example in on["examples"]] == [
        (ids[1], "refuse", "keyword"),
        (ids[2], "hold", "keyword"),
        (ids[4], "refuse", "repeat"),
        (ids[5], "hold", "promotion"),
    ]
    assert [example["detail"] for example in on["examples"][:2]] == ["badword", "badword as b.a.d.w.o.r.d"]
    assert told.returncode == 0, told.stderr
    assert f"with {len(SAID) - 1} messages of viewers:" in told.stdout
    assert "held by keyword (badword as b.a.d.w.o.r.d): oh b.a.d.w.o.r.d" in told.stdout
