"""Is it a credential, or does it only stand where one would? Judgement about a value that a pattern found.

Developers write about credentials all day: `token=<token>`, "password: required", `api_key=os.environ[…]`,
`ghp_your_token_here`. A credential is told from those by what it is made of.
"""

from __future__ import annotations

import re

# Each begins with a literal, and no case is ignored: `re` leaps from one possible beginning to the next.
_PLACEHOLDER = re.compile(
    r"your|\*\*\*|\.\.\.|…|placeholder|redacted|change[_-]?(?:me|it)|dummy|insert[_-]|replace"
    r"|my[_-](?:secret|token|key|pass)|key[_-]here|token[_-]here|secret[_-]here|password[_-]here|value[_-]here"
    r"|<|>|\$\{|\{\{|\[|1234567890abcdef"
)
_CODE = re.compile(
    r"[$%{(@/~\\]|![A-Za-z]{1,16}\Z|[A-Za-z_][\w.]*\(|(?i:env|process|os|self|this|config|settings|secrets?|args?"
    r"|opts|options|ctx|req"
    r"|request|response|res|data|user|params?|vault|var|local|import|app|client|props|ssm|arn"
    r"|data|file|https?|op)[.:]"
)
_PARTS = re.compile(r"[-_./+=~:]")
_WORD_PART = re.compile(r"[A-Za-z]?[a-z]*|[A-Z]*|[0-9]{1,4}|v[0-9]{1,3}|[a-z]{2,}[0-9]{1,2}")
_HUMPS = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,4}(?=[A-Z]|\Z)|[0-9]{1,3}")
_TECHNICAL = re.compile(
    r"(?i)(?:sha|md|aes|rs|hs|es|ps|utf|base|oauth|http|tls|ssl|x509|ipv|ed25519|argon|scrypt"
    r"|bcrypt|pbkdf|hmac|p|k8s|s3"
    r"|ec2|i18n|python|node|v|int|uint|float|varchar|char)-?[0-9]{0,5}(?:[-_. ,;:)\]].*)?"
)
_NOT_A_VALUE_TEXT = """
true false none null nil undefined string str text bytes bool boolean int integer number any object
unknown required optional missing invalid expired empty unset hidden masked secret password passwd
passphrase token value test default basic bearer digest jwt oauth oauth2 example sample env prompt stdin
file auto random generated rotated leaked removed disabled enabled changed revoked incorrect wrong
mismatch option flag argument parameter instead because before after without should needed please unused
deprecated protected encrypted plaintext same-origin include omit username user admin_password
access_token refresh_token id_token api_key apikey secret_key session cookie
"""
_NOT_A_VALUE = frozenset(_NOT_A_VALUE_TEXT.split())


_VERSION = re.compile(r"v?[0-9]{1,6}(?:\.[0-9]{1,6}){1,3}(?:[-+.].*)?")


_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"[0-9]")
_DIGITS = re.compile(r"[0-9]{1,64}")


def has_digit(value: str) -> bool:
    """Say whether there is a digit in it, which words rarely have."""
    return _DIGIT.search(value) is not None


def is_scattered(value: str) -> bool:
    """Say whether digits stand in two or more places, as in no name that ends in a number or holds a year."""
    return len(_DIGITS.findall(value)) > 1


def is_placeholder(value: str) -> bool:
    """Say whether a value only shows where a credential belongs."""
    # Of one case: among the letters of many real tokens, four in a row are sometimes an x or an X.
    crossed_out = "xxxx" in value or "XXXX" in value
    return crossed_out or bool(_PLACEHOLDER.search(value.lower())) or len(set(value)) < 4


def is_random(value: str, *, least: int = 8) -> bool:
    """Say whether a part of the value mixes digits and letters as no word, number or identifier does."""
    if len(value) < least:
        return False
    return any(_is_mixed(part) for part in _PARTS.split(value) if len(part) >= least)


def is_token(value: str) -> bool:
    """Judge what follows a known prefix: any mixture will do, words and placeholders will not."""
    if is_placeholder(value):
        return False
    return is_random(value) or any(
        len(part) >= 20 and not part.islower() and not part.isupper()
        for part in _PARTS.split(value.partition("_")[2])
    )


def is_secret(value: str, *, words_too: bool) -> bool:
    """Judge what was assigned to a name like `password` or `token`.

    Args:
        value: Without its quotes.
        words_too: A plain word may be the secret, because it can hardly be anything else.
    """
    lower = value.lower().rstrip(".:!?)")
    # `required|min:8` is how a form is checked.
    if len(value) < 4 or lower.partition("|")[0] in _NOT_A_VALUE or is_placeholder(value):
        return False
    # Base64 may begin with a slash, as paths do.
    base64 = value[0] == "/" and is_random(value, least=20)
    if (_CODE.match(value) and not base64) or _VERSION.fullmatch(value):
        return False
    if _TECHNICAL.fullmatch(value) and not is_random(value, least=24):
        return False
    letters = bool(_LETTER.search(value))
    digits = has_digit(value)
    if letters and digits:
        return words_too or (len(value) >= 6 and not _is_words(value))
    if digits:
        return words_too and len(value) >= 6
    if any(char in "!@#$%^&*+~=?" for char in value[:-1]):
        return len(value) >= 6 and "(" not in value and "==" not in value[:-2]
    if is_random(value, least=16):
        return True
    return words_too and len(value) >= 6 and "_" not in value and "." not in value


def _is_words(value: str) -> bool:
    return all(_WORD_PART.fullmatch(part) for part in _PARTS.split(value)) and len(_PARTS.split(value)) > 1


def _is_mixed(part: str) -> bool:
    letters = bool(_LETTER.search(part))
    if letters and has_digit(part):
        # `Python3`, `section12`: a word that ends in its number.
        return part.rstrip("0123456789").isdigit() or not re.fullmatch(r"[A-Za-z]?[a-z]+[0-9]{1,4}", part)
    if letters and not part.islower() and not part.isupper():
        humps = sum(len(hump) for hump in _HUMPS.findall(part))
        return len(part) >= 12 and humps < len(part) * 0.8
    return False
