"""Locks: words and bans, out of a room and into one."""

import json
import stat

import pytest
from typer.testing import CliRunner

from relay.cli.app import app
from relay.cli.mod_files import FORMAT
from support.answering import answering

BAN = {"kind": "ban", "spectator_id": "anon_a", "display_name": "\x1b[31meve", "until": None}
MUTE = {"kind": "mute", "spectator_id": "anon_b", "display_name": "", "until": None}


class House:
    """A room with words, bans and mutes."""

    def __init__(self, *words, bans=(), mutes=()):
        self.words, self.bans, self.mutes = list(words), list(bans), list(mutes)

    def __call__(self, method, path, body):
        match method, path.removeprefix("/rooms/room"):
            case "GET", "/settings":
                return 200, self.settings()
            case "PATCH", "/settings":
                self.words = body["spectatorChat"]["moderation"]["keywords"]
                return 200, {**self.settings(), "warnings": ["\x1b[31mThe chat is closed."]}
            case "GET", "/moderation/bans":
                return 200, {"bans": self.bans, "mutes": self.mutes}
            case "POST", "/moderation/bans":
                new = [one for one in body["bans"] + body["mutes"] if one not in self.bans + self.mutes]
                self.bans += [one for one in new if one["kind"] == "ban"]
                self.mutes += [one for one in new if one["kind"] == "mute"]
                known = len(body["bans"]) + len(body["mutes"]) - len(new)
                return 200, {"imported": len(new), "known": known}
        return 404, {"message": "There is no such thing."}

    def settings(self):
        return {"spectatorChat": {"moderation": {"keywords": self.words}}}


def mod(relay, *words, stdin=""):
    arguments = ["mod", "room", *words, "--relay", relay.url]
    return CliRunner(env={"CLAWTANK_TOKEN": "t"}).invoke(app, arguments, input=stdin)


def test_words_are_listed_added_and_removed():
    house = House("spam", "\x1b[31mred")
    with answering(house) as relay:
        assert mod(relay, "words").stdout == "spam\n�[31mred\n"
        assert json.loads(mod(relay, "words", "--json").stdout) == house.words
        added = mod(relay, "words", "add", "SPAM", "buy now", "Buy Now")
        assert (added.exit_code, added.stdout) == (0, "1 word new; 3 in all.\n")
        assert added.stderr == "�[31mThe chat is closed.\n"
        assert house.words == ["spam", "\x1b[31mred", "buy now"]
        listed = mod(relay, "words", "add", "-", "--json", stdin="two words\r\n\n spam \n")
        assert json.loads(listed.stdout) == house.words == ["spam", "\x1b[31mred", "buy now", "two words"]
        removed = mod(relay, "words", "remove", "Spam", "nothing")
        assert (removed.exit_code, removed.stdout) == (1, "1 word removed; 3 in all.\n")
        assert "nothing: is none of the words." in removed.stderr
        assert "spam" not in house.words


def test_words_that_are_there_already_change_nothing():
    with answering(House("spam")) as relay:
        assert mod(relay, "words", "add", "Spam").stdout == "0 words new; 1 in all.\n"
    assert [method for method, _, _ in relay.asked] == ["GET"]


def test_what_is_exported_comes_back_whole_and_is_its_owners_alone(tmp_path):
    file = tmp_path / "desk.json"
    file.write_text("what was there before")
    file.chmod(0o644)
    house = House("spam", bans=[BAN], mutes=[MUTE])
    with answering(house) as relay:
        result = mod(relay, "export", str(file))
        assert (result.exit_code, result.stdout) == (0, "")
        printed = mod(relay, "export").stdout
        assert printed.strip().isprintable()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["desk.json"]
    exported = json.loads(file.read_text())
    assert exported == json.loads(printed)
    assert exported == {
        "format": FORMAT,
        "room": "room",
        "bans": [BAN],
        "mutes": [MUTE],
        "keywords": ["spam"],
    }
    other = House("SPAM", bans=[BAN])
    with answering(other) as relay:
        result = mod(relay, "import", str(file))
        again = mod(relay, "import", "-", "--json", stdin=file.read_text())
    assert result.stdout == "bans and mutes: 1 new, 1 known\nwords: 0 new, 1 known\n"
    assert json.loads(again.stdout) == {"imported": 0, "known": 2, "words": {"imported": 0, "known": 1}}
    assert (other.bans, other.mutes, other.words) == ([BAN], [MUTE], ["SPAM"])


