"""Locks: how `mod` is written, what it asks the relay for, and what it says of the answers."""

import json

import pytest
from typer.testing import CliRunner

from relay.cli.app import app
from relay.cli.mod import ACTS, FORMS
from relay.protocol.moderation import MAX_TARGETS, Action
from relay.protocol.text import safe_text
from support.answering import answering

HOSTILE = "\x1b[31m\x1b]52;c;eA==\x07eve\nroot\r\u202egnp.exe\x7f\x9b2J"
WHEN = "2026-02-17T21:03:05.123Z"


def line(number, action="mute", **more):
    return {"id": str(number), "at": WHEN, "by": "maria", "action": action, "undoable": True, **more}


def done(method, path, body):
    """Answer as a relay to which every id is known."""
    ids = [{"message_id": name} for name in body.get("message_ids", ())]
    ids += [{"spectator_id": name} for name in body.get("spectator_ids", ())]
    if not ids:
        return 200, line(1, body["action"])
    return 200, {"acts": [line(n, body["action"], **named) for n, named in enumerate(ids)], "failed": []}


def mod(relay, *words, stdin=""):
    arguments = ["mod", "room", *words, "--relay", relay.url]
    return CliRunner(env={"CLAWTANK_TOKEN": "t"}).invoke(app, arguments, input=stdin)


