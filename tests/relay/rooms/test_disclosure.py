"""Locks: what each setting leaves of each event: nothing of what it hides, everything of what it does not."""

import hashlib
import json
from typing import Any

import pytest

from relay.protocol.events import EVENT_TYPES
from relay.protocol.messages import CHAT
from relay.rooms.disclosure import Disclosure, disclosure
from relay.rooms.pseudonyms import Pseudonyms
from relay.rooms.settings import PRESETS, Preset, patch_settings
from relay.screen.models import FIELDS_OF, MODEL_OF
from relay.storage.contract import Kind, Record

OPEN = PRESETS[Preset.OPEN]
NAMES = ("Ada Lovelace", "bob", "Claude")
DETAILS = ("Falcon", "falcon")

EVENTS: dict[str, dict[str, Any]] = {
    "chat.public": {"author": "Ada Lovelace", "author_type": "human", "content": "bob, Claude: see Ada"},
    "task.created": {"task_id": "falcon-1", "title": "Falcon for bob", "creator": "bob", "priority": "high"},
    "task.completed": {"task_id": "falcon-1", "title": "Falcon for bob", "agent_name": "Claude"},
    "agent.claimed_task": {
        "agent_name": "Claude",
        "agent_owner": "bob",
        "task_id": "falcon-1",
        "title": "Falcon for bob",
    },
    "agent.status_change": {
        "agent_name": "Claude",
        "status": "testing",
        "task_id": "falcon-1",
        "progress": 40,
    },
    "agent.joined": {"agent_name": "Claude", "agent_owner": "bob"},
    "agent.left": {"agent_name": "Claude", "agent_owner": "bob"},
    "git.commit": {
        "sha": "a1b2c3d",
        "message": "feat(falcon)!: for bob",
        "branch": "bob/falcon",
        "author": "Ada Lovelace",
        "files_changed": ["falcon/bob.py", "falcon/b.py"],
        "additions": 47,
        "deletions": 0,
        "task_id": "falcon-1",
    },
    "git.pr_opened": {"number": 7, "title": "Falcon for bob", "author": "Ada Lovelace"},
    "git.pr_merged": {"number": 7, "title": "fix: falcon for bob", "author": "bob"},
    "member.joined": {"name": "bob", "role": "host"},
    "member.left": {"name": "Ada Lovelace", "role": "friend of bob"},
    "milestone.reached": {"title": "Falcon for bob"},
}


def keyed(what: str) -> str:
    return hashlib.sha256(what.encode()).hexdigest()


def of(**settings: Any) -> Disclosure:
    """Return what is disclosed of a room in which everybody has acted."""
    pseudonyms = Pseudonyms(keyed)
    for kind, fields in EVENTS.items():
        pseudonyms.learn({"type": kind, **fields})
    return disclosure(patch_settings(OPEN, settings), pseudonyms, keyed)


def event(kind: str) -> dict[str, Any]:
    return {"type": kind, "timestamp": "2026-02-17T12:00:00Z", **EVENTS[kind]}


def shown(disclosed: Disclosure, kind: str) -> dict[str, Any]:
    body = json.dumps(event(kind)).encode()
    [record] = disclosed.records([Record(1, Kind.EVENT, kind, 0, 0, body)])
    fields: dict[str, Any] = json.loads(record.body)
    # Whatever was done to it, it is still an event of its type, with that type's fields.
    assert set(fields) <= {"type", "timestamp", *FIELDS_OF[kind]}
    MODEL_OF[kind].model_validate(fields)
    return fields


def test_the_examples_have_every_field_of_every_type():
    assert set(EVENTS) == set(MODEL_OF) == EVENT_TYPES
    for kind, fields in EVENTS.items():
        assert set(FIELDS_OF[kind]) - set(fields) <= {"reply_to"}


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_a_room_that_hides_nothing_sends_the_stored_bytes(kind: str):
    record = Record(1, Kind.EVENT, kind, 0, 0, b"as it was stored")
    assert of().records([record])[0] is record


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_anonymous_participants_are_in_no_field(kind: str):
    fields = shown(of(anonymizeParticipants=True), kind)
    text = json.dumps(fields).casefold()
    assert not any(part in text for part in ("ada", "lovelace", "bob", "claude"))
    assert set(fields) == set(event(kind))
    untouched = {"type", "timestamp", "author_type", "sha", "status", "progress", "number", "additions"}
    assert all(fields[name] == event(kind)[name] for name in untouched & set(fields))


def test_one_person_goes_by_one_name_everywhere():
    disclosed = of(anonymizeParticipants=True)
    bob = shown(disclosed, "member.joined")["name"]
    assert shown(disclosed, "task.created")["creator"] == bob
    assert shown(disclosed, "agent.joined")["agent_owner"] == bob
    assert shown(disclosed, "git.commit")["branch"] == f"{bob}/falcon"
    claude = shown(disclosed, "agent.joined")["agent_name"]
    assert shown(disclosed, "chat.public")["content"].startswith(f"{bob}, {claude}: see ")


