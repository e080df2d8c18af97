"""Locks: who vouches for a delivery, how a body is read, and that a status is told only when it changes."""

import hashlib
import hmac
import json
from urllib.parse import quote_plus

import pytest
from starlette.datastructures import Headers

from relay.gateway.hooks import NOTHING, is_signed, read, token_of, without_repeats
from relay.protocol.envelope import BadMessage
from relay.screen.screen import Hidden, screen
from relay.sources.lines import BadItem

SECRET = "5f" * 16
BODY = b'{"zen": "Keep it logically awesome."}'
SIGNATURE = "sha256=" + hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()


def signed(source, body=BODY, **headers):
    return is_signed(
        source, Headers({name.replace("_", "-"): value for name, value in headers.items()}), body, SECRET
    )


def test_github_signs_the_body_with_the_secret():
    assert signed("github", x_hub_signature_256=SIGNATURE)
    assert not signed("github", BODY + b" ", x_hub_signature_256=SIGNATURE)
    assert not signed("github", x_hub_signature_256=SIGNATURE[:-1] + "x")
    assert not signed("github", x_hub_signature_256=SIGNATURE.removeprefix("sha256="))
    assert not signed("github", x_hub_signature_256="\xe9")
    assert not signed("github", x_hub_signature="sha1=" + hmac.new(SECRET.encode(), BODY, "sha1").hexdigest())
    assert not signed("github")


def test_gitlab_sends_the_secret_or_a_token():
    assert signed("gitlab", x_gitlab_token=SECRET)
    assert not signed("gitlab", x_gitlab_token="ctp_x_y")
    assert not signed("gitlab", x_gitlab_token="")
    assert token_of("gitlab", Headers({"X-Gitlab-Token": "ctp_x_y"})) == "ctp_x_y"
    assert token_of("github", Headers({"X-Gitlab-Token": "ctp_x_y"})) == ""


@pytest.mark.parametrize("source", ["claude-code", "codex", "gemini"])
def test_an_agent_has_no_secret_of_its_own(source):
    assert not signed(source, x_gitlab_token=SECRET, x_hub_signature_256=SIGNATURE)


RELEASE = json.dumps({"action": "published", "release": {"id": 1, "name": "One & a half"}})
EVENT = Headers({"X-GitHub-Event": "release", "X-GitHub-Delivery": "d"})


def test_github_may_wrap_its_json_in_a_form():
    form = Headers({**EVENT, "content-type": "application/x-www-form-urlencoded"})
    plain = read("github", EVENT, {}, RELEASE.encode())
    assert read("github", form, {}, b"payload=" + quote_plus(RELEASE).encode()) == plain
    assert plain[0]["title"] == "Released One & a half"


@pytest.mark.parametrize("body", [b"", b"[]", b"payload=%7B%7D", b"\xff", b"{", b"[" * 5000])
@pytest.mark.parametrize("source", ["github", "gitlab"])
def test_a_body_that_is_no_object_is_refused(source, body):
    with pytest.raises(BadMessage):
        read(source, EVENT, {}, body)


def test_gitlab_names_a_delivery_in_either_header():
    body = json.dumps({"object_kind": "release", "action": "create", "name": "One"}).encode()
    old = read("gitlab", Headers({"X-Gitlab-Event-UUID": "u"}), {}, body)
    new = read("gitlab", Headers({"X-Gitlab-Event-UUID": "u", "Idempotency-Key": "k"}), {}, body)
    assert (old[0]["id"], new[0]["id"]) == ("gitlab:u", "gitlab:k")


def test_an_agent_may_send_several_lines_and_a_bad_one_spares_its_neighbours():
    body = b'{"type":"turn.started"}\nnonsense\n{"type":"turn.completed"}\n'
    first, bad, last = read("codex", Headers({}), {"agent": "Cody", "owner": "alice"}, body)
    assert (first["agent_name"], first["status"], last["status"]) == ("Cody", "thinking", "idle")
    assert isinstance(bad, BadItem)


def test_a_delivery_with_nothing_to_show_counts_as_hidden():
    assert read("github", Headers({"X-GitHub-Event": "ping"}), {}, BODY) == [NOTHING]
    assert isinstance(screen(NOTHING, 0), Hidden)


def test_a_status_is_told_when_it_changes():
    def told(*words, agent="Claude"):
        return [{"type": "agent.status_change", "agent_name": agent, "status": word} for word in words]

    known = {"Claude": "executing"}
    assert without_repeats(told("executing"), known) == [NOTHING]
    assert without_repeats(told("executing", "idle", "idle", "executing"), known) == told("idle", "executing")
    assert without_repeats(told("executing", agent="Cody"), known) == told("executing", agent="Cody")
    joined = [{"type": "agent.joined", "agent_name": "Claude"}, BadItem(0, "x")]
    assert without_repeats(joined, known) == joined
