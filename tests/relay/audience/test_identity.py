"""Locks: a viewer is who a signature says, as long as it says so by the relay's own clock."""

import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relay.audience.identity import NAME_LENGTH, RESUME_S, Identities, Viewer, clean_name
from relay.audience.keyring import KeyRing
from relay.config import AuthConfig
from relay.protocol.errors import Code, Refused
from support.clock import NOON_MS, ManualClock

SECRET = "a shared secret of forty characters, no less"
NOON_S = NOON_MS // 1000
DAY_S = 24 * 3600


class House:
    """A relay's identities, with what they stand on."""

    def __init__(self, key: bytes = b"k" * 32, **auth: Any) -> None:
        self.clock = ManualClock()
        self.revoked: set[str] = set()
        self.ring = KeyRing(AuthConfig(**auth))
        self.ids = Identities(key, self.ring, self.revoked.__contains__, self.clock)

    def viewer_token(self, name: str = "Ada", *, verified: bool = False, lifetime_s: int = DAY_S) -> str:
        return self.ids.mint_viewer(name, verified=verified, token_id="t1", lifetime_s=lifetime_s)

    def read(self, token: str, room: str = "room") -> Viewer:
        viewer = self.ids.read(token, room)
        assert isinstance(viewer, Viewer), viewer
        return viewer

    def refusal(self, token: str, room: str = "room") -> str:
        refused = self.ids.read(token, room)
        assert isinstance(refused, Refused), refused
        assert refused.code is Code.AUTH_INVALID
        return refused.message


@pytest.fixture
def house() -> House:
    return House()


def issued(**claims: Any) -> str:
    """Return a token of the operator's own issuer."""
    return jwt.encode({"sub": "ada", "exp": NOON_S + 3600, **claims}, SECRET, "HS256")


# -- nobody known ----------------------------------------------------------------------------------


def test_every_anonymous_viewer_is_new_and_unguessable(house: House):
    viewers = [house.ids.anonymous() for _ in range(2000)]
    ids = [house.ids.spectator_id("room", viewer) for viewer in viewers]
    assert len(set(ids)) == 2000
    assert all(id.startswith("anon_") and len(id) >= 5 + 13 for id in ids)  # 13 letters of base 32: 65 bits
    assert sorted(ids) != ids


def test_an_id_is_the_same_at_each_visit_and_unrelated_in_other_rooms_and_relays(house: House):
    viewer = house.ids.anonymous()
    assert house.ids.spectator_id("room", viewer) == house.ids.spectator_id("room", viewer)
    elsewhere = {house.ids.spectator_id(room, viewer) for room in ("room", "other")}
    elsewhere.add(House(b"other" * 7).ids.spectator_id("room", viewer))
    assert len(elsewhere) == 3


def test_an_id_tells_nothing_of_the_subject(house: House):
    viewer = house.read(house.viewer_token())
    assert viewer.subject not in house.ids.spectator_id("room", viewer)
    assert "ada" not in house.ids.keyed("room", "ada")


def test_stored_digests_are_kept_apart_from_ids_and_by_room(house: House):
    viewer = Viewer("x", "anonymous")
    keyed = house.ids.keyed("room", "x")
    assert keyed != house.ids.keyed("other", "x")
    assert base64.b32encode(bytes.fromhex(keyed)[:10]).decode().lower() not in house.ids.spectator_id(
        "room", viewer
    )


# -- this relay's own tokens -----------------------------------------------------------------------


def test_a_viewer_token_says_who_and_how_well_known(house: House):
    viewer = house.read(house.viewer_token("  Ada\x1b[31m  Lovelace "))
    assert (viewer.state, viewer.token_id, viewer.resumed) == ("registered", "t1", False)
    assert viewer.name.startswith("Ada")
    assert "\x1b" not in viewer.name
    assert house.read(house.viewer_token(verified=True)).state == "verified"


