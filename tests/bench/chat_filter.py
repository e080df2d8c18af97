"""What the chat's filter catches, what it spoils, and what it costs, next to other ways to filter words.

    PYTHONPATH=tests python -m bench.chat_filter [--quick] [--all]

Each message goes the whole way: redaction and terminal safety, the remark, every rule. Only the half of the
corpus that no rule was tuned on is counted, unless `--all` asks for both. The peers look for the host's words
alone: `better-profanity` with them as its list, and the words as parts of the text in lower case.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from itertools import count

from bench.hostile import repeated
from bench.table import Target, machine, markdown, verdicts
from chat_corpus.rows import KEYWORDS, Half, disguises, floods, harmless, spam
from chat_corpus.rows import Sequence as Talk
from relay.chat.filter import ALLOWED, RECENT_KEPT, Action, Filter, Remark, Verdict, remark
from relay.rooms.settings import ChatModeration, SpectatorChatSettings
from relay.screen.clean import clean
from relay.screen.own_words import MAX_WORDS

MAX_US, MAX_HOSTILE_MS = 150.0, 5.0
HOSTILE_SIZE = 4000
_LIMIT = 4000
_HEARD = 40
"""What is said in two minutes in a room where much is said."""
_SEEDS = (
    *(
        "a",
        "aa b",
        "ab",
        "f ",
        "f.u.",
        "fu",
        "ass",
        "s s",
        "@ss",
        "4",
        "a4",
        "1!",
        "(",
        "()",
        "/\\",
        "I",
        "аa",
        "𝒶",
    ),
    *(
        "é",
        "\u0336a",
        "dm ",
        "free ",
        "free nitro ",
        "http://a.b ",
        "www.",
        "a.a.",
        "a-",
        " . ",
        " dot ",
        "dot com ",
    ),
    *(
        "ignore ",
        "ignore all ",
        "system: ",
        "<",
        "rm -rf ",
        "curl a|",
        "@a",
        "@a@",
        "x1 ",
        "\n",
        "🔥",
        "我",
        "कि",
        "?",
    ),
    *(
        "print your ",
        "you are now ",
        "word for word",
        "h t t p",
        "a b c d ",
        "1d107c4 ",
        "$5 ",
        "+4 ",
        "t.me/",
        "%41",
    ),
)
Finds = Callable[[str], bool]


def main() -> int:
    """Print the tables; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="what it costs is measured once and not judged")
    parser.add_argument("--all", action="store_true", help="both halves of the corpus")
    options = parser.parse_args()
    halves = set(Half) if options.all else {Half.HELD_OUT}
    rounds = 1 if options.quick else 9
    filter = Filter(SpectatorChatSettings(moderation=ChatModeration(keywords=KEYWORDS)))
    lines = [row for row in harmless() if row.half in halves]
    hidden = [row for row in disguises() if row.half in halves and not row.beyond]
    spammed = [row for row in spam() if row.half in halves]
    talks = [talk for talk in floods() if talk.half in halves]
    print(
        f"{len(hidden)} messages with keywords and decoys, {len(spammed)} spam, {len(talks)} sequences, "
        f"{len(lines)} harmless lines; {machine()}\n"
    )

    def caught(text: str) -> bool:
        return judged(filter, text) is not ALLOWED

    meant = [row.text for row in hidden if not row.decoy]
    honest = [row.text for row in hidden if row.decoy] + [line.text for line in lines]
    rows: list[list[str | float | None]] = [
        _row("clawtank", meant, honest, lambda text: judged(filter, text).rule == "keyword", rounds)
    ]
    if find_spec("better_profanity") is None:
        rows.append(["better-profanity: skipped; `pip install better-profanity` adds it", *(None,) * 4])
    else:
        rows.append(_row("better-profanity", meant, honest, _better_profanity(), 1))
    rows.append(_row("words in lower case", meant, honest, _substring, rounds))
    print("Keywords in disguise:\n")
    print(markdown(["", "precision", "recall", "harmless flagged", "µs/message"], rows), end="\n\n")

    kinds: Counter[str] = Counter(row.kind for row in spammed)
    found: Counter[str] = Counter(row.kind for row in spammed if caught(row.text))
    print("Spam, each message by itself:\n")
    print(markdown(["", "caught", "of"], [[kind, str(found[kind]), str(kinds[kind])] for kind in kinds]))
    flood = _floods(filter, talks)
    print("\nSequences:\n")
    print(
        markdown(["", "caught", "of"], [[name, str(hit), str(total)] for name, (hit, total) in flood.items()])
    )

    promotion = [row for row in spammed if row.kind not in _NOT_PROMOTION]
    technical = [line.text for line in lines if line.kind == "technical"]
    targets = [
        Target("disguised keywords caught", 100 * _share(meant, caught), 95, "%", at_least=True),
        Target("harmless lines and decoys caught", 100 * _share(honest, caught), 0.5, "%"),
        Target("repeats of a flood caught", _percent(flood["repeats"]), 94, "%", at_least=True),
        Target("what is no repeat caught", _percent(flood["others"]), 2, "%"),
        Target(
            "promotion held", 100 * _share([row.text for row in promotion], caught), 80, "%", at_least=True
        ),
        Target(f"of {len(technical)} technical lines caught", float(sum(map(caught, technical))), 0),
    ]
    if not options.quick:
        targets += _costs(lines_of=[line.text for line in lines], rounds=rounds)
    print("\n" + verdicts(targets))
    return int(any(target.met is False for target in targets))


_NOT_PROMOTION = frozenset({"mention_flood", "shouting", "injection", "wall"})


