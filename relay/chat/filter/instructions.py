"""Text that instructs agents: where the chat is interactive they read it, and should obey nobody in it.

A message is held if it takes back what the agents were told, gives them another role or asks for what they
were told; if it is dressed up as the system's, a prompt's or a tool's; or if it has them run what harms.
To ask an agent for something is what an interactive chat is for, and passes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from relay.chat.filter.instruction_phrases import PHRASES
from relay.chat.filter.verdict import ALLOWED, Verdict, hold
from relay.chat.lookalikes import plain_in_context

if TYPE_CHECKING:
    from relay.chat.filter.readings import Readings


def _set(text: str) -> frozenset[str]:
    return frozenset(plain_in_context(text).split())


# Of English and of the languages that most viewers write; compared without accents.
_TAKE_BACK = _set("""
    ignore disregard forget override bypass discard disobey ignora ignorez ignoriere ignoriert
    ignorar ignorieren oublie oubliez olvida olvide esquece esqueça esqueçam dimentica vergiss
    vergesst missachte игнорируй игнорируйте забудь забудьте negeer vergeet zignoruj zapomnij unut
    yoksay abaikan lupakan תתעלם تجاهل अनदेखा
""")
_TOLD = _set("""
    instruction instructions prompt prompts guidelines directives orders rules programming
    restrictions context instrucciones instruções istruzioni consignes anweisungen regeln vorgaben
    befehle инструкции правила указания instructies instrukcje polecenia talimatları talimatlar
    órdenes reglas regras regole instruksi התعليمات التعليمات निर्देशों
""")
_EARLIER = _set("""
    previous prior above earlier preceding former initial original your all any every these those
    tus sus suas tes vos todas toutes tutte vorherigen bisherigen alle deine früheren предыдущие
    свои прежние все poprzednie wszystkie vorige önceki tüm semua
""")
_EARLIER_BEHIND = _set("""
    anteriores anterior previas précédentes precedenti precedente anteriori sebelumnya above before
    السابقة
""")
_ASK = _set("""
    reveal print show repeat display tell output leak post translate encode decode summarize
    summarise paste recite quote write give send dump share expose start begin explain describe list
    disclose provide return echo muestra dime enseña zeig nenne gib affiche montre mostre mostra
    покажи выведи pokaż göster toon tampilkan
""")
_SECRET = _set("""
    system hidden initial original secret internal developer sistema sistem système системный
    systemprompt
""")
_WHAT = _set("""
    prompt prompts instruction instructions message rules directives context guidelines
    instrucciones anweisungen consignes instruções istruzioni инструкции промпт
""")
_FAR = 7
"""Words between a verb and what it is about."""

_PHRASES = re.compile(rf"\b(?:{'|'.join(PHRASES)})")
_DRESSED_UP = re.compile(
    r"<\|?/?(?:im_start|im_end|system|assistant|tool_call|function_calls?|endoftext|user|invoke)\b"
    r"[^>\n]{0,40}\|?>"
    r"|\[/?inst\]|<</?sys>>|(?:^|\n)\s{0,4}#{2,3} {0,2}(?:system|instruction|assistant|human)s?\b"
    r"|\"(?:tool|tool_name|function|function_call|tool_calls)\" {0,2}: {0,2}[\"{\[]"
    r"|\"role\" {0,2}: {0,2}\"(?:system|developer)\"|<!-- ?(?:ai|agents?|claude|system)\b"
    r"|\"name\" {0,2}: {0,2}\"[\w.]{1,40}\" {0,2}, {0,2}\"(?:arguments|input|parameters)\""
)
# «system: Ubuntu 24.04» is a fact, «system: you must …» an order.
_ROLE = re.compile(
    r"(?:^|[\n.\]] {0,2})[\[(]?(?:system|assistant|developer|admin|new instructions?)(?: message)?[\])]?"
    r" ?: {0,3}(?:new |you|your|from|ignore|forget|disregard|do |don't|always|never|i |sure|stop|run|execute"
    r"|delete|reveal|the (?:user|host|previous|safety|following))"
)
_HARMFUL = re.compile(
    r"rm -[rf]{1,2} |(?:curl|wget) [^\n]{0,80}\| ?(?:sudo )?(?:ba|z)?sh\b|git push (?:-f|--force)\b"
    r"|id_rsa|\.env\b|/etc/(?:passwd|shadow)|(?:directly|straight) (?:in)?to main|to main without"
    r"|mine crypto|upload the database"
    r"|delete (?:the repo|the repository|all (?:the )?tests|everything|all files)|skip the review"
    r"|disable (?:the )?(?:tests|checks|review)"
)
_ADDRESSED = re.compile(
    r"\b(?:agents?|claude|codex|gemini|gpt|assistant|ai)\b[,: ]"
    r"|\b(?:call|use|execute|run) (?:the|your|this|following) (?:\w+ )?(?:tool|command|in your terminal)"
    r"|\brun this\b"
)
_ORDER = re.compile(
    r"\b(?:run|execute|post|paste|send|commit|push|cat|call|delete|upload|follow|answer|merge)\b"
)
_QUESTION = re.compile(r"\?\W*$")
_ASKED_ABOUT = _set("""
    did does do why how was were is are has have what which when who
