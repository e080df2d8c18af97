"""Locks: each key verifies what it may and nothing else, whatever a token says of itself."""

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from relay.audience.keyring import BadKeys, KeyRing
from relay.config import AuthConfig

SECRET = "a shared secret of forty characters, no less"
CLAIMS = {"sub": "alice", "exp": 4_000_000_000}


@dataclass(frozen=True)
class Pair:
    """A key pair of an issuer."""

    algorithm: str
    private: Any

    @property
    def pem(self) -> str:
        """The public half as PEM."""
        public = self.private.public_key()
        return str(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())

    def jwk(self, **more: str) -> dict[str, Any]:
        """The public half as a JSON Web Key."""
        kinds: dict[str, Any] = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}
        written: dict[str, Any] = json.loads(kinds[self.algorithm].to_jwk(self.private.public_key()))
        return written | more

    def sign(self, claims: dict[str, Any] = CLAIMS, *, kid: str = "", algorithm: str = "") -> str:
        """Return a token."""
        headers = {"kid": kid} if kid else None
        return jwt.encode(claims, self.private, algorithm or self.algorithm, headers=headers)


RSA, OTHER_RSA = (Pair("RS256", rsa.generate_private_key(public_exponent=65537, key_size=2048)) for _ in "ab")
EC = Pair("ES256", ec.generate_private_key(ec.SECP256R1()))
ED = Pair("EdDSA", ed25519.Ed25519PrivateKey.generate())
PAIRS = [RSA, EC, ED]


@pytest.fixture
def ring(tmp_path: Path) -> Callable[..., KeyRing]:
    def make(keys: str | dict[str, Any] = "", **auth: Any) -> KeyRing:
        if keys:
            auth["keys_file"] = tmp_path / "keys"
            auth["keys_file"].write_text(keys if isinstance(keys, str) else json.dumps(keys))
        return KeyRing(AuthConfig(**auth))

    return make


Ring = Callable[..., KeyRing]


def refused(ring: KeyRing, token: str) -> bool:
    """Say whether a token is refused; any other failure is a crash and passes through."""
    try:
        ring.decode(token)
    except jwt.PyJWTError:
        return True
    return False


def forged(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"x") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


# -- the ways a key comes --------------------------------------------------------------------------


def test_a_shared_secret_verifies_its_tokens_and_no_others(ring: Ring):
    keys = ring(secret=SECRET)
    assert keys.decode(jwt.encode(CLAIMS, SECRET, "HS256")) == CLAIMS
    assert refused(keys, jwt.encode(CLAIMS, SECRET[::-1], "HS256"))
    assert all(refused(keys, pair.sign()) for pair in PAIRS)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.algorithm)
def test_a_pem_key_verifies_its_own_kind_only(ring: Ring, pair: Pair):
    keys = ring(pair.pem)
    assert keys.decode(pair.sign()) == CLAIMS
    assert all(refused(keys, other.sign()) for other in [*PAIRS, OTHER_RSA] if other is not pair)


def test_an_rsa_key_in_pem_takes_the_algorithms_of_rsa(ring: Ring):
    keys = ring(RSA.pem)
    for algorithm in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"):
        assert keys.decode(RSA.sign(algorithm=algorithm)) == CLAIMS


def test_a_set_verifies_the_tokens_of_each_of_its_keys(ring: Ring):
    keys = ring({"keys": [pair.jwk(kid=pair.algorithm) for pair in PAIRS]})
    for pair in PAIRS:
        assert keys.decode(pair.sign(kid=pair.algorithm)) == CLAIMS
        assert keys.decode(pair.sign()) == CLAIMS  # without a kid each is tried
        assert refused(keys, pair.sign(kid="another"))


def test_a_secret_and_a_file_hold_together(ring: Ring):
    keys = ring(RSA.pem, secret=SECRET)
    assert keys.decode(RSA.sign()) == CLAIMS
    assert keys.decode(jwt.encode(CLAIMS, SECRET, "HS256")) == CLAIMS


