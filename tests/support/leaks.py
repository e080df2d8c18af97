"""Texts that people leak, made from templates with seeded randomness: no secret is written down here.

In a template `‹b36›` stands for 36 random characters (b letters and digits, h hexadecimal, n digits, u upper
case and digits, l lower case and digits) and `«text»` for text that must go as it stands.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from relay.screen.block_kinds import BLOCKS, TAGGED
from relay.screen.redact import RULES
from support import dumped, pasted

_ALPHABETS = {
    "b": string.ascii_letters + string.digits,
    "h": "0123456789abcdef",
    "n": string.digits,
    "u": string.ascii_uppercase + string.digits,
    "l": string.ascii_lowercase + string.digits,
}
_PART = re.compile(r"‹([bhnul])([0-9]+)›|«([^»]*)»")
_LEAST_SECRET = 6
"""A shorter random part (an id's middle, a suffix) may stay; it gives nothing away."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A text, what kind of thing it leaks, and the parts that must not be seen."""

    kind: str
    category: str
    text: str
    secrets: tuple[str, ...]


def expand(template: str, rng: random.Random) -> tuple[str, tuple[str, ...]]:
    """Fill a template in; return the text and the parts that must go."""
    secrets: list[str] = []

    def fill(match: re.Match[str]) -> str:
        if match[3] is not None:
            secrets.append(match[3])
            return match[3]
        alphabet, size = _ALPHABETS[match[1]], int(match[2])
        part = "".join(rng.choices(alphabet, k=size))
        if size >= _LEAST_SECRET:
            # As any real one of some length: a digit, and a letter where there may be one.
            part = (
                part[:2]
                + rng.choice("2345679")
                + part[3:5]
                + (rng.choice("cdef") if match[1] in "bhl" else part[5])
                + part[6:]
            )
            secrets.append(part)
        return part

    return _PART.sub(fill, template), tuple(secrets)


AROUND = (
    "{}",
    "use {} for now",
    "here: {}, thanks",
    "({})",
    "`{}`",
    '"{}"',
    "这是{}，别说出去",
    "export KEY={}",
    "{}。",
    "old {}\nnew one follows",
    "→{}←",
    "key={}&x=1",
)

ASSIGNED = (
    "password=‹b12›",
    "password: ‹b12›",
    "PASSWORD = '‹b14›'",
    '"password": "‹b14›"',
    'db_password: "‹b16›"',
    "DB_PASS=‹b16›",
    "export SECRET_KEY=‹b40›",
    "set API_TOKEN=‹b32›",
    '$env:API_KEY = "‹b32›"',
    "AWS_SECRET_ACCESS_KEY=‹b40›",
    "aws_secret_access_key = ‹b40›",
    "OPENAI_API_KEY: ‹b32›",
    "apiKey: '‹b32›'",
    "api-key: ‹h32›",
    "X-Api-Key: ‹h32›",
    "x-auth-token: ‹b32›",
    "client_secret=‹b32›",
    '"client_secret": "‹b32›"',
    'clientSecret: "‹b28›"',
    "access_token=‹b40›",
    "refresh_token: ‹b40›",
    "secret_key_base: ‹h64›",
    "SECRET_KEY_BASE=‹h64›",
    "encryption_key='‹h32›'",
    "signing-key: ‹b44›",
    "spring.datasource.password=‹b12›",
    "//registry.npmjs.org/:_authToken=‹b36›",
    "_password=‹b24›",
    "_auth=‹b32›",
    "AccountKey=‹b60›==;EndpointSuffix=core.windows.net",
    "SharedAccessKey=‹b43›=",
    "Server=db;User Id=sa;Password=‹b12›;",
    "Pwd=‹b10›;Database=x",
    "JWT_SECRET=‹b32›",
    "WEBHOOK_SECRET: ‹h40›",
    'passphrase: "«correct-horse-7-battery»"',
    "password=«supersecret»",
    "DB_PASSWORD=«letmeinplease»",
    'password = "«opensesame»"',
    "pwd: «Tr0ub4dor&3»",
    "PGPASSWORD=‹b12› psql",
    "MYSQL_ROOT_PASSWORD: «s3cr3t-r00t»",
    "contraseña: ‹b10›",
    "密码：‹b12›",
    "密码是 password=‹b12›。",
    "Passwort: ‹b10›",
    "senha=‹b10›",
    "{'token': '‹b32›'}",
    '{\\"api_key\\": \\"‹b32›\\"}',
    'config.api_key = "‹b32›"',
    "token => '‹b32›'",
    "TOKEN:=‹b32›",
    "Authorization: Bearer ‹b40›",
    "Authorization: Basic ‹b32›==",
    "authorization=Token ‹h40›",
    "Authorization: ApiKey ‹b32›",
    "-H 'Authorization: Bearer ‹b30›'",
    '"authorization": "Bearer ‹b30›"',
    "Proxy-Authorization: Basic ‹b24›=",
    "bearer ‹b32›",
    "Cookie: session=‹b40›; theme=dark",
    "Set-Cookie: sid=‹h32›; HttpOnly",
    "https://api.example.com/v1?api_key=‹b32›",
    "https://x.example.com/cb?access_token=‹b40›&state=1",
    "https://acc.blob.core.windows.net/c?sv=2022-11-02&sig=‹b43›%3D",
    "https://b.s3.amazonaws.com/k?X-Amz-Signature=‹h64›",
    "https://maps.example.com/js?key=‹b39›",
    "wss://h.example.com/s?token=‹b30›",
    "https://alice:‹b16›@git.example.com/x.git",
    "postgres://app:‹b16›@db.example.com:5432/app",
    "postgresql+asyncpg://u:‹b12›@h/db",
    "mysql://root:‹b12›@127.0.0.1/app",
    "mongodb+srv://u:‹b20›@c0.example.mongodb.net/x",
    "redis://:‹b20›@cache.example.com:6379/0",
    "amqp://guest:‹b14›@mq.example.com/vhost",
    "smtp://mailer:‹b14›@smtp.example.com:587",
    "ftp://bob:‹b10›@ftp.example.com",
    "https://‹h32›@o12345.ingest.sentry.io/42",
    "https://‹b40›@github.com/org/repo",
    "jdbc:mysql://h/db?user=a&password=‹b12›",
    "curl -u admin:‹b12› https://example.com",
    "curl --user deploy:‹b16› https://x.example.com",
    "curl -uadmin:‹b12› https://example.com",
    "mysql -u root -p‹b12› app",
    "mysqldump -h db -uroot -p‹b12› x",
    "sshpass -p ‹b12› ssh root@example.com",
    "sshpass -p '‹b12›' scp x",
    "docker login -u me -p ‹b24› registry.example.com",
    "redis-cli -h h -a ‹b16› ping",
    "deploy --token ‹b32›",
    "tool --password=‹b12›",
    "tool --password '‹b12›'",
    "gh auth --with-token ‹b40›",
    "cli --api-key ‹b32› run",
    "vault login -token=‹b32›",
    "wget --http-password=‹b12› https://x.example.com",
    "gpg --batch --passphrase ‹b16› -d x",
    "az login --service-principal -u x -p ‹b34› --tenant y",
    "helm registry login -u u -p ‹b20› r",
    "twine upload -u __token__ -p ‹b60›",
    "unzip -P ‹b10› a.zip",
    "kubectl create secret generic s --from-literal=password=‹b12›",
    "aws configure set aws_secret_access_key=‹b40›",
    "ALTER USER app WITH PASSWORD '‹b12›'",
    "create user a identified by '‹b12›'",
    "machine h login me password ‹b12›",
    "db.example.com:5432:app:me:‹b16›",
    "openssl rsa -passin pass:‹b12› -in k",
    "<password>‹b12›</password>",
    '<add key="ApiSecret" value="‹b32›"/>',
    "<apiKey>‹b32›</apiKey>",
    "the password is ‹b12›",
    "my password was ‹b12›.",
    "the token is: ‹b32›",
    "password for staging is ‹b12›!",
    "login admin / password ‹b10›",
    "user: bob, pass: ‹b10›",
    "root password -> ‹b12›",
    "pw is ‹b12›",
    "heroku config:set API_SECRET=‹b32›",
    "otpauth://totp/x?secret=‹u32›&issuer=y",
    "ssh_key_passphrase: ‹b12›",
    "ADMIN_PASSWORD=‹b10› ./run",
    "- name: API_TOKEN\n  value: x\n  token: ‹b32›",
    "ENV API_KEY ‹b32›".replace(" ‹", "=‹"),
    'terraform: token = "‹b32›"',
    "password:‹b12›",
    'password=>"‹b12›"',
    "password : '‹b14›'",
    "dbPassword='‹b12›'",
    "userPassword: ‹b12›",
)

PERSONAL = (
    "«bob@example.com»",
    "mail «first.last+tag@mail.example.co.uk», please",
    "<«bob_x@example.org»>",
    "写信给«li@example.cn»。",
    "mailto:«a@b.io»",
    "Co-authored-by: Bob <«bob@example.com»>",
    "«вася@почта.рф»",
    "«josé@exämple.fr»",
    "cc:«a-b@x-y.org»;«c.d@e.dev»",
    "author=«jane.doe@corp.example»",
    "«bob [at] example [dot] com»",
    "«bob(at)example.com»",
    "From: «noreply+abc@notify.example.com»",
    "git log --author=«bob@example.com»",
    "/Users/«someone»/app/a.py",
    "/home/«bob.lee»/x",
    "cd /Users/«jdoe»",
    "in /home/«bob».",
    "file:///Users/«bob»/x",
    "/mnt/c/Users/«bob»/x",
    "C:\\Users\\«Bob Lee»\\x",
    "c:\\users\\«bob»\\AppData",
    "C:\\\\Users\\\\«bob»\\\\x",
    "D:/Users/«bob»/x",
    "/c/Users/«bob»/x",
    "/Volumes/Data Disk/Users/«bob»/x",
    "/export/home/«bob»/x",
    "/var/home/«bob»/x",
    "\\\\wsl$\\Ubuntu\\home\\«bob»\\x",
    "\\\\wsl.localhost\\Debian\\home\\«bob»",
    "\\\\server\\Users\\«bob»\\docs",
    "\\\\fs01\\home$\\«bob»\\x",
    "PATH=/home/«bob»/bin:/usr/bin",
    "-I/home/«bob»/include",
    '"/Users/«bob»/a.ts"',
    "~/.claude/projects/-Users-«bob»-app",
    "C:\\Documents and Settings\\«bob»\\x",
    'open("/home/«maría»/x")',
    "/Users/«o'neil»/x",
    "scp a:/home/«bob»/x .",
    "ssh «10.1.2.3»",
    "http://«192.168.1.17»:8080/x",
    "«172.16.4.5»",
    "ping «169.254.10.2»",
    "via «100.64.0.9»",
    "from «10.0.0.12»:5432",
    "host=«192.168.0.10»",
    "DB at «172.31.255.1», ok",
    "[«fe80::1ff:fe23:4567:890a»]:22",
    "«fd12:3456:789a:1::1»",
    "inet6 «fe80::aede:48ff:fe00:1122%en0» prefix",
    "addr=«fc00:0:0:1::2»",
    "服务器是«10.20.30.40»。",
    "root@«10.9.8.7»:~#",
    "«192.168.178.1»/24",
    "::ffff:«10.1.2.3»",
    "https://«vault.internal»:8200",
    "ssh «build-7.eu.corp»",
    "«nas.lan»",
    "«db01.prod.internal»:5432",
    "ping «printer.local»",
    "http://«grafana.corp»/d/1",
    "«my-svc.my-ns.svc.cluster.local»",
    "«api.payments.svc»:80",
    "«ip-10-0-1-23.ec2.internal»",
    "«ip-10-0-1-23»",
    "«jenkins.intranet»",
    "«router.home.arpa»",
    "postgres://app@«db.internal»/x",
    "在«git.corp»上",
    "«macbook-pro-von-bob.local»",
    "curl http://«registry.prod.lan»:5000/v2/",
    "«abandon ability able about above absent absorb abstract absurd abuse access accident»",
    "seed: «zoo zone zero youth young yellow year wrong write wrist wreck wrap», keep it",
    "1. «abandon 2. ability 3. able 4. about 5. above 6. absent 7. absorb 8. abstract 9. absurd "
    "10. abuse 11. access 12. accident»",
    "«abandon\nability\nable\nabout\nabove\nabsent\nabsorb\nabstract\nabsurd\nabuse\naccess\naccident»",
    "phrase «zoo, zone, zero, youth, young, yellow, year, wrong, write, wrist, wreck, wrap, "
    "would, worth, world, work, word, wood»",
)

DUMPS = (
    'Traceback (most recent call last):   File "/app/«billing».py", line 3, in go   «charge»() ValueError: x',
    "Error: «tenant» is gone\n    at Foo.«charge» (file.ts:1:2)",
    '{"type": "thinking", "thinking": "«The user wants it.»"}',
    '{"type": "tool_result", "content": "«rows»"}',
    "environ({'PATH': '«/opt/acme»', 'LANG': 'C'})",
    '{"STAGE": "«prod-eu»", "TENANT": "«acme»"}',
    'Traceback (most recent call last):\n  File "/app/«billing».py", line 3, in <module>\n    '
    '«charge_card»()\n  File "/app/x.py", line 9, in go\n    raise ValueError\nValueError: '
    "«customer 42»\nany idea?",
    "it says\nTypeError: Cannot read «cardNumber» of undefined\n    at «charge» "
    "(/app/a.js:3:7)\n    at Object.<anonymous> (/app/b.js:1:1)\n    at node:internal/main:1:2",
    'Exception in thread "main" java.lang.IllegalStateException: «tenant 7»\n\tat '
    "com.example.«Billing».go(Billing.java:12)\n\tat com.example.Main.main(Main.java:3)\nCaused "
    "by: java.io.IOException: «disk»\n\t... 2 more",
    "panic: runtime error: «invalid memory»\n\ngoroutine 1 [running]:\nmain.«charge»(0x1)\n"
    "\t/app/main.go:8 +0x1d\nmain.main()\n\t/app/main.go:3 +0x20\nexit status 2",
    "thread 'main' panicked at «src/charge.rs»:3:5:\nindex out of bounds: the len is 3\nnote: "
    "run with `RUST_BACKTRACE=1`",
    "a.rb:3:in `«charge»': no (RuntimeError)\n\tfrom b.rb:1:in `«caller_of»'\n\tfrom c.rb:9:in `<main>'",
    "Unhandled exception. System.InvalidOperationException: «tenant»\n   at App.«Billing».Go() "
    "in C:\\src\\B.cs:line 12\n   at App.Program.Main()",
    "PHP Fatal error:  Uncaught Exception: «tenant» in /app/a.php:3\nStack trace:\n#0 "
    "/app/«billing».php(12): go()\n#1 {main}\n  thrown in /app/a.php on line 3",
    "diff --git a/«billing».py b/billing.py\nindex 1..2 100644\n--- a/billing.py\n+++ "
    "b/billing.py\n@@ -1,3 +1,3 @@\n def f():\n-    «old_rate» = 1\n+    «new_rate» = 2",
    "look:\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-«before»\n+«after»\nok?",
    "```diff\n@@ -1,2 +1,2 @@\n a\n-«removed_line»\n+«added_line»\n```",
    "<<<<<<< HEAD\n«ours_line»\n=======\n«theirs_line»\n>>>>>>> main",
    "SHELL=«/bin/zsh»\nHOME=/root\nLANG=«de_DE»\nEDITOR=«vim»",
    "export STAGE=«prod-eu»\nexport REGION=«eu-west-9»\nexport TENANT=«acme»",
    'declare -x HOSTNAME="«web-17»"\ndeclare -x PWD="«/srv»"\ndeclare -x TERM="xterm"',
    "environment:\n  DB_HOST: «db-7»\n  DB_NAME: «billing»\n  DB_USER: «svc»",
    "$ ls -la\ntotal 8\ndrwxr-xr-x  2 me me 4096 Jan  1 10:00 «private-dir»\n-rw-r--r--  1 me "
    "me   12 Jan  1 10:00 «plan.txt»",
    "$ cat notes.txt\n«first line»\n«second line»",
    "me@box:~/app$ cat plan\n«step one»\n«step two»",
    "2026-01-02T10:00:00Z INFO «user 42» in\n2026-01-02T10:00:01Z WARN «slow query»\n"
    "2026-01-02T10:00:02Z INFO done",
    "[10:00:01] «user 42» in\n[10:00:02] «user 43» in\n[10:00:03] «user 44» in",
    "Tool output:\n«first row»\n«second row»",
    "npm ERR! code ELIFECYCLE\nnpm ERR! path «/srv/app»\nnpm ERR! command «node build»",
    "⏺ Bash(ls)\n  ⎿  «a.py»\n     «b.py»",
    "<tool_result>\n«rows of customers»\n</tool_result>",
    "<stdout>«all of it»</stdout>",
    "<function_results>«rows»\n«more rows»</function_results>",
    "<thinking>«The user wants a refund.»</thinking> Done.",
    "<think>\n«Let me look at the card.»\n</think>\nDone.",
    "<thinking>\n«The user wants a refund, and I think so.»",
    "[thinking]«The user wants it.»[/thinking]",
    "Thinking:\n«The user wants a refund.»\n\nDone.",
    "**Reasoning:**\n«First I look.»\n«Then I act.»",
    "<system-reminder>«Do not tell.»</system-reminder>",
    "CONTAINER ID   IMAGE        STATUS\n0123456789ab   «acme/billing»   Up 3 days\n"
    "ba9876543210   «acme/db»   Up 3 days",
    "NAME         READY   STATUS    RESTARTS\n«billing-7d9»   1/1     Running   0\n«db-0»       "
    "   1/1     Running   0",
)


def _full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _bold(text: str) -> str:
    return "".join(
        chr(0x1D41A + ord(char) - 97)
        if "a" <= char <= "z"
        else chr(0x1D400 + ord(char) - 65)
        if "A" <= char <= "Z"
        else char
        for char in text
    )


DISGUISES: dict[str, Callable[[str], str]] = {
    "zero-width": "\u200b".join,
    "one-zero-width": lambda text: text[:5] + "\u200d" + text[5:],
    "soft-hyphen": lambda text: text[:9] + "\u00ad" + text[9:],
    "word-joiner": "\u2060".join,
    "colour": lambda text: text[:6] + "\x1b[31m" + text[6:12] + "\x1b[0m" + text[12:],
    "bold-sequence": lambda text: f"\x1b[1m{text[:3]}\x1b[22m{text[3:]}",
    "full-width": _full_width,
    "mathematical": _bold,
    "percent": lambda text: "".join(f"%{ord(char):02X}" for char in text),
    "percent-signs": lambda text: "".join(char if char.isalnum() else f"%{ord(char):02x}" for char in text),
    "percent-twice": lambda text: "".join(
        f"%25{ord(char):02x}" if index % 5 == 1 else char for index, char in enumerate(text)
    ),
    "entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "hex-entities": lambda text: "".join(
        f"&#x{ord(char):x};" if index % 3 == 0 else char for index, char in enumerate(text)
    ),
    "escapes": lambda text: "".join(char if char.isalnum() else f"\\u{ord(char):04x}" for char in text),
    "wrapped": lambda text: text[:15] + "\n" + text[15:],
    "wrapped-and-indented": lambda text: text[:15] + "\n    " + text[15:],
    "wrapped-with-backslash": lambda text: text[:15] + "\\\n" + text[15:],
    "wrapped-in-a-quote": lambda text: text[:15] + "\n> " + text[15:],
    "wrapped-at-the-end": lambda text: text[:-9] + "\n" + text[-9:],
}