def test_a_viewer_token_ends_by_the_relays_clock(house: House):
    token = house.viewer_token(lifetime_s=3600)
    house.clock.advance(3599)
    assert house.read(token).expires_s == NOON_S + 3600
    house.clock.advance(1)
    assert "expired" in house.refusal(token)


def test_the_machines_own_clock_has_no_say(house: House):
    house.clock.step_calendar(-20 * 365 * DAY_S)
    token = house.viewer_token(lifetime_s=60)
    assert house.read(token).state == "registered"
    house.clock.step_calendar(60 * 365 * DAY_S)
    assert house.read(house.viewer_token(lifetime_s=60)).state == "registered"
    assert "expired" in house.refusal(token)


def test_a_revoked_token_is_refused_and_so_is_what_was_resumed_from_it(house: House):
    token = house.viewer_token()
    resume = house.ids.mint_resume("room", house.read(token), "Ada")
    assert house.read(resume).resumed
    house.revoked.add("t1")
    assert "revoked" in house.refusal(token)
    assert "revoked" in house.refusal(resume)


def test_another_relays_token_is_refused(house: House):
    assert house.refusal(House(b"o" * 32).viewer_token()) == ""


# -- resume tokens ---------------------------------------------------------------------------------


def test_a_resume_keeps_id_state_and_name(house: House):
    for viewer in (house.ids.anonymous(), house.read(house.viewer_token(verified=True))):
        back = house.read(house.ids.mint_resume("room", viewer, "Zoe"))
        assert back.resumed
        assert (back.subject, back.state, back.token_id) == (viewer.subject, viewer.state, viewer.token_id)
        assert back.name == (viewer.name or "Zoe")
        assert house.ids.spectator_id("room", back) == house.ids.spectator_id("room", viewer)


def test_older_resume_tokens_stay_good_until_they_end(house: House):
    viewer = house.ids.anonymous()
    first = house.ids.mint_resume("room", viewer, "")
    house.clock.advance(RESUME_S - 1)
    second = house.ids.mint_resume("room", house.read(first), "")
    assert house.read(first).subject == house.read(second).subject
    house.clock.advance(1)
    assert "expired" in house.refusal(first)
    house.read(second)


def test_a_resume_token_is_for_one_room(house: House):
    resume = house.ids.mint_resume("room", house.ids.anonymous(), "")
    assert "another room" in house.refusal(resume, "other")


def test_a_resume_does_not_outlive_the_token_it_came_from(house: House):
    viewer = house.read(house.viewer_token(lifetime_s=60))
    resume = house.ids.mint_resume("room", viewer, "")
    house.clock.advance(59)
    assert house.read(resume).expires_s == viewer.expires_s
    house.clock.advance(1)
    assert "expired" in house.refusal(resume)


def test_the_kinds_of_token_cannot_stand_for_one_another(house: House):
    """Each use has a key of its own: a claim that says otherwise changes nothing."""
    for token in (house.viewer_token(), house.ids.mint_resume("room", house.ids.anonymous(), "")):
        head, body, signature = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(body + "=="))
        for audience in ("clawtank-viewer", "clawtank-resume", "other", None, ["clawtank-resume"]):
            if audience == claims["aud"]:
                continue
            changed = json.dumps({**claims, "aud": audience, "iss": "clawtank-relay"}).encode()
            body = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
            house.refusal(f"{head}.{body}.{signature}")


def test_an_issuer_cannot_make_this_relays_own_tokens():
    house = House(secret=SECRET)
    claims = {"room": "room", "st": "verified", "name": "x", "jti": "", "tx": 0}
    for audience in ("clawtank-resume", "clawtank-viewer"):
        house.refusal(issued(**claims, aud=audience, iss="clawtank-relay"))


# -- another issuer's tokens -----------------------------------------------------------------------


def test_an_issuers_token_registers_its_subject():
    house = House(secret=SECRET)
    viewer = house.read(issued(name="Ada", iss="https://id.example", jti="j"))
    assert (viewer.state, viewer.name, viewer.token_id) == ("registered", "Ada", "j")
    assert house.read(issued(preferred_username="ada")).name == "ada"
    assert house.read(issued()).name == "viewer"
    assert house.read(issued(verified=True)).state == "verified"
    assert house.read(issued(verified="yes")).state == "registered"
    house.revoked.add("j")
    house.refusal(issued(jti="j"))


