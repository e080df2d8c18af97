"""Text that instructs agents: where the chat is interactive they read it, and should obey nobody in it.

A message is held if it takes back what the agents were told, gives them another role or asks for what they
were told; if it is dressed up as the system's, a prompt's or a tool's; or if it has them run what harms.
To ask an agent for something is what an interactive chat is for, and passes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from relay.chat.filter.readings import WORD
from relay.chat.filter.verdict import ALLOWED, Verdict, hold
from relay.chat.lookalikes import plain_in_context

if TYPE_CHECKING:
    from relay.chat.filter.readings import Readings


def _set(text: str) -> frozenset[str]:
    return frozenset(plain_in_context(text).split())


# Words without accents, of English and of the languages that most viewers write.
_TAKE_BACK = _set(
    "ignore disregard forget override bypass discard disobey"
    " ignora ignorez oublie oubliez olvida ignorar esquece esqueca dimentica"
    " ignoriere ignoriert vergiss vergesst missachte игнорируй игнорируйте забудь забудьте"
    " negeer vergeet zignoruj zapomnij unut yoksay"
)
_TOLD = _set(
    "instruction instructions prompt prompts guidelines directives orders rules programming restrictions context"
    " instrucciones instrucoes istruzioni consignes directives anweisungen regeln vorgaben befehle инструкции"
    " правила указания instructies instrukcje polecenia talimatlari talimatlar ordenes reglas regras regole"
)
_EARLIER = _set(
    "previous prior above earlier preceding former initial original your all any every these those"
    " anteriores anterior precedentes precedenti tus sus suas tes vos todas toutes tutte"
    " vorherigen bisherigen alle deine fruheren предыдущие свои прежние все poprzednie vorige onceki tum"
)
_EARLIER_BEHIND = _set("anteriores anterior previas precedentes precedenti precedente anteriori")
_FAR = 6
"""Words between what is taken back and its verb."""

_PHRASES = re.compile(
    r"\b(?:you are now (?:a|an|the|in|dan|free|my|root|unrestricted)\b(?! (?:main|master|branch|database))"
    r"|you will now (?:act|be|answer|obey)|from now on,? (?:you|obey|answer|only)"
    r"|(?:forget|disregard|ignore) everything|(?:ignore|disregard) what the (?:host|system|user) (?:said|told)"
    r"|(?:obey|listen to|answer to) (?:only )?me (?:instead|only)"
    r"|(?:do not|don't|stop) follow(?:ing)? (?:your|the) (?:earlier|previous|prior|above|initial)"
    r"|(?:reveal|print|show|repeat|display|tell|output|leak|post)\b.{0,24}"
    r"\b(?:system prompt|hidden instructions|initial instructions|secret token|api key|environment variables)"
    r"|what (?:are|were) your (?:initial|original|system|hidden|secret) (?:instructions|prompt|rules)"
    r"|begin your (?:next )?(?:message|answer|reply) with|(?:your|the) system prompt (?:word|verbatim|please|into|here)"
    r"|developer mode|jailbreak|do anything now|no longer (?:apply|bound)|new instructions (?:follow|are)"
    r"|(?:without|no|any) (?:rules|restrictions|limits|limitations|filters?)(?= |$)(?= and| or|$)"
    r"|had no (?:limits|rules|restrictions)|have no (?:restrictions|rules|limits)|safety (?:rules|filters?) (?:is|are|off)"
    r"|an ai (?:without|with no)|(?:attention|important|dear|all|hey)\W{1,3}(?:all )?(?:ai )?agents?\b.{0,24}\b(?:must|stop|execute|run)\b"
    r"|(?:previous|earlier|prior|old) (?:orders|instructions) (?:are|is|were) (?:cancelled|canceled|void|outdated|revoked)"
    r"|instructions (?:are|were) (?:outdated|void|cancelled|revoked)|(?:contents?|content) of (?:the )?\.env"
    r"|grant me (?:write|root|admin)|new owner|act as root"
    r"|ahora eres|tu es maintenant|du bist jetzt|voce agora e|agora voce e|sei ora|теперь ты|ora sei|je bent nu"
    r"|(?:muestra|dime|ensena) tu prompt|(?:zeig|nenne|gib) (?:mir )?deine?n? (?:system|anweisung)"
    r"|affiche ton prompt|mostre seu prompt|покажи (?:свои )?(?:системн|промпт)|mostra il tuo prompt)"
)
_DRESSED_UP = re.compile(
    r"<\|?/?(?:im_start|im_end|system|assistant|tool_call|function_calls?|endoftext|user)\b[^>\n]{0,20}\|?>"
    r"|\[/?inst\]|<</?sys>>|(?:^|\n)\s{0,4}#{2,3} {0,2}(?:system|instruction|assistant|human)s?\b"
    r"|\"(?:tool|tool_name|function|function_call|tool_calls)\" {0,2}: {0,2}[\"{\[]"
    r"|\"name\" {0,2}: {0,2}\"[\w.]{1,40}\" {0,2}, {0,2}\"(?:arguments|input|parameters)\""
)
# «system: Ubuntu 24.04» is a fact, «system: you must …» an order.
_ROLE = re.compile(
    r"(?:^|[\n.] {0,2})(?:system|assistant|developer|system message|new instructions?)(?: message)? ?: {0,3}"
    r"(?:new |you|your|from|ignore|forget|disregard|do |don't|always|never|i |sure|stop|run|execute|delete|reveal|the )"
)
_HARMFUL = re.compile(
    r"rm -[rf]{1,2} |curl [^\n]{0,80}\| ?(?:ba|z)?sh\b|wget [^\n]{0,80}\| ?(?:ba|z)?sh\b|git push (?:-f|--force)\b"
    r"|id_rsa|\.env\b|/etc/(?:passwd|shadow)|push (?:directly )?to main|commit directly to main"
    r"|mine crypto|upload the database|delete (?:the repo|the repository|all tests|everything|all files)"
)
_ADDRESSED = re.compile(
    r"\b(?:agents?|claude|codex|gemini|gpt|assistant|ai)\b[,: ]|\b(?:call|use|execute|run) (?:the|your) (?:\w+ )?(?:tool|command)"
)
_ORDER = re.compile(r"\b(?:run|execute|post|paste|send|commit|push|cat|call|delete|upload|follow|answer)\b")
_UNSPACED = re.compile(
    r"(?:忽略|无视|無視|忘记|忘掉|不要遵守).{0,12}(?:指令|指示|提示|规则|規則|设定)|(?:指示|命令|ルール|プロンプト).{0,8}(?:無視|忘れ)"
    r"|(?:显示|输出|告诉我|公开).{0,6}(?:系统提示|提示词)|(?:지시|명령|규칙|프롬프트).{0,8}(?:무시|잊)|システムプロンプト.{0,6}(?:表示|教え)"
)


def instructions(text: Readings) -> Verdict:
    """Judge whether a message instructs agents, for a chat that they read."""
    if not text.lower.isascii() and (found := _UNSPACED.search(text.lower)):
        return _instructs(found[0])
    if found := _DRESSED_UP.search(text.lower) or _ROLE.search(text.lower):
        return _instructs(found[0].strip())
    for reading in text.all:
        if taken := _taken_back(WORD.findall(reading)):
            return _instructs(taken)
        if found := _PHRASES.search(reading):
            return _instructs(found[0])
    if (found := _HARMFUL.search(text.lower)) and _ORDER.search(text.lower) and _ADDRESSED.search(text.lower):
        return _instructs(found[0])
    return ALLOWED


def _taken_back(words: list[str]) -> str:
    """Return the words that take back what agents were told; nothing if none do."""
    for place, word in enumerate(words):
        if word in _TAKE_BACK:
            near = words[place + 1 : place + 1 + _FAR]
            for count, told in enumerate(near):
                behind = words[place + count + 2 : place + count + 4]
                if told in _TOLD and not (
                    _EARLIER.isdisjoint(near[:count]) and _EARLIER_BEHIND.isdisjoint(behind)
                ):
                    return " ".join(words[place : place + count + 2])
    return ""


def _instructs(seen: str) -> Verdict:
    return hold("instructions", seen)
