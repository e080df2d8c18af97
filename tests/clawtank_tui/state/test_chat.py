"""The chat as a transcript: what is said, taken away, held and refused, and what one viewer alone is told."""

from dataclasses import replace

import pytest

from clawtank_tui.app import WatchedRoom
from clawtank_tui.link.session import ConnectionChanged, Received
from clawtank_tui.state.chat import CHAT_KEPT
from clawtank_tui.state.commands import Scene, understand
from clawtank_tui.state.model import Connection, Phase
from clawtank_tui.state.standing import closed, next_message_ms
from clawtank_tui.state.talk import Fate, Request
from support.chat_story import OPEN, decided, notice, refusal, removed, said, settings_changed
from support.clock import ManualClock
from support.fake_relay import cursor, envelope, resumed, welcome

ME = {"id": "s-me", "state": "anonymous", "display_name": "ada", "capabilities": ["chat"]}


def greeting(at=0, *, history=(), chat=None, as_of=None, **spectator):
    """Welcome ada to a room with a chat."""
    return welcome(
        at,
        as_of=as_of,
        room_info={"id": "room", "state": "active", "features": ["chat"], "chat": {**OPEN, **(chat or {})}},
        state={"spectator_chat": [one["data"] for one in history]},
        spectator={**ME, **spectator},
    )


class Viewer:
    """A viewer of a room, over a line that a test plays."""

    def __init__(self, *messages):
        self.clock = ManualClock()
        self.room = WatchedRoom("room", self.clock)
        self.room.deliver(ConnectionChanged(Connection(Phase.LIVE)))
        self.hears(*messages)

    def hears(self, *messages):
        for message in messages:
            self.room.deliver(Received(message))
        return self

    def writes(self, line, answering=""):
        """Enter a line; return the id of the request that it became."""
        intent = understand(line, Scene(self.room.view.talk, self.room.view.me, answering=answering))
        assert isinstance(intent, Request)
        return self.room.ask(intent)

    def loses_the_line(self):
        self.room.deliver(ConnectionChanged(Connection(Phase.WAITING, "It broke.")))
        return self

    @property
    def talk(self):
        return self.room.view.talk

    @property
    def reads(self):
        return [message.text for message in self.talk.messages]

    @property
    def fates(self):
        return [(message.text, message.fate) for message in self.talk.messages]

    @property
    def notes(self):
        return [row.fields["text"] for row in self.room.feed]

    @property
    def told(self):
        return None if self.talk.word is None else self.talk.word.text

    @property
    def refused(self):
        return None if self.talk.refusal is None else self.talk.refusal.reason

    @property
    def why_closed(self):
        shut = closed(self.room.view, self.clock.now_ms())
        return None if shut is None else shut.in_words(None, self.clock.now_ms())

    @property
    def wait_s(self):
        return max(next_message_ms(self.room.view) - self.clock.now_ms(), 0) / 1000


# -- what everybody has --------------------------------------------------------------------------------


def test_what_is_said_is_kept_once_bounded_and_in_order():
    viewer = Viewer(greeting(), *[said(number) for number in range(1, CHAT_KEPT + 50)])
    viewer.hears(said(CHAT_KEPT + 50, message_id=f"m{CHAT_KEPT + 49}"))

    assert len(viewer.reads) == CHAT_KEPT
    assert viewer.reads[-2:] == [f"words {CHAT_KEPT + 48}", f"words {CHAT_KEPT + 49}"]
    assert viewer.notes == []


def test_history_is_told_apart_from_what_is_heard():
    viewer = Viewer(greeting(5, history=[said(1), said(1), said(2)]), said(6))

    assert [(one.message_id, one.heard) for one in viewer.talk.messages] == [
        ("m1", False),
        ("m2", False),
        ("m6", True),
    ]


@pytest.mark.parametrize("what", [{"message_id": "m2"}, {"spectator_id": "s-spam"}])
def test_what_is_removed_is_gone_and_known_to_be(what):
    viewer = Viewer(greeting(), said(1), said(2, "spam", "buy"), removed(3, **what))

    assert viewer.reads == ["words 1"]
    assert viewer.talk.removed == ("m2",)
    assert "buy" not in repr(viewer.room.view)
    assert viewer.room.view.cursor == cursor(3)


def test_a_removal_takes_what_was_said_before_it_and_nothing_after():
    viewer = Viewer(greeting(), said(1, "ken"), removed(2, spectator_id="s-ken"), said(3, "ken"))

    assert viewer.reads == ["words 3"]


def test_a_replayed_removal_does_not_undo_what_a_fresh_welcome_knows():
    # ken's first words are gone from the state already, and what he said since is in it.
    viewer = Viewer(greeting(0, as_of=9, history=[said(5, "ken")]), removed(2, spectator_id="s-ken"))

    assert viewer.reads == ["words 5"]


