"""Locks: what the table names goes, disguised or not; everything else stays byte for byte; time stays linear.

The credentials below are made up, and put together at run time so that no scanner takes this file for a leak.
"""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.screen.redact import RULES, redact

BODY = "aB3dE5fG7hJ9" * 3
KEYS = {
    "model-provider-key": ["sk-" + BODY, "sk-" + "ant-api03-" + BODY, "sk-" + "proj-" + BODY + "_x-9"],
    "github-token": [f"gh{kind}_{BODY}" for kind in "pousr"],
    "github-pat": ["github" + "_pat_11" + BODY],
    "gitlab-token": ["glpat" + "-" + BODY[:20], "gldt" + "-" + BODY[:20]],
    "slack-token": ["xoxb" + "-123456789012-" + BODY, "xoxp" + "-1-2-3-" + BODY],
    "aws-key-id": ["AKIA" + "Q3EGRZ4TKWBV7N2M", "ASIA" + "Q3EGRZ4TKWBV7N2M"],
    "google-key": ["AIza" + BODY[:35]],
    "npm-token": ["npm" + "_" + BODY],
    "pypi-token": ["pypi" + "-AgEIcHlwaS5vcmcC" + BODY],
    "hugging-face-token": ["hf" + "_" + BODY[:34]],
    "stripe-key": [f"{kind}_{mode}_{BODY}" for kind in ("sk", "rk") for mode in ("live", "test")],
    "jwt": ["eyJ" + "hbGciOiJIUzI1NiJ9" + "." + "eyJzdWIiOiI0MiJ9" + "." + "c2lnbmF0dXJl_-x"],
}
SECRETS = [secret for group in KEYS.values() for secret in group]
PEM = "-----BEGIN {0}PRIVATE KEY-----\nMIIEvQ{1}\nIBADAN\n-----END {0}PRIVATE KEY-----"


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "around", ["{}", "use {} now", "key={}", '"{}"', "({}),", "这是{}，别说", "x:{}\n", "/{}/"]
)
def test_no_part_of_a_key_survives_whatever_stands_around_it(secret: str, around: str):
    assert redact(around.format(secret)) == around.format("[KEY]")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "veil", ["\u200b", "\u200d", "\u2060", "\ufe0f", "\u00ad", "\x00", "\x1b[31m", "\u200b\u200d"]
)
def test_what_shows_nothing_cannot_disguise_a_key(secret: str, veil: str):
    assert redact(f"it is {veil.join(secret)}!") == "it is [KEY]!"
    assert redact(f"it is {secret[:3]}{veil}{secret[3:]}") == "it is [KEY]"


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_block_goes_whole(kind: str):
    assert redact("before\n" + PEM.format(kind, BODY) + "\nafter") == "before\n[KEY]\nafter"


def test_a_private_key_without_its_end_takes_the_rest_with_it():
    assert redact("x " + PEM.format("", BODY).partition("-----END")[0]) == "x [KEY]"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Authorization: Bearer {BODY}", "Authorization: Bearer [KEY]"),
        ("authorization: basic dXNlcjpwYXNz", "authorization: basic [KEY]"),
        (f'"Authorization": "token {BODY}"', '"Authorization": "token [KEY]"'),
        (f"curl -H 'Authorization: {BODY}'", "curl -H 'Authorization: [KEY]'"),
        (f"send Bearer {BODY}==", "send Bearer [KEY]"),
    ],
)
def test_credentials_in_headers(text: str, shown: str):
    assert redact(text) == shown


@pytest.mark.parametrize(
    "address",
    [
        "a@b.io",
        "first.last+tag@mail.example.co.uk",
        "josé@exämple.fr",
        "вася@почта.рф",
        "x_y%z@163.com",
        "A-B@X-Y.ORG",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "<{}>", "mail {}, please", "({})", "写信给{}。", "mailto:{}?x=1", "a <{}>\n"]
)
def test_addresses_go(address: str, around: str):
    assert redact(around.format(address)) == around.format("[EMAIL]")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/Users/someone/app/a.py", "/Users/[USER]/app/a.py"),
        ("/home/some.one/app", "/home/[USER]/app"),
        ("/home/o'neil/x", "/home/[USER]/x"),
        ("/home/josé", "/home/[USER]"),
        ("in /home/bob.", "in /home/[USER]."),
        ("('/home/bob')", "('/home/[USER]')"),
        ("file:///Users/bob/x", "file:///Users/[USER]/x"),
        ("PATH=/home/bob/bin:/home/eve/bin", "PATH=/home/[USER]/bin:/home/[USER]/bin"),
        ("cc -I/home/bob/include", "cc -I/home/[USER]/include"),
        ("/mnt/c/Users/bob/x", "/mnt/c/Users/[USER]/x"),
        ("/Volumes/Old Disk/Users/bob/x", "/Volumes/Old Disk/Users/[USER]/x"),
        ("/export/home/bob/x", "/export/home/[USER]/x"),
        (r"C:\Users\bob\x", r"C:\Users\[USER]\x"),
        (r"c:\users\Bob Lee\x", r"c:\users\[USER]\x"),
        (r"C:\\Users\\bob\\x", r"C:\\Users\\[USER]\\x"),
        ("D:/Users/bob/x", "D:/Users/[USER]/x"),
        ("/home/b\u200bob/x", "/home/[USER]/x"),
    ],
)
def test_home_directories_lose_their_name_and_keep_the_rest(path: str, shown: str):
    assert redact(path) == shown


