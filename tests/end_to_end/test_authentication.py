"""Who a viewer is: nobody in particular, an account, or one somebody vouches for; never what is claimed."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING

import pytest

from support.clients import chat_event
from support.crowds import READY, crowd, first_messages, watch_command
from support.tokens import viewer_token

if TYPE_CHECKING:
    from support.rooms import Room


@pytest.mark.spec("AUTH-1")
def test_anybody_may_watch_a_public_room_without_an_account(room: Room) -> None:
    with watch_command(room.id, "--relay", room.url, "--plain") as watching_it:
        # Its first line says how many watch: by then it is live.
        watching_it.line("1 watching")
        room.publish(chat_event("hello, whoever you are"))
        watching_it.line("hello, whoever you are")


@pytest.mark.spec("AUTH-2")
async def test_anonymous_ids_are_unique_and_unguessable(room: Room) -> None:
    # 300 connects instead of 10,000: enough to see a counter, an order or a short alphabet.
    ids: list[str] = []
    for _ in range(6):
        async with crowd(room, 50) as viewers:
            welcomes = await first_messages(viewers)
        ids += [welcome["data"]["spectator"]["id"] for welcome in welcomes]
    assert len(set(ids)) == 300

    random_parts = [spectator_id.rpartition("_")[2] for spectator_id in ids]
    alphabets = [set(signs) for signs in zip(*random_parts, strict=True)]
    # In 300 draws from 32 signs hardly any sign is missing; a sign of such an alphabet holds 5 bits.
    assert sum(5 for alphabet in alphabets if len(alphabet) >= 28) >= 64
    rising = sum(earlier < later for earlier, later in itertools.pairwise(random_parts))
    assert 100 < rising < 200


# AUTH-3 proper is about votes as well, which come with the interactive features.
async def test_an_anonymous_viewer_may_chat_less_than_a_registered_one(room: Room) -> None:
    limits = {}
    for state, token in (("anonymous", None), ("registered", viewer_token(room.operator, "Ada").text)):
        async with room.watch(token=token, options=READY) as viewer:
            welcome = await viewer.welcome()
        assert welcome["spectator"]["state"] == state
        limits[state] = welcome["limits"]
    for name in ("chat_messages_per_minute", "chat_burst"):
        assert 0 < limits["anonymous"][name] < limits["registered"][name]


async def test_the_stated_burst_is_the_one_that_holds(room: Room) -> None:
    async with room.watch(options=READY) as viewer:
        burst = (await viewer.welcome())["limits"]["chat_burst"]
        for number in range(burst + 1):
            await viewer.chat(f"message {number}", message_id=f"c{number}")
        error = await viewer.expect("spectator.error")
        assert (error["code"], error["ref"], error["permanent"]) == ("RATE_LIMITED", f"c{burst}", False)
        assert error["retry_after"] > 0


@pytest.mark.spec("AUTH-6")
async def test_a_verified_viewer_may_chat_more_and_carries_a_mark(room: Room) -> None:
    tokens = {
        "registered": viewer_token(room.operator, "Ada").text,
        "verified": viewer_token(room.operator, "Grace", verified=True).text,
    }
    rates = {}
    with watch_command(room.id, "--relay", room.url, "--plain") as reader:
        await asyncio.to_thread(reader.line, "1 watching")
        async with room.watch(options=READY) as witness:
            await witness.welcome()
            for state, token in tokens.items():
                async with room.watch(token=token, options=READY) as viewer:
                    welcome = await viewer.welcome()
                    assert welcome["spectator"]["state"] == state
                    rates[state] = welcome["limits"]["chat_messages_per_minute"]
                    await viewer.chat(f"hello from the {state}")
                    message = await witness.expect("spectator.chat_message")
                    assert (message["author_type"], message["author_state"]) == ("spectator", state)
        assert rates["verified"] > rates["registered"]
        lines = [await asyncio.to_thread(reader.line, f"chat .*hello from the {state}") for state in tokens]
        shown = dict(zip(tokens, (line.partition(": ")[0] for line in lines), strict=True))
        assert "Ada" in shown["registered"]
        assert "Grace" in shown["verified"]
        assert "verified" in shown["verified"]
        assert "verified" not in shown["registered"]


@pytest.mark.spec("AUTH-8")
async def test_an_accounts_name_is_the_accounts_whatever_the_client_asks_for(room: Room) -> None:
    token = viewer_token(room.operator, "Ada").text
    ways: list[dict[str, object]] = [
        {"token": token, "options": {"name": "other"}},
        {"token": token, "connect_data": {"display_name": "other"}},
        {"connect_data": {"auth_token": token, "display_name": "other"}},
    ]
    for way in ways:
        async with room.watch(**way) as viewer:
            assert (await viewer.welcome())["spectator"]["display_name"] == "Ada"
            await viewer.connection.send(
                json.dumps(
                    {
                        "type": "spectator.chat_message",
                        "data": {"message": "hello", "display_name": "other", "author_state": "verified"},
                    }
                )
            )
            message = await viewer.expect("spectator.chat_message")
            assert (message["display_name"], message["author_state"]) == ("Ada", "registered")
    # And through the product's own client.
    with watch_command(
        room.id, "--relay", room.url, "--json", "--name", "other", env={"CLAWTANK_TOKEN": token}
    ) as command:
        assert command.envelope("spectator.welcome")["spectator"]["display_name"] == "Ada"


async def test_an_account_keeps_its_id_over_visits_and_an_anonymous_viewer_by_its_seat(room: Room) -> None:
    token = viewer_token(room.operator, "Ada").text
    for first_way in ({"token": token}, {}):
        async with room.watch(**first_way, options=READY) as viewer:
            spectator = (await viewer.welcome())["spectator"]
        again = token if first_way else spectator["resume_token"]
        async with room.watch(token=again, options=READY) as viewer:
            assert (await viewer.welcome())["spectator"]["id"] == spectator["id"]