def test_a_removal_that_was_missed_is_made_up_for_on_the_way_back():
    viewer = Viewer(greeting(), said(1), said(2)).loses_the_line()
    viewer.hears(resumed(2, missed=1, spectator=ME), removed(3, message_id="m1"))

    assert viewer.reads == ["words 2"]


def test_messages_that_are_hidden_stay_hidden_over_a_new_line_and_can_be_shown_again():
    viewer = Viewer(greeting(), said(1, "ken"), said(2, "bob"))
    viewer.room.ignore(understand("/mute ken", Scene(viewer.talk, viewer.room.view.me)).author)
    viewer.loses_the_line().hears(greeting(9, history=[said(1, "ken"), said(2, "bob")]))
    assert dict(viewer.talk.ignored) == {"s-ken": "ken"}

    viewer.room.heed(understand("/unmute ken", Scene(viewer.talk, viewer.room.view.me)).author)
    assert not viewer.talk.ignored
    assert viewer.reads == ["words 1", "words 2"], "hidden, never forgotten"


# -- one's own -----------------------------------------------------------------------------------------


def test_a_message_is_on_its_way_then_shown_at_its_place():
    viewer = Viewer(greeting())
    ref = viewer.writes("hello")
    assert viewer.fates == [("hello", Fate.SENDING)]

    viewer.hears(said(1, text="first"), said(2, "me", "hello", ref=ref))
    assert viewer.fates == [("first", Fate.SHOWN), ("hello", Fate.SHOWN)]
    assert viewer.talk.asked == ()


def test_a_held_message_waits_where_it_stands_until_it_is_let_through_or_rejected():
    viewer = Viewer(greeting())
    first, second = viewer.writes("one"), viewer.writes("two")
    viewer.hears(notice("message_held", ref=first), notice("message_held", ref=second), said(1))
    assert viewer.fates == [("one", Fate.HELD), ("two", Fate.HELD), ("words 1", Fate.SHOWN)]
    assert viewer.talk.held == 2

    viewer.hears(said(2, "me", "one", ref=first), refusal(second, "MESSAGE_REJECTED", "No advertising."))
    assert viewer.fates == [("words 1", Fate.SHOWN), ("one", Fate.SHOWN)]
    assert (viewer.refused, viewer.talk.refusal.request.line) == ("No advertising.", "two")


def test_of_several_on_their_way_the_one_that_is_refused_is_named():
    viewer = Viewer(greeting())
    first, second = viewer.writes("one"), viewer.writes("two")
    viewer.hears(refusal(first, "MESSAGE_REJECTED", "No."))
    assert (viewer.talk.refusal.request.line, viewer.talk.refusal.others) == ("one", True)

    viewer.hears(said(1, "me", "two", ref=second))
    assert viewer.refused == "No.", "what became of another one settles nothing"
    viewer.writes("three")
    assert viewer.refused is None


def test_what_the_state_already_holds_waits_no_longer():
    viewer = Viewer(greeting())
    ref = viewer.writes("hello")
    # Approved, and settings changed, in one write: the state that comes with the change has it already.
    mine = said(1, "me", "hello")["data"]
    told = {"as_of": cursor(2), "spectator_chat": [mine]}
    changed = notice("settings_changed", current_state=told, after=cursor(1), cursor=cursor(2))
    viewer.hears(notice("message_held", ref=ref), changed, said(1, "me", "hello", ref=ref))

    assert viewer.fates == [("hello", Fate.SHOWN)]


def test_when_the_line_breaks_it_is_not_known_whether_a_message_arrived_until_it_is_seen():
    viewer = Viewer(greeting())
    viewer.writes("hello")
    viewer.loses_the_line()
    assert viewer.fates == [("hello", Fate.UNSURE)]

    viewer.hears(resumed(0, missed=1, spectator=ME), said(1, "me", "hello"))
    assert viewer.fates == [("hello", Fate.SHOWN)]


def test_a_held_message_survives_a_new_line_and_not_a_relay_that_has_forgotten_it():
    viewer = Viewer(greeting())
    ref = viewer.writes("hello")
    viewer.hears(notice("message_held", ref=ref)).loses_the_line().hears(resumed(0, spectator=ME))
    assert viewer.fates == [("hello", Fate.HELD)]
    late = replace(viewer.talk)

    viewer.hears(refusal(ref, "MESSAGE_REJECTED", "No."))
    assert viewer.talk.refusal.request.line == "hello", "it is told on whatever line its author has"
    viewer.room.view = replace(viewer.room.view, talk=late)
    viewer.loses_the_line().hears(greeting(9))
    assert viewer.fates == []


def test_what_cannot_leave_comes_back():
    viewer = Viewer(greeting())
    ref = viewer.writes("hello")
    viewer.room.unsent(ref, "There is no line.")

    assert viewer.fates == []
    assert (viewer.refused, viewer.talk.refusal.request.line) == ("There is no line.", "hello")


