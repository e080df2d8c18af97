"""Who a participant is in a room that anonymises: one made-up name each, for as long as the room's key lives.

Spec: Visibility Controls, `anonymizeParticipants`; checklist PRIV-10. A pseudonym is a keyed digest of the
name: without the room's key nobody can go back, and two rooms give one person two names. People are called
like animals (`Otter-k7q`), agents like `Agent-x2m4`, so that a reader can tell them apart.

Inside texts a name is found by its words, whatever stands between them (`Ada Lovelace`, `ada.lovelace`,
`AdaLovelace`), and by any one of them alone (`Ada`), since that is how people are called. What the room has
never heard as a name cannot be known for one, except behind an `@`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NAME_FIELDS = ("author", "creator", "agent_name", "agent_owner", "name")
"""The fields of events, and of what they add up to, that hold a participant's name."""
SOMEBODY = "[NAME]"
"""What stands for a name in what viewers write."""
MAX_KNOWN = 20_000
"""Names remembered of one room; the one not heard for longest is forgotten first."""
_LONGEST = 8
"""Words of a name that are looked for together."""

# fmt: off
_ANIMALS = (
    "Badger", "Beaver", "Bison", "Bear", "Camel", "Caribou", "Cheetah", "Cobra", "Condor", "Coyote",
    "Crane", "Cricket", "Dingo", "Dolphin", "Eagle", "Egret", "Falcon", "Ferret", "Finch", "Gazelle",
    "Gecko", "Gibbon", "Goose", "Hare", "Hawk", "Heron", "Hippo", "Hornet", "Ibex", "Iguana", "Jackal",
    "Jaguar", "Koala", "Lemur", "Lion", "Lizard", "Llama", "Lynx", "Magpie", "Marten", "Mole", "Moose",
    "Narwhal", "Newt", "Ocelot", "Orca", "Osprey", "Otter", "Owl", "Panda", "Parrot", "Pelican", "Puffin",
    "Puma", "Quail", "Rabbit", "Raven", "Salmon", "Seal", "Tapir", "Tiger", "Toucan", "Walrus", "Wombat",
)
# Never looked for in a text by themselves, however they are written.
_PARTICLES = frozenset({
    "agent", "ai", "al", "and", "assistant", "bin", "bot", "da", "de", "del", "der", "di", "dos", "du",
    "el", "host", "la", "le", "mc", "moderator", "of", "participant", "the", "team", "van", "von",
})
# Given names that are words too: alone they count as a name only with a capital.
_WORDS = frozenset({
    "art", "autumn", "bill", "bud", "chance", "chase", "chip", "chuck", "clay", "cliff",
    "dawn", "dean", "drew", "faith", "frank", "gene", "grace", "grant", "guy",
    "harmony", "hope", "hunter", "iris", "ivy", "jack", "joy", "june", "lance", "lily",
    "mark", "marsh", "mason", "may", "max", "miles", "min", "norm", "olive", "page", "pat", "peg",
    "penny", "pierce", "ray", "red", "rich", "robin", "rose", "ruby", "rusty", "sage", "sandy",
    "sky", "skip", "star", "stone", "sue", "summer", "trace", "van", "victor", "wade",
    "ward", "wes", "will", "win", "young",
})
# fmt: on
_BASE32 = "abcdefghijkmnpqrstuvwxyz23456789"
_PSEUDONYM = re.compile(rf"(?:{'|'.join(_ANIMALS)})-[{_BASE32}]{{3}}|Agent-[{_BASE32}]{{4}}")
"""Made up already: whoever is addressed by one stays who they are."""
_UNSPACED = "\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
# Scripts that put no space between words give one word for each sign: a name in them is a run of signs.
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_MARK = re.compile(r"\[[A-Z][A-Z _-]*\]")
_FAR = 2
"""Signs that may stand between two words of one name."""