def test_bans_of_another_room_are_left_out_and_its_words_are_taken():
    house = House()
    theirs = {"format": FORMAT, "room": "theirs", "bans": [BAN], "mutes": [MUTE], "keywords": ["spam"]}
    with answering(house) as relay:
        result = mod(relay, "import", "-", stdin=json.dumps(theirs))
    assert result.exit_code == 0
    assert "they are of theirs" in result.stderr
    assert (house.bans, house.mutes, house.words) == ([], [], ["spam"])


def test_who_only_moderates_brings_bans_in_without_a_look_at_the_words():
    kept = {"format": FORMAT, "room": "room", "bans": [BAN], "mutes": [], "keywords": []}
    with answering(House()) as relay:
        assert mod(relay, "import", "-", stdin=json.dumps(kept)).exit_code == 0
    assert [path for _, path, _ in relay.asked] == ["/rooms/room/moderation/bans"]


def test_many_bans_go_in_requests_that_fit():
    bans = [{**BAN, "spectator_id": f"anon_{number}"} for number in range(450)]
    house = House()
    kept = {"format": FORMAT, "room": "room", "bans": bans, "mutes": [MUTE], "keywords": []}
    with answering(house) as relay:
        assert mod(relay, "import", "-", stdin=json.dumps(kept)).stdout.startswith(
            "bans and mutes: 451 new, 0 known\n"
        )
    assert (house.bans, house.mutes) == (bans, [MUTE])
    assert [len(body["bans"]) for body in relay.bodies] == [200, 200, 50]


def test_a_plain_list_of_words_is_taken_when_it_is_said_to_be_one(tmp_path):
    file = tmp_path / "words.txt"
    file.write_text("\ufeffspam\n\n# buy\n", encoding="utf-8")
    house = House()
    with answering(house) as relay:
        assert mod(relay, "import", str(file), "--words").stdout.endswith("words: 2 new, 0 known\n")
    assert house.words == ["spam", "# buy"]


@pytest.mark.parametrize(
    "text",
    [
        "spam\n",
        "[]",
        "{}",
        json.dumps({"format": FORMAT, "room": "room", "bans": [7], "mutes": [], "keywords": []}),
        json.dumps({"format": FORMAT, "room": "room", "bans": [], "mutes": [], "keywords": [7]}),
        json.dumps({"format": FORMAT, "room": "room", "bans": [], "mutes": []}),
        json.dumps({"format": FORMAT, "bans": [], "mutes": [], "keywords": []}),
        json.dumps({"format": "x", "room": "room", "bans": [], "mutes": [], "keywords": []}),
    ],
)
def test_anything_else_is_not_taken(text):
    with answering(House()) as relay:
        result = mod(relay, "import", "-", stdin=text)
    assert (result.exit_code, result.stdout, relay.asked) == (1, "", [])
    assert "--words" in result.stderr


def test_files_that_cannot_be_used_are_a_sentence(tmp_path):
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    with answering(House()) as relay:
        for words in (
            ("import", str(tmp_path / "nowhere")),
            ("import", str(tmp_path)),
            ("import", str(binary), "--words"),
            ("export", str(tmp_path / "nowhere" / "x.json")),
        ):
            result = mod(relay, *words)
            assert (result.exit_code, result.stdout) == (1, "")
            assert result.stderr.count("\n") == 1
            assert "Name " in result.stderr
