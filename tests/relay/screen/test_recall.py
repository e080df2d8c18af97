"""Locks: of what people leak nothing survives, and of what developers write nothing changes."""

import pytest

from relay.screen.redact import redact
from support.harmless import harmless
from support.leaks import leaks, survives

LEAKS = list(leaks())


def test_the_cases_are_many_and_of_many_kinds():
    assert len(LEAKS) >= 600
    assert len({leak.kind for leak in LEAKS}) >= 100
    assert len(set(harmless())) >= 800


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_people_leak_goes(seed: int):
    assert [leak.text for leak in leaks(seed) if survives(leak, redact(leak.text))] == []


def test_what_developers_write_stays():
    assert [line for line in harmless() if redact(line) is not line] == []


def test_around_a_find_everything_stays_byte_for_byte():
    around = "soft\u00adhyphen \u200b 100%25 &lt; ｆｕｌｌ \x1b[1m"
    assert redact(f"{around} bob@example.com {around}") == f"{around} [EMAIL] {around}"


def test_of_an_assignment_and_an_address_only_the_value_goes():
    value = "q7Wz" + "Rt5kLp2x"
    assert redact(f"postgres://app:{value}@db.example.com/app") == "postgres://app:[KEY]@db.example.com/app"
    assert redact(f"export DB_PASSWORD={value} && run") == "export DB_PASSWORD=[KEY] && run"
    assert redact(f"curl -u me:{value} https://example.com") == "curl -u me:[KEY] https://example.com"
    assert redact(f'{{"api_key": "{value}", "x": 1}}') == '{"api_key": "[KEY]", "x": 1}'
    assert redact(f"https://example.com/?token={value}&page=2") == "https://example.com/?token=[KEY]&page=2"


def test_of_a_wrapped_token_only_the_token_goes():
    token = "ghp" + "_" + "aB3dE5fG7hJ9" * 3
    assert redact(f"it is {token[:20]}\n  {token[20:]} and on") == "it is [KEY] and on"
    assert redact(f"it is {token}\nthen we deploy") == "it is [KEY]\nthen we deploy"


def test_a_block_becomes_one_mark_and_what_is_said_about_it_stays():
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    go()\nValueError: no'
    assert redact(f"it broke\n{trace}\nany idea?") == "it broke\n[STACK TRACE]\nany idea?"
    frames = "TypeError: x is undefined\n    at go (/app/a.js:3:7)\n    at main (/app/b.js:1:1)"
    assert redact(f"again:\n{frames}\n\nany idea?") == "again:\n[STACK TRACE]\n\nany idea?"
    assert redact("AB=1\nB_C=2\nDE=3\nso much for that") == "[ENVIRONMENT]\nso much for that"
    assert redact("so <think>hm, the card</think>yes") == "so [REASONING]yes"