class Pseudonyms:
    """The names of one room, and what each is called instead."""

    def __init__(self, keyed: Callable[[str], str]) -> None:
        """Start with no name known.

        Args:
            keyed: Turns text into a hexadecimal digest of at least 8 bytes, with the room's own key.
        """
        self._keyed = keyed
        self._known: OrderedDict[tuple[str, ...], str] = OrderedDict()
        self._agents: OrderedDict[str, None] = OrderedDict()
        self._given: dict[str, str] = {}
        self._parts: dict[str, set[str]] = {}
        self._lengths: dict[str, Counter[int]] = {}

    def learn(self, fields: Mapping[str, Any]) -> None:
        """Note every name in the fields of an event."""
        for field in NAME_FIELDS:
            name = fields.get(field)
            if isinstance(name, str):
                is_agent = field == "agent_name" or (
                    field == "author" and fields.get("author_type") == "agent"
                )
                self._note(name, is_agent=is_agent or name.endswith("[bot]"))

    def of(self, name: str) -> str:
        """Return what a participant is called instead."""
        key = _fold(name)
        given = self._given.get(key)
        if given is None:
            if len(self._given) >= MAX_KNOWN:
                self._given.clear()
            given = self._given[key] = self._make(key)
        return given

    def _make(self, key: str) -> str:
        number = int(self._keyed(f"pseudonym\0{key}")[:16], 16)
        if key in self._agents:
            return f"Agent-{_letters(number, 4)}"
        return f"{_ANIMALS[number % len(_ANIMALS)]}-{_letters(number // len(_ANIMALS), 3)}"

    def mask(self, text: str) -> str:
        """Return a text in which every known name, and every `@mention`, is replaced."""
        return self._replaced(text, self.of)

    def blank(self, text: str) -> str:
        """Return a text in which the same is replaced by `SOMEBODY`, whoever it is.

        For what comes from outside the room: whoever could write a name there and read its pseudonym would
        know who is who, name by name.
        """
        return self._replaced(text, lambda name: SOMEBODY)

    def _replaced(self, text: str, called: Callable[[str], str]) -> str:
        composed = text if text.isascii() else unicodedata.normalize("NFC", text)
        pieces: list[str] = []
        at = 0
        for start, end, name in self._found(composed):
            pieces += (composed[at:start], called(name))
            at = end
        return "".join((*pieces, composed[at:])) if pieces else text

    def _note(self, name: str, *, is_agent: bool) -> None:
        words = _words(_MARK.sub(" ", name))
        if is_agent:
            self._note_agent(_fold(name))
        if not words:
            return
        if words in self._known:
            self._known.move_to_end(words)
            return
        self._known[words] = name
        self._lengths.setdefault(words[0], Counter())[len(words)] += 1
        if len(words) > 1:
            self._parts.setdefault("".join(words), set()).add(name)
            if not is_agent:
                for word in words:
                    self._parts.setdefault(word, set()).add(name)
        if len(self._known) > MAX_KNOWN:
            self._forget(*self._known.popitem(last=False))

    def _note_agent(self, key: str) -> None:
        # By the whole name: one of signs alone, or written in another way, has no words of its own.
        if key not in self._agents:
            self._given.pop(key, None)
        self._agents[key] = None
        self._agents.move_to_end(key)
        if len(self._agents) > MAX_KNOWN:
            forgotten, _ = self._agents.popitem(last=False)
            self._given.pop(forgotten, None)

    def _forget(self, words: tuple[str, ...], name: str) -> None:
        self._given.pop(_fold(name), None)
        lengths = self._lengths[words[0]]
        lengths[len(words)] -= 1
        self._lengths[words[0]] = +lengths
        if not self._lengths[words[0]]:
            del self._lengths[words[0]]
        for part in (*words, "".join(words)):
            owners = self._parts.get(part, set())
            owners.discard(name)
            if not owners:
                self._parts.pop(part, None)

    def _found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield where a name stands in a text, and which; longer names before the words in them."""
        spans = [match.span() for match in _WORD.finditer(text)]
        fold = str.lower if text.isascii() else _fold
        words = [fold(text[start:end]) for start, end in spans]
        # How many words from each on stand close together.
        near = [1] * len(spans)
        for place in range(len(spans) - 2, -1, -1):
            if spans[place + 1][0] - spans[place][1] <= _FAR:
                near[place] = near[place + 1] + 1
        place = 0
        while place < len(spans):
            start, end = spans[place]
            count, name = self._at(words, place, near[place])
            is_mention = _is_mention(text, start)
            if count == 1:
                name = name or self._alone(words[place], text[start:end])
                if name and not is_mention and _is_ordinary(words[place], text[start:end], name):
                    name = ""
            if not name and is_mention:
                count, end = _handle(text, spans, place)
                handle = text[start:end]
                name = "" if _is_code(text, start, end) or _PSEUDONYM.fullmatch(handle) else handle
            if name:
                yield start, spans[place + count - 1][1], name
            place += count

    def _at(self, words: list[str], place: int, near: int) -> tuple[int, str]:
        """Return the longest known name that begins at a word: its words, and the name; (1, "") for none."""
        for count in sorted(self._lengths.get(words[place], ()), reverse=True):
            if count <= near:
                name = self._known.get(tuple(words[place : place + count]))
                if name is not None:
                    return count, name
        return 1, ""

    def _alone(self, word: str, as_written: str) -> str:
        """Return whose name a word is a part of."""
        owners = self._parts.get(word)
        if not owners:
            return ""
        # Two people called so: the word itself stands for both.
        return next(iter(owners)) if len(owners) == 1 else as_written


def _is_ordinary(word: str, as_written: str, name: str) -> bool:
    """Say whether a word means nobody here, though it is a name or a part of one."""
    if word in _PARTICLES or word.isdecimal() or (word.isascii() and len(word) == 1):
        return True
    return word in _WORDS and as_written.islower() and not name.islower()


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    composed = unicodedata.normalize("NFC", name)
    return tuple(_fold(word) for word in _WORD.findall(composed))[:_LONGEST]


@lru_cache(maxsize=4096)
def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _letters(number: int, count: int) -> str:
    letters = []
    for _ in range(count):
        number, place = divmod(number, len(_BASE32))
        letters.append(_BASE32[place])
    return "".join(letters)


def _is_mention(text: str, start: int) -> bool:
    return text[start - 1 : start] == "@" and not (
        start > 1 and (text[start - 2].isalnum() or text[start - 2] in "`/")
    )


def _handle(text: str, spans: list[tuple[int, int]], place: int) -> tuple[int, int]:
    """Return how many words an @handle has, and where it ends: words joined by a hyphen or an underscore."""
    last = place
    while last + 1 < len(spans):
        end, start = spans[last][1], spans[last + 1][0]
        if start - end != 1 or text[end] not in "-_":
            break
        last += 1
    return last - place + 1, spans[last][1]


def _is_code(text: str, start: int, end: int) -> bool:
    """Say whether `@word` is a decorator or a package scope rather than somebody."""
    after = text[end : end + 2]
    return after[:1] in ("/", "(") or (after[:1] == "." and after[1:].isalnum())