""")
"""What a question about what happened begins with, which asks nobody to do it."""
_UNSPACED = re.compile(
    r"(?:忽略|无视|無視|忘记|忘掉|不要遵守).{0,12}(?:指令|指示|提示|规则|規則|设定)"
    r"|(?:指示|命令|ルール|プロンプト|指令).{0,8}(?:無視|忘れ)"
    r"|(?:显示|输出|告诉我|公开|打印).{0,8}(?:系统提示|提示词|系统指令)"
    r"|你现在是|从现在(?:起|开始)|(?:今|これ)からあなたは|あなたは今から"
    r"|지금부터 (?:너|당신)|(?:지시|명령|규칙|프롬프트).{0,8}(?:무시|잊)"
    r"|システムプロンプト.{0,6}(?:表示|教え|出力)|(?:시스템 ?프롬프트)"
)


def instructions(text: Readings) -> Verdict:
    """Judge whether a message instructs agents, for a chat that they read."""
    lower = text.lower.text
    if not lower.isascii() and (found := _UNSPACED.search(lower)):
        return _instructs(found[0])
    if any(sign in lower for sign in '<["#') and (found := _DRESSED_UP.search(lower)):
        return _instructs(found[0].strip())
    if ":" in lower and (found := _ROLE.search(lower)):
        return _instructs(found[0].strip())
    question = _QUESTION.search(lower) is not None
    for reading in text.likely:
        words = reading.words
        if not (question and words and words[0] in _ASKED_ABOUT) and (
            wanted := _taken_back(words) or _asked_for(words)
        ):
            return _instructs(wanted)
        if found := _PHRASES.search(reading.text):
            return _instructs(found[0])
    found = _HARMFUL.search(lower)
    if found and _ORDER.search(lower) and _ADDRESSED.search(lower) and not question:
        return _instructs(found[0])
    return ALLOWED


def _taken_back(words: list[str]) -> str:
    """Return the words that take back what agents were told; nothing if none do."""
    if _TOLD.isdisjoint(words):
        return ""
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


def _asked_for(words: list[str]) -> str:
    """Return the words that ask for what agents were told; nothing if none do."""
    if _WHAT.isdisjoint(words) or _SECRET.isdisjoint(words):
        return ""
    for place, word in enumerate(words):
        if word in _ASK:
            near = words[place + 1 : place + 1 + _FAR]
            for count in range(len(near) - 1):
                if near[count] in _SECRET and near[count + 1] in _WHAT:
                    return " ".join(words[place : place + count + 3])
    return ""


def _instructs(seen: str) -> Verdict:
    return hold("instructions", seen)
