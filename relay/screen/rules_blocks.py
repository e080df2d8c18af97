"""Blocks without line breaks, lost or never there: a trace in one line, an event of an agent's log."""

from __future__ import annotations

import re

from relay.screen.block_kinds import ENVIRONMENT, OUTPUT, REASONING, STACK_TRACE
from relay.screen.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "trace-in-a-line",
        "a Python traceback that was pasted as one line",
        ("traceback (most recent call last)",),
        re.compile(r"Traceback \(most recent call last\):? {1,8}File [^\n]*"),
        'Traceback (most recent call last):   File "a.py", line 1, in <module>     go() ValueError: no',
        "Traceback (most recent call last) is how it begins",
        STACK_TRACE,
    ),
    Rule(
        "reasoning-event",
        "what a model thought, as agents log it in JSON",
        (
            *('"thinking"', '"reasoning"', '"redacted_thinking"', '"reasoning_content"', '"thinking_delta"'),
            *(
                '"thought": true',
                '"thought":true',
                "<summary>thinking",
                "<summary>reasoning",
                "<summary>thought",
            ),
        ),
        re.compile(
            r"\{?\"type\"\s?:\s?\"(?:redacted_)?(?:thinking|reasoning)(?:_delta)?\"[^\n]*"
            r"|\{?\"thought\"\s?:\s?true,[^\n]*|<summary>(?i:thinking|reasoning|thoughts?)[\s\S]*?(?:</details>|\Z)"
            r"|\"(?:thinking|reasoning|reasoning_content)\"\s?:\s?\"((?=[^\"\n ]{1,40} )(?:[^\"\\\n]"
            r"|\\[^\n]){12,4000})"
        ),
        '{"type": "thinking", "thinking": "The user wants it."}',
        'the key "thinking" is hidden',
        REASONING,
    ),
    Rule(
        "reasoning-channel",
        "what a model thought, between the marks of its own format",
        ("<|channel|>analysis", "◁think▷"),
        re.compile(
            r"<\|channel\|>analysis<\|message\|>[\s\S]*?(?:<\|end\|>|<\|return\|>|<\|start\|>|\Z)"
            r"|◁think▷[\s\S]*?(?:◁/think▷|\Z)"
        ),
        "<|channel|>analysis<|message|>The user wants it.<|end|>",
        "<|channel|>analysis is where it thinks",
        REASONING,
    ),
    Rule(
        "reasoning-line",
        "what a model thought, in the line of its heading",
        ("thinking:", "reasoning:", "thought:", "thinking:**", "reasoning:**", "thought:**"),
        re.compile(
            r"(?m)^[ \t>#*∴✻]{0,8}(?i:thinking|reasoning|thought"
            r"|chain of thought):(?:\*\*)? ((?:[^\s]{1,80} ){5}[^\n]*)"
        ),
        "Thinking: the user wants a file, so I read it first",
        "Thinking: maybe later",
        REASONING,
    ),
    Rule(
        "output-event",
        "what a tool was asked or answered, as agents log it in JSON",
        (
            '"tool_result"',
            '"tool_use"',
            '"function_call_output"',
            '"function_call"',
            '"tool"',
            '"function"',
            '"tool_calls"',
            *(
                '"functionresponse"',
                '"functioncall"',
                '"arguments"',
                '"jsonrpc"',
                "[tool_calls]",
                "<|python_tag|>",
            ),
        ),
        re.compile(
            r"\{?\"type\"\s?:\s?\"(?:tool_result|tool_use|function_call(?:_output)?)\"[^\n]*"
            r"|\{?\"function(?:Response|Call)\"\s?:\s?\{[^\n]*|\{\"name\"\s?:\s?\"[\w.-]{1,64}\""
            r",\s?\"arguments\"\s?:[^\n]*"
            r"|\{\"jsonrpc\"\s?:\s?\"2\.0\"[^\n]{0,200}?\"(?:result|params)\"\s?:[^\n]*"
            r"|\[TOOL_CALLS\] ?\[[^\n]*|<\|python_tag\|>[^\n]*"
            r"|\{?\"role\"\s?:\s?\"(?:tool|function)\",[^\n]*|\{?\"tool_calls\"\s?:\s?\[[^\n]*"
        ),
        '{"type": "tool_result", "content": "rows"}',
        'the type "tool_result" is hidden',
        OUTPUT,
    ),
    Rule(
        "environment-line",
        "an environment dump in one line: four or more assignments, or a list of them in quotes",
        ("pwd=", "path=", "home=", "shlvl=", "hostname=", "user=", 'string{"', '["'),
        re.compile(
            r"(?<![\w=])(?:[A-Z][A-Z0-9_]{1,40}=[^\s=]{0,200} ){3,60}[A-Z_][A-Z0-9_]{0,40}=\S{0,200}"
            r"|(?:string\{|\[)(?:\"[A-Z][A-Z0-9_]{1,40}=[^\"\n]{0,200}\",?\s{0,2}){2,60}[\]}]"
        ),
        "PWD=/srv OLDPWD=/ SHLVL=1 TERM=xterm LANG=C",
        "NODE_ENV=test PORT=3000 HOME=/tmp npm start",
        ENVIRONMENT,
    ),
    Rule(
        "environment-object",
        "an environment dump as a JSON object or a Python mapping",
        ('": "', '":"', "': '", "environ({"),
        re.compile(
            r"(?:environ\()?\{(?:\s{0,8}[\"'][A-Z][A-Z0-9_]{1,60}[\"']\s?:\s?[\"'][^\"'\n]{0,400}[\"'],?){2,60}\s{0,8}\}?\)?"
        ),
        "environ({'PATH': '/usr/bin', 'LANG': 'C'})",
        "{'GET': 'read', 'delete': 'remove'}",
        ENVIRONMENT,
    ),
)