@pytest.mark.parametrize(
    "text",
    [
        "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
        "fix in 0a1b2c3, see 9f8e7d6c5b4a39281706f5e4d3c2b1a098765432",
        "123e4567-e89b-42d3-a456-426614174000",
        "v1.2.3-rc.4+build.567 and 2026.02.17",
        "https://example.org/users/42/home/x?page=2#top",
        "https://example.org/home/bob and example.org/Users/list",
        "git@host.example:org/repo.git",
        "ssh://git@host.example/org/repo",
        "react@18.2.0 @types/node@20.1.0 pkg@1.0.0-rc.one",
        "@app.route and @property",
        "me@localhost",
        "sk-… sk-your-key-here-and-nothing-else sk-xxxxxxxxxxxxxxxxxxxxxxxx",
        "<token> $API_KEY ${API_KEY} {token} [KEY] [EMAIL]",
        "Authorization: Bearer <token>",
        "Authorization: Bearer $TOKEN",
        "Authorization: required for this route",
        "Bearer tokens are checked; basic authentication is not supported",
        "task-0123456789abcdefghijklmnop and disk-usage-1234567890123456",
        "AKIA is how they begin, ghp_ too; npm_config_registry",
        "eyJ is how they begin",
        "src/Users/Model.php app/home/page.tsx ./home/x",
        "/root/x /home/ /home /Users/ /home/$USER /home/<name>/x /Users/[USER]/x /home/../etc",
        r"C:\Users\Public\x C:\Windows\System32",
        "/Users/Shared/x",
        "let x = `a@b`; // 🙂",
        "👨\u200d👩\u200d👧 ❤️ 🇫🇷 é ü",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
    ],
)
def test_ordinary_text_stays_byte_for_byte(text: str):
    assert redact(text) is text


def test_an_escape_character_cannot_take_a_mark_apart():
    assert redact("\x1bbob@example.com") == "[EMAIL]"
    assert redact("\x1b[1mbob@example.com") == "\x1b[1m[EMAIL]"


def test_only_a_text_with_a_find_loses_what_shows_nothing():
    assert redact("soft\u00adhyphen 👨\u200d👩") == "soft\u00adhyphen 👨\u200d👩"
    assert redact("👨\u200d👩 a@b\u200b.io") == "👨\u200d👩 [EMAIL]"


@given(st.text(max_size=60), st.sampled_from(SECRETS), st.text(max_size=60))
def test_redacting_twice_changes_nothing_more(before: str, secret: str, after: str):
    once = redact(f"{before} {secret} {after}")
    assert secret not in once
    assert redact(once) == once


SEEDS = (
    *("a", "a.", "@", "a@", "a@a.", "a@b-.", "a-", "É", "/", "/Users/", "/home/", "/home/a'", "/Volumes/a/"),
    *(
        "C:\\Users\\a ",
        "C:\\Users\\",
        "sk-",
        "sk-a",
        "eyJ",
        "eyJ-",
        "eyJa.",
        "basic ",
        "bearer a",
        "authorization: ",
    ),
    *(
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "ghp_",
        "xoxb-a",
        "AKIA",
        "\u200b",
        "a\u200d",
        "\x1b[",
        "\x1b[0;",
    ),
)
EVERY_GATE = " ".join(gate for rule in RULES for gate in rule.gates)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_repetition_makes_a_rule_slow(seed: str):
    # A quadratic rule needs minutes of processor time for this, whatever else the machine does.
    text = seed * (50_000 // len(seed)) + EVERY_GATE
    began_s = time.thread_time()
    redact(text)
    assert time.thread_time() - began_s < 4


def test_who_repeats_a_word_has_written_no_recovery_phrase():
    text = " ".join(["before"] * 30) + " " + " ".join(["test", "again"] * 12)
    assert redact(text) == text