@pytest.mark.parametrize(
    ("words", "bodies"),
    [
        (["approve", "h-1"], [{"action": "approve", "message_ids": ["h-1"]}]),
        (
            ["reject", "h-1", "h-2", "h-1", "--reason", "no ads"],
            [{"action": "reject", "reason": "no ads", "message_ids": ["h-1", "h-2"]}],
        ),
        (["delete", "k3x-17"], [{"action": "delete", "message_ids": ["k3x-17"]}]),
        (["delete-all", "k3x-17"], [{"action": "delete_all", "message_ids": ["k3x-17"]}]),
        (["delete_all", "anon_a"], [{"action": "delete_all", "spectator_ids": ["anon_a"]}]),
        (
            ["mute", "anon_a", "user_b", "--for", "2h"],
            [{"action": "mute", "seconds": 7200, "spectator_ids": ["anon_a", "user_b"]}],
        ),
        (["mute", "anon_a"], [{"action": "mute", "spectator_ids": ["anon_a"]}]),
        (
            ["ban", "anon_a", "k3x-17", "--for", "forever"],
            [
                {"action": "ban", "seconds": 0, "message_ids": ["k3x-17"]},
                {"action": "ban", "seconds": 0, "spectator_ids": ["anon_a"]},
            ],
        ),
        (["slow"], [{"action": "slow"}]),
        (["slow", "10"], [{"action": "slow", "seconds": 10}]),
        (["slow", "2m"], [{"action": "slow", "seconds": 120}]),
        (["slow", "off"], [{"action": "slow", "seconds": 0}]),
        (["lock", "--reason", "dinner"], [{"action": "lock", "reason": "dinner"}]),
        (["undo", "16", "17"], [{"action": "undo", "entry": "16"}, {"action": "undo", "entry": "17"}]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value[0], str) else "",
)
def test_what_is_written_is_what_is_asked_for(words, bodies):
    with answering(done) as relay:
        result = mod(relay, *words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert relay.asked == [("POST", "/rooms/room/moderation", body) for body in bodies]
    assert result.stdout.splitlines()[0].startswith(("0  2026-02-17T21:03:05Z", "1  2026-02-17T21:03:05Z"))


def test_every_action_has_its_word_and_its_line_in_the_help():
    assert {action.replace("-", "_") for action in ACTS} == {action.value for action in Action}
    help_ = CliRunner().invoke(app, ["mod", "--help"]).stdout
    assert [name for name in FORMS if f"\n    {name} " not in help_] == []


def test_many_ids_go_in_few_requests():
    names = [f"h-{number}" for number in range(MAX_TARGETS + 1)]
    with answering(done) as relay:
        result = mod(relay, "reject", *names)
    assert [len(body["message_ids"]) for body in relay.bodies] == [MAX_TARGETS, 1]
    assert [name for body in relay.bodies for name in body["message_ids"]] == names
    assert len(result.stdout.splitlines()) == len(names)


def test_ids_come_from_the_lines_that_another_call_printed():
    with answering(done) as relay:
        result = mod(relay, "reject", "h-0", "-", stdin="h-1  2026  crowd  eve: buy\n\n  h-2\nh-1\n")
        nothing = mod(relay, "reject", "-", stdin="\n")
    assert result.exit_code == 0
    assert relay.bodies == [{"action": "reject", "message_ids": ["h-0", "h-1", "h-2"]}], "and no other"
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "nothing to do" in nothing.stderr


def test_what_failed_is_said_beside_what_was_done():
    failed = [
        {"message_id": "h-2", "code": "INVALID_MESSAGE", "message": "message_id: no message waits."},
        {"spectator_id": HOSTILE, "code": "INVALID_MESSAGE", "message": f"{HOSTILE} is not connected."},
    ]

    def answer(method, path, body):
        return 200, {"acts": [line(7, "warn", spectator_id="anon_a")], "failed": failed}

    with answering(answer) as relay:
        told, told_json = mod(relay, "warn", "h-2"), mod(relay, "warn", "h-2", "--json")
    assert (told.exit_code, told_json.exit_code) == (1, 1)
    assert told.stdout == "7  2026-02-17T21:03:05Z  maria  warn  anon_a\n"
    complaints = told.stderr.splitlines()
    assert complaints[0] == "h-2: no message waits."
    assert len(complaints) == 2
    assert all(safe_text(complaint, 1000) == complaint for complaint in complaints)
    assert json.loads(told_json.stdout) == {
        "acts": [line(7, "warn", spectator_id="anon_a")],
        "failed": failed,
    }
    assert told_json.stdout.strip().isprintable()


def test_a_request_that_is_refused_as_a_whole_does_not_hide_what_was_done_before_it():
    def answer(method, path, body):
        if body["entry"] == "17":
            return 400, {"code": "INVALID_MESSAGE", "message": "entry: is undone already."}
        return 200, line(20, "undo", undoes=body["entry"])

    with answering(answer) as relay:
        result = mod(relay, "undo", "16", "17", "18")
    assert result.exit_code == 1
    assert result.stdout == "20  2026-02-17T21:03:05Z  maria  undo    undoes 16\n"
    assert result.stderr == "entry: is undone already.\n"
    assert len(relay.asked) == 2


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (["dance"], "must be one of queue, reports"),
        ([HOSTILE], "must be one of queue, reports"),
        (["queue", "h-1"], "mod room queue\n"),
        (["approve"], "mod room approve ID..."),
        (["approve", "anon_a"], "'anon_a' is a viewer; approve is about messages."),
        (["delete", "k3x-17", "user_b"], "'user_b' is a viewer"),
        (["mute", "anon_a", "--for", "soon"], "--for: must be like 10m"),
        (["mute", "anon_a", "--for", "0"], "--for: must be like 10m"),
        (["warn", "anon_a", "--for", "10m"], "mod room warn ID... [--reason TEXT]"),
        (["queue", "--reason", "because"], "mod room queue\n"),
        (["queue", "--limit", "3"], "mod room queue\n"),
        (["lock", "--words"], "mod room lock"),
        (["lock", "h-1"], "mod room lock"),
        (["slow", "a-bit"], "mod room slow [SECONDS|off]"),
        (["slow", "10", "20"], "mod room slow [SECONDS|off]"),
        (["undo"], "mod room undo ENTRY..."),
        (["log", "--limit", "0"], "--limit"),
        (["words", "add"], "words [add|remove WORD...]"),
        (["words", "paint", "it"], "words [add|remove WORD...]"),
        (["import"], "mod room import FILE [--words]"),
        (["export", "a", "b"], "mod room export [FILE]"),
    ],
    ids=lambda value: repr(" ".join(value)) if isinstance(value, list) else "",
)
def test_bad_usage_is_told_the_right_form_and_nothing_is_done(words, right):
    with answering(done) as relay:
        result = mod(relay, *words)
    assert (result.exit_code, result.stdout, relay.asked) == (2, "", [])
    assert right in result.stderr
    assert "\x1b" not in result.stderr