def test_two_keys_of_one_kind_are_a_rotation(ring: Ring):
    keys = ring({"keys": [OTHER_RSA.jwk(), RSA.jwk()]})
    assert keys.decode(RSA.sign()) == keys.decode(OTHER_RSA.sign()) == CLAIMS


def test_no_key_verifies_nothing(ring: Ring):
    assert refused(ring(), jwt.encode(CLAIMS, SECRET, "HS256"))


# -- forgeries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.algorithm)
@pytest.mark.parametrize("form", ["pem", "set"])
def test_a_public_key_is_no_shared_secret(ring: Ring, pair: Pair, form: str):
    """The classic confusion: sign with the published key as if it were an HMAC secret."""
    keys = ring(pair.pem) if form == "pem" else ring({"keys": [pair.jwk(kid="k")]})
    public = pair.private.public_key()
    raw = [pair.pem.encode(), pair.pem.strip().encode(), json.dumps(pair.jwk()).encode()]
    raw.append(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    for secret in raw:
        for header in ({"alg": "HS256"}, {"alg": "HS256", "kid": "k"}):
            signing_input = forged(header, CLAIMS).rpartition(".")[0]
            digest = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
                signing_input.encode(), secret
            )
            assert refused(keys, forged(header, CLAIMS, digest))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, "HS256 ", "RS1", 7, ["RS256"]], ids=repr)
def test_no_algorithm_and_made_up_ones_are_refused(ring: Ring, alg: Any):
    for keys in (ring(RSA.pem, secret=SECRET), ring({"keys": [RSA.jwk()]}), ring()):
        for signature in (b"", b"x"):
            assert refused(keys, forged({"alg": alg, "typ": "JWT"}, CLAIMS, signature))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.algorithm)
@pytest.mark.parametrize("alg", ["RS256", "PS512", "ES256", "ES512", "ES256K", "EdDSA", "HS256"])
def test_a_header_that_names_another_algorithm_is_refused_and_no_crash(ring: Ring, pair: Pair, alg: str):
    for keys in (ring(pair.pem), ring({"keys": [pair.jwk()]})):
        assert refused(keys, forged({"alg": alg}, CLAIMS, b"\0" * 64))


@pytest.mark.parametrize("kid", [7, None, [], {}, "../../etc/passwd", "x" * 5000])
def test_a_key_id_is_only_compared(ring: Ring, kid: Any):
    keys = ring({"keys": [RSA.jwk(kid="k")]})
    assert refused(keys, forged({"alg": "RS256", "kid": kid}, CLAIMS))


def test_a_key_that_the_token_brings_along_is_not_used(ring: Ring):
    keys = ring({"keys": [RSA.jwk()]})
    token = jwt.encode(
        CLAIMS, OTHER_RSA.private, "RS256", headers={"jwk": OTHER_RSA.jwk(), "jku": "http://x"}
    )
    assert refused(keys, token)


def test_a_changed_claim_breaks_the_signature(ring: Ring):
    head, _, signature = RSA.sign().split(".")
    claims = forged({}, {**CLAIMS, "sub": "bob"}).split(".")[1]
    assert refused(ring(RSA.pem), f"{head}.{claims}.{signature}")


# -- claims ----------------------------------------------------------------------------------------


def test_the_issuer_must_be_the_configured_one(ring: Ring):
    keys = ring(RSA.pem, issuer="https://id.example")
    assert not refused(keys, RSA.sign({**CLAIMS, "iss": "https://id.example"}))
    for issuer in ("https://evil.example", "https://id.example/", ""):
        assert refused(keys, RSA.sign({**CLAIMS, "iss": issuer}))
    assert refused(keys, RSA.sign())


def test_the_audience_must_be_or_hold_the_configured_one(ring: Ring):
    keys = ring(RSA.pem, audience="clawtank")
    assert not refused(keys, RSA.sign({**CLAIMS, "aud": "clawtank"}))
    assert not refused(keys, RSA.sign({**CLAIMS, "aud": ["other", "clawtank"]}))
    assert refused(keys, RSA.sign({**CLAIMS, "aud": "other"}))
    assert refused(keys, RSA.sign())