def test_what_belongs_to_another_terminal_of_the_same_viewer_changes_nothing_here():
    viewer = Viewer(greeting(), notice("message_held", ref="c9"))

    assert (viewer.talk.held, viewer.wait_s) == (0, 0)


def test_a_relay_that_shows_a_message_twice_over_keeps_one():
    viewer = Viewer(greeting())
    ref = viewer.writes("hello")
    mine = said(1, "me", "hello", ref=ref)
    viewer.hears(mine, mine)

    assert viewer.reads == ["hello"]


# -- how fast, and whether at all ----------------------------------------------------------------------


def test_a_wait_the_relay_asked_for_runs_out_by_the_clock():
    viewer = Viewer(greeting())
    viewer.hears(refusal(viewer.writes("hello"), "RATE_LIMITED", "Wait 12 s.", 12_000))
    assert viewer.wait_s == 12
    viewer.clock.advance(5)
    assert viewer.wait_s == 7
    viewer.clock.advance(7)
    assert viewer.wait_s == 0


def test_slow_mode_counts_from_what_one_said_and_ends_when_the_host_ends_it():
    viewer = Viewer(greeting(chat={"slow_s": 30}))
    viewer.hears(said(1, "me", "hello", ref=viewer.writes("hello")))
    assert viewer.wait_s == 30
    viewer.clock.advance(10)
    viewer.hears(settings_changed(2, slow_s=15))
    assert (viewer.wait_s, viewer.notes) == (5, ["Slow mode: one message in 15 s."])
    viewer.hears(refusal(viewer.writes("again"), "RATE_LIMITED", "Wait 5 s.", 5000), settings_changed(3))
    assert (viewer.wait_s, viewer.notes[1:]) == (0, ["Slow mode is off."])


def test_what_a_moderator_let_through_much_later_starts_no_new_wait():
    viewer = Viewer(greeting(chat={"slow_s": 30}))
    ref = viewer.writes("hello")
    viewer.hears(notice("message_held", ref=ref))
    viewer.clock.advance(25)
    viewer.hears(said(1, "me", "hello", ref=ref))

    assert viewer.wait_s == 5


def test_a_mute_says_until_when_and_is_over_by_the_clock_of_whoever_waits():
    viewer = Viewer(greeting())
    viewer.clock.step_calendar(3600)  # an hour ahead of the relay, which is at 12:00
    mute = {"until": "2026-02-17T12:10:00Z", "reason": "spam"}
    viewer.hears(notice("mode_changed", capabilities=[], muted=mute))
    assert viewer.notes == ["A moderator muted you for 10 min: spam."]
    assert viewer.why_closed is not None
    assert viewer.why_closed.startswith("A moderator muted you until ")
    viewer.clock.advance(599)
    assert viewer.why_closed is not None
    viewer.clock.advance(1)
    assert viewer.why_closed is None

    viewer.hears(notice("mode_changed", capabilities=["chat"], muted=None))
    assert viewer.notes[1:] == ["You may write in the spectator chat again."]


def test_who_comes_while_muted_is_told_with_the_welcome():
    viewer = Viewer(greeting(capabilities=[], muted={"until": None, "reason": ""}))

    assert viewer.why_closed == "A moderator muted you."


def test_a_locked_chat_says_so_and_opens_by_itself():
    viewer = Viewer(greeting())
    rows = {"anonymous": [], "registered": []}
    locked = settings_changed(1, locked=True)
    locked["data"]["capabilities"] = rows
    viewer.hears(locked)
    assert viewer.why_closed == "A moderator locked the chat: nobody writes for now."
    unlocked = settings_changed(2)
    unlocked["data"]["capabilities"] = {"anonymous": ["chat"], "registered": ["chat"]}
    viewer.hears(unlocked)

    assert viewer.why_closed is None
    assert viewer.notes == ["The spectator chat is locked.", "The spectator chat is open again."]


def test_a_viewer_takes_the_row_of_their_own_kind_and_a_moderator_stays_one():
    viewer = Viewer(greeting(state="registered", capabilities=["chat", "moderate"]))
    changed = settings_changed(1, anonymous=False)
    changed["data"]["capabilities"] = {"anonymous": [], "registered": ["chat"]}
    viewer.hears(changed)

    assert viewer.room.view.me.capabilities == {"chat", "moderate"}


def test_a_guest_is_told_that_only_registered_viewers_write():
    viewer = Viewer(greeting(capabilities=[], chat={"anonymous": False}))

    assert viewer.why_closed == "Only registered viewers may write here: watch with --token."


