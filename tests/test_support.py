"""The plumbing itself: what other tests take for granted about terminals, relays, clocks and reports."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.clients import Api, chat_event, watching
from support.clock import NOON_MS, ManualClock
from support.ports import busy_port
from support.relay_process import RelayFailed, RelayProcess
from support.terminal import NotShown, Terminal

pytest_plugins = ["pytester"]


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_a_terminal_shows_what_a_program_writes_and_carries_keys_to_it() -> None:
    with Terminal(
        python("print('ready'); print('got', input(), flush=True); raise SystemExit(3)")
    ) as terminal:
        terminal.wait_for("ready")
        terminal.send("hello\r")
        terminal.wait_for("got hello")
        assert terminal.wait_exit() == 3


def test_a_terminal_is_as_wide_as_it_was_asked_to_be_and_tells_of_changes() -> None:
    program = """
import os, signal
# Blocked and waited for: a handler would miss a change that comes just before input() begins to wait.
signal.signal(signal.SIGWINCH, lambda *_: None)  # some systems drop what is ignored, blocked or not
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGWINCH})
print('at first', *os.get_terminal_size(), flush=True)
signal.sigwait({signal.SIGWINCH})
print('now', *os.get_terminal_size(), flush=True)
input()
"""
    with Terminal(python(program), cols=80, rows=24) as terminal:
        terminal.wait_for("at first 80 24")
        terminal.resize(100, 30)
        terminal.wait_for("now 100 30")
        assert {len(line) for line in terminal.lines} == {100}


def test_ctrl_c_reaches_the_program_as_a_signal() -> None:
    program = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); print('up', flush=True); input()"
    with Terminal(python(program)) as terminal:
        terminal.wait_for("up")
        terminal.send("\x03")
        assert terminal.wait_exit() == -2


def test_keyboard_and_mode_queries_leave_no_trace_on_the_screen_even_when_cut_in_two() -> None:
    program = r"""
import os, tty
tty.setraw(0)
os.write(1, b'\x1b[>1u\x1b[?2026$p')
answer = os.read(0, 100)
os.write(1, b'\x1b[<'); input_ = os.read(0, 1); os.write(1, b'u\x1bP>|x\x1b\\' + repr(answer).encode())
"""
    with Terminal(python(program)) as terminal:
        terminal.wait_for_bytes(rb"\x1b\[<")
        assert terminal.text.strip() == ""
        terminal.send("x")
        terminal.wait_exit()
        assert terminal.text.strip() == r"b'\x1b[?2026;2$y'"


def test_a_terminal_counts_bytes_and_knows_silence() -> None:
    with Terminal(python("print('four', end='', flush=True); input()")) as terminal:
        terminal.wait_for("four")
        terminal.wait_quiet(0.05)
        assert terminal.bytes_written == 4
        assert terminal.raw == b"four"


def test_what_never_appears_is_reported_with_the_screen() -> None:
    with (
        Terminal(python("print('something else')")) as terminal,
        pytest.raises(NotShown, match=r"(?s)has ended.*something else"),
    ):
        terminal.wait_for("the moon")


def test_a_manual_clock_moves_only_when_wound_and_both_readings_together() -> None:
    clock = ManualClock()
    clock.advance(1.5)
    assert (clock.now_ms(), clock.monotonic_s()) == (NOON_MS + 1500, 1.5)
    clock.step_calendar(-60)
    assert (clock.now_ms(), clock.monotonic_s()) == (NOON_MS - 58_500, 1.5)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


CHECKED = """
import pytest

@pytest.mark.spec("CONN-10", "AUTH-1")
def test_passes(): pass

@pytest.mark.spec("CONN-9")
@pytest.mark.parametrize("value", [1, 2])
def test_passes_twice(value): assert value

@pytest.mark.spec("CONN-1")
def test_fails(): assert False

@pytest.mark.spec("CONN-2")
@pytest.mark.parametrize("value", [0, 1])
def test_fails_for_one(value): assert value

@pytest.mark.spec("CONN-3")
def test_skips(): pytest.skip("not here")

@pytest.mark.spec("CONN-4")
@pytest.mark.xfail(reason="not yet")
def test_is_expected_to_fail(): assert False

@pytest.fixture
def broken_teardown():
    yield
    raise RuntimeError

@pytest.mark.spec("CONN-5")
def test_leaves_a_mess(broken_teardown): pass
"""


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "workers"])
def test_only_rows_whose_tests_all_passed_are_proven(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(CHECKED)
    support = Path(__file__).parent
    result = pytester.runpytest_subprocess(
        "-p",
        "support.spec_report",
        "--spec-report",
        "-o",
        f"pythonpath={support}",
        "-o",
        "addopts=",
        *workers,
    )
    result.stdout.fnmatch_lines(
        [
            "*checklist: 3 rows proven*",
            "AUTH-1",
            "CONN-9 CONN-10",
            "*named by tests, not proven: 5*",
            "CONN-1 CONN-2 CONN-3 CONN-4 CONN-5",
        ],
        consecutive=True,
    )


def test_a_misspelt_row_stops_the_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.spec('CONN_4')\ndef test_it(): pass")
    result = pytester.runpytest_subprocess(
        "-p", "support.spec_report", "-o", f"pythonpath={Path(__file__).parent}"
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'CONN_4' is not a checklist id*"])


async def test_a_relay_comes_back_on_its_port_over_its_data(serve: Callable[..., RelayProcess]) -> None:
    relay = serve(rooms=["harbour"])
    with Api(relay.url, relay.operator_token) as operator:
        token = operator.call("POST", "/rooms/harbour/tokens", json={"scope": "publish"})["token"]
        operator.publish("harbour", token, chat_event("before"))
    relay.kill()

    again = serve(port=relay.port)
    assert again.url == relay.url
    async with watching(again.url, "harbour", connect_data={"room_id": "harbour", "history": 10}) as viewer:
        await viewer.welcome()
        assert [event["content"] for event in await viewer.events(1)] == ["before"]
        assert again.stop() == 0
        assert await viewer.closed() == 1012


def test_a_relay_that_cannot_start_says_why(serve: Callable[..., RelayProcess]) -> None:
    with busy_port() as port, pytest.raises(RelayFailed, match=f"Port {port} .* in use"):
        serve(port=port)
