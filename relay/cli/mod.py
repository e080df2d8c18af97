"""`clawtank-relay mod`: everything a moderator does, from a shell.

Each thing printed is a line that begins with its id, and ids are read from lines that begin with them: what
one call lists another can decide on, with `grep` or `jq` in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from relay.cli.local import CaFile, Data, Json, RelayUrl, TokenFile, call, fail

_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Form:
    """How one action is written.

    Attributes:
        does: What it does.
        words: What follows the action, options included.
        least: How many words at least.
        most: How many at most.
    """

    does: str
    words: str = ""
    least: int = 0
    most: int = 0


_WHY = "[--reason TEXT]"
LISTS = {
    "queue": Form("what waits for a decision, oldest first"),
    "reports": Form("what viewers reported"),
    "bans": Form("who is banned or muted, and for how long yet"),
    "log": Form("what was done, the latest last", "[--limit 50]"),
}
ACTS = {
    "approve": Form("show held or reported messages", f"ID... {_WHY}", 1, _MANY),
    "reject": Form("refuse held messages", f"ID... {_WHY}", 1, _MANY),
    "delete": Form("take messages away, everywhere", f"ID... {_WHY}", 1, _MANY),
    "delete-all": Form("take away everything of their authors", f"ID... {_WHY}", 1, _MANY),
    "warn": Form("tell viewers something privately", f"ID... {_WHY}", 1, _MANY),
    "mute": Form("they watch, and do not write", f"ID... [--for 10m] {_WHY}", 1, _MANY),
    "unmute": Form("they write again", f"ID... {_WHY}", 1, _MANY),
    "ban": Form("they are gone, with all they wrote", f"ID... [--for 7d] {_WHY}", 1, _MANY),
    "unban": Form("they may come back", f"ID... {_WHY}", 1, _MANY),
    "slow": Form("so long between two messages of one viewer", f"[SECONDS|off] {_WHY}", 0, 1),
    "lock": Form("nobody who watches writes", _WHY),
    "unlock": Form("the chat is open again", _WHY),
    "shield": Form("everything waits, newcomers only watch", _WHY),
    "unshield": Form("as before the shield", _WHY),
    "undo": Form("take acts back, by their ids in the log", f"ENTRY... {_WHY}", 1, _MANY),
}
FILES = {
    "words": Form("your words for the filter", "[add|remove WORD...]", 0, _MANY),
    "export": Form("bans, mutes and words as JSON", "[FILE]", 0, 1),
    "import": Form("what was exported, or a word per line", "FILE [--words]", 1, 1),
}
FORMS = LISTS | ACTS | FILES
HELP = "\n".join(
    [
        "Moderate a room's spectator chat.",
        "",
        "\b",
        *(
            f"  {f'{action} {form.words}'.replace(_WHY, '').strip():31} {form.does}"
            for action, form in FORMS.items()
        ),
        "",
        "An ID is a message's, or a viewer's (anon_…, user_…) where it is about people; a message stands"
        " for its author there. As ID, - reads them from standard input, the first word of each line."
        " Whatever is done takes a --reason.",
    ]
)


def mod(
    room: Annotated[str, typer.Argument(metavar="ROOM", help="The room's id.")],
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="One of the above.", autocompletion=lambda: list(FORMS))
    ],
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="What it is about.", show_default=False)
    ] = None,
    lasting: Annotated[
        str, typer.Option("--for", metavar="10m|2h|7d|forever", help="How long a mute or a ban lasts.")
    ] = "",
    reason: Annotated[str, typer.Option(help="Told to the viewer, and kept in the log.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="How many lines of the log.")] = None,
    only_words: Annotated[bool, typer.Option("--words", help="The file holds a word per line.")] = False,
    as_json: Json = False,
    data: Data = None,
    relay: RelayUrl = "",
    token_file: TokenFile = None,
    ca_file: CaFile = None,
) -> None:
    # The help is HELP.
    from relay.protocol.rooms import is_room_id

    if not is_room_id(room):
        fail(f"{room[:80]!a}: a room id is 1 to 64 letters, digits, _ or -.", 2)
    action, named = action.replace("_", "-"), list(words or [])
    form = FORMS.get(action)
    if form is None:
        fail(f"{action[:80]!a}: must be one of {', '.join(FORMS)}.", 2)
    usage = f"Write it like: clawtank-relay mod {room} {action} {form.words}".rstrip()
    given = {"--for": lasting, "--reason": reason, "--limit": limit, "--words": only_words}
    if not form.least <= len(named) <= form.most or any(
        value and flag not in form.words for flag, value in given.items()
    ):
        fail(usage, 2)

    def ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        where = f"/rooms/{room}{path}"
        return call(method, where, data=data, relay=relay, token_file=token_file, ca_file=ca_file, body=body)

    if action in LISTS:
        from relay.cli.mod_lists import show

        show(action, ask, limit=limit or 50, as_json=as_json)
    elif action in ACTS:
        from relay.cli.mod_acts import carry_out

        carry_out(action, named, ask, usage, lasting=lasting, reason=reason, as_json=as_json)
    else:
        from relay.cli import mod_files

        match action:
            case "words":
                mod_files.words(room, named, ask, usage, as_json=as_json)
            case "export":
                mod_files.export(room, named[0] if named else "-", ask)
            case _:
                mod_files.bring(room, named[0], ask, only_words=only_words, as_json=as_json)
