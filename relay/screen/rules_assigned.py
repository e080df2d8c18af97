"""Credentials known by where they stand: assigned to a name, in a header, an address, a command line.

Only the value goes; the name and what is around it stay, so that a reader still sees what was said.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from relay.screen.credible import has_digit, is_placeholder, is_random, is_scattered, is_secret
from relay.screen.rule import KEY, Rule

# One character of a credential in running text; no placeholder (`<token>`, `$TOKEN`, `***`) is made of them.
_VALUE = r"[^\s\"'`<>\[\]{}$*…,;，。；！？（）「」]"
# The same inside an assignment, where a password may hold `$` or `*`, and `&` begins the next parameter.
_ASSIGNED = r"[^\s\"'`<>\[\]{}…,;&|，。；！？（）「」\\]"
_QUOTED = r"\"([^\"\n]{4,512})\"|'([^'\n]{4,512})'|`([^`\n]{4,512})`"
_ESCAPED = r"\\\"([^\"\\\n]{4,512})\\\""

_PASSWORD = (
    r"pass(?:word|wd|_?phrase|code)|secret(?:[_.-]?key)?(?:[_.-]?base)?|credentials?"
    r"|(?:(?<=store)|(?<=key))pass"
)
_PASSWORD_WORDS = (
    "contraseña",
    "contrasena",
    "passwort",
    "kennwort",
    "mot de passe",
    "mdp",
    "clave",
    "senha",
    "parola",
    "парол",
    "hasło",
    "wachtwoord",
    "şifre",
    "lösenord",
    "passord",
    "adgangskode",
    "salasana",
    "heslo",
    "jelszó",
    "κωδικός",
    "كلمة المرور",
    "كلمة السر",
    "סיסמה",
    "पासवर्ड",
    "รหัสผ่าน",
    "mật khẩu",
    "kata sandi",
    "密码",
    "密碼",
    "口令",
    "パスワード",
    "暗証番号",
    "비밀번호",
    "비번",
    "토큰",
    "トークン",
    "токен",
    "암호",
)
"""The word for password in other languages than English, lower case; inflected forms begin with it."""
# What a credential in a sentence is made of, where any alphabet may follow it.
_SAID = r"[!#%&()+\-./0-9:=?@A-Z\\^_a-z|~]"
_KEYS_OF = (
    *("api", "access", "auth", "private", "signing", "encryption", "master", "account", "service", "storage"),
    *("license", "deploy", "app", "application", "webhook", "session", "jwt", "hmac", "ssh", "root", "admin"),
    *("unseal", "preshared", "client", "functions"),
)
# Each look back has one width; a literal comes first, so that the pattern is tried only where one stands.
_TOKEN = (
    rf"token|_auth|(?:{'|'.join(f'(?<={what})|(?<={what}[ _.-])' for what in _KEYS_OF)})key|认证|令牌|密钥"
)
_KEYS_BESIDE = (
    *("app", "application", "account", "admin", "server", "client", "signing", "private", "wallet", "access"),
    *("master", "license", "encryption", "deploy", "service", "write"),
)
_SUFFIX = (
    r"(?:[_-](?:prod|production|dev|staging|test|live|old|new|main|backup|v?[0-9]{1,2}|value|hash|data|salt)"
    r"| ?[0-9]{1,2})?"
)
# `name = value`, `"name": "value"`, `name: &str = "value"`, `("name", "value")`, `#define name "value"`.
_JOINT = (
    r"(?:[\"'`]?\]?\s{0,2}(?::\s?&?(?:'\w{1,12} )?[A-Za-z]\w{0,20}\s?=|:=|=>|=|:|：)|\\\"\s?:"
    r"|[\"'],(?=\s{0,2}[\"'])|(?=\s{1,4}\"[^\s\"]{12,512}\"))\s{0,3}(?:[bfru](?=[\"']))?"
)


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


_LOOPBACK = re.compile(r"(?:localhost|127\.[0-9.]{5,11}|\[::1\])(?![\w.-])")


def _in_url(match: re.Match[str]) -> bool:
    """Judge a password in an address; one that is its user's name, on this very machine, guards nothing."""
    value = _value(match)
    user = match[0].removeprefix("://").partition(":")[0]
    if value == user and _LOOPBACK.match(match.string, match.end()):
        return False
    return not is_placeholder(value) and value.lower() not in (
        "password",
        "passwd",
        "pass",
        "pwd",
        "secret",
        "token",
    )