def test_equal_subjects_of_different_issuers_are_different_viewers():
    house = House(secret=SECRET)
    subjects = {house.read(issued(iss=issuer)).subject for issuer in ("https://a", "https://b")}
    assert len(subjects) == 2


@pytest.mark.parametrize("sub", [None, "", 7, [], {}])
def test_a_token_without_a_subject_is_refused(sub: Any):
    # PyJWT would not sign some of these; others do.
    house = House(secret=SECRET)
    claims = {"exp": NOON_S + 60} | ({} if sub is None else {"sub": sub})
    payload = json.dumps(claims).encode()
    house.refusal(jwt.PyJWS().encode(payload, SECRET, "HS256"))


@pytest.mark.parametrize(("leeway_s", "late_s", "good"), [(60, 59, True), (60, 60, False), (0, 0, False)])
def test_an_issuers_clock_may_differ_by_the_leeway(leeway_s: int, late_s: int, good: bool):
    house = House(secret=SECRET, leeway_s=leeway_s)
    house.clock.advance(late_s)
    answer = house.ids.read(issued(exp=NOON_S), "room")
    assert isinstance(answer, Viewer) is good


def test_who_was_let_in_within_the_leeway_is_not_thrown_out_at_once():
    house = House(secret=SECRET, leeway_s=60)
    house.clock.advance(30)
    viewer = house.read(issued(exp=NOON_S))
    assert viewer.expires_s * 1000 > house.clock.now_ms()
    house.read(house.ids.mint_resume("room", viewer, ""))


def test_a_token_from_the_future_waits_for_its_time():
    house = House(secret=SECRET, leeway_s=10)
    for claim in ("nbf", "iat"):
        assert "not valid yet" in house.refusal(issued(**{claim: NOON_S + 11}))
        house.read(issued(**{claim: NOON_S + 10}))


@pytest.mark.parametrize("exp", [None, "soon", True, [], 1e400])
def test_a_token_must_say_when_it_ends(exp: Any):
    house = House(secret=SECRET)
    payload = json.dumps({"sub": "ada"} | ({} if exp is None else {"exp": exp})).encode()
    house.refusal(jwt.PyJWS().encode(payload, SECRET, "HS256"))


def test_a_subject_that_no_encoding_takes_still_has_an_id():
    house = House(secret=SECRET)
    viewer = house.read(issued(sub="\ud800"))
    assert house.ids.spectator_id("room", viewer).startswith("user_")


# -- anything at all -------------------------------------------------------------------------------


def encoded(*parts: str) -> str:
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)


NESTED = '{"a":' + "[" * 3000 + "]" * 3000 + "}"
HOUSE = House(secret=SECRET)


@given(st.text() | st.builds(encoded, st.text(), st.text(), st.text()))
@example("")
@example("..")
@example("a.b\ud800.c")
@example("é.é.é")
@example("\x00" * 20)
@example(encoded('{"alg":"HS256"}', NESTED, "x"))
@example(encoded(NESTED, "{}", "x"))
@example(encoded('{"alg":"HS256"}', '{"exp":%s}' % ("9" * 5000), "x"))
@example(encoded('{"alg":"HS256"}', '{"aud":"clawtank-resume"}', "x"))
@example(encoded('{"alg":"HS256"}', '["aud"]', "x"))
@example(encoded('{"alg":"HS256","crit":["b64"],"b64":false}', "{}", "x"))
def test_whatever_is_presented_is_refused_and_nothing_breaks(token: str):
    HOUSE.refusal(token)


@given(st.text())
def test_a_name_is_one_safe_line_of_bounded_length(name: str):
    cleaned = clean_name(name)
    assert len(cleaned) <= NAME_LENGTH
    assert cleaned == " ".join(cleaned.split())
    assert clean_name(cleaned) == cleaned