@pytest.mark.parametrize("kind", sorted(set(EVENTS) - {"chat.public"}))
def test_hidden_details_are_in_no_field(kind: str):
    fields = shown(of(hideProjectDetails=True), kind)
    assert "falcon" not in json.dumps(fields).casefold()


def test_hidden_details_leave_the_fact_the_kind_and_the_count():
    disclosed = of(hideProjectDetails=True)
    commit = shown(disclosed, "git.commit")
    assert (commit["message"], commit["files_changed"], commit["additions"]) == ("feat", 2, 47)
    assert (commit["sha"], commit["author"]) == ("a1b2c3d", "Ada Lovelace")
    assert "branch" not in commit
    assert shown(disclosed, "git.pr_opened")["title"] == "a pull request"
    assert shown(disclosed, "git.pr_merged")["title"] == "fix"
    assert shown(disclosed, "milestone.reached")["title"] == "a milestone"
    assert shown(disclosed, "chat.public") == event("chat.public")


def test_a_task_whose_title_is_hidden_is_still_one_task():
    disclosed = of(hideProjectDetails=True)
    created, done = shown(disclosed, "task.created"), shown(disclosed, "task.completed")
    assert created["task_id"] == done["task_id"] == shown(disclosed, "agent.status_change")["task_id"]
    assert created["title"] == done["title"]
    [entry] = disclosed.entries([{"task_id": "falcon-1", "title": "Falcon", "state": "open"}])
    assert (entry["task_id"], entry["title"], entry["state"]) == (
        created["task_id"],
        created["title"],
        "open",
    )


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_the_hosts_own_words_are_in_no_field(kind: str):
    fields = shown(of(hiddenWords=["falcon*", "Lovelace"]), kind)
    text = json.dumps(fields).casefold()
    assert "falcon" not in text
    assert "lovelace" not in text


def test_tasks_that_have_a_word_in_their_ids_stay_themselves():
    disclosed = of(hiddenWords=["acme*"])
    seven, eight, other = (
        disclosed.fields({"type": "task.completed", "task_id": task_id})["task_id"]
        for task_id in ("ACME-7", "ACME-8", "T-9")
    )
    assert (len({seven, eight}), other) == (2, "T-9")
    assert "acme" not in (seven + eight).casefold()
    body = json.dumps({"type": "task.completed", "task_id": "ACME-7"}).encode()
    assert disclosed.keepable is not None
    kept = json.loads(disclosed.keepable(body))
    assert kept["task_id"] == seven == disclosed.fields(kept)["task_id"], (
        "kept before or after the word was set"
    )


def test_settings_add_up():
    minimal = of(preset="minimal")
    assert minimal.types == {
        "task.created",
        "task.completed",
        "agent.claimed_task",
        "milestone.reached",
    }
    text = json.dumps([shown(minimal, kind) for kind in sorted(minimal.types)]).casefold()
    assert not any(word in text for word in ("falcon", "bob", "ada", "claude"))


def test_what_is_not_shown_is_not_even_reworded():
    git_off = of(anonymizeParticipants=True, visibleEvents={"gitOperations": False})
    record = Record(1, Kind.EVENT, "git.commit", 0, 0, b"as it was stored")
    assert git_off.records([record])[0] is record


def test_the_spectator_chat_is_disclosed_with_its_switch():
    assert CHAT in of().types
    assert CHAT not in of(spectatorChat={"enabled": False}).types


def test_the_rooms_own_name_obeys_too():
    assert of(hiddenWords=["falcon"]).text("The Falcon room") == "The [HIDDEN] room"
    assert "bob" not in of(anonymizeParticipants=True).text("bob's room")


@pytest.mark.parametrize(
    ("author_type", "name"),
    [("spectator", "Ada Lovelace"), ("participant", None), ("host", None)],
)
def test_what_is_said_in_the_spectator_chat_obeys_too(author_type: str, name: str | None):
    said = {
        "spectator_id": "bob",
        "display_name": "Ada Lovelace",
        "author_type": author_type,
        "message": "Falcon is bob's",
        "reply_to": "bob-1",
    }
    record = Record(1, Kind.CHAT, "", 0, 0, json.dumps(said).encode())
    anonymous = of(anonymizeParticipants=True, hiddenWords=["falcon"])
    [shown_record] = anonymous.records([record])
    fields = json.loads(shown_record.body)
    assert fields["message"].startswith("[HIDDEN] is ")
    assert "bob" not in fields["message"]
    # A spectator's own name is nobody's who takes part; ids are the relay's.
    pseudonym = shown(anonymous, "git.commit")["author"]
    assert fields["display_name"] == (name or pseudonym)
    assert (fields["spectator_id"], fields["reply_to"]) == ("bob", "bob-1")


def test_a_chat_message_that_is_not_kept_stays_none():
    record = Record(1, Kind.CHAT, "", 0, 0, b"")
    assert of(anonymizeParticipants=True).records([record]) == [record]