_SIGNS = frozenset("0123456789!@#%^&+=")
"""What no word that follows an option has."""


def _in_command(match: re.Match[str]) -> bool:
    value = _value(match)
    return is_secret(value, words_too=not _SIGNS.isdisjoint(value))


_SECRET_OPTIONS = (
    *(
        "password",
        "passwd",
        "passphrase",
        "pass",
        "pwd",
        "token",
        "secret",
        "api-key",
        "apikey",
        "access-key",
    ),
    *("accesskey", "account-key", "auth-key", "authkey", "secret-key", "certificate-key", "-pat"),
)


def _after_option(match: re.Match[str]) -> bool:
    """Judge an option's name, then its value: after `=`, or for a password, a word of some length will do."""
    value = _value(match)
    name = match["option"].lower()
    if not name.endswith(_SECRET_OPTIONS):
        return name.endswith("key") and _is_random_key(value) and "/" not in value
    words = "=" in match[0][: -len(value)] or match[0][-len(value) - 1] in "\"'"
    if "pass" in name:
        words = words or len(value) >= 8
    return not value.isupper() and is_secret(value, words_too=words or not _SIGNS.isdisjoint(value))


def _is_random_key(value: str) -> bool:
    return is_random(value, least=16) and not _HASH_OR_ID.fullmatch(value)


_HASH_OR_ID = re.compile(r"(?:sha[0-9]{1,3}|md5)?[-:]?[0-9a-f]{32,64}|[0-9a-f-]{36}")
_NO_SECRET_KEY = re.compile(
    r"(?i)(?:public|cache|primary|foreign|sort|partition|object|s3|idempotency|query|publishable|storage_?path|dedup"
    r"|routing|row|unique|lookup|i18n|map|hash|image|file|registry|known|host)[_. -]?keys?\Z"
)


def _is_key(match: re.Match[str]) -> bool:
    """Judge what stands under a name that ends in key: many keys open nothing."""
    value = _value(match)
    name = match.string[max(0, match.start() - 24) : match.start(match.lastindex or 0)].rstrip("\"'`]:=>： ")
    if re.fullmatch(r"[0-9a-f]{32,128}", value) and re.search(r"[A-Z0-9]_KEY\Z", name):
        return not _NO_SECRET_KEY.search(name)
    return _is_random(match) and not (
        _HASH_OR_ID.fullmatch(value) or "/" in value[:-20] or _NO_SECRET_KEY.search(name)
    )


def _is_beside_key(match: re.Match[str]) -> bool:
    """Judge what follows the word key; of a hash, only the one that `… key:` hands over."""
    value = _value(match)
    name = match.string[max(0, match.start() - 24) : match.start(match.lastindex or 0)].rstrip("\"'`: ")
    if _NO_SECRET_KEY.search(name.removesuffix(" is")):
        return False
    if ":" in match[0][: -len(value)] and re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", value):
        return True
    mixed = value.lower() != value != value.upper() or (value.isalnum() and len(_NUMBERS.findall(value)) > 4)
    return (
        mixed
        and is_scattered(value)
        and value[0] != "/"
        and _is_random_key(value)
        and not _FINGERPRINT.fullmatch(value)
    )


_NUMBERS = re.compile(r"[0-9]{1,64}")
_FINGERPRINT = re.compile(r"[0-9A-F]{16}|[0-9A-F]{40}")


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
    *,
    begins: bool = True,
) -> Rule:
    return Rule(name, meaning, gates, re.compile(pattern), goes, stays, KEY, accepts, needs, begins)