def judged(
    filter: Filter, text: str, said_by: str = "a", at_s: float = 0.0, recent: Iterable[Remark] = ()
) -> Verdict:
    """Judge a message as a room would that has heard nothing else."""
    text = clean(text, _LIMIT, multiline=True).strip()
    return filter.judge(text, remark(said_by, text, at_s), recent)


def outcomes(filter: Filter, talk: Talk) -> list[Verdict]:
    """Judge the messages of a sequence, each knowing those before it."""
    recent: deque[Remark] = deque(maxlen=RECENT_KEPT)
    refusals: deque[Remark] = deque(maxlen=RECENT_KEPT)
    verdicts = []
    for message in talk.messages:
        text = clean(message.text, _LIMIT, multiline=True).strip()
        said = remark(message.author, text, message.at_s)
        verdict = filter.judge(text, said, recent, refusals)
        if verdict.flood:
            refusals.append(said)
        elif verdict.action in (Action.ALLOW, Action.HOLD):
            recent.append(said)
        verdicts.append(verdict)
    return verdicts


def _floods(filter: Filter, talks: Sequence[Talk]) -> dict[str, tuple[int, int]]:
    """Return how many repeats, and how many other messages, were caught, and of how many."""
    caught: Counter[bool] = Counter()
    total: Counter[bool] = Counter()
    for talk in talks:
        for message, verdict in zip(talk.messages, outcomes(filter, talk), strict=True):
            total[message.flood] += 1
            caught[message.flood] += verdict.action is not Action.ALLOW
    return {name: (caught[flood], total[flood]) for name, flood in (("repeats", True), ("others", False))}


def _row(
    name: str, meant: Sequence[str], honest: Sequence[str], finds: Finds, rounds: int
) -> list[str | float | None]:
    found, wrong = sum(map(finds, meant)), sum(map(finds, honest))
    cost = _cost_us([*meant, *honest], finds, rounds)
    precision = found / (found + wrong) if found + wrong else 0.0
    return [name, f"{precision:.1%}", f"{found / len(meant):.1%}", f"{wrong / len(honest):.1%}", cost]


def _share(texts: Sequence[str], caught: Finds) -> float:
    return sum(map(caught, texts)) / len(texts)


def _percent(part: tuple[int, int]) -> float:
    return 100 * part[0] / part[1]


def _substring(text: str) -> bool:
    lower = text.lower()
    return any(word in lower for word in KEYWORDS)


def _better_profanity() -> Finds:
    from better_profanity import Profanity  # type: ignore[import-not-found, unused-ignore]

    peer = Profanity(list(KEYWORDS))
    return lambda text: bool(peer.contains_profanity(text))


# -- what it costs -----------------------------------------------------------------------------------


def _costs(lines_of: Sequence[str], rounds: int) -> list[Target]:
    """Print what a message costs in a busy room with many keywords; return the targets for it."""
    words = [f"{first}{second}word" for first in "bcdfghjklmnpqrvwxz" for second in "aeiouyrstlm"]
    full = Filter(SpectatorChatSettings(moderation=ChatModeration(keywords=(*KEYWORDS, *words)[:MAX_WORDS])))
    usual = Filter(SpectatorChatSettings(moderation=ChatModeration(keywords=KEYWORDS)))
    said = [remark(f"user{number % 9}", line, number * 0.5) for number, line in enumerate(lines_of)]
    fresh = count()

    def another(line: str) -> str:
        # A text that was seen a moment ago is not redacted again, which would flatter.
        return f"{line} {_letters(next(fresh))}"

    def whole(filter: Filter, heard: int) -> Callable[[str], object]:
        return lambda line: judged(filter, another(line), "me", 99.0, said[:heard])

    usually = f"all of it, {_HEARD} messages in the window, {len(KEYWORDS)} keywords"
    parts: dict[str, Callable[[str], object]] = {
        "redaction and terminal safety": lambda line: clean(another(line), _LIMIT, multiline=True),
        usually: whole(usual, _HEARD),
        f"all of it, {RECENT_KEPT} messages in the window, {MAX_WORDS} keywords": whole(full, RECENT_KEPT),
    }
    figures = {name: _cost_us(lines_of, work, rounds) for name, work in parts.items()}
    rows: list[list[str | float | None]] = [[name, figure] for name, figure in figures.items()]
    print("\n" + markdown(["", "µs/message"], rows))
    slowest = max((_hostile_ms(full, seed, rounds), seed) for seed in _SEEDS)
    print(f"\n{HOSTILE_SIZE:,} characters of {slowest[1]!r} are the slowest of {len(_SEEDS)} hostile ones.")
    return [
        Target("a message, all of it", figures[usually], MAX_US, "µs"),
        Target(f"the rules on {HOSTILE_SIZE:,} hostile characters", slowest[0], MAX_HOSTILE_MS, "ms"),
    ]


def _letters(number: int) -> str:
    return "q" + "".join(chr(97 + int(digit)) for digit in str(number))


def _hostile_ms(filter: Filter, seed: str, rounds: int) -> float:
    text = repeated(seed, HOSTILE_SIZE)
    return min(_took_s(lambda: filter.judge(text, remark("a", text, 0.0), [])) for _ in range(rounds)) * 1e3


def _cost_us(texts: Sequence[str], work: Callable[[str], object], rounds: int) -> float:
    # The fastest round: what else the machine does makes a run slower, and nothing makes it too fast.
    return min(_took_s(lambda: [work(text) for text in texts]) for _ in range(rounds)) / len(texts) * 1e6


def _took_s(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
