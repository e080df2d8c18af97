"""Locks: tokens are kept as digests, good for what they were made for, and revoked for good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.service.tokens import Scope, Tokens
from relay.storage.contract import StorageFailed
from support.clock import ManualClock
from support.documents import DocumentsInMemory

OPERATOR = "cto_0123456789_the-operators-own"


@pytest.fixture
def store() -> DocumentsInMemory:
    return DocumentsInMemory()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def tokens(store: DocumentsInMemory, clock: ManualClock) -> Tokens:
    return Tokens(store, clock, OPERATOR)


async def test_a_token_is_known_by_its_text_and_by_nothing_less(tokens: Tokens):
    token, text = await tokens.create(Scope.PUBLISH, "room", "ci")
    assert tokens.grant(text) == token
    assert (token.scope, token.room, token.name) == (Scope.PUBLISH, "room", "ci")
    for other in (
        "",
        "_",
        "__",
        text[:-1],
        text + "x",
        text.upper(),
        f"ctp_{token.id}_",
        f"cth_{text[4:]}",
        token.id,
    ):
        assert tokens.grant(other) is None


@given(st.text())
def test_anything_else_is_no_token_and_no_crash(text: str):
    tokens = Tokens(DocumentsInMemory(), ManualClock(), OPERATOR)
    assert tokens.grant(text) is None
    assert not tokens.is_operator(text)


async def test_only_digests_are_kept(tokens: Tokens, store: DocumentsInMemory):
    _, text = await tokens.create(Scope.HOST, "room", "")
    assert text not in store.text
    # The secret itself may hold underscores, so it is what follows the second one.
    assert text.split("_", 2)[2] not in store.text
    assert OPERATOR not in store.text
    assert text not in repr(tokens.list())


async def test_tokens_survive_a_restart(tokens: Tokens, store: DocumentsInMemory, clock: ManualClock):
    token, text = await tokens.create(Scope.HOST, "room", "n")
    again = Tokens(store, clock, OPERATOR)
    assert again.grant(text) is None
    await again.load()
    assert again.grant(text) == token


async def test_a_revoked_token_is_none_and_stays_so(
    tokens: Tokens, store: DocumentsInMemory, clock: ManualClock
):
    token, text = await tokens.create(Scope.PUBLISH, "room", "")
    revoked = await tokens.revoke(token.id)
    assert revoked is not None
    assert revoked.revoked
    assert tokens.grant(text) is None
    assert tokens.revoked(token.id)
    assert [listed.revoked for listed in tokens.list()] == [True]
    again = Tokens(store, clock, OPERATOR)
    await again.load()
    assert again.grant(text) is None


async def test_a_host_revokes_the_tokens_of_its_room_only(tokens: Tokens):
    token, text = await tokens.create(Scope.PUBLISH, "room", "")
    viewer = await tokens.register_viewer("Ada")
    assert await tokens.revoke(token.id, "other") is None
    assert await tokens.revoke(viewer.id, "room") is None
    assert await tokens.revoke("missing") is None
    assert tokens.grant(text) is not None
    assert await tokens.revoke(token.id, "room") is not None


async def test_a_viewers_token_grants_nothing_in_a_room(tokens: Tokens):
    viewer = await tokens.register_viewer("Ada")
    for text in (f"ctv_{viewer.id}_", f"ctv_{viewer.id}_{'-' * 64}", f"ctv_{viewer.id}_x"):
        assert tokens.grant(text) is None
    assert not tokens.revoked(viewer.id)
    assert not tokens.revoked("missing")


def test_the_operator_is_known_by_the_whole_token(tokens: Tokens):
    assert tokens.is_operator(OPERATOR)
    for other in ("", OPERATOR[:-1], OPERATOR + " ", "operator"):
        assert not tokens.is_operator(other)
    assert tokens.grant(OPERATOR) is None


async def test_lists_are_by_room_oldest_first_and_show_no_secret(tokens: Tokens, clock: ManualClock):
    made = []
    for room in ("b", "a", "b"):
        made.append(await tokens.create(Scope.PUBLISH, room, "n"))
        clock.advance(1)
    await tokens.register_viewer("Ada")
    assert [token.id for token in tokens.list("b")] == [made[0][0].id, made[2][0].id]
    assert len(tokens.list()) == 4
    public = made[0][0].public()
    assert public == {
        "id": made[0][0].id,
        "scope": "publish",
        "room": "b",
        "name": "n",
        "created": "2026-02-17T12:00:00.000Z",
        "revoked": False,
    }


async def test_what_could_not_be_kept_was_not_made_and_not_revoked(tokens: Tokens, store: DocumentsInMemory):
    token, text = await tokens.create(Scope.PUBLISH, "room", "")
    store.broken = True
    with pytest.raises(StorageFailed):
        await tokens.create(Scope.PUBLISH, "room", "")
    with pytest.raises(StorageFailed):
        await tokens.revoke(token.id)
    assert tokens.list() == [token]
    assert tokens.grant(text) == token
