"""What a message costs the chat's filter: in rooms of several kinds, next to others, and at its worst.

Each message that is timed is a new text, with a word in it that no other has: what redaction found in a text
is remembered for a while, and would flatter. A figure is that of the fastest round, because what else the
machine does makes a run slower and nothing makes it too fast; a ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count, product

from bench.hostile import repeated
from bench.table import Target, markdown, ratio
from chat_corpus.rows import KEYWORDS, harmless, spam
from chat_corpus.score import Room, talk
from relay.chat.channel import read_message
from relay.chat.filter import RECENT_KEPT, Filter, Remark, remark
from relay.protocol.errors import Refused
from relay.rooms.settings import ChatModeration, SpectatorChatSettings
from relay.screen.own_words import MAX_WORDS

MAX_AVERAGE_US, MAX_HOSTILE_MS = 150.0, 5.0
Messages = Sequence[tuple[str, str, float]]
"""Author, text and time of each."""
_SPAM_SHARE = 10
"""One in so many messages of the timed talk is spam."""
_LIVELY, _BUSY = 20 / 60, 10.0
"""Messages a second; with the second, each has as many to be compared with as the filter remembers."""
_HOSTILE_SIZE = 4000
_SEEDS = (
    *("a", "aa b", "ab", "f ", "f.u.", "fu", "ass", "s s", "@ss", "4", "a4", "1!", "(", "()", "/\\", "I"),
    *("аa", "𝒶", "é", "\u0336a", "?", "\n", "🔥", "我", "कि", "\u200b", "a\u00ad", "ｗ", "badwor", "b.a.d."),
    *("dm ", "free ", "free nitro ", "http://a.b ", "www.", "a.a.", "a-", " . ", " dot ", "dot com "),
    *("h t t p", "a b c d ", "1d107c4 ", "$5 ", "+4 ", "t.me/", "%41", "@a", "@a@", "x1 ", "follow "),
    *("ignore ", "ignore all ", "system: ", "<", "rm -rf ", "curl a|", "print your ", "you are now "),
    "word for word",
)
"""What the rules look for, or nearly."""


def settings(keywords: Sequence[str] = KEYWORDS) -> SpectatorChatSettings:
    """Return those of an interactive chat with keywords."""
    return SpectatorChatSettings(moderation=ChatModeration(keywords=tuple(keywords)))


def costs(peers: Mapping[str, Callable[[], Room]], rounds: int) -> tuple[str, list[Target]]:
    """Return the table of what a message costs, and the targets for it."""
    said = [line.text for line in harmless()]
    said += [line.text for line in spam()][: len(said) // _SPAM_SHARE]
    usual, full = settings(), settings([*KEYWORDS, *_words()][:MAX_WORDS])
    lively = f"the whole way, 20 messages a minute, {len(KEYWORDS)} keywords"
    busy = f"the whole way, 10 messages a second, {len(KEYWORDS)} keywords"
    ways: dict[str, Callable[[Messages], object]] = {
        lively: partial(_whole_way, settings=usual, per_second=_LIVELY),
        busy: partial(_whole_way, settings=usual, per_second=_BUSY),
        f"the whole way, 10 messages a second, {MAX_WORDS} keywords": partial(
            _whole_way, settings=full, per_second=_BUSY
        ),
        "reading and redaction alone": partial(_read, settings=usual),
        **{name: partial(_ask, room=room()) for name, room in peers.items()},
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    numbers = count()
    for _ in range(rounds):
        for name, way in ways.items():
            messages = talk(f"{text} {_word(next(numbers))}" for text in said)
            took[name].append(_took_s(partial(way, messages)) / len(said) * 1e6)
    rows: list[list[str | float | None]] = [
        [name, min(each), *(ratio(each, took[peer]) for peer in peers)] for name, each in took.items()
    ]
    head = [f"{len(said)} messages, rounds: {rounds}", "µs/message", *(f"× {peer}" for peer in peers)]
    hostile, seed = _worst(full, rounds)
    return markdown(head, rows), [
        Target("a message, the whole way, in a lively room", min(took[lively]), MAX_AVERAGE_US, "µs"),
        Target("the same in a busy room", min(took[busy]), MAX_AVERAGE_US, "µs"),
        Target(
            f"the worst of {len(_SEEDS)} hostile strings, {seed!r} for {_HOSTILE_SIZE:,} characters",
            hostile,
            MAX_HOSTILE_MS,
            "ms",
        ),
    ]


def _words() -> Iterator[str]:
    for first, second in product("bcdfghjklmnpqrvwxz", "aeiouyrstlm"):
        yield f"{first}{second}word"


def _word(number: int) -> str:
    """Return a word of small letters that no other number has."""
    letters = ""
    while number or not letters:
        number, letter = divmod(number, 26)
        letters += "etaoinshrdlucmfwypvbgkjqxz"[letter]
    return letters


def _whole_way(messages: Messages, settings: SpectatorChatSettings, per_second: float) -> None:
    """Read and judge each message in a room where so much is said."""
    judge, recent = Filter(settings).judge, deque[Remark](maxlen=RECENT_KEPT)
    for number, (author, text, _) in enumerate(messages):
        read = read_message({"message": text}, settings)
        if not isinstance(read, Refused):
            said = remark(author, read, number / per_second)
            judge(read, said, recent, ())
            recent.append(said)


def _read(messages: Messages, settings: SpectatorChatSettings) -> None:
    for _, text, _ in messages:
        read_message({"message": text}, settings)


def _ask(messages: Messages, room: Room) -> None:
    for author, text, at_s in messages:
        room.stops(author, text, at_s)


def _worst(settings: SpectatorChatSettings, rounds: int) -> tuple[float, str]:
    """Return what the slowest of the hostile strings takes, in milliseconds, and of what it consists."""
    judge = Filter(settings).judge

    def least_ms(text: str) -> float:
        return min(_took_s(lambda: judge(text, remark("a", text, 0.0), ())) for _ in range(rounds)) * 1e3

    return max((least_ms(repeated(seed, _HOSTILE_SIZE)), seed) for seed in _SEEDS)


def _took_s(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
