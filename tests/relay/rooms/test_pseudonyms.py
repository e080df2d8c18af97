"""Locks: one pseudonym per person and room, wherever the name stands; nobody is told from it who it is."""

import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.rooms import pseudonyms as pseudonyms_module
from relay.rooms.pseudonyms import NAME_FIELDS, Pseudonyms

PERSON = re.compile(r"[A-Z][a-z]+-[a-z2-9]{3}")
AGENT = re.compile(r"Agent-[a-z2-9]{4}")


def of_room(key: bytes = b"a room") -> Pseudonyms:
    return Pseudonyms(lambda what: hmac.new(key, what.encode(), hashlib.sha256).hexdigest())


def knowing(*names: str, agents: tuple[str, ...] = ()) -> Pseudonyms:
    """Return a room's pseudonyms after these people and agents acted in it."""
    room = of_room()
    for name in names:
        room.learn({"type": "member.joined", "name": name})
    for name in agents:
        room.learn({"type": "agent.joined", "agent_name": name})
    return room


# -- names -----------------------------------------------------------------------------------------


def test_one_person_has_one_name_in_a_room_and_another_in_the_next():
    here, there = of_room(b"here"), of_room(b"there")
    assert here.of("Ada Lovelace") == here.of("ada  LOVELACE ") == of_room(b"here").of("Ada Lovelace")
    assert here.of("Ada Lovelace") != there.of("Ada Lovelace")


def test_people_and_agents_are_told_apart_in_every_place_that_says_which_they_are():
    room = of_room()
    room.learn({"type": "agent.claimed_task", "agent_name": "Claude", "agent_owner": "alice"})
    room.learn({"type": "chat.public", "author": "Gemini", "author_type": "agent"})
    room.learn({"type": "chat.public", "author": "bob", "author_type": "human"})
    room.learn({"type": "git.commit", "author": "dependabot[bot]"})
    for name in ("Claude", "Gemini", "dependabot[bot]"):
        assert AGENT.fullmatch(room.of(name))
    for name in ("alice", "bob", "somebody unheard of"):
        assert PERSON.fullmatch(room.of(name))


def test_who_turns_out_to_be_an_agent_is_called_one_from_then_on():
    room = knowing("Claude")
    assert PERSON.fullmatch(room.of("Claude"))
    room.learn({"type": "agent.joined", "agent_name": "Claude"})
    assert AGENT.fullmatch(room.of("Claude"))


def test_hundreds_of_names_stay_apart():
    room = of_room()
    assert len({room.of(f"person {number}") for number in range(300)}) == 300


@given(st.text())
def test_any_name_at_all_has_a_pseudonym(name: str):
    assert PERSON.fullmatch(of_room().of(name))


# -- texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Ada Lovelace said so",
        "ask ADA LOVELACE, please",
        "ada.lovelace and ada_lovelace and ada-lovelace",
        "AdaLovelace/fix",
        "Ada, could you look?",
        "ada's branch",
        "thanks @ada!",
        "(Lovelace)",
        "請Ada看一下",
        "Ａｄａ",
        "https://example.com/ada/todo",
    ],
)
def test_a_name_is_found_however_it_is_written(text: str):
    masked = knowing("Ada Lovelace").mask(text)
    folded = masked.casefold()
    assert "ada" not in folded
    assert "lovelace" not in folded
    assert "ａ" not in folded
    assert knowing("Ada Lovelace").of("Ada Lovelace") in masked


@pytest.mark.parametrize("name", ["田中さくら", "김민수", "Зоя Космодемьянская", "José Núñez", "Jose\u0301"])
def test_names_of_every_script_are_found(name: str):
    room = knowing(name)
    for text in (f"{name} is here", f"@{name}", f"説明は{name}へ", name.upper()):
        assert room.of(name) in room.mask(text), text


def test_a_name_in_a_text_is_the_same_as_in_a_field():
    room = knowing("alice", agents=("Claude",))
    assert room.mask("alice asks Claude") == f"{room.of('alice')} asks {room.of('Claude')}"


