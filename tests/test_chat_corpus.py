"""Locks: the corpus is labelled, its halves share nothing, and nobody's addresses are in it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain

import pytest

from chat_corpus import disguise, flood
from chat_corpus.rows import KEYWORDS, Half, disguises, floods, half_of, harmless, spam

HONEST_HOSTS = {
    "crates.io",
    "developer.mozilla.org",
    "docs.python.org",
    "docs.rs",
    "en.wikipedia.org",
    "github.com",
    "go.dev",
    "man7.org",
    "nodejs.org",
    "peps.python.org",
    "pypi.org",
    "stackoverflow.com",
    "www.npmjs.com",
    "www.rfc-editor.org",
}
"""What people link to who write programs; everything else stays within what is reserved for examples."""
PLATFORMS = {"chat.whatsapp.com", "discord.gg", "t.me", "twitch.tv"}
"""Where spam invites to; what follows says that it is no invitation."""
RESERVED = re.compile(
    r"(?:.+\.)?(?:example|test|invalid|example\.(?:com|net|org)|localhost)|127\.0\.0\.1|\[::1\]"
    r"|192\.0\.2\.\d+|203\.0\.113\.\d+"
)
HOST = re.compile(r"\b(?:https?|wss?)://(\[[0-9a-f:]+\]|[\w.-]*\w)")


def test_there_is_enough_of_each():
    kinds = Counter(line.kind for line in harmless())
    assert kinds["technical"] >= 250
    assert sum(kinds.values()) >= 550
    assert len(spam()) >= 320
    assert sum(not row.decoy and not row.beyond for row in disguises()) >= 180
    assert sum(any(said.flood for said in sequence.messages) for sequence in floods()) >= 300


def test_an_id_names_one_row_and_decides_its_half():
    rows = [*harmless(), *spam(), *disguises(), *floods()]
    assert [id for id, times in Counter(row.id for row in rows).items() if times > 1] == []
    assert [row.id for row in rows if row.half is not half_of(row.id)] == []
    for file in (harmless(), spam(), disguises(), floods()):
        held_out = sum(row.half is Half.HELD_OUT for row in file)
        assert 0.4 < held_out / len(file) < 0.6


def test_no_message_is_there_twice():
    for lines in (harmless(), spam()):
        times = Counter(line.text.casefold() for line in lines)
        # «LOL» and «lol» are two things to say.
        assert max(times.values()) <= 3
        assert max(Counter(line.text for line in lines).values()) == 1


def test_the_halves_of_the_floods_share_no_flooded_text():
    begun: dict[Half, set[str]] = {half: set() for half in Half}
    for sequence in floods():
        flooders = {said.author for said in sequence.messages if said.flood}
        begun[sequence.half] |= {said.text for said in sequence.messages if said.author in flooders}
    assert begun[Half.TUNE] & begun[Half.HELD_OUT] == set()


def test_no_harmless_line_has_a_keyword_in_it():
    whole = re.compile(rf"\b(?:{'|'.join(KEYWORDS)})\b", re.IGNORECASE)
    lines = chain((line.text for line in harmless()), (row.text for row in disguises() if row.decoy))
    assert [text for text in lines if whole.search(text)] == []


def test_every_keyword_is_disguised_and_imitated():
    assert {row.word for row in disguises() if not row.decoy} == set(KEYWORDS)
    assert {row.word for row in disguises() if row.decoy} == set(KEYWORDS)


def test_sequences_go_forward_and_begin_with_nothing_to_repeat():
    for sequence in floods():
        times = [said.at_s for said in sequence.messages]
        assert times == sorted(times), sequence.id
        assert not sequence.messages[0].flood, sequence.id


def test_links_lead_nowhere_or_to_where_programmers_go():
    texts = [line.text for line in (*harmless(), *spam())]
    texts += [said.text for sequence in floods() for said in sequence.messages]
    hosts = {host for text in texts for host in HOST.findall(text)}
    assert {host for host in hosts - HONEST_HOSTS - PLATFORMS if not RESERVED.fullmatch(host)} == set()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_makes_the_same_rows_and_another_one_others(seed: int):
    assert list(disguise.made(seed)) == list(disguise.made(seed)) != list(disguise.made(seed + 1))
    assert list(flood.made(seed)) == list(flood.made(seed)) != list(flood.made(seed + 1))
