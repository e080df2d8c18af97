"""What points at a person or into a private network: addresses, home directories, host names.

Loopback stays, in every notation: it says nothing about anybody.
"""

from __future__ import annotations

import ipaddress
import re

from relay.screen.rule import EMAIL, HOST, IP, USER, Rule

# A letter of a name in an address, as alphabets write it (Latin, Greek, Cyrillic and on to Greek Extended).
_LETTER = r"A-Za-z\u00c0-\u1fff"

# One path component that names a person: no separator, no sign that ends a path in running text, no
# placeholder (`<name>`, `$USER`, `{user}`, `[USER]`); an apostrophe only inside a name; no dot at the end.
_PERSON = (
    r"(?!(?:Public|Shared|Default|All Users|runner|linuxbrew|ubuntu|user|username|you|yourname"
    r"|your-name|me|settings|profile|dashboard|feed|index|search|explore|login|logout|signup|account|inbox"
    r"|notifications|overview|welcome|about|page|news|[0-9]{1,8})(?![\w.-]))"
    r"(?:[^/\\\s\"'`<>|:;,*?!\[\]{}()$%…，。、；：！？（）「」]|(?<=\w)'(?=\w)){1,64}(?<!\.)"
)
# Where home directories live: the root itself, or a well-known mount of another system's root.
_MOUNT = (
    r"(?:/(?:(?:mnt/|cygdrive/)?[a-z]|(?:private/)?var|usr|export|nfs|net|data|host|hostfs|rootfs|srv|gpfs|lustre"
    r"|(?i:System/Volumes/Data)|(?:Volumes|mnt|media)/[^/\n]{1,40}))?"
)
_BROKEN = r"[ \t]{0,8}\\?\r?\n[ \t>|]{0,16}"
"""A line break inside what belongs together."""

_ROUTE_BEFORE = re.compile(
    r"(?:(?<![A-Za-z])(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|(?i:routes?|endpoints?|pages?"
    r"|(?:redirect(?:s|ed)?|navigates?) to))[\s:]{1,2}[\"'`]?|(?i:href|to|pathname)=\{?[\"'`])"
    r"|\.(?:push|get|post|put|patch|delete|navigate|goto|visit|route)\([\"'`])\Z"
)
"""What stands before a path of a web site, where a directory would need another."""

_ANSWER_AFTER = re.compile(r"(?:/[\w.-]{1,40})?[`\"']? (?:returns|responds|answers|gives|->|→) ?")
"""What a path of a web site does, and no directory."""

_USER_BEFORE = re.compile(r"://[^\s/@]{0,128}\Z")

_RESERVED_BLOCKS = frozenset(
    (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
        "fd00::/8",
        "fe80::/10",
    )
)
"""The ranges themselves, as documentation names them."""

_PRIVATE = tuple(
    ipaddress.ip_network(block)
    for block in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
    )
)

_CODE_BEFORE_LOCAL_TEXT = """
config settings env threading thread local rc setup options overrides docker-compose compose vimrc
gitconfig zshrc bashrc makefile claude agents dev development test production storage module package pkg
lib std core java javax jdk sun kotlin self this app application build gradle properties usr global
"""
_CODE_BEFORE_LOCAL = frozenset(_CODE_BEFORE_LOCAL_TEXT.split())
_CODE_ROOTS_TEXT = """
com org io net dev java javax jdk sun kotlin scala self this github golang python node react vue go
process
"""
_CODE_ROOTS = frozenset(_CODE_ROOTS_TEXT.split())


def _is_no_url(match: re.Match[str]) -> bool:
    """Leave `://user:password@host` and `ssh://user@host` to the rules for addresses."""
    return not _USER_BEFORE.search(match.string, max(0, match.start() - 140), match.start())


def _is_no_route(match: re.Match[str]) -> bool:
    """Leave the paths of web sites: after a verb or a router's call, no deeper than pages are."""
    start = match.start()
    path = match.string[start : match.end(match.lastindex or 0) + 1]
    if "/Users/" in path or path.count("/") > 3 or "\n" in path:
        return True
    following = match.string[match.end() : match.end() + 84]
    if path.startswith("/users/") and _ANSWER_AFTER.match(following):
        return False
    deeper = re.match(r"(?:/[\w.-]{0,40}){2}", following)
    return bool(deeper) or not _ROUTE_BEFORE.search(match.string, max(0, start - 24), start)


def _is_no_template(match: re.Match[str]) -> bool:
    """Leave "name at domain dot com" and sentences with an "at" in them."""
    first = match[0].split()[0].lower()
    return first not in ("look", "see", "run", "stay", "meet", "host", "hosted", "name", "user", "someone")


def _is_split(match: re.Match[str]) -> bool:
    """Accept an address whose first line is none by itself."""
    head = match[0].partition("\n")[0].rstrip(" \t\\\r").rpartition("@")[2]
    return not re.search(r"\.[A-Za-z]{2,24}\Z", head) and _is_no_url(match)


