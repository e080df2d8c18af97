"""A disk without room: an error to whoever writes, and nothing else."""

import asyncio
import resource
import shutil
import subprocess

import pytest

from support.clients import Api, chat_event, watching
from support.operating import command_environment, figures, is_for_people
from support.relay_process import serve_command


def allow(relay, size):
    """Let no file of a running relay grow beyond a size, as a full disk would; None lifts that again."""
    unlimited = resource.RLIM_INFINITY
    resource.prlimit(relay.pid, resource.RLIMIT_FSIZE, (unlimited if size is None else size, unlimited))


@pytest.mark.spec("ERR-6", "RECOV-8")
async def test_a_full_disk_is_an_error_to_publishers_and_no_loss_to_anybody(serve):
    relay = serve(rooms=["room"])
    acknowledged = []
    with Api(relay.url, relay.operator_token) as api:

        async def publish(text):
            event = {**chat_event(text * 100), "id": text}
            answer = await asyncio.to_thread(api.answer, "POST", "/rooms/room/events", json=event)
            if answer.status_code == 200:
                acknowledged.extend([text * 100] * answer.json()["accepted"])
            return answer

        async with watching(relay.url, "room") as viewer:
            await viewer.welcome()
            for number in range(20):
                await publish(f"before {number}")
            allow(relay, max(file.stat().st_size for file in relay.data.iterdir()))
            refused = None
            for number in range(500):
                answer = await publish(f"tight {number}")
                if answer.status_code != 200:
                    refused = f"tight {number}"
                    break
            assert answer.status_code == 500
            error = answer.json()
            assert error["code"] == "INTERNAL"
            assert is_for_people(error["message"])
            assert not error["permanent"]
            assert "relay.db" not in error["message"], "how it is stored is nobody's business"
            assert figures(api)['clawtank_errors_total{code="INTERNAL"}'] == 1
            assert relay.running
            assert api.answer("GET", "/healthz").status_code == 200

            await viewer.chat("is anything wrong?", message_id="mine")
            told = await viewer.until(lambda m: m["data"].get("ref") == "mine")
            assert told["type"] in ("spectator.error", "spectator.chat_message")
            async with watching(relay.url, "room") as newcomer:
                assert (await newcomer.welcome())["room_info"]["id"] == "room"

            allow(relay, None)
            assert refused is not None
            repeated = await publish(refused)
            assert repeated.json()["accepted"] == 1, (
                "what was refused was not kept, so its repeat is no duplicate"
            )
            await publish("after")
            live = await viewer.events(len(acknowledged))
        assert [event["content"] for event in live] == acknowledged
        assert [event["content"] for event in api.history("room", limit=1000)] == acknowledged
    relay.kill()
    assert '"level": "error"' in relay.stderr, "a failed write is loud"
    assert "tight" not in relay.stderr, "and says nothing of what was to be written"

    again = serve(rooms=["room"])
    with Api(again.url) as api:
        assert [event["content"] for event in api.history("room", limit=1000)] == acknowledged


def test_a_relay_that_finds_no_room_on_the_disk_does_not_start(tmp_path):
    if shutil.which("sh") is None:
        pytest.skip("needs a shell's ulimit")

    words = serve_command(tmp_path / "data", rooms=["room"])
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *words],
        capture_output=True,
        env=command_environment(),
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert is_for_people(done.stderr.decode()), done.stderr.decode()