def test_a_room_that_can_be_none_is_told_apart_before_anything_is_asked():
    with answering(done) as relay:
        result = CliRunner().invoke(app, ["mod", "../tokens", "queue", "--relay", relay.url])
    assert (result.exit_code, relay.asked) == (2, [])
    assert "a room id is" in result.stderr


def test_the_queue_is_a_line_for_each_message_whatever_strangers_wrote():
    held = {
        "spectator_id": "anon_a",
        "display_name": HOSTILE,
        "author_state": "anonymous",
        "message": f"one\ntwo {HOSTILE}",
        "timestamp": WHEN,
        "rule": "keywords",
        "detail": HOSTILE,
    }
    queue = [{**held, "message_id": "h-1"}, {**held, "message_id": "h-22", "rule": "crowd", "detail": ""}]

    with answering(lambda *_: (200, {"held": queue})) as relay:
        told, as_json = mod(relay, "queue"), mod(relay, "queue", "--json")
    assert relay.asked[0] == ("GET", "/rooms/room/moderation/queue", None)
    lines = told.stdout.splitlines()
    assert [text.split()[0] for text in lines] == ["h-1", "h-22"]
    assert all(safe_text(text, 10_000) == text for text in lines)
    assert lines[0].index("(anonymous): one two") == lines[1].index("(anonymous): one two"), "aligned"
    assert as_json.stdout.strip().isprintable()
    assert json.loads(as_json.stdout) == queue


def test_reports_say_how_many_and_why():
    report = {
        "message_id": "k3x-17",
        "spectator_id": "anon_a",
        "display_name": "eve",
        "message": "buy now",
        "timestamp": WHEN,
        "count": 3,
        "reasons": ["spam", "rude"],
        "hidden": True,
        "first_at": WHEN,
        "last_at": WHEN,
    }
    quiet = {**report, "message_id": "k3x-9", "count": 1, "reasons": [], "hidden": False}
    with answering(lambda *_: (200, {"reports": [report, quiet]})) as relay:
        told = mod(relay, "reports")
    assert told.stdout == (
        "k3x-17  2026-02-17T21:03:05Z  3× hidden  eve: buy now (spam; rude)\n"
        "k3x-9   2026-02-17T21:03:05Z  1×         eve: buy now\n"
    )


def test_the_log_is_read_back_as_far_as_wanted_and_told_the_latest_last():
    acts = [line(number) for number in range(450, 0, -1)]

    def answer(method, path, body):
        query = dict(part.split("=") for part in path.partition("?")[2].split("&"))
        older = [act for act in acts if int(act["id"]) < int(query.get("before", 1000))]
        page = older[: min(200, int(query["limit"]))]
        return 200, {"acts": page, "more": len(page) < len(older)}

    with answering(answer) as relay:
        some, two, every = (
            mod(relay, "log", "--limit", limit, "--json").stdout for limit in ("201", "2", "1000")
        )
        told = mod(relay, "log", "--limit", "2").stdout
    assert [int(act["id"]) for act in json.loads(some)] == [*range(250, 451)]
    assert [act["id"] for act in json.loads(two)] == ["449", "450"]
    assert [int(act["id"]) for act in json.loads(every)] == [*range(1, 451)]
    assert [text.split()[0] for text in told.splitlines()] == ["449", "450"]


@pytest.mark.parametrize(
    ("name", "empty", "printed"),
    [
        ("queue", {"held": []}, []),
        ("reports", {"reports": []}, []),
        ("bans", {"bans": [], "mutes": []}, {"bans": [], "mutes": []}),
        ("log", {"acts": [], "more": False}, []),
    ],
)
def test_nothing_to_list_is_nothing_on_standard_output(name, empty, printed):
    with answering(lambda *_: (200, empty)) as relay:
        told, as_json = mod(relay, name), mod(relay, name, "--json")
    assert (told.exit_code, told.stdout) == (0, "")
    assert told.stderr.endswith(".\n")
    assert (json.loads(as_json.stdout), as_json.stderr) == (printed, "")


def test_a_refusal_is_the_relays_sentence():
    refusal = {"code": "AUTH_INVALID", "message": "This needs a moderate or host token. Ask the host."}
    with answering(lambda *_: (403, refusal)) as relay:
        result = mod(relay, "queue")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", refusal["message"] + "\n")
