"""What a line means: every command, whom it is about, and what is said when it cannot be understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawtank_tui.state.commands import COMMANDS, Heed, Ignore, Misunderstood, Scene, ShowHelp, understand
from clawtank_tui.state.model import Me
from clawtank_tui.state.names import tag
from clawtank_tui.state.talk import Ask, ChatMessage, Request, Talk

ADA = Me("s-me", "anonymous", "ada", frozenset({"chat"}))
MARIA = Me("s-me", "registered", "maria", frozenset({"chat", "moderate"}))


def message(number, who, name=None, text="words"):
    return ChatMessage(f"m{number}", f"s-{who}", name or who, text, 0)


KEN, BOB, TWIN = message(1, "ken"), message(2, "bob", "Anonymous Viewer"), message(4, "ken2", "ken")
TALK = Talk(messages=(KEN, BOB, message(3, "ken", text="later words")))
TWINS = Talk(messages=(*TALK.messages, TWIN))


def meaning(line, me=ADA, talk=TALK, **scene):
    return understand(line, Scene(talk, me, **scene))


def asked(line, me=ADA, talk=TALK, **scene):
    intent = meaning(line, me, talk, **scene)
    assert isinstance(intent, Request), intent
    return intent.kind, dict(intent.data)


def sentence(line, me=ADA, talk=TALK, **scene):
    intent = meaning(line, me, talk, **scene)
    assert isinstance(intent, Misunderstood), intent
    return intent.reason


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("hello", "hello"),
        ("//etc is a path", "/etc is a path"),
        ("/me waves", "/me waves"),
        ("a /me", "a /me"),
    ],
)
def test_what_is_said(line, text):
    assert asked(line) == (Ask.CHAT, {"message": text})


def test_what_is_said_while_a_message_is_being_answered_answers_it():
    assert asked("yes", answering="m1") == (Ask.CHAT, {"message": "yes", "reply_to": "m1"})
    assert meaning("yes", answering="m1").answering == "m1"
    gone = Talk(messages=(BOB,), removed=("m1",))
    assert "was removed" in sentence("yes", talk=gone, answering="m1")


@pytest.mark.parametrize(
    ("line", "selected", "answers", "text"),
    [
        ("/reply ken yes", None, "m3", "yes"),
        ("/reply KEN: yes", None, "m3", "yes"),
        (f"/reply {tag('s-ken')} yes", None, "m3", "yes"),
        (f"/reply @ken·{tag('s-ken')} yes", None, "m3", "yes"),
        ("/reply Anonymous Viewer yes", None, "m2", "yes"),
        ("/reply yes", BOB, "m2", "yes"),
        ("/reply ken yes", KEN, "m1", "yes"),
        ("/reply ken yes", BOB, "m3", "yes"),
        ("/reply kenya is far", BOB, "m2", "kenya is far"),
    ],
)
def test_an_answer_goes_to_the_named_author_or_to_the_selected_message(line, selected, answers, text):
    assert asked(line, selected=selected) == (Ask.CHAT, {"message": text, "reply_to": answers})


@pytest.mark.parametrize("line", ["/reply", "/reply nobody here", "/reply ken"])
def test_an_answer_without_an_author_or_a_text_is_not_sent(line):
    assert "/reply NAME TEXT" in sentence(line)


def test_two_of_one_name_are_told_apart_by_their_tags():
    said = sentence("/mute ken", talk=TWINS)
    assert f"ken·{tag('s-ken')}" in said
    assert f"ken·{tag('s-ken2')}" in said
    assert meaning(f"/mute ken·{tag('s-ken2')}", talk=TWINS).author.spectator_id == "s-ken2"


def test_whom_one_hides_and_shows_again():
    assert meaning("/mute ken").author.spectator_id == "s-ken"
    assert isinstance(meaning("/mute ken"), Ignore)
    hiding = Talk(ignored={"s-ken": "ken"})
    assert isinstance(meaning("/unmute ken", talk=hiding), Heed)
    assert sentence("/unmute bob", talk=hiding) == "Whom? You hide ken."
    assert sentence("/unmute ken") == "You hide nobody."
    assert "Nobody of that name" in sentence("/mute zed")


def test_one_does_not_hide_or_report_oneself_by_name():
    talk = Talk(messages=(ChatMessage("m9", "s-me", "ada", "mine", 0),))
    assert "Nobody of that name" in sentence("/mute ada", talk=talk)
    assert "Select a message" in sentence("/report ada", talk=talk)


@pytest.mark.parametrize(
    ("line", "selected", "about", "reason"),
    [
        ("/report ken rude", None, "m3", "rude"),
        ("/report ken", None, "m3", ""),
        ("/report plain rude", BOB, "m2", "plain rude"),
        ("/report", BOB, "m2", ""),
        ("/report ken rude", KEN, "m1", "rude"),
    ],
)
def test_a_report_names_a_message_and_a_reason(line, selected, about, reason):
    assert asked(line, selected=selected) == (Ask.REPORT, {"message_id": about, "reason": reason})


def test_a_reason_is_no_longer_than_the_relay_takes():
    assert len(asked("/report ken " + "x" * 300)[1]["reason"]) == 200


def test_a_new_name_and_help():
    assert asked("/nick grace hopper") == (Ask.NAME, {"display_name": "grace hopper"})
    assert sentence("/nick") == "Write the name you want: /nick ada."
    assert isinstance(meaning("/help"), ShowHelp)
    assert isinstance(meaning("/HELP"), ShowHelp)


@pytest.mark.parametrize(
    ("line", "selected", "data"),
    [
        ("/delete", BOB, {"action": "delete", "message_id": "m2"}),
        ("/delete ken", None, {"action": "delete", "message_id": "m3"}),
        ("/warn ken be kind", None, {"action": "warn", "message_id": "m3", "reason": "be kind"}),
        ("/timeout ken", None, {"action": "mute", "spectator_id": "s-ken"}),
        ("/timeout 90s", BOB, {"action": "mute", "spectator_id": "s-bob", "seconds": 90}),
        (
            "/timeout ken 1h spam spam",
            None,
            {"action": "mute", "spectator_id": "s-ken", "seconds": 3600, "reason": "spam spam"},
        ),
        ("/timeout ken spam", None, {"action": "mute", "spectator_id": "s-ken", "reason": "spam"}),
        ("/ban ken 7d", None, {"action": "ban", "spectator_id": "s-ken", "seconds": 604_800}),
        ("/ban ken raid", None, {"action": "ban", "spectator_id": "s-ken", "reason": "raid"}),
        ("/slow", None, {"action": "slow"}),
        ("/slow 1m", None, {"action": "slow", "seconds": 60}),
        ("/slow off", None, {"action": "slow", "seconds": 0}),
        ("/slow 0", None, {"action": "slow", "seconds": 0}),
        ("/lock", None, {"action": "lock"}),
        ("/lock off", None, {"action": "unlock"}),
        ("/shield", None, {"action": "shield"}),
        ("/shield off", None, {"action": "unshield"}),
    ],
)
def test_what_a_moderator_does(line, selected, data):
    assert asked(line, MARIA, selected=selected) == (Ask.ACT, data)


@pytest.mark.parametrize(
    "line",
    ["/delete", "/delete zed", "/warn", "/timeout 10m", "/ban", "/slow often", "/lock please", "/undo"],
)
def test_an_act_on_nobody_knows_what_is_not_done(line):
    assert sentence(line, MARIA)


def test_a_removal_by_a_name_that_nobody_has_does_not_hit_the_selected_message():
    assert "Remove what?" in sentence("/delete zed", MARIA, selected=BOB)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.moderators])
def test_who_is_no_moderator_is_told_so(command):
    assert sentence(f"/{command.name} ken") == (
        f"/{command.name} is for moderators: watch with --token and a token of theirs."
    )


def test_what_is_no_command_says_how_to_write_a_slash():
    assert (
        sentence("/usr/bin") == "/usr/bin is no command: /help lists them, and // begins a text with a slash."
    )


@given(line=st.text(min_size=1), me=st.sampled_from([ADA, MARIA]), selected=st.sampled_from([None, BOB]))
def test_every_line_means_something(line, me, selected):
    assert meaning(line, me, TWINS, selected=selected)
    assert meaning(f"/reply {line}", me, TWINS, selected=selected)
