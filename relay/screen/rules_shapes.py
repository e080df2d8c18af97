"""What is known by its whole shape: key blocks, JSON Web Tokens, hashes, webhook addresses, pictures."""

from __future__ import annotations

import re

from relay.screen.credible import is_random
from relay.screen.rule import Rule

_MEDIA = "[MEDIA]"

RULES: tuple[Rule, ...] = (
    Rule(
        "data-url",
        "a picture, or another file, written into the text as a data URL",
        (";base64,",),
        re.compile(r"(?<![A-Za-z0-9])(?i:data):[A-Za-z0-9.+/;=_-]{0,120};(?i:base64),[A-Za-z0-9+/=_-]{8,}"),
        "data:image/png;base64,‹b36›",
        "begins with data:image/png;base64, and goes on",
        _MEDIA,
    ),
    Rule(
        "private-key",
        "a PEM private-key block; without its end line, everything after the first line",
        ("-----begin ",),
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?"
            r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)"
        ),
        "-----BEGIN " + "RSA PRIVATE KEY-----\n‹b64›\n‹b64›\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----",
        needs=("private key",),
        begins=True,
    ),
    Rule(
        "encrypted-file",
        "a secret in the envelope of Ansible Vault, of Puppet, of OpenVPN or of SSH2",
        (
            "$ansible_vault;",
            "enc[pkcs7,",
            "begin openvpn static key",
            "begin ssh2 encrypted private",
            "begin ssh2 private",
        ),
        re.compile(
            r"\$ANSIBLE_VAULT;[^\n]{3,80}(?:\s{1,20}[0-9a-f]{16,80}){1,400}|ENC\[PKCS7,[A-Za-z0-9+/=\s]{20,4000}\]?"
            r"|-{4,5} ?BEGIN (?:OpenVPN Static key|SSH2 (?:ENCRYPTED )?PRIVATE KEY)[\s\S]*?"
            r"(?:-{4,5} ?END [^\n]{4,60}|\Z)"
        ),
        "-----BEGIN OpenVPN Static key V1-----\n‹h32›\n‹h32›\n-----END OpenVPN Static key V1-----",
        "$ANSIBLE_VAULT; begins it, ENC[PKCS7,...] too",
    ),
    Rule(
        "putty-key",
        "a PuTTY private-key file, from its first line on",
        ("putty-user-key-file-",),
        re.compile(r"PuTTY-User-Key-File-[23]:[\s\S]*?(?:Private-MAC: ?[0-9a-f]{40,64}|\Z)"),
        "PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n‹b44›\nPrivate-MAC: ‹h64›",
        "PuTTY-User-Key-File- begins it",
    ),
    Rule(
        "jwt",
        "a JSON Web Token, signed or encrypted",
        ("eyj",),
        re.compile(
            r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?)?)?"
        ),
        "eyJ‹b33›.eyJ‹b40›.‹b43›",
        "eyJ is how they begin",
        begins=True,
        may_wrap=True,
    ),
    Rule(
        "password-hash",
        "a salted password hash, as password files and databases keep it",
        ("$2", "$1$", "$5$", "$6$", "$y$", "$apr1$", "$argon2"),
        re.compile(
            r"\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}|\$(?:1|5|6"
            r"|apr1)\$(?:rounds=[0-9]{1,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,86}"
            r"|\$y\$[./A-Za-z0-9]{1,10}\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}"
            r"|\$argon2i?d?\$v=[0-9]{1,3}\$[a-z0-9=,]{1,40}\$[A-Za-z0-9+/]{8,64}\$[A-Za-z0-9+/]{16,128}"
        ),
        "$2b$12$‹b53›",
        'costs $2 and $5, or "$6" for both',
        begins=True,
    ),
    Rule(
        "webhook-url",
        "the secret part of an incoming webhook's address (Slack, Discord, Teams, Zapier, IFTTT)",
        (
            "hooks.slack.com/",
            "/api/webhooks/",
            "webhook.office.com/",
            "outlook.office.com/webhook/",
            "hooks.zapier.com/",
            "maker.ifttt.com/",
            "open.feishu.cn/",
            "open.larksuite.com/",
            "qyapi.weixin.qq.com/",
            "hook.",
            "/hooks/",
        ),
        re.compile(
            r"(?i:hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,200})"
            r"|/api/webhooks/([0-9]{15,22}/[A-Za-z0-9_-]{20,100})"
            r"|(?:webhook\.office\.com/webhookb2|outlook\.office\.com/webhook)/([A-Za-z0-9@/_-]{36,300})"
            r"|hooks\.zapier\.com/hooks/catch/([0-9]{4,12}/[a-z0-9]{6,12})"
            r"|(?:open\.feishu\.cn|open\.larksuite\.com)/open-apis/bot/v2/hook/([0-9a-f-]{36})"
            r"|qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([0-9a-f-]{36})"
            r"|hook\.[a-z0-9]{2,5}\.make\.com/([a-z0-9]{24,40})"
            r"|/hooks/([a-z0-9]{26}|[A-Za-z0-9]{17}/[A-Za-z0-9]{40,64})(?![A-Za-z0-9])"
            r"|maker\.ifttt\.com/trigger/[^/\s]{1,64}/(?:json/)?with/key/([A-Za-z0-9_-]{16,64}))"
        ),
        "https://hooks.slack.com/services/T‹u8›/B‹u8›/‹b24›",
        "https://hooks.slack.com/services/<your-path>",
        begins=True,
    ),
    Rule(
        "node-url",
        "the key in the address of a blockchain node",
        ("infura.io/", "alchemy.com/", "alchemyapi.io/", "quiknode.pro/", "ankr.com/"),
        re.compile(
            r"(?i:infura\.io|alchemy\.com|alchemyapi\.io|quiknode\.pro|ankr\.com)/(?:[a-z_]{1,24}/){0,2}(?:v[0-9]/)?"
            r"([A-Za-z0-9_-]{24,80})(?![\w-])"
        ),
        "https://mainnet.infura.io/v3/‹h32›",
        "https://docs.alchemy.com/reference/eth-getblockbynumber-of-a-node",
        accepts=lambda match: is_random(match[1], least=16),
        begins=True,
    ),
)