def test_without_configuration_any_issuer_and_audience_will_do(ring: Ring):
    assert not refused(ring(RSA.pem), RSA.sign({**CLAIMS, "iss": "x", "aud": ["y"]}))


# -- files -----------------------------------------------------------------------------------------


def test_what_a_set_holds_besides_signing_keys_is_passed_over(ring: Ring):
    """As large providers publish it: an encryption key beside the signing one, a kind to come, a secret."""
    others: list[Any] = [
        OTHER_RSA.jwk(use="enc", alg="RSA-OAEP", kid="e"),
        OTHER_RSA.jwk(use="enc", kid="f"),
        {"kty": "PQ", "kid": "later"},
        {"kty": "oct", "k": base64.urlsafe_b64encode(SECRET.encode()).decode()},
        {},
        7,
    ]
    keys = ring({"keys": [*others, RSA.jwk(use="sig", kid="s")]})
    assert keys.decode(RSA.sign(kid="s")) == CLAIMS
    assert refused(keys, OTHER_RSA.sign())
    assert refused(keys, jwt.encode(CLAIMS, SECRET, "HS256"))


NOT_KEYS: list[bytes] = [
    b"",
    b"{}",
    b"[]",
    b'{"keys": []}',
    b'{"keys": 7}',
    b'{"keys": [{"kty": "oct", "k": "AAAA"}]}',
    b"-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----\n",
    RSA.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    RSA.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
]


@pytest.mark.parametrize("content", NOT_KEYS, ids=range(len(NOT_KEYS)))
def test_a_file_without_a_usable_public_key_is_refused_by_name(tmp_path: Path, content: bytes):
    path = tmp_path / "keys"
    path.write_bytes(content)
    with pytest.raises(BadKeys, match=r"auth\.keys_file") as refusal:
        KeyRing(AuthConfig(keys_file=path))
    assert "MII" not in str(refusal.value)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path):
    with pytest.raises(BadKeys, match="cannot be read"):
        KeyRing(AuthConfig(keys_file=tmp_path / "missing"))


# -- from an address -------------------------------------------------------------------------------


async def test_keys_are_fetched_replaced_and_kept_when_the_address_fails(
    ring: Ring, caplog: pytest.LogCaptureFixture
):
    answers: list[bytes] = []
    status = b"200 OK"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = answers[0]
        writer.write(
            b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)
        )
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        keys = ring(EC.pem, keys_url=f"http://me:hunter2@127.0.0.1:{port}/jwks?key=hunter2")
        assert refused(keys, RSA.sign())
        answers[:] = [json.dumps({"keys": [RSA.jwk()]}).encode()]
        await keys.fetch()
        assert not refused(keys, RSA.sign())
        answers[:] = [json.dumps({"keys": [OTHER_RSA.jwk()]}).encode()]
        await keys.fetch()
        assert refused(keys, RSA.sign())  # taken back by its issuer
        assert not refused(keys, OTHER_RSA.sign())
        for broken in (b"<html>sorry</html>", b'{"keys": []}', b"\xff\xfe"):
            caplog.clear()
            answers[:] = [broken]
            await keys.fetch()
            assert len(caplog.records) == 1
            assert not refused(keys, OTHER_RSA.sign())
        for status in (b"401 Unauthorized", b"302 Found", b"500 Oh no"):
            caplog.clear()
            await keys.fetch()
            assert status[:3].decode() in caplog.text
            assert "hunter2" not in caplog.text, "the address may hold a password"
            assert not refused(keys, OTHER_RSA.sign())
    caplog.clear()
    await keys.fetch()  # nobody answers any more
    assert len(caplog.records) == 1
    assert not refused(keys, OTHER_RSA.sign())
    assert not refused(keys, EC.sign())
