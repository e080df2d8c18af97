"""Word lists and bans that `mod` takes out of a room and brings into one.

Words fit any room. Bans are of this room on this relay: people have another id in every other.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from relay.cli.local import fail, say, warn
from relay.protocol.text import safe_text

if TYPE_CHECKING:
    from relay.cli.mod_acts import Ask

FORMAT = "clawtank-moderation-1"
_AT_ONCE = 200
"""Bans and mutes of one request."""
_LONGEST_WORD = 200


def words(room: str, asked: list[str], ask: Ask, usage: str, *, as_json: bool) -> None:
    """List the room's own words, add some, or remove some; `-` reads them from standard input, one a line."""
    what, *named = asked or ["list"]
    if (what, bool(named)) not in (("list", False), ("add", True), ("remove", True)):
        fail(usage, 2)
    named = [word for name in named for word in (_lines(_read("-")) if name == "-" else [name])]
    missing: list[str] = []
    if what == "list":
        after = _keywords(ask)
        told = [safe_text(word, _LONGEST_WORD) for word in after]
        if not after and not as_json:
            warn(f"There are no words. Add some with: clawtank-relay mod {room} words add WORD...")
    elif what == "add":
        added, after = _add(ask, named)
        told = [f"{_words(added)} new; {len(after)} in all."]
    else:
        known = _keywords(ask)
        unwanted = {word.casefold() for word in named}
        after = _set(ask, known, [word for word in known if word.casefold() not in unwanted])
        told = [f"{_words(len(known) - len(after))} removed; {len(after)} in all."]
        have = {word.casefold() for word in known}
        missing = [word for word in named if word.casefold() not in have]
    for line in [json.dumps(after)] if as_json else told:
        say(line)
    for word in missing:
        warn(f"{word}: is none of the words. See them with: clawtank-relay mod {room} words")
    if missing:
        raise typer.Exit(1)


def export(room: str, file: str, ask: Ask) -> None:
    """Write bans, mutes and words as JSON to a file that nobody else may read, or to standard output."""
    found = ask("GET", "/moderation/bans")
    kept = {"format": FORMAT, "room": room, **found, "keywords": _keywords(ask)}
    if file == "-":
        say(json.dumps(kept))
        return
    try:
        _write(Path(file), json.dumps(kept, indent=1) + "\n")
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}. Name another file.")
    counts = ", ".join(f"{name}: {len(kept[name])}" for name in ("bans", "mutes", "keywords"))
    warn(f"{file} has {counts}")


def bring(room: str, file: str, ask: Ask, *, only_words: bool, as_json: bool) -> None:
    """Bring in what was exported, or plain words; says how much of it was new."""
    text = _read(file)
    found = {"keywords": _lines(text)} if only_words else _exported(text, file)
    bans, mutes = found.get("bans", []), found.get("mutes", [])
    if (bans or mutes) and found.get("room") != room:
        warn(
            f"The bans and mutes are left out: they are of {found.get('room')},"
            f" and in {room} the same people have other ids."
        )
        bans, mutes = [], []
    told: dict[str, Any] = {"imported": 0, "known": 0}
    for start in range(0, max(len(bans), len(mutes)), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        answer = ask("POST", "/moderation/bans", {"bans": bans[part], "mutes": mutes[part]})
        told["imported"] += answer["imported"]
        told["known"] += answer["known"]
    wanted = _once(found["keywords"])
    # Who only moderates may bring sanctions in, and has nothing to do with words.
    new, _ = _add(ask, wanted) if wanted else (0, [])
    told["words"] = {"imported": new, "known": len(wanted) - new}
    if as_json:
        say(json.dumps(told))
        return
    say(f"bans and mutes: {told['imported']} new, {told['known']} known")
    say(f"words: {told['words']['imported']} new, {told['words']['known']} known")


def _keywords(ask: Ask) -> list[str]:
    found: list[str] = ask("GET", "/settings")["spectatorChat"]["moderation"]["keywords"]
    return found


def _add(ask: Ask, wanted: list[str]) -> tuple[int, list[str]]:
    """Add words to the room's; return how many it did not have, and all that it has now."""
    known = _keywords(ask)
    have = {word.casefold() for word in known}
    new = [word for word in _once(wanted) if word.casefold() not in have]
    return len(new), _set(ask, known, known + new)


def _set(ask: Ask, known: list[str], wanted: list[str]) -> list[str]:
    """Make these the room's words; return what they are then."""
    if wanted == known:
        return known
    changed = ask("PATCH", "/settings", {"spectatorChat": {"moderation": {"keywords": wanted}}})
    for warning in changed.get("warnings", []):
        warn(warning)
    after: list[str] = changed["spectatorChat"]["moderation"]["keywords"]
    return after


def _exported(text: str, file: str) -> dict[str, Any]:
    """Return what `export` wrote; anything else ends the command."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not _whole(found):
        fail(f"{file} is nothing that export wrote. Words, one a line, are brought in with --words.")
    return found


def _whole(found: dict[str, Any]) -> bool:
    kinds = (("bans", dict), ("mutes", dict), ("keywords", str))
    return isinstance(found.get("room"), str) and all(
        isinstance(found.get(name), list) and all(isinstance(item, kind) for item in found[name])
        for name, kind in kinds
    )


def _read(file: str) -> str:
    if file == "-":
        return sys.stdin.buffer.read().decode("utf-8-sig", "replace")
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}. Name a file, or - for standard input.")
    except UnicodeDecodeError:
        fail(f"{file} is not UTF-8 text. Name a file that export wrote, or one of words.")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _once(found: list[str]) -> list[str]:
    """Return words without those that differ in case only from an earlier one."""
    return list({word.casefold(): word for word in reversed(found)}.values())[::-1]


def _words(count: int) -> str:
    return f"{count} word" if count == 1 else f"{count} words"


def _write(path: Path, text: str) -> None:
    """Write a file whole, then put it in its place, as its owner's alone."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    part.replace(path)
