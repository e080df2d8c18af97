"""The kinds of field a visible event is made of: each says what it takes, and cleans what it took.

Every check is made here by hand, so that a refusal says what the field should be and never what it was.
Lengths are the room chapter's limits (FEED-9): longer text is cut with a mark, not refused. Ids are the
exception: two long ids cut alike would become one task.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from relay.protocol.events import AGENT_STATUSES
from relay.protocol.times import parse_instant
from relay.screen.clean import clean, clean_first_line

if TYPE_CHECKING:
    from collections.abc import Callable

CHAT_LENGTH = 4000
TITLE_LENGTH = 200
COMMIT_LENGTH = 2000
NAME_LENGTH = 100
PATH_LENGTH = 300
ID_LENGTH = 64
MAX_FILES = 20
"""File names kept of one commit; of the rest nothing is said."""
MAX_NUMBER = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""
SHORT_SHA = 7

_SHA = re.compile(r"[0-9a-f]{4,64}")
_ADDRESS_AT_END = re.compile(r"\s*<[^<>\s]*@[^<>\s]*>\s*\Z")


def _expected(what: str) -> PydanticCustomError:
    return PydanticCustomError("expected", "must be {what}", {"what": what})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _expected("text")
    return value


def _some(text: str) -> str:
    if not text.strip():
        raise _expected("text that is not empty")
    return text


def _chat(value: Any) -> str:
    return clean(_text(value), CHAT_LENGTH, multiline=True)


def _title(value: Any) -> str:
    return _some(clean(_text(value), TITLE_LENGTH))


def _name(value: Any) -> str:
    return _some(clean(_text(value), NAME_LENGTH))


def _git_name(value: Any) -> str:
    """Take the name out of git's `name <address>`; an address alone is redacted like any other."""
    text = _text(value)
    name = _ADDRESS_AT_END.sub("", text) if len(text) <= 4 * NAME_LENGTH else text
    return _name(name if name.strip() else text)


def _subject(value: Any) -> str:
    return _some(clean_first_line(_text(value), COMMIT_LENGTH))


def _id(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= ID_LENGTH:
        raise _expected(f"text of 1 to {ID_LENGTH} characters")
    return _some(clean(value, ID_LENGTH))


def _sha(value: Any) -> str:
    """Keep an abbreviated hash as it is given (4 to 12 digits), and abbreviate a longer one as git does."""
    sha = value.lower() if isinstance(value, str) else ""
    if not _SHA.fullmatch(sha):
        raise _expected("a commit hash of 4 to 64 hexadecimal digits")
    return sha if len(sha) <= 12 else sha[:SHORT_SHA]


def _whole(value: Any, low: int, high: int) -> int:
    # A bool is an int to Python, and no number to anybody else.
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _expected(f"a whole number from {low} to {high}")
    return value


def _count(value: Any) -> int:
    return _whole(value, 0, MAX_NUMBER)


def _number(value: Any) -> int:
    return _whole(value, 1, MAX_NUMBER)


def _percent(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise _expected("a number from 0 to 100")
    return round(value)


def _files(value: Any) -> tuple[str, ...] | int:
    """Take a list of names or a bare count (SAN-9)."""
    if isinstance(value, list):
        if not all(isinstance(name, str) for name in value):
            raise _expected("a list of file names, or a number")
        return tuple(clean(name, PATH_LENGTH) for name in value[:MAX_FILES])
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NUMBER:
        return value
    raise _expected("a list of file names, or a number")


def _one_of(*words: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise _expected("one of " + ", ".join(words))
        return value

    return check


def instant_ms(value: Any) -> int:
    """Read an event's own time into milliseconds.

    Raises:
        PydanticCustomError: If it is not ISO 8601 text, or before 1970.
    """
    at_ms = parse_instant(value) if isinstance(value, str) else None
    if at_ms is None or at_ms < 0:
        raise _expected("a time from 1970 on, as ISO 8601 text")
    return at_ms


AuthorType = Annotated[str, BeforeValidator(_one_of("human", "agent"))]
Chat = Annotated[str, BeforeValidator(_chat)]
Count = Annotated[int, BeforeValidator(_count)]
Files = Annotated[tuple[str, ...] | int, BeforeValidator(_files)]
GitName = Annotated[str, BeforeValidator(_git_name)]
Id = Annotated[str, BeforeValidator(_id)]
Name = Annotated[str, BeforeValidator(_name)]
Number = Annotated[int, BeforeValidator(_number)]
Percent = Annotated[int, BeforeValidator(_percent)]
Sha = Annotated[str, BeforeValidator(_sha)]
Subject = Annotated[str, BeforeValidator(_subject)]
Title = Annotated[str, BeforeValidator(_title)]
Status = Annotated[str, BeforeValidator(_one_of(*AGENT_STATUSES))]