def test_who_came_under_the_shield_reads_until_it_is_down():
    viewer = Viewer(greeting(read_only=True, capabilities=[], chat={"shielded": True}))
    assert viewer.why_closed is not None
    assert viewer.why_closed.startswith("The shield is up")
    down = settings_changed(1)
    down["data"]["capabilities"] = {"anonymous": ["chat"]}
    viewer.hears(down)

    assert (viewer.why_closed, viewer.notes) == (None, ["The shield is down."])


def test_a_completed_room_has_no_chat_any_more():
    viewer = Viewer(greeting(), notice("room_state", state="completed"))

    assert viewer.why_closed == "This room is completed: its chat is closed."


# -- what one viewer alone is told ---------------------------------------------------------------------


def test_a_warning_says_why_and_about_which_words():
    viewer = Viewer(greeting(), said(1, "me", "buy my book"))
    viewer.hears(notice("warning", reason="no advertising", message_id="m1"))

    warning = "A moderator warns you: no advertising. It is about “buy my book”."
    assert (viewer.told, viewer.talk.word.grave, viewer.notes) == (warning, True, [warning])


def test_a_report_is_received_and_later_settled():
    viewer = Viewer(greeting(), said(1, "spam", "buy"))
    ref = viewer.writes("/report spam advertising")
    assert viewer.talk.asked[0].request.data == {"message_id": "m1", "reason": "advertising"}
    viewer.hears(notice("report_received", ref=ref, message_id="m1"))
    assert (viewer.told, viewer.talk.asked) == ("Reported: a moderator will look.", ())
    viewer.hears(notice("report_settled", message_id="m1", outcome="kept"))
    assert viewer.notes == ["A moderator looked at what you reported and let it stand."]


def test_a_new_name_is_confirmed_and_a_refused_one_leaves_the_old():
    viewer = Viewer(greeting())
    ref = viewer.writes("/nick grace")
    viewer.hears(notice("mode_changed", ref=ref, display_name="grace"))
    assert (viewer.room.view.me.display_name, viewer.told) == ("grace", "You are now grace.")

    ref = viewer.writes("/nick alice")
    viewer.hears(refusal(ref, "INVALID_MESSAGE", "Somebody in the room is called that."))
    assert viewer.room.view.me.display_name == "grace"
    assert viewer.refused == "Somebody in the room is called that."
    assert viewer.talk.refusal.request.line == "/nick alice"


def test_a_relay_that_keeps_the_name_says_so():
    viewer = Viewer(greeting(state="registered"))
    viewer.hears(notice("mode_changed", ref=viewer.writes("/nick grace"), delivery={}))

    assert (viewer.told, viewer.talk.asked) == ("You are still ada.", ())


def test_an_act_is_confirmed_and_can_be_taken_back():
    viewer = Viewer(greeting(capabilities=["chat", "moderate"]), said(1, "spam", "buy"))
    ref = viewer.writes("/timeout spam 10m advertising")
    assert viewer.talk.asked[0].request.data == {
        "action": "mute",
        "spectator_id": "s-spam",
        "seconds": 600,
        "reason": "advertising",
    }
    viewer.hears(decided(ref, "mute", display_name="spam", until="2026-02-17T12:10:00Z", undoable=True))
    assert viewer.told == "Muted spam for 10 min. /undo takes it back."
    viewer.writes("/undo")
    assert viewer.talk.asked[-1].request.data == {"action": "undo", "entry": "17"}


def test_what_was_asked_for_over_a_line_that_broke_is_not_taken_for_done():
    viewer = Viewer(greeting(), said(1, "spam", "buy"))
    viewer.writes("/report spam")
    viewer.loses_the_line()

    assert viewer.refused == "The line broke before the relay answered; ask again when it is back."
    assert viewer.talk.refusal.request.line == "/report spam"


@pytest.mark.parametrize(
    "strange",
    [
        notice("mode_changed", muted="yes", capabilities="chat", display_name=7),
        notice("mode_changed", muted={"until": 7, "reason": ["x"]}),
        notice("settings_changed", chat={"slow_s": -1, "locked": "yes", "watch_s": "x"}, capabilities=[7]),
        notice("settings_changed", chat=[1], capabilities={"anonymous": "chat"}),
        notice("warning"),
        notice("report_settled", outcome={"x": 1}),
        notice("report_received", ref=7),
        notice("message_held", ref=[1]),
        envelope("moderation.decided", {"action": ["x"], "until": 5, "seconds": "x", "id": {}}),
        envelope("spectator.chat_removed", {"message_id": ["m1"], "spectator_id": {}}),
        refusal("c1", "RATE_LIMITED", "", 10**30),
    ],
)
def test_a_relay_that_says_strange_things_is_survived(strange):
    viewer = Viewer(greeting(), said(1))
    viewer.writes("hello")
    viewer.hears(strange)

    assert "words 1" in viewer.reads
    assert all(text.isprintable() for text in viewer.notes)
