"""Credentials known by where they stand: assigned to a name, in a header, an address, a command line.

Only the value goes; the name and what is around it stay, so that a reader still sees what was said.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from relay.screen.credible import has_digit, is_placeholder, is_random, is_secret
from relay.screen.rule import KEY, Rule

# One character of a credential in running text; no placeholder (`<token>`, `$TOKEN`, `***`) is made of them.
_VALUE = r"[^\s\"'`<>\[\]{}$*…,;，。；！？（）「」]"
# The same inside an assignment, where a password may hold `$` or `*`, and `&` begins the next parameter.
_ASSIGNED = r"[^\s\"'`<>\[\]{}…,;&|，。；！？（）「」\\]"
_QUOTED = r"\"([^\"\n]{4,512})\"|'([^'\n]{4,512})'|`([^`\n]{4,512})`"
_ESCAPED = r"\\\"([^\"\\\n]{4,512})\\\""

_PASSWORD = (
    r"pass(?:word|wd|phrase|code)|secret(?:[_.-]?key)?(?:[_.-]?base)?|credentials?|senha"
    r"|contraseña|passwort|密码|密碼|口令"
)
_TOKEN = (
    r"token|api[_.-]?key|apikey|apitoken|access[_.-]?key|(?:auth|private|signing|encryption"
    r"|master|account|service|storage"
    r"|license|deploy|app|application|webhook|session|jwt|hmac|ssh|root|admin|unseal"
    r"|shared[_.-]?access|x-functions)[ _.-]?key"
    r"|_auth|认证|令牌|密钥"
)
_SUFFIX = (
    r"(?:[_-](?:prod|production|dev|staging|test|live|old|new|main|backup|v?[0-9]{1,2}|value|hash)|[0-9])?"
)
_JOINT = r"(?:[\"'`]?\]?\s{0,2}(?::=|=>|=|:|：)|\\\"\s?:)\s{0,3}"


def _value(match: re.Match[str]) -> str:
    return match[match.lastindex or 0]


# "password: looks good, thanks": the beginning of a sentence.
_GOES_ON = re.compile(r"[ ,.!]{1,2}[^\n\s]")


def _is_password(match: re.Match[str]) -> bool:
    """Judge what is assigned to a password's name; after `=` a plain word will do."""
    value = _value(match)
    before = match[0][: match.start(match.lastindex or 0) - match.start()]
    quoted = before.endswith(("'", '"', "`"))
    words = quoted or ("=" in before and not before.endswith(" ")) or value.endswith("=")
    if not words and not has_digit(value) and _GOES_ON.match(match.string, match.end()):
        return False
    named_after_a_number = value.isalnum() and value[:1].isalpha() and value[-1:].isdigit()
    return is_secret(value, words_too=words or named_after_a_number)


def _is_token(match: re.Match[str]) -> bool:
    return is_secret(_value(match), words_too=False)


def _is_random(match: re.Match[str]) -> bool:
    value = _value(match)
    return not is_placeholder(value) and is_random(value, least=10)


def _is_said(match: re.Match[str]) -> bool:
    """Judge what a sentence calls a password: words there are words."""
    value = _value(match).rstrip(".!?:")
    return has_digit(value) and is_secret(value, words_too=False)


def _in_header(match: re.Match[str]) -> bool:
    value = _value(match)
    mixed = has_digit(value) or not (value.islower() or value.isupper() or value.istitle())
    return mixed and not is_placeholder(value)


def _in_url(match: re.Match[str]) -> bool:
    value = _value(match)
    return not is_placeholder(value) and value.lower() not in (
        "password",
        "passwd",
        "pass",
        "pwd",
        "secret",
        "token",
    )


def _in_command(match: re.Match[str]) -> bool:
    value = _value(match)
    return is_secret(value, words_too=any(char in value for char in "0123456789!@#%^&+="))


def _after_option(match: re.Match[str]) -> bool:
    """Judge an option's value: after `=`, or for a password, a word of some length will do."""
    value = _value(match)
    words = "=" in match[0][: -len(value)] or match[0][-len(value) - 1] in "\"'"
    if "pass" in match[0].lower():
        words = words or len(value) >= 8
    return not value.isupper() and is_secret(value, words_too=words or _in_command(match))


