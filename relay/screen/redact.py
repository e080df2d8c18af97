"""Take secrets and personal data out of free text, and leave everything else byte for byte as it was.

Spec: Event Sanitization Pipeline, `sanitizeContent`. The spec's own pattern would redact every commit
hash; this is a table of rules instead, each with a name, what it means, and the short mark it leaves behind.

Two properties keep the table fast enough for untrusted input, and every new rule has to keep them:

- *Literal gates*: a rule's pattern is tried only on a text that holds one of its gates.
- *Linear time*: no unbounded quantifier inside or directly beside another one; one that can fail
  after a long run starts only where a run starts (a lookbehind), so that no character is scanned twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

KEY = "[KEY]"
EMAIL = "[EMAIL]"
USER = "[USER]"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing that no spectator may read.

    Attributes:
        name: Short, unique, for tests and dry runs.
        meaning: What a match is, for people.
        gates: Lower-case literals; a text without any of them cannot match.
        pattern: What goes.
        mark: What stands in its place, as a replacement template.
    """

    name: str
    meaning: str
    gates: tuple[str, ...]
    pattern: re.Pattern[str]
    mark: str = KEY


# A token begins where no letter or digit stands before it ("task-…" holds no "sk-…") and holds a digit early
# on, which tells it from names joined by hyphens and from placeholders ("sk-your-key-here").
_START = r"(?<![A-Za-z0-9])"
_DIGIT_AHEAD = r"(?=[A-Za-z_./+~-]{0,80}[0-9])"

# One character of a credential in running text; no placeholder (`<token>`, `$TOKEN`, `***`) is made of them.
_VALUE = r"[^\s\"'`<>\[\]{}$*…,;]"

# One path component that names a person: no separator, no sign that ends a path in running text, no
# placeholder (`<name>`, `$USER`, `{user}`, `[USER]`); an apostrophe only inside a name; no dot at the end.
_PERSON = (
    r"(?!(?:Public|Shared|Default|All Users)(?![\w.-]))"
    r"(?:[^/\\\s\"'`<>|:;,*?!\[\]{}()$%…，。、；：！？（）「」]|(?<=\w)'(?=\w)){1,64}(?<!\.)"
)
# Where home directories live: the root itself, or a well-known mount of another system's root.
_MOUNT = r"(?:/(?:(?:mnt/|cygdrive/)?[a-z]|var|usr|export|System/Volumes/Data|Volumes/[^/\n]{1,40}))?"


# A letter of a name in an address, as alphabets write it (Latin, Greek, Cyrillic and on to Greek Extended).
_LETTER = r"A-Za-z\u00c0-\u1fff"


def _token(name: str, meaning: str, gates: tuple[str, ...], pattern: str) -> Rule:
    return Rule(name, meaning, gates, re.compile(_START + pattern))