@pytest.mark.parametrize(
    "text",
    [
        "a malice and an alicea, chalice",
        "Clauded Claudette",
        "feat(api): 42 files, see #7 and a1b2c3d",
        "will you mark it as done? may be",
        "von der Leyen de la team",
        "use @app.route and @click/command from @types/node and `@dataclass`",
        "mail@example",
    ],
)
def test_what_is_no_name_stays(text: str):
    room = knowing("alice", "Will Young", "Mark von der Heide", "42", "a", agents=("Claude",))
    assert room.mask(text) == text


def test_a_name_that_is_a_word_counts_with_its_capital_or_behind_an_at():
    room = knowing("Will Young")
    will = room.of("Will Young")
    assert room.mask("Will said it will work, @will") == f"{will} said it will work, @{will}"


def test_two_people_with_one_first_name_do_not_become_one():
    room = knowing("Alice Liddell", "Alice Cooper")
    both = {room.of("Alice Liddell"), room.of("Alice Cooper")}
    assert room.mask("Alice!") not in {f"{name}!" for name in both}
    assert "Alice" not in room.mask("Alice!")


def test_a_mention_of_somebody_unheard_of_is_replaced_too():
    room = of_room()
    assert room.mask("ping @octo-cat, thanks") == f"ping @{room.of('octo-cat')}, thanks"


def test_a_pseudonym_that_is_mentioned_stays_who_it_is():
    room = knowing("Ada Lovelace", agents=("Claude",))
    text = f"@{room.of('Ada Lovelace')} and @{room.of('Claude')}, please"
    assert room.mask(text) == room.blank(text) == text


def test_what_viewers_write_is_blanked_and_not_translated():
    room = knowing("Ada Lovelace", agents=("Claude",))
    text = "Ada Lovelace, ada, @claude or @nobody: which?"
    assert room.blank(text) == "[NAME], [NAME], @[NAME] or @[NAME]: which?"


def test_a_mark_in_a_name_is_not_a_name():
    room = knowing("[EMAIL]")
    assert room.mask("my email changed: [EMAIL]") == "my email changed: [EMAIL]"


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=20), max_size=4))
def test_no_text_and_no_name_is_too_strange(text: str, names: list[str]):
    room = knowing(*names)
    assert isinstance(room.mask(text), str)


@given(st.lists(st.sampled_from(["alice", "Bob", "the", "Ada Lovelace", "@", "-", " ", "x"]), max_size=12))
def test_whatever_stands_around_it_a_name_is_gone(parts: list[str]):
    masked = knowing("alice", "Bob", "Ada Lovelace").mask(" ".join(parts)).casefold()
    assert not re.search(r"\b(alice|bob|ada|lovelace)\b", masked)


# -- bounds ----------------------------------------------------------------------------------------


def test_the_names_of_a_room_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pseudonyms_module, "MAX_KNOWN", 10)
    room = knowing(*(f"First{number} Last{number}" for number in range(100)))
    assert (len(room._known), len(room._lengths), len(room._parts)) == (10, 10, 30)
    assert room.mask("First99") != "First99"
    assert room.mask("First1") == "First1"


def test_agents_whose_names_are_signs_alone_are_bounded_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pseudonyms_module, "MAX_KNOWN", 10)
    room = knowing(agents=tuple("*" * number for number in range(1, 100)))
    assert len(room._agents) == 10
    assert AGENT.fullmatch(room.of("*" * 99))


def test_the_work_grows_with_the_text_and_not_with_the_names(monkeypatch: pytest.MonkeyPatch):
    room = knowing(*(f"agent {number} of the house" for number in range(3000)))
    looked: list[int] = []

    class Counted(dict[tuple[str, ...], str]):
        def get(self, key: tuple[str, ...], default: object = None) -> object:  # type: ignore[override]
            looked.append(1)
            return super().get(key, default)

    monkeypatch.setattr(room, "_known", Counted(room._known))
    room.mask("agent " * 700)
    assert len(looked) <= 700


def test_every_field_that_holds_a_name_is_known():
    assert set(NAME_FIELDS) == {"author", "creator", "agent_name", "agent_owner", "name"}