def _cookie(match: re.Match[str]) -> bool:
    value = _value(match)
    return "=" in value and is_random(value.replace(";", "."), least=10)


def _rule(
    name: str,
    meaning: str,
    gates: tuple[str, ...],
    pattern: str,
    goes: str,
    stays: str,
    accepts: Callable[[re.Match[str]], bool] | None = None,
    needs: tuple[str, ...] = (),
) -> Rule:
    return Rule(name, meaning, gates, re.compile(pattern), goes, stays, KEY, accepts, needs)


RULES: tuple[Rule, ...] = (
    _rule(
        "authorization-header",
        "the value of an Authorization header, whatever its scheme",
        ("authorization",),
        r"(?i:authorization)[\"']?\s{0,2}[:=]\s{0,2}[\"']?"
        rf"(?:[A-Za-z][A-Za-z0-9-]{{1,24}}\s{{1,2}}(?:token=[\"']?)?({_VALUE}{{6,4000}})"
        rf"|({_VALUE}{{8,4000}}))",
        "Authorization: Bearer ‹b36›",
        "Authorization: Bearer <token>",
        _in_header,
    ),
    _rule(
        "bearer-token",
        "a bearer or basic credential outside a header line",
        ("bearer", "basic"),
        r"(?<![A-Za-z0-9])(?i:bearer|basic)\s{1,4}([A-Za-z0-9._~+/-]{16,4000}={0,2})",
        "send Bearer ‹b36› along",
        "Bearer tokens-are-checked-everywhere",
        _is_random,
    ),
    _rule(
        "signature-header",
        "a signed header's signature",
        ("signature=",),
        r"(?i:signature)=[\"']?([A-Za-z0-9+/]{20,1000}={0,2})",
        "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=‹h64›",
        "signature=required",
        _is_random,
    ),
    _rule(
        "cookie-header",
        "the cookies of a request or an answer",
        ("cookie",),
        r"(?i:cookie)[\"']?\s{0,2}:\s{0,2}[\"']?([^\n\"']{8,4000})",
        "Cookie: sid=‹b32›; theme=dark",
        "cookie: session expired",
        _cookie,
    ),
    _rule(
        "password-assigned",
        "what is assigned to a password, secret or credential, in any notation",
        ("pass", "pwd", "secret", "credential", "senha", "contraseña", "密码", "密碼", "口令"),
        rf"(?:(?<![A-Za-z])(?i:pass|pwd)|(?i:{_PASSWORD})|(?<=[a-z_])pwd|(?<=_)pass)"
        rf"{_SUFFIX}{_JOINT}(?:{_ESCAPED}|{_QUOTED}|({_ASSIGNED}{{4,512}}))",
        "DB_PASSWORD=hunter2‹b4›",
        "Password: required",
        _is_password,
        needs=("=", ":", "："),
    ),
    _rule(
        "token-assigned",
        "what is assigned to a token or key of some API, in any notation",
        ("token", "key", "_auth", "认证", "令牌", "密钥"),
        rf"(?i:{_TOKEN}){_SUFFIX}{_JOINT}(?:{_ESCAPED}|{_QUOTED}|({_ASSIGNED}{{6,2000}}))",
        'api_key: "‹b32›"',
        "token: string and MAX_TOKENS=4096",
        _is_token,
        needs=("=", ":", "："),
    ),
    _rule(
        "auth-assigned",
        "a random value under a vague name: auth, credentials of a session, a key in a query",
        ("auth", "session", "sid", "sig", "key", "code", "sign", "seed", "pat"),
        r"(?<![A-Za-z_-])(?i:auth|sessionid|session_id|session|sid|phpsessid|jsessionid|sig"
        r"|signature|x-(?:amz|goog)-(?:signature|credential)|key|code|sign|seed|pat)"
        rf"[\"']?\s?[:=]\s?[\"']?({_ASSIGNED}{{16,2000}})",
        "?sv=2022-11-02&sig=‹b43›%3D",
        "key=primary-button-of-the-form",
        lambda match: (
            _is_random(match)
            and not re.fullmatch(r"(?:sha[0-9]{1,3}|md5)?[-:]?[0-9a-f]{32,64}|[0-9a-f-]{36}", _value(match))
        ),
    ),
    _rule(
        "password-said",
        "a password, PIN or token that a sentence gives away",
        ("passw", "passphrase", "passcode", "pwd", "pw ", "token", "secret", "api key", "login"),
        r"(?i:password|passphrase|passcode|passwd|pwd|(?<![a-z])pw|token|secret|api key"
        r"|login)(?: for [^\s]{1,32}| to [^\s]{1,32})?"
        rf"\s?(?:\s(?:is|was|=|are)(?: now| still| just| set to)?:?|->|→)\s{{1,2}}[\"'`]?({_VALUE}{{6,256}})",
        "the password is hunter2‹b4›!",
        "the token is base64-encoded",
        _is_said,
    ),
    _rule(
        "pin",
        "a PIN",
        ("pin",),
        r"(?<![A-Za-z])(?:PIN|pin|Pin)(?: code)?(?: is|:|=)\s{0,2}([0-9]{4,8})(?![0-9A-Za-z.])",
        "the door PIN is ‹n6›",
        "pin: 13 and pin 7",
    ),
    _rule(
        "shell-password",
        "a password as the bare argument of a command",
        ("htpasswd", "net user", "sudo -s"),
        r"htpasswd -[a-zA-Z]{0,6}b[a-zA-Z]{0,6} \S{1,200} \S{1,64} ([^\s$<]{4,128})"
        r"|net user \S{1,64} ([^\s$</*][^\s]{3,128})"
        r"|echo [\"']?([^\s\"'$<|]{4,128})[\"']? ?\| ?sudo -S",
        "echo ‹b12› | sudo -S ls",
        "echo $PASSWORD | sudo -S ls",
        lambda match: not is_placeholder(_value(match)),
    ),
    _rule(
        "xml-secret",
        "a password or key in an XML element or a configuration attribute",
        ("password>", "token>", "secret>", "apikey>", "key>", "passphrase>", "value="),
        r"(?i:(?:password|passphrase|token|secret|apikey|api_key|secretkey|accesskey"
        r"|privatekey)>([^<>\n]{4,512})</"
        r"|key=[\"'][^\"'\n]{0,40}(?:password|token|secret|apikey"
        r"|key)[\"']\s{1,4}value=[\"']([^\"'\n]{4,512})[\"'])",
        "<password>hunter2‹b4›</password>",
        "<token>value</token>",
        lambda match: is_secret(_value(match), words_too=True),
    ),
    _rule(
        "password-in-url",
        "the password of an address or connection string",
        ("://",),
        r"://[^\s:/\"'<>]{0,128}:([^\s/\"'<>{}$]{3,256})@(?=[A-Za-z0-9\[_.-])",
        "postgres://app:‹b16›@db.example.com/app",
        "postgres://user:password@localhost:5432/app",
        _in_url,
    ),
    _rule(
        "token-in-url",
        "a token in the place of an address's user",
        ("://",),
        r"://([A-Za-z0-9_-]{20,256})@(?=[A-Za-z0-9])",
        "https://‹b40›@git.example.com/org/repo",
        "https://a-rather-long-organisation@dev.azure.com/x",
        lambda match: is_random(_value(match), least=16),
    ),
    _rule(
        "user-option",
        "the password of curl's -u and its relatives",
        ("-u", "-a ", "--auth", "--proxy-user"),
        r"(?<![\w-])(?:-u|-a|--user|--auth"
        r"|--proxy-user)(?:[ =]{1,2})?[\"']?[^\s:\"'/<>$]{1,64}:([^\s\"'<>$]{3,256})",
        "curl -u admin:hunter2‹b6› https://example.com",
        "docker run -u 1000:1000 app",
        lambda match: (
            (
                not re.fullmatch(r"[0-9]{1,6}|[a-z]{1,12}|/.*", _value(match))
                and not is_placeholder(_value(match))
            )
            or ("curl" in match.string[max(0, match.start() - 80) : match.start()] and _in_url(match))
        ),
    ),
    _rule(
        "secret-option",
        "the value of an option like --password or --token",
        ("--",),
        r"(?<![-\w])--(?!-)[a-z0-9-]{0,30}?(?i:password|passwd|passphrase|pass|pwd|token|secret|secret-key"
        r"|api-?key|access-?key|account-key|auth-?key|pat)"
        rf"[ =]{{1,2}}[\"']?(?!-)({_ASSIGNED}{{4,2000}})",
        "deploy --token ‹b32›",
        "read it with --password-stdin or --token TOKEN",
        _after_option,
    ),
    _rule(
        "command-password",
        "a password as the short option of a command that takes one there",
        (
            "mysql",
            "mariadb",
            "sshpass",
            "login",
            "mongo",
            "redis-cli",
            "twine",
            "zip",
            "ldap",
            "sqlcmd",
            "7z",
            "htpasswd",
            "keytool",
        ),
        r"(?i:mysql|mysqldump|mysqladmin|mariadb|sshpass|docker login|podman login|az login"
        r"|helm registry login|mongosh|mongodump|mongo|redis-cli"
        r"|twine upload|unzip|zip|ldapsearch|sqlcmd"
        r"|7z)\s[^\n|;&]{0,120}?(?<=\s)-[pPawe][ ]?[\"']?([^\s\"'<>$-][^\s\"'<>$]{3,128})",
        "mysql -h db -u root -p‹b12› app",
        "docker login -u me -p $DOCKER_PASSWORD",
        _in_command,
    ),
    _rule(
        "sql-password",
        "a password in an SQL statement",
        ("identified", "password '", "password=", 'password "'),
        r"(?i:identified (?:by|with [a-z0-9_]{1,40} by)|password)\s{1,3}[\"']([^\"'\n]{4,128})[\"']",
        "CREATE USER app WITH PASSWORD '‹b12›'",
        "identified by 'your_password'",
        lambda match: is_secret(_value(match), words_too=True),
    ),
    _rule(
        "password-file",
        "a line of .netrc or .pgpass",
        ("login ", ":5432:"),
        r"login\s{1,4}\S{1,64}\s{1,4}password\s{1,4}(\S{4,128})"
        r"|(?<![^\s])[\w.*-]{1,64}:5432:[\w*.-]{1,64}:[\w.-]{1,64}:(\S{4,128})",
        "machine api.example.com login me password ‹b12›",
        "login and password fields",
        _in_command,
    ),
    _rule(
        "basic-credentials",
        "a user and a password, as people hand over an account",
        ("user", "login"),
        r"(?i:user(?:name)?|login)(?:\s?[:=]\s?"
        r"|\s)[^\s:,;/]{2,64}[\s,;/]{1,3}(?:and )?(?i:pass(?:word)?|pwd|pw)(?:\s?[:=]\s?"
        r"|\s)[\"'`]?([^\s\"'`<>$]{4,128})",
        "login admin / password hunter2‹b4›",
        "user name and password fields",
        _is_said,
    ),
    _rule(
        "password-beside",
        "a random value right after the word for it",
        (
            "passw",
            "passphrase",
            "pwd",
            "token",
            "secret",
            "api key",
            "apikey",
            "requirepass",
            "creds",
            "credentials",
            "basic auth",
        ),
        r"(?i:password|passwd|passphrase|pwd|requirepass|token|secret|api ?key|(?:creds"
        r"|credentials|basic auth):?\s{1,2}[\w.@-]{2,64}\s?[/:])"
        rf"\s{{1,2}}[\"'`]?({_VALUE}{{8,512}})|(?i:creds|credentials"
        rf"|basic auth):?\s{{1,2}}[\w.@-]{{2,64}}:({_VALUE}{{8,512}})",
        "the smtp password ‹b16› still works",
        "the token bucket v2-refilled and the password reset-2fa flow",
        lambda match: _is_said(match) and is_random(_value(match)),
    ),
)