DISGUISED = (
    "sk-proj-‹b48›",
    "sk-ant-api03-‹b90›",
    "ghp_‹b36›",
    "github_pat_11‹b20›_‹b59›",
    "glpat-‹b20›",
    "AKIA‹u16›",
    "AIza‹b35›",
    "xoxb-‹n12›-‹n12›-‹b24›",
    "sk_live_‹b24›",
    "npm_‹b36›",
    "hf_‹b34›",
    "dop_v1_‹h64›",
    "SG.‹b22›.‹b43›",
    "shpat_‹h32›",
    "eyJ‹b33›.eyJ‹b40›.‹b43›",
)


def leaks(seed: int = 1) -> Iterator[Leak]:
    """Yield every case, the same ones for the same seed."""
    rng = random.Random(seed)
    for index, rule in enumerate(RULES):
        personal = rule.mark != "[KEY]"
        for turn in range(1 if personal else 4):
            text, secrets = expand(rule.goes, rng)
            around = AROUND[(index + turn) % len(AROUND)] if rule.may_wrap else "{}"
            if secrets:
                yield Leak(rule.name, "secret", around.format(text), secrets)
    for category, templates in (
        ("secret", (*ASSIGNED, *pasted.SECRETS)),
        ("personal", (*PERSONAL, *pasted.PERSONAL)),
        ("block", (*DUMPS, *dumped.DUMPS)),
    ):
        for index, template in enumerate(templates):
            text, secrets = expand(template, rng)
            yield Leak(f"{category}-{index}", category, text, secrets)
    for template in DISGUISED:
        for name, disguise in DISGUISES.items():
            text, secrets = expand(template, rng)
            yield Leak(f"disguised-{name}", "disguised", f"it is {disguise(text)} and on", secrets)


def examples() -> Iterator[tuple[str, str, str, str]]:
    """Yield name, mark, what goes and what stays, of every row of every table."""
    rng = random.Random(2)
    for rule in RULES:
        yield rule.name, rule.mark, expand(rule.goes, rng)[0], rule.stays
    for block in BLOCKS:
        yield block.name, block.mark, block.goes, block.stays
    for tagged in TAGGED:
        yield tagged.name, tagged.mark, tagged.goes, tagged.stays


def survives(leak: Leak, redacted: str) -> bool:
    """Say whether a part that had to go can still be read, disguised or not."""
    plain = re.sub(r"[^A-Za-z0-9]", "", redacted) if leak.category == "disguised" else redacted
    wrapped = [
        piece
        for secret in leak.secrets
        for piece in (
            (secret, secret[:12], secret[-8:])
            if leak.category == "disguised" and len(secret) > 16
            else (secret,)
        )
    ]
    return redacted == leak.text or any(secret in redacted or secret in plain for secret in wrapped)
