"""The README says what is so: codes, limits and commands are held against the code they describe."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

import clawtank_tui.cli
import relay.cli.app
from clawtank_tui.screens.help import key_table
from clawtank_tui.screens.host_keys import KEYS
from clawtank_tui.state.commands import COMMANDS
from relay.chat.entries import UNDOABLE
from relay.cli.mod import FORMS
from relay.config import CdnConfig, Limits, load_config
from relay.protocol.errors import ERRORS
from relay.protocol.moderation import UPON_MESSAGES, UPON_VIEWERS, Action
from relay.rooms.settings import PRESETS, Preset
from support import readme

PROGRAMS: dict[str, Any] = {
    "clawtank": typer.main.get_command(clawtank_tui.cli.app),
    "clawtank-relay": typer.main.get_command(relay.cli.app.app),
}
ROOT = Path(__file__).parents[1]


def commands(name: str, command: Any) -> list[tuple[str, ...]]:
    """Return a program and everything under it, as the words one types."""
    below = getattr(command, "commands", {})
    return [(name,)] + [(name, *path) for child in below for path in commands(child, below[child])]


ALL_COMMANDS = [path for name, command in PROGRAMS.items() for path in commands(name, command)]


def options(command: Any) -> set[str]:
    return {"--help"} | {
        flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)
    }


def test_every_error_code_is_in_the_table_with_its_close_code() -> None:
    documented = {
        code: int(next(filter(str.isdecimal, cells))) for code, cells in readme.table("errors").items()
    }
    assert documented == {code.value: row.close_code for code, row in ERRORS.items()}


def test_every_limit_is_in_the_table_with_its_default() -> None:
    documented = {name: cells[0] for name, cells in readme.table("limits").items()}
    assert documented.pop("connections") == "by open files", "the one that has no number of its own"
    assert {name: float(re.sub(r"[ ,_]", "", cell)) for name, cell in documented.items()} == {
        name: float(field.default) for name, field in Limits.model_fields.items() if field.default is not None
    }


def test_every_setting_for_caches_is_in_the_table_with_its_default(tmp_path: Path) -> None:
    documented = {name: cells[0] for name, cells in readme.table("cdn").items()}
    assert list(documented) == [name for name, _ in _leaves(CdnConfig().model_dump(mode="json"), "cdn.")]
    # As one would write them into the file, and the first of them another way, to see that they are read.
    values = {name: text if text in ("true", "[]") else f'"{text}"' for name, text in documented.items()}
    file = tmp_path / "relay.toml"
    file.write_text("\n".join(f"{name} = {value}" for name, value in values.items()))
    assert load_config({}, file).cdn == CdnConfig()
    file.write_text(file.read_text().replace("true", "false"))
    assert not load_config({}, file).cdn.enabled


def test_every_setting_is_in_the_table_with_its_value_in_each_preset() -> None:
    documented = readme.table("settings")
    names = ("open", "limited", "minimal")
    written = {
        setting: [cell.replace("none", "[]") for cell in cells[1:]]
        for setting, cells in documented.items()
        if setting not in ("visibility", "name")
    }
    presets = [dict(_leaves(PRESETS[Preset(name)].model_dump(mode="json"))) for name in names]
    assert written == {
        setting: [json.dumps(values[setting]).strip('"') for values in presets]
        for setting in presets[0]
        if setting != "preset"
    }
    assert set(PRESETS) == set(names)


def _leaves(settings: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


@pytest.mark.parametrize("path", ALL_COMMANDS, ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    program = Path(sys.executable).with_name(path[0])
    help_ = subprocess.run(
        [program, *path[1:], "--help"], capture_output=True, text=True, timeout=30, check=False
    )
    assert (help_.returncode, help_.stderr) == (0, "")
    assert help_.stdout.lstrip().startswith("Usage:")


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_knows_its_version(program: str) -> None:
    run = subprocess.run(
        [Path(sys.executable).with_name(program), "--version"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert re.search(r"\b0\.1\.0\b", run.stdout)


def test_every_key_of_the_console_is_in_the_table_with_what_it_does() -> None:
    written = {does[0]: keys.replace("`", "") for keys, does in readme.table("console-keys").items()}
    assert written == key_table(KEYS)


def test_every_command_is_in_the_readme() -> None:
    text = readme.text()
    missing = [" ".join(path) for path in ALL_COMMANDS if " ".join(path) not in text]
    assert missing == []


def test_every_command_of_the_chat_is_in_the_table_with_what_it_does() -> None:
    written = {name: tuple(cells) for name, cells in readme.table("chat-commands").items()}
    assert written == {
        command.usage: ("moderators" if command.moderators else "everybody", command.does)
        for command in COMMANDS
    }


def test_every_act_is_in_the_table_with_what_it_is_upon_and_whether_it_can_be_undone() -> None:
    documented = readme.table("acts", readme.MODERATION)
    assert list(documented) == [action.value for action in Action]
    for name, (upon, _, undone) in documented.items():
        action = Action(name)
        assert upon.startswith("message") == (action in UPON_MESSAGES), name
        assert upon.startswith("viewer") == (action in UPON_VIEWERS), name
        assert undone == ("yes" if action in UNDOABLE else "no"), name


def test_everything_one_can_moderate_from_a_shell_is_shown() -> None:
    shown = set()
    for document in (readme.README, readme.MODERATION):
        for _, *words in readme.command_lines("clawtank-relay", document=document):
            if words[0] == "mod":
                assert words[2] in FORMS, words
                shown.add(words[2])
    text = readme.MODERATION.read_text(encoding="utf-8")
    missing = [name for name in FORMS if name not in shown and f"`{name}`" not in text]
    # In comments beside a line that shows how such ones are written.
    assert [name for name in missing if not re.search(rf"# .*\b{name}\b", text)] == []


@pytest.mark.parametrize("document", [readme.README, readme.MODERATION], ids=lambda path: path.name)
def test_every_command_line_the_documents_show_exists(document: Path) -> None:
    shown = readme.command_lines(*PROGRAMS, document=document)
    assert shown, "it should show how the programs are used"
    for name, *words in shown:
        command = PROGRAMS[name]
        while words and (child := getattr(command, "commands", {}).get(words[0])):
            command = child
            words = words[1:]
        assert not getattr(command, "commands", {}) or not words or words[0].startswith("-"), (
            f"{name} {words}"
        )
        flags = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
        assert flags <= options(command), f"{name} … {command.name}: {sorted(flags - options(command))}"


def test_one_line_is_enough_to_see_it_and_one_to_test_it() -> None:
    assert readme.command("demo-command").endswith("clawtank demo")
    test = readme.command("test-command")
    assert "pytest" in test
    constraints = re.search(r"-c (\S+)", test)
    assert constraints
    assert (ROOT / constraints[1]).is_file()