def _is_private_address(match: re.Match[str]) -> bool:
    text = match[0].partition("%")[0]
    following = match.string[match.end() : match.end() + 4]
    block = re.match(r"/[0-9]{1,3}", following)
    if block and text + block[0] in _RESERVED_BLOCKS:
        return False
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in _PRIVATE)


def _is_internal_host(match: re.Match[str]) -> bool:
    labels = match[0].lower().split(".")
    if match[0].lower() in (
        "host.docker.internal",
        "kubernetes.docker.internal",
        "gateway.docker.internal",
        "metadata.google.internal",
    ):
        return False
    if labels[0] in _CODE_ROOTS and labels[-1] in ("internal", "local", "private", "corp", "svc"):
        return False
    return not (
        len(labels) == 2 and (labels[0] in _CODE_BEFORE_LOCAL or re.fullmatch(r"v[0-9]{1,3}", labels[0]))
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "email",
        "an e-mail address; not the `git@` of a clone address, not `package@1.2.3`",
        ("@",),
        re.compile(
            rf"(?<![{_LETTER}0-9._%+-])(?!git@)[{_LETTER}0-9._%+-]++@(?!v?[0-9]+\.[0-9]|[1-4]x\.)"
            rf"(?:[{_LETTER}0-9-]{{1,63}}\.){{1,8}}(?:[A-Za-z]{{2,24}}|xn--[a-z0-9]{{2,40}}"
            rf"|[\u00c0-\u1fff]{{2,24}})"
            r"(?![A-Za-z0-9])"
        ),
        "alice.doe+news@mail.example.co.uk",
        "git@github.com:org/repo.git",
        EMAIL,
        _is_no_url,
    ),
    Rule(
        "ssh-key-comment",
        "who made an SSH key, and on which machine: the comment behind a public key",
        ("ssh-rsa aaaa", "ssh-ed25519 aaaa", "ecdsa-sha2-nistp"),
        re.compile(
            r"(?:ssh-rsa AAAA|ssh-ed25519 AAAA|ecdsa-sha2-nistp[0-9]{3} AAAA)[A-Za-z0-9+/]{40,2000}={0,3}"
            r" ([\w.+-]{1,64}@[\w.-]{1,200})"
        ),
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl alice@laptop",
        "ssh-ed25519 AAAA… deploy",
        EMAIL,
        begins=True,
    ),
    Rule(
        "email-spelled-out",
        "an e-mail address written for people, not for harvesters",
        ("[at]", "(at)", " at "),
        re.compile(
            r"(?<![\w.+-])[\w.+-]{2,64}\s?(?:\[at\]|\(at\)|\s(?i:at)\s)\s?[\w-]{2,63}"
            r"(?:\s?(?:\[dot\]|\(dot\)|\s(?i:dot)\s)\s?[A-Za-z]{2,24}){1,3}"
            r"|(?<![\w.+-])[\w.+-]{2,64}\s?(?:\[at\]|\(at\))\s?[\w-]{2,63}\.[A-Za-z]{2,24}"
        ),
        "alice [at] example [dot] com",
        "look at the dot com boom",
        EMAIL,
        _is_no_template,
    ),
    Rule(
        "email-wrapped",
        "an e-mail address that a line break splits behind its @",
        ("@",),
        re.compile(
            rf"(?<![{_LETTER}0-9._%+-])(?!git@)[{_LETTER}0-9._%+-]++@"
            rf"(?:[A-Za-z0-9.-]{{0,60}}{_BROKEN}[A-Za-z0-9-]{{0,63}}(?:\.[A-Za-z0-9-]{{1,63}}){{0,3}}\.[A-Za-z]{{2,6}}"
            rf"|[A-Za-z0-9.-]{{1,60}}\.{_BROKEN}(?:com|org|net|io|dev|edu|co|de|fr|uk|cn))(?![A-Za-z0-9@])"
        ),
        "alice@exam\nple.com",
        "thanks bob@\nand carol",
        EMAIL,
        _is_split,
        needs=("\n",),
    ),
    Rule(
        "home-directory",
        "the person's name in a home directory of macOS, Linux or BSD; the rest of the path stays",
        ("/users/", "/home/"),
        re.compile(
            rf"(?:(?<![A-Za-z0-9_\u00c0-\u1fff.~%+-])|(?<=-[FIL])(?<!\w-[FIL])){_MOUNT}/(?i:Users"
            rf"|home)/(?:({_PERSON})|{_BROKEN}({_PERSON})(?=/))"
            rf"|(?:vscode(?:-remote)?|sftp|ssh|scp|rsync)://[^\s/]{{1,80}}/(?:Users|home)/({_PERSON})"
        ),
        "/Users/someone/app/a.py",
        "src/Users/Model.php and GET /home/page",
        USER,
        _is_no_route,
    ),
    Rule(
        "windows-home",
        "the person's name in a home directory of Windows; the rest of the path stays",
        ("users", "documents and settings"),
        re.compile(
            r"(?<![A-Za-z0-9])[A-Za-z]:[\\/]{1,4}(?i:Users|Documents and Settings)[\\/]{1,4}"
            rf"(?:({_PERSON}(?: [^\\/:\s\"<>|*?]{{1,32}}){{1,3}})(?=[\\/])|({_PERSON}))"
        ),
        r"C:\Users\Some One\app",
        r"C:\Users\Public\app",
        USER,
    ),
    Rule(
        "network-home",
        "the person's name in a home directory on a share, or of Linux seen from Windows",
        ("\\home", "\\users", "$\\"),
        re.compile(
            rf"(?<![\w:])\\{{2,4}}[\w.$-]{{1,64}}\\{{1,2}}(?:[\w.$ -]{{1,32}}\\{{1,2}})?"
            rf"(?i:home\$?|users\$?|profiles\$?)\\{{1,2}}({_PERSON})"
        ),
        r"\\wsl$\Ubuntu\home\someone\app",
        r"\\wsl$\Ubuntu\home",
        USER,
    ),
    Rule(
        "encoded-home",
        "the person's name in a path that a tool flattened into one name",
        ("projects/-users-", "projects/-home-", "projects\\-users-"),
        re.compile(r"(?i:projects[/\\]-(?:Users|home)-)([A-Za-z0-9_.]{1,64})"),
        "~/.claude/projects/-Users-someone-app",
        "projects/-home-",
        USER,
    ),
    Rule(
        "private-address",
        "a private, link-local or carrier IPv4 address; loopback, public addresses and the "
        "ranges themselves stay",
        ("10.", "172.", "192.", "169.", "100."),
        re.compile(
            r"(?a)(?<![\w.-])(?<!version )(?<!section )(?<!§ )(?:10|172|192|169"
            r"|100)\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![\w]|\.[0-9]|-[a-z])"
            r"|(?<=[:@=/])(?:10|172|192|169|100)\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![\w]|\.[0-9])"
        ),
        "ssh 10.1.2.3 and 192.168.0.17:8080",
        "127.0.0.1, 8.8.8.8, v10.0.0.1 and 10.0.0.0/8",
        IP,
        _is_private_address,
        begins=True,
    ),
    Rule(
        "private-address-6",
        "a unique-local or link-local IPv6 address; ::1 and public ones stay",
        ("fc", "fd", "fe8", "fe9", "fea", "feb", "fec"),
        re.compile(
            r"(?a)(?<![\w:.])(?i:f[cd][0-9a-f]{2}"
            r"|fe[89a-c][0-9a-f]):[0-9A-Fa-f:.]{1,45}(?<!\.)(?:%[A-Za-z0-9._-]{1,16})?(?![\w:])"
        ),
        "ping fe80::1ff:fe23:4567:890a%eth0",
        "::1, 2001:db8::1 and fd00::/8",
        IP,
        _is_private_address,
        begins=True,
    ),
    Rule(
        "internal-host",
        "a host name that only a private network knows, by its last label",
        (
            ".internal",
            ".local",
            ".corp",
            ".lan",
            ".svc",
            ".intranet",
            ".home.arpa",
            ".private",
            ".localdomain",
            ".consul",
            ".intra.",
            ".home:",
            "ip-1",
        ),
        re.compile(
            r"(?a)(?<![\w.$@/\\-])(?<!\.)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\.){1,6}"
            r"(?i:internal|local|corp|lan|intranet|home\.arpa|private|localdomain)(?![\w(\[-]|\.\w| ?=)"
            r"|(?<=[/@])(?<!\./)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\.){1,6}(?i:internal|local|corp|lan"
            r"|intranet|home\.arpa|private|localdomain)(?=[:/\s\"'`),?]|\.?\Z|\.\s)"
            r"|(?<![\w.$-])(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){2,3}svc(?:\.cluster\.local)?(?![\w(-]|\.\w)"
            r"|(?<![\w.$@/\\-])(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,4}(?:internal|intra|intranet|corp|lan)"
            r"\.[a-z0-9-]{1,63}\.(?:com|net|org|io|dev|cloud|co|de|eu|uk|fr)(?![\w(-]|\.\w)"
            r"|(?<![\w.$-])(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,3}(?:service|node|query)\.consul(?![\w(-]|\.\w)"
            r"|(?<![\w.$-])[a-z0-9][a-z0-9-]{0,62}\.home(?=:(?:/|[0-9]{2,5}(?![0-9])))"
            r"|(?<![\w.-])ip-(?:10|172|192)(?:-[0-9]{1,3}){3}(?![\w-])"
        ),
        "https://build-7.eu.corp:8443/ and db.prod.svc.cluster.local",
        "threading.local() and .env.local in localhost",
        HOST,
        _is_internal_host,
    ),
)