RULES: tuple[Rule, ...] = (
    _rule(
        "authorization-header",
        "the value of an Authorization header, whatever its scheme",
        ("authorization",),
        r"(?i:authorization)[\"']?\s{0,2}[:=]\s{0,2}[\"']?"
        rf"(?:(?i:digest)\s{{1,2}}([a-z][^\n]{{8,4000}})"
        rf"|[A-Za-z][A-Za-z0-9-]{{1,24}}\s{{1,2}}(?:token=[\"']?)?({_VALUE}{{6,4000}})"
        rf"|({_VALUE}{{8,4000}}))",
        "Authorization: Bearer ‹b36›",
        "Authorization: Bearer <token>",
        _in_header,
    ),
    _rule(
        "bearer-token",
        "a bearer or basic credential outside a header line",
        ("bearer", "basic"),
        r"(?<![A-Za-z0-9])(?i:bearer|basic)(?:\s{1,4}|:\s{0,2})([A-Za-z0-9._~+/-]{16,4000}={0,2})",
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
        ("pass", "pwd", "pw", "psk", "secret", "credential"),
        rf"(?:(?<![A-Za-z])(?i:pass|pwd|pw|psk)|(?i:{_PASSWORD})|(?<=[a-z_])pwd|(?<=_)pass)"
        rf"{_SUFFIX}{_JOINT}(?:{_ESCAPED}|{_QUOTED}|({_ASSIGNED}{{4,512}}))",
        "DB_PASSWORD=hunter2‹b4›",
        "Password: required",
        _is_password,
        needs=("=", ":", "：", '"', "',"),
    ),
    _rule(
        "token-assigned",
        "what is assigned to a token or key of some API, in any notation",
        ("token", "key", "_auth", "认证", "令牌", "密钥"),
        rf"(?i:{_TOKEN}){_SUFFIX}{_JOINT}(?:{_ESCAPED}|{_QUOTED}|({_ASSIGNED}{{6,2000}}))",
        'api_key: "‹b32›"',
        "token: string and MAX_TOKENS=4096",
        _is_token,
        needs=("=", ":", "：", '"', "',"),
    ),
    _rule(
        "password-in-other-words",
        "a password assigned or given away in another language than English",
        _PASSWORD_WORDS,
        rf"(?i:{'|'.join(_PASSWORD_WORDS)})[a-z\u00df-\u04ff]{{0,4}}+(?: [^\s:=]{{1,16}}+){{0,3}}?"
        r"(?:\s{0,2}[:=：]|\s(?:ist|lautet|es|est|è|é|är|er|jest|to|это|هي|है)(?=\s)|\s?(?:是|为|為|は|는|은)[：:]?"
        r"|(?=\s{1,2}[^\s0-9]{0,64}[0-9])|(?<=[密码碼令])(?=[!-~]))"
        rf"\s{{0,2}}[\"'`«“「]?({_SAID}{{6,256}})",
        "mot de passe : hunter2‹b4›",
        "le mot de passe est obligatoire, пароль: обязательное поле",
        _is_said,
    ),
    _rule(
        "key-assigned",
        "a random value under a name that ends in key",
        ("key", "密钥"),
        rf"(?i:(?:(?<=[a-z0-9])|(?<=[a-z0-9][_.-]))keys?|密钥)[\"'`]?\]?\s{{0,2}}(?::=|=>|=|:|：|是)\s{{0,3}}[\"'`]?({_ASSIGNED}{{16,2000}})",
        "SEGMENT_WRITE_KEY=‹b32›",
        "cache_key=user-42-profile-page and primaryKey: 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        _is_key,
    ),
    _rule(
        "named-value",
        "a secret whose name and value are two fields: an environment entry of Kubernetes, a setting in JSON",
        ("name", "key"),
        r"(?i:name|key)[\"']?\s?:\s{0,2}[\"']?\w{0,60}(?i:password|passwd|secret|token|api_?key|access_?key|private_?key)"
        r"(?:_[A-Z0-9]{1,12})?[\"']?,?\s{1,20}[\"']?(?i:value)[\"']?\s?:\s{0,2}"
        rf"(?:{_QUOTED}|({_ASSIGNED}{{4,512}}))",
        "- name: DB_PASSWORD\n  value: hunter2‹b4›",
        "- name: DB_PASSWORD\n  value: $(DB_PASSWORD)",
        lambda match: is_secret(_value(match), words_too=True),
        needs=("value",),
    ),
    _rule(
        "auth-assigned",
        "a random value under a vague name: auth, credentials of a session, a key in a query",
        (
            *("auth", "session", "sid", "phpsessid", "jsessionid", "sig", "x-amz-", "x-goog-", "key", "code"),
            *("sign", "seed", "pat"),
        ),
        r"(?:(?<=_)session|(?<![A-Za-z_-])(?i:auth|sessionid|session_id|session|sid|phpsessid|jsessionid|sig"
        r"|signature|x-(?:amz|goog)-(?:signature|credential)|key|code|sign|seed|pat))"
        rf"[\"']?\s?[:=]\s?[\"']?({_ASSIGNED}{{16,2000}})",
        "?sv=2022-11-02&sig=‹b43›%3D",
        "key=primary-button-of-the-form",
        lambda match: (
            _is_random(match)
            and not _HASH_OR_ID.fullmatch(_value(match))
            and not _NO_SECRET_KEY.search(match.string[max(0, match.start() - 24) : match.start() + 3])
        ),
    ),
    _rule(
        "password-said",
        "a password, PIN or token that a sentence gives away",
        (
            "pass",
            "pwd",
            "pw",
            "psk",
            "token",
            "secret",
            "api key",
            "wifi key",
            "wlan key",
            "wpa key",
            "login",
        ),
        r"(?i:password|passphrase|passcode|passwd|pwd|(?<![a-z])(?:pw|pass|psk)|token|secret|api key"
        r"|(?:wifi|wlan|wpa) key|login)(?: (?:for|to|of|on|in|at|from|del?|d[aio]|der|für"
        r"|von)(?: [^\s:]{1,32}+){1,4}?)?"
        r"(?:\s?(?:\s(?:is|was|to|=|are|ist|lautet|es|est|è|é|är|jest)(?: now| still| just| set to)?:?|->|→"
        r"|:)\s{1,2}"
        r"|\s?(?:是|为|為|は|는|은)\s?)"
        rf"[\"'`]?({_SAID}{{6,256}})",
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
        (
            *(
                "htpasswd -",
                "net user ",
                "net use ",
                "echo ",
                "sudo -s",
                "sqlplus ",
                "smbclient ",
                "wandb login ",
                "shodan init ",
                "rabbitmqctl ",
                "mc alias set ",
                "chpasswd",
                "lftp -u ",
                "plink ",
                "useradd -p ",
                "bundle config ",
                "bundle_",
                "snmp-server community ",
            ),
            "xfreerdp ",
            "auth=(",
        ),
        r"htpasswd -[a-zA-Z]{0,6}b[a-zA-Z]{0,6} \S{1,200} \S{1,64} ([^\s$<]{4,128})"
        r"|net user \S{1,64} ([^\s$</*][^\s]{3,128})"
        r"|net use [^\n]{1,80}?/user:\S{1,64} ([^\s$</*][^\s]{3,128})"
        r"|net use \S{1,8} \S{1,80} ([^\s$</*][^\s]{3,128}) /user:"
        r"|echo [\"']?([^\s\"'$<|]{4,128})[\"']? ?\| ?sudo -S"
        r"|sqlplus [\w.-]{1,64}/([^\s@/$<]{4,128})@|smbclient [^\n]{1,80}?%([^\s$<]{4,128})"
        r"|rabbitmqctl (?:add_user|change_password) \S{1,64} ([^\s$<\"'`]{4,128})"
        r"|mc alias set \S{1,64} \S{1,200} \S{1,64} ([^\s$<\"'`]{8,128})"
        r"|chpasswd <<<? ?[\"']?[\w.-]{1,64}:([^\s$<\"'`]{4,128})"
        r"|echo [\"']?[\w.-]{1,64}:([^\s\"'$<|]{4,128})[\"']? ?\| ?(?:sudo )?chpasswd"
        r"|lftp -u [\w.-]{1,64},([^\s$<\"'`]{4,128})|plink [^\n]{0,60}?-pw ([^\s$<\"'`]{4,128})"
        r"|useradd -p ([^\s$<\"'`]{4,128})|xfreerdp [^\n]{1,80}?/p:([^\s$<\"'`]{4,128})"
        r"|bundle config (?:set )?(?:--\w{1,8} )?[\w.-]{3,80} [\w.-]{1,64}:([^\s$<\"'`]{6,128})"
        r"|BUNDLE_[A-Z0-9_]{3,80}=[\"']?([0-9A-Za-z]{6,64}:[^\s$<\"'`]{6,128})"
        r"|snmp-server community ([^\s$<\"'`]{4,64}) R[OW]"
        r"|(?:wandb login|shodan init) ([A-Za-z0-9]{32,128})"
        r"|auth=\([\"'][^\"'\n]{1,64}[\"'],\s?[\"']([^\"'\n]{4,128})[\"']"
        r"|sudo -S[a-z ]{0,8}<<<? ?[\"']?([^\s\"'$<|]{4,128})",
        "echo ‹b12› | sudo -S ls",
        "echo $PASSWORD | sudo -S ls",
        lambda match: not is_placeholder(_value(match)),
        needs=(
            *(
                "sudo -s",
                "htpasswd",
                "net us",
                "sqlplus",
                "smbclient",
                "wandb",
                "auth=(",
                "shodan",
                "rabbitmq",
            ),
            *("alias", "chpass", "lftp", "plink", "useradd", "xfreerdp", "bundle", "snmp"),
        ),
    ),
    _rule(
        "xml-secret",
        "a password or key in an XML element or a configuration attribute",
        ("password", "passphrase", "token", "secret", "apikey", "api_key", "accesskey", "privatekey", "key="),
        r"(?i:(?:password|passphrase|token|secret|apikey|api_key|secretkey|accesskey"
        r"|privatekey)(?:[\"'][^<>\n]{0,60})?>([^<>\n]{4,512})</"
        r"|key=[\"'][^\"'\n]{0,40}(?:password|token|secret|apikey"
        r"|key)[\"']\s{1,4}value=[\"']([^\"'\n]{4,512})[\"'])",
        "<password>hunter2‹b4›</password>",
        "<token>value</token>",
        lambda match: is_secret(_value(match), words_too=True),
        needs=(">", "value="),
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
        ("-u", "-a", "--user", "--auth", "--proxy-user"),
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
        (
            "--",
            "-password",
            "-passphrase",
            "-storepass",
            "-keypass",
            "-srcstorepass",
            "-deststorepass",
            "-token",
        ),
        r"(?<![-\w])-(?P<option>-[A-Za-z][A-Za-z0-9-]{1,40}"
        r"|(?i:password|passphrase|(?:src|dest)?storepass|keypass|token))"
        rf"[ =]{{1,2}}[\"']?(?!-)({_ASSIGNED}{{4,2000}})",
        "deploy --token ‹b32›",
        "read it with --password-stdin or --token TOKEN",
        _after_option,
    ),
    _rule(
        "command-password",
        "a password as the short option of a command that takes one there",
        (
            *(
                "mysql",
                "mariadb",
                "sshpass",
                "docker login",
                "podman login",
                "az login",
                "az acr login",
                "cqlsh",
                "cypher-shell",
                "psexec",
                "helm registry login",
            ),
            *("mongo", "redis-cli", "twine upload", "unzip", "zip", "ldapsearch", "sqlcmd", "7z"),
            "openssl ",
        ),
        r"(?i:mysql|mysqldump|mysqladmin|mariadb|sshpass|docker login|podman login|az login"
        r"|az acr login|cqlsh|cypher-shell|psexec"
        r"|helm registry login|mongosh|mongodump|mongo|redis-cli"
        r"|twine upload|unzip|zip|ldapsearch|sqlcmd"
        r"|7z)\s[^\n|;&]{0,120}?(?<=\s)-[pPawek][ ]?[\"']?([^\s\"'<>$-][^\s\"'<>$]{3,128})"
        r"|openssl [^\n|;&]{0,120}?(?<=\s)-[kK] [\"']?([^\s\"'<>$-][^\s\"'<>$]{3,128})",
        "mysql -h db -u root -p‹b12› app",
        "docker login -u me -p $DOCKER_PASSWORD",
        _in_command,
    ),
    _rule(
        "sql-password",
        "a password in an SQL statement",
        ("identified", "password"),
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
        begins=False,
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
        "account",
        "a well-known account and its password, joined by a colon",
        (
            "admin:",
            "administrator:",
            "root:",
            "user:",
            "test:",
            "demo:",
            "guest:",
            "postgres:",
            "sa:",
            "deploy:",
            "ubuntu:",
        ),
        r"(?<![\w/:@.#-])(?i:admin(?:istrator)?|root|user|test|demo|guest|postgres|sa|deploy|ubuntu)"
        rf":({_SAID}{{8,64}})",
        "admin:‹b12› works on the test box",
        "user:profile-page and root:x:0:0:root:/root:/bin/bash",
        lambda match: bool(
            re.fullmatch(r"(?=[^A-Z]*+[A-Z])(?=[^a-z]*+[a-z])(?=[^0-9]*+[0-9])[^:/.]+[!?.:]?", _value(match))
        ),
    ),
    _rule(
        "aws-secret-beside",
        "the secret that is handed over with its AWS key id",
        ("akia", "asia"),
        r"(?:AKIA|ASIA)[A-Z0-9]{16}[^A-Za-z0-9\n][^\n]{0,40}?(?<![A-Za-z0-9/+=])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        "AKIA‹u16› / ‹b40›",
        "AKIA begins the id",
        lambda match: is_random(_value(match), least=16) and not re.fullmatch(r"[0-9a-f]{40}", _value(match)),
    ),
    _rule(
        "service-key-assigned",
        "a value that only looks like a hash or an id, under a name that says it opens something",
        (
            *("secret_id", "secretid", "secret-id", "routing_key", "integration_key", "appid", "hapikey"),
            *("subscription-key", "subscription_key", "instrumentationkey"),
        ),
        r"(?i:secret[_-]?id[\"']?\s{0,2}[:=]\s{0,2}[\"']?([0-9a-f]{8}-[0-9a-f-]{27})"
        r"|(?:routing_key|integration_key|appid|hapikey|subscription[_-]key|instrumentationkey)[\"']?\s{0,2}[:=]\s{0,2}[\"']?"
        r"([0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}))(?![\w-])",
        "https://api.openweathermap.org/data/2.5/weather?q=Oslo&appid=‹h32›",
        "secret_id: prod/db, routing_key=orders.created and appid=1024",
    ),
    _rule(
        "key-beside",
        "a random value right after the word key, of letters in both cases and digits",
        ("key", "密钥"),
        r"(?i:keys?|密钥)(?: is|:)? {1,2}[\"'`]?([A-Za-z0-9_+/=-]{20,200})(?![\w/.-])",
        "the mistral key ‹b32› expires soon",
        "the foreign key 3f2504e0-4f89-11d3-9a0c-0305e82c3301, the key da39a3ee5e6b4b0d3255bfef95601890afd8",
        _is_beside_key,
    ),
    _rule(
        "token-named-after",
        "a value that the words behind it call a token, a key or a secret, even one like a hash",
        (" as ", " is "),
        r"(?<![\w/.:-])([A-Za-z0-9_-]{20,200}={0,2})[\"'`]? (?:as|is) (?:the |my |our |an? )?(?:\w{1,16} )?"
        r"(?:(?i:token|api[ _-]?key|secret|password|authorization header)|[A-Z_]{2,30}_(?:KEY|TOKEN|SECRET))"
        r"(?=[,.;:!?)]|\s{0,2}\Z| for | here)",
        "use ‹h40› as access token",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709 is the token refactoring",
        lambda match: has_digit(_value(match)) and _is_random(match),
        begins=False,
    ),
    _rule(
        "private-jwk",
        "the private part of a JSON Web Key",
        ('"d"', '"k"'),
        r"\"[dk]\"\s?:\s?\"([A-Za-z0-9_-]{40,2000})\"",
        '{"kty": "RSA", "e": "AQAB", "d": "‹b86›"}',
        '{"kty": "RSA", "d": "…"}',
        needs=("kty",),
    ),
    _rule(
        "one-time-code",
        "a code for one sign-in, and the codes kept for when there is none",
        (
            *(
                "otp",
                "totp",
                "2fa",
                "mfa",
                "verification code",
                "security code",
                "one-time code",
                "login code",
            ),
            *("sign-in code", "authentication code", "backup code", "recovery code", "your ", "验证码"),
        ),
        r"(?<![A-Za-z])(?i:otp|totp|(?:(?:2fa|mfa|verification|security|one-time|login|sign-in"
        r"|authentication) )code|2fa|mfa|your (?:\w{1,16} )?code|验证码)"
        r"(?:\s?(?:is|was|[:=：是]))?\s{0,3}([0-9]{6,8}|[0-9]{3}[ -][0-9]{3})(?![\w.-])"
        r"|(?i:(?:backup|recovery|2fa|mfa) codes?)(?: are)?:?\s{1,3}"
        r"((?:[0-9A-Za-z]{4,5}-[0-9A-Za-z]{4,5}|[0-9]{6,10})(?:[\s,;]{1,3}(?:[0-9A-Za-z]{4,5}-[0-9A-Za-z]{4,5}|[0-9]{6,10})){0,15})",
        "your verification code is ‹n6›",
        "the verification code is 6 digits long, OTP 2 is planned",
        lambda match: has_digit(_value(match)),
    ),
    _rule(
        "app-password",
        "an application password: four groups of four letters",
        ("app password", "app-password", "app-specific", "app specific", "application"),
        r"(?i:app(?:lication)?(?:[- ]specific)?[ -]password)[^\n]{0,24}?"
        r"(?:(?<![\w-])([a-z0-9]{4}(?:-[a-z0-9]{4}){3})(?![\w-])"
        r"|(?:[:=]|is) {0,2}([A-Za-z0-9]{4}(?: [A-Za-z0-9]{4}){3,5})(?!\w))",
        "app password ‹l4›-‹l4›-‹l4›-‹l4›",
        "an app password is needed when that fails",
    ),
    _rule(
        "password-beside",
        "a random value right after the word for it",
        (
            "pass",
            "pwd",
            "pw",
            "token",
            "secret",
            "api key",
            "apikey",
            "api_key",
            "api-key",
            "access_key",
            "secret_key",
            "access-key",
            "private_key",
            "private-key",
            "requirepass",
            "creds",
            "credentials",
            "basic auth",
            "unseal",
            "login:",
            "account:",
            *(f"{what} key" for what in _KEYS_BESIDE),
        ),
        r"(?i:password|passwd|passphrase|pwd|(?<![a-z])(?:pass|pw)|requirepass|token|secret"
        r"|api[ _-]?key|unseal|(?:access|secret|private)[ _-]key"
        rf"|(?:{'|'.join(_KEYS_BESIDE)}) key|(?:creds"
        r"|credentials|basic auth|login:|account:):?\s{1,2}[\w.@-]{2,64}\s?[/:])"
        rf"\s{{1,2}}[\"'`]?({_VALUE}{{8,512}})|(?i:creds|credentials"
        rf"|basic auth):?\s{{1,2}}[\w.@-]{{2,64}}:({_VALUE}{{8,512}})",
        "the smtp password ‹b16› still works",
        "the token bucket v2-refilled and the password reset-2fa flow",
        lambda match: (
            _is_said(match) and is_random(_value(match)) and not _FINGERPRINT.fullmatch(_value(match))
        ),
    ),
)