RULES: tuple[Rule, ...] = (
    Rule(
        "private-key",
        "a PEM private-key block; without its end line, everything after the first line",
        ("private key",),
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?"
            r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)"
        ),
    ),
    _token(
        "model-provider-key",
        "an API key of OpenAI, Anthropic, OpenRouter and others that copied the form",
        ("sk-",),
        rf"sk-{_DIGIT_AHEAD}[A-Za-z0-9_-]{{16,}}",
    ),
    _token(
        "github-token",
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        r"gh[opusr]_[A-Za-z0-9]{20,}",
    ),
    _token("github-pat", "a fine-grained GitHub token", ("github_pat_",), r"github_pat_[A-Za-z0-9_]{20,}"),
    _token(
        "gitlab-token",
        "a GitLab personal, deploy, runner or trigger token",
        ("glpat-", "gldt-", "glrt-", "glptt-"),
        rf"gl(?:pat|dt|rt|ptt)-{_DIGIT_AHEAD}[A-Za-z0-9_.-]{{16,}}",
    ),
    _token(
        "slack-token",
        "a Slack bot, user, app or refresh token",
        ("xox", "xapp-"),
        rf"(?:xox[abceoprs]|xapp)-{_DIGIT_AHEAD}[A-Za-z0-9-]{{10,}}",
    ),
    _token(
        "aws-key-id",
        "an AWS access key id",
        ("akia", "asia"),
        r"A(?:KI|SI)A[A-Z0-9]{16}(?![A-Za-z0-9])",
    ),
    _token("google-key", "a Google API key", ("aiza",), r"AIza[A-Za-z0-9_-]{30,}"),
    _token("npm-token", "an npm access token", ("npm_",), r"npm_[A-Za-z0-9]{30,}"),
    _token(
        "pypi-token",
        "a PyPI upload token",
        ("pypi-",),
        rf"pypi-(?:Ag[A-Za-z0-9_-]{{16,}}|{_DIGIT_AHEAD}[A-Za-z0-9_]{{32,}})",
    ),
    _token("hugging-face-token", "a Hugging Face token", ("hf_",), r"hf_[A-Za-z0-9]{24,}"),
    _token(
        "stripe-key",
        "a Stripe secret or restricted key",
        ("k_live_", "k_test_"),
        r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",
    ),
    Rule(
        "jwt",
        "a JSON Web Token, signed or encrypted",
        ("eyj",),
        re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}"),
    ),
    Rule(
        "authorization-header",
        "the value of an Authorization header, whatever its scheme",
        ("authorization",),
        re.compile(
            r"(authorization[\"']?\s{0,2}[:=]\s{0,2}[\"']?)"
            rf"(?:((?:bearer|basic|token|digest)\s{{1,2}}){_VALUE}{{6,}}|{_DIGIT_AHEAD}{_VALUE}{{8,}})",
            re.IGNORECASE,
        ),
        r"\1\2" + KEY,
    ),
    Rule(
        "bearer-token",
        "a bearer or basic credential outside a header line",
        ("bearer", "basic"),
        re.compile(
            rf"{_START}((?:bearer|basic)\s{{1,4}}){_DIGIT_AHEAD}[A-Za-z0-9._~+/-]{{16,}}={{0,2}}",
            re.IGNORECASE,
        ),
        r"\1" + KEY,
    ),
    Rule(
        "email",
        "an e-mail address; not the `git@` of a clone address, not `package@1.2.3`",
        ("@",),
        re.compile(
            rf"(?<![{_LETTER}0-9._%+-])(?!git@)[{_LETTER}0-9._%+-]++@(?!v?[0-9]+\.[0-9])"
            rf"(?:[{_LETTER}0-9-]{{1,63}}\.){{1,8}}(?:[A-Za-z]{{2,24}}|xn--[a-z0-9]{{2,40}}|[\u00c0-\u1fff]{{2,24}})"
            r"(?![A-Za-z0-9])"
        ),
        EMAIL,
    ),
    Rule(
        "home-directory",
        "the person's name in a home directory of macOS, Linux or BSD; the rest of the path stays",
        ("/users/", "/home/"),
        re.compile(rf"(?:(?<![\w.~%+-])|(?<=-[FIL])(?<!\w-[FIL]))({_MOUNT}/(?:Users|home)/){_PERSON}"),
        r"\1" + USER,
    ),
    Rule(
        "windows-home",
        "the person's name in a home directory of Windows; the rest of the path stays",
        ("users", "documents and settings"),
        re.compile(
            r"(?<![A-Za-z0-9])([A-Za-z]:[\\/]{1,2}(?i:Users|Documents and Settings)[\\/]{1,2})"
            rf"(?:{_PERSON}(?: [^\\/:\s\"<>|*?]{{1,32}}){{1,3}}(?=[\\/])|{_PERSON})"
        ),
        r"\1" + USER,
    ),
)

# What shows nothing: controls (line breaks and ESC apart), fillers, zero-width and bidi characters, tags.
_NOTHING = (
    "\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef"
)
_JOINERS = "\u200d\ufe0f"
_SEQUENCE = r"\x1b(?:\[[0-9;:?]{0,32}[A-Za-z])?"
# The joiner and the emoji selector count only in a run that follows printable ASCII, where a disguised key
# would have them and an emoji would not.
_INVISIBLE = re.compile(rf"(?<=[!-~])(?:{_SEQUENCE}|[{_NOTHING}{_JOINERS}])+|{_SEQUENCE}|[{_NOTHING}]+")


def redact(text: str) -> str:
    """Return the text with every match of the table replaced by its mark; without any, the very same text.

    Characters that show nothing cannot hide a match: the rules see the text without them, and
    only a text in which something was found loses them.
    """
    seen = text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)
    clean = _apply(seen)
    return text if clean == seen else clean


def _apply(text: str) -> str:
    gate_view = text.lower()
    for rule in RULES:
        for gate in rule.gates:
            if gate in gate_view:
                text = rule.pattern.sub(rule.mark, text)
                break
    return text
