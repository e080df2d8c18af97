"""Addresses in a message: invitations to chats elsewhere, addresses that hide, hosts nobody knows.

Where developers look things up, what runs on their own machines and what is reserved for examples is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relay.chat.filter.readings import Readings

_INVITATION = re.compile(
    r"discord\.gg|discord(?:app)?\.com/invite|dsc\.gg|invite\.gg|guilded\.gg/i|(?<![\w.])t[.,]me/"
    r"|telegram\.me|chat\.whatsapp\.com|(?<![\w.])wa\.me/|joinchat|linktr\.ee|onlyfans\.com|paypal\.me|cash\.app"
    r"|twitch\.tv/\w|(?<![\w.])(?:bit\.ly|tinyurl\.com|cutt\.ly|rb\.gy|is\.gd)/"
    r"|(?:telegram|whatsapp|snap|snapchat|insta|instagram|kik|tg)[ :-]{1,3}@\w{3}"
)
# What a text must have in it for one of these patterns to be looked for: `in` is much faster than they are.
_ELSEWHERE = (
    *(
        "discord",
        "dsc.gg",
        "invite.gg",
        "guilded",
        "t.me",
        "t,me",
        "telegram",
        "whatsapp",
        "wa.me",
        "joinchat",
    ),
    *("linktr.ee", "onlyfans", "paypal.me", "cash.app", "twitch.tv", "bit.ly", "tinyurl", "cutt.ly", "rb.gy"),
    *("is.gd", "snap", "insta", "kik", "tg"),
)
_LINKED = (
    *(
        "://",
        "www.",
        ".com",
        ".net",
        ".gg",
        ".xyz",
        ".shop",
        ".site",
        ".store",
        ".live",
        ".top",
        ".vip",
        ".club",
    ),
    *(".ru", ".example"),
)
_SCHEMES = ("http", "hxxp", "h t t p", "h.t.t.p", "h**p", "www", " slash ", ".c0m", ".n3t", ".0rg", ".ne7")
_LOOSE = re.compile(r" ?([./]) ?")
_TOP = r"(?:com|net|org|gg|me|tv|io|co|xyz|info|biz|ru|cc|example)\b"
_ANY_TOP = rf"(?:{_TOP}|(?:shop|store|site|online|club|live|top|vip|app|link|click|win|bet)\b)"
_SAID = r"(?:dot|d0t|d o t|punkt|punto|ponto|point|точка|nokta|kropka|punt|ドット|点)"
_DOTS = (
    *(
        "dot",
        "d0t",
        "d o t",
        "punkt",
        "punto",
        "ponto",
        "point",
        "точка",
        "nokta",
        "kropka",
        "punt",
        "ドット",
        "点",
    ),
    *("。", "．", "․", "·", "•", "∙", "‧", "｡", "⸳", " .", ",com", ",net", ",org", ",gg", ",ru", "c o m"),
    *("[.", "(.", "{.", "<.", "'.", '".', "[ .", "( .", "{ .", "< ."),
)
_FOR_A_DOT = re.compile(
    rf" {{0,2}}[\[({{<'\"] ?(?:\.|{_SAID}) ?[\])}}>'\"] {{0,2}}|[ _*-]{_SAID}[ _*-]| ?{_SAID}(?=com\b)"
    rf"|[。．․·•∙‧｡⸳]|  ?\. (?=[a-z0-9-]{{2,40}}[ .])|  ?\. ?(?={_TOP})(?!\.example)"
    r"|,(?=(?:com|net|org|gg|ru)\b)"
)
_ADDRESS = re.compile(rf"(?<![\w.@/-])(?:[a-z0-9-]{{2,40}}\.){{1,4}}{_TOP}")
_ANY_ADDRESS = re.compile(rf"(?<![\w.@/-])(?:[a-z0-9-]{{2,40}}\.){{1,4}}{_ANY_TOP}")
_NO_ADDRESS = re.compile(
    r"(?:the|an?|asp|vb|use|and|in|for|with|domain|their|some|every|old|that|this|of|at)\."
)
_BRACKETED = re.compile(rf"[\[({{<'\"] ?(?:\.|{_SAID}) ?[\])}}>'\"]")
_SPELLED = re.compile(r"(?<!\S)(?:[a-z0-9.-] ){6,80}[a-z0-9](?!\S)")
# «h t t p : / /», «hxxps://», «https ://», «twitch tv slash x».
_ODD_SCHEME = re.compile(
    r"\.(?:c0m|n3t|0rg|ne7)\b|\bh(?: t t p|\.t\.t\.p)|\bhxxps?\b|\bhttps? +:|\bhttps?: +/"
    r"|\bhttps?:/ +/|\bhttps?[:：]?[⁄∕／\\]{1,2}|\bh\*\*ps?|\bhttps?(?: colon|\(:|\[:)"
    r"|\bwww (?:dot )?(?=[a-z0-9-]{2,40}[ .])|\bwww\[|\bwww,|\b(?:com|tv|gg|me|net|org) slash \w"
)
_HOST = re.compile(
    r"(?:https?://|www\.)(\[[0-9a-f:]+\]|[^\s/:?#)\]>\"']{1,100})([/?#][^\s]{0,200})?"
    r"|(?<![\w.@/-])"
    r"((?:[a-z0-9-]{1,40}\.){1,4}(?:com|net|gg|xyz|shop|site|store|live|top|vip|club|ru|example))\b"
)
_WELL_KNOWN = re.compile(
    r"(?:.*\.)?(?:github|gitlab|bitbucket|githubusercontent|python|pypi|readthedocs|npmjs|crates|docs|rust-lang"
    r"|golang|mozilla|stackoverflow|stackexchange|wikipedia|rfc-editor|ietf|w3|docker|kubernetes|debian|ubuntu"
    r"|archlinux|microsoft|google|apple|nodejs|typescriptlang|reactjs|palletsprojects|textualize|anthropic|openai"
    r"|youtube|medium|codeberg|sourceforge|jetbrains|cloudflare|aws|postgresql|sqlite|redis|man7|kernel)"
    r"\.(?:com|org|net|io|dev|rs|js|co|so)|go\.dev|docs\.rs|crates\.io|lwn\.net|youtu\.be"
    r"|(?:[a-z]+\.)?example\.(?:com|org|net)|localhost|.*\.(?:localhost|local|internal|test)|docs\..*"
    r"|127\..*|10\..*|192\.168\..*|172\.(?:1[6-9]|2\d|3[01])\..*|0\.0\.0\.0|\[.*\]"
)
_BAIT = re.compile(
    r"\b(?:cli(?:ck|c|que|quez|cca)|klick\w{0,3}|klik\w{0,3}|tap|press|visit|жми|тыкай|tıkla\w{0,4})"
    r"(?: \w{1,40}){0,2} ?:? ?(?:https?://|www\.)"
    r"|(?:点击|點擊|クリック|클릭)\W{0,3}(?:https?://|www\.)"
)
_NUMERIC = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_TRACKED = re.compile(
    r"[?&](?:aff|ref|referral|affiliate|promo|invite|sub|utm_\w+)=|^/[a-z0-9]{0,3}[0-9][a-z0-9]{0,6}$"
)
"""A path that tells whoever sent it, or is one of a shortener."""


@dataclass(frozen=True, slots=True)
class StrangeLink:
    """A link to a host that is not well known.

    Attributes:
        host: Its name or address.
        odd: It is a bare number, in another alphabet, a shortener's, or tells whoever posted it.
    """

    host: str
    odd: bool


def invitation(reading: str) -> str:
    """Return what invites to a chat elsewhere; nothing if nothing does."""
    tight = _LOOSE.sub(r"\1", reading) if " ." in reading or " /" in reading else reading
    if not any(map(tight.__contains__, _ELSEWHERE)):
        return ""
    found = _INVITATION.search(tight)
    return found[0] if found else ""


def hidden_address(reading: str) -> str:
    """Return an address that is written so that it does not look like one; nothing if there is none.

    Not one is «the dot com boom», nor «asp dot net», nor «we use .net».
    """
    if any(map(reading.__contains__, _SCHEMES)) and (odd := _ODD_SCHEME.search(reading)):
        return odd[0]
    if (
        " . " in reading
        and (spelled := _SPELLED.search(reading))
        and _ADDRESS.search(spelled[0].replace(" ", ""))
    ):
        return spelled[0]
    if not any(map(reading.__contains__, _DOTS)):
        return ""
    address = _ANY_ADDRESS if _BRACKETED.search(reading) else _ADDRESS
    for found in address.finditer(_FOR_A_DOT.sub(".", reading.replace("c o m", "com"))):
        if found[0] not in reading and not _NO_ADDRESS.match(found[0]):
            return found[0]
    return ""


def styled_address(text: Readings) -> str:
    """Return an address that is written in other letters than its own, as no honest one is."""
    written = text.text.lower()
    for host, _ in _links(text.plain.text):
        if host not in written and host.isascii():
            return host
    return ""


def strange_links(reading: str) -> list[StrangeLink]:
    """Return the links to hosts that are not well known."""
    if not any(map(reading.__contains__, _LINKED)):
        return []
    return [
        StrangeLink(host, bool(_NUMERIC.fullmatch(host) or "xn--" in host or _TRACKED.search(path)))
        for host, path in _links(reading)
        if not _WELL_KNOWN.fullmatch(host)
    ]


def baits(reading: str, links: int) -> bool:
    """Say whether a message is there for its links: it says to click, or is nothing but several of them."""
    return bool(_BAIT.search(reading)) or (links > 1 and not any(map(str.isalnum, _HOST.sub("", reading))))


def _links(reading: str) -> Iterator[tuple[str, str]]:
    for link in _HOST.finditer(reading):
        yield link[1] or link[3], link[2] or ""
